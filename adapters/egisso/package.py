"""What a message says around its records: the head of the package before them, and whatever else stands beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree
from pydantic import ValidationError

from adapters.egisso.losses import text_losses
from adapters.egisso.messages import Message
from adapters.egisso.record import Namespaces
from adapters.egisso.spelling import as_ruled
from adapters.egisso.values import MessageHead
from adapters.formats import Reading
from adapters.losses import Loss
from adapters.xml.guard import shown
from adapters.xml.tree import line_of, local_name, namespace_of, text_of
from schemas.errors import DocumentRejected

PACKAGE, PACKAGE_ID, MADE_AT, ELEMENTS = "package", "packageId", "packageDateTime", "elements"
_KINDS: Final = {PACKAGE_ID: "uuid", MADE_AT: "stamp"}


class PackageReader:
    """Reads what surrounds the records of one message into its report and head."""

    def __init__(self, root: etree._Element, message: Message, reading: Reading, namespaces: Namespaces) -> None:
        self._root, self._message = root, message
        self._reading, self._namespaces = reading, namespaces
        self._known = [PACKAGE_ID, *([MADE_AT] if message.has_made_at else ()), ELEMENTS]

    def begin(self) -> None:
        """The head, which stands before the records. Raises DocumentRejected."""
        package = self._root[0] if len(self._root) else None
        if package is None or local_name(package) != PACKAGE:
            raise DocumentRejected("egisso_without_records")
        self._check_namespace(package)
        found = self._head_of(package)
        texts = {name: self._text(element) for name, element in found.items()}
        values: dict[str, object] = {"message": self._message.code, "version": self._message.version}
        values["package_id"] = texts.get(PACKAGE_ID, "")
        if self._message.has_made_at:
            values["made_at"] = texts.get(MADE_AT, "")
        try:
            head = MessageHead.model_validate(values)
        except ValidationError as error:
            place = PACKAGE_ID if error.errors()[0]["loc"] == ("package_id",) else MADE_AT
            raise DocumentRejected("egisso_head_malformed", place=place) from None
        self._reading.head = head
        for name, element in found.items():
            value = head.package_id if name == PACKAGE_ID else head.made_at
            for code in text_losses(_KINDS[name], element.text or "", value):
                self._lose(code, element)

    def _head_of(self, package: etree._Element) -> dict[str, etree._Element]:
        found: dict[str, etree._Element] = {}
        for child in package:
            if local_name(child) == ELEMENTS:
                break  # more may have been parsed already, or not: what stands there is no head
            if local_name(child) in self._known:
                found.setdefault(local_name(child), child)
        return found

    def _text(self, element: etree._Element) -> str:
        read = as_ruled(_KINDS[local_name(element)], text_of(element))
        for note in read.notes:
            self._reading.complain(note, local_name(element), line_of(element))
        return read.text

    def end(self) -> None:
        """What stands beside the records, in another namespace or where nothing belongs. Raises DocumentRejected."""
        package = self._root[0]
        _refuse_text(self._root, package, *(one for one in package if local_name(one) == ELEMENTS))
        self._check_namespace(package)
        if namespace_of(package) != self._message.layers["package"]:
            self._lose("element_namespace", package)
        for element in (*package, *list(self._root)[1:]):
            if element.getparent() is self._root or local_name(element) not in self._known:
                expected = ", ".join(sorted(self._known))
                name = shown(local_name(element))
                self._reading.complain("egisso_element_unknown", name, line_of(element), error=True, expected=expected)
        for element in self._once(package):
            self._check_namespace(element)
            if namespace_of(element) != self._message.layers["package"]:
                self._lose("element_namespace", element)

    def _once(self, package: etree._Element) -> Iterator[etree._Element]:
        """The known elements; one that stands there twice, or out of its order, is told."""
        seen: list[str] = []
        for element in package:
            name = local_name(element)
            if name not in self._known:
                continue
            if name in seen:
                self._reading.complain("egisso_element_repeated", name, line_of(element), error=True)
            elif any(self._known.index(name) < self._known.index(one) for one in seen):
                self._lose("element_order", element)
            seen = [*dict.fromkeys((*seen, name))]
            yield element

    def _check_namespace(self, element: etree._Element) -> None:
        expected = self._message.layers["package"]
        if self._namespaces.is_wrong(element, expected):
            self._reading.complain("egisso_namespace", local_name(element), line_of(element), expected=expected)

    def _lose(self, code: str, element: etree._Element) -> None:
        self._reading.report.losses.add(Loss(code, local_name(element), line_of(element)))


def _refuse_text(*containers: etree._Element) -> None:
    """Nothing is written between elements that hold elements."""
    for one in containers:
        if any(text and text.strip() for text in (one.text, *(child.tail for child in one))):
            raise DocumentRejected("text_between_records")
