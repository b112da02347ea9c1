"""Kinds of columns: how the cell of each is read. A new kind is one function and its line in `READERS`."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timezone
from typing import Final, NamedTuple

from adapters.tables.cells import CellFault, split_values
from adapters.tables.dates import parse_date, parse_instant, parse_partial_date
from adapters.tables.phones import parse_phones
from adapters.texts import fold_lookalikes, has_lookalikes, is_odd_name, name_needs_a_look, squeeze
from schemas import codes
from schemas.answers import answer_event
from schemas.directory import ORGANISATION_KINDS
from schemas.identifiers import compact, is_digits, is_inn, is_ogrn, is_snils, restore_snils
from schemas.ids import is_id
from schemas.territories import normalise_oktmo

_SCIENTIFIC: Final = re.compile(r"^[+\-]?\d+(?:[.,]\d+)?\s*[eEеЕ]\s*[+\-]?\d{1,3}$")
_POINT_OR_E: Final = re.compile("[.,eEеЕ]")
_CLOCK: Final = re.compile(r"^([01]?\d|2[0-3])[:.\-]([0-5]\d)(?::[0-5]\d)?$")
_INN_LENGTHS: Final = (9, 10, 11, 12)
_INN_WHOLE: Final = (10, 12)
_POINT_ZERO: Final = re.compile(r"^(\d+)[.,]0+$")
_CODE: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_-]{0,49}$")
_LIST_MARKS: Final = re.compile(r"[;,\n]")
_SNILS_DIGITS: Final = 11
_OGRN_LENGTHS: Final = (13, 15)
_OKTMO_LENGTHS: Final = (8, 9, 11, 12)  # with the control digit too
_YES: Final = frozenset({"да", "1", "истина", "true", "yes"})
_NO: Final = frozenset({"нет", "0", "ложь", "false", "no"})
BOOLEAN: Final = "boolean"
DOCUMENT_SYSTEM: Final = "document_system"
DOCUMENT_TYPE: Final = "document_type"
DATES: Final = frozenset({"date", "partial_date", "instant", "clock", "text"})
"""Kinds of columns in which a spreadsheet may hold a date."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the cells around may tell: the sender's zone, and the system that document types are taken from."""

    zone: timezone
    document_system: str


Found = tuple[object, tuple[str, ...]]
"""A read value, and the codes of warnings."""
Read = Callable[[str, Reading], Found]
"""Reads the text of a cell. Raises CellFault."""


class Value(NamedTuple):
    """`Found` with names, for those who read few cells: to make one costs as much as to read a plain text."""

    value: object
    notes: tuple[str, ...] = ()


def _text(text: str, _: Reading) -> Found:
    return text, ("latin_lookalikes",) if has_lookalikes(text) else ()


def _name(text: str, _: Reading) -> Found:
    name = squeeze(text)
    if not name_needs_a_look(name):
        return name, ()
    if is_odd_name(name):
        raise CellFault("name_odd_characters")
    return name, ("latin_lookalikes",) if has_lookalikes(name) else ()


def _number(text: str, _: Reading) -> Found:
    return _whole(squeeze(text)), ()


def _whole(text: str) -> str:
    """A number as text without the «.0» of a spreadsheet. Raises CellFault where digits are gone for good."""
    if not _POINT_OR_E.search(text):
        return text
    if _SCIENTIFIC.match(text):
        raise CellFault("scientific_notation")
    zero = _POINT_ZERO.match(text)
    return zero[1] if zero else text


def _digits(text: str, lengths: tuple[int, ...], fault: str) -> str:
    digits = compact(_whole(squeeze(text)))
    if not is_digits(digits) or len(digits) not in lengths:
        raise CellFault(fault)
    return digits


def _snils(text: str, _: Reading) -> Found:
    digits = compact(_whole(squeeze(text)))
    if not is_digits(digits) or len(digits) > _SNILS_DIGITS:
        raise CellFault("snils_malformed")
    if len(digits) == _SNILS_DIGITS:
        if not is_snils(digits):
            raise CellFault("snils_check_digits")
        return digits, ()
    restored = restore_snils(digits)
    if restored is None:
        raise CellFault("snils_zero_not_restored")
    return restored, ("snils_zero_restored",)


def _ogrn(text: str, _: Reading) -> Found:
    digits = _digits(text, _OGRN_LENGTHS, "ogrn_malformed")
    if not is_ogrn(digits):
        raise CellFault("ogrn_check_digit")
    return digits, ()


def _oktmo(text: str, _: Reading) -> Found:
    digits = compact(_whole(squeeze(text)))
    if not is_digits(digits) or len(digits) not in _OKTMO_LENGTHS:
        raise CellFault("oktmo_malformed")
    try:
        return normalise_oktmo(digits), ()
    except ValueError:
        raise CellFault("oktmo_check_digit") from None


def _uuid(text: str, _: Reading) -> Found:
    text = squeeze(text)
    if is_id(text):
        return text, ()
    try:
        return str(uuid.UUID(text)), ()
    except ValueError:
        raise CellFault("uuid_malformed") from None


def _date(text: str, _: Reading) -> Found:
    return parse_date(squeeze(text))


def _partial_date(text: str, _: Reading) -> Found:
    return parse_partial_date(squeeze(text))


def _instant(text: str, reading: Reading) -> Found:
    return parse_instant(squeeze(text), reading.zone)


def _boolean(text: str, _: Reading) -> Found:
    word = squeeze(text).casefold()
    if word not in _YES and word not in _NO:
        raise CellFault("boolean_malformed")
    return word in _YES, ()


