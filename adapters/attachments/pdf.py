"""PDF: no scripts, no files inside, no actions that start something, not encrypted, nothing before or behind it.

The whole file is read for names of dictionaries, written with or without escapes; streams that fold objects (and any other
that unfolds) are unfolded, bounded, and read too.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from adapters.attachments.types import tail_of
from schemas.errors import DocumentRejected

_STEP: Final = 65_536
_OVERLAP: Final = 256
_UNFOLD_ONE: Final = 100_000_000
_UNFOLD_ALL: Final = 400_000_000
_FIRST_READ: Final = (
    512  # doubled as long as it unfolds: most of what only looks like a stream is seen not to be one at once
)
_MOST_STREAMS: Final = 100_000
_TAIL: Final = 2_048
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
# Long names only: the bytes of a scan spell «/JS» by chance, and an action needs /S /JavaScript to do anything.
_ENDS: Final = rb"(?=[\s/<>\[\]()%]|$)"
_ACTIVE: Final = re.compile(
    rb"/(?:JavaScript|Launch|RichMedia|XFA|SubmitForm|ImportData|Movie|Sound|Rendition|GoToR|GoToE)" + _ENDS
)
_HOLDS: Final = re.compile(rb"/(?:EmbeddedFiles?|FileAttachment|Collection)" + _ENDS)
_ENCRYPTED: Final = re.compile(rb"/Encrypt" + _ENDS)
_STREAM: Final = re.compile(rb"stream\r?\n")
_ARCHIVE_END: Final = b"PK\x05\x06"


def inspect_pdf(file: BinaryIO, size: int) -> None:
    """Raises DocumentRejected: attachment_broken, _encrypted, _active, _holds_files, _bomb, _two_types."""
    tail = tail_of(file, size, _TAIL)
    if b"%%EOF" not in tail:
        raise DocumentRejected("attachment_broken")
    if _ARCHIVE_END in tail or tail.rpartition(b"%%EOF")[2].strip(b"\r\n \t\x00"):
        raise DocumentRejected("attachment_two_types")
    unfolded = streams = 0
    for window, starts in _windows(file):
        _check(window)
        streams += len(starts)
        if streams > _MOST_STREAMS:
            raise DocumentRejected("attachment_bomb")
        for place in starts:
            unfolded += _unfold(file, place)
            if unfolded > _UNFOLD_ALL:
                raise DocumentRejected("attachment_bomb")


def _windows(file: BinaryIO) -> Iterator[tuple[bytes, list[int]]]:
    """The file in pieces that overlap, and where streams begin in each."""
    at, kept, seen = 0, b"", 0
    while True:
        file.seek(at)
        piece = file.read(_STEP)
        if not piece:
            return
        window, offset = kept + piece, at - len(kept)
        starts = [offset + match.end() for match in _STREAM.finditer(window) if offset + match.end() > seen]
        seen = max([seen, *starts])
        yield window, starts
        at += len(piece)
        kept = window[-_OVERLAP:]


def _check(data: bytes) -> None:
    text = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), data)
    if _ENCRYPTED.search(text):
        raise DocumentRejected("attachment_encrypted")
    if _ACTIVE.search(text):
        raise DocumentRejected("attachment_active")
    if _HOLDS.search(text):
        raise DocumentRejected("attachment_holds_files")


def _unfold(file: BinaryIO, place: int) -> int:
    """Unfold what begins here, if it unfolds, and read it; returns how much it was."""
    file.seek(place)
    opener = zlib.decompressobj()
    total = 0
    kept = b""
    step = _FIRST_READ
    while total <= _UNFOLD_ONE:
        piece = file.read(step)
        if not piece:
            break
        step = min(2 * step, _STEP)
        while piece and not opener.eof and total <= _UNFOLD_ONE:
            try:
                plain = opener.decompress(piece, _STEP)
            except zlib.error:
                return total
            total += len(plain)
            _check(kept + plain)
            kept = plain[-_OVERLAP:]
            piece = opener.unconsumed_tail
        if opener.eof:
            break
    if total > _UNFOLD_ONE:
        raise DocumentRejected("attachment_bomb")
    return total
