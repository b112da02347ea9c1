"""What texts of files may hold, and what readers take out of them."""

from __future__ import annotations

import re
import sys
from typing import Final

from hypothesis import strategies as st

from adapters.texts import is_prompt, squeeze
from schemas.signs import CONTROLS, DIRECTIONS, INVISIBLE

_CLASS: Final = re.compile(f"[{INVISIBLE}{DIRECTIONS}{CONTROLS}]")
UNSEEN: Final = "".join(sign for sign in map(chr, range(sys.maxunicode)) if _CLASS.match(sign))
"""Every sign that no reader leaves in a text."""
signs = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn"), exclude_characters=UNSEEN)


def is_said(text: str) -> bool:
    """Whether a text is one that a record may hold: something, and no prompt of a template."""
    return bool(text) and not is_prompt(text)


def as_name(text: str) -> str:
    """The text as a name is read, without signs that names do not have."""
    return squeeze(re.sub(r"[=<>{}\[\]|\\@#$%^*~]", "ъ", text))
