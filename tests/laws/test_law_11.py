"""Law 11: rules are data."""

import pytest

from tests.laws import law_11_rules_are_data as law

pytestmark = pytest.mark.law(11)


@pytest.mark.parametrize("check", law.STORELESS)
def test_without_a_store(check):
    check()


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_the_embedded_store(check, sqlite_world):
    check(sqlite_world)
