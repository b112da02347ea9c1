"""A file sealed by its sender to the recipient, so that the gateway keeps bytes it cannot read.

    magic (8 bytes) | length of what follows (2 bytes) | the file's key under HPKE | the file in chunks (streams.py)

HPKE is RFC 9180 in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. The gateway neither seals nor opens such
a file: this is for partners' systems, and for tests.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gateway.vault.envelope import new_key
from gateway.vault.errors import SealBroken
from gateway.vault.streams import ChunkSealer, SealedFile

MEDIA_TYPE: Final = "application/vnd.mezhved.sealed"
MAGIC: Final = b"MZHVSEA1"
_INFO: Final = b"mezhved/attachment/v1"
_FILE: Final = "end-to-end"
_LENGTH: Final = 2


def seal_to(recipient: X25519PublicKey, write: Callable[[bytes], object]) -> ChunkSealer:
    """Feed the sealer what it gives and finish it; `write` takes the sealed bytes."""
    key = new_key()
    sealed_key = _suite().encrypt(key, recipient, _INFO)
    write(MAGIC + len(sealed_key).to_bytes(_LENGTH, "big") + sealed_key)
    return ChunkSealer(key, _FILE, write)


def open_sealed(mine: X25519PrivateKey, source: BinaryIO) -> SealedFile:
    """The plaintext of a file that was sealed to `mine`. Raises SealBroken."""
    source.seek(0)
    head = source.read(len(MAGIC) + _LENGTH)
    if len(head) != len(MAGIC) + _LENGTH or not head.startswith(MAGIC):
        raise SealBroken(_FILE)
    sealed_key = source.read(int.from_bytes(head[len(MAGIC) :], "big"))
    try:
        key = _suite().decrypt(sealed_key, mine, _INFO)
    except (InvalidTag, ValueError):
        raise SealBroken(_FILE) from None
    return SealedFile(key, _FILE, io.BytesIO(source.read()))


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
