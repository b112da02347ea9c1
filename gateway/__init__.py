"""The running system: use cases behind ports, the stores, the edges, and the one place that wires them."""
