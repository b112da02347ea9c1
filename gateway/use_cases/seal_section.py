"""Seal sections for storage: under their one subject's key, or under a key of their own wrapped for each sibling."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.use_cases.values import SealedSection
from gateway.vault.vault import Vault
from schemas.ids import CaseId, Category, SectionId, SubjectId, new_id

Part = tuple[Sequence[SubjectId], Category, bytes]
"""Whom a section is about, its category, its content as JSON."""


def seal_sections(vault: Vault, case_id: CaseId, owner_id: str, parts: Sequence[Part]) -> list[SealedSection]:
    """`owner_id` is the summary or the message that the sections belong to."""
    named = [(SectionId(new_id()), category, subjects, plain) for subjects, category, plain in parts]
    return [
        SealedSection(section_id, case_id, owner_id, category, sealed, tuple(subjects), wraps)
        for (section_id, category, subjects, _), (sealed, wraps) in zip(named, vault.seal(case_id, named), strict=True)
    ]
