"""Endpoints of organisations, as stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from gateway.storage.tables_delivery import deliveries, delivery_endpoints
from gateway.use_cases.delivery_values import DeliveryKind, Endpoint, EndpointCounts, EndpointState, Transport
from schemas.ids import EndpointId, OrganisationId


class SqlEndpoints:
    """`ports.Endpoints`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, endpoint: Endpoint, now: datetime) -> None:
        self._connection.execute(
            insert(delivery_endpoints).values(
                id=endpoint.id,
                organisation_id=endpoint.organisation_id,
                transport=endpoint.transport.value,
                address=endpoint.address,
                events=sorted(endpoint.events),
                content=endpoint.content,
                ordered=endpoint.ordered,
                form=endpoint.form,
                receipt_keys=dict(endpoint.receipt_keys),
                seal_key=endpoint.seal_key,
                state=endpoint.state.value,
                reason=endpoint.reason,
                challenge=endpoint.challenge,
                registered_at=endpoint.registered_at,
                changed_at=now,
                failures=0,
                resume_at=now,
                claimed_at=now,
                sequence=0,
            )
        )

    def get(self, endpoint_id: EndpointId, *, lock: bool = False) -> Endpoint | None:
        statement = select(delivery_endpoints).where(delivery_endpoints.c.id == endpoint_id)
        if lock and self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(key_share=True)
        row = self._connection.execute(statement).first()
        return endpoint_of(row) if row else None

    def of(self, organisation_id: OrganisationId | None) -> Sequence[Endpoint]:
        statement = select(delivery_endpoints).order_by(delivery_endpoints.c.registered_at, delivery_endpoints.c.id)
        if organisation_id is not None:
            statement = statement.where(delivery_endpoints.c.organisation_id == organisation_id)
        return [endpoint_of(row) for row in self._connection.execute(statement)]

    def set_state(self, endpoint_id: EndpointId, state: EndpointState, reason: str | None, now: datetime) -> None:
        self._connection.execute(
            update(delivery_endpoints)
            .where(delivery_endpoints.c.id == endpoint_id)
            .values(state=state.value, reason=reason, changed_at=now, failures=0, resume_at=now)
        )

    def put_off(self, endpoint_id: EndpointId, until: datetime, reason: str | None) -> None:
        self._connection.execute(
            update(delivery_endpoints)
            .where(delivery_endpoints.c.id == endpoint_id)
            .values(resume_at=until, failures=delivery_endpoints.c.failures + 1, reason=reason)
        )

    def well(self, endpoint_id: EndpointId, now: datetime) -> None:
        endpoints = delivery_endpoints
        self._connection.execute(
            update(endpoints)
            .where(endpoints.c.id == endpoint_id, (endpoints.c.failures > 0) | (endpoints.c.resume_at > now))
            .values(failures=0, resume_at=now, reason=None)
        )

    def counts(self, endpoint_ids: Sequence[EndpointId]) -> Mapping[EndpointId, EndpointCounts]:
        rows = self._connection.execute(
            select(
                deliveries.c.endpoint_id,
                func.count().label("all"),
                func.count(deliveries.c.done_at).label("done"),
                func.count(deliveries.c.dead_at).label("dead"),
                func.min(deliveries.c.since)
                .filter(deliveries.c.done_at.is_(None), deliveries.c.dead_at.is_(None))
                .label("oldest"),
                func.min(deliveries.c.since)
                .filter(deliveries.c.done_at.is_(None), deliveries.c.error.is_not(None), deliveries.c.attempts > 0)
                .label("failing_since"),
            )
            .where(deliveries.c.endpoint_id.in_(list(endpoint_ids)))
            .group_by(deliveries.c.endpoint_id)
        ).all()
        return {
            row.endpoint_id: EndpointCounts(
                row.all - row.done - row.dead, row.dead, row.done, row.oldest, row.failing_since
            )
            for row in rows
        }


def endpoint_of(row: Row[tuple[object, ...]]) -> Endpoint:
    """One row of `delivery_endpoints`."""
    values = row._mapping  # noqa: SLF001  the documented way to a mapping
    return Endpoint(
        id=values["id"],
        organisation_id=values["organisation_id"],
        transport=Transport(values["transport"]),
        address=values["address"],
        registered_at=values["registered_at"],
        events=frozenset(DeliveryKind(kind) for kind in values["events"]),
        content=values["content"],
        ordered=values["ordered"],
        form=values["form"],
        receipt_keys=values["receipt_keys"],
        seal_key=values["seal_key"],
        state=EndpointState(values["state"]),
        reason=values["reason"],
        challenge=values["challenge"],
        failures=values["failures"],
    )
