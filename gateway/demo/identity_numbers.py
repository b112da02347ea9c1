"""Numbers with right check digits from ranges that nobody issues, so that no real person or organisation has them.

SNILS begin with 9 (numbers are issued upwards and are far from it). OGRN name the year 00 (the register began in 2002),
INN the region 00, passports the series 00 NN: no region has the code 00. Birth certificates begin at 900001 in a series;
phones have the code 000, which is not assigned.
"""

from __future__ import annotations

from typing import Final

from schemas.identifiers import ogrn_check_digit, snils_check_digits

_INN_WEIGHTS: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_CERTIFICATE_SERIES: Final = ("V-МЮ", "VI-МЮ", "VII-ИК", "IX-МЮ", "X-РБ", "IV-ЖЗ")


def snils_with_check(nine_digits: int) -> str:
    """Eleven digits: the given nine and their two check digits."""
    nine = f"{nine_digits:09d}"
    return nine + snils_check_digits(nine)


def synthetic_snils(serial: int) -> str:
    """A SNILS above 900-000-000."""
    return snils_with_check(900_000_000 + serial)


def synthetic_ogrn(serial: int) -> str:
    """Thirteen digits: an organisation (1) of the year 00."""
    twelve = f"100{serial:09d}"
    return twelve + ogrn_check_digit(twelve)


def synthetic_inn(serial: int) -> str:
    """Ten digits of the region 00."""
    nine = f"00{serial:07d}"
    return nine + str(sum(weight * int(digit) for weight, digit in zip(_INN_WEIGHTS, nine, strict=True)) % 11 % 10)


def birth_certificate(serial: int) -> tuple[str, str]:
    """Series (a Roman numeral in Latin letters, two Cyrillic ones) and number."""
    return _CERTIFICATE_SERIES[serial % len(_CERTIFICATE_SERIES)], f"{900_000 + serial:06d}"


def passport(serial: int, issued_year: int) -> tuple[str, str]:
    """Series (region 00 and the year of the form) and number."""
    return f"00{issued_year % 100:02d}", f"{100_000 + serial:06d}"


def foreign_passport(serial: int) -> tuple[str, str]:
    """Series and number as some neighbouring countries print them."""
    return "XX", f"{1_000_000 + serial:07d}"


def phone(serial: int) -> str:
    """A number under the unassigned code 000."""
    return f"+7 (000) {serial // 10_000 % 1_000:03d}-{serial // 100 % 100:02d}-{serial % 100:02d}"
