"""Signs of a text that nobody sees: they part what looks the same, or show it in another order than it stands in.

Line ends, tabs and spaces of every width are seen, in a way, and are not among them.
"""

from __future__ import annotations

import re
from typing import Final

INVISIBLE: Final = "\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff"
"""Soft hyphen, joiners and spaces without width, marks of direction: as a class of a pattern."""
DIRECTIONS: Final = "\u061c\u202a-\u202e\u2066-\u2069"
"""What turns the direction of the signs after it (Unicode UAX #9): a text that shows as another than it is."""
CONTROLS: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
_UNSEEN: Final = re.compile(f"[{INVISIBLE}{DIRECTIONS}{CONTROLS}]")
_CLASSES: Final = {
    "control_characters": re.compile(f"[{CONTROLS}]"),
    "direction_signs": re.compile(f"[{DIRECTIONS}]"),
    "invisible_signs": re.compile(f"[{INVISIBLE}]"),
}


def visible(text: str) -> str:
    """The text without signs that nobody sees."""
    return text if text.isprintable() else _UNSEEN.sub("", text)


def unseen_in(text: str) -> tuple[str, ...]:
    """What `visible` takes out of the text, by the codes: control_characters, direction_signs, invisible_signs."""
    if text.isprintable():
        return ()
    return tuple(code for code, found in _CLASSES.items() if found.search(text))


def without_directions(text: str) -> str:
    """The text without signs that turn the direction of others."""
    return text if text.isprintable() else _CLASSES["direction_signs"].sub("", text)


def turns_direction(text: str) -> bool:
    """Whether a sign in it turns the direction of what follows."""
    return not text.isprintable() and _CLASSES["direction_signs"].search(text) is not None
