"""Exports over HTTP: one case, one thread, and all own data as an archive that leaves while it is made.

Every one of them is an act with an entry of its own, so they are asked for by POST; identifiers and claims stand in the body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.tables.output import Written, written_as
from gateway.bodies import SMALL, read_body
from gateway.edge import Edge, archive_response, export_response
from gateway.rest.problems import problem
from gateway.use_cases.export_case import export_case
from gateway.use_cases.export_message import export_message
from gateway.use_cases.export_own import SCOPE, begin_export, cancel_export, read_export
from gateway.use_cases.export_port import ExportOnFile
from gateway.use_cases.export_thread import export_thread
from gateway.use_cases.values import Requester
from schemas.errors import MezhvedError, NotPermitted, RequestRejected
from schemas.ids import MessageId

_CREATED = 201

Said = Mapping[str, str]
Work = Callable[[Requester, Said], Response]


def export_routes(edge: Edge) -> APIRouter:
    """`/exports/cases`, `/exports/threads`, `/exports/messages` and `/exports/own`. Tables are written as the query has it:
    `?encoding=cp1251`, and `&nearest=true` for signs that it lacks."""
    router = APIRouter()

    @router.post("/exports/cases")
    async def cases(request: Request) -> Response:
        members = {"case", "purpose", "form", "statute", "request"}
        return await _answer(
            edge, request, "summaries.read", members, lambda who, said: _case(edge, who, said, _written(request))
        )

    @router.post("/exports/threads")
    async def threads(request: Request) -> Response:
        members = {"message", "form"}
        return await _answer(
            edge, request, "messages.read", members, lambda who, said: _thread(edge, who, said, _written(request))
        )

    @router.post("/exports/messages")
    async def messages(request: Request) -> Response:
        def work(who: Requester, said: Said) -> Response:
            message_id = MessageId(said.get("message", ""))
            return export_response(export_message(edge.house, who, message_id, edge.clock(), _written(request)))

        return await _answer(edge, request, "messages.read", {"message"}, work)

    _own_routes(edge, router)
    return router


def _own_routes(edge: Edge, router: APIRouter) -> None:
    @router.post("/exports/own")
    async def beginning(request: Request) -> Response:
        return await _answer(edge, request, SCOPE, {"form"}, lambda who, said: _begin(edge, who, said))

    @router.get("/exports/own/{export_id}")
    async def state(export_id: str, request: Request) -> Response:
        def work(who: Requester, _: Said) -> Response:
            return _state(read_export(edge.house, who, export_id))

        return await _answer(edge, request, SCOPE, None, work)

    @router.post("/exports/own/{export_id}/archive")
    async def archive(export_id: str, request: Request) -> Response:
        def work(who: Requester, said: Said) -> Response:
            return _archive(edge, who, export_id, said, _written(request))

        return await _answer(edge, request, SCOPE, {"first"}, work)

    @router.post("/exports/own/{export_id}/cancel")
    async def cancelling(export_id: str, request: Request) -> Response:
        def work(who: Requester, _: Said) -> Response:
            cancel_export(edge.house, who, export_id, edge.clock())
            return _state(read_export(edge.house, who, export_id))

        return await _answer(edge, request, SCOPE, set(), work)


def _written(request: Request) -> Written:
    """How tables are wanted. Raises BadInput (format_unknown)."""
    return written_as(request.query_params.get("encoding", ""), request.query_params.get("nearest", ""))


def _case(edge: Edge, requester: Requester, said: Said, written: Written) -> Response:
    made = export_case(
        edge.house,
        requester,
        said.get("case", ""),
        said.get("purpose", ""),
        said.get("form", ""),
        edge.clock(),
        statute=said.get("statute", ""),
        request=said.get("request", ""),
        written=written,
    )
    return export_response(made)


def _thread(edge: Edge, requester: Requester, said: Said, written: Written) -> Response:
    message_id, form = MessageId(said.get("message", "")), said.get("form", "")
    return export_response(export_thread(edge.house, requester, message_id, form, edge.clock(), written))


def _begin(edge: Edge, requester: Requester, said: Said) -> Response:
    return _state(begin_export(edge.house, requester, said.get("form", ""), edge.clock()), _CREATED)


def _archive(edge: Edge, requester: Requester, export_id: str, said: Said, written: Written) -> Response:
    first = said.get("first", "")
    if first and not (first.isascii() and first.isdigit() and len(first) < 10):  # noqa: PLR2004  a number of a part
        raise RequestRejected("field_invalid", place="first", rule="number")
    return archive_response(edge, requester, export_id, int(first) if first else None, written)


def _state(export: ExportOnFile, status: int = 200) -> Response:
    body = {
        "export": export.id,
        "form": export.form,
        "state": export.state,
        "begun_at": export.begun_at.isoformat(),
        "ended_at": export.ended_at.isoformat() if export.ended_at else None,
        "totals": dict(export.totals),
        "parts": [
            {
                "number": part.number,
                "kind": part.kind,
                "items": part.items,
                "at": part.at.isoformat(),
                "entry_id": part.entry_id,
                "sha256": part.sha256,
                "size": part.size,
            }
            for part in export.parts
        ],
    }
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, "application/json")


async def _answer(edge: Edge, request: Request, scope: str, members: set[str] | None, work: Work) -> Response:
    """The work on a thread, for a system with the scope; what it raises becomes its problem. `members` None: no body."""
    authorization = request.headers.get("authorization")

    def run(body: bytes) -> Response:
        requester = edge.requester(authorization, edge.clock())
        if scope not in requester.scopes:
            raise NotPermitted("scope_missing", scope=scope)
        return work(requester, _members(body, members) if members is not None else {})

    try:
        body = await read_body(request, SMALL) if members is not None else b""
        return await edge.pool.run(lambda: run(body))
    except MezhvedError as error:
        return problem(error)


def _members(body: bytes, known: set[str]) -> Said:
    """The members of a JSON object of texts; no body is an empty one. Raises RequestRejected (field_invalid)."""
    try:
        found = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        raise RequestRejected("field_invalid", place="body", rule="JSON") from None
    if not isinstance(found, dict) or not set(found) <= known:
        raise RequestRejected("field_invalid", place="body", rule=", ".join(sorted(known)) or "{}")
    if not all(isinstance(value, str) for value in found.values()):
        raise RequestRejected("field_invalid", place="body", rule="text")
    return found
