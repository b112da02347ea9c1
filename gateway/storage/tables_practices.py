"""Tables of what organisations do by their practice. Codes, identifiers and instants; a score rests sealed."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from gateway.storage.columns import Instant
from gateway.storage.tables import metadata


def _id(name: str = "id", *, key: bool = False) -> Column[str]:
    return Column(name, String(64), primary_key=key, nullable=False)


def _ref(name: str, target: str) -> Column[str]:
    return Column(name, String(64), ForeignKey(target), nullable=False)


practice_courses = Table(
    "practice_courses",
    metadata,
    Column("case_id", String(64), ForeignKey("cases.id"), primary_key=True),
    Column("organisation_id", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("practice", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("since", Instant, nullable=False),
    Index("ix_practice_courses_organisation_id_since", "organisation_id", "since"),
)

practice_events = Table(
    "practice_events",
    metadata,
    _id(key=True),
    _ref("case_id", "cases.id"),
    _ref("organisation_id", "organisations.id"),
    Column("practice", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("stage", String(40)),  # that it led into; none where it changed nothing
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    _ref("entry_id", "entries.id"),
    Column("salt", LargeBinary, nullable=False),  # opens the commitment of its entry
    Index("ix_practice_events_case_id_at", "case_id", "at"),
)

_RUNNING = text("done_at IS NULL")

practice_timers = Table(
    "practice_timers",
    metadata,
    _id(key=True),
    Column("practice", String(40), nullable=False),
    Column("timer", String(40), nullable=False),
    Column("ordinal", Integer, nullable=False),  # which of several dues from one start
    _ref("organisation_id", "organisations.id"),  # who must act
    Column("about_kind", String(20), nullable=False),  # case, message
    Column("about", String(64), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("reminder", Boolean, nullable=False),
    Column("warn_at", Instant),
    Column("next_at", Instant),  # when the relay looks at it again
    Column("warned_at", Instant),
    Column("breached_at", Instant),
    Column("paused_at", Instant),
    Column("step", Integer, nullable=False),  # how many of the chain were told
    Column("done_at", Instant),
    Column("done_by", Text),
    Index("ix_practice_timers_organisation_id_due_at", "organisation_id", "due_at"),
    Index("ix_practice_timers_next_at", "next_at"),
    # The same duty about the same thing runs once.
    Index(
        "uq_practice_timers_running",
        "about",
        "timer",
        "ordinal",
        "organisation_id",
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    ),
)

practice_pauses = Table(
    "practice_pauses",
    metadata,
    _id(key=True),
    _ref("timer_id", "practice_timers.id"),
    Column("begins", Instant, nullable=False),
    Column("ends", Instant),
    Column("reason", String(40), nullable=False),
    Column("actor", Text, nullable=False),
    Index("ix_practice_pauses_timer_id", "timer_id"),
)

practice_settings = Table(
    "practice_settings",
    metadata,
    Column("organisation_id", String(64), ForeignKey("organisations.id"), primary_key=True),
    Column("practice", String(40), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

case_scores = Table(
    "case_scores",
    metadata,
    _id(key=True),
    _ref("case_id", "cases.id"),
    _ref("organisation_id", "organisations.id"),
    Column("score", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    _ref("entry_id", "entries.id"),
    Column("salt", LargeBinary, nullable=False),  # opens the commitment of its entry
    _ref("sealed_with", "subjects.id"),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_case_scores_case_id_at", "case_id", "at"),
)
