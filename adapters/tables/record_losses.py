"""Losses of a good record of a table beyond its cells: what defaults filled in, what rows that belong together left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from adapters.losses import Loss, class_defaults
from adapters.report import Record, SourceRow
from adapters.tables.cells import is_absence_mark
from adapters.tables.fields import ABSENT, NAME_PARTS, field_of
from adapters.tables.layout import Layout
from adapters.tables.losses import CellLosses
from adapters.tables.profile import PersonColumns, Profile
from schemas.answers import AnswerDraft
from schemas.intake import FamilyDraft, SignalDraft
from schemas.messages import MessageDraft

_DOCUMENT: Final = ("doc_type", "doc_series", "doc_number", "doc_issued_on", "doc_issuer")


class TableLosses:
    """Asked of every good record of one table. `given` are the fields that the caller knows for every row."""

    def __init__(self, layout: Layout, profile: Profile, given: Mapping[str, str]) -> None:
        self._layout, self._profile = layout, profile
        self._defaults = {**profile.defaults, **given}
        self._cells = CellLosses(layout, profile)

    def of_file(self) -> Iterator[Loss]:
        """What is not taken of the file as a whole."""
        yield from self._cells.of_file()

    def __call__(self, record: Record) -> Iterator[Loss]:
        """Everything that this record lost."""
        for row in record.rows:
            yield from self._cells.of_row(row, record.number)
        facts = _Facts(record, self._layout, self._profile)
        yield from self._defaulted(facts)
        for person in self._profile.persons:
            yield from self._person(person, facts)
        if isinstance(record.draft, FamilyDraft | SignalDraft):
            yield from _spread(facts)
        if isinstance(record.draft, FamilyDraft):
            yield from _family(facts, record.draft)
        elif isinstance(record.draft, SignalDraft):
            yield from _signal(facts, record.draft)

    def _defaulted(self, facts: _Facts) -> Iterator[Loss]:
        draft = facts.record.draft
        named = facts.fields_of(facts.record.rows[0]) if facts.record.rows else frozenset()
        fields = type(draft).model_fields if draft is not None else {}
        for name, value in self._defaults.items():
            if name in fields and name not in named:
                code = "from_profile" if self._profile.defaults.get(name) == value else "from_sender"
                yield facts.loss(code, name)
        if isinstance(draft, MessageDraft | SignalDraft | AnswerDraft) and "operation_id" not in named:
            yield facts.loss("identifier_derived", "operation_id")
        if isinstance(draft, MessageDraft):
            kinds = tuple(person.kind for person in draft.persons)
            for path in class_defaults(draft):
                yield facts.loss("from_class", field_of(path, kinds))

    def _person(self, columns: PersonColumns, facts: _Facts) -> Iterator[Loss]:
        for row in facts.record.rows:
            found = facts.values_of(row)
            own = (name.partition(".") for name in facts.fields_of(row))
            said = {
                name
                for person, _, name in own
                if person == columns.name and (f"{person}.{name}" in found or name in ABSENT)
            }
            if not said:
                continue
            if columns.role and "role" not in said:
                yield facts.loss("from_profile", f"{columns.name}.role", row)
            if said.intersection(_DOCUMENT) and "doc_system" not in said:
                yield facts.loss("from_profile", f"{columns.name}.doc_system", row)
            parts = [part for part in NAME_PARTS if part in said]
            for part in parts:
                name = f"{columns.name}.{part}"
                if f"{columns.name}.full_name" in found:
                    yield facts.loss("value_dropped", name, row)
                elif len(parts) > 1:
                    yield facts.loss("name_joined", name, row)


def _spread(facts: _Facts) -> Iterator[Loss]:
    """What a column says of the family stands with its members, or with nobody."""
    text = facts.everything
    address = facts.raw("family.address")
    if address:
        yield facts.loss("family_value_spread" if address in text else "value_dropped", "family.address")
    if facts.raw("family.municipality") and not (address and facts.raw("family.municipality") in text):
        yield facts.loss("value_dropped", "family.municipality")


def _family(facts: _Facts, draft: FamilyDraft) -> Iterator[Loss]:
    if facts.raw("group"):
        yield facts.loss("value_dropped", "group")
    if not facts.raw("case_ref"):
        yield facts.loss("identifier_derived", "case_ref")
    refs = sum(name.endswith(".ref") for row in facts.record.rows for name in facts.fields_of(row))
    if refs < len(draft.subjects):
        yield facts.loss("identifier_derived", "child.ref", times=len(draft.subjects) - refs)
    phone = facts.raw("curator_phone")
    if phone and draft.curator_phone != phone.strip():
        yield facts.loss("value_dropped", "curator_phone")
    numbers = {one.number for subject in draft.subjects if (c := subject.sections.contact) for one in c.phones}
    if phone := facts.raw("family.phone"):
        taken = any(number in phone for number in numbers)
        yield facts.loss("family_value_spread" if taken else "value_dropped", "family.phone")


def _signal(facts: _Facts, draft: SignalDraft) -> Iterator[Loss]:
    if facts.raw("told_at") and not facts.raw("told_on"):
        yield facts.loss("value_dropped", "told_at")
    if facts.raw("told_on") and draft.told_at is not None:
        yield facts.loss("zone_assumed", "told_on")
        yield facts.loss("date_spelling", "told_at") if facts.raw("told_at") else facts.loss("time_assumed", "told_on")
    named = {name.partition(".")[0] for row in facts.record.rows for name in facts.values_of(row)}
    if draft.persons and "child" not in named:
        yield facts.loss("person_assumed", "child.full_name")


@dataclass
class _Facts:
    """A record beside its cells, by field."""

    record: Record
    layout: Layout
    profile: Profile

    def fields_of(self, row: SourceRow) -> frozenset[str]:
        """Fields of which the row has a cell with anything in it."""
        return frozenset(
            column.field
            for position, column in self.layout.columns.items()
            if position < len(row.cells) and row.cells[position].strip()
        )

    def values_of(self, row: SourceRow) -> frozenset[str]:
        """Those of them that say something: no mark of absence."""
        return frozenset(
            column.field
            for position, column in self.layout.columns.items()
            if position < len(row.cells)
            and row.cells[position].strip()
            and not is_absence_mark(row.cells[position].strip())
        )

    def raw(self, name: str) -> str:
        """The first cell of a field with anything in it."""
        at = next((at for at, column in self.layout.columns.items() if column.field == name), None)
        cells: Sequence[str] = [] if at is None else [row.cells[at] for row in self.record.rows if at < len(row.cells)]
        return next((cell.strip() for cell in cells if cell.strip() and not is_absence_mark(cell.strip())), "")

    @cached_property
    def everything(self) -> str:
        """The record as one text, to see whether something stands in it."""
        draft: Any = self.record.draft
        return " ".join(_leaves(draft.model_dump(mode="json")))

    def loss(self, code: str, name: str, row: SourceRow | None = None, times: int = 1) -> Loss:
        """A loss at the sender's own heading of a field, or at the profile's."""
        column = self.profile.by_field.get(name)
        place = self.layout.heading_of(name) or (column.heading if column else name)
        line = row.line if row else self.record.line
        return Loss(code, place, line, self.record.number, times)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, str):
        yield value
