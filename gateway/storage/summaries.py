"""Published summaries and sealed sections, shared with messages: one writer and one reader of sealed blobs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from gateway.storage import tables as t
from gateway.storage.facts import bump_versions
from gateway.use_cases.values import Reached, SealedSection, SummaryHeader
from schemas.categories import SECTION_CATEGORIES
from schemas.ids import CaseId, Category, OrganisationId, SubjectId, SummaryId

SUMMARY = "summary"
"""The scope of a disclosure of a published summary (`disclose.Scope.name`)."""
RELEASING = frozenset({"P", "M"})


def insert_sections(connection: Connection, sections: Sequence[SealedSection], owner: str) -> None:
    """Store sealed sections of a summary or a message (`owner` is the column that names it)."""
    if not sections:
        return
    connection.execute(
        insert(t.sections),
        [
            {
                "id": section.id,
                "case_id": section.case_id,
                "summary_id": None,
                "message_id": None,
                owner: section.owner_id,
                "category": section.category,
                "sealed": section.sealed,
                "sealed_case": section.place[0] if section.place else None,
                "sealed_as": section.place[1] if section.place else None,
            }
            for section in sections
        ],
    )
    connection.execute(
        insert(t.section_subjects),
        [
            {"section_id": section.id, "subject_id": subject_id, "wrapped_key": section.wraps.get(subject_id)}
            for section in sections
            for subject_id in section.subjects
        ],
    )


def select_sections(
    connection: Connection, condition: ColumnElement[bool], categories: Sequence[Category]
) -> Sequence[SealedSection]:
    """Sealed sections of the given categories only: what is withheld is not even fetched (law 3)."""
    rows = connection.execute(
        select(t.sections, t.section_subjects.c.subject_id, t.section_subjects.c.wrapped_key)
        .join(t.section_subjects)
        .where(condition, t.sections.c.category.in_(categories))
        .order_by(t.sections.c.id, t.section_subjects.c.subject_id)
    )
    found: dict[str, SealedSection] = {}
    for row in rows:
        known = found.get(row.id)
        subjects: tuple[SubjectId, ...] = (*(known.subjects if known else ()), row.subject_id)
        wraps = dict(known.wraps) if known else {}
        if row.wrapped_key is not None:
            wraps[row.subject_id] = row.wrapped_key
        owner = row.summary_id or row.message_id
        place = (row.sealed_case, row.sealed_as) if row.sealed_as is not None else None
        found[row.id] = SealedSection(
            row.id, row.case_id, owner, Category(row.category), row.sealed, subjects, wraps, place
        )
    return list(found.values())


class SqlSummaries:
    """`ports.Summaries`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def current_version(self, case_id: CaseId) -> int:
        newest = self._connection.execute(
            select(func.max(t.summaries.c.version)).where(t.summaries.c.case_id == case_id)
        ).scalar()
        return newest or 0

    def add(self, case_id: CaseId, header: SummaryHeader, sections: Sequence[SealedSection]) -> None:
        bump_versions(self._connection, [f"case:{case_id}"])
        self._connection.execute(update(t.summaries).where(t.summaries.c.case_id == case_id).values(current=False))
        self._connection.execute(
            insert(t.summaries).values(
                id=header.id,
                case_id=case_id,
                version=header.version,
                current=True,
                published_at=header.published_at,
                as_of=header.as_of,
                erase_after=header.erase_after,
                source=header.source,
                curator_name=header.curator_name,
                curator_phone=header.curator_phone,
                sharing=[[category, sorted(subjects)] for category, subjects in header.sharing],
                not_used=sorted(header.not_used),
            )
        )
        insert_sections(self._connection, sections, "summary_id")

    def withdraw(self, case_id: CaseId) -> bool:
        bump_versions(self._connection, [f"case:{case_id}"])
        current = update(t.summaries).where(t.summaries.c.case_id == case_id, t.summaries.c.current)
        return self._connection.execute(current.values(current=False)).rowcount > 0

    def reached(self, case_id: CaseId) -> Sequence[Reached]:
        table = t.disclosures
        rows = self._connection.execute(
            select(table.c.recipient_id, table.c.purpose, table.c.subject_id, table.c.rulings).where(
                table.c.case_id == case_id, table.c.scope == SUMMARY, table.c.released
            )
        )
        found: dict[tuple[OrganisationId, str], tuple[set[SubjectId], set[Category]]] = {}
        for row in rows:
            subjects, categories = found.setdefault((row.recipient_id, row.purpose), (set(), set()))
            shown = {Category(code) for code, (effect, _) in row.rulings.items() if effect in RELEASING}
            if shown & set(SECTION_CATEGORIES):
                subjects.add(row.subject_id)
                categories |= shown & set(SECTION_CATEGORIES)
        return [
            Reached(recipient_id, purpose, tuple(sorted(subjects)), frozenset(categories))
            for (recipient_id, purpose), (subjects, categories) in sorted(found.items())
        ]

    def sections(self, summary_ids: Sequence[SummaryId], categories: Sequence[Category]) -> Sequence[SealedSection]:
        return select_sections(self._connection, t.sections.c.summary_id.in_(summary_ids), categories)
