"""Reading a JWS in compact form before anything about it is verified, more strictly than the JOSE library does.

A lenient reader lets one signed statement have several spellings, and a one-time identifier or a digest of a token
then no longer recognises it. So: unpadded canonical base64url, UTF-8 without a mark, no member named twice.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MAX_CHARACTERS: Final = 8192  # an ES256 assertion has about 500; the bound keeps hostile JSON cheap
ALLOWED_HEADER: Final = frozenset(
    {"alg", "typ", "kid"}
)  # no crit, b64, jwk, jku, x5u: a key never comes with the token

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")


class MalformedToken(Exception):
    """The text is not a token that could be verified. `reason` is a code without any content of the token."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a token says of itself. Nothing in it may be trusted before the signature is checked."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def parse_unverified(text: str) -> UnverifiedToken:
    """Header and claims of a compact JWS. Raises MalformedToken; the caller must still verify the signature."""
    if len(text) > MAX_CHARACTERS:
        raise MalformedToken("too_long")
    segments = text.split(".")
    if len(segments) != 3:  # noqa: PLR2004  RFC 7515 §7.1
        raise MalformedToken("segments")
    header, claims = _json(segments[0]), _json(segments[1])
    _bytes(segments[2])
    if not header.keys() <= ALLOWED_HEADER or not all(isinstance(value, str) for value in header.values()):
        raise MalformedToken("header")
    return UnverifiedToken(header, claims)


def _bytes(segment: str) -> bytes:
    if not _SEGMENT.fullmatch(segment) or len(segment) % 4 == 1:
        raise MalformedToken("base64url")
    data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != segment:
        raise MalformedToken("base64url")  # loose bits at the end: another spelling of the same bytes
    return data


def _json(segment: str) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(segment).decode("utf-8"), object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise MalformedToken("json") from error
    if not isinstance(value, dict):
        raise MalformedToken("json")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedToken("member_twice")  # RFC 7519 §4 lets a reader refuse it
    return members
