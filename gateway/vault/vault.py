"""The vault as use cases see it: seal, open, find, name. Keys never leave it.

Nothing opened here is kept: keys are fetched for each call, so that a key destroyed a moment ago opens nothing (law 12).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import BinaryIO, Final, Protocol

from gateway.vault.blind_index import BlindIndex, IndexKey
from gateway.vault.envelope import SealingKey, new_key
from gateway.vault.errors import KeyAbsent
from gateway.vault.import_words import ImportWords, words_key_id
from gateway.vault.ports import KeyStore
from gateway.vault.pseudonyms import OrganisationKey, PseudonymKind, decoy_id, pseudonym_of, resolve
from gateway.vault.sealing import open_section, open_shared_section, seal_section, seal_shared_section
from gateway.vault.streams import SealedFile
from schemas.errors import Conflict, MezhvedError
from schemas.ids import CaseId, Category, DeliveryId, OrganisationId, Pseudonym, SectionId, SubjectId

_DECISION_FACTS: Final = "decision-facts"
_RULED_FACTS: Final = "ruled-facts"
_WORDS: Final = "words"
_DRAFT: Final = "draft"
_UPLOAD: Final = "upload-key"
_FILE_KEY: Final = "file-key"


class Sealed(Protocol):
    """A sealed section as it is stored."""

    @property
    def id(self) -> SectionId: ...
    @property
    def case_id(self) -> CaseId: ...
    @property
    def category(self) -> Category: ...
    @property
    def sealed(self) -> bytes: ...
    @property
    def subjects(self) -> Sequence[SubjectId]: ...
    @property
    def wraps(self) -> Mapping[SubjectId, bytes]: ...
    @property
    def place(self) -> tuple[CaseId, SectionId] | None: ...


class Vault:
    """Over a key store. Safe to share between threads: it has no state of its own but the keys of organisations."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    # --- members of families -----------------------------------------------------------------------------------------

    def create_subjects(self, decision_facts: Mapping[SubjectId, bytes]) -> Mapping[SubjectId, bytes]:
        """Keys for new subjects; returns their decision facts, sealed."""
        keys = self._keys.create_subject_keys(list(decision_facts))
        return {s: keys[s].seal(data, _DECISION_FACTS, s) for s, data in decision_facts.items()}

    def open_decision_facts(self, sealed: Mapping[SubjectId, bytes]) -> Mapping[SubjectId, bytes]:
        """The plain facts of all these subjects in one round; those whose key is destroyed are not in it."""
        keys = self._keys.subject_keys(list(sealed))
        return {s: keys[s].open(blob, _DECISION_FACTS, s) for s, blob in sealed.items() if s in keys}

    def seal_facts(self, facts: Mapping[SubjectId, bytes]) -> Mapping[SubjectId, bytes]:
        """The facts a ruling was made on, sealed with the subject, for replay."""
        keys = self._keys.subject_keys(list(facts))
        return {s: keys[s].seal(data, _RULED_FACTS, s) for s, data in facts.items() if s in keys}

    def open_facts(self, subject_id: SubjectId, sealed: bytes) -> bytes | None:
        """The reverse for one subject; None once its key is destroyed."""
        key = self._keys.subject_keys([subject_id]).get(subject_id)
        return key.open(sealed, _RULED_FACTS, subject_id) if key else None

    def open_all_facts(self, sealed: Sequence[tuple[SubjectId, bytes | None]]) -> Sequence[bytes | None]:
        """The same for many, in their order, keys fetched in one round."""
        keys = self._keys.subject_keys({subject_id for subject_id, _ in sealed})
        return [
            keys[subject_id].open(blob, _RULED_FACTS, subject_id) if blob is not None and subject_id in keys else None
            for subject_id, blob in sealed
        ]

    def seal_words(self, subject_id: SubjectId, place: str, words: bytes) -> bytes:
        """What somebody said about a decision on this subject: reasons, the number of an act. `place` is the identifier of
        what it belongs to, so that words cannot be moved from one decision to another. Raises KeyAbsent."""
        return self._need([subject_id])[subject_id].seal(words, _WORDS, place, subject_id)

    def open_words(self, subject_id: SubjectId, place: str, sealed: bytes) -> bytes | None:
        """The reverse; None once the subject's key is destroyed."""
        return self.open_all_words([(subject_id, place, sealed)])[0]

    def open_all_words(self, kept: Sequence[tuple[SubjectId, str, bytes]]) -> list[bytes | None]:
        """The same for many, keys fetched in one round."""
        keys = self._keys.subject_keys({subject_id for subject_id, _, _ in kept})
        return [
            key.open(sealed, _WORDS, place, subject_id) if (key := keys.get(subject_id)) else None
            for subject_id, place, sealed in kept
        ]

    def seal_draft(self, key_id: str, words: bytes) -> bytes:
        """What somebody has begun to write, under a key of its own, made when it is first kept. Raises KeyAbsent."""
        key = SubjectId(key_id)  # the key store keeps keys by identifier: that of a draft never is one of a person
        if not self.alive([key]):
            with suppress(Conflict):  # another window has made it at this very moment
                self._keys.create_subject_key(key)
        return self.seal_words(key, _DRAFT, words)

    def open_draft(self, key_id: str, sealed: bytes) -> bytes | None:
        """The reverse; None once its key is destroyed."""
        return self.open_words(SubjectId(key_id), _DRAFT, sealed)

    def forget_draft(self, key_id: str) -> None:
        """Delete the key of a draft: nobody reads it again, in no backup of the data either. May be repeated."""
        self._keys.delete(SubjectId(key_id))

    def seal_drafts(self, words: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """The same for many at once, each under a fresh key of its own by this identifier."""
        ids = {SubjectId(key_id): plain for key_id, plain in words.items()}
        keys = self._keys.create_subject_keys(list(ids))
        return {key_id: keys[key_id].seal(plain, _WORDS, _DRAFT, key_id) for key_id, plain in ids.items()}

    def open_drafts(self, sealed: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """The reverse, keys fetched in one round; one whose key is gone is not in it."""
        found = [(SubjectId(key_id), _DRAFT, blob) for key_id, blob in sealed.items()]
        opened = self.open_all_words(found)
        return {key_id: plain for (key_id, _, _), plain in zip(found, opened, strict=True) if plain is not None}

    def alive(self, subject_ids: Iterable[SubjectId]) -> frozenset[SubjectId]:
        """Those of them whose keys are not destroyed."""
        return frozenset(self._keys.subject_keys(set(subject_ids)))

    def destroyed(self, since: datetime | None = None) -> Sequence[SubjectId]:
        """Everybody whose keys were destroyed, or were since then, oldest first."""
        return [destruction.subject_id for destruction in self._keys.destroyed(since)]

    # --- sections ----------------------------------------------------------------------------------------------------

    def seal(
        self, case_id: CaseId, sections: Sequence[tuple[SectionId, Category, Sequence[SubjectId], bytes]]
    ) -> Sequence[tuple[bytes, Mapping[SubjectId, bytes]]]:
        """For each section its blob and the wraps of its key (none for one subject), keys fetched in one round.

        Raises KeyAbsent for a subject without a key.
        """
        keys = self._need({subject for _, _, subjects, _ in sections for subject in subjects})
        return [
            _seal(keys, case_id, section_id, category, subjects, plain)
            for section_id, category, subjects, plain in sections
        ]

    def open_sections(self, sections: Sequence[Sealed]) -> Mapping[SectionId, bytes]:
        """The plaintext of each section, keys fetched in one round; a section whose keys are destroyed is not in it.

        Only `disclose` calls this (law 1), and only with sections that the ruling releases (law 3).
        """
        if not sections:
            return {}
        keys = self._keys.subject_keys({subject for section in sections for subject in section.subjects})
        opened: dict[SectionId, bytes] = {}
        for section in sections:
            try:
                opened[section.id] = _open(section, keys)
            except KeyAbsent:
                continue
        return opened

    def _need(self, subjects: Iterable[SubjectId]) -> Mapping[SubjectId, SealingKey]:
        wanted = list(subjects)
        keys = self._keys.subject_keys(wanted)
        if any(subject not in keys for subject in wanted):
            raise KeyAbsent
        return keys

    # --- files (attachments) -----------------------------------------------------------------------------------------

    def new_upload_key(self, organisation_id: OrganisationId, upload_id: str) -> tuple[bytes, bytes]:
        """A fresh key of a file that is being uploaded, plain and wrapped for the organisation that uploads it."""
        material = new_key()
        return material, self._upload_key(organisation_id).seal(material, _UPLOAD, upload_id)

    def upload_key(self, organisation_id: OrganisationId, upload_id: str, wrapped: bytes) -> bytes:
        """The reverse. Raises SealBroken."""
        return self._upload_key(organisation_id).open(wrapped, _UPLOAD, upload_id)

    def new_import_key(self, import_id: str) -> tuple[bytes, bytes]:
        """A fresh key of a file that is handed in, plain and wrapped by a key of its own in the key store: once that is
        forgotten (`forget_draft`) no backup of the data opens the file."""
        material = new_key()
        return material, self.seal_draft(import_id, material)

    def open_import_key(self, import_id: str, wrapped: bytes) -> bytes | None:
        """The reverse; None once it is forgotten. Raises SealBroken."""
        return self.open_draft(import_id, wrapped)

    def import_words(self, import_id: str, *, new: bool = False) -> ImportWords | None:
        """The key of what a report says in the sender's own words; None once it is forgotten, or was never made (`new`
        makes it)."""
        key_id = words_key_id(import_id)
        if new and not self.alive([key_id]):
            with suppress(Conflict):  # another worker has made it at this very moment
                self._keys.create_subject_key(key_id)
        key = self._keys.subject_keys({key_id}).get(key_id)
        return ImportWords(key, import_id) if key is not None else None

    def forget_import_words(self, import_id: str) -> None:
        """Delete that key, as `forget_draft` does. May be repeated."""
        self._keys.delete(words_key_id(import_id))

    def destroyed_at(self, since: datetime) -> datetime | None:
        """When the keys of anybody were destroyed last, since then."""
        return max((destruction.at for destruction in self._keys.destroyed(since)), default=None)

    def wrap_file_key(
        self, material: bytes, file_id: str, subject_ids: Sequence[SubjectId]
    ) -> Mapping[SubjectId, bytes]:
        """The key of a file, wrapped for each subject that the file is about. Raises KeyAbsent."""
        keys = self._need(subject_ids)
        return {s: keys[s].seal(material, _FILE_KEY, file_id, s) for s in subject_ids}

    def open_file(
        self, file_id: str, sealed_as: str, wraps: Mapping[SubjectId, bytes], source: BinaryIO
    ) -> SealedFile | None:
        """The plaintext of a file, by the wrap of every subject it is about; None once the key of one of them is destroyed.

        Only the door calls this (law 1). `sealed_as` is the identifier under which the bytes were sealed.
        """
        keys = self._keys.subject_keys(set(wraps))
        if not wraps or set(wraps) - set(keys):
            return None
        material = {keys[s].open(wrap, _FILE_KEY, file_id, s) for s, wrap in wraps.items()}
        return SealedFile(material.pop(), sealed_as, source)

    def _upload_key(self, organisation_id: OrganisationId) -> SealingKey:
        return self._keys.organisation_key(organisation_id).uploads

    # --- finding -----------------------------------------------------------------------------------------------------

    def find_subjects(
        self, organisation_id: OrganisationId, people: Sequence[Sequence[tuple[str, str]]]
    ) -> Sequence[Sequence[frozenset[SubjectId]]]:
        """For each key of each person its candidates over all organisations; the caller keeps its own."""
        key = self._keys.index_key()
        indexed = [[_index(key, organisation_id, kind, value) for kind, value in person] for person in people]
        found = self._keys.find_all({index for person in indexed for index in person})
        return [[found.get(index, frozenset()) for index in person] for person in indexed]

    def person_locks(self, subject_ids: Sequence[SubjectId]) -> tuple[int, ...]:
        """Numbers of 64 bits by which work in files about the same people waits for each other, in one order for all."""
        found = {index.digest[:8] for index in self._keys.official(subject_ids)}
        return tuple(sorted(int.from_bytes(digest, signed=True) for digest in found))

    def twins(self, subject_ids: Sequence[SubjectId]) -> Mapping[SubjectId, frozenset[SubjectId]]:
        """For each subject the others, in files of any organisation, who have its SNILS or birth certificate."""
        return self._keys.twins(subject_ids)

    def index_subjects(
        self, organisation_id: OrganisationId, keys: Mapping[SubjectId, Sequence[tuple[str, str]]]
    ) -> None:
        """Make subjects findable by these."""
        key = self._keys.index_key()
        self._keys.put_all(
            {
                s: [_index(key, organisation_id, kind, value) for kind, value in found]
                for s, found in keys.items()
                if found
            }
        )

    def keyed_digest(self, data: bytes) -> str:
        """A digest that only this installation can compute: equal contents are recognised, and cannot be guessed."""
        return hmac.digest(self._keys.digest_key(), data, hashlib.sha256).hex()

    # --- names -------------------------------------------------------------------------------------------------------

    def subject_pseudonym(self, organisation_id: OrganisationId, subject_id: SubjectId) -> Pseudonym:
        """What this organisation sees of a subject."""
        return pseudonym_of(self._organisation(organisation_id), PseudonymKind.SUBJECT, subject_id)

    def case_pseudonym(self, organisation_id: OrganisationId, case_id: CaseId) -> Pseudonym:
        """What this organisation sees of a case."""
        return pseudonym_of(self._organisation(organisation_id), PseudonymKind.CASE, case_id)

    def resolve_case(self, organisation_id: OrganisationId, unverified: str) -> CaseId:
        """The case behind a pseudonym, or the decoy behind anything else: both cost the same (law 6)."""
        key = self._organisation(organisation_id)
        decoy = decoy_id(key, PseudonymKind.CASE, unverified)
        return CaseId(resolve(key, PseudonymKind.CASE, unverified) or decoy)

    def resolve_subject(self, organisation_id: OrganisationId, unverified: str) -> SubjectId:
        """The subject behind a pseudonym, or the decoy behind anything else."""
        key = self._organisation(organisation_id)
        decoy = decoy_id(key, PseudonymKind.SUBJECT, unverified)
        return SubjectId(resolve(key, PseudonymKind.SUBJECT, unverified) or decoy)

    def delivery_cursor(self, organisation_id: OrganisationId, delivery_id: DeliveryId) -> Pseudonym:
        """The cursor after a delivery: it begins nothing for anybody else."""
        return pseudonym_of(self._organisation(organisation_id), PseudonymKind.DELIVERY, delivery_id)

    def resolve_delivery(self, organisation_id: OrganisationId, unverified: str) -> DeliveryId:
        """The delivery behind a cursor, or the decoy behind anything else."""
        key = self._organisation(organisation_id)
        decoy = decoy_id(key, PseudonymKind.DELIVERY, unverified)
        return DeliveryId(resolve(key, PseudonymKind.DELIVERY, unverified) or decoy)

    def _organisation(self, organisation_id: OrganisationId) -> OrganisationKey:
        return self._keys.organisation_key(organisation_id)


def _seal(
    keys: Mapping[SubjectId, SealingKey],
    case_id: CaseId,
    section_id: SectionId,
    category: Category,
    subjects: Sequence[SubjectId],
    plain: bytes,
) -> tuple[bytes, Mapping[SubjectId, bytes]]:
    if len(subjects) == 1:
        blob = seal_section(
            keys[subjects[0]], plain, case_id=case_id, subject_ids=subjects, category=category, section_id=section_id
        )
        return blob, {}
    own = {subject: keys[subject] for subject in subjects}
    shared = seal_shared_section(own, plain, case_id=case_id, category=category, section_id=section_id)
    return shared.blob, shared.wraps


def _open(section: Sealed, keys: Mapping[SubjectId, SealingKey]) -> bytes:
    case_id, section_id = section.place or (section.case_id, section.id)
    if not section.wraps:
        if section.subjects[0] not in keys:
            raise KeyAbsent
        return open_section(
            keys[section.subjects[0]],
            section.sealed,
            case_id=case_id,
            subject_ids=section.subjects,
            category=section.category,
            section_id=section_id,
        )
    return open_shared_section(
        keys,
        section.wraps,
        section.sealed,
        case_id=case_id,
        subject_ids=section.subjects,
        category=section.category,
        section_id=section_id,
    )


def _index(key: IndexKey, organisation_id: OrganisationId, kind: str, value: str) -> BlindIndex:
    if kind == "snils":
        return key.snils(value)
    if kind == "birth_certificate":
        series, _, number = value.partition("\x00")
        return key.birth_certificate(series, number)
    if kind == "ref":
        return key.own_reference(organisation_id, value)
    raise MezhvedError("internal_error")
