"""What people type: dates, telephones, SNILS; as a table and as properties."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.form_fields import FieldReader, parse_birth, parse_day
from gateway.web.forms import Form
from schemas.catalogue import text

TODAY = date(2026, 3, 2)


def _reader(**fields: str) -> FieldReader:
    return FieldReader(Form({name: (value,) for name, value in fields.items()}), TODAY)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    assert parse_day(day.strftime("%d.%m.%Y").rjust(10, "0")) == day
    assert parse_day(f"{day.day}.{day.month}.{day.year:04d}") == day
    assert parse_day(day.isoformat()) == day
    assert parse_birth(day.isoformat()) == day.isoformat()


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_value_or_a_complaint_that_does_not_repeat_it(typed: str) -> None:
    read = _reader(birth=typed, day=typed, phone=typed)
    read.birth("birth", required="child_birth_missing")
    read.past_day("day")
    read.phones("phone")
    for key in read.errors.values():
        assert text(key)
        assert "{" not in text(key)


@pytest.mark.parametrize(
    ("typed", "value", "complaint"),
    [
        ("15.01.2017", "2017-01-15", None),
        ("5.1.2017", "2017-01-05", None),
        ("15/01/2017", "2017-01-15", None),
        ("2017-01-15", "2017-01-15", None),
        ("02.03.2026", "2026-03-02", None),
        ("05.2026", "2026-05", None),
        ("03.03.2026", None, "birth_impossible"),
        ("31.12.1899", None, "birth_impossible"),
        ("31.02.2017", None, "date_wrong"),
        ("13.2026", None, "date_wrong"),
        ("15.01.17", None, "date_wrong"),
        ("١٥.٠١.٢٠١٧", None, "date_wrong"),
        ("вчера", None, "date_wrong"),
        ("", None, "child_birth_missing"),
        ("1" * 501, None, "too_long"),
    ],
)
def test_birth_dates(typed: str, value: str | None, complaint: str | None) -> None:
    read = _reader(birth=typed)
    assert read.birth("birth", required="child_birth_missing") == value
    assert read.errors == ({"birth": f"web_referral.{complaint}"} if complaint else {})


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("+7 495 000-00-01", True),
        ("84950000001", True),
        ("495", False),
        ("+7 (495) 000-00-01, мама", True),
        ("нет", False),
    ],
)
def test_telephones(typed: str, right: bool) -> None:
    read = _reader(phone=typed)
    assert [p.number for p in read.phones("phone")] == ([typed] if right else [])
    assert bool(read.errors) is not right


def test_only_offered_codes_are_taken() -> None:
    read = _reader(kind="referral", other="drop table")
    assert read.choice("kind", ("referral", "signal")) == "referral"
    assert read.choice("other", ("referral", "signal"), required="kind_missing") is None
    assert read.errors == {"other": "web_referral.kind_missing"}
