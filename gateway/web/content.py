"""The content of a section as lines that people read: a label and its values. Works on what came through the door."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.web.words import Words
from policies.masks import WITHHELD
from schemas.catalogue import text
from schemas.codes import find_code
from schemas.identifiers import format_snils, is_snils
from schemas.ids import Category
from schemas.notes import note_rows
from schemas.sections import message_fields, summary_fields

Json = Any
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Line:
    """One field: what it is called, and its values one below the other."""

    label: str
    values: tuple[str, ...]


def message_lines(category: Category, content: Mapping[str, Json], words: Words) -> tuple[Line, ...]:
    """The fields of one section of a message, in the order of their table; what is empty is left out."""
    lines = []
    for row in message_fields().get(category, ()):
        value = content.get(row.field)
        if value in (None, "", [], (), {}):
            continue
        spell = _SPELL.get(row.field, _plain if row.field in _WORDS else _things)
        lines.append(Line(words.label(row), tuple(spell(value, words))))
    return tuple(lines)


_WORDS: Final = frozenset({"full_name", "safe_contact", "statement", "requested_action", "text", "services"})
"""Fields of a message that are somebody's own words or codes of a list of its own."""


def note_lines(message_type: str, notes: Mapping[str, str], words: Words) -> tuple[Line, ...]:
    """Dates, codes and words of a message, in the order of their table."""
    lines = []
    for row in note_rows().get(message_type, ()):
        value = notes.get(row.field)
        if value is None:
            continue
        label = row.label_ru if words.language == "ru" else row.label_en
        if row.kind == "date":
            spelled = [words.day(value)]
        elif row.kind == "instant":
            spelled = [words.instant(datetime.fromisoformat(value))]
        elif row.kind in {"code", "codes"}:
            spelled = [words.note(row.system, code) for code in value.split(" ")]
        else:
            spelled = [value]
        lines.append(Line(label, tuple(spelled)))
    return tuple(lines)


def summary_lines(category: Category, content: Mapping[str, Json], words: Words) -> tuple[Line, ...]:
    """The fields of one section of a summary, in the order of their table; lists of things are one line each."""
    lines = []
    for row in summary_fields().get(category, ()):
        value = content.get(row.field)
        if value in (None, "", [], (), {}):
            continue
        spell = _SPELL.get(row.field, _things)
        lines.append(Line(words.label(row), tuple(spell(value, words))))
    return tuple(lines)


def message_labels(category: Category, fields: Collection[str], words: Words) -> tuple[str, ...]:
    """What people call these fields of one section of a message, in the order of their table."""
    return tuple(words.label(row) for row in message_fields().get(category, ()) if row.field in fields)


def _plain(value: Json, words: Words) -> list[str]:
    del words
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]


def _things(value: Json, words: Words) -> list[str]:
    """A thing, or a list of things: its parts side by side, codes and dates in words."""
    if isinstance(value, list | tuple):
        return [" · ".join(_parts(item, words)) for item in value]
    return [" · ".join(_parts(value, words))]


def _parts(value: Json, words: Words) -> list[str]:
    if isinstance(value, Mapping):
        return [part for name, item in value.items() for part in _named(name, item, words) if part]
    if isinstance(value, str) and _DATE.fullmatch(value):
        return [words.day(value)]
    if isinstance(value, str) and value == WITHHELD:
        return [text("web_content.withheld", words.language)]
    return [words.code(str(value))]


def _named(name: str, value: Json, words: Words) -> list[str]:
    """A part of a thing; a yes or no in words that say of what."""
    if isinstance(value, bool):
        return [text(f"web_content.{name}_{'true' if value else 'false'}", words.language)]
    return _parts(value, words)


def _date(value: Json, words: Words) -> list[str]:
    day = words.day(str(value))
    return [text("web_content.expected", words.language, month=day) if words.is_month(value) else day]


def _sex(value: Json, words: Words) -> list[str]:
    return [words.sex(str(value))]


def _snils(value: Json, words: Words) -> list[str]:
    del words
    return [format_snils(value) if is_snils(str(value)) else str(value)]


def _document(value: Json, words: Words) -> list[str]:
    kind = find_code(str(value.get("system", "")), str(value.get("type", "")))
    name = kind.name_ru if kind and words.language == "ru" else str(value.get("type", ""))
    number = " ".join(str(value[part]) for part in ("series", "number") if value.get(part))
    issued = [words.day(value["issued_on"])] if value.get("issued_on") else []
    return [", ".join(part for part in (name, number, *issued, value.get("issuer")) if part)]


def _phones(value: Json, words: Words) -> list[str]:
    del words
    return [", ".join(part for part in (p.get("number"), p.get("whose"), p.get("when")) if part) for p in value]


def _address(value: Json, words: Words) -> list[str]:
    shown, municipality = str(value.get("text") or ""), str(value.get("municipality") or "")
    if shown == WITHHELD:
        return [text("web_content.address_withheld", words.language)]
    return [f"{shown} ({municipality})" if municipality and municipality not in shown else shown]


def _concerns(value: Json, words: Words) -> list[str]:
    return [words.concern(str(code)) for code in value]


def _role(value: Json, words: Words) -> list[str]:
    return [words.role(str(value))]


def _aware(value: Json, words: Words) -> list[str]:
    return _named("family_aware", bool(value), words)


def _absent(value: Json, words: Words) -> list[str]:
    return [words.absent(str(code)) for code in value]


_SPELL: Final[Mapping[str, Callable[[Json, Words], list[str]]]] = {
    "birth_date": _date,
    "observed_on": _date,
    "sex": _sex,
    "snils": _snils,
    "document": _document,
    "phones": _phones,
    "address": _address,
    "registered": _address,
    "absent": _absent,
    "concerns": _concerns,
    "factors": _concerns,
    "role": _role,
    "family_aware": _aware,
}
"""How a field is spelled; every other field is plain text."""
