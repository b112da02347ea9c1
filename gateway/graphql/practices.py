"""The part of the schema about one's own practice: its profile and settings, the course of one's cases, the board of terms.

Scores are not here: they serve their holder's people alone.
"""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry.types import Info

from gateway.graphql.context import Context
from gateway.use_cases.change_practice import OwnPractice, change_practice, read_practice
from gateway.use_cases.pause_timer import finish_timer, pause_timer, resume_timer
from gateway.use_cases.practice_settings import Chosen, kinds
from gateway.use_cases.practice_values import CourseTimer
from gateway.use_cases.read_timer_board import MAX_PAGE, Board, BoardLine, read_timer_board
from gateway.use_cases.record_practice_event import record_practice_event
from policies.profile import PracticeTimerRow

SCOPE = "practice.write"


@strawberry.type(description="A code of the practice with its words.")
class PracticeCode:
    code: str
    title: str


@strawberry.type(description="A stage, the stages that may follow it, and the stage of `deti-nashi` that it maps onto.")
class PracticeStage:
    code: str
    title: str
    same_as: str
    following: list[str]


@strawberry.type(
    description="A timer of the practice. `terms` are its dues (none: you have not set it), `on` whether your organisation"
    " runs it."
)
class PracticeTimer:
    code: str
    title: str
    terms: list[str]
    reminder: bool
    on: bool


@strawberry.type(
    description="What your organisation may set. `value` is null where it is not set: there is no default. `region`: what the"
    " overlay of your region says, which holds then."
)
class PracticeSettingNode:
    name: str
    kind: str
    value: str | None
    region: str | None


@strawberry.type(description="The practice by which your organisation works.")
class PracticeNode:
    code: str
    title: str
    stages: list[PracticeStage]
    events: list[PracticeCode]
    timers: list[PracticeTimer]
    pause_reasons: list[PracticeCode]
    not_used: list[str]
    settings: list[PracticeSettingNode]


@strawberry.type(
    description="One term of the board. `practice` is null for a term of the law or of the gateway. `group`: overdue, today,"
    " week, later, paused. `caseId` is your own pseudonym; `about` the message where it is about one."
)
class BoardLineNode:
    id: strawberry.ID
    practice: str | None
    timer: str
    title: str
    group: str
    about_kind: str
    about: strawberry.ID | None
    case_id: strawberry.ID | None
    who: list[str]
    started_at: datetime | None
    due_at: datetime
    reminder: bool
    breached_at: datetime | None
    paused_at: datetime | None


@strawberry.type(description="A page of the board; `next` begins the following one.")
class BoardPage:
    items: list[BoardLineNode]
    next: strawberry.ID | None


@strawberry.type(description="A timer that an event of the practice started or ended.")
class CourseTimerNode:
    id: strawberry.ID
    timer: str
    due_at: datetime


@strawberry.type(
    description="What came of an event. `newCase`: what follows belongs into a new case. `closes`: the case is closed by it;"
    " `unmet` are closing criteria that are not met, which informs and blocks nothing (null: none were asked)."
)
class PracticeEventRecorded:
    stage: str
    started: list[CourseTimerNode]
    ended: list[CourseTimerNode]
    new_case: bool
    closes: bool
    unmet: list[str] | None
    entry_id: strawberry.ID


@strawberry.type
class PracticeQuery:
    """One's own practice, and the board."""

    @strawberry.field(description="The practice by which your organisation works, and what it has set.")
    def practice(self, info: Info[Context, None]) -> PracticeNode:
        context = info.context
        context.need(SCOPE)
        return _practice(read_practice(context.house, context.requester))

    @strawberry.field(
        description="Everything that your organisation must do by a day, the most urgent first; what stands still comes last."
    )
    def timer_board(
        self, info: Info[Context, None], first: int = MAX_PAGE, after: strawberry.ID | None = None
    ) -> BoardPage:
        context = info.context
        context.need(SCOPE)
        return _page(read_timer_board(context.house, context.requester, context.now, after, first))


