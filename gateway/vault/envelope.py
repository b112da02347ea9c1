"""One sealed blob: a version byte that names the algorithm, a random nonce, the ciphertext with its tag.

    version (1 byte) | nonce (12 bytes) | ciphertext and tag

Version 1 is AES-256-GCM-SIV (RFC 8452): many short values rest under one key, and a repeated nonce would reveal no more
than that two equal texts were sealed for the same place. What a blob is for goes into the associated data, so that a
blob moved to another place does not open. A new algorithm is a new version; old versions stay readable.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from gateway.vault.errors import SealBroken

KEY_SIZE: Final = 32
ALGORITHMS: Final = {1: "AES-256-GCM-SIV"}
VERSION: Final = 1
_NONCE_SIZE: Final = 12
_HEAD_SIZE: Final = 1 + _NONCE_SIZE


def new_key() -> bytes:
    """32 random bytes: key material for one owner."""
    return os.urandom(KEY_SIZE)


class SealingKey:
    """A key ready for use. Building the cipher costs as much as using it, so one object serves many blobs."""

    __slots__ = ("_cipher",)

    def __init__(self, material: bytes) -> None:
        if len(material) != KEY_SIZE:
            msg = f"a key is {KEY_SIZE} bytes"
            raise ValueError(msg)
        self._cipher = AESGCMSIV(material)

    def __reduce__(self) -> str:
        msg = "a key is not to be pickled"
        raise TypeError(msg)

    def seal(self, plaintext: bytes, purpose: str, *place: str) -> bytes:
        """The blob for this purpose and place."""
        nonce = os.urandom(_NONCE_SIZE)
        return bytes([VERSION]) + nonce + self._cipher.encrypt(nonce, plaintext, _associated(VERSION, purpose, place))

    def open(self, blob: bytes, purpose: str, *place: str) -> bytes:
        """Inverse of `seal` for the same key, purpose and place. Raises SealBroken for anything else."""
        if len(blob) <= _HEAD_SIZE or blob[0] not in ALGORITHMS:
            raise SealBroken(purpose)
        try:
            return self._cipher.decrypt(blob[1:_HEAD_SIZE], blob[_HEAD_SIZE:], _associated(blob[0], purpose, place))
        except (InvalidTag, ValueError):
            raise SealBroken(purpose) from None


def _associated(version: int, purpose: str, place: Sequence[str]) -> bytes:
    """Algorithm, purpose and place as one byte string, unambiguous: each part behind its length."""
    return encode_parts(ALGORITHMS[version], purpose, *place)


def encode_parts(*parts: str) -> bytes:
    """Text parts as bytes from which they can be told apart again: four bytes of length before each, UTF-8."""
    encoded = [part.encode("utf-8") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
