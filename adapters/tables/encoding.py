"""Which encoding a table came in: a byte order mark, strict UTF-8, UTF-16 by its zeros, then a score of Russian letters.

The whole file is looked at, in as many passes as it takes and a chunk at a time. A file put together of two exports may be
UTF-8 in one line and cp1251 in the next: lines that are no UTF-8 are then read for themselves, and told. Bytes that are no
letters become `LOST`, and whoever reads the rows refuses those that have it.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable
from dataclasses import replace
from typing import BinaryIO, Final

from adapters.tables.letters import SAMPLE, best_encoding, is_broken_utf8, is_text, is_utf8
from adapters.tables.source import LONGEST_LINE, Part, byte_lines, chunks, decoded, opened, refuse_long_line
from adapters.tables.text_file import LOST, Known, TextFile, mixed_lines
from schemas.errors import DocumentRejected

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_HIGH_BYTES: Final = (0, 4)  # of ASCII and of Cyrillic letters in UTF-16
_MOSTLY: Final = 0.8
_HIGH_SURROGATE: Final = range(0xD8, 0xDC)


def decode(content: bytes) -> str:
    """The text of a table. Raises DocumentRejected for a workbook, an archive, or bytes that are text in no encoding."""
    return "".join(find_text(io.BytesIO(content)).lines())


def find_text(stream: BinaryIO, known: Known | None = None) -> TextFile:
    """A table that begins where the stream stands, which can seek; of a kind of which something is `known`. Raises
    DocumentRejected as `decode` does."""
    file = _find(stream, known)
    if known is None:
        return file
    says_nothing = file.plain and file.encoding == "utf-8" and not file.mark
    return replace(file, encoding=known.encoding if says_nothing else file.encoding, words=known.words)


def _find(stream: BinaryIO, known: Known | None) -> TextFile:
    start = stream.tell()
    whole = (stream, start, stream.seek(0, io.SEEK_END))
    head = opened(whole).read(SAMPLE)
    if head.startswith(_SPREADSHEETS):
        raise DocumentRejected("document_is_spreadsheet")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            part = (stream, start + len(mark), whole[2])
            found = _utf8(part, known) if encoding == "utf-8" else _wide(part, encoding)
            if found is None:
                raise DocumentRejected("document_is_not_text")
            return replace(found, mark=mark, encoding=encoding)
    for encoding, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if sum(high.count(byte) for byte in _HIGH_BYTES) > _MOSTLY * len(high) > 0:
            return _wide(whole, encoding)
    return _utf8(whole, known) or _tolerantly(TextFile(whole, _of_one_byte(head, known)))


def _utf8(part: Part, known: Known | None) -> TextFile | None:
    """UTF-8 as a whole, up to a last letter that is cut, or in some lines; None where no line has a letter of it."""
    try:
        return _seen(TextFile(part, "utf-8"), decoded(part, "utf-8"))
    except UnicodeDecodeError:
        pending = _cut_letter(part)
    if pending:
        whole = (part[0], part[1], part[2] - pending)
        return _seen(TextFile(whole, "utf-8", cut=True), decoded(whole, "utf-8"))
    return _mixed(part, known)


def _wide(part: Part, encoding: str) -> TextFile:
    """UTF-16, up to a last letter that is cut, of one byte too few or of one half."""
    stream, start, end = part
    whole = end - (end - start) % 2
    if whole - start >= 2:  # noqa: PLR2004  the bytes of a letter, or of a half of one
        stream.seek(whole - 2)
        last = stream.read(2)
        whole -= 2 * (last[encoding == "utf-16-le"] in _HIGH_SURROGATE)
    if start < end and whole == start:
        raise DocumentRejected("document_is_not_text")
    return _tolerantly(TextFile((stream, start, whole), encoding, cut=whole < end))


def _tolerantly(file: TextFile) -> TextFile:
    """The file, with what is no letter in it lost and told."""
    try:
        return _seen(file, decoded(file.part, file.encoding))
    except UnicodeDecodeError:
        return _seen(replace(file, broken=True), decoded(file.part, file.encoding, "replace"))


def _cut_letter(part: Part) -> int:
    """How many bytes a letter has that the file ends inside of, where all before it is UTF-8 and not ASCII alone."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    plain = True
    try:
        for chunk in chunks(part):
            plain = decoder.decode(chunk).isascii() and plain
    except UnicodeDecodeError:
        return 0
    return 0 if plain else len(decoder.getstate()[0])


def _mixed(part: Part, known: Known | None) -> TextFile | None:
    ours = others = first_ours = first_other = broken = 0
    is_long = False
    sample = bytearray()
    for number, line in enumerate(byte_lines(part), start=1):
        if len(line) < LONGEST_LINE and is_utf8(line):
            if not line.isascii():
                ours, first_ours = ours + 1, first_ours or number
        elif len(line) < LONGEST_LINE and is_broken_utf8(line):
            broken += 1
        else:
            is_long = is_long or len(line) >= LONGEST_LINE
            others, first_other = others + 1, first_other or number
            if len(sample) < SAMPLE:
                sample += line
    if not ours + broken:
        return None
    if is_long:
        refuse_long_line()
    odd_sample = bytes(sample[:SAMPLE])
    other = (known.other_encoding_of(odd_sample) if known else best_encoding(odd_sample)) or ""
    if not other:
        if others > ours + broken:
            raise DocumentRejected("document_is_not_text")
        others, first_other, broken = 0, 0, others + broken  # a few letters with bytes between them
    mostly = others <= ours + broken
    odd, first = (others, first_other) if mostly else (ours, first_ours)
    file = TextFile(part, "utf-8" if mostly else other, other=other, odd_lines=odd, first_odd=first, broken=broken > 0)
    return _seen(file, mixed_lines(part, other))


def _of_one_byte(sample: bytes, known: Known | None) -> str:
    encoding = known.encoding_of(sample) or known.encoding if known else best_encoding(sample)
    if encoding is None or not is_text(sample.decode(encoding, "replace")):
        raise DocumentRejected("document_is_not_text")
    return encoding


def _seen(file: TextFile, pieces: Iterable[str]) -> TextFile:
    """The file with what a pass over all of its text tells. Raises DocumentRejected for what is no text."""
    line_end, last, sample, plain, broken = "\n", "", "", True, file.broken
    for piece in pieces:
        plain = plain and piece.isascii()
        broken = broken or LOST in piece  # another program has lost a letter already
        if len(sample) < SAMPLE:
            sample += piece[: SAMPLE - len(sample)]
        if "\r\n" in piece or (last == "\r" and piece.startswith("\n")):
            line_end = "\r\n"
        last = piece[-1:] or last
    if not is_text(sample):
        raise DocumentRejected("document_is_not_text")
    return replace(file, line_end=line_end, ended=last == "\n", plain=plain, broken=broken)
