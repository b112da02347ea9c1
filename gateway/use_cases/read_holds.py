"""What waits for a decision: for the holder's people with the rule and the facts, for the requester with neither."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.decide_hold import REFUSED, WAITING, may_decide, may_see
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
    """One hold with the facts that the rule was decided on (None where the keys are destroyed) and what was claimed."""

    shown: ShownHold
    facts: Mapping[str, object] | None
    claims: Mapping[str, str]
    entry_id: EntryId


@dataclass(frozen=True, slots=True)
class AskedHold:
    """A hold as the requester sees it: which categories wait, until when, and what came of it. Where the rule is quiet the
    reason of a refusal is not told either: `reason` is a code that may be read, or None."""

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
    person_id = requester.person_id
    if person_id is None or requester.role == "admin":
        raise NotPermitted("people_only")
    with house.store.reading() as unit:
        found = list(unit.holds.of_holder(requester.organisation_id, state, MAX_ROWS))
        if state == WAITING:
            found += unit.holds.for_deputy(unit.holds.deputy_for(person_id, now), MAX_ROWS)
        names = {known.id: known.name for known in unit.participants.organisations()}
        return tuple(
            ShownHold(
                hold,
                names[hold.recipient_id],
                hold.state == WAITING and hold.first_by != requester.actor and may_decide(unit, requester, hold, now),
                hold.state == WAITING and hold.due_at <= now,
            )
            for hold in found
        )


def open_hold(house: House, requester: Requester, hold_id: HoldId, now: datetime) -> OpenedHold:
    """One hold, with the facts without identities that the rule looked at. Its reading is an entry.

    Raises Unavailable (hold_unavailable).
    """
    with house.store.writing() as unit:
        hold = unit.holds.get(hold_id if is_id(hold_id) else HoldId(new_id()))
        if hold is None or not may_see(unit, requester, hold, now):
            raise Unavailable("hold_unavailable")
        row = unit.log.decision(hold.entry_id, hold.subject_id)
        recipient = unit.participants.organisation(hold.recipient_id)
        mine = hold.state == WAITING and hold.first_by != requester.actor and may_decide(unit, requester, hold, now)
        entry_id = append_entry(
            unit,
            EventKind.FACT_READ,
            {"organisation": requester.organisation_id, "actor": requester.actor, "hold": hold.id},
            now,
        )
    sealed = row.sealed_facts if row else None
    plain = house.vault.open_facts(hold.subject_id, sealed) if sealed else None
    kept = json.loads(plain) if plain else {}
    shown = ShownHold(hold, recipient.name if recipient else "", mine, hold.state == WAITING and hold.due_at <= now)
    return OpenedHold(shown, kept.get("facts"), kept.get("claims", {}), entry_id)


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
            hold.reason if hold.state == REFUSED and not hold.quiet else None,
            hold.valid_to,
        )
        for hold in found
    ]
