"""What was taken in from files: a keyed digest of each record, so that the same one is not taken twice. No content."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, String, Table

from gateway.storage.columns import Instant
from gateway.storage.tables import metadata

taken_records = Table(
    "taken_records",
    metadata,
    Column("organisation_id", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("key", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("result", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("organisation_id", "kind", "key"),
)
