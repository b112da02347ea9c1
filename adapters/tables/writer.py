"""Registers out: UTF-8 with a byte order mark, `;`, CRLF, every cell quoted, Russian headings, formulas disarmed.

A spreadsheet under the Russian locale opens such a file correctly; cp1251 is written on request, for programs that
know nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Final

from adapters.paths import get
from adapters.tables.cells import guard, join_values
from adapters.tables.dates import russian, russian_instant, russian_partial
from adapters.tables.fields import ABSENT, PERSON_PATHS, PERSONS, PHONE_PARTS
from adapters.tables.output import Encoding, Lacking, lacking_in, write_csv
from adapters.tables.profile import Column, Profile, referrals_profile
from schemas.identifiers import format_snils
from schemas.messages import MessageDraft

ABSENT_MARK: Final = "нет"


def write_referrals(
    drafts: Iterable[MessageDraft],
    profile: Profile | None = None,
    encoding: Encoding = "utf-8-sig",
    *,
    nearest_signs: bool = False,
) -> bytes:
    """A register. A message with several children or adults takes as many rows, all with its identifier.

    Children come before adults; an empty section is not written. Raises BadInput (text_outside_encoding) for texts that
    cp1251 cannot hold, with all columns and signs; with `nearest_signs` they become their nearest, then «?» (`lacking`).
    """
    profile = profile or referrals_profile()
    columns = [column for column in profile.columns if column.export]
    rows = [row for draft in drafts for row in _rows(draft, columns, profile)]
    return write_csv([column.heading for column in columns], rows, encoding, nearest_signs=nearest_signs)


def lacking(
    drafts: Iterable[MessageDraft], profile: Profile | None = None, encoding: Encoding = "cp1251"
) -> tuple[Lacking, ...]:
    """What a register in this encoding could not carry, column by column."""
    profile = profile or referrals_profile()
    columns = [column for column in profile.columns if column.export]
    rows = [row for draft in drafts for row in _rows(draft, columns, profile)]
    return lacking_in(rows, [column.heading for column in columns], encoding)


def _rows(draft: MessageDraft, columns: list[Column], profile: Profile) -> Iterator[list[str]]:
    message = draft.model_dump()
    dumped = [person.model_dump() for person in draft.persons]
    by_person = {person: [p for p in dumped if p["kind"] == kind] for kind, person in PERSONS.items()}
    for index in range(max(1, *(len(found) for found in by_person.values()))):
        row = []
        for column in columns:
            owner, _, name = column.field.partition(".")
            if not name:
                value = message.get(owner)
            else:
                found = by_person[owner]
                if index < len(found) and _is_absent(found[index], name):
                    row.append(ABSENT_MARK)
                    continue
                value = _person_value(found[index], name) if index < len(found) else None
            said = _text(value, column, profile)
            row.append(said if isinstance(value, bool) else guard(said))  # our own yes and no are no words of anybody
        yield row


def _is_absent(person: Mapping[str, object], name: str) -> bool:
    if name == "doc_type" or name not in ABSENT:  # of a document that is absent one column says so
        return False
    section, code = ABSENT[name]
    said = get(person, (section, "absent"))
    return isinstance(said, tuple) and code in said


def _person_value(person: Mapping[str, object], name: str) -> object:
    if name not in PHONE_PARTS:
        return get(person, PERSON_PATHS[name])
    phones = get(person, ("contact", "phones"))
    parts = [get(phone, PERSON_PATHS[name][-1:]) for phone in phones] if isinstance(phones, tuple) else []
    return tuple("" if part is None else str(part) for part in parts) if any(parts) else None


def _text(value: object, column: Column, profile: Profile) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "да" if value else "нет"
        case datetime():
            return russian_instant(value, profile.zone)
        case date():
            return russian(value)
        case tuple():
            return join_values([str(part) for part in value])
        case _:
            return _WRITTEN.get(column.kind, str)(str(value))


_WRITTEN: Final[Mapping[str, Callable[[str], str]]] = {"snils": format_snils, "partial_date": russian_partial}
