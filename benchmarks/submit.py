"""Referrals with gate, sealed sections, entry and outbox, against a bare insert of the very same rows, in the same run.

What the product wrote is recorded statement by statement and written again, row for row, by the plain driver into a copy of the
store from before: one transaction for each message, with the same promises about the disk.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, event, make_url, text

from benchmarks import queues
from gateway.use_cases.house import House
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Requester
from schemas.messages import MessageDraft
from tests import builders

COUNT = 200
WARM = 20
TARGETS = {"SQLite": 150, "PostgreSQL": 400}
"""A second, on two cores: an orientation, not a limit."""

Written = list[tuple[str, Any, bool]]
"""Statements of one transaction with their parameters; whether of many rows."""


def sender_of(house: House) -> tuple[builders.Town, Requester]:
    """A centre with a consent for the NGO."""
    town = builders.town(house)
    builders.consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    return town, builders.system_of(town.centre)


def drafts(town: builders.Town, count: int) -> list[MessageDraft]:
    """So many referrals."""
    return [builders.referral(town.centre, town.ngo) for _ in range(count)]


@contextlib.contextmanager
def recorded(house: House) -> Iterator[list[Written]]:
    """What is written meanwhile, transaction by transaction."""
    engine = house.store.engine  # type: ignore[attr-defined]  # past the port, which has no engine
    found: list[Written] = []
    under_way: Written = []

    def listen(_c: object, _u: object, words: str, given: object, _x: object, many: bool) -> None:
        if words.startswith(("INSERT", "UPDATE", "DELETE")):
            under_way.append((words, given, many))

    def committed(_connection: object) -> None:
        if under_way:
            found.append(list(under_way))
        under_way.clear()

    event.listen(engine, "before_cursor_execute", listen)
    event.listen(engine, "commit", committed)
    yield found
    event.remove(engine, "before_cursor_execute", listen)
    event.remove(engine, "commit", committed)


def rounds(house: House, work: Callable[[], object]) -> tuple[int, int]:
    """How many statements and how many ends of transactions one piece of work says to both stores."""
    engines = (house.store.engine, house.vault._keys.engine)  # type: ignore[attr-defined]  # noqa: SLF001  the benchmark looks inside
    said, ended = itertools.count(), itertools.count()

    def statement(*_: object) -> None:
        next(said)

    def end(_: object) -> None:
        next(ended)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", statement)
        event.listen(engine, "commit", end)
    work()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", end)
    return next(said), next(ended)


def measure(house: House, copy: Callable[[], Any], name: str) -> None:
    """Print messages a second, by one process, and the bare inserts a second."""
    town, system = sender_of(house)
    for draft in drafts(town, WARM):
        submit_message(house, system, draft, builders.NOW)
    said, ended = rounds(house, lambda: submit_message(house, system, drafts(town, 1)[0], builders.NOW))
    connection = copy()
    with recorded(house) as written:
        first = drafts(town, COUNT)
        spent = time.process_time()
        ours = _rate(lambda n: submit_message(house, system, first[n], builders.NOW))
        spent = time.process_time() - spent
    cursor = connection.cursor()

    def bare(number: int) -> None:
        if name == "SQLite":
            cursor.execute("BEGIN IMMEDIATE")
        for words, given, many in written[number]:
            (cursor.executemany if many else cursor.execute)(words, given)
        connection.commit()

    limit = _rate(bare)
    statements = len(written[0])
    connection.close()
    print(
        f"submit on {name}: {ours:.0f}/s by one process (orientation {TARGETS[name]}/s on two cores), "
        f"{spent / COUNT * 1e3:.1f} ms of processor, {said} statements and {ended} commits each; "
        f"bare insert of the same rows ({statements} statements): "
        f"{limit:.0f}/s; ratio {ours / limit:.2f}"
    )


def _rate(work: Callable[[int], object]) -> float:
    start = time.perf_counter()
    for number in range(COUNT):
        work(number)
    return COUNT / (time.perf_counter() - start)


def together(urls: Sequence[str], name: str, processes: int = 2) -> None:
    """Print messages a second by several processes over one store."""
    house = builders.build_house(urls[0], urls[1], Path(tempfile.gettempdir()))
    town, _ = sender_of(house)
    _close(house)
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(processes + 1)
    workers = [context.Process(target=_send, args=(urls, town, barrier)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    barrier.wait()
    start = time.perf_counter()
    for worker in workers:
        worker.join()
    assert all(worker.exitcode == 0 for worker in workers)
    rate = processes * COUNT / (time.perf_counter() - start)
    print(
        f"submit on {name}: {rate:.0f}/s by {processes} processes together (orientation {TARGETS[name]}/s on two cores)"
    )


def _send(urls: Sequence[str], town: builders.Town, barrier: Any) -> None:
    house = builders.build_house(urls[0], urls[1], Path(tempfile.gettempdir()))
    system = builders.system_of(town.centre)
    given = drafts(town, COUNT + WARM)
    for draft in given[:WARM]:
        submit_message(house, system, draft, builders.NOW)
    barrier.wait()
    for draft in given[WARM:]:
        submit_message(house, system, draft, builders.NOW)
    _close(house)


def _close(house: House) -> None:
    house.store.engine.dispose()  # type: ignore[attr-defined]  # past the port, which has no engine
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]  # noqa: SLF001  the benchmark looks inside


def sqlite() -> None:
    """On SQLite, with synchronous=FULL as in operation."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        house = builders.sqlite_house(folder, durable=True)

        def copy() -> sqlite3.Connection:
            with house.store.engine.connect() as connection:  # type: ignore[attr-defined]  # past the port, which has no engine
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy(folder / "data.sqlite", folder / "copy.sqlite")
            connection = sqlite3.connect(folder / "copy.sqlite", isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")
            return connection

        measure(house, copy, "SQLite")
        _close(house)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _close(builders.sqlite_house(folder))
        together([f"sqlite:///{folder / kind}.sqlite" for kind in ("data", "keys")], "SQLite")


def postgresql() -> None:
    """On PostgreSQL with its default promises."""
    with queues.postgresql() as house:
        engine = house.store.engine  # type: ignore[attr-defined]  # past the port, which has no engine
        address = make_url(str(engine.url.render_as_string(hide_password=False)))

        def copy() -> psycopg.Connection:
            engine.dispose()
            admin = create_engine(address.set(database="postgres"), isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text("CREATE DATABASE copy TEMPLATE data"))
            admin.dispose()
            plain = address.set(database="copy", drivername="postgresql").render_as_string(hide_password=False)
            return psycopg.connect(plain)

        measure(house, copy, "PostgreSQL")
    with queues.postgresql() as house:
        engines = (house.store.engine, house.vault._keys.engine)  # type: ignore[attr-defined]  # noqa: SLF001  as above
        urls = [e.url.set(drivername="postgresql").render_as_string(hide_password=False) for e in engines]
        together(urls, "PostgreSQL")


def main() -> None:
    """Both stores."""
    sqlite()
    postgresql()


if __name__ == "__main__":
    main()
