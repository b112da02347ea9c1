"""Who works and who is on duty: over midnight, on holidays, on moved Saturdays, on special days, where clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from policies.calendar import Calendar
from policies.duty import is_open, on_duty, opens_at
from schemas.duty import DutySchedule

RU = Calendar("RU")
EU = Calendar("EU")
MOSCOW = ZoneInfo("Europe/Moscow")
KAMCHATKA = ZoneInfo("Asia/Kamchatka")
BERLIN = ZoneInfo("Europe/Berlin")
CONTACTS = [{"key": key, "name": key.title()} for key in ("day", "night", "spare", "holiday")]
DUTY = DutySchedule.model_validate(
    {
        "opening": [
            {"since": "09:00", "until": "18:00", "days": ["mon", "tue", "wed", "thu"]},
            {"since": "09:00", "until": "16:45", "days": ["fri", "sat"]},  # a moved Saturday is short as well
        ],
        "contacts": CONTACTS,
        "shifts": [
            {"since": "09:00", "until": "18:00", "contacts": ["day", "spare"]},
            {"since": "18:00", "until": "09:00", "on": "any", "contacts": ["night"]},
            {"since": "09:00", "until": "18:00", "on": "day_off", "contacts": ["holiday"]},
        ],
        "exceptions": [
            {"day": "2026-03-05"},  # closed; shifts as always
            {
                "day": "2026-03-07",
                "opening": [{"since": "22:00", "until": "02:00"}],
                "shifts": [{"since": "10:00", "until": "12:00", "contacts": ["spare"]}],
            },
        ],
    }
)


@pytest.mark.parametrize(
    ("at", "works", "who"),
    [
        ("2026-03-02T08:59", False, "night"),  # a Monday
        ("2026-03-02T09:00", True, "day spare"),
        ("2026-03-02T17:59", True, "day spare"),
        ("2026-03-02T18:00", False, "night"),
        ("2026-03-03T00:00", False, "night"),  # over midnight: the shift of Monday
        ("2026-03-03T08:59", False, "night"),
        ("2026-03-06T16:44", True, "day spare"),  # Friday is shorter
        ("2026-03-06T16:45", False, "day spare"),
        ("2026-03-01T12:00", False, "holiday"),  # a Sunday
        ("2026-02-23T12:00", False, "holiday"),  # a holiday on a Monday
        ("2026-01-05T12:00", False, "holiday"),  # the long holidays of January
        ("2024-04-27T12:00", True, "day spare"),  # a Saturday that was made a working day
        ("2024-04-29T12:00", False, "holiday"),  # the Monday it was taken from
        ("2026-03-05T12:00", False, "day spare"),  # closed by exception; duty goes on
        ("2026-03-07T11:00", False, "spare"),  # a special day has its own duty
        ("2026-03-07T13:00", False, ""),
        ("2026-03-07T23:30", True, ""),  # its own hours reach into the next day
        ("2026-03-08T01:59", True, ""),
        ("2026-03-08T02:00", False, ""),  # its duty has no night
    ],
)
def test_hours_and_duty(at: str, works: bool, who: str) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=MOSCOW)
    assert is_open(DUTY, RU, MOSCOW, now) is works
    assert " ".join(contact.key for contact in on_duty(DUTY, RU, MOSCOW, now)) == who


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-03-02T08:59", "2026-03-02T09:00"),
        ("2026-03-02T09:00", "2026-03-03T09:00"),
        ("2026-03-04T19:00", "2026-03-06T09:00"),  # the fifth is closed
        ("2026-03-06T17:00", "2026-03-07T22:00"),
        ("2025-12-31T20:00", "2026-01-12T09:00"),  # over the long holidays
    ],
)
def test_when_it_opens_next(at: str, opens: str) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=MOSCOW)
    assert opens_at(DUTY, RU, MOSCOW, now) == datetime.fromisoformat(opens).replace(tzinfo=MOSCOW)


def test_hours_are_those_of_the_zone() -> None:
    """The same instant: morning in Moscow, evening on Kamchatka."""
    now = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert is_open(DUTY, RU, MOSCOW, now)
    assert not is_open(DUTY, RU, KAMCHATKA, now)


def test_a_night_in_which_clocks_change_is_covered_whole() -> None:
    duty = DutySchedule.model_validate(
        {
            "contacts": CONTACTS,
            "shifts": [
                {"since": "20:00", "until": "08:00", "on": "any", "contacts": ["night"]},
                {"since": "08:00", "until": "20:00", "on": "any", "contacts": ["day"]},
            ],
        }
    )
    for day in (date(2026, 3, 28), date(2026, 10, 24)):
        start = datetime(day.year, day.month, day.day, 20, tzinfo=BERLIN).astimezone(UTC)
        night = 12 + (-1 if day.month == 3 else 1)  # one hour is left out, or comes twice
        for minutes in range(0, night * 60, 7):
            assert [c.key for c in on_duty(duty, EU, BERLIN, start + timedelta(minutes=minutes))] == ["night"]
        assert [c.key for c in on_duty(duty, EU, BERLIN, start + timedelta(hours=night))] == ["day"]


def test_nothing_published_is_not_closed() -> None:
    now = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert is_open(DutySchedule(), RU, MOSCOW, now) is None
    assert opens_at(DutySchedule(), RU, MOSCOW, now) is None
    assert on_duty(DutySchedule(), RU, MOSCOW, now) == ()


instants = st.integers(0, 2 * 365 * 24 * 60).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=n))


@given(instants, st.sampled_from([MOSCOW, KAMCHATKA, BERLIN]))
def test_the_next_opening_is_open_and_nothing_before_it_is(now: datetime, zone: ZoneInfo) -> None:
    opens = opens_at(DUTY, RU, zone, now)
    assert opens is not None
    assert opens > now
    assert is_open(DUTY, RU, zone, opens)
    if not is_open(DUTY, RU, zone, now):
        for part in (0.3, 0.7, 0.999):
            assert not is_open(DUTY, RU, zone, now + (opens - now) * part)


@pytest.mark.parametrize(
    "wrong",
    [
        {"opening": [{"since": "9:00", "until": "18:00"}]},
        {"opening": [{"since": "24:00", "until": "18:00"}]},
        {"shifts": [{"since": "09:00", "until": "18:00", "contacts": ["nobody"]}]},
        {"shifts": [{"since": "09:00", "until": "18:00", "contacts": []}]},
        {"heads": ["nobody"]},
        {"contacts": [CONTACTS[0], CONTACTS[0]]},
        {"contacts": [{"key": "a", "name": "A", "email": "a@b.org\nBcc: all@b.org"}]},
        {"contacts": [{"key": "a", "name": "A\nB"}]},
        {"contacts": [{"key": "a", "name": "A", "phone": "звоните"}]},
        {"duty_line": [{"name": "A", "number": "+7; rm"}]},
        {"exceptions": [{"day": "2026-03-05"}, {"day": "2026-03-05"}]},
        {"digest_minutes": 1},
        {"anything": "else"},
    ],
)
def test_what_is_no_schedule_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DutySchedule.model_validate(wrong)
