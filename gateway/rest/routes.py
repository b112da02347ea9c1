"""The routes: each parses, calls one use case on a thread, and renders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.bodies import SMALL, read_body
from gateway.edge import Edge
from gateway.oauth.keys import public_jwks
from gateway.oauth.metadata import PATH as METADATA_PATH
from gateway.oauth.metadata import metadata
from gateway.oauth.server import OAuthFailure, TokenEndpoint, TokenResponse
from gateway.rest.certificates import certificate_routes
from gateway.rest.deliveries import delivery_routes
from gateway.rest.files import file_routes
from gateway.rest.imports import import_routes
from gateway.rest.kept import kept_routes
from gateway.rest.problems import problem
from gateway.rest.smev import smev_routes
from gateway.use_cases.authenticate_client import ClientsOfUnit
from gateway.use_cases.register_participants import SCOPES
from schemas.errors import MezhvedError

TOKEN_PATH = "/oauth/token"  # noqa: S105  a path
JWKS_PATH = "/oauth/jwks"


def routes(edge: Edge) -> APIRouter:
    """All routes of the API."""
    router = APIRouter()

    @router.get("/")
    async def start() -> Response:
        return RedirectResponse("/queue")

    @router.get("/health")
    async def health() -> Response:
        def work() -> Response:
            with edge.house.store.reading() as unit:
                unit.participants.organisation_by_ogrn("")
            return Response(orjson.dumps({"status": "ok"}), media_type="application/json")

        return await _guarded(edge, work)

    @router.post(TOKEN_PATH)
    async def token(request: Request) -> Response:
        try:
            body = await read_body(request, min(SMALL, edge.settings.max_body_bytes))
        except MezhvedError as error:
            return problem(error)

        def work() -> Response:
            now = edge.clock()
            form = _form(body)
            if form is None:
                answer: TokenResponse | OAuthFailure = OAuthFailure(400, {"error": "invalid_request"}, "form")
            else:
                with edge.house.store.writing() as unit:
                    clients = ClientsOfUnit(unit, now)
                    endpoint = TokenEndpoint(clients, clients, edge.tokens)
                    answer = endpoint.issue_token(form, edge.settings.issuer + TOKEN_PATH, now)
            return Response(orjson.dumps(dict(answer.body)), answer.status, dict(answer.headers))

        return await _guarded(edge, work)

    @router.get(JWKS_PATH)
    async def jwks() -> Response:
        return Response(orjson.dumps(public_jwks(edge.tokens.keys)), media_type="application/json")

    @router.get(METADATA_PATH)
    async def oauth_metadata() -> Response:
        document = metadata(edge.settings.issuer, token_path=TOKEN_PATH, jwks_path=JWKS_PATH, scopes=SCOPES)
        return Response(orjson.dumps(document), media_type="application/json")

    router.include_router(certificate_routes(edge))  # before what takes any other word after /files
    router.include_router(smev_routes(edge))
    router.include_router(file_routes(edge))
    router.include_router(import_routes(edge))
    router.include_router(kept_routes(edge))
    router.include_router(delivery_routes(edge))

    @router.get("/log/key")
    async def log_key() -> Response:
        return PlainTextResponse(edge.house.log_key.verifier().encode() + "\n")

    @router.get("/log/checkpoint")
    async def log_checkpoint() -> Response:
        def work() -> Response:
            with edge.house.store.reading() as unit:
                latest = unit.log.latest_checkpoint()
            return PlainTextResponse(latest[2] if latest else "", 200 if latest else 404)

        return await _guarded(edge, work)

    return router


async def _guarded(edge: Edge, work: Callable[[], Response]) -> Response:
    """Run the work; an error becomes its problem. Anything unforeseen is left to the application's last handler."""
    try:
        return await edge.pool.run(work)
    except MezhvedError as error:
        return problem(error)


def _form(body: bytes) -> Mapping[str, str] | None:
    """The form, or None where it is none or names a parameter twice (RFC 6749 §3.2)."""
    try:
        pairs: list[tuple[str, Any]] = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=30)
    except ValueError:
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) else None
