"""A fresh copy of the furnished world for each test, on each store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from gateway.settings import Settings
from tests.builders import Town
from tests.laws.world import Family, World, copied, furnish, open_world

MakeWorld = Callable[[], World]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Town, Family]:
    home = tmp_path_factory.mktemp("laws") / "home"
    return home, *furnish(Settings(home=home))


@pytest.fixture(scope="session")
def postgresql_template(
    postgresql_url: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Town, Family, str, str]:
    if (
        "TEST_DATABASE_URL" not in os.environ
    ):  # a server of our own, thrown away at the end: copies need not reach the disk
        for setting in ("fsync", "full_page_writes"):
            _say(postgresql_url, f"ALTER SYSTEM SET {setting} = off")
        _say(postgresql_url, "SELECT pg_reload_conf()")
    home = tmp_path_factory.mktemp("laws_pg") / "home"
    names = _create(postgresql_url), _create(postgresql_url)
    made = furnish(_settings(home, postgresql_url, names))
    return home, *made, *names


@pytest.fixture
def make_sqlite_world(sqlite_template: tuple[Path, Town, Family], tmp_path: Path) -> Iterator[MakeWorld]:
    """Worlds over SQLite: each call is one more copy."""
    home, town, family = sqlite_template
    opened: list[World] = []

    def make() -> World:
        target = tmp_path / f"home{len(opened)}"
        copied(home, target)
        opened.append(open_world(Settings(home=target), town, family))
        return opened[-1]

    yield make
    for world in opened:
        world.close()


@pytest.fixture
def sqlite_world(make_sqlite_world: MakeWorld) -> World:
    return make_sqlite_world()


@pytest.fixture
def postgresql_world(
    postgresql_url: str, postgresql_template: tuple[Path, Town, Family, str, str], tmp_path: Path
) -> Iterator[World]:
    home, town, family, data, keys = postgresql_template
    target = tmp_path / "home_pg"
    copied(home, target)
    names = _create(postgresql_url, data), _create(postgresql_url, keys)
    world = open_world(_settings(target, postgresql_url, names), town, family)
    yield world
    world.close()
    for name in names:
        _say(postgresql_url, f'DROP DATABASE "{name}"')


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest) -> World:
    """The world on each store."""
    found: World = request.getfixturevalue(f"{request.param}_world")
    return found


def _settings(home: Path, url: str, names: tuple[str, str]) -> Settings:
    data, keys = (_address(url, name) for name in names)
    return Settings(home=home, database_url=data, key_store_url=keys)


def _address(url: str, name: str) -> str:
    made = create_engine(url.replace("postgresql://", "postgresql+psycopg://")).url
    return made.set(database=name).render_as_string(hide_password=False).replace("postgresql+psycopg", "postgresql")


def _create(url: str, template: str = "template1") -> str:
    name = f"law{uuid4().hex[:12]}"
    _say(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _say(url: str, statement: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
