"""Which encoding a table came in: a byte order mark, strict UTF-8, UTF-16 by its zeros, then a score of Russian letters.

The whole file is looked at, in as many passes as it takes and a chunk at a time. A file put together of two exports may be
UTF-8 in one line and cp1251 in the next: lines that are no UTF-8 are then read for themselves, and told. Bytes that are no
letters become `LOST`, and whoever reads the rows refuses those that have it.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from adapters.tables.letters import (
    ONE_BYTE,
    SAMPLE,
    best_encoding,
    is_broken_utf8,
    is_of_another,
    is_text,
    is_utf8,
)
from adapters.tables.source import (
    LONGEST_LINE,
    Part,
    byte_lines,
    chunks,
    decoded,
    opened,
    refuse_long_line,
    text_lines,
)
from schemas.errors import DocumentRejected

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_HIGH_BYTES: Final = (0, 4)  # of ASCII and of Cyrillic letters in UTF-16
_MOSTLY: Final = 0.8
LOST: Final = "\ufffd"
"""What stands for bytes that are no letter."""
_HIGH_SURROGATE: Final = range(0xD8, 0xDC)
_NEAREST: Final = str.maketrans(
    {"«": '"', "»": '"', "—": "-", "–": "-", "−": "-", "…": "...", "№": "N", "’": "'", "“": '"', "”": '"'}
)


def nearest(text: str, encoding: str) -> str:
    """`text` with typographic signs that `encoding` lacks written plainly."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_NEAREST)
    return text


@dataclass(frozen=True, slots=True)
class TextFile:
    """The text of a file without its byte order mark, and what is needed to write such a file again.

    `part` is where it stands, without a last letter that is `cut`. `other` is the encoding of lines that are no UTF-8;
    of the lines that came in another encoding than the rest `odd_lines` says how many, `first_odd` which is the first.
    `line_end` is how its lines end, `ended` whether the last one does; `broken`: somewhere in it are bytes that are no letter.
    """

    part: Part
    encoding: str
    mark: bytes = b""
    other: str = ""
    odd_lines: int = 0
    first_odd: int = 0
    cut: bool = False
    line_end: str = "\n"
    ended: bool = False
    broken: bool = False

    @property
    def is_doubtful(self) -> bool:
        """Whether its rows should be asked one by one: in UTF-8 and UTF-16 that is whole nothing can be another sign."""
        return self.broken or bool(self.other) or self.encoding in ONE_BYTE

    def doubt(self, text: str) -> str | None:
        """The rule against a row of this text: bytes that are no letter, letters of another encoding than these."""
        if LOST in text:
            return "row_broken_bytes"
        encoding = self.other or self.encoding
        return "row_other_encoding" if encoding in ONE_BYTE and is_of_another(text, encoding) else None

    def lines(self) -> Iterator[str]:
        """The lines with their ends, CR, LF or both, from the beginning each time. Raises DocumentRejected for a line that
        is too long to be held."""
        if self.other or (self.broken and self.encoding == "utf-8"):
            return _mixed_lines(self.part, self.other)
        return text_lines(self.part, self.encoding, "replace" if self.broken else "strict")

    def encode(self, text: str) -> bytes:
        """`text` in the same encoding. Signs it lacks become their nearest, then «?»."""
        return nearest(text, self.encoding).encode(self.encoding, "replace")


def decode(content: bytes) -> str:
    """The text of a table. Raises DocumentRejected for a workbook, an archive, or bytes that are text in no encoding."""
    return "".join(find_text(io.BytesIO(content)).lines())


def find_text(stream: BinaryIO) -> TextFile:
    """A table that begins where the stream stands, which can seek. Raises DocumentRejected as `decode` does."""
    start = stream.tell()
    whole = (stream, start, stream.seek(0, io.SEEK_END))
    head = opened(whole).read(SAMPLE)
    if head.startswith(_SPREADSHEETS):
        raise DocumentRejected("document_is_spreadsheet")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            part = (stream, start + len(mark), whole[2])
            found = _utf8(part) if encoding == "utf-8" else _wide(part, encoding)
            if found is None:
                raise DocumentRejected("document_is_not_text")
            return replace(found, mark=mark, encoding=encoding)
    for encoding, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if sum(high.count(byte) for byte in _HIGH_BYTES) > _MOSTLY * len(high) > 0:
            return _wide(whole, encoding)
    return _utf8(whole) or _tolerantly(TextFile(whole, _of_one_byte(head)))


def _utf8(part: Part) -> TextFile | None:
    """UTF-8 as a whole, up to a last letter that is cut, or in some lines; None where no line has a letter of it."""
    try:
        return _seen(TextFile(part, "utf-8"), decoded(part, "utf-8"))
    except UnicodeDecodeError:
        pending = _cut_letter(part)
    if pending:
        whole = (part[0], part[1], part[2] - pending)
        return _seen(TextFile(whole, "utf-8", cut=True), decoded(whole, "utf-8"))
    return _mixed(part)


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


def _mixed(part: Part) -> TextFile | None:
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
    other = best_encoding(bytes(sample[:SAMPLE])) or ""
    if not other:
        if others > ours + broken:
            raise DocumentRejected("document_is_not_text")
        others, first_other, broken = 0, 0, others + broken  # a few letters with bytes between them
    mostly = others <= ours + broken
    odd, first = (others, first_other) if mostly else (ours, first_ours)
    file = TextFile(part, "utf-8" if mostly else other, other=other, odd_lines=odd, first_odd=first, broken=broken > 0)
    return _seen(file, _mixed_lines(part, other))


def _mixed_lines(part: Part, other: str) -> Iterator[str]:
    for line in byte_lines(part):
        encoding = "utf-8" if not other or is_utf8(line) or is_broken_utf8(line) else other
        text = line.decode(encoding, "replace")
        yield from io.StringIO(text, newline="") if "\r" in text else (text,)


def _of_one_byte(sample: bytes) -> str:
    encoding = best_encoding(sample)
    if encoding is None or not is_text(sample.decode(encoding, "replace")):
        raise DocumentRejected("document_is_not_text")
    return encoding


def _seen(file: TextFile, pieces: Iterable[str]) -> TextFile:
    """The file with what a pass over all of its text tells. Raises DocumentRejected for what is no text."""
    line_end, last, sample = "\n", "", ""
    for piece in pieces:
        if len(sample) < SAMPLE:
            sample += piece[: SAMPLE - len(sample)]
        if "\r\n" in piece or (last == "\r" and piece.startswith("\n")):
            line_end = "\r\n"
        last = piece[-1:] or last
    if not is_text(sample):
        raise DocumentRejected("document_is_not_text")
    return replace(file, line_end=line_end, ended=last == "\n")
