"""Who is on duty and whether an organisation works, at an instant: pure, by its schedule, its zone and the calendar.

A span belongs to the day on which it begins: a night of Friday ends on Saturday morning. An exception of a day replaces
what begins on that day, not the rest of the night before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, TypeVar

from policies.calendar import Calendar
from schemas.duty import WEEKDAYS, DutyContact, DutyDay, DutyHours, DutySchedule, DutyShift, clock

LOOK_AHEAD: Final = 31
"""Days within which the next opening is looked for."""
_DAY: Final = timedelta(days=1)

Row = TypeVar("Row", bound=DutyHours)


def is_open(schedule: DutySchedule, calendar: Calendar, zone: tzinfo, now: datetime) -> bool | None:
    """Whether the organisation works at `now`; None where it has published no hours."""
    if not schedule.opening and not schedule.exceptions:
        return None
    return any(begins <= now < ends for begins, ends, _ in _around(schedule, calendar, zone, now, "opening"))


def opens_at(schedule: DutySchedule, calendar: Calendar, zone: tzinfo, now: datetime) -> datetime | None:
    """When it opens next after `now`; None where it does not within a month."""
    today = now.astimezone(zone).date()
    for number in range(LOOK_AHEAD + 1):
        day = today + number * _DAY
        begins = [begin for begin, _, _ in _spans(*_opening(schedule, day), calendar, zone, day) if begin > now]
        if begins:
            return min(begins)
    return None


def on_duty(schedule: DutySchedule, calendar: Calendar, zone: tzinfo, now: datetime) -> tuple[DutyContact, ...]:
    """Who is told at `now`, in their order; each once."""
    found = [
        key
        for begins, ends, row in _around(schedule, calendar, zone, now, "shifts")
        if begins <= now < ends and isinstance(row, DutyShift)
        for key in row.contacts
    ]
    return tuple(schedule.contact(key) for key in dict.fromkeys(found))


def _around(
    schedule: DutySchedule, calendar: Calendar, zone: tzinfo, now: datetime, what: str
) -> Iterator[tuple[datetime, datetime, DutyHours]]:
    """Spans that begin today or the day before, where the organisation is."""
    today = now.astimezone(zone).date()
    for day in (today, today - _DAY):
        rows = _opening(schedule, day) if what == "opening" else _shifts(schedule, day)
        yield from _spans(*rows, calendar, zone, day)


def _spans(
    rows: Iterable[DutyHours], exceptional: bool, calendar: Calendar, zone: tzinfo, day: date
) -> Iterator[tuple[datetime, datetime, DutyHours]]:
    for row in rows:
        if not exceptional and not _fits(row, calendar, day):
            continue
        since, until = clock(row.since), clock(row.until)
        last = day if until > since else day + _DAY
        begins, ends = (
            datetime.combine(on, at, tzinfo=zone).astimezone(UTC) for on, at in ((day, since), (last, until))
        )
        yield begins, ends, row


def _fits(row: DutyHours, calendar: Calendar, day: date) -> bool:
    if row.days and WEEKDAYS[day.weekday()] not in row.days:
        return False
    return row.on == "any" or (row.on == "working") == calendar.is_working(day)


def _exception(schedule: DutySchedule, day: date) -> DutyDay | None:
    return next((found for found in schedule.exceptions if found.day == day), None)


def _opening(schedule: DutySchedule, day: date) -> tuple[Sequence[DutyHours], bool]:
    """The rows of a day, and whether they stand for this day alone."""
    found = _exception(schedule, day)
    return (schedule.opening, False) if found is None else (found.opening, True)


def _shifts(schedule: DutySchedule, day: date) -> tuple[Sequence[DutyHours], bool]:
    found = _exception(schedule, day)
    return (schedule.shifts, False) if found is None or found.shifts is None else (found.shifts, True)
