"""What may go wrong with keys and seals. All of it is `Broken`: an error, never data."""

from __future__ import annotations

from schemas.errors import Broken


class SealBroken(Broken):
    """Sealed bytes do not open with this key for this place: altered, moved from elsewhere, or another key."""

    def __init__(self, purpose: str) -> None:
        super().__init__("seal_broken", purpose=purpose)


class KeyAbsent(Broken):
    """There is no key to open this with: it was destroyed, or never made here."""

    def __init__(self) -> None:
        super().__init__("key_absent")
