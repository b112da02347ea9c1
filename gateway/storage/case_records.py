"""Records of one's own cases, and what norms are measured by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from gateway.storage import tables as t
from gateway.storage import tables_practices as p
from gateway.storage.families import is_own
from gateway.storage.tables_records import case_records
from gateway.use_cases.practice_values import CASE, CaseScore
from gateway.use_cases.record_values import CaseRecord, RanTerm, WorkedCase
from gateway.use_cases.values import SubjectOnFile
from schemas.ids import CaseId, OrganisationId


class SqlCaseRecords:
    """`record_ports.CaseRecordStore`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def members(self, case_id: CaseId) -> Sequence[SubjectOnFile]:
        rows = self._connection.execute(
            select(t.subjects.c.id, t.subjects.c.kind, t.subjects.c.decision_facts)
            .join(t.case_subjects, t.case_subjects.c.subject_id == t.subjects.c.id)
            .where(t.case_subjects.c.case_id == case_id)
            .order_by(t.case_subjects.c.ordinal)
        )
        return [SubjectOnFile(row.id, row.kind, row.decision_facts) for row in rows]

    def add(self, record: CaseRecord) -> None:
        self._connection.execute(insert(case_records).values(**asdict(record)))

    def of_case(
        self, case_id: CaseId, organisation_id: OrganisationId, practice: str, limit: int
    ) -> Sequence[CaseRecord]:
        table = case_records
        rows = self._connection.execute(
            select(table)
            .where(*_own(case_id, organisation_id, practice), is_own(table.c.sealed_with, organisation_id))
            .order_by(table.c.at.desc(), table.c.recorded_at.desc(), table.c.id.desc())
            .limit(limit)
        )
        return [CaseRecord(**_mapping(row)) for row in rows]

    def newest(
        self, case_id: CaseId, organisation_id: OrganisationId, practice: str, kind: str
    ) -> Mapping[str, datetime]:
        table = case_records
        rows = self._connection.execute(
            select(table.c.sealed_with, func.max(table.c.at).label("at"))
            .where(*_own(case_id, organisation_id, practice), table.c.kind == kind)
            .group_by(table.c.sealed_with)
        )
        return {row.sealed_with: row.at for row in rows}

    def terms(self, case_id: CaseId, organisation_id: OrganisationId, practice: str) -> Sequence[RanTerm]:
        table = p.practice_timers
        rows = self._connection.execute(
            select(table.c.due_at, table.c.done_at)
            .where(
                table.c.about == case_id,
                table.c.about_kind == CASE,
                table.c.organisation_id == organisation_id,
                table.c.practice == practice,
                table.c.reminder.is_(False),
            )
            .order_by(table.c.due_at, table.c.id)
        )
        return [RanTerm(row.due_at, row.done_at) for row in rows]

    def first_and_last(
        self, case_id: CaseId, organisation_id: OrganisationId, practice: str, events: Collection[str]
    ) -> tuple[datetime | None, datetime | None]:
        table = p.practice_events
        row = self._connection.execute(
            select(func.min(table.c.at), func.max(table.c.at)).where(
                table.c.case_id == case_id,
                table.c.organisation_id == organisation_id,
                table.c.practice == practice,
                table.c.event.in_(sorted(events)),
            )
        ).one()
        return row[0], row[1]

    def worked(self, organisation_id: OrganisationId, practice: str, limit: int) -> Sequence[WorkedCase]:
        courses, work = p.practice_courses, t.assignments
        rows = self._connection.execute(
            select(t.people.c.id, t.people.c.display_name, courses.c.case_id, courses.c.stage)
            .select_from(
                courses.join(t.cases, (t.cases.c.id == courses.c.case_id) & t.cases.c.ended_at.is_(None))
                .outerjoin(
                    work,
                    (work.c.case_id == courses.c.case_id)
                    & (work.c.organisation_id == organisation_id)
                    & work.c.to_at.is_(None),
                )
                .outerjoin(t.people, t.people.c.id == work.c.person_id)
            )
            .where(courses.c.organisation_id == organisation_id, courses.c.practice == practice)
            .order_by(courses.c.case_id, t.people.c.id)
            .limit(limit)
        )
        return [WorkedCase(*row) for row in rows]

    def newest_scores(self, organisation_id: OrganisationId, score: str, limit: int) -> Sequence[CaseScore]:
        table = p.case_scores
        place = func.row_number().over(partition_by=table.c.case_id, order_by=(table.c.at.desc(), table.c.id))
        ranked = (
            select(table, place.label("place"))
            .where(
                table.c.organisation_id == organisation_id,
                table.c.score == score,
                is_own(table.c.sealed_with, organisation_id),
            )
            .subquery("ranked")
        )
        rows = self._connection.execute(
            select(*(ranked.c[column.name] for column in table.c)).where(ranked.c.place == 1).limit(limit)
        )
        return [CaseScore(**_mapping(row)) for row in rows]


def _own(case_id: CaseId, organisation_id: OrganisationId, practice: str) -> tuple[Any, ...]:
    table = case_records
    return (
        table.c.case_id == case_id,
        table.c.organisation_id == organisation_id,
        table.c.practice == practice,
    )


def _mapping(row: Any) -> dict[str, Any]:  # noqa: ANN401  a row of any table
    return dict(row._mapping)  # noqa: SLF001  the documented way to a mapping
