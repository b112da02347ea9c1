"""Pseudonyms: what one organisation sees in place of an inner identifier.

AES-SIV (RFC 5297) of the sixteen bytes of the identifier under a key of the organisation, with the kind as associated
data, in lower-case base32 without padding. It is stable for one organisation and tells two organisations nothing of each
other (law 6). It can be turned back without a table, and whatever is not genuine is recognised as such: then the caller
goes on with `decoy_id`, so that the answer and the work are those of a real case.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from gateway.vault.envelope import SealingKey, encode_parts
from gateway.vault.keys import derive
from schemas.ids import Pseudonym

_SIV_KEY_SIZE: Final = 64
_BYTES: Final = 32  # sixteen of tag, sixteen of identifier
_LENGTH: Final = 52
_NOBODY: Final = "a" * _LENGTH
_MAX_TEXT: Final = 200


class PseudonymKind(StrEnum):
    """What a pseudonym stands for. One kind never resolves as another."""

    SUBJECT = "subject"
    CASE = "case"
    SUMMARY = "summary"
    SECTION = "section"
    CONSENT = "consent"
    AUTHORITY = "authority"
    DELIVERY = "delivery"


class OrganisationKey:
    """The pseudonym key of one organisation, ready for use."""

    __slots__ = ("_material", "cipher", "decoys")

    def __init__(self, material: bytes) -> None:
        self._material = material
        self.cipher = AESSIV(derive(material, "pseudonym", _SIV_KEY_SIZE))
        self.decoys = derive(material, "decoy")

    @property
    def uploads(self) -> SealingKey:
        """Wraps the keys of files that the organisation uploads, until a message takes them up."""
        return SealingKey(derive(self._material, "uploads"))

    def __reduce__(self) -> str:
        msg = "a key is not to be pickled"
        raise TypeError(msg)


def pseudonym_of(key: OrganisationKey, kind: PseudonymKind, inner_id: str) -> Pseudonym:
    """What the organisation of `key` sees for `inner_id`: 52 characters, always the same.

    Raises ValueError when `inner_id` is no UUID: this is never called with a stranger's text.
    """
    return Pseudonym(_encode(key.cipher.encrypt(uuid.UUID(inner_id).bytes, [kind.value.encode()])))


def resolve(key: OrganisationKey, kind: PseudonymKind, text: str) -> str | None:
    """The identifier behind `text`, None for anything that this key did not write for this kind.

    Genuine or not, the same steps are taken.
    """
    sealed = _decode(text)
    try:
        inner = key.cipher.decrypt(sealed or bytes(_BYTES), [kind.value.encode()])
    except InvalidTag:
        return None
    return str(uuid.UUID(bytes=inner)) if sealed else None


def decoy_id(key: OrganisationKey, kind: PseudonymKind, text: str) -> str:
    """The identifier that a text which is not genuine stands for: always the same one, and nobody's.

    Compute it for genuine texts too, so that both ways do the same work.
    """
    shown = text[:_MAX_TEXT].encode("utf-8", "surrogatepass").hex()
    digest = hmac.digest(key.decoys, encode_parts(kind.value, str(len(text)), shown), hashlib.sha256)
    return str(uuid.UUID(bytes=digest[:16], version=4))


def _encode(sealed: bytes) -> str:
    return base64.b32encode(sealed).decode("ascii").rstrip("=").lower()


def _decode(text: str) -> bytes | None:
    """The bytes, if this is exactly how we would write them: one identifier has one text."""
    candidate = text if len(text) == _LENGTH and text.isascii() else _NOBODY
    try:
        sealed = base64.b32decode(candidate.upper() + "====")
    except (binascii.Error, ValueError):
        return None
    return sealed if _encode(sealed) == text else None
