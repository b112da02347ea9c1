"""The few facts about lxml's trees that its type stubs do not know, in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HYPHEN_BEFORE_ANOTHER: Final = re.compile("-(?=-)")
LINE_CEILING: Final = 65535
"""libxml2 keeps no larger line number for an element without text."""


def line_of(element: etree._Element, otherwise: int = 0) -> int:
    """The line the element begins on; `otherwise` where libxml2 has lost it."""
    line: Any = element.sourceline
    return otherwise if not line or (int(line) == LINE_CEILING and otherwise) else int(line)


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace. It may be no name at all: libxml2 lets a prefix pass that nobody declared."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: etree._Element) -> str:
    """The element's namespace, "" when it has none."""
    return str(element.tag)[1:].partition("}")[0] if str(element.tag).startswith("{") else ""


def text_of(element: etree._Element) -> str:
    """The element's own text without the white space around it."""
    return str(element.text or "").strip()


def writable(text: str) -> str:
    """The text as XML can carry it: control characters and lone halves become spaces."""
    return _NOT_IN_XML.sub(" ", text)


def in_comment(words: str) -> str:
    """The words as a comment can carry them, between two spaces: no two hyphens side by side (XML 1.0 §2.5)."""
    return _HYPHEN_BEFORE_ANOTHER.sub("- ", writable(words))


def forget(element: etree._Element) -> None:
    """Frees a finished element and those before it, so that memory stays flat; the text after it remains."""
    finished: Any = element
    finished.clear(keep_tail=True)
    parent = finished.getparent()
    while (before := finished.getprevious()) is not None:
        parent.remove(before)


def syntax_error(error: etree.XMLSyntaxError) -> tuple[int, int]:
    """The number of libxml2's error, as in `etree.ErrorTypes`, and its line.

    lxml reports some errors as "no element found" without a line; the parser's last finding then tells what it was.
    """
    fault: Any = error
    if not fault.lineno and (last := fault.error_log.last_error) is not None:
        return int(last.type), int(last.line)
    return int(fault.code or 0), int(fault.lineno or 0)


def findings(schema: etree.XMLSchema) -> list[etree._LogEntry]:
    """What the last validation found, in the order of the document."""
    log: Any = schema.error_log
    return list(log)


def new_root(tag: str, namespace: str, others: Mapping[str, str] = MappingProxyType({})) -> etree._Element:
    """A root element whose namespace is the default one; `others` are namespaces by the prefixes they get."""
    prefixes: Any = {None: namespace, **others}
    return etree.Element(tag, nsmap=prefixes)
