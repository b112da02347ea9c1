"""Blind indexes: a subject can be found by an identifier without the identifier being stored.

Each is HMAC-SHA-256 over the normalised value under a key of its kind, derived from the index key. Normalising undoes
what people and programs do to the same value (spaces, dashes, case, ё, look-alike letters, a zero that Excel ate);
it never corrects a wrong digit. Equal indexes mean equal values, so an index is as secret as the data store and is
destroyed with the subject (law 12). Rule of change: a change of normalising is a new version in the key's label, and
indexes are built anew.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from gateway.vault.envelope import encode_parts
from gateway.vault.keys import derive
from schemas.errors import RequestRejected

_SNILS_DIGITS: Final = 11
_CERTIFICATE_DIGITS: Final = 6
_GAPS = re.compile(r"[\s\-‐‑‒–—―−]+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]|['’‘ʼ`´]")  # soft hyphens, zero widths, apostrophes
_NUMBER_SIGN = re.compile(r"^NO?(?=\d)")
# Letters that look the same in both alphabets are typed in either; in a Russian value the Cyrillic one is meant.
_TO_CYRILLIC = str.maketrans("ABCEHKMOPTXYaceopxyk", "АВСЕНКМОРТХУасеорхук")
# The first half of a certificate's series is a Roman number, often typed with the Cyrillic letters that look like it.
_TO_ROMAN = str.maketrans({"І": "I", "1": "I", "П": "II", "Ш": "III", "У": "V", "Х": "X", "С": "C", "М": "M"})
_SERIES = re.compile(r"([IVXLCM]+)([А-Я]{2})")


class IndexKind(StrEnum):
    """What an index is made of."""

    SNILS = "snils"
    BIRTH_CERTIFICATE = "birth_certificate"
    NAME_AND_BIRTH = "name_and_birth"
    OWN_REFERENCE = "own_reference"


class BlindIndex(NamedTuple):
    """A value nobody can read back: kind and 32 bytes."""

    kind: IndexKind
    digest: bytes


class IndexKey:
    """The keys of all kinds of index, derived from one index key."""

    __slots__ = ("_keys",)

    def __init__(self, material: bytes) -> None:
        self._keys = {kind: derive(material, f"blind-index/{kind.value}") for kind in IndexKind}

    def snils(self, snils: str) -> BlindIndex:
        """Index of a SNILS. Raises RequestRejected unless it has eleven digits."""
        return self._index(IndexKind.SNILS, normal_snils(snils))

    def birth_certificate(self, series: str, number: str) -> BlindIndex:
        """Index of a birth certificate. Raises RequestRejected when series or number cannot be one."""
        return self._index(IndexKind.BIRTH_CERTIFICATE, *normal_certificate(series, number))

    def name_and_birth(self, full_name: str, born_on: date) -> BlindIndex:
        """Index of a full name with the date of birth. Raises RequestRejected for a name without a letter."""
        return self._index(IndexKind.NAME_AND_BIRTH, normal_name(full_name), born_on.isoformat())

    def own_reference(self, organisation_id: str, reference: str) -> BlindIndex:
        """Index of an organisation's own identifier of a person, as it writes it: references of two never meet."""
        return self._index(IndexKind.OWN_REFERENCE, organisation_id, reference.strip())

    def _index(self, kind: IndexKind, *parts: str) -> BlindIndex:
        return BlindIndex(kind, hmac.digest(self._keys[kind], encode_parts(*parts), hashlib.sha256))


def normal_snils(snils: str) -> str:
    """Eleven digits. `112-233-445 95` and `11223344595` are one; whether the check digits fit is asked elsewhere."""
    digits = _GAPS.sub("", _plain(snils))
    if len(digits) != _SNILS_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise RequestRejected("identifier_unreadable", field="snils")
    return digits


def normal_certificate(series: str, number: str) -> tuple[str, str]:
    """Series and number, e.g. ("IIМЮ", "012345").

    A Russian series is a Roman number and two Cyrillic letters, its number six digits; series and number of another
    country are taken as letters and digits.
    """
    plain_series = _GAPS.sub("", _plain(series).upper())
    plain_number = _NUMBER_SIGN.sub("", _GAPS.sub("", _plain(number).upper()))
    russian = _SERIES.fullmatch(plain_series[:-2].translate(_TO_ROMAN) + plain_series[-2:].translate(_TO_CYRILLIC))
    if russian:
        plain_series, plain_number = "".join(russian.groups()), plain_number and plain_number.zfill(_CERTIFICATE_DIGITS)
        if not (plain_number.isascii() and plain_number.isdigit() and len(plain_number) == _CERTIFICATE_DIGITS):
            raise RequestRejected("identifier_unreadable", field="number")
    for field, value in (("series", plain_series), ("number", plain_number)):
        if not value.isalnum():
            raise RequestRejected("identifier_unreadable", field=field)
    return plain_series, plain_number


def normal_name(full_name: str) -> str:
    """Lower-case words with single spaces; a dash counts as a space, ё as е. The order of the words is kept."""
    name = _plain(full_name)
    if re.search("[А-Яа-яЁё]", name):
        name = name.translate(_TO_CYRILLIC)
    words = _GAPS.sub(" ", name.casefold().replace("ё", "е")).strip()
    if not any(letter.isalpha() for letter in words):
        raise RequestRejected("identifier_unreadable", field="full_name")
    return words


def _plain(text: str) -> str:
    """One way to write each letter and digit (NFKC), without what cannot be seen."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text.replace("№", "")))
