"""Uploads and documents of messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from gateway.storage import tables as t
from gateway.storage import tables_attachments as a
from gateway.use_cases.attachment_values import Attachment, Upload
from schemas.ids import Category, MessageId, OrganisationId, SubjectId


class SqlAttachments:
    """`attachment_values.Attachments`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, upload: Upload) -> None:
        self._connection.execute(
            insert(a.uploads).values(
                id=upload.id,
                organisation_id=upload.organisation_id,
                operation_id=upload.operation_id,
                begun_at=upload.begun_at,
                declared=upload.declared,
                state=upload.state,
                wrapped_key=upload.wrapped_key,
                size=upload.size,
                end_to_end=upload.end_to_end,
                seal_key=upload.seal_key,
            )
        )

    def upload(self, upload_id: str, organisation_id: OrganisationId, *, lock: bool = False) -> Upload | None:
        found = select(a.uploads).where(a.uploads.c.id == upload_id, a.uploads.c.organisation_id == organisation_id)
        row = self._connection.execute(found.with_for_update() if lock else found).first()
        return _upload(row) if row else None

    def complete(self, upload: Upload) -> bool:
        done = self._connection.execute(
            update(a.uploads)
            .where(a.uploads.c.id == upload.id, a.uploads.c.state == "receiving")
            .values(
                state="complete",
                media_type=upload.media_type,
                size=upload.size,
                sha256=upload.sha256,
                seal_key=upload.seal_key,
            )
        )
        return done.rowcount == 1

    def used_since(self, organisation_id: OrganisationId, since: datetime) -> int:
        used = self._connection.execute(
            select(func.sum(a.uploads.c.size)).where(
                a.uploads.c.organisation_id == organisation_id, a.uploads.c.begun_at > since
            )
        ).scalar()
        return int(used or 0)

    def receiving(self, organisation_id: OrganisationId, since: datetime) -> int:
        return int(
            self._connection.execute(
                select(func.count())
                .select_from(a.uploads)
                .where(
                    a.uploads.c.organisation_id == organisation_id,
                    a.uploads.c.state == "receiving",
                    a.uploads.c.begun_at > since,
                )
            ).scalar_one()
        )

    def attach(self, attachments: Sequence[Attachment]) -> None:
        if not attachments:
            return
        self._connection.execute(
            insert(a.attachments),
            [
                {
                    "id": attachment.id,
                    "message_id": attachment.message_id,
                    "ordinal": attachment.ordinal,
                    "subject_id": attachment.subject_id,
                    "category": attachment.category,
                    "sealed": attachment.sealed,
                    "sha256": attachment.sha256,
                    "upload_id": attachment.upload_id,
                    "wrapped_key": attachment.wrapped_key,
                }
                for attachment in attachments
            ],
        )
        taken = [attachment.upload_id for attachment in attachments if attachment.upload_id]
        self._connection.execute(
            update(a.uploads).where(a.uploads.c.id.in_(taken)).values(state="attached", wrapped_key=None)
        )

    def of_message(self, message_id: MessageId, categories: Collection[Category]) -> Sequence[Attachment]:
        rows = self._connection.execute(
            ATTACHMENTS.where(
                a.attachments.c.message_id == message_id, a.attachments.c.category.in_(sorted(categories))
            ).order_by(a.attachments.c.ordinal)
        )
        return [attachment_of(row) for row in rows]

    def file_of(
        self, message_id: MessageId, attachment_id: str, recipient_id: OrganisationId
    ) -> tuple[SubjectId, Category] | None:
        found = self._connection.execute(
            select(a.attachments.c.subject_id, a.attachments.c.category)
            .join(t.messages, t.messages.c.id == a.attachments.c.message_id)
            .where(
                a.attachments.c.id == attachment_id,
                a.attachments.c.upload_id.is_not(None),
                t.messages.c.id == message_id,
                t.messages.c.recipient_id == recipient_id,
                t.messages.c.delivered_at.is_not(None),
            )
        ).first()
        return (found.subject_id, Category(found.category)) if found else None

    def uploads(
        self, upload_ids: Collection[str], organisation_id: OrganisationId, *, lock: bool = False
    ) -> Sequence[Upload]:
        found = (
            select(a.uploads)
            .where(a.uploads.c.id.in_(sorted(upload_ids)), a.uploads.c.organisation_id == organisation_id)
            .order_by(a.uploads.c.id)
        )
        rows = self._connection.execute(found.with_for_update() if lock else found)
        return [_upload(row) for row in rows]

    def sent(self, message_id: MessageId, sender_id: OrganisationId) -> Sequence[Attachment]:
        rows = self._connection.execute(
            ATTACHMENTS.join(t.messages, t.messages.c.id == a.attachments.c.message_id)
            .where(t.messages.c.id == message_id, t.messages.c.sender_id == sender_id)
            .order_by(a.attachments.c.ordinal)
        )
        return [attachment_of(row) for row in rows]

    def of_subjects(self, subject_ids: Collection[SubjectId], limit: int) -> Sequence[tuple[str, MessageId]]:
        rows = self._connection.execute(
            select(a.attachments.c.id, a.attachments.c.message_id)
            .where(a.attachments.c.subject_id.in_(sorted(subject_ids)))
            .order_by(a.attachments.c.id)
            .limit(limit)
        )
        return [(row.id, row.message_id) for row in rows]

    def discard(self, attachment_ids: Collection[str]) -> None:
        discard(self._connection, a.attachments.c.id.in_(sorted(attachment_ids)))

    def keep(
        self, organisation_id: OrganisationId, operation_id: str, upload_ids: Collection[str], until: datetime
    ) -> None:
        waiting = _of_operation(organisation_id, operation_id)
        named = a.uploads.c.id.in_(sorted(upload_ids))
        self._connection.execute(update(a.uploads).where(*waiting, named).values(kept_until=until))
        let_go = (*waiting, ~named, a.uploads.c.kept_until.is_not(None))
        self._connection.execute(update(a.uploads).where(*let_go).values(kept_until=None))

    def let_go(self, organisation_id: OrganisationId, operation_id: str, *, discard: bool) -> None:
        kept = (*_of_operation(organisation_id, operation_id), a.uploads.c.kept_until.is_not(None))
        ended = {"kept_until": None, "state": "discarded"} if discard else {"kept_until": None}
        self._connection.execute(update(a.uploads).where(*kept).values(ended))

    def stale(self, before: datetime, now: datetime, limit: int) -> Sequence[Upload]:
        kept = a.uploads.c.kept_until.is_not(None) & (a.uploads.c.kept_until > now)
        rows = self._connection.execute(
            select(a.uploads)
            .where(
                or_(
                    a.uploads.c.state.in_(("receiving", "complete")) & (a.uploads.c.begun_at <= before) & ~kept,
                    a.uploads.c.state == "discarded",
                )
            )
            .order_by(a.uploads.c.begun_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_upload(row) for row in rows]

    def forget(self, upload_ids: Collection[str]) -> None:
        self._connection.execute(
            delete(a.uploads).where(a.uploads.c.id.in_(sorted(upload_ids)), a.uploads.c.state != "attached")
        )


def _of_operation(organisation_id: OrganisationId, operation_id: str) -> tuple[ColumnElement[bool], ...]:
    """Whole uploads of an operation that no message has taken up."""
    return (
        a.uploads.c.organisation_id == organisation_id,
        a.uploads.c.operation_id == operation_id,
        a.uploads.c.state == "complete",
    )


def discard(connection: Connection, which: ColumnElement[bool]) -> None:
    """Documents leave their messages, and in the same unit of work their files become nobody's."""
    files = connection.execute(select(a.attachments.c.upload_id).where(which)).scalars()
    nobodys = sorted(file for file in files if file)
    connection.execute(delete(a.attachments).where(which))
    if nobodys:
        connection.execute(update(a.uploads).where(a.uploads.c.id.in_(nobodys)).values(state="discarded"))


ATTACHMENTS: Final = select(
    a.attachments, a.uploads.c.media_type, a.uploads.c.size, a.uploads.c.end_to_end, a.uploads.c.seal_key
).outerjoin(a.uploads, a.uploads.c.id == a.attachments.c.upload_id)
"""Documents with what is known of their files."""


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        row.id,
        row.organisation_id,
        row.operation_id,
        row.begun_at,
        row.declared,
        row.wrapped_key,
        row.state,
        row.media_type,
        row.size,
        row.sha256,
        row.end_to_end,
        row.seal_key,
        row.kept_until,
    )


def attachment_of(row: Row[Any]) -> Attachment:
    """A document from its row of `ATTACHMENTS`."""
    return Attachment(
        row.id,
        row.message_id,
        row.ordinal,
        row.subject_id,
        Category(row.category),
        row.sealed,
        row.sha256,
        row.upload_id,
        row.wrapped_key,
        row.media_type,
        row.size,
        bool(row.end_to_end),
        row.seal_key,
    )
