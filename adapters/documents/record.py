"""One record of a canonical document: the element, checked by the XSD, its class and the rules of form, or complaints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree
from pydantic import BaseModel, ValidationError

from adapters.documents.findings import schema_complaints
from adapters.documents.rules import breaches_of
from adapters.documents.shape import NIL, Part, Shape, place_of, qualified, shape_of
from adapters.documents.simple import DATE, PARTIAL_DATE
from adapters.limits import Limits
from adapters.paths import Path
from adapters.report import Complaint, Severity
from adapters.rules import Breach, shape_breaches
from adapters.xml.guard import shown
from adapters.xml.tree import line_of, local_name, text_of
from schemas.documents import DocumentKind

_ZONED: Final = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:Z|[+\-]\d{2}:\d{2})$")


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One record. `value` is None when an error keeps it out; warnings may stand beside a value."""

    number: int
    line: int
    kind: DocumentKind
    value: BaseModel | None
    complaints: tuple[Complaint, ...] = ()


class DocumentReader:
    """Reads one element, remembering on which line each field stood."""

    def __init__(self, element: etree._Element, kind: DocumentKind, number: int, limits: Limits) -> None:
        self._element = element
        self._kind = kind
        self._number = number
        self._limits = limits
        self._line = line_of(element)
        self._lines: dict[Path, int] = {}
        self._complaints: list[Complaint] = []

    def read(self) -> DocumentRecord:
        """The record: its value, or the complaints that keep it out."""
        element, kind = self._element, self._kind
        if element.tag != qualified(kind.root):
            self._complain("element_not_expected", shown(local_name(element)), self._line, expected=kind.root)
            return self._record(None)
        if element.getparent() is not None and "Id" in element.attrib:
            self._complain("id_only_on_root", f"{kind.root}/@Id", self._line)
        self._complaints.extend(schema_complaints(element, self._number))
        values = self._values(element, shape_of(kind.model), ())
        try:
            value = kind.model.model_validate(values)
        except ValidationError as error:
            if not self._has_errors():  # otherwise the schema has said it already, and better
                for breach in shape_breaches(error):
                    self._take(breach)
            return self._record(None)
        for breach in breaches_of(value):
            self._take(breach)
        return self._record(value)

    def _values(self, element: etree._Element, shape: Shape, at: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        for child in element:
            part = shape.by_tag.get(str(child.tag))
            if part is None:  # the schema complains of it
                continue
            before = found.get(part.field, ())
            several = list(before) if isinstance(before, list | tuple) else []
            where: Path = (*at, part.field, len(several)) if part.many else (*at, part.field)
            self._lines[where] = line_of(child, self._line)
            value = self._value(child, part, where)
            found[part.field] = [*several, value] if part.many else value
        return found

    def _value(self, element: etree._Element, part: Part, where: Path) -> object:
        if part.nillable and element.get(NIL) in {"true", "1"}:
            return None
        if isinstance(part.of, Shape):
            return self._values(element, part.of, where)
        text = text_of(element)
        if part.of.name in {DATE, PARTIAL_DATE} and (zoned := _ZONED.match(text)):
            self._complain("zone_dropped", place_of(self._kind, where), self._lines[where], Severity.WARNING)
            return zoned[1]
        return text

    def _take(self, breach: Breach) -> None:
        place = place_of(self._kind, breach.path) or self._kind.root
        # What the schema has told about an element, better than a rule of form could, is not told twice.
        line = self._nearest_line(breach.path)
        if (line, _last(place)) not in {(told.line, _last(told.place)) for told in self._complaints}:
            self._complain(breach.code, place, line, breach.severity)

    def _nearest_line(self, path: Path) -> int:
        for length in range(len(path), 0, -1):
            if (line := self._lines.get(path[:length])) is not None:
                return line
        return self._line

    def _complain(
        self, code: str, place: str, line: int, severity: Severity = Severity.ERROR, **params: str | int
    ) -> None:
        self._complaints.append(Complaint(code, severity, place, line, self._number, params))

    def _has_errors(self) -> bool:
        return any(complaint.severity is Severity.ERROR for complaint in self._complaints)

    def _record(self, value: BaseModel | None) -> DocumentRecord:
        kept = tuple(self._complaints[: self._limits.max_complaints])
        return DocumentRecord(self._number, self._line, self._kind, None if self._has_errors() else value, kept)


def _last(place: str) -> str:
    return place.rpartition("/")[2]
