"""DOCX, XLSX and ODT: archives of parts. No macros, no embedded files, nothing fetched from elsewhere, no bombs.

Each part is unfolded once and thrown away, counted: what the directory says of sizes is not believed. An archive of several
files is not a document and does not travel.
"""

from __future__ import annotations

import re
import zipfile
from typing import BinaryIO, Final

from adapters.archives import ARCHIVE_FAULTS
from adapters.attachments.types import tail_of, unclosed
from schemas.errors import DocumentRejected

MOST_PARTS: Final = 2_000
MOST_UNFOLDED: Final = 200_000_000
"""Bytes of all parts together."""
MOST_RATIO: Final = 200
"""How many times more than the file; text of tables folds well, bombs fold by thousands."""
RATIO_FROM: Final = 1_000_000
"""Small documents may fold as well as they like."""
_STEP: Final = 65_536
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_ACTIVE: Final = re.compile(
    r"vbaproject|vbadata|(^|/)activex|(^|/)macrosheets/|^basic/|^scripts/|customui|\.(exe|dll|js|vbs|bat|cmd|ps1|jar|hta|lnk|scr|com|msi)$",
    re.IGNORECASE,
)
_HOLDS: Final = re.compile(
    r"(^|/)embeddings/|oleobject|(^|/)object ?\d+/.*\.bin$|\.(zip|rar|7z|docx|xlsx|pptx|doc|xls|odt|ods|pdf|gz|iso|cab)$",
    re.IGNORECASE,
)
_FETCHES: Final = re.compile(rb'targetmode\s*=\s*["\']external["\']', re.IGNORECASE)
_LINK_ONLY: Final = re.compile(rb'<relationship\b[^>]*type\s*=\s*["\'][^"\']*/hyperlink["\'][^>]*>', re.IGNORECASE)
_MACRO_TYPE: Final = re.compile(rb"macroenabled|vnd\.ms-office\.vbaproject", re.IGNORECASE)
_ENCRYPTED: Final = 0x1
_FOLDED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def inspect_office(file: BinaryIO, size: int) -> None:
    """Raises DocumentRejected: attachment_broken, _encrypted, _active, _holds_files, _bomb, _two_types."""
    try:
        with zipfile.ZipFile(unclosed(file)) as archive:
            parts = archive.infolist()
            _check_frame(archive, parts, file, size)
            _check_names(parts)
            unfolded = 0
            for part in parts:
                unfolded += _check_part(archive, part, unfolded, size)
    except ARCHIVE_FAULTS:
        raise DocumentRejected("attachment_broken") from None


def _check_frame(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], file: BinaryIO, size: int) -> None:
    """The archive is the whole file: nothing before it, behind it, or between, where another type could hide."""
    if len(parts) > MOST_PARTS:
        raise DocumentRejected("attachment_bomb")
    end = tail_of(file, size, _END_SIZE)
    if not end.startswith(_END) or archive.comment or min((p.header_offset for p in parts), default=1) != 0:
        raise DocumentRejected("attachment_two_types")
    if sum(part.compress_size for part in parts) > size:  # parts that overlap
        raise DocumentRejected("attachment_bomb")
    if len({part.filename.lower() for part in parts}) != len(parts):
        raise DocumentRejected("attachment_broken")


def _check_names(parts: list[zipfile.ZipInfo]) -> None:
    for part in parts:
        name = part.filename
        if name.startswith(("/", "\\")) or ".." in name.split("/") or "\\" in name or ":" in name:
            raise DocumentRejected("attachment_broken")
        if _ACTIVE.search(name):
            raise DocumentRejected("attachment_active")
        if _HOLDS.search(name):
            raise DocumentRejected("attachment_holds_files")
        if part.flag_bits & _ENCRYPTED:
            raise DocumentRejected("attachment_encrypted")
        if part.compress_type not in _FOLDED:
            raise DocumentRejected("attachment_broken")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, before: int, size: int) -> int:
    """Unfold one part; returns how much it was."""
    seen, kept = 0, b""
    telling = part.filename.endswith((".rels", ".xml")) and not part.filename.startswith(("word/media", "xl/media"))
    with archive.open(part) as stream:
        while piece := stream.read(_STEP):
            seen += len(piece)
            total = before + seen
            if total > MOST_UNFOLDED or (total > RATIO_FROM and total > MOST_RATIO * size):
                raise DocumentRejected("attachment_bomb")
            if seen == len(piece) and piece.startswith(
                (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0", b"MZ")
            ):
                raise DocumentRejected("attachment_holds_files")
            if telling:
                _check_words(part.filename, kept + piece)
                kept = piece[-512:]
    return seen


def _check_words(name: str, text: bytes) -> None:
    if name == "[Content_Types].xml" and _MACRO_TYPE.search(text):
        raise DocumentRejected("attachment_active")
    # A hyperlink waits for a click; a template or a picture from elsewhere is fetched when the document is opened.
    if name.endswith(".rels") and _FETCHES.search(_LINK_ONLY.sub(b"", text)):
        raise DocumentRejected("attachment_active")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise DocumentRejected("attachment_active")
