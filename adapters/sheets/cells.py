"""One cell of these tables: how a value of a simple type is written, and how it is read back.

Dates and instants are written as people here write them, an instant with its offset from UTC; a text that a spreadsheet would
take for something else begins with an apostrophe.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from typing import Final

from adapters.documents.simple import DATE, PARTIAL_DATE, Simple
from adapters.tables.cells import CellFault, clean, guard
from adapters.tables.dates import parse_date, parse_instant, parse_partial_date, russian, russian_partial

INSTANT: Final = "Instant"
BOOLEAN: Final = "xs:boolean"
YES: Final = "да"
NO: Final = "нет"
_WHOLE: Final = "xs:integer"
_NUMBERS: Final = frozenset({_WHOLE, "xs:decimal"})
_DAY: Final = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})")
_MONTH: Final = re.compile(r"([0-9]{2})\.([0-9]{4})")
_MOMENT: Final = re.compile(
    r"([0-9]{2})\.([0-9]{2})\.([0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?) ([+\-][0-9]{2}:[0-9]{2})"
)
_ZONE: Final = timezone(timedelta(hours=3))
"""Of an instant whose cell names no offset, as in the register of referrals."""
_BOOLEANS: Final = {YES: "true", NO: "false", "истина": "true", "ложь": "false"}


def is_number(simple: Simple) -> bool:
    """Whether the values of a type are numbers."""
    return simple.base in _NUMBERS


def written(value: object, simple: Simple) -> str:
    """The cell of a value."""
    match value:
        case bool():
            return YES if value else NO
        case int() | float():
            return str(value)
        case datetime():
            offset = f"{value:%z}"
            fraction = f".{value.microsecond:06d}" if value.microsecond else ""
            return f"{russian(value.date())} {value:%H:%M:%S}{fraction} {offset[:3]}:{offset[3:5]}"
        case date():
            return russian(value)
        case time():
            return f"{value:%H:%M}"
    return guard(russian_partial(str(value)) if simple.name == PARTIAL_DATE else str(value))


def read(raw: str, simple: Simple, *, returned: bool = False) -> tuple[str, tuple[str, ...]]:
    """The value as its class takes it, and the codes of warnings; "" for a cell that says nothing. Raises CellFault.
    `returned`: of a reject file, which has disarmed formulas, so that they are formulas still."""
    if is_answer(raw, simple):
        return _BOOLEANS[raw.strip().casefold()], ()
    cell = clean(raw, returned=returned)
    text, notes = cell.text, cell.notes
    if not text:
        return "", notes
    if is_number(simple):
        return _figure(text, simple), notes
    if simple.name == DATE:
        text, more = _day(text)
    elif simple.name == PARTIAL_DATE:
        text, more = _partial(text)
    elif simple.name == INSTANT:
        text, more = _instant(text)
    else:
        more = ()
    return text, (*notes, *more)


def is_day(simple: Simple) -> bool:
    """Whether a day that a workbook holds may be a value of this type."""
    return simple.name in {DATE, PARTIAL_DATE, INSTANT}


def is_answer(raw: str, simple: Simple) -> bool:
    """Whether «нет» is an answer here, and not that there is nothing."""
    return simple.base == BOOLEAN and raw.strip().casefold() in _BOOLEANS


def _figure(text: str, simple: Simple) -> str:
    """A comma parts fractions, and whole numbers have none: «1,000» may be a thousand."""
    if simple.base != _WHOLE:
        return text.replace(",", ".")
    if not text.removeprefix("-").isdecimal():
        raise CellFault("value_malformed")
    return text


def _day(text: str) -> tuple[str, tuple[str, ...]]:
    if found := _DAY.fullmatch(text):
        return f"{found[3]}-{found[2]}-{found[1]}", ()
    day, notes = parse_date(text)
    return day.isoformat(), notes


def _partial(text: str) -> tuple[str, tuple[str, ...]]:
    if found := _MONTH.fullmatch(text):
        return f"{found[2]}-{found[1]}", ()
    return _day(text) if _DAY.fullmatch(text) else parse_partial_date(text)


def _instant(text: str) -> tuple[str, tuple[str, ...]]:
    if found := _MOMENT.fullmatch(text):
        return f"{found[3]}-{found[2]}-{found[1]}T{found[4]}{found[5]}", ()
    instant, notes = parse_instant(text, _ZONE)
    return instant.isoformat(), notes