@strawberry.type
class PracticeMutation:
    """Record what happened, stop and end terms, set what the practice leaves open."""

    @strawberry.mutation(
        description="Record an event of your practice on a case that you hold. `at`: when it happened (default: now);"
        " `messageId`: a message of your queue that it answers, whose terms end with it; `criteria`: those closing criteria of"
        " the practice that are met, with an event that closes the case."
    )
    def record_practice_event(
        self,
        info: Info[Context, None],
        case_id: strawberry.ID,
        event: str,
        at: datetime | None = None,
        message_id: strawberry.ID | None = None,
        criteria: list[str] | None = None,
    ) -> PracticeEventRecorded:
        context = info.context
        context.need(SCOPE)
        found = record_practice_event(
            context.house,
            context.requester,
            case_id,
            event,
            context.now,
            at=at,
            message=message_id,
            criteria=criteria,
        )
        return PracticeEventRecorded(
            stage=found.stage,
            started=[_course_timer(timer) for timer in found.started],
            ended=[_course_timer(timer) for timer in found.ended],
            new_case=found.new_case,
            closes=found.closes,
            unmet=list(found.unmet) if found.unmet is not None else None,
            entry_id=strawberry.ID(found.entry_id),
        )

    @strawberry.mutation(description="Stop the clock of a term of your practice, for a reason that it has.")
    def pause_timer(self, info: Info[Context, None], id: strawberry.ID, reason: str) -> strawberry.ID:  # noqa: A002  the API's word
        context = info.context
        context.need(SCOPE)
        return strawberry.ID(pause_timer(context.house, context.requester, id, reason, context.now))

    @strawberry.mutation(description="Let a stopped term run on.")
    def resume_timer(self, info: Info[Context, None], id: strawberry.ID) -> strawberry.ID:  # noqa: A002  the API's word
        context = info.context
        context.need(SCOPE)
        return strawberry.ID(resume_timer(context.house, context.requester, id, context.now))

    @strawberry.mutation(description="Say that what a term of your practice is about was done.")
    def finish_timer(self, info: Info[Context, None], id: strawberry.ID) -> strawberry.ID:  # noqa: A002  the API's word
        context = info.context
        context.need(SCOPE)
        return strawberry.ID(finish_timer(context.house, context.requester, id, context.now))

    @strawberry.mutation(
        description="Set something that your practice leaves open; without `value` it is unset. `timer.<timer>` is `on` or"
        " `off`. Returns the entry."
    )
    def change_practice(self, info: Info[Context, None], name: str, value: str | None = None) -> strawberry.ID:
        context = info.context
        context.need(SCOPE)
        return strawberry.ID(change_practice(context.house, context.requester, name, value, context.now))


# --- rendering -------------------------------------------------------------------------------------------------------


def _practice(own: OwnPractice) -> PracticeNode:
    profile, chosen = own.profile, own.chosen
    return PracticeNode(
        code=own.organisation.practice or "",
        title=profile.title_ru,
        stages=[
            PracticeStage(
                code=code,
                title=chosen.value(row.named_by) or row.title_ru,
                same_as=row.same_as,
                following=list(profile.transitions.get(code, ())),
            )
            for code, row in profile.stages.items()
        ],
        events=[PracticeCode(code=code, title=row.title_ru) for code, row in profile.events.items()],
        timers=[_timer(code, row, chosen) for code, row in profile.timers.items()],
        pause_reasons=[PracticeCode(code=code, title=title) for code, title in profile.pause_reasons.items()],
        not_used=list(profile.not_used),
        settings=[
            PracticeSettingNode(name=name, kind=kind, value=chosen.values.get(name), region=chosen.region.get(name))
            for name, kind in kinds(profile).items()
        ],
    )


def _timer(code: str, row: PracticeTimerRow, chosen: Chosen) -> PracticeTimer:
    set_to = chosen.value(row.set_by)
    terms = [set_to] if set_to else [f"{term.amount} {term.unit}" for term in row.terms]
    return PracticeTimer(code=code, title=row.title_ru, terms=terms, reminder=row.reminder, on=chosen.runs(code))


def _page(board: Board) -> BoardPage:
    return BoardPage(
        items=[_line(line) for line in board.lines], next=strawberry.ID(board.next) if board.next else None
    )


def _line(line: BoardLine) -> BoardLineNode:
    row = line.row
    return BoardLineNode(
        id=strawberry.ID(row.id),
        practice=row.practice,
        timer=row.timer,
        title=line.title,
        group=line.group,
        about_kind=row.about_kind,
        about=strawberry.ID(row.about) if row.about_kind != "case" else None,
        case_id=strawberry.ID(line.case) if line.case else None,
        who=list(line.who),
        started_at=row.started_at,
        due_at=row.due_at,
        reminder=row.reminder,
        breached_at=row.breached_at,
        paused_at=row.paused_at,
    )


def _course_timer(timer: CourseTimer) -> CourseTimerNode:
    return CourseTimerNode(id=strawberry.ID(timer.id), timer=timer.timer, due_at=timer.due_at)
