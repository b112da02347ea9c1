"""Take a file for a message that will come: streamed, sealed chunk by chunk, typed by its content, or refused and forgotten.

The row of the upload is committed before its first byte is written and says «complete» only after the last is synced, so
whatever a crash leaves behind has a row that `clear_uploads` finds. The name of the file is not asked for.
"""

from __future__ import annotations

import hashlib
import hmac
import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import BinaryIO, Final, cast

from adapters.attachments import TYPES, inspect_attachment, type_named
from gateway.partner.sealed_files import HEADER_SIZE, MEDIA_TYPE, SealedWrongError, read_header
from gateway.use_cases.attachment_values import Blobs, BlobWriter, Upload
from gateway.use_cases.house import House
from gateway.use_cases.values import Requester
from gateway.vault.streams import ChunkSealer, SealedFile
from schemas.errors import BadInput, Broken, DocumentRejected, MezhvedError, NotPermitted, RequestRejected
from schemas.ids import is_id, new_id

AT_ONCE: Final = 10
"""How many uploads of one organisation are under way at the same time."""
UNDER_WAY: Final = timedelta(hours=1)
"""After so long an upload that has not ended is one that a crash left, and counts for nothing."""
DAY: Final = timedelta(days=1)
MOST_CLEARED: Final = 100
_KNOWN: Final = ", ".join(kind.code for kind in TYPES)


def begin_upload(
    house: House,
    requester: Requester,
    operation_id: str,
    declared: str,
    now: datetime,
    *,
    size: int | None = None,
    sha256: str | None = None,
) -> UploadReceiver:
    """Begin an upload that belongs to the operation of a message to come.

    Raises NotPermitted (not_for_overseers), BadInput (operation_id_invalid), DocumentRejected (attachment_type_unknown),
    RequestRejected (attachment_too_large, attachments_of_the_day), Broken (attachments_off).
    """
    blobs = blobs_of(house)
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    if not is_id(operation_id):
        raise BadInput("operation_id_invalid")
    end_to_end = declared == MEDIA_TYPE
    kind = type_named(declared)
    if kind is None and not end_to_end:
        raise DocumentRejected("attachment_type_unknown", known=_KNOWN)
    if size is not None and size > house.attachment_limits.one_file:
        raise RequestRejected("attachment_too_large", max=house.attachment_limits.one_file)
    upload_id = new_id()
    key, wrapped = house.vault.new_upload_key(requester.organisation_id, upload_id)
    upload = Upload(
        upload_id,
        requester.organisation_id,
        operation_id,
        now,
        kind.code if kind else MEDIA_TYPE,
        wrapped,
        end_to_end=end_to_end,
    )
    with house.store.writing() as unit:
        used = unit.attachments.used_since(requester.organisation_id, now - DAY)
        if used + (size or 0) > house.attachment_limits.a_day:
            raise RequestRejected("attachments_of_the_day", max=house.attachment_limits.a_day)
        # What is on its way is not counted before it ends: only so much is, at once.
        if unit.attachments.receiving(requester.organisation_id, now - UNDER_WAY) >= AT_ONCE:
            raise RequestRejected("uploads_at_once", max=AT_ONCE)
        unit.attachments.begin(upload)
    try:
        return UploadReceiver(house, blobs, upload, key, sha256)
    except MezhvedError:
        with house.store.writing() as unit:
            unit.attachments.forget([upload.id])
        raise


class UploadReceiver:
    """One upload under way. Feed it, then finish or abort it. What is refused leaves nothing behind."""

    def __init__(self, house: House, blobs: Blobs, upload: Upload, key: bytes, sha256: str | None) -> None:
        self._house, self._blobs, self._upload, self._key = house, blobs, upload, key
        self._wanted = sha256
        self._digest = hashlib.sha256()
        self._size = 0
        self._head = b""
        self._writer: BlobWriter = blobs.create(upload.id)
        self._sealer = ChunkSealer(key, upload.id, self._writer.write)

    def feed(self, data: bytes) -> None:
        """More of the file. Raises RequestRejected (attachment_too_large), Broken (blobs_unwritable)."""
        self._size += len(data)
        if self._size > self._house.attachment_limits.one_file:
            self.abort()
            raise RequestRejected("attachment_too_large", max=self._house.attachment_limits.one_file)
        if len(self._head) < HEADER_SIZE:
            self._head = (self._head + data[:HEADER_SIZE])[:HEADER_SIZE]
        self._digest.update(data)
        self._sealer.feed(data)

    def finish(self, now: datetime) -> Upload:
        """All is there. Raises what `inspect_attachment` does, RequestRejected (attachment_digest_wrong,
        attachments_of_the_day), Broken."""
        try:
            return self._finish(now)
        except MezhvedError:
            self.abort()
            raise

    def abort(self) -> None:
        """Forget everything. May be repeated."""
        self._writer.drop()
        with self._house.store.writing() as unit:
            unit.attachments.forget([self._upload.id])

    def _finish(self, now: datetime) -> Upload:
        sha256 = self._digest.hexdigest()
        if self._wanted is not None and not hmac.compare_digest(sha256, self._wanted):
            raise RequestRejected("attachment_digest_wrong")
        self._sealer.finish()
        self._writer.keep()
        media_type = MEDIA_TYPE if self._upload.end_to_end else self._inspected()
        done = replace(
            self._upload,
            state="complete",
            media_type=media_type,
            size=self._size,
            sha256=sha256,
            seal_key=self._sealed_to() if self._upload.end_to_end else None,
        )
        limits = self._house.attachment_limits
        with self._house.store.writing() as unit:
            used = unit.attachments.used_since(done.organisation_id, now - DAY)
            if used + self._size > limits.a_day:
                raise RequestRejected("attachments_of_the_day", max=limits.a_day)
            if not unit.attachments.complete(done):
                raise BadInput("upload_unknown")
        return done

    def _sealed_to(self) -> str:
        """The key that the header names; whether it is the recipient's is known when the message says who that is."""
        try:
            return read_header(self._head)
        except SealedWrongError:
            raise DocumentRejected("attachment_not_sealed") from None

    def _inspected(self) -> str:
        source = self._blobs.open(self._upload.id)
        if source is None:
            raise Broken("blobs_unwritable")
        with SealedFile(self._key, self._upload.id, source) as sealed:
            file = cast("BinaryIO", io.BufferedReader(sealed))
            return inspect_attachment(file, sealed.size, self._upload.declared).media_type


def clear_uploads(house: House, now: datetime) -> int:
    """Forget uploads that no message took up in time and no draft keeps, files whose documents are gone, and what crashes
    left. How many.

    The bytes go first: whatever is interrupted is found again by its row.
    """
    if house.blobs is None:
        return 0
    before = now - house.attachment_limits.unattached_for
    with house.store.writing() as unit:
        stale = unit.attachments.stale(before, now, MOST_CLEARED)
        for upload in stale:
            house.blobs.remove(upload.id)
        unit.attachments.forget([upload.id for upload in stale])
    return len(stale)


def blobs_of(house: House) -> Blobs:
    """Raises Broken (attachments_off) in a house without a place for files."""
    if house.blobs is None:
        raise Broken("attachments_off")
    return house.blobs
