"""Code lists of the shared language. Every code carries its system: `03` is a passport in one list and a birth
certificate in another, so a code without its system means nothing.

The lists are tables in `schemas/data`; a new code is a row, a new list is a file with its line in `FILES`.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from schemas.messages import message_types

CONCERNS: Final = "mezhved_concern"
URGENCIES: Final = "mezhved_urgency"
SEXES: Final = "egisso_gender"
ROLES: Final = "mezhved_role"
MESSAGE_TYPES: Final = "mezhved_message_type"
DOCUMENTS_EGISSO_CSV: Final = "egisso_csv"
DOCUMENTS_EGISSO_EXCEL: Final = "egisso_excel"
DOCUMENTS_FNS: Final = "fns_spdul"
DOCUMENTS_ESIA: Final = "esia"
REJECT_REASONS: Final = "mezhved_reject_reason"
NO_ALTERNATIVE: Final = "mezhved_no_alternative"
NAMED_BY_LETTER: Final = "named_by_letter"
"""Of them the one that a code from a package says: whoever can name an organisation here names it."""
CANCEL_REASONS: Final = "mezhved_cancel_reason"
HOLD_REASONS: Final = "mezhved_hold_reason"
DISAGREE_REASONS: Final = "mezhved_disagree_reason"
FAIL_REASONS: Final = "mezhved_fail_reason"
CASE_DOCUMENTS: Final = "mezhved_case_document"
ABSENT: Final = "mezhved_absent"
KINSHIP: Final = "egisso_kinship"
"""Codes of ЕГИССО as they are: what each of them means is published nowhere, `meaning` is the sex of the person (or empty)."""
DOCUMENT_SYSTEMS: Final = (DOCUMENTS_EGISSO_CSV, DOCUMENTS_EGISSO_EXCEL, DOCUMENTS_FNS, DOCUMENTS_ESIA)

FILES: Final = (
    "concern_codes.csv",
    "urgencies.csv",
    "genders.csv",
    "roles.csv",
    "document_types.csv",
    "case_documents.csv",
    "reject_reasons.csv",
    "note_codes.csv",
    "directory_organisation_kinds.csv",
    "directory_service_kinds.csv",
    "directory_codes.csv",
    "age_bands.csv",
    "absent.csv",
    "kinship_codes.csv",
)

PASSPORT: Final = "passport_rf"
BIRTH_CERTIFICATE: Final = "birth_certificate"
"""What a document is, apart from how a list codes it (column `meaning` of `document_types.csv`)."""


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code of one system. `also` are other spellings of its Russian name, as people write them."""

    system: str
    code: str
    name_ru: str
    also: tuple[str, ...] = ()
    meaning: str = ""
    name_en: str = ""


def _rows(name: str) -> Iterable[CodeEntry]:
    table = resources.files("schemas").joinpath("data", name).read_text("utf-8")
    for row in csv.DictReader(table.splitlines()):
        also = tuple(filter(None, row["also"].split("|")))
        yield CodeEntry(
            row["system"], row["code"], row["name_ru"], also, row.get("meaning") or "", row.get("name_en") or ""
        )


@functools.cache
def code_lists() -> Mapping[str, Mapping[str, CodeEntry]]:
    """All lists by system, each by code."""
    lists: dict[str, dict[str, CodeEntry]] = {
        MESSAGE_TYPES: {
            kind.code: CodeEntry(MESSAGE_TYPES, kind.code, kind.name_ru) for kind in message_types().values()
        }
    }
    for name in FILES:
        for entry in _rows(name):
            lists.setdefault(entry.system, {})[entry.code] = entry
    return lists


def find_code(system: str, code: str) -> CodeEntry | None:
    """The entry of exactly this code, or None."""
    return code_lists().get(system, {}).get(code)


def plain(spelling: str) -> str:
    """A spelling as it is compared: lower case, «ё» as «е», single spaces, without a final full stop."""
    return " ".join(spelling.casefold().replace("ё", "е").split()).rstrip(".")


@functools.cache
def _spellings(system: str) -> Mapping[str, CodeEntry]:
    found: dict[str, CodeEntry] = {}
    for entry in code_lists()[system].values():
        for spelling in (entry.code, entry.name_ru, *entry.also):
            if found.setdefault(plain(spelling), entry) is not entry:
                msg = f"{system}: two codes share one spelling: {spelling}"
                raise RuntimeError(msg)
    return found


def recognise(system: str, spelling: str) -> CodeEntry | None:
    """The entry that people mean by `spelling`: the code itself, its Russian name, or another listed spelling."""
    return _spellings(system).get(plain(spelling))


@functools.cache
def document_kinds() -> Mapping[str, CodeEntry]:
    """What a document of a message may be, by meaning: papers of a case, then identity documents, `other` last."""
    lists = code_lists()
    found: dict[str, CodeEntry] = {}
    for system in (CASE_DOCUMENTS, *DOCUMENT_SYSTEMS):
        for entry in lists[system].values():
            if entry.meaning:
                found.setdefault(entry.meaning, entry)
    other = found.pop("other")
    return {**found, "other": other}
