"""XML documents out: strictly by the XSD, checked before the first byte is handed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from lxml import etree

from adapters.paths import get
from adapters.xml.mapping import (
    BATCH,
    BODY_PARTS,
    HEADER,
    HEADER_PARTS,
    NAMESPACE,
    PERSON_ELEMENTS,
    PERSON_PARTS,
    RECORD,
    Leaf,
    Part,
    qualified,
)
from adapters.xml.schema import schema_complaints
from adapters.xml.tree import new_root, writable
from schemas.errors import BadInput
from schemas.messages import MessageDraft, PersonDraft


def write_referral(draft: MessageDraft) -> bytes:
    """One referral or signal as a document of its own, in UTF-8. Raises BadInput when the XSD has no place for it.

    Children come before adults. An empty section is not written. Control characters, which XML cannot carry, become
    spaces.
    """
    return _document(_record(draft))


def write_referrals(drafts: Sequence[MessageDraft]) -> bytes:
    """A batch. Raises BadInput as `write_referral` does, and for no drafts at all."""
    if not drafts:
        raise BadInput("document_without_records")
    batch = new_root(qualified(BATCH), NAMESPACE)
    batch.extend([_record(draft) for draft in drafts])
    return _document(batch)


def _document(root: etree._Element) -> bytes:
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _record(draft: MessageDraft) -> etree._Element:
    record = new_root(qualified(RECORD), NAMESPACE)
    message = draft.model_dump()
    _write(etree.SubElement(record, qualified(HEADER)), message, HEADER_PARTS)
    for person in sorted(draft.persons, key=_children_first):
        element = etree.SubElement(record, qualified(PERSON_ELEMENTS[person.kind]))
        _write(element, person.model_dump(), PERSON_PARTS)
    _write(record, message, BODY_PARTS)
    for complaint in schema_complaints(record, 1):
        raise BadInput("draft_not_writable", element=complaint.place)
    return record


def _children_first(person: PersonDraft) -> int:
    return 0 if person.kind == "child" else 1


def _write(parent: etree._Element, values: dict[str, object], parts: tuple[Part, ...]) -> None:
    for part in parts:
        found = get(values, part.path)
        for value in found if isinstance(found, tuple | list) else (found,):
            if value is None:
                continue
            element = etree.SubElement(parent, qualified(part.element))
            if isinstance(part, Leaf):
                element.text = written(value)
            elif isinstance(value, dict):
                _write(element, value, part.leaves)


def written(value: object) -> str:
    """A value as the text of an element. Control characters, which XML cannot carry, become spaces."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        offset = value.utcoffset()
        whole = offset is not None and offset.total_seconds() % 60 == 0
        return (value if whole else value.astimezone(UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return writable(str(value))
