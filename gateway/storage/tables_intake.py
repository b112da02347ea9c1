"""What came in as a list and is kept for its holder alone, sealed under keys of its own; and how own tables are read."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from gateway.storage.columns import Instant
from gateway.storage.tables import metadata

kept_records = Table(
    "kept_records",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("organisation_id", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("identity", String(64), nullable=False),  # keyed digests: the same record is known again, and says nothing
    Column("content", String(64), nullable=False),
    Column("kept_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("organisation_id", "kind", "identity"),
    Index("ix_kept_records_organisation_id_kind_kept_at", "organisation_id", "kind", "kept_at", "id"),
    Index("ix_kept_records_expires_at", "expires_at"),
)

mapping_profiles = Table(
    "mapping_profiles",
    metadata,
    Column("organisation_id", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("written_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("content", Text, nullable=False),  # empty: withdrawn
)
