"""What rules held for a person to decide, and the agreed deputies who may be the second of two."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, Select, exists, insert, or_, select, update

from gateway.storage import tables as t
from gateway.use_cases.values import Hold
from schemas.ids import Category, HoldId, OrganisationId, PersonId, SubjectId, new_id
from schemas.lifecycle import State

WAITING = "waiting"


class SqlHolds:
    """`ports.Holds`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, holds: Sequence[Hold]) -> None:
        if holds:
            self._connection.execute(insert(t.holds), [_values(hold) for hold in holds])

    def waiting(self, subject_ids: Collection[SubjectId], recipient_id: OrganisationId) -> Sequence[Hold]:
        table = t.holds
        return self._all(
            select(table).where(
                table.c.subject_id.in_(sorted(subject_ids)),
                table.c.recipient_id == recipient_id,
                table.c.state == WAITING,
            )
        )

    def get(self, hold_id: HoldId, *, lock: bool = False) -> Hold | None:
        statement = select(t.holds).where(t.holds.c.id == hold_id)
        if lock and self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update()
        row = self._connection.execute(statement).first()
        return hold_of(row) if row else None

    def of_holder(self, organisation_id: OrganisationId, state: str, limit: int) -> Sequence[Hold]:
        table = t.holds
        return self._all(
            select(table)
            .where(table.c.holder_id == organisation_id, table.c.state == state)
            .order_by(table.c.due_at, table.c.id)
            .limit(limit)
        )

    def for_deputy(self, organisation_ids: Collection[OrganisationId], limit: int) -> Sequence[Hold]:
        table = t.holds
        return self._all(
            select(table)
            .where(
                table.c.holder_id.in_(sorted(organisation_ids)),
                table.c.state == WAITING,
                table.c.persons > 1,
                table.c.first_by.is_not(None),
            )
            .order_by(table.c.due_at, table.c.id)
            .limit(limit)
        )

    def of_recipient(self, organisation_id: OrganisationId, limit: int) -> Sequence[Hold]:
        table, people = t.holds, t.message_subjects
        # Of a message the recipient sees only people of whom something was sent, and only once it has been delivered.
        seen = exists().where(
            people.c.message_id == table.c.message_id,
            people.c.subject_id == table.c.subject_id,
            people.c.sent,
            t.messages.c.id == people.c.message_id,
            t.messages.c.state != State.SUBMITTED.value,
        )
        return self._all(
            select(table)
            .where(table.c.recipient_id == organisation_id, or_(table.c.message_id.is_(None), seen))
            .order_by(table.c.opened_at.desc(), table.c.id)
            .limit(limit)
        )

    def overdue(self, now: datetime, limit: int) -> Sequence[Hold]:
        table = t.holds
        statement = (
            select(table)
            .where(table.c.state == WAITING, table.c.due_at <= now)
            .order_by(table.c.due_at, table.c.id)
            .limit(limit)
        )
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(skip_locked=True)
        return self._all(statement)

    def save(self, hold: Hold) -> None:
        self._connection.execute(update(t.holds).where(t.holds.c.id == hold.id).values(**_values(hold)))

    # --- deputies ----------------------------------------------------------------------------------------------------

    def appoint(self, organisation_id: OrganisationId, person_id: PersonId, now: datetime) -> None:
        self._connection.execute(
            insert(t.deputies).values(id=new_id(), organisation_id=organisation_id, person_id=person_id, from_at=now)
        )

    def dismiss(self, organisation_id: OrganisationId, person_id: PersonId, now: datetime) -> bool:
        table = t.deputies
        ended = self._connection.execute(
            update(table)
            .where(table.c.organisation_id == organisation_id, table.c.person_id == person_id, table.c.to_at.is_(None))
            .values(to_at=now)
        )
        return ended.rowcount > 0

    def deputy_for(self, person_id: PersonId, now: datetime) -> frozenset[OrganisationId]:
        table = t.deputies
        rows = self._connection.execute(
            select(table.c.organisation_id).where(
                table.c.person_id == person_id,
                table.c.from_at <= now,
                or_(table.c.to_at.is_(None), table.c.to_at > now),
            )
        )
        return frozenset(rows.scalars())

    def _all(self, statement: Select[tuple[object, ...]]) -> list[Hold]:
        return [hold_of(row) for row in self._connection.execute(statement)]


def _values(hold: Hold) -> dict[str, object]:
    return {
        "id": hold.id,
        "case_id": hold.case_id,
        "subject_id": hold.subject_id,
        "holder_id": hold.holder_id,
        "recipient_id": hold.recipient_id,
        "message_id": hold.message_id,
        "purpose": hold.purpose,
        "rule": hold.rule,
        "quiet": hold.quiet,
        "categories": dict(hold.categories),
        "asked_by": hold.asked_by,
        "entry_id": hold.entry_id,
        "opened_at": hold.opened_at,
        "due_at": hold.due_at,
        "chain": list(hold.chain),
        "step": hold.step,
        "persons": hold.persons,
        "state": hold.state,
        "first_by": hold.first_by,
        "first_categories": list(hold.first_categories) if hold.first_categories is not None else None,
        "decided_at": hold.decided_at,
        "decided_by": hold.decided_by,
        "reason": hold.reason,
        "sealed_reason": hold.sealed_reason,
        "decision": dict(hold.decision),
        "valid_to": hold.valid_to,
    }


def hold_of(row: Row[tuple[object, ...]]) -> Hold:
    """One row of `holds` as a value."""
    values = dict(row._mapping)  # noqa: SLF001  the documented way to a mapping
    first = values["first_categories"]
    return Hold(
        **{
            **values,
            "chain": tuple(values["chain"]),
            "categories": {Category(code): effect for code, effect in values["categories"].items()},
            "decision": {Category(code): effect for code, effect in values["decision"].items()},
            "first_categories": tuple(Category(code) for code in first) if first is not None else None,
        }
    )
