"""The table of what is tried names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_test_that_the_table_names_is_there():
    named = set(re.findall(r"`((?:test|check)_\w+)`", (TESTS / "adapters" / "TABLES.md").read_text("utf-8")))
    assert len(named) > 40
    defined = set()
    for path in TESTS.rglob("*.py"):
        defined |= set(re.findall(r"^def ((?:test|check)_\w+)", path.read_text("utf-8"), re.MULTILINE))
    assert named - defined == set()


def test_an_inn_is_restored_by_its_check_digit_alone():
    from adapters.tables.cells import CellFault
    from adapters.tables.values import KINDS, Reading
    from schemas.identifiers import is_inn

    inn = next(f"01{n:08d}" for n in range(1000) if is_inn(f"01{n:08d}"))
    reading = Reading(None, "")  # type: ignore[arg-type]
    assert KINDS["inn"](inn[1:], reading).value == inn
    assert KINDS["inn"](inn[1:], reading).notes == ("inn_zero_restored",)
    for wrong, code in ((inn[1:-1] + str((int(inn[-1]) + 1) % 10), "inn_zero_not_restored"), ("123", "inn_malformed")):
        try:
            KINDS["inn"](wrong, reading)
        except CellFault as fault:
            assert fault.code == code
        else:
            raise AssertionError(wrong)
