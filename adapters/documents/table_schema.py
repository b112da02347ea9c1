"""The published descriptions of our tables, for those who check a file before they send it: Frictionless Table Schema and CSVW.

They describe what the gateway writes. What it reads is more: other spellings of headings, of dates and of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.tables.fields import ABSENT
from adapters.tables.profile import Profile
from adapters.tables.writer import ABSENT_MARK

_UUID: Final = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_SECONDS: Final = r"[0-9]{2}\.[0-9]{2}\.[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}"
PATTERNS: Final[Mapping[str, str]] = {
    "uuid": _UUID,
    "ogrn": "[0-9]{13}|[0-9]{15}",
    "snils": "[0-9]{3}-[0-9]{3}-[0-9]{3} [0-9]{2}",
    "oktmo": "[0-9]{8}([0-9]{3})?",
    "partial_date": r"([0-9]{2}\.)?[0-9]{2}\.[0-9]{4}",
    "instant": rf"{_SECONDS}(\.[0-9]{{6}})?",
    "instant_with_offset": rf"{_SECONDS}(\.[0-9]{{6}})? [+\-][0-9]{{2}}:[0-9]{{2}}",
    "sha256": "[0-9a-f]{64}",
}
"""Kinds whose cells are texts of one form. An instant may have a fraction of a second, which no format of a date-time can leave
open; where every instant is written to the second (`moment`) it is a date-time."""
_YES, _NO = "да", "нет"
_DIALECT: Final = "https://datapackage.org/profiles/2.0/tableschema.json"
_CSVW: Final = "http://www.w3.org/ns/csvw"


@dataclass(frozen=True, slots=True)
class TableField:
    """One column: `field` is our own name of it. `pattern` and `values` are what every cell fits; `least` and `most` bound a
    number, `longest` a text."""

    field: str
    heading: str
    kind: str
    pattern: str = ""
    values: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class TableForm:
    """A published table."""

    name: str
    version: int
    fields: tuple[TableField, ...]


def form_of(profile: Profile) -> TableForm:
    """The table that is written by a profile. «Нет» stands where a person is known not to have it."""
    listed = []
    for column in profile.columns:
        if column.export:
            pattern = PATTERNS.get(column.kind, "")
            owner, _, name = column.field.partition(".")
            if pattern and owner and name in ABSENT:
                pattern = f"{pattern}|{ABSENT_MARK}"
            listed.append(TableField(column.field, column.heading, column.kind, pattern))
    return TableForm(profile.name, profile.version, tuple(listed))


def table_schema(form: TableForm) -> dict[str, Any]:
    """The Table Schema. A field's `name` is the heading, as validators compare it; our own name stands beside it."""
    return {
        "$schema": _DIALECT,
        "name": form.name,
        "version": str(form.version),
        "missingValues": [""],
        "fields": [_field(column) for column in form.fields],
    }


def data_package(name: str, version: int, forms: Sequence[TableForm]) -> dict[str, Any]:
    """Several tables of one archive as a Data Package: each with its file and its Table Schema."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "version": str(version),
        "resources": [
            {
                "name": form.name,
                "type": "table",
                "path": f"{form.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ";"},
                "schema": {
                    key: value for key, value in table_schema(form).items() if key in {"missingValues", "fields"}
                },
            }
            for form in forms
        ],
    }


def _field(column: TableField) -> dict[str, Any]:
    found: dict[str, Any] = {"name": column.heading, "mezhved:field": column.field, "mezhved:kind": column.kind}
    match column.kind:
        case "date":
            return {**found, "type": "date", "format": "%d.%m.%Y"}
        case "moment":
            return {**found, "type": "datetime", "format": "%d.%m.%Y %H:%M:%S"}
        case "boolean":
            return {**found, "type": "boolean", "trueValues": [_YES], "falseValues": [_NO]}
        case "integer" | "decimal":
            bounds = _constraints(minimum=column.least, maximum=column.most)
            return {**found, "type": "integer" if column.kind == "integer" else "number", **bounds}
    constraints = _constraints(
        pattern=f"({column.pattern})" if column.pattern else None,
        enum=list(column.values) or None,
        maxLength=column.longest,
    )
    return {**found, "type": "string", **constraints}


def _constraints(**given: Any) -> dict[str, Any]:  # noqa: ANN401  values of any type
    said = {name: value for name, value in given.items() if value is not None}
    return {"constraints": said} if said else {}


def csvw(form: TableForm) -> dict[str, Any]:
    """The CSVW metadata of a file `<name>.csv`."""
    return {"@context": [_CSVW, {"@language": "ru"}], **_table(form)}


def csvw_group(forms: Sequence[TableForm]) -> dict[str, Any]:
    """The CSVW metadata of several tables of one archive."""
    return {"@context": [_CSVW, {"@language": "ru"}], "tables": [_table(form) for form in forms]}


def _table(form: TableForm) -> dict[str, Any]:
    # The language of the table is that of what stands in its file, so that its headings are compared with these titles.
    return {
        "url": f"{form.name}.csv",
        "lang": "ru",
        "dialect": {"delimiter": ";", "encoding": "utf-8", "quoteChar": '"', "header": True},
        "tableSchema": {
            "columns": [
                {"name": _csvw_name(at, c), "titles": {"ru": c.heading}, "datatype": _datatype(c), "null": ""}
                for at, c in enumerate(form.fields, start=1)
            ]
        },
    }


def _csvw_name(at: int, column: TableField) -> str:
    """A name begins with no underscore and has only letters of a variable of a URI template; that of a number has none."""
    return column.field if column.field.replace(".", "").replace("_", "").isascii() and column.field else f"number{at}"


def _datatype(column: TableField) -> Any:  # noqa: ANN401  a name or an object, as the standard has it
    match column.kind:
        case "date":
            return {"base": "date", "format": "dd.MM.yyyy"}
        case "moment":
            return {"base": "dateTime", "format": "dd.MM.yyyy HH:mm:ss"}
        case "boolean":
            return {"base": "boolean", "format": f"{_YES}|{_NO}"}
        case "integer" | "decimal":
            bounds = {"minimum": column.least, "maximum": column.most}
            said = {name: value for name, value in bounds.items() if value is not None}
            return {"base": "integer" if column.kind == "integer" else "decimal", **said}
    if column.pattern or column.values:
        return {"base": "string", "format": column.pattern or "|".join(column.values)}
    return "string" if column.longest is None else {"base": "string", "maxLength": column.longest}
