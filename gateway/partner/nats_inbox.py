"""The receiving side of a stream: each delivery is applied once. This file runs alone but for `nats-py` and `cryptography`.

(1) a durable pull consumer fetches what was not acknowledged;
(2) the signature shows that the gateway wrote it, for this subject;
(3) one transaction remembers the delivery's identifier and applies it; what was remembered before is not applied again;
(4) only after the commit is it acknowledged: a receiver that dies in between gets it again.
"""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from nats.js import JetStreamContext

    Subscription = JetStreamContext.PullSubscription

DELIVERY_HEADER: Final = "Nats-Msg-Id"
KEY_HEADER: Final = "Mezhved-Key"
SIGNATURE_HEADER: Final = "Mezhved-Signature"
_PREFIX: Final = b"mezhved-stream-v1\n"


class Inbox:
    """What was applied already, beside the receiver's own tables, so that both are written in one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute(
            "CREATE TABLE IF NOT EXISTS mezhved_inbox (delivery TEXT PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP)"
        )
        connection.commit()

    def apply(self, delivery: str, work: Callable[[sqlite3.Connection], None]) -> bool:
        """Do `work` and remember the delivery, both or neither. False: it was applied before."""
        with self._connection as connection:
            new = connection.execute("INSERT OR IGNORE INTO mezhved_inbox (delivery) VALUES (?)", (delivery,)).rowcount
            if new:
                work(connection)
        return bool(new)


def signed_part(subject: str, body: bytes) -> bytes:
    """What a signature in a stream covers."""
    return _PREFIX + subject.encode() + b"\n" + body


def is_genuine(subject: str, body: bytes, headers: Mapping[str, str], keys: Mapping[str, Ed25519PublicKey]) -> bool:
    """Whether a known key of the gateway signed this body for this subject."""
    key = keys.get(headers.get(KEY_HEADER, ""))
    if key is None:
        return False
    try:
        key.verify(base64.b64decode(headers.get(SIGNATURE_HEADER, ""), validate=True), signed_part(subject, body))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


async def receive(
    subscription: Subscription,
    keys: Mapping[str, Ed25519PublicKey],
    inbox: Inbox,
    work: Callable[[sqlite3.Connection, dict[str, Any]], None],
    *,
    batch: int = 50,
    seconds: float = 1.0,
) -> int:
    """One round: fetch, check, apply, acknowledge. How many were applied for the first time.

    `subscription` is a durable one: `await stream.pull_subscribe("mezhved.<your subject>", durable="<your system>")`.
    """
    applied = 0
    try:
        messages = await subscription.fetch(batch, timeout=seconds)
    except TimeoutError:
        return 0
    for message in messages:
        if not is_genuine(message.subject, message.data, message.headers or {}, keys):
            await message.term()  # nobody of ours wrote it: it is not given again
            continue
        document = json.loads(message.data)

        def once(connection: sqlite3.Connection, document: dict[str, Any] = document) -> None:
            work(connection, document)

        applied += inbox.apply(str(document["delivery"]), once)
        await message.ack()
    return applied
