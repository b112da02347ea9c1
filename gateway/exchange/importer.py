"""The importer: takes files that were handed in, one after the other, until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from gateway.use_cases.house import House
from gateway.use_cases.run_imports import run_import
from schemas.errors import MezhvedError

log = structlog.get_logger()


class Importer:
    """A thread. Any number of processes may have one: an import is leased by one of them at a time."""

    def __init__(self, house: House, seconds: float, clock: Callable[[], datetime]) -> None:
        self._house, self._seconds, self._clock = house, seconds, clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="importer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way; what is left is taken up by whoever starts next."""
        self._stop.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self._round():
                self._stop.wait(self._seconds)

    def _round(self) -> bool:
        """Whether there was something to do. What fails is taken up again later, and holds up no other import."""
        try:
            return run_import(self._house, self._clock, stopping=self._stop.is_set)
        except MezhvedError as error:
            log.warning("importer.round_failed", code=error.code)
        except Exception as error:  # noqa: BLE001  a thread that dies takes nothing any more
            log.error("importer.round_failed", error=type(error).__name__)  # noqa: TRY400  a traceback may quote values
        return False
