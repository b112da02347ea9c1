"""Read joint decisions: one with the words of its parties, after an entry; a page of them without words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.evidence.entry import JsonValue
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.joint_footing import closed_to
from gateway.use_cases.joint_view import JointView, PartyView, joint_views
from gateway.use_cases.message_words import open_answers
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Requester
from policies.joint import Position
from schemas.errors import BadInput, Contended, Unavailable
from schemas.ids import CaseId, MessageId, PersonId, is_id, new_id

MAX_PAGE = 50
CASEWORKER = "caseworker"
PERSON = "person:"


@begin_anew
def read_joint_decision(house: House, requester: Requester, decision_id: str, now: datetime) -> JointView:
    """One decision as this organisation may see it. The proposer's people who work on the case read what the parties said in
    words, a party what it said itself.

    Raises Unavailable (joint_unavailable); the attempt is an entry, whether or not there is such a decision. Contended
    (facts_keep_moving).
    """
    wanted = decision_id if is_id(decision_id) else new_id()
    viewer = requester.organisation_id
    with house.store.writing() as unit:
        decision = unit.joint.get(wanted, viewer)
        view = joint_views(house, unit, [decision], viewer, now)[0] if decision else None
        reads = view is not None and _reads(unit, requester, view)
        if view is not None and view.is_proposer:
            parties = tuple(_footed(house, unit, party, now) for party in view.parties)
            view = replace(view, parties=parties, concluded_by=_name(unit, view.decision.concluded_by))
        if view is not None and not unit.facts.unchanged(view.rests_on):
            raise Contended("facts_keep_moving")
        body: dict[str, JsonValue] = {
            "decision": wanted,
            "organisation": viewer,
            "actor": requester.actor,
            "words": reads,
            **({"closed": view.closed.shown.id} if view is not None and view.closed is not None else {}),
        }
        append_entry(unit, EventKind.JOINT_READ, body, now)
    if view is None:
        raise Unavailable("joint_unavailable")
    return replace(view, parties=tuple(_with_words(house, party) for party in view.parties)) if reads else view


def read_joint_decisions(
    house: House, requester: Requester, now: datetime, after: str | None = None, limit: int = MAX_PAGE
) -> Sequence[JointView]:
    """A page of what one's organisation has put to others or was asked, newest first. Raises BadInput (page_size)."""
    if not 1 <= limit <= MAX_PAGE + 1:
        raise BadInput("page_size", max=MAX_PAGE)
    begin = None if after is None else after if is_id(after) else new_id()
    with house.store.reading() as unit:
        found = unit.joint.page(requester.organisation_id, begin, limit)
        return joint_views(house, unit, found, requester.organisation_id, now)


def decisions_of_case(house: House, requester: Requester, case_id: CaseId, now: datetime) -> Sequence[JointView]:
    """What one's own organisation has put to others about a case, newest first."""
    with house.store.reading() as unit:
        found = unit.joint.of_case(requester.organisation_id, case_id, MAX_PAGE)
        return joint_views(house, unit, found, requester.organisation_id, now)


def decision_of_message(house: House, requester: Requester, message_id: MessageId) -> tuple[str, bool] | None:
    """The decision that a message of one's own belongs to, and whether it is still open; None where there is none."""
    with house.store.reading() as unit:
        found = unit.joint.of_messages([message_id]).get(message_id)
        seen = unit.joint.get(found.id, requester.organisation_id) if found else None
    return (seen.id, seen.concluded_at is None) if seen else None


def _footed(house: House, unit: Unit, party: PartyView, now: datetime) -> PartyView:
    """With the rule by which the matter is closed to it by now, for the proposer, who sends it nothing more then."""
    if party.message is None or party.message.delivered_at is None or party.stand.position is Position.WITHDRAWN:
        return party
    return replace(party, closed=closed_to(house, unit, party.message, now))


def _name(unit: Unit, actor: str | None) -> str | None:
    """The name of one's own colleague; a partner's system is named as it is."""
    if actor is None or not actor.startswith(PERSON):
        return actor
    person = unit.participants.person(PersonId(actor.removeprefix(PERSON)))
    return person.display_name if person else None


def _reads(unit: Unit, requester: Requester, view: JointView) -> bool:
    if requester.role != CASEWORKER:
        return False
    if requester.person_id is None:
        return True
    own = next((party.message for party in view.parties if party.is_me and party.message), None)
    case_id = view.decision.case_id if view.is_proposer or own is None else own.case_id
    assigned = unit.recorded_facts.assigned(case_id, requester.organisation_id)
    return not assigned or requester.person_id in assigned


def _with_words(house: House, party: PartyView) -> PartyView:
    if party.message is None or party.stand.number is None:
        return party
    answers = open_answers(house, party.message)
    return replace(party, words=answers[party.stand.number][1])
