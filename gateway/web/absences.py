"""Who is away, and who does the work meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.queue_people import is_worker
from gateway.use_cases.record_absence import end_absence, read_absences, record_absence
from gateway.web.visits import Desk, Visit, redirect
from schemas.errors import MezhvedError

PATH: Final = "/absences"
DONE: Final = frozenset({"recorded", "ended"})
COMPLAINTS: Final = {
    "absence_dates": "last",
    "absence_overlaps": "first",
    "substitute_unknown": "substitute",
}
"""Errors of the use case that belong to a field of the form."""


def absence_routes(desk: Desk) -> APIRouter:
    """`/absences`."""
    router = APIRouter()

    @router.get(PATH)
    async def absences(request: Request) -> Response:
        return await desk.answer(request, lambda visit: _shown(visit, {}))

    @router.post(PATH)
    async def recording(request: Request) -> Response:
        return await desk.answer(request, _record)

    @router.post(PATH + "/{absence_id}/end")
    async def ending(absence_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _end(visit, absence_id))

    return router


def _shown(visit: Visit, errors: dict[str, str], status: int = 200) -> Response:
    house, me = visit.edge.house, visit.me.requester
    absences, desk = read_absences(house, me, visit.now)
    leads = desk.may_assign(me, house.pack.queues.roles)
    able = [person for person in desk.staff if person.active]
    done = visit.query.get("done", "")
    values = visit.form if visit.is_post or leads else visit.form.having(login=visit.me.person.login)
    return visit.page(
        "absences.html",
        status,
        absences=[
            (
                absence,
                desk.name(absence.person_id),
                desk.name(absence.substitute_id),
                leads or absence.person_id == me.person_id,
            )
            for absence in absences
        ],
        now=visit.now,
        people=[(p.login, p.name) for p in able if leads or p.id == me.person_id],
        substitutes=[(p.login, p.name) for p in able if is_worker(p)],
        values=values,
        errors=errors,
        done=done if done in DONE else "",
    )


def _record(visit: Visit) -> Response:
    form, errors = visit.form, {}
    days = {name: _day(form.get(name)) for name in ("first", "last")}
    if not form.get("login"):
        errors["login"] = "web_absence.who_missing"
    errors |= {name: f"web_absence.{name}_missing" for name, day in days.items() if day is None}
    first, last = days["first"], days["last"]
    if errors or first is None or last is None:
        return _shown(visit, errors, STATUS["bad_input"])
    try:
        record_absence(
            visit.edge.house,
            visit.me.requester,
            form.get("login"),
            first,
            last,
            form.get("substitute") or None,
            visit.now,
        )
    except MezhvedError as error:
        if error.code not in COMPLAINTS:
            raise
        return _shown(visit, {COMPLAINTS[error.code]: f"web_absence.{error.code}"}, STATUS["bad_input"])
    return redirect(PATH, done="recorded")


def _end(visit: Visit, absence_id: str) -> Response:
    end_absence(visit.edge.house, visit.me.requester, absence_id, visit.now)
    return redirect(PATH, done="ended")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
