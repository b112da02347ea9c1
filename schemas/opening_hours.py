"""When something is open: spans for each weekday, exceptions for dates, in the zone of the place.

A break is the gap between two spans. A span that closes at or before it opens ends on the next day: 22:00-06:00 is a
night, 00:00-00:00 a whole day.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from schemas.model import Model
from schemas.plain_text import Sentence

MINUTES_A_DAY: Final = 24 * 60
WEEK: Final = range(1, 8)
MAX_SPANS: Final = 6
MAX_EXCEPTIONS: Final = 100
_SEARCH_DAYS: Final = 60


@functools.cache  # the names are read from the file system
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        msg = "not a time zone"
        raise ValueError(msg)
    return name


def _whole_minutes(value: time) -> time:
    if value.second or value.microsecond or value.tzinfo:
        msg = "hours and minutes without a zone"
        raise ValueError(msg)
    return value


Zone = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_known_zone)]
MINUTE_PATTERN: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$"
# JSON Schema's own format of a time wants a zone: the hours of a day have none.
Minute = Annotated[time, AfterValidator(_whole_minutes), WithJsonSchema({"type": "string", "pattern": MINUTE_PATTERN})]


class Span(Model):
    """Open from `opens` to `closes`."""

    opens: Minute
    closes: Minute

    @property
    def minutes(self) -> tuple[int, int]:
        """Minutes from the beginning of its day; the end is past 1440 where the span reaches into the next day."""
        start, end = _minute(self.opens), _minute(self.closes)
        return start, end if end > start else end + MINUTES_A_DAY


def _apart(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    ordered = tuple(sorted(spans, key=lambda span: span.minutes))
    for before, after in itertools.pairwise(ordered):
        if before.minutes[1] > after.minutes[0]:
            msg = "spans overlap"
            raise ValueError(msg)
    return ordered


Spans = Annotated[tuple[Span, ...], Field(max_length=MAX_SPANS), AfterValidator(_apart)]


class DayHours(Model):
    """The spans of one weekday, 1 Monday to 7 Sunday."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    spans: Annotated[Spans, Field(min_length=1)]


class HoursException(Model):
    """Other hours from one date to another, both included; without spans it is closed."""

    from_on: date
    to_on: date
    spans: Spans = ()
    note: Sentence | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_on < self.from_on:
            msg = "ends before it begins"
            raise ValueError(msg)
        return self


class OpeningHours(Model):
    """Hours of a week and exceptions, in the order of days; a date has at most one exception."""

    zone: Zone = "Europe/Moscow"
    days: Annotated[tuple[DayHours, ...], Field(max_length=7)] = ()
    exceptions: Annotated[tuple[HoursException, ...], Field(max_length=MAX_EXCEPTIONS)] = ()

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        if not self.days and not self.exceptions:
            msg = "no hours at all"
            raise ValueError(msg)
        weekdays = [day.weekday for day in self.days]
        if weekdays != sorted(set(weekdays)):
            msg = "each weekday once, in order"
            raise ValueError(msg)
        for before, after in itertools.pairwise(self.exceptions):
            if after.from_on <= before.to_on:
                msg = "exceptions in order, one for each date"
                raise ValueError(msg)
        return self

    def spans_on(self, day: date) -> Sequence[Span]:
        """The spans that begin on this date."""
        for exception in self.exceptions:
            if exception.from_on <= day <= exception.to_on:
                return exception.spans
        return next((hours.spans for hours in self.days if hours.weekday == day.isoweekday()), ())

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at this instant."""
        here = at.astimezone(ZoneInfo(self.zone))
        minute = _minute(here.time())
        return _covers(self.spans_on(here.date()), minute) or _covers(
            self.spans_on(here.date() - timedelta(days=1)), minute + MINUTES_A_DAY
        )

    def opens_next(self, at: datetime) -> datetime | None:
        """The first instant after `at` at which a span begins, in its own zone; None within the next sixty days."""
        here = at.astimezone(ZoneInfo(self.zone))
        for days in range(_SEARCH_DAYS):
            day = here.date() + timedelta(days=days)
            for span in self.spans_on(day):
                begins = datetime.combine(day, span.opens, ZoneInfo(self.zone))
                if begins > here:
                    return begins
        return None


def _minute(value: time) -> int:
    return value.hour * 60 + value.minute


def _covers(spans: Iterable[Span], minute: int) -> bool:
    return any(start <= minute < end for start, end in (span.minutes for span in spans))
