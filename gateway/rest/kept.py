"""What an organisation keeps of its own lists, for its own system: read, publish or send on, throw away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

import orjson
from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from adapters.tables.profile import FAMILY, SIGNAL
from gateway.edge import Edge
from gateway.rest.problems import problem
from gateway.use_cases.file_records import need_scope
from gateway.use_cases.keep_records import discard_record
from gateway.use_cases.publish_kept_family import publish_kept_family
from gateway.use_cases.read_kept_records import read_kept
from gateway.use_cases.send_kept_signal import send_kept_signal
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, MezhvedError
from schemas.messages import Ogrn, Urgency
from schemas.model import Model
from schemas.sections import Code, Line

KINDS: Final = {"families": FAMILY, "signals": SIGNAL}
MAX_BODY: Final = 64 * 1024
Given = TypeVar("Given", bound=Model)


class Publishing(Model):
    """What a list does not say of a family, and a summary needs."""

    as_of: date
    erase_after: date
    source: Line
    curator_name: Line
    curator_phone: Line


class SendingOn(Model):
    """Where a signal goes, and why."""

    recipient_ogrn: Ogrn
    trigger: Code
    urgency: Urgency = "urgent"
    received_by: Code | None = None


def kept_routes(edge: Edge) -> APIRouter:
    """`/kept/…`."""
    router = APIRouter()
    kept = _Kept(edge)

    @router.get("/kept/{kind}")
    async def listed(kind: str, request: Request) -> Response:
        after = request.query_params.get("after")
        return await kept.answer(request, lambda who, _: kept.page(who, kind, after))

    @router.post("/kept/{record_id}/publish")
    async def publish(record_id: str, request: Request) -> Response:
        return await kept.answer(request, lambda who, body: kept.publish(who, record_id, body))

    @router.post("/kept/{record_id}/send")
    async def send(record_id: str, request: Request) -> Response:
        return await kept.answer(request, lambda who, body: kept.send(who, record_id, body))

    @router.delete("/kept/{record_id}")
    async def discard(record_id: str, request: Request) -> Response:
        return await kept.answer(request, lambda who, _: kept.discard(who, record_id))

    return router


class _Kept:
    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def answer(self, request: Request, work: Callable[[Requester, bytes], dict[str, Any]]) -> Response:
        authorization = request.headers.get("authorization")

        def run(body: bytes) -> Response:
            found = work(self._edge.requester(authorization, self._edge.clock()), body)
            return Response(orjson.dumps(found), media_type="application/json")

        try:
            if request.method != "POST":
                return await self._edge.pool.run(lambda: run(b""))
            async with self._edge.body(request, MAX_BODY) as body:
                return await self._edge.pool.run(lambda: run(body))
        except MezhvedError as error:
            return problem(error)

    def page(self, requester: Requester, kind: str, after: str | None) -> dict[str, Any]:
        wanted = KINDS.get(kind)
        if wanted is None:
            raise BadInput("kept_kind_unknown", known=", ".join(KINDS))
        need_scope(requester)(wanted)
        page = read_kept(self._edge.house, requester, wanted, self._edge.clock(), after=after)
        records = [
            {
                "id": record.id,
                "kept_at": record.kept_at.isoformat(),
                "expires_at": record.expires_at.isoformat(),
                "content": content.model_dump(mode="json", exclude_defaults=True),
            }
            for record, content in page.records
        ]
        return {"records": records, "count": page.counts.get(wanted, 0), "next": page.next}

    def publish(self, requester: Requester, record_id: str, body: bytes) -> dict[str, Any]:
        need_scope(requester)(FAMILY)
        given = _parsed(Publishing, body).model_dump()
        published = publish_kept_family(self._edge.house, requester, record_id, self._edge.clock(), **given)
        case = self._edge.house.vault.case_pseudonym(requester.organisation_id, published.case_id)
        return {"case": case, "version": published.version, "entry": published.entry_id}

    def send(self, requester: Requester, record_id: str, body: bytes) -> dict[str, Any]:
        need_scope(requester)(SIGNAL)
        given = _parsed(SendingOn, body)
        message = send_kept_signal(
            self._edge.house,
            requester,
            record_id,
            given.recipient_ogrn,
            given.trigger,
            given.urgency,
            self._edge.clock(),
            received_by=given.received_by,
        )
        return {"id": message.id, "operation_id": message.operation_id}

    def discard(self, requester: Requester, record_id: str) -> dict[str, Any]:
        discard_record(self._edge.house, requester, record_id, self._edge.clock(), need_scope(requester))
        return {"id": record_id}


def _parsed(model: type[Given], body: bytes) -> Given:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, fault["loc"])) or "body"
        raise BadInput("field_invalid", place=place, rule=str(fault["type"])) from None
