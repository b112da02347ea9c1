"""Law 7: questions are gated like answers."""

import pytest

from tests.laws import law_07_questions_are_gated as law

pytestmark = pytest.mark.law(7)


@pytest.mark.parametrize("check", law.STORELESS)
def test_the_schema(check):
    check()


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_each_store(check, world):
    check(world)
