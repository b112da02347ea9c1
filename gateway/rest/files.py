"""Files of a partner's system: a table or an XML document in, its report and the refused rows out; signed if asked."""

from __future__ import annotations

import base64
import io
from datetime import datetime
from typing import Final

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.tables.profile import MESSAGE
from gateway.edge import Edge, read_body
from gateway.rest.problems import problem
from gateway.use_cases.file_records import DEFAULT_PROFILE, SCOPES, known_forms, need_scope, sheet_number
from gateway.use_cases.receive_file import FileReceipt, receive_file
from gateway.use_cases.sign_report import sign_report
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Broken, MezhvedError, NotPermitted, RequestRejected

_FLAGS: Final = {"": False, "0": False, "false": False, "1": True, "true": True}


def file_routes(edge: Edge) -> APIRouter:
    """`/files/xml`, `/files/csv`, `/files/xlsx`."""
    router = APIRouter()

    @router.post("/files/{form}")
    async def files(form: str, request: Request) -> Response:
        try:
            if form not in known_forms():
                raise RequestRejected("format_unknown", known=", ".join(known_forms()))
            body = await read_body(request, edge.settings.max_file_bytes)
        except MezhvedError as error:
            return problem(error)
        authorization, query = request.headers.get("authorization"), request.query_params
        as_document = request.headers.get("accept", "").startswith("application/xml")

        def work() -> Response:
            now = edge.clock()
            requester = edge.requester(authorization, now)
            if as_document and edge.house.file_signer is None:
                raise Broken("file_signer_missing")
            require_file_scope(requester)
            receipt = receive_file(
                edge.house,
                requester,
                io.BytesIO(body),
                form,
                now,
                need=need_scope(requester),
                profile=query.get("profile", DEFAULT_PROFILE),
                sheet=sheet_number(query.get("sheet", "")),
                max_bytes=edge.settings.max_file_bytes,
                rehearsal=_flag(query.get("rehearsal", "")),
            )
            return _signed(edge, requester, receipt, now) if as_document else _answer(receipt)

        try:
            return await edge.pool.run(work)
        except MezhvedError as error:
            return problem(error)

    return router


def require_file_scope(requester: Requester) -> None:
    """Whoever may hand in nothing at all is told so before anything is read. Raises NotPermitted (scope_missing)."""
    if not requester.scopes & frozenset(SCOPES.values()):
        raise NotPermitted("scope_missing", scope=SCOPES[MESSAGE])


def _flag(given: str) -> bool:
    if given not in _FLAGS:
        raise BadInput("field_invalid", place="rehearsal", rule="true, false")
    return _FLAGS[given]


def _signed(edge: Edge, requester: Requester, receipt: FileReceipt, now: datetime) -> Response:
    return Response(sign_report(edge.house, requester.organisation_id, receipt, now), media_type="application/xml")


def _answer(receipt: FileReceipt) -> Response:
    signature = receipt.signature
    document = {
        **receipt.report.as_dict(),
        "rehearsal": receipt.rehearsal,
        "messages_sent": [{"id": m.id, "operation_id": m.operation_id} for m in receipt.messages],
        "taken": [{"kind": one.kind, "id": one.id, "repeated": one.repeated} for one in receipt.applied],
        "repeated": receipt.repeated,
        "kept": receipt.kept,
        "reject_file": base64.b64encode(receipt.reject_file).decode() if receipt.reject_file else None,
        "signature": {
            "certificate": signature.certificate.fingerprint,
            "algorithm": signature.method,
            "signed_at": signature.signing_time.isoformat() if signature.signing_time else None,
        }
        if signature
        else None,
    }
    return Response(orjson.dumps(document), media_type="application/json")
