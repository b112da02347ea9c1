"""The published XSD, written from the shapes. `make docs` writes the file; a test compares it."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from adapters.documents.shape import Part, Shape, all_shapes, shape_of
from adapters.documents.simple import Simple
from schemas.documents import KINDS, NAMESPACE, VERSION, DocumentKind

_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<!--
  Canonical documents of Mezhved, version {VERSION} (XML Schema 1.0). Generated from the types by `make docs`.

  Rule of change: within a version only optional elements are added, at the end of their group; anything else is
  a new version with a namespace of its own. Every element is in the namespace. The only attribute of type xs:ID stands on the
  root of a document, for a signature to point at. What this schema cannot say (check digits, code lists, what a type of message
  must carry) is said by the import report with its own rule codes.
-->
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
           xmlns={quoteattr(NAMESPACE)}
           targetNamespace={quoteattr(NAMESPACE)}
           elementFormDefault="qualified"
           attributeFormDefault="unqualified"
           blockDefault="#all"
           version="{VERSION}.0">
"""


def exchange_xsd() -> str:
    """The whole schema."""
    simple = {part.of.name: part.of for shape in all_shapes() for part in shape.parts if isinstance(part.of, Simple)}
    lines = [_HEAD]
    for kind in KINDS:
        lines += _document(kind)
    for shape in all_shapes():
        lines += _complex(shape)
    for name in sorted(simple):
        lines += _simple(simple[name])
    return "\n".join([*lines, "</xs:schema>", ""])


def _document(kind: DocumentKind) -> Iterator[str]:
    yield f'  <xs:element name="{kind.root}" type="{shape_of(kind.model).name}">'
    yield f"    {_note(kind.title_ru + '. Id допустим, только если это корень документа.')}"
    yield "  </xs:element>"
    yield ""
    yield f'  <xs:element name="{kind.batch}">'
    yield f"    {_note('Пакет. Ошибка в одной записи не мешает принять остальные.')}"
    yield "    <xs:complexType>"
    yield "      <xs:sequence>"
    yield f'        <xs:element ref="{kind.root}" maxOccurs="unbounded"/>'
    yield "      </xs:sequence>"
    yield '      <xs:attribute name="Id" type="xs:ID"/>'
    yield "    </xs:complexType>"
    yield "  </xs:element>"
    yield ""


def _complex(shape: Shape) -> Iterator[str]:
    yield f'  <xs:complexType name="{shape.name}">'
    yield "    <xs:sequence>"
    for part in shape.parts:
        yield f"      <xs:element {_attributes(part)}>"
        yield f"        {_note(part.label_ru)}"
        yield "      </xs:element>"
    yield "    </xs:sequence>"
    if any(shape_of(kind.model) is shape for kind in KINDS):
        yield '    <xs:attribute name="Id" type="xs:ID"/>'
    yield "  </xs:complexType>"
    yield ""


def _attributes(part: Part) -> str:
    found = [f'name="{part.element}"', f'type="{part.of.name}"']
    if not part.required:
        found.append('minOccurs="0"')
    if part.many:
        found.append('maxOccurs="unbounded"')
    if part.nillable:
        found.append('nillable="true"')
    return " ".join(found)


def _simple(simple: Simple) -> Iterator[str]:
    if not simple.facets:
        return
    yield f'  <xs:simpleType name="{simple.name}">'
    if simple.note_ru:
        yield f"    {_note(simple.note_ru)}"
    yield f'    <xs:restriction base="{simple.base}">'
    for facet, value in simple.facets:
        yield f"      <xs:{facet} value={quoteattr(value)}/>"
    yield "    </xs:restriction>"
    yield "  </xs:simpleType>"
    yield ""


def _note(words: str) -> str:
    return f'<xs:annotation><xs:documentation xml:lang="ru">{escape(words)}</xs:documentation></xs:annotation>'
