"""Law 9: acknowledged is kept."""

import pytest

from tests.laws import law_09_acknowledged_is_kept as law

pytestmark = pytest.mark.law(9)


@pytest.mark.parametrize("check", law.EMBEDDED)
def test_on_the_embedded_store(check, sqlite_world):
    check(sqlite_world)


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_each_store(check, world):
    check(world)
