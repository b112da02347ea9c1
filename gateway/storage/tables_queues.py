"""Tables of the queue: who has which message, absences, steps of escalation, calls, duty schedules and alerts.

No personal datum of a family. Contacts, phones and names are those of staff and offices; a note between colleagues is
sealed with a member of the family that it is about.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, text

from gateway.storage.columns import Instant, Json
from gateway.storage.tables import _id, _ref, metadata

queue_items = Table(  # one row for each message that came: the queue is read from here alone
    "queue_items",
    metadata,
    Column("message_id", String(64), primary_key=True),
    _ref("organisation_id", "organisations.id"),
    _ref("case_id", "cases.id"),
    Column("rank", Integer, nullable=False),  # of the urgency, 0 first
    Column("stage", String(20), nullable=False),  # unopened, unanswered, done
    Column("open", Boolean, nullable=False),  # work is left to do
    Column("person_id", String(64)),  # who took it or was given it; none: it lies in the queue
    Column("since", Instant, nullable=False),  # when the stage began: chains count from here
    Column("due_at", Instant, nullable=False),
    Column("step", Integer, nullable=False),  # of the chain of the stage: which comes next; -1: not counted yet
    Column("step_at", Instant),  # when it comes; none: there is none left
    Index("ix_queue_items_all", "organisation_id", "open", "rank", "due_at", "message_id"),
    Index("ix_queue_items_of_person", "organisation_id", "open", "person_id", "rank", "due_at", "message_id"),
    Index("ix_queue_items_due", "organisation_id", "open", "due_at"),
    Index("ix_queue_items_done", "organisation_id", "stage", "since", "message_id"),
    Index("ix_queue_items_case", "case_id", "organisation_id", "open"),
    Index("ix_queue_items_step_at", "step_at"),
)

queue_moves = Table(  # how a message went from hand to hand inside one organisation
    "queue_moves",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    _ref("message_id", "messages.id"),
    _ref("organisation_id", "organisations.id"),
    Column("kind", String(20), nullable=False),  # routed, taken, assigned, handed_over, returned
    Column("from_id", String(64)),
    Column("to_id", String(64)),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", String(40)),
    Column("sealed_with", String(64)),
    Column("sealed_note", LargeBinary),
    Index("ix_queue_moves_message_id", "message_id", "position"),
)

absences = Table(
    "absences",
    metadata,
    _id(key=True),
    _ref("organisation_id", "organisations.id"),
    _ref("person_id", "people.id"),
    _ref("substitute_id", "people.id", nullable=True),
    Column("from_at", Instant, nullable=False),
    Column("to_at", Instant, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_absences_organisation_id_to_at", "organisation_id", "to_at"),
)

stand_ins = Table(  # cases that a substitute works on until the other is back
    "stand_ins",
    metadata,
    _id(key=True),
    _ref("absence_id", "absences.id"),
    _ref("case_id", "cases.id"),
    _ref("organisation_id", "organisations.id"),
    _ref("person_id", "people.id"),
    Column("from_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_stand_ins_ended_at", "ended_at"),
)

queue_steps = Table(  # what was done because nobody opened or answered; both sides see it
    "queue_steps",
    metadata,
    _id(key=True),
    _ref("message_id", "messages.id"),
    Column("stage", String(20), nullable=False),
    Column("step", Integer, nullable=False),
    Column("timer", String(20), nullable=False),
    Column("told", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Index("uq_queue_steps_message_id_stage_step", "message_id", "stage", "step", unique=True),
)

calls = Table(  # that somebody rang an office about a message
    "calls",
    metadata,
    _id(key=True),
    _ref("message_id", "messages.id"),
    _ref("organisation_id", "organisations.id"),  # whose person rang
    Column("actor", Text, nullable=False),
    Column("line", String(40), nullable=False),  # a code, or a number that the other office has published
    Column("rang_at", Instant, nullable=False),
    Column("result", String(20), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_calls_message_id", "message_id"),
)

duty_schedules = Table(
    "duty_schedules",
    metadata,
    Column("organisation_id", String(64), primary_key=True),
    Column("schedule", Json, nullable=False),  # schemas.duty.DutySchedule
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

alerts = Table(  # what people are told outside: an outbox, written with what it tells of
    "alerts",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    _ref("organisation_id", "organisations.id"),
    _ref("message_id", "messages.id", nullable=True),  # none: several messages merged
    Column("kind", String(20), nullable=False),
    Column("urgency", String(20), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("contact", String(100), nullable=False),
    Column("name", Text, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("address", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("rest", Json, nullable=False),  # ways that are tried when this one fails
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("available_at", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", String(40)),
    Index("ix_alerts_state_available_at", "state", "available_at"),
    Index("ix_alerts_organisation_id_made_at", "organisation_id", "made_at"),
    Index("ix_alerts_message_id", "message_id"),
    Index(
        "uq_alerts_digest",
        "organisation_id",
        "contact",
        unique=True,
        sqlite_where=text("state = 'waiting' AND message_id IS NULL"),
        postgresql_where=text("state = 'waiting' AND message_id IS NULL"),
    ),
)
