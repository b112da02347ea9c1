"""Opening hours as schedules: one record for each span of each weekday, and a dated one for each exception.

HSDS schedules are parts of RFC 5545 rules. What is weekly or dated is read; other rules (every second week, the first
Monday of a month) say nothing that the directory could answer «open now?» by, and are named in the report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.hsds.profile import Row, derived_id
from schemas.opening_hours import OpeningHours, Span

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_TIME: Final = re.compile(r"^(\d{1,2}):(\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$")
_ZONES: Final = (-12, 14)  # hours from UTC, the least and the most there are
_RULE_PARTS: Final = ("until", "count", "byweekno", "bymonthday", "byyearday")
_HOUR: Final = 3600


class UnreadableScheduleError(Exception):
    """A schedule that cannot be said as hours of a week; `column` is where."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


def schedule_rows(service_id: str, hours: OpeningHours, at: datetime) -> Iterable[Row]:
    """The records of one service; `timezone` is the offset that holds at `at`, since HSDS has no names of zones."""
    offset = at.astimezone(ZoneInfo(hours.zone)).utcoffset()
    hours_ahead = (offset.total_seconds() / _HOUR) if offset else 0
    zone = f"{hours_ahead:g}"
    for day in hours.days:
        for number, span in enumerate(day.spans):
            yield _row(service_id, ("week", day.weekday, number), zone, span) | {
                "freq": "WEEKLY",
                "byday": DAYS[day.weekday - 1],
            }
    for exception in hours.exceptions:
        spans: Sequence[Span | None] = exception.spans or (None,)
        for number, each in enumerate(spans):
            yield _row(service_id, ("date", exception.from_on.isoformat(), number), zone, each) | {
                "freq": "DAILY",
                "valid_from": exception.from_on.isoformat(),
                "valid_to": exception.to_on.isoformat(),
                "notes": exception.note or "",
            }


class _ScheduleRow(Row):
    def __or__(self, more: dict[str, str]) -> Row:
        return Row(self.table, {**self.values, **more})


def _row(service_id: str, key: Sequence[str | int], zone: str, span: Span | None) -> _ScheduleRow:
    return _ScheduleRow(
        "schedule",
        {
            "id": derived_id("schedule", service_id, *key),
            "service_id": service_id,
            "timezone": zone,
            "opens_at": span.opens.isoformat("minutes") if span else "",
            "closes_at": span.closes.isoformat("minutes") if span else "",
        },
    )


def hours_values(rows: Sequence[Row], zone: str | None) -> tuple[dict[str, Any], list[tuple[Row, str]]]:
    """Values for `OpeningHours`, and the records that could not be said with the column that stands in the way."""
    week: dict[int, list[dict[str, time]]] = {}
    dated: dict[tuple[date, date], dict[str, Any]] = {}
    left: list[tuple[Row, str]] = []
    for row in rows:
        try:
            _take(row, week, dated)
        except UnreadableScheduleError as fault:
            left.append((row, fault.column))
    values: dict[str, Any] = {
        "zone": zone or _zone_of(rows),
        "days": [{"weekday": day, "spans": spans} for day, spans in sorted(week.items())],
        "exceptions": [value for _, value in sorted(dated.items())],
    }
    return (values if week or dated else {}), left


def _take(row: Row, week: dict[int, list[dict[str, time]]], dated: dict[tuple[date, date], dict[str, Any]]) -> None:
    for column in _RULE_PARTS:
        if row.get(column):
            raise UnreadableScheduleError(column)
    if row.get("interval") not in {"", "1", "1.0"}:
        raise UnreadableScheduleError("interval")
    span = _span(row)
    freq = row.get("freq").upper()
    first, last = _date(row, "valid_from"), _date(row, "valid_to")
    if first and last and freq in {"", "DAILY"} and not row.get("byday"):
        exception = dated.setdefault((first, last), {"from_on": first, "to_on": last, "spans": []})
        exception["note"] = row.get("notes") or None
        if span:
            exception["spans"].append(span)
        return
    if first or last:
        raise UnreadableScheduleError("valid_from" if first else "valid_to")
    if span is None:
        raise UnreadableScheduleError("opens_at")
    for day in _weekdays(row, freq):
        week.setdefault(day, []).append(span)


def _weekdays(row: Row, freq: str) -> Iterable[int]:
    named = [day.strip().upper() for day in row.get("byday").split(",") if day.strip()]
    if freq == "DAILY" and not named:
        return range(1, 8)
    if freq not in {"", "WEEKLY", "DAILY"}:
        raise UnreadableScheduleError("freq")
    if not named or not set(named) <= set(DAYS):
        raise UnreadableScheduleError("byday")
    return [DAYS.index(day) + 1 for day in dict.fromkeys(named)]


def _span(row: Row) -> dict[str, time] | None:
    if not row.get("opens_at") and not row.get("closes_at"):
        return None
    return {"opens": _time(row, "opens_at"), "closes": _time(row, "closes_at")}


def _time(row: Row, column: str) -> time:
    found = _TIME.match(row.get(column))
    if found is None:
        raise UnreadableScheduleError(column)
    hour, minute = int(found[1]), int(found[2])
    if (hour, minute) == (24, 0):
        return time(0)
    try:
        return time(hour, minute)
    except ValueError:
        raise UnreadableScheduleError(column) from None


def _date(row: Row, column: str) -> date | None:
    text = row.get(column)
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise UnreadableScheduleError(column) from None


def _zone_of(rows: Sequence[Row]) -> str:
    """The zone that has the offset of the records all the year; UTC where they name none, as HSDS says."""
    text = next((row.get("timezone") for row in rows if row.get("timezone")), "")
    try:
        offset = float(text) if text else 0.0
    except ValueError:
        offset = 0.0
    if offset == int(offset) and _ZONES[0] <= offset <= _ZONES[1]:
        return f"Etc/GMT{-int(offset):+d}" if offset else "Etc/UTC"
    return "Etc/UTC"
