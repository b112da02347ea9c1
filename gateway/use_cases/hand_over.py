"""Hand deliveries over: claim some, and settle what became of them. Which transport carries them is not known here.

A claim is a lease. A worker that was killed or stopped loses it when it ends, somebody else delivers, and what the first one
says later is not heard (law 9: at least once; the receiver applies each delivery id once).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.delivery_terms import DeliveryTerms
from gateway.use_cases.delivery_values import (
    DeliveryKind,
    Endpoint,
    EndpointState,
    Errand,
    Outcome,
    Parcel,
    SignedReceipt,
)
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.register_endpoint import record_change
from gateway.use_cases.tell_people import tell_administrator
from gateway.use_cases.values import ReceiptOnFile
from schemas.ids import EndpointId
from schemas.lifecycle import Event, State

CHALLENGE_FOR: Final = timedelta(hours=24)
"""How long the address of a new webhook may take to answer its challenge."""

MAX_FORGOTTEN: Final = 1000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Settled:
    """How many deliveries were taken, wait for another attempt, are dead; and whose late word was not heard."""

    done: int = 0
    waiting: int = 0
    dead: int = 0
    fenced: int = 0


def claim_deliveries(
    house: House, terms: DeliveryTerms, now: datetime, busy: Collection[EndpointId] = ()
) -> Sequence[Errand]:
    """What this worker does next. `busy` are the endpoints it is still at work for."""
    free = terms.endpoints - len(busy)
    if free <= 0:
        return ()
    with house.store.reading() as unit:
        if not unit.deliveries.is_due(now, busy):
            return ()
    with house.store.writing() as unit:
        return unit.deliveries.claim(now, now + terms.lease, free, terms.each, busy, terms.most_lapses)


def settle_deliveries(
    house: House,
    endpoint: Endpoint,
    outcomes: Sequence[Outcome],
    terms: DeliveryTerms,
    draw: Callable[[], float],
    now: datetime,
) -> Settled:
    """Record what became of parcels of one endpoint, of those whose claim still stands."""
    with house.store.writing() as unit:
        standing = unit.deliveries.standing([outcome.parcel for outcome in outcomes])
        heard = [outcome for outcome in outcomes if outcome.parcel.position in standing]
        taken = [outcome for outcome in heard if outcome.code is None and not outcome.untried]
        for outcome in taken:
            if outcome.receipt is not None:
                _attest(unit, endpoint, outcome.parcel, outcome.receipt, now)
        unit.deliveries.done([outcome.parcel for outcome in taken], f"endpoint:{endpoint.id}", now)
        unit.deliveries.give_back([outcome.parcel for outcome in heard if outcome.untried], now)
        failed = [outcome for outcome in heard if outcome.code is not None and not outcome.untried]
        given_up = [o for o in failed if o.gone or now - o.parcel.since >= terms.give_up_after]
        again = [o for o in failed if o not in given_up]
        unit.deliveries.put_off([(o.parcel, now + terms.wait(o.parcel.attempts, draw, o.wait), o.code) for o in again])
        unit.deliveries.bury([(o.parcel, now, o.code) for o in given_up])
        if given_up:
            _tell_of_dead(unit, endpoint, given_up, now)
        _note_health(unit, endpoint, heard, taken, terms, draw, now)
    return Settled(len(taken), len(again), len(given_up), len(outcomes) - len(heard))


def forget_deliveries(house: House, keep: timedelta, now: datetime) -> int:
    """Remove some of what was taken longer ago than `keep`. How many."""
    with house.store.writing() as unit:
        return unit.delivery_events.forget(now - keep, MAX_FORGOTTEN)


def settle_challenge(
    house: House, endpoint: Endpoint, code: str | None, terms: DeliveryTerms, draw: Callable[[], float], now: datetime
) -> EndpointState:
    """The address of a new endpoint has answered its challenge (no code), or not."""
    with house.store.writing() as unit:
        current = unit.endpoints.get(endpoint.id, lock=True)
        if current is None or current.state is not EndpointState.PENDING:
            return current.state if current else EndpointState.DISABLED
        if code is None:
            unit.endpoints.set_state(endpoint.id, EndpointState.ACTIVE, None, now)
            record_change(unit, endpoint, EndpointState.ACTIVE, "gateway", now)
            return EndpointState.ACTIVE
        if now - endpoint.registered_at >= CHALLENGE_FOR:
            unit.endpoints.set_state(endpoint.id, EndpointState.DISABLED, "challenge_failed", now)
            record_change(unit, endpoint, EndpointState.DISABLED, "gateway", now)
            tell_administrator(unit, endpoint.organisation_id, "endpoint.disabled", endpoint.id, now)
            return EndpointState.DISABLED
        unit.endpoints.put_off(endpoint.id, now + terms.endpoint_wait(current.failures, draw), code)
        return EndpointState.PENDING


def _attest(unit: Unit, endpoint: Endpoint, parcel: Parcel, receipt: SignedReceipt, now: datetime) -> None:
    """The recipient's own word that a message came stands beside the gateway's."""
    if not unit.deliveries.keep_receipt(parcel, endpoint.id, receipt, now):
        return
    if parcel.event.kind in (DeliveryKind.DELIVERED, DeliveryKind.RECALL) and parcel.event.state == State.DELIVERED:
        unit.messages.attest(
            parcel.event.message_id,
            ReceiptOnFile(
                State.DELIVERED, now, endpoint.organisation_id, f"endpoint:{endpoint.id}", "partner", Event.DELIVER
            ),
        )
    append_entry(
        unit,
        EventKind.DELIVERY_ATTESTED,
        {
            "delivery": parcel.event.id,
            "message": parcel.event.message_id,
            "organisation": endpoint.organisation_id,
            "key": receipt.keyid,
        },
        now,
    )


def _tell_of_dead(unit: Unit, endpoint: Endpoint, given_up: Sequence[Outcome], now: datetime) -> None:
    for outcome in given_up:
        append_entry(
            unit,
            EventKind.DELIVERY_FAILED,
            {
                "delivery": outcome.parcel.event.id,
                "message": outcome.parcel.event.message_id,
                "organisation": endpoint.organisation_id,
                "endpoint": endpoint.id,
                "attempts": outcome.parcel.attempts,
                "error": outcome.code,
            },
            now,
        )
    if not any(outcome.gone for outcome in given_up):
        tell_administrator(unit, endpoint.organisation_id, "delivery.dead", endpoint.id, now)
    log.warning("delivery.dead", endpoint=endpoint.id, deliveries=len(given_up), code=given_up[0].code)


def _note_health(
    unit: Unit,
    endpoint: Endpoint,
    heard: Sequence[Outcome],
    taken: Sequence[Outcome],
    terms: DeliveryTerms,
    draw: Callable[[], float],
    now: datetime,
) -> None:
    if any(outcome.gone for outcome in heard):
        unit.endpoints.set_state(endpoint.id, EndpointState.DISABLED, "receiver_gone", now)
        record_change(unit, endpoint, EndpointState.DISABLED, "gateway", now)
        tell_administrator(unit, endpoint.organisation_id, "endpoint.disabled", endpoint.id, now)
        return
    stopped = next((outcome for outcome in heard if outcome.stops), None)
    if stopped is not None:
        failures = 0 if taken else endpoint.failures
        until = now + terms.endpoint_wait(failures, draw, stopped.wait)
        unit.endpoints.put_off(endpoint.id, until, stopped.code)
    elif taken:
        unit.endpoints.well(endpoint.id, now)
