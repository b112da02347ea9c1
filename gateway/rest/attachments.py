"""Files of messages over HTTP: streamed in, streamed out, a block at a time on the pool."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence

import orjson
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from gateway.bodies import declared_size
from gateway.edge import Edge, file_response
from gateway.rest.problems import problem
from gateway.use_cases.attachment_values import Document, OpenedFile, Upload
from gateway.use_cases.read_attachment import list_documents, read_attachment
from gateway.use_cases.read_own_documents import SentDocument, sent_documents
from gateway.use_cases.receive_upload import UploadReceiver, begin_upload
from gateway.use_cases.values import Requester
from schemas.errors import MezhvedError, NotPermitted, RequestRejected
from schemas.ids import EntryId, MessageId

BLOCK = 256 * 1024
"""Bytes that are collected before a thread takes them."""
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):")
_SHA256_BYTES = 32


def attachment_routes(edge: Edge) -> APIRouter:
    """Upload, list, download."""
    router = APIRouter()

    @router.post("/attachments")
    async def upload(request: Request) -> Response:
        try:
            requester = await edge.pool.run(lambda: _admitted(edge, request))
            with edge.places.held(requester.actor):
                receiver = await edge.pool.run(lambda: _begin(edge, request, requester))
                done = await _receive(edge, request, receiver)
        except MezhvedError as error:
            return problem(error)
        return Response(orjson.dumps(_uploaded(done)), 201, {"Cache-Control": "no-store"}, "application/json")

    @router.get("/messages/{message_id}/attachments")
    async def documents(message_id: str, request: Request) -> Response:
        def work() -> Response:
            now = edge.clock()
            requester = edge.requester(request.headers.get("authorization"), now)
            _require(requester.scopes, "messages.read")
            sent = sent_documents(edge.house, requester, MessageId(message_id), now)
            if sent is not None:
                return _listed(None, [_sent(document) for document in sent.documents])
            entry_id, found = list_documents(edge.house, requester, MessageId(message_id), now)
            return _listed(entry_id, [_described(document) for document in found])

        try:
            return await edge.pool.run(work)
        except MezhvedError as error:
            return problem(error)

    @router.get("/messages/{message_id}/attachments/{attachment_id}")
    async def download(message_id: str, attachment_id: str, request: Request) -> Response:
        def work() -> OpenedFile:
            now = edge.clock()
            requester = edge.requester(request.headers.get("authorization"), now)
            _require(requester.scopes, "messages.read")
            return read_attachment(edge.house, requester, MessageId(message_id), attachment_id, now)

        try:
            opened = await edge.pool.run(work)
        except MezhvedError as error:
            return problem(error)
        return file_response(opened)

    return router


def _admitted(edge: Edge, request: Request) -> Requester:
    requester = edge.requester(request.headers.get("authorization"), edge.clock())
    _require(requester.scopes, "messages.send")
    return requester


def _begin(edge: Edge, request: Request, requester: Requester) -> UploadReceiver:
    now = edge.clock()
    headers = request.headers
    if headers.get("content-encoding", "identity") != "identity":
        raise RequestRejected("body_encoded")
    return begin_upload(
        edge.house,
        requester,
        headers.get("mezhved-operation", "").lower(),
        headers.get("content-type", ""),
        now,
        size=declared_size(request),
        sha256=_declared_digest(headers.get("repr-digest")),
    )


def _declared_digest(header: str | None) -> str | None:
    """SHA-256 in hexadecimal of a `Repr-Digest` (RFC 9530). Raises RequestRejected (digest_unreadable)."""
    if header is None:
        return None
    found = _DIGEST.search(header)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != _SHA256_BYTES:
        raise RequestRejected("digest_unreadable")
    return digest.hex()


async def _receive(edge: Edge, request: Request, receiver: UploadReceiver) -> Upload:
    """The whole body. What breaks off, or is refused on the way, leaves nothing; whatever else happens is cleared later."""
    try:
        await _feed(edge, request, receiver)
        return await edge.pool.run(lambda: receiver.finish(edge.clock()))
    except MezhvedError:
        await edge.pool.run(receiver.abort)
        raise
    except ClientDisconnect:
        await edge.pool.run(receiver.abort)
        raise RequestRejected("upload_broken_off") from None


async def _feed(edge: Edge, request: Request, receiver: UploadReceiver) -> None:
    block = bytearray()
    async for chunk in request.stream():
        block += chunk
        if len(block) >= BLOCK:
            taken, block = bytes(block), bytearray()
            await edge.pool.run(lambda taken=taken: receiver.feed(taken))  # type: ignore[misc]
    if block:
        await edge.pool.run(lambda: receiver.feed(bytes(block)))


def _require(scopes: frozenset[str], scope: str) -> None:
    if scope not in scopes:
        raise NotPermitted("scope_missing", scope=scope)


def _uploaded(upload: Upload) -> dict[str, object]:
    return {
        "upload": upload.id,
        "operation_id": upload.operation_id,
        "media_type": upload.media_type,
        "size": upload.size,
        "sha256": upload.sha256,
        "content_known": not upload.end_to_end,
        "seal_key": upload.seal_key,
    }


def _listed(entry_id: EntryId | None, found: Sequence[Mapping[str, object]]) -> Response:
    body = {"entry_id": entry_id, "attachments": found}
    return Response(orjson.dumps(body), 200, {"Cache-Control": "no-store"}, "application/json")


def _sent(document: SentDocument) -> dict[str, object]:
    """For its sender, of whose document nothing is opened for a list: what it is stays sealed."""
    return {
        "id": document.id,
        "category": document.category,
        "sha256": document.sha256,
        "media_type": document.media_type,
        "size": document.size,
        "has_file": document.has_file,
        "sealed_end_to_end": document.end_to_end,
    }


def _described(document: Document) -> dict[str, object]:
    return {
        "id": document.id,
        "category": document.category,
        "document_type": document.document_type,
        "issued_on": document.issued_on,
        "signers": document.signers,
        "sha256": document.sha256,
        "media_type": document.media_type,
        "size": document.size,
        "has_file": document.has_file,
        "sealed_end_to_end": document.end_to_end,
        "seal_key": document.seal_key,
    }
