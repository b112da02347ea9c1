"""Pages of what an organisation keeps beside cases, consents and messages, by identifier: for the export of its own data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from gateway.storage import tables as t
from gateway.storage import tables_attachments as a
from gateway.storage import tables_joint as j
from gateway.storage import tables_practices as p
from gateway.storage import tables_queues as q
from gateway.storage.attachments import ATTACHMENTS, attachment_of
from gateway.storage.families import is_own
from gateway.storage.joint import all_decisions
from gateway.storage.recorded_facts import fact_of
from gateway.storage.tables_intake import kept_records
from gateway.use_cases.attachment_values import Attachment
from gateway.use_cases.export_port import OwnCase, SentDocument
from gateway.use_cases.intake_values import KeptRecord
from gateway.use_cases.joint_values import Agenda, AgendaItem, JointDecision
from gateway.use_cases.practice_values import CaseScore, CourseTimer
from gateway.use_cases.queue_values import Move
from gateway.use_cases.values import RecordedFact, SubjectOnFile, SummaryHeader, Timer
from schemas import categories as c
from schemas.ids import CaseId, Category, MessageId, OrganisationId, SubjectId
from schemas.lifecycle import WITHDRAWN


class SqlKeptPages:
    """`export_port.KeptPages`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def versions(self, holder_id: OrganisationId, after: str, limit: int) -> Sequence[OwnCase]:
        summaries, cases = t.summaries, t.cases
        rows = self._connection.execute(
            select(summaries, cases.c.practice, cases.c.opened_at, cases.c.ended_at)
            .join(cases, cases.c.id == summaries.c.case_id)
            .where(cases.c.holder_id == holder_id, summaries.c.current.is_(False), summaries.c.id > after)
            .order_by(summaries.c.id)
            .limit(limit)
        ).all()
        family = family_of(self._connection, sorted({row.case_id for row in rows}))
        return [
            OwnCase(
                row.case_id,
                row.practice,
                row.opened_at,
                row.ended_at,
                tuple(family.get(row.case_id, ())),
                header_of(row),
            )
            for row in rows
        ]

    def scores(self, case_ids: Sequence[CaseId], organisation_id: OrganisationId) -> Sequence[CaseScore]:
        table = p.case_scores
        rows = self._connection.execute(
            select(table)
            .where(
                table.c.case_id.in_(case_ids),
                table.c.organisation_id == organisation_id,
                is_own(table.c.sealed_with, organisation_id),
            )
            .order_by(table.c.case_id, table.c.at, table.c.id)
        )
        return [CaseScore(**row._mapping) for row in rows]  # noqa: SLF001  the documented way

    def facts(
        self, organisation_id: OrganisationId, without: Collection[str], after: str, limit: int
    ) -> Sequence[RecordedFact]:
        table = t.recorded_facts
        statement = select(table).where(_recorded(organisation_id, without), table.c.id > after)
        return [fact_of(row) for row in self._connection.execute(statement.order_by(table.c.id).limit(limit))]

    def documents(
        self, organisation_id: OrganisationId, without: Sequence[Category], after: str, limit: int
    ) -> Sequence[SentDocument]:
        table = a.attachments
        rows = self._connection.execute(
            ATTACHMENTS.add_columns(t.messages.c.submitted_at, t.messages.c.state)
            .join(t.messages, t.messages.c.id == table.c.message_id)
            .where(t.messages.c.sender_id == organisation_id, table.c.category.in_(all_but(without)))
            .where(table.c.id > after)
            .order_by(table.c.id)
            .limit(limit)
        )
        withdrawn = {state.value for state in WITHDRAWN}
        return [SentDocument(attachment_of(row), row.submitted_at, row.state in withdrawn) for row in rows]

    def documents_of(self, message_ids: Sequence[MessageId], without: Sequence[Category]) -> Sequence[Attachment]:
        table = a.attachments
        rows = self._connection.execute(
            ATTACHMENTS.where(table.c.message_id.in_(message_ids), table.c.category.in_(all_but(without))).order_by(
                table.c.message_id, table.c.ordinal
            )
        )
        return [attachment_of(row) for row in rows]

    def practice_timers(self, organisation_id: OrganisationId, after: str, limit: int) -> Sequence[CourseTimer]:
        table = p.practice_timers
        statement = select(table).where(table.c.organisation_id == organisation_id, table.c.id > after)
        rows = self._connection.execute(statement.order_by(table.c.id).limit(limit))
        return [CourseTimer(**row._mapping) for row in rows]  # noqa: SLF001

    def terms(self, organisation_id: OrganisationId, after: str, limit: int) -> Sequence[Timer]:
        table = t.timers
        statement = select(table).where(table.c.organisation_id == organisation_id, table.c.id > after)
        rows = self._connection.execute(statement.order_by(table.c.id).limit(limit))
        return [Timer(**row._mapping) for row in rows]  # noqa: SLF001

    def kept(self, organisation_id: OrganisationId, now: datetime, after: str, limit: int) -> Sequence[KeptRecord]:
        table = kept_records
        statement = select(table).where(_listed(organisation_id, now), table.c.id > after)
        rows = self._connection.execute(statement.order_by(table.c.id).limit(limit))
        return [KeptRecord(**row._mapping) for row in rows]  # noqa: SLF001

    def notes(self, organisation_id: OrganisationId, after: str, limit: int) -> Sequence[Move]:
        table = q.queue_moves
        statement = select(table).where(_noted(organisation_id), table.c.id > after).order_by(table.c.id).limit(limit)
        values = [dict(row._mapping) for row in self._connection.execute(statement)]  # noqa: SLF001
        return [Move(**{name: value for name, value in one.items() if name != "position"}) for one in values]

    def agendas(self, organisation_id: OrganisationId, after: str, limit: int) -> Sequence[Agenda]:
        table = j.agendas
        statement = select(table).where(table.c.organisation_id == organisation_id, table.c.id > after)
        rows = self._connection.execute(statement.order_by(table.c.id).limit(limit))
        return [Agenda(**row._mapping) for row in rows]  # noqa: SLF001

    def agenda_items(self, agenda_ids: Sequence[str]) -> Sequence[AgendaItem]:
        table = j.agenda_items
        statement = select(table).where(table.c.agenda_id.in_(agenda_ids)).order_by(table.c.agenda_id, table.c.ordinal)
        return [AgendaItem(**row._mapping) for row in self._connection.execute(statement)]  # noqa: SLF001

    def joint_decisions(self, proposer_id: OrganisationId, after: str, limit: int) -> Sequence[JointDecision]:
        table = j.joint_decisions
        statement = select(table).where(table.c.proposer_id == proposer_id, table.c.id > after)
        return all_decisions(self._connection, statement.order_by(table.c.id).limit(limit))

    def members(self, subject_ids: Sequence[SubjectId]) -> Sequence[SubjectOnFile]:
        table = t.subjects
        rows = self._connection.execute(
            select(table.c.id, table.c.kind, table.c.decision_facts).where(table.c.id.in_(sorted(set(subject_ids))))
        )
        return [SubjectOnFile(row.id, row.kind, row.decision_facts) for row in rows]


