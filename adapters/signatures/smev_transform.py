"""The transform `urn://smev-gov-ru/xmldsig/transform`: one form for whatever prefixes, indentation and escapes a carrier chose.

By the rules that the methodical recommendations for SMEV 3 list (1 to 8) and the escaping that the reference implementation
has (9). It is written over a finished tree without recursion, so depth costs no stack.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from schemas.errors import DocumentRejected

_BLANK: Final = "".join(map(chr, range(0x21)))  # what Java's `trim` takes off; a no-break space stays
_SHORT: Final = 12
_PIECE: Final = 512
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")
_TEXT: Final = {"&": "&amp;", "<": "&lt;", "\r": "&#xd;"}
_ATTRIBUTE: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xa;", "\r": "&#xd;"}
)


def smev_transform(root: etree._Element) -> bytes:
    """The fragment under `root`, in UTF-8. Raises DocumentRejected (signature_no_namespace): SMEV knows no element outside a
    namespace."""
    out: list[str] = []
    count = 0
    scopes: list[dict[str, str]] = [{}]  # from namespaces to prefixes, one for each open element
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            opened, count = _start(node, scopes, count)
            out += (opened, _text(node.text))
            continue
        if event == "end":
            name = etree.QName(node)
            out.append(f"</{scopes.pop()[str(name.namespace)]}:{name.localname}>")
        if node is not root and node.getparent() is not None:
            out.append(_text(node.tail))
    return "".join(out).encode()


def _start(element: etree._Element, scopes: list[dict[str, str]], count: int) -> tuple[str, int]:
    name = etree.QName(element)
    if not name.namespace:
        raise DocumentRejected("signature_no_namespace", element=name.localname[:60])
    scope = scopes[-1]
    declared: list[tuple[str, str]] = []

    def prefix_of(namespace: str) -> str:
        nonlocal count, scope
        if namespace == _XML:
            return "xml"
        if namespace not in scope:
            count += 1
            scope = {**scope, namespace: f"ns{count}"}
            declared.append((scope[namespace], namespace))
        return scope[namespace]

    shown = f"{prefix_of(name.namespace)}:{name.localname}"
    attributes = []
    for key, value in sorted(element.attrib.items(), key=_order):
        of_key = etree.QName(key)
        label = f"{prefix_of(of_key.namespace)}:{of_key.localname}" if of_key.namespace else of_key.localname
        attributes.append(f' {label}="{str(value).translate(_ATTRIBUTE)}"')
    spaces = "".join(f' xmlns:{prefix}="{space.translate(_ATTRIBUTE)}"' for prefix, space in declared)
    scopes.append(scope)
    return f"<{shown}{spaces}{''.join(attributes)}>", count


def _order(item: tuple[str | bytes, str | bytes]) -> tuple[bool, str, str]:
    """Qualified ones first, by namespace and name; then the others by name."""
    name = etree.QName(item[0])
    return (not name.namespace, name.namespace or "", name.localname)


def _text(text: str | None) -> str:
    """A node of text, nothing where it is blank (rule 2)."""
    if not text or not text.strip(_BLANK):
        return ""
    if ">" not in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\r", "&#xd;")
    return _with_greater(text)


def _with_greater(text: str) -> str:
    """Rule 9. `>` is escaped where it could be taken for the end of a CDATA section by a writer that has forgotten what it
    wrote before: at the beginning of a piece, and, in long texts, after every escape. Lengths are those of UTF-16."""
    units = _ASTRAL.sub(_surrogates, text)
    is_long = len(units) >= _SHORT
    out: list[str] = []
    for begin in range(0, len(units), _PIECE):
        fresh, before = True, ""
        for unit in units[begin : begin + _PIECE]:
            escaped = _TEXT.get(unit)
            if unit == ">" and (fresh or before == "]"):
                escaped = "&gt;"
            out.append(escaped or unit)
            fresh, before = is_long and escaped is not None, unit
    return "".join(out).encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _surrogates(found: re.Match[str]) -> str:
    offset = ord(found[0]) - 0x10000
    return chr(0xD800 + (offset >> 10)) + chr(0xDC00 + (offset & 0x3FF))
