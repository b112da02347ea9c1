"""Pulling deliveries over REST, and the acknowledgement that a partner signs with its registered key instead of a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.bodies import SMALL, read_body
from gateway.edge import Edge
from gateway.partner.signatures import (
    ACKNOWLEDGEMENT_TAG,
    MemoryNonces,
    SignatureRejectedError,
    keys_of,
    verify_request,
)
from gateway.rest.problems import problem
from gateway.use_cases.describe_delivery import event_document
from gateway.use_cases.pull_deliveries import (
    NoncesOfHouse,
    acknowledge_deliveries,
    endpoint_that_signs,
    pull_deliveries,
)
from gateway.use_cases.values import Requester
from schemas.errors import MezhvedError, NotAuthenticated, NotPermitted, RequestRejected, Unavailable

PAGE = 50


def delivery_routes(edge: Edge) -> APIRouter:
    """`/deliveries`."""
    router = APIRouter()

    @router.get("/deliveries/keys")
    async def keys() -> Response:
        return Response(orjson.dumps({"keys": list(edge.delivery_keys)}), media_type="application/json")

    @router.get("/deliveries")
    async def deliveries(request: Request) -> Response:
        authorization = request.headers.get("authorization")
        after, first = request.query_params.get("after"), request.query_params.get("first", str(PAGE))

        def work() -> Response:
            requester = _reader(edge, authorization, edge.clock())
            pulled = pull_deliveries(edge.house, requester, after, _number(first))
            document = {"deliveries": [event_document(e) for e in pulled.deliveries], "cursor": pulled.cursor}
            return Response(orjson.dumps(document), 200, {"Cache-Control": "no-store"}, "application/json")

        return await _answer(edge, work)

    @router.post("/deliveries/acknowledge")
    async def acknowledge(request: Request) -> Response:
        authorization = request.headers.get("authorization")
        try:
            body = await read_body(request, SMALL)
        except MezhvedError as error:
            return problem(error)

        def work() -> Response:
            now = edge.clock()
            requester = _reader(edge, authorization, now)
            return _acknowledged(acknowledge_deliveries(edge.house, requester, _names(body), now))

        return await _answer(edge, work)

    @router.post("/deliveries/{endpoint_id}/acknowledge")
    async def acknowledge_signed(endpoint_id: str, request: Request) -> Response:
        try:
            body = await read_body(request, SMALL)
        except MezhvedError as error:
            return problem(error)
        headers = dict(request.headers)

        def work() -> Response:
            now = edge.clock()
            requester = _signer(edge, endpoint_id, headers, body, now)
            return _acknowledged(acknowledge_deliveries(edge.house, requester, _names(body), now))

        return await _answer(edge, work)

    return router


def _reader(edge: Edge, authorization: str | None, now: datetime) -> Requester:
    requester = edge.requester(authorization, now)
    if "messages.read" not in requester.scopes:
        raise NotPermitted("scope_missing", scope="messages.read")
    return requester


def _signer(edge: Edge, endpoint_id: str, headers: dict[str, str], body: bytes, now: datetime) -> Requester:
    """Who signed. The address that was signed is the public one of the settings, never what a Host header says. An endpoint
    that does not exist answers like one whose keys did not sign."""
    target = f"{edge.settings.issuer}/deliveries/{endpoint_id}/acknowledge"
    try:
        endpoint = endpoint_that_signs(edge.house, endpoint_id)
    except Unavailable:
        endpoint = None
    nonces = NoncesOfHouse(edge.house, endpoint.id, now) if endpoint else MemoryNonces()
    known = keys_of(endpoint.receipt_keys) if endpoint else {}
    try:
        verify_request(headers, target, body, known, int(now.timestamp()), nonces, tag=ACKNOWLEDGEMENT_TAG)
    except SignatureRejectedError as rejected:
        raise NotAuthenticated("signature_rejected", reason=rejected.code) from None
    assert endpoint is not None, "no key of nobody has signed"
    return Requester(endpoint.organisation_id, f"endpoint:{endpoint.id}", scopes=frozenset({"messages.read"}))


def _names(body: bytes) -> list[str]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestRejected("body_not_json") from None
    names = document.get("deliveries") if isinstance(document, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RequestRejected("field_invalid", place="deliveries", rule="a list of delivery ids")
    return names


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 4:  # noqa: PLR2004  far above any page
        raise RequestRejected("field_invalid", place="first", rule="a number")
    return int(text)


def _acknowledged(count: int) -> Response:
    return Response(orjson.dumps({"acknowledged": count}), 200, {"Cache-Control": "no-store"}, "application/json")


async def _answer(edge: Edge, work: Callable[[], Response]) -> Response:
    try:
        return await edge.pool.run(work)
    except MezhvedError as error:
        return problem(error)
