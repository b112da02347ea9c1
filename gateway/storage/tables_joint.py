"""Tables of joint decisions and agendas. Codes, identifiers and instants; words of an agenda rest sealed."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, exists

from gateway.storage.columns import Instant, Json
from gateway.storage.tables import messages, metadata


def _ref(name: str, target: str, *, key: bool = False) -> Column[str]:
    return Column(name, String(64), ForeignKey(target), primary_key=key, nullable=False)


agendas = Table(
    "agendas",
    metadata,
    Column("id", String(64), primary_key=True),
    _ref("organisation_id", "organisations.id"),
    Column("digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("sealed_words", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text),
    Index("ix_agendas_organisation_id_at", "organisation_id", "at"),
)

agenda_items = Table(
    "agenda_items",
    metadata,
    Column("id", String(64), primary_key=True),
    _ref("agenda_id", "agendas.id"),
    Column("ordinal", Integer, nullable=False),
    _ref("case_id", "cases.id"),
    Index("uq_agenda_items_case", "agenda_id", "case_id", unique=True),
)

joint_decisions = Table(
    "joint_decisions",
    metadata,
    Column("id", String(64), primary_key=True),
    _ref("proposer_id", "organisations.id"),
    Column("operation_id", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    _ref("case_id", "cases.id"),
    Column("matter", String(40), nullable=False),
    Column("agenda_id", String(64), ForeignKey("agendas.id")),
    Column("proposed_at", Instant, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("concluded_at", Instant),
    Column("concluded_by", Text),
    Column("conclusion", String(20)),
    Column("positions", Json, nullable=False),  # what each party had said when it was concluded
    Index("uq_joint_decisions_operation", "proposer_id", "operation_id", unique=True),
    Index("ix_joint_decisions_proposer_id_proposed_at", "proposer_id", "proposed_at"),
    Index("ix_joint_decisions_case_id", "case_id"),
)

joint_parties = Table(
    "joint_parties",
    metadata,
    _ref("decision_id", "joint_decisions.id", key=True),
    _ref("organisation_id", "organisations.id", key=True),
    Column("ordinal", Integer, nullable=False),
    _ref("message_id", "messages.id"),
    Index("uq_joint_parties_message", "message_id", unique=True),
    Index("ix_joint_parties_organisation_id", "organisation_id"),
)


def concluded() -> ColumnElement[bool]:
    """Of a message: whether the decision that it put to its recipient is concluded."""
    return exists().where(
        joint_parties.c.message_id == messages.c.id,
        joint_decisions.c.id == joint_parties.c.decision_id,
        joint_decisions.c.concluded_at.is_not(None),
    )
