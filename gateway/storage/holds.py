"""What rules held for a person to decide, and the agreed deputies who may be the second of two."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from gateway.storage import tables as t
from gateway.use_cases.values import Hold
from schemas.ids import HoldId, MessageId, OrganisationId, PersonId, SubjectId, new_id

WAITING, RELEASED = "waiting", "released"


class SqlHolds:
    """`ports.Holds`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, hold: Hold) -> bool:
        made = postgresql_insert if self._connection.dialect.name == "postgresql" else sqlite_insert
        # Two requests at one moment open one hold: the second waits here for the first, and adds nothing.
        statement = made(t.holds).values(**_values(hold)).on_conflict_do_nothing().returning(t.holds.c.id)
        return self._connection.execute(statement).first() is not None

    def waiting(
        self,
        subject_ids: Collection[SubjectId],
        recipient_id: OrganisationId,
        purpose: str,
        message_id: MessageId | None,
    ) -> Sequence[Hold]:
        table = t.holds
        statement = (
            select(table)
            .where(
                table.c.subject_id.in_(sorted(subject_ids)),
                table.c.recipient_id == recipient_id,
                table.c.purpose == purpose,
                table.c.message_id.is_(None) if message_id is None else table.c.message_id == message_id,
                table.c.state == WAITING,
            )
            .order_by(table.c.id)
        )
        return self._all(self._locked(statement))

    def get(self, hold_id: HoldId, *, lock: bool = False) -> Hold | None:
        statement = select(t.holds).where(t.holds.c.id == hold_id)
        row = self._connection.execute(self._locked(statement) if lock else statement).first()
        return hold_of(row) if row else None

    def of_holder(self, organisation_id: OrganisationId, state: str, limit: int) -> Sequence[Hold]:
        table = t.holds
        urgent = table.c.due_at if state == WAITING else table.c.decided_at.desc()
        return self._all(
            select(table)
            .where(table.c.holder_id == organisation_id, table.c.state == state)
            .order_by(urgent, table.c.id)
            .limit(limit)
        )

    def of_message(self, message_id: MessageId) -> Sequence[Hold]:
        return self._all(select(t.holds).where(t.holds.c.message_id == message_id).order_by(t.holds.c.id))

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
        table = t.holds
        return self._all(
            select(table)
            .where(table.c.recipient_id == organisation_id, _seen_by_recipient())
            .order_by(table.c.opened_at.desc(), table.c.id)
            .limit(limit)
        )

    def is_seen(self, hold_id: HoldId) -> bool:
        return (
            self._connection.execute(select(t.holds.c.id).where(t.holds.c.id == hold_id, _seen_by_recipient())).first()
            is not None
        )

    def is_overdue(self, now: datetime) -> bool:
        return self._connection.execute(_overdue(now).limit(1)).first() is not None

    def overdue(self, now: datetime, limit: int) -> Sequence[Hold]:
        statement = _overdue(now).order_by(t.holds.c.due_at, t.holds.c.id).limit(limit)
        return self._all(self._locked(statement, skip_locked=True))

    def save(self, hold: Hold) -> None:
        self._connection.execute(update(t.holds).where(t.holds.c.id == hold.id).values(**_values(hold)))

    # --- deputies ----------------------------------------------------------------------------------------------------

    def is_waiting_about(self, subject_ids: Collection[SubjectId], holder_id: str) -> bool:
        waits = select(t.holds.c.id).where(
            t.holds.c.holder_id == holder_id, t.holds.c.state == "waiting", t.holds.c.subject_id.in_(subject_ids)
        )
        return self._connection.execute(waits.limit(1)).first() is not None

    def lapse(self, subject_ids: Collection[SubjectId], holder_id: OrganisationId, now: datetime) -> None:
        self._connection.execute(
            update(t.holds)
            .where(
                t.holds.c.holder_id == holder_id, t.holds.c.state == "waiting", t.holds.c.subject_id.in_(subject_ids)
            )
            .values(state="refused", decided_at=now, decided_by="gateway")
        )

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
            select(table.c.organisation_id).where(table.c.person_id == person_id, _deputies_at(now))
        )
        return frozenset(rows.scalars())

    def deputies_of(self, organisation_id: OrganisationId, now: datetime) -> Sequence[PersonId]:
        table = t.deputies
        rows = self._connection.execute(
            select(table.c.person_id)
            .where(table.c.organisation_id == organisation_id, _deputies_at(now))
            .order_by(table.c.from_at, table.c.person_id)
        )
        return list(rows.scalars())

    def _locked(
        self, statement: Select[tuple[object, ...]], *, skip_locked: bool = False
    ) -> Select[tuple[object, ...]]:
        if self._connection.dialect.name != "postgresql":  # SQLite has one writer at a time
            return statement
        return statement.with_for_update(skip_locked=skip_locked)

    def _all(self, statement: Select[tuple[object, ...]]) -> list[Hold]:
        return [hold_of(row) for row in self._connection.execute(statement)]


def _deputies_at(now: datetime) -> ColumnElement[bool]:
    table = t.deputies
    return and_(table.c.from_at <= now, or_(table.c.to_at.is_(None), table.c.to_at > now))


def _overdue(now: datetime) -> Select[tuple[object, ...]]:
    return select(t.holds).where(t.holds.c.state == WAITING, t.holds.c.due_at <= now)


def _seen_by_recipient() -> ColumnElement[bool]:
    """Whether the recipient knows of the person that a hold is about: how many people a family has is itself about the
    family. Of a published case it knows those whose consent names it and those of whom it was shown anything; of a message
    those of whom something was sent, and only once the message has come."""
    holds, people, consents, shown = t.holds, t.message_subjects, t.consents, t.disclosures
    in_message = exists().where(
        people.c.message_id == holds.c.message_id,
        people.c.subject_id == holds.c.subject_id,
        people.c.sent,
        t.messages.c.id == people.c.message_id,
        t.messages.c.delivered_at.is_not(None),
    )
    named = exists().where(
        consents.c.subject_id == holds.c.subject_id,
        consents.c.recipient_id == holds.c.recipient_id,
        consents.c.discloser_id == holds.c.holder_id,
    )
    known = exists().where(
        shown.c.subject_id == holds.c.subject_id, shown.c.recipient_id == holds.c.recipient_id, shown.c.released
    )
    in_case = and_(holds.c.message_id.is_(None), or_(holds.c.state == RELEASED, named, known))
    return or_(in_message, in_case)


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
        "salt": hold.salt,
        "step": hold.step,
        "persons": hold.persons,
        "state": hold.state,
        "first_by": hold.first_by,
        "first_release": dict(hold.first_release) if hold.first_release is not None else None,
        "sealed_first": hold.sealed_first,
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
    return Hold(**{**values, "chain": tuple(values["chain"])})
