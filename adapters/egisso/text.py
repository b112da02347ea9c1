"""What is known of the text of a table of facts before it is read."""

from __future__ import annotations

from typing import Final

from adapters.tables.rejects import OWN_HEADING
from adapters.tables.text_file import Known

ENCODING: Final = "cp1251"
"""The one that ЕГИССО takes."""
_WORDS: Final = ("М", "Ж", "Да", "Нет")
KNOWN: Final = Known(ENCODING, frozenset({*_WORDS, *map(str.lower, _WORDS), *map(str.upper, _WORDS)}), OWN_HEADING)
"""Everybody has a sex, every fact says whether need was counted."""
