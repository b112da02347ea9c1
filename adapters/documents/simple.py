"""Simple types: what the annotation of a field says of its text, as XSD 1.0 can say it.

What only a validator of ours knows (check digits, code lists) XSD cannot say; it is told by the import report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import TypeAdapter

from schemas.opening_hours import MINUTE_PATTERN

DATE: Final = "Date"
PARTIAL_DATE: Final = "PartialDate"
_ONE_OF: Final = re.compile(r"^\^\(([a-z_|]+)\)\$$")
_UUID: Final = "{8}(-["
_FORMATS: Final = {"date": DATE, "date-time": "Instant"}
_BASES: Final = {"boolean": "xs:boolean", "integer": "xs:integer", "number": "xs:decimal"}


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple type: `base` with facets, each an element of `xs:restriction` and its value. A built-in one has no facets."""

    name: str
    base: str
    facets: tuple[tuple[str, str], ...] = ()
    note_ru: str = ""


BUILT: Final[Mapping[str, Simple]] = {
    DATE: Simple(
        DATE,
        "xs:date",
        (("pattern", r"[0-9]{4}-[0-9]{2}-[0-9]{2}(Z|[+\-][0-9]{2}:[0-9]{2})?"),),
        "ГГГГ-ММ-ДД. Смещение от UTC, если есть, отбрасывается, дата не сдвигается.",
    ),
    PARTIAL_DATE: Simple(
        PARTIAL_DATE,
        "xs:token",
        (("pattern", r"[12][0-9]{3}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])(Z|[+\-][0-9]{2}:[0-9]{2})?)?"),),
        "ГГГГ-ММ-ДД или, для ожидаемого ребёнка, ГГГГ-ММ.",
    ),
    "Instant": Simple(
        "Instant",
        "xs:dateTime",
        (("pattern", r"[0-9]{4}-.+(Z|[+\-][0-9]{2}:[0-9]{2})"),),
        "Дата и время со смещением от UTC, например 2026-03-02T10:15:00+03:00.",
    ),
    "Minute": Simple("Minute", "xs:token", (("pattern", "([01][0-9]|2[0-3]):[0-5][0-9]"),), "ЧЧ:ММ"),
    "Uuid": Simple("Uuid", "xs:token", (("pattern", "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),)),
}
_PATTERNS: Final = {
    r"^[A-Za-z][A-Za-z0-9_-]{0,49}$": "Code",
    r"^[0-9]{13}$|^[0-9]{15}$": "Ogrn",
    r"^[0-9]{11}$": "Snils",
    r"^[0-9]{8}([0-9]{3})?$": "Oktmo",
    r"^[0-9a-f]{64}$": "Sha256",
    r"^[12][0-9]{3}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$": PARTIAL_DATE,
    MINUTE_PATTERN: "Minute",
}


def simple_type(annotation: Any, fallback: str) -> Simple:  # noqa: ANN401  a type of any kind
    """The simple type of an annotation; `fallback` is the name of one that has no name of its own."""
    return _simple(TypeAdapter(annotation).json_schema(), fallback)  # asked once: shapes are remembered


def _simple(said: Mapping[str, Any], fallback: str) -> Simple:
    if found := _FORMATS.get(said.get("format", "")):
        return BUILT[found]
    kind = str(said["type"])
    if kind != "string":
        facets = [("minInclusive", said.get("minimum")), ("maxInclusive", said.get("maximum"))]
        known = tuple((name, str(value)) for name, value in facets if value is not None)
        return Simple(fallback if known else _BASES[kind], _BASES[kind], known)
    if values := _listed(said):
        return Simple(fallback, "xs:token", tuple(("enumeration", value) for value in values))
    if pattern := said.get("pattern"):
        simple, most = _patterned(str(pattern), fallback), said.get("maxLength")
        return simple if most is None else replace(simple, facets=(*simple.facets, ("maxLength", str(most))))
    longest, shortest = said.get("maxLength"), said.get("minLength", 0)
    if longest is None:
        return Simple("xs:string", "xs:string")
    name = f"Text{longest}" if shortest else f"Text0to{longest}"
    least = (("minLength", str(shortest)),) if shortest else ()
    return Simple(name, "xs:string", (*least, ("maxLength", str(longest))))


def _listed(said: Mapping[str, Any]) -> tuple[str, ...]:
    if one_of := _ONE_OF.match(said.get("pattern", "")):
        return tuple(one_of[1].split("|"))
    return tuple(said.get("enum", ()))


def _patterned(pattern: str, fallback: str) -> Simple:
    if _UUID in pattern:
        return BUILT["Uuid"]
    name = _PATTERNS.get(pattern, fallback)
    if name in BUILT:
        return BUILT[name]
    base = "xs:string" if " " in pattern else "xs:token"  # a token folds spaces before it is compared
    return Simple(name, base, (("pattern", _as_xsd(pattern)),))


def _as_xsd(pattern: str) -> str:
    """A pattern of Python as XSD writes it: it always is about the whole, and knows no needless backslashes."""
    whole = "|".join(part.removeprefix("^").removesuffix("$") for part in pattern.split("$|^"))
    return whole.replace('\\"', '"').replace(r"\d", "[0-9]").replace("_-]", r"_\-]")
