"""Sealed bytes in a folder: one file for each, named by a random identifier.

A blob is written under another name, synced, renamed, and the folder synced: after a crash it is there whole or not at all.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Final

from schemas.errors import Broken
from schemas.ids import is_id

_UNFINISHED: Final = ".part"


class DirectoryBlobs:
    """`attachment_values.Blobs` in a folder of one machine, or of a file system that all processes share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, blob_id: str) -> DirectoryWriter:
        """Raises Broken (blobs_unwritable)."""
        return DirectoryWriter(self._path(blob_id))

    def open(self, blob_id: str) -> BinaryIO | None:
        try:
            return self._path(blob_id).open("rb")
        except FileNotFoundError:
            return None

    def remove(self, blob_id: str) -> None:
        path = self._path(blob_id)
        for name in (path, path.with_suffix(_UNFINISHED)):
            name.unlink(missing_ok=True)
        if path.parent.exists():
            _sync(path.parent)  # gone for good before the row that knows of it is

    def _path(self, blob_id: str) -> Path:
        """Two letters of the identifier make a folder, so that none grows too large."""
        if not is_id(blob_id):  # it becomes a name on the disk: only identifiers of ours do
            raise Broken("blobs_unwritable")
        return self._folder / blob_id[:2] / blob_id


class DirectoryWriter:
    """A blob that is being written."""

    def __init__(self, path: Path) -> None:
        self._path, self._unfinished = path, path.with_suffix(_UNFINISHED)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            raise Broken("blobs_unwritable") from None
        self._file = os.fdopen(descriptor, "wb", buffering=1 << 18)

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError:
            raise Broken("blobs_unwritable") from None

    def keep(self) -> None:
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._unfinished.rename(self._path)
            for folder in (self._path.parent, self._path.parent.parent):
                _sync(folder)
        except OSError:
            raise Broken("blobs_unwritable") from None

    def drop(self) -> None:
        self._file.close()
        self._unfinished.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
