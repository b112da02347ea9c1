"""Documents of a message for its recipient: which there are, and the file of one. Both through the door. Its sender gets back
the files that it sent.

A document belongs to one category of one person and is shown where that category is released **whole**. Where it is masked
the document is withheld: no mask knows what a scan shows. What is withheld is neither listed nor opened, and to ask for it
is answered as for a document that does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.attachment_values import Document, OpenedFile
from gateway.use_cases.disclose import Alongside, Disclosed, RuledCase, disclose, disclose_documents, disclose_file
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.receive_upload import blobs_of
from gateway.use_cases.reread_document import reread_document
from gateway.use_cases.values import CaseOnFile, Gathered, MessageOnFile, Requester, SealedSection
from policies.ruling import Effect
from schemas.categories import IDENTITY, SECTION_CATEGORIES
from schemas.errors import Unavailable
from schemas.ids import CaseId, Category, EntryId, MessageId, SubjectId, is_id, new_id
from schemas.lifecycle import State


@dataclass(frozen=True, slots=True)
class DocumentsScope:
    """Documents of one message of the requester's queue: no section is fetched for them."""

    message_id: MessageId
    name: str = "message"

    def gather(self, unit: Unit, requester: Requester, now: datetime) -> Gathered:
        gathered = unit.facts.of_message(requester.organisation_id, self.message_id, now, requester.person_id)
        unopened = any(case.message and case.message.state is State.DELIVERED for case in gathered.cases)
        if not unopened:
            return gathered
        # Its sender sees when a message is opened: no file of it is read before.
        return replace(gathered, cases=(CaseOnFile(CaseId(self.message_id), related=False),))

    def fetch(self, unit: Unit, cases: Sequence[CaseOnFile], categories: Sequence[Category]) -> Sequence[SealedSection]:
        del unit, cases, categories
        return ()


def list_documents(
    house: House, requester: Requester, message_id: MessageId, now: datetime
) -> tuple[EntryId, tuple[Document, ...]]:
    """Documents whose category is released whole. Raises Unavailable (message_unavailable)."""
    message_id, message, _ = _look(house, requester, message_id, None, now)
    mine = message is not None and message.recipient_id == requester.organisation_id
    message = message if mine else None
    try:
        disclosed = _disclose(house, requester, message_id, message, tuple(SECTION_CATEGORIES), now)
    except Unavailable:
        raise Unavailable("message_unavailable") from None
    return disclosed.entry_id, disclose_documents(house, message_id, disclosed)


def read_attachment(
    house: House, requester: Requester, message_id: MessageId, attachment_id: str, now: datetime
) -> OpenedFile:
    """The file of one document, after its entry: for the recipient what is released whole, for the sender what it sent
    (`reread_document`). Raises Unavailable (attachment_unavailable), whatever the reason; to the sender also NotPermitted
    (not_for_overseers, not_assigned)."""
    blobs = blobs_of(house)
    message_id, message, place = _look(house, requester, message_id, attachment_id, now)
    if message is not None and message.recipient_id != requester.organisation_id:
        return reread_document(house, requester, message_id, attachment_id, now)
    subject_id, asked = place or (None, IDENTITY)

    def alongside(unit: Unit, ruled: Sequence[RuledCase]) -> None:
        if subject_id is None or subject_id not in ruled[0].rulings:
            return
        if ruled[0].ruling(subject_id, asked).effect is Effect.PERMIT:
            append_entry(
                unit,
                EventKind.ATTACHMENT_OPENED,
                {
                    "message": message_id,
                    "attachment": attachment_id,
                    "organisation": requester.organisation_id,
                    "actor": requester.actor,
                },
                now,
            )

    try:
        disclosed = _disclose(house, requester, message_id, message, (asked,), now, alongside)
    except Unavailable:
        raise Unavailable("attachment_unavailable") from None
    opened = disclose_file(house, blobs, message_id, attachment_id, disclosed) if place else None
    if opened is None:
        raise Unavailable("attachment_unavailable")
    return opened


def _look(
    house: House, requester: Requester, message_id: MessageId, attachment_id: str | None, now: datetime
) -> tuple[MessageId, MessageOnFile | None, tuple[SubjectId, Category] | None]:
    """The message of which the requester is a side, and, of its queue, whose the file is; the same statements whatever there
    is."""
    if not is_id(message_id):  # it becomes part of the record of the attempt: what somebody typed must not (law 8)
        message_id = MessageId(new_id())
    with house.store.reading() as unit:
        message = unit.messages.get(message_id, requester.organisation_id, now)
        place = (
            unit.attachments.file_of(message_id, attachment_id, requester.organisation_id)
            if attachment_id is not None
            else None
        )
    return message_id, message, place


def _disclose(
    house: House,
    requester: Requester,
    message_id: MessageId,
    message: MessageOnFile | None,
    categories: tuple[Category, ...],
    now: datetime,
    alongside: Alongside | None = None,
) -> Disclosed:
    question = (
        Question(message.purpose, categories, trigger=message.trigger or "", statute=message.statute or "")
        if message is not None
        else Question("", categories)
    )
    return disclose(house, requester, question, DocumentsScope(message_id), now, alongside=alongside)
