"""Seal one section for storage: under its one subject's key, or under a key of its own wrapped for each sibling."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.use_cases.values import SealedSection
from gateway.vault.vault import Vault
from schemas.ids import CaseId, Category, SectionId, SubjectId, new_id


def seal_section(
    vault: Vault, case_id: CaseId, owner_id: str, category: Category, subjects: Sequence[SubjectId], plain: bytes
) -> SealedSection:
    """`owner_id` is the summary or the message that the section belongs to."""
    section_id = SectionId(new_id())
    sealed, wraps = vault.seal(section_id, case_id, category, subjects, plain)
    return SealedSection(section_id, case_id, owner_id, category, sealed, tuple(subjects), wraps)
