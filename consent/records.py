"""Consent records and their events (ISO/IEC TS 27560: record, event, party), and the authority of those who sign.

One record is one discloser, one recipient, one purpose, listed categories, one subject, as a separate document
(RU-152-9-1). State is a fold over events in a written total order; expiry is derived from `today`, never stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from schemas.ids import Category, ConsentId, OrganisationId, SubjectId


class ConsentEventKind(StrEnum):
    """What people do with a consent. `withdrawn` ends it; an invalidated one never counted."""

    GIVEN = "given"
    RECONFIRMED = "reconfirmed"
    LIMITED = "limited"
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"


class ConsentStatus(StrEnum):
    """The state that the events add up to."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"


@dataclass(frozen=True, slots=True)
class Signer:
    """One signature under a consent, joined with the signer's authority as it stands today.

    `who` is self, mother, father or guardian; `rights` full, limited or terminated.
    """

    who: str
    rights: str = "full"
    verified: bool = True
    suspected: bool = False
    sk64: bool = False
    minor_parent_under16: bool = False


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One event. `categories` only for LIMITED: what remains allowed. `valid_to` only for RECONFIRMED: the new last day."""

    kind: ConsentEventKind
    effective_at: datetime
    recorded_at: datetime
    event_id: str
    categories: frozenset[Category] | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """What was signed. Nothing here changes after signing; what happens later is an event."""

    id: ConsentId
    subject_id: SubjectId
    discloser_id: OrganisationId
    recipient_id: OrganisationId
    purpose: str
    categories: frozenset[Category]
    given_on: date
    valid_to: date | None
    form: str | None  # paper, qes, nes, checkbox; None = not in written form
    separate: bool
    fields_complete: bool
    evidence: bool
    signers: tuple[Signer, ...]
    other_parent_objection: bool = False
    objector_suspected: bool = False


@dataclass(frozen=True, slots=True)
class ConsentState:
    """A record and what its events have made of it."""

    record: ConsentRecord
    status: ConsentStatus
    categories: frozenset[Category]
    valid_to: date | None
    last_event_at: tuple[datetime, datetime, str]

    def is_expired(self, today: date) -> bool:
        """The last valid day still counts (RU-152-9-7)."""
        return self.valid_to is not None and today > self.valid_to


def order(event: ConsentEvent) -> tuple[datetime, datetime, str]:
    """The total order of events: effective, then recorded, then id. Arrival order does not matter."""
    return (event.effective_at, event.recorded_at, event.event_id)


def fold(record: ConsentRecord, events: Iterable[ConsentEvent], now: datetime) -> ConsentState:
    """The state of `record` at `now`. Events that take effect later than `now` have not happened yet.

    A withdrawn or invalidated consent never becomes active again: a new signature is a new record.
    """
    status, categories, valid_to = ConsentStatus.ACTIVE, record.categories, record.valid_to
    last = (datetime.min.replace(tzinfo=now.tzinfo), datetime.min.replace(tzinfo=now.tzinfo), "")
    for event in sorted(events, key=order):
        if event.effective_at > now:
            continue
        last = order(event)
        match event.kind:
            case ConsentEventKind.WITHDRAWN if status is ConsentStatus.ACTIVE:
                status = ConsentStatus.WITHDRAWN
            case ConsentEventKind.INVALIDATED:
                status = ConsentStatus.INVALIDATED
            case ConsentEventKind.LIMITED if event.categories is not None:
                categories = categories & event.categories
            case ConsentEventKind.RECONFIRMED if status is ConsentStatus.ACTIVE and event.valid_to is not None:
                valid_to = event.valid_to
            case _:
                pass
    return ConsentState(record, status, categories, valid_to, last)


def governing(states: Iterable[ConsentState], recipient_id: OrganisationId, purpose: str) -> ConsentState | None:
    """Of several consents about one subject, the one that the ruling looks at.

    Nearest first: same recipient and purpose, same recipient, same purpose, any; among equals the one with the latest
    event, so that a later withdrawal beats an earlier permit and a later permit may reinstate.
    """

    def nearness(state: ConsentState) -> tuple[bool, bool, tuple[datetime, datetime, str]]:
        record = state.record
        return (record.recipient_id == recipient_id, record.purpose == purpose, state.last_event_at)

    return max(states, key=nearness, default=None)
