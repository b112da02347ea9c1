"""Files sealed end to end: made for the recipient's key, opened with its private half. This file runs alone.

    magic (8 bytes) | key id (32) | length (2) | the file's key under HPKE (80) | the file in chunks

HPKE is RFC 9180 in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; its info names the key id, so that a
header cannot be put before another's key. The key id is the SHA-256 thumbprint of the public key (RFC 7638; as a URI,
RFC 9278). Chunks are of 64 KiB under AES-256-GCM (STREAM): one cut off, altered, moved or mixed in does not open. Files of
version 1 named no key; they are still opened, and no longer made.

The gateway reads the header and opens nothing. `mezhved seal` calls the same functions.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

MEDIA_TYPE: Final = "application/vnd.mezhved.sealed"
MAGIC: Final = b"MZHVSEA2"
HEADER_SIZE: Final = 42
"""Bytes from which the gateway tells for which key a file was made."""
THUMBPRINT_URI: Final = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
CHUNK: Final = 64 * 1024
_MAGIC_1: Final = b"MZHVSEA1"
_SEALED_KEY: Final = 80  # encapsulated key (32), the file's key (32), tag (16)
_VERSION: Final = b"\x01"
_TAG: Final = 16
_KEY: Final = 32
_MOST_CHUNKS: Final = 2**32
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_SUITE_1: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


class SealedWrongError(Exception):
    """Not a sealed file, not sealed to this key, or altered, or cut off."""


# --- keys -------------------------------------------------------------------------------------------------------------


def text_of(public: X25519PublicKey) -> str:
    """The 32 bytes of a public key in base64url without padding: `x` of its JWK."""
    return _text(public.public_bytes_raw())


def public_of(text: str) -> X25519PublicKey:
    """The reverse. Raises ValueError for anything that is not the one way to write such a key."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != _KEY or _text(raw) != text:
        raise ValueError("an X25519 key has 32 bytes in base64url")
    return X25519PublicKey.from_public_bytes(raw)


def key_id(public: X25519PublicKey) -> str:
    """The thumbprint of a key, in base64url."""
    jwk = {"crv": "X25519", "kty": "OKP", "x": text_of(public)}
    return _text(hashlib.sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest())


def spoken(of_key: str) -> str:
    """A key id as people compare it by phone: twelve groups of five digits (199 bits of the thumbprint)."""
    number = int.from_bytes(_bytes(of_key), "big") % 10**60
    digits = f"{number:060d}"
    return " ".join(digits[at : at + 5] for at in range(0, 60, 5))


# --- proof of possession ----------------------------------------------------------------------------------------------


def seal_challenge(public: X25519PublicKey, challenge: bytes, ogrn: str) -> str:
    """What the gateway asks whoever registers a key for the organisation with this OGRN. Raises ValueError for a bad key."""
    return base64.b64encode(_SUITE.encrypt(challenge, public, _challenge_info(public, ogrn))).decode()


def answer_challenge(private: X25519PrivateKey, challenge: str, ogrn: str) -> str:
    """The answer to a challenge. Raises SealedWrongError: also where it was made for another organisation."""
    try:
        sealed = base64.b64decode(challenge, validate=True)
        return _text(_SUITE.decrypt(sealed, private, _challenge_info(private.public_key(), ogrn)))
    except (InvalidTag, ValueError):
        raise SealedWrongError from None


def _challenge_info(public: X25519PublicKey, ogrn: str) -> bytes:
    return f"mezhved/seal-key/v1\n{ogrn}\n{key_id(public)}".encode()


# --- files ------------------------------------------------------------------------------------------------------------


def read_header(head: bytes) -> str:
    """The id of the key that a file is sealed to, from its first 42 bytes. Raises SealedWrongError."""
    if len(head) < HEADER_SIZE or not head.startswith(MAGIC):
        raise SealedWrongError
    if int.from_bytes(head[HEADER_SIZE - 2 : HEADER_SIZE], "big") != _SEALED_KEY:
        raise SealedWrongError
    return _text(head[len(MAGIC) : len(MAGIC) + _KEY])


