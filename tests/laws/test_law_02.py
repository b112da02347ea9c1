"""Law 2: no entry, no answer."""

import pytest

from tests.laws import law_02_no_entry_no_answer as law

pytestmark = pytest.mark.law(2)


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_each_store(check, world):
    check(world)
