"""The part of the schema about queues: who has which message, absences, duty, alerts, calls, whether anybody works."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry.types import Info

from gateway.graphql.context import Context
from gateway.graphql.generated import LocalDate, input_type, output_type, to_draft
from gateway.use_cases.hand_message import assign_message, hand_over, return_to_queue, take_message
from gateway.use_cases.queue_people import Desk
from gateway.use_cases.queue_values import Alert, WorkRow
from gateway.use_cases.read_note import read_note
from gateway.use_cases.read_reach import Reach, read_reach
from gateway.use_cases.read_work import read_message_work, read_view
from gateway.use_cases.record_absence import end_absence, read_absences, record_absence
from gateway.use_cases.record_call import record_call
from gateway.use_cases.set_duty import read_alerts, read_duty, set_duty
from schemas.catalogue import text
from schemas.duty import DutySchedule
from schemas.errors import RequestRejected, Unavailable
from schemas.ids import MessageId, OrganisationId

DutyInput = input_type(DutySchedule, "DutyScheduleInput")
DutyNode = output_type(DutySchedule, "DutySchedule")


@strawberry.enum(description="A view of your queue: `MINE` is empty for a system.")
class QueueView(Enum):
    """Views of a queue."""

    MINE = "mine"
    FREE = "free"
    ALL = "all"
    OVERDUE = "overdue"
    DONE = "done"


@strawberry.type(
    description="Whether an organisation works now. `works` is null where it has published no hours. `advice` is for the person"
    " who sends: what to do when nobody is there."
)
class ReachNode:
    works: bool | None
    opens_at: datetime | None
    phone: str | None
    advice: str


@strawberry.type(
    description="A line of your queue. `login` and `name` are of who was given the message, `standInLogin` of who does the work"
    " while that person is away."
)
class QueueItemNode:
    id: strawberry.ID
    type: str
    urgency: str
    state: str
    sender: str
    stage: str
    due_at: datetime
    overdue: bool
    login: str | None
    name: str | None
    stand_in_login: str | None


@strawberry.type(description="How many messages stand in each view, at most 1000 of each.")
class QueueTabs:
    mine: int
    free: int
    all: int
    overdue: int


@strawberry.type
class QueuePage:
    items: list[QueueItemNode]
    next: strawberry.ID | None
    tabs: QueueTabs


@strawberry.type(description="What was done because nobody opened or answered: after which term, and whom it told.")
class EscalationNode:
    stage: str
    after: str
    told: str
    at: datetime


@strawberry.type(description="A phone call about a message: by which side, to which line, with which result.")
class CallNode:
    own: bool
    line: str
    rang_at: datetime
    result: str


@strawberry.type(description="How a message went from hand to hand in your organisation.")
class MoveNode:
    id: strawberry.ID
    kind: str
    at: datetime
    from_login: str | None
    to_login: str | None
    reason: str | None
    has_note: bool


@strawberry.type(description="The work on one message. `item` and `moves` are of the recipient alone.")
class MessageWorkNode:
    item: QueueItemNode | None
    moves: list[MoveNode]
    escalations: list[EscalationNode]
    calls: list[CallNode]
    recipient_now: ReachNode


@strawberry.type(description="Somebody of your organisation is away.")
class AbsenceNode:
    id: strawberry.ID
    login: str
    substitute_login: str | None
    from_at: datetime
    to_at: datetime


@strawberry.type(description="An alert that was made, and what became of it. Its text holds nothing of the message.")
class AlertNode:
    id: strawberry.ID
    message_id: strawberry.ID | None
    kind: str
    urgency: str
    contact: str
    channel: str
    state: str
    outcome: str | None
    attempts: int
    made_at: datetime
    ended_at: datetime | None


@strawberry.type
class QueueQuery:
    """Queues, duty, alerts."""

    @strawberry.field(
        description="Your queue by urgency and term; answered messages by the time of the answer. No content."
    )
    def queue(
        self,
        info: Info[Context, None],
        view: QueueView = QueueView.ALL,
        first: int = 20,
        after: strawberry.ID | None = None,
    ) -> QueuePage:
        context = info.context
        context.need("messages.read")
        start = MessageId(after) if after else None
        found = read_view(context.house, context.requester, view.value, context.now, start, first)
        items = [_item(context, row, found.desk) for row in found.rows]
        tabs = found.tabs
        return QueuePage(
            items=items,
            next=items[-1].id if len(items) == first else None,
            tabs=QueueTabs(mine=tabs.mine, free=tabs.free, all=tabs.all, overdue=tabs.overdue),
        )

    @strawberry.field(description="Who works on a message, what was done about a delay, calls; for both sides of it.")
    def message_work(self, info: Info[Context, None], id: strawberry.ID) -> MessageWorkNode:  # noqa: A002  the API's word
        context = info.context
        context.need("messages.read")
        return _work(context, MessageId(id))

    @strawberry.field(description="Whether an organisation works now, and where it can be reached.")
    def organisation_now(self, info: Info[Context, None], ogrn: str, urgency: str = "planned") -> ReachNode:
        context = info.context
        context.need("messages.send")
        found = next((o for o in context.directory() if o.ogrn == ogrn), None)
        if found is None:
            raise RequestRejected("recipient_unknown", ogrn=ogrn)
        return reach_node(context, found.id, urgency)

    @strawberry.field(description="Your opening hours, duty and duty numbers.")
    def duty(self, info: Info[Context, None]) -> DutyNode:  # type: ignore[valid-type]  # made at run time
        context = info.context
        context.need("messages.read")
        return read_duty(context.house, context.requester.organisation_id).model_dump(mode="json")

    @strawberry.field(description="Who of your people is away, now or later.")
    def absences(self, info: Info[Context, None]) -> list[AbsenceNode]:
        context = info.context
        context.need("messages.read")
        found, desk = read_absences(context.house, context.requester, context.now)
        return [
            AbsenceNode(
                id=strawberry.ID(absence.id),
                login=_login(desk, absence.person_id) or "",
                substitute_login=_login(desk, absence.substitute_id),
                from_at=absence.from_at,
                to_at=absence.to_at,
            )
            for absence in found
        ]

    @strawberry.field(description="Alerts of your organisation, newest first.")
    def alerts(self, info: Info[Context, None]) -> list[AlertNode]:
        context = info.context
        context.need("messages.read")
        return [_alert(alert) for alert in read_alerts(context.house, context.requester, context.now)]


@strawberry.type
class QueueMutation:
    """Take, give, put back; absences, duty, calls."""

    @strawberry.mutation(description="Take a message that nobody has. Only a person can. Returns the entry.")
    def take_message(self, info: Info[Context, None], id: strawberry.ID) -> strawberry.ID:  # noqa: A002  the API's word
        context = info.context
        context.need("messages.read")
        return strawberry.ID(take_message(context.house, context.requester, MessageId(id), context.now))

    @strawberry.mutation(description="Give a message to one of your people. Returns the entry.")
    def assign_message(self, info: Info[Context, None], id: strawberry.ID, login: str) -> strawberry.ID:  # noqa: A002  as above
        context = info.context
        context.need("messages.read")
        return strawberry.ID(assign_message(context.house, context.requester, MessageId(id), login, context.now))

    @strawberry.mutation(
        description="Hand a message over to a colleague, with a coded reason of the pack and a sealed note. Returns the entry."
    )
    def hand_over_message(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  as above
        login: str,
        reason: str,
        note: str | None = None,
    ) -> strawberry.ID:
        context = info.context
        context.need("messages.read")
        entry = hand_over(context.house, context.requester, MessageId(id), login, reason, context.now, note or "")
        return strawberry.ID(entry)

    @strawberry.mutation(description="Put a message back into the queue, with a coded reason. Returns the entry.")
    def return_message(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  as above
        reason: str,
        note: str | None = None,
    ) -> strawberry.ID:
        context = info.context
        context.need("messages.read")
        return strawberry.ID(
            return_to_queue(context.house, context.requester, MessageId(id), reason, context.now, note or "")
        )

    @strawberry.mutation(
        description="Read the note of a colleague; an entry of the log. Null once its key is destroyed."
    )
    def open_note(self, info: Info[Context, None], id: strawberry.ID, move_id: strawberry.ID) -> str | None:  # noqa: A002  as above
        context = info.context
        context.need("messages.read")
        return read_note(context.house, context.requester, MessageId(id), move_id, context.now)

    @strawberry.mutation(description="Record that somebody of yours is away, from the first to the last day.")
    def record_absence(
        self,
        info: Info[Context, None],
        login: str,
        first: LocalDate,
        last: LocalDate,
        substitute_login: str | None = None,
    ) -> strawberry.ID:
        context = info.context
        context.need("messages.read")
        absence = record_absence(
            context.house,
            context.requester,
            login,
            _day("first", first),
            _day("last", last),
            substitute_login,
            context.now,
        )
        return strawberry.ID(absence.id)

    @strawberry.mutation(description="End an absence; the work goes back.")
    def end_absence(self, info: Info[Context, None], id: strawberry.ID) -> bool:  # noqa: A002  as above
        context = info.context
        context.need("messages.read")
        end_absence(context.house, context.requester, id, context.now)
        return True

    @strawberry.mutation(description="Replace your opening hours, duty and duty numbers. Returns the entry.")
    def set_duty(self, info: Info[Context, None], input: DutyInput) -> strawberry.ID:  # type: ignore[valid-type]  # noqa: A002  made at run time; the API's word
        context = info.context
        context.need("messages.read")
        return strawberry.ID(set_duty(context.house, context.requester, to_draft(DutySchedule, input), context.now))

    @strawberry.mutation(
        description="Record a call about a message: to a number that the office has published, `112` or `published_elsewhere`."
        " Results: reached, no_answer, busy, wrong_line. Returns the entry."
    )
    def record_call(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  as above
        line: str,
        rang_at: datetime,
        result: str,
    ) -> strawberry.ID:
        context = info.context
        context.need("messages.read")
        if rang_at.tzinfo is None:
            raise RequestRejected("field_invalid", place="rangAt", rule="2026-03-02T09:00:00Z")
        return strawberry.ID(
            record_call(context.house, context.requester, MessageId(id), line, rang_at, result, context.now)
        )


# --- rendering -------------------------------------------------------------------------------------------------------


def reach_node(context: Context, organisation_id: OrganisationId, urgency: str) -> ReachNode:
    """Whether an organisation works now, for a message of this urgency."""
    reach = read_reach(context.house, organisation_id, urgency, context.now)
    return ReachNode(works=reach.works, opens_at=reach.opens_at, phone=reach.phone, advice=_advice(reach))


def _advice(reach: Reach) -> str:
    """The words that a person who sends must read, in Russian."""
    if reach.works:
        return text("web_reach.open")
    first = text("web_reach.unknown") if reach.works is None else text(f"web_reach.closed_{reach.kind}")
    ring = text("web_reach.ring") if reach.at_once and reach.works is False else text("web_reach.danger")
    return " ".join((first, ring, text("web_reach.kept")))


def _login(desk: Desk, person_id: str | None) -> str | None:
    found = next((person for person in desk.staff if person.id == person_id), None)
    return found.login if found else None


def _item(context: Context, row: WorkRow, desk: Desk) -> QueueItemNode:
    item, message = row.item, row.message
    responsible = desk.responsible(item.person_id)
    return QueueItemNode(
        id=strawberry.ID(message.id),
        type=message.type,
        urgency=message.urgency,
        state=message.state.value,
        sender=row.sender_name or row.sender_kind,
        stage=item.stage,
        due_at=item.due_at,
        overdue=item.open and item.due_at <= context.now,
        login=_login(desk, item.person_id),
        name=desk.name(item.person_id) or None,
        stand_in_login=_login(desk, responsible) if responsible != item.person_id else None,
    )


def _work(context: Context, message_id: MessageId) -> MessageWorkNode:
    work = read_message_work(context.house, context.requester, message_id, context.now)
    message, own = work.message, context.requester.organisation_id
    directory = context.directory()
    sender = next((o for o in directory if o.id == message.sender_id), None)
    if sender is None:
        raise Unavailable("message_unavailable")
    name = None if message.sender_protected and own != message.sender_id else sender.name
    item = _item(context, WorkRow(work.item, message, sender.kind, name), work.desk) if work.item else None
    return MessageWorkNode(
        item=item,
        moves=[
            MoveNode(
                id=strawberry.ID(move.id),
                kind=move.kind,
                at=move.at,
                from_login=_login(work.desk, move.from_id),
                to_login=_login(work.desk, move.to_id),
                reason=move.reason,
                has_note=move.sealed_note is not None,
            )
            for move in work.moves
        ],
        escalations=[
            EscalationNode(stage=step.stage, after=step.timer, told=step.told, at=step.at) for step in work.steps
        ],
        calls=[
            CallNode(own=call.organisation_id == own, line=call.line, rang_at=call.rang_at, result=call.result)
            for call in work.calls
        ],
        recipient_now=reach_node(context, message.recipient_id, message.urgency),
    )


def _alert(alert: Alert) -> AlertNode:
    return AlertNode(
        id=strawberry.ID(alert.id),
        message_id=strawberry.ID(alert.message_id) if alert.message_id else None,
        kind=alert.kind,
        urgency=alert.urgency,
        contact=alert.way.name,
        channel=alert.way.channel,
        state=alert.state,
        outcome=alert.outcome,
        attempts=alert.attempts,
        made_at=alert.made_at,
        ended_at=alert.ended_at,
    )


def _day(place: str, given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise RequestRejected("field_invalid", place=place, rule="2026-03-02") from None
