"""Law 1: one door."""

import pytest

from tests.laws import law_01_one_door as law

pytestmark = pytest.mark.law(1)


@pytest.mark.parametrize("check", law.STORELESS)
def test_the_sources(check):
    check()


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_the_embedded_store(check, sqlite_world):
    check(sqlite_world)
