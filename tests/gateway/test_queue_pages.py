"""What a page of a queue costs does not grow with what waits in it, however urgencies and people are spread.

Counted are steps (SQLite) and rows that were touched (PostgreSQL), no seconds.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from gateway.storage import tables as t
from gateway.use_cases.house import House
from gateway.use_cases.read_work import VIEWS, read_view
from gateway.use_cases.values import Person, Requester
from schemas.ids import MessageId, PersonId, new_id
from tests import builders

WAITING = 20_000
PAGE = 50
TOUCHED = (100, 400, 4_500)
"""Rows that the three statements of a page may touch on PostgreSQL: the staff, the rows, the counts (four of at most 1000)."""
STEPS = (1_000, 30_000, 60_000)
"""Steps of SQLite's machine for the same; a walk through all that waits takes several times as many."""

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
NAME = "'00000000-0000-4000-8000-00000' || substr(CAST(10000000 + i AS VARCHAR(9)), 2)"  # in order of writing
AT = "'2026-02-01T' || substr(CAST(100 + i % 24 AS VARCHAR(3)), 2, 2) || '\\:00\\:00.000000Z'"
MESSAGES = (
    "INSERT INTO messages (id, thread_id, case_id, lane, type, sender_id, recipient_id, operation_id, digest, purpose,"
    f" urgency, state, submitted_at, delivered_at, alternatives, notes, claims, held) {NUMBERS} SELECT {NAME},"
    f" :thread, :case_id, 'consent', 'referral', :sender, :recipient, {NAME}, '', 'REFERRAL', 'planned', 'opened',"
    f" {AT}, {AT}, '[]', '{{}}', '{{}}', :held FROM n"
)
ITEMS = (
    "INSERT INTO queue_items (message_id, organisation_id, case_id, rank, stage, open, person_id, since, due_at, step)"
    f" {NUMBERS} SELECT {NAME}, :recipient, :case_id, RANK, CASE WHEN OPEN THEN 'unopened' ELSE 'done' END, OPEN, PERSON,"
    f" {AT}, {AT}, 99 FROM n"
)
ALL = "i >= 0"
SPREADS = {  # of each message its urgency, who has it, whether it waits
    "what is urgent was taken": ("i % 3", "CASE WHEN i % 3 < 2 THEN 'p1' END", ALL),
    "the newest are free": ("i % 3", f"CASE WHEN i < {WAITING - 5000} THEN 'p1' END", ALL),
    "nobody took anything": ("i % 3", "NULL", ALL),
    "mine is the least urgent": (
        "CASE WHEN i % 2000 = 0 THEN 2 ELSE 0 END",
        "CASE WHEN i % 2000 = 0 THEN 'p0' END",
        ALL,
    ),
    "all are mine but the last": ("i % 3", f"CASE WHEN i < {WAITING - 10} THEN 'p0' END", ALL),
    "most are answered": ("i % 3", "CASE WHEN i % 2 = 0 THEN 'p0' END", "i % 20 = 0"),
}


def filled(house: House, spread: str, stored: int = WAITING) -> Requester:
    """Somebody of an organisation in whose queue that many messages lie."""
    town = builders.town(house)
    case_id, thread = new_id(), new_id()
    rank, person, waits = SPREADS[spread]
    with house.store.writing() as unit:
        for number in range(3):
            unit.participants.add_person(
                Person(PersonId(f"p{number}"), town.ngo.id, f"p{number}", f"Имя {number}", "!", frozenset({"curator"}))
            )
        connection = unit.log._connection  # type: ignore[attr-defined]
        connection.execute(insert(t.cases).values(id=case_id, holder_id=town.centre.id, opened_at=builders.NOW))
        connection.execute(insert(t.threads).values(id=thread, opened_at=builders.NOW))
        given = {"last": stored - 1, "recipient": town.ngo.id, "case_id": case_id}
        connection.execute(text(MESSAGES), {**given, "thread": thread, "sender": town.centre.id, "held": False})
        items = ITEMS.replace("RANK", rank).replace("PERSON", person).replace("OPEN", waits)
        connection.execute(text(items), given)
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        connection.execute(text("ANALYZE"))
        connection.commit()
    return Requester(town.ngo.id, "person:p0", frozenset({"curator"}))


