"""The bytes of a table as text: which encoding it is in, and no more of it than the limit."""

from __future__ import annotations

import codecs
import io
import re
from typing import BinaryIO, Final, cast

from adapters.limits import Limits, too_large
from schemas.errors import DocumentRejected

ENCODING: Final = "cp1251"
"""The one that ЕГИССО takes."""
PROBE: Final = 64 * 1024
"""How much of a table tells its encoding."""
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WORDS: Final = re.compile(r"(?<=;)(?:М|Ж|Да|Нет)(?=;)", re.IGNORECASE)


class Counted(io.RawIOBase):
    """A stream that begins with what was looked at already and refuses to be longer than the limit."""

    def __init__(self, beginning: bytes, stream: BinaryIO, limits: Limits) -> None:
        self._beginning = io.BytesIO(beginning)
        self._stream = stream
        self._limits = limits
        self._left = limits.max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        chunk = self._beginning.read(len(view)) or self._stream.read(len(view))
        self._left -= len(chunk)
        if self._left < 0:
            raise too_large(self._limits)
        view[: len(chunk)] = chunk
        return len(chunk)


def encoding_of(beginning: bytes) -> tuple[str, bytes]:
    """The encoding of a table by its beginning, and the mark it begins with.

    A score of letters misreads a table with a few words in it, but cells «М», «Ж», «Да», «Нет» stand in every one: the
    alphabet in which most of them do is the right one, and without any it is what ЕГИССО takes.
    """
    if not beginning.strip():
        raise DocumentRejected("document_empty")
    if beginning.startswith(_WORKBOOKS):
        raise DocumentRejected("document_is_spreadsheet")
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return encoding, mark
    if b"\x00" in beginning:
        raise DocumentRejected("document_is_not_text")
    if beginning.isascii():
        return ENCODING, b""
    known = {encoding: _known_cells(beginning, encoding) for encoding in ("utf-8", ENCODING, "cp866", "koi8-r")}
    best = max(known, key=lambda encoding: known[encoding])
    if known[best] < 0 or (known[best] == 0 and best not in {"utf-8", ENCODING}):
        raise DocumentRejected("document_is_not_text")
    return best, b""


def _known_cells(beginning: bytes, encoding: str) -> int:
    """How many cells are words that every table has, below zero where the bytes are no text in this encoding."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(beginning)
    except UnicodeDecodeError:
        return -1
    return len(_WORDS.findall(text))
