"""What a record of the registers says and its value does not, or not as the strict writer would write it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree
from pydantic import BaseModel

from adapters.egisso.messages import ATTRIBUTE, Message, Part, Shape, shapes
from adapters.egisso.spelling import ZONED_DATE, as_text
from adapters.losses import Loss
from adapters.xml.guard import shown
from adapters.xml.tree import line_of, local_name, namespace_of

_NUMBERS: Final = frozenset({"snils", "inn", "ogrn", "kpp", "post_index"})


def record_losses(
    element: etree._Element, value: BaseModel, shape: Shape, message: Message, number: int
) -> Iterator[Loss]:
    """The losses of one record that was taken."""
    name = local_name(element)
    if namespace_of(element) != message.layers["package"]:
        yield Loss("element_namespace", name, line_of(element), number)
    yield from _Record(message, number).below(element, value, shape, name)


class _Record:
    def __init__(self, message: Message, number: int) -> None:
        self._message, self._number = message, number

    def below(self, element: etree._Element, value: object, shape: Shape, place: str) -> Iterator[Loss]:
        """An element with what stands in it, beside the value that was made of it."""
        attributes = {part.element: part for part in shape.parts if part.layer == ATTRIBUTE}
        for name, text in element.attrib.items():
            where = f"{place}/@{_local(name)}"
            if (part := attributes.get(str(name))) is None:
                yield self._loss("attribute", where, element)
            else:
                yield from self._texts(str(text), getattr(value, part.field, None), part, where, element)
        counts: dict[str, int] = {}
        last = -1
        for child in element:
            position, part = shape.by_element[local_name(child)]
            if position < last:
                yield self._loss("element_order", f"{place}/{part.element}", child)
            last = max(last, position)
            at = counts[part.field] = counts.get(part.field, -1) + 1
            found = getattr(value, part.field, None)
            where = f"{place}/{part.element}"
            if isinstance(found, tuple):
                found, where = found[at], f"{where}[{at + 1}]"
            yield from self._child(child, found, part, where)

    def _child(self, child: etree._Element, value: object, part: Part, where: str) -> Iterator[Loss]:
        if namespace_of(child) != self._message.layers[part.layer]:
            yield self._loss("element_namespace", where, child)
        if part.is_shape:
            yield from self.below(child, value, shapes()[part.of], where)
            return
        for name in child.attrib:
            yield self._loss("attribute", f"{where}/@{_local(name)}", child)
        yield from self._texts(child.text or "", value, part, where, child)

    def _texts(self, raw: str, value: object, part: Part, where: str, element: etree._Element) -> Iterator[Loss]:
        for code in text_losses(part.of, raw, value):
            yield self._loss(code, where, element)

    def _loss(self, code: str, where: str, element: etree._Element) -> Loss:
        return Loss(code, where, line_of(element), self._number)


def text_losses(kind: str, raw: str, value: object) -> Iterator[str]:
    """How a text differs from what the writer would write in its place."""
    if value is None:
        yield "element_empty"
        return
    canonical = as_text(value)
    text = raw.strip()
    if text != raw:
        yield "spaces"
    if kind == "stamp" and "." in text:
        yield "fraction_dropped"
        before, _, after = text.partition(".")
        text = before + after.lstrip("0123456789")
    if text != canonical:
        yield _rule(kind, text, canonical)


def _rule(kind: str, text: str, canonical: str) -> str:
    if kind == "date" and ZONED_DATE.match(text):
        return "zone_dropped"
    if kind in {"date", "stamp"}:
        return "date_spelling"
    if kind in _NUMBERS:
        return "number_spelling"
    if text.lower() == canonical.lower():
        return "letter_case"
    return "code_translated" if kind == "gender" else "value_respelt"


def _local(attribute: object) -> str:
    return shown(str(attribute).rpartition("}")[2])
