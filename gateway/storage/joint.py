"""Joint decisions with their parties. Who may see one stands in the statement itself: what is another's is not found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, exists, insert, or_, select, update

from gateway.storage import tables as t
from gateway.storage import tables_joint as j
from gateway.storage import tables_practices as p
from gateway.storage.columns import padded
from gateway.storage.messages import SqlMessages
from gateway.use_cases.joint_values import JointDecision, JointParty
from gateway.use_cases.practice_values import MESSAGE, CourseTimer
from gateway.use_cases.values import MessageOnFile
from schemas.ids import CaseId, MessageId, OrganisationId
from schemas.lifecycle import State

TAKEN_BACK: Final = tuple(state.value for state in (State.RECALLED, State.ENTERED_IN_ERROR, State.CANCELLED))
"""States of a message after which its recipient is told nothing more of what it was part of."""
MINUTES: Final = "minutes"


class SqlJointDecisions:
    """`ports_joint.JointDecisions`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, decision: JointDecision) -> None:
        columns = [column.name for column in j.joint_decisions.c]
        values = {name: getattr(decision, name) for name in columns} | {"positions": dict(decision.positions)}
        self._connection.execute(insert(j.joint_decisions).values(**values))
        self._connection.execute(
            insert(j.joint_parties),
            [
                {
                    "decision_id": decision.id,
                    "organisation_id": party.organisation_id,
                    "ordinal": number,
                    "message_id": party.message_id,
                }
                for number, party in enumerate(decision.parties)
            ],
        )

    def by_operation(self, proposer_id: OrganisationId, operation_id: str) -> JointDecision | None:
        table = j.joint_decisions
        found = all_decisions(
            self._connection,
            select(table).where(table.c.proposer_id == proposer_id, table.c.operation_id == operation_id),
        )
        return found[0] if found else None

    def get(self, decision_id: str, viewer: OrganisationId, *, lock: bool = False) -> JointDecision | None:
        table = j.joint_decisions
        statement = select(table).where(table.c.id == decision_id, _seen_by(viewer))
        if lock and self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(of=table)
        found = all_decisions(self._connection, statement)
        return found[0] if found else None

    def page(self, viewer: OrganisationId, after: str | None, limit: int) -> Sequence[JointDecision]:
        table = j.joint_decisions
        statement = select(table).where(_seen_by(viewer))
        if after is not None:
            # Another's name, or an invented one, compares with nothing: a page that is empty (law 7).
            at = (
                select(table.c.proposed_at)
                .where(table.c.id == after, _seen_by(viewer))
                .correlate(None)
                .scalar_subquery()
            )
            earlier = (table.c.proposed_at == at) & (table.c.id < after)
            statement = statement.where(or_(table.c.proposed_at < at, earlier))
        return all_decisions(
            self._connection, statement.order_by(table.c.proposed_at.desc(), table.c.id.desc()).limit(limit)
        )

    def of_case(self, proposer_id: OrganisationId, case_id: CaseId, limit: int) -> Sequence[JointDecision]:
        table = j.joint_decisions
        return all_decisions(
            self._connection,
            select(table)
            .where(table.c.case_id == case_id, table.c.proposer_id == proposer_id)
            .order_by(table.c.proposed_at.desc(), table.c.id.desc())
            .limit(limit),
        )

    def of_messages(self, message_ids: Collection[MessageId]) -> Mapping[MessageId, JointDecision]:
        parties = j.joint_parties
        named = select(parties.c.decision_id).where(parties.c.message_id.in_(padded(message_ids)))
        decisions = all_decisions(self._connection, select(j.joint_decisions).where(j.joint_decisions.c.id.in_(named)))
        return {message_id: decision for decision in decisions for message_id in decision.message_ids}

    def is_concluded(self, message_id: MessageId) -> bool:
        table, parties = j.joint_decisions, j.joint_parties
        named = select(parties.c.decision_id).where(parties.c.message_id == message_id).scalar_subquery()
        statement = select(table.c.concluded_at).where(table.c.id == named)
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update()
        return self._connection.execute(statement).scalar() is not None

    def conclude(self, decision: JointDecision) -> None:
        table = j.joint_decisions
        self._connection.execute(
            update(table)
            .where(table.c.id == decision.id)
            .values(
                concluded_at=decision.concluded_at,
                concluded_by=decision.concluded_by,
                conclusion=decision.conclusion,
                positions={party: list(said) for party, said in decision.positions.items()},
            )
        )

    def messages(self, message_ids: Collection[MessageId], now: datetime) -> Mapping[MessageId, MessageOnFile]:
        wanted = t.messages.c.id.in_(padded(message_ids))
        return {message.id: message for message in SqlMessages(self._connection).several(wanted, now)}

    def minutes_of(self, message_ids: Collection[MessageId], now: datetime) -> Mapping[MessageId, MessageOnFile]:
        wanted = (t.messages.c.answers_id.in_(padded(message_ids))) & (t.messages.c.type == MINUTES)
        found: dict[MessageId, MessageOnFile] = {}
        for message in SqlMessages(self._connection).several(wanted, now):
            assert message.answers_id is not None
            found[message.answers_id] = message
        return found

    def terms(
        self, message_ids: Collection[MessageId], organisation_id: OrganisationId
    ) -> Mapping[MessageId, CourseTimer]:
        table = p.practice_timers
        rows = self._connection.execute(
            select(table)
            .where(
                table.c.about.in_(padded(message_ids)),
                table.c.about_kind == MESSAGE,
                table.c.organisation_id == organisation_id,
            )
            .order_by(table.c.started_at, table.c.id)
        )
        return {MessageId(row.about): CourseTimer(**dict(row._mapping)) for row in rows}  # noqa: SLF001  SQLAlchemy's public name


def all_decisions(connection: Connection, statement: Select[Any]) -> list[JointDecision]:
    """The decisions of a statement with their parties."""
    decisions = [JointDecision(**row) for row in connection.execute(statement).mappings()]
    parties: dict[str, list[JointParty]] = {decision.id: [] for decision in decisions}
    table = j.joint_parties
    rows = connection.execute(
        select(table)
        .where(table.c.decision_id.in_(padded(list(parties))))
        .order_by(table.c.decision_id, table.c.ordinal)
    )
    for row in rows:
        parties[row.decision_id].append(JointParty(row.organisation_id, row.message_id))
    return [replace(decision, parties=tuple(parties[decision.id])) for decision in decisions]


def _seen_by(viewer: OrganisationId) -> ColumnElement[bool]:
    parties, messages = j.joint_parties, t.messages
    came = exists().where(
        parties.c.decision_id == j.joint_decisions.c.id,
        parties.c.organisation_id == viewer,
        parties.c.message_id == messages.c.id,
        messages.c.delivered_at.is_not(None),
        messages.c.state.not_in(TAKEN_BACK),
    )
    return or_(j.joint_decisions.c.proposer_id == viewer, came)
