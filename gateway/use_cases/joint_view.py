"""What a viewer may know of a joint decision: where each party stands, and what all of them have said together.

The proposer sees all of it. A party sees which other parties have been asked, and of each yes, no with its coded reason,
asks, or no answer yet: it was asked about the same matter of the same case, and a decision taken together is no secret
among those who take it, as long as the footing holds on which it was asked (`joint_footing`); then it sees its own part
alone, and by which rule the rest is closed. It does not see their words (those go to the proposer), whether a term of the
proposer's practice has passed, nor anybody to whom the matter has not come. Where whereabouts are protected it sees kinds,
no names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.joint_footing import Footings, footings
from gateway.use_cases.joint_values import JointDecision, JointParty
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_values import CourseTimer
from gateway.use_cases.run_practice_timers import Clock, clock_of
from gateway.use_cases.values import MessageOnFile, Organisation
from policies.joint import SPOKEN, Outcome, Position, Said, Stand, outcome, stand
from policies.ruling import CategoryRuling
from schemas.ids import MessageId, OrganisationId
from schemas.lifecycle import Event


@dataclass(frozen=True, slots=True)
class PartyView:
    """One party as a viewer may see it. `organisation` is None where only its kind may be said; `message`, `term`, `minutes`
    and `words` are the proposer's, and one's own. `late`: it answered after the proposer had noted its conclusion. `told`: the
    roles that were told of its silence, step by step. `closed`: by which rule nothing of the others is told it any
    more; for the proposer, where one decision is read."""

    kind: str
    organisation: Organisation | None
    stand: Stand
    is_me: bool
    late: bool = False
    message: MessageOnFile | None = None
    term: CourseTimer | None = None
    minutes: MessageOnFile | None = None
    minutes_stand: Stand | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    closed: CategoryRuling | None = None


@dataclass(frozen=True, slots=True)
class JointView:
    """A decision with its parties. `case` is the viewer's own pseudonym of the case that its message belongs to.

    `closed`: the rule by which nothing of the others is shown to this viewer any more; then `outcome` and the conclusion are
    not said either, and `parties` is its own part alone. `rests_on`: versions of the facts that decided it (law 4)."""

    decision: JointDecision
    proposer: Organisation
    is_proposer: bool
    case: str
    parties: tuple[PartyView, ...]
    outcome: Outcome | None
    agenda_id: str | None = None
    proposer_named: bool = True
    """Whether the viewer may read the proposer's name, and not its kind alone."""
    concluded_by: str | None = None
    """Who of the proposer's noted the conclusion; for its own people."""
    closed: CategoryRuling | None = None
    rests_on: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether the proposer has noted no conclusion yet, as far as the viewer may know."""
        return self.decision.concluded_at is None


def joint_views(
    house: House, unit: Unit, decisions: Sequence[JointDecision], viewer: OrganisationId, now: datetime
) -> list[JointView]:
    """Several at once; the number of statements does not depend on how many there are."""
    ids = [message_id for decision in decisions for message_id in decision.message_ids]
    messages = unit.joint.messages(ids, now)
    minutes = unit.joint.minutes_of(ids, now)
    terms = unit.joint.terms(ids, viewer)  # of one's own practice: nobody else's are found
    everybody = {party.organisation_id for decision in decisions for party in decision.parties}
    everybody |= {decision.proposer_id for decision in decisions}
    organisations = unit.practices.organisations(everybody)
    clock = clock_of(house, unit, organisations[viewer]) if terms else None
    told = {message_id: _told(clock, term) for message_id, term in terms.items() if clock is not None}
    footing = footings(house, unit, viewer, list(_own(decisions, messages, viewer)), now)
    views = [
        _view(house, decision, viewer, now, messages, minutes, terms, told, organisations) for decision in decisions
    ]
    return [_as_open(view, footing) for view in views]


def _own(
    decisions: Sequence[JointDecision], messages: Mapping[MessageId, MessageOnFile], viewer: OrganisationId
) -> Iterator[MessageOnFile]:
    """The messages by which the viewer was asked what others put."""
    for decision in decisions:
        for party in decision.parties:
            if party.organisation_id == viewer != decision.proposer_id:
                yield messages[party.message_id]


def _as_open(view: JointView, footing: Footings) -> JointView:
    """What is left of it where the footing of the viewer is gone."""
    own = next((party for party in view.parties if party.is_me and party.message), None)
    closed = footing.closed.get(own.message.id) if own and own.message and not view.is_proposer else None
    if closed is None or own is None:
        return replace(view, rests_on=footing.versions)
    unsaid = replace(view.decision, concluded_at=None, concluded_by=None, conclusion=None, positions={})
    alone = (replace(own, late=False),)
    return replace(view, decision=unsaid, parties=alone, outcome=None, closed=closed, rests_on=footing.versions)


def _told(clock: Clock, term: CourseTimer) -> tuple[str, ...]:
    """Who has heard of a term that passed: as many steps of the chain as were made."""
    chain = clock.chain(term.practice, term.timer) if clock.profile(term.practice) else ()
    return tuple(role for step in chain[: term.step] for role in step.roles)


def _view(
    house: House,
    decision: JointDecision,
    viewer: OrganisationId,
    now: datetime,
    messages: Mapping[MessageId, MessageOnFile],
    minutes: Mapping[MessageId, MessageOnFile],
    terms: Mapping[MessageId, CourseTimer],
    told: Mapping[MessageId, tuple[str, ...]],
    organisations: Mapping[OrganisationId, Organisation],
) -> JointView:
    is_proposer = decision.proposer_id == viewer
    shown = [
        party
        for party in decision.parties
        if is_proposer or party.organisation_id == viewer or messages[party.message_id].delivered_at is not None
    ]
    protected = any(messages[party.message_id].sender_protected for party in decision.parties)
    parties = []
    for party in shown:
        is_mine = is_proposer or party.organisation_id == viewer
        organisation, message = organisations[party.organisation_id], messages[party.message_id]
        term = terms.get(party.message_id) if is_proposer else None
        signing = minutes.get(party.message_id) if is_mine else None
        found = stand(said_of(message), overdue=is_overdue(term, now))
        parties.append(
            PartyView(
                kind=organisation.kind,
                organisation=organisation if is_mine or not protected else None,
                stand=found,
                is_me=party.organisation_id == viewer,
                late=_is_late(decision, party, found),
                message=message if is_mine else None,
                term=term,
                told=told.get(party.message_id, ()) if is_proposer else (),
                minutes=signing,
                minutes_stand=stand(said_of(signing)) if signing else None,
            )
        )
    own = next((p.message_id for p in decision.parties if p.organisation_id == viewer), None)
    case_id = decision.case_id if is_proposer or own is None else messages[own].case_id
    return JointView(
        decision,
        organisations[decision.proposer_id],
        is_proposer,
        house.vault.case_pseudonym(viewer, case_id),
        tuple(parties),
        outcome(party.stand.position for party in parties),
        decision.agenda_id,
        proposer_named=is_proposer or not protected,
    )


def standing(view: JointView) -> list[str]:
    """The positions of all parties, in their order."""
    return [party.stand.position.value for party in view.parties]


def said_of(message: MessageOnFile) -> list[Said]:
    """Its receipts as words of its recipient and its sender."""
    return [
        Said(receipt.event or Event.SUBMIT, receipt.at, receipt.reason, number)
        for number, receipt in enumerate(message.receipts)
    ]


def is_overdue(term: CourseTimer | None, now: datetime) -> bool:
    """Whether the term of an answer has passed: recorded so, or due by now, or by its end, while its clock ran."""
    if term is None:
        return False
    runs = term.paused_at is None
    return term.breached_at is not None or (runs and term.due_at <= (term.done_at or now))


def _is_late(decision: JointDecision, party: JointParty, found: Stand) -> bool:
    """Whether it spoke after the conclusion: what it says now is not what was counted then. A message that only came, or
    was taken back, is no word of the party."""
    if decision.concluded_at is None:
        return False
    counted = decision.positions.get(party.organisation_id, (Position.WAITING.value,))[0]
    return found.position in SPOKEN and found.position.value != counted
