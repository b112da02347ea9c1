"""The pages of one's practice: what it is and what the organisation set, and the course of one's own case with its scores.

Everything here is the holder's own: nothing of it is part of a summary, a message or an export.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.change_practice import OwnPractice, change_practice, read_practice
from gateway.use_cases.practice_settings import SWITCH, Chosen, kinds
from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.score_case import OwnCase, read_own_case, score_case
from gateway.web.case_records import asks_at_closing, keep, kept_context, kept_of, parse_when
from gateway.web.remaining import remaining
from gateway.web.visits import Desk, Visit, redirect
from policies.profile import PracticeTimerRow, Profile, ScoreRow, TermRow
from policies.profiles import WARN
from schemas.errors import BadInput
from schemas.identifiers import is_digits

PRACTICE: Final = "/practice"
COURSE: Final = "/course"
DONE: Final = frozenset({"recorded", "new_case", "scored", "timer", "kept", "closed"})
REFUSAL: Final = "cooperation_refusal"
INSTANT: Final = "%d.%m.%Y %H:%M"


def practice_routes(desk: Desk) -> APIRouter:
    """`/practice` with its settings, `/course` of one case."""
    router = APIRouter()

    @router.get(PRACTICE)
    async def practice(request: Request) -> Response:
        return await desk.answer(request, _practice)

    @router.post(PRACTICE)
    async def changing(request: Request) -> Response:
        return await desk.answer(request, _change)

    @router.get(COURSE)
    async def course(request: Request) -> Response:
        return await desk.answer(request, lambda visit: _course(visit, visit.query.get("id", "").strip(), {}, 200))

    @router.post(COURSE)
    async def recording(request: Request) -> Response:
        return await desk.answer(request, _record)

    @router.post(COURSE + "/scores/{score}")
    async def scoring(score: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _score(visit, score))

    @router.post(COURSE + "/records/{kind}")
    async def keeping(kind: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _keep(visit, kind))

    return router


# --- the practice ----------------------------------------------------------------------------------------------------


def _practice(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    own = read_practice(visit.edge.house, visit.me.requester)
    return visit.page(
        "practice.html",
        status,
        own=own,
        profile=own.profile,
        terms=lambda row: _terms(row, own.chosen, visit),
        number=lambda value: f"{value:,}".replace(",", " ") if isinstance(value, Decimal) else value,
        stage=lambda code: stage_title(own.profile, own.chosen, code),
        settings=_settings(own, visit),
        warns=[WARN + timer for timer in own.profile.timers],
        role=visit.words.staff_role,
        errors=errors or {},
        done="saved" if visit.query.get("done") else "",
    )


def _settings(own: OwnPractice, visit: Visit) -> list[tuple[str, str, str, str]]:
    """Name, title, kind and value of everything that may be set, but for the switches, which stand with their timers."""
    found = []
    for name, kind in kinds(own.profile).items():
        if name.startswith(SWITCH):
            continue
        row = own.profile.settings.get(name)
        timer = own.profile.timers.get(name.removeprefix(WARN))
        title = row.title_ru if row else visit.text("web_practice.warns", timer=timer.title_ru if timer else name)
        found.append((name, title, kind, own.chosen.values.get(name, "")))
    return found


def _change(visit: Visit) -> Response:
    name, value = visit.form.get("name"), visit.form.get("value")
    try:
        change_practice(visit.edge.house, visit.me.requester, name, value or None, visit.now)
    except BadInput as error:
        if error.code != "field_invalid":
            raise
        return _practice(visit, {name: str(error.params["rule"])}, STATUS["bad_input"])
    return redirect(PRACTICE, done="saved")


def _terms(row: PracticeTimerRow, chosen: Chosen, visit: Visit) -> str:
    """What the practice prints, or what the organisation set where it prints none."""
    if row.set_by is None:
        return ", ".join(term_in_words(term, visit) for term in row.terms)
    value = chosen.value(row.set_by)
    if not value:
        return visit.text("web_practice_term.unset")
    amount, unit = value.split()
    term = term_in_words(TermRow.model_validate({"amount": amount, "unit": unit}), visit)
    return visit.text("web_practice_term.set_by", term=term)


def term_in_words(row: TermRow, visit: Visit) -> str:
    """«3 рабочих дня»."""
    whole = row.amount == int(row.amount)
    if not whole:
        return visit.text("web_term.half", n=str(row.amount.normalize()).replace(".", ","))
    return visit.text(f"web_term.{row.unit}", n=int(row.amount))


def stage_title(profile: Profile, chosen: Chosen, code: str | None) -> str:
    """The name of a stage: that which the organisation gave it, where the practice has but a number."""
    row = profile.stages.get(code or "")
    if row is None:
        return code or ""
    return chosen.value(row.named_by) or row.title_ru


# --- one case --------------------------------------------------------------------------------------------------------


def _course(visit: Visit, case: str, errors: dict[str, str], status: int, closing: str = "") -> Response:
    """`closing` is an event that would close the case, and waits for the criteria to be looked at."""
    if not case:
        return visit.page("course.html", status, case="", own=None, errors=errors, done="")
    own = read_own_case(visit.edge.house, visit.me.requester, case, visit.now)
    kept = kept_of(visit, case)
    done = visit.query.get("done", "")
    return visit.page(
        "course.html",
        status,
        case=case,
        own=own,
        profile=own.profile,
        stage=lambda code: stage_title(own.profile, own.chosen, code),
        events=_events(own),
        procedure=_procedure(own, visit),
        scores=_scores(own),
        left=lambda timer: remaining(timer.due_at, timer.paused_at or visit.now, visit.language),
        values=visit.form,
        errors=errors,
        done=done if done in DONE else "",
        closing_event=closing,
        **kept_context(visit, kept),
    )


def _keep(visit: Visit, kind: str) -> Response:
    case = visit.form.get("id")
    wrong = keep(visit, case, kind)
    if wrong is not None:
        return _course(visit, case, {f"form-{kind}": wrong}, STATUS["bad_input"])
    return redirect(COURSE, id=case, done="kept")


def _procedure(own: OwnCase, visit: Visit) -> dict[str, object] | None:
    """What the practice does when parents refuse, while its term runs: by when, who is told, what people do next."""
    running = next((timer for timer in own.timers if timer.timer == REFUSAL), None)
    tool = own.profile.tools.get(REFUSAL)
    if running is None or tool is None:
        return None
    told = own.chosen.value(tool.chain)
    roles = told.split(", ") if told else [role for step in own.profile.escalation.chain for role in step.roles]
    return {
        "due": running.due_at,
        "steps": tool.steps_ru,
        "told": [visit.words.staff_role(role) for role in roles],
        "parties": [visit.words.organisation_kind(kind) for kind in tool.parties],
    }


def _events(own: OwnCase) -> list[tuple[str, str]]:
    """What may be recorded now: what changes no stage, once the case has begun, and what leads into one that may follow. What
    comes with a record of the case is recorded with it."""
    stage = own.course.stage if own.course else None
    return [
        (code, row.title_ru)
        for code, row in own.profile.events.items()
        if code not in own.profile.comes_with.values()
        if (row.to is None and stage is not None) or (row.to is not None and own.profile.may_follow(stage, row.to))
    ]


def _scores(own: OwnCase) -> list[tuple[str, ScoreRow | None, list[int]]]:
    """Scores of the practice; None for one that it refuses on principle."""
    found: list[tuple[str, ScoreRow | None, list[int]]] = []
    for code, row in own.profile.scores.items():
        if not isinstance(row, ScoreRow):
            found.append((code, None, []))
        elif row.least is None or row.most is None:
            found.append((code, row, []))
        else:
            found.append((code, row, list(range(row.least, row.most + 1))))
    return found


def _record(visit: Visit) -> Response:
    case, event = visit.form.get("id"), visit.form.get("event")
    errors: dict[str, str] = {}
    happened = None
    if not event:
        errors["event"] = "web_course.event_missing"
    try:
        happened = parse_when(visit, visit.form.get("at"))
    except ValueError:
        errors["at"] = "web_course.at_wrong"
    if errors:
        return _course(visit, case, errors, STATUS["bad_input"])
    criteria = None
    if asks_at_closing(visit, event):
        if visit.form.get("asked") != event:
            return _course(visit, case, {}, 200, closing=event)
        criteria = visit.form.all("met")
    found = record_practice_event(
        visit.edge.house, visit.me.requester, case, event, visit.now, at=happened, criteria=criteria
    )
    done = "new_case" if found.new_case else "closed" if found.closes else "recorded"
    return redirect(COURSE, id=case, done=done)


def _score(visit: Visit, score: str) -> Response:
    case = visit.form.get("id")
    prefix = f"{score}."
    typed = {
        name.removeprefix(prefix): values[0].strip()
        for name, values in visit.form.fields.items()
        if name.startswith(prefix)
    }
    if not typed or not all(value and is_digits(value) for value in typed.values()):
        return _course(visit, case, {score: "web_course.points_wrong"}, STATUS["bad_input"])
    points = {code: int(value[:9]) for code, value in typed.items()}
    score_case(visit.edge.house, visit.me.requester, case, score, points, visit.now)
    return redirect(COURSE, id=case, done="scored")
