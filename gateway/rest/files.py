"""Files of a partner's system: a table or an XML document in, its report and the refused rows out."""

from __future__ import annotations

import base64
import io
from datetime import datetime
from typing import Final

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.tables.profile import CONTACT, FAMILY, MESSAGE, SIGNAL
from gateway.edge import Edge, read_body
from gateway.rest.problems import problem
from gateway.use_cases.receive_file import DEFAULT_PROFILE, FORMATS, FileReceipt, receive_file, record_of, sheet_number
from gateway.use_cases.values import Requester
from schemas.errors import MezhvedError, NotPermitted, RequestRejected

SCOPES: Final = {
    MESSAGE: "messages.send",
    SIGNAL: "messages.send",
    FAMILY: "summaries.publish",
    CONTACT: "directory.write",
}
"""What a system needs for a table, by what its rows are."""


def file_routes(edge: Edge) -> APIRouter:
    """`/files/xml`, `/files/csv`, `/files/xlsx`."""
    router = APIRouter()

    @router.post("/files/{form}")
    async def files(form: str, request: Request) -> Response:
        try:
            if form not in FORMATS:
                raise RequestRejected("format_unknown", known=", ".join(FORMATS))
            body = await read_body(request, edge.settings.max_file_bytes)
        except MezhvedError as error:
            return problem(error)
        authorization, query = request.headers.get("authorization"), request.query_params
        profile, sheet = query.get("profile", DEFAULT_PROFILE), query.get("sheet", "")

        def work() -> Response:
            now = edge.clock()
            requester = edge.requester(authorization, now)
            return _answer(_receive(edge, requester, body, form, profile, sheet, now))

        try:
            return await edge.pool.run(work)
        except MezhvedError as error:
            return problem(error)

    return router


def _receive(
    edge: Edge, requester: Requester, body: bytes, form: str, profile: str, sheet: str, now: datetime
) -> FileReceipt:
    record = MESSAGE if form == "xml" else record_of(edge.house, requester, profile)
    require_scope(requester, SCOPES[record])
    return receive_file(
        edge.house,
        requester,
        io.BytesIO(body),
        form,
        now,
        profile=profile,
        sheet=sheet_number(sheet),
        max_bytes=edge.settings.max_file_bytes,
    )


def require_scope(requester: Requester, scope: str) -> None:
    """Raises NotPermitted (scope_missing)."""
    if scope not in requester.scopes:
        raise NotPermitted("scope_missing", scope=scope)


def _answer(receipt: FileReceipt) -> Response:
    reject = base64.b64encode(receipt.reject_file).decode() if receipt.reject_file else None
    document = {
        **receipt.report.as_dict(),
        "messages_sent": [{"id": m.id, "operation_id": m.operation_id} for m in receipt.messages],
        "kept": receipt.kept,
        "reject_file": reject,
    }
    return Response(orjson.dumps(document), media_type="application/json")
