"""Release or refuse what a rule held. A person of the holder decides (152-ФЗ ст. 16: never a program), with a reason.

The decider sees the rule and the facts, never the content. A yes gives at most what the pack lets a yes give; a narrower
one may be given. Where the pack asks for two, the second is another person, who may be an agreed deputy of another
organisation; one refusal is enough. The decision is a recorded fact with a term, and the requester is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.evidence.entry import JsonValue, commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.hold_for_people import DECIDED, Decision
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import HEAD, answers_for, notice
from gateway.use_cases.values import FactEvent, Hold, ReceiptOnFile, RecordedFact, Requester
from policies.ruling import Effect
from schemas import categories as c
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import Category, EntryId, FactId, HoldId, MessageId, OrganisationId, is_id, new_id
from schemas.lifecycle import Actor, Event, State, advance

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
        hold = unit.holds.get(hold_id if is_id(hold_id) else HoldId(new_id()), lock=True)
        if hold is None or not may_see(unit, requester, hold, now):
            raise Unavailable("hold_unavailable")
        if hold.state != WAITING:
            raise Conflict("hold_decided")
        if not may_decide(unit, requester, hold, now):
            raise NotPermitted("hold_not_yours")
        for category, effect in decision.release.items():
            best = hold.categories.get(category)
            if best is None or not effect.releases or effect.strictness < Effect(best).strictness:
                raise BadInput("hold_categories", category=category)
        if hold.persons > 1 and decision.release and hold.first_by is None:
            return _first_of_two(house, unit, requester, hold, decision, now)
        if hold.first_by == requester.actor:
            raise NotPermitted("second_person_required")
        return _decide(house, unit, requester, hold, decision, now)


def _check(house: House, decision: HoldDecision) -> None:
    if not decision.words.strip():
        raise BadInput("words_required")
    reasons = house.pack.responsible.holds.reasons
    if decision.reason is not None and decision.reason not in reasons:
        raise BadInput("reason_unknown", reason=decision.reason)
    if not decision.release and decision.reason is None:
        raise BadInput("reason_required")


def may_see(unit: Unit, requester: Requester, hold: Hold, now: datetime) -> bool:
    """Whether this person's organisation holds the file, or agreed on it as a deputy for such holds."""
    if requester.person_id is None or requester.role == "admin":
        return False
    if hold.holder_id == requester.organisation_id:
        return True
    return hold.persons > 1 and hold.holder_id in unit.holds.deputy_for(requester.person_id, now)


def may_decide(unit: Unit, requester: Requester, hold: Hold, now: datetime) -> bool:
    """Whether it is this person's turn: by the role the hold has come to, or as the second of two."""
    if hold.holder_id != requester.organisation_id:
        return hold.first_by is not None and may_see(unit, requester, hold, now)
    roles = answers_for(unit.participants.people_of(hold.holder_id), requester.person_id)
    # The second of two may be any of the roles that decide, whoever's turn it is.
    chain = hold.chain if hold.first_by is not None else hold.roles
    return bool(roles & set(chain))


def _first_of_two(
    house: House, unit: Unit, requester: Requester, hold: Hold, decision: HoldDecision, now: datetime
) -> HoldDecided:
    said = replace(
        hold,
        first_by=requester.actor,
        first_categories=tuple(sorted(decision.release)),
        sealed_reason=house.vault.seal_words(hold.subject_id, hold.id, decision.words.encode()),
    )
    unit.holds.save(said)
    entry_id = _entry(unit, requester, hold, "first_of_two", {}, now)
    unit.notices.add([notice(hold.holder_id, role, "hold.second", hold.id, now) for role in hold.chain])
    return HoldDecided(said, entry_id)


def _decide(
    house: House, unit: Unit, requester: Requester, hold: Hold, decision: HoldDecision, now: datetime
) -> HoldDecided:
    # What the first of two did not agree to stays closed.
    agreed = set(hold.first_categories) if hold.first_categories is not None else set(hold.categories)
    effects = {
        category: decision.release.get(category, Effect.DENY) if category in agreed else Effect.DENY
        for category in hold.categories
    }
    released = {category: effect.value for category, effect in effects.items() if effect.releases}
    holder = unit.participants.organisation(hold.holder_id)
    zone = holder.zone if holder else "UTC"
    valid_to = house.pack.due(house.pack.responsible.holds.valid, now, zone)
    fact = RecordedFact(
        id=FactId(new_id()),
        fact=DECIDED,
        subject_id=hold.subject_id,
        set_by=hold.holder_id,
        from_at=now,
        to_at=valid_to,
        value=Decision(hold.purpose, hold.rule, hold.message_id, effects).to_value(),
        participants=(hold.recipient_id,),
    )
    unit.recorded_facts.add([fact])
    decided = replace(
        hold,
        state=RELEASED if released else REFUSED,
        decided_at=now,
        decided_by=requester.actor,
        reason=decision.reason,
        sealed_reason=house.vault.seal_words(hold.subject_id, hold.id, decision.words.encode()),
        decision=released,
        valid_to=valid_to,
    )
    unit.holds.save(decided)
    salt = new_salt()
    entry_id = _entry(unit, requester, hold, decided.state, released, now, salt=salt)
    unit.recorded_facts.add_event(FactEvent(fact.id, "recorded", now, hold.holder_id, requester.actor, entry_id, salt))
    told = [hold.recipient_id]
    if hold.message_id is not None:
        told = [hold.holder_id]  # the sender asked; its recipient learns of a message when one comes
        if _message(unit, hold, hold.message_id, effects, now):
            told.append(hold.recipient_id)
    # Whoever asked is told in the same words whatever the rule; what was released is read through the door.
    unit.notices.add(
        [
            notice(organisation, role, "hold.decided", hold.id, now)
            for organisation in told
            for role in ("curator", HEAD)
        ]
    )
    return HoldDecided(decided, entry_id)


def _message(unit: Unit, hold: Hold, message_id: MessageId, effects: Mapping[Category, Effect], now: datetime) -> bool:
    """A message that waited as a whole goes out once a child may be named, or fails; a person appears once something of it
    is released. Whether the recipient has the message and sees more of it now."""
    message = unit.messages.by_id(message_id, now)
    assert message is not None  # a hold of a message is written with it
    is_released = any(effect.releases for effect in effects.values())
    if is_released:
        unit.messages.show(message_id, hold.subject_id)
    if message.held and c.IDENTITY in effects:
        if effects[c.IDENTITY].releases:
            unit.messages.send(message_id, now)
        elif not _others_wait(unit, hold):
            receipt = ReceiptOnFile(advance(message.state, Event.FAIL, Actor.GATEWAY), now, None, "gateway")
            unit.messages.advance(message_id, receipt)
            append_entry(unit, EventKind.MESSAGE_FAILED, {"message": message_id, "sender": message.sender_id}, now)
    return is_released and message.state is not State.SUBMITTED


def _others_wait(unit: Unit, hold: Hold) -> bool:
    waiting = unit.holds.of_holder(hold.holder_id, WAITING, limit=1000)
    return any(other.message_id == hold.message_id and other.id != hold.id for other in waiting)


def _entry(
    unit: Unit,
    requester: Requester,
    hold: Hold,
    outcome: str,
    released: Mapping[Category, str],
    now: datetime,
    *,
    salt: bytes | None = None,
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
        "subject": commitment(salt or new_salt(), hold.subject_id),
    }
    return append_entry(unit, EventKind.HOLD_DECIDED, body, now)
