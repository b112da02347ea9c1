"""The one clock of all terms: dates by a table, pauses, service hours, and what holds whatever the dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from policies.calendar import Calendar
from policies.terms import Term
from policies.timers import Pause, Place, Reckoned, Rule, Service, State, reckon, state

RUSSIA = Calendar("RU")
MOSCOW = Place(ZoneInfo("Europe/Moscow"), RUSSIA)
ZONES = ("Europe/Kaliningrad", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Vladivostok", "Asia/Kamchatka")


def at(text: str, zone: str = "Europe/Moscow") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def term(text: str) -> Term:
    amount, unit = text.split()
    return Term.from_amount(Decimal(amount), unit)  # type: ignore[arg-type]


def last(text: str, start: str, zone: str = "Europe/Moscow", calendar: Calendar = RUSSIA, *pauses: Pause) -> str:
    """The last day of a term, where the organisation is."""
    due = reckon(Rule(term(text)), at(start, zone), Place(ZoneInfo(zone), calendar), pauses).due_at
    local = due.astimezone(ZoneInfo(zone))
    assert local.time() == time.min, "a term in days ends at 24:00"
    return (local - timedelta(microseconds=1)).date().isoformat()


@pytest.mark.parametrize(
    ("length", "start", "ends"),
    [
        # New-Year holidays: 2025 to 8 January, 2026 to 11 January, 2027 to 10 January.
        ("1 working_day", "2024-12-28T10:00", "2025-01-09"),  # a Saturday that was worked
        ("1 working_day", "2025-12-30T10:00", "2026-01-12"),
        ("3 working_day", "2025-12-29T10:00", "2026-01-13"),
        ("1 working_day", "2026-12-30T10:00", "2027-01-11"),
        # Saturday 1 November 2025 was worked for Monday the 3rd, which was off.
        ("1 working_day", "2025-10-31T18:00", "2025-11-01"),
        ("2 working_day", "2025-10-31T18:00", "2025-11-05"),
        # A working day begins with the next one, however early or late it was.
        ("1 working_day", "2026-03-02T00:00", "2026-03-03"),
        ("1 working_day", "2026-03-02T23:59:59", "2026-03-03"),
        ("3 working_day", "2026-03-06T10:00", "2026-03-12"),  # 8 March is a Sunday: Monday the 9th is off
        # Calendar days and months; the last number of a month.
        ("14 day", "2026-02-16T10:00", "2026-03-02"),
        ("1 month", "2026-01-31T10:00", "2026-02-28"),
        ("1 month", "2028-01-31T10:00", "2028-02-29"),
        ("1 year", "2028-02-29T10:00", "2029-02-28"),
        ("3 year", "2028-02-29T10:00", "2031-02-28"),
        ("3 month", "2026-11-30T10:00", "2027-02-28"),
        ("12 month", "2026-02-28T10:00", "2027-02-28"),
        # A month and a half is a month and 15 days.
        ("1.5 month", "2026-01-15T10:00", "2026-03-02"),
        ("1.5 month", "2026-01-31T10:00", "2026-03-15"),
        ("1.5 month", "2026-07-31T10:00", "2026-09-15"),
    ],
)
def test_last_days(length: str, start: str, ends: str) -> None:
    assert last(length, start) == ends


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_is_that_of_who_must_act(zone: str) -> None:
    """The same instant is another day in Kamchatka: the term ends at 24:00 there."""
    start = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)
    due = reckon(Rule(term("1 day")), start, Place(ZoneInfo(zone), RUSSIA)).due_at
    here = start.astimezone(ZoneInfo(zone)).date()
    assert due.astimezone(ZoneInfo(zone)) == datetime.combine(here + timedelta(days=2), time.min, ZoneInfo(zone))


def test_midnight_belongs_to_the_day_that_begins() -> None:
    assert last("1 day", "2026-03-02T00:00:00") == "2026-03-03"
    assert last("1 day", "2026-03-01T23:59:59.999999") == "2026-03-02"


def test_hours_are_exact_across_days_and_zones() -> None:
    start = at("2026-12-31T23:30")
    for zone in ZONES:
        found = reckon(Rule(term("2 hour")), start, Place(ZoneInfo(zone), RUSSIA))
        assert found.due_at - start == timedelta(hours=2)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-03-02T10:00", "2026-03-02T12:00"),
        ("2026-03-02T07:00", "2026-03-02T11:00"),  # before the hours: from their begin
        ("2026-03-02T20:00", "2026-03-03T10:00"),  # an hour today, an hour tomorrow
        ("2026-03-02T19:00", "2026-03-02T21:00"),  # to the very end
        ("2026-03-02T21:00", "2026-03-03T11:00"),
    ],
)
def test_service_hours(start: str, due: str) -> None:
    rule = Rule(term("2 hour"), service=Service(time(9), time(21)))
    assert reckon(rule, at(start), MOSCOW).due_at == at(due)


@pytest.mark.parametrize(
    ("length", "begins", "ends", "due"),
    [
        # From Monday 2 March 2026, 10:00; without a pause: 3 working days end with Thursday the 5th.
        ("3 working_day", "2026-03-03T15:00", "2026-03-03T17:00", "2026-03-05"),  # the same day: nothing
        ("3 working_day", "2026-03-03T15:00", "2026-03-04T09:00", "2026-03-06"),  # at Tuesday's end the clock stood
        (
            "3 working_day",
            "2026-03-05T15:00",
            "2026-03-11T09:00",
            "2026-03-11",
        ),  # from the last day over a long weekend
        ("3 working_day", "2026-03-07T10:00", "2026-03-20T10:00", "2026-03-05"),  # begins when the term had passed
        ("3 working_day", "2026-03-02T12:00", "2026-03-04T12:00", "2026-03-06"),  # the day of the event does not count
        ("14 day", "2026-03-10T15:00", "2026-03-13T09:00", "2026-03-19"),
        ("1.5 month", "2026-03-10T15:00", "2026-03-20T09:00", "2026-04-27"),
        ("1 month", "2026-04-02T23:00", "2026-04-03T00:00", "2026-04-03"),  # to midnight: the day is lost
    ],
)
def test_a_pause_takes_the_days_at_whose_end_the_clock_stood(length: str, begins: str, ends: str, due: str) -> None:
    pause = Pause(at(begins), at(ends), "family_away")
    assert last(length, "2026-03-02T10:00", "Europe/Moscow", RUSSIA, pause) == due


def test_a_pause_of_hours_takes_what_it_lasted() -> None:
    start = at("2026-03-02T10:00")
    pauses = [
        Pause(at("2026-03-02T11:00"), at("2026-03-02T11:40")),
        Pause(at("2026-03-02T11:30"), at("2026-03-02T12:00")),  # overlaps: counted once
        Pause(at("2026-03-02T13:00"), at("2026-03-05T13:00")),  # at the due instant: it had passed
    ]
    assert reckon(Rule(term("2 hour")), start, MOSCOW, pauses).due_at == at("2026-03-02T13:00")
    hours = Rule(term("2 hour"), service=Service(time(9), time(12)))
    assert reckon(hours, start, MOSCOW, pauses[:1]).due_at == at("2026-03-03T09:40")


def test_an_open_pause_needs_to_know_the_time() -> None:
    start, open_pause = at("2026-03-02T10:00"), Pause(at("2026-03-03T10:00"))
    with pytest.raises(ValueError, match="stands still"):
        reckon(Rule(term("3 day")), start, MOSCOW, [open_pause])
    found = reckon(Rule(term("3 day")), start, MOSCOW, [open_pause], at("2026-03-10T10:00"))
    assert found.paused
    assert found.due_at == at("2026-03-13T00:00")


def test_what_is_no_pause_and_no_hours() -> None:
    for act in (
        lambda: Pause(at("2026-03-03T10:00"), at("2026-03-02T10:00")),
        lambda: Pause(datetime(2026, 3, 3)),  # noqa: DTZ001  that is the point
        lambda: Service(time(9), time(9)),
    ):
        with pytest.raises(ValueError, match="after"):
            act()


def test_a_warning_comes_before_the_term_and_never_after_it() -> None:
    start = at("2026-03-02T10:00")
    found = reckon(Rule(term("21 day"), term("14 day")), start, MOSCOW)
    assert (found.warn_at, found.due_at) == (at("2026-03-17T00:00"), at("2026-03-24T00:00"))
    assert reckon(Rule(term("14 day"), term("21 day")), start, MOSCOW).warn_at == at("2026-03-17T00:00")


NOW = at("2026-03-10T10:00")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("due", "warn", "paused", "reminder", "done", "breached", "expected"),
    [
        (HOUR, None, False, False, False, False, State.RUNNING),
        (HOUR, 2 * HOUR, False, False, False, False, State.RUNNING),
        (HOUR, -HOUR, False, False, False, False, State.WARNED),
        (0 * HOUR, -HOUR, False, False, False, False, State.BREACHED),
        (HOUR, -HOUR, True, False, False, False, State.PAUSED),
        (HOUR, None, False, False, False, True, State.BREACHED),  # a breach on record outlives a new calendar
        (-HOUR, None, False, False, True, True, State.DONE),
        (-HOUR, None, False, True, False, False, State.REMINDER),
        (HOUR, None, False, True, False, False, State.RUNNING),
        (-HOUR, None, False, True, False, True, State.REMINDER),
        (HOUR, None, True, True, False, False, State.PAUSED),
    ],
)
def test_states(
    due: timedelta,
    warn: timedelta | None,
    paused: bool,
    reminder: bool,
    done: bool,
    breached: bool,
    expected: State,
) -> None:
    found = Reckoned(NOW + due, NOW + warn if warn is not None else None, paused)
    assert state(Rule(term("1 day"), reminder=reminder), found, NOW, done=done, breached=breached) is expected


# --- what holds whatever the dates -----------------------------------------------------------------------------------

INSTANTS = st.datetimes(datetime(2024, 6, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds are naive
LENGTHS = st.one_of(
    st.builds(Term, st.integers(0, 40), st.sampled_from(["hour", "day", "working_day"])),
    st.builds(Term, st.integers(1, 24), st.just("month"), st.sampled_from([0, 15])),
    st.builds(Term, st.integers(1, 3), st.just("year")),
)
PLACES = st.sampled_from([Place(ZoneInfo(zone), RUSSIA) for zone in ZONES])
SERVICES = st.sampled_from([None, Service(time(9), time(21)), Service(time(0), time(8, 30))])


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    found = []
    for _ in range(draw(st.integers(0, 4))):
        begins = draw(INSTANTS)
        found.append(Pause(begins, begins + timedelta(minutes=draw(st.integers(0, 60 * 24 * 40)))))
    return found


@given(INSTANTS, LENGTHS, PLACES, SERVICES, pauses(), INSTANTS, st.integers(0, 60 * 24 * 40))
def test_a_pause_never_shortens(start, length, place, service, before, begins, minutes) -> None:  # type: ignore[no-untyped-def]
    rule = Rule(length, service=service)
    plain = reckon(rule, start, place, before).due_at
    more = [*before, Pause(begins, begins + timedelta(minutes=minutes))]
    assert reckon(rule, start, place, more).due_at >= plain
    assert reckon(rule, start, place).due_at <= plain


@given(INSTANTS, LENGTHS, PLACES, SERVICES, pauses())
def test_counting_again_changes_nothing(start, length, place, service, stopped) -> None:  # type: ignore[no-untyped-def]
    rule = Rule(length, service=service)
    assert reckon(rule, start, place, stopped) == reckon(rule, start, place, list(reversed(stopped)))


@given(INSTANTS, INSTANTS, LENGTHS, PLACES, SERVICES)
def test_who_begins_later_is_due_later(one, other, length, place, service) -> None:  # type: ignore[no-untyped-def]
    rule = Rule(length, service=service)
    first, second = sorted((one, other))
    assert reckon(rule, first, place).due_at <= reckon(rule, second, place).due_at


@given(INSTANTS, INSTANTS, st.integers(0, 40), st.sampled_from(["hour", "day", "working_day"]), PLACES, pauses())
def test_who_begins_later_is_due_later_under_the_same_pauses(one, other, amount, unit, place, stopped) -> None:  # type: ignore[no-untyped-def]
    rule = Rule(Term(amount, unit))
    first, second = sorted((one, other))
    assert reckon(rule, first, place, stopped).due_at <= reckon(rule, second, place, stopped).due_at


@given(
    INSTANTS, st.integers(0, 60), st.integers(0, 60), st.sampled_from(["hour", "day", "working_day"]), PLACES, pauses()
)
def test_a_longer_term_is_due_later(start, one, other, unit, place, stopped) -> None:  # type: ignore[no-untyped-def]
    short, long = (Rule(Term(amount, unit)) for amount in sorted((one, other)))
    assert reckon(short, start, place, stopped).due_at <= reckon(long, start, place, stopped).due_at


@given(INSTANTS, LENGTHS, PLACES, INSTANTS, st.booleans(), st.booleans())
def test_a_reminder_is_never_breached(start, length, place, now, done, breached) -> None:  # type: ignore[no-untyped-def]
    rule = Rule(length, reminder=True)
    assert state(rule, reckon(rule, start, place), now, done=done, breached=breached) is not State.BREACHED


@given(INSTANTS, LENGTHS, LENGTHS, PLACES, pauses())
def test_a_warning_is_never_after_the_term(start, length, warn, place, stopped) -> None:  # type: ignore[no-untyped-def]
    found = reckon(Rule(length, warn), start, place, stopped)
    assert found.warn_at is not None
    assert found.warn_at <= found.due_at


@given(st.dates(date(2024, 6, 1), date(2027, 6, 1)), st.booleans(), INSTANTS, st.integers(1, 30))
def test_a_changed_day_moves_only_what_it_lies_in(day, working, start, amount) -> None:  # type: ignore[no-untyped-def]
    rule = Rule(Term(amount, "working_day"))
    changed = RUSSIA.overridden({day: working})
    before = reckon(rule, start, MOSCOW).due_at
    after = reckon(rule, start, Place(MOSCOW.zone, changed)).due_at
    local = start.astimezone(MOSCOW.zone).date()
    if not local < day <= (before.astimezone(MOSCOW.zone) - timedelta(microseconds=1)).date():
        assume(not working)
        assert after == before
    elif RUSSIA.is_working(day) == working:
        assert after == before
    else:
        assert (after > before) is (not working)
