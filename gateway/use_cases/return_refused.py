"""Give the refused rows of an import back to whoever handed it in: read again from the sealed file, as they leave."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from adapters.archives import is_zip
from adapters.formats import HEAD_BYTES
from adapters.record_formats import record_formats
from adapters.report import Record
from adapters.tables.profile import CONTACT
from adapters.tables.rejects import reject_file, reject_writer
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.file_records import Need, need_nothing
from gateway.use_cases.house import House
from gateway.use_cases.import_report import complaints_of
from gateway.use_cases.import_values import Import
from gateway.use_cases.import_words import SealedReport, sealed_report
from gateway.use_cases.open_directory import directory_kind_of, read_directory_of
from gateway.use_cases.open_import import Opened, open_import
from gateway.use_cases.read_imports import read_import
from gateway.use_cases.receive_directory import rehearse_directory
from gateway.use_cases.values import Requester
from schemas.errors import BadInput
from schemas.ids import EntryId

STEPS_AT_ONCE: Final = 200
BLOCK: Final = 64 * 1024
_WORKBOOK: Final = "xlsx"
XML: Final = "xml"


@dataclass(frozen=True, slots=True)
class Returned:
    """Refused records in the sender's own format: `form` is xml, csv or xlsx, or the ending that files of a folder of formats
    have. `parts` are read once, in order."""

    parts: Iterator[bytes]
    form: str
    entry_id: EntryId


def return_refused(
    house: House, requester: Requester, import_id: str, now: datetime, need: Need = need_nothing
) -> Returned:
    """The entry is committed before the first row is read. `need` is asked for what the records are.

    Raises as `read_import` and what `need` does; BadInput (import_still_runs, import_nothing_refused), DocumentRejected
    (import_file_gone).
    """
    one = read_import(house, requester, import_id)
    if one.is_open:
        raise BadInput("import_still_runs")
    if not one.rejected:
        raise BadInput("import_nothing_refused")
    asked = replace(one, actor=requester.actor, roles=requester.roles, scopes=requester.scopes)
    with ExitStack() as held:
        opened = held.enter_context(open_import(house, asked, now))
        need(opened.source.kind())
        if (kind := directory_kind_of(opened.source)) is not None:
            content = _refused_of_directory(house, requester, opened, now)
            form = _form_of(content) if kind == CONTACT else _ending_of(opened)
            return Returned(iter((content,)), form, _entry(house, requester, one, now))
        form = _ending_of(opened) if opened.source.gives_back else _form_of_table(opened)
        entry_id = _entry(house, requester, one, now)
        parts = _parts(house, one, opened, sealed_report(house, one.id), held.pop_all())
        next(parts)  # from here on it is the generator that closes the file, whatever becomes of the reader
        return Returned(parts, form, entry_id)


def _ending_of(opened: Opened) -> str:
    folder, stream = record_formats().get(opened.source.form), opened.source.stream
    if folder is None:
        return XML
    stream.seek(0)
    is_book = is_zip(stream.read(HEAD_BYTES)) and folder.suffix == ".csv"
    return _WORKBOOK if is_book else folder.suffix.removeprefix(".")


def _form_of_table(opened: Opened) -> str:
    read = opened.source.read()
    if read.layout is None:
        raise BadInput("import_nothing_refused")
    return read.report.format


def _refused_of_directory(house: House, requester: Requester, opened: Opened, now: datetime) -> bytes:
    """Of a phone book or documents of the directory: whose it is to publish is decided again."""
    reading = read_directory_of(opened.source)
    rehearse_directory(house, requester, reading, now)
    content = reading.reject_file()
    if content is None:
        raise BadInput("import_nothing_refused")
    return content


def _form_of(content: bytes) -> str:
    return _WORKBOOK if is_zip(content) else "csv"


def _entry(house: House, requester: Requester, one: Import, now: datetime) -> EntryId:
    with house.store.writing() as unit:
        entry: dict[str, str | int] = {
            "organisation": one.organisation_id,
            "actor": requester.actor,
            "import": one.id,
            "digest": one.digest,
            "records": one.rejected,
        }
        return append_entry(unit, EventKind.FILE_RETURNED, entry, now)


def _parts(house: House, one: Import, opened: Opened, sealed: SealedReport, held: ExitStack) -> Iterator[bytes]:
    """The file is open already: whoever removes it meanwhile takes it from nobody who was promised it. The first part is
    empty."""
    with held:
        yield b""
        source = opened.source
        if source.gives_back:
            yield from source.returned(_named(_results(house, one, sealed)))
            return
        read = source.read()
        assert read.layout is not None
        refused = _refused(read.records, _results(house, one, sealed))
        if read.report.format == _WORKBOOK:
            yield reject_file(read.layout, refused)
            return
        out = io.BytesIO()
        add = reject_writer(read.layout, out)
        for record in refused:
            add(record)
            if out.tell() >= BLOCK:
                yield out.getvalue()
                out.seek(0)
                out.truncate()
        yield out.getvalue()


def _results(house: House, one: Import, sealed: SealedReport) -> Iterator[dict[str, Any]]:
    """What is known of the refused records, in order; no unit of work is open while rows leave."""
    after = 0
    while after < one.position.settled:
        with house.store.reading() as unit:
            steps = unit.imports.steps(one.id, after, STEPS_AT_ONCE)
        for step in sealed.open_steps(steps):
            yield from (dict(result) for result in step.results if not result["accepted"])
        if not steps:
            return
        after = steps[-1].first + len(steps[-1].results) - 1


def _named(results: Iterator[dict[str, Any]]) -> Iterator[Record]:
    """Refused records by their number alone: what stands in them is in the file."""
    for result in results:
        yield Record(result["record"], result["line"], None, tuple(complaints_of(result)))


def _refused(records: Iterator[Record], results: Iterator[dict[str, Any]]) -> Iterator[Record]:
    for result in results:
        record = next((record for record in records if record.number == result["record"]), None)
        if record is not None:
            yield replace(record, draft=None, complaints=tuple(complaints_of(result)))
