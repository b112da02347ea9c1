"""Spellings that differ from the rule and can be read in one way only: what is put right, and how it is told."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from adapters.egisso.simple import is_stamp_offset
from schemas.identifiers import compact

ZONED_DATE: Final = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:Z|[+\-]\d{2}:\d{2})$")
_STAMP: Final = re.compile(r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+\-]\d{2}:\d{2})$")
_GENDERS: Final = {"MALE": "M", "FEMALE": "F", "М": "M", "Ж": "F", "UNKNOWN": "U"}


class Read(NamedTuple):
    """The text to go on with, and the codes of warnings."""

    text: str
    notes: tuple[str, ...] = ()


def as_ruled(kind: str, text: str) -> Read:
    """The text of a simple type as its rule wants it. What cannot be read in one way is left as it is, to be refused."""
    if kind == "date" and (zoned := ZONED_DATE.match(text)):
        return Read(zoned[1], ("zone_dropped",))
    if kind == "stamp":
        return _stamp(text)
    if kind == "gender" and (meant := _GENDERS.get(text.upper())):
        return Read(meant, ("egisso_spelling",))
    if kind == "snils" and (digits := compact(text)) != text:
        return Read(digits, ("egisso_spelling",))
    return Read(text)


def _stamp(text: str) -> Read:
    found = _STAMP.match(text)
    if found is None:
        return (
            Read("", ()) if not text else Read("-")
        )  # pydantic would read more than the rule allows: a number, a date
    notes = ("egisso_fraction_dropped",) if found[2] else ()
    whole = found[1] + found[3]
    try:
        moment = datetime.fromisoformat(whole)
        if not is_stamp_offset(moment.utcoffset()):
            return Read(moment.astimezone(UTC).isoformat(), (*notes, "egisso_offset_changed"))
    except (ValueError, OverflowError):
        return Read("-", notes)
    return Read(whole, notes)


def as_text(value: object) -> str:
    """A value as the file has it: a date without a zone, a moment in whole seconds with Z or its offset."""
    if isinstance(value, datetime):
        text = value.isoformat(timespec="seconds")
        return text.removesuffix("+00:00") + "Z" if value.utcoffset() == timedelta(0) else text
    return value.isoformat() if isinstance(value, date) else str(value)
