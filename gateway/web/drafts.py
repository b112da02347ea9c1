"""«Черновики»: messages that one has begun to write. The pages that write a message keep and open them by this module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.use_cases.keep_draft import discard_draft, finish_draft, keep_draft
from gateway.use_cases.read_drafts import open_draft, read_drafts
from gateway.use_cases.read_queue import read_directory
from gateway.web.documents import named_uploads
from gateway.web.forms import Form
from gateway.web.seen import NOT_CARRIED
from gateway.web.visits import Desk, Visit, redirect
from schemas.errors import Unavailable

PATH: Final = "/drafts"
DONE: Final = frozenset({"kept", "discarded"})

Resume = Callable[[Visit, Form], Response]
"""A page that shows a form again as it was left."""


def draft_routes(desk: Desk, pages: Mapping[str, Resume]) -> APIRouter:
    """`/drafts`, one of them, and throwing it away."""
    router = APIRouter()

    @router.get(PATH)
    async def drafts(request: Request) -> Response:
        return await desk.answer(request, _drafts)

    @router.get(PATH + "/{draft_id}")
    async def draft(draft_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _resume(visit, draft_id, pages))

    @router.post(PATH + "/{draft_id}/discard")
    async def discarding(draft_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _discard(visit, draft_id))

    return router


def keep(visit: Visit, page: str, form: Form, kind: str) -> Response:
    """Keep what was typed, as it is: nothing of it is checked before it is to be sent."""
    fields = {name: values for name, values in form.fields.items() if name not in NOT_CARRIED}
    recipient = form.get("recipient") or None
    known = {organisation.ogrn for organisation in read_directory(visit.edge.house)}
    keep_draft(
        visit.edge.house,
        visit.me.requester,
        form.get("operation_id"),
        page,
        fields,
        visit.now,
        kind=kind,
        recipient_ogrn=recipient if recipient in known else None,
        uploads=named_uploads(form),
    )
    return redirect(PATH, done="kept")


def finish(visit: Visit, form: Form) -> None:
    """The message of this form was sent."""
    finish_draft(visit.edge.house, visit.me.requester, form.get("operation_id"), visit.now)


def _drafts(visit: Visit) -> Response:
    names = {organisation.ogrn: organisation.name for organisation in read_directory(visit.edge.house)}
    done = visit.query.get("done", "")
    return visit.page(
        "drafts.html",
        lines=read_drafts(visit.edge.house, visit.me.requester, visit.now),
        names=names,
        days=visit.edge.house.draft_period.days,
        done=done if done in DONE else "",
    )


def _resume(visit: Visit, draft_id: str, pages: Mapping[str, Resume]) -> Response:
    draft, fields = open_draft(visit.edge.house, visit.me.requester, draft_id, visit.now)
    if draft.page not in pages:
        raise Unavailable("draft_unavailable")
    return pages[draft.page](visit, Form({name: tuple(values) for name, values in fields.items()}))


def _discard(visit: Visit, draft_id: str) -> Response:
    discard_draft(visit.edge.house, visit.me.requester, draft_id, visit.now)
    return redirect(PATH, done="discarded")
