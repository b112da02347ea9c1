"""Dates as Russian registers write them: ДД.ММ.ГГГГ, ISO, «1 июня 2018 г.», Excel serial numbers. No guessing of centuries."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Final

from adapters.tables.cells import CellFault

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("января", "янв"),
            ("февраля", "фев"),
            ("марта", "мар"),
            ("апреля", "апр"),
            ("мая", "май"),
            ("июня", "июн"),
            ("июля", "июл"),
            ("августа", "авг"),
            ("сентября", "сен"),
            ("октября", "окт"),
            ("ноября", "ноя"),
            ("декабря", "дек"),
        ),
        start=1,
    )
    for name in names
}
_CLOCK: Final = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
_ZONE: Final = r"(?P<zone>Z|[+\-]\d{2}:\d{2})"
_TAIL: Final = rf"(?:[T\s]+{_CLOCK}\s*{_ZONE}?|{_ZONE.replace('zone', 'datezone')})?$"
_RUSSIAN: Final = re.compile(
    rf"^(?P<day>\d{{1,2}})(?P<mark>[./\-])(?P<month>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}){_TAIL}"
)
_ISO: Final = re.compile(rf"^(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}}){_TAIL}")
_WORDS: Final = re.compile(
    r"^«?(?P<day>\d{1,2})»?\s+(?P<name>[а-я]+)\.?\s+(?P<year>\d{4})\s*(?:г\.?|года)?$", re.IGNORECASE
)
_TWO_DIGITS: Final = re.compile(
    r"^\d{1,2}[./\-]\d{1,2}[./\-]\d{2}(?:\s.*)?$|^\d{1,2}\s+[а-я]+\.?\s+\d{2}\s*(?:г\.?|года)?$", re.IGNORECASE
)
_SERIAL: Final = re.compile(r"^(\d{5})(?:[.,]0+)?$")
_MONTH_ONLY: Final = (
    re.compile(r"^(?P<month>\d{2})\.(?P<year>\d{4})$"),
    re.compile(r"^(?P<year>\d{4})-(?P<month>\d{2})$"),
)
_OFFSET: Final = re.compile(r":\d{2}(?:[.,]\d+)?\s*(?:Z|[+\-]\d{2}:\d{2})$")
_EPOCH: Final = date(1899, 12, 30)
_OLDEST, _LATEST = 1900, 2200
_DATE_LENGTH: Final = len("ДД.ММ.ГГГГ")
_INSTANT: Final = re.compile(r"(?:[0-9]{2}\.[0-9]{2}\.[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}) [0-9]{2}:[0-9]{2}:[0-9]{2}")


def parse_date(text: str) -> tuple[date, tuple[str, ...]]:
    """The date and the codes of warnings. Raises CellFault."""
    if (day := _by_places(text)) is not None:
        return day, ()
    if _TWO_DIGITS.match(text):
        raise CellFault("two_digit_year")
    if serial := _SERIAL.match(text):
        return _EPOCH + timedelta(days=int(serial[1])), ("excel_serial_date",)
    if found := _WORDS.match(text):
        month = _MONTHS.get(found["name"].casefold())
        if month is None:
            raise CellFault("date_malformed")
        return _date(found["year"], month, found["day"]), ()
    found = _RUSSIAN.match(text) or _ISO.match(text)
    if found is None:
        raise CellFault("date_malformed")
    _refuse_ambiguous(found)
    notes = ("zone_dropped",) if found["zone"] or found["datezone"] else ()
    if found["hour"] and (int(found["hour"]), int(found["minute"])) != (0, 0):
        notes = (*notes, "time_dropped")
    return _date(found["year"], int(found["month"]), found["day"]), notes


def parse_partial_date(text: str) -> tuple[str, tuple[str, ...]]:
    """A date or, for an expected child, a month, as ISO text. Raises CellFault."""
    if (day := _by_places(text)) is not None:
        return day.isoformat(), ()
    for pattern in _MONTH_ONLY:
        if found := pattern.match(text):
            return _date(found["year"], int(found["month"]), "1").isoformat()[:7], ()
    found_day, notes = parse_date(text)
    return found_day.isoformat(), notes


def parse_instant(text: str, zone: timezone) -> tuple[datetime, tuple[str, ...]]:
    """An instant; without an offset of its own it is in the sender's `zone`. Raises CellFault."""
    if (instant := _instant_by_places(text, zone)) is not None:
        return instant, ()
    if _TWO_DIGITS.match(text):
        raise CellFault("two_digit_year")
    found = _RUSSIAN.match(text) or _ISO.match(text)
    if found is None:
        raise CellFault("instant_malformed")
    _refuse_ambiguous(found)
    day = _date(found["year"], int(found["month"]), found["day"])
    if not found["hour"]:
        return datetime(day.year, day.month, day.day, tzinfo=zone), ("time_assumed",)
    try:
        made = datetime(
            day.year,
            day.month,
            day.day,
            int(found["hour"]),
            int(found["minute"]),
            int(found["second"] or 0),
            int((found["fraction"] or "").ljust(6, "0")),
            tzinfo=datetime.fromisoformat(f"2000-01-01T00:00{found['zone']}").tzinfo if found["zone"] else zone,
        )
    except ValueError:
        raise CellFault("instant_malformed") from None
    return made, ()


