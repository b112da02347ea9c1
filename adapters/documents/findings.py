"""What the published XSD finds in one record, as complaints."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Final

from lxml import etree

from adapters.documents.shape import all_shapes
from adapters.documents.simple import Simple
from adapters.report import Complaint
from adapters.xml.schema import complaints_of
from schemas.documents import KINDS, VERSION

_MALFORMED: Final[Mapping[str, str]] = {
    "Snils": "snils_malformed",
    "Ogrn": "ogrn_malformed",
    "Oktmo": "oktmo_malformed",
    "Uuid": "uuid_malformed",
    "Date": "date_malformed",
    "PartialDate": "date_malformed",
    "Instant": "instant_malformed",
}
"""Simple types whose malformed values have a rule of their own."""


@functools.cache
def exchange_schema() -> etree.XMLSchema:
    """The published XSD, compiled once."""
    source = resources.files("schemas").joinpath("xsd", f"exchange-{VERSION}.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(source))


def schema_complaints(record: etree._Element, number: int) -> Iterator[Complaint]:
    """One complaint per element, the first finding counts."""
    return complaints_of(exchange_schema(), record, number, _malformed_by_element().get, {})


@functools.cache
def _malformed_by_element() -> Mapping[str, str]:
    """The rule of every known element whose value has another form than its type."""
    roots = [name for kind in KINDS for name in (kind.root, kind.batch)]
    found = dict.fromkeys(roots, "value_malformed")
    for shape in all_shapes():
        for part in shape.parts:
            rule = _MALFORMED.get(part.of.name) if isinstance(part.of, Simple) else None
            if rule or part.element not in found:
                found[part.element] = rule or "value_malformed"
    return found
