"""Law 12: erasing keeps the proof."""

import pytest

from tests.laws import law_12_erasing_keeps_the_proof as law

pytestmark = pytest.mark.law(12)


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_each_store(check, world):
    check(world)
