"""What waits for a decision: for the holder's people with the rule and the facts, for the requester with neither."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.decide_hold import REFUSED, WAITING, Turn, turn_of, words_of
from gateway.use_cases.house import House
from gateway.use_cases.values import Hold, Requester
from schemas.errors import NotPermitted, Unavailable
from schemas.ids import Category, EntryId, HoldId, is_id, new_id

MAX_ROWS = 100


@dataclass(frozen=True, slots=True)
class ShownHold:
    """A hold as a person of the holder sees it. `mine`: whether it is this person's turn to decide."""

    hold: Hold
    recipient: str
    mine: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class OpenedHold:
    """One hold with the facts that the rule was decided on (None where the keys are destroyed), what was claimed, and what
    the first of two and the last decider said. `entry_id` is that of this reading."""

    shown: ShownHold
    facts: Mapping[str, object] | None
    claims: Mapping[str, str]
    entry_id: EntryId
    first_words: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class AskedHold:
    """A hold as the requester sees it: which categories wait, until when, and what came of it. `reason` is the code of a
    refusal; where the rule is quiet a neutral one stands for whichever was given."""

    hold_id: HoldId
    case: str
    purpose: str
    categories: tuple[Category, ...]
    asked_at: datetime
    due_at: datetime
    state: str
    released: Mapping[Category, str]
    reason: str | None
    valid_to: datetime | None


def read_holds(house: House, requester: Requester, now: datetime, state: str = WAITING) -> tuple[ShownHold, ...]:
    """The holds of one's organisation, and those of others for which one is an agreed deputy; the most urgent first.

    Raises NotPermitted (people_only): a decision is a person's.
    """
    if requester.person_id is None or requester.role == "admin":
        raise NotPermitted("people_only")
    with house.store.reading() as unit:
        turn = turn_of(unit, requester, now)
        found = list(unit.holds.of_holder(requester.organisation_id, state, MAX_ROWS))
        if state == WAITING:
            others = unit.holds.for_deputy(turn.deputy_for - {requester.organisation_id}, MAX_ROWS)
            found += [hold for hold in others if turn.may_see(hold)]
            found.sort(key=lambda hold: hold.due_at)
        names = {known.id: known.name for known in unit.participants.organisations()}
    return tuple(_shown(turn, requester, hold, names[hold.recipient_id], now) for hold in found)


def open_hold(house: House, requester: Requester, hold_id: HoldId, now: datetime) -> OpenedHold:
    """One hold, with the facts without identities that the rule looked at. Its reading is an entry.

    Raises Unavailable (hold_unavailable).
    """
    with house.store.writing() as unit:
        turn = turn_of(unit, requester, now)
        hold = unit.holds.get(hold_id if is_id(hold_id) else HoldId(new_id()))
        if hold is None or not turn.may_see(hold):
            raise Unavailable("hold_unavailable")
        row = unit.log.decision(hold.entry_id, hold.subject_id)
        recipient = unit.participants.organisation(hold.recipient_id)
        entry_id = append_entry(
            unit,
            EventKind.FACT_READ,
            {"organisation": requester.organisation_id, "actor": requester.actor, "hold": hold.id},
            now,
        )
    sealed = row.sealed_facts if row else None
    plain = house.vault.open_facts(hold.subject_id, sealed) if sealed else None
    kept = json.loads(plain) if plain else {}
    shown = _shown(turn, requester, hold, recipient.name if recipient else "", now)
    return OpenedHold(shown, kept.get("facts"), kept.get("claims", {}), entry_id, *words_of(house, hold))


def _shown(turn: Turn, requester: Requester, hold: Hold, recipient: str, now: datetime) -> ShownHold:
    waits = hold.state == WAITING
    mine = waits and hold.first_by != requester.actor and turn.may_decide(hold)
    return ShownHold(hold, recipient, mine, waits and hold.due_at <= now)


def read_asked(house: House, requester: Requester, now: datetime) -> Sequence[AskedHold]:
    """What one's organisation asked for and a person of a holder decides; newest first. Nothing here differs by the rule."""
    del now
    with house.store.reading() as unit:
        found = unit.holds.of_recipient(requester.organisation_id, MAX_ROWS)
    return [
        AskedHold(
            hold.id,
            house.vault.case_pseudonym(requester.organisation_id, hold.case_id),
            hold.purpose,
            tuple(sorted(hold.categories)),
            hold.opened_at,
            hold.due_at,
            hold.state,
            hold.decision,
            _reason(house, hold),
            hold.valid_to,
        )
        for hold in found
    ]


def _reason(house: House, hold: Hold) -> str | None:
    if hold.state != REFUSED:
        return None
    return house.pack.responsible.holds.neutral if hold.quiet else hold.reason
