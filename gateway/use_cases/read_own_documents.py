"""What one's organisation itself handed in: uploads that wait for a message, and the documents of a message it sent.

Nothing is opened: types, sizes and digests are what the sender said or the gateway counted. What a document is stays sealed
with the person it is about, and its file opens for the recipient alone; a sender has its own copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.use_cases.attachment_values import Upload
from gateway.use_cases.house import House
from gateway.use_cases.values import Requester
from schemas.ids import Category, MessageId


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A document of a message for its sender. `has_file`: with it lies a file, not the fact alone."""

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


def sent_documents(house: House, requester: Requester, message_id: MessageId) -> Sequence[SentDocument]:
    """The documents of a message that one's organisation sent; none of any other."""
    with house.store.reading() as unit:
        found = unit.attachments.sent(message_id, requester.organisation_id)
    return [
        SentDocument(one.category, one.sha256, one.media_type, one.size, one.upload_id is not None, one.end_to_end)
        for one in found
    ]
