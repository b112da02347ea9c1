"""What every edge is given, and how it hands work over: one request runs on one thread of a small pool.

The only asynchronous code of the product is here and in the few lines of a route that await it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from adapters.attachments import type_named
from adapters.tables.output import Written
from gateway.bodies import Places, check_declared, is_small, read_body
from gateway.oauth.receipts import verify_receipt
from gateway.oauth.tokens import AccessTokens, bearer_token
from gateway.settings import Settings
from gateway.use_cases.attachment_values import OpenedFile
from gateway.use_cases.authenticate_client import ClientsOfUnit, authenticate_client
from gateway.use_cases.export_own import read_export
from gateway.use_cases.house import House
from gateway.use_cases.keep_export import MadeExport
from gateway.use_cases.return_refused import Returned
from gateway.use_cases.stream_export import archive_name, stream_export
from gateway.use_cases.values import Requester
from schemas.errors import MezhvedError

Answer = TypeVar("Answer")

STATUS = {
    "bad_input": 400,
    "not_authenticated": 401,
    "not_permitted": 403,
    "unavailable": 404,
    "refused": 403,
    "conflict": 409,
    "contended": 503,
    "broken": 503,
    "error": 500,
}
"""HTTP status by kind of error; only edges know it."""
STATUS_OF_CODE = {
    "body_too_large": 413,
    "document_too_large": 413,
    "attachment_too_large": 413,
    "body_stalled": 408,
}
"""Codes that HTTP has a status of its own for."""


def status_of(error: MezhvedError) -> int:
    """The HTTP status of an error."""
    return STATUS_OF_CODE.get(error.code, STATUS[error.kind])


class Pool:
    """A bounded number of threads, made on the event loop that uses it."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._limiter: CapacityLimiter | None = None

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """Run `work` on a thread and wait. Work that has begun is finished even when the caller goes away."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._workers)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)


@dataclass(frozen=True, slots=True)
class Edge:
    """The house, the settings, the token checks, the pool and the clock."""

    house: House
    settings: Settings
    tokens: AccessTokens
    pool: Pool
    clock: Callable[[], datetime]
    delivery_keys: tuple[Mapping[str, str], ...] = ()  # public halves of what signs deliveries
    places: Places = field(default_factory=lambda: Places(8))

    def requester(self, authorization: str | None, now: datetime) -> Requester:
        """Who asks, by access token. Raises NotAuthenticated."""
        return authenticate_client(self.house, self.tokens.verify_access_token(bearer_token(authorization), now))

    @asynccontextmanager
    async def body(
        self, request: Request, limit: int, check: Callable[[Requester], None] | None = None
    ) -> AsyncIterator[bytes]:
        """The body of a system's request, at most `limit` bytes. Unless it is small, nothing of it is read before the token
        holds and `check` lets its bearer go on, and it has a place of the bearer's until it was answered. The token is looked
        at again by whoever does the work: much may have happened while the body came.

        Raises what `requester`, `check`, `read_body` and `Places.held` raise.
        """
        check_declared(request, limit)
        if is_small(request):
            yield await read_body(request, limit)
            return
        authorization = request.headers.get("authorization")

        def admitted() -> Requester:
            requester = self.requester(authorization, self.clock())
            if check is not None:
                check(requester)
            return requester

        requester = await self.pool.run(admitted)
        with self.places.held(requester.actor):
            yield await read_body(request, limit)

    def receipt(self, requester: Requester, text: str, message_id: str, event: str, now: datetime) -> tuple[str, str]:
        """A receipt that the asking system signed itself, and its digest. Raises BadInput receipt_invalid."""
        with self.house.store.reading() as unit:
            return verify_receipt(
                text,
                client_id=requester.actor.partition(":")[2],
                message_id=message_id,
                event=event,
                clients=ClientsOfUnit(unit, now),
                now=now,
            )


_SAFE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def file_response(opened: OpenedFile) -> Response:
    """A file on its way out, a chunk at a time. Never shown in place, never guessed at, nothing in it runs. Its name says
    nothing: it is the document's identifier."""
    document = opened.document
    kind = type_named(document.media_type or "")
    ending = kind.ending if kind else "sealed" if document.end_to_end else "bin"
    digest = base64.b64encode(bytes.fromhex(document.sha256 or "")).decode()
    headers = {
        **_SAFE,
        "Content-Type": document.media_type or "application/octet-stream",
        "Content-Length": str(opened.file.size),
        "Content-Disposition": f'attachment; filename="{document.id}.{ending}"',
        "Repr-Digest": f"sha-256=:{digest}:",
        "Mezhved-Entry": opened.entry_id,
    }
    return StreamingResponse(iterate_in_threadpool(_bytes(opened)), headers=headers)


def _bytes(opened: OpenedFile) -> Iterator[bytes]:
    with opened.file:
        yield from opened.file.chunks()


_TABLES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "xml": "application/xml",
}


def refused_rows_response(returned: Returned, name: str) -> Response:
    """Refused rows on their way back to whoever handed them in."""
    headers = {**_SAFE, "Content-Disposition": f'attachment; filename="{name}"', "Mezhved-Entry": returned.entry_id}
    parts = iterate_in_threadpool(returned.parts)
    return StreamingResponse(parts, 200, headers, _TABLES.get(returned.form, "application/octet-stream"))


def export_response(made: MadeExport) -> Response:
    """The file, whole. Its name says which export it is, and nothing of anybody."""
    digest = base64.b64encode(hashlib.sha256(made.file.content).digest()).decode()
    headers = {
        **_SAFE,
        "Content-Disposition": f'attachment; filename="{made.file.name}"',
        "Repr-Digest": f"sha-256=:{digest}:",
        "Mezhved-Entry": made.entry_id,
    }
    return Response(made.file.content, 200, headers, made.file.media_type)


def archive_response(edge: Edge, requester: Requester, export_id: str, first: int | None, written: Written) -> Response:
    """The archive, as it is made. Its first part is made, and its entries committed, before the answer begins."""
    export = read_export(edge.house, requester, export_id)
    content = stream_export(edge.house, requester, export_id, edge.clock, first, written)
    headers = {**_SAFE, "Content-Disposition": f'attachment; filename="{archive_name(export)}"'}
    return StreamingResponse(iterate_in_threadpool(content), headers=headers, media_type="application/zip")
