"""What people see of deliveries: the administrator of the gateway of all endpoints, an organisation's own people of theirs.

Identifiers, codes, counts and instants: no content, nobody of a family. Somebody else's endpoint answers as an invented one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.use_cases.delivery_values import DeliveryRow, EndpointState
from gateway.use_cases.house import House
from gateway.use_cases.oversee_deliveries import (
    MAX_ROWS,
    EndpointShown,
    list_deliveries,
    read_endpoints,
    replay_deliveries,
)
from gateway.use_cases.read_notices import roles_answered
from gateway.use_cases.register_endpoint import change_endpoint
from gateway.use_cases.values import Requester
from schemas.errors import NotPermitted, Unavailable
from schemas.ids import OrganisationId

ADMINISTRATOR: Final = "administrator"
OPERATOR_KIND: Final = "gateway"
"""The kind of the organisation that runs the gateway."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Endpoints that somebody may see, and names of their organisations. `all_of_them`: as the gateway's administrator."""

    endpoints: Sequence[EndpointShown]
    names: Mapping[OrganisationId, str]
    all_of_them: bool


@dataclass(frozen=True, slots=True)
class WatchedEndpoint:
    """One endpoint with what is dead for it, oldest first; `more`: there is more than is shown."""

    shown: EndpointShown
    organisation: str
    dead: Sequence[DeliveryRow]
    more: bool


def watch_endpoints(house: House, requester: Requester) -> Watched:
    """Raises NotPermitted (deliveries_not_yours)."""
    scope = _scope(house, requester)
    shown = read_endpoints(house, scope)
    with house.store.reading() as unit:
        names = {organisation.id: organisation.name for organisation in unit.participants.organisations()}
    return Watched(shown, names, scope is None)


def watch_endpoint(house: House, requester: Requester, endpoint_id: str) -> WatchedEndpoint:
    """Raises NotPermitted (deliveries_not_yours), Unavailable (endpoint_unavailable)."""
    watched = watch_endpoints(house, requester)
    shown = _one(watched.endpoints, endpoint_id)
    dead = list_deliveries(house, shown.endpoint.organisation_id, "dead", MAX_ROWS, shown.endpoint.id)
    return WatchedEndpoint(
        shown, watched.names[shown.endpoint.organisation_id], dead, more=shown.counts.dead > len(dead)
    )


def replay_endpoint(
    house: House, requester: Requester, endpoint_id: str, delivery_ids: Collection[str] | None, now: datetime
) -> int:
    """Send deliveries of one endpoint again: these, or all that are dead or wait for a later attempt. How many. Raises as
    `watch_endpoint` does."""
    endpoint = _one(read_endpoints(house, _scope(house, requester)), endpoint_id).endpoint
    return replay_deliveries(
        house,
        endpoint.organisation_id,
        requester.actor,
        now,
        endpoint_id=endpoint.id,
        delivery_ids=delivery_ids,
    )


def switch_endpoint(house: House, requester: Requester, endpoint_id: str, to: EndpointState, now: datetime) -> None:
    """Pause an endpoint or let it run again. Raises as `watch_endpoint` does, and Conflict (endpoint_state)."""
    scope = _scope(house, requester)
    reason = "operator" if scope is None else ADMINISTRATOR
    change_endpoint(house, scope, endpoint_id, to, requester.actor, now, reason=reason)


def _scope(house: House, requester: Requester) -> OrganisationId | None:
    """None: every organisation. Who answers for an administrator that an organisation does not have sees its endpoints."""
    with house.store.reading() as unit:
        organisation = unit.participants.organisation(requester.organisation_id)
    operates = organisation is not None and organisation.kind == OPERATOR_KIND
    if operates and ADMINISTRATOR in requester.roles:
        return None
    if operates or ADMINISTRATOR not in roles_answered(house, requester):
        raise NotPermitted("deliveries_not_yours")
    return requester.organisation_id


def _one(endpoints: Sequence[EndpointShown], endpoint_id: str) -> EndpointShown:
    for shown in endpoints:
        if shown.endpoint.id == endpoint_id:
            return shown
    raise Unavailable("endpoint_unavailable")