class FileSealer:
    """Feed it the file and finish it; `write` takes the sealed bytes. Memory does not grow with the file."""

    def __init__(self, recipient: X25519PublicKey, write: Callable[[bytes], object]) -> None:
        key, of_key = AESGCM.generate_key(256), key_id(recipient)
        sealed_key = _SUITE.encrypt(key, recipient, _file_info(of_key))
        write(MAGIC + _bytes(of_key) + len(sealed_key).to_bytes(2, "big") + sealed_key + _VERSION)
        self._cipher, self._write = AESGCM(key), write
        self._waiting, self._number = bytearray(), 0

    def feed(self, data: bytes) -> None:
        """More of the file. The last full chunk waits: it may turn out to be the last of all."""
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]

    def finish(self) -> None:
        """That was all."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        if self._number >= _MOST_CHUNKS:
            raise SealedWrongError
        self._write(self._cipher.encrypt(_nonce(self._number, last=last), plain, _ASSOCIATED))
        self._number += 1


def open_file(private: X25519PrivateKey, source: BinaryIO) -> Iterator[bytes]:
    """The file, chunk by chunk. Raises SealedWrongError, at the latest at its end: only then it is whole."""
    cipher = AESGCM(_file_key(private, source))
    if source.read(1) != _VERSION:
        raise SealedWrongError
    number, chunk = 0, source.read(CHUNK + _TAG)
    while True:
        following = source.read(CHUNK + _TAG)
        try:
            plain = cipher.decrypt(_nonce(number, last=not following), chunk, _ASSOCIATED)
        except (InvalidTag, ValueError):
            raise SealedWrongError from None
        yield plain
        if not following:
            return
        number, chunk = number + 1, following


def _file_key(private: X25519PrivateKey, source: BinaryIO) -> bytes:
    magic = source.read(len(MAGIC))
    if magic == _MAGIC_1:
        suite, info = _SUITE_1, b"mezhved/attachment/v1"
        length = int.from_bytes(source.read(2), "big")
    else:
        of_key = read_header(magic + source.read(HEADER_SIZE - len(MAGIC)))
        if of_key != key_id(private.public_key()):
            raise SealedWrongError
        suite, info, length = _SUITE, _file_info(of_key), _SEALED_KEY
    try:
        return suite.decrypt(source.read(length), private, info)
    except (InvalidTag, ValueError):
        raise SealedWrongError from None


def _file_info(of_key: str) -> bytes:
    return f"mezhved/attachment/v2\n{of_key}".encode()


def _nonce(number: int, *, last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + bytes([last])


def _parts(*parts: str) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)


_ASSOCIATED: Final = _parts("AES-256-GCM", "file", "end-to-end")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- key files and files on a disk --------------------------------------------------------------------------------------


def write_private(path: Path, private: X25519PrivateKey) -> None:
    """A new key file (JWK, mode 0600). Raises FileExistsError: a key is never overwritten."""
    jwk = {"kty": "OKP", "crv": "X25519", "x": text_of(private.public_key()), "d": _text(private.private_bytes_raw())}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(json.dumps(jwk) + "\n")


def read_private(path: Path) -> X25519PrivateKey:
    """Raises ValueError, OSError."""
    try:
        jwk = json.loads(path.read_bytes())
        private = X25519PrivateKey.from_private_bytes(_bytes(jwk["d"]))
    except (KeyError, TypeError) as error:
        raise ValueError("no private X25519 key in JWK form") from error
    if (jwk.get("kty"), jwk.get("crv")) != ("OKP", "X25519"):
        raise ValueError("no private X25519 key in JWK form")
    return private


def seal_path(public: X25519PublicKey, source: Path, target: Path) -> None:
    """Seal a file into a new one. Raises FileExistsError, OSError."""
    with source.open("rb") as plain, target.open("xb") as sealed:
        sealer = FileSealer(public, sealed.write)
        while block := plain.read(CHUNK):
            sealer.feed(block)
        sealer.finish()


def open_path(private: X25519PrivateKey, source: Path, target: Path) -> None:
    """Open a sealed file into a new one, which appears only when all of it was there. Raises SealedWrongError."""
    unfinished = target.with_name(target.name + ".part")
    try:
        with source.open("rb") as sealed, unfinished.open("xb") as plain:
            plain.writelines(open_file(private, sealed))
        os.link(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
