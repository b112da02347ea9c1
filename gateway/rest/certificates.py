"""Certificates that an organisation's files are signed with, over REST, and the gateway's own, for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import orjson
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from adapters.signatures.certificates import MOST_BYTES
from gateway.edge import Edge
from gateway.rest.problems import problem
from gateway.use_cases.certificate_values import SigningCertificate
from gateway.use_cases.read_certificates import signature_profile
from gateway.use_cases.register_certificate import register_certificate, require_signatures, revoke_certificate
from gateway.use_cases.values import Requester
from schemas.errors import MezhvedError, NotPermitted, RequestRejected, Unavailable

SCOPE = "deliveries.manage"
_CREATED = 201

Work = Callable[[Requester, bytes, datetime], Response]


def certificate_routes(edge: Edge) -> APIRouter:
    """`/files/certificate`, `/files/certificates` and `/files/signatures`."""
    router = APIRouter()

    @router.get("/files/certificate")
    async def own() -> Response:
        signer = edge.house.file_signer
        if signer is None:
            return problem(Unavailable("certificate_unavailable"))
        return PlainTextResponse(load_der_x509_certificate(signer.certificate).public_bytes(Encoding.PEM))

    @router.get("/files/certificates")
    async def shown(request: Request) -> Response:
        return await _answer(edge, request, lambda requester, _body, now: _profile(edge, requester, now))

    @router.post("/files/certificates")
    async def registered(request: Request) -> Response:
        def work(requester: Requester, body: bytes, now: datetime) -> Response:
            made = register_certificate(edge.house, requester.organisation_id, body, requester.actor, now)
            return _json(_node(made, now), _CREATED)

        return await _answer(edge, request, work)

    @router.post("/files/certificates/{fingerprint}/revocation")
    async def revoked(fingerprint: str, request: Request) -> Response:
        def work(requester: Requester, body: bytes, now: datetime) -> Response:
            reason = str(_member(body, "reason", str))
            made = revoke_certificate(edge.house, requester.organisation_id, fingerprint, reason, requester.actor, now)
            return _json(_node(made, now))

        return await _answer(edge, request, work)

    @router.put("/files/signatures")
    async def required(request: Request) -> Response:
        def work(requester: Requester, body: bytes, now: datetime) -> Response:
            demand = bool(_member(body, "required", bool))
            require_signatures(edge.house, requester.organisation_id, demand, requester.actor, now)
            return _profile(edge, requester, now)

        return await _answer(edge, request, work)

    return router


def _profile(edge: Edge, requester: Requester, now: datetime) -> Response:
    found = signature_profile(edge.house, requester.organisation_id)
    return _json({"required": found.required, "certificates": [_node(one, now) for one in found.certificates]})


def _node(certificate: SigningCertificate, now: datetime) -> dict[str, object]:
    return {
        "fingerprint": certificate.id,
        "role": certificate.role,
        "state": certificate.state(now).value,
        "valid_from": certificate.valid_from.isoformat(),
        "valid_to": certificate.valid_to.isoformat(),
        "reason": certificate.reason,
        "entry_id": certificate.entry_id,
    }


async def _answer(edge: Edge, request: Request, work: Work) -> Response:
    authorization = request.headers.get("authorization")

    def run(body: bytes) -> Response:
        now = edge.clock()
        requester = edge.requester(authorization, now)
        if SCOPE not in requester.scopes:
            raise NotPermitted("scope_missing", scope=SCOPE)
        return work(requester, body, now)

    try:
        async with edge.body(request, 2 * MOST_BYTES) as body:
            return await edge.pool.run(lambda: run(body))
    except MezhvedError as error:
        return problem(error)


def _member(body: bytes, name: str, kind: type) -> object:
    """The only member of a JSON object. Raises RequestRejected (field_invalid)."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestRejected("field_invalid", place="body", rule="JSON") from None
    if not isinstance(found, dict) or set(found) != {name} or not isinstance(found[name], kind):
        raise RequestRejected("field_invalid", place="body", rule=name)
    return found[name]


def _json(body: dict[str, object], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, "application/json")