def _by_places(text: str) -> date | None:
    """ДД.ММ.ГГГГ and ГГГГ-ММ-ДД, as nearly every cell has them; None where the patterns have to look."""
    if len(text) != _DATE_LENGTH:
        return None
    if text[2] == text[5] == ".":
        digits = text[6:] + text[3:5] + text[:2]
    elif text[4] == text[7] == "-":
        digits = text[:4] + text[5:7] + text[8:]
    else:
        return None
    if not (digits.isascii() and digits.isdigit()):
        return None
    try:
        found = date.fromisoformat(digits)
    except ValueError:
        return None
    return found if _OLDEST <= found.year <= _LATEST else None


def _instant_by_places(text: str, zone: timezone) -> datetime | None:
    """ДД.ММ.ГГГГ ЧЧ:ММ:СС and the same in ISO; None where the patterns have to look."""
    if not _INSTANT.fullmatch(text):
        return None
    iso = f"{text[6:10]}-{text[3:5]}-{text[:2]}{text[10:]}" if text[2] == "." else text
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return datetime.combine(found, found.time(), zone) if _OLDEST <= found.year <= _LATEST else None


def has_zone(text: str) -> bool:
    """Whether an instant names its own offset from UTC."""
    return _OFFSET.search(text) is not None


def _refuse_ambiguous(found: re.Match[str]) -> None:
    """A slash may put the month first; only a day over twelve tells."""
    months = 12
    if found.groupdict().get("mark") == "/" and int(found["day"]) <= months and found["day"] != found["month"]:
        raise CellFault("date_ambiguous")


def _date(year: str, month: int, day: str) -> date:
    try:
        found = date(int(year), month, int(day))
    except ValueError:
        raise CellFault("date_impossible") from None
    if not _OLDEST <= found.year <= _LATEST:
        raise CellFault("date_impossible")
    return found


def russian(day: date) -> str:
    """ДД.ММ.ГГГГ."""
    return f"{day.day:02d}.{day.month:02d}.{day.year:04d}"


def russian_partial(partial: str) -> str:
    """ДД.ММ.ГГГГ or ММ.ГГГГ of an ISO date or month."""
    return ".".join(reversed(partial.split("-")))


def russian_instant(instant: datetime, zone: tzinfo) -> str:
    """ДД.ММ.ГГГГ ЧЧ:ММ:СС in `zone`, with a fraction only where there is one."""
    local = instant.astimezone(zone)
    fraction = f".{local.microsecond:06d}" if local.microsecond else ""
    return f"{russian(local.date())} {local:%H:%M:%S}{fraction}"
