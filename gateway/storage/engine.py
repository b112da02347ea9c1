"""Engines for the two kinds of store, with what an acknowledgement rests on.

SQLite: WAL, `synchronous=FULL` (NORMAL loses acknowledged writes in a power cut), foreign keys on, and every writing
unit begins IMMEDIATE, so that no read-modify-write is lost. PostgreSQL: psycopg 3, READ COMMITTED plus row locks where
the order of facts and entries matters (`SqlFacts.unchanged`).

On both, the driver begins nothing by itself: a transaction begins with our own BEGIN, which says at once what kind it is. A
round to the database costs more than most statements, so there is none for asking whether a pooled connection is alive: it
is the BEGIN that finds out, before anything was done.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Engine,
    Executable,
    Row,
    Select,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, OperationalError, StatementError

from schemas.errors import BadInput, Broken, Contended, MezhvedError

DISK_FULL_STATE = "53100"
"""What PostgreSQL says when a file cannot grow."""
SHUTDOWN_STATES = frozenset({"57P01", "57P02", "57P03"})
"""What PostgreSQL says to those it cuts off: shut down by its operator, after a crash, not up again yet."""


RACE_STATES = frozenset({"40001", "40P01", "55P03", "23505"})
"""Serialization failure, deadlock, lock not available; and a unique key that somebody else took a moment ago."""
BUSY_SECONDS = 30
"""How long a writer waits for SQLite's single write lock before it gives up."""


def open_engine(url: str, pool_size: int = 8) -> Engine:
    """An engine for `url`. Raises BadInput for an address nobody can open, Broken for a folder that cannot be written."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise BadInput("store_address_invalid") from None
    if address.get_backend_name() == "sqlite":
        return _sqlite(url, address.database, pool_size)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
        return _postgresql(address, pool_size)
    raise BadInput("store_address_invalid")


def close_with(store: object, engine: Engine) -> None:
    """When nobody holds the store any longer its connections are closed; at the end of the process the system does it, and a
    forked child closes nothing that its parent uses."""
    weakref.finalize(store, engine.dispose).atexit = False


def _postgresql(address: URL, pool_size: int) -> Engine:
    engine = create_engine(address, pool_size=pool_size, max_overflow=2, isolation_level="AUTOCOMMIT")

    @event.listens_for(engine, "handle_error")
    def notice_shutdown(context: ExceptionContext) -> None:
        # The driver learns that its connection is gone only with the word after this one.
        if getattr(context.original_exception, "sqlstate", None) in SHUTDOWN_STATES:
            context.is_disconnect = True

    return engine


def translated(error: StatementError) -> MezhvedError:
    """What a failed statement means, in words of ours: somebody else was first (Contended, and nothing was written), a value
    that no store takes (BadInput), or a store that does not do its work (Broken)."""
    if not isinstance(error, DBAPIError) or is_unstorable(error):
        return BadInput("value_unstorable")
    if isinstance(error, OperationalError) and "locked" in str(error.orig):
        return Contended("store_busy")
    if getattr(error.orig, "sqlstate", None) in RACE_STATES:
        return Contended("store_busy")
    return broken(error)


def is_unstorable(error: DBAPIError) -> bool:
    """Whether the driver refused a value before it asked the store: PostgreSQL has no texts with a sign of code 0."""
    return isinstance(error, DataError) and getattr(error.orig, "sqlstate", None) is None


def broken(error: DBAPIError) -> Broken:
    """What went wrong in words of ours: the driver's text may quote values and goes no further (law 8)."""
    full = getattr(error.orig, "sqlstate", None) == DISK_FULL_STATE
    full = full or getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return Broken("store_full") if full else Broken("store_failed", cause=type(error.orig).__name__)


def _sqlite(url: str, database: str | None, pool_size: int) -> Engine:
    if database:
        folder = Path(database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (folder / ".writable").open("w"):
                pass
            (folder / ".writable").unlink()
            Path(database).touch(mode=0o600)  # SQLite gives its other files the same mode
        except OSError:
            raise Broken("folder_not_writable", folder=str(folder)) from None
    engine = create_engine(url, pool_size=pool_size, max_overflow=2, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, record: Any) -> None:  # noqa: ANN401  SQLAlchemy's own signature
        del record
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = None  # SQLAlchemy's BEGIN is replaced below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


_Given = Mapping[str, object] | None

_BEGIN: Final = {
    ("sqlite", False): text("BEGIN"),
    ("sqlite", True): text("BEGIN IMMEDIATE"),
    # A reading unit is one consistent view. A writing one stays READ COMMITTED, so that its re-check of versions sees what was
    # committed a moment ago.
    ("postgresql", False): text("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
    ("postgresql", True): text("BEGIN READ WRITE"),
}


@contextmanager
def transaction(engine: Engine, *, writing: bool) -> Iterator[Connection]:
    """A transaction: commits at the end of the block, rolls back when it raises. Raises DBAPIError."""
    connection, _ = _first(engine, _BEGIN[engine.dialect.name, writing])
    try:
        yield connection
        connection.commit()
    except BaseException:
        _take_back(connection)
        raise
    finally:
        connection.close()


def _take_back(connection: Connection) -> None:
    """Also after a commit that failed, which SQLAlchemy takes for an end: the driver's transaction may still be open, and the
    next one on this connection must not commit it."""
    try:
        connection.rollback()
        connection.connection.rollback()
    except Exception:  # noqa: BLE001  whatever it was, this connection is used no more
        connection.invalidate()


def ask(engine: Engine, statement: Select[Any], given: _Given = None) -> Sequence[Row[Any]]:
    """The rows of one question, which needs no transaction around it and so costs one round. Raises DBAPIError."""
    connection, result = _first(engine, statement, given)
    with connection:
        return result.all()


def _first(engine: Engine, statement: Executable, given: _Given = None) -> tuple[Connection, CursorResult[Any]]:
    """A connection after its first statement. One that died in the pool (a restart of the database cuts them all) is noticed
    by it, before anything was done, and another is taken in its place."""
    try:
        return _executed(engine, statement, given)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return _executed(engine, statement, given)


def _executed(engine: Engine, statement: Executable, given: _Given) -> tuple[Connection, CursorResult[Any]]:
    connection = engine.connect()
    try:
        return connection, connection.execute(statement, given)
    except BaseException:
        connection.close()
        raise
