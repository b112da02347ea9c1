"""The small parts that resources are made of: codings, references, extensions, and how something absent is said."""

from __future__ import annotations

import csv
import functools
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any, Final

from schemas.exports import ExportSection
from schemas.package import Said

BASE: Final = "urn:mezhved:fhir:"
"""Everything of ours: extensions, code systems, systems of identifiers."""
ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
LABELS: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
OGRN: Final = "urn:oid:1.2.643.100.1"
INN: Final = "urn:oid:1.2.643.3.131.1.1"
SNILS: Final = "urn:oid:1.2.643.100.3"
_SPACE: Final = uuid.UUID("6f1b5b0e-3d0f-5d0a-9b5e-0d7c6f6d6a10")
_NOT_IN_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Json = dict[str, Any]


@functools.cache
def _codes() -> Mapping[tuple[str, str], str]:
    table = resources.files(__package__).joinpath("codes.csv").read_text("utf-8")
    return {(row["list"], row["ours"]): row["fhir"] for row in csv.DictReader(table.splitlines())}


def code_of(listed: str, ours: str) -> str | None:
    """The code of FHIR for one of ours; None where there is no counterpart."""
    return _codes().get((listed, ours))


def clean(text: str) -> str:
    """Text as FHIR takes it: no control characters, never empty."""
    return _NOT_IN_TEXT.sub(" ", text).strip() or "—"


def instant(at: datetime) -> str:
    """An instant in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def own_id(kind: str, *parts: str) -> str:
    """An identifier of a resource: the same for the same things, and told apart from all others."""
    return str(uuid.uuid5(_SPACE, "/".join((kind, *parts))))


def address(kind: str, resource_id: str) -> str:
    """What a resource is called in a bundle."""
    return f"urn:uuid:{own_id('bundle', kind, resource_id)}"


def reference(kind: str, resource_id: str, display: str | None = None) -> Json:
    """A reference to a resource of the same bundle."""
    return {"reference": address(kind, resource_id), "type": kind, **({"display": clean(display)} if display else {})}


def identifier(system: str, value: str) -> Json:
    """A business identifier; `system` is absolute, or a name under our base."""
    known = system if ":" in system else f"{BASE}identifier:{system}"
    return {"system": known, "value": clean(value)}


def coding(system: str, code: str, display: str | None = None) -> Json:
    """A code of one of our systems, or of a public one where `system` is an address."""
    known = system if ":" in system else f"{BASE}codes:{system}"
    return {"system": known, "code": _code(code), **({"display": clean(display)} if display else {})}


def concept(system: str, said: Said) -> Json:
    """A code of ours with its words."""
    words = said.ru or said.value
    return {"coding": [coding(system, said.value, words)], "text": clean(words)}


def _code(code: str) -> str:
    """A code has no blank at an end and none twice."""
    return " ".join(clean(code).split()) or "—"


def extension(name: str, **value: object) -> Json:
    """One of our extensions with its value, e.g. `valueCode`."""
    return {"url": f"{BASE}{name}", **value}


def parts(name: str, *inner: Json | None) -> Json:
    """One of our extensions that consists of several."""
    return {"url": f"{BASE}{name}", "extension": [part for part in inner if part is not None]}


def part(name: str, kind: str, value: object | None) -> Json | None:
    """A part of an extension; None where there is nothing to say."""
    return None if value in (None, "") else {"url": name, f"value{kind}": value}


def our_code(code: str) -> Json:
    """Our own code beside one of FHIR that says less."""
    return extension("code", valueCode=_code(code))


def unsupported(code: str) -> Json:
    """A required code for which FHIR has no counterpart: absent, with our own beside it."""
    return {"extension": [{"url": ABSENT, "valueCode": "unsupported"}, our_code(code)]}


def coded(resource: Json, element: str, listed: str, ours: str) -> None:
    """Set an element to the code of FHIR; where there is none it is absent, with ours beside it."""
    found = code_of(listed, ours)
    if found is None:
        resource[f"_{element}"] = unsupported(ours)
    else:
        resource[element] = found


def why_absent(section: ExportSection | None) -> Json:
    """Why something of this section is not there. A section nobody asked for is not told apart from a withheld one."""
    if section is None:
        return {"extension": [{"url": ABSENT, "valueCode": "masked"}]}
    said = section.absence or section.effect
    reason = code_of("absent_reason", said) or "unknown"
    return {"extension": [{"url": ABSENT, "valueCode": reason}, access(section)]}


def access(section: ExportSection) -> Json:
    """What the ruling made of a section, by which rule, and what it obliges to."""
    return parts(
        "access",
        part("category", "Code", section.category),
        part("effect", "Code", section.effect),
        part("rule", "String", section.rule),
        part("citation", "String", section.citation),
        part("title", "String", section.title),
        part("remedy", "String", section.remedy),
        part("absence", "Code", section.absence),
        part("retainUntil", "Date", section.retain_until.isoformat() if section.retain_until else None),
        part("decidedBy", "DateTime", instant(section.decided_by) if section.decided_by else None),
        part("statute", "String", clean(section.statute) if section.statute else None),
        *(part("obligation", "Code", _code(duty.value)) for duty in section.duties),
    )


def meta(*, cut: bool) -> Json:
    """Security labels: restricted, and redacted where anything was cut."""
    labels = [{"system": CONFIDENTIALITY, "code": "R"}]
    return {"security": [*labels, {"system": LABELS, "code": "REDACTED"}] if cut else labels}


def period(start: object = None, end: object = None) -> Json | None:
    """A period with the ends that are known; None where neither is."""
    found = {name: _day(value) for name, value in (("start", start), ("end", end)) if value not in (None, "")}
    return found or None


def _day(value: object) -> str:
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def given(**elements: object) -> Json:
    """The elements that have a value: FHIR knows no nulls and no empty lists."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {}, ())}
