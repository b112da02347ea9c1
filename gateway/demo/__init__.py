"""Synthetic participants and families for the demo and for tests. Everything here is invented from a seed.

Pure: returns plain values and the drafts that the API takes; stores nothing. What is synthetic says so: `synthetic` is
always true, organisations and staff carry «(демо)», streets exist in no town, phones and numbers come from ranges that
are never issued (`identity_numbers`).
"""
