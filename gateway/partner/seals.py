"""Content sealed to a recipient: HPKE (RFC 9180), X25519, HKDF-SHA-256, AES-256-GCM. This file runs alone.

The recipient's public key is registered with its endpoint; only the holder of the private half opens what is sealed. The
delivery's identifier is part of what is authenticated, so that a sealed content cannot be moved to another delivery.
"""

from __future__ import annotations

import base64
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE_NAME: Final = "X25519-HKDF-SHA256-AES-256-GCM"
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_KEY_SIZE: Final = 32


class SealedWrongError(Exception):
    """Not sealed to this key, or not with this delivery, or it was altered."""


def public_of(text: str) -> X25519PublicKey:
    """A public key from its 32 bytes in base64url. Raises ValueError."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != _KEY_SIZE:
        raise ValueError("an X25519 key has 32 bytes")
    return X25519PublicKey.from_public_bytes(raw)


def text_of(public: X25519PublicKey) -> str:
    """The reverse: what is registered."""
    return base64.urlsafe_b64encode(public.public_bytes_raw()).rstrip(b"=").decode()


def seal(public: X25519PublicKey, content: bytes, delivery: str) -> str:
    """`content` sealed to the key, in base64."""
    return base64.b64encode(_SUITE.encrypt(content, public, _info(delivery))).decode()


def unseal(private: X25519PrivateKey, sealed: str, delivery: str) -> bytes:
    """The content. Raises SealedWrongError."""
    try:
        return _SUITE.decrypt(base64.b64decode(sealed, validate=True), private, _info(delivery))
    except (InvalidTag, ValueError):
        raise SealedWrongError from None


def _info(delivery: str) -> bytes:
    return b"mezhved/delivery/v1\n" + delivery.encode()
