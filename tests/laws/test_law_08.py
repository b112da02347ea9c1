"""Law 8: no personal data in logs, errors, metrics, traces, URLs or file names."""

import pytest

from tests.laws import law_08_no_personal_data_outside as law

pytestmark = pytest.mark.law(8)


@pytest.mark.parametrize("check", law.CHECKS)
def test_on_each_store(check, world):
    check(world)
