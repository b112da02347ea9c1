"""The queue of one's organisation: what came, by who has it and by when, and what was sent. No personal datum stands in it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.use_cases.queue_people import Desk as Staffed
from gateway.use_cases.queue_values import DONE, TAB_LIMIT, Tabs
from gateway.use_cases.read_queue import names_of, read_directory, read_queue, sender_words
from gateway.use_cases.read_work import VIEWS, read_view
from gateway.web.visits import Desk, Visit
from schemas.catalogue import text
from schemas.ids import MessageId, PersonId
from schemas.lifecycle import State

PAGE: Final = 20
OUTBOX: Final = "outbox"


def queue_routes(desk: Desk) -> APIRouter:
    """`/queue`."""
    router = APIRouter()

    @router.get("/queue")
    async def queue(request: Request) -> Response:
        return await desk.answer(request, _queue)

    return router


def _queue(visit: Visit) -> Response:
    if visit.query.get("box") == OUTBOX:
        return _sent(visit)
    house, requester = visit.edge.house, visit.me.requester
    view = visit.query.get("view", "all")
    view = view if view in VIEWS else "all"
    after = visit.query.get("after")
    # One more than is shown tells whether there is a next page.
    found = read_view(house, requester, view, visit.now, MessageId(after) if after else None, PAGE + 1)
    rows = found.rows[:PAGE]
    desk, mine = found.desk, requester.person_id
    return visit.page(
        "queue.html",
        view=view,
        tabs=_tabs(visit, found.tabs),
        rows=rows,
        senders={row.message.id: row.sender_name or house.pack.kind_title(row.sender_kind) for row in rows},
        unopened={row.message.id for row in rows if row.message.state is State.DELIVERED},
        late={row.message.id for row in rows if row.item.open and row.item.due_at <= visit.now},
        holders={row.message.id: holder(desk, row.item.person_id, mine) for row in rows},
        may_take=requester.role == "caseworker",
        leads=desk.may_assign(requester, house.pack.queues.roles),
        first_page=after is None,
        next_after=rows[-1].message.id if len(found.rows) > PAGE else None,
    )


def holder(desk: Staffed, person_id: PersonId | None, mine: PersonId | None) -> dict[str, str | bool]:
    """Who has a message, as a line says it: a name, in whose place, or that nobody has."""
    responsible = desk.responsible(person_id)
    return {
        "nobody": person_id is None,
        "mine": responsible is not None and responsible == mine,
        "name": desk.name(responsible),
        "instead": desk.name(person_id) if person_id is not None and responsible != person_id else "",
        "head": person_id is not None and responsible is None,
    }


def _tabs(visit: Visit, tabs: Tabs) -> list[tuple[str, str, str]]:
    """Name, address and count of each view; answered and sent messages are not counted."""
    shown = []
    for view in VIEWS:
        count = None if view == DONE else getattr(tabs, view)
        said = "" if count is None else str(count)
        if count is not None and count >= TAB_LIMIT:
            said = text("web_work.more", visit.language, n=count)
        shown.append((view, f"/queue?view={view}", said))
    return [*shown, (OUTBOX, f"/queue?box={OUTBOX}", "")]


def _sent(visit: Visit) -> Response:
    house, requester = visit.edge.house, visit.me.requester
    after = visit.query.get("after")
    found = read_queue(house, requester, visit.now, OUTBOX, MessageId(after) if after else None, PAGE + 1)
    shown = found[:PAGE]
    directory = read_directory(house)
    tabs = read_view(house, requester, "all", visit.now, limit=1)
    return visit.page(
        "outbox.html",
        view=OUTBOX,
        tabs=_tabs(visit, tabs.tabs),
        messages=shown,
        names=names_of(directory),
        senders={m.id: sender_words(house, m, requester.organisation_id, directory) for m in shown},
        leads=tabs.desk.may_assign(requester, house.pack.queues.roles),
        first_page=after is None,
        next_after=shown[-1].id if len(found) > PAGE else None,
    )
