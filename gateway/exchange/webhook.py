"""Webhooks: a signed POST to an address that was checked a moment ago. Nothing is followed, little is read, time is bounded."""

from __future__ import annotations

import asyncio
import email.utils
import ipaddress
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx2
import structlog

from gateway.exchange.addresses import AddressRefusedError, IPAddress, NameUnknownError, Networks, resolve
from gateway.key_files import DeliveryKey
from gateway.partner.signatures import (
    SignatureRejectedError,
    is_challenge_answered,
    keys_of,
    sign_request,
    verify_receipt,
)
from gateway.use_cases.delivery_values import Endpoint, Outcome, Parcel, SignedReceipt
from gateway.use_cases.describe_delivery import Described
from schemas.ids import EndpointId

MAX_ANSWER: Final = 4096
"""Bytes of an answer that are read; a receipt has under a thousand."""
TAKEN: Final = frozenset({200, 202, 204})
GONE: Final = 410
ASKS_TO_WAIT: Final = frozenset({429, 503})
ADDRESS_SECONDS: Final = 30.0
"""How long a checked address is used before the name is asked for again."""
_REDIRECTS: Final = range(300, 400)
_AGENT: Final = "Mezhved"

log = structlog.get_logger()


@dataclass(slots=True)
class _Line:
    """A client with connections to one checked address of one endpoint."""

    client: httpx2.AsyncClient
    url: str
    address: IPAddress
    checked: float


class _FailedError(Exception):
    """No answer; `code` says why. The endpoint as a whole does not answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    wait: timedelta | None


class WebhookCarrier:
    """`carrier.Carrier` over HTTPS. `seconds` bounds one delivery from the first byte to the last."""

    def __init__(
        self,
        key: DeliveryKey,
        networks: Networks,
        seconds: float = 10.0,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._key, self._networks, self._seconds = key, networks, seconds
        self._context = context
        self._trust: ssl.SSLContext | None = None
        self._lines: dict[EndpointId, _Line] = {}

    async def send(self, endpoint: Endpoint, parcel: Parcel, described: Described, now: datetime) -> Outcome:
        try:
            answer = await self._post(endpoint, described.body, now)
        except _FailedError as failed:
            return Outcome(parcel, failed.code, stops=True)
        if answer.status in TAKEN:
            return Outcome(parcel, receipt=self._receipt(endpoint, parcel, described.body, answer))
        if answer.status == GONE:
            return Outcome(parcel, "receiver_gone", gone=True)
        if answer.status in _REDIRECTS:
            return Outcome(parcel, "redirected")
        waits = answer.status in ASKS_TO_WAIT
        return Outcome(parcel, f"http_{answer.status}", wait=answer.wait if waits else None, stops=waits)

    async def challenge(self, endpoint: Endpoint, now: datetime) -> str | None:
        token = endpoint.challenge or ""
        document = {"challenge": token, "endpoint": endpoint.id, "event": "endpoint.challenge", "version": 1}
        body = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
        try:
            answer = await self._post(endpoint, body, now)
        except _FailedError as failed:
            return failed.code
        if answer.status != 200:  # noqa: PLR2004  HTTP's own number
            return "redirected" if answer.status in _REDIRECTS else f"http_{answer.status}"
        answered = is_challenge_answered(answer.body, token, keys_of(endpoint.receipt_keys))
        return None if answered else "challenge_failed"

    async def close(self) -> None:
        for line in self._lines.values():
            await line.client.aclose()
        self._lines.clear()

    def _receipt(self, endpoint: Endpoint, parcel: Parcel, body: bytes, answer: _Answer) -> SignedReceipt | None:
        keys = keys_of(endpoint.receipt_keys)
        if not keys or not answer.body:
            return None
        try:
            receipt = verify_receipt(answer.body, parcel.event.id, parcel.event.message_id, body, keys)
        except SignatureRejectedError as rejected:  # it was taken all the same: that is what the status says
            log.warning("delivery.receipt_rejected", endpoint=endpoint.id, code=rejected.code)
            return None
        return SignedReceipt(receipt.keyid, answer.body)

    async def _post(self, endpoint: Endpoint, body: bytes, now: datetime) -> _Answer:
        headers = sign_request(self._key.private, self._key.keyid, endpoint.address, body, int(now.timestamp()))
        host = urlsplit(endpoint.address)
        try:
            async with asyncio.timeout(self._seconds):
                line = await self._line(endpoint, host)
                async with line.client.stream(
                    "POST",
                    line.url,
                    content=body,
                    headers={**headers, "Host": host.netloc},
                    extensions={"sni_hostname": host.hostname},
                ) as answer:
                    return _Answer(answer.status_code, await _read(answer), _retry_after(answer, now))
        except AddressRefusedError:
            code = "address_refused"
        except NameUnknownError:
            code = "name_unknown"
        except (TimeoutError, httpx2.TimeoutException):
            code = "timed_out"
        except httpx2.ConnectError as error:
            code = "tls_failed" if isinstance(_cause(error), ssl.SSLError) else "connect_failed"
        except httpx2.HTTPError:
            code = "answer_broken"
        await self._drop(endpoint.id)
        raise _FailedError(code)

    async def _line(self, endpoint: Endpoint, host: SplitResult) -> _Line:
        """Connections to a checked address. The name is asked for again after a while, and where it moved we move."""
        now = asyncio.get_running_loop().time()
        line = self._lines.get(endpoint.id)
        if line is not None and now - line.checked < ADDRESS_SECONDS:
            return line
        assert host.hostname is not None
        port = host.port or (443 if host.scheme == "https" else 80)
        permitted = await resolve(host.hostname, port, self._networks)
        if host.scheme != "https":  # nothing goes over the Internet in the clear
            permitted = [address for address in permitted if self._networks.names(address)]
            if not permitted:
                raise AddressRefusedError
        if line is not None and line.address in permitted:
            line.checked = now
            return line
        await self._drop(endpoint.id)
        address = permitted[0]
        if self._trust is None:
            self._trust = self._context()
        client = httpx2.AsyncClient(
            verify=self._trust,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(self._seconds, connect=self._seconds / 2),
            limits=httpx2.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=ADDRESS_SECONDS),
            headers={"User-Agent": _AGENT, "Accept": "application/json", "Accept-Encoding": "identity"},
        )
        literal = f"[{address}]" if isinstance(address, ipaddress.IPv6Address) else str(address)
        line = _Line(client, urlunsplit(host._replace(netloc=f"{literal}:{port}")), address, now)
        self._lines[endpoint.id] = line
        return line

    async def _drop(self, endpoint_id: EndpointId) -> None:
        line = self._lines.pop(endpoint_id, None)
        if line is not None:
            await line.client.aclose()


async def _read(answer: httpx2.Response) -> bytes:
    """The answer, or nothing of one that is longer than any of ours."""
    received = bytearray()
    async for chunk in answer.aiter_raw():
        received += chunk
        if len(received) > MAX_ANSWER:
            return b""
    return bytes(received)


def _retry_after(answer: httpx2.Response, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110 §10.2.3); anything else is as if it were not there."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:  # noqa: PLR2004  more than the longest wait in any case
        return timedelta(seconds=int(text))
    try:
        when = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return max(timedelta(0), (when if when.tzinfo else when.replace(tzinfo=UTC)) - now)


def _cause(error: BaseException) -> BaseException:
    while (before := error.__cause__ or error.__context__) is not None:
        if isinstance(before, ssl.SSLError):
            return before
        error = before
    return error
