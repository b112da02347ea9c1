"""A stream between sites: one server here (three in tests/system), the carrier, and the side that partners copy."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.exchange.nats_stream import STREAM, NatsCarrier
from gateway.partner.nats_inbox import Inbox, receive
from gateway.partner.seals import text_of, unseal
from gateway.use_cases.delivery_values import Transport
from tests.gateway.exchange.conftest import Post
from tests.gateway.exchange.nats_cluster import Cluster, until_ready

FIELDS = {"version", "delivery", "event", "message", "type", "urgency", "state", "at"}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="mzn") as folder:
        made = Cluster(Path(folder), 1)
        try:
            made.start()
            asyncio.run(until_ready(made.servers))
            yield made
        finally:
            made.stop()


def take(cluster: Cluster, subject: str, keys: Any, database: Path, rounds: int = 1) -> list[dict[str, Any]]:
    """What a partner's system applies."""
    found: list[dict[str, Any]] = []

    async def work() -> None:
        import nats

        client = await nats.connect(cluster.servers)
        try:
            subscription = await client.jetstream().pull_subscribe(f"mezhved.{subject}", durable=f"d-{subject}")
            connection = sqlite3.connect(database)
            inbox = Inbox(connection)
            for _ in range(rounds):
                await receive(subscription, keys, inbox, lambda _, document: found.append(document), seconds=0.3)
            connection.close()
        finally:
            await client.close()

    asyncio.run(work())
    return found


def test_what_the_stream_has_acknowledged_is_applied_once(sqlite_post: Post, cluster: Cluster, tmp_path: Path) -> None:
    post = sqlite_post
    post.more = {Transport.NATS: NatsCarrier(post.key, tuple(cluster.servers), replicas=1)}
    private = X25519PrivateKey.generate()
    sealed = text_of(private.public_key())
    post.register(post.town.guardianship, "nats", "sealed", content=True, seal_key=sealed, ordered=True)
    post.register(post.town.guardianship, "nats", "bare", content=True)
    messages = [post.send() for _ in range(5)]
    assert post.hand_over().done == 10
    keys = {post.key.keyid: post.key.private.public_key()}
    # Sent again, as after a crash between the stream's word and ours: the stream keeps it once.
    with post.house.store.writing() as unit:
        from sqlalchemy import update

        from gateway.storage.tables_delivery import deliveries

        unit.deliveries._connection.execute(update(deliveries).values(done_at=None))
    assert post.hand_over().done == 10
    found = take(cluster, "sealed", keys, tmp_path / "inbox.sqlite", 2)
    assert [document["message"] for document in found] == messages
    assert [document["sequence"] for document in found] == [1, 2, 3, 4, 5]
    opened = json.loads(unseal(private, found[0]["sealed"], found[0]["delivery"]))
    assert opened["subjects"][0]["sections"]["ID"]["data"]["full_name"] == "Проба Вымышленная Тестовна"
    assert take(cluster, "sealed", keys, tmp_path / "inbox.sqlite") == []
    # Without a key to seal to, nothing of the family goes into a stream, whatever the endpoint is set to.
    bare = take(cluster, "bare", keys, tmp_path / "bare.sqlite")
    assert {document["message"] for document in bare} == set(messages)
    assert all(set(document) == FIELDS for document in bare)


def test_a_receiver_that_died_before_it_acknowledged_applies_once(cluster: Cluster, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "inbox.sqlite")
    connection.execute("CREATE TABLE applied (n INTEGER)")
    inbox = Inbox(connection)

    def fails(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO applied VALUES (1)")
        raise ZeroDivisionError

    def works(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO applied VALUES (1)")

    with pytest.raises(ZeroDivisionError):
        inbox.apply("d", fails)
    assert inbox.apply("d", works)
    assert not inbox.apply("d", works)
    assert connection.execute("SELECT count(*) FROM applied").fetchone() == (1,)
    connection.close()


def test_what_nobody_of_ours_wrote_is_not_applied(cluster: Cluster, tmp_path: Path) -> None:
    async def forge() -> None:
        import nats
        from nats.js.api import StreamConfig
        from nats.js.errors import NotFoundError

        client = await nats.connect(cluster.servers)
        stream = client.jetstream()
        try:
            await stream.stream_info(STREAM)
        except NotFoundError:
            await stream.add_stream(StreamConfig(name=STREAM, subjects=["mezhved.>"], num_replicas=1))
        await stream.publish("mezhved.forged", b'{"delivery":"x"}', headers={"Nats-Msg-Id": "x"})
        await client.close()

    asyncio.run(forge())
    keys = {"k": Ed25519PrivateKey.generate().public_key()}
    assert take(cluster, "forged", keys, tmp_path / "inbox.sqlite") == []


def test_a_stream_that_is_not_there_is_waited_for(sqlite_post: Post) -> None:
    post = sqlite_post
    post.more = {Transport.NATS: NatsCarrier(post.key, ("nats://127.0.0.1:1",), seconds=0.5)}
    post.register(post.town.guardianship, "nats", "away")
    post.send()
    post.send()
    assert post.hand_over().waiting == 1
    assert {row.error for row in post.rows()} == {"nats_unavailable", None}
