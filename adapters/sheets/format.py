"""The tables of the canonical documents, as the gateway finds them: one format for each kind of document."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import BinaryIO, Final

from pydantic import BaseModel

from adapters.formats import Context, Format, Reading
from adapters.sheets.columns import columns_of, format_name, without_sign
from adapters.sheets.reader import SheetHead, read_sheet
from adapters.sheets.rejects import reject_sheet
from adapters.sheets.writer import write_sheet
from adapters.tables.letters import ONE_BYTE
from schemas.catalogue import Language
from schemas.documents import KINDS, DocumentKind
from schemas.messages import MessageDraft, message_types

_Heading = tuple[bytes, re.Pattern[bytes]]
"""Its bytes, which are looked for first, and a cell that is nothing else."""
_MARKED: Final = ("utf-8", "utf-16-le", "utf-16-be")
_ENCODINGS: Final = (*_MARKED, *ONE_BYTE)
_ENDS: Final = ';,\t|"\r\n'
"""What a cell of text begins and ends with, beside spaces."""
_CYRILLIC: Final = b"\x04"
_BLANK: Final = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


def _recognises(kind: DocumentKind, beginning: bytes) -> bool:
    """By a cell that is the heading of the document's own number: no other table has it, and every table of this kind does.
    Markup is that of a workbook, or none of ours."""
    first = beginning.lstrip(_BLANK)[:2]
    if first[1:] == _CYRILLIC:  # «м» in UTF-16 is no «<»
        first = b""
    if first[:1] in {b"{", b"["}:
        return False
    cells = _in_markup(kind) if first[:1] == b"<" else _in_text(kind)
    return any(heading in beginning and cell.search(beginning) for heading, cell in cells)


@functools.cache
def _in_text(kind: DocumentKind) -> tuple[_Heading, ...]:
    heading = columns_of(kind)[0].heading
    return tuple(
        _of_text(said, encoding)
        for encoding in _ENCODINGS
        for said in (heading, *without_sign(heading))
        if said.encode(encoding, "ignore").decode(encoding) == said
    )


def _of_text(heading: str, encoding: str) -> _Heading:
    said, space = heading.encode(encoding), re.escape(" ".encode(encoding))
    mark = re.escape("\ufeff".encode(encoding)) if encoding in _MARKED else b""
    ends = b"|".join(re.escape(sign.encode(encoding)) for sign in _ENDS)
    before, after = rb"(?:\A(?:%b)?|%b)(?:%b)*" % (mark, ends, space), rb"(?:%b)*(?:%b|\Z)" % (space, ends)
    return said, re.compile(before + re.escape(said) + after)


@functools.cache
def _in_markup(kind: DocumentKind) -> tuple[_Heading, ...]:
    said = columns_of(kind)[0].heading.encode()
    text = rb"<(?:\w+:)?[tv](?:\s[^<>]*)?>\s*%b\s*</(?:\w+:)?[tv]>" % re.escape(said)
    return ((said, re.compile(text)),)


def _read(kind: DocumentKind, stream: BinaryIO, context: Context) -> Reading:
    return read_sheet(kind, stream, context)


def _write(kind: DocumentKind, _head: BaseModel, records: Sequence[BaseModel], _context: Context) -> bytes:
    return write_sheet(kind, records)


def _shown(kind: DocumentKind, value: BaseModel, language: Language) -> str:
    title = kind.title_ru if language == "ru" else kind.title_en
    if isinstance(value, MessageDraft) and (known := message_types().get(value.type)):
        return f"{title}: {known.name_ru if language == 'ru' else known.name_en}"
    return title


def _format(kind: DocumentKind) -> Format:
    return Format(
        name=format_name(kind),
        title_ru=f"{kind.title_ru}: таблица CSV",
        title_en=f"{kind.title_en}: CSV table",
        suffix=".csv",
        head=SheetHead,
        record=kind.model,
        recognises=functools.partial(_recognises, kind),
        read=functools.partial(_read, kind),
        write=functools.partial(_write, kind),
        shown=functools.partial(_shown, kind),
        rejects=functools.partial(reject_sheet, kind),
        in_parts=True,
    )


FORMATS: Final = tuple(map(_format, KINDS))
