"""Signed notes (C2SP signed-note): a text, a blank line, signature lines; and the keys that sign them.

Two signature types are used: 0x01, Ed25519 over the text, and 0x04, a time-stamped Ed25519 cosignature over the text
(C2SP tlog-cosignature). Signatures by unknown keys are ignored, as the specification demands: so a witness may add its
line, and a key may rotate. A bad signature by a known key condemns the whole note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.evidence.errors import VerificationError
from schemas.errors import Broken

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
MAX_SIGNATURES: Final = 100
_KEY_SIZE: Final = 32
_SIGNATURE_SIZE: Final = 64
_PRIVATE: Final = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key by its name. Text form (as `note` tools write it): `name+hash+base64(type, key)`."""

    name: str
    public: bytes
    type: int = ED25519

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line points to this key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """What people compare, by eye or by phone: sixteen bytes of SHA-256 over name, line end and key, in groups."""
        digest = hashlib.sha256(self.name.encode() + b"\n" + self.public).hexdigest()[:32]
        return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))

    def encode(self) -> str:
        """The text that partners keep in a key file."""
        return f"{self.name}+{self.key_id.hex()}+{_b64(bytes([self.type]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Raises Broken `bad_verifier_key` for anything but the text form."""
        name, material = _key_parts(text, "bad_verifier_key")
        key = cls(name, material[1:], material[0])
        if key.type not in (ED25519, COSIGNATURE) or len(key.public) != _KEY_SIZE or key.encode() != text:
            raise Broken("bad_verifier_key")
        return key

    def stamped(self) -> VerifierKey:
        """The same key in its role as a time-stamped cosigner; the messages of the two roles never coincide."""
        return VerifierKey(self.name, self.public, COSIGNATURE)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private Ed25519 key with its name. For a log the name is its origin."""

    name: str
    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """A new random key."""
        return cls(_checked_name(name, "bad_signing_key"), Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """From `PRIVATE+KEY+name+hash+base64(type, seed)`. Raises Broken `bad_signing_key`."""
        if not text.startswith(_PRIVATE):
            raise Broken("bad_signing_key")
        name, material = _key_parts(text.removeprefix(_PRIVATE), "bad_signing_key")
        if material[0] != ED25519 or len(material) != 1 + _KEY_SIZE:
            raise Broken("bad_signing_key")
        key = cls(name, Ed25519PrivateKey.from_private_bytes(material[1:]))
        if key.encode() != text:
            raise Broken("bad_signing_key")
        return key

    def encode(self) -> str:
        """The secret text form: for a key file of mode 0600 only."""
        key_id = self.verifier().key_id.hex()
        return f"{_PRIVATE}{self.name}+{key_id}+{_b64(bytes([ED25519]) + self._private.private_bytes_raw())}"

    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw())

    def sign_line(self, text: str) -> str:
        """A signature line of type 0x01 under `text`."""
        return _line(self.verifier(), self._private.sign(text.encode()))

    def cosign_line(self, text: str, now: datetime) -> str:
        """A cosignature line of type 0x04: the signer saw `text` at `now` (whole seconds count)."""
        seconds = int(now.timestamp())
        signature = self._private.sign(_stamped_message(text, seconds))
        return _line(self.verifier().stamped(), seconds.to_bytes(8, "big") + signature)


@dataclass(frozen=True, slots=True)
class SignedText:
    """A text and who of the known keys signed it. `stamped_at` holds the times of cosignatures, by key name."""

    text: str
    signers: frozenset[str]
    stamped_at: Mapping[str, datetime]


def verify_note(note: str, keys: Iterable[VerifierKey]) -> SignedText:
    """The text of a note that at least one of `keys` signed.

    Raises VerificationError: `note_malformed`, `note_signature_bad` (by a known key), `note_not_signed` (by any known key).
    The caller must still check what the text says and whether the signer is the right one for it.
    """
    # (1): the form: text up to the last blank line, then signature lines.
    text, lines = split_note(note)
    by_id = {(key.name, key.key_id): key for key in keys}
    signers: set[str] = set()
    stamped_at: dict[str, datetime] = {}
    for line in lines:
        name, key_id, signature = _parse_line(line)
        # (2): signatures by unknown keys are ignored.
        key = by_id.get((name, key_id))
        if key is None:
            continue
        # (3): one by a known key must hold.
        message = text.encode()
        if key.type == COSIGNATURE:
            seconds, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = _stamped_message(text, seconds)
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
            if key.type == COSIGNATURE:
                stamped_at[name] = datetime.fromtimestamp(seconds, UTC)
            else:
                signers.add(name)
        except (InvalidSignature, ValueError, OverflowError, OSError):
            raise VerificationError("note_signature_bad", key=name) from None
    # (4): and there must be at least one.
    if not signers and not stamped_at:
        raise VerificationError("note_not_signed")
    return SignedText(text, frozenset(signers), stamped_at)


def split_note(note: str) -> tuple[str, list[str]]:
    """Text (with its last newline) and signature lines, nothing verified. Raises VerificationError `note_malformed`."""
    head, blank, tail = note.rpartition("\n\n")
    lines = [line + "\n" for line in tail.split("\n")[:-1]]
    control = any(ord(letter) < ord(" ") and letter != "\n" for letter in note)
    if not blank or not head or control or not tail.endswith("\n") or not 0 < len(lines) <= MAX_SIGNATURES:
        raise VerificationError("note_malformed")
    for line in lines:
        _parse_line(line)
    return head + "\n", lines


def _parse_line(line: str) -> tuple[str, bytes, bytes]:
    parts = line.removesuffix("\n").split(" ")
    if len(parts) != 3 or parts[0] != "—" or not parts[1] or "+" in parts[1]:  # noqa: PLR2004  dash, name, signature
        raise VerificationError("note_malformed")
    signature = _unb64(parts[2])
    if signature is None or len(signature) <= 4:  # noqa: PLR2004  a key id and something after it
        raise VerificationError("note_malformed")
    return parts[1], signature[:4], signature[4:]


def _line(key: VerifierKey, signature: bytes) -> str:
    return f"— {key.name} {_b64(key.key_id + signature)}\n"


def _stamped_message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _key_parts(text: str, code: str) -> tuple[str, bytes]:
    parts = text.split("+", 2)
    material = _unb64(parts[2]) if len(parts) == 3 else None  # noqa: PLR2004  name, hash, key
    if not material:
        raise Broken(code)
    return _checked_name(parts[0], code), material


def _checked_name(name: str, code: str) -> str:
    if not name or not name.isprintable() or any(letter.isspace() or letter == "+" for letter in name):
        raise Broken(code)
    return name


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: str) -> bytes | None:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _b64(data) == text else None
