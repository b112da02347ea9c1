"""Files of referrals and signals over REST; the report comes back as JSON, or as a document under the gateway's signature."""

from __future__ import annotations

import base64
import io

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import Edge, read_body
from gateway.rest.problems import problem
from gateway.use_cases.receive_file import FORMATS, receive_file
from gateway.use_cases.sign_report import sign_report
from schemas.errors import Broken, MezhvedError, NotPermitted, RequestRejected


def file_routes(edge: Edge) -> APIRouter:
    """`POST /files/xml` and `POST /files/csv`."""
    router = APIRouter()

    @router.post("/files/{form}")
    async def files(form: str, request: Request) -> Response:
        try:
            if form not in FORMATS:
                raise RequestRejected("format_unknown", known=", ".join(FORMATS))
            body = await read_body(request, edge.settings.max_file_bytes)
        except MezhvedError as error:
            return problem(error)
        authorization = request.headers.get("authorization")
        as_document = request.headers.get("accept", "").startswith("application/xml")

        def work() -> Response:
            now = edge.clock()
            requester = edge.requester(authorization, now)
            if "messages.send" not in requester.scopes:
                raise NotPermitted("scope_missing", scope="messages.send")
            if as_document and edge.house.file_signer is None:
                raise Broken("file_signer_missing")
            receipt = receive_file(
                edge.house, requester, io.BytesIO(body), form, now, max_bytes=edge.settings.max_file_bytes
            )
            if as_document:
                signed = sign_report(edge.house, requester.organisation_id, receipt, now)
                return Response(signed, media_type="application/xml")
            signature = receipt.signature
            reject = base64.b64encode(receipt.reject_file).decode() if receipt.reject_file else None
            document = {
                **receipt.report.as_dict(),
                "messages_sent": [{"id": m.id, "operation_id": m.operation_id} for m in receipt.messages],
                "reject_file": reject,
                "signature": {
                    "certificate": signature.certificate.fingerprint,
                    "algorithm": signature.method,
                    "signed_at": signature.signing_time.isoformat() if signature.signing_time else None,
                }
                if signature
                else None,
            }
            return Response(orjson.dumps(document), media_type="application/json")

        try:
            return await edge.pool.run(work)
        except MezhvedError as error:
            return problem(error)

    return router
