"""Sealed sections: one blob per case, subject and category; the place is bound to the blob as associated data.

A section about one subject rests under that subject's key. A section that siblings share rests under a key of its own,
wrapped for each child it is about; any one of these wraps opens it, and destroying one child's key takes away that
child's wrap only. What is withheld is never opened (law 3): that is the caller's part, by not calling `open_section`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.vault.envelope import SealingKey, new_key
from gateway.vault.errors import KeyAbsent
from schemas.ids import CaseId, Category, SectionId, SubjectId

_SECTION: Final = "section"
_SECTION_KEY: Final = "section-key"


def seal_section(
    key: SealingKey,
    plaintext: bytes,
    *,
    case_id: CaseId,
    subject_ids: Iterable[SubjectId],
    category: Category,
    section_id: SectionId,
) -> bytes:
    """The blob of one section, openable only by this key and for exactly this place. The order of subjects is no part of it."""
    return key.seal(plaintext, _SECTION, *_place(case_id, subject_ids, category, section_id))


def open_section(
    key: SealingKey,
    blob: bytes,
    *,
    case_id: CaseId,
    subject_ids: Iterable[SubjectId],
    category: Category,
    section_id: SectionId,
) -> bytes:
    """The plaintext. Raises SealBroken for altered bytes and for any other key, case, subject, category or section."""
    return key.open(blob, _SECTION, *_place(case_id, subject_ids, category, section_id))


@dataclass(frozen=True, slots=True)
class SharedSeal:
    """A shared section: its blob, and its key wrapped for each subject it is about."""

    blob: bytes
    wraps: Mapping[SubjectId, bytes]


def seal_shared_section(
    keys: Mapping[SubjectId, SealingKey],
    plaintext: bytes,
    *,
    case_id: CaseId,
    category: Category,
    section_id: SectionId,
) -> SharedSeal:
    """Seal a section about all subjects in `keys` under a fresh key of its own."""
    material = new_key()
    blob = seal_section(
        SealingKey(material),
        plaintext,
        case_id=case_id,
        subject_ids=keys,
        category=category,
        section_id=section_id,
    )
    wraps = {
        subject: wrap_for(key, material, subject_id=subject, section_id=section_id) for subject, key in keys.items()
    }
    return SharedSeal(blob, wraps)


def wrap_for(key: SealingKey, section_key: bytes, *, subject_id: SubjectId, section_id: SectionId) -> bytes:
    """The key of a shared section, wrapped for one subject."""
    return key.seal(section_key, _SECTION_KEY, section_id, subject_id)


def open_shared_section(
    keys: Mapping[SubjectId, SealingKey],
    wraps: Mapping[SubjectId, bytes],
    blob: bytes,
    *,
    case_id: CaseId,
    subject_ids: Iterable[SubjectId],
    category: Category,
    section_id: SectionId,
) -> bytes:
    """The plaintext, by the wrap of any one subject whose key is in `keys`.

    `subject_ids` are those the section was sealed for, also those whose keys are gone. Raises KeyAbsent when no key of
    any wrap is there, SealBroken as `open_section` does.
    """
    for subject_id, wrap in wraps.items():
        if subject_id in keys:
            material = keys[subject_id].open(wrap, _SECTION_KEY, section_id, subject_id)
            return open_section(
                SealingKey(material),
                blob,
                case_id=case_id,
                subject_ids=subject_ids,
                category=category,
                section_id=section_id,
            )
    raise KeyAbsent


class KeyRing(Mapping[SubjectId, SealingKey]):
    """The subjects' keys of one call, at most `capacity`, the least used leave first. Never outlives the call: a key
    destroyed elsewhere must not live on here."""

    def __init__(self, capacity: int = 512) -> None:
        self._capacity = capacity
        self._keys: OrderedDict[SubjectId, SealingKey] = OrderedDict()

    def add(self, subject_id: SubjectId, key: SealingKey) -> None:
        """Keep a key for the rest of the call."""
        self._keys[subject_id] = key
        self._keys.move_to_end(subject_id)
        if len(self._keys) > self._capacity:
            self._keys.popitem(last=False)

    def need(self, subject_id: SubjectId) -> SealingKey:
        """The key of one subject. Raises KeyAbsent: destroyed, never made, or not asked for in this call."""
        if subject_id not in self._keys:
            raise KeyAbsent
        return self[subject_id]

    def forget(self, subject_id: SubjectId) -> None:
        """Drop a key, if it is here."""
        self._keys.pop(subject_id, None)

    def __getitem__(self, subject_id: SubjectId) -> SealingKey:
        self._keys.move_to_end(subject_id)
        return self._keys[subject_id]

    def __contains__(self, subject_id: object) -> bool:
        return subject_id in self._keys

    def __iter__(self) -> Iterator[SubjectId]:
        return iter(tuple(self._keys))

    def __len__(self) -> int:
        return len(self._keys)


def _place(
    case_id: CaseId, subject_ids: Iterable[SubjectId], category: Category, section_id: SectionId
) -> tuple[str, ...]:
    subjects = sorted(set(subject_ids))
    return (case_id, category, section_id, str(len(subjects)), *subjects)
