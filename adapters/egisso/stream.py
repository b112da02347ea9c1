"""A package as a stream of its records: hardened, in constant memory, each element freed when it was read.

Records of ЕГИССО stand deep in a package, beside a head that must be read with the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from adapters.xml.asides import Readable
from adapters.xml.guard import Census, shown
from adapters.xml.stream import XSI, syntax_rejection
from adapters.xml.tree import forget
from adapters.xml.whole import counted, refuse_doctype
from schemas.errors import DocumentRejected


def record_elements(
    stream: Readable, census: Census, check_root: Callable[[etree._Element], int]
) -> Iterator[etree._Element]:
    """Each child of a batch, or the single record that is the root. An element is emptied after it was yielded.

    `check_root` is given the root with its attributes and says at which depth records stand, 1 or 2; it raises DocumentRejected
    for a root that nobody knows. Raises DocumentRejected for a document that is not well-formed, cut off, over a limit.
    """
    depth_of_record = 0
    try:
        for event, element in counted(stream, census):
            if event == "start":
                if census.depth == 1:
                    _check_attributes(element)
                    depth_of_record = check_root(element)
                if census.depth == depth_of_record:
                    census.begin_record()
                    _refuse_stray_text(element)
                continue
            if census.depth == depth_of_record:
                yield element
                forget(element)
            if census.depth == 1 and depth_of_record > 1:
                _refuse_text(element[-1].tail if len(element) else element.text)
                if not len(element):
                    raise DocumentRejected("document_without_records")
    except etree.XMLSyntaxError as error:
        raise syntax_rejection(error, breaks_off=stream.breaks_off()) from None


def _check_attributes(root: etree._Element) -> None:
    refuse_doctype(root)
    for name in root.attrib:
        if name != "Id" and not str(name).startswith(XSI):
            raise DocumentRejected("root_attribute_unknown", attribute=shown(str(name).rpartition("}")[2]))


def _refuse_stray_text(element: etree._Element) -> None:
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        _refuse_text(before.tail)
    elif parent is not None:
        _refuse_text(parent.text)


def _refuse_text(text: str | None) -> None:
    if text and text.strip():
        raise DocumentRejected("text_between_records")
