"""Packages over HTTP, for systems that hand files over themselves: the file with its code, and receipt codes back."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.bodies import SMALL, read_body
from gateway.edge import Edge
from gateway.partner.package_codes import shown
from gateway.rest.problems import problem
from gateway.use_cases.make_package import make_package
from gateway.use_cases.receive_package_receipt import receive_package_receipt
from gateway.use_cases.values import Requester
from schemas.errors import MezhvedError, NotPermitted, RequestRejected
from schemas.ids import MessageId

SCOPE = "messages.send"
_CREATED = 201

Said = Mapping[str, str]
Work = Callable[[Requester, Said], Response]


def package_routes(edge: Edge) -> APIRouter:
    """`/packages` and `/packages/receipts`."""
    router = APIRouter()

    @router.post("/packages")
    async def making(request: Request) -> Response:
        return await _answer(edge, request, {"message"}, lambda who, said: _make(edge, who, said))

    @router.post("/packages/receipts")
    async def receiving(request: Request) -> Response:
        members = {"message", "code", "words", "statute"}
        return await _answer(edge, request, members, lambda who, said: _receive(edge, who, said))

    return router


def _make(edge: Edge, requester: Requester, said: Said) -> Response:
    made = make_package(edge.house, requester, MessageId(said.get("message", "")), edge.clock())
    assert made.code is not None
    body = {
        "package": made.package.id,
        "entry_id": made.package.entry_id,
        "sealed_sha256": made.package.sealed_sha256,
        "outcomes": list(made.package.outcomes),
        "file_name": made.name,
        "file": base64.b64encode(made.file).decode("ascii"),
        "code": shown(made.code),
        "key_fingerprint": edge.house.log_key.verifier().fingerprint,
        "recipient_has_access": made.recipient_has_access,
    }
    return _json(body, _CREATED)


def _receive(edge: Edge, requester: Requester, said: Said) -> Response:
    received = receive_package_receipt(
        edge.house,
        requester,
        MessageId(said.get("message", "")),
        said.get("code", ""),
        edge.clock(),
        words=said.get("words"),
        statute=said.get("statute"),
    )
    body = {
        "message": received.message.id,
        "state": received.message.state.value,
        "package": received.package_id,
        "outcome": received.outcome,
        "told_on": received.told_on.isoformat(),
        "again": received.again,
        "withdrawn": received.withdrawn,
    }
    return _json(body)


async def _answer(edge: Edge, request: Request, members: set[str], work: Work) -> Response:
    """The work on a thread, for a system with the scope; what it raises becomes its problem."""
    authorization = request.headers.get("authorization")

    def run(body: bytes) -> Response:
        requester = edge.requester(authorization, edge.clock())
        if SCOPE not in requester.scopes:
            raise NotPermitted("scope_missing", scope=SCOPE)
        return work(requester, _members(body, members))

    try:
        body = await read_body(request, SMALL)
        return await edge.pool.run(lambda: run(body))
    except MezhvedError as error:
        return problem(error)


def _members(body: bytes, known: set[str]) -> Said:
    """The members of a JSON object of texts. Raises RequestRejected (field_invalid)."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestRejected("field_invalid", place="body", rule="JSON") from None
    if not isinstance(found, dict) or not set(found) <= known:
        raise RequestRejected("field_invalid", place="body", rule=", ".join(sorted(known)))
    if not all(isinstance(value, str) for value in found.values()):
        raise RequestRejected("field_invalid", place="body", rule="text")
    return found


def _json(body: Mapping[str, object], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, "application/json")
