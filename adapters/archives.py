"""A zip archive as names and bytes, within limits: what it unpacks to is counted as it is unpacked, not as it is declared."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO, BinaryIO, Final

from adapters.limits import DEFAULT_LIMITS, Limits, too_large
from schemas.errors import DocumentRejected

MAX_FILES: Final = 200
_MOST_ENTRIES: Final = 50 * MAX_FILES
"""Folders are entries too, and so are the files of archives that lie in this one as they are."""
MAX_TREE_FILES: Final = 5_000
_CHUNK: Final = 64 * 1024
_SMALL: Final = 1024 * 1024  # a part up to this size may be packed as tightly as it likes
_ENCRYPTED: Final = 0x1
_PLAIN_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""All that workbooks and packages use. The others have errors of their own, and LZMA takes the memory that a file asks for."""
ARCHIVE_FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,  # a part that ends too soon
    NotImplementedError,  # a method of compression, or a version, that zipfile does not know
    OSError,  # an offset outside the file
    RuntimeError,  # an encrypted part
    ValueError,  # a name or a number that cannot be
)
"""What `zipfile` raises for bytes that are no sound archive; it has no error of its own for all of them."""
_ENTRY: Final = b"PK\x01\x02"
"""What each entry of a directory begins with (APPNOTE 4.3.12): the library makes an object of every one before it can be asked
how many there are."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def is_zip(content: bytes) -> bool:
    """Whether the bytes begin as an archive does."""
    return content.startswith(b"PK\x03\x04")


def has_too_many(content: bytes) -> bool:
    """Whether an archive has more entries than the library should be asked to list."""
    return content.count(_ENTRY) > _MOST_ENTRIES


def unpack(content: bytes, limits: Limits = DEFAULT_LIMITS, *, folders: bool = False) -> Mapping[str, bytes]:
    """Files by their names, without folders unless these are asked for; all together at most `limits.max_unpacked`, each at
    most `limits.max_ratio` times its packed size. Raises DocumentRejected."""
    if len(content) > limits.max_bytes:
        raise too_large(limits)
    found: dict[str, bytes] = {}
    left = limits.max_unpacked
    if has_too_many(content):
        raise DocumentRejected("archive_too_many_files", limit=MAX_FILES)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
            if len(entries) > MAX_FILES:
                raise DocumentRejected("archive_too_many_files", limit=MAX_FILES)
            for entry in entries:
                path = entry.filename.replace("\\", "/").lstrip("/")
                name = path if folders else path.rpartition("/")[2]
                if entry.flag_bits & _ENCRYPTED:
                    raise DocumentRejected("archive_encrypted")
                if not name or name in found:
                    raise DocumentRejected("archive_names")
                found[name] = _read(archive, entry, left, limits)
                left -= len(found[name])
    except ARCHIVE_FAULTS:
        raise DocumentRejected("archive_broken") from None
    return found


def unpack_tree(stream: BinaryIO, suffix: str, limits: Limits = DEFAULT_LIMITS) -> Mapping[str, bytes]:
    """Files whose names end so, by their paths in the archive; others are not unpacked. Raises DocumentRejected."""
    found: dict[str, bytes] = {}
    left = limits.max_unpacked
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.lower().endswith(suffix)]
            if len(entries) > MAX_TREE_FILES:
                raise DocumentRejected("archive_too_many_files", limit=MAX_TREE_FILES)
            for entry in entries:
                path = entry.filename.replace("\\", "/")
                if entry.flag_bits & _ENCRYPTED:
                    raise DocumentRejected("archive_encrypted")
                if path in found:
                    raise DocumentRejected("archive_names")
                found[path] = _read(archive, entry, left, limits)
                left -= len(found[path])
    except ARCHIVE_FAULTS:
        raise DocumentRejected("archive_broken") from None
    return found


def opened_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    """The content of an entry. Raises one of ARCHIVE_FAULTS, also for a method that nobody packs tables with."""
    if entry.compress_type not in _PLAIN_METHODS:
        raise zipfile.BadZipFile
    return archive.open(entry)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, limits: Limits) -> bytes:
    chunks: list[bytes] = []
    size = 0
    with opened_part(archive, entry) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > left or size > max(_SMALL, limits.max_ratio * entry.compress_size):
                raise DocumentRejected("archive_unpacks_too_large", limit_mb=limits.max_unpacked // (1024 * 1024))
            chunks.append(chunk)
    return b"".join(chunks)


def pack(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()
