"""What waits for a person: holds, emergencies to be reviewed, terms; and what one's organisation asked of others.

A hold is decided by the rule and the facts. No content of a family is opened on these pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.decide_hold import WAITING, HoldDecision, decide_hold
from gateway.use_cases.read_holds import OpenedHold, open_hold, read_asked, read_holds
from gateway.use_cases.read_notices import read_notices, roles_answered, see_notices
from gateway.use_cases.read_timers import close_timer, read_timers
from gateway.use_cases.review_emergency import read_emergencies
from gateway.web.facts_in_words import fact_lines
from gateway.web.forms import Form
from gateway.web.visits import Desk, Visit, redirect
from policies.ruling import Effect
from schemas.catalogue import text
from schemas.ids import Category, HoldId

PATH: Final = "/decisions"
DONE: Final = frozenset({"first", "released", "refused", "closed"})


def decision_routes(desk: Desk) -> APIRouter:
    """`/decisions` and one hold."""
    router = APIRouter()

    @router.get(PATH)
    async def decisions(request: Request) -> Response:
        return await desk.answer(request, _decisions)

    @router.post(PATH + "/seen")
    async def seen(request: Request) -> Response:
        return await desk.answer(request, _seen)

    @router.post(PATH + "/timers/{timer_id}")
    async def timer(timer_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _close(visit, timer_id))

    @router.get(PATH + "/{hold_id}")
    async def hold(hold_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _hold(visit, HoldId(hold_id)))

    @router.post(PATH + "/{hold_id}")
    async def deciding(hold_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _decide(visit, HoldId(hold_id)))

    return router


def _decisions(visit: Visit) -> Response:
    house, requester = visit.edge.house, visit.me.requester
    done = visit.query.get("done", "")
    return visit.page(
        "decisions.html",
        holds=read_holds(house, requester, visit.now),
        emergencies=read_emergencies(house, requester, visit.now),
        asked=read_asked(house, requester, visit.now),
        timers=read_timers(house, requester, visit.now),
        notices=read_notices(house, requester),
        reviews=_reviews(visit),
        reasons=visit.pack.responsible.holds.reasons,
        done=done if done in DONE else "",
    )


def _reviews(visit: Visit) -> bool:
    """Whether this person reviews emergencies: nobody else may read what was declared."""
    row = visit.pack.responsible.emergency
    return row is not None and row.reviewer in roles_answered(visit.edge.house, visit.me.requester)


def _seen(visit: Visit) -> Response:
    see_notices(visit.edge.house, visit.me.requester, visit.form.all("about"), visit.now)
    return redirect(PATH)


def _close(visit: Visit, timer_id: str) -> Response:
    close_timer(visit.edge.house, visit.me.requester, timer_id, visit.now)
    return redirect(PATH, done="closed")


def _hold(visit: Visit, hold_id: HoldId) -> Response:
    return _shown(visit, open_hold(visit.edge.house, visit.me.requester, hold_id, visit.now), {}, 200)


def _decide(visit: Visit, hold_id: HoldId) -> Response:
    house, requester, form = visit.edge.house, visit.me.requester, visit.form
    opened = open_hold(house, requester, hold_id, visit.now)
    hold = opened.shown.hold
    choices = {category: form.get(f"release_{category}") for category in hold.categories}
    errors = _errors(form, choices)
    if errors:
        return _shown(visit, opened, errors, STATUS["bad_input"])
    release = {Category(code): Effect(choice) for code, choice in choices.items() if choice in {"P", "M"}}
    decision = HoldDecision(release, form.get("words"), None if release else form.get("reason"))
    decided = decide_hold(house, requester, hold_id, decision, visit.now)
    see_notices(house, requester, [hold_id], visit.now)
    done = "first" if decided.hold.state == WAITING else decided.hold.state
    return redirect(PATH, done=done)


def _errors(form: Form, choices: Mapping[Category, str]) -> dict[str, str]:
    errors = {
        f"release_{category}": "web_hold.choice_missing"
        for category, choice in choices.items()
        if choice not in {"P", "M", "D"}
    }
    if not errors and not any(choice in {"P", "M"} for choice in choices.values()) and not form.get("reason"):
        errors["reason"] = "web_hold.reason_missing"
    if not form.get("words"):
        errors["words"] = "web_hold.words_missing"
    return errors


def _shown(visit: Visit, opened: OpenedHold, errors: dict[str, str], status: int) -> Response:
    hold = opened.shown.hold
    effect = next(iter(hold.categories.values()), Effect.DENY.value)
    return visit.page(
        "hold.html",
        status,
        opened=opened,
        hold=hold,
        rule=visit.words.rule(hold.rule, Effect.HOLD.value),
        categories=[(code, _choices(visit, best)) for code, best in sorted(hold.categories.items())],
        best=effect,
        facts=fact_lines(opened.facts, visit.words) if opened.facts is not None else None,
        claims=opened.claims,
        reasons=visit.pack.responsible.holds.reasons.items(),
        values=visit.form,
        errors=errors,
    )


def _choices(visit: Visit, best: str) -> list[tuple[str, str]]:
    allowed = [code for code in ("P", "M") if Effect(code).strictness >= Effect(best).strictness]
    return [(code, text(f"web_hold.release_{code}", visit.language)) for code in (*allowed, "D")]
