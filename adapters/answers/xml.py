"""Answers as XML: `Answers` with several `Answer`, or one `Answer` alone, streamed. Each record stands or falls by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from lxml import etree

from adapters.answer_records import AnswerFault, answer_draft
from adapters.answers.elements import answer_plan, elements
from adapters.limits import DEFAULT_LIMITS, Limits, refuse_large
from adapters.losses import Loss
from adapters.report import Record
from adapters.xml.complaints import RecordComplaints
from adapters.xml.guard import root_of, shown
from adapters.xml.losses import record_losses
from adapters.xml.mapping import ANSWER, ANSWERS, NAMESPACE, qualified
from adapters.xml.stream import record_elements
from adapters.xml.tree import line_of, local_name, text_of
from schemas.answers import AnswerDraft
from schemas.errors import DocumentRejected

_TRANSLATED: Final = frozenset({"value_respelt", "letter_case"})


def is_answers(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether the root is that of answers. Raises DocumentRejected for what stands before it."""
    return root_of(stream, limits) in {qualified(ANSWERS), qualified(ANSWER)}


def read_answers(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Iterator[Record]:
    """The answers of a document, in order.

    Raises DocumentRejected for a document that cannot be read as a whole, also in the middle of it.
    """
    refuse_large(stream, limits)
    for number, element in enumerate(_elements(stream, limits), start=1):
        if number > limits.max_records:
            raise DocumentRejected("document_too_many_records", limit=limits.max_records)
        yield _Reader(element, number, limits).read()


def _elements(stream: BinaryIO, limits: Limits) -> Iterator[etree._Element]:
    try:
        yield from record_elements(stream, limits, _check_root)
    except DocumentRejected as found:
        if found.code != "document_without_records":
            raise
        raise DocumentRejected("answers_empty") from None


def _check_root(root: str) -> str | None:
    if root == qualified(ANSWERS):
        return qualified(ANSWER)
    if root == qualified(ANSWER):
        return None
    raise DocumentRejected("answers_root_unknown", root=shown(root.rpartition("}")[2]), namespace=NAMESPACE)


class _Reader:
    """Reads one element. What nobody knows, or stands twice, is a complaint: nothing that a partner says goes unheard."""

    def __init__(self, element: etree._Element, number: int, limits: Limits) -> None:
        self._element, self._number, self._limits = element, number, limits
        self._line = line_of(element)
        self._complaints = RecordComplaints(number, limits)

    def read(self) -> Record:
        """The answer, or the complaints that keep it out."""
        element = self._element
        if element.tag != qualified(ANSWER):
            self._complaints.add("answer_element_unknown", shown(local_name(element)), self._line)
            return self._record(None)
        if element.getparent() is not None and "Id" in element.attrib:
            self._complaints.add("id_only_on_root", f"{ANSWER}/@Id", self._line)
        values = self._values()
        if self._complaints.has_errors:
            return self._record(None)
        try:
            draft = answer_draft(values)
        except AnswerFault as fault:
            self._complaints.add(fault.code, elements()[fault.field], self._line)
            return self._record(None)
        return self._record(draft, tuple(self._losses(draft, values)))

    def _values(self) -> dict[str, str | list[str]]:
        values: dict[str, str | list[str]] = {}
        if any(text and text.strip() for text in (self._element.text, *(child.tail for child in self._element))):
            self._complaints.add("answer_text_beside", ANSWER, self._line)
        for child in self._element:
            code = self._take(child, values)
            if code is not None:
                self._complaints.add(code, shown(local_name(child)), line_of(child, self._line))
        return values

    def _take(self, child: etree._Element, values: dict[str, str | list[str]]) -> str | None:
        """The rule that this element breaks; its value goes into `values`."""
        step = answer_plan().get(str(child.tag))
        if step is None or len(child):
            return "answer_element_unknown"
        (name,), text = step.path, text_of(child)
        if name in values and not step.many:
            return "answer_element_repeated"
        if len(text) > self._limits.max_cell:
            return "answer_field_invalid"
        if step.many:
            values[name] = [*values.get(name, ()), text]
        else:
            values[name] = text
        return None

    def _losses(self, draft: AnswerDraft, values: dict[str, str | list[str]]) -> Iterator[Loss]:
        event = elements()["event"]
        for loss in record_losses(self._element, answer_plan(), draft, self._number):
            is_event = loss.place == event and loss.code in _TRANSLATED
            yield loss._replace(code="code_translated") if is_event else loss
        if not values.get("operation_id"):
            yield Loss("identifier_derived", elements()["operation_id"], self._line, self._number)

    def _record(self, draft: AnswerDraft | None, losses: tuple[Loss, ...] = ()) -> Record:
        return Record(self._number, self._line, draft, self._complaints.kept(), losses=losses)
