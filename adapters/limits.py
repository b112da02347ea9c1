"""How much one file may ask of us. A file over a limit is refused with the limit named; nothing of it is taken."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO, Final

from schemas.errors import DocumentRejected

MEGABYTE: Final = 1024 * 1024
_CHUNK: Final = 64 * 1024
BLANK: Final = b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_bytes` counts the file as it comes; the rest are counts of things in it. Each is the largest allowed value."""

    max_bytes: int = 20 * MEGABYTE
    max_records: int = 100_000
    max_complaints: int = 20  # per record
    max_depth: int = 16
    max_attributes: int = 32  # per element
    max_namespaces: int = 64  # declared on one element and those around it
    max_elements: int = 2_000_000
    max_record_elements: int = 5_000
    max_columns: int = 512
    max_record_rows: int = 100  # rows of one message in a table
    max_cell: int = 32_767  # characters, as in a spreadsheet
    max_unpacked: int = 100 * MEGABYTE  # bytes of an archive, unpacked
    max_ratio: int = 300  # how many times a part of an archive may be larger than it is packed
    max_rows: int = 200_000  # of one sheet
    max_cells: int = 4_000_000  # of one sheet, empty ones among them too


DEFAULT_LIMITS: Final = Limits()
WIDE: Final = Limits(max_bytes=2**40, max_records=10_000_000, max_elements=1_000_000_000)
"""A file that is read a record at a time may be long; each of its records is as small as ever."""


def too_large(limits: Limits) -> DocumentRejected:
    """The refusal of a file over the size limit."""
    return DocumentRejected("document_too_large", limit_mb=max(1, limits.max_bytes // MEGABYTE))


def refuse_large(stream: BinaryIO, limits: Limits) -> None:
    """Refuses by size before reading, where the size can be known. Raises DocumentRejected."""
    if stream.seekable():
        start = stream.tell()
        size = stream.seek(0, 2) - start
        stream.seek(start)
        if size > limits.max_bytes:
            raise too_large(limits)


def read_all(stream: BinaryIO, limits: Limits) -> bytes:
    """The whole file. Raises DocumentRejected for an empty file or one over the size limit, read no further than that."""
    refuse_large(stream, limits)
    chunks: list[bytes] = []
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > limits.max_bytes:
            raise too_large(limits)
        chunks.append(chunk)
    content = b"".join(chunks)
    if not content.strip(BLANK):
        raise DocumentRejected("document_empty")
    return content


def held(stream: BinaryIO, limits: Limits) -> BinaryIO:
    """A file that can be read again and again: itself, or what it says where it cannot seek. Raises DocumentRejected for one
    that is empty or over the size limit."""
    if not stream.seekable():
        stream = io.BytesIO(read_all(stream, limits))
    refuse_large(stream, limits)
    refuse_empty(stream)
    return stream


def refuse_empty(stream: BinaryIO) -> None:
    """Refuses a file in which nothing stands, and goes back to where it began. Raises DocumentRejected."""
    start = stream.tell()
    while chunk := stream.read(_CHUNK):
        if chunk.strip(BLANK):
            stream.seek(start)
            return
    raise DocumentRejected("document_empty")
