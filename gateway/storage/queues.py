"""Who has which message of a queue, absences, steps and calls. A page is one statement whatever is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
    update,
)

from gateway.storage import tables as t
from gateway.storage import tables_queues as q
from gateway.storage.columns import padded
from gateway.storage.facts import message_of
from gateway.storage.participants import organisation_of
from gateway.use_cases.queue_values import (
    DONE,
    TAB_LIMIT,
    Absence,
    Call,
    Move,
    Office,
    QueueItem,
    Staff,
    StandIn,
    StepDone,
    Tabs,
    Watched,
    WorkRow,
)
from gateway.use_cases.values import MessageOnFile
from schemas.codes import URGENCIES, code_lists
from schemas.duty import DutySchedule
from schemas.ids import CaseId, MessageId, OrganisationId, PersonId
from schemas.lifecycle import State

LYING = (State.DELIVERED.value, State.OPENED.value)
"""States in which a message waits for its recipient."""


class SqlQueues:
    """`ports_queues.Queues`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _locks(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    # --- items -------------------------------------------------------------------------------------------------------

    def came(self, message_ids: Collection[MessageId]) -> Sequence[MessageOnFile]:
        known = exists().where(q.queue_items.c.message_id == t.messages.c.id)
        rows = self._connection.execute(
            select(t.messages, literal(value=False).label("sender_protected")).where(
                t.messages.c.id.in_(sorted(message_ids)), t.messages.c.state == State.DELIVERED.value, ~known
            )
        ).mappings()
        return [message_of(row) for row in rows]

    def workers(self, cases: Collection[tuple[OrganisationId, CaseId]]) -> Mapping[tuple[str, str], Sequence[PersonId]]:
        table = t.assignments
        found: dict[tuple[str, str], list[PersonId]] = {}
        rows = self._connection.execute(
            select(table.c.organisation_id, table.c.case_id, table.c.person_id)
            .where(table.c.case_id.in_(sorted({case for _, case in cases})), table.c.to_at.is_(None))
            .order_by(table.c.from_at, table.c.person_id)
        )
        for row in rows:
            if (row.organisation_id, row.case_id) in cases:
                found.setdefault((row.organisation_id, row.case_id), []).append(row.person_id)
        return found

    def enter(self, items: Sequence[QueueItem]) -> None:
        if items:
            self._connection.execute(insert(q.queue_items), [_row(item) for item in items])

    def item(self, message_id: MessageId, organisation_id: OrganisationId, *, lock: bool = False) -> QueueItem | None:
        table = q.queue_items
        statement = select(table).where(table.c.message_id == message_id, table.c.organisation_id == organisation_id)
        if lock and self._locks:
            statement = statement.with_for_update()
        row = self._connection.execute(statement).mappings().first()
        return _item(row) if row else None

    def save(self, items: Sequence[QueueItem]) -> None:
        if not items:
            return
        table = q.queue_items
        names = ("stage", "open", "person_id", "since", "due_at", "step", "step_at")
        self._connection.execute(
            update(table)
            .where(table.c.message_id == bindparam("saved_id"))
            .values({name: bindparam(f"new_{name}") for name in names}),
            [{"saved_id": item.message_id, **{f"new_{name}": _row(item)[name] for name in names}} for item in items],
        )

    # --- people ------------------------------------------------------------------------------------------------------

    def staff(self, organisation_id: OrganisationId, now: datetime) -> tuple[Sequence[Staff], Sequence[Absence]]:
        return self._staff([organisation_id], now).get(organisation_id, ((), ()))

    def _staff(
        self, organisation_ids: Collection[OrganisationId], now: datetime
    ) -> Mapping[OrganisationId, tuple[Sequence[Staff], Sequence[Absence]]]:
        away = q.absences
        rows = self._connection.execute(
            select(
                t.people.c.id,
                t.people.c.organisation_id,
                t.people.c.display_name,
                t.people.c.login,
                t.people.c.active,
                t.person_roles.c.role,
                *(column.label(f"away_{column.name}") for column in away.c),
            )
            .select_from(
                t.people.outerjoin(t.person_roles).outerjoin(
                    away, and_(away.c.person_id == t.people.c.id, away.c.from_at <= now, away.c.to_at > now)
                )
            )
            .where(t.people.c.organisation_id.in_(sorted(organisation_ids)))
            .order_by(t.people.c.login, t.people.c.id)
        ).mappings()
        people: dict[str, dict[str, list[RowMapping]]] = {}
        for row in rows:
            people.setdefault(row["organisation_id"], {}).setdefault(row["id"], []).append(row)
        return {OrganisationId(key): _people(by_id.values()) for key, by_id in people.items()}

    def offices(self, organisation_ids: Collection[OrganisationId], now: datetime) -> Mapping[OrganisationId, Office]:
        staff = self._staff(organisation_ids, now)
        schedules = q.duty_schedules
        rows = self._connection.execute(
            select(t.organisations, schedules.c.schedule.label("duty"))
            .select_from(t.organisations.outerjoin(schedules, schedules.c.organisation_id == t.organisations.c.id))
            .where(t.organisations.c.id.in_(sorted(organisation_ids)))
        )
        found = {}
        for row in rows:
            duty = row._mapping["duty"]  # noqa: SLF001  the documented way to a mapping
            organisation = organisation_of(_without(row, "duty"))
            people, away = staff.get(organisation.id, ((), ()))
            schedule = DutySchedule.model_validate(duty) if duty else DutySchedule()
            found[organisation.id] = Office(organisation, schedule, tuple(people), tuple(away))
        return found

    # --- views -------------------------------------------------------------------------------------------------------

    def page(
        self,
        organisation_id: OrganisationId,
        view: str,
        people: Collection[PersonId],
        after: MessageId | None,
        limit: int,
        now: datetime,
    ) -> Sequence[WorkRow]:
        picked = _picked(organisation_id, view, people, after, limit, now).subquery("item")
        facts, about = t.recorded_facts, t.message_subjects
        protected = exists().where(  # the name of a shelter is itself protected where whereabouts are
            about.c.message_id == t.messages.c.id,
            facts.c.subject_id == about.c.subject_id,
            facts.c.fact == "location_protected",
            facts.c.from_at <= now,
            facts.c.to_at.is_(None) | (facts.c.to_at > now),
        )
        statement = (
            select(
                t.messages,
                protected.label("sender_protected"),
                t.organisations.c.name.label("sender_name"),
                t.organisations.c.kind.label("sender_kind"),
                *(column.label(f"item_{column.name}") for column in picked.c),
            )
            .join(picked, picked.c.message_id == t.messages.c.id)
            .join(t.organisations, t.organisations.c.id == t.messages.c.sender_id)
            .order_by(*_order(picked, view))
        )
        return [_work(row) for row in self._connection.execute(statement).mappings()]

    def tabs(self, organisation_id: OrganisationId, people: Collection[PersonId], now: datetime) -> Tabs:
        table = q.queue_items
        mine = [table.c.organisation_id == organisation_id, table.c.open.is_(True)]
        views: dict[str, tuple[ColumnElement[bool], tuple[Any, ...]]] = {
            "mine": (table.c.person_id.in_(padded(people)), ()),
            "free": (table.c.person_id.is_(None), _of_nobody((table.c.rank, table.c.due_at))),
            "all": (literal(value=True), ()),
            "overdue": (table.c.due_at <= now, (table.c.due_at,)),
        }
        # The order counts nothing else: it names the index, where PostgreSQL would guess that any row will do.
        counted = {
            name: select(func.count())
            .select_from(
                select(literal(1)).select_from(table).where(*mine, only).order_by(*order).limit(TAB_LIMIT).subquery()
            )
            .scalar_subquery()
            for name, (only, order) in views.items()
        }
        row = self._connection.execute(select(*(count.label(name) for name, count in counted.items()))).one()
        return Tabs(**row._mapping)  # noqa: SLF001  the documented way to a mapping

    def others_open(self, case_id: CaseId, person_id: PersonId, without: MessageId) -> bool:
        table = q.queue_items
        statement = select(table.c.message_id).where(
            table.c.case_id == case_id,
            table.c.person_id == person_id,
            table.c.open.is_(True),
            table.c.message_id != without,
        )
        return self._connection.execute(statement.limit(1)).first() is not None

    # --- what was done -----------------------------------------------------------------------------------------------

    def add_moves(self, moves: Sequence[Move]) -> None:
        if moves:
            self._connection.execute(insert(q.queue_moves), [asdict(move) for move in moves])

    def moves(self, message_id: MessageId, organisation_id: OrganisationId) -> Sequence[Move]:
        table = q.queue_moves
        rows = self._connection.execute(
            select(*(table.c[name] for name in Move.__dataclass_fields__))
            .where(table.c.message_id == message_id, table.c.organisation_id == organisation_id)
            .order_by(table.c.position)
        )
        return [Move(**row._mapping) for row in rows]  # noqa: SLF001  as above

    def steps(self, message_id: MessageId) -> Sequence[StepDone]:
        table = q.queue_steps
        rows = self._connection.execute(
            select(table).where(table.c.message_id == message_id).order_by(table.c.at, table.c.step)
        )
        return [StepDone(**row._mapping) for row in rows]  # noqa: SLF001  as above

    def add_steps(self, steps: Sequence[StepDone]) -> None:
        if steps:
            self._connection.execute(insert(q.queue_steps), [asdict(step) for step in steps])

    def calls(self, message_id: MessageId) -> Sequence[Call]:
        table = q.calls
        rows = self._connection.execute(
            select(table).where(table.c.message_id == message_id).order_by(table.c.rang_at, table.c.id)
        )
        return [Call(**row._mapping) for row in rows]  # noqa: SLF001  as above

    def add_call(self, call: Call) -> None:
        self._connection.execute(insert(q.calls).values(**asdict(call)))

    # --- the chain ---------------------------------------------------------------------------------------------------

    def is_watched(self, now: datetime) -> bool:
        table = q.queue_items
        return (
            self._connection.execute(select(table.c.message_id).where(table.c.step_at <= now).limit(1)).first()
            is not None
        )

    def watched(self, now: datetime, limit: int) -> Sequence[Watched]:
        table = q.queue_items
        statement = (
            select(table, t.messages.c.type, t.messages.c.urgency, t.messages.c.sender_id, t.messages.c.state)
            .join(t.messages, t.messages.c.id == table.c.message_id)
            .where(table.c.step_at <= now)
            .order_by(table.c.step_at, table.c.message_id)
            .limit(limit)
        )
        if self._locks:
            statement = statement.with_for_update(skip_locked=True, of=table)
        rows = self._connection.execute(statement).mappings().all()
        told: dict[str, set[str]] = {}
        for row in self._connection.execute(
            select(q.alerts.c.message_id, q.alerts.c.organisation_id, q.alerts.c.contact).where(
                q.alerts.c.message_id.in_([row["message_id"] for row in rows])
            )
        ):
            told.setdefault(f"{row.message_id} {row.organisation_id}", set()).add(row.contact)
        return [
            Watched(
                _item(row),
                row["type"],
                row["urgency"],
                row["sender_id"],
                frozenset(told.get(f"{row['message_id']} {row['organisation_id']}", ())),
            )
            for row in rows
        ]

    # --- absences ----------------------------------------------------------------------------------------------------

    def add_absence(self, absence: Absence) -> None:
        self._connection.execute(insert(q.absences).values(**asdict(absence)))

    def absence(self, absence_id: str) -> Absence | None:
        row = self._connection.execute(select(q.absences).where(q.absences.c.id == absence_id)).first()
        return Absence(**row._mapping) if row else None  # noqa: SLF001  as above

    def end_absence(self, absence_id: str, at: datetime) -> None:
        self._connection.execute(update(q.absences).where(q.absences.c.id == absence_id).values(to_at=at))

    def absences(self, organisation_id: OrganisationId, since: datetime) -> Sequence[Absence]:
        table = q.absences
        rows = self._connection.execute(
            select(table)
            .where(table.c.organisation_id == organisation_id, table.c.to_at > since, table.c.to_at > table.c.from_at)
            .order_by(table.c.from_at, table.c.id)
        )
        return [Absence(**row._mapping) for row in rows]  # noqa: SLF001  as above

    def add_stand_in(self, stand_in: StandIn) -> None:
        self._connection.execute(insert(q.stand_ins).values(**asdict(stand_in)))

    def is_over(self, now: datetime) -> bool:
        return self._connection.execute(_over(now).limit(1)).first() is not None

    def over(self, now: datetime, limit: int) -> Sequence[StandIn]:
        statement = _over(now).order_by(q.stand_ins.c.id).limit(limit)
        if self._locks:
            statement = statement.with_for_update(skip_locked=True, of=q.stand_ins)
        return [StandIn(**row._mapping) for row in self._connection.execute(statement)]  # noqa: SLF001  as above

    def end_stand_ins(self, ids: Collection[str], now: datetime) -> None:
        self._connection.execute(update(q.stand_ins).where(q.stand_ins.c.id.in_(sorted(ids))).values(ended_at=now))


def settle(connection: Connection, message_id: MessageId, state: State, at: datetime) -> None:
    """A message that no longer waits for its recipient leaves its queue, whatever became of it."""
    if state.value in LYING or state is State.SUBMITTED:
        return
    table = q.queue_items
    connection.execute(
        update(table)
        .where(table.c.message_id == message_id, table.c.open.is_(True))
        .values(stage=DONE, open=False, since=at, due_at=at, step_at=None)
    )


def _over(now: datetime) -> Select[Any]:
    return (
        select(q.stand_ins)
        .join(q.absences, q.absences.c.id == q.stand_ins.c.absence_id)
        .where(q.stand_ins.c.ended_at.is_(None), q.absences.c.to_at <= now)
    )


def _picked(
    organisation_id: OrganisationId,
    view: str,
    people: Collection[PersonId],
    after: MessageId | None,
    limit: int,
    now: datetime,
) -> Select[Any]:
    """The items of a page by an index alone, so that nothing is walked through that it does not show. A page begins after a
    message of one's own queue; any other name begins nothing, whether or not it is real (law 7)."""
    table = q.queue_items
    order = _order(table, view)
    names = ("since", "message_id") if view == DONE else ("rank", "due_at", "message_id")
    keys = [table.c[name] for name in names]
    cut = [] if after is None else [_of_begin(name, after, organisation_id) for name in names]
    mine = [table.c.organisation_id == organisation_id]
    if view == DONE:
        mine.append(table.c.stage == DONE)
        beyond = [tuple_(*keys) < tuple_(*cut)] if cut else []
        return select(table).where(*mine, *beyond).order_by(*order).limit(limit)
    mine.append(table.c.open.is_(True))
    beyond = [tuple_(*keys) > tuple_(*cut)] if cut else []
    if view == "overdue":
        return _together(_late(mine, cut, order, limit, now), order, limit)
    if view == "mine" and len(people) <= MOST_PARTS:
        of_each = [[*mine, *beyond, table.c.person_id == person] for person in sorted(people) or [PersonId("")]]
        return _together([_first(part, order, limit) for part in of_each], order, limit)
    if view == "mine":
        mine.append(table.c.person_id.in_(padded(people)))
    elif view == "free":
        mine.append(table.c.person_id.is_(None))
        order = _of_nobody(order)
    return select(table).where(*mine, *beyond).order_by(*order).limit(limit)


MOST_PARTS = 20
"""Of how many people the work is read apart. Who stands in for more has so much of all that waits that it is soon found."""


def _of_begin(name: str, after: MessageId, organisation_id: OrganisationId) -> ColumnElement[Any]:
    begin = q.queue_items.alias("begin")
    found = select(begin.c[name]).where(begin.c.message_id == after, begin.c.organisation_id == organisation_id)
    if name == "rank":
        return found.scalar_subquery()
    # SQLite compares a row with values, not with columns, by all the keys of an index; a column it takes for the first alone.
    return found.scalar_subquery().op("||")(literal_column("''"))


def _of_nobody(order: tuple[Any, ...]) -> tuple[Any, ...]:
    """The order of what nobody has. The first key is the same of all and sorts nothing; but by it alone PostgreSQL sees that
    the index of persons has this order, and without it walks through everything that was taken."""
    return q.queue_items.c.person_id, *order


def _late(
    mine: Sequence[ColumnElement[bool]],
    cut: Sequence[ColumnElement[Any]],
    order: tuple[Any, ...],
    limit: int,
    now: datetime,
) -> list[Select[Any]]:
    """What is overdue, by urgency and then by date: of each urgency apart, so that what is not due is never walked through.
    After a message there are the rest of its urgency, which are the first that come behind it, and the urgencies behind."""
    table = q.queue_items
    at = literal(now, type_=table.c.due_at.type)
    parts = []
    for rank in range(len(code_lists()[URGENCIES])):
        # An urgency before that of the message has nothing due: said by the bound, so that no index is walked for it.
        bound = case((literal(rank) > cut[0], at)) if cut else at
        parts.append(_first([*mine, table.c.rank == rank, table.c.due_at <= bound], order, limit))
    if not cut:
        return parts
    next_ones = select(table).where(*mine, tuple_(*order) > tuple_(*cut)).order_by(*order).limit(limit).subquery()
    return [select(next_ones).where(next_ones.c.rank == cut[0], next_ones.c.due_at <= now), *parts]


def _first(part: Sequence[ColumnElement[bool]], order: tuple[Any, ...], limit: int) -> Select[Any]:
    return select(select(q.queue_items).where(*part).order_by(*order).limit(limit).subquery())


def _together(parts: Sequence[Select[Any]], order: tuple[Any, ...], limit: int) -> Select[Any]:
    """The first of all parts, of each of which the index gives the first."""
    found = union_all(*parts).subquery("found")
    return select(found).order_by(*(found.c[key.name] for key in order)).limit(limit)


def _order(table: Any, view: str) -> tuple[Any, ...]:  # noqa: ANN401  a table or a subquery
    if view == DONE:
        return table.c.since.desc(), table.c.message_id.desc()
    return table.c.rank, table.c.due_at, table.c.message_id


def _row(item: QueueItem) -> dict[str, object]:
    return {**asdict(item), "open": item.open}


def _item(row: RowMapping, prefix: str = "") -> QueueItem:
    names = QueueItem.__dataclass_fields__
    return QueueItem(**{name: row[f"{prefix}{name}"] for name in names})


def _work(row: RowMapping) -> WorkRow:
    name = None if row["sender_protected"] else row["sender_name"]
    return WorkRow(_item(row, "item_"), message_of(row), row["sender_kind"], name)


def _people(groups: Iterable[Sequence[RowMapping]]) -> tuple[Sequence[Staff], Sequence[Absence]]:
    staff, away = [], {}
    for rows in groups:
        first = rows[0]
        roles = frozenset(row["role"] for row in rows if row["role"])
        staff.append(Staff(first["id"], first["display_name"], first["login"], roles, first["active"]))
        for row in rows:
            if row["away_id"]:
                names = Absence.__dataclass_fields__
                away[row["away_id"]] = Absence(**{name: row[f"away_{name}"] for name in names})
    return tuple(staff), tuple(away.values())


class _Values:
    """A row without one column, as `organisation_of` reads it."""

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        self._mapping = mapping


def _without(row: Row[Any], name: str) -> Any:  # noqa: ANN401  stands for a row
    return _Values({key: value for key, value in row._mapping.items() if key != name})  # noqa: SLF001  as above
