"""One entry of the log: canonical JSON (RFC 8785) with a version, and commitments in place of personal values.

An entry is written once and never changes; its bytes are what the tree holds. Rule of change: version 1 has exactly the
fields `at, body, id, kind, v`. A reader that meets another `v` stops. A later version may only add fields; every version
ever written keeps a vector in tests/vectors/evidence. Bodies hold text, integers, booleans, null, lists and objects with
ASCII keys: no floats, so that any JSON library in any language arrives at the same bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

from gateway.evidence.errors import VerificationError
from gateway.evidence.events import EventKind
from schemas.errors import Broken
from schemas.ids import EntryId

ENTRY_VERSION: Final = 1
SALT_SIZE: Final = 16
_COMMITMENT_DOMAIN: Final = b"mezhved commitment v1\x00"
_SAFE_INTEGER: Final = 2**53  # RFC 8785 3.2.2.3 by way of I-JSON: integers beyond are not exact everywhere
_DEPTH: Final = 32
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

JsonValue: TypeAlias = "bool | int | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"

# With ASCII keys and no floats the C encoder writes exactly RFC 8785, four times faster than the pure library;
# a property test holds the two equal.
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened. `at` is UTC-aware; `body` must hold no personal or linkable value, only commitments and codes."""

    id: EntryId
    kind: EventKind
    at: datetime
    body: Mapping[str, JsonValue]


def encode_entry(entry: Entry) -> bytes:
    """The canonical bytes of an entry: what is stored and hashed (`tree.leaf_hash`).

    Raises Broken `entry_not_encodable` with the place inside the entry: law 2 then makes the whole request an error.
    """
    if not _ID.fullmatch(entry.id):
        raise Broken("entry_not_encodable", place="id")
    value = {
        "v": ENTRY_VERSION,
        "id": entry.id,
        "kind": entry.kind.value,
        "at": format_instant(entry.at),
        "body": _plain(entry.body, "body", _DEPTH),
    }
    try:
        return _canonical.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Broken("entry_not_encodable", place="body") from None


def parse_entry(data: bytes) -> Entry:
    """The entry that these stored bytes are.

    Raises VerificationError `entry_not_canonical` unless they are exactly the bytes that `encode_entry` would write.
    """
    # (1): JSON, an object, of a version we know, with exactly its fields.
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise VerificationError("entry_not_canonical", place="json") from None
    if not isinstance(value, dict) or value.get("v") != ENTRY_VERSION or isinstance(value["v"], bool):
        raise VerificationError("entry_not_canonical", place="v")
    if set(value) != {"v", "id", "kind", "at", "body"} or not isinstance(value["body"], dict):
        raise VerificationError("entry_not_canonical", place="fields")
    # (2): each field is of its type, and the kind is in the vocabulary.
    try:
        entry = Entry(EntryId(value["id"]), EventKind(value["kind"]), parse_instant(value["at"]), value["body"])  # type: ignore[call-arg]  # mypy reads __new__, not the look-up by value
    except (ValueError, TypeError):
        raise VerificationError("entry_not_canonical", place="kind or at") from None
    # (3): encoded again, it gives the same bytes: one entry has one form.
    try:
        again = encode_entry(entry)
    except (Broken, TypeError):
        raise VerificationError("entry_not_canonical", place="body") from None
    if again != data:
        raise VerificationError("entry_not_canonical", place="bytes")
    return entry


def format_instant(at: datetime) -> str:
    """`2026-01-31T09:00:00.000000Z`: the one text form of an instant in the log and its tables. Raises ValueError if naive."""
    if at.tzinfo is None:
        msg = "an instant is UTC-aware"
        raise ValueError(msg)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def parse_instant(text: str) -> datetime:
    """Inverse of `format_instant`. Raises ValueError for any other form."""
    if not _INSTANT.fullmatch(text):
        msg = "not an instant of the log"
        raise ValueError(msg)
    return datetime.fromisoformat(text)


def new_salt() -> bytes:
    """A salt for one commitment: 16 random bytes, kept apart from the log and destroyed with what it is about."""
    return secrets.token_bytes(SALT_SIZE)


def commitment(salt: bytes, value: str) -> str:
    """What stands in the log for a personal or linkable value: SHA-256 over domain, salt and UTF-8 value, 64 hex digits.

    Without the salt it tells nothing, even of a short value; once the salt is destroyed nobody can open it again.
    """
    if len(salt) != SALT_SIZE:
        msg = f"a salt is {SALT_SIZE} bytes"
        raise ValueError(msg)
    return hashlib.sha256(_COMMITMENT_DOMAIN + salt + value.encode("utf-8")).hexdigest()


def verify_commitment(committed: str, salt: bytes, value: str) -> None:
    """Show that `committed` stands for `value`. Raises VerificationError `commitment_not_opened`."""
    if not hmac.compare_digest(committed.encode("utf-8"), commitment(salt, value).encode("ascii")):
        raise VerificationError("commitment_not_opened")


def _plain(value: object, place: str, depth: int) -> object:
    """A copy in plain types; only what has one canonical form may enter. The place is a path of keys, never a value."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int) and -_SAFE_INTEGER < value < _SAFE_INTEGER:
        return value
    if depth and isinstance(value, Mapping) and all(isinstance(key, str) and key.isascii() for key in value):
        return {key: _plain(item, f"{place}.{key}", depth - 1) for key, item in value.items()}
    if depth and isinstance(value, (list, tuple)):
        return [_plain(item, f"{place}[{number}]", depth - 1) for number, item in enumerate(value)]
    raise Broken("entry_not_encodable", place=place)
