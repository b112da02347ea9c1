"""Courses of cases, timers of practices, settings and scores."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    delete,
    false,
    func,
    insert,
    literal,
    null,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from gateway.storage import tables as t
from gateway.storage import tables_practices as p
from gateway.storage.columns import Instant, padded
from gateway.storage.families import is_own
from gateway.storage.participants import organisation_of
from gateway.storage.tables_joint import concluded
from gateway.use_cases.practice_values import (
    CASE,
    BoardRow,
    CaseCourse,
    CaseScore,
    CourseEvent,
    CourseTimer,
    DeliveredMessage,
    PracticeSetting,
    StoppedClock,
)
from gateway.use_cases.values import Organisation
from schemas.ids import CaseId, MessageId, OrganisationId, PersonId, new_id

_CHANGING = (
    "started_at",
    "due_at",
    "warn_at",
    "next_at",
    "warned_at",
    "breached_at",
    "paused_at",
    "step",
    "done_at",
    "done_by",
)


class SqlPractices:
    """`practice_ports.PracticeStore`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- the course of a case ----------------------------------------------------------------------------------------

    def course(self, case_id: CaseId, organisation_id: OrganisationId, practice: str) -> CaseCourse | None:
        table = p.practice_courses
        row = self._connection.execute(
            select(table).where(
                table.c.case_id == case_id,
                table.c.organisation_id == organisation_id,
                table.c.practice == practice,
            )
        ).first()
        return CaseCourse(**_mapping(row)) if row else None

    def save_course(self, course: CaseCourse) -> None:
        table = p.practice_courses
        statement = self._insert(table).values(**asdict(course))
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["case_id", "organisation_id"],
                set_={"practice": course.practice, "stage": course.stage, "since": course.since},
            )
        )

    def add_event(self, event: CourseEvent) -> None:
        self._connection.execute(insert(p.practice_events).values(**asdict(event)))

    def events(self, case_id: CaseId, organisation_id: OrganisationId, limit: int) -> Sequence[CourseEvent]:
        table = p.practice_events
        rows = self._connection.execute(
            select(table)
            .where(table.c.case_id == case_id, table.c.organisation_id == organisation_id)
            .order_by(table.c.at.desc(), table.c.recorded_at.desc(), table.c.id)
            .limit(limit)
        )
        return [CourseEvent(**_mapping(row)) for row in rows]

    def courses_of(self, organisation_id: OrganisationId, limit: int) -> Sequence[CaseCourse]:
        table = p.practice_courses
        rows = self._connection.execute(
            select(table)
            .where(table.c.organisation_id == organisation_id)
            .order_by(table.c.since, table.c.case_id)
            .limit(limit)
        )
        return [CaseCourse(**_mapping(row)) for row in rows]

    # --- timers ------------------------------------------------------------------------------------------------------

    def start(self, timers: Sequence[CourseTimer]) -> None:
        if timers:
            table = p.practice_timers
            statement = self._insert(table).on_conflict_do_nothing(
                index_elements=["about", "timer", "ordinal", "organisation_id"], index_where=table.c.done_at.is_(None)
            )
            self._connection.execute(statement, [asdict(timer) for timer in timers])

    def get(self, timer_id: str, organisation_id: OrganisationId, *, lock: bool = False) -> CourseTimer | None:
        table = p.practice_timers
        statement = select(table).where(table.c.id == timer_id, table.c.organisation_id == organisation_id)
        if lock and self._is_postgresql:
            statement = statement.with_for_update()
        row = self._connection.execute(statement).first()
        return CourseTimer(**_mapping(row)) if row else None

    def running_about(
        self, about_kind: str, about: str, organisation_id: OrganisationId, *, lock: bool = False
    ) -> Sequence[CourseTimer]:
        table = p.practice_timers
        statement = (
            select(table)
            .where(
                table.c.about == about,
                table.c.about_kind == about_kind,
                table.c.organisation_id == organisation_id,
                table.c.done_at.is_(None),
            )
            .order_by(table.c.id)  # in which everybody locks them
        )
        if lock and self._is_postgresql:
            statement = statement.with_for_update()
        found = [CourseTimer(**_mapping(row)) for row in self._connection.execute(statement)]
        return sorted(found, key=lambda timer: (timer.due_at, timer.id))

    def running_page(
        self, after: str, limit: int, organisation_id: OrganisationId | None = None
    ) -> Sequence[CourseTimer]:
        table = p.practice_timers
        statement = select(table).where(table.c.id > after, table.c.done_at.is_(None))
        if organisation_id is not None:
            statement = statement.where(table.c.organisation_id == organisation_id)
        statement = statement.order_by(table.c.id).limit(limit)
        if self._is_postgresql:
            statement = statement.with_for_update()
        return [CourseTimer(**_mapping(row)) for row in self._connection.execute(statement)]

    def save(self, timers: Sequence[CourseTimer]) -> None:
        if timers:
            table = p.practice_timers
            statement = (
                update(table)
                .where(table.c.id == bindparam("of"))
                .values({name: bindparam(f"to_{name}") for name in _CHANGING})
            )
            self._connection.execute(
                statement,
                [{"of": timer.id, **{f"to_{name}": getattr(timer, name) for name in _CHANGING}} for timer in timers],
            )

    def pauses(self, timer_ids: Collection[str]) -> Mapping[str, Sequence[StoppedClock]]:
        table = p.practice_pauses
        found: dict[str, list[StoppedClock]] = {timer_id: [] for timer_id in timer_ids}
        if found:
            rows = self._connection.execute(
                select(table).where(table.c.timer_id.in_(sorted(found))).order_by(table.c.begins, table.c.id)
            )
            for row in rows:
                found[row.timer_id].append(StoppedClock(row.timer_id, row.begins, row.ends, row.reason, row.actor))
        return found

    def add_pause(self, pause: StoppedClock) -> None:
        self._connection.execute(insert(p.practice_pauses).values(id=new_id(), **asdict(pause)))

    def end_pause(self, timer_id: str, now: datetime) -> None:
        table = p.practice_pauses
        self._connection.execute(
            update(table).where(table.c.timer_id == timer_id, table.c.ends.is_(None)).values(ends=now)
        )

    def is_waiting(self, now: datetime) -> bool:
        return self._connection.execute(_waiting(now).limit(1)).first() is not None

    def waiting(self, now: datetime, limit: int) -> Sequence[CourseTimer]:
        statement = _waiting(now).order_by(p.practice_timers.c.next_at, p.practice_timers.c.id).limit(limit)
        if self._is_postgresql:
            statement = statement.with_for_update(skip_locked=True)
        return [CourseTimer(**_mapping(row)) for row in self._connection.execute(statement)]

    def begun(self, case_ids: Collection[str]) -> frozenset[tuple[str, OrganisationId, str]]:
        table = p.practice_timers
        rows = self._connection.execute(
            select(table.c.about, table.c.organisation_id, table.c.timer)
            .where(table.c.about_kind == CASE, table.c.about.in_(sorted(case_ids)))
            .distinct()
        )
        return frozenset((row.about, row.organisation_id, row.timer) for row in rows)

    # --- settings ----------------------------------------------------------------------------------------------------

    def settings(self, organisation_ids: Collection[OrganisationId]) -> Sequence[PracticeSetting]:
        table = p.practice_settings
        rows = self._connection.execute(
            select(table)
            .where(table.c.organisation_id.in_(sorted(set(organisation_ids))))
            .order_by(table.c.organisation_id, table.c.name)
        )
        return [PracticeSetting(**_mapping(row)) for row in rows]

    def put_setting(self, setting: PracticeSetting) -> None:
        values = asdict(setting)
        self._connection.execute(
            self._insert(p.practice_settings)
            .values(**values)
            .on_conflict_do_update(
                index_elements=["organisation_id", "practice", "name"],
                set_={name: values[name] for name in ("value", "changed_at", "changed_by")},
            )
        )

    def take_setting(self, organisation_id: OrganisationId, practice: str, name: str) -> None:
        table = p.practice_settings
        self._connection.execute(
            delete(table).where(
                table.c.organisation_id == organisation_id, table.c.practice == practice, table.c.name == name
            )
        )

    def organisations(self, organisation_ids: Collection[OrganisationId]) -> Mapping[OrganisationId, Organisation]:
        table = t.organisations
        rows = self._connection.execute(select(table).where(table.c.id.in_(sorted(set(organisation_ids)))))
        return {row.id: organisation_of(row) for row in rows}

    def delivered(self, message_ids: Collection[MessageId]) -> Sequence[DeliveredMessage]:
        rows = self._connection.execute(
            select(
                t.messages.c.id,
                t.messages.c.type,
                t.messages.c.sender_id,
                t.messages.c.recipient_id,
                t.messages.c.case_id,
                t.cases.c.holder_id.label("case_holder_id"),
                t.messages.c.trigger,
                t.messages.c.notes,
                concluded().label("concluded"),
            )
            .select_from(t.messages.join(t.cases))
            .where(t.messages.c.id.in_(sorted(message_ids)))
            .order_by(t.messages.c.id)
        )
        return [DeliveredMessage(**_mapping(row)) for row in rows]

    # --- the board ---------------------------------------------------------------------------------------------------

    def board(
        self, organisation_id: OrganisationId, after: str | None, limit: int, until: datetime | None = None
    ) -> Sequence[BoardRow]:
        lines = _lines(organisation_id).subquery("lines")
        key = tuple_(lines.c.stands, lines.c.due_at, lines.c.id)
        statement = select(lines).order_by(lines.c.stands, lines.c.due_at, lines.c.id).limit(limit)
        if until is not None:
            statement = statement.where(lines.c.due_at < until)
        if after is not None:
            begin = _lines(organisation_id).subquery("begin")
            at = begin.c.id == after
            # Another's name, or an invented one, compares with nothing: a page that is empty (law 7).
            cut = [select(begin.c[name]).where(at).scalar_subquery() for name in ("stands", "due_at", "id")]
            statement = statement.where(key > tuple_(*cut))
        return [
            BoardRow(**{name: value for name, value in _mapping(row).items() if name != "stands"})
            for row in self._connection.execute(statement)
        ]

    def load(self, organisation_id: OrganisationId, bounds: Sequence[datetime]) -> Sequence[int]:
        lines = _lines(organisation_id).subquery("lines")
        due, runs = lines.c.due_at, lines.c.stands == 0
        spans = [
            due < bounds[0],
            *(and_(due >= begins, due < ends) for begins, ends in pairwise(bounds)),
            due >= bounds[-1],
        ]
        counts = [func.coalesce(func.sum(case((and_(runs, span), 1), else_=0)), 0) for span in spans]
        counts.append(func.coalesce(func.sum(lines.c.stands), 0))
        return [int(value) for value in self._connection.execute(select(*counts)).one()]

    def workers(
        self, organisation_id: OrganisationId, case_ids: Collection[CaseId]
    ) -> Mapping[CaseId, Sequence[tuple[PersonId, str]]]:
        table = t.assignments
        found: dict[CaseId, list[tuple[PersonId, str]]] = {case_id: [] for case_id in case_ids}
        rows = self._connection.execute(
            select(table.c.case_id, t.people.c.id, t.people.c.display_name)
            .join(t.people, t.people.c.id == table.c.person_id)
            .where(
                table.c.organisation_id == organisation_id,
                table.c.case_id.in_(padded(case_ids)),
                table.c.to_at.is_(None),
            )
            .order_by(table.c.from_at, t.people.c.id)
        )
        for row in rows:
            found[row.case_id].append((row.id, row.display_name))
        return found

    # --- scores ------------------------------------------------------------------------------------------------------

    def add_score(self, score: CaseScore) -> None:
        self._connection.execute(insert(p.case_scores).values(**asdict(score)))

    def scores(self, case_id: CaseId, organisation_id: OrganisationId, limit: int) -> Sequence[CaseScore]:
        table = p.case_scores
        rows = self._connection.execute(
            select(table)
            .where(
                table.c.case_id == case_id,
                table.c.organisation_id == organisation_id,
                is_own(table.c.sealed_with, organisation_id),
            )
            .order_by(table.c.at.desc(), table.c.id)
            .limit(limit)
        )
        return [CaseScore(**_mapping(row)) for row in rows]

    @property
    def _is_postgresql(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    def _insert(self, table: Any) -> Any:  # noqa: ANN401  two dialects, one form
        return postgresql_insert(table) if self._is_postgresql else sqlite_insert(table)


def _waiting(now: datetime) -> Select[tuple[object, ...]]:
    table = p.practice_timers
    return select(table).where(table.c.next_at <= now, table.c.done_at.is_(None))


def _lines(organisation_id: OrganisationId) -> Any:  # noqa: ANN401  a union has no better name
    """What runs for an organisation, by its practice and by the pack, in one form."""
    own, pack = p.practice_timers, t.timers

    def case_of_message(about: Any) -> Any:  # noqa: ANN401  a column
        return select(t.messages.c.case_id).where(t.messages.c.id == about).scalar_subquery()

    def nothing(kind: Any) -> Any:  # noqa: ANN401  a type
        return cast(null(), kind)

    by_practice = select(
        own.c.id,
        own.c.practice,
        own.c.timer,
        own.c.about_kind,
        own.c.about,
        case((own.c.about_kind == CASE, own.c.about), else_=case_of_message(own.c.about)).label("case_id"),
        own.c.started_at,
        own.c.due_at,
        own.c.reminder,
        own.c.warned_at,
        own.c.breached_at,
        own.c.paused_at,
        case((own.c.paused_at.is_(None), 0), else_=1).label("stands"),
    ).where(own.c.organisation_id == organisation_id, own.c.done_at.is_(None))
    by_pack = select(
        pack.c.id,
        nothing(String(40)).label("practice"),
        pack.c.timer,
        pack.c.about_kind,
        pack.c.about,
        case_of_message(pack.c.about).label("case_id"),
        pack.c.started_at,
        pack.c.due_at,
        false().label("reminder"),
        nothing(Instant).label("warned_at"),
        pack.c.breached_at,
        nothing(Instant).label("paused_at"),
        literal(0).label("stands"),
    ).where(pack.c.organisation_id == organisation_id, pack.c.done_at.is_(None), pack.c.due_at.is_not(None))
    return union_all(by_practice, by_pack)


def _mapping(row: Any) -> dict[str, Any]:  # noqa: ANN401  rows of any shape
    return dict(row._mapping)  # noqa: SLF001  the documented way to a mapping
