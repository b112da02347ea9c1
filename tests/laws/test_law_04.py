"""Law 4: decided at the moment of reading."""

import pytest

from tests.laws import law_04_decided_at_reading as law

pytestmark = pytest.mark.law(4)


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_each_store(check, world):
    check(world)
