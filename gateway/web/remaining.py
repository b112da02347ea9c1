"""How long is left, in words; the bars of the weeks; the days of a month. Pure: the instant is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from schemas.catalogue import Language, text

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_FEW_DAYS: Final = 3
"""Below so many days hours are said too."""
_WIDTH: Final = 560
_HEIGHT: Final = 120
_FOOT: Final = 24
_HEAD: Final = 20


def remaining(due: datetime, now: datetime, language: Language) -> str:
    """«Осталось 2 дня 3 часа», «просрочено на 1 день»."""
    way = "left" if due > now else "late"
    seconds = int(abs((due - now).total_seconds()))
    days, hours = seconds // _DAY, seconds % _DAY // _HOUR
    if days:
        said = text(f"web_timers.{way}_days", language, n=days)
        tail = f" {text('web_timers.and_hours', language, n=hours)}" if hours and days < _FEW_DAYS else ""
        return said + tail
    if hours:
        return text(f"web_timers.{way}_hours", language, n=hours)
    minutes = seconds // 60
    return text(f"web_timers.{way}_minutes", language, n=minutes) if minutes else text("web_timers.soon", language)


@dataclass(frozen=True, slots=True)
class Bar:
    """One week of the plot, in the units of its view box."""

    week: date
    count: int
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """Where its labels stand."""
        return self.x + self.width // 2


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars and the size of the picture."""

    bars: tuple[Bar, ...]
    width: int = _WIDTH
    height: int = _HEIGHT

    @property
    def floor(self) -> int:
        """Where the bars stand."""
        return self.height - _FOOT


def plot_of(load: Sequence[tuple[date, int]]) -> Plot:
    """The load of weeks as bars; the highest fills the picture."""
    step, most = _WIDTH // max(len(load), 1), max((count for _, count in load), default=0)
    room = _HEIGHT - _FOOT - _HEAD
    bars = []
    for number, (week, count) in enumerate(load):
        height = round(room * count / most) if most else 0
        bars.append(Bar(week, count, number * step + 8, _HEIGHT - _FOOT - height, step - 16, height))
    return Plot(tuple(bars))


def month_of(first: date) -> tuple[tuple[date | None, ...], ...]:
    """The weeks of a month, Monday first; days of other months are None."""
    day = first.replace(day=1)
    month = day.month
    cells: list[date | None] = [None] * day.weekday()
    while day.month == month:
        cells.append(day)
        day += timedelta(days=1)
    cells += [None] * (-len(cells) % 7)
    return tuple(tuple(cells[begin : begin + 7]) for begin in range(0, len(cells), 7))
