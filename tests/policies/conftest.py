"""The Russian pack and an engine over it, loaded once; both are immutable."""

from __future__ import annotations

import pytest

from policies.engine import Engine
from policies.pack import shipped_pack


@pytest.fixture(scope="session")
def pack():
    return shipped_pack("ru")


@pytest.fixture(scope="session")
def engine(pack):
    return Engine(pack)
