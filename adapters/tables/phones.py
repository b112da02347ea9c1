"""Several telephone numbers in one cell, with words between them."""

from __future__ import annotations

import re
from typing import Final

from adapters.tables.cells import CellFault
from adapters.texts import squeeze

_PHONE_MARKS: Final = re.compile(r"[,;|\n]|\s+/\s+")
_PHONE: Final = re.compile(r"\+?\d[\d ()\-\u2010-\u2014\u00a0]{3,24}\d")
_EXTENSION: Final = re.compile(r"^(?:доб|вн|внутр)\.? ?\d{1,6}$", re.IGNORECASE)


def parse_phones(text: str) -> tuple[dict[str, str], ...]:
    """«8 (903) 000-00-00 (мама), 8-495-000-00-01»: numbers as they are, the words beside each as whose it is.
    Raises CellFault."""
    found = []
    for part in _PHONE_MARKS.split(text):
        number = _PHONE.search(part)
        if number is None:
            if squeeze(part).strip("() .,:-"):
                raise CellFault("phone_number_missing")
            continue
        words = squeeze(f"{part[: number.start()]} {part[number.end() :]}").strip("() .,:-–—")
        if any(sign.isdigit() for sign in words) and not _EXTENSION.match(words):
            raise CellFault("phones_unclear")  # two numbers without a sign between them
        found.append({"number": squeeze(number[0]).strip(), **({"whose": words} if words else {})})
    return tuple(found)
