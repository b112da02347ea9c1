"""Table of the keys that files are sealed to. Public halves and digests of challenges; nobody of a family."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table

from gateway.storage.columns import Instant
from gateway.storage.tables import metadata

seal_keys = Table(
    "seal_keys",
    metadata,
    Column("organisation_id", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("id", String(64), primary_key=True),  # thumbprint of the key
    Column("public", String(64), nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    Column("registered_at", Instant, nullable=False),
    Column("challenge_digest", String(64)),
    Column("confirmed_at", Instant),
    Column("revoked_at", Instant),
    Column("reason", String(40)),
    Column("entry_id", String(64)),
)
