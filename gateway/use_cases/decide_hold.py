"""Release or refuse what a rule held. A person of the holder decides (152-ФЗ ст. 16: never a program), with a reason.

The decider sees the rule and the facts, never the content. A yes gives at most what the pack lets a yes give; a narrower
one may be given. Where the pack asks for two, the second is another person, who may be an agreed deputy of another
organisation; one refusal is enough. The decision is a recorded fact with a term, and the requester is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.evidence.entry import JsonValue, commitment
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.disclose import rule
from gateway.use_cases.facts import Question
from gateway.use_cases.hold_for_people import DECIDED, Decision
from gateway.use_cases.house import House
from gateway.use_cases.move_message import THE_GATEWAY, move
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import HEAD, answers_for, notice, tell_deputies
from gateway.use_cases.values import FactEvent, Hold, MessageOnFile, RecordedFact, Requester
from gateway.vault.errors import KeyAbsent
from policies.ruling import Effect
from schemas import categories as c
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import Category, EntryId, FactId, HoldId, MessageId, OrganisationId, is_id, new_id
from schemas.lifecycle import Event

WAITING, RELEASED, REFUSED = "waiting", "released", "refused"


@dataclass(frozen=True, slots=True)
class HoldDecision:
    """What a person says. `release` names the categories to give and how (P or M); what is not named stays closed.
    `reason` is a code that the requester may read, `words` are for the holder alone."""

    release: Mapping[Category, Effect]
    words: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HoldDecided:
    """The hold as it stands, and the entry."""

    hold: Hold
    entry_id: EntryId


def decide_hold(
    house: House, requester: Requester, hold_id: HoldId, decision: HoldDecision, now: datetime
) -> HoldDecided:
    """Raises Unavailable (hold_unavailable), NotPermitted (hold_not_yours, second_person_required), Conflict
    (hold_decided), BadInput (reason_required, reason_unknown, hold_categories, words_required)."""
    _check(house, decision)
    with house.store.writing() as unit:
        turn = turn_of(unit, requester, now)
        hold = unit.holds.get(hold_id if is_id(hold_id) else HoldId(new_id()))
        if hold is None or not turn.may_see(hold):
            raise Unavailable("hold_unavailable")
        hold = _locked(unit, hold)
        if hold.state != WAITING:
            raise Conflict("hold_decided")
        if not turn.may_decide(hold):
            raise NotPermitted("hold_not_yours")
        for category, effect in decision.release.items():
            best = hold.categories.get(category)
            if best is None or not effect.releases or effect.strictness < Effect(best).strictness:
                raise BadInput("hold_categories", category=category)
        if hold.first_by == requester.actor:
            raise NotPermitted("second_person_required")
        if hold.persons > 1 and decision.release and hold.first_by is None:
            return _first_of_two(house, unit, requester, hold, decision, now)
        return _decide(house, unit, requester, hold, decision, now)


def _check(house: House, decision: HoldDecision) -> None:
    if not decision.words.strip():
        raise BadInput("words_required")
    reasons = house.pack.responsible.holds.reasons
    if decision.reason is not None and decision.reason not in reasons:
        raise BadInput("reason_unknown", reason=decision.reason)
    if not decision.release and decision.reason is None:
        raise BadInput("reason_required")


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn a hold is, for one person: the roles it answers for, and the holders it is an agreed deputy of. Of the
    organisation that asked nobody is a deputy: it would decide its own question, and read a rule that it is not told."""

    organisation_id: OrganisationId
    is_person: bool
    roles: frozenset[str]
    deputy_for: frozenset[OrganisationId]

    def may_see(self, hold: Hold) -> bool:
        """Whether this person's organisation holds the file, or agreed on it as a deputy for such holds, of which the
        first of two has said yes."""
        if not self.is_person:
            return False
        return hold.holder_id == self.organisation_id or self._is_deputy(hold)

    def may_decide(self, hold: Hold) -> bool:
        """Whether it is this person's turn: by the role the hold has come to, or as the second of two."""
        if hold.first_by is None:
            return self.may_see(hold) and bool(self.roles & set(hold.roles))
        # The second of two may be any of the roles that decide, whoever's turn it is.
        by_role = hold.holder_id == self.organisation_id and bool(self.roles & set(hold.chain))
        return self.is_person and (by_role or self._is_deputy(hold))

    def _is_deputy(self, hold: Hold) -> bool:
        if hold.persons == 1 or hold.first_by is None or hold.recipient_id == self.organisation_id:
            return False
        return hold.holder_id in self.deputy_for


