"""Terms: tables of dates counted by hand, and sentences that hold for every event.

The years 2024 to 2027 are in the calendar as the government decreed them. Of 2026: Monday 12 January is the first working
day, Monday 23 February, Monday 9 March, Friday 1 May, Monday 11 May and Friday 12 June are days off, 31 December too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import get_args
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.calendar import Calendar
from policies.tables import TimerRow
from policies.terms import Term, Unit, due_at, last_day, overdue
from schemas.errors import Broken

RU = Calendar("RU")
EU = Calendar("EU")
MOSCOW = ZoneInfo("Europe/Moscow")
KALININGRAD = ZoneInfo("Europe/Kaliningrad")
VLADIVOSTOK = ZoneInfo("Asia/Vladivostok")
ZONES = (MOSCOW, KALININGRAD, VLADIVOSTOK, ZoneInfo("Asia/Kamchatka"), ZoneInfo("Europe/Berlin"))
MONTH_AND_A_HALF = Term(1, "month", days=15)


def day(text):
    return date.fromisoformat(text)


def instant(text):
    return datetime.fromisoformat(text).astimezone(UTC)


# --- working days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "working"),
    [
        # Saturdays made working days, and what was given for them
        ("2024-04-27", True), ("2024-04-29", False), ("2024-04-30", False), ("2024-05-02", True),
        ("2024-05-09", False), ("2024-05-10", False),
        ("2024-11-02", True), ("2024-11-04", False),
        ("2024-12-28", True), ("2024-12-29", False), ("2024-12-30", False), ("2024-12-31", False),
        ("2025-05-01", False), ("2025-05-02", False), ("2025-05-05", True), ("2025-05-08", False),
        ("2025-06-12", False), ("2025-06-13", False), ("2025-11-01", True), ("2025-11-03", False),
        ("2025-12-30", True), ("2025-12-31", False),
        # usual weekends beside them
        ("2024-04-20", False), ("2025-11-02", False), ("2026-01-10", False), ("2026-01-11", False),
        # 2026
        ("2026-01-01", False), ("2026-01-07", False), ("2026-01-08", False), ("2026-01-09", False),
        ("2026-01-12", True), ("2026-02-20", True), ("2026-02-23", False), ("2026-03-09", False),
        ("2026-03-10", True), ("2026-05-01", False), ("2026-05-11", False), ("2026-05-12", True),
        ("2026-06-12", False), ("2026-11-04", False), ("2026-12-30", True), ("2026-12-31", False),
        # 2028 has no decree yet; what the law itself says stands
        ("2028-01-06", False), ("2028-02-29", True),
    ],
)  # fmt: skip
def test_the_production_calendar(text, working):
    assert RU.is_working(day(text)) is working


@pytest.mark.parametrize(("year", "count"), [(2024, 248), (2025, 247), (2026, 247)])
def test_working_days_of_a_year_as_the_ministry_counts_them(year, count):
    assert RU.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize(
    ("event", "count", "last"),
    [
        ("2026-03-02", 1, "2026-03-03"),
        ("2026-03-06", 1, "2026-03-10"),  # Friday; 8 March is a Sunday, so the Monday is off
        ("2026-03-07", 1, "2026-03-10"),  # an event on a Saturday
        ("2026-02-20", 5, "2026-03-02"),  # over Monday 23 February
        ("2025-12-29", 1, "2025-12-30"),
        ("2025-12-29", 2, "2026-01-12"),
        ("2025-12-29", 10, "2026-01-22"),  # 30; then 12-16, 19-22
        ("2025-12-31", 1, "2026-01-12"),
        ("2026-01-05", 1, "2026-01-12"),
        ("2026-04-30", 3, "2026-05-06"),
        ("2026-04-30", 7, "2026-05-13"),  # 4-8, 12, 13
        ("2026-05-08", 1, "2026-05-12"),
        ("2026-12-30", 1, "2027-01-11"),
        ("2024-04-26", 1, "2024-04-27"),  # a working Saturday
        ("2024-04-26", 2, "2024-05-02"),
        ("2024-04-26", 7, "2024-05-13"),  # 27; 2, 3, 6, 7, 8, 13
        ("2024-11-01", 1, "2024-11-02"),
        ("2024-11-01", 2, "2024-11-05"),
        ("2024-12-27", 1, "2024-12-28"),
        ("2024-12-27", 2, "2025-01-09"),
        ("2025-04-30", 1, "2025-05-05"),
        ("2025-04-30", 4, "2025-05-12"),  # 5-7, then 12
        ("2025-06-11", 1, "2025-06-16"),
        ("2025-10-31", 2, "2025-11-05"),  # the working Saturday, then Wednesday
        ("2026-03-07", 0, "2026-03-07"),
    ],
)
def test_working_days_after_an_event(event, count, last):
    assert RU.add_working_days(day(event), count) == day(last)
    assert last_day(day(event), Term(count, "working_day"), RU) == day(last)


@pytest.mark.parametrize(
    ("after", "through", "count"),
    [
        ("2026-03-06", "2026-03-06", 0),
        ("2026-03-06", "2026-03-09", 0),
        ("2026-03-06", "2026-03-10", 1),
        ("2026-03-10", "2026-03-06", -1),
        ("2025-12-30", "2026-01-12", 1),
        ("2024-12-31", "2026-12-31", 494),
    ],
)
def test_working_days_between(after, through, count):
    assert RU.working_days_between(day(after), day(through)) == count


def test_a_jurisdiction_that_is_no_country_has_weekends_only():
    assert [EU.is_working(day(f"2026-01-0{number}")) for number in range(1, 8)] == [
        True, True, False, False, True, True, True,
    ]  # fmt: skip
    assert EU.add_working_days(day("2025-12-31"), 10) == day("2026-01-14")
    assert not EU.overridden({day("2026-01-01"): False}).is_working(day("2026-01-01"))


@pytest.mark.parametrize("jurisdiction", ["", "ru", "XX", "Russia", "utils"])
def test_a_jurisdiction_without_a_calendar_is_refused(jurisdiction):
    with pytest.raises(Broken) as caught:
        Calendar(jurisdiction)
    assert (caught.value.code, caught.value.params) == ("calendar_unknown", {"jurisdiction": jurisdiction})
    assert caught.value.message("ru")
    assert caught.value.remedy("en")


def test_what_is_said_last_of_a_day_counts():
    pack = Calendar("RU", {day("2026-03-09"): True, day("2026-03-10"): False})
    operator = pack.overridden({day("2026-03-10"): True, day("2026-03-14"): True})
    for calendar, days in (
        (RU, ["10", "11", "12", "13", "16"]),
        (pack, ["09", "11", "12", "13", "16"]),
        (operator, ["09", "10", "11", "12", "13", "14"]),
    ):
        expected = [day(f"2026-03-{number}") for number in days]
        assert [calendar.add_working_days(day("2026-03-06"), n + 1) for n in range(len(days))] == expected
    assert RU.add_working_days(day("2026-03-06"), 1) == day("2026-03-10"), "the calendar it came from is as it was"


def test_a_calendar_is_a_value():
    said = {day("2026-03-09"): True}
    calendar = Calendar("RU", said)
    said[day("2026-03-10")] = False
    assert calendar == Calendar("RU", {day("2026-03-09"): True})
    assert calendar != RU
    assert len({calendar, Calendar("RU", {day("2026-03-09"): True})}) == 1
    with pytest.raises(TypeError):
        calendar.overrides[day("2026-03-10")] = False


# --- days, months, years ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "term", "last"),
    [
        ("2026-03-02", Term(1, "day"), "2026-03-03"),
        ("2026-02-27", Term(3, "day"), "2026-03-02"),
        ("2028-02-27", Term(3, "day"), "2028-03-01"),
        ("2026-12-02", Term(30, "day"), "2027-01-01"),
        ("2026-01-15", Term(1, "month"), "2026-02-15"),
        ("2026-01-31", Term(1, "month"), "2026-02-28"),
        ("2028-01-31", Term(1, "month"), "2028-02-29"),
        ("2026-01-28", Term(1, "month"), "2026-02-28"),
        ("2026-02-28", Term(1, "month"), "2026-03-28"),
        ("2026-08-31", Term(6, "month"), "2027-02-28"),
        ("2027-08-31", Term(6, "month"), "2028-02-29"),
        ("2026-12-31", Term(1, "month"), "2027-01-31"),
        ("2026-11-30", Term(3, "month"), "2027-02-28"),
        ("2026-03-10", Term(36, "month"), "2029-03-10"),
        ("2025-01-31", MONTH_AND_A_HALF, "2025-03-15"),
        ("2028-01-31", MONTH_AND_A_HALF, "2028-03-15"),
        ("2026-04-01", MONTH_AND_A_HALF, "2026-05-16"),
        ("2028-02-29", Term(1, "year"), "2029-02-28"),
        ("2028-02-29", Term(4, "year"), "2032-02-29"),
        ("2027-02-28", Term(1, "year"), "2028-02-28"),
        ("2026-12-31", Term(3, "year"), "2029-12-31"),
        ("2026-03-02", Term(0, "day"), "2026-03-02"),
    ],
)
def test_calendar_terms_after_an_event(event, term, last):
    assert last_day(day(event), term, RU) == day(last)


@pytest.mark.parametrize(
    ("event", "term", "stays", "moved"),
    [
        ("2026-04-09", Term(1, "month"), "2026-05-09", "2026-05-12"),  # Saturday; Monday is off too
        ("2026-04-08", Term(1, "month"), "2026-05-08", "2026-05-08"),
        ("2025-12-02", Term(30, "day"), "2026-01-01", "2026-01-12"),
        ("2024-03-27", Term(1, "month"), "2024-04-27", "2024-04-27"),  # a working Saturday
        ("2025-03-08", Term(1, "year"), "2026-03-08", "2026-03-10"),
    ],
)
def test_a_last_day_off_stays_unless_asked(event, term, stays, moved):
    assert last_day(day(event), term, RU) == day(stays)
    assert last_day(day(event), term, RU, to_working_day=True) == day(moved)
    midnight = datetime.combine(day(moved) + timedelta(1), time.min, tzinfo=MOSCOW)
    assert due_at(instant(f"{event}T12:00+03:00"), term, MOSCOW, RU, to_working_day=True) == midnight


# --- instants --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "term", "zone", "due"),
    [
        # 23:30 in Kaliningrad is already the next day in Moscow and in Vladivostok
        ("2026-03-02T23:30+02:00", Term(1, "day"), KALININGRAD, "2026-03-03T22:00+00:00"),
        ("2026-03-02T23:30+02:00", Term(1, "day"), MOSCOW, "2026-03-04T21:00+00:00"),
        ("2026-03-02T23:30+02:00", Term(1, "day"), VLADIVOSTOK, "2026-03-04T14:00+00:00"),
        # 23:30 in Moscow is the same day in UTC; half past midnight there is the day before in UTC
        ("2026-03-02T23:30+03:00", Term(1, "working_day"), MOSCOW, "2026-03-03T21:00+00:00"),
        ("2026-03-03T00:30+03:00", Term(1, "working_day"), MOSCOW, "2026-03-04T21:00+00:00"),
        # in Vladivostok everything before ten in the morning is the day before in UTC
        ("2026-03-06T09:59+10:00", Term(1, "working_day"), VLADIVOSTOK, "2026-03-10T14:00+00:00"),
        ("2026-03-05T23:30+10:00", Term(1, "working_day"), VLADIVOSTOK, "2026-03-06T14:00+00:00"),
        # on the last working day of a year, at midnight by Moscow
        ("2025-12-30T23:59:59+03:00", Term(1, "working_day"), MOSCOW, "2026-01-12T21:00+00:00"),
        ("2025-12-29T23:59:59+03:00", Term(1, "working_day"), MOSCOW, "2025-12-30T21:00+00:00"),
        ("2025-12-30T00:00+03:00", Term(1, "working_day"), MOSCOW, "2026-01-12T21:00+00:00"),
        # the last day of a month here is the first of the next there
        ("2026-01-31T21:30+00:00", Term(1, "month"), MOSCOW, "2026-03-01T21:00+00:00"),
        ("2026-01-31T20:30+00:00", Term(1, "month"), MOSCOW, "2026-02-28T21:00+00:00"),
        ("2028-02-29T12:00+03:00", Term(1, "year"), MOSCOW, "2029-02-28T21:00+00:00"),
        # hours know no days and no zones, nor that clocks in Berlin went forward in between
        ("2026-01-01T00:00:00.000001+03:00", Term(24, "hour"), VLADIVOSTOK, "2026-01-01T21:00:00.000001+00:00"),
        ("2026-03-28T12:00+01:00", Term(24, "hour"), ZoneInfo("Europe/Berlin"), "2026-03-29T11:00+00:00"),
        ("2026-03-28T12:00+01:00", Term(1, "day"), ZoneInfo("Europe/Berlin"), "2026-03-29T22:00+00:00"),
        # clocks in Beirut skip midnight: the day begins at one
        ("2026-03-27T12:00+02:00", Term(1, "day"), ZoneInfo("Asia/Beirut"), "2026-03-28T22:00+00:00"),
    ],
)  # fmt: skip
def test_due_instants(start, term, zone, due):
    found = due_at(datetime.fromisoformat(start), term, zone, RU)
    assert found == instant(due)
    assert found.tzinfo is UTC


def test_a_term_ends_at_midnight_and_not_after():
    due = due_at(instant("2026-03-02T12:00+03:00"), Term(1, "day"), MOSCOW, RU)
    assert not overdue(due, instant("2026-03-03T23:59:59.999999+03:00"))
    assert overdue(due, instant("2026-03-04T00:00+03:00"))


def test_a_local_instant_counts_hours_by_the_clock_of_the_world():
    """Adding hours to a local datetime would add them to what the wall shows."""
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 28, 12, tzinfo=berlin)
    assert due_at(start, Term(24, "hour"), berlin, EU) - start.astimezone(UTC) == timedelta(hours=24)


# --- how a term is written -------------------------------------------------------------------------------------------


def test_units_are_those_of_a_pack():
    assert set(get_args(Unit)) == set(get_args(TimerRow.model_fields["unit"].annotation))


def test_every_timer_of_the_pack_has_a_term(pack):
    start = instant("2026-03-02T12:00+03:00")
    for row in pack.tables.timers.values():
        assert due_at(start, Term.from_row(row), pack.zone, RU) > start
        if row.extension:
            assert Term.from_row(row, extended=True) == Term(row.amount + row.extension, row.unit)
    assert Term.from_row(pack.tables.timers["D-03"]) == Term(10, "working_day")
    assert Term.from_row(pack.tables.timers["D-03"], extended=True) == Term(15, "working_day")
    with pytest.raises(ValueError, match="no extension"):
        Term.from_row(pack.tables.timers["D-01"], extended=True)


@pytest.mark.parametrize(
    ("amount", "unit", "term"),
    [
        (3, "month", Term(3, "month")),
        (Decimal("1.5"), "month", Term(1, "month", days=15)),
        (Decimal("0.5"), "month", Term(0, "month", days=15)),
        (Decimal("0.5"), "year", Term(6, "month")),
        (Decimal("1.50"), "year", Term(18, "month")),
        (Decimal("10.0"), "working_day", Term(10, "working_day")),
    ],
)
def test_halves_of_months_and_years(amount, unit, term):
    assert Term.from_amount(amount, unit) == term


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Term.from_amount(Decimal("1.5"), "day"),
        lambda: Term.from_amount(Decimal("0.5"), "hour"),
        lambda: Term.from_amount(Decimal("1.25"), "month"),
        lambda: Term.from_amount(Decimal("-0.5"), "month"),
        lambda: Term(-1, "day"),
        lambda: Term(1, "working_day", days=1),
        lambda: Term(1, "month", days=-1),
        lambda: last_day(date(2026, 3, 2), Term(1, "hour"), RU),
        lambda: due_at(datetime(2026, 3, 2), Term(1, "day"), MOSCOW, RU),  # noqa: DTZ001  that is the mistake
        lambda: RU.add_working_days(date(2026, 3, 2), -1),
    ],
)
def test_what_is_no_term_is_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        wrong()


# --- for all events --------------------------------------------------------------------------------------------------

days = st.dates(date(2023, 6, 1), date(2029, 12, 31))
instants = st.datetimes(datetime(2023, 6, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  bounds are naive
zones = st.sampled_from(ZONES)
overrides = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans(), max_size=8)
calendars = st.sampled_from([RU, EU]) | overrides.map(RU.overridden)
day_terms = st.one_of(
    st.builds(Term, st.integers(0, 400), st.just("day")),
    st.builds(Term, st.integers(0, 60), st.just("working_day")),
    st.builds(Term, st.integers(0, 40), st.just("month"), st.sampled_from([0, 15])),
    st.builds(Term, st.integers(0, 5), st.just("year")),
)
terms = day_terms | st.builds(Term, st.integers(0, 1000), st.just("hour"))


@given(instants, instants, terms, zones, calendars, st.booleans())
def test_what_begins_later_does_not_end_earlier(one, other, term, zone, calendar, to_working_day):
    first, later = (
        due_at(start, term, zone, calendar, to_working_day=to_working_day) for start in sorted([one, other])
    )
    assert first <= later


@given(instants, day_terms, zones, calendars)
def test_a_term_in_days_ends_at_local_midnight(start, term, zone, calendar):
    due = due_at(start, term, zone, calendar)
    assert due.tzinfo is UTC
    assert due > start
    local = due.astimezone(zone)
    assert local.time() == time.min
    assert local.date() == last_day(start.astimezone(zone).date(), term, calendar) + timedelta(1)


@given(instants, st.integers(0, 10_000), zones)
def test_hours_are_exact(start, hours, zone):
    due = due_at(start.astimezone(zone), Term(hours, "hour"), zone, RU)
    assert due - start == timedelta(hours=hours)


@given(days, st.integers(1, 60), overrides)
def test_the_nth_working_day_is_the_nth_that_a_loop_meets(event, count, said):
    calendar, library = Calendar("RU", said), holidays.country_holidays("RU")
    met, found = event, 0
    while found < count:
        met += timedelta(1)
        found += said.get(met, library.is_working_day(met))
    assert calendar.add_working_days(event, count) == met
    assert calendar.is_working(met)
    assert calendar.working_days_between(event, met) == count
    assert calendar.working_days_between(met, event) == -count


@given(days, days, days, calendars)
def test_working_days_add_up(one, other, third, calendar):
    parts = calendar.working_days_between(one, other) + calendar.working_days_between(other, third)
    assert parts == calendar.working_days_between(one, third)


@given(
    st.dates(date(2025, 11, 1), date(2026, 12, 1)), st.integers(1, 40), st.dates(date(2026, 1, 1), date(2026, 12, 31))
)
def test_an_override_moves_only_the_terms_that_run_over_its_day(event, count, turned):
    """A day off pushes them to the next working day, a working day pulls them back by one; all others stay."""
    before = RU.add_working_days(event, count)
    after = RU.overridden({turned: not RU.is_working(turned)}).add_working_days(event, count)
    if not event < turned <= before:
        assert after == before
    elif RU.is_working(turned):
        assert after == RU.add_working_days(before, 1)
    else:
        assert after == max(RU.add_working_days(event, count - 1), turned)


@given(instants, terms, zones, overrides)
def test_overrides_do_not_touch_calendar_terms(start, term, zone, said):
    if term.unit != "working_day":
        assert due_at(start, term, zone, RU) == due_at(start, term, zone, RU.overridden(said))
