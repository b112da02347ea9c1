"""How a setting of a practice is written: words, a number, a term, hours of the day. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import time
from decimal import Decimal
from typing import Final, get_args

from policies.profile import TermRow
from policies.terms import Term, Unit
from policies.timers import Service

LONGEST_TEXT: Final = 100
MOST: Final = 1_000_000

LONGEST: Final[Mapping[str, int]] = {
    "minute": 9999,
    "hour": 9999,
    "day": 3660,
    "working_day": 2500,
    "month": 120,
    "year": 10,
}
"""The longest term that may be set, by unit: ten years or less."""

_TERM: Final = re.compile(r"(\d{1,4}(?:\.5)?) ([a-z_]+)", re.ASCII)
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def read_term(value: str) -> Term:
    """«3 working_day» as a term. Raises ValueError."""
    match = _TERM.fullmatch(value)
    if match is None or match[2] not in get_args(Unit):
        raise ValueError(value)
    return TermRow.model_validate({"amount": Decimal(match[1]), "unit": match[2]}).term


def _is_term(value: str) -> bool:
    """Whether a term may be set: one so long that no calendar has its end would stop what it is counted for."""
    match = _TERM.fullmatch(value)
    return (
        match is not None
        and match[2] in LONGEST
        and Decimal(match[1]) <= LONGEST[match[2]]
        and _reads(read_term)(value)
    )


def read_hours(value: str) -> Service:
    """«09:00-21:00» as service hours. Raises ValueError."""
    match = _HOURS.fullmatch(value)
    if match is None:
        raise ValueError(value)
    opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    return Service(opens, closes)


def _reads(read: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return fits


WRITTEN: Final[Mapping[str, tuple[Callable[[str], bool], str]]] = {
    "text": (lambda text: 0 < len(text) <= LONGEST_TEXT, f"1–{LONGEST_TEXT} characters"),
    "number": (lambda text: text.isascii() and text.isdigit() and int(text) <= MOST, "a whole number"),
    "term": (_is_term, "3 working_day"),
    "hours": (_reads(read_hours), "09:00-21:00"),
}
"""Whether a text is a value of a kind, and how such a value is written."""
