"""The texts of a row as values of an organisation or of a service."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from adapters.tables.cells import CellFault, split_values
from adapters.tables.dates import parse_date
from schemas.codes import recognise
from schemas.directory import (
    APPLY_WAYS,
    AUDIENCES,
    FEES,
    ORGANISATION_KINDS,
    SERVICE_FORMS,
    SERVICE_KINDS,
    SERVICE_STATUSES,
)

_LISTED: Final = {
    "organisation.kind": ORGANISATION_KINDS,
    "service.kinds": SERVICE_KINDS,
    "service.form": SERVICE_FORMS,
    "service.status": SERVICE_STATUSES,
    "service.audiences": AUDIENCES,
    "service.apply_by": APPLY_WAYS,
    "service.fee": FEES,
    "service.urgencies": "mezhved_urgency",
}
_MANY: Final = frozenset(
    {
        f"service.{name}"
        for name in ("kinds", "territories", "districts", "audiences", "urgencies", "apply_by", "documents")
    }
)
_YES: Final = frozenset({"да", "1", "true", "истина"})


def values_of(given: dict[str, str], owner: str) -> dict[str, Any]:
    """Those of one owner, by the names of its fields."""
    values: dict[str, Any] = {}
    lists: dict[str, dict[str, list[str]]] = {}
    for field, text in given.items():
        mine, _, path = field.partition(".")
        if mine != owner or path.startswith("hours"):
            continue
        name, _, part = path.partition(".")
        if part and name in {"phones", "places"}:
            lists.setdefault(name, {})[part] = split_values(text)
        elif part:
            values.setdefault(name, {})[part] = _plain(part, text)
        elif field in _MANY:
            values[name] = tuple(_code(field, each) for each in split_values(text))
        else:
            values[name] = _plain(name, _code(field, text))
    for name, parts in lists.items():
        count = max(map(len, parts.values()))
        values[name] = tuple(
            {part: _plain(part, found[place]) for part, found in parts.items() if place < len(found) and found[place]}
            for place in range(count)
        )
    return values


def _code(field: str, text: str) -> str:
    system = _LISTED.get(field)
    entry = recognise(system, text) if system else None
    return entry.code if entry else text


def _plain(name: str, text: str) -> object:
    if name in {"synthetic", "night_calls"}:
        return text.casefold() in _YES
    if name in {"latitude", "longitude"}:
        return text.replace(",", ".")
    if name in {"stated_on", "assured_on"}:
        return _day(text)
    return text


def _day(text: str) -> object:
    """A day as people write it; what is none is left for the record to refuse."""
    try:
        value, _ = parse_date(text)
    except CellFault:
        return text
    return value.date() if isinstance(value, datetime) else value
