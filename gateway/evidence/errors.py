"""The one error of this room."""

from __future__ import annotations

from schemas.errors import Broken


class VerificationError(Broken):
    """Evidence does not hold: bytes, proof or signature are not what they claim to be. Never to be ignored."""
