"""The page «Сроки»: what must be done by a day, the load of the weeks, a month for printing. No content of a family."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.use_cases.pause_timer import finish_timer, pause_timer, resume_timer
from gateway.use_cases.read_timer_board import BoardLine, read_month, read_timer_board
from gateway.use_cases.read_timers import close_timer
from gateway.web.remaining import month_of, plot_of, remaining
from gateway.web.visits import Desk, Visit, redirect
from schemas.errors import BadInput, Unavailable

PATH: Final = "/timers"
DONE: Final = frozenset({"done", "pause", "resume"})
EARLIEST: Final = 2000
LATEST: Final = 2100


def timer_routes(desk: Desk) -> APIRouter:
    """`/timers`, its month, and what is done with one term."""
    router = APIRouter()

    @router.get(PATH)
    async def board(request: Request) -> Response:
        return await desk.answer(request, _board)

    @router.get(PATH + "/calendar")
    async def calendar(request: Request) -> Response:
        return await desk.answer(request, _calendar)

    @router.post(PATH + "/{timer_id}/{act}")
    async def acting(timer_id: str, act: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _act(visit, timer_id, act))

    return router


def _board(visit: Visit) -> Response:
    after = visit.query.get("after") or None
    board = read_timer_board(visit.edge.house, visit.me.requester, visit.now, after)
    counts = dict(board.groups)
    return visit.page(
        "timers.html",
        groups=[(group, counts[group], list(lines)) for group, lines in groupby(board.lines, lambda line: line.group)],
        board=board,
        plot=plot_of(board.load),
        left=lambda line: _left(visit, line),
        after=after,
        month=_today(visit).isoformat()[:7],
        done=visit.query.get("done") if visit.query.get("done") in DONE else "",
    )


def _left(visit: Visit, line: BoardLine) -> str:
    """How long is left; of a clock that stands still, how long was left when it was stopped."""
    return remaining(line.row.due_at, line.row.paused_at or visit.now, visit.language)


def _act(visit: Visit, timer_id: str, act: str) -> Response:
    house, requester, now = visit.edge.house, visit.me.requester, visit.now
    if act == "pause":
        pause_timer(house, requester, timer_id, visit.form.get("reason"), now)
    elif act == "resume":
        resume_timer(house, requester, timer_id, now)
    elif act == "done":
        finish = finish_timer if visit.form.get("of") == "practice" else close_timer
        finish(house, requester, timer_id, now)
    else:
        raise Unavailable("page_unavailable")
    back = visit.form.get("back")
    if back:
        return redirect("/course", id=back, done="timer")
    return redirect(PATH, done=act)


def _calendar(visit: Visit) -> Response:
    first = _month(visit)
    zone = ZoneInfo(visit.me.organisation.zone)
    by_day: dict[date, list[BoardLine]] = {}
    earlier: list[BoardLine] = []
    for line in read_month(visit.edge.house, visit.me.requester, first, visit.now):
        day = _last_day(line.row.due_at, zone)
        (by_day.setdefault(day, []) if day >= first else earlier).append(line)
    return visit.page(
        "timers_calendar.html",
        weeks=month_of(first),
        by_day=by_day,
        earlier=earlier,
        first=first,
        today=_today(visit),
        before=(first - timedelta(days=1)).isoformat()[:7],
        following=(first + timedelta(days=31)).isoformat()[:7],
        week_days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    )


def _month(visit: Visit) -> date:
    asked = visit.query.get("month") or _today(visit).isoformat()[:7]
    try:
        first = date.fromisoformat(f"{asked}-01")
    except ValueError:
        raise BadInput("field_invalid", place="month", rule="YYYY-MM") from None
    if not EARLIEST <= first.year <= LATEST:
        raise BadInput("field_invalid", place="month", rule=f"{EARLIEST}–{LATEST}")
    return first


def _today(visit: Visit) -> date:
    return visit.now.astimezone(ZoneInfo(visit.me.organisation.zone)).date()


def _last_day(due: datetime, zone: ZoneInfo) -> date:
    return (due - timedelta(microseconds=1)).astimezone(zone).date()
