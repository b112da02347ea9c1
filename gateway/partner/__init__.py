"""What a partner's system needs to receive deliveries. Each module runs alone: copy it, it imports nothing of the gateway."""
