"""What is remembered of records that came in files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.ids import OrganisationId


@dataclass(frozen=True, slots=True)
class TakenRecord:
    """A record that was taken. `key` says which it is, `digest` what it said when it was last taken, both under a key of this
    installation; `result` is the identifier of what it became."""

    organisation_id: OrganisationId
    kind: str
    key: str
    digest: str
    result: str
    at: datetime


class Taken(Protocol):
    """Records taken from files."""

    def find(self, organisation_id: OrganisationId, kind: str, key: str) -> TakenRecord | None:
        """The record of this key, None where none was taken."""
        ...

    def take(self, record: TakenRecord, before: TakenRecord | None) -> None:
        """Remember it in the place of `before`. Raises Contended where that is not what stands there any more."""
        ...
