"""Messages of the guardianship registers out: strictly by the table of elements, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lxml import etree
from pydantic import BaseModel

from adapters.egisso.history import History
from adapters.egisso.messages import ATTRIBUTE, MAX_RECORDS, ROOT, Message, Part, Shape, find_message, messages, shapes
from adapters.egisso.package import ELEMENTS, MADE_AT, PACKAGE, PACKAGE_ID
from adapters.egisso.release import Release, release_in
from adapters.egisso.rules import NOT_RUSSIAN, breaches
from adapters.egisso.spelling import as_text
from adapters.egisso.values import MessageHead
from adapters.formats import Context
from adapters.report import Severity
from adapters.xml.tree import new_root
from schemas.errors import BadInput

_PREFIXES: Final = {"package": "p", "record": "r", "basic": "b", "registers": "g"}


def write_registers(head: BaseModel, records: Sequence[BaseModel], context: Context | None = None) -> bytes:
    """One message in UTF-8. Records stand in the order of their kinds, as the schema wants it: created, edited, deleted.

    Raises BadInput for a version that no row knows, for no records, for more of one kind than a package takes, for records that
    a reader would refuse (an identifier that repeats), for a name with letters that are not Russian, for what this version has
    no element for, and for whatever the operator's own schemas refuse.
    """
    assert isinstance(head, MessageHead)
    message = _message_of(head)
    if not records:
        raise BadInput("egisso_without_records")
    root, elements = _package(head, message)
    history = History()
    for name, shape in message.records.items():
        own = [record for record in records if type(record) is shape.model]
        if len(own) > MAX_RECORDS:
            raise BadInput("egisso_too_many_of_kind", limit=MAX_RECORDS)
        for record in own:
            for code in history.take(record):
                raise BadInput(code)
            _add(elements, name, record, shape, message)
    if len(elements) != len(records):
        raise BadInput("egisso_record_not_of_message", message=message.name)
    if (release := release_in(context.schemas if context else None)) is not None:
        _check(release, elements, message)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _message_of(head: MessageHead) -> Message:
    message = find_message(head.message, head.version)
    if message is None:
        raise BadInput("egisso_version_unknown", known=", ".join(known.name for known in messages().values()))
    if (head.made_at is not None) != message.has_made_at:
        raise BadInput("egisso_head_malformed", place=MADE_AT)
    return message


def _package(head: MessageHead, message: Message) -> tuple[etree._Element, etree._Element]:
    """The root, and the element that records stand in."""
    prefixes = {_PREFIXES[layer]: namespace for layer, namespace in message.layers.items() if layer != "record"}
    if message.layers["record"] != message.layers["package"]:
        prefixes[_PREFIXES["record"]] = message.layers["record"]
    root = new_root(f"{{{message.namespace}}}{ROOT}", message.namespace, prefixes)
    package = etree.SubElement(root, _tag(message, "package", PACKAGE))
    etree.SubElement(package, _tag(message, "package", PACKAGE_ID)).text = head.package_id
    if head.made_at is not None:
        etree.SubElement(package, _tag(message, "package", MADE_AT)).text = as_text(head.made_at)
    return root, etree.SubElement(package, _tag(message, "package", ELEMENTS))


def _add(parent: etree._Element, name: str, record: BaseModel, shape: Shape, message: Message) -> None:
    for breach in breaches(record, shape):
        if breach.severity is Severity.ERROR or breach.code == NOT_RUSSIAN:
            raise BadInput(breach.code, place=f"{name}/{breach.path[-1]}")
    _write(etree.SubElement(parent, _tag(message, "package", name)), record, shape, message)


def _write(element: etree._Element, value: BaseModel, shape: Shape, message: Message) -> None:
    for part in shape.parts:
        found = getattr(value, part.field)
        if found is None:
            continue
        if part.element in message.without:
            raise BadInput("egisso_not_in_version", place=part.element, message=message.name)
        if part.layer == ATTRIBUTE:
            element.set(part.element, as_text(found))
            continue
        for one in found if isinstance(found, tuple) else (found,):
            _write_part(etree.SubElement(element, _tag(message, part.layer, part.element)), one, part, message)


def _write_part(element: etree._Element, value: object, part: Part, message: Message) -> None:
    if isinstance(value, BaseModel):
        _write(element, value, shapes()[part.of], message)
    else:
        element.text = as_text(value)


def _check(release: Release, elements: etree._Element, message: Message) -> None:
    for number, element in enumerate(elements, start=1):
        for complaint in release.complaints(element, message, number):
            raise BadInput("egisso_schema_refuses", place=complaint.place)


def _tag(message: Message, layer: str, name: str) -> str:
    return f"{{{message.layers[layer]}}}{name}"
