"""What is kept of an organisation's own lists, and how its own tables are read: values and the ports that keep them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.ids import OrganisationId


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A family or a signal, sealed. `identity` and `content` are keyed digests: by the one the same record is known again,
    by the other whether anything of it changed."""

    id: str
    organisation_id: OrganisationId
    kind: str
    identity: str
    content: str
    kept_at: datetime
    expires_at: datetime
    actor: str
    key_id: str
    sealed: bytes


class KeptRecords(Protocol):
    """Records of one's own lists that were not published."""

    def known(
        self, organisation_id: OrganisationId, kind: str, identities: Collection[str]
    ) -> Mapping[str, KeptRecord]:
        """Those of these that are kept, by identity; nobody else changes them before this unit ends."""
        ...

    def put(self, records: Sequence[KeptRecord]) -> None:
        """Keep each in place of the one with its id, where there is one."""
        ...

    def get(self, organisation_id: OrganisationId, record_id: str, *, lock: bool = False) -> KeptRecord | None: ...
    def page(
        self, organisation_id: OrganisationId, kind: str, after: KeptRecord | None, limit: int
    ) -> Sequence[KeptRecord]:
        """The latest first."""
        ...

    def count(self, organisation_id: OrganisationId) -> Mapping[str, int]:
        """How many of each kind."""
        ...

    def drop(self, record_ids: Collection[str]) -> None: ...
    def expired(self, now: datetime, limit: int) -> Sequence[KeptRecord]: ...


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A version of a mapping profile of an organisation. An empty `content` says that it was withdrawn."""

    organisation_id: OrganisationId
    name: str
    version: int
    written_at: datetime
    actor: str
    content: str

    @property
    def is_withdrawn(self) -> bool:
        """Whether nothing is read by it any more."""
        return not self.content


class MappingProfiles(Protocol):
    """Profiles of organisations. Versions are only added."""

    def newest(self, organisation_id: OrganisationId) -> Sequence[StoredProfile]:
        """The last version of each name, in the order of names."""
        ...

    def versions(self, organisation_id: OrganisationId, name: str) -> Sequence[StoredProfile]:
        """All versions of one name, the newest first."""
        ...

    def add(self, profile: StoredProfile) -> None: ...
