"""What a message says beside its sections: dates and codes, and words that name nobody (`data/message_notes.csv`).

In a reply inside somebody's own thread nothing else travels, so nothing new about a family can: a date, a code of a list,
a participant, an office phone. Words are handed back apart: the caller checks that they name nobody, and keeps them sealed.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from schemas.codes import code_lists, find_code
from schemas.days import is_countable
from schemas.errors import BadInput
from schemas.messages import NoteDraft, message_types

WORDS: Final = frozenset({"words", "phone"})
"""Types of notes that are kept sealed: free words, and a phone of the sender's office."""

_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "number": re.compile(r"[1-9]\d{0,5}"),
    "oktmo": re.compile(r"\d{2}|\d{5}|\d{8}|\d{11}"),
    "phone": re.compile(r"\+?[\d ()-]{5,20}(, ?(доб\.?|ext\.?) ?\d{1,6})?"),
}


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One field of one type of message. `kind` is date, instant, code, codes, number, oktmo, ogrns, phone or words; `system`
    the code list of a code. `when`: a day that has come already (past) or is still to come (future), or one that is not before
    that of another field (after:from); empty where it may be any."""

    message: str
    field: str
    kind: str
    system: str
    required: bool
    when: str
    label_ru: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Notes:
    """Checked notes: `plain` are dates and codes, `words` what people read and nobody else; `phones` of these are numbers
    of offices, and no sentences."""

    plain: Mapping[str, str]
    words: Mapping[str, str]
    phones: frozenset[str] = frozenset()


@functools.cache
def note_rows() -> Mapping[str, tuple[NoteRow, ...]]:
    """The fields of every type of message that has any, in the order of the table."""
    table = resources.files("schemas").joinpath("data", "message_notes.csv").read_text("utf-8")
    found: dict[str, list[NoteRow]] = {}
    for row in csv.DictReader(table.splitlines()):
        kind, _, system = row["type"].partition(":")
        found.setdefault(row["message"], []).append(
            NoteRow(
                row["message"],
                row["field"],
                kind,
                system,
                row["required"] == "yes",
                row["when"],
                row["label_ru"],
                row["label_en"],
            )
        )
    return {message: tuple(rows) for message, rows in found.items()}


def check_notes(message_type: str, notes: Sequence[NoteDraft]) -> Notes:
    """Notes by field. Raises BadInput note_unknown, note_twice, note_required or note_invalid, each with the field."""
    rows = {row.field: row for row in note_rows().get(message_type, ())}
    given: dict[str, str] = {}
    for note in notes:
        if note.field not in rows:
            raise BadInput("note_unknown", field=note.field, known=", ".join(rows) or "–")
        if note.field in given:
            raise BadInput("note_twice", field=note.field)
        if not _fits(rows[note.field], note.value):
            raise BadInput("note_invalid", field=note.field, expected=_expected(rows[note.field]))
        given[note.field] = note.value
    for row in rows.values():
        if row.required and row.field not in given:
            raise BadInput("note_required", field=row.field)
    return Notes(
        {field: value for field, value in given.items() if rows[field].kind not in WORDS},
        {field: value for field, value in given.items() if rows[field].kind in WORDS},
        frozenset(field for field in given if rows[field].kind == "phone"),
    )


def check_note_dates(message_type: str, plain: Mapping[str, str], now: datetime, zone: str) -> None:
    """That dates of checked notes can be true where the sender is: a service that was rendered, a meeting that took place, is
    no day to come; nobody is invited to what is over; a period does not end before it begins.

    Raises BadInput note_in_future, note_in_past or note_period, each with the field.
    """
    for row in note_rows().get(message_type, ()):
        if not row.when or row.field not in plain:
            continue
        value = plain[row.field]
        if row.when.startswith(_AFTER):
            begins = plain.get(row.when.removeprefix(_AFTER))
            if begins is not None and date.fromisoformat(value) < date.fromisoformat(begins):
                raise BadInput("note_period", field=row.field, begins=begins)
            continue
        ahead, behind = _compared(row, value, now, zone)
        if row.when == _PAST and ahead:
            raise BadInput("note_in_future", field=row.field)
        if row.when == _FUTURE and behind:
            raise BadInput("note_in_past", field=row.field)


def _compared(row: NoteRow, value: str, now: datetime, zone: str) -> tuple[bool, bool]:
    """Whether a value lies ahead, and whether it lies behind; today does neither."""
    if row.kind == "instant":
        at = datetime.fromisoformat(value)
        return at > now, at < now
    day, today = date.fromisoformat(value), now.astimezone(ZoneInfo(zone)).date()
    return day > today, day < today


_PAST: Final = "past"
_FUTURE: Final = "future"
_AFTER: Final = "after:"


def _fits(row: NoteRow, value: str) -> bool:
    pattern = _PATTERNS.get(row.kind)
    if pattern is not None:
        return pattern.fullmatch(value) is not None
    return _CHECKS[row.kind](row, value)


def _is_date(_: NoteRow, value: str) -> bool:
    return len(value) == len("2026-03-01") and _parsed(date, value) and is_countable(date.fromisoformat(value))


def _is_instant(_: NoteRow, value: str) -> bool:
    if not _parsed(datetime, value):
        return False
    at = datetime.fromisoformat(value)
    return at.utcoffset() is not None and is_countable(at)


def _are_codes(row: NoteRow, value: str) -> bool:
    parts = [value] if row.kind == "code" else value.split(" ")
    return all(find_code(row.system, code) is not None for code in parts)


def _are_ogrns(_: NoteRow, value: str) -> bool:
    return all(_OGRN.fullmatch(part) for part in value.split(" "))


_OGRN: Final = re.compile(r"\d{13}|\d{15}")
_CHECKS: Final[Mapping[str, Callable[[NoteRow, str], bool]]] = {
    "words": lambda _row, _value: True,
    "date": _is_date,
    "instant": _is_instant,
    "code": _are_codes,
    "codes": _are_codes,
    "ogrns": _are_ogrns,
}


def _parsed(kind: type[date], value: str) -> bool:
    try:
        kind.fromisoformat(value)
    except ValueError:
        return False
    return True


def _expected(row: NoteRow) -> str:
    """How a value is written, in signs of every language: an example, or the codes of the list."""
    if row.kind in {"code", "codes"}:
        listed = " | ".join(code_lists()[row.system])
        return listed if row.kind == "code" else f"({listed})+"
    return _EXAMPLES[row.kind]


_EXAMPLES: Final[Mapping[str, str]] = {
    "date": "2026-03-01",
    "instant": "2026-03-01T10:00:00+03:00",
    "ogrns": "1000000000000 1000000000001",
    "oktmo": "45 | 45000 | 45000000 | 45000000000",
    "number": "12",
    "phone": "+7 495 000-00-00",
}


def check_note_tables() -> None:
    """Every field is of a known type of message, kind and code list. Raises RuntimeError that names the row."""
    for message, rows in note_rows().items():
        for row in rows:
            known = row.kind in {*_CHECKS, *_PATTERNS}
            known = known and (row.when in {"", _PAST, _FUTURE} or _begins(row, rows))
            known = known and (not row.when or row.kind in {"date", "instant"})
            if message not in message_types() or not known or (row.kind.startswith("code") and not row.system):
                msg = f"message_notes.csv: {message}.{row.field} is of no known type of message or kind"
                raise RuntimeError(msg)


def _begins(row: NoteRow, rows: Sequence[NoteRow]) -> bool:
    other = next((one for one in rows if f"{_AFTER}{one.field}" == row.when), None)
    return row.kind == "date" and other is not None and other.kind == "date"
