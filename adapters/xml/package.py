"""The content of a package as XML and back, strictly by `package-1.xsd`."""

from __future__ import annotations

import functools
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import resources
from typing import Final

from lxml import etree

from adapters.limits import DEFAULT_LIMITS
from adapters.xml.guard import Census, GuardedStream
from adapters.xml.tree import local_name, new_root, writable
from adapters.xml.whole import whole_tree
from schemas.errors import BadInput, DocumentRejected
from schemas.ids import Category, EntryId, MessageId
from schemas.package import (
    Outcome,
    PackageContent,
    PackageDocument,
    PackageField,
    PackagePerson,
    PackageSection,
    Said,
)

NAMESPACE: Final = "urn:mezhved:package:1"
_LIMITS: Final = replace(DEFAULT_LIMITS, max_record_elements=DEFAULT_LIMITS.max_elements)  # it is one record


@functools.cache
def package_schema() -> etree.XMLSchema:
    """`schemas/xsd/package-1.xsd`, compiled once."""
    return etree.XMLSchema(etree.fromstring(resources.files("schemas").joinpath("xsd", "package-1.xsd").read_bytes()))


def write_package_content(content: PackageContent) -> bytes:
    """The document, in UTF-8. Raises BadInput (draft_not_writable) where the XSD has no place for it."""
    root = new_root(_q("Package"), NAMESPACE)
    root.set("id", content.package)
    root.set("message", content.message)
    _leaf(root, "MadeAt", _instant(content.made_at))
    _leaf(root, "MadeOn", content.made_on.isoformat())
    _leaf(root, "Entry", content.entry)
    _leaf(root, "Sender", content.sender, ogrn=content.sender_ogrn)
    _leaf(root, "Recipient", content.recipient, ogrn=content.recipient_ogrn)
    for name, said in (("Type", content.type), ("Urgency", content.urgency), ("Footing", content.footing)):
        _said(root, name, said)
    _leaf(root, "SentAt", _instant(content.sent_at))
    _leaf(root, "RegNumber", content.reg_number)
    _leaf(root, "RegDate", content.reg_on.isoformat() if content.reg_on else None)
    _said(root, "Trigger", content.trigger)
    for note in content.notes:
        _field(root, "Note", note)
    for person in content.people:
        element = etree.SubElement(root, _q("Person"), {"kind": person.kind})
        for section in person.sections:
            _section(element, section)
    for document in content.documents:
        _document(root, document)
    _leaf(root, "ReceiptKey", content.receipt_key)
    for outcome in content.outcomes:
        element = etree.SubElement(root, _q("Outcome"), {"code": outcome.code})
        _said(element, "Event", outcome.event)
        _said(element, "Reason", outcome.reason)
        _said(element, "Because", outcome.because)
    if not package_schema().validate(root):
        raise BadInput("draft_not_writable", element="Package")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def read_package_content(document: bytes) -> PackageContent:
    """The reverse. Raises DocumentRejected (package_content_broken, and what the guard of all documents raises)."""
    try:
        root = whole_tree(GuardedStream(io.BytesIO(document), DEFAULT_LIMITS), Census(_LIMITS))
    except etree.XMLSyntaxError:
        raise DocumentRejected("package_content_broken") from None
    if not package_schema().validate(root):
        raise DocumentRejected("package_content_broken")
    found: dict[str, list[etree._Element]] = {}
    for child in root:
        found.setdefault(local_name(child), []).append(child)
    sender, recipient = found["Sender"][0], found["Recipient"][0]
    reg_number, reg_on = found.get("RegNumber"), found.get("RegDate")
    return PackageContent(
        package=_attribute(root, "id"),
        message=MessageId(_attribute(root, "message")),
        entry=EntryId(_text(found["Entry"][0])),
        made_at=datetime.fromisoformat(_text(found["MadeAt"][0])),
        made_on=date.fromisoformat(_text(found["MadeOn"][0])),
        sender=_text(sender),
        recipient=_text(recipient),
        type=_read_said(found["Type"][0]),
        urgency=_read_said(found["Urgency"][0]),
        footing=_read_said(found["Footing"][0]),
        sent_at=datetime.fromisoformat(_text(found["SentAt"][0])),
        receipt_key=_text(found["ReceiptKey"][0]),
        sender_ogrn=sender.get("ogrn"),
        recipient_ogrn=recipient.get("ogrn"),
        reg_number=_text(reg_number[0]) if reg_number else None,
        reg_on=date.fromisoformat(_text(reg_on[0])) if reg_on else None,
        trigger=_read_said(found["Trigger"][0]) if "Trigger" in found else None,
        notes=tuple(map(_read_field, found.get("Note", ()))),
        people=tuple(
            PackagePerson(_attribute(person, "kind"), tuple(map(_read_section, person)))
            for person in found.get("Person", ())
        ),
        documents=tuple(map(_read_document, found.get("Document", ()))),
        outcomes=tuple(map(_read_outcome, found["Outcome"])),
    )


