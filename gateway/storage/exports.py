"""Exports, and pages of an organisation's own data by identifier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from gateway.storage import tables as t
from gateway.storage import tables_practices as p
from gateway.storage.facts import consents_of, select_consents
from gateway.storage.families import is_own
from gateway.storage.kept_pages import SqlKeptPages, all_but, family_of, header_of, kept_of
from gateway.storage.messages import SqlMessages
from gateway.storage.summaries import select_sections
from gateway.storage.tables_exports import export_parts, exports
from gateway.storage.tables_records import case_records
from gateway.use_cases.export_port import ExportOnFile, ExportPart, OwnCase, kinds_of
from gateway.use_cases.practice_values import CourseEvent
from gateway.use_cases.record_values import CaseRecord
from gateway.use_cases.values import Authority, ConsentOnFile, MessageOnFile, SealedSection
from schemas.ids import CaseId, Category, EntryId, MessageId, OrganisationId, SubjectId, SummaryId, ThreadId
from schemas.messages import LOOKUP_ECHO

RECEIVED = "received"


class SqlExports(SqlKeptPages):
    """`export_port.Exports`."""

    # --- exports on file ---------------------------------------------------------------------------------------------

    def add(self, export: ExportOnFile) -> None:
        self._connection.execute(
            insert(exports).values(
                id=export.id,
                organisation_id=export.organisation_id,
                actor=export.actor,
                scope=export.scope,
                form=export.form,
                own=export.own,
                state=export.state,
                begun_at=export.begun_at,
                ended_at=export.ended_at,
                totals=dict(export.totals),
            )
        )
        for part in export.parts:
            self.put_part(export.id, part)

    def get(self, export_id: str, organisation_id: OrganisationId, *, lock: bool = False) -> ExportOnFile | None:
        statement = select(exports).where(exports.c.id == export_id, exports.c.organisation_id == organisation_id)
        if lock and self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update()
        found = self._all(self._connection.execute(statement).all())
        return found[0] if found else None

    def of_organisation(self, organisation_id: OrganisationId, scope: str, limit: int) -> Sequence[ExportOnFile]:
        statement = select(exports).where(exports.c.organisation_id == organisation_id, exports.c.scope == scope)
        newest = statement.order_by(exports.c.begun_at.desc(), exports.c.id).limit(limit)
        return self._all(self._connection.execute(newest).all())

    def taken(self, organisation_id: OrganisationId, since: datetime) -> int:
        statement = select(func.count()).select_from(exports)
        of_others = (exports.c.organisation_id == organisation_id, exports.c.own.is_(False), exports.c.begun_at > since)
        return int(self._connection.execute(statement.where(*of_others)).scalar_one())

    def put_part(self, export_id: str, part: ExportPart) -> None:
        table = export_parts
        self._connection.execute(delete(table).where(table.c.export_id == export_id, table.c.number >= part.number))
        self._connection.execute(
            insert(table).values(
                export_id=export_id,
                number=part.number,
                kind=part.kind,
                until=part.until,
                items=part.items,
                at=part.at,
                entry_id=part.entry_id,
                sha256=part.sha256,
                size=part.size,
            )
        )

    def move(self, export_id: str, state: str, ended_at: datetime | None) -> None:
        moved = update(exports).where(exports.c.id == export_id).values(state=state, ended_at=ended_at)
        self._connection.execute(moved)

    def read_by(self, entry_ids: Sequence[EntryId]) -> Mapping[EntryId, str]:
        rows = self._connection.execute(
            select(export_parts.c.entry_id, exports.c.form)
            .join(exports, exports.c.id == export_parts.c.export_id)
            .where(export_parts.c.entry_id.in_(entry_ids))
        )
        return {row.entry_id: row.form for row in rows}

    def _all(self, rows: Sequence[Row[Any]]) -> list[ExportOnFile]:
        parts: dict[str, list[ExportPart]] = defaultdict(list)
        if rows:
            known = select(export_parts).where(export_parts.c.export_id.in_([row.id for row in rows]))
            for row in self._connection.execute(known.order_by(export_parts.c.number)):
                values = {name: value for name, value in row._mapping.items() if name != "export_id"}  # noqa: SLF001
                parts[row.export_id].append(ExportPart(**values))
        return [
            ExportOnFile(
                row.id,
                row.organisation_id,
                row.actor,
                row.scope,
                row.form,
                row.own,
                row.state,
                row.begun_at,
                row.ended_at,
                row.totals,
                tuple(parts[row.id]),
            )
            for row in rows
        ]

    # --- pages of one's own ------------------------------------------------------------------------------------------

    def count(
        self,
        organisation_id: OrganisationId,
        form: str,
        without: Sequence[Category],
        hidden: Collection[str],
        now: datetime,
    ) -> Mapping[str, int]:
        counted: dict[str, tuple[Any, ColumnElement[bool]]] = {
            "case": (t.cases, t.cases.c.holder_id == organisation_id),
            "consent": (t.consents, t.consents.c.discloser_id == organisation_id),
            "authority": (t.authorities, _of_own_children(organisation_id)),
            "sent": (t.messages, _box(organisation_id, "sent")),
            RECEIVED: (t.messages, _box(organisation_id, RECEIVED)),
            **kept_of(organisation_id, without, hidden, now),
        }
        return {
            kind: int(self._connection.execute(select(func.count()).select_from(table).where(where)).scalar_one())
            for kind, (table, where) in ((kind, counted[kind]) for kind in kinds_of(form))
        }

    def cases(self, holder_id: OrganisationId, after: str, limit: int) -> Sequence[OwnCase]:
        return self._cases((t.cases.c.holder_id == holder_id) & (t.cases.c.id > after), limit)

    def case(self, holder_id: OrganisationId, case_id: CaseId) -> OwnCase | None:
        found = self._cases((t.cases.c.holder_id == holder_id) & (t.cases.c.id == case_id), 1)
        return found[0] if found else None

    def _cases(self, wanted: ColumnElement[bool], limit: int) -> list[OwnCase]:
        cases = t.cases
        rows = self._connection.execute(select(cases).where(wanted).order_by(cases.c.id).limit(limit)).all()
        ids = [row.id for row in rows]
        family = family_of(self._connection, ids)
        current = select(t.summaries).where(t.summaries.c.case_id.in_(ids), t.summaries.c.current)
        headers = {row.case_id: header_of(row) for row in self._connection.execute(current)}
        return [
            OwnCase(
                row.id, row.practice, row.opened_at, row.ended_at, tuple(family.get(row.id, ())), headers.get(row.id)
            )
            for row in rows
        ]

    def consents(self, discloser_id: OrganisationId, after: str, limit: int) -> Sequence[ConsentOnFile]:
        ids = (
            select(t.consents.c.id)
            .where(t.consents.c.discloser_id == discloser_id, t.consents.c.id > after)
            .order_by(t.consents.c.id)
            .limit(limit)
        )
        page = list(self._connection.execute(ids).scalars())
        rows = self._connection.execute(select_consents().where(t.consents.c.id.in_(page))).mappings().all()
        return sorted((one for known in consents_of(rows).values() for one in known), key=lambda one: one.id)

    def authorities(self, organisation_id: OrganisationId, after: str, limit: int) -> Sequence[Authority]:
        table = t.authorities
        statement = select(table).where(_of_own_children(organisation_id), table.c.id > after)
        rows = self._connection.execute(statement.order_by(table.c.id).limit(limit))
        return [Authority(**row._mapping) for row in rows]  # noqa: SLF001  the documented way

    def messages(
        self, organisation_id: OrganisationId, kind: str, after: str, limit: int, now: datetime
    ) -> Sequence[MessageOnFile]:
        ids = select(t.messages.c.id).where(_box(organisation_id, kind), t.messages.c.id > after)
        page = list(self._connection.execute(ids.order_by(t.messages.c.id).limit(limit)).scalars())
        found = SqlMessages(self._connection).several(t.messages.c.id.in_(page), now)
        return sorted(found, key=lambda message: message.id)

    def thread(self, thread_id: ThreadId, party: OrganisationId, limit: int, now: datetime) -> Sequence[MessageOnFile]:
        ids = select(t.messages.c.id).where(
            t.messages.c.thread_id == thread_id, _box(party, "sent") | _box(party, RECEIVED)
        )
        oldest = ids.order_by(t.messages.c.submitted_at, t.messages.c.id).limit(limit)
        page = list(self._connection.execute(oldest).scalars())
        return SqlMessages(self._connection).several(t.messages.c.id.in_(page), now)

    def kinds(self, subject_ids: Sequence[SubjectId]) -> Mapping[SubjectId, str]:
        rows = self._connection.execute(
            select(t.subjects.c.id, t.subjects.c.kind).where(t.subjects.c.id.in_(subject_ids))
        )
        return {row.id: row.kind for row in rows}

    def people(self, message_ids: Sequence[MessageId]) -> Mapping[MessageId, Sequence[tuple[SubjectId, str]]]:
        about = t.message_subjects
        rows = self._connection.execute(
            select(about.c.message_id, t.subjects.c.id, t.subjects.c.kind)
            .join(t.subjects, t.subjects.c.id == about.c.subject_id)
            .where(about.c.message_id.in_(message_ids))
            .order_by(about.c.message_id, about.c.ordinal)
        )
        found: dict[MessageId, list[tuple[SubjectId, str]]] = defaultdict(list)
        for row in rows:
            found[row.message_id].append((row.id, row.kind))
        return found

    def summary_sections(
        self, summary_ids: Sequence[SummaryId], without: Sequence[Category]
    ) -> Sequence[SealedSection]:
        return select_sections(self._connection, t.sections.c.summary_id.in_(summary_ids), all_but(without))

    def sent_sections(self, message_ids: Sequence[MessageId], without: Sequence[Category]) -> Sequence[SealedSection]:
        written = t.sections.c.message_id.in_(message_ids) & t.sections.c.sealed_as.is_(None)
        return select_sections(self._connection, written, all_but(without))

    def records(self, case_ids: Sequence[CaseId], organisation_id: OrganisationId) -> Sequence[CaseRecord]:
        table = case_records
        rows = self._connection.execute(
            select(table)
            .where(
                table.c.case_id.in_(case_ids),
                table.c.organisation_id == organisation_id,
                is_own(table.c.sealed_with, organisation_id),
            )
            .order_by(table.c.case_id, table.c.at, table.c.recorded_at, table.c.id)
        )
        return [CaseRecord(**row._mapping) for row in rows]  # noqa: SLF001  the documented way

    def events(self, case_ids: Sequence[CaseId], organisation_id: OrganisationId) -> Sequence[CourseEvent]:
        table = p.practice_events
        rows = self._connection.execute(
            select(table)
            .where(table.c.case_id.in_(case_ids), table.c.organisation_id == organisation_id)
            .order_by(table.c.case_id, table.c.at, table.c.recorded_at, table.c.id)
        )
        return [CourseEvent(**row._mapping) for row in rows]  # noqa: SLF001  the documented way


def _box(organisation_id: OrganisationId, kind: str) -> ColumnElement[bool]:
    """What an organisation sent, or what has come to it. A notice that somebody looked was sent by nobody."""
    messages = t.messages
    if kind == RECEIVED:
        return (messages.c.recipient_id == organisation_id) & messages.c.delivered_at.is_not(None)
    return (messages.c.sender_id == organisation_id) & (messages.c.type != LOOKUP_ECHO)


def _of_own_children(organisation_id: OrganisationId) -> ColumnElement[bool]:
    own = select(t.subjects.c.id).where(t.subjects.c.registered_by == organisation_id)
    return t.authorities.c.child_id.in_(own.scalar_subquery())
