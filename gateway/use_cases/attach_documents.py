"""Documents of a message that is being sent: its uploads are taken up, in the unit of work of the message.

A document whose category the ruling denies is not kept; its upload is cleared away later. Files are from now on readable by
the key of the person they are about, and no longer by that of the organisation that uploaded them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from gateway.use_cases.attachment_values import Attachment, Upload
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.read_seal_keys import check_sealed_to
from gateway.use_cases.values import MessageOnFile
from schemas.attachments import AttachmentDraft
from schemas.categories import SECTION_CATEGORIES
from schemas.codes import document_kinds
from schemas.errors import BadInput
from schemas.ids import Category, MessageId, OrganisationId, SubjectId, new_id


def check_documents(
    house: House, drafts: Sequence[AttachmentDraft], persons: int, allowed: Collection[Category]
) -> None:
    """What can be said before anything is ruled; `allowed` are the categories that the type of message may carry.

    Raises BadInput: attachments_too_many, attachment_person_unknown, attachment_category_unknown, attachment_kind_unknown,
    upload_twice.
    """
    if len(drafts) > house.attachment_limits.files_in_message:
        raise BadInput("attachments_too_many", max=house.attachment_limits.files_in_message)
    uploads = [draft.upload for draft in drafts if draft.upload]
    if len(set(uploads)) != len(uploads):
        raise BadInput("upload_twice")
    for draft in drafts:
        if draft.person >= persons:
            raise BadInput("attachment_person_unknown", person=draft.person)
        if draft.category not in SECTION_CATEGORIES or draft.category not in allowed:
            raise BadInput("attachment_category_unknown")
        if draft.document_type not in document_kinds():
            raise BadInput("attachment_kind_unknown", known=", ".join(sorted(document_kinds())))


def attach_documents(
    house: House,
    unit: Unit,
    message: MessageOnFile,
    drafts: Sequence[AttachmentDraft],
    subjects: Sequence[SubjectId],
    kept: Collection[int],
    now: datetime,
) -> Sequence[Attachment]:
    """Keep the documents at the places `kept` of `drafts`; `subjects` are the persons of the draft, in its order.

    Raises what `find_uploads` does.
    """
    found = find_uploads(
        house, unit, message.sender_id, message.recipient_id, message.operation_id, drafts, now, lock=True
    )
    attachments = [
        _attachment(house, message.id, drafts[place], place, subjects[drafts[place].person], found)
        for place in sorted(kept)
    ]
    unit.attachments.attach(attachments)
    return attachments


def find_uploads(
    house: House,
    unit: Unit,
    sender_id: OrganisationId,
    recipient_id: OrganisationId,
    operation_id: str,
    drafts: Sequence[AttachmentDraft],
    now: datetime,
    *,
    lock: bool = False,
) -> Mapping[int, Upload]:
    """The uploads of these documents by their place: of the sender, for exactly this operation. Any other is unknown,
    whatever the reason (law 6). `lock`: they are taken up in this unit of work.

    Raises BadInput (upload_unknown, attachment_digest_differs, attachments_too_large, and what `check_sealed_to` does).
    """
    wanted = {place: draft for place, draft in enumerate(drafts) if draft.upload}
    if not wanted:
        return {}
    known = {
        upload.id: upload
        for upload in unit.attachments.uploads([d.upload for d in wanted.values() if d.upload], sender_id, lock=lock)
        if upload.state == "complete"
        and upload.operation_id == operation_id
        and upload.waits(now, house.attachment_limits.unattached_for)
    }
    found = {}
    for place, draft in wanted.items():
        upload = known.get(draft.upload or "")
        if upload is None:
            raise BadInput("upload_unknown", place=place + 1)
        if draft.sha256 is not None and draft.sha256 != upload.sha256:
            raise BadInput("attachment_digest_differs", place=place + 1)
        if upload.end_to_end:
            check_sealed_to(unit, recipient_id, upload.seal_key, now, lock=lock)
        found[place] = upload
    if sum(upload.size for upload in found.values()) > house.attachment_limits.one_message:
        raise BadInput("attachments_too_large", max=house.attachment_limits.one_message)
    return found


def _attachment(
    house: House,
    message_id: MessageId,
    draft: AttachmentDraft,
    ordinal: int,
    subject_id: SubjectId,
    uploads: Mapping[int, Upload],
) -> Attachment:
    attachment_id = new_id()
    description = json.dumps(draft.description(), ensure_ascii=False).encode()
    sealed = house.vault.seal_words(subject_id, place_of(attachment_id), description)
    upload = uploads.get(ordinal)
    wrapped = None
    if upload is not None:
        assert upload.wrapped_key is not None
        key = house.vault.upload_key(upload.organisation_id, upload.id, upload.wrapped_key)
        wrapped = house.vault.wrap_file_key(key, attachment_id, [subject_id])[subject_id]
    return Attachment(
        attachment_id,
        message_id,
        ordinal,
        subject_id,
        Category(draft.category),
        sealed,
        upload.sha256 if upload else draft.sha256,
        upload.id if upload else None,
        wrapped,
    )


def place_of(attachment_id: str) -> str:
    """Where the description of a document is sealed: it cannot be moved to another."""
    return f"attachment:{attachment_id}"
