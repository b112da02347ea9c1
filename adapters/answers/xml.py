"""Answers as XML: `Answers` with several `Answer`, or one `Answer` alone. Each record stands or falls by itself."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Final

from lxml import etree

from adapters.answers.records import AnswerRecord, answer_fields, make_record
from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.report import Complaint, Severity
from adapters.xml.guard import GuardedStream, shown
from adapters.xml.mapping import NAMESPACE, qualified
from adapters.xml.tree import line_of, local_name, syntax_error, text_of
from schemas.errors import DocumentRejected

BATCH: Final = "Answers"
RECORD: Final = "Answer"


def read_answer_xml(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Iterator[AnswerRecord]:
    """Raises DocumentRejected for a document that cannot be read as a whole; nothing was yielded then."""
    root = _parse(content, limits)
    if root.tag not in (qualified(BATCH), qualified(RECORD)):
        raise DocumentRejected("answers_root_unknown", root=shown(local_name(root)), namespace=NAMESPACE)
    elements = [root] if root.tag == qualified(RECORD) else list(root)
    if not elements:
        raise DocumentRejected("answers_empty")
    if len(elements) > limits.max_records:
        raise DocumentRejected("document_too_many_records", limit=limits.max_records)
    for number, element in enumerate(elements, start=1):
        yield _record(element, number, limits)


def _parse(content: bytes, limits: Limits) -> etree._Element:
    stream = GuardedStream(BytesIO(content), limits)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    guarded = b"".join(iter(lambda: stream.read(65536), b""))
    try:
        root = etree.fromstring(guarded, parser)
    except etree.XMLSyntaxError as error:
        code, line = syntax_error(error)
        if code == etree.ErrorTypes.ERR_TAG_NOT_FINISHED:
            raise DocumentRejected("document_truncated", line=line) from None
        raise DocumentRejected("document_not_wellformed", line=line) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentRejected("document_has_doctype")
    return root


def _record(element: etree._Element, number: int, limits: Limits) -> AnswerRecord:
    """Unknown and repeated elements are complaints: nothing that a partner says is dropped in silence."""
    line = line_of(element)
    known = {qualified(field.element): field for field in answer_fields()}
    if element.tag != qualified(RECORD):
        complaint = Complaint("answer_element_unknown", Severity.ERROR, shown(local_name(element)), line, number)
        return AnswerRecord(number, line, None, (complaint,))
    values: dict[str, str | list[str]] = {}
    complaints: list[Complaint] = []
    for child in element:
        field = known.get(str(child.tag))
        code = None
        if field is None or len(child):
            code = "answer_element_unknown"
        elif field.field in values and not field.many:
            code = "answer_element_repeated"
        elif len(text_of(child)) > limits.max_cell:
            code = "answer_field_invalid"
        if code is not None or field is None:
            place = shown(local_name(child))
            if len(complaints) < limits.max_complaints:
                complaints.append(Complaint(code or "", Severity.ERROR, place, line_of(child, line), number))
        elif field.many:
            several = values.setdefault(field.field, [])
            assert isinstance(several, list)
            several.append(text_of(child))
        else:
            values[field.field] = text_of(child)
    places = {field.field: field.element for field in answer_fields()}
    return make_record(values, places, number, line, complaints)
