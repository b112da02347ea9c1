"""Records that an organisation keeps of its own cases by its practice: sealed, and only ever added to."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text

from gateway.storage.columns import Instant
from gateway.storage.tables import metadata

case_records = Table(
    "case_records",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("case_id", String(64), ForeignKey("cases.id"), nullable=False),
    Column("organisation_id", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("practice", String(40), nullable=False),
    Column("kind", String(40), nullable=False),  # of every case the same few: it tells nothing of a family
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("entry_id", String(64), ForeignKey("entries.id"), nullable=False),
    Column("salt", LargeBinary, nullable=False),  # opens the commitment of its entry
    Column("sealed_with", String(64), ForeignKey("subjects.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_case_records_case_id_at", "case_id", "at"),
)
