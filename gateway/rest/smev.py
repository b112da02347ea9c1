"""A request of SMEV 3 as a file over REST: the channel's operator hands over what it fetched, and gets what to send back."""

from __future__ import annotations

import base64
import io

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.smev.codes import said_as
from gateway.edge import Edge
from gateway.rest.imports import require_file_scope
from gateway.rest.problems import problem
from gateway.use_cases.file_records import need_scope
from gateway.use_cases.receive_smev import receive_smev
from schemas.errors import MezhvedError


def smev_routes(edge: Edge) -> APIRouter:
    """`POST /files/smev`."""
    router = APIRouter()

    @router.post("/files/smev")
    async def smev(request: Request) -> Response:
        authorization = request.headers.get("authorization")

        def work(body: bytes) -> Response:
            now = edge.clock()
            requester = edge.requester(authorization, now)
            require_file_scope(requester)
            taken = receive_smev(
                edge.house,
                requester,
                io.BytesIO(body),
                now,
                need=need_scope(requester),
                max_bytes=edge.settings.max_file_bytes,
            )
            document = {
                **taken.receipt.report.as_dict(),
                "message_id": taken.message_id,
                "messages_sent": [{"id": m.id, "operation_id": m.operation_id} for m in taken.receipt.messages],
                "response": base64.b64encode(taken.response).decode(),
                "ack": base64.b64encode(taken.ack).decode() if taken.ack is not None else None,
            }
            return Response(orjson.dumps(document), 200, {"Cache-Control": "no-store"}, "application/json")

        try:
            async with edge.body(request, edge.settings.max_file_bytes, require_file_scope) as body:
                return await edge.pool.run(lambda: work(body))
        except MezhvedError as error:
            answer = problem(error)
            answer.headers["Mezhved-Smev-Fault"] = said_as("fault", error.code).code
            return answer

    return router
