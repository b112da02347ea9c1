"""A holder takes a published summary back, or corrects it: whoever was shown anything of it is told.

Taken back, nobody reads it any more and earlier recipients get a recall. Corrected, the new version names the one that it
corrects, and earlier recipients get a correction that names the version; they read it through the door as any other.
"""

from __future__ import annotations

from datetime import datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.recall import recall_from
from gateway.use_cases.values import MessageOnFile, ReceiptOnFile, Requester
from schemas.errors import Conflict, NotPermitted, Unavailable
from schemas.ids import CaseId, EntryId, MessageId, OrganisationId, ThreadId, new_id
from schemas.lifecycle import State
from schemas.messages import message_types

CORRECTION = "correction"


def withdraw_summary(house: House, requester: Requester, unverified_case: str, now: datetime) -> EntryId:
    """Raises Unavailable (case_unavailable) unless the requester holds the case, Conflict (summary_not_published),
    NotPermitted (not_for_overseers, not_assigned)."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.writing() as unit:
        if unit.families.case_holder(case_id) != requester.organisation_id:
            raise Unavailable("case_unavailable")
        require_assigned(unit, requester, case_id)
        if not unit.summaries.withdraw(case_id):
            raise Conflict("summary_not_published")
        told = unit.summaries.reached(case_id)
        for reached in told:
            recall_from(
                house,
                unit,
                case_id,
                requester.organisation_id,
                reached.recipient_id,
                reached.subjects,
                reached.purpose,
                reached.categories,
                now,
            )
        return append_entry(
            unit,
            EventKind.SUMMARY_WITHDRAWN,
            {
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "case": commitment(new_salt(), case_id),
                "recalled": sorted({reached.recipient_id for reached in told}),
            },
            now,
        )


def tell_correction(
    unit: Unit, case_id: CaseId, holder_id: OrganisationId, version: int, now: datetime
) -> tuple[OrganisationId, ...]:
    """Earlier recipients learn that a version was corrected; nothing of it is in the message."""
    told = tuple(dict.fromkeys(reached.recipient_id for reached in unit.summaries.reached(case_id)))
    assert CORRECTION in message_types()
    for recipient_id in told:
        message_id = MessageId(new_id())
        unit.messages.add(
            MessageOnFile(
                id=message_id,
                thread_id=ThreadId(new_id()),
                case_id=case_id,
                type=CORRECTION,
                lane="gateway",
                sender_id=holder_id,
                recipient_id=recipient_id,
                operation_id=message_id,
                digest="",
                purpose="",
                urgency="urgent",
                state=State.SUBMITTED,
                submitted_at=now,
                notes={"version": str(version)},
                receipts=(ReceiptOnFile(State.SUBMITTED, now, None, "gateway"),),
            ),
            [],
            [],
        )
    return told
