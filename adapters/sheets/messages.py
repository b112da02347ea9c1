"""A message as a table: the register of referrals where the register holds all of it, else the table of messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from adapters.rules import DOCUMENT_TYPES
from adapters.sheets.columns import kind_of_code
from adapters.sheets.writer import write_sheet
from adapters.tables.fields import ABSENT, PERSON_PATHS
from adapters.tables.output import AS_USUAL, Written
from adapters.tables.profile import referrals_profile
from adapters.tables.writer import write_referrals
from schemas.messages import MessageDraft

_KIND: Final = ("kind",)
_ABSENT: Final = frozenset((section, "absent") for section, _ in ABSENT.values())


def write_message_table(drafts: Sequence[MessageDraft], written: Written = AS_USUAL) -> bytes:
    """Which of the two a file is, its first heading says. Raises BadInput (text_outside_encoding)."""
    encoding, nearest_signs = written.encoding, written.nearest_signs
    if any(map(beside_register, drafts)):
        return write_sheet(kind_of_code("message"), drafts, encoding, nearest_signs=nearest_signs)
    return write_referrals(drafts, encoding=encoding, nearest_signs=nearest_signs)


def beside_register(draft: MessageDraft) -> tuple[str, ...]:
    """What of a message the register of referrals has no column for: its type, or fields by their paths."""
    if draft.type not in DOCUMENT_TYPES:
        return ("type",)
    headers = {column.field for column in referrals_profile().columns}
    said = draft.model_dump(exclude_defaults=True)
    persons = said.pop("persons", ())
    found = [path for path in _leaves(said) if path[0] not in headers]
    known: set[tuple[str, ...]] = {_KIND, *PERSON_PATHS.values(), *_ABSENT}
    found += [("persons", *path) for person in persons for path in _leaves(person) if path not in known]
    return tuple(dict.fromkeys(map(".".join, found)))


def _leaves(value: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, one in value.items():
        path = (*above, name)
        inner = one if isinstance(one, tuple | list) else (one,)
        below = [part for part in inner if isinstance(part, Mapping)]
        if not below:
            yield path
        for part in below:
            yield from _leaves(part, path)
