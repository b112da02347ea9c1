"""Files of a partner's system: a table or an XML document in, its report and the refused rows out; signed if asked."""

from __future__ import annotations

import base64
import io
from datetime import datetime

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import Edge
from gateway.rest.imports import flag, hand_in, require_file_scope, wants_import
from gateway.rest.problems import problem
from gateway.use_cases.file_records import DEFAULT_PROFILE, known_forms, need_scope, sheet_number
from gateway.use_cases.receive_file import FileReceipt, receive_file
from gateway.use_cases.sign_report import sign_report
from gateway.use_cases.values import Requester
from schemas.errors import Broken, MezhvedError, RequestRejected


def file_routes(edge: Edge) -> APIRouter:
    """`/files/xml`, `/files/csv`, `/files/xlsx`."""
    router = APIRouter()

    @router.post("/files/{form}")
    async def files(form: str, request: Request) -> Response:
        if wants_import(request):
            return await hand_in(edge, request, form)
        try:
            if form not in known_forms():
                raise RequestRejected("format_unknown", known=", ".join(known_forms()))
        except MezhvedError as error:
            return problem(error)
        authorization, query = request.headers.get("authorization"), request.query_params
        as_document = request.headers.get("accept", "").startswith("application/xml")

        def work(body: bytes) -> Response:
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
                rehearsal=flag(query.get("rehearsal", "")),
            )
            return _signed(edge, requester, receipt, now) if as_document else _answer(receipt)

        try:
            async with edge.body(request, edge.settings.max_file_bytes, require_file_scope) as body:
                return await edge.pool.run(lambda: work(body))
        except MezhvedError as error:
            return problem(error)

    return router


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
            "certificate": signature.certificate,
            "algorithm": signature.algorithm,
            "signed_at": signature.signed_at.isoformat() if signature.signed_at else None,
        }
        if signature
        else None,
    }
    return Response(orjson.dumps(document), media_type="application/json")
