"""Pull: what one's organisation has not acknowledged yet, oldest first; and acknowledge it.

At least once: what is not acknowledged is given again. A cursor belongs to one pass and one organisation; a new pass begins
without one, because something that was written at the same time as what was read may stand before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.partner.signatures import keys_of
from gateway.use_cases.delivery_values import DeliveryEvent, Endpoint
from gateway.use_cases.house import House
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Unavailable
from schemas.ids import ClientId, DeliveryId, EndpointId, is_id

MAX_PULL = 100


@dataclass(frozen=True, slots=True)
class Pulled:
    """Deliveries, and the cursor to go on from in this pass (none: that was all)."""

    deliveries: Sequence[DeliveryEvent]
    cursor: str | None


def pull_deliveries(house: House, requester: Requester, after: str | None, first: int) -> Pulled:
    """Raises BadInput (page_size). A cursor that is not one's own begins nothing (law 7)."""
    if not 1 <= first <= MAX_PULL:
        raise BadInput("page_size", max=MAX_PULL)
    organisation_id = requester.organisation_id
    begin = house.vault.resolve_delivery(organisation_id, after) if after is not None else None
    with house.store.reading() as unit:
        found = unit.delivery_events.waiting(organisation_id, begin, first + 1)
    shown = found[:first]
    more = len(found) > first
    return Pulled(shown, house.vault.delivery_cursor(organisation_id, shown[-1].id) if more else None)


def acknowledge_deliveries(house: House, requester: Requester, delivery_ids: Collection[str], now: datetime) -> int:
    """How many of these were not acknowledged before. Repeating it is harmless; what is not one's own, or does not exist, is
    passed over, and nothing tells which. Raises BadInput (page_size)."""
    if len(delivery_ids) > MAX_PULL:
        raise BadInput("page_size", max=MAX_PULL)
    known = [DeliveryId(delivery_id) for delivery_id in delivery_ids if is_id(delivery_id)]
    with house.store.writing() as unit:
        return unit.delivery_events.acknowledge(requester.organisation_id, known, requester.actor, now)


def endpoint_that_signs(house: House, endpoint_id: str) -> Endpoint:
    """The endpoint whose registered keys may sign an acknowledgement. Raises Unavailable (endpoint_unavailable), also for one
    that has no keys."""
    with house.store.reading() as unit:
        endpoint = unit.endpoints.get(EndpointId(endpoint_id if is_id(endpoint_id) else ""))
    if endpoint is None or not keys_of(endpoint.receipt_keys):
        raise Unavailable("endpoint_unavailable")
    return endpoint


class NoncesOfHouse:
    """`partner.signatures.Nonces` over the store, for what partners sign: the same on every process."""

    def __init__(self, house: House, endpoint_id: EndpointId, now: datetime) -> None:
        self._house, self._endpoint_id, self._now = house, endpoint_id, now

    def remember(self, keyid: str, nonce: str, expires: int) -> bool:
        """False when this nonce was seen before."""
        del keyid  # a nonce is remembered for the endpoint, whatever key of it signed
        ends = datetime.fromtimestamp(expires, self._now.tzinfo)
        with self._house.store.writing() as unit:
            digest = hashlib.sha256(nonce.encode()).hexdigest()
            name = ClientId(f"endpoint:{self._endpoint_id}")
            return unit.participants.remember_assertion(name, digest, ends, self._now)
