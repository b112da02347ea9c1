"""Values and ports of attachments: uploads, what a message keeps of a document, where sealed bytes lie, limits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

from gateway.vault.streams import SealedFile
from schemas.ids import Category, EntryId, MessageId, OrganisationId, SubjectId


@dataclass(frozen=True, slots=True)
class AttachmentLimits:
    """How much is taken. Bytes; `a_day` for one organisation in the last 24 hours."""

    one_file: int = 20_000_000
    one_message: int = 50_000_000
    files_in_message: int = 10
    a_day: int = 1_000_000_000
    unattached_for: timedelta = timedelta(hours=24)
    """How long an upload waits for its message."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was or is being uploaded; it belongs to one organisation and one operation, and nobody else sees it."""

    id: str
    organisation_id: OrganisationId
    operation_id: str
    begun_at: datetime
    declared: str  # the type that the sender says
    wrapped_key: bytes | None  # of the file, for the organisation; gone once a message took the file up
    state: str = "receiving"  # complete, attached, discarded
    media_type: str | None = None
    size: int = 0
    sha256: str | None = None
    end_to_end: bool = False  # sealed by the sender to the recipient: the content is not known here
    seal_key: str | None = None  # the key that its header names
    kept_until: datetime | None = None  # by the draft of its message, where that was kept

    def waits(self, now: datetime, unattached_for: timedelta) -> bool:
        """Whether it still waits for its message; otherwise it is cleared away."""
        return self.begun_at > now - unattached_for or (self.kept_until is not None and self.kept_until > now)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document of a message. Without `upload_id` it is known as a fact only. `sealed` is its description."""

    id: str
    message_id: MessageId
    ordinal: int
    subject_id: SubjectId
    category: Category
    sealed: bytes
    sha256: str | None = None
    upload_id: str | None = None
    wrapped_key: bytes | None = None
    media_type: str | None = None
    size: int | None = None
    end_to_end: bool = False
    seal_key: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as its recipient sees it."""

    id: str
    subject_id: SubjectId
    category: Category
    document_type: str
    issued_on: str | None
    signers: tuple[str, ...]
    sha256: str | None
    media_type: str | None
    size: int | None
    has_file: bool
    end_to_end: bool
    seal_key: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file after the door; its bytes are opened chunk by chunk, after the entry."""

    document: Document
    file: SealedFile
    entry_id: EntryId


class BlobWriter(Protocol):
    """A blob that is being written; nobody sees it before `keep`."""

    def write(self, data: bytes) -> object: ...
    def keep(self) -> None:
        """Make it last and visible, at once or not at all."""
        ...

    def drop(self) -> None:
        """Forget what was written. May be repeated."""
        ...


class Blobs(Protocol):
    """Sealed bytes by the identifier of their upload."""

    def create(self, blob_id: str) -> BlobWriter: ...
    def open(self, blob_id: str) -> BinaryIO | None: ...
    def remove(self, blob_id: str) -> None:
        """Whole or unfinished; harmless where there is none."""
        ...


class Attachments(Protocol):
    """Rows of uploads and of what messages took up."""

    def begin(self, upload: Upload) -> None: ...
    def upload(self, upload_id: str, organisation_id: OrganisationId, *, lock: bool = False) -> Upload | None:
        """Of this organisation; None for any other, by the same statement."""
        ...

    def complete(self, upload: Upload) -> bool:
        """False where the upload is no longer there: it took too long, and was cleared away."""
        ...

    def receiving(self, organisation_id: OrganisationId, since: datetime) -> int:
        """How many uploads of an organisation that were begun since then are under way."""
        ...

    def used_since(self, organisation_id: OrganisationId, since: datetime) -> int:
        """Bytes that the organisation uploaded since then."""
        ...

    def attach(self, attachments: Sequence[Attachment]) -> None:
        """Keep what a message took up; the keys of these files are from now on wrapped for their subjects alone."""
        ...

    def of_message(self, message_id: MessageId, categories: Collection[Category]) -> Sequence[Attachment]:
        """Of these categories only: what is withheld is not even fetched (law 3)."""
        ...

    def file_of(
        self, message_id: MessageId, attachment_id: str, recipient_id: OrganisationId
    ) -> tuple[SubjectId, Category] | None:
        """Whose file it is and of which category; None for what has none, or is not for this recipient, or has not come."""
        ...

    def uploads(
        self, upload_ids: Collection[str], organisation_id: OrganisationId, *, lock: bool = False
    ) -> Sequence[Upload]:
        """Those of them that are this organisation's."""
        ...

    def sent(self, message_id: MessageId, sender_id: OrganisationId) -> Sequence[Attachment]:
        """What lies with a message of this sender: sizes, types and digests; descriptions stay sealed."""
        ...

    def of_subjects(self, subject_ids: Collection[SubjectId], limit: int) -> Sequence[tuple[str, MessageId]]:
        """Documents about any of these, and of which message."""
        ...

    def discard(self, attachment_ids: Collection[str]) -> None:
        """Take documents away from their messages; their files are from now on nobody's, and `stale`."""
        ...

    def keep(
        self, organisation_id: OrganisationId, operation_id: str, upload_ids: Collection[str], until: datetime
    ) -> None:
        """The whole uploads of this operation that its draft names wait for it until then; those that it names no more do
        not."""
        ...

    def let_go(self, organisation_id: OrganisationId, operation_id: str, *, discard: bool) -> None:
        """The draft of this operation has ended: what it kept is from now on nobody's, or waits like any other upload."""
        ...

    def stale(self, before: datetime, now: datetime, limit: int) -> Sequence[Upload]:
        """Uploads that were begun before, that no message took up and no draft keeps, and all that were discarded; locked
        against others where the store allows it."""
        ...

    def forget(self, upload_ids: Collection[str]) -> None: ...
