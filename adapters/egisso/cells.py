"""Cells of the table of facts: the text that a kind of cell means, and a value as a cell."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from adapters.egisso.spelling import Read
from schemas.identifiers import compact, restore_snils

_DAY: Final = re.compile(r"^(\d{2})\.(\d{2})\.(\d{4})(?: 0{1,2}:00(?::00)?)?$")
_ISO_DAY: Final = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00:00)?$")
_MONEY: Final = re.compile(r"^\d{1,9},\d{2}$")
_MONEY_SPELT: Final = re.compile(r"^(\d{1,9})(?:[.,](\d{1,2})0*)?$")
_SPACES: Final = re.compile(r"[\s\u00a0\u202f]")
_YES_NO: Final = {"да": "true", "нет": "false"}
_GENDERS: Final = {"м": "M", "ж": "F"}
_SNILS_DIGITS: Final = 11
_NOTHING: Final = Read("-")
"""Stands for a text that no value can be made of, so that its class refuses it."""


def as_value(kind: str, text: str) -> Read:
    """The text that a cell means, as its class takes it."""
    match kind:
        case "day":
            return _day(text)
        case "money":
            return _money(text)
        case "snils":
            return _snils(text)
        case "yes_no":
            return Read(_YES_NO.get(text.casefold(), "-"))
        case "gender":
            return _gender(text)
    return Read(text)


def _day(text: str) -> Read:
    if found := _DAY.match(text):
        iso = f"{found[3]}-{found[2]}-{found[1]}"
        return Read(iso, () if len(text) == len(iso) else ("egisso_cell_spelling",))
    if found := _ISO_DAY.match(text):
        return Read("-".join(found.groups()), ("egisso_cell_spelling",))
    return _NOTHING


def _money(text: str) -> Read:
    if _MONEY.match(text):
        return Read(text.replace(",", "."))
    if found := _MONEY_SPELT.match(_SPACES.sub("", text)):
        return Read(f"{found[1]}.{(found[2] or '0').ljust(2, '0')}", ("egisso_cell_spelling",))
    return _NOTHING


def _snils(text: str) -> Read:
    digits = compact(text)
    if len(digits) < _SNILS_DIGITS and (restored := restore_snils(text)):
        return Read(restored, ("snils_zero_restored",))
    return Read(digits, () if digits == text else ("egisso_cell_spelling",))


def _gender(text: str) -> Read:
    if meant := _GENDERS.get(text.casefold()):
        return Read(meant, () if text.isupper() else ("egisso_cell_spelling",))
    return Read(text.upper(), ("egisso_cell_spelling",))


def as_cell(kind: str, value: object) -> str:
    """A value as the table has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Да" if value else "Нет"
    if isinstance(value, date):
        return f"{value.day:02d}.{value.month:02d}.{value.year:04d}"
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", ",")
    if kind == "gender":
        return {"M": "М", "F": "Ж"}[str(value)]
    return str(value)