def said(house: House, requester: Requester, view: str, after: MessageId | None) -> list[tuple[str, Any]]:
    """The statements of a page with what they were given."""
    found: list[tuple[str, Any]] = []

    def listen(_c: object, _u: object, words: str, given: Any, *_: object) -> None:
        found.append((words, given))

    engine = house.store.engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", listen)
    try:
        read_view(house, requester, view, builders.NOW, after, PAGE)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return [(words, given) for words, given in found if words.startswith(("SELECT", "WITH"))]


def touched(plan: dict[str, Any]) -> int:
    """Rows that the leaves of a plan read, those among them that a filter threw away."""
    parts = plan.get("Plans", ())
    if parts:
        return sum(touched(part) for part in parts)
    lost = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    return int((plan["Actual Rows"] + lost) * plan["Actual Loops"])


def cost(house: House, requester: Requester, view: str, after: MessageId | None) -> tuple[int, ...]:
    """Of each statement of a page."""
    statements = said(house, requester, view, after)
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        raw = connection.connection
        work = rows_of if connection.dialect.name == "postgresql" else steps_of
        return tuple(work(raw, words, given) for words, given in statements)


def rows_of(raw: Any, words: str, given: Any) -> int:
    (plans,) = raw.cursor().execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {words}", given).fetchone()
    return touched((json.loads(plans) if isinstance(plans, str) else plans)[0]["Plan"])


def steps_of(raw: Any, words: str, given: Any) -> int:
    ticks = [0]

    def tick() -> int:
        ticks[0] += 1
        return 0

    raw.driver_connection.set_progress_handler(tick, 100)
    try:
        raw.cursor().execute(words, given).fetchall()
    finally:
        raw.driver_connection.set_progress_handler(None, 0)
    return ticks[0] * 100


KEPT = {
    "mine": ("open AND person_id = 'p0'", "rank, due_at, message_id"),
    "free": ("open AND person_id IS NULL", "rank, due_at, message_id"),
    "all": ("open", "rank, due_at, message_id"),
    "overdue": (f"open AND due_at <= '{builders.NOW:%Y-%m-%dT%H}'", "rank, due_at, message_id"),
    "done": ("NOT open", "since DESC, message_id DESC"),
}


def middle(house: House, view: str) -> MessageId | None:
    """A message far behind in a view."""
    which, order = KEPT[view]
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        count = connection.execute(text(f"SELECT COUNT(*) FROM queue_items WHERE {which}")).scalar_one()
        found = f"SELECT message_id FROM queue_items WHERE {which} ORDER BY {order} LIMIT 1 OFFSET {count // 2}"
        return connection.execute(text(found)).scalar()


@pytest.mark.parametrize("spread", SPREADS)
def test_a_page_touches_no_more_than_it_shows(house: House, spread: str) -> None:
    requester = filled(house, spread)
    most = TOUCHED if house.store.engine.dialect.name == "postgresql" else STEPS  # type: ignore[attr-defined]
    costs: dict[str, tuple[int, ...]] = {}
    for view in VIEWS:
        rows = read_view(house, requester, view, builders.NOW, limit=PAGE).rows
        costs[view] = cost(house, requester, view, None)
        if rows:
            costs[f"{view}, next"] = cost(house, requester, view, rows[-1].message.id)
            costs[f"{view}, far"] = cost(house, requester, view, middle(house, view))
    assert all(len(found) == len(most) for found in costs.values()), "three statements"
    over = [view for view, found in costs.items() if any(one > least for one, least in zip(found, most, strict=True))]
    assert not over, costs


@pytest.mark.parametrize("spread", SPREADS)
def test_pages_together_are_the_view(house: House, spread: str) -> None:
    """Each message once and in its order, where many have the same term."""
    requester = filled(house, spread, 400)
    for view in VIEWS:
        which, order = KEPT[view]
        with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
            asked = text(f"SELECT message_id FROM queue_items WHERE {which} ORDER BY {order}")
            expected = list(connection.execute(asked).scalars())
        shown: list[str] = []
        while rows := read_view(house, requester, view, builders.NOW, MessageId(shown[-1]) if shown else None, 30).rows:
            shown += [row.message.id for row in rows]
        assert shown == expected, view
