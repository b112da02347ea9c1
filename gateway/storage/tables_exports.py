"""Tables of exports. No file is kept: of each there are its form, its size and its digest, and how far it went."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from gateway.storage.columns import Instant, Json
from gateway.storage.tables import metadata

exports = Table(
    "exports",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("organisation_id", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("actor", Text, nullable=False),
    Column("scope", String(10), nullable=False),  # case, thread, own
    Column("form", String(10), nullable=False),
    Column("own", Boolean, nullable=False),  # nothing of others is in it
    Column("state", String(20), nullable=False),  # running, done, cancelled
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("totals", Json, nullable=False),  # of a whole export: how many of each kind there were when it began
    Index("ix_exports_organisation_id_begun_at", "organisation_id", "begun_at"),
)

export_parts = Table(
    "export_parts",
    metadata,
    Column("export_id", String(64), ForeignKey("exports.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("until", String(64), nullable=False),  # the identifier of the last of this kind that is in it
    Column("items", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("entry_id", String(64), nullable=False),  # what was read, committed before it was opened
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    PrimaryKeyConstraint("export_id", "number"),
    Index("ix_export_parts_entry_id", "entry_id"),
)
