"""A partial date is a month or a day that the calendar has; anything else is refused where it enters."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.sections import PartialDate

PARTIAL: TypeAdapter[str] = TypeAdapter(PartialDate)


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2999, 12, 31)))
def test_every_day_and_its_month_are_taken(day: date):
    for text in (day.isoformat(), day.isoformat()[:7]):
        assert PARTIAL.validate_python(text) == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2026-02-29", "date_impossible"),
        ("2025-06-31", "date_impossible"),
        ("1900-02-29", "date_impossible"),
        ("0000-01", "string_pattern_mismatch"),
        ("0026-01-01", "string_pattern_mismatch"),
        ("2026-13", "string_pattern_mismatch"),
        ("2026", "string_pattern_mismatch"),
        ("2026-01-1", "string_pattern_mismatch"),
        ("2026-01-01T00:00", "string_pattern_mismatch"),
        ("", "string_pattern_mismatch"),
    ],
)
def test_what_the_calendar_does_not_have_is_refused(text: str, rule: str):
    with pytest.raises(ValidationError) as refused:
        PARTIAL.validate_python(text)
    assert [fault["type"] for fault in refused.value.errors()] == [rule]
