"""The outbox of alerts, and the duty schedules that say who gets them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from gateway.storage import tables_queues as q
from gateway.use_cases.queue_values import RUNG, SENT, TO_RING, WAITING, Alert, Way
from schemas.duty import DutySchedule
from schemas.ids import MessageId, OrganisationId


class SqlAlerts:
    """`ports_queues.Alerts`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _insert(self, table: Any) -> Any:  # noqa: ANN401  two dialects have two classes
        return (postgresql_insert if self._connection.dialect.name == "postgresql" else sqlite_insert)(table)

    def schedule(self, organisation_id: OrganisationId) -> DutySchedule | None:
        table = q.duty_schedules
        found = self._connection.execute(
            select(table.c.schedule).where(table.c.organisation_id == organisation_id)
        ).scalar()
        return DutySchedule.model_validate(found) if found else None

    def set_schedule(self, organisation_id: OrganisationId, schedule: DutySchedule, actor: str, now: datetime) -> None:
        values = {"schedule": schedule.model_dump(mode="json"), "changed_at": now, "changed_by": actor}
        self._connection.execute(
            self._insert(q.duty_schedules)
            .values(organisation_id=organisation_id, **values)
            .on_conflict_do_update(index_elements=["organisation_id"], set_=values)
        )

    def schedules(self) -> Mapping[OrganisationId, DutySchedule]:
        rows = self._connection.execute(select(q.duty_schedules.c.organisation_id, q.duty_schedules.c.schedule))
        return {row.organisation_id: DutySchedule.model_validate(row.schedule) for row in rows}

    def add(self, alerts: Sequence[Alert]) -> None:
        for merged in (False, True):
            rows = [_row(alert) for alert in alerts if (alert.message_id is None and alert.state == WAITING) is merged]
            if not rows:
                continue
            statement = insert(q.alerts)
            if merged:  # one digest waits for each contact, however much is merged into it
                statement = self._insert(q.alerts).on_conflict_do_nothing(
                    index_elements=["organisation_id", "contact"],
                    index_where=text("state = 'waiting' AND message_id IS NULL"),
                )
            self._connection.execute(statement, rows)

    def last_digests(self, organisation_ids: Collection[OrganisationId]) -> Mapping[tuple[str, str], datetime]:
        table = q.alerts
        rows = self._connection.execute(
            select(table.c.organisation_id, table.c.contact, func.max(table.c.ended_at).label("at"))
            .where(
                table.c.organisation_id.in_(sorted(organisation_ids)),
                table.c.message_id.is_(None),
                table.c.state == SENT,
            )
            .group_by(table.c.organisation_id, table.c.contact)
        )
        return {(row.organisation_id, row.contact): row.at for row in rows}

    def is_due(self, now: datetime) -> bool:
        table = q.alerts
        statement = select(table.c.id).where(table.c.state == WAITING, table.c.available_at <= now).limit(1)
        return self._connection.execute(statement).first() is not None

    def due(self, now: datetime, limit: int) -> Sequence[tuple[Alert, str | None]]:
        table, items = q.alerts, q.queue_items
        stage = select(items.c.stage).where(items.c.message_id == table.c.message_id).scalar_subquery()
        statement = (
            select(table, stage.label("stage"))
            .where(table.c.state == WAITING, table.c.available_at <= now)
            .order_by(table.c.urgent.desc(), table.c.available_at, table.c.position)
            .limit(limit)
        )
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(skip_locked=True, of=table)
        return [(_alert(row), row.stage) for row in self._connection.execute(statement)]

    def save(self, alerts: Sequence[Alert]) -> None:
        if not alerts:
            return
        names = ("state", "attempts", "available_at", "ended_at", "outcome")
        self._connection.execute(
            update(q.alerts)
            .where(q.alerts.c.id == bindparam("saved_id"))
            .values({name: bindparam(f"new_{name}") for name in names}),
            [{"saved_id": a.id, **{f"new_{name}": getattr(a, name) for name in names}} for a in alerts],
        )

    def of(self, organisation_id: OrganisationId | None, limit: int, *, state: str | None = None) -> Sequence[Alert]:
        table = q.alerts
        statement = select(table)
        if organisation_id is not None:
            statement = statement.where(table.c.organisation_id == organisation_id)
        if state is not None:
            statement = statement.where(table.c.state == state)
        rows = self._connection.execute(
            statement.order_by(table.c.made_at.desc(), table.c.position.desc()).limit(limit)
        )
        return [_alert(row) for row in rows]

    def rung(self, message_id: MessageId, organisation_id: OrganisationId, now: datetime) -> None:
        table = q.alerts
        self._connection.execute(
            update(table)
            .where(
                table.c.message_id == message_id,
                table.c.organisation_id == organisation_id,
                table.c.state == TO_RING,
            )
            .values(state=RUNG, ended_at=now)
        )


def _row(alert: Alert) -> dict[str, object]:
    values = asdict(alert)
    way = values.pop("way")
    return {**values, **way, "rest": [list(asdict(rest).values()) for rest in alert.rest]}


def _alert(row: Row[Any]) -> Alert:
    values = {name: value for name, value in row._mapping.items() if name not in {"stage", "position"}}  # noqa: SLF001  the documented way
    way = Way(*(values.pop(name) for name in ("contact", "name", "channel", "address")))
    return Alert(**{**values, "way": way, "rest": tuple(Way(*rest) for rest in values["rest"])})
