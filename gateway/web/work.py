"""Who has a message: take it, give it to somebody, put it back; what was done about a delay; calls that were made."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.hand_message import assign_message, hand_over, return_to_queue, take_message
from gateway.use_cases.queue_people import Desk as Staffed
from gateway.use_cases.queue_people import is_worker
from gateway.use_cases.read_note import read_note
from gateway.use_cases.read_reach import Reach, read_reach
from gateway.use_cases.read_work import MessageWork, read_message_work
from gateway.use_cases.record_call import LINES, RESULTS, record_call
from gateway.use_cases.values import MessageOnFile
from gateway.web.queue import holder
from gateway.web.visits import Desk, Visit, redirect
from schemas.catalogue import text
from schemas.errors import BadInput
from schemas.ids import MessageId, PersonId

DONE: Final = frozenset({"taken", "assigned", "handed", "returned", "called"})


def work_routes(desk: Desk) -> APIRouter:
    """`/messages/{id}/take`, `/assign`, `/hand`, `/return`, `/notes/{move}`, `/call`."""
    router = APIRouter()

    @router.post("/messages/{message_id}/take")
    async def taking(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _take(visit, MessageId(message_id)))

    @router.post("/messages/{message_id}/assign")
    async def assigning(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _assign(visit, MessageId(message_id)))

    @router.get("/messages/{message_id}/hand")
    async def hand(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _hand_form(visit, MessageId(message_id), {}))

    @router.post("/messages/{message_id}/hand")
    async def handing(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _hand(visit, MessageId(message_id)))

    @router.post("/messages/{message_id}/return")
    async def returning(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _return(visit, MessageId(message_id)))

    @router.post("/messages/{message_id}/notes/{move_id}")
    async def note(message_id: str, move_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _note(visit, MessageId(message_id), move_id))

    @router.get("/messages/{message_id}/call")
    async def call(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _call_form(visit, MessageId(message_id), {}))

    @router.post("/messages/{message_id}/call")
    async def calling(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _call(visit, MessageId(message_id)))

    return router


def work_of(visit: Visit, message: MessageOnFile) -> dict[str, Any]:
    """What the page of a message shows of the work on it: for both sides the delays and calls, for one's own the people."""
    house, me = visit.edge.house, visit.me.requester
    work = read_message_work(house, me, message.id, visit.now)
    mine = message.recipient_id == me.organisation_id
    return {
        "work": work,
        "work_holder": holder(work.desk, work.item.person_id, me.person_id) if work.item else None,
        "work_late": work.item is not None and work.item.open and work.item.due_at <= visit.now,
        "work_moves": [(move, _moved(visit, work.desk, move)) for move in work.moves],
        "work_steps": [_step(visit, work, number) for number in range(len(work.steps))],
        "colleagues": _colleagues(work.desk, None),
        "reach": None if mine else reach_lines(visit, message),
    }


def reach_lines(visit: Visit, message: MessageOnFile) -> dict[str, Any] | None:
    """Whether the recipient works now, in words; None once it has answered."""
    if message.state.value not in {"submitted", "delivered", "opened"}:
        return None
    reach = read_reach(visit.edge.house, message.recipient_id, message.urgency, visit.now)
    return {"works": reach.works, "lines": [words for words in _reach(visit, reach) if words]}


def _reach(visit: Visit, reach: Reach) -> list[str]:
    def say(key: str, **params: str) -> str:
        return text(f"web_reach.{key}", visit.language, **params)

    if reach.works:
        return [say("open")]
    urgent = say("ring") if reach.at_once else ""
    phone = say("phone", phone=reach.phone) if reach.phone else ""
    calm = "" if reach.at_once else say("danger")
    if reach.works is None:
        return [say("unknown"), phone, say("kept"), say("danger") if reach.at_once else calm]
    opens = say("opens", when=visit.words.instant(reach.opens_at)) if reach.opens_at else ""
    return [say(f"closed_{reach.kind}"), urgent, say("kept"), phone, opens, calm]


def _moved(visit: Visit, desk: Staffed, move: Any) -> str:  # noqa: ANN401  a Move
    kind, _, value = move.actor.partition(":")
    by = desk.name(PersonId(value)) if kind == "person" else text("web_work.system", visit.language)
    return text(f"web_work.{move.kind}", visit.language, to=desk.name(move.to_id), by=by)


def _step(visit: Visit, work: MessageWork, number: int) -> tuple[str, datetime]:
    step = work.steps[number]
    row = visit.pack.tables.timers.get(step.timer)
    term = text(f"rulebook.unit_{row.unit}", visit.language, n=row.amount) if row else step.timer
    late = text(f"web_work.step_{step.stage}", visit.language, term=term)
    return f"{late}: {text(f'web_work.told_{step.told}', visit.language)}", step.at


