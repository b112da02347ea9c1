"""The tables of the canonical documents, as the gateway finds them: one format for each kind of document."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import BinaryIO, Final

from pydantic import BaseModel

from adapters.formats import Context, Format, Reading
from adapters.sheets.columns import columns_of, format_name
from adapters.sheets.reader import SheetHead, read_sheet
from adapters.sheets.rejects import reject_sheet
from adapters.sheets.writer import write_sheet
from schemas.catalogue import Language
from schemas.documents import KINDS, DocumentKind
from schemas.messages import MessageDraft, message_types

_ENCODINGS: Final = ("utf-8", "cp1251", "utf-16-le", "utf-16-be")


def _recognises(kind: DocumentKind, beginning: bytes) -> bool:
    """By the heading of the document's own number: no other table has it, and every table of this kind does."""
    return any(columns_of(kind)[0].heading.encode(encoding) in beginning for encoding in _ENCODINGS)


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
