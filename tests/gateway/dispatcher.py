"""A process that does what the relay and the thread of alerts do: at each instant that it is told, until nothing is left.

`python -m tests.gateway.dispatcher DATA_URL KEYS_URL FILE`; instants come on standard input, each is answered by a line.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gateway.exchange.relay import relay_once
from gateway.use_cases.echo_lookups import echo_lookups
from gateway.use_cases.escalate import escalate
from gateway.use_cases.house import House
from gateway.use_cases.ports_queues import Letter, Posted
from gateway.use_cases.send_alerts import send_alerts
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.watch_practice_timers import watch_practice_timers
from gateway.use_cases.watch_queue import watch_queue
from schemas.errors import MezhvedError
from tests.builders import build_house

STEPS = (relay_once, watch_queue, escalate, watch_practice_timers, sequence_log, echo_lookups)
QUIET = 3
"""Rounds in which nothing was found to do: what the other one holds is not seen meanwhile."""


class Book:
    """Each letter is a line: two processes append to one file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def send(self, letters: Sequence[Letter]) -> Sequence[Posted]:
        for letter in letters:
            with open(self._path, "a", encoding="utf-8") as file:  # noqa: PTH123  one write, one line
                file.write(f"{letter.id} {letter.channel} {letter.address}\n")
        return [Posted(True, "mail_sent") for _ in letters]


def work(house: House, book: Book, now: datetime) -> None:
    """All steps until nothing is left to do."""
    quiet = 0
    while quiet < QUIET:
        done = 0
        for step in STEPS:
            try:
                done += step(house, now)
            except MezhvedError:  # as the relay does: the next round tries again
                done += 1
        done += send_alerts(house, book, now)
        quiet = 0 if done else quiet + 1


def answer(word: str) -> None:
    """A line that the test waits for."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(data_url: str, keys_url: str, path: str) -> None:
    house, book = build_house(data_url, keys_url, Path(path).parent, migrated=True), Book(path)
    answer("ready")
    for line in sys.stdin:
        work(house, book, datetime.fromisoformat(line.strip()))
        answer("done")


if __name__ == "__main__":
    main(*sys.argv[1:4])
