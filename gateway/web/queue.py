"""The queue of one's organisation: what came and what was sent. No personal datum stands in it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.use_cases.read_queue import names_of, read_directory, read_queue, sender_words
from gateway.web.visits import Desk, Visit
from schemas.ids import MessageId
from schemas.lifecycle import State

PAGE: Final = 20
BOXES: Final = ("inbox", "outbox")


def queue_routes(desk: Desk) -> APIRouter:
    """`/queue`."""
    router = APIRouter()

    @router.get("/queue")
    async def queue(request: Request) -> Response:
        return await desk.answer(request, _queue)

    return router


def _queue(visit: Visit) -> Response:
    house, requester = visit.edge.house, visit.me.requester
    box = visit.query.get("box", BOXES[0])
    box = box if box in BOXES else BOXES[0]
    after = visit.query.get("after")
    # One more than is shown tells whether there is a next page.
    found = read_queue(house, requester, visit.now, box, MessageId(after) if after else None, PAGE + 1)
    shown = found[:PAGE]
    directory = read_directory(house)
    return visit.page(
        "queue.html",
        box=box,
        messages=shown,
        names=names_of(directory),
        senders={m.id: sender_words(house, m, requester.organisation_id, directory) for m in shown},
        unopened={message.id for message in shown if box == "inbox" and message.state is State.DELIVERED},
        first_page=after is None,
        next_after=shown[-1].id if len(found) > PAGE else None,
    )
