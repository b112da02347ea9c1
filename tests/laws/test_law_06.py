"""Law 6: existence is private."""

import pytest

from tests.laws import law_06_existence_is_private as law

pytestmark = pytest.mark.law(6)


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_each_store(check, world):
    check(world)


@pytest.mark.parametrize("check", law.TWINS)
def test_two_installations(check, make_sqlite_world):
    check(make_sqlite_world(), make_sqlite_world())
