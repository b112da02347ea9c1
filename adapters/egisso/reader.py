"""Messages of the guardianship registers in: a stream of records, each judged by itself, in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO, Final

from lxml import etree
from pydantic import BaseModel, ValidationError

from adapters.egisso.history import History
from adapters.egisso.losses import record_losses, text_losses
from adapters.egisso.messages import MAX_RECORDS, MESSAGE_PREFIX, ROOT, Message, messages
from adapters.egisso.record import Namespaces, RecordReader
from adapters.egisso.release import Release, release_in
from adapters.egisso.spelling import as_ruled
from adapters.egisso.stream import record_elements
from adapters.egisso.values import MessageHead
from adapters.formats import Context, FormatRecord, Reading
from adapters.limits import Limits, refuse_large
from adapters.losses import Loss
from adapters.report import Complaint, ImportReport, Severity, errors_in_words
from adapters.xml.asides import Watched
from adapters.xml.cuts import Kept, cut_records
from adapters.xml.guard import Census, GuardedStream, shown
from adapters.xml.tree import line_of, local_name, namespace_of, text_of
from schemas.errors import DocumentRejected

FORMAT: Final = "egisso-registers"
PACKAGE, PACKAGE_ID, MADE_AT, ELEMENTS = "package", "packageId", "packageDateTime", "elements"
_DEPTH: Final = 4  # data / package / elements / record


def read_registers(stream: BinaryIO, context: Context | None = None) -> Reading:
    """Opens a message. Raises DocumentRejected for a document as a whole, also while its records are read."""
    context = context or Context()
    refuse_large(stream, context.limits)
    reading = Reading(ImportReport(FORMAT))
    reading.records = _MessageReader(stream, context, reading).records()
    return reading


def reject_registers(stream: BinaryIO, _context: Context, refused: Iterable[FormatRecord]) -> Iterator[bytes]:
    """The message with these records alone, each after a comment that says what is wrong with it; every other byte as it is."""
    return cut_records(stream, _DEPTH, (Kept(one.number, errors_in_words(one.complaints)) for one in refused))


class _MessageReader:
    def __init__(self, stream: BinaryIO, context: Context, reading: Reading) -> None:
        self._stream = stream
        self._limits: Limits = context.limits
        self._reading = reading
        self._release: Release | None = release_in(context.schemas)
        self._history = History(context.earlier)
        self._counts: Counter[str] = Counter()
        self._namespaces = Namespaces()
        self._root: etree._Element | None = None
        self._message: Message | None = None

    def records(self) -> Iterator[FormatRecord]:
        census = Census(self._limits)
        number = 0
        guarded = GuardedStream(self._stream, self._limits)
        watched = Watched(guarded, lambda _: _DEPTH, self._reading.report.losses.add)
        for element in record_elements(watched, census, self._check_root):
            number += 1
            if number > self._limits.max_records:
                raise DocumentRejected("document_too_many_records", limit=self._limits.max_records)
            if number == 1:
                self._begin()
            record = self._record(element, number)
            beside = watched.of_record(number)
            yield replace(record, losses=(*record.losses, *beside)) if beside else record
        if number == 0:
            raise DocumentRejected("egisso_without_records")
        watched.check()
        self._end()

    def _check_root(self, root: etree._Element) -> int:
        name, namespace = local_name(root), namespace_of(root)
        self._message = messages().get(namespace)
        if self._message is None or name != ROOT:
            known = ", ".join(message.name for message in messages().values())
            code = "egisso_version_unknown" if namespace.startswith(MESSAGE_PREFIX) else "egisso_root_unknown"
            raise DocumentRejected(code, root=shown(name), known=known)
        self._root = root
        return _DEPTH

    # --- the message as a whole --------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """The head of the package, which stands before its records."""
        assert self._message is not None
        if self._release is None:
            self._reading.complain("egisso_schemas_absent")
        elif self._message.name not in self._release.messages:
            self._reading.complain("egisso_schemas_lack_message", message=self._message.name)
        package = self._package()
        if self._namespaces.is_wrong(package, self._message.layers["package"]):
            expected = self._message.layers["package"]
            self._reading.complain("egisso_namespace", PACKAGE, line_of(package), expected=expected)
        texts: dict[str, etree._Element] = {}
        for child in package:
            if local_name(child) == ELEMENTS:
                break  # more may have been parsed already, or not: what stands there is no head
            texts.setdefault(local_name(child), child)
        values: dict[str, object] = {"message": self._message.code, "version": self._message.version}
        values["package_id"] = self._head_text(texts.get(PACKAGE_ID), "uuid")
        if self._message.has_made_at:
            values["made_at"] = self._head_text(texts.get(MADE_AT), "stamp")
        try:
            self._reading.head = MessageHead.model_validate(values)
        except ValidationError as error:
            place = PACKAGE_ID if error.errors()[0]["loc"] == ("package_id",) else MADE_AT
            raise DocumentRejected("egisso_head_malformed", place=place) from None
        for name, kind, value in (
            (PACKAGE_ID, "uuid", self._reading.head.package_id),
            (MADE_AT, "stamp", self._reading.head.made_at),
        ):
            if value is not None and (element := texts.get(name)) is not None:
                for code in text_losses(kind, element.text or "", value):
                    self._reading.report.losses.add(Loss(code, name, line_of(element)))

    def _head_text(self, element: etree._Element | None, kind: str) -> str:
        if element is None:
            return ""
        read = as_ruled(kind, text_of(element))
        for note in read.notes:
            self._reading.complain(note, local_name(element), line_of(element))
        return read.text

    def _package(self) -> etree._Element:
        root = self._root
        package = root[0] if root is not None and len(root) else None
        if package is None or local_name(package) != PACKAGE:
            raise DocumentRejected("egisso_without_records")
        return package

    def _end(self) -> None:
        """What stands beside the records, in another namespace or where nothing belongs."""
        assert self._message is not None
        assert self._root is not None
        known = [PACKAGE_ID, *([MADE_AT] if self._message.has_made_at else ()), ELEMENTS]
        namespace = self._message.layers["package"]
        package = self._root[0]
        losses, names = self._reading.report.losses, list[str]()
        _refuse_text(self._root, package, *(one for one in package if local_name(one) == ELEMENTS))
        for element in (package, *package, *list(self._root)[1:]):
            name, line = local_name(element), line_of(element)
            if element is not package and name not in known:
                self._reading.complain(
                    "egisso_element_unknown", shown(name), line, error=True, expected=", ".join(sorted(known))
                )
                continue
            if name in names:
                self._reading.complain("egisso_element_repeated", name, line, error=True)
            elif element is not package and any(known.index(name) < known.index(one) for one in names):
                losses.add(Loss("element_order", name, line))
            if element is not package:
                names.append(name)
            if self._namespaces.is_wrong(element, namespace):
                self._reading.complain("egisso_namespace", name, line, expected=namespace)
            if namespace_of(element) != namespace:
                losses.add(Loss("element_namespace", name, line))
        for name, count in self._counts.items():
            if count > MAX_RECORDS:
                self._reading.complain("egisso_too_many_of_kind", name, limit=MAX_RECORDS)

    # --- one record --------------------------------------------------------------------------------------------------

    def _record(self, element: etree._Element, number: int) -> FormatRecord:
        message = self._message
        assert message is not None
        name, line = local_name(element), line_of(element)
        shape = message.records.get(name)
        parent = element.getparent()
        if shape is None or parent is None or local_name(parent) != ELEMENTS:
            expected = ", ".join(message.records)
            code = "egisso_element_unknown"
            unknown = Complaint(code, Severity.ERROR, shown(name), line, number, {"expected": expected})
            return FormatRecord(number, line, None, (unknown,))
        self._counts[name] += 1
        reader = RecordReader(element, message, shape, number, self._limits, self._namespaces)
        if self._namespaces.is_wrong(element, expected := message.layers["package"]):
            params = {"expected": expected}
            reader.complaints.append(Complaint("egisso_namespace", Severity.WARNING, name, line, number, params))
        value = reader.read()
        if self._release is not None:
            reader.complaints.extend(self._release.complaints(element, message, number))
        if value is not None:
            for code in self._history.take(value):
                reader.complaints.append(Complaint(code, Severity.ERROR, name, line, number))
        if value is None or reader.has_errors:
            return FormatRecord(number, line, None, reader.kept(), _id_of(element, value))
        losses = tuple(record_losses(element, value, shape, message, number))
        return FormatRecord(number, line, value, reader.kept(), _id_of(element, value), losses)


def _refuse_text(*containers: etree._Element) -> None:
    """Nothing is written between elements that hold elements."""
    for one in containers:
        if any(text and text.strip() for text in (one.text, *(child.tail for child in one))):
            raise DocumentRejected("text_between_records")


def _id_of(element: etree._Element, value: BaseModel | None) -> str:
    """The record's own identifier, also of one that is kept out."""
    uid = getattr(value, "uid", None) or element.get("recUid")
    if uid is None:
        found = next((one for one in element.iter() if local_name(one) == "uuid"), None)
        uid = text_of(found) if found is not None else ""
    return str(uid).strip().lower()
