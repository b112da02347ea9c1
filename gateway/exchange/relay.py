"""The relay: takes messages from the outbox to their recipients' queues, passes on what nobody did in time, and asks the
sequencer to place entries.

One unit of work for a batch: the state, its receipt, its entry and the outbox row move together, so a crash between
two of them cannot exist. A message is delivered at least once and its delivery recorded exactly once (law 9).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from gateway.exchange.rounds import Rounds
from gateway.use_cases.clear_imports import clear_imports
from gateway.use_cases.echo_lookups import echo_lookups
from gateway.use_cases.escalate import escalate
from gateway.use_cases.house import House
from gateway.use_cases.keep_draft import clear_drafts
from gateway.use_cases.keep_records import clear_kept
from gateway.use_cases.move_message import deliver
from gateway.use_cases.ports import Unit
from gateway.use_cases.remove_documents import Walks
from gateway.use_cases.run_timers import delivered
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.values import MessageOnFile
from gateway.use_cases.watch_practice_timers import watch_practice_timers
from schemas.errors import Contended

BATCH = 200
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=6)
"""How long a message that fails alone is put off: doubled at each attempt, up to the longest."""

CLEAR_EVERY = timedelta(minutes=10)
"""How often uploads are looked for that no message took up, documents of those whose keys are destroyed, drafts whose time is
over, and files of imports."""

Step = Callable[[House, datetime], object]

log = structlog.get_logger()


def relay_once(house: House, now: datetime) -> int:
    """Deliver what is due, as one batch. The number of messages delivered.

    When the batch fails, each message is tried by itself, and one that fails alone is put off: it stays in the outbox,
    visible to the operator by its attempts, and never blocks the others.
    """
    with house.store.reading() as unit:
        if not unit.messages.waiting(now):
            return 0
    try:
        with house.store.writing() as unit:
            due = unit.messages.due(BATCH, now)
            for position, message in due:
                _deliver(unit, position, message, now)
            delivered(house, unit, [message.id for _, message in due], now)
        return len(due)
    except Contended:
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, the others must go out
        log.error("relay.batch_failed", error=type(error).__name__)  # noqa: TRY400  a traceback may quote values
    return _one_by_one(house, now)


def _one_by_one(house: House, now: datetime) -> int:
    count = 0
    with house.store.reading() as unit:
        positions = unit.messages.positions_due(BATCH, now)
    for wanted in positions:
        try:
            with house.store.writing() as unit:
                for position, message in unit.messages.due(1, now, wanted):
                    _deliver(unit, position, message, now)
                    delivered(house, unit, [message.id], now)
                    count += 1
        except Exception as error:  # noqa: BLE001  as above
            log.error("relay.message_put_off", error=type(error).__name__, position=wanted)  # noqa: TRY400  as above
            with house.store.writing() as unit:
                unit.messages.put_off(wanted, now, FIRST_WAIT, LONGEST_WAIT)
    return count


def _deliver(unit: Unit, position: int, message: MessageOnFile, now: datetime) -> None:
    deliver(unit, message, now)
    unit.messages.done(position, now)


class Relay(Rounds):
    """A thread that relays and sequences until told to stop."""

    name = "relay"

    def __init__(self, house: House, seconds: float, clock: Callable[[], datetime]) -> None:
        super().__init__(seconds)
        self._house, self._clock = house, clock
        self._cleared: datetime | None = None
        self._walks = Walks()

    def once(self) -> None:
        """Every step. One that fails holds up no other."""
        for step in (relay_once, escalate, watch_practice_timers, sequence_log, echo_lookups, *self._rare()):
            self._guarded(partial(step, self._house, self._clock()), step=step.__name__)

    def _rare(self) -> tuple[Step, ...]:
        """What is done now and then: removing what is nobody's any more."""
        now = self._clock()
        if self._cleared is not None and now - self._cleared < CLEAR_EVERY:
            return ()
        self._cleared = now
        return self._remove_documents, clear_drafts, clear_kept, clear_imports

    def _remove_documents(self, house: House, now: datetime) -> None:
        self._walks.walk(house, now)
