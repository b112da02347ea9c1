"""Law 5: a null never means two things."""

import pytest

from tests.laws import law_05_null_means_one_thing as law

pytestmark = pytest.mark.law(5)


@pytest.mark.parametrize("check", law.TWINS)
def test_two_installations(check, make_sqlite_world):
    check(make_sqlite_world(), make_sqlite_world())


@pytest.mark.parametrize("check", law.STORELESS)
def test_the_pack(check):
    check(None)


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_the_embedded_store(check, sqlite_world):
    check(sqlite_world)
