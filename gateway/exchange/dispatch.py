"""The dispatcher: claims what is due, lets the carriers hand it over side by side, and settles what became of it.

One task serves one endpoint, so a slow one keeps nobody waiting but itself. How long a task may take is bounded by its
lease: what it has not begun by then it gives back.
"""

from __future__ import annotations

import asyncio
import functools
import random
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.exchange.carrier import Carrier
from gateway.use_cases.delivery_terms import DeliveryTerms
from gateway.use_cases.delivery_values import Endpoint, EndpointState, Errand, Outcome, Parcel, Transport
from gateway.use_cases.describe_delivery import describe_delivery, wants_content
from gateway.use_cases.hand_over import (
    Settled,
    claim_deliveries,
    forget_deliveries,
    settle_challenge,
    settle_deliveries,
)
from gateway.use_cases.house import House
from schemas.errors import MezhvedError
from schemas.ids import EndpointId

MARGIN: Final = 0.5
"""The part of a lease after which no further delivery is begun: the rest is for the one under way, and for settling."""
FORGET_EVERY: Final = 3600.0
SETTLE_AGAIN: Final = 0.2

log = structlog.get_logger()


class Dispatcher:
    """A thread with an event loop of its own, until told to stop."""

    def __init__(
        self,
        house: House,
        carriers: Callable[[], Mapping[Transport, Carrier]],
        terms: DeliveryTerms,
        seconds: float,
        clock: Callable[[], datetime],
        *,
        draw: Callable[[], float] = random.random,
        keep: timedelta | None = None,
    ) -> None:
        self._house, self._make, self._terms = house, carriers, terms
        self._seconds, self._clock, self._draw, self._keep = seconds, clock, draw, keep
        self._busy: dict[EndpointId, asyncio.Task[Settled]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="dispatcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way."""
        self._stop.set()
        self._thread.join(timeout=60)

    def once(self) -> Settled:
        """Hand over what is due now, and end. What it came to."""
        return asyncio.run(self._once())

    async def _once(self) -> Settled:
        carriers = self._make()
        total = Settled()
        try:
            while errands := await asyncio.to_thread(claim_deliveries, self._house, self._terms, self._clock()):
                for settled in await asyncio.gather(*(self._serve(carriers, errand) for errand in errands)):
                    total = _sum(total, settled)
        finally:
            for carrier in carriers.values():
                await carrier.close()
        return total

    async def _run(self) -> None:
        carriers = self._make()
        loop = asyncio.get_running_loop()
        forget_at = loop.time()
        while not self._stop.is_set():
            begun = await self._begin(carriers)
            if self._keep is not None and loop.time() >= forget_at:
                forget_at = loop.time() + FORGET_EVERY
                await asyncio.to_thread(self._forget, self._keep)
            if begun:
                continue
            waiting = list(self._busy.values())
            if waiting:
                await asyncio.wait(waiting, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(self._seconds)
        if self._busy:
            await asyncio.wait(list(self._busy.values()), timeout=self._terms.lease.total_seconds())
        for carrier in carriers.values():
            await carrier.close()

    async def _begin(self, carriers: Mapping[Transport, Carrier]) -> bool:
        """Claim, and begin to serve. Whether there was anything."""
        try:
            errands = await asyncio.to_thread(
                claim_deliveries, self._house, self._terms, self._clock(), frozenset(self._busy)
            )
        except MezhvedError as error:  # the next round tries again; what was half claimed is not claimed
            log.warning("delivery.round_failed", code=error.code)
            return False
        except Exception as error:  # noqa: BLE001  a thread that dies hands over nothing any more
            log.error("delivery.round_failed", error=type(error).__name__)  # noqa: TRY400  a traceback may quote values
            return False
        for errand in errands:
            task = asyncio.create_task(self._serve(carriers, errand))
            self._busy[errand.endpoint.id] = task
            task.add_done_callback(functools.partial(self._served, errand.endpoint.id))
        return bool(errands)

    def _served(self, endpoint_id: EndpointId, task: asyncio.Task[Settled]) -> None:
        del task
        self._busy.pop(endpoint_id, None)

    async def _serve(self, carriers: Mapping[Transport, Carrier], errand: Errand) -> Settled:
        carrier = carriers.get(errand.endpoint.transport)
        try:
            if errand.endpoint.state is EndpointState.PENDING:
                return await self._challenge(carrier, errand.endpoint)
            return await self._hand_over(carrier, errand)
        except Exception as error:  # noqa: BLE001  one endpoint's failure is nobody else's; the lease ends by itself
            log.error("delivery.errand_failed", error=type(error).__name__, endpoint=errand.endpoint.id)  # noqa: TRY400  a traceback may quote values
            return Settled()

    async def _challenge(self, carrier: Carrier | None, endpoint: Endpoint) -> Settled:
        code = await carrier.challenge(endpoint, self._clock()) if carrier else "transport_missing"
        await asyncio.to_thread(settle_challenge, self._house, endpoint, code, self._terms, self._draw, self._clock())
        return Settled()

    async def _hand_over(self, carrier: Carrier | None, errand: Errand) -> Settled:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._terms.lease.total_seconds() * MARGIN
        outcomes: list[Outcome] = []
        stopped = False
        for parcel in errand.parcels:
            # A process that was stopped and went on finds its time over: what it still holds is no longer its own.
            if stopped or loop.time() > end:
                outcomes.append(Outcome(parcel, untried=True))
                continue
            outcome = await self._send(carrier, errand.endpoint, parcel)
            outcomes.append(outcome)
            failed = outcome.code is not None
            stopped = outcome.gone or outcome.stops or (failed and errand.endpoint.ordered)
        return await self._settle(errand, outcomes)

    async def _send(self, carrier: Carrier | None, endpoint: Endpoint, parcel: Parcel) -> Outcome:
        if carrier is None:
            return Outcome(parcel, "transport_missing", stops=True)
        try:
            if wants_content(endpoint, parcel.event):  # asks the store: on a thread of its own
                described = await asyncio.to_thread(describe_delivery, self._house, endpoint, parcel, self._clock())
            else:
                described = describe_delivery(self._house, endpoint, parcel, self._clock())
            return await carrier.send(endpoint, parcel, described, self._clock())
        except MezhvedError as error:
            return Outcome(parcel, error.code)
        except Exception as error:  # noqa: BLE001  a delivery that nobody can send must not stop the others
            log.error("delivery.broken", error=type(error).__name__, delivery=parcel.event.id)  # noqa: TRY400  as above
            return Outcome(parcel, "delivery_broken")

    async def _settle(self, errand: Errand, outcomes: list[Outcome]) -> Settled:
        """Until it is recorded, or the lease is over and it is somebody else's to record."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._terms.lease.total_seconds() * (1 - MARGIN)
        while True:
            try:
                return await asyncio.to_thread(
                    settle_deliveries, self._house, errand.endpoint, outcomes, self._terms, self._draw, self._clock()
                )
            except MezhvedError as error:
                log.warning("delivery.not_settled", code=error.code, endpoint=errand.endpoint.id)
                if loop.time() > end:
                    return Settled()
                await asyncio.sleep(SETTLE_AGAIN)

    def _forget(self, keep: timedelta) -> None:
        try:
            forget_deliveries(self._house, keep, self._clock())
        except MezhvedError as error:
            log.warning("delivery.not_forgotten", code=error.code)
        except Exception as error:  # noqa: BLE001  as above
            log.error("delivery.not_forgotten", error=type(error).__name__)  # noqa: TRY400  as above


def _sum(a: Settled, b: Settled) -> Settled:
    return Settled(a.done + b.done, a.waiting + b.waiting, a.dead + b.dead, a.fenced + b.fenced)
