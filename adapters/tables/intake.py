"""Rows as what is kept for its holder alone: families of a list, signals of a journal.

In a list of families the number of the case stands beside the first child and is left empty beside the others, as are the
parents. Whoever has no number of their own in the list is recognised the next time by what it says of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timezone
from typing import Any, Final

from pydantic import ValidationError

from adapters.paths import get
from adapters.report import Complaint, Draft, Severity
from adapters.rules import Breach, person_breaches, shape_breaches
from adapters.seen import Seen
from adapters.tables.fields import field_of
from adapters.tables.messages import derived_id, persons_of
from adapters.tables.profile import Profile
from adapters.tables.rows import WARNED, RowParser, RowValues, has_errors
from schemas.categories import SECTION_NAMES
from schemas.intake import FamilyDraft, SignalDraft
from schemas.messages import PersonDraft

_FAMILY: Final = "family."
_NOT_YET: Final = "00000000-0000-0000-0000-000000000000"


class _Kept:
    def __init__(self, parser: RowParser, profile: Profile, defaults: Mapping[str, str]) -> None:
        self._parser, self._profile, self._defaults = parser, profile, defaults
        self._seen = Seen()
        self._alone = itertools.count()

    def _people(
        self, rows: Sequence[RowValues], said: Mapping[str, object], *, unnamed: bool = False
    ) -> list[dict[str, Any]]:
        """Everybody on the rows; what a column says of the family holds for those of whom nothing else is said. `unnamed`:
        a child there is, also where nobody knows its name."""
        people: list[dict[str, Any]] = [dict(person) for person in persons_of(rows)]
        if unnamed and not any(person["kind"] == "child" for person in people):
            people.insert(0, {"kind": "child"})
        address = said.get("family.address")
        if isinstance(address, str):
            found = {"text": address, **_some(municipality=said.get("family.municipality"))}
            for person in people:
                if get(person, ("whereabouts", "address")) is None and not get(person, ("whereabouts", "absent")):
                    person["whereabouts"] = {**person.get("whereabouts", {}), "address": found}
        phones = said.get("family.phone")
        if isinstance(phones, tuple) and people:
            first = next((person for person in people if person["kind"] != "child"), people[0])
            if get(first, ("contact", "phones")) is None and not get(first, ("contact", "absent")):
                first["contact"] = {**first.get("contact", {}), "phones": list(phones)}
        return people

    def _checked(self, people: Sequence[Mapping[str, Any]], line: int) -> tuple[list[PersonDraft], list[Complaint]]:
        kinds = tuple(str(person["kind"]) for person in people)
        made: list[PersonDraft] = []
        found: list[Complaint] = []
        for number, person in enumerate(people):
            try:
                draft = PersonDraft.model_validate(person)
            except ValidationError as error:
                breaches = [breach._replace(path=("persons", number, *breach.path)) for breach in shape_breaches(error)]
            else:
                made.append(draft)
                breaches = [b._replace(path=("persons", number, *b.path)) for b in person_breaches(draft)]
            found += [self._complaint(breach, kinds, people, line) for breach in breaches]
        if not kinds.count("child"):
            found.append(self._parser.complaint("child_missing", "child.full_name", line))
        return made, found

    def _complaint(
        self, breach: Breach, kinds: tuple[str, ...], people: Sequence[Mapping[str, Any]], line: int
    ) -> Complaint:
        """At the column of this person: a profile may have several adults."""
        field = field_of(breach.path, kinds)
        owner, dot, name = field.partition(".")
        index = breach.path[1] if len(breach.path) > 1 else 0
        if dot and owner == "adult" and isinstance(index, int) and index < len(people):
            role = people[index].get("role")
            columns = {person.role: person.name for person in self._profile.persons if person.kind != "child"}
            field = f"{columns.get(role) or columns.get(None, owner)}.{name}"
        return self._parser.complaint(breach.code, field, line, breach.severity)


class FamilyAssembler(_Kept):
    """`reader.Assembler` of families."""

    _now: object = None

    def key(self, row: RowValues) -> object:
        """The number of the case or of the family; without one a row goes on with the family above, where rows have one. A row
        that is wrong as a whole is of the family whose number still stands in it, else of the one above; and whatever goes on
        with it goes on with no other."""
        said = row.message.get("case_ref") or row.message.get("group")
        if row.damaged:
            said = self._parser.still_says(row.row, "case_ref") or self._parser.still_says(row.row, "group")
            self._now = said or self._now or ("damaged", row.row.line)
        elif said is not None:
            self._now = said
        elif any(one.code in WARNED and one.severity is Severity.ERROR for one in row.complaints):
            self._now = ("struck", row.row.line)  # and what goes on with it goes on with no other
        elif self._now is None or row.message.keys() - {"family.address", "family.municipality", "family.phone"}:
            return next(self._alone)
        return self._now

    def disagreements(self, rows: Sequence[RowValues]) -> Iterator[Complaint]:
        """What is said of the family on a later row is what the first says."""
        first = rows[0].message
        for row in rows[1:]:
            for name, value in sorted(row.message.items()):
                if name in first and first[name] != value:
                    yield self._parser.complaint("rows_disagree", name, row.row.line)

    def draft(self, rows: Sequence[RowValues]) -> tuple[Draft | None, list[Complaint]]:
        """A family, everybody in it with a reference of their own."""
        said: dict[str, object] = {name: value for row in reversed(rows) for name, value in row.message.items()}
        line, owner = rows[0].row.line, self._defaults.get("sender_ogrn", "")
        people, found = self._checked(self._people(rows, said), line)
        if has_errors(found):
            return None, found
        roles = [{"role": person.role} for person in people if person.kind != "child" and person.role]
        named = [
            person.identity.model_dump(mode="json") for person in people if person.kind == "child" and person.identity
        ]
        case_ref = str(said.get("case_ref") or derived_id(owner, named))
        subjects = [_subject(person, [owner, case_ref], roles) for person in people]
        refs = [str(subject["ref"]) for subject in subjects]
        if len(set(refs)) < len(refs):
            return None, [*found, self._parser.complaint("person_repeated", "child.full_name", line)]
        phone = said.get("curator_phone")
        values = {
            "case_ref": case_ref,
            "subjects": subjects,
            **_some(as_of=said.get("as_of"), curator_name=said.get("curator_name")),
            **_some(curator_phone=phone[0]["number"] if isinstance(phone, tuple) and phone else None),
        }
        try:
            draft = FamilyDraft.model_validate(values)
        except ValidationError:
            return None, [*found, self._parser.complaint("family_too_large", "child.full_name", line)]
        if self._seen.add(draft.case_ref):
            found.append(self._parser.complaint("case_repeated", "case_ref", line))
        return draft, found


def _subject(person: PersonDraft, place: Sequence[str], roles: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    sections = {name: getattr(person, name) for name in SECTION_NAMES.values() if getattr(person, name, None)}
    dumped = {name: section.model_dump(exclude_defaults=True) for name, section in sections.items()}
    if person.kind == "child" and roles:
        dumped["family"] = {**dumped.get("family", {}), "household": tuple(roles)}
    known = person.identifiers.snils if person.identifiers else None
    identity = person.identity.model_dump(mode="json", exclude_defaults=True) if person.identity else {}
    # Two people of one name are told apart by their cases; the same SNILS finds a person again in any of them.
    ref = person.ref or derived_id(place[0], [*place[1:], person.kind, known or identity])
    return {"ref": ref, "kind": person.kind, "sections": dumped}


class SignalAssembler(_Kept):
    """`reader.Assembler` of signals."""

    def key(self, row: RowValues) -> object:
        """Every row is a signal."""
        del row
        return next(self._alone)

    def disagreements(self, rows: Sequence[RowValues]) -> Iterator[Complaint]:
        """A signal has one row."""
        del rows
        yield from ()

    def draft(self, rows: Sequence[RowValues]) -> tuple[Draft | None, list[Complaint]]:
        """A signal with who told it, where the journal says so."""
        said, line = {**self._defaults, **rows[0].message}, rows[0].row.line
        people, found = self._checked(self._people(rows, said, unnamed=True), line)
        named = said.get("operation_id")
        reporter = {part: said.get(f"reporter.{part}") for part in ("name", "phone", "relation")}
        values: dict[str, Any] = {
            name: value for name, value in said.items() if name in SignalDraft.model_fields and value is not None
        }
        values |= {"persons": people, **_some(reporter=_some(**reporter) or None)}
        values |= _some(told_at=_instant(said.get("told_on"), said.get("told_at"), self._profile.zone))
        try:
            draft = SignalDraft.model_validate({"operation_id": _NOT_YET, **values})
        except ValidationError as error:
            faults = [self._parser.complaint(b.code, str(b.path[0]), line, b.severity) for b in shape_breaches(error)]
            return None, [*found, *faults]
        if not named:
            content = draft.model_dump(mode="json", exclude_defaults=True, exclude={"operation_id"})
            derived = derived_id(self._defaults.get("sender_ogrn", ""), content)
            draft = draft.model_copy(update={"operation_id": derived})
        if self._seen.add(draft.operation_id):
            found.append(self._parser.complaint("row_repeated", "operation_id", line, Severity.WARNING))
        return draft, found


def _instant(day: object, clock: object, zone: timezone) -> datetime | None:
    if not isinstance(day, date):
        return None
    hour, minute = map(int, clock.split(":")) if isinstance(clock, str) else (0, 0)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def _some(**fields: object) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
