"""Opening hours: weekdays, breaks, nights, exceptions, zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.opening_hours import OpeningHours
from tests.directory_strategies import opening_hours

MOSCOW = ZoneInfo("Europe/Moscow")


def span(text: str) -> dict[str, str]:
    opens, closes = text.split("-")
    return {"opens": opens, "closes": closes}


def hours(week: dict[int, list[str]], exceptions: list[dict[str, Any]] | None = None, **more: str) -> OpeningHours:
    days = [{"weekday": day, "spans": [span(text) for text in spans]} for day, spans in week.items()]
    return OpeningHours.model_validate({"days": days, "exceptions": exceptions or [], **more})


OFFICE = hours(
    {1: ["09:00-13:00", "14:00-18:00"], 5: ["22:00-06:00"], 7: ["00:00-00:00"]},
    [
        {"from_on": "2026-03-09", "to_on": "2026-03-09"},
        {"from_on": "2026-03-20", "to_on": "2026-03-21", "spans": [span("10:00-11:00")]},
    ],
)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-02 08:59", False),  # Monday
        ("2026-03-02 09:00", True),
        ("2026-03-02 12:59", True),
        ("2026-03-02 13:00", False),  # the break
        ("2026-03-02 14:00", True),
        ("2026-03-02 18:00", False),
        ("2026-03-06 21:59", False),  # Friday
        ("2026-03-06 23:00", True),
        ("2026-03-07 05:59", True),  # the night of Friday
        ("2026-03-07 06:00", False),
        ("2026-03-08 00:00", True),  # a whole Sunday
        ("2026-03-08 23:59", True),
        ("2026-03-09 10:00", False),  # a Monday that is an exception
        ("2026-03-20 10:30", True),
        ("2026-03-20 23:00", False),  # a Friday that is an exception has no night
        ("2026-03-21 03:00", False),
    ],
)
def test_open_at(at: str, is_open: bool) -> None:
    assert OFFICE.is_open(datetime.fromisoformat(at).replace(tzinfo=MOSCOW)) is is_open


def test_hours_are_those_of_the_place() -> None:
    there = hours({1: ["09:00-18:00"]}, zone="Asia/Kamchatka")
    assert there.is_open(datetime(2026, 3, 1, 21, 30, tzinfo=UTC))  # Monday 09:30 on Kamchatka
    assert not there.is_open(datetime(2026, 3, 2, 9, 30, tzinfo=MOSCOW))


def test_next_opening_passes_over_exceptions() -> None:
    assert OFFICE.opens_next(datetime(2026, 3, 8, 12, tzinfo=MOSCOW)) == datetime(2026, 3, 13, 22, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    "broken",
    [
        {"days": [{"weekday": 1, "spans": [span("09:00-13:00"), span("12:00-18:00")]}]},
        {"days": [{"weekday": 1, "spans": []}]},
        {"days": [{"weekday": 8, "spans": [span("09:00-13:00")]}]},
        {"days": [{"weekday": 2, "spans": [span("09:00-13:00")]}, {"weekday": 1, "spans": [span("09:00-13:00")]}]},
        {"days": [{"weekday": 1, "spans": [span("09:00-13:00")]}], "zone": "Europe/Nowhere"},
        {"exceptions": [{"from_on": "2026-03-09", "to_on": "2026-03-08"}]},
        {
            "exceptions": [
                {"from_on": "2026-03-09", "to_on": "2026-03-10"},
                {"from_on": "2026-03-10", "to_on": "2026-03-11"},
            ]
        },
        {"days": [{"weekday": 1, "spans": [{"opens": "09:00:30", "closes": "10:00"}]}]},
        {},
    ],
)
def test_hours_that_contradict_themselves_are_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OpeningHours.model_validate(broken)


@given(opening_hours, st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001  bounds are naive
def test_when_it_opens_next_it_is_open_then(given_hours: OpeningHours, naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC)
    opens = given_hours.opens_next(at)
    if opens is not None:
        assert opens > at
        assert given_hours.is_open(opens.astimezone(UTC) + timedelta(seconds=1))
