"""Deliveries on their way: claimed for a time by one worker, settled by the one whose claim still stands.

A claim locks the endpoints it takes from (SKIP LOCKED; on SQLite the whole unit is alone), so two workers never look at the
same endpoint at the same moment, and an endpoint that wants order never has two of them at work.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from gateway.storage import tables as t
from gateway.storage.delivery_events import event_of
from gateway.storage.endpoints import endpoint_of
from gateway.storage.tables_delivery import deliveries, delivery_endpoints, delivery_events, delivery_receipts
from gateway.use_cases.delivery_values import DeliveryRow, Endpoint, EndpointState, Errand, Parcel, SignedReceipt
from schemas.ids import DeliveryId, EndpointId, OrganisationId

SUSPECT = 2
"""After so many workers that never came back from it, a delivery travels alone: it takes no others with it."""


class SqlDeliveries:
    """`ports.Deliveries`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_due(self, now: datetime, busy: Collection[EndpointId] = ()) -> bool:
        return self._connection.execute(_endpoints_due(now, busy).limit(1)).first() is not None

    def claim(
        self,
        now: datetime,
        until: datetime,
        endpoints: int,
        each: int,
        busy: Collection[EndpointId] = (),
        most_lapses: int = 8,
    ) -> Sequence[Errand]:
        statement = _endpoints_due(now, busy).order_by(delivery_endpoints.c.claimed_at).limit(endpoints)
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(of=delivery_endpoints, skip_locked=True, key_share=True)
        found = {row.id: (endpoint_of(row), row.sequence) for row in self._connection.execute(statement)}
        if not found:
            return ()
        taken, lost = self._pick(found, each, now, most_lapses)
        self._connection.execute(
            update(delivery_endpoints).where(delivery_endpoints.c.id.in_(list(found))).values(claimed_at=now)
        )
        challenged = [e.id for e, _ in found.values() if e.state is EndpointState.PENDING]
        if challenged:  # the challenge has no row of its own: the endpoint is put off as long as a lease lasts
            self._connection.execute(
                update(delivery_endpoints).where(delivery_endpoints.c.id.in_(challenged)).values(resume_at=until)
            )
        if lost:
            self._connection.execute(
                update(deliveries)
                .where(deliveries.c.position.in_(lost))
                .values(dead_at=now, error="worker_lost", leased_until=None, fence=deliveries.c.fence + 1)
            )
        parcels = self._lease(found, taken, now, until)
        return [
            Errand(endpoint, tuple(parcels.get(endpoint.id, ())), until)
            for endpoint, _ in found.values()
            if endpoint.state is EndpointState.PENDING or parcels.get(endpoint.id)
        ]

    def _pick(
        self, found: Mapping[EndpointId, tuple[Endpoint, int]], each: int, now: datetime, most_lapses: int
    ) -> tuple[list[int], list[int]]:
        """Positions to take, and positions that no worker ever came back from."""
        d = deliveries
        ordered = [endpoint_id for endpoint_id, (endpoint, _) in found.items() if endpoint.ordered]
        number = func.row_number().over(partition_by=d.c.endpoint_id, order_by=_in_order()).label("number")
        candidates = (
            select(d.c.position, d.c.endpoint_id, d.c.lapses, d.c.leased_until, _due(now).label("due"), number)
            .where(d.c.endpoint_id.in_(list(found)), d.c.done_at.is_(None))
            # Where order matters, everything that is not done counts; elsewhere only what is due.
            .where(or_(d.c.endpoint_id.in_(ordered), _due(now)))
            .subquery()
        )
        rows = self._connection.execute(
            select(candidates)
            .where(candidates.c.number <= each)
            .order_by(candidates.c.endpoint_id, candidates.c.number)
        )
        taken: list[int] = []
        lost: list[int] = []
        full: set[str] = set()
        begun: set[str] = set()
        for row in rows:
            if row.endpoint_id in full:
                continue
            lapses = row.lapses + (row.leased_until is not None)
            if not row.due:  # of an ordered endpoint: what comes after it waits
                full.add(row.endpoint_id)
            elif lapses >= most_lapses:
                lost.append(row.position)
                if row.endpoint_id in ordered:
                    full.add(row.endpoint_id)
            elif lapses >= SUSPECT:
                if row.endpoint_id not in begun:
                    taken.append(row.position)
                    full.add(row.endpoint_id)
                elif row.endpoint_id in ordered:
                    full.add(row.endpoint_id)
            else:
                taken.append(row.position)
            begun.add(row.endpoint_id)
        return taken, lost

    def _lease(
        self,
        found: Mapping[EndpointId, tuple[Endpoint, int]],
        positions: Sequence[int],
        now: datetime,
        until: datetime,
    ) -> Mapping[EndpointId, list[Parcel]]:
        if not positions:
            return {}
        d = deliveries
        self._connection.execute(
            update(d)
            # Acknowledged by pull a moment ago, in a unit that committed since we looked: no longer to be sent.
            .where(d.c.position.in_(positions), _due(now))
            .values(
                fence=d.c.fence + 1,
                leased_until=until,
                attempts=d.c.attempts + 1,
                lapses=case((d.c.leased_until.is_not(None), d.c.lapses + 1), else_=d.c.lapses),
            )
        )
        rows = self._connection.execute(
            select(
                d.c.position,
                d.c.fence,
                d.c.attempts,
                d.c.since,
                d.c.sequence,
                d.c.endpoint_id,
                *(column for column in delivery_events.c if column.name != "position"),
                t.messages.c.type,
                t.messages.c.urgency,
            )
            .join(delivery_events, delivery_events.c.id == d.c.event_id)
            .join(t.messages, t.messages.c.id == delivery_events.c.message_id)
            .where(d.c.position.in_(positions), d.c.leased_until == until)
            .order_by(*_in_order())
        ).all()
        numbers = {endpoint_id: sequence for endpoint_id, (_, sequence) in found.items()}
        numbered: list[dict[str, object]] = []
        parcels: dict[EndpointId, list[Parcel]] = {}
        for row in rows:
            sequence = row.sequence
            if sequence is None and found[row.endpoint_id][0].ordered:
                sequence = numbers[row.endpoint_id] = numbers[row.endpoint_id] + 1
                numbered.append({"at": row.position, "number": sequence})
            parcels.setdefault(row.endpoint_id, []).append(
                Parcel(row.position, row.fence, row.attempts, event_of(row), row.since, sequence)
            )
        if numbered:
            self._connection.execute(
                update(d).where(d.c.position == bindparam("at")).values(sequence=bindparam("number")), numbered
            )
            self._connection.execute(
                update(delivery_endpoints)
                .where(delivery_endpoints.c.id == bindparam("of"))
                .values(sequence=bindparam("number")),
                [{"of": endpoint_id, "number": number} for endpoint_id, number in numbers.items()],
            )
        return parcels

    def standing(self, parcels: Sequence[Parcel]) -> frozenset[int]:
        d = deliveries
        statement = select(d.c.position, d.c.fence).where(
            d.c.position.in_([parcel.position for parcel in parcels]), d.c.done_at.is_(None)
        )
        if self._connection.dialect.name == "postgresql":
            statement = statement.order_by(d.c.position).with_for_update()
        fences = {row.position: row.fence for row in self._connection.execute(statement)}
        return frozenset(p.position for p in parcels if fences.get(p.position) == p.fence)

    def done(self, parcels: Sequence[Parcel], actor: str, now: datetime) -> None:
        if not parcels:
            return
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.position.in_([p.position for p in parcels]))
            .values(done_at=now, leased_until=None, error=None, dead_at=None)
        )
        self._connection.execute(
            update(delivery_events)
            .where(delivery_events.c.id.in_([p.event.id for p in parcels]), delivery_events.c.acknowledged_at.is_(None))
            .values(acknowledged_at=now, acknowledged_by=actor)
        )

    def put_off(self, rows: Sequence[tuple[Parcel, datetime, str | None]]) -> None:
        self._many({"available_at": ("until", [r[1] for r in rows]), "error": ("code", [r[2] for r in rows])}, rows)

    def bury(self, rows: Sequence[tuple[Parcel, datetime, str | None]]) -> None:
        self._many({"dead_at": ("until", [r[1] for r in rows]), "error": ("code", [r[2] for r in rows])}, rows)

    def _many(
        self,
        changes: Mapping[str, tuple[str, Sequence[object]]],
        rows: Sequence[tuple[Parcel, datetime, str | None]],
    ) -> None:
        if not rows:
            return
        columns = deliveries.c
        values = {name: bindparam(key, type_=columns[name].type) for name, (key, _) in changes.items()}
        self._connection.execute(
            update(deliveries).where(columns.position == bindparam("at")).values(**values, leased_until=None, lapses=0),
            [
                {"at": row[0].position, **{key: given[n] for key, given in changes.values()}}
                for n, row in enumerate(rows)
            ],
        )

    def give_back(self, parcels: Sequence[Parcel], now: datetime) -> None:
        if parcels:
            self._connection.execute(
                update(deliveries)
                .where(deliveries.c.position.in_([p.position for p in parcels]))
                .values(leased_until=None, available_at=now, attempts=deliveries.c.attempts - 1)
            )

    def keep_receipt(self, parcel: Parcel, endpoint_id: EndpointId, receipt: SignedReceipt, now: datetime) -> bool:
        """False where one is kept already."""
        table = delivery_receipts
        same = (table.c.event_id == parcel.event.id, table.c.endpoint_id == endpoint_id)
        if self._connection.execute(select(table.c.event_id).where(*same)).first() is not None:
            return False
        self._connection.execute(
            insert(table).values(
                event_id=parcel.event.id,
                endpoint_id=endpoint_id,
                at=now,
                keyid=receipt.keyid,
                document=receipt.document,
            )
        )
        return True

    def rows(
        self, state: str, limit: int, organisation_id: OrganisationId | None = None, endpoint_id: str | None = None
    ) -> Sequence[DeliveryRow]:
        d = deliveries
        statement = _rows().order_by(d.c.position).limit(limit)
        if state == "dead":
            statement = statement.where(d.c.done_at.is_(None), d.c.dead_at.is_not(None))
        elif state == "waiting":
            statement = statement.where(d.c.done_at.is_(None), d.c.dead_at.is_(None))
        if organisation_id is not None:
            statement = statement.where(delivery_events.c.organisation_id == organisation_id)
        if endpoint_id is not None:
            statement = statement.where(d.c.endpoint_id == endpoint_id)
        return [_row(row) for row in self._connection.execute(statement)]

    def of_event(self, delivery_id: DeliveryId, organisation_id: OrganisationId | None) -> Sequence[DeliveryRow]:
        statement = _rows().where(delivery_events.c.id == delivery_id).order_by(deliveries.c.position)
        if organisation_id is not None:
            statement = statement.where(delivery_events.c.organisation_id == organisation_id)
        return [_row(row) for row in self._connection.execute(statement)]

    def replay(
        self,
        now: datetime,
        organisation_id: OrganisationId | None,
        endpoint_id: str | None = None,
        delivery_ids: Collection[str] | None = None,
    ) -> int:
        d = deliveries
        late = d.c.leased_until.is_(None) & (d.c.available_at > now)
        statement = update(d).where(d.c.done_at.is_(None), d.c.dead_at.is_not(None) | late)
        events = select(delivery_events.c.id)
        if organisation_id is not None:
            events = events.where(delivery_events.c.organisation_id == organisation_id)
        if delivery_ids is not None:
            events = events.where(delivery_events.c.id.in_(sorted(delivery_ids)))
        if endpoint_id is not None:
            statement = statement.where(d.c.endpoint_id == endpoint_id)
        return self._connection.execute(
            statement.where(d.c.event_id.in_(events)).values(
                dead_at=None, since=now, available_at=now, attempts=0, lapses=0, leased_until=None, fence=d.c.fence + 1
            )
        ).rowcount


