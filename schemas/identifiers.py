"""Check digits and shapes of Russian identifiers: SNILS, INN, OGRN, OGRNIP, the series of a birth certificate.

Everything here is arithmetic on digits. That a number passes says that it was typed correctly, never that it was issued.
"""

from __future__ import annotations

import functools
import operator
import re
from typing import Final

from stdnum.ru import inn as _inn
from stdnum.ru import ogrn as _ogrn

from schemas.sections import Snils

_SNILS_DIGITS: Final = 11
_SNILS_WEIGHTS: Final = tuple(range(9, 0, -1))
_SNILS_ZERO: Final = sum(map(operator.mul, b"000000000", _SNILS_WEIGHTS))  # digits are counted by their bytes
_SNILS_UNCHECKED_UP_TO: Final = 1_001_998
_OGRN_DIGITS: Final = 13
_OGRNIP_DIGITS: Final = 15
_SEPARATORS: Final = re.compile(r"[\s\u00a0\u202f\-\u2010-\u2014]+")


def compact(number: str) -> str:
    """`number` without the spaces and dashes that people put between groups of digits."""
    plain = number.replace("-", "").replace(" ", "")
    return plain if plain.isalnum() else _SEPARATORS.sub("", plain)


def is_digits(text: str) -> bool:
    """Only the digits 0-9: `str.isdigit` also takes superscripts and other scripts."""
    return text.isascii() and text.isdigit()


# --- SNILS -----------------------------------------------------------------------------------------------------------


def snils_check_digits(nine: str) -> str:
    """The two check digits of the nine digits of a SNILS."""
    total = sum(map(operator.mul, nine.encode(), _SNILS_WEIGHTS)) - _SNILS_ZERO
    return f"{total % 101 % 100:02d}"


def has_snils_check_digits(snils: str) -> bool:
    """Whether check digits are defined for this number: they are not up to 001-001-998."""
    return int(snils[:9]) > _SNILS_UNCHECKED_UP_TO


def is_snils(text: str) -> bool:
    """Eleven digits, with or without separators, and right check digits where they are defined."""
    digits = compact(text)
    if len(digits) != _SNILS_DIGITS or not is_digits(digits) or int(digits) == 0:
        return False
    return not has_snils_check_digits(digits) or digits[9:] == snils_check_digits(digits[:9])


def normalise_snils(text: str) -> Snils:
    """Eleven digits. Raises ValueError when `text` is not a SNILS; the message does not repeat it."""
    if not is_snils(text):
        msg = "not a SNILS"
        raise ValueError(msg)
    return compact(text)


def restore_snils(text: str) -> Snils | None:
    """A SNILS whose leading zeros a spreadsheet took, if and only if the check digits confirm it."""
    digits = compact(text)
    if not is_digits(digits) or not _SNILS_DIGITS - 2 <= len(digits) < _SNILS_DIGITS:
        return None
    restored = digits.zfill(_SNILS_DIGITS)
    return restored if has_snils_check_digits(restored) and is_snils(restored) else None


def format_snils(snils: Snils) -> str:
    """As people write it: NNN-NNN-NNN NN."""
    return f"{snils[:3]}-{snils[3:6]}-{snils[6:9]} {snils[9:]}"


# --- INN and OGRN ----------------------------------------------------------------------------------------------------


def is_inn(text: str) -> bool:
    """The tax number of an organisation (10 digits) or a person (12 digits)."""
    return bool(_inn.is_valid(compact(text)))


def ogrn_check_digit(number: str) -> str:
    """The check digit of the first 12 digits of an OGRN, or of the first 14 of an OGRNIP.

    The remainder of an OGRNIP modulo 13 may be 10 to 12; its last digit is then the check digit.
    """
    return str(int(number) % (len(number) - 1) % 10)


@functools.lru_cache(maxsize=4096)  # a register names the same few organisations on every row
def is_ogrn(text: str) -> bool:
    """The registration number of an organisation (OGRN, 13 digits) or of an entrepreneur (OGRNIP, 15 digits)."""
    digits = compact(text)
    if not is_digits(digits):
        return False
    if len(digits) == _OGRN_DIGITS:
        return bool(_ogrn.is_valid(digits))
    if len(digits) == _OGRNIP_DIGITS:
        # stdnum compares with the whole remainder and so refuses genuine numbers whose remainder is 10 to 12.
        return digits[0] in "34" and digits[-1] == ogrn_check_digit(digits[:-1])
    return False


# --- the series of a birth certificate -------------------------------------------------------------------------------

_BIRTH_SERIES: Final = re.compile(r"^[IVXLCDM]{1,5}-[А-Я]{2}$")
_TO_ROMAN: Final = str.maketrans(
    {"І": "I", "Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V", "1": "I", "|": "I", "У": "V", "Х": "X"}
    | {"П": "II", "Ш": "III", "С": "C", "М": "M"}
)
_TO_CYRILLIC: Final = str.maketrans("ABEKMHOPCTYX", "АВЕКМНОРСТУХ")
_DASHES: Final = re.compile(r"\s*[\-\u2010-\u2015\u2212\s]\s*")


def is_birth_series(series: str) -> bool:
    """A Roman numeral in Latin letters, an ASCII hyphen, two Cyrillic capitals: «IV-АБ»."""
    return _BIRTH_SERIES.fullmatch(series) is not None


def propose_birth_series(series: str) -> str | None:
    """What a mistyped series probably means, for a person to confirm; None where it is right or nothing can be guessed.

    Look-alikes are Cyrillic «І», «Х», «У», «П», «Ш» or a digit one in the numeral, Latin letters after the dash, other
    dashes. The proposal is never applied by the product.
    """
    if is_birth_series(series):
        return None
    numeral, dash, letters = _DASHES.sub("-", series.strip().upper()).rpartition("-")
    if not dash:
        return None
    proposal = f"{numeral.translate(_TO_ROMAN)}-{letters.translate(_TO_CYRILLIC)}"
    return proposal if is_birth_series(proposal) else None
