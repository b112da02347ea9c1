"""Files that are taken step by step: handed in at once, watched, stopped; the report, the records and the refused rows after.

A request for a file with `Prefer: respond-async` (RFC 7240) is answered by 202 and the address of its import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from gateway.bodies import declared_size
from gateway.edge import Edge, refused_rows_response
from gateway.rest.problems import problem
from gateway.use_cases.file_records import DEFAULT_PROFILE, SCOPES, need_scope, sheet_number
from gateway.use_cases.hand_in_file import HandedIn, ImportReceiver, begin_import
from gateway.use_cases.import_values import Handed, Import
from gateway.use_cases.read_imports import (
    read_import,
    read_import_records,
    read_import_report,
    read_imports,
    stop_import,
)
from gateway.use_cases.return_refused import return_refused
from gateway.use_cases.sign_report import sign_import_report
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Broken, MezhvedError, NotPermitted, RequestRejected

BLOCK: Final = 256 * 1024
"""Bytes that are collected before a thread takes them."""
WATCH_SECONDS: Final = 2
_ACCEPTED: Final = 202
_MOST_DIGITS: Final = 9
_FLAGS: Final = {"": False, "0": False, "false": False, "1": True, "true": True}
_JSON: Final = "application/json"
_NO_STORE: Final = {"Cache-Control": "no-store"}

Work = Callable[[Requester], Response]


def import_routes(edge: Edge) -> APIRouter:
    """`/imports` and one of them."""
    router = APIRouter()

    @router.get("/imports")
    async def imports(request: Request) -> Response:
        before = request.query_params.get("before")

        def work(who: Requester) -> Response:
            found = read_imports(edge.house, who, before)
            return _json({"imports": [import_document(one) for one in found]})

        return await _answer(edge, request, work)

    @router.get("/imports/{import_id}")
    async def state(import_id: str, request: Request) -> Response:
        return await _answer(edge, request, lambda who: _state(read_import(edge.house, who, import_id)))

    @router.delete("/imports/{import_id}")
    async def stopping(import_id: str, request: Request) -> Response:
        return await _answer(edge, request, lambda who: _state(stop_import(edge.house, who, import_id)))

    _add_results(edge, router)
    return router


def _add_results(edge: Edge, router: APIRouter) -> None:
    @router.get("/imports/{import_id}/report")
    async def report(import_id: str, request: Request) -> Response:
        as_document = request.headers.get("accept", "").startswith("application/xml")

        return await _answer(edge, request, lambda who: _report(edge, who, import_id, as_document=as_document))

    @router.get("/imports/{import_id}/records")
    async def records(import_id: str, request: Request) -> Response:
        after = request.query_params.get("after", "0")
        return await _answer(edge, request, lambda who: _records(edge, who, import_id, after))

    @router.post("/imports/{import_id}/refused")
    async def refused(import_id: str, request: Request) -> Response:
        def work(who: Requester) -> Response:
            returned = return_refused(edge.house, who, import_id, edge.clock(), need_scope(who))
            return refused_rows_response(returned, f"refused-{import_id}.{returned.form}")

        return await _answer(edge, request, work)


def _report(edge: Edge, who: Requester, import_id: str, *, as_document: bool) -> Response:
    if as_document:
        if edge.house.file_signer is None:
            raise Broken("file_signer_missing")
        signed = sign_import_report(edge.house, who, import_id, edge.clock())
        return Response(signed, media_type="application/xml", headers=_NO_STORE)
    found = read_import_report(edge.house, who, import_id)
    return _json({**found.report.as_dict(), "import": import_document(found.one)})


def _records(edge: Edge, who: Requester, import_id: str, after: str) -> Response:
    if not (after.isascii() and after.isdigit() and len(after) <= _MOST_DIGITS):
        raise BadInput("field_invalid", place="after", rule="0, 1, 2, …")
    return _json({"records": read_import_records(edge.house, who, import_id, int(after))})


def wants_import(request: Request) -> bool:
    """Whether a file is handed in to be taken step by step."""
    preferences = request.headers.get("prefer", "").lower().split(",")
    return any(preference.partition(";")[0].strip() == "respond-async" for preference in preferences)


async def hand_in(edge: Edge, request: Request, form: str) -> Response:
    """Take the body as it comes; it is read when all of it is there."""
    try:
        requester = await edge.pool.run(lambda: _admitted(edge, request))
        with edge.places.held(requester.actor):
            done = await _taken(edge, request, await edge.pool.run(lambda: _begin(edge, request, requester, form)))
    except MezhvedError as error:
        return problem(error)
    except ClientDisconnect:
        return problem(RequestRejected("upload_broken_off"))
    return _handed_in(done)


async def _taken(edge: Edge, request: Request, receiver: ImportReceiver) -> HandedIn:
    try:
        await _feed(edge, request, receiver)
        return await edge.pool.run(lambda: receiver.finish(edge.clock()))
    except (MezhvedError, ClientDisconnect):
        await edge.pool.run(receiver.abort)
        raise


def _admitted(edge: Edge, request: Request) -> Requester:
    requester = edge.requester(request.headers.get("authorization"), edge.clock())
    require_file_scope(requester)
    return requester


def _begin(edge: Edge, request: Request, requester: Requester, form: str) -> ImportReceiver:
    now, headers, query = edge.clock(), request.headers, request.query_params
    if headers.get("content-encoding", "identity") != "identity":
        raise RequestRejected("body_encoded")
    handed = Handed(
        form,
        query.get("profile", DEFAULT_PROFILE),
        sheet_number(query.get("sheet", "")),
        rehearsal=flag(query.get("rehearsal", "")),
    )
    most, size = edge.settings.max_import_bytes, declared_size(request)
    return begin_import(edge.house, requester, handed, now, max_bytes=most, size=size)


async def _feed(edge: Edge, request: Request, receiver: ImportReceiver) -> None:
    block = bytearray()
    async for chunk in request.stream():
        block += chunk
        if len(block) >= BLOCK:
            data = bytes(block)
            block.clear()
            await edge.pool.run(lambda data=data: receiver.feed(data))  # type: ignore[misc]
    if block:
        await edge.pool.run(lambda: receiver.feed(bytes(block)))


def require_file_scope(requester: Requester) -> None:
    """Whoever may hand in nothing at all is told so before anything is read. Raises NotPermitted (scope_missing)."""
    if not requester.scopes & frozenset(SCOPES.values()):
        raise NotPermitted("scope_missing", scope=SCOPES["message"])


def flag(given: str) -> bool:
    """Yes or no. Raises BadInput (field_invalid)."""
    if given not in _FLAGS:
        raise BadInput("field_invalid", place="rehearsal", rule="true, false")
    return _FLAGS[given]


def import_document(one: Import) -> Mapping[str, Any]:
    """An import as it stands, for a program."""
    position, how = one.position, one.handed
    code, params = one.refusal or (None, {})
    return {
        "id": one.id,
        "state": one.state,
        "form": how.form,
        "profile": how.profile,
        "rehearsal": how.rehearsal,
        "size": one.size,
        "digest": one.digest,
        "handed_in_at": one.handed_in_at.isoformat(),
        "started_at": one.started_at.isoformat() if one.started_at else None,
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        "checked": position.checked,
        "records": position.total,
        "settled": position.settled,
        "accepted": position.accepted,
        "rejected": one.rejected,
        "repeated": position.repeated,
        "sent": position.sent,
        "kept": position.kept,
        "stopping": one.stop_wanted and one.is_open,
        "code": code,
        "detail": said(code, params) if code else None,
        "signature": {
            "certificate": one.signature.certificate,
            "algorithm": one.signature.algorithm,
            "signed_at": one.signature.signed_at.isoformat() if one.signature.signed_at else None,
        }
        if one.signature
        else None,
    }


def said(code: str, params: Mapping[str, str | int]) -> str:
    """Why an import was refused or stopped, in words."""
    error = MezhvedError(code, **params)
    return f"{error.message()} {error.remedy()}"


def _handed_in(done: HandedIn) -> Response:
    address = f"/imports/{done.id}"
    headers = {**_NO_STORE, "Location": address, "Preference-Applied": "respond-async"}
    content = orjson.dumps({"id": done.id, "address": address, "repeated": done.repeated})
    return Response(content, _ACCEPTED, headers, _JSON)


def _state(one: Import) -> Response:
    more = {"Retry-After": str(WATCH_SECONDS)} if one.is_open else {}
    return _json(import_document(one), more)


def _json(document: Mapping[str, Any], more: Mapping[str, str] = {}) -> Response:
    return Response(orjson.dumps(document), headers={**_NO_STORE, **more}, media_type=_JSON)


async def _answer(edge: Edge, request: Request, work: Work) -> Response:
    authorization = request.headers.get("authorization")

    def asked() -> Response:
        requester = edge.requester(authorization, edge.clock())
        require_file_scope(requester)
        return work(requester)

    try:
        return await edge.pool.run(asked)
    except MezhvedError as error:
        return problem(error)
