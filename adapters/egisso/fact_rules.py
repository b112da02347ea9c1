"""Rules of form on a fact that its class does not say: what ЕГИССО refuses in names, series and issuers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from adapters.egisso.facts import Assignment, FactPerson, IdentityDocument
from adapters.egisso.simple import is_russian
from adapters.paths import Path
from schemas import codes
from schemas.identifiers import has_snils_check_digits, is_birth_series

_RUS_AND_NUM: Final = re.compile(r"[а-яА-ЯёЁ\-0-9№(][а-яА-ЯёЁ\-\s',.0-9()№\"\\/]*")
_PASSPORT: Final = (re.compile(r"\d{4}"), re.compile(r"\d{6}"))
_BIRTH_NUMBER: Final = re.compile(r"\d{6}")


def warnings(fact: Assignment) -> Iterator[tuple[str, Path]]:
    """Every rule that a fact breaks and still can be read, with the path of the field."""
    yield from not_writable(fact)
    for path, person in _persons(fact):
        if not has_snils_check_digits(person.snils):
            yield "snils_not_checkable", (*path, "snils")
        if person.document is not None:
            yield from _document(person.document, (*path, "document"))


def not_writable(fact: Assignment) -> Iterator[tuple[str, Path]]:
    """Texts with signs that the types of ЕГИССО do not have: read with a warning, never written."""
    for path, person in _persons(fact):
        for field in ("surname", "forename", "patronymic"):
            if (name := getattr(person, field)) and not is_russian(name):
                yield "egisso_not_russian", (*path, field)
        if person.document is not None and not _RUS_AND_NUM.fullmatch(person.document.issuer):
            yield "egisso_not_rus_and_num", (*path, "document", "issuer")


def _persons(fact: Assignment) -> Iterator[tuple[Path, FactPerson]]:
    if fact.recipient is not None:
        yield ("recipient",), fact.recipient
    for index, reason in enumerate(fact.reasons):
        yield ("reasons", index), reason


def _document(document: IdentityDocument, path: Path) -> Iterator[tuple[str, Path]]:
    entry = codes.recognise(codes.DOCUMENTS_EGISSO_CSV, document.type)
    meaning = entry.meaning if entry else ""
    if meaning == "passport_rf":
        for field, shape in zip(("series", "number"), _PASSPORT, strict=True):
            if not shape.fullmatch(getattr(document, field)):
                yield "egisso_passport_shape", (*path, field)
    elif meaning == codes.BIRTH_CERTIFICATE:
        if not is_birth_series(document.series):
            yield "birth_series_shape", (*path, "series")
        if not _BIRTH_NUMBER.fullmatch(document.number):
            yield "egisso_passport_shape", (*path, "number")
