"""Declared emergencies and their reviews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, insert, or_, select, update

from gateway.storage import tables as t
from gateway.use_cases.values import Emergency
from schemas.ids import CaseId, OrganisationId, PersonId


class SqlEmergencies:
    """`ports.Emergencies`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, emergency: Emergency) -> None:
        self._connection.execute(insert(t.emergencies).values(**asdict(emergency)))

    def get(self, emergency_id: str, *, lock: bool = False) -> Emergency | None:
        statement = select(t.emergencies).where(t.emergencies.c.id == emergency_id)
        if lock and self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update()
        row = self._connection.execute(statement).first()
        return emergency_of(row) if row else None

    def of_organisation(self, organisation_id: OrganisationId, limit: int) -> Sequence[Emergency]:
        table = t.emergencies
        rows = self._connection.execute(
            select(table)
            .where(or_(table.c.holder_id == organisation_id, table.c.organisation_id == organisation_id))
            .order_by(table.c.declared_at.desc(), table.c.id)
            .limit(limit)
        )
        return [emergency_of(row) for row in rows]

    def of_case(self, case_id: CaseId, person_id: PersonId) -> Sequence[Emergency]:
        table = t.emergencies
        rows = self._connection.execute(
            select(table)
            .where(table.c.case_id == case_id, table.c.person_id == person_id)
            .order_by(table.c.declared_at, table.c.id)
        )
        return [emergency_of(row) for row in rows]

    def save(self, emergency: Emergency) -> None:
        self._connection.execute(
            update(t.emergencies).where(t.emergencies.c.id == emergency.id).values(**asdict(emergency))
        )

    def suspend(self, person_id: PersonId, at: datetime | None) -> None:
        self._connection.execute(update(t.people).where(t.people.c.id == person_id).values(emergency_suspended_at=at))


def emergency_of(row: Row[tuple[object, ...]]) -> Emergency:
    """One row of `emergencies` as a value."""
    return Emergency(**dict(row._mapping))  # noqa: SLF001  the documented way to a mapping
