"""One record of an XML document: the element, checked by the XSD and the rules of form, as a draft or as complaints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree
from pydantic import ValidationError

from adapters.limits import Limits
from adapters.paths import Path, put
from adapters.report import Complaint, Record, Severity
from adapters.rules import Breach, breaches, shape_breaches
from adapters.xml.guard import shown
from adapters.xml.mapping import (
    BODY_TAGS,
    GROUP_TAGS,
    HEADER,
    HEADER_TAGS,
    NAME_PARTS,
    PERSON_ELEMENTS,
    PERSON_KINDS,
    PERSON_TAGS,
    RECORD,
    Leaf,
    Part,
    element_of,
    qualified,
)
from adapters.xml.schema import schema_complaints
from adapters.xml.tree import line_of, local_name, text_of
from schemas.messages import MessageDraft

_ZONED_DATE: Final = re.compile(r"^(\d{4}-\d{2}(?:-\d{2})?)(?:Z|[+\-]\d{2}:\d{2})$")


_HEADER: Final = qualified(HEADER)
_PERSON_KINDS: Final = {qualified(name): kind for name, kind in PERSON_KINDS.items()}
_NAMES: Final = frozenset(map(qualified, NAME_PARTS))


class RecordReader:
    """Reads one record element into a draft, remembering which element each field came from."""

    def __init__(self, element: etree._Element, number: int, limits: Limits) -> None:
        self._element = element
        self._number = number
        self._limits = limits
        self._line = line_of(element)
        self._elements: dict[Path, etree._Element] = {}
        self._complaints: list[Complaint] = []

    def read(self) -> Record:
        """The record: a draft, or the complaints that keep it out."""
        element = self._element
        if element.tag != qualified(RECORD):
            unknown = shown(local_name(element))
            self._complain("element_not_expected", unknown, self._line, expected=RECORD)
            return self._record(None)
        if element.getparent() is not None and "Id" in element.attrib:
            self._complain("id_only_on_root", f"{RECORD}/@Id", self._line)
        self._complaints.extend(schema_complaints(element, self._number))
        try:
            draft = MessageDraft.model_validate(self._message())
        except ValidationError as error:
            if not self._has_errors():  # otherwise the schema has said it already, and better
                self._take(shape_breaches(error))
            return self._record(None)
        self._take(breaches(draft))
        return self._record(draft)

    def _message(self) -> dict[str, object]:
        message: dict[str, object] = {}
        persons: list[dict[str, object]] = []
        for child in self._element:
            if child.tag == _HEADER:
                self._fill(message, child, HEADER_TAGS, ())
            elif kind := _PERSON_KINDS.get(str(child.tag)):
                person: dict[str, object] = {"kind": kind}
                at: Path = ("persons", len(persons))
                self._elements[at] = child
                self._fill(person, child, PERSON_TAGS, at)
                self._join_name(person, child, at)
                persons.append(person)
        self._fill(message, self._element, BODY_TAGS, ())
        message["persons"] = persons
        return message

    def _fill(self, target: dict[str, object], parent: etree._Element, parts: Mapping[str, Part], at: Path) -> None:
        repeated: dict[Path, list[object]] = {}
        for element in parent:
            part = parts.get(str(element.tag))
            if part is None:
                continue
            where = at + part.path
            self._elements.setdefault(where, element)
            value: object
            if isinstance(part, Leaf):
                value = self._text(element, part)
            else:
                inner: dict[str, object] = {}
                self._fill(inner, element, GROUP_TAGS[part.element], where)
                value = inner
            if part.many:
                repeated.setdefault(part.path, []).append(value)
                value = repeated[part.path]
            put(target, part.path, value)

    def _join_name(self, person: dict[str, object], element: etree._Element, at: Path) -> None:
        names = [text_of(part) for part in element if part.tag in _NAMES]
        if names:
            put(person, ("identity", "full_name"), " ".join(filter(None, names)))
            self._elements[(*at, "identity", "full_name")] = element

    def _text(self, element: etree._Element, leaf: Leaf) -> str:
        text = text_of(element)
        if leaf.is_date and (zoned := _ZONED_DATE.match(text)):
            self._complain("zone_dropped", leaf.element, line_of(element, self._line), Severity.WARNING)
            return zoned[1]
        return text

    def _take(self, found: Iterator[Breach]) -> None:
        # What the schema has told about an element, better than a rule of form could, is not told twice.
        told = {(complaint.line, complaint.place.rpartition("/")[2]) for complaint in self._complaints}
        for breach in found:
            place, line = self._place(breach.path), self._nearest_line(breach.path)
            if (line, place.rpartition("/")[2]) not in told:
                self._complain(breach.code, place, line, breach.severity)

    def _place(self, path: Path) -> str:
        name = element_of(path)
        if path[:1] != ("persons",) or len(path) < 2:  # noqa: PLR2004 - ("persons", index, …)
            return name or RECORD
        kinds = [PERSON_KINDS[kind] for child in self._element if (kind := local_name(child)) in PERSON_KINDS]
        index = int(path[1])
        if index >= len(kinds):
            return "Child"
        owner = f"{PERSON_ELEMENTS[kinds[index]]}[{kinds[: index + 1].count(kinds[index])}]"
        return f"{owner}/{name}" if name else owner

    def _nearest_line(self, path: Path) -> int:
        for length in range(len(path), 0, -1):
            if (element := self._elements.get(path[:length])) is not None:
                return line_of(element, self._line)
        return self._line

    def _complain(
        self, code: str, place: str, line: int, severity: Severity = Severity.ERROR, **params: str | int
    ) -> None:
        self._complaints.append(Complaint(code, severity, place, line, self._number, params))

    def _has_errors(self) -> bool:
        return any(complaint.severity is Severity.ERROR for complaint in self._complaints)

    def _record(self, draft: MessageDraft | None) -> Record:
        kept = tuple(self._complaints[: self._limits.max_complaints])
        return Record(self._number, self._line, None if self._has_errors() else draft, kept)
