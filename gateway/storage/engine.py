"""Engines for the two kinds of store, with what an acknowledgement rests on.

SQLite: WAL, `synchronous=FULL` (NORMAL loses acknowledged writes in a power cut), foreign keys on, and every writing
unit begins IMMEDIATE, so that no read-modify-write is lost. PostgreSQL: psycopg 3, READ COMMITTED plus row locks where
the order of facts and entries matters (`SqlFacts.unchanged`).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError

from schemas.errors import BadInput, Broken

DISK_FULL_STATE = "53100"
"""What PostgreSQL says when a file cannot grow."""
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
        return create_engine(address, pool_size=pool_size, max_overflow=2, pool_pre_ping=True)
    raise BadInput("store_address_invalid")


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


def begin_statement(engine: Engine, *, writing: bool) -> str:
    """The first statement of a unit of work: what kind of transaction it is.

    On PostgreSQL the driver has begun it; a reading unit becomes one consistent, read-only view, a writing one stays
    READ COMMITTED, so that its re-check of versions sees what was committed a moment ago.
    """
    if engine.dialect.name == "sqlite":
        return "BEGIN IMMEDIATE" if writing else "BEGIN"
    return f"SET TRANSACTION {'READ WRITE' if writing else 'ISOLATION LEVEL REPEATABLE READ READ ONLY'}"
