"""The master key and what it wraps: the keys of subjects and organisations and of the blind indexes.

Data rest under keys of their owners; those keys rest, wrapped by the master key, in a store apart from the data. To
destroy a subject is to destroy its wrapped key (law 12). docs/keys.md lists every key of the product.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.vault.envelope import KEY_SIZE, SealingKey, new_key
from gateway.vault.keyfiles import create_secret_file, read_secret_file
from schemas.errors import Broken

_WRAPPING: Final = "key-encryption"
_FINGERPRINT: Final = "fingerprint"


class KeyPurpose(StrEnum):
    """What a wrapped key is for. Part of the associated data: a key wrapped for one purpose does not serve another."""

    SUBJECT = "subject"
    ORGANISATION = "organisation"
    INDEX = "index"
    SIGNING = "signing"


class MasterKey:
    """The one secret outside every store. Never shown, never logged, never pickled."""

    __slots__ = ("_wrapping", "fingerprint")

    def __init__(self, material: bytes) -> None:
        self._wrapping = SealingKey(derive(material, _WRAPPING))
        self.fingerprint = derive(material, _FINGERPRINT, 8).hex()
        """Sixteen hex digits to tell keys apart: kept in the store, so that a wrong key file is named as such at start."""

    def check_fingerprint(self, stored: str) -> None:
        """Show that this is the key under which the store was written. Raises Broken `wrong_master_key`."""
        if stored != self.fingerprint:
            raise Broken("wrong_master_key")

    def wrap(self, material: bytes, purpose: KeyPurpose, owner_id: str) -> bytes:
        """The blob to keep for this owner."""
        return self._wrapping.seal(material, f"wrapped-key/{purpose.value}", owner_id)

    def unwrap(self, blob: bytes, purpose: KeyPurpose, owner_id: str) -> bytes:
        """Inverse of `wrap`. Raises SealBroken for another master key, purpose, owner, or altered bytes."""
        return self._wrapping.open(blob, f"wrapped-key/{purpose.value}", owner_id)


def create_master_key(path: Path) -> MasterKey:
    """A new master key in a file of 32 random bytes, mode 0600. Raises Broken `key_file_exists` rather than replace one."""
    material = new_key()
    create_secret_file(path, material)
    return MasterKey(material)


def load_master_key(path: Path) -> MasterKey:
    """Raises Broken: `missing_key_file`, `bad_key_file` (not 32 bytes, unreadable), `key_file_exposed`."""
    material = read_secret_file(path)
    if len(material) != KEY_SIZE:
        raise Broken("bad_key_file", file=path.name)
    return MasterKey(material)


def rewrap(blob: bytes, purpose: KeyPurpose, owner_id: str, *, old: MasterKey, new: MasterKey) -> bytes:
    """The same key under a new master key: rotation touches wrapped keys only, never the data."""
    return new.wrap(old.unwrap(blob, purpose, owner_id), purpose, owner_id)


def derive(material: bytes, label: str, length: int = KEY_SIZE) -> bytes:
    """A key for one use out of key material (HKDF-SHA-256, RFC 5869); keys of different labels tell nothing of each other."""
    return HKDF(SHA256(), length, salt=None, info=f"mezhved/{label}/v1".encode()).derive(material)
