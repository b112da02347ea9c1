"""One record of an XML document: the element, checked by the XSD and the rules of form, as a draft or as complaints."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from lxml import etree
from pydantic import ValidationError

from adapters.limits import Limits
from adapters.losses import Loss, class_defaults
from adapters.paths import Path
from adapters.report import Record, Severity
from adapters.rules import Breach, breaches, shape_breaches
from adapters.texts import text_breaches
from adapters.xml.complaints import RecordComplaints
from adapters.xml.fill import Odd, fill, nearest
from adapters.xml.guard import shown
from adapters.xml.losses import is_literal, record_losses
from adapters.xml.mapping import (
    NAME_PARTS,
    PERSON_ELEMENTS,
    PERSON_KINDS,
    RECORD,
    RECORD_PLAN,
    element_of,
    qualified,
)
from adapters.xml.schema import schema_complaints
from adapters.xml.tree import line_of, local_name
from schemas.messages import MessageDraft


class RecordReader:
    """Reads one record element into a draft."""

    def __init__(self, element: etree._Element, number: int, limits: Limits) -> None:
        self._element = element
        self._number = number
        self._line = line_of(element)
        self._complaints = RecordComplaints(number, limits)

    def read(self) -> Record:
        """The record: a draft, or the complaints that keep it out."""
        element = self._element
        if element.tag != qualified(RECORD):
            unknown = shown(local_name(element))
            self._complaints.add("element_not_expected", unknown, self._line, expected=RECORD)
            return self._record(None)
        if element.getparent() is not None and "Id" in element.attrib:
            self._complaints.add("id_only_on_root", f"{RECORD}/@Id", self._line)
        self._complaints.extend(schema_complaints(element, self._number))
        odd = Odd()
        try:
            message, literal = self._message(odd)
            draft = MessageDraft.model_validate(message)
        except ValidationError as error:
            if not self._complaints.has_errors:  # otherwise the schema has said it already, and better
                self._take(shape_breaches(error))
            return self._record(None)
        self._take(chain(breaches(draft), text_breaches(draft)))
        for unseen, code in odd.unseen:  # after the rules, which tell of no element of which something is told already
            self._complaints.add(code, local_name(unseen), line_of(unseen, self._line), Severity.WARNING)
        return self._record(draft, literal=literal and is_literal(element, message, draft))

    def _message(self, odd: Odd) -> tuple[dict[str, Any], bool]:
        """Its values, and whether they stand so in the record; `odd` takes what does not."""
        message = fill(self._element, RECORD_PLAN, odd, {"persons": []})
        for dated in odd.zoned:
            self._complaints.add("zone_dropped", local_name(dated), line_of(dated, self._line), Severity.WARNING)
        joined = [_join_name(person) for person in message["persons"]]
        return message, not odd.any and not any(joined)

    def _take(self, found: Iterable[Breach]) -> None:
        told = self._complaints.told()
        for breach in found:
            line = self._nearest_line(breach.path)
            self._complaints.unless_told(told, breach.code, self._place(breach.path), line, breach.severity)

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
        return line_of(nearest(self._element, RECORD_PLAN, path), self._line)

    def _record(self, draft: MessageDraft | None, *, literal: bool = False) -> Record:
        if draft is None or self._complaints.has_errors:
            return Record(self._number, self._line, None, self._complaints.kept())
        losses = [] if literal else [*record_losses(self._element, RECORD_PLAN, draft, self._number)]
        losses += [Loss("from_class", self._place(path), self._line, self._number) for path in class_defaults(draft)]
        return Record(self._number, self._line, draft, self._complaints.kept(), losses=tuple(losses))


def _join_name(person: dict[str, Any]) -> bool:
    """Whether there were parts to join."""
    identity = person.get("identity", {})
    parts = [identity.pop(name) for name in NAME_PARTS if name in identity]
    if parts:
        identity["full_name"] = " ".join(filter(None, parts))
    return bool(parts)
