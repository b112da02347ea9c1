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
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.recall import recall_from
from gateway.use_cases.values import Requester
from schemas.errors import Conflict, Unavailable
from schemas.ids import ConsentId, EntryId, OrganisationId, is_id, new_id


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The entry of the withdrawal and the organisations that must be told."""

    entry_id: EntryId
    recalled: tuple[OrganisationId, ...]


@begin_anew
def withdraw_consent(
    house: House, requester: Requester, consent_id: ConsentId, now: datetime, *, evidence_digest: str | None = None
) -> Withdrawn:
    """Raises Unavailable for a consent that is not this organisation's, Conflict for one withdrawn before."""
    with house.store.writing() as unit:
        consent = unit.consents.get(consent_id if is_id(consent_id) else ConsentId(new_id()))
        if consent is None or consent.discloser_id != requester.organisation_id:
            raise Unavailable("consent_unavailable")
        unit.facts.lock(f"subject:{consent.subject_id}")  # of two who withdraw it at once the second sees the first
        consent = unit.consents.get(consent_id)
        assert consent is not None
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
            recall_from(
                house,
                unit,
                case_id,
                consent.discloser_id,
                recipient_id,
                [consent.subject_id],
                consent.purpose,
                consent.categories,
                now,
            )
    return Withdrawn(entry_id, tuple(sorted({recipient for _, recipient in reached})))
