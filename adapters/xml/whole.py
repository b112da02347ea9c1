"""A document counted while it is parsed, and as one tree. A tree costs memory, so whoever needs all of it caps its elements
low.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from adapters.xml.asides import Readable
from adapters.xml.guard import Census
from schemas.errors import DocumentRejected


def counted(
    stream: Readable, census: Census, *, with_instructions: bool = False
) -> Iterator[tuple[str, etree._Element]]:
    """Where each element starts and ends, without comments. At its start it is counted, and the namespaces that it declares; at
    its end the census still has it among the open ones. Raises DocumentRejected for what the stream or the census refuses, and
    XMLSyntaxError."""
    for event, element in etree.iterparse(
        stream,
        events=("start-ns", "end-ns", "start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=not with_instructions,
    ):
        if event == "start-ns":
            census.declare()
        elif event == "end-ns":
            census.undeclare()
        elif event == "start":
            census.enter(len(element.attrib))
            yield event, element
        else:
            yield event, element
            census.leave()


def whole_tree(stream: Readable, census: Census) -> etree._Element:
    """The root. Raises as `counted`."""
    root: etree._Element | None = None
    for _, element in counted(stream, census, with_instructions=True):
        root = element  # the last one to end
    assert root is not None  # a document without one is no document
    refuse_doctype(root)
    return root


def refuse_doctype(root: etree._Element) -> None:
    """Raises DocumentRejected (document_has_doctype)."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentRejected("document_has_doctype")
