"""An organisation that hands files in, and whoever takes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.documents.writer import write_documents
from gateway.use_cases import import_run
from gateway.use_cases.hand_in_file import begin_import
from gateway.use_cases.house import House
from gateway.use_cases.import_values import LEASE, Handed, Import, Position
from gateway.use_cases.read_imports import read_import
from gateway.use_cases.register_participants import register_client
from gateway.use_cases.run_imports import run_import
from gateway.use_cases.values import Requester
from schemas.messages import MessageDraft
from tests.builders import NOW, Town, referral, system_of

CLIENT = "imports-client"


@dataclass
class Desk:
    """A town with a school whose system hands files in, and a clock that is moved."""

    town: Town
    now: datetime = NOW
    told: list[Position] = field(default_factory=list)

    @property
    def house(self) -> House:
        return self.town.house

    @property
    def system(self) -> Requester:
        return replace(system_of(self.town.school), actor=f"client:{CLIENT}")

    def clock(self) -> datetime:
        return self.now

    def later(self, by: timedelta = LEASE) -> None:
        self.now += by

    def hand_in(self, content: bytes, form: str = "xml", who: Requester | None = None, **how: Any) -> str:
        handed = Handed(form, how.pop("profile", "referrals"), **how)
        receiver = begin_import(self.house, who or self.system, handed, self.now, max_bytes=10_000_000)
        for start in range(0, len(content), 1000):
            receiver.feed(content[start : start + 1000])
        return receiver.finish(self.now).id

    def take(self, import_id: str | None = None, **more: Any) -> bool:
        return run_import(self.house, self.clock, import_id, self.told.append, **more)

    def one(self, import_id: str, who: Requester | None = None) -> Import:
        return read_import(self.house, who or self.system, import_id)

    def entries(self) -> Counter[str]:
        with self.house.store.engine.connect() as connection:  # type: ignore[attr-defined]  # past the port
            rows = connection.exec_driver_sql("SELECT kind, count(*) FROM entries GROUP BY kind").all()
        return Counter(dict(rows))

    def sent(self) -> Counter[str]:
        """How often each operation became a message."""
        with self.house.store.engine.connect() as connection:  # type: ignore[attr-defined]  # past the port
            return Counter(connection.exec_driver_sql("SELECT operation_id FROM messages").scalars())


def desk_of(town: Town) -> Desk:
    register_client(
        town.house, CLIENT, town.school.id, CLIENT, {"keys": []}, sorted(system_of(town.school).scopes), NOW
    )
    return Desk(town)


def signals(town: Town, count: int) -> list[MessageDraft]:
    return [referral(town.school, town.guardianship, type="signal", trigger="threat") for _ in range(count)]


def file_of(drafts: list[MessageDraft]) -> bytes:
    return write_documents(drafts)


class KilledError(BaseException):
    """The process is gone: nothing of it runs any more."""


@contextmanager
def killed_at(at: Callable[[str, int], bool]) -> Iterator[None]:
    """Whoever takes an import is killed before or after a record or a step, and gives nothing back."""
    with pytest.MonkeyPatch.context() as patch:
        counts: Counter[str] = Counter()

        def watched(name: str) -> None:
            whole: Any = getattr(import_run, name, None) or getattr(import_run.ImportRun, name)

            def instead(*args: Any, **more: Any) -> Any:
                counts[f"before {name}"] += 1
                if at(f"before {name}", counts[f"before {name}"]):
                    raise KilledError
                result = whole(*args, **more)
                if at(f"after {name}", counts[f"before {name}"]):
                    raise KilledError
                return result

            owner = import_run if hasattr(import_run, name) else import_run.ImportRun
            patch.setattr(owner, name, instead)

        for name in ("take_record", "_write", "_survey", "_end", "forget_file"):
            watched(name)
        yield
