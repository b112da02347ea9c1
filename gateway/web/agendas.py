"""The pages of agendas: the list with the form of a new one, and one agenda, which is also what is printed for a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.facts import local_day
from gateway.use_cases.joint_view import is_overdue
from gateway.use_cases.keep_agenda import add_to_agenda, close_agenda, make_agenda, remove_from_agenda
from gateway.use_cases.read_agenda import MAX_PAGE, read_agenda, read_agendas
from gateway.web.form_fields import FieldReader, parse_day
from gateway.web.forms import Form
from gateway.web.joint import MATTERS
from gateway.web.visits import Desk, Visit, redirect
from schemas.errors import Conflict, Unavailable
from schemas.ids import new_id
from schemas.joint import AgendaDraft
from schemas.nameless import NotNameless

PATH: Final = "/agendas"
DONE: Final = frozenset({"made", "added", "removed", "closed"})


def agenda_routes(desk: Desk) -> APIRouter:
    """`/agendas`, `/agendas/{id}` and what its maker does with it."""
    router = APIRouter()

    @router.get(PATH)
    async def listed(request: Request) -> Response:
        return await desk.answer(request, lambda visit: _list(visit, Form().having(operation_id=new_id()), {}))

    @router.post(PATH)
    async def making(request: Request) -> Response:
        return await desk.answer(request, _make)

    @router.get(PATH + "/{agenda}")
    async def shown(agenda: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _agenda(visit, agenda))

    @router.post(PATH + "/{agenda}/add")
    async def adding(agenda: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _add(visit, agenda))

    @router.post(PATH + "/{agenda}/remove")
    async def removing(agenda: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _remove(visit, agenda))

    @router.post(PATH + "/{agenda}/close")
    async def closing(agenda: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _close(visit, agenda))

    return router


def _list(visit: Visit, form: Form, errors: Mapping[str, str], status: int = 200) -> Response:
    after = visit.query.get("after") or None
    found = read_agendas(visit.edge.house, visit.me.requester, after, MAX_PAGE + 1)
    return visit.page(
        "agendas.html",
        status,
        agendas=found[:MAX_PAGE],
        next_after=found[MAX_PAGE - 1][0].id if len(found) > MAX_PAGE else None,
        first_page=after is None,
        works=visit.me.requester.role == "caseworker",
        values=form,
        errors=errors,
    )


def _make(visit: Visit) -> Response:
    draft, errors = _composed(visit)
    if draft is None:
        return _list(visit, visit.form, errors, STATUS["bad_input"])
    try:
        made = make_agenda(visit.edge.house, visit.me.requester, draft, visit.now)
    except NotNameless as error:
        wrong = {str(error.params["field"]): "web_message.error_text_not_nameless"}
        return _list(visit, visit.form, wrong, STATUS["bad_input"])
    return redirect(f"{PATH}/{made.id}", done="made")


def _composed(visit: Visit) -> tuple[AgendaDraft | None, Mapping[str, str]]:
    zone = visit.me.organisation.zone
    read = FieldReader(visit.form, local_day(visit.now, zone))
    missing = {"day": "web_joint.day_missing", "clock": "web_joint.clock_missing"}
    day = read.parsed("day", parse_day, "date_wrong")
    clock = read.parsed("clock", time.fromisoformat, "time_wrong")
    place, topic = read.line("place"), read.line("topic")
    missing |= {"place": "web_joint.place_missing", "topic": "web_joint.topic_missing"}
    for name, value in (("day", day), ("clock", clock), ("place", place), ("topic", topic)):
        if value is None and name not in read.errors:
            read.errors[name] = missing[name]
    if read.errors or day is None or clock is None:
        return None, read.errors
    try:
        return AgendaDraft.model_validate(
            {
                "operation_id": visit.form.get("operation_id"),
                "at": datetime.combine(day, clock, tzinfo=ZoneInfo(zone)),
                "place": place,
                "topic": topic,
            }
        ), {}
    except ValidationError:
        return None, {"day": "web_referral.form_altered"}


def _agenda(visit: Visit, agenda_id: str, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    view = read_agenda(visit.edge.house, visit.me.requester, agenda_id, visit.now)
    done = visit.query.get("done", "")
    return visit.page(
        "agenda.html",
        status,
        view=view,
        matter=lambda code: visit.words.note(MATTERS, code),
        overdue=lambda term: is_overdue(term, visit.now),
        may_change=view.is_mine and view.agenda.closed_at is None and visit.me.requester.role == "caseworker",
        values=visit.form,
        errors=errors or {},
        done=done if done in DONE else "",
    )


def _add(visit: Visit, agenda_id: str) -> Response:
    case = visit.form.get("case")
    try:
        if not case:
            return _agenda(visit, agenda_id, {"case": "web_joint.case_missing"}, STATUS["bad_input"])
        add_to_agenda(visit.edge.house, visit.me.requester, agenda_id, case, visit.now)
    except (Unavailable, Conflict) as error:
        if error.code not in {"case_unavailable", "agenda_item_twice"}:
            raise
        return _agenda(visit, agenda_id, {"case": f"web_joint.{error.code}"}, STATUS["bad_input"])
    return redirect(f"{PATH}/{agenda_id}", done="added")


def _remove(visit: Visit, agenda_id: str) -> Response:
    remove_from_agenda(visit.edge.house, visit.me.requester, agenda_id, visit.form.get("item"), visit.now)
    return redirect(f"{PATH}/{agenda_id}", done="removed")


def _close(visit: Visit, agenda_id: str) -> Response:
    close_agenda(visit.edge.house, visit.me.requester, agenda_id, visit.now)
    return redirect(f"{PATH}/{agenda_id}", done="closed")
