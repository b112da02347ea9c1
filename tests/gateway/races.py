"""Two people at once: works run in threads of their own, and meet where each has read and none has written yet.

A race that depends on luck tests nothing. `race` lets every thread stop after the first statement that contains `meet`, until
all of them have come there; where a lock keeps one of them back, the others go on after a moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Engine, event

from gateway.use_cases.house import House
from schemas.errors import MezhvedError

PATIENCE = 0.4
"""Seconds to wait for somebody whom a lock keeps back: only how long a test takes, never what comes out of it."""
STUCK = 40


def race(house: House, *works: Callable[[], object], meet: str, keys: bool = False) -> list[Any]:
    """What each work returned, or the error of ours that it raised, in their order. Any other error is raised here. `keys`:
    they meet at a statement of the key store."""
    found: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], object]) -> None:
        try:
            found[number] = work()
        except Exception as error:  # noqa: BLE001  looked at below, in the thread of the test
            found[number] = error

    threads = [threading.Thread(target=run, args=(n, work), daemon=True) for n, work in enumerate(works)]
    engine = house.vault._keys.engine if keys else house.store.engine  # type: ignore[attr-defined]
    with _meeting(engine, threads, meet):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(STUCK)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    for outcome in found:
        if isinstance(outcome, Exception) and not isinstance(outcome, MezhvedError):
            raise outcome
    return found


@contextmanager
def _meeting(engine: Engine, threads: list[threading.Thread], meet: str) -> Iterator[None]:
    gate, coming = threading.Barrier(len(threads)), set(threads)

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        me = threading.current_thread()
        if me in coming and meet in " ".join(statement.split()):
            coming.discard(me)
            with suppress(threading.BrokenBarrierError):
                gate.wait(PATIENCE)

    event.listen(engine, "after_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", hear)


def errors(found: list[Any]) -> list[str]:
    """The codes of those who were refused."""
    return sorted(outcome.code for outcome in found if isinstance(outcome, MezhvedError))
