"""Key files of one installation: made once, mode 0600, never overwritten. Which key does what: docs/keys.md."""

from __future__ import annotations

from pathlib import Path

from gateway.evidence.note import SigningKey
from gateway.vault.keyfiles import create_secret_file, read_secret_file
from schemas.errors import Broken


def create_log_key(path: Path, origin: str) -> SigningKey:
    """A new log key at `path`, and its public half beside it as `log.pub`. Raises Broken (key_file_exists)."""
    key = SigningKey.generate(origin)
    create_secret_file(path, key.encode().encode() + b"\n")
    path.with_suffix(".pub").write_text(key.verifier().encode() + "\n")
    return key


def load_log_key(path: Path, origin: str) -> SigningKey:
    """Raises Broken: missing_key_file, bad_signing_key, log_origin_differs (the key's name is the log's origin)."""
    text = read_secret_file(path).decode("ascii", "replace").strip()
    key = SigningKey.parse(text)
    if key.name != origin:
        raise Broken("log_origin_differs")
    return key
