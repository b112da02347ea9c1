"""Delivery: the relay that moves what the outbox holds, and carriers to partners' systems; the tables stay the truth."""
