"""Joint decisions and agendas as the API shows them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from gateway.graphql import types as nodes
from gateway.use_cases.joint_values import Agenda
from gateway.use_cases.joint_view import JointView, PartyView, is_overdue
from gateway.use_cases.read_agenda import AgendaMessage, AgendaView
from gateway.use_cases.send_together import Foreseen
from gateway.use_cases.values import Organisation
from policies.joint import Stand
from schemas.ids import OrganisationId


@strawberry.type(
    description="Where a party stands: on_its_way, waiting, overdue, agreed, disagreed, asks, signed, remarked, withdrawn."
    " `reason` is the coded reason of a no."
)
class StandNode:
    position: str
    since: datetime | None
    reason: str | None


@strawberry.type(
    description="The term of a party's answer by the proposer's practice; only the proposer sees it. `told`: roles that"
    " heard of the silence."
)
class AnswerTermNode:
    due_at: datetime
    paused_at: datetime | None
    overdue: bool
    told: list[str]


@strawberry.type(
    description="A party as you may see it. `name` is null where only its kind may be said. `messageId`, `words`, `term` and"
    " `minutes` are the proposer's; of yourself you see them too, but for the term. `late`: it answered after the conclusion."
    " `closed`: by which rule nothing more of the matter is told it; the proposer's, where one decision is read."
)
class JointPartyNode:
    kind: str
    name: str | None
    is_me: bool
    stand: StandNode
    late: bool
    message_id: strawberry.ID | None
    words: list[nodes.NoteNode]
    term: AnswerTermNode | None
    minutes: StandNode | None
    closed: nodes.Access | None


@strawberry.type(description="What a party had said when the proposer noted its conclusion.")
class SaidThenNode:
    party: str
    position: str
    reason: str | None


@strawberry.type(
    description="A matter put to several parties. `outcome`: disagreement, question, overdue, waiting, agreed, nobody. Silence"
    " is neither yes nor no. `conclusion` (taken, not_taken, withdrawn) is the proposer's own word; `recorded` is beside it."
    " `closed`: your footing is gone, and by which rule; then `parties` is you alone, `outcome` and `conclusion` are null."
)
class JointDecisionNode:
    id: strawberry.ID
    matter: str
    proposer: str
    is_mine: bool
    case_id: strawberry.ID
    agenda_id: strawberry.ID | None
    proposed_at: datetime
    parties: list[JointPartyNode]
    outcome: str | None
    conclusion: str | None
    concluded_at: datetime | None
    concluded_by: str | None
    recorded: list[SaidThenNode]
    closed: nodes.Access | None


@strawberry.type(description="A page of joint decisions, newest first; `next` begins the following one.")
class JointDecisionPage:
    items: list[JointDecisionNode]
    next: strawberry.ID | None


@strawberry.type(
    description="What one party would see. `preview` is null where the message has no lane; `refused` is then the code, and"
    " `lawful` says what would be lawful instead."
)
class JointPreviewNode:
    ogrn: str
    goes: bool
    preview: nodes.PreviewNode | None
    refused: str | None
    lawful: str | None


@strawberry.type(description="The decision as it was put to its parties.")
class ProposedNode:
    decision: JointDecisionNode
    repeated: bool


@strawberry.type(description="A message that stands on an agenda: an invitation, minutes, a resolution.")
class AgendaMessageNode:
    id: strawberry.ID
    type: str
    recipient: str
    state: str
    stand: StandNode


@strawberry.type(description="An item, numbered for you. `id` is its maker's alone; `caseId` your own pseudonym.")
class AgendaItemNode:
    number: int
    id: strawberry.ID | None
    case_id: strawberry.ID
    decisions: list[JointDecisionNode]
    messages: list[AgendaMessageNode]


@strawberry.type(description="A meeting. `closedAt`: nothing is put on it any more.")
class AgendaNode:
    id: strawberry.ID
    maker: str
    is_mine: bool
    at: datetime
    closed_at: datetime | None


@strawberry.type(
    description="An agenda with what of it is yours to see; `general` are messages that belong to no case."
)
class AgendaPageNode:
    agenda: AgendaNode
    place: str | None
    topic: str | None
    items: list[AgendaItemNode]
    general: list[AgendaMessageNode]


@strawberry.type(description="A page of agendas, the latest meeting first.")
class AgendaList:
    items: list[AgendaNode]
    next: strawberry.ID | None


def decision_node(view: JointView, now: datetime) -> JointDecisionNode:
    """As this viewer may see it."""
    decision = view.decision
    names = {p.organisation.id: p.organisation.name for p in view.parties if p.organisation}
    return JointDecisionNode(
        id=strawberry.ID(decision.id),
        matter=decision.matter,
        proposer=view.proposer.name if view.proposer_named else view.proposer.kind,
        is_mine=view.is_proposer,
        case_id=strawberry.ID(view.case),
        agenda_id=strawberry.ID(view.agenda_id) if view.agenda_id else None,
        proposed_at=decision.proposed_at,
        parties=[_party(party, now) for party in view.parties],
        outcome=view.outcome.value if view.outcome else None,
        conclusion=decision.conclusion,
        concluded_at=decision.concluded_at,
        concluded_by=view.concluded_by,
        recorded=[
            SaidThenNode(
                party=names[OrganisationId(party)], position=said[0], reason=said[1] if len(said) > 1 else None
            )
            for party, said in decision.positions.items()
        ]
        if view.is_proposer
        else [],
        closed=nodes.access_of(view.closed, ()) if view.closed else None,
    )


def _party(party: PartyView, now: datetime) -> JointPartyNode:
    term = party.term
    return JointPartyNode(
        kind=party.kind,
        name=party.organisation.name if party.organisation else None,
        is_me=party.is_me,
        stand=_stand(party.stand),
        late=party.late,
        message_id=strawberry.ID(party.message.id) if party.message else None,
        words=[nodes.NoteNode(field=field, value=value) for field, value in party.words.items()],
        term=AnswerTermNode(
            due_at=term.due_at, paused_at=term.paused_at, overdue=is_overdue(term, now), told=list(party.told)
        )
        if term
        else None,
        minutes=_stand(party.minutes_stand) if party.minutes_stand else None,
        closed=nodes.access_of(party.closed, ()) if party.closed else None,
    )


def _stand(stand: Stand) -> StandNode:
    return StandNode(position=stand.position.value, since=stand.since, reason=stand.reason)


def foreseen_node(found: Foreseen) -> JointPreviewNode:
    """What would become of one message."""
    return JointPreviewNode(
        ogrn=found.draft.recipient_ogrn,
        goes=found.refused is None,
        preview=nodes.preview_node(found.preview) if found.preview else None,
        refused=found.refused.code if found.refused else None,
        lawful=found.lawful or None,
    )


def agenda_node(agenda: Agenda, maker: Organisation, *, is_mine: bool) -> AgendaNode:
    """Without its items."""
    return AgendaNode(
        id=strawberry.ID(agenda.id), maker=maker.name, is_mine=is_mine, at=agenda.at, closed_at=agenda.closed_at
    )


def agenda_page_node(view: AgendaView, now: datetime) -> AgendaPageNode:
    """With its items."""
    return AgendaPageNode(
        agenda=agenda_node(view.agenda, view.maker, is_mine=view.is_mine),
        place=view.words.get("place"),
        topic=view.words.get("topic"),
        items=[
            AgendaItemNode(
                number=line.number,
                id=strawberry.ID(line.item_id) if line.item_id else None,
                case_id=strawberry.ID(line.case),
                decisions=[decision_node(decision, now) for decision in line.decisions],
                messages=[_message(sent) for sent in line.messages],
            )
            for line in view.lines
        ],
        general=[_message(sent) for sent in view.general],
    )


def _message(sent: AgendaMessage) -> AgendaMessageNode:
    return AgendaMessageNode(
        id=strawberry.ID(sent.message.id),
        type=sent.message.type,
        recipient=sent.recipient.name,
        state=sent.message.state.value,
        stand=_stand(sent.stand),
    )
