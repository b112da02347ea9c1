"""Facts with owners, their events, and assignments. Every change moves the version of what it touches (law 4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, and_, exists, insert, or_, select, update

from gateway.storage import tables as t
from gateway.storage.columns import padded
from gateway.storage.facts import bump_versions, in_force, relation
from gateway.use_cases.values import FactEvent, RecordedFact
from schemas.ids import CaseId, EntryId, FactId, OrganisationId, PersonId, SubjectId, new_id


class SqlRecordedFacts:
    """`ports.RecordedFacts`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, facts: Sequence[RecordedFact]) -> None:
        if not facts:
            return
        self._connection.execute(
            insert(t.recorded_facts),
            [
                {
                    "id": fact.id,
                    "subject_id": fact.subject_id,
                    "about_id": fact.about_id,
                    "about_who": fact.about_who,
                    "fact": fact.fact,
                    "value": fact.value,
                    "participants": list(fact.participants),
                    "from_at": fact.from_at,
                    "to_at": fact.to_at,
                    "set_by": fact.set_by,
                    "evidence_digest": fact.evidence_digest,
                    "everywhere": fact.everywhere,
                    "origin_id": fact.origin_id,
                    "review_by": fact.review_by,
                    "lift_asked_by": fact.lift_asked_by,
                }
                for fact in facts
            ],
        )
        named = [
            {"fact_id": fact.id, "organisation_id": organisation}
            for fact in facts
            for organisation in sorted(set(fact.participants))
        ]
        if named:
            self._connection.execute(insert(t.fact_organisations), named)
        bump_versions(self._connection, [f"subject:{fact.subject_id}" for fact in facts])

    def get(self, fact_id: FactId, *, lock: bool = False) -> RecordedFact | None:
        statement = select(t.recorded_facts).where(t.recorded_facts.c.id == fact_id)
        if lock and self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update()
        row = self._connection.execute(statement).first()
        return fact_of(row) if row else None

    def all_of(self, fact_ids: Collection[FactId]) -> Sequence[RecordedFact]:
        rows = self._connection.execute(select(t.recorded_facts).where(t.recorded_facts.c.id.in_(sorted(fact_ids))))
        return [fact_of(row) for row in rows]

    def in_force(self, subject_ids: Sequence[SubjectId], now: datetime) -> Sequence[RecordedFact]:
        table = t.recorded_facts
        statement = (
            select(table)
            .where(table.c.subject_id.in_(padded(subject_ids)), in_force(now))
            .order_by(table.c.from_at, table.c.id)
        )
        return [fact_of(row) for row in self._connection.execute(statement)]

    def end(self, fact_id: FactId, now: datetime, *, with_copies: bool = True) -> Sequence[RecordedFact]:
        table = t.recorded_facts
        whole = or_(table.c.id == fact_id, table.c.origin_id == fact_id) if with_copies else table.c.id == fact_id
        lasting = and_(whole, or_(table.c.to_at.is_(None), table.c.to_at > now))
        rows = self._connection.execute(select(table).where(lasting).order_by(table.c.id)).all()
        # The versions move first: a disclosure that holds one finishes before this, or is ruled again after it.
        bump_versions(self._connection, [f"subject:{row.subject_id}" for row in rows])
        self._connection.execute(update(table).where(lasting).values(to_at=now))
        return [fact_of(row) for row in rows]

    def change(self, fact_id: FactId, *, lift_asked_by: str | None = None, review_by: datetime | None = None) -> None:
        self._connection.execute(
            update(t.recorded_facts)
            .where(t.recorded_facts.c.id == fact_id)
            .values(lift_asked_by=lift_asked_by, review_by=review_by)
        )

    def add_event(self, event: FactEvent) -> None:
        self._connection.execute(
            insert(t.fact_events).values(
                id=new_id(),
                fact_id=event.fact_id,
                kind=event.kind,
                at=event.at,
                organisation_id=event.organisation_id,
                actor=event.actor,
                entry_id=event.entry_id,
                evidence_digest=event.evidence_digest,
                salt=event.salt,
                sealed=event.sealed,
            )
        )

    def events(self, fact_ids: Sequence[FactId]) -> Sequence[FactEvent]:
        table = t.fact_events
        rows = self._connection.execute(
            select(table).where(table.c.fact_id.in_(fact_ids)).order_by(table.c.at, table.c.id)
        )
        return [
            FactEvent(
                row.fact_id,
                row.kind,
                row.at,
                row.organisation_id,
                row.actor,
                EntryId(row.entry_id),
                row.salt,
                row.evidence_digest,
                row.sealed,
            )
            for row in rows
        ]

    def holder_of(self, subject_ids: Sequence[SubjectId]) -> Mapping[SubjectId, OrganisationId]:
        rows = self._connection.execute(
            select(t.subjects.c.id, t.subjects.c.registered_by).where(t.subjects.c.id.in_(padded(subject_ids)))
        )
        return {row.id: row.registered_by for row in rows}

    def kind_of(self, subject_id: SubjectId) -> str | None:
        return self._connection.execute(select(t.subjects.c.kind).where(t.subjects.c.id == subject_id)).scalar()

    def set_by(
        self, organisation_id: OrganisationId, limit: int, now: datetime, *, without: Collection[str] = ()
    ) -> Sequence[RecordedFact]:
        table = t.recorded_facts
        rows = self._connection.execute(
            select(table)
            .where(
                table.c.set_by == organisation_id,
                table.c.origin_id.is_(None),
                table.c.fact.not_in(sorted(without)),
                in_force(now),
            )
            .order_by(table.c.from_at.desc(), table.c.id)
            .limit(limit)
        )
        return [fact_of(row) for row in rows]

    def is_related(self, organisation_id: OrganisationId, subject_id: SubjectId, now: datetime) -> bool:
        statement = (
            select(t.cases.c.id)
            .join(t.case_subjects, t.case_subjects.c.case_id == t.cases.c.id)
            .where(t.case_subjects.c.subject_id == subject_id, relation(organisation_id, now))
            .limit(1)
        )
        return self._connection.execute(statement).first() is not None

    # --- assignments -------------------------------------------------------------------------------------------------

    def assign(
        self,
        case_id: CaseId,
        organisation_id: OrganisationId,
        person_id: PersonId,
        assigned_by: str,
        salt: bytes,
        now: datetime,
    ) -> None:
        self._connection.execute(
            insert(t.assignments).values(
                id=new_id(),
                person_id=person_id,
                case_id=case_id,
                organisation_id=organisation_id,
                from_at=now,
                assigned_by=assigned_by,
                salt=salt,
            )
        )
        bump_versions(self._connection, [f"case:{case_id}"])

    def unassign(
        self, case_id: CaseId, organisation_id: OrganisationId, person_id: PersonId, now: datetime
    ) -> bytes | None:
        table = t.assignments
        bump_versions(self._connection, [f"case:{case_id}"])
        running = and_(
            table.c.case_id == case_id,
            table.c.organisation_id == organisation_id,
            table.c.person_id == person_id,
            table.c.to_at.is_(None),
        )
        salt = self._connection.execute(select(table.c.salt).where(running)).scalar()
        self._connection.execute(update(table).where(running).values(to_at=now))
        return salt

    def assigned(self, case_id: CaseId, organisation_id: OrganisationId) -> Sequence[PersonId]:
        table = t.assignments
        return list(
            self._connection.execute(
                select(table.c.person_id)
                .where(table.c.case_id == case_id, table.c.organisation_id == organisation_id, table.c.to_at.is_(None))
                .order_by(table.c.from_at, table.c.person_id)
            ).scalars()
        )

    def case_is_related(self, organisation_id: OrganisationId, case_id: CaseId, now: datetime) -> bool:
        statement = select(
            exists().where(t.cases.c.id == case_id, relation(organisation_id, now)).correlate_except(t.cases)
        )
        return bool(self._connection.execute(statement).scalar())


def fact_of(row: Row[tuple[object, ...]]) -> RecordedFact:
    """One row of `recorded_facts` as a value."""
    values = dict(row._mapping)  # noqa: SLF001  the documented way to a mapping
    return RecordedFact(**{**values, "participants": tuple(values["participants"])})
