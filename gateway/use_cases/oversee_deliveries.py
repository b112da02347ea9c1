"""What its operator, and the administrator of an organisation, see of deliveries: what waits, what is dead, and again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.delivery_values import DeliveryRow, Endpoint, EndpointCounts
from gateway.use_cases.house import House
from schemas.errors import Unavailable
from schemas.ids import DeliveryId, OrganisationId, is_id

MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class EndpointShown:
    """An endpoint and how it stands."""

    endpoint: Endpoint
    counts: EndpointCounts


def read_endpoints(house: House, organisation_id: OrganisationId | None) -> Sequence[EndpointShown]:
    """Endpoints of one organisation, or (the operator) of all."""
    with house.store.reading() as unit:
        endpoints = unit.endpoints.of(organisation_id)
        counts = unit.endpoints.counts([endpoint.id for endpoint in endpoints])
    return [EndpointShown(endpoint, counts.get(endpoint.id, EndpointCounts())) for endpoint in endpoints]


def list_deliveries(
    house: House,
    organisation_id: OrganisationId | None,
    state: str = "dead",
    limit: int = MAX_ROWS,
    endpoint_id: str | None = None,
) -> Sequence[DeliveryRow]:
    """`state` is dead, waiting or all; oldest first."""
    with house.store.reading() as unit:
        return unit.deliveries.rows(state, min(limit, MAX_ROWS), organisation_id, endpoint_id)


def show_delivery(house: House, organisation_id: OrganisationId | None, delivery_id: str) -> Sequence[DeliveryRow]:
    """One delivery on each of its ways. Raises Unavailable (delivery_unavailable)."""
    with house.store.reading() as unit:
        rows = unit.deliveries.of_event(DeliveryId(delivery_id if is_id(delivery_id) else ""), organisation_id)
    if not rows:
        raise Unavailable("delivery_unavailable")
    return rows


def replay_deliveries(
    house: House,
    organisation_id: OrganisationId | None,
    actor: str,
    now: datetime,
    *,
    endpoint_id: str | None = None,
    delivery_ids: Collection[str] | None = None,
) -> int:
    """Put what is dead, or waits for a later attempt, on its way again. How many."""
    with house.store.writing() as unit:
        count = unit.deliveries.replay(now, organisation_id, endpoint_id, delivery_ids)
        if count:
            append_entry(
                unit,
                EventKind.DELIVERY_REPLAYED,
                {"organisation": organisation_id or "all", "by": actor, "deliveries": count},
                now,
            )
    return count
