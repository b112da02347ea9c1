"""Canonical documents out: strictly by the XSD, checked before the first byte is handed over."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree
from pydantic import BaseModel

from adapters.documents.findings import schema_complaints
from adapters.documents.shape import Part, Shape, qualified, shape_of
from adapters.xml.fill import NIL
from adapters.xml.tree import new_root
from adapters.xml.writer import written
from schemas.documents import KINDS, NAMESPACE, DocumentKind
from schemas.errors import BadInput


def write_document(value: BaseModel) -> bytes:
    """One document in UTF-8. What equals its default is left out, an empty section is an empty element.

    Raises BadInput (draft_not_writable, with the element) for what the XSD has no place for. Control characters, which XML
    cannot carry, become spaces.
    """
    return _document(_record(kind_of(value), value))


def write_documents(values: Sequence[BaseModel]) -> bytes:
    """A batch of documents of one kind. Raises BadInput as `write_document` does, and for no documents at all."""
    if not values:
        raise BadInput("document_without_records")
    kind = kind_of(values[0])
    batch = new_root(qualified(kind.batch), NAMESPACE)
    batch.extend([_record(kind, value) for value in values])
    return _document(batch)


def kind_of(value: BaseModel) -> DocumentKind:
    """Which document a value is."""
    return next(kind for kind in KINDS if isinstance(value, kind.model))


def _document(root: etree._Element) -> bytes:
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _record(kind: DocumentKind, value: BaseModel) -> etree._Element:
    record = new_root(qualified(kind.root), NAMESPACE)
    _write(record, value, shape_of(kind.model))
    for complaint in schema_complaints(record, 1):
        raise BadInput("draft_not_writable", element=complaint.place)
    return record


def _write(parent: etree._Element, value: BaseModel, shape: Shape) -> None:
    for part in shape.parts:
        found = getattr(value, part.field)
        if not part.required and found == part.default:
            continue
        for one in found if part.many else (found,):
            _write_one(etree.SubElement(parent, qualified(part.element)), one, part)


def _write_one(element: etree._Element, value: object, part: Part) -> None:
    if value is None:
        element.set(NIL, "true")
    elif isinstance(value, BaseModel) and isinstance(part.of, Shape):
        _write(element, value, part.of)
    else:
        element.text = written(value)
