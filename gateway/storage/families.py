"""Subjects, cases, authorities and recorded facts. Every change here moves the version of what it touches (law 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, literal, select, update

from gateway.storage import tables as t
from gateway.storage.columns import padded
from gateway.storage.facts import bump_versions, registry_key
from gateway.use_cases.values import Authority
from schemas.ids import AuthorityId, CaseId, OrganisationId, SubjectId


def is_own(subject_id: ColumnElement[str], organisation_id: OrganisationId) -> ColumnElement[bool]:
    """Whether somebody still is in the files of this organisation: who went to another holder is not."""
    people = t.subjects
    return exists().where(people.c.id == subject_id, people.c.registered_by == organisation_id)


class SqlFamilies:
    """`ports.Families`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_case(
        self,
        case_id: CaseId,
        holder_id: OrganisationId,
        practice: str | None,
        now: datetime,
        *,
        inherits_id: CaseId | None = None,
    ) -> None:
        self._connection.execute(
            insert(t.cases).values(
                id=case_id, holder_id=holder_id, practice=practice, opened_at=now, inherits_id=inherits_id
            )
        )
        bump_versions(self._connection, [f"case:{case_id}"])

    def end_case(self, case_id: CaseId, now: datetime) -> None:
        bump_versions(self._connection, [f"case:{case_id}"])
        self._connection.execute(
            update(t.cases).where(t.cases.c.id == case_id, t.cases.c.ended_at.is_(None)).values(ended_at=now)
        )

    def is_over(self, case_id: CaseId) -> bool:
        ended = select(t.cases.c.id).where(t.cases.c.id == case_id, t.cases.c.ended_at.is_not(None))
        return self._connection.execute(ended).first() is not None

    def hand_over(self, subject_ids: Sequence[SubjectId], old: CaseId, new: CaseId, holder_id: OrganisationId) -> None:
        before = set(
            self._connection.execute(
                select(t.subjects.c.registered_by).where(t.subjects.c.id.in_(subject_ids)).distinct()
            ).scalars()
        )
        moved = [f"subject:{subject_id}" for subject_id in subject_ids]
        bump_versions(
            self._connection, [*moved, f"case:{old}", f"case:{new}", *map(registry_key, {*before, holder_id})]
        )
        self._connection.execute(
            update(t.subjects).where(t.subjects.c.id.in_(subject_ids)).values(registered_by=holder_id)
        )
        self._connection.execute(
            delete(t.case_subjects).where(
                t.case_subjects.c.case_id == old, t.case_subjects.c.subject_id.in_(subject_ids)
            )
        )
        self.attach(new, subject_ids)

    def heir(self, case_id: CaseId, holder_id: OrganisationId) -> CaseId | None:
        statement = select(t.cases.c.id).where(t.cases.c.inherits_id == case_id, t.cases.c.holder_id == holder_id)
        return self._connection.execute(statement.order_by(t.cases.c.opened_at, t.cases.c.id).limit(1)).scalar()

    def inherited(self, case_id: CaseId, holder_id: OrganisationId) -> Sequence[CaseId]:
        nearest = select(t.cases.c.inherits_id.label("id"), literal(1).label("steps")).where(t.cases.c.id == case_id)
        first = nearest.cte("chain", recursive=True)
        further = select(t.cases.c.inherits_id, first.c.steps + 1).join(first, t.cases.c.id == first.c.id)
        chain = first.union_all(further)
        mine = select(chain.c.id).join(t.cases, t.cases.c.id == chain.c.id).where(t.cases.c.holder_id == holder_id)
        return list(self._connection.execute(mine.order_by(chain.c.steps)).scalars())

    def add_subject(
        self,
        subject_id: SubjectId,
        kind: str,
        registered_by: OrganisationId,
        decision_facts: bytes,
        now: datetime,
        *,
        synthetic: bool,
    ) -> None:
        self._connection.execute(
            insert(t.subjects).values(
                id=subject_id,
                kind=kind,
                registered_by=registered_by,
                decision_facts=decision_facts,
                registered_at=now,
                synthetic=synthetic,
            )
        )
        bump_versions(self._connection, [f"subject:{subject_id}", registry_key(registered_by)])

    def attach(self, case_id: CaseId, subject_ids: Sequence[SubjectId]) -> None:
        present = set(self.case_subjects(case_id))
        new = [subject_id for subject_id in subject_ids if subject_id not in present]
        if not new:
            return
        self._connection.execute(
            insert(t.case_subjects),
            [
                {"case_id": case_id, "subject_id": subject_id, "ordinal": len(present) + number}
                for number, subject_id in enumerate(new)
            ],
        )
        bump_versions(self._connection, [f"case:{case_id}"])

    def case_holder(self, case_id: CaseId) -> OrganisationId | None:
        return self._connection.execute(select(t.cases.c.holder_id).where(t.cases.c.id == case_id)).scalar()

    def case_subjects(self, case_id: CaseId) -> Sequence[SubjectId]:
        table = t.case_subjects
        return list(
            self._connection.execute(
                select(table.c.subject_id).where(table.c.case_id == case_id).order_by(table.c.ordinal)
            ).scalars()
        )

    def case_of(self, holder_id: OrganisationId, subject_ids: Sequence[SubjectId]) -> CaseId | None:
        return self._connection.execute(
            select(t.cases.c.id)
            .join(t.case_subjects)
            .where(
                t.cases.c.holder_id == holder_id,
                t.cases.c.ended_at.is_(None),
                t.case_subjects.c.subject_id.in_(subject_ids),
            )
            .order_by(t.cases.c.opened_at.desc(), t.cases.c.id)
            .limit(1)
        ).scalar()

    def registered(self, organisation_id: OrganisationId, subject_ids: Sequence[SubjectId]) -> Sequence[SubjectId]:
        found = set(
            self._connection.execute(
                select(t.subjects.c.id).where(
                    t.subjects.c.id.in_(padded(subject_ids)), t.subjects.c.registered_by == organisation_id
                )
            ).scalars()
        )
        return [subject_id for subject_id in subject_ids if subject_id in found]

    def add_authority(self, authority: Authority) -> None:
        self._connection.execute(
            insert(t.authorities).values(
                id=authority.id,
                child_id=authority.child_id,
                holder_id=authority.holder_id,
                who=authority.who,
                rights=authority.rights,
                verified=authority.verified,
                valid_from=authority.valid_from,
                valid_to=authority.valid_to,
                evidence_digest=authority.evidence_digest,
            )
        )
        bump_versions(self._connection, [f"subject:{authority.child_id}"])

    def change_authority(self, authority: Authority) -> None:
        # The version moves first: a disclosure that holds it finishes before this, or is ruled again after it.
        bump_versions(self._connection, [f"subject:{authority.child_id}"])
        self._connection.execute(
            update(t.authorities)
            .where(t.authorities.c.id == authority.id)
            .values(
                rights=authority.rights,
                verified=authority.verified,
                valid_from=authority.valid_from,
                valid_to=authority.valid_to,
                evidence_digest=authority.evidence_digest,
            )
        )

    def authority(self, authority_id: AuthorityId) -> Authority | None:
        row = self._connection.execute(select(t.authorities).where(t.authorities.c.id == authority_id)).first()
        return Authority(**row._mapping) if row else None  # noqa: SLF001  the documented way

    def cases_of_holder(self, holder_id: OrganisationId, limit: int) -> Sequence[CaseId]:
        return list(
            self._connection.execute(
                select(t.cases.c.id).where(t.cases.c.holder_id == holder_id).order_by(t.cases.c.opened_at).limit(limit)
            ).scalars()
        )
