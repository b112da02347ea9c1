"""Bodies of requests on their way in: what one may hold of this machine's memory and time before anybody knows who sends it.

A body that is declared small is read at once. Of any other nothing is read before its sender is known, and a sender has so many
of them on their way as the settings say. A body that stands still ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import Contended, RequestRejected

SMALL: Final = 20_000
"""Bytes of a body that is read from anybody."""
_PEOPLE_AT_ONE_ADDRESS: Final = 4


def declared_size(request: Request) -> int | None:
    """What the request says of its body; None where it does not say."""
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else None


def check_declared(request: Request, limit: int) -> None:
    """Refuses a body by what is said of it, before it is read. Raises RequestRejected (body_too_large, body_encoded)."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise RequestRejected("body_encoded")
    size = declared_size(request)
    if size is not None and size > limit:
        raise RequestRejected("body_too_large", max=limit)


def is_small(request: Request) -> bool:
    """Whether the body is said to be small. Servers hold a sender to what it said."""
    size = declared_size(request)
    return "transfer-encoding" not in request.headers and (size or 0) <= SMALL


async def read_body(request: Request, limit: int) -> bytes:
    """The body, at most `limit` bytes.

    Raises RequestRejected: body_too_large, body_encoded, body_stalled, upload_broken_off.
    """
    check_declared(request, limit)
    received = bytearray()
    try:
        async for chunk in request.stream():
            received += chunk
            if len(received) > limit:
                raise RequestRejected("body_too_large", max=limit)
    except ClientDisconnect:
        raise RequestRejected("upload_broken_off") from None
    return bytes(received)


class Places:
    """How many bodies each sender has on their way in this process. Used on the event loop alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    def at_address(self, request: Request) -> AbstractContextManager[None]:
        """The same for somebody of whom nothing is known but the address, where several people may be: none is needed for what
        is small."""
        if is_small(request):
            return nullcontext()
        return self.held(f"address:{request.client.host if request.client else ''}", _PEOPLE_AT_ONE_ADDRESS)

    @contextmanager
    def held(self, sender: str, times: int = 1) -> Iterator[None]:
        """A place for one body of this sender, who has `times` as many as others. Raises Contended (bodies_at_once)."""
        most = self._most * times
        if self._held[sender] >= most:
            raise Contended("bodies_at_once", max=most)
        self._held[sender] += 1
        try:
            yield
        finally:
            self._held[sender] -= 1
            if not self._held[sender]:
                del self._held[sender]


class Patience:
    """Waits so many seconds for the next bytes of a body, and no longer. Whoever reads the body then gets RequestRejected
    (body_stalled)."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_whole = False

        async def receive_in_time() -> Message:
            nonlocal is_whole
            if is_whole:  # what comes now is the end of the connection, and may take as long as the answer
                return await receive()
            try:
                with anyio.fail_after(self._seconds):
                    message = await receive()
            except TimeoutError:
                raise RequestRejected("body_stalled", seconds=round(self._seconds)) from None
            is_whole = not message.get("more_body", False)
            return message

        await self._app(scope, receive_in_time, send)
