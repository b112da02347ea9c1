"""Terms: from an event to the instant by which something must be done. Pure; an instant is always an argument.

How terms are counted:

- The day of the event is not counted: a day after Monday ends with Tuesday.
- A term in days, working days, months or years ends at 24:00 of its last day where the recipient is. The due instant is
  the first of the next local day, in UTC: what is done before it is in time, what is done at it or later is not.
- Hours and minutes are exact, by the clock from the instant of the event, whatever day or zone.
- A month later is the same number of the next month, or its last day: from 31 January to 28 February. Years likewise:
  from 29 February 2028 to 28 February 2029. A month and a half is a month and, after it, 15 days.
- A last day that is not a working day stays the last, unless asked.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final, Literal

from policies.calendar import Calendar
from policies.tables import TimerRow

Unit = Literal["minute", "hour", "day", "working_day", "month", "year"]
"""The units of a timer of a pack."""

MONTHS: Final = 12
HALF_MONTH: Final = 15
"""Days in half a month, however long the month."""

_DAY: Final = timedelta(days=1)
_HALF: Final = Decimal("0.5")
BY_THE_CLOCK: Final[Mapping[str, timedelta]] = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
"""The units that are exact, by the clock."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long: `amount` of `unit` and, after months or years, `days`. A term of nothing ends with the day itself."""

    amount: int
    unit: Unit
    days: int = 0

    def __post_init__(self) -> None:
        if self.amount < 0 or self.days < 0 or (self.days and self.unit not in {"month", "year"}):
            msg = "a term is not negative, and days come on top of months or years only"
            raise ValueError(msg)

    @classmethod
    def from_amount(cls, amount: Decimal | int, unit: Unit) -> Term:
        """An amount as it is written: half a month is 15 days, half a year six months. Nothing else has parts."""
        whole, part = divmod(Decimal(amount), 1)
        if not part:
            return cls(int(whole), unit)
        if part == _HALF and unit == "month":
            return cls(int(whole), unit, HALF_MONTH)
        if part == _HALF and unit == "year":
            return cls(MONTHS * int(whole) + MONTHS // 2, "month")
        msg = f"a part of a {unit} is no term"
        raise ValueError(msg)

    @classmethod
    def from_row(cls, row: TimerRow, *, extended: bool = False) -> Term:
        """The term of a timer of a pack, with its extension if that was given. Raises ValueError where it has none."""
        extension = row.extension if extended else 0
        if extension is None:
            msg = "this timer has no extension"
            raise ValueError(msg)
        return cls.from_amount(row.amount + extension, row.unit)


def last_day(event: date, term: Term, calendar: Calendar, *, to_working_day: bool = False) -> date:
    """The last day of a term that began with something on the day `event`. Raises ValueError for hours and minutes, which
    have none.

    With `to_working_day` a last day that is not a working one moves to the next that is.
    """
    if term.unit in BY_THE_CLOCK:
        msg = "hours and minutes are counted from an instant, not from a day"
        raise ValueError(msg)
    if term.unit == "working_day":
        day = calendar.add_working_days(event, term.amount)
    elif term.unit == "day":
        day = event + term.amount * _DAY
    else:
        day = months_later(event, term.amount * (MONTHS if term.unit == "year" else 1)) + term.days * _DAY
    # Civil law often moves the last day. Whether that reaches the duties of an operator towards a subject or a supervisor
    # is a question for a lawyer; until it is answered the earlier day is the safe one.
    return calendar.add_working_days(day - _DAY, 1) if to_working_day else day


def due_at(start: datetime, term: Term, zone: tzinfo, calendar: Calendar, *, to_working_day: bool = False) -> datetime:
    """The instant, in UTC, at which a term has ended that began with something at `start`.

    In all units but hours and minutes it is 00:00 of the day after the last one in `zone`, the recipient's: a term ends at
    24:00. Where clocks skip midnight it is the first instant of that day. Raises ValueError for a `start` without a zone.
    """
    if start.utcoffset() is None:
        msg = "an instant needs a zone"
        raise ValueError(msg)
    if term.unit in BY_THE_CLOCK:
        return start.astimezone(UTC) + term.amount * BY_THE_CLOCK[term.unit]
    day = last_day(start.astimezone(zone).date(), term, calendar, to_working_day=to_working_day)
    return datetime.combine(day + _DAY, time.min, tzinfo=zone).astimezone(UTC)


def overdue(due: datetime, now: datetime) -> bool:
    """Whether the term has ended by `now`."""
    return now >= due


def months_later(day: date, months: int) -> date:
    """The same number of a later month, or its last day."""
    years, month = divmod(day.month - 1 + months, MONTHS)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
