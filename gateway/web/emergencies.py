"""Break the glass in a browser: declare a direct threat, read the case, review what others declared."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.declare_emergency import declare_emergency
from gateway.use_cases.read_notices import see_notices
from gateway.use_cases.review_emergency import JUSTIFIED, MISUSE, OPEN, ShownEmergency, open_emergency, review_emergency
from gateway.web.visits import Desk, Visit, redirect
from schemas.errors import NotPermitted

PATH: Final = "/emergencies"


def emergency_routes(desk: Desk) -> APIRouter:
    """`/emergencies/new` and one emergency."""
    router = APIRouter()

    @router.get(PATH + "/new")
    async def form(request: Request) -> Response:
        return await desk.answer(request, lambda visit: _form(visit, {}, 200))

    @router.post(PATH + "/new")
    async def declaring(request: Request) -> Response:
        return await desk.answer(request, _declare)

    @router.get(PATH + "/{emergency_id}")
    async def emergency(emergency_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _emergency(visit, emergency_id))

    @router.post(PATH + "/{emergency_id}")
    async def reviewing(emergency_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _review(visit, emergency_id))

    return router


def _form(visit: Visit, errors: dict[str, str], status: int) -> Response:
    row = visit.pack.responsible.emergency
    if row is None:
        raise NotPermitted("emergency_not_here")
    values = visit.form if visit.is_post else visit.form.having(case=visit.query.get("case", ""))
    return visit.page("emergency_form.html", status, values=values, errors=errors, least=row.least_words)


def _declare(visit: Visit) -> Response:
    form, row = visit.form, visit.pack.responsible.emergency
    errors: dict[str, str] = {}
    if not form.get("case"):
        errors["case"] = "web_emergency.case_missing"
    if row is None or len(form.get("words")) < row.least_words:
        errors["words"] = "web_emergency.words_short"
    if not form.get("sure"):
        errors["sure"] = "web_emergency.sure_missing"
    if errors or row is None:
        return _form(visit, errors, STATUS["bad_input"])
    declare_emergency(visit.edge.house, visit.me.requester, form.get("case"), form.get("words"), visit.now)
    return redirect("/case", id=form.get("case"), purpose=row.purpose)


def _emergency(visit: Visit, emergency_id: str) -> Response:
    return _shown(visit, open_emergency(visit.edge.house, visit.me.requester, emergency_id, visit.now), {}, 200)


def _review(visit: Visit, emergency_id: str) -> Response:
    house, requester, form = visit.edge.house, visit.me.requester, visit.form
    errors: dict[str, str] = {}
    if form.get("outcome") not in {JUSTIFIED, MISUSE}:
        errors["outcome"] = "web_emergency.outcome_missing"
    if not form.get("words"):
        errors["words"] = "web_emergency.review_missing"
    if errors:
        shown = open_emergency(house, requester, emergency_id, visit.now)
        return _shown(visit, shown, errors, STATUS["bad_input"])
    review_emergency(house, requester, emergency_id, form.get("outcome"), form.get("words"), visit.now)
    see_notices(house, requester, [emergency_id], visit.now)
    return redirect(f"{PATH}/{emergency_id}", done="1")


def _shown(visit: Visit, shown: ShownEmergency, errors: dict[str, str], status: int) -> Response:
    return visit.page(
        "emergency.html",
        status,
        shown=shown,
        emergency=shown.emergency,
        may_review=shown.emergency.state == OPEN and shown.emergency.person_id != visit.me.requester.person_id,
        values=visit.form,
        errors=errors,
        done=bool(visit.query.get("done")),
    )
