"""A thread that does its rounds until told to stop. What fails in one is tried again in the next, and ends nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog

from schemas.errors import MezhvedError

log = structlog.get_logger()


class Rounds:
    """The round is the subclass's; `name` begins the names of its log lines. Without a time between rounds it never starts."""

    name: str

    def __init__(self, seconds: float) -> None:
        self._seconds, self._failed = seconds, f"{self.name}.round_failed"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Begin, where the installation wants it."""
        if self._seconds > 0:
            self._thread.start()

    def stop(self) -> None:
        """End after the round under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def once(self) -> bool | None:
        """One round. True: the next follows at once."""
        raise NotImplementedError

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self._guarded(self.once):
                self._stop.wait(self._seconds)

    def _guarded(self, work: Callable[[], Any], **where: str) -> Any:  # noqa: ANN401  whatever the work says
        try:
            return work()
        except MezhvedError as error:
            log.warning(self._failed, code=error.code, **where)
        except Exception as error:  # noqa: BLE001  a thread that dies does nothing any more
            log.error(self._failed, error=type(error).__name__, **where)  # noqa: TRY400  a traceback may quote values
        return None
