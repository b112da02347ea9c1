"""What the vault needs from a store of keys. It stands apart from the data store and has a short backup retention."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.vault.blind_index import BlindIndex, IndexKey
from gateway.vault.envelope import SealingKey
from gateway.vault.pseudonyms import OrganisationKey
from schemas.ids import OrganisationId, SubjectId


@dataclass(frozen=True, slots=True)
class Destruction:
    """That, when and why the keys of a subject were destroyed. The log says the same; a restore replays it from there."""

    subject_id: SubjectId
    at: datetime
    reason: str


class KeyStore(Protocol):
    """Keys by owner, wrapped at rest, and the blind indexes, which live and die with a subject's key."""

    def create_subject_key(self, subject_id: SubjectId) -> SealingKey:
        """A new key. Raises Conflict `subject_key_exists` for a subject that has one, or whose key was destroyed."""
        ...

    def create_subject_keys(self, subject_ids: Collection[SubjectId]) -> Mapping[SubjectId, SealingKey]:
        """New keys for all of these in one round. Raises Conflict `subject_key_exists` and makes none."""
        ...

    def subject_keys(self, subject_ids: Collection[SubjectId]) -> Mapping[SubjectId, SealingKey]:
        """Keys of all these subjects in one round; the destroyed and the unknown are simply not in it."""
        ...

    def destroy(self, subject_id: SubjectId, *, now: datetime, reason: str) -> None:
        """Destroy the subject's key and blind indexes for good. May be repeated; the first time and reason stay.

        Also for a subject without a key here: after a restore its key may be gone already, or come back later.
        """
        ...

    def delete(self, owner: SubjectId) -> None:
        """Delete a key that is nobody's: of something unfinished, whose identifier is never used again. No trace is kept, for
        there is nothing that a restore would have to destroy again."""
        ...

    def destroyed(self, since: datetime | None = None) -> Iterable[Destruction]:
        """All destructions, or those since then, oldest first."""
        ...

    def organisation_key(self, organisation_id: OrganisationId) -> OrganisationKey:
        """The pseudonym key of an organisation, made on first use."""
        ...

    def organisation_keys(
        self, organisation_ids: Collection[OrganisationId]
    ) -> Mapping[OrganisationId, OrganisationKey]:
        """Those of several in one round, made on first use."""
        ...

    def index_key(self) -> IndexKey:
        """The key of the blind indexes, made on first use."""
        ...

    def digest_key(self) -> bytes:
        """32 bytes for digests that recognise repeated operations."""
        ...

    def put_blind_indexes(self, subject_id: SubjectId, indexes: Iterable[BlindIndex]) -> None:
        """Replace the subject's indexes of the kinds given. Raises KeyAbsent for a subject whose key is not there."""
        ...

    def put_all(self, indexes: Mapping[SubjectId, Collection[BlindIndex]]) -> None:
        """The same for several subjects in one round."""
        ...

    def find_subjects(self, index: BlindIndex) -> frozenset[SubjectId]:
        """Subjects with exactly this index."""
        ...

    def find_all(self, indexes: Collection[BlindIndex]) -> Mapping[BlindIndex, frozenset[SubjectId]]:
        """Subjects by index for all of these in one round; an index nobody has is not in it."""
        ...

    def official(self, subject_ids: Collection[SubjectId]) -> frozenset[BlindIndex]:
        """The blind indexes of official documents of these subjects."""
        ...

    def twins(self, subject_ids: Collection[SubjectId]) -> Mapping[SubjectId, frozenset[SubjectId]]:
        """For each of these subjects the others that share a blind index of an official document with it."""
        ...
