"""NATS JetStream: a stream between sites. Optional (`pip install mezhved[nats]`); the outbox before it stays the same.

A delivery is done when the stream has acknowledged it: by a quorum of replicas, each of which has written it to its disk if
the servers are set to `sync_interval: always` (by default they are not, and what was acknowledged is lost in a power cut).
The identifiers of event and endpoint are the message's: what is published twice within the stream's window is kept once.
"""

from __future__ import annotations

import asyncio
import base64
from datetime import datetime
from typing import TYPE_CHECKING, Final

from gateway.key_files import DeliveryKey
from gateway.partner.nats_inbox import DELIVERY_HEADER, KEY_HEADER, SIGNATURE_HEADER, signed_part
from gateway.use_cases.delivery_values import Endpoint, Outcome, Parcel
from gateway.use_cases.describe_delivery import Described
from schemas.errors import Broken

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

STREAM: Final = "MEZHVED"
PREFIX: Final = "mezhved"
WINDOW_SECONDS: Final = 600.0
PATIENCE: Final = 4


class NatsCarrier:
    """`carrier.Carrier` into subjects `mezhved.<address>` of one stream."""

    def __init__(
        self,
        key: DeliveryKey,
        servers: tuple[str, ...],
        *,
        credentials: str = "",
        replicas: int = 3,
        seconds: float = 5.0,
    ) -> None:
        self._key, self._servers, self._credentials = key, servers, credentials
        self._replicas, self._seconds = replicas, seconds
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None
        self._connecting = asyncio.Lock()  # several endpoints are served at once, over one connection

    async def send(self, endpoint: Endpoint, parcel: Parcel, described: Described, now: datetime) -> Outcome:
        del now
        subject = f"{PREFIX}.{endpoint.address}"
        signature = self._key.private.sign(signed_part(subject, described.body))
        headers = {
            # Two endpoints of one organisation get the same event: to the stream these are two messages.
            DELIVERY_HEADER: f"{parcel.event.id}.{endpoint.id}",
            KEY_HEADER: self._key.keyid,
            SIGNATURE_HEADER: base64.b64encode(signature).decode(),
        }
        try:
            async with asyncio.timeout(self._seconds):
                await self._publish(subject, described.body, headers)
        except Broken:
            raise
        except Exception:  # noqa: BLE001  the library raises of many kinds; each means that nothing was acknowledged
            async with self._connecting:
                await self._drop()
            return Outcome(parcel, "nats_unavailable", stops=True)
        return Outcome(parcel)

    async def _publish(self, subject: str, body: bytes, headers: dict[str, str]) -> None:
        """Until it is acknowledged. While a stream chooses its leader nobody answers; said again, it is kept once."""
        while True:
            stream = await self._connected()
            try:
                await stream.publish(subject, body, timeout=self._seconds / PATIENCE, headers=headers)
            except Exception:  # noqa: BLE001  as below
                await asyncio.sleep(self._seconds / PATIENCE / PATIENCE)
            else:
                return

    async def challenge(self, endpoint: Endpoint, now: datetime) -> str | None:
        """A subject is agreed on by the operators: there is nobody to ask."""
        del endpoint, now
        return None

    async def close(self) -> None:
        await self._drop()
        self._connecting = asyncio.Lock()  # the next event loop has its own

    async def _drop(self) -> None:
        client, self._client, self._stream = self._client, None, None
        if client is not None and not client.is_closed:
            await client.close()

    async def _connected(self) -> JetStreamContext:
        async with self._connecting:
            return await self._connection()

    async def _connection(self) -> JetStreamContext:
        if self._stream is not None and self._client is not None and self._client.is_connected:
            return self._stream
        await self._drop()
        try:
            from nats.aio.client import Client  # noqa: PLC0415  an installation without it needs no NATS
            from nats.js.api import StorageType, StreamConfig  # noqa: PLC0415
            from nats.js.errors import NotFoundError  # noqa: PLC0415
        except ImportError:
            raise Broken("nats_missing") from None

        async def quiet(error: Exception) -> None:  # the library would print it, address and all
            del error

        self._client = Client()
        await self._client.connect(
            servers=list(self._servers),
            user_credentials=self._credentials or None,
            connect_timeout=2,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=1,
            error_cb=quiet,
        )
        stream = self._client.jetstream()
        try:
            await stream.stream_info(STREAM)
        except NotFoundError:
            await stream.add_stream(
                StreamConfig(
                    name=STREAM,
                    subjects=[f"{PREFIX}.>"],
                    storage=StorageType.FILE,
                    num_replicas=self._replicas,
                    duplicate_window=WINDOW_SECONDS,
                )
            )
        self._stream = stream
        return stream
