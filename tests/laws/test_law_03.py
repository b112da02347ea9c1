"""Law 3: what is withheld is never opened."""

import pytest

from tests.laws import law_03_withheld_is_never_opened as law

pytestmark = pytest.mark.law(3)


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_each_store(check, world):
    check(world)
