"""Agendas and the cases on them. Who may see one stands in the statement itself: what is another's is not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from gateway.storage import tables as t
from gateway.storage import tables_joint as j
from gateway.storage.joint import TAKEN_BACK
from gateway.use_cases.joint_values import Agenda, AgendaItem
from schemas.ids import MessageId, OrganisationId


class SqlAgendas:
    """`ports_joint.Agendas`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, agenda: Agenda) -> None:
        self._connection.execute(insert(j.agendas).values(**asdict(agenda)))

    def get(self, agenda_id: str, viewer: OrganisationId, *, lock: bool = False) -> Agenda | None:
        statement = select(j.agendas).where(j.agendas.c.id == agenda_id, _seen_by(viewer))
        if lock and self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(of=j.agendas)
        row = self._connection.execute(statement).mappings().first()
        return Agenda(**row) if row else None

    def page(self, viewer: OrganisationId, after: str | None, limit: int) -> Sequence[Agenda]:
        table = j.agendas
        statement = select(table).where(_seen_by(viewer))
        if after is not None:
            at = select(table.c.at).where(table.c.id == after, _seen_by(viewer)).correlate(None).scalar_subquery()
            statement = statement.where(or_(table.c.at < at, (table.c.at == at) & (table.c.id < after)))
        rows = self._connection.execute(statement.order_by(table.c.at.desc(), table.c.id.desc()).limit(limit))
        return [Agenda(**row) for row in rows.mappings()]

    def items(self, agenda_id: str) -> Sequence[AgendaItem]:
        table = j.agenda_items
        rows = self._connection.execute(select(table).where(table.c.agenda_id == agenda_id).order_by(table.c.ordinal))
        return [AgendaItem(**row) for row in rows.mappings()]

    def add_item(self, item: AgendaItem) -> bool:
        table = j.agenda_items
        last = select(func.coalesce(func.max(table.c.ordinal), 0)).where(table.c.agenda_id == item.agenda_id)
        ordinal = int(self._connection.execute(last).scalar_one()) + 1
        statement = self._insert().values(**{**asdict(item), "ordinal": ordinal})
        statement = statement.on_conflict_do_nothing(index_elements=["agenda_id", "case_id"]).returning(table.c.id)
        return self._connection.execute(statement).first() is not None

    def remove_item(self, agenda_id: str, item_id: str) -> bool:
        table = j.agenda_items
        done: Any = self._connection.execute(delete(table).where(table.c.agenda_id == agenda_id, table.c.id == item_id))
        return bool(done.rowcount == 1)

    def close(self, agenda: Agenda) -> None:
        self._connection.execute(
            update(j.agendas)
            .where(j.agendas.c.id == agenda.id)
            .values(closed_at=agenda.closed_at, closed_by=agenda.closed_by)
        )

    def messages(self, agenda: Agenda, viewer: OrganisationId, limit: int) -> Sequence[MessageId]:
        table = t.messages
        mine = table.c.sender_id == viewer if agenda.organisation_id == viewer else _came(viewer)
        rows = self._connection.execute(
            select(table.c.id)
            .where(table.c.agenda_id == agenda.id, table.c.sender_id == agenda.organisation_id, mine)
            .order_by(table.c.submitted_at, table.c.id)
            .limit(limit)
        )
        return list(rows.scalars())

    def _insert(self) -> Any:  # noqa: ANN401  the two dialects have a type of their own each
        make = postgresql_insert if self._connection.dialect.name == "postgresql" else sqlite_insert
        return make(j.agenda_items)


def _came(viewer: OrganisationId) -> ColumnElement[bool]:
    table = t.messages
    return (table.c.recipient_id == viewer) & table.c.delivered_at.is_not(None) & table.c.state.not_in(TAKEN_BACK)


def _seen_by(viewer: OrganisationId) -> ColumnElement[bool]:
    # Only a message of its maker puts anybody on an agenda: the number alone, which anybody may write, does not.
    invited = exists().where(
        t.messages.c.agenda_id == j.agendas.c.id, t.messages.c.sender_id == j.agendas.c.organisation_id, _came(viewer)
    )
    return or_(j.agendas.c.organisation_id == viewer, invited)
