"""Events of deliveries: written with the fact they tell of, read and acknowledged by the organisation they are for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, insert, select, update

from gateway.storage import tables as t
from gateway.storage.tables_delivery import (
    answers_applied,
    deliveries,
    delivery_endpoints,
    delivery_events,
    delivery_receipts,
)
from gateway.use_cases.delivery_values import DeliveryEvent, DeliveryKind, EndpointState
from gateway.use_cases.values import ReceiptOnFile
from schemas.ids import DeliveryId, MessageId, OrganisationId, new_id
from schemas.lifecycle import WITHDRAWN, Event

RECALL_TYPE = "recall"
ADDRESSED = (EndpointState.ACTIVE.value, EndpointState.PAUSED.value)
"""States of an endpoint in which what happens is put on its way to it."""


def tell_parties(connection: Connection, message_id: MessageId, ordinal: int, receipt: ReceiptOnFile) -> None:
    """Who must learn of this receipt: each side but the one whose act it is; the recipient only once the message has come.

    States are taken by their names alone, so that a new one is told of without a change here.
    """
    messages = t.messages
    message = connection.execute(
        select(messages.c.sender_id, messages.c.recipient_id, messages.c.type, messages.c.delivered_at).where(
            messages.c.id == message_id
        )
    ).one()
    is_delivery = receipt.event is Event.DELIVER
    told: dict[OrganisationId, DeliveryKind] = {}
    if receipt.organisation_id != message.sender_id:
        told[message.sender_id] = DeliveryKind.CHANGED
    if receipt.organisation_id != message.recipient_id and message.delivered_at is not None:
        recalls = message.type == RECALL_TYPE if is_delivery else receipt.state in WITHDRAWN
        kind = DeliveryKind.DELIVERED if is_delivery else DeliveryKind.CHANGED
        told[message.recipient_id] = DeliveryKind.RECALL if recalls else kind
    events = [
        {
            "id": new_id(),
            "organisation_id": organisation_id,
            "message_id": message_id,
            "ordinal": ordinal,
            "kind": kind.value,
            "state": receipt.state.value,
            "at": receipt.at,
        }
        for organisation_id, kind in sorted(told.items())
    ]
    if not events:
        return
    connection.execute(insert(delivery_events), events)
    endpoints = delivery_endpoints
    wanted = connection.execute(
        select(endpoints.c.id, endpoints.c.organisation_id, endpoints.c.events).where(
            endpoints.c.organisation_id.in_(sorted(told)), endpoints.c.state.in_(ADDRESSED)
        )
    ).all()
    rows = [
        {
            "event_id": event["id"],
            "endpoint_id": endpoint.id,
            "since": receipt.at,
            "available_at": receipt.at,
            "attempts": 0,
            "lapses": 0,
            "fence": 0,
        }
        for event in events
        for endpoint in wanted
        if endpoint.organisation_id == event["organisation_id"] and event["kind"] in endpoint.events
    ]
    if rows:
        connection.execute(insert(deliveries), rows)


class SqlDeliveryEvents:
    """`ports.DeliveryEvents`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, organisation_id: OrganisationId, after: DeliveryId | None, limit: int) -> Sequence[DeliveryEvent]:
        events = delivery_events
        statement = _events().where(events.c.organisation_id == organisation_id, events.c.acknowledged_at.is_(None))
        if after is not None:
            # A page begins after an event of this organisation; any other name begins nothing (law 7).
            begin = events.alias("begin")
            cut = select(begin.c.position).where(begin.c.id == after, begin.c.organisation_id == organisation_id)
            statement = statement.where(events.c.position > cut.scalar_subquery())
        return [event_of(row) for row in self._connection.execute(statement.order_by(events.c.position).limit(limit))]

    def acknowledge(
        self, organisation_id: OrganisationId, delivery_ids: Collection[DeliveryId], actor: str, now: datetime
    ) -> int:
        """Mark these as taken, as far as they are this organisation's and were not before; nothing is sent of them again."""
        events = delivery_events
        mine = select(events.c.id).where(
            events.c.organisation_id == organisation_id, events.c.id.in_(sorted(delivery_ids))
        )
        changed = self._connection.execute(
            update(events)
            .where(
                events.c.organisation_id == organisation_id,
                events.c.id.in_(sorted(delivery_ids)),
                events.c.acknowledged_at.is_(None),
            )
            .values(acknowledged_at=now, acknowledged_by=actor)
        ).rowcount
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.event_id.in_(mine), deliveries.c.done_at.is_(None))
            .values(done_at=now, dead_at=None, leased_until=None, fence=deliveries.c.fence + 1)
        )
        return changed

    def named(
        self, organisation_id: OrganisationId, delivery_id: str, message_id: str
    ) -> tuple[MessageId | None, Sequence[DeliveryId]]:
        """The message of these names that this organisation was handed, and its deliveries; none where the names disagree, or
        two senders gave the same number. As many statements whatever is found (law 6)."""
        events, messages = delivery_events, t.messages
        by_delivery = self._connection.execute(
            select(events.c.message_id).where(events.c.id == delivery_id, events.c.organisation_id == organisation_id)
        ).scalars()
        side = (messages.c.recipient_id == organisation_id) | (messages.c.sender_id == organisation_id)
        by_message = self._connection.execute(
            select(messages.c.id)
            .where(
                side & (messages.c.id == message_id)
                | (messages.c.operation_id == message_id) & (messages.c.recipient_id == organisation_id)
            )
            .limit(2)
        ).scalars()
        found = [set(rows) for rows, given in ((by_delivery, delivery_id), (by_message, message_id)) if given]
        both = set.intersection(*found) if found else set()
        message = both.pop() if len(both) == 1 and all(len(one) == 1 for one in found) else None
        told = self._connection.execute(
            select(events.c.id)
            .where(
                events.c.organisation_id == organisation_id,
                events.c.message_id == (message or ""),
                *([events.c.id == delivery_id] if delivery_id else []),
            )
            .order_by(events.c.position)
        ).scalars()
        return message, list(told)

    def applied(self, organisation_id: OrganisationId, operation_id: str) -> str | None:
        """The digest of an answer that was applied under this number."""
        table = answers_applied
        return self._connection.execute(
            select(table.c.digest).where(
                table.c.organisation_id == organisation_id, table.c.operation_id == operation_id
            )
        ).scalar()

    def remember_applied(
        self, organisation_id: OrganisationId, operation_id: str, digest: str, message_id: MessageId, now: datetime
    ) -> None:
        self._connection.execute(
            insert(answers_applied).values(
                organisation_id=organisation_id,
                operation_id=operation_id,
                digest=digest,
                message_id=message_id,
                at=now,
            )
        )

    def forget(self, before: datetime, limit: int) -> int:
        """Remove events that were acknowledged, and taken by every endpoint, before an instant; their receipts stay."""
        events = delivery_events
        kept = exists().where(delivery_receipts.c.event_id == events.c.id)
        open_ = exists().where(deliveries.c.event_id == events.c.id, deliveries.c.done_at.is_(None))
        ids = list(
            self._connection.execute(
                select(events.c.id).where(events.c.acknowledged_at < before, ~kept, ~open_).limit(limit)
            ).scalars()
        )
        if ids:
            self._connection.execute(delete(deliveries).where(deliveries.c.event_id.in_(ids)))
            self._connection.execute(delete(events).where(events.c.id.in_(ids)))
        return len(ids)


def _events() -> Select[tuple[object, ...]]:
    return select(delivery_events, t.messages.c.type, t.messages.c.urgency).join(
        t.messages, t.messages.c.id == delivery_events.c.message_id
    )


def event_of(row: Any) -> DeliveryEvent:  # noqa: ANN401  a row of any query that has these columns
    """One row of `delivery_events` with type and urgency of its message."""
    values = row._mapping  # noqa: SLF001  the documented way to a mapping
    return DeliveryEvent(
        id=values["id"],
        organisation_id=values["organisation_id"],
        message_id=values["message_id"],
        kind=DeliveryKind(values["kind"]),
        state=values["state"],
        type=values["type"],
        urgency=values["urgency"],
        at=values["at"],
    )
