"""Tables of an export as profiles, for the descriptions that partners check them with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Final

from adapters.exports.rows import columns
from adapters.tables.profile import Column, Profile

AUTHORITIES: Final = "authorities"
_KINDS: Final[Mapping[str, str]] = {"id": "uuid", "verified": "boolean", "valid_from": "date", "valid_to": "date"}


def authorities_profile() -> Profile:
    """The register of authorities as the export of all own data writes it."""
    listed = tuple(Column(name, heading, _KINDS.get(name, "line")) for name, heading in columns()[AUTHORITIES])
    return Profile(AUTHORITIES, 1, UTC, "", {}, (), "", frozenset(), listed)