def kept_of(
    organisation_id: OrganisationId, without: Sequence[Category], hidden: Collection[str], now: datetime
) -> Mapping[str, tuple[Any, ColumnElement[bool]]]:
    """Of each kind of these pages, from where and which rows: to be counted."""
    older = t.summaries.join(t.cases, t.cases.c.id == t.summaries.c.case_id)
    sent = a.attachments.join(t.messages, t.messages.c.id == a.attachments.c.message_id)
    return {
        "version": (older, (t.cases.c.holder_id == organisation_id) & t.summaries.c.current.is_(False)),
        "fact": (t.recorded_facts, _recorded(organisation_id, hidden)),
        "document": (
            sent,
            (t.messages.c.sender_id == organisation_id) & a.attachments.c.category.in_(all_but(without)),
        ),
        "timer": (p.practice_timers, p.practice_timers.c.organisation_id == organisation_id),
        "term": (t.timers, t.timers.c.organisation_id == organisation_id),
        "kept": (kept_records, _listed(organisation_id, now)),
        "note": (q.queue_moves, _noted(organisation_id)),
        "agenda": (j.agendas, j.agendas.c.organisation_id == organisation_id),
        "joint": (j.joint_decisions, j.joint_decisions.c.proposer_id == organisation_id),
    }


def family_of(connection: Connection, case_ids: Sequence[CaseId]) -> Mapping[CaseId, list[tuple[SubjectId, str]]]:
    """The people of cases with their kinds, in their order."""
    people = t.case_subjects
    rows = connection.execute(
        select(people.c.case_id, t.subjects.c.id, t.subjects.c.kind)
        .join(t.subjects, t.subjects.c.id == people.c.subject_id)
        .where(people.c.case_id.in_(case_ids))
        .order_by(people.c.case_id, people.c.ordinal)
    )
    found: dict[CaseId, list[tuple[SubjectId, str]]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append((row.id, row.kind))
    return found


def header_of(row: Row[Any]) -> SummaryHeader:
    """The header of a summary from its row."""
    return SummaryHeader(
        row.id,
        row.version,
        row.published_at,
        row.as_of,
        row.erase_after,
        row.source,
        row.curator_name,
        row.curator_phone,
        tuple((Category(category), frozenset(subjects)) for category, subjects in row.sharing),
        frozenset(Category(category) for category in row.not_used),
    )


def all_but(without: Sequence[Category]) -> list[Category]:
    """All categories of sections but these."""
    return [category for category in c.MESSAGE_CATEGORIES if category not in without]


def _recorded(organisation_id: OrganisationId, without: Collection[str]) -> ColumnElement[bool]:
    table = t.recorded_facts
    own = (table.c.set_by == organisation_id) & table.c.origin_id.is_(None)
    return own & table.c.fact.not_in(sorted(without))


def _noted(organisation_id: OrganisationId) -> ColumnElement[bool]:
    return (q.queue_moves.c.organisation_id == organisation_id) & q.queue_moves.c.sealed_note.is_not(None)


def _listed(organisation_id: OrganisationId, now: datetime) -> ColumnElement[bool]:
    return (kept_records.c.organisation_id == organisation_id) & (kept_records.c.expires_at > now)
