"""Withdraw a consent: it stops at once, and everyone who was shown anything on it gets a recall in its queue.

The event, its entry and the recalls are one unit of work. The duty lane does not depend on it (RU-152-9-5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from consent.records import ConsentEvent, ConsentEventKind
from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.run_timers import MESSAGE, NOW, last_day_before
from gateway.use_cases.values import ConsentOnFile, MessageOnFile, ReceiptOnFile, Requester, Timer
from schemas.errors import Conflict, Unavailable
from schemas.ids import CaseId, ConsentId, EntryId, MessageId, OrganisationId, ThreadId, new_id
from schemas.lifecycle import State


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The entry of the withdrawal and the organisations that must be told."""

    entry_id: EntryId
    recalled: tuple[OrganisationId, ...]


def withdraw_consent(
    house: House, requester: Requester, consent_id: ConsentId, now: datetime, *, evidence_digest: str | None = None
) -> Withdrawn:
    """Raises Unavailable for a consent that is not this organisation's, Conflict for one withdrawn before."""
    with house.store.writing() as unit:
        consent = unit.consents.get(consent_id)
        if consent is None or consent.discloser_id != requester.organisation_id:
            raise Unavailable("consent_unavailable")
        if any(event.kind is ConsentEventKind.WITHDRAWN for event in consent.events):
            raise Conflict("consent_already_withdrawn")
        event = ConsentEvent(ConsentEventKind.WITHDRAWN, now, now, new_id())
        unit.consents.add_event(consent_id, event, evidence_digest)
        reached = unit.consents.recipients_reached(consent_id)
        salt = new_salt()
        entry_id = append_entry(
            unit,
            EventKind.CONSENT_WITHDRAWN,
            {
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "consent": commitment(salt, consent_id),
                "recalled": sorted({recipient for _, recipient in reached}),
            },
            now,
        )
        for case_id, recipient_id in reached:
            _recall(house, unit, consent, case_id, recipient_id, now)
    return Withdrawn(entry_id, tuple(sorted({recipient for _, recipient in reached})))


def _recall(
    house: House, unit: Unit, consent: ConsentOnFile, case_id: CaseId, recipient_id: OrganisationId, now: datetime
) -> None:
    """A recall names the thread and what to erase by when; it carries nothing about the family. The gateway itself stops at
    once; the recipient has the term that the pack names, which begins to run here."""
    recipient = unit.participants.organisation(recipient_id)
    assert recipient is not None
    timer = house.pack.responsible.recall
    due_at = house.pack.due(timer, now, recipient.zone)
    message_id = MessageId(new_id())
    unit.messages.add(
        MessageOnFile(
            id=message_id,
            thread_id=ThreadId(new_id()),
            case_id=case_id,
            type="recall",
            sender_id=consent.discloser_id,
            recipient_id=recipient_id,
            operation_id=message_id,
            digest="",
            purpose=consent.purpose,
            urgency="urgent",
            state=State.SUBMITTED,
            submitted_at=now,
            notes={
                "categories": " ".join(sorted(consent.categories)),
                "erase_by": last_day_before(due_at, recipient.zone).isoformat(),
            },
            receipts=(ReceiptOnFile(State.SUBMITTED, now, None, "gateway"),),
        ),
        [consent.subject_id],
        [],
    )
    unit.timers.start([Timer(new_id(), timer, recipient_id, MESSAGE, message_id, NOW, now, due_at)])
