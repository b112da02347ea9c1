"""Plain values of packages, and what use cases need of their store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from schemas.ids import CaseId, EntryId, MessageId, OrganisationId


@dataclass(frozen=True, slots=True)
class PackageReceipt:
    """A code that was typed back. `told_on` is the day that it carries, by the clock of who opened the package."""

    package_id: str
    outcome: str
    told_on: date
    typed_at: datetime
    typed_by: str


@dataclass(frozen=True, slots=True)
class PackageOnFile:
    """A package that was made. The file is not kept; `sealed` holds its opening code, until that is of no use any more, and
    the key of its receipts. `content_digest` recognises the same content, by a key of the installation."""

    id: str
    message_id: MessageId
    entry_id: EntryId
    made_at: datetime
    made_on: date
    made_by: str
    sealed_sha256: str
    content_digest: str
    outcomes: tuple[str, ...]
    sealed: bytes
    receipts: tuple[PackageReceipt, ...] = ()


class Packages(Protocol):
    """Packages of messages, their receipts, and codes that did not fit."""

    def add(self, package: PackageOnFile) -> None: ...
    def get(self, package_id: str) -> PackageOnFile | None: ...
    def of_message(self, message_id: MessageId) -> Sequence[PackageOnFile]:
        """Oldest first."""
        ...

    def seal_again(self, package_id: str, sealed: bytes) -> None: ...
    def add_receipt(self, receipt: PackageReceipt) -> bool:
        """False where this package has said this already: each counts once."""
        ...

    def add_miss(self, message_id: MessageId, at: datetime) -> None:
        """A code that no package of this message gave."""
        ...

    def misses(self, message_id: MessageId, since: datetime) -> int: ...
    def handed(self, case_id: CaseId, sender_id: OrganisationId, recipient_id: OrganisationId) -> bool:
        """Whether the recipient was ever given a package of this sender about this case."""
        ...
