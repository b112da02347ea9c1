"""JPEG, PNG, TIFF: whole, and nothing behind the picture, where another file could hide."""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from adapters.attachments.types import tail_of
from schemas.errors import DocumentRejected

_ARCHIVE_END: Final = b"PK\x05\x06"
_TAIL: Final = 66_000  # as long as the comment of an archive can be
_PNG_HEAD: Final = 8
_PNG_STEP: Final = 12
_PNG_CHUNK: Final = 8  # length and type
_PNG_FIRST: Final = 16  # and the width and the height behind them
_MOST_PIXELS: Final = 200_000_000
_TIFF_HEAD: Final = 8


def inspect_jpeg(file: BinaryIO, size: int) -> None:
    """Raises DocumentRejected: attachment_broken, attachment_two_types."""
    _no_archive(file, size)
    end = tail_of(file, size, _TAIL).rstrip(b"\x00")
    if not end.endswith(b"\xff\xd9"):
        raise DocumentRejected("attachment_two_types" if b"\xff\xd9" in end else "attachment_broken")


def inspect_png(file: BinaryIO, size: int) -> None:
    """Walk over the chunks: the last is IEND, and the file ends with it."""
    _no_archive(file, size)
    at, first = _PNG_HEAD, True
    while True:
        file.seek(at)
        head = file.read(_PNG_FIRST)
        if len(head) < _PNG_CHUNK:
            raise DocumentRejected("attachment_broken")
        length, kind = struct.unpack(">I4s", head[:_PNG_CHUNK])
        if first:
            if kind != b"IHDR" or len(head) < _PNG_FIRST:
                raise DocumentRejected("attachment_broken")
            width, height = struct.unpack(">II", head[_PNG_CHUNK:_PNG_FIRST])
            if width * height > _MOST_PIXELS:
                raise DocumentRejected("attachment_bomb")
        first = False
        at += _PNG_STEP + length
        if at > size:
            raise DocumentRejected("attachment_broken")
        if kind == b"IEND":
            break
    if at != size:
        raise DocumentRejected("attachment_two_types")


def inspect_tiff(file: BinaryIO, size: int) -> None:
    """The first directory lies inside the file."""
    _no_archive(file, size)
    file.seek(0)
    head = file.read(_TIFF_HEAD)
    if len(head) < _TIFF_HEAD:
        raise DocumentRejected("attachment_broken")
    (first,) = struct.unpack("<I" if head.startswith(b"II") else ">I", head[4:8])
    if not _TIFF_HEAD <= first < size - 2:
        raise DocumentRejected("attachment_broken")


def _no_archive(file: BinaryIO, size: int) -> None:
    if _ARCHIVE_END in tail_of(file, size, _TAIL):
        raise DocumentRejected("attachment_two_types")
