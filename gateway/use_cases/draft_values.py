"""A message that somebody has begun to write, and the port that keeps it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.ids import OrganisationId, PersonId

Fields = Mapping[str, Sequence[str]]
"""What was typed, by the name of the field, as it was typed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft without its words. `id` is the operation identifier that the message will have; `page` is where it is
    written; `key_id` names the key of its own by which it is sealed."""

    organisation_id: OrganisationId
    id: str
    author_id: PersonId
    page: str
    type: str
    recipient_ogrn: str | None
    kept_at: datetime
    expires_at: datetime
    key_id: str
    sealed: bytes


class Drafts(Protocol):
    """Drafts of messages. They belong to who writes them, and are no messages yet."""

    def put(self, draft: Draft) -> None:
        """Keep it in place of what was kept before."""
        ...

    def get(self, organisation_id: OrganisationId, draft_id: str, *, lock: bool = False) -> Draft | None: ...
    def of(self, organisation_id: OrganisationId, authors: Collection[PersonId], limit: int) -> Sequence[Draft]:
        """What these people are writing, the latest first."""
        ...

    def expired(self, now: datetime, limit: int) -> Sequence[Draft]: ...
    def drop(self, draft: Draft) -> None: ...
