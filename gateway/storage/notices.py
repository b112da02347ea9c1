"""Notices to people of an organisation, and running timers. Kinds, identifiers and instants only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from gateway.storage import tables as t
from gateway.use_cases.values import Notice, Timer
from schemas.ids import OrganisationId


class SqlNotices:
    """`ports.Notices`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, notices: Sequence[Notice]) -> None:
        if notices:
            self._connection.execute(insert(t.notices), [asdict(notice) for notice in notices])

    def of(
        self, organisation_id: OrganisationId, roles: Collection[str], limit: int, *, unseen: bool = False
    ) -> Sequence[Notice]:
        table = t.notices
        statement = select(table).where(table.c.organisation_id == organisation_id, table.c.role.in_(sorted(roles)))
        if unseen:
            statement = statement.where(table.c.seen_at.is_(None))
        rows = self._connection.execute(statement.order_by(table.c.at.desc(), table.c.id).limit(limit))
        return [Notice(**dict(row._mapping)) for row in rows]  # noqa: SLF001  the documented way to a mapping

    def see(self, organisation_id: OrganisationId, notice_ids: Collection[str], actor: str, now: datetime) -> None:
        table = t.notices
        self._connection.execute(
            update(table)
            .where(
                table.c.organisation_id == organisation_id,
                table.c.id.in_(sorted(notice_ids)),
                table.c.seen_at.is_(None),
            )
            .values(seen_at=now, seen_by=actor)
        )


class SqlTimers:
    """`ports.Timers`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(self, timers: Sequence[Timer]) -> None:
        if not timers:
            return
        made = postgresql_insert if self._connection.dialect.name == "postgresql" else sqlite_insert
        # The same duty about the same thing runs once, however often it is decided.
        statement = made(t.timers).on_conflict_do_nothing(
            index_elements=["timer", "about_kind", "about", "organisation_id"]
        )
        self._connection.execute(statement, [asdict(timer) for timer in timers])

    def waiting_for(self, starts: str, about: Collection[str]) -> Sequence[Timer]:
        table = t.timers
        rows = self._connection.execute(
            select(table).where(
                table.c.about.in_(sorted(about)), table.c.starts == starts, table.c.started_at.is_(None)
            )
        )
        return [timer_of(row) for row in rows]

    def run(self, timer: Timer) -> None:
        self._connection.execute(
            update(t.timers).where(t.timers.c.id == timer.id).values(started_at=timer.started_at, due_at=timer.due_at)
        )

    def of(self, organisation_id: OrganisationId, limit: int) -> Sequence[Timer]:
        table = t.timers
        rows = self._connection.execute(
            select(table)
            .where(table.c.organisation_id == organisation_id, table.c.done_at.is_(None), table.c.due_at.is_not(None))
            .order_by(table.c.due_at, table.c.id)
            .limit(limit)
        )
        return [timer_of(row) for row in rows]

    def done(self, about_kind: str, about: Collection[str], timers: Collection[str], actor: str, now: datetime) -> None:
        table = t.timers
        self._connection.execute(
            update(table)
            .where(
                table.c.about_kind == about_kind,
                table.c.about.in_(sorted(about)),
                table.c.timer.in_(sorted(timers)),
                table.c.done_at.is_(None),
            )
            .values(done_at=now, done_by=actor)
        )

    def close(self, timer_id: str, actor: str, now: datetime) -> None:
        table = t.timers
        self._connection.execute(
            update(table).where(table.c.id == timer_id, table.c.done_at.is_(None)).values(done_at=now, done_by=actor)
        )

    def get(self, timer_id: str) -> Timer | None:
        row = self._connection.execute(select(t.timers).where(t.timers.c.id == timer_id)).first()
        return timer_of(row) if row else None

    def is_breached(self, now: datetime) -> bool:
        return self._connection.execute(_breached(now).limit(1)).first() is not None

    def breached(self, now: datetime, limit: int) -> Sequence[Timer]:
        statement = _breached(now).order_by(t.timers.c.due_at, t.timers.c.id).limit(limit)
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(skip_locked=True)
        return [timer_of(row) for row in self._connection.execute(statement)]

    def mark_breached(self, timer_ids: Collection[str], now: datetime) -> None:
        self._connection.execute(update(t.timers).where(t.timers.c.id.in_(sorted(timer_ids))).values(breached_at=now))

    def running_page(self, after: str, limit: int) -> Sequence[Timer]:
        table = t.timers
        statement = (
            select(table)
            .where(table.c.id > after, table.c.done_at.is_(None), table.c.due_at.is_not(None))
            .order_by(table.c.id)
            .limit(limit)
        )
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update()
        return [timer_of(row) for row in self._connection.execute(statement)]

    def move(self, timers: Sequence[Timer]) -> None:
        if timers:
            self._connection.execute(
                update(t.timers).where(t.timers.c.id == bindparam("of")).values(due_at=bindparam("to")),
                [{"of": timer.id, "to": timer.due_at} for timer in timers],
            )


def _breached(now: datetime) -> Select[tuple[object, ...]]:
    table = t.timers
    return select(table).where(table.c.done_at.is_(None), table.c.due_at <= now, table.c.breached_at.is_(None))


def timer_of(row: Row[tuple[object, ...]]) -> Timer:
    """One row of `timers` as a value."""
    return Timer(**dict(row._mapping))  # noqa: SLF001  the documented way to a mapping
