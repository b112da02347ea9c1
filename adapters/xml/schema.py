"""The published XSD, and its findings as complaints.

libxml2's own messages repeat the value they complain of, so none of their text is passed on: only the element's name,
the line and a rule of ours.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Final

from lxml import etree

from adapters.report import Complaint, Severity
from adapters.xml.guard import shown
from adapters.xml.mapping import ELEMENTS
from adapters.xml.tree import LINE_CEILING, findings, line_of

_ELEMENT: Final = re.compile(r"^Element '(?:\{[^}]*\})?([^']+)'")
_ATTRIBUTE: Final = re.compile(r"^Element '[^']+', attribute '(?:\{[^}]*\})?([^']+)'")
_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\(([^)]*)\)")
_NAMES: Final = re.compile(r"\{[^}]*\}([^\s,]+)")

_FACETS: Final = {
    "SCHEMAV_CVC_MAXLENGTH_VALID": "value_too_long",
    "SCHEMAV_CVC_MINLENGTH_VALID": "value_empty",
    "SCHEMAV_CVC_ENUMERATION_VALID": "code_unknown",
}
_SHAPES: Final = {
    "Snils": "snils_malformed",
    "SenderOgrn": "ogrn_malformed",
    "RecipientOgrn": "ogrn_malformed",
    "MessageId": "uuid_malformed",
    "ConsentId": "uuid_malformed",
    "CreatedAt": "instant_malformed",
    "RegDate": "date_malformed",
    "BirthDate": "date_malformed",
    "DocIssueDate": "date_malformed",
    "ObservedAt": "date_malformed",
    "Oktmo": "oktmo_malformed",
}
_NAMED_CODES: Final = {"MessageType": "type_not_in_document", "DocSystem": "document_system_unknown"}


@functools.cache
def referral_schema() -> etree.XMLSchema:
    """`schemas/xsd/referral-1.xsd`, compiled once."""
    source = resources.files("schemas").joinpath("xsd", "referral-1.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(source))


def schema_complaints(record: etree._Element, number: int) -> Iterator[Complaint]:
    """What the XSD finds in one record: one complaint per element, the first finding counts."""
    return complaints_of(referral_schema(), record, number, _malformed, _NAMED_CODES)


def _malformed(element: str) -> str | None:
    return _SHAPES.get(element, "value_malformed") if element in ELEMENTS else None


def complaints_of(
    schema: etree.XMLSchema,
    record: etree._Element,
    number: int,
    malformed: Callable[[str], str | None],
    named: Mapping[str, str],
) -> Iterator[Complaint]:
    """The same of any schema. `malformed` knows the rule of an element whose value has another form, None for an unknown
    element; `named` the rule of one whose code is not in its list, where it has one of its own."""
    if schema.validate(record):
        return
    told: set[tuple[int, str]] = set()
    for finding in findings(schema):
        line = finding.line if finding.line != LINE_CEILING else line_of(record)
        found = _ELEMENT.match(finding.message)
        element = found[1] if found else ""
        if (line, element) in told:
            continue
        told.add((line, element))
        yield _complaint(finding.type_name, finding.message, element, line, number, malformed, named)


def _complaint(
    rule: str,
    message: str,
    element: str,
    line: int,
    number: int,
    malformed: Callable[[str], str | None],
    named: Mapping[str, str],
) -> Complaint:
    params: dict[str, str | int] = {}
    place = shown(element)
    if rule == "SCHEMAV_ELEMENT_CONTENT":
        code = "element_missing" if "Missing child" in message else "element_not_expected"
        expected = _EXPECTED.search(message)
        params["expected"] = ", ".join(_NAMES.findall(expected[1])) if expected else "—"
    elif attribute := _ATTRIBUTE.match(message):
        code, place = "attribute_not_expected", f"{place}/@{shown(attribute[1])}"
    elif rule == "SCHEMAV_CVC_ENUMERATION_VALID":
        code = named.get(element, _FACETS[rule])
    elif rule in _FACETS:
        code = _FACETS[rule]
    elif known := malformed(element):
        code = known
    else:
        code = "element_not_expected"
        params["expected"] = "—"
    return Complaint(code, Severity.ERROR, place, line, number, params)
