"""The importer: takes files that were handed in, one after the other, until told to stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.exchange.rounds import Rounds
from gateway.use_cases.house import House
from gateway.use_cases.run_imports import run_import


class Importer(Rounds):
    """Any number of processes may have one: an import is leased by one of them at a time. What is left when it is told to
    stop is taken up by whoever starts next."""

    name = "importer"

    def __init__(self, house: House, seconds: float, clock: Callable[[], datetime]) -> None:
        super().__init__(seconds)
        self._house, self._clock = house, clock

    def once(self) -> bool:
        """Take one import. Whether there was one."""
        return run_import(self._house, self._clock, stopping=self._stop.is_set)