def turn_of(unit: Unit, requester: Requester, now: datetime) -> Turn:
    """By the same statements whatever is asked for. An administrator decides nothing, and a system never does."""
    person_id = requester.person_id
    if person_id is None or requester.role == "admin":
        return Turn(requester.organisation_id, is_person=False, roles=frozenset(), deputy_for=frozenset())
    roles = answers_for(unit.participants.people_of(requester.organisation_id), person_id)
    deputy_for = unit.holds.deputy_for(person_id, now)
    return Turn(requester.organisation_id, is_person=True, roles=roles, deputy_for=deputy_for)


def _locked(unit: Unit, hold: Hold) -> Hold:
    """The hold as it stands when nobody else changes it, its message or its subject any more: in the order in which the door
    takes these, so that nobody waits in a circle."""
    for key in (f"message:{hold.message_id}", f"subject:{hold.subject_id}"):
        unit.facts.lock(key)
    locked = unit.holds.get(hold.id, lock=True)
    assert locked is not None
    return locked


def _first_of_two(
    house: House, unit: Unit, requester: Requester, hold: Hold, decision: HoldDecision, now: datetime
) -> HoldDecided:
    agreed = {category: decision.release.get(category, Effect.DENY) for category in hold.categories}
    said = replace(
        hold,
        first_by=requester.actor,
        first_release={category: effect.value for category, effect in agreed.items()},
        sealed_first=_sealed(house, hold, FIRST, decision.words),
    )
    unit.holds.save(said)
    entry_id = _entry(unit, requester, hold, decision, "first_of_two", {}, now)
    unit.notices.add([notice(hold.holder_id, role, "hold.second", hold.id, now) for role in hold.chain])
    tell_deputies(unit, hold, "hold.second", now)
    return HoldDecided(said, entry_id)


def _decide(
    house: House, unit: Unit, requester: Requester, hold: Hold, decision: HoldDecision, now: datetime
) -> HoldDecided:
    # What the first of two did not agree to stays closed; what was asked for after that is not decided by this.
    first = hold.first_release if hold.first_release is not None else hold.categories
    effects = {
        category: max(decision.release.get(category, Effect.DENY), Effect(said), key=lambda effect: effect.strictness)
        for category, said in first.items()
    }
    released = {category: effect.value for category, effect in effects.items() if effect.releases}
    if not released and decision.reason is None:
        raise BadInput("reason_required")
    fact = _fact(house, unit, hold, effects, now)
    unit.recorded_facts.add([fact])
    decided = replace(
        hold,
        state=RELEASED if released else REFUSED,
        decided_at=now,
        decided_by=requester.actor,
        reason=decision.reason,
        sealed_reason=_sealed(house, hold, LAST, decision.words),
        decision=released,
        valid_to=fact.to_at,
    )
    unit.holds.save(decided)
    entry_id = _entry(unit, requester, hold, decision, decided.state, released, now)
    unit.recorded_facts.add_event(
        FactEvent(fact.id, "recorded", now, hold.holder_id, requester.actor, entry_id, hold.salt)
    )
    if hold.message_id is not None:
        _message(house, unit, decided, hold.message_id, now)
    # Of a message it was the sender that asked; its recipient learns of one when it comes. Whoever is told is told in the
    # same words whatever the rule; what was released is read through the door.
    told = [hold.holder_id] if hold.message_id is not None else []
    told += [hold.recipient_id] if unit.holds.is_seen(hold.id) else []
    unit.notices.add(
        [
            notice(organisation, role, "hold.decided", hold.id, now)
            for organisation in told
            for role in ("curator", HEAD)
        ]
    )
    return HoldDecided(decided, entry_id)


def _fact(house: House, unit: Unit, hold: Hold, effects: Mapping[Category, Effect], now: datetime) -> RecordedFact:
    asked = unit.log.decision(hold.entry_id, hold.subject_id)
    assert asked is not None  # a hold is written with the entry of what it holds
    holder = unit.participants.organisation(hold.holder_id)
    assert holder is not None
    decision = Decision(hold.purpose, hold.rule, hold.message_id, asked.consent_id, effects)
    return RecordedFact(
        id=FactId(new_id()),
        fact=DECIDED,
        subject_id=hold.subject_id,
        set_by=hold.holder_id,
        from_at=now,
        to_at=house.pack.due(house.pack.responsible.holds.valid, now, holder.zone),
        value=decision.to_value(),
        participants=(hold.recipient_id,),
    )


