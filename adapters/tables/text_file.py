"""A file of text as its encoding was found: its lines, their bytes, and words added in the encoding of a line."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.tables.letters import ONE_BYTE, best_encoding, is_broken_utf8, is_of_another, is_utf8
from adapters.tables.source import Part, byte_lines, chunks, text_lines

LOST: Final = "\ufffd"
"""What stands for bytes that are no letter."""
BROKEN_BYTES: Final = "row_broken_bytes"
OTHER_ENCODING: Final = "row_other_encoding"
_WIDE: Final = ("utf-16-le", "utf-16-be")
_WORD: Final = re.compile("[А-яЁё]{3}")
_CELLS: Final = re.compile(rb'[;,\t|"\r\n]+')
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
class Known:
    """What is known of all tables of a kind: the encoding that they come in where nothing tells, and cells that hardly any
    row is without. They tell an encoding where a score of letters misreads a table with few words. `own` is a cell of reject
    files: what they have from us is in the encoding of the file that they came from, whatever the rows are in."""

    encoding: str
    words: frozenset[str]
    own: str

    def encoding_of(self, sample: bytes) -> str | None:
        """The encoding in which most cells are such words; None where none is in any."""
        cells = Counter(_CELLS.split(sample))
        if own := next((one for one in ONE_BYTE if self.own.encode(one) in cells), None):
            return own
        counts = {one: sum(cells[word.encode(one)] for word in self.words) for one in ONE_BYTE}
        best = max(ONE_BYTE, key=lambda one: counts[one])
        return best if counts[best] else None

    def other_encoding_of(self, sample: bytes) -> str | None:
        """The same of lines that are no UTF-8 in a file of it; without such a word, that in which they have others. None for
        single bytes among signs of ASCII."""
        if found := self.encoding_of(sample):
            return found
        likely = best_encoding(sample)
        return likely if likely and _WORD.search(sample.decode(likely, "replace")) else None


@dataclass(frozen=True, slots=True)
class TextFile:
    """The text of a file without its byte order mark, and what is needed to write such a file again.

    `part` is where it stands, without a last letter that is `cut`. `other` is the encoding of lines that are no UTF-8;
    of the lines that came in another encoding than the rest `odd_lines` says how many, `first_odd` which is the first.
    `line_end` is how its lines end, `ended` whether the last one does; `broken`: somewhere in it are bytes that are no letter;
    `plain`: all of it is ASCII. A row with one of `words` in a cell is in the encoding that it was read in.
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
    plain: bool = False
    words: frozenset[str] = frozenset()

    @property
    def is_doubtful(self) -> bool:
        """Whether its rows should be asked one by one: in UTF-8 and UTF-16 that is whole nothing can be another sign."""
        return self.broken or bool(self.other) or self.encoding in ONE_BYTE

    def doubt(self, cells: Sequence[str]) -> str | None:
        """The rule against a row of these cells: bytes that are no letter, letters of another encoding than these."""
        text = "\n".join(cells)
        if LOST in text:
            return BROKEN_BYTES
        if self.words and not self.words.isdisjoint(cells):
            return None
        encoding = self.other or self.encoding
        return OTHER_ENCODING if encoding in ONE_BYTE and is_of_another(text, encoding) else None

    def lines(self) -> Iterator[str]:
        """The lines with their ends, CR, LF or both, from the beginning each time. Raises DocumentRejected for a line that
        is too long to be held."""
        if self.other or (self.broken and self.encoding == "utf-8"):
            return mixed_lines(self.part, self.other)
        return text_lines(self.part, self.encoding, "replace" if self.broken else "strict")

    def raw_lines(self) -> Iterator[bytes]:
        """The bytes of the same lines, one for one, whatever they are."""
        if self.encoding in _WIDE:
            for line in text_lines(self.part, *self.as_it_is):
                yield line.encode(*self.as_it_is)
            return
        rest = b""
        for chunk in chunks(self.part):
            *lines, rest = (rest + chunk).splitlines(keepends=True)  # a line feed may follow
            yield from lines
        if rest:
            yield rest

    @property
    def as_it_is(self) -> tuple[str, str]:
        """The codec, and its rule for errors, that makes signs of any of its bytes and the same bytes of them again. What is
        ASCII is read."""
        return (self.encoding, "surrogatepass") if self.encoding in _WIDE else ("latin-1", "strict")

    def rest(self) -> bytes:
        """The bytes of a last letter that is cut."""
        stream, _, end = self.part
        stream.seek(end)
        return stream.read() if self.cut else b""

    def encoding_of(self, line: bytes) -> str:
        """The encoding of one of its lines."""
        return self.encoding if not self.other or line.isascii() else _of_line(line, self.other)

    def encode(self, text: str, encoding: str = "") -> bytes:
        """`text` in the same encoding, or that of one of its lines. Signs it lacks become their nearest, then «?»."""
        encoding = encoding or self.encoding
        return nearest(text, encoding).encode(encoding, "replace")

    def as_words(self, words: str, encoding: str) -> str:
        """The words of a complaint as they stand in a line in this encoding."""
        return self.encode(words.replace(LOST, "?"), encoding).decode(encoding)


def mixed_lines(part: Part, other: str) -> Iterator[str]:
    """Lines of which those that are no UTF-8 are in `other`, where there is one. What is no letter is lost."""
    for line in byte_lines(part):
        text = line.decode(_of_line(line, other), "replace")
        yield from io.StringIO(text, newline="") if "\r" in text else (text,)


def _of_line(line: bytes, other: str) -> str:
    return "utf-8" if not other or is_utf8(line) or is_broken_utf8(line) else other
