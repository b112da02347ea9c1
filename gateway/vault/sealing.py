"""Sealed sections: one blob per case, subject and category; the place is bound to the blob as associated data.

A section about one subject rests under that subject's key. A section that siblings share rests under a key of its own,
wrapped for each child it is about; any one of these wraps opens it, and destroying one child's key takes away that
child's wrap only. What is withheld is never opened (law 3): that is the caller's part, by not calling `open_section`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def _place(
    case_id: CaseId, subject_ids: Iterable[SubjectId], category: Category, section_id: SectionId
) -> tuple[str, ...]:
    subjects = sorted(set(subject_ids))
    return (case_id, category, section_id, str(len(subjects)), *subjects)
