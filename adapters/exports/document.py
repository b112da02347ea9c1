"""An export as XML, strictly by `export-1.xsd`.

Written from the values themselves: a field is an element with its name in capitals, several of a thing are one element each,
a value with words has them as attributes. What a value does not have is not there; what is withheld has its section.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any, Final

from lxml import etree

from adapters.xml.tree import new_root, writable
from schemas.errors import BadInput
from schemas.exports import Export, ExportReceipt, ExportSection, Party
from schemas.exports_own import ExportFactEvent, ExportPoint
from schemas.package import PackageField, Said

NAMESPACE: Final = "urn:mezhved:export:1"
_ONE: Final[Mapping[str, str]] = {
    "cases": "Case",
    "messages": "Message",
    "consents": "Consent",
    "authorities": "Authority",
    "records": "Record",
    "events": "Event",
    "people": "Person",
    "sections": "Section",
    "fields": "Field",
    "notes": "Note",
    "duties": "Duty",
    "about": "About",
    "documents": "Document",
    "receipts": "Receipt",
    "categories": "Category",
    "allowed": "Allowed",
    "signers": "Signer",
    "facts": "Fact",
    "fact_events": "FactEvent",
    "organisations": "Organisation",
    "scores": "Score",
    "points": "Points",
    "terms": "Term",
    "pauses": "Pause",
    "kept": "Kept",
    "own_notes": "OwnNote",
    "left_out": "LeftOut",
}
"""What one of several is called."""
_LEFT_OUT: Final = frozenset({(ExportSection, "content")})
"""The same is in `fields`, in the order of its table and with its words."""


@functools.cache
def export_schema() -> etree.XMLSchema:
    """`schemas/xsd/export-1.xsd`, compiled once."""
    return etree.XMLSchema(etree.fromstring(resources.files("schemas").joinpath("xsd", "export-1.xsd").read_bytes()))


def write_document(export: Export) -> bytes:
    """The document, in UTF-8. Raises BadInput (draft_not_writable) where the XSD has no place for it."""
    root = new_root(_q("Export"), NAMESPACE)
    _value(root, export)
    if not export_schema().validate(root):
        raise BadInput("draft_not_writable", element="Export")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _value(element: etree._Element, value: Any) -> None:  # noqa: ANN401  one function for every value
    """The fields of a value as children of its element."""
    for known in fields(value):
        found = getattr(value, known.name)
        if (type(value), known.name) in _LEFT_OUT or found in (None, "", ()):
            continue
        for name, one in _named(value, known.name, found):
            _child(element, name, one)


def _named(owner: object, name: str, found: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    if isinstance(found, tuple):
        yield from ((_ONE[name], one) for one in found)
    elif isinstance(found, Mapping):
        of_words = isinstance(owner, ExportReceipt | ExportFactEvent)
        for key, value in found.items():
            listed = value if isinstance(value, list | tuple) else [] if value is None else [value]
            yield from (("Words" if of_words else "Item", (key, one)) for one in listed)
    else:
        yield _camel(name), found


def _child(parent: etree._Element, name: str, value: Any) -> None:  # noqa: ANN401
    element = etree.SubElement(parent, _q(name))
    match value:
        case Said():
            _said(element, value)
        case PackageField():
            _field(element, value)
        case Party():
            _attributes(element, value, "kind", "ogrn", "inn")
            element.text = _clean(value.name)
        case (str() as key, datetime() as at):
            element.set("kind", _clean(key))
            element.text = _text(at)
        case (str() as key, single):
            element.set("name", _clean(key))
            element.text = _text(single)
        case ExportPoint():
            _said(element, value.criterion)
            element.set("name", element.text or "")
            element.text = str(value.points)
        case _ if is_dataclass(value):
            _value(element, value)
        case _:
            element.text = _text(value)


def _field(element: etree._Element, field: PackageField) -> None:
    _attributes(element, field, "name", "ru", "en")
    for parts in field.values:
        one = etree.SubElement(element, _q("Value"))
        for part in parts:
            _said(etree.SubElement(one, _q("Part")), part)


def _attributes(element: etree._Element, value: object, *names: str) -> None:
    for name in names:
        if (known := getattr(value, name)) is not None:
            element.set(name, _clean(known))


def _said(element: etree._Element, said: Said) -> None:
    _attributes(element, said, "ru", "en")
    element.text = _clean(said.value)


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            return _clean(str(value))


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _clean(text: str) -> str:
    """XML carries no control characters; line ends are one kind."""
    return writable(text.replace("\r\n", "\n").replace("\r", "\n"))
