"""A recall: an earlier recipient is told to stop using what it was shown and to erase it. It names the thread and what to
erase by when; it carries nothing about the family, and ends a relation instead of making one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.run_timers import MESSAGE, NOW, last_day_before
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import MessageOnFile, ReceiptOnFile, Timer
from schemas import categories as c
from schemas.ids import CaseId, Category, MessageId, OrganisationId, SubjectId, ThreadId, new_id
from schemas.lifecycle import State

RECALL = "recall"


def send_recall(house: House, unit: Unit, recalled: MessageOnFile, now: datetime) -> None:
    """Of a message that its sender took back after it had come: in the same thread."""
    # It names what its recipient knew of, and nothing else: nobody who was held, no category that was, no reporter.
    sent = unit.messages.subjects(recalled.id, sent=True)
    held = {
        (hold.subject_id, category)
        for hold in unit.holds.of_message(recalled.id)
        for category in hold.categories
        if hold.decision.get(category, "D") == "D"
    }
    shown = {
        category
        for subject, category in unit.messages.contents(recalled.id)
        if subject in sent and category != c.REPORTER and (subject, category) not in held
    }
    recall_from(
        house,
        unit,
        recalled.case_id,
        recalled.sender_id,
        recalled.recipient_id,
        sent,
        recalled.purpose,
        shown,
        now,
        thread_id=recalled.thread_id,
        answers_id=recalled.id,
    )


def recall_from(
    house: House,
    unit: Unit,
    case_id: CaseId,
    sender_id: OrganisationId,
    recipient_id: OrganisationId,
    subjects: Sequence[SubjectId],
    purpose: str,
    categories: Collection[Category],
    now: datetime,
    *,
    thread_id: ThreadId | None = None,
    answers_id: MessageId | None = None,
) -> None:
    """The gateway itself stops at once; the recipient has the term that the pack names, which begins to run here."""
    recipient = unit.participants.organisation(recipient_id)
    assert recipient is not None
    timer = house.pack.responsible.recall
    due_at = house.pack.due(timer, now, recipient.zone)
    message_id = MessageId(new_id())
    unit.messages.add(
        MessageOnFile(
            id=message_id,
            thread_id=thread_id or ThreadId(new_id()),
            case_id=case_id,
            type=RECALL,
            lane="gateway",
            sender_id=sender_id,
            recipient_id=recipient_id,
            operation_id=message_id,
            digest="",
            purpose=purpose,
            urgency="urgent",
            state=State.SUBMITTED,
            submitted_at=now,
            answers_id=answers_id,
            notes={
                "categories": " ".join(sorted(categories)),
                "erase_by": last_day_before(due_at, recipient.zone).isoformat(),
            },
            receipts=(ReceiptOnFile(State.SUBMITTED, now, None, "gateway"),),
        ),
        list(subjects),
        [],
    )
    unit.timers.start([Timer(new_id(), timer, recipient_id, MESSAGE, message_id, NOW, now, due_at)])
    if unit.packages.handed(case_id, sender_id, recipient_id):  # who reads by file does not see it come
        unit.notices.add([notice(sender_id, HEAD, "message.recall_by_file", message_id, now)])
