"""An archive that leaves while it is made: each file as its bytes come, nothing kept but the list at the end."""

from __future__ import annotations

import io
import zipfile
from typing import Any, Final

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class _Outgoing(io.RawIOBase):
    """Where the archive is written: bytes wait here until they are taken. It cannot be wound back, and says so."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401  whatever is bytes
        before = len(self._waiting)
        self._waiting += data
        return len(self._waiting) - before

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


class StreamedArchive:
    """A zip archive, file by file."""

    def __init__(self) -> None:
        self._out = _Outgoing()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, content: bytes) -> bytes:
        """The bytes of one more file, whole."""
        entry = zipfile.ZipInfo(name, _EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        self._zip.writestr(entry, content)
        return self._out.take()

    def close(self) -> bytes:
        """The end: without it the archive is visibly torn."""
        self._zip.close()
        return self._out.take()
