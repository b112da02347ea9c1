"""Read an agenda: its maker sees all its items, another organisation those that were addressed to it, and nothing of the rest.

Items are numbered for each viewer anew: neither a number nor a gap says that there are others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.joint_values import Agenda
from gateway.use_cases.joint_view import JointView, joint_views, said_of
from gateway.use_cases.message_words import open_sealed
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import MessageOnFile, Organisation, Requester
from policies.joint import Stand, stand
from schemas.errors import BadInput, Unavailable
from schemas.ids import CaseId, MessageId, OrganisationId, is_id, new_id

MAX_PAGE = 50
MOST_MESSAGES = 1000
JOINT = "joint_decision"


@dataclass(frozen=True, slots=True)
class AgendaMessage:
    """A message that stands on it beside the decisions: an invitation, minutes, a resolution."""

    message: MessageOnFile
    recipient: Organisation
    stand: Stand


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One item as the viewer counts it. `item_id` is its maker's alone; `case` the viewer's own pseudonym."""

    number: int
    item_id: str | None
    case: str
    decisions: tuple[JointView, ...]
    messages: tuple[AgendaMessage, ...]


@dataclass(frozen=True, slots=True)
class AgendaView:
    """An agenda as one organisation may see it; `general` are messages that belong to no case."""

    agenda: Agenda
    maker: Organisation
    is_mine: bool
    words: Mapping[str, str]
    lines: tuple[AgendaLine, ...]
    general: tuple[AgendaMessage, ...]


def read_agenda(house: House, requester: Requester, agenda_id: str, now: datetime) -> AgendaView:
    """Raises Unavailable (agenda_unavailable); the attempt is an entry, whether or not there is such an agenda."""
    wanted = agenda_id if is_id(agenda_id) else new_id()
    viewer = requester.organisation_id
    with house.store.writing() as unit:
        agenda = unit.agendas.get(wanted, viewer)
        found = _lines(house, unit, agenda, viewer, now) if agenda else None
        append_entry(
            unit,
            EventKind.AGENDA_READ,
            {"agenda": wanted, "organisation": viewer, "actor": requester.actor},
            now,
        )
    if agenda is None or found is None:
        raise Unavailable("agenda_unavailable")
    maker, lines, general = found
    words = open_sealed(house, MessageId(agenda.id), agenda.sealed_words)
    return AgendaView(agenda, maker, agenda.organisation_id == viewer, words, lines, general)


def read_agendas(
    house: House, requester: Requester, after: str | None = None, limit: int = MAX_PAGE
) -> Sequence[tuple[Agenda, Organisation]]:
    """A page of meetings that one's organisation holds or is asked to, the latest first. Raises BadInput (page_size)."""
    if not 1 <= limit <= MAX_PAGE + 1:
        raise BadInput("page_size", max=MAX_PAGE)
    begin = None if after is None else after if is_id(after) else new_id()
    with house.store.reading() as unit:
        agendas = unit.agendas.page(requester.organisation_id, begin, limit)
        makers = unit.practices.organisations({agenda.organisation_id for agenda in agendas})
    return [(agenda, makers[agenda.organisation_id]) for agenda in agendas]


def _lines(
    house: House, unit: Unit, agenda: Agenda, viewer: OrganisationId, now: datetime
) -> tuple[Organisation, tuple[AgendaLine, ...], tuple[AgendaMessage, ...]]:
    ids = unit.agendas.messages(agenda, viewer, MOST_MESSAGES)
    messages = unit.joint.messages(ids, now)
    of_messages = unit.joint.of_messages(ids)
    decisions = {decision.id: decision for decision in (of_messages[i] for i in ids if i in of_messages)}
    views = joint_views(house, unit, list(decisions.values()), viewer, now)
    recipients = {message.recipient_id for message in messages.values()}
    organisations = unit.practices.organisations({agenda.organisation_id, *recipients})
    others = [
        AgendaMessage(messages[i], organisations[messages[i].recipient_id], stand(said_of(messages[i])))
        for i in ids
        if i not in of_messages
    ]
    cases: list[tuple[str | None, CaseId]]
    if agenda.organisation_id == viewer:
        cases = [(item.id, item.case_id) for item in unit.agendas.items(agenda.id)]
    else:  # what came to the viewer, in the order in which it was sent: its own count, which tells of nothing else
        about = [messages[i].case_id for i in ids if i in of_messages or messages[i].purpose or messages[i].answers_id]
        cases = [(None, case_id) for case_id in dict.fromkeys(about)]
    lines = tuple(
        AgendaLine(
            number,
            item_id,
            house.vault.case_pseudonym(viewer, case_id),
            tuple(view for view in views if case_id in _cases(view, messages)),
            tuple(sent for sent in others if sent.message.case_id == case_id),
        )
        for number, (item_id, case_id) in enumerate(cases, start=1)
    )
    listed = {case_id for _, case_id in cases}
    general = tuple(sent for sent in others if sent.message.case_id not in listed)
    return organisations[agenda.organisation_id], lines, general


def _cases(view: JointView, messages: Mapping[MessageId, MessageOnFile]) -> set[CaseId]:
    """The cases that a decision stands with: that of the decision for its proposer, those of the viewer's own messages."""
    if view.is_proposer:
        return {view.decision.case_id}
    return {messages[i].case_id for i in view.decision.message_ids if i in messages}