# --- messages --------------------------------------------------------------------------------------------------------


def _message(house: House, unit: Unit, decided: Hold, message_id: MessageId, now: datetime) -> None:
    """A message that waited as a whole goes out once a child may be named, or fails once no child can be any more; a person
    appears in it once something of it is released.

    What a yes gives is ruled now, as at every reading: a consent may have been withdrawn while the message waited.
    """
    message = unit.messages.by_id(message_id, now)
    assert message is not None  # a hold of a message is written with it
    given = _given_now(house, unit, decided, message, now)
    if given:
        unit.messages.show(message_id, decided.subject_id)
    if not message.held:
        return
    if _names_a_child(unit, decided, given):
        unit.messages.send(message_id, now)
        return
    others = [other for other in unit.holds.of_message(message_id) if other.state == WAITING]
    if not any(_names_a_child(unit, other, other.categories) for other in others):
        _fail(unit, message, others, now)


def _given_now(house: House, unit: Unit, decided: Hold, message: MessageOnFile, now: datetime) -> frozenset[Category]:
    if not decided.decision:
        return frozenset()
    question = Question(
        decided.purpose, tuple(decided.decision), trigger=message.trigger or "", statute=message.statute or ""
    )
    gathered = unit.facts.of_sending(
        message.sender_id, message.recipient_id, decided.case_id, [decided.subject_id], now
    )
    of_message = replace(gathered, cases=tuple(replace(case, message=message) for case in gathered.cases))
    (ruled,) = rule(house, of_message, question, now)
    return frozenset(ruled.rulings[decided.subject_id].released())


def _names_a_child(unit: Unit, hold: Hold, categories: Collection[Category]) -> bool:
    return c.IDENTITY in categories and unit.recorded_facts.kind_of(hold.subject_id) == "child"


def _fail(unit: Unit, message: MessageOnFile, others: Sequence[Hold], now: datetime) -> None:
    """The message will never go out, so nobody needs to decide the rest of it."""
    move(unit, message, Event.FAIL, THE_GATEWAY, now, details={"sender": message.sender_id})
    for other in others:
        unit.holds.save(replace(other, state=REFUSED, decided_at=now, decided_by="gateway"))


# --- what is kept ----------------------------------------------------------------------------------------------------

FIRST, LAST = "first", "last"


def _sealed(house: House, hold: Hold, place: str, words: str) -> bytes | None:
    """Words of a decider, sealed with the subject; None where its keys are destroyed, and nothing about it can be kept."""
    try:
        return house.vault.seal_words(hold.subject_id, f"{hold.id}/{place}", words.encode())
    except KeyAbsent:
        return None


def words_of(house: House, hold: Hold) -> tuple[str | None, str | None]:
    """What the first of two and the last decider said, for the holder alone; None where nothing was, or nobody can read it
    any more."""
    kept = ((FIRST, hold.sealed_first), (LAST, hold.sealed_reason))
    opened = [
        house.vault.open_words(hold.subject_id, f"{hold.id}/{place}", sealed) if sealed else None
        for place, sealed in kept
    ]
    first, last = (words.decode() if words else None for words in opened)
    return first, last


def _entry(
    unit: Unit,
    requester: Requester,
    hold: Hold,
    decision: HoldDecision,
    outcome: str,
    released: Mapping[Category, str],
    now: datetime,
) -> EntryId:
    by: OrganisationId = requester.organisation_id
    body: dict[str, JsonValue] = {
        "organisation": hold.holder_id,
        "decider": {"organisation": by, "actor": requester.actor},
        "recipient": hold.recipient_id,
        "hold": hold.id,
        "purpose": hold.purpose,
        "rule": hold.rule,
        "outcome": outcome,
        "released": dict(sorted(released.items())),
        "reason": decision.reason or "none",
        "subject": commitment(hold.salt, hold.subject_id),
        "words": commitment(hold.salt, decision.words),
    }
    return append_entry(unit, EventKind.HOLD_DECIDED, body, now)
