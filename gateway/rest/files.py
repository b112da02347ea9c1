"""Files of a partner's system: a table or an XML document in, its report and the refused rows out; signed if asked."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from datetime import datetime
from typing import Final

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.limits import DEFAULT_LIMITS
from adapters.tables.profile import CONTACT, FAMILY, MESSAGE, SIGNAL
from gateway.edge import Edge, read_body
from gateway.rest.problems import problem
from gateway.use_cases.apply_document import SCOPES as OF_DOCUMENTS
from gateway.use_cases.file_records import DEFAULT_PROFILE, document_kind, known_forms, sheet_number
from gateway.use_cases.receive_file import FileReceipt, receive_file, record_of
from gateway.use_cases.sign_report import sign_report
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Broken, MezhvedError, NotPermitted, RequestRejected

SCOPES: Final = {
    MESSAGE: "messages.send",
    SIGNAL: "messages.send",
    FAMILY: "summaries.publish",
    CONTACT: "directory.write",
}
"""What a system needs for a table, by what its rows are."""
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
            profile = query.get("profile", DEFAULT_PROFILE)
            require_scope(requester, _scope(edge, requester, body, form, profile))
            receipt = receive_file(
                edge.house,
                requester,
                io.BytesIO(body),
                form,
                now,
                profile=profile,
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


def _scope(edge: Edge, requester: Requester, body: bytes, form: str, profile: str) -> str:
    """What is needed for what the file holds. Of XML its root says it: version 1, and what nobody knows, are messages."""
    if form != "xml":
        return SCOPES[record_of(edge.house, requester, profile)]
    kind = document_kind(body, form, replace(DEFAULT_LIMITS, max_bytes=edge.settings.max_file_bytes))
    return OF_DOCUMENTS.get(kind.code, SCOPES[CONTACT]) if kind else SCOPES[MESSAGE]


def require_scope(requester: Requester, scope: str) -> None:
    """Raises NotPermitted (scope_missing)."""
    if scope not in requester.scopes:
        raise NotPermitted("scope_missing", scope=scope)


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
