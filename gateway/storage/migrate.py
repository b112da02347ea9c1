"""Migrations of the two stores: up, down, and the check that a store is of the version this program knows."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, inspect

from gateway.storage import tables as t
from gateway.storage import (
    tables_attachments,  # noqa: F401  its tables belong to the metadata
    tables_certificates,  # noqa: F401  the same
    tables_delivery,
    tables_directory,  # noqa: F401  the same
    tables_drafts,  # noqa: F401  the same
    tables_exports,  # noqa: F401  the same
    tables_imports,  # noqa: F401  the same
    tables_intake,  # noqa: F401  the same
    tables_joint,  # noqa: F401  the same
    tables_practices,  # noqa: F401  the same
    tables_queues,  # noqa: F401  the same
    tables_records,  # noqa: F401  the same
    tables_seal_keys,  # noqa: F401  the same
    tables_taken,  # noqa: F401  the same
)
from gateway.storage.engine import transaction
from schemas.errors import Broken

Which = Literal["data", "keys"]
METADATA: dict[Which, MetaData] = {"data": tables_delivery.delivery_events.metadata, "keys": t.key_metadata}


def migrate(engine: Engine, which: Which, revision: str = "head") -> None:
    """Bring a store to `revision`. Raises Broken (store_newer) for one written by a newer version."""
    with engine.connect() as connection:
        _refuse_newer(connection, which)
    with transaction(engine, writing=True) as connection:  # all of it, or nothing: on SQLite too
        if revision == "base" or revision.startswith("-"):
            command.downgrade(_config(which, connection), revision)
        else:
            command.upgrade(_config(which, connection), revision)


def revisions(engine: Engine, which: Which) -> tuple[str | None, str]:
    """The revision of the store and the one this program knows."""
    script = ScriptDirectory.from_config(_config(which, None))
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, str(script.get_current_head())


def require_current(data: Engine, keys: Engine) -> None:
    """Raises Broken: store_missing (never migrated), store_older (run `mezhved migrate`), store_newer."""
    stores: tuple[tuple[Which, Engine], ...] = (("data", data), ("keys", keys))
    for which, engine in stores:
        with engine.connect() as connection:
            _refuse_newer(connection, which)
            empty = not inspect(connection).get_table_names()
        current, head = revisions(engine, which)
        if empty:
            raise Broken("store_missing", store=which)
        if current != head:
            raise Broken("store_older", store=which)


def _refuse_newer(connection: Connection, which: Which) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config(which, None))
    connection.rollback()
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise Broken("store_newer", store=which)


def _config(which: Which, connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations" / which))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = METADATA[which]
    return config
