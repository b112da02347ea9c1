"""A file sealed in chunks: read and written in constant memory, opened at any place, and not to be cut, reordered or mixed.

    version (1 byte) | chunk 0 | chunk 1 | … | last chunk        each: ciphertext of at most 64 KiB, tag (16 bytes)

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM: every file has a fresh key, the nonce
of a chunk is seven zero bytes, its number (4 bytes) and whether it is the last (1 byte), and the identifier of the file is
associated data. So a chunk opens only at its own place of its own file, and a file without its end does not open as a whole.
A nonce never repeats, because a key seals one file once.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.vault.envelope import encode_parts
from gateway.vault.errors import SealBroken

CHUNK: Final = 64 * 1024
"""Plain bytes of a chunk; only the last may be shorter."""
VERSION: Final = b"\x01"
_TAG: Final = 16
_STEP: Final = CHUNK + _TAG
_PURPOSE: Final = "file"
_MOST_CHUNKS: Final = 2**32


class ChunkSealer:
    """Seals what is fed; `write` takes the sealed bytes. `finish` must be called once, and nothing fed after it."""

    def __init__(self, key: bytes, file_id: str, write: Callable[[bytes], object]) -> None:
        self._cipher, self._write, self._associated = AESGCM(key), write, _associated(file_id)
        self._waiting = bytearray()
        self._number = 0
        write(VERSION)

    def feed(self, data: bytes) -> None:
        """Take more of the plaintext. The last full chunk waits: it may turn out to be the last of all."""
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]

    def finish(self) -> None:
        """Seal what waits as the last chunk."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        if self._number >= _MOST_CHUNKS:
            raise SealBroken(_PURPOSE)
        self._write(self._cipher.encrypt(_nonce(self._number, last=last), plain, self._associated))
        self._number += 1


class SealedFile(io.RawIOBase):
    """The plaintext of a sealed file, readable at any place; one chunk is in memory at a time.

    Every read raises SealBroken for bytes that were altered, cut off, moved, or are of another file or key.
    """

    def __init__(self, key: bytes, file_id: str, source: BinaryIO) -> None:
        super().__init__()
        self._cipher, self._source, self._associated = AESGCM(key), source, _associated(file_id)
        sealed = source.seek(0, io.SEEK_END) - len(VERSION)
        source.seek(0)
        self._chunks = max(1, -(-sealed // _STEP))
        self._size = sealed - self._chunks * _TAG
        if source.read(len(VERSION)) != VERSION or self._size < 0:
            raise SealBroken(_PURPOSE)
        self._at = 0
        self._open: tuple[int, bytes] = (-1, b"")
        self._chunk(self._chunks - 1)  # the end is there, before anything is believed

    @property
    def size(self) -> int:
        """Plain bytes."""
        return self._size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  Buffer has no type before Python 3.12
        view = memoryview(buffer).cast("B")
        number, inside = divmod(self._at, CHUNK)
        if self._at >= self._size:
            return 0
        part = self._chunk(number)[inside : inside + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def chunks(self) -> Iterator[bytes]:
        """The whole plaintext, in order."""
        for number in range(self._chunks):
            yield self._chunk(number)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if self._open[0] != number:
            self._source.seek(len(VERSION) + number * _STEP)
            nonce = _nonce(number, last=number == self._chunks - 1)
            try:
                plain = self._cipher.decrypt(nonce, self._source.read(_STEP), self._associated)
            except (InvalidTag, ValueError):
                raise SealBroken(_PURPOSE) from None
            self._open = (number, plain)
        return self._open[1]


def _nonce(number: int, *, last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + bytes([last])


def _associated(file_id: str) -> bytes:
    return encode_parts("AES-256-GCM", _PURPOSE, file_id)
