"""A document that one's organisation sent, read again by its own people: its copy was lost, or somebody asks what was sent.

Nothing is ruled, since nothing leaves whose it is; but it is personal data, so it goes through the door like everything else:
for somebody who works on the case, with an entry before the first byte. What was taken back is opened by nobody any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.evidence.entry import JsonValue
from gateway.evidence.events import EventKind
from gateway.use_cases.answer_message import find_message
from gateway.use_cases.attachment_values import Attachment, OpenedFile
from gateway.use_cases.disclose import disclose_sent_file
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.receive_upload import blobs_of
from gateway.use_cases.values import Requester
from schemas.errors import Unavailable
from schemas.ids import MessageId
from schemas.lifecycle import WITHDRAWN


def reread_document(
    house: House, requester: Requester, message_id: MessageId, attachment_id: str, now: datetime
) -> OpenedFile:
    """Raises Unavailable (message_unavailable; attachment_unavailable for what has no file, was taken back, or whose keys are
    destroyed), NotPermitted (not_for_overseers, not_assigned)."""
    blobs = blobs_of(house)

    def find(unit: Unit) -> tuple[Attachment, Mapping[str, JsonValue]]:
        message = find_message(unit, requester, message_id, now)
        sent = unit.attachments.sent(message.id, requester.organisation_id)
        document = next((one for one in sent if one.id == attachment_id), None)
        if document is None or document.upload_id is None or message.state in WITHDRAWN:
            raise Unavailable("attachment_unavailable")
        if unit.recorded_facts.holder_of([document.subject_id]).get(document.subject_id) != requester.organisation_id:
            raise Unavailable("attachment_unavailable")  # who it is about went to another holder
        return document, {
            "message": message.id,
            "attachment": document.id,
            "organisation": requester.organisation_id,
            "actor": requester.actor,
        }

    opened = disclose_sent_file(house, blobs, find, EventKind.ATTACHMENT_REREAD, now)
    if opened is None:
        raise Unavailable("attachment_unavailable")
    return opened
