"""The part of the schema about joint decisions over all their parties, minutes, and agendas of meetings."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry.types import Info

from gateway.graphql import joint_types as nodes
from gateway.graphql.context import Context
from gateway.graphql.generated import input_type, to_draft
from gateway.graphql.joint_types import agenda_node, agenda_page_node, decision_node, foreseen_node
from gateway.use_cases.conclude_joint_decision import conclude_joint_decision
from gateway.use_cases.keep_agenda import add_to_agenda, close_agenda, make_agenda, remove_from_agenda
from gateway.use_cases.propose_joint_decision import preview_joint_decision, propose_joint_decision
from gateway.use_cases.read_agenda import read_agenda, read_agendas
from gateway.use_cases.read_joint_decision import MAX_PAGE, read_joint_decision, read_joint_decisions
from gateway.use_cases.send_minutes import send_minutes
from schemas.errors import BadInput
from schemas.joint import AgendaDraft, JointDecisionDraft, MinutesDraft

READ, SEND = "messages.read", "messages.send"

JointDecisionInput = input_type(JointDecisionDraft, "ProposeJointDecisionInput")
AgendaInput = input_type(AgendaDraft, "MakeAgendaInput")
MinutesInput = input_type(MinutesDraft, "SendMinutesInput")


def _page(first: int) -> int:
    """How many are asked for; one more is read, to know whether there are more. Raises BadInput (page_size)."""
    if not 1 <= first <= MAX_PAGE:
        raise BadInput("page_size", max=MAX_PAGE)
    return first


@strawberry.type
class JointQuery:
    """Joint decisions and agendas that are one's own, or that one is asked to."""

    @strawberry.field(description="One joint decision, as you may see it.")
    def joint_decision(self, info: Info[Context, None], id: strawberry.ID) -> nodes.JointDecisionNode:  # noqa: A002  the API's word
        context = info.context
        context.need(READ)
        return decision_node(read_joint_decision(context.house, context.requester, id, context.now), context.now)

    @strawberry.field(description="What you have put to others or were asked, newest first, without words.")
    def joint_decisions(
        self, info: Info[Context, None], first: int = MAX_PAGE, after: strawberry.ID | None = None
    ) -> nodes.JointDecisionPage:
        context = info.context
        context.need(READ)
        found = read_joint_decisions(context.house, context.requester, context.now, after, _page(first) + 1)
        items = [decision_node(view, context.now) for view in found[:first]]
        return nodes.JointDecisionPage(items=items, next=items[-1].id if len(found) > first else None)

    @strawberry.field(description="One agenda: to its maker all items, to others those addressed to them.")
    def agenda(self, info: Info[Context, None], id: strawberry.ID) -> nodes.AgendaPageNode:  # noqa: A002  the API's word
        context = info.context
        context.need(READ)
        return agenda_page_node(read_agenda(context.house, context.requester, id, context.now), context.now)

    @strawberry.field(description="Meetings that you hold or are asked to.")
    def agendas(
        self, info: Info[Context, None], first: int = MAX_PAGE, after: strawberry.ID | None = None
    ) -> nodes.AgendaList:
        context = info.context
        context.need(READ)
        found = read_agendas(context.house, context.requester, after, _page(first) + 1)
        mine = context.requester.organisation_id
        items = [agenda_node(agenda, maker, is_mine=maker.id == mine) for agenda, maker in found[:first]]
        return nodes.AgendaList(items=items, next=items[-1].id if len(found) > first else None)


@strawberry.type
class JointMutation:
    """Put a matter to several parties, note what was concluded, have minutes signed, keep agendas."""

    @strawberry.mutation(
        description="What each party would see of a joint decision, or why it cannot be put to it. Nothing is stored or sent."
    )
    def preview_joint_decision(
        self,
        info: Info[Context, None],
        input: JointDecisionInput,  # type: ignore[valid-type]  # noqa: A002  made at run time; the API's word
    ) -> list[nodes.JointPreviewNode]:
        context = info.context
        context.need(SEND)
        draft = to_draft(JointDecisionDraft, input)
        foreseen = preview_joint_decision(context.house, context.requester, draft, context.now)
        return [foreseen_node(found) for found in foreseen]

    @strawberry.mutation(
        description="Put a matter to all its parties, each in its own lane; all of it or nothing. Help never waits for it."
    )
    def propose_joint_decision(
        self,
        info: Info[Context, None],
        input: JointDecisionInput,  # type: ignore[valid-type]  # noqa: A002  as above
    ) -> nodes.ProposedNode:
        context = info.context
        context.need(SEND)
        draft = to_draft(JointDecisionDraft, input)
        made = propose_joint_decision(context.house, context.requester, draft, context.now)
        view = read_joint_decision(context.house, context.requester, made.decision.id, context.now)
        return nodes.ProposedNode(decision=decision_node(view, context.now), repeated=made.repeated)

    @strawberry.mutation(
        description="Note your own conclusion: taken, not_taken, withdrawn. What every party had said is recorded with it."
    )
    def conclude_joint_decision(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  the API's word
        conclusion: str,
    ) -> nodes.JointDecisionNode:
        context = info.context
        context.need(SEND)
        conclude_joint_decision(context.house, context.requester, id, conclusion, context.now)
        return decision_node(read_joint_decision(context.house, context.requester, id, context.now), context.now)

    @strawberry.mutation(
        description="Send minutes of a joint decision to every party that it has come to. Returns messages, in the order of"
        " the parties; each is signed or remarked on by `answerMessage`."
    )
    def send_minutes(
        self,
        info: Info[Context, None],
        decision_id: strawberry.ID,
        input: MinutesInput,  # type: ignore[valid-type]  # noqa: A002  as above
    ) -> list[strawberry.ID]:
        context = info.context
        context.need(SEND)
        draft = to_draft(MinutesDraft, input)
        sent = send_minutes(context.house, context.requester, decision_id, draft, context.now)
        return [strawberry.ID(message.id) for message in sent]

    @strawberry.mutation(
        description="Make an agenda of a meeting. Joint decisions and invitations name it by its id (`agenda`)."
    )
    def make_agenda(
        self,
        info: Info[Context, None],
        input: AgendaInput,  # type: ignore[valid-type]  # noqa: A002  as above
    ) -> strawberry.ID:
        context = info.context
        context.need(SEND)
        made = make_agenda(context.house, context.requester, to_draft(AgendaDraft, input), context.now)
        return strawberry.ID(made.id)

    @strawberry.mutation(description="Put a case at the end of an open agenda of yours. Returns the item.")
    def add_to_agenda(
        self, info: Info[Context, None], agenda_id: strawberry.ID, case_id: strawberry.ID
    ) -> strawberry.ID:
        context = info.context
        context.need(SEND)
        return strawberry.ID(add_to_agenda(context.house, context.requester, agenda_id, case_id, context.now).id)

    @strawberry.mutation(description="Take an item off an open agenda of yours; what was sent stays sent.")
    def remove_from_agenda(self, info: Info[Context, None], agenda_id: strawberry.ID, item_id: strawberry.ID) -> bool:
        context = info.context
        context.need(SEND)
        remove_from_agenda(context.house, context.requester, agenda_id, item_id, context.now)
        return True

    @strawberry.mutation(description="Close an agenda of yours. Answers, signatures and conclusions go on.")
    def close_agenda(self, info: Info[Context, None], agenda_id: strawberry.ID) -> datetime:
        context = info.context
        context.need(SEND)
        closed = close_agenda(context.house, context.requester, agenda_id, context.now)
        assert closed.closed_at is not None
        return closed.closed_at
