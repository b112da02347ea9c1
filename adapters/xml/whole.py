"""A document as one tree, counted while it grows. It costs memory, so whoever needs all of it at once caps its elements low."""

from __future__ import annotations

from lxml import etree

from adapters.xml.guard import Census, GuardedStream
from schemas.errors import DocumentRejected


def whole_tree(stream: GuardedStream, census: Census) -> etree._Element:
    """The root, without comments. Raises DocumentRejected for what the guard or the census refuses, and XMLSyntaxError."""
    parsing = etree.iterparse(
        stream,
        events=("start-ns", "end-ns", "start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
    )
    for event, element in parsing:
        if event == "start":
            census.enter(len(element.attrib))
        elif event == "end":
            census.leave()
        elif event == "start-ns":
            census.declare()
        else:
            census.undeclare()
    root: etree._Element = parsing.root
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentRejected("document_has_doctype")
    return root
