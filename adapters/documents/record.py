"""One record of a canonical document: the element, checked by the XSD, its class and the rules of form, or complaints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree
from pydantic import BaseModel, ValidationError

from adapters.documents.findings import schema_complaints
from adapters.documents.rules import breaches_of
from adapters.documents.shape import Shape, place_of, plan_of, qualified, shape_of
from adapters.documents.simple import Simple
from adapters.limits import Limits
from adapters.losses import Loss, class_defaults
from adapters.paths import Path
from adapters.report import Complaint, Record, Severity
from adapters.rules import Breach, shape_breaches
from adapters.xml.complaints import RecordComplaints
from adapters.xml.fill import Odd, ancestors, fill, nearest
from adapters.xml.guard import shown
from adapters.xml.losses import is_literal, record_losses
from adapters.xml.tree import line_of, local_name
from schemas.authority import AuthorityDraft
from schemas.documents import DocumentKind
from schemas.messages import MessageDraft
from schemas.summary import ConsentDraft, SummaryDraft


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One record. `value` is None when an error keeps it out; warnings may stand beside a value."""

    number: int
    line: int
    kind: DocumentKind
    value: BaseModel | None
    complaints: tuple[Complaint, ...] = ()
    losses: tuple[Loss, ...] = ()

    def as_record(self) -> Record:
        """The same for who takes files of messages, summaries, consents and authorities; the rest is kept out."""
        if self.value is None or isinstance(self.value, MessageDraft | SummaryDraft | ConsentDraft | AuthorityDraft):
            return Record(self.number, self.line, self.value, self.complaints, losses=self.losses)
        elsewhere = Complaint("document_elsewhere", Severity.ERROR, self.kind.root, self.line, self.number)
        return Record(self.number, self.line, None, (*self.complaints, elsewhere))


class DocumentReader:
    """Reads one element."""

    def __init__(self, element: etree._Element, kind: DocumentKind, number: int, limits: Limits) -> None:
        self._element = element
        self._kind = kind
        self._number = number
        self._line = line_of(element)
        self._complaints = RecordComplaints(number, limits)

    def read(self) -> DocumentRecord:
        """The record: its value, or the complaints that keep it out."""
        element, kind = self._element, self._kind
        if element.tag != qualified(kind.root):
            self._complaints.add("element_not_expected", shown(local_name(element)), self._line, expected=kind.root)
            return self._record(None)
        if element.getparent() is not None and "Id" in element.attrib:
            self._complaints.add("id_only_on_root", f"{kind.root}/@Id", self._line)
        self._complaints.extend(schema_complaints(element, self._number))
        odd = Odd()
        values = fill(element, plan_of(kind.model), odd, {})
        for dated in odd.zoned:
            self._complaints.add("zone_dropped", self._place_of(dated), line_of(dated, self._line), Severity.WARNING)
        try:
            value = kind.model.model_validate(values)
        except ValidationError as error:
            if not self._complaints.has_errors:  # otherwise the schema has said it already, and better
                self._take(shape_breaches(error))
            return self._record(None)
        self._take(breaches_of(value))
        for unseen, code in odd.unseen:  # after the rules, which tell of no element of which something is told already
            self._complaints.add(code, self._place_of(unseen), line_of(unseen, self._line), Severity.WARNING)
        return self._record(value, literal=not odd.any and is_literal(element, values, value))

    def _take(self, found: Iterable[Breach]) -> None:
        told = self._complaints.told()
        for breach in found:
            place = place_of(self._kind, breach.path) or self._kind.root
            self._complaints.unless_told(told, breach.code, place, self._nearest_line(breach.path), breach.severity)

    def _nearest_line(self, path: Path) -> int:
        return line_of(nearest(self._element, plan_of(self._kind.model), path), self._line)

    def _place_of(self, element: etree._Element) -> str:
        shape: Shape | Simple = shape_of(self._kind.model)
        names = []
        for one in ancestors(element, self._element):
            assert isinstance(shape, Shape)  # the plan led here
            part = shape.by_tag[str(one.tag)]
            alike = 1 + sum(1 for _ in one.itersiblings(str(one.tag), preceding=True))
            names.append(f"{part.element}[{alike}]" if part.many else part.element)
            shape = part.of
        return "/".join(names)

    def _record(self, value: BaseModel | None, *, literal: bool = False) -> DocumentRecord:
        kept = self._complaints.kept()
        if value is None or self._complaints.has_errors:
            return DocumentRecord(self._number, self._line, self._kind, None, kept)
        plan = plan_of(self._kind.model)
        losses = [] if literal else [*record_losses(self._element, plan, value, self._number)]
        losses += [
            Loss("from_class", place_of(self._kind, path), self._nearest_line(path[:-1]), self._number)
            for path in class_defaults(value)
        ]
        return DocumentRecord(self._number, self._line, self._kind, value, kept, tuple(losses))