def _due(now: datetime, d: FromClause = deliveries) -> ColumnElement[bool]:
    due: ColumnElement[bool] = (
        d.c.done_at.is_(None)
        & d.c.dead_at.is_(None)
        & (d.c.available_at <= now)
        & or_(d.c.leased_until.is_(None), d.c.leased_until <= now)
    )
    return due


def _in_order() -> tuple[ColumnElement[Any], ...]:
    """What was numbered goes first, by its number: a row with a lower position may become visible only later, because its
    transaction took longer."""
    return deliveries.c.sequence.is_(None), deliveries.c.sequence, deliveries.c.position


def _endpoints_due(now: datetime, busy: Collection[EndpointId]) -> Select[tuple[object, ...]]:
    """Endpoints with something to send now, or whose address is still to be challenged."""
    d, e = deliveries, delivery_endpoints
    something = exists().where(d.c.endpoint_id == e.c.id, _due(now))
    under_way = exists().where(d.c.endpoint_id == e.c.id, d.c.done_at.is_(None), d.c.leased_until > now)
    head = (
        select(d.c.position)
        .where(d.c.endpoint_id == e.c.id, d.c.done_at.is_(None))
        .order_by(*_in_order())
        .limit(1)
        .correlate(e)
        .scalar_subquery()
    )
    first = d.alias("first")
    head_due = exists().where(first.c.position == head, _due(now, first))
    active = (e.c.state == EndpointState.ACTIVE.value) & or_(
        e.c.ordered.is_(False) & something, e.c.ordered.is_(True) & head_due & ~under_way
    )
    statement = select(e).where(e.c.resume_at <= now, or_(active, e.c.state == EndpointState.PENDING.value))
    return statement.where(e.c.id.not_in(sorted(busy))) if busy else statement


def _rows() -> Select[tuple[object, ...]]:
    d = deliveries
    return (
        select(
            d.c.position.label("row"),
            d.c.endpoint_id,
            d.c.attempts,
            d.c.available_at,
            d.c.error,
            d.c.done_at,
            d.c.dead_at,
            d.c.leased_until,
            *(column for column in delivery_events.c if column.name != "position"),
            t.messages.c.type,
            t.messages.c.urgency,
        )
        .join(delivery_events, delivery_events.c.id == d.c.event_id)
        .join(t.messages, t.messages.c.id == delivery_events.c.message_id)
    )


def _row(row: Row[tuple[object, ...]]) -> DeliveryRow:
    return DeliveryRow(
        row.row,
        event_of(row),
        row.endpoint_id,
        row.attempts,
        row.available_at,
        row.error,
        row.done_at,
        row.dead_at,
        row.leased_until,
    )
