"""Imports that are taken step by step, and what became of their records: codes, numbers and identifiers, no content."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from gateway.storage.columns import Instant, Json
from gateway.storage.tables import metadata

import_jobs = Table(
    "import_jobs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("organisation_id", String(64), ForeignKey("organisations.id"), nullable=False),
    Column("actor", Text, nullable=False),
    Column("may", Json, nullable=False),  # roles and scopes of whoever handed it in
    Column("form", String(40), nullable=False),
    Column("profile", String(80), nullable=False),
    Column("sheet", Integer),
    Column("rehearsal", Boolean, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("came_by", String(20), nullable=False),
    Column("handed_in_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("wrapped_key", LargeBinary),
    Column("size", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("position", Json, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("stop_wanted", Boolean, nullable=False),
    Column("lease", String(64)),
    Column("leased_until", Instant),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("whole", Json, nullable=False),
    Column("signature", Json),
    Column("refusal", Json),
    Index("ix_import_jobs_organisation_id_handed_in_at", "organisation_id", "handed_in_at", "id"),
    Index("ix_import_jobs_state_handed_in_at", "state", "handed_in_at"),
)

import_steps = Table(
    "import_steps",
    metadata,
    Column("import_id", String(64), ForeignKey("import_jobs.id"), primary_key=True),
    Column("first", Integer, primary_key=True, autoincrement=False),
    Column("results", Json, nullable=False),
)
