"""The page «Нагрузка»: how many cases each of one's people has, by the norms of the practice. For who leads them."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.use_cases.read_loads import read_loads
from gateway.web.meters import figure, meter_of
from gateway.web.visits import Desk, Visit

PATH: Final = "/practice/load"


def load_routes(desk: Desk) -> APIRouter:
    """`/practice/load`."""
    router = APIRouter()

    @router.get(PATH)
    async def loads(request: Request) -> Response:
        return await desk.answer(request, _loads)

    return router


def _loads(visit: Visit) -> Response:
    found = read_loads(visit.edge.house, visit.me.requester, visit.now)
    return visit.page(
        "loads.html",
        found=found,
        people=[
            (person, {standing.code: meter_of(standing, visit.language) for standing in person.norms})
            for person in found.people
        ],
        norms=[code for code in found.profile.norms if any(code == s.code for p in found.people for s in p.norms)],
        figure=lambda value: figure(value, visit.language),
    )
