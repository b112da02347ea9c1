"""What one's organisation itself handed in: uploads that wait for a message, and the documents of a message it sent.

Nothing is opened: types, sizes and digests are what the sender said or the gateway counted. What a document is stays sealed
with the person it is about. Its file is got back by `reread_document`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.attachment_values import Upload
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.errors import NotPermitted
from schemas.ids import Category, MessageId, is_id
from schemas.lifecycle import WITHDRAWN


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A document of a message for its sender. `has_file`: with it lies a file, not the fact alone."""

    id: str
    category: Category
    sha256: str | None
    media_type: str | None
    size: int | None
    has_file: bool
    end_to_end: bool


def read_uploads(
    house: House, requester: Requester, operation_id: str, upload_ids: Sequence[str]
) -> Mapping[str, Upload]:
    """Those of one's organisation that are whole and wait for this operation, by id."""
    if not upload_ids:
        return {}
    with house.store.reading() as unit:
        found = unit.attachments.uploads(upload_ids, requester.organisation_id)
    mine = [one for one in found if one.state == "complete" and one.operation_id == operation_id.lower()]
    return {upload.id: upload for upload in mine}


@dataclass(frozen=True, slots=True)
class SentDocuments:
    """Those of one message. `may_open`: whether this requester gets their files back."""

    documents: Sequence[SentDocument]
    may_open: bool


def sent_documents(house: House, requester: Requester, message_id: MessageId, now: datetime) -> SentDocuments | None:
    """The documents of a message that one's organisation sent to another; None of any other."""
    with house.store.reading() as unit:
        message = unit.messages.get(message_id if is_id(message_id) else MessageId(""), requester.organisation_id, now)
        found = unit.attachments.sent(message_id, requester.organisation_id)
        if message is None or message.recipient_id == requester.organisation_id:
            return None
        may_open = (
            requester.role == "caseworker" and message.state not in WITHDRAWN and _works(unit, requester, message)
        )
    documents = [
        SentDocument(
            one.id,
            one.category,
            one.sha256,
            one.media_type,
            one.size,
            one.upload_id is not None,
            one.end_to_end,
        )
        for one in found
    ]
    return SentDocuments(documents, may_open)


def _works(unit: Unit, requester: Requester, message: MessageOnFile) -> bool:
    try:
        require_assigned(unit, requester, message.case_id)
    except NotPermitted:
        return False
    return True
