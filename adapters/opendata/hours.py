"""Opening hours in a cell, for people and for programs: «Пн-Пт 09:00-13:00, 14:00-18:00; Сб 10:00-14:00».

Exceptions stand in a cell of their own: «01.01.2026-08.01.2026 закрыто (каникулы)», separated by bars.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time
from typing import Any, Final

from adapters.tables.cells import join_values, split_values
from schemas.opening_hours import DayHours, HoursException, Span

DAYS: Final = ("Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс")
CLOSED: Final = "закрыто"
EVERY_DAY: Final = ("ежедневно", "круглосуточно")
_SPAN: Final = re.compile(r"^(\d{1,2})[:.](\d\d)\s*[-–—]\s*(\d{1,2})[:.](\d\d)$")
_PART: Final = re.compile(r"^([А-Яа-яё]{2,13}(?:\s*[-–—,]\s*[А-Яа-яё]{2})*)\s*(.*)$")
_EXCEPTION: Final = re.compile(
    r"^(\d\d\.\d\d\.\d{4})(?:\s*[-–—]\s*(\d\d\.\d\d\.\d{4}))?\s+([^(]+?)(?:\s*\((.*)\))?$",
    re.DOTALL,
)


def write_week(days: Sequence[DayHours]) -> str:
    """Days with the same spans that follow each other are one part."""
    parts: list[tuple[int, int, tuple[Span, ...]]] = []
    for day in days:
        if parts and parts[-1][1] == day.weekday - 1 and parts[-1][2] == day.spans:
            parts[-1] = (parts[-1][0], day.weekday, day.spans)
        else:
            parts.append((day.weekday, day.weekday, day.spans))
    return "; ".join(
        f"{DAYS[first - 1]}{f'-{DAYS[last - 1]}' if last > first else ''} {_spans(spans)}"
        for first, last, spans in parts
    )


def write_exceptions(exceptions: Sequence[HoursException]) -> str:
    """All of them in one cell."""
    return join_values([_exception(exception) for exception in exceptions])


def _exception(given: HoursException) -> str:
    dates = given.from_on.strftime("%d.%m.%Y")
    if given.to_on != given.from_on:
        dates += given.to_on.strftime("-%d.%m.%Y")
    note = f" ({given.note})" if given.note else ""
    return f"{dates} {_spans(given.spans) if given.spans else CLOSED}{note}"


def _spans(spans: Sequence[Span]) -> str:
    return ", ".join(f"{span.opens:%H:%M}-{span.closes:%H:%M}" for span in spans)


def read_week(text: str) -> list[dict[str, Any]]:
    """Values for `OpeningHours.days`. Raises ValueError for a text that says it otherwise."""
    week: dict[int, list[dict[str, time]]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        found = _PART.match(part)
        if found is None:
            raise ValueError(part)
        name, spans = found[1].strip().lower(), found[2].strip()
        if name in EVERY_DAY:
            days, spans = list(range(1, 8)), spans or "00:00-00:00"
        else:
            days = _days(name)
        if spans.lower() in {CLOSED, "выходной"}:
            continue
        for day in days:
            week.setdefault(day, []).extend(_read_spans(spans))
    return [{"weekday": day, "spans": spans} for day, spans in sorted(week.items())]


def read_exceptions(text: str) -> list[dict[str, Any]]:
    """Values for `OpeningHours.exceptions`. Raises ValueError."""
    found = []
    for part in split_values(text) if text else []:
        match = _EXCEPTION.match(part)
        if match is None:
            raise ValueError(part)
        first = _date(match[1])
        spans = match[3].strip()
        found.append(
            {
                "from_on": first,
                "to_on": _date(match[2]) if match[2] else first,
                "spans": [] if spans.lower() == CLOSED else _read_spans(spans),
                "note": match[4] or None,
            }
        )
    return found


def _days(name: str) -> list[int]:
    known = [day.lower() for day in DAYS]
    days: list[int] = []
    for part in name.split(","):
        first, *last = (known.index(day.strip()) + 1 for day in re.split(r"[-–—]", part))
        days += range(first, (last[0] if last else first) + 1)
    return days


def _read_spans(text: str) -> list[dict[str, time]]:
    spans = []
    for part in text.split(","):
        found = _SPAN.match(part.strip())
        if found is None:
            raise ValueError(part)
        opens, closes = time(int(found[1]), int(found[2])), time(int(found[3]) % 24, int(found[4]))
        spans.append({"opens": opens, "closes": closes})
    return spans


def _date(text: str) -> date:
    day, month, year = (int(part) for part in text.split("."))
    return date(year, month, day)
