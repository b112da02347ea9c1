"""Days and instants that people may name: within two centuries or so, so that counting on from one never leaves the calendar,
and every page can show it in every zone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199


def is_countable(day: date) -> bool:
    """Whether a day, or an instant with its zone, lies in the years that may be named."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def _countable_day(day: date) -> date:
    if not is_countable(day):
        msg = f"a day of the years {FIRST_YEAR}–{LAST_YEAR}"
        raise ValueError(msg)
    return day


def _countable_instant(at: datetime) -> datetime:
    _countable_day(at)
    return at


Day = Annotated[date, AfterValidator(_countable_day)]
At = Annotated[AwareDatetime, AfterValidator(_countable_instant)]
