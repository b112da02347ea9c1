"""Delivery: the relay that moves what the outbox holds. Transports join here; the outbox stays the source of truth."""
