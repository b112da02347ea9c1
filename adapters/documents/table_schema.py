"""The published descriptions of our tables, for those who check a file before they send it: Frictionless Table Schema and CSVW.

They describe what the gateway writes. What it reads is more: other spellings of headings, of dates and of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.tables.profile import Column, Profile

_UUID: Final = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_PATTERNS: Final[Mapping[str, str]] = {
    "uuid": _UUID,
    "ogrn": r"\d{13}|\d{15}",
    "snils": r"\d{3}-\d{3}-\d{3} \d{2}",
    "oktmo": r"\d{8}(\d{3})?",
    "partial_date": r"(\d{2}\.)?\d{2}\.\d{4}",
}
_YES, _NO = "да", "нет"


def table_schema(profile: Profile) -> dict[str, Any]:
    """The Table Schema. A field's `name` is the heading, as validators compare it; our own name stands beside it."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "name": profile.name,
        "version": str(profile.version),
        "missingValues": [""],
        "fields": [_field(column) for column in profile.columns if column.export],
    }


def _field(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"name": column.heading, "mezhved:field": column.field, "mezhved:kind": column.kind}
    match column.kind:
        case "date":
            return {**found, "type": "date", "format": "%d.%m.%Y"}
        case "instant":
            return {**found, "type": "datetime", "format": "%d.%m.%Y %H:%M:%S"}
        case "boolean":
            return {**found, "type": "boolean", "trueValues": [_YES], "falseValues": [_NO]}
        case kind if kind in _PATTERNS:
            return {**found, "type": "string", "constraints": {"pattern": _PATTERNS[kind]}}
    return {**found, "type": "string"}


def csvw(profile: Profile) -> dict[str, Any]:
    """The CSVW metadata of a file `<name>.csv`."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "ru"}],
        "url": f"{profile.name}.csv",
        "dialect": {"delimiter": ";", "encoding": "utf-8", "quoteChar": '"', "header": True},
        "tableSchema": {
            "columns": [
                {"name": column.field, "titles": {"ru": column.heading}, "datatype": _datatype(column), "null": ""}
                for column in profile.columns
                if column.export
            ]
        },
    }


def _datatype(column: Column) -> Any:  # noqa: ANN401  a name or an object, as the standard has it
    match column.kind:
        case "date":
            return {"base": "date", "format": "dd.MM.yyyy"}
        case "instant":
            return {"base": "dateTime", "format": "dd.MM.yyyy HH:mm:ss"}
        case "boolean":
            return {"base": "boolean", "format": f"{_YES}|{_NO}"}
        case kind if kind in _PATTERNS:
            return {"base": "string", "format": _PATTERNS[kind]}
    return "string"
