"""Law 10: time is an argument."""

import pytest

from tests.laws import law_10_time_is_an_argument as law

pytestmark = pytest.mark.law(10)


@pytest.mark.parametrize("check", law.STORELESS)
def test_without_a_store(check):
    check()


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_the_embedded_store(check, sqlite_world):
    check(sqlite_world)
