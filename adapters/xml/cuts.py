"""An XML file with some of its records left out, and every other byte as it stands: encoding, namespaces, comments, spaces."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, NamedTuple
from xml.parsers import expat

from adapters.xml.tree import in_comment
from schemas.errors import DocumentRejected

OWN: Final = "Ошибка:"
"""A comment that a reject file added begins so, and goes when the next one is made."""
_BLOCK: Final = 256 * 1024
_UTF_16: Final = (
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    ("<".encode("utf-16-le"), "utf-16-le"),
    ("<".encode("utf-16-be"), "utf-16-be"),
)


class Kept(NamedTuple):
    """A record that stays, by its number, and the words of a comment before it."""

    number: int
    words: str


def cut_records(stream: BinaryIO, depth: int, kept: Iterable[Kept]) -> Iterator[bytes]:
    """The file that begins where the stream stands, which can seek. Of the elements at this depth only those stay that are
    named, in their order; with each that goes goes the white space after it, and so do the words of an earlier reject file.

    The file was read before, and so is well-formed and without a DOCTYPE; a block of it is in memory at a time.
    """
    cutter = _Cutter(depth, kept)
    start = stream.tell()
    parsed = written = 0
    while True:
        stream.seek(start + parsed)
        block = stream.read(_BLOCK)
        cutter.feed(block)
        parsed += len(block)
        for at, goes_on, words in cutter.take():
            if cutter.is_writing:
                yield from _copied(stream, start + written, start + at)
            written, cutter.is_writing = at, goes_on
            yield words
        if not block:
            break
    if cutter.is_writing:
        yield from _copied(stream, start + written, start + parsed)


def _copied(stream: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    stream.seek(start)
    while start < end and (block := stream.read(min(_BLOCK, end - start))):
        start += len(block)
        yield block


class _Cutter:
    """Finds the places at which copying begins and stops, by the positions that the parser tells of the file's own bytes."""

    def __init__(self, depth: int, kept: Iterable[Kept]) -> None:
        self._at_depth, self._kept = depth, iter(kept)
        self._next = next(self._kept, None)
        self._depth = self._number = 0
        self._encoding = ""
        self._turns: list[tuple[int, bool, bytes]] = []
        self._wants = True  # to copy, as far as the parser has come
        self._is_after = False  # a record that went
        self.is_writing = True  # as far as the turns were taken
        self._parser = expat.ParserCreate()
        self._parser.XmlDeclHandler = self._declared
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CommentHandler = self._comment
        self._parser.ProcessingInstructionHandler = self._instruction

    def feed(self, block: bytes) -> None:
        """The next bytes; none at the end."""
        if not self._encoding:
            self._encoding = next((name for mark, name in _UTF_16 if block.startswith(mark)), "")
        try:
            self._parser.Parse(block, not block)
        except expat.ExpatError as error:  # somebody else writes to it
            raise DocumentRejected("document_not_wellformed", line=error.lineno) from None

    def take(self) -> list[tuple[int, bool, bytes]]:
        """Turns that were found: where, whether copying goes on from there, and what is written first."""
        found, self._turns = self._turns, []
        return found

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._encoding = self._encoding or (encoding or "utf-8").lower()

    def _begin(self, _name: str, _attributes: object) -> None:
        self._depth += 1
        if self._depth <= self._at_depth:
            self._resume()
        if self._depth != self._at_depth:
            return
        self._number += 1
        if self._next is not None and self._next.number == self._number:
            words = in_comment(self._next.words)
            comment = f"<!-- {OWN} {words} -->\n".encode(self._encoding or "utf-8", "replace")
            self._turns.append((self._parser.CurrentByteIndex, True, comment))
            self._next = next(self._kept, None)
        else:
            self._turns.append((self._parser.CurrentByteIndex, False, b""))
            self._wants = False

    def _end(self, _name: str) -> None:
        if self._depth == self._at_depth:
            self._is_after = not self._wants
        else:
            self._resume()
        self._depth -= 1

    def _comment(self, text: str) -> None:
        self._resume()
        if self._depth == self._at_depth - 1 and text.strip().startswith(OWN):
            self._turns.append((self._parser.CurrentByteIndex, False, b""))
            self._wants, self._is_after = False, True

    def _instruction(self, _target: str, _text: str) -> None:
        self._resume()

    def _resume(self) -> None:
        """Something that stays begins after a record that went."""
        if self._is_after:
            self._turns.append((self._parser.CurrentByteIndex, True, b""))
            self._wants, self._is_after = True, False
