"""The relay: takes messages from the outbox to their recipients' queues, and asks the sequencer to place entries.

One unit of work for a batch: the state, its receipt, its entry and the outbox row move together, so a crash between
two of them cannot exist. A message is delivered at least once and its delivery recorded exactly once (law 9).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.values import ReceiptOnFile
from schemas.errors import MezhvedError
from schemas.lifecycle import Actor, Event, State, advance

BATCH = 200
log = structlog.get_logger()


def relay_once(house: House, now: datetime) -> int:
    """Deliver what is due. The number of messages delivered."""
    with house.store.reading() as unit:
        if not unit.messages.waiting(now):
            return 0
    with house.store.writing() as unit:
        due = unit.messages.due(BATCH, now)
        for position, message in due:
            if message.state is State.SUBMITTED:
                state = advance(message.state, Event.DELIVER, Actor.GATEWAY)
                unit.messages.advance(message.id, ReceiptOnFile(state, now, None, "gateway"))
                append_entry(
                    unit,
                    EventKind.MESSAGE_DELIVERED,
                    {"message": message.id, "recipient": message.recipient_id, "type": message.type},
                    now,
                )
            unit.messages.done(position, now)
    return len(due)


class Relay:
    """A thread that relays and sequences until told to stop."""

    def __init__(self, house: House, seconds: float, clock: Callable[[], datetime]) -> None:
        self._house, self._seconds, self._clock = house, seconds, clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round under way."""
        self._stop.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                relay_once(self._house, self._clock())
                sequence_log(self._house, self._clock())
            except MezhvedError as error:  # the next round tries again; nothing was half done
                log.warning("relay.round_failed", code=error.code)
            self._stop.wait(self._seconds)