def _code(text: str, _: Reading) -> Found:
    if not _CODE.match(squeeze(text)):
        raise CellFault("code_unknown")
    return squeeze(text), ()


def _codes(text: str, reading: Reading) -> Found:
    return tuple(str(_code(part, reading)[0]) for part in split_values(text) if part), ()


def _numbers(text: str, _: Reading) -> Found:
    return tuple(_whole(part) for part in split_values(text)), ()


def _texts(text: str, _: Reading) -> Found:
    return tuple(split_values(text)), ()


def _listed(system: str, fault: str) -> Read:
    def read(text: str, _: Reading) -> Found:
        return _recognised(system, squeeze(text), fault)

    return read


def _recognised(system: str, text: str, fault: str) -> Found:
    if entry := codes.recognise(system, text):
        return entry.code, ()
    if entry := codes.recognise(system, fold_lookalikes(text)):
        return entry.code, ("latin_lookalikes",)
    raise CellFault(fault)


def _concerns(text: str, _: Reading) -> Found:
    parts = split_values(text)
    if len(parts) == 1 and codes.recognise(codes.CONCERNS, text) is None:
        parts = _LIST_MARKS.split(text)
    found = [_recognised(codes.CONCERNS, squeeze(part), "concern_unknown") for part in parts if part.strip()]
    return tuple(str(code) for code, _ in found), tuple(sorted({note for _, notes in found for note in notes}))


def _document_system(text: str, _: Reading) -> Found:
    system = squeeze(text).casefold()
    if system not in codes.DOCUMENT_SYSTEMS:
        raise CellFault("document_system_unknown")
    return system, ()


def _document_type(text: str, reading: Reading) -> Found:
    return _recognised(reading.document_system, _whole(squeeze(text)), "document_type_unknown")


def _kinship_system(text: str, _: Reading) -> Found:
    system = squeeze(text).casefold()
    if system != codes.KINSHIP:
        raise CellFault("kinship_system_unknown")
    return system, ()


def _kinship(text: str, _: Reading) -> Found:
    """A code is kept as it is. A spreadsheet takes its leading zeros, and nothing confirms how many."""
    code = _whole(squeeze(text))
    if codes.find_code(codes.KINSHIP, code) is None:
        raise CellFault("kinship_code_unknown")
    return code, ()


def _phones(text: str, _: Reading) -> Found:
    return parse_phones(text), ()


def _inn(text: str, _: Reading) -> Found:
    digits = compact(_whole(squeeze(text)))
    if not is_digits(digits) or len(digits) not in _INN_LENGTHS:
        raise CellFault("inn_malformed")
    if is_inn(digits):
        return digits, ()
    if len(digits) + 1 in _INN_LENGTHS and is_inn(f"0{digits}"):  # only then: the check digits confirm it
        return f"0{digits}", ("inn_zero_restored",)
    raise CellFault("inn_check_digit" if len(digits) in _INN_WHOLE else "inn_zero_not_restored")


def _clock(text: str, _: Reading) -> Found:
    found = _CLOCK.match(squeeze(text))
    if found is None:
        raise CellFault("clock_malformed")
    return f"{int(found[1]):02d}:{found[2]}", ()


def _answer_event(text: str, _: Reading) -> Found:
    event = answer_event(squeeze(text))
    if event is None:
        raise CellFault("answer_event_unknown")
    return event, ()


READERS: Final[Mapping[str, Read]] = {
    "text": _text,
    "line": _text,
    "name": _name,
    "number": _number,
    "snils": _snils,
    "ogrn": _ogrn,
    "oktmo": _oktmo,
    "uuid": _uuid,
    "date": _date,
    "partial_date": _partial_date,
    "instant": _instant,
    "clock": _clock,
    "phones": _phones,
    "inn": _inn,
    "answer_event": _answer_event,
    "person_name": _name,
    "received_by": _listed("mezhved_received_by", "code_unknown"),
    "organisation_kind": _listed(ORGANISATION_KINDS, "code_unknown"),
    BOOLEAN: _boolean,
    "code": _code,
    "codes": _codes,
    "numbers": _numbers,
    "texts": _texts,
    "concerns": _concerns,
    "urgency": _listed(codes.URGENCIES, "code_unknown"),
    "sex": _listed(codes.SEXES, "code_unknown"),
    "role": _listed(codes.ROLES, "person_role_unknown"),
    "message_type": _listed(codes.MESSAGE_TYPES, "type_not_in_document"),
    DOCUMENT_SYSTEM: _document_system,
    DOCUMENT_TYPE: _document_type,
    "kinship_system": _kinship_system,
    "kinship": _kinship,
}
"""By the `kind` of a profile's column."""


def _named(read: Read) -> Callable[[str, Reading], Value]:
    return lambda text, reading: Value(*read(text, reading))


KINDS: Final = {kind: _named(read) for kind, read in READERS.items()}
"""The same with names."""
REMEMBERED: Final = frozenset(
    {
        "ogrn",
        "oktmo",
        "date",
        "partial_date",
        "received_by",
        "organisation_kind",
        "answer_event",
        BOOLEAN,
        "code",
        "codes",
        "concerns",
    }
    | {"urgency", "sex", "role", "message_type", DOCUMENT_SYSTEM, "kinship_system", "kinship"}
)
"""Kinds of which a register has few values, again and again, and none that names anybody: what was read once need not be
read again in the same file."""
