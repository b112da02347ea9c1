"""One answer from the texts of its fields, whichever file they came from; and what keeps it out."""

from __future__ import annotations

import csv
import functools
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Final

from pydantic import ValidationError

from adapters.report import Complaint, Severity
from schemas.answers import AnswerDraft, answer_event

NAMESPACE: Final = uuid.UUID("b8e0f2c4-6a55-5a0e-8f0d-6d3c1f2a9b77")
"""The name space of derived identifiers of answers (UUID version 5). It never changes: repeats are recognised by it."""


IDS: Final = frozenset({"operation_id", "delivery_id", "message_id"})


@dataclass(frozen=True, slots=True)
class AnswerField:
    """A field with its element in XML and its column in a table. `many`: several values."""

    field: str
    element: str
    heading: str
    also: tuple[str, ...]
    many: bool


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One answer of a file. `draft` is None when an error keeps it out."""

    number: int
    line: int
    draft: AnswerDraft | None
    complaints: tuple[Complaint, ...] = ()

    def refuse(self, code: str, params: Mapping[str, str | int]) -> AnswerRecord:
        """The same record kept out by those who took it on."""
        complaint = Complaint(code, Severity.ERROR, "", self.line, self.number, dict(params))
        return replace(self, draft=None, complaints=(*self.complaints, complaint))


@functools.cache
def answer_fields() -> tuple[AnswerField, ...]:
    """The table of fields, in the order of the published columns."""
    text = resources.files("adapters.answers").joinpath("columns.csv").read_text("utf-8")
    return tuple(
        AnswerField(row["field"], row["element"], row["heading"], tuple(row["also"].split("|")), row["many"] == "yes")
        for row in csv.DictReader(text.splitlines())
    )


def make_record(
    values: Mapping[str, str | Sequence[str]],
    places: Mapping[str, str],
    number: int,
    line: int,
    complaints: Sequence[Complaint] = (),
) -> AnswerRecord:
    """The record of these values; `places` are the words by which the file itself calls a field."""

    def wrong(code: str, field: str, **params: str | int) -> AnswerRecord:
        found = Complaint(code, Severity.ERROR, places.get(field, ""), line, number, params)
        return AnswerRecord(number, line, None, (*complaints, found))

    if any(complaint.severity is Severity.ERROR for complaint in complaints):
        return AnswerRecord(number, line, None, tuple(complaints))
    given = {
        name: value.lower() if name in IDS and isinstance(value, str) else value
        for name, value in values.items()
        if value
    }
    if "delivery_id" not in given and "message_id" not in given:
        return wrong("answer_about_nothing", "delivery_id")
    if "event" not in given:
        return wrong("answer_event_missing", "event")
    event = answer_event(str(given["event"]))
    if event is None:
        return wrong("answer_event_unknown", "event")
    given["event"] = event
    given.setdefault("operation_id", derived_id(given))
    try:
        return AnswerRecord(number, line, AnswerDraft.model_validate(given), tuple(complaints))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return wrong("answer_field_invalid", str(first["loc"][0]))


def derived_id(values: Mapping[str, object]) -> str:
    """The identifier of an answer that brought none: the same content is the same answer."""
    canonical = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return str(uuid.uuid5(NAMESPACE, canonical))
