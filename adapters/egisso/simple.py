"""Simple types of ЕГИССО: what a value must be, whichever file it came in.

Codes of classifiers stay opaque: their lists are kept by ЕГИССО, not by its schemas. Each knows the classifier it is of.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from schemas.identifiers import is_inn, is_ogrn, is_snils

EVENT_TYPES: Final = "egisso_event_type"
ROLE_TYPES: Final = "egisso_role_type"
DOCUMENT_TYPES: Final = "egisso_document_type"
ADDRESS_TYPES: Final = "egisso_address_type"
COUNTRIES: Final = "oksm"

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_RUSSIAN: Final = re.compile(r"[а-яА-ЯёЁ\-][а-яА-ЯёЁ \-,.]*")
_FIRST_YEAR, _LAST_YEAR = 1000, 2999
_FIRST_STAMP_YEAR: Final = 2000
_OFFSETS: Final = frozenset(timedelta(hours=hours) for hours in range(2, 13))


def is_russian(text: str) -> bool:
    """Whether a name has only what the `rus-*` types have: Cyrillic, space, hyphen, comma, full stop; no apostrophe."""
    return _RUSSIAN.fullmatch(text) is not None


def is_stamp_offset(offset: timedelta | None) -> bool:
    """Whether a timestamp may have this offset: that of UTC (written Z) or +02:00 … +12:00 in whole hours."""
    return offset == timedelta(0) or offset in _OFFSETS


def _printable(text: str) -> str:
    if _UNPRINTABLE.search(text):
        msg = "control characters"
        raise ValueError(msg)
    return text


def _lower(value: Any) -> Any:  # noqa: ANN401  pydantic checks the type
    return value.lower() if isinstance(value, str) else value


def _whole(value: datetime) -> datetime:
    if value.microsecond or not is_stamp_offset(value.utcoffset()) or not _FIRST_STAMP_YEAR <= value.year <= _LAST_YEAR:
        msg = "no timestamp of ЕГИССО"
        raise ValueError(msg)
    return value.astimezone(UTC) if value.utcoffset() == timedelta(0) else value


def _in_range(value: date) -> date:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        msg = "year out of range"
        raise ValueError(msg)
    return value


def _checked(is_right: Any) -> AfterValidator:  # noqa: ANN401  str → bool
    def check(number: str) -> str:
        if not is_right(number):
            msg = "check digits"
            raise ValueError(msg)
        return number

    return AfterValidator(check)


def _text(limit: int) -> Any:  # noqa: ANN401  an annotation
    return Annotated[str, StringConstraints(min_length=1, max_length=limit), AfterValidator(_printable)]


def _digits(pattern: str, classifier: str = "") -> Any:  # noqa: ANN401  an annotation
    said: dict[str, Any] | None = {"classifier": classifier} if classifier else None
    return Annotated[str, StringConstraints(pattern=f"^{pattern}$"), Field(json_schema_extra=said)]


Uuid = Annotated[str, BeforeValidator(_lower), StringConstraints(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""Compared and written in lower case; upper case is read too."""

Snils = Annotated[str, StringConstraints(pattern=r"^[0-9]{11}$"), _checked(is_snils)]
Inn = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$"), _checked(is_inn)]
Ogrn = Annotated[str, StringConstraints(pattern=r"^[0-9]{13}$"), _checked(is_ogrn)]
Kpp = _digits("[0-9]{9}")

Stamp = Annotated[AwareDatetime, AfterValidator(_whole)]
"""A moment: year 2000 or later, whole seconds, an offset of `is_stamp_offset`."""

Day = Annotated[date, AfterValidator(_in_range)]

EventType = _digits("[0-9]{3}", EVENT_TYPES)
RoleType = _digits("[0-9]{5}", ROLE_TYPES)
DocumentType = _digits("[0-9]{4}", DOCUMENT_TYPES)
AddressType = _digits("[0-9]{2}", ADDRESS_TYPES)
Country = _digits("[0-9]{3}", COUNTRIES)
PostIndex = _digits("[0-9]{6}")
Gender = Annotated[str, StringConstraints(pattern="^[MFU]$"), Field(json_schema_extra={"classifier": "egisso_gender"})]

Name = _text(100)
Text10, Text20, Text50, Text256, Text500, Text1000, Text2000 = map(_text, (10, 20, 50, 256, 500, 1000, 2000))
