"""The bytes of a file by chunks, and its text by lines: as much of it in memory as is being read.

Everybody who reads keeps a position of their own, so the same stream can be read from its beginning again and again.
"""

from __future__ import annotations

import codecs
import functools
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Final

from adapters.limits import MEGABYTE
from schemas.errors import DocumentRejected

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK: Final = 256 * 1024
LONGEST_LINE: Final = 16 * MEGABYTE
"""Signs of a line, or bytes of one: as many cells as a table may have, each as long as a cell of a spreadsheet may be."""
Part = tuple[BinaryIO, int, int]
"""A stream that can seek, with the first byte to be read of it and the one after the last."""


class _Bytes(io.RawIOBase):
    """A part of a stream, read from a position of its own."""

    def __init__(self, part: Part) -> None:
        self._stream, self._at, self._end = part

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        self._stream.seek(self._at)
        chunk = self._stream.read(min(len(view), self._end - self._at))
        view[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)


def opened(part: Part) -> io.BufferedReader:
    """The bytes of a part as a file; to close it closes nothing else."""
    return io.BufferedReader(_Bytes(part), CHUNK)


def chunks(part: Part) -> Iterator[bytes]:
    """The bytes of a part."""
    source = opened(part)
    return iter(functools.partial(source.read, CHUNK), b"")


def byte_lines(part: Part) -> Iterator[bytes]:
    """Lines that end with a line feed; one over `LONGEST_LINE` comes in pieces."""
    source = opened(part)
    return iter(functools.partial(source.readline, LONGEST_LINE), b"")


def decoded(part: Part, encoding: str, errors: str = "strict") -> Iterator[str]:
    """The text of a part by chunks. Raises UnicodeDecodeError where `errors` is strict."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    for chunk in chunks(part):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def text_lines(part: Part, encoding: str, errors: str = "strict") -> Iterator[str]:
    """Lines with the ends that they have: CR, LF or both. Raises DocumentRejected for one over `LONGEST_LINE`, after as
    much of it as fits."""
    text = io.TextIOWrapper(opened(part), encoding, errors, newline="")
    for line in iter(functools.partial(text.readline, LONGEST_LINE), ""):
        yield line
        if len(line) >= LONGEST_LINE:
            refuse_long_line()


def refuse_long_line() -> None:
    """Raises DocumentRejected: a line that nobody can hold has a cell that nobody can read."""
    raise DocumentRejected("cell_too_long", limit=LONGEST_LINE)
