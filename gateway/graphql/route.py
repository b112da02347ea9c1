"""The HTTP route of GraphQL: POST with JSON only, errors before GraphQL in the same shape as errors of GraphQL."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from gateway.edge import STATUS, Edge, status_of
from gateway.graphql.context import Context
from gateway.graphql.endpoint import execute, parse_body
from gateway.graphql.schema import error_of, sdl
from gateway.use_cases.values import Requester
from schemas.errors import MezhvedError, RequestRejected

PATH = "/graphql"
GRAPHQL_TYPE = "application/graphql-response+json"
_NO_STORE = {"Cache-Control": "no-store"}


def graphql_route(edge: Edge) -> APIRouter:
    """`POST /graphql` and the schema as a text."""
    router = APIRouter()

    @router.post(PATH)
    async def graphql(request: Request) -> Response:
        authorization = request.headers.get("authorization")
        media_type = GRAPHQL_TYPE if GRAPHQL_TYPE in request.headers.get("accept", "") else "application/json"
        try:
            if not request.headers.get("content-type", "").startswith("application/json"):
                raise RequestRejected("body_not_json")

            def work(body: bytes) -> bytes:
                now = edge.clock()
                requester = edge.requester(authorization, now)
                context = Context(
                    edge.house,
                    requester,
                    lambda: _own_ogrn(edge, requester),
                    now,
                    lambda text, message, event: edge.receipt(requester, text, message, event, now),
                )
                return execute(parse_body(body), context)

            async with edge.body(request, edge.settings.max_body_bytes) as body:
                answer = await edge.pool.run(lambda: work(body))
            return Response(answer, media_type=media_type, headers=_NO_STORE)
        except MezhvedError as error:
            status = status_of(error)
            headers = _NO_STORE | ({"WWW-Authenticate": "Bearer"} if status == STATUS["not_authenticated"] else {})
            headers |= {"Connection": "close"} if error.code == "body_stalled" else {}
            return Response(orjson.dumps({"errors": [error_of(error)]}), status, headers, media_type)

    @router.get("/schema.graphql")
    async def schema() -> Response:
        return PlainTextResponse(sdl())

    return router


def _own_ogrn(edge: Edge, requester: Requester) -> str:
    with edge.house.store.reading() as unit:
        organisation = unit.participants.organisation(requester.organisation_id)
    assert organisation is not None
    return organisation.ogrn
