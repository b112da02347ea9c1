"""A document that may be signed, as a tree: guarded like every other, with at most one identifier of each value.

A tree of a whole document costs memory, so its elements are capped lower than those of a streamed one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lxml import etree

from adapters.limits import Limits
from adapters.signatures.algorithms import DSIG
from adapters.xml.guard import Census, GuardedStream
from adapters.xml.stream import syntax_rejection
from adapters.xml.whole import whole_tree
from schemas.errors import DocumentRejected

MOST_ELEMENTS: Final = 500_000
_ID_NAMES: Final = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")
_MARKS: Final = tuple(
    "xmldsig#".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be")
)  # of the namespace; hidden in a character reference it is not seen, and the reader complains of the element
MARK_SIZE: Final = max(map(len, _MARKS))
"""Bytes that two pieces of a file must have in common for no mark between them to be missed."""


def may_be_signed(content: bytes) -> bool:
    """Whether it is worth looking for a signature: cheap, and wrong only towards a document that then is not read."""
    return any(mark in content for mark in _MARKS)


def parse_document(content: bytes, limits: Limits) -> etree._Element:
    """The root. Comments are not kept: canonical form has none. Raises DocumentRejected as `read_referrals` does."""
    census = Census(replace(limits, max_elements=MOST_ELEMENTS, max_record_elements=MOST_ELEMENTS, max_depth=32))
    guarded = GuardedStream(io.BytesIO(content), limits)
    try:
        return whole_tree(guarded, census)
    except etree.XMLSyntaxError as error:
        raise syntax_rejection(error, breaks_off=guarded.breaks_off()) from None


def signatures(root: etree._Element) -> list[etree._Element]:
    """Every `ds:Signature`, at any depth."""
    return list(root.iter(f"{{{DSIG}}}Signature"))


def check_ids(root: etree._Element) -> None:
    """No two elements may claim one identifier, whatever the attribute is called. Raises DocumentRejected."""
    seen: set[str] = set()
    for value in _ids(root):
        if value in seen:
            raise DocumentRejected("signature_id_repeated")
        seen.add(value)


def _ids(root: etree._Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        values = {element.get(name) for name in _ID_NAMES} - {None}
        yield from (str(value) for value in values)


def canonical(element: etree._Element, *, exclusive: bool = True) -> bytes:
    """Canonical form without comments, in UTF-8; the exclusive one unless it is said otherwise.

    Raises DocumentRejected (signature_no_canonical_form): names in relative namespaces have none.
    """
    try:
        return bytes(etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False))
    except etree.C14NError:
        raise DocumentRejected("signature_no_canonical_form") from None


def detach(element: etree._Element) -> None:
    """Take an element out of its parent; the text after it stays (XMLDSig §6.6.4)."""
    parent = element.getparent()
    assert parent is not None
    tail = element.tail or ""
    before = element.getprevious()
    parent.remove(element)
    if before is not None:
        before.tail = (before.tail or "") + tail or None
    else:
        parent.text = (parent.text or "") + tail or None


def reparse(content: bytes) -> etree._Element:
    """A new tree of canonical bytes, which have neither prolog nor DOCTYPE."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    return etree.fromstring(content, parser)
