"""Territories by OKTMO: check digits, and what lies in what.

A code is 2 digits of the region, 3 of the municipality, 3 of the settlement or district inside it, and 3 more of the
populated place. A tail of zeros says «all of it»; the first digit of a part whose other digits are zeros is a group
(the districts of a region, the settlements of a district), which has a prefix of its own.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Mapping
from importlib import resources
from typing import Final

from schemas.identifiers import compact, is_digits

LENGTHS: Final = (8, 11)
_PART: Final = 3
_REGION: Final = 2
_MODULUS: Final = 11
_TEN: Final = 10


def oktmo_check_digit(code: str) -> str:
    """The control digit of an OKATO or OKTMO code: weights 1 to 10 in a circle, and from 3 on where that gives 10."""
    for first in (1, 3):
        total = sum(int(digit) * ((place + first - 1) % _TEN + 1) for place, digit in enumerate(code))
        if (left := total % _MODULUS) != _TEN:
            return str(left)
    return "0"


def normalise_oktmo(text: str) -> str:
    """The 8 or 11 digits of a code, also of one that is written with its control digit. Raises ValueError."""
    digits = compact(text)
    if is_digits(digits):
        if len(digits) - 1 in LENGTHS and oktmo_check_digit(digits[:-1]) == digits[-1]:
            digits = digits[:-1]
        if len(digits) in LENGTHS and digits[:_REGION] != "00":
            return digits
    msg = "not an OKTMO code"
    raise ValueError(msg)


def oktmo_prefix(code: str) -> str:
    """What every code of the same territory begins with: `45000000` is `45`, `45310000` is `45310`."""
    prefix, rest = code[:_REGION], code[_REGION:]
    part: str
    for part in re.findall(r"\d{3}", rest):
        if part == "000":
            break
        if part.endswith("00"):
            return prefix + part[0]
        prefix += part
    return prefix


def prefixes_over(code: str) -> tuple[str, ...]:
    """The prefixes of all territories in which this one lies, the widest first; the empty one is the whole country."""
    prefix = oktmo_prefix(code)
    return ("", *(prefix[:length] for length in range(_REGION, len(prefix) + 1)))


def lies_in(code: str, territory: str) -> bool:
    """Whether the territory of `code` is `territory` or lies in it."""
    return oktmo_prefix(code).startswith(oktmo_prefix(territory))


@functools.cache
def regions() -> Mapping[str, str]:
    """What the regions are called for short, by the first two digits of their codes."""
    text = resources.files("schemas").joinpath("data", "oktmo_regions.csv").read_text("utf-8")
    return {row["prefix"]: row["name_ru"] for row in csv.DictReader(text.splitlines())}


def region_name(code: str) -> str | None:
    """The region of a code."""
    return regions().get(code[:_REGION])
