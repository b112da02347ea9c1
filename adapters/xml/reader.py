"""XML documents in: a stream of records and complaints.

The document is streamed; each record is validated by itself, so that one bad record does not kill the file and memory
stays flat. Trouble with the document as a whole raises DocumentRejected, also in the middle of it: whoever applies
records must be able to drop what it applied, or read to the end first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from lxml import etree

from adapters.limits import DEFAULT_LIMITS, Limits, refuse_large
from adapters.report import Complaint, Record, Severity
from adapters.xml.guard import Census, GuardedStream, shown
from adapters.xml.mapping import BATCH, NAMESPACE, RECORD, qualified
from adapters.xml.record import RecordReader
from adapters.xml.tree import forget, local_name, syntax_error
from schemas.errors import DocumentRejected
from schemas.messages import MessageDraft

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"


def read_referrals(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Iterator[Record]:
    """The records of a document with root `Referrals` or `Referral`, in order.

    Raises DocumentRejected for a document that cannot be read as a whole: empty, over a limit, with a DOCTYPE, in an
    encoding that is not accepted, not well-formed, cut off, with another root.
    """
    refuse_large(stream, limits)
    census = Census(limits)
    seen: set[str] = set()
    for number, element in enumerate(_record_elements(GuardedStream(stream, limits), census), start=1):
        if number > limits.max_records:
            raise DocumentRejected("document_too_many_records", limit=limits.max_records)
        record = RecordReader(element, number, limits).read()
        operation_id = record.draft.operation_id if isinstance(record.draft, MessageDraft) else ""
        if operation_id in seen:
            repeated = Complaint("message_id_repeated", Severity.ERROR, "MessageId", record.line, number)
            record = record.refuse(repeated)
        elif operation_id:
            seen.add(operation_id)
        yield record


def _record_elements(stream: GuardedStream, census: Census) -> Iterator[etree._Element]:
    """Each child of a batch, or the single record that is the root. An element is emptied after it was yielded."""
    depth_of_record = 0
    try:
        for event, element in _events(stream):
            if event == "start":
                census.enter(len(element.attrib))
                if census.depth == 1:
                    depth_of_record = _check_root(element)
                if census.depth == depth_of_record:
                    census.begin_record()
                    _refuse_stray_text(element)
                continue
            if census.depth == depth_of_record:
                yield element
                forget(element)
            census.leave()
            if census.depth == 0 and depth_of_record > 1:
                _refuse_text(element[-1].tail if len(element) else element.text)
                if not len(element):
                    raise DocumentRejected("document_without_records")
    except etree.XMLSyntaxError as error:
        raise _syntax_rejection(error) from None


def _events(stream: GuardedStream) -> Iterator[tuple[str, etree._Element]]:
    return iter(
        etree.iterparse(
            stream,
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
    )


def _check_root(root: etree._Element) -> int:
    """The depth at which records stand. Raises DocumentRejected for a root that is not ours."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentRejected("document_has_doctype")
    for name in root.attrib:
        if name != "Id" and not str(name).startswith(_XSI):
            raise DocumentRejected("root_attribute_unknown", attribute=shown(str(name).rpartition("}")[2]))
    if root.tag == qualified(BATCH):
        return 2
    if root.tag == qualified(RECORD):
        return 1
    raise DocumentRejected("document_root_unknown", root=shown(local_name(root)), namespace=NAMESPACE)


def _refuse_stray_text(element: etree._Element) -> None:
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        _refuse_text(before.tail)
    elif parent is not None:
        _refuse_text(parent.text)


def _refuse_text(text: str | None) -> None:
    if text and text.strip():
        raise DocumentRejected("text_between_records")


def _syntax_rejection(error: etree.XMLSyntaxError) -> DocumentRejected:
    """What the parser's refusal means, without its words, which may quote the document."""
    code, line = syntax_error(error)
    if code == etree.ErrorTypes.ERR_TAG_NOT_FINISHED:
        return DocumentRejected("document_truncated", line=line)
    if "depth" in (error.msg or "").lower():
        return DocumentRejected("document_too_deep", limit=256)
    if code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return DocumentRejected("document_over_parser_limit", line=line)
    if code == etree.ErrorTypes.ERR_INVALID_ENCODING:
        return DocumentRejected("document_encoding_broken", line=line)
    return DocumentRejected("document_not_wellformed", line=line)