def _q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _clean(text: str) -> str:
    """XML carries no control characters; a line end in an attribute would come back as a space."""
    return writable(text.replace("\r\n", "\n").replace("\r", "\n"))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _leaf(parent: etree._Element, name: str, text: str | None, **attributes: str | None) -> None:
    if text is None:
        return
    given = {key: _clean(value) for key, value in attributes.items() if value is not None}
    etree.SubElement(parent, _q(name), given).text = _clean(text)


def _said(parent: etree._Element, name: str, said: Said | None) -> None:
    if said is not None:
        _leaf(parent, name, said.value, ru=said.ru, en=said.en)


def _field(parent: etree._Element, name: str, field: PackageField) -> None:
    element = etree.SubElement(parent, _q(name), {"name": field.name, "ru": field.ru, "en": field.en})
    for parts in field.values:
        value = etree.SubElement(element, _q("Value"))
        for part in parts:
            _said(value, "Part", part)


def _section(parent: etree._Element, section: PackageSection) -> None:
    attributes = {
        "category": section.category,
        "ru": section.ru,
        "en": section.en,
        "masked": "true" if section.masked else "false",
        "rule": section.rule,
        "citation": section.citation,
        "title": section.title,
    }
    if section.retain_until is not None:
        attributes["retainUntil"] = section.retain_until.isoformat()
    element = etree.SubElement(parent, _q("Section"), attributes)
    for field in section.fields:
        _field(element, "Field", field)
    for duty in section.duties:
        _said(element, "Duty", duty)


def _document(parent: etree._Element, document: PackageDocument) -> None:
    attributes = {"category": str(document.category)}
    if document.issued_on is not None:
        attributes["issuedOn"] = document.issued_on.isoformat()
    if document.sha256 is not None:
        attributes["sha256"] = document.sha256
    _said(etree.SubElement(parent, _q("Document"), attributes), "Kind", document.kind)


def _text(element: etree._Element) -> str:
    return str(element.text or "")


def _attribute(element: etree._Element, name: str) -> str:
    return str(element.get(name) or "")


def _read_said(element: etree._Element) -> Said:
    return Said(_text(element), element.get("ru"), element.get("en"))


def _read_field(element: etree._Element) -> PackageField:
    values = tuple(tuple(_read_said(part) for part in value) for value in element)
    return PackageField(_attribute(element, "name"), _attribute(element, "ru"), _attribute(element, "en"), values)


def _read_section(element: etree._Element) -> PackageSection:
    until = element.get("retainUntil")
    return PackageSection(
        Category(_attribute(element, "category")),
        _attribute(element, "ru"),
        _attribute(element, "en"),
        _attribute(element, "masked") in {"true", "1"},
        _attribute(element, "rule"),
        _attribute(element, "citation"),
        _attribute(element, "title"),
        tuple(_read_field(child) for child in element if local_name(child) == "Field"),
        tuple(_read_said(child) for child in element if local_name(child) == "Duty"),
        date.fromisoformat(until) if until else None,
    )


def _read_document(element: etree._Element) -> PackageDocument:
    issued = element.get("issuedOn")
    return PackageDocument(
        Category(_attribute(element, "category")),
        _read_said(element[0]),
        date.fromisoformat(issued) if issued else None,
        element.get("sha256"),
    )


def _read_outcome(element: etree._Element) -> Outcome:
    parts = {local_name(child): _read_said(child) for child in element}
    return Outcome(_attribute(element, "code"), parts["Event"], parts.get("Reason"), parts.get("Because"))
