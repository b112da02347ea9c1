"""Certificates that files of an organisation are signed with, and whether they must be: values and the port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, Protocol

from schemas.ids import EntryId, OrganisationId

MOST_CERTIFICATES: Final = 20
"""Of one organisation, the revoked and the expired not counted."""

Role = Literal["signer", "authority"]
ROLES: Final[tuple[Role, ...]] = ("signer", "authority")
"""A signer's certificate counts itself; of an authority those count that it issued for the organisation's OGRN."""


class CertificateState(StrEnum):
    """Derived from `now`, never stored."""

    WAITING = "waiting"
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class SignatureSeen:
    """By which certificate (its fingerprint) a file was signed, by which method, and when by its own word."""

    certificate: str
    algorithm: str
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """One registered certificate. `id` is its fingerprint: SHA-256 of the DER, hexadecimal."""

    id: str
    organisation_id: OrganisationId
    role: Role
    der: bytes = field(repr=False)
    valid_from: datetime
    valid_to: datetime
    registered_at: datetime
    revoked_at: datetime | None = None
    reason: str | None = None
    entry_id: EntryId | None = None

    def state(self, now: datetime) -> CertificateState:
        """What it is good for at this moment."""
        if self.revoked_at is not None:
            return CertificateState.REVOKED
        if now < self.valid_from:
            return CertificateState.WAITING
        return CertificateState.EXPIRED if now > self.valid_to else CertificateState.ACTIVE


class Certificates(Protocol):
    """Rows of certificates, and the organisations whose files must be signed."""

    def of(self, organisation_id: OrganisationId) -> Sequence[SigningCertificate]:
        """All of an organisation, oldest first."""
        ...

    def get(
        self, organisation_id: OrganisationId, fingerprint: str, *, lock: bool = False
    ) -> SigningCertificate | None:
        """`lock`: nobody revokes it before the end of the unit of work."""
        ...

    def put(self, certificate: SigningCertificate) -> None:
        """New, or in the place of the one with the same organisation and fingerprint."""
        ...

    def smev_digest(self, organisation_id: OrganisationId, message_id: str) -> str | None:
        """Of the content of a message of SMEV that was taken."""
        ...

    def take_smev(self, organisation_id: OrganisationId, message_id: str, digest: str, now: datetime) -> None: ...
    def signatures_required(self, organisation_id: OrganisationId) -> bool: ...
    def require_signatures(self, organisation_id: OrganisationId, required: bool, now: datetime) -> None: ...
