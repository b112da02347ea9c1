"""Codes that people dictate and type: digits only, a check digit at the end. This file runs alone.

Digits are the same on every keyboard, in every language and over a bad line; a Latin letter said in Russian is typed as another
one. The last digit is Damm's: any one wrong digit, and any two neighbours that changed places, are found at once.

An opening code has 23 random digits (76 bits) and the check digit. A receipt code is

    DDD OO MMMMMMMMMM C     days since the package was made, the outcome, a code of authentication, the check digit

where M is HMAC-SHA-256 under a key that lies inside the seal: only who opened the package can have it (docs/offline.md).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Final

OPENING_DIGITS: Final = 24
RECEIPT_DIGITS: Final = 16
GROUP: Final = 4
KEY_SIZE: Final = 32
MOST_DAYS: Final = 999
MOST_OUTCOMES: Final = 100
_DAY, _OUTCOME = 3, 2
_MAC_DIGITS: Final = RECEIPT_DIGITS - _DAY - _OUTCOME - 1
_DOMAIN: Final = "mezhved-package-receipt/v1"
_SPACES: Final = re.compile(r"[\s.\-–—_]+")

_DAMM: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
"""The quasigroup of H. M. Damm's thesis (2004), totally anti-symmetric, of order 10."""


class MistypedError(Exception):
    """Not a code: another number of digits (`length`), or a digit that does not fit the others (`check`)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def check_digit(digits: str) -> str:
    """What must follow these digits."""
    state = 0
    for digit in digits:
        state = int(_DAMM[state][int(digit)])
    return str(state)


def parse_code(typed: str, length: int) -> str:
    """The digits of a code as somebody typed it, with whatever spaces and dashes. Raises MistypedError."""
    digits = _SPACES.sub("", typed)
    if len(digits) != length or not digits.isascii() or not digits.isdigit():
        raise MistypedError("length")
    if check_digit(digits) != "0":
        raise MistypedError("check")
    return digits


def shown(code: str) -> str:
    """In groups of four, as it is printed and dictated."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def new_opening_code() -> str:
    """A fresh code that opens one package."""
    digits = "".join(secrets.choice("0123456789") for _ in range(OPENING_DIGITS - 1))
    return digits + check_digit(digits)


def new_receipt_key() -> bytes:
    """A fresh key of one package, for its receipts."""
    return secrets.token_bytes(KEY_SIZE)


def receipt_code(key: bytes, package: str, day: int, number: int, outcome: str) -> str:
    """The code that says this outcome (by its number in the package's list) on that day. Raises ValueError out of range."""
    if not (0 <= day <= MOST_DAYS and 0 <= number < MOST_OUTCOMES):
        raise ValueError("a day or an outcome that a code has no place for")
    message = "\n".join((_DOMAIN, package, str(day), outcome)).encode()
    digest = hmac.digest(key, message, hashlib.sha256)
    mac = int.from_bytes(digest[:8], "big") % 10**_MAC_DIGITS
    digits = f"{day:0{_DAY}}{number:0{_OUTCOME}}{mac:0{_MAC_DIGITS}}"
    return digits + check_digit(digits)


def read_receipt_code(code: str) -> tuple[int, int]:
    """What a code claims: the day and the number of the outcome. Nothing is verified by that."""
    return int(code[:_DAY]), int(code[_DAY : _DAY + _OUTCOME])


def is_receipt_code(code: str, key: bytes, package: str, outcomes: tuple[str, ...]) -> bool:
    """Whether this package, once opened, gave this code."""
    day, number = read_receipt_code(code)
    if number >= len(outcomes):
        return False
    return hmac.compare_digest(code, receipt_code(key, package, day, number, outcomes[number]))
