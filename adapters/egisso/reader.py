"""Messages of the guardianship registers in: a stream of records, each judged by itself, in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO, Final

from lxml import etree
from pydantic import BaseModel

from adapters.egisso.history import History
from adapters.egisso.losses import record_losses
from adapters.egisso.messages import MAX_RECORDS, MESSAGE_PREFIX, ROOT, Message, messages
from adapters.egisso.package import ELEMENTS, PackageReader
from adapters.egisso.record import Namespaces, RecordReader
from adapters.egisso.release import Release, release_in
from adapters.egisso.stream import record_elements
from adapters.formats import Context, FormatRecord, Reading
from adapters.limits import Limits, refuse_large
from adapters.report import Complaint, ImportReport, Severity, errors_in_words
from adapters.xml.asides import Watched
from adapters.xml.cuts import Kept, cut_records
from adapters.xml.guard import Census, GuardedStream, shown
from adapters.xml.tree import line_of, local_name, namespace_of, text_of
from schemas.errors import DocumentRejected

FORMAT: Final = "egisso-registers"
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
        package: PackageReader | None = None
        guarded = GuardedStream(self._stream, self._limits)
        watched = Watched(guarded, lambda _: _DEPTH, self._reading.report.losses.add)
        elements = record_elements(watched, census, self._check_root)
        for number, element in enumerate(elements, start=1):
            if number > self._limits.max_records:
                raise DocumentRejected("document_too_many_records", limit=self._limits.max_records)
            package = package or self._begin()
            record = self._record(element, number)
            beside = watched.of_record(number)
            yield replace(record, losses=(*record.losses, *beside)) if beside else record
        if package is None:
            raise DocumentRejected("egisso_without_records")
        watched.check()
        package.end()
        self._check_counts()

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

    def _begin(self) -> PackageReader:
        assert self._message is not None
        assert self._root is not None
        if self._release is None:
            self._reading.complain("egisso_schemas_absent")
        elif self._message.name not in self._release.messages:
            self._reading.complain("egisso_schemas_lack_message", message=self._message.name)
        package = PackageReader(self._root, self._message, self._reading, self._namespaces)
        package.begin()
        return package

    def _check_counts(self) -> None:
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


def _id_of(element: etree._Element, value: BaseModel | None) -> str:
    """The record's own identifier, also of one that is kept out."""
    uid = getattr(value, "uid", None) or element.get("recUid")
    if uid is None:
        found = next((one for one in element.iter() if local_name(one) == "uuid"), None)
        uid = text_of(found) if found is not None else ""
    return str(uid).strip().lower()
