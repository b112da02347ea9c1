"""A partner's system behind the stream, as a process of its own: applies each delivery once, in order.
`python -m tests.system.delivery.stream_process SERVERS SUBJECT DATABASE KEYS`
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time

from gateway.partner.nats_inbox import Inbox, receive
from gateway.partner.signatures import keys_of
from tests.system.delivery.webhook_process import applies, opened


async def quiet(error: Exception) -> None:
    pass


async def run(servers: str, subject: str, database: str, keys: str) -> None:
    import nats
    from nats.js.api import ConsumerConfig

    known = keys_of(json.loads(keys))
    connection = opened(database)
    inbox = Inbox(connection)
    while True:
        client = None
        try:
            client = nats.NATS()
            await client.connect(
                servers=servers.split(","),
                connect_timeout=2,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                error_cb=quiet,
            )
            config = ConsumerConfig(max_ack_pending=1, ack_wait=3)
            subscription = await client.jetstream(timeout=3).pull_subscribe(subject, durable="partner", config=config)
            failed = 0
            while failed < 5:
                begun = time.monotonic()
                applied = await receive(
                    subscription, known, inbox, lambda c, document: applies(document)(c), batch=1, seconds=2
                )
                failed = 0 if applied or time.monotonic() - begun < 1.5 else failed + 1
        except Exception as error:
            if isinstance(error, sqlite3.Error):
                connection.rollback()
            await asyncio.sleep(0.3)
        finally:
            if client is not None:
                try:
                    await asyncio.wait_for(client.close(), 3)
                except Exception:
                    pass


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:5]))
