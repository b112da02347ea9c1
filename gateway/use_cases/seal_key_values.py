"""Keys of recipients that files are sealed to end to end: values and the port. Public halves only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from schemas.ids import EntryId, OrganisationId

MOST_KEYS: Final = 20
"""Of one organisation, the revoked not counted."""
ANSWER_WITHIN: Final = timedelta(hours=24)
"""How long a challenge may be answered."""


class KeyState(StrEnum):
    """Derived from `now`, never stored: nothing has to happen for a key to come to its end."""

    PENDING = "pending"
    WAITING = "waiting"
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class SealKey:
    """One key. `id` is its thumbprint, `public` its 32 bytes in base64url; it counts from `valid_from` until before
    `valid_to`. `entry_id`: of the log, from when its holder had shown that it has the private half."""

    id: str
    organisation_id: OrganisationId
    public: str
    valid_from: datetime
    valid_to: datetime | None
    registered_at: datetime
    challenge_digest: str | None = None
    confirmed_at: datetime | None = None
    revoked_at: datetime | None = None
    reason: str | None = None
    entry_id: EntryId | None = None

    def state(self, now: datetime) -> KeyState:
        """What it is good for at this moment."""
        if self.revoked_at is not None:
            return KeyState.REVOKED
        if self.confirmed_at is None:
            return KeyState.PENDING
        if now < self.valid_from:
            return KeyState.WAITING
        if self.valid_to is not None and now >= self.valid_to:
            return KeyState.EXPIRED
        return KeyState.ACTIVE


def key_to_seal_to(keys: Sequence[SealKey], now: datetime) -> SealKey | None:
    """Several may be active, so that what is under way still opens; new files are sealed to the one confirmed last."""
    active = [key for key in keys if key.state(now) is KeyState.ACTIVE]
    return max(active, key=lambda key: (key.confirmed_at or key.registered_at, key.id), default=None)


class SealKeys(Protocol):
    """Rows of keys."""

    def of(self, organisation_id: OrganisationId) -> Sequence[SealKey]:
        """All of an organisation, oldest first."""
        ...

    def get(self, organisation_id: OrganisationId, key_id: str, *, lock: bool = False) -> SealKey | None:
        """`lock`: nobody revokes it before the end of the unit of work."""
        ...

    def put(self, key: SealKey) -> None:
        """New, or in the place of the one with the same organisation and id."""
        ...
