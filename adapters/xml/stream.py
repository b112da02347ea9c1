"""A document as a stream of record elements: hardened, in constant memory, each element freed when it was read.

Only the ends of records come up from libxml2; what a record holds is counted at once when it is whole. While it is not, the
stream counts what it hands on, so that a record without end is refused before it fills the memory.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from lxml import etree

from adapters.limits import Limits
from adapters.xml.guard import Census, GuardedStream, shown
from adapters.xml.tree import forget, syntax_error
from schemas.errors import DocumentRejected

XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_AHEAD: Final = 16 * 1024
"""Tags of the records behind it that one chunk of the stream may hold."""

CheckRoot = Callable[[str], str | None]
"""Given the name of the root: the name of its records, or None where the root itself is the record. Raises DocumentRejected."""


def record_elements(stream: BinaryIO, limits: Limits, check_root: CheckRoot) -> Iterator[etree._Element]:
    """Each child of a batch, or the single record that is the root. An element is emptied after it was yielded.

    Raises DocumentRejected for a document that is empty, over a limit, with a DOCTYPE, in an encoding that is not accepted, not
    well-formed, cut off, with another root.
    """
    source = _Source(stream, limits, check_root)
    source.open()
    context = etree.iterparse(
        source,
        events=("start-ns", "end-ns", "end"),
        tag=source.record or source.root or None,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        yield from _records(context, source, limits)
    except etree.XMLSyntaxError as error:
        raise syntax_rejection(error, breaks_off=source.breaks_off()) from None


def _records(context: Any, source: _Source, limits: Limits) -> Iterator[etree._Element]:  # noqa: ANN401  lxml's iterator
    counter = _Counter(limits, depth=2 if source.record else 1)
    census = Census(limits)
    last: etree._Element | None = None
    for event, element in context:
        if event != "end":
            census.declare() if event == "start-ns" else census.undeclare()
            continue
        if not source.is_record(element):
            continue
        for one in [*_passed(element, last), element]:
            counter.check(one)
            yield one
        forget(element)
        source.mark()
        last = element
    if source.record:
        for one in _left(context.root, last):
            counter.check(one)
            yield one


def _passed(element: etree._Element, last: etree._Element | None) -> list[etree._Element]:
    """The elements before this record that are none, after the last one; between them nothing may be written."""
    found: list[etree._Element] = []
    before = element.getprevious()
    while before is not None and before is not last:
        found.append(before)
        before = before.getprevious()
    parent = element.getparent()
    _refuse_text(parent.text if last is None and parent is not None else None, *(one.tail for one in found))
    _refuse_text(last.tail if last is not None else None)
    return found[::-1]


def _left(root: etree._Element, last: etree._Element | None) -> list[etree._Element]:
    """What stands after the last record."""
    found: list[etree._Element] = []
    for child in reversed(root):
        if child is last:
            break
        found.append(child)
    _refuse_text(root.text if last is None else last.tail, *(one.tail for one in found))
    if last is None and not found:
        raise DocumentRejected("document_without_records")
    return found[::-1]


def _refuse_text(*texts: str | None) -> None:
    if any(text and text.strip() for text in texts):
        raise DocumentRejected("text_between_records")


class _Source:
    """The guarded stream with what its root said. It counts tags since the last record ended."""

    def __init__(self, stream: BinaryIO, limits: Limits, check_root: CheckRoot) -> None:
        self._guarded = GuardedStream(stream, limits, self._root_begins)
        self._limits = limits
        self._check_root = check_root
        self._ahead: list[bytes] = []
        self._tags = 0
        self.root = ""
        self.record: str | None = None

    def open(self) -> None:
        """Read until the root is known."""
        while not self.root:
            chunk = self._guarded.read(32768)
            self._ahead.append(chunk)
            if not chunk:
                break  # there is none: the parser says what is wrong

    def read(self, size: int) -> bytes:
        """For the parser."""
        chunk = self._ahead.pop(0) if self._ahead else self._guarded.read(size)
        self._tags += chunk.count(b"<")
        if self._tags > 2 * self._limits.max_record_elements + _AHEAD:
            raise DocumentRejected("record_too_large", limit=self._limits.max_record_elements)
        return chunk

    def breaks_off(self) -> bool:
        """As of the guarded stream."""
        return self._guarded.breaks_off()

    def mark(self) -> None:
        """A record has ended."""
        self._tags = 0

    def is_record(self, element: etree._Element) -> bool:
        """Whether it stands where records stand: a record may hold an element of the same name."""
        parent = element.getparent()
        if self.record is None:
            return parent is None
        return parent is not None and parent.getparent() is None

    def _root_begins(self, name: str, attributes: Mapping[str, str]) -> None:
        if len(attributes) > self._limits.max_attributes:
            raise DocumentRejected("document_too_many_attributes", limit=self._limits.max_attributes)
        self.root, self.record = name, self._check_root(name)
        for attribute in attributes:
            if attribute != "Id" and not attribute.startswith(XSI):
                raise DocumentRejected("root_attribute_unknown", attribute=shown(attribute.rpartition("}")[2]))


class _Counter:
    """What one record, and all of them, may hold. Raises DocumentRejected over a limit."""

    def __init__(self, limits: Limits, depth: int) -> None:
        self._limits = limits
        self._deeper = limits.max_depth - depth
        self._elements = depth - 1

    def check(self, element: etree._Element) -> None:
        limits = self._limits
        found, too_much = _xpaths(self._deeper, limits.max_attributes)
        count = int(found(element))
        self._elements += count
        if count > limits.max_record_elements:
            raise DocumentRejected("record_too_large", limit=limits.max_record_elements)
        if self._elements > limits.max_elements:
            raise DocumentRejected("document_too_many_elements", limit=limits.max_elements)
        if not too_much(element):
            return
        if _is_deeper(element, self._deeper):
            raise DocumentRejected("document_too_deep", limit=limits.max_depth)
        if any(len(one.attrib) > limits.max_attributes for one in element.iter()):
            raise DocumentRejected("document_too_many_attributes", limit=limits.max_attributes)


def _is_deeper(element: etree._Element, depth: int) -> bool:
    return bool(element.xpath("/".join(["*"] * (depth + 1))))


@functools.cache
def _xpaths(depth: int, attributes: int) -> tuple[Callable[[etree._Element], Any], ...]:
    """Counted by libxml2: elements, and whether one lies deeper or all together have more attributes than one may."""
    deeper = "/".join(["*"] * (depth + 1))
    expressions = ("count(descendant-or-self::*)", f"{deeper} or count(descendant-or-self::*/@*) > {attributes}")
    return tuple(etree.XPath(expression) for expression in expressions)


def syntax_rejection(error: etree.XMLSyntaxError, *, breaks_off: bool) -> DocumentRejected:
    """What the parser's refusal means, without its words, which may quote the document. `breaks_off`: as `GuardedStream`."""
    code, line = syntax_error(error)
    if breaks_off or code == etree.ErrorTypes.ERR_TAG_NOT_FINISHED:
        return DocumentRejected("document_truncated", line=line)
    if "depth" in (error.msg or "").lower():
        return DocumentRejected("document_too_deep", limit=256)
    if code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return DocumentRejected("document_over_parser_limit", line=line)
    if code == etree.ErrorTypes.ERR_INVALID_ENCODING:
        return DocumentRejected("document_encoding_broken", line=line)
    return DocumentRejected("document_not_wellformed", line=line)