def _colleagues(desk: Staffed, without: PersonId | None) -> list[tuple[str, str]]:
    """Who may be given work: login and name."""
    return [(p.login, p.name) for p in desk.staff if p.active and is_worker(p) and p.id != without]


def _take(visit: Visit, message_id: MessageId) -> Response:
    take_message(visit.edge.house, visit.me.requester, message_id, visit.now)
    return redirect(f"/messages/{message_id}", done="taken")


def _assign(visit: Visit, message_id: MessageId) -> Response:
    assign_message(visit.edge.house, visit.me.requester, message_id, visit.form.get("login"), visit.now)
    return redirect(f"/messages/{message_id}", done="assigned")


def _hand_form(visit: Visit, message_id: MessageId, errors: dict[str, str], status: int = 200) -> Response:
    work = read_message_work(visit.edge.house, visit.me.requester, message_id, visit.now)
    reasons = visit.pack.queues.handing
    return visit.page(
        "message_hand.html",
        status,
        work=work,
        message=work.message,
        colleagues=_colleagues(work.desk, work.item.person_id if work.item else None),
        reasons=list(reasons.items()),
        values=visit.form,
        errors=errors,
    )


def _hand(visit: Visit, message_id: MessageId) -> Response:
    form = visit.form
    errors = {}
    if not form.get("login"):
        errors["login"] = "web_work.choose_person"
    if not form.get("reason"):
        errors["reason"] = "web_work.choose_reason"
    if errors:
        return _hand_form(visit, message_id, errors, STATUS["bad_input"])
    hand_over(
        visit.edge.house,
        visit.me.requester,
        message_id,
        form.get("login"),
        form.get("reason"),
        visit.now,
        form.get("note"),
    )
    return redirect(f"/messages/{message_id}", done="handed")


def _return(visit: Visit, message_id: MessageId) -> Response:
    reason = visit.form.get("return_reason")
    if not reason:
        return _hand_form(visit, message_id, {"return_reason": "web_work.choose_reason"}, STATUS["bad_input"])
    return_to_queue(visit.edge.house, visit.me.requester, message_id, reason, visit.now)
    return redirect(f"/messages/{message_id}", done="returned")


def _note(visit: Visit, message_id: MessageId, move_id: str) -> Response:
    note = read_note(visit.edge.house, visit.me.requester, message_id, move_id, visit.now)
    return visit.page("message_note.html", message_id=message_id, note=note)


def _call_form(visit: Visit, message_id: MessageId, errors: dict[str, str], status: int = 200) -> Response:
    house, me = visit.edge.house, visit.me.requester
    message = read_message_work(house, me, message_id, visit.now).message
    now = visit.now.astimezone(ZoneInfo(visit.me.organisation.zone))
    values = visit.form
    if not visit.is_post:
        values = values.having(day=now.date().isoformat(), time=now.strftime("%H:%M"))
    listed = list(read_reach(house, message.recipient_id, message.urgency, visit.now).lines)
    if message.recipient_id == me.organisation_id and not message.sender_protected:
        listed += read_reach(house, message.sender_id, message.urgency, visit.now).lines
    lines = [(number, f"{name} {number}".strip()) for number, name in listed]
    lines += [(line, text(f"web_call.line_{line}", visit.language)) for line in LINES]
    return visit.page(
        "message_call.html",
        status,
        message=message,
        lines=lines,
        results=[(result, text(f"web_call.{result}", visit.language)) for result in RESULTS],
        values=values,
        errors=errors,
    )


def _call(visit: Visit, message_id: MessageId) -> Response:
    form, errors = visit.form, {}
    if not form.get("line"):
        errors["line"] = "web_call.line_missing"
    if form.get("result") not in RESULTS:
        errors["result"] = "web_call.result_missing"
    rang_at = _instant(visit, form.get("day"), form.get("time"))
    if rang_at is None:
        errors["day"] = "web_call.when_missing"
    if errors or rang_at is None:
        return _call_form(visit, message_id, errors, STATUS["bad_input"])
    try:
        record_call(
            visit.edge.house,
            visit.me.requester,
            message_id,
            form.get("line"),
            rang_at,
            form.get("result"),
            visit.now,
        )
    except BadInput as error:
        if error.code != "call_time":
            raise
        return _call_form(visit, message_id, {"day": "errors.call_time"}, STATUS["bad_input"])
    return redirect(f"/messages/{message_id}", done="called")


def _instant(visit: Visit, day: str, at: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(visit.me.organisation.zone))
    except ValueError:
        return None
