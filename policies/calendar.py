"""Working days: the production calendar of a jurisdiction, and the days about which somebody says otherwise.

The calendar comes from the library `holidays`, with the days that a government has moved by decree. It knows decrees that
were out when it was released; a later one, a holiday of a region, a day off by order of a president are overrides: data
of a pack or of the operator.
"""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

import holidays

from schemas.errors import Broken

_WEEKENDS_ONLY: Final = frozenset({"EU"})
"""Jurisdictions that are no country: each member has holidays of its own, all of them share the weekend."""
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of one jurisdiction (a country of ISO 3166, or EU). `overrides` says of a day whether it is a
    working one, whatever the calendar says. An immutable value; safe to share between threads."""

    jurisdiction: str
    overrides: Mapping[date, bool] = field(default_factory=dict, hash=False)
    # The working days of a year in their order. Filled when first asked for; follows from the other fields alone.
    _years: dict[int, tuple[date, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises Broken `calendar_unknown` for a jurisdiction that nobody has a calendar of."""
        object.__setattr__(self, "overrides", MappingProxyType(dict(self.overrides)))
        if self.jurisdiction not in _WEEKENDS_ONLY and self.jurisdiction not in holidays.list_supported_countries():
            raise Broken("calendar_unknown", jurisdiction=self.jurisdiction)

    def overridden(self, days: Mapping[date, bool]) -> Calendar:
        """The calendar with further days said otherwise: what is said last counts (a pack, then its operator)."""
        return Calendar(self.jurisdiction, {**self.overrides, **days})

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day."""
        days = self._year(day.year)
        place = bisect_left(days, day)
        return place < len(days) and days[place] == day

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself is not counted; `day` where `count` is 0."""
        if count < 0:
            msg = "working days are counted forwards"
            raise ValueError(msg)
        if count == 0:
            return day
        year = day.year
        place = bisect_right(self._year(year), day) + count - 1
        while place >= len(days := self._year(year)):
            place -= len(days)
            year += 1
        return days[place]

    def working_days_between(self, after: date, through: date) -> int:
        """How many working days come after `after` up to `through`, which is counted; negative where it lies before.

        The inverse of `add_working_days`, as far as `through` is a working day.
        """
        if through < after:
            return -self.working_days_between(through, after)
        whole = sum(len(self._year(year)) for year in range(after.year, through.year))
        return whole + bisect_right(self._year(through.year), through) - bisect_right(self._year(after.year), after)

    def _year(self, year: int) -> tuple[date, ...]:
        found = self._years.get(year)
        if found is None:
            said = {day: working for day, working in self.overrides.items() if day.year == year}
            usual = _working_days(self.jurisdiction, year)
            days = usual.difference(said).union(day for day, working in said.items() if working)
            found = self._years[year] = tuple(sorted(days))
        return found


@functools.lru_cache(maxsize=256)
def _working_days(jurisdiction: str, year: int) -> frozenset[date]:
    days = map(date.fromordinal, range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1))
    if jurisdiction in _WEEKENDS_ONLY:
        return frozenset(day for day in days if day.weekday() < _SATURDAY)
    # Made for this call, with the neighbours of the year: one that grows as it is asked would not be safe between threads,
    # and a Saturday may be made a working day by the table of another year.
    calendar = holidays.country_holidays(jurisdiction, years=(year - 1, year, year + 1), expand=False)
    # Not "no holiday and no weekend": only this look-up knows of working Saturdays.
    return frozenset(day for day in days if calendar.is_working_day(day))
