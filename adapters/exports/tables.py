"""An export as tables for spreadsheets: UTF-8 with a byte order mark, `;`, CRLF, every cell quoted, Russian headings,
formulas disarmed. One table for each kind of thing, together one archive; `columns.csv` lists their columns.

A section takes a row for each value, and one row where it shows none: so that what is withheld is read there too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from adapters.exports.kept_tables import KEPT
from adapters.exports.rows import ExportColumn, Row, columns, field_rows, row_of
from adapters.tables.cells import guard
from adapters.tables.dates import russian, russian_instant
from adapters.tables.output import AS_USUAL, DEFAULT, Written, write_csv
from schemas.catalogue import text
from schemas.exports import Export, ExportCase, ExportSection
from schemas.package import Said

_DAY: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def write_tables(export: Export, written: Written = AS_USUAL) -> Mapping[str, bytes]:
    """The tables that have rows, by their file names. Raises BadInput (text_outside_encoding)."""
    zone = ZoneInfo(export.zone)
    found = {name: _table(columns()[name], list(rows(export)), zone, written) for name, rows in _ROWS.items()}
    return {f"{name}.csv": content for name, content in found.items() if content is not None}


def _table(listed: Sequence[ExportColumn], rows: Sequence[Row], zone: ZoneInfo, written: Written) -> bytes | None:
    if not rows:
        return None
    cells = [[_cell(row.get(column.name), zone) for column in listed] for row in rows]
    # What even UTF-8 has not (half of a pair) is nobody's text: it never keeps an export from leaving.
    nearest_signs = written.nearest_signs or written.encoding == DEFAULT
    return write_csv([column.heading for column in listed], cells, written.encoding, nearest_signs=nearest_signs)


def _cell(value: object, zone: ZoneInfo) -> str:
    """A text disarmed; our own yes and no are no words of anybody."""
    said = _text(value, zone)
    return said if isinstance(value, bool) else guard(said)


def _text(value: object, zone: ZoneInfo) -> str:
    match value:
        case None:
            said = ""
        case bool():
            said = "да" if value else "нет"
        case datetime():
            said = russian_instant(value.replace(microsecond=0), zone)
        case date():
            said = russian(value)
        case Said():
            said = value.ru or value.value
        case tuple() | list():
            said = " | ".join(_text(one, zone) for one in value)
        case str() if (day := _day(value)) is not None:
            said = russian(day)
        case _:
            said = str(value)
    return said


def _day(text: str) -> date | None:
    """The day that a text is, or nothing: a sender's line may look like one and be none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _cases(export: Export) -> Iterator[Row]:
    for case in export.cases:
        yield row_of(case, "cases") | {"holder": case.holder.name, "holder_ogrn": case.holder.ogrn}


def _messages(export: Export) -> Iterator[Row]:
    for message in export.messages:
        yield row_of(message, "messages") | {
            "type_code": message.type.value,
            "sender": message.sender.name,
            "sender_ogrn": message.sender.ogrn,
            "recipient": message.recipient.name,
            "recipient_ogrn": message.recipient.ogrn,
            "state": text(f"web_state.{message.state}"),
            "content": text(f"export.content_{message.content}"),
        }


def _sections(export: Export) -> Iterator[Row]:
    for reading in export.readings:
        place = (
            {"case": reading.ref} if isinstance(reading, ExportCase) else {"case": reading.case, "message": reading.id}
        )
        for person in reading.people:
            who = {"person": person.ref, "kind": text(f"export.kind_{person.kind}")}
            for section in person.sections:
                yield from ({**row, **place, **who} for row in _section(section))


def _section(section: ExportSection) -> Iterator[Row]:
    told = row_of(section, "sections") | {
        "section": section.ru,
        "access": text(f"export.effect_{section.effect}"),
        "absence": text(f"export.empty_{section.absence}") if section.absence else None,
    }
    rows = [row for field in section.fields for row in field_rows(field)] if section.content is not None else []
    yield from ({**told, **row} for row in rows or [{}])


def _notes(export: Export) -> Iterator[Row]:
    for message in export.messages:
        for note in message.notes:
            yield from ({"message": message.id, **row} for row in field_rows(note))


def _receipts(export: Export) -> Iterator[Row]:
    for message in export.messages:
        for number, receipt in enumerate(message.receipts, start=1):
            yield row_of(receipt, "receipts") | {
                "message": message.id,
                "number": number,
                "state": text(f"web_state.{receipt.state}"),
                "by": receipt.by.name if receipt.by else "",
                "words": "; ".join(receipt.words.values()),
            }


def _documents(export: Export) -> Iterator[Row]:
    of_messages = ((message.id, one) for message in export.messages for one in message.documents)
    for message_id, one in (*of_messages, *((one.message, one) for one in export.documents)):
        yield row_of(one, "documents") | {
            "message": message_id,
            "person_kind": text(f"export.kind_{one.person_kind}") if one.person_kind else "",
            "absence": text(f"export.no_file_{one.absence}") if one.absence else "",
        }


def _consents(export: Export) -> Iterator[Row]:
    for consent in export.consents:
        yield row_of(consent, "consents") | {
            "person_kind": text(f"export.kind_{consent.person_kind}"),
            "discloser": consent.discloser.name,
            "recipient": consent.recipient.name,
            "recipient_ogrn": consent.recipient.ogrn,
            "purpose_code": consent.purpose.value,
            "category_codes": [category.value for category in consent.categories],
            "status": text(f"export.consent_{consent.status}"),
            "signers": [text(f"export.signer_{signer.who}") for signer in consent.signers],
            "events": [part for event in consent.events for part in event],
        }


def _authorities(export: Export) -> Iterator[Row]:
    for authority in export.authorities:
        yield row_of(authority, "authorities") | {"who": text(f"export.signer_{authority.who}")}


def _records(export: Export) -> Iterator[Row]:
    for record in export.records:
        if record.values is None:
            yield row_of(record, "records") | {"value": text("export.empty_erased")}
        for name, value in (record.values or {}).items():
            yield row_of(record, "records") | {"name": name, "value": value}


def _events(export: Export) -> Iterator[Row]:
    return (row_of(event, "events") for event in export.events)


_ROWS: Final[Mapping[str, Callable[[Export], Iterator[Row]]]] = {
    "cases": _cases,
    "sections": _sections,
    "messages": _messages,
    "notes": _notes,
    "receipts": _receipts,
    "documents": _documents,
    "consents": _consents,
    "authorities": _authorities,
    "records": _records,
    "events": _events,
    **KEPT,
}
