"""«Кто обращался»: which kinds of organisations read the summary of one's own case, for what, and in which days."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.use_cases.read_echoes import read_echoes
from gateway.use_cases.read_queue import MAX_PAGE
from gateway.web.visits import Desk, Visit
from schemas.ids import MessageId

PATH: Final = "/echoes"


def echo_routes(desk: Desk) -> APIRouter:
    """`/echoes?id=` a case of one's own."""
    router = APIRouter()

    @router.get(PATH)
    async def echoes(request: Request) -> Response:
        return await desk.answer(request, _echoes)

    return router


def _echoes(visit: Visit) -> Response:
    case, after = visit.query.get("id", "").strip(), visit.query.get("after") or None
    found = read_echoes(visit.edge.house, visit.me.requester, case, MessageId(after) if after else None)
    return visit.page(
        "echoes.html",
        case=case,
        echoes=found,
        after=after,
        more=found[-1].message_id if len(found) == MAX_PAGE else None,
        hours=int(visit.edge.house.echo_period.total_seconds() // 3600),
    )
