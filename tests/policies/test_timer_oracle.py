"""The clock of terms against a count on the fingers: day by day, minute by minute, by the words of the rules alone.

A day counts if it is not the day of the event, and the clock did not stand at its end; of a term in working days, if it is one
of those as well. What is counted here knows of no shortcut, so that it errs where the other does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.calendar import Calendar
from policies.terms import Term, months_later
from policies.timers import Pause, Place, Rule, Service, reckon

RUSSIA = Calendar("RU")
REGION = RUSSIA.overridden(
    {date(2026, 12, 31): True, date(2027, 1, 11): False, date(2026, 4, 21): False, date(2028, 2, 29): False}
)
CALENDARS = st.sampled_from([RUSSIA, REGION])
ZONES = st.sampled_from([ZoneInfo(f"Europe/{z}") for z in ("Kaliningrad", "Moscow")] + [ZoneInfo("Asia/Kamchatka")])
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
# Around New Year of three years, 29 February and the moved days of spring.
STARTS = st.one_of(
    st.datetimes(datetime(2026, 12, 20), datetime(2027, 1, 15), timezones=st.just(UTC)),  # noqa: DTZ001  bounds are naive
    st.datetimes(datetime(2028, 2, 20), datetime(2028, 3, 10), timezones=st.just(UTC)),  # noqa: DTZ001
    st.datetimes(datetime(2026, 4, 10), datetime(2026, 5, 15), timezones=st.just(UTC)),  # noqa: DTZ001
)


@st.composite
def stopped(draw: st.DrawFn) -> tuple[datetime, list[Pause]]:
    """A start, and pauses around what follows; some meet midnight, touch or hold each other."""
    start = draw(STARTS)
    found = []
    for _ in range(draw(st.integers(0, 4))):
        begins = start + timedelta(hours=draw(st.integers(-30, 24 * 20)), minutes=draw(st.sampled_from([0, 0, 17])))
        if draw(st.booleans()):
            begins = begins.replace(hour=21, minute=0, second=0, microsecond=0)  # midnight in Moscow
        found.append(Pause(begins, begins + timedelta(hours=draw(st.integers(0, 24 * 15)))))
    return start, found


def stood(pauses: Sequence[Pause], at: datetime) -> bool:
    """Whether the clock stood at an instant: from its beginning on, until its end."""
    return any(pause.begins < at <= pause.ends for pause in pauses if pause.ends is not None)


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + DAY, time.min, tzinfo=zone)


def by_days(start: datetime, amount: int, zone: ZoneInfo, pauses: Sequence[Pause], calendar: Calendar | None) -> date:
    """The day with which a term of so many days (working days of a calendar) ends."""
    day = start.astimezone(zone).date()
    left = amount
    while left:
        day += DAY
        counts = calendar is None or calendar.is_working(day)
        left -= counts and not stood(pauses, midnight_after(day, zone))
    return day


@settings(max_examples=400)
@given(stopped(), st.integers(1, 15), ZONES, CALENDARS, st.booleans())
def test_days_are_counted_one_by_one(given_, amount, zone, calendar, working) -> None:  # type: ignore[no-untyped-def]
    start, pauses = given_
    term = Term(amount, "working_day" if working else "day")
    expected = by_days(start, amount, zone, pauses, calendar if working else None)
    assert reckon(Rule(term), start, Place(zone, calendar), pauses).due_at == midnight_after(expected, zone)


@settings(max_examples=300)
@given(stopped(), st.integers(1, 14), st.sampled_from([0, 15]), ZONES)
def test_months_lose_the_days_that_were_lost(given_, months, more, zone) -> None:  # type: ignore[no-untyped-def]
    start, pauses = given_
    event = start.astimezone(zone).date()
    last = months_later(event, months) + more * DAY
    lost, day = 0, event
    while day < last + lost * DAY:  # a day that is lost moves the end, and so may lose another one
        day += DAY
        lost += stood(pauses, midnight_after(day, zone))
    found = reckon(Rule(Term(months, "month", more)), start, Place(zone, RUSSIA), pauses).due_at
    assert found == midnight_after(last + lost * DAY, zone)


@settings(max_examples=60)
@given(
    stopped(),
    st.integers(1, 6),
    ZONES,
    st.sampled_from([None, Service(time(9), time(18)), Service(time(22), time(23, 30))]),
)
def test_hours_are_counted_minute_by_minute(given_, hours, zone, service) -> None:  # type: ignore[no-untyped-def]
    start, pauses = given_
    start = start.replace(second=0, microsecond=0)
    pauses = [Pause(p.begins.replace(second=0, microsecond=0), p.ends.replace(second=0, microsecond=0)) for p in pauses]
    at, left = start, hours * 60
    while left:
        local = at.astimezone(zone).time()
        open_now = service is None or service.opens <= local < service.closes
        left -= open_now and not any(p.begins <= at < p.ends for p in pauses)
        at += MINUTE
    assert reckon(Rule(Term(hours, "hour"), service=service), start, Place(zone, RUSSIA), pauses).due_at == at


@pytest.mark.parametrize(
    ("start", "length", "ends"),
    [
        ("2028-02-28", Term(1, "working_day"), "2028-02-29"),
        ("2028-02-29", Term(1, "year"), "2029-02-28"),
        ("2028-02-29", Term(4, "year"), "2032-02-29"),
        ("2027-08-31", Term(6, "month"), "2028-02-29"),
        ("2028-01-14", Term(1, "month", 15), "2028-02-29"),
        ("2028-01-31", Term(1, "month", 15), "2028-03-15"),
    ],
)
def test_the_29th_of_february(start: str, length: Term, ends: str) -> None:
    began = datetime.fromisoformat(f"{start}T12:00").replace(tzinfo=ZoneInfo("Europe/Moscow"))
    due = reckon(Rule(length), began, Place(ZoneInfo("Europe/Moscow"), RUSSIA)).due_at
    assert due == midnight_after(date.fromisoformat(ends), ZoneInfo("Europe/Moscow"))
