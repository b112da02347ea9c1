"""Checkpoints: the signed statement "the log of this origin had this many entries, with this root" (C2SP tlog-checkpoint).

The log signs each one twice with the same key: the plain signature that every checkpoint reader knows, and a
time-stamped cosignature, so that the time is evidence too. Partners add their cosignatures below. A checkpoint kept
outside is what makes a cut tail visible.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.evidence.errors import VerificationError
from gateway.evidence.note import SigningKey, VerifierKey, split_note, verify_note
from gateway.evidence.tree import HASH_SIZE, Frontier


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint states. `origin` names the log for ever, e.g. `mezhved.local/log`."""

    origin: str
    tree_size: int
    root_hash: bytes

    def text(self) -> str:
        """The note text: origin, size, root, one a line."""
        return f"{self.origin}\n{self.tree_size}\n{base64.b64encode(self.root_hash).decode('ascii')}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Raises VerificationError `checkpoint_malformed`. We write no extension lines and accept none."""
        try:
            origin, size, root = text.removesuffix("\n").split("\n")
            checkpoint = cls(origin, int(size), base64.b64decode(root, validate=True))
        except (ValueError, binascii.Error):
            raise VerificationError("checkpoint_malformed") from None
        if (
            not origin
            or len(checkpoint.root_hash) != HASH_SIZE
            or checkpoint.tree_size < 0
            or checkpoint.text() != text
        ):
            raise VerificationError("checkpoint_malformed")
        return checkpoint


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint that was verified or just signed. `signed_at` is the log's own stamp, whole seconds, UTC."""

    checkpoint: Checkpoint
    note: str
    signed_at: datetime
    witnessed_at: Mapping[str, datetime]


def sign_checkpoint(frontier: Frontier, key: SigningKey, *, now: datetime) -> SignedCheckpoint:
    """The checkpoint of the log whose origin is the key's name.

    The caller must never sign a tree that does not extend the last one it signed: it extends the stored frontier only.
    """
    checkpoint = Checkpoint(key.name, frontier.size, frontier.root())
    text = checkpoint.text()
    note = text + "\n" + key.sign_line(text) + key.cosign_line(text, now)
    return SignedCheckpoint(checkpoint, note, now.astimezone(UTC).replace(microsecond=0), {})


def verify_checkpoint(note: str, keys: Iterable[VerifierKey]) -> SignedCheckpoint:
    """The checkpoint in `note`, signed and stamped by the log itself. Raises VerificationError.

    `keys` holds the log's key (its name is the origin that is expected) and those of known witnesses.
    """
    known = list(keys)
    # (1): a known key signed; the log's key counts in both of its roles.
    signed = verify_note(note, [*known, *(key.stamped() for key in known)])
    # (2): the text is a checkpoint.
    checkpoint = Checkpoint.parse(signed.text)
    # (3): the signer is the log that the checkpoint speaks of, with its stamp.
    if checkpoint.origin not in signed.signers or checkpoint.origin not in signed.stamped_at:
        raise VerificationError("checkpoint_not_signed")
    witnessed = {name: at for name, at in signed.stamped_at.items() if name != checkpoint.origin}
    return SignedCheckpoint(checkpoint, note, signed.stamped_at[checkpoint.origin], witnessed)


def add_cosignature(note: str, witness: SigningKey, *, now: datetime) -> str:
    """The note with one more line: this witness saw it. The witness must first check consistency with what it saw before."""
    text, _ = split_note(note)
    return note + witness.cosign_line(text, now)
