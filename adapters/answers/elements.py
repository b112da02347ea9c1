"""Which element of an answer holds which field."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from adapters.xml.fill import Plan, Step
from adapters.xml.mapping import qualified


@dataclass(frozen=True, slots=True)
class AnswerField:
    """A field with its element. `many`: several values."""

    field: str
    element: str
    many: bool


@functools.cache
def answer_fields() -> tuple[AnswerField, ...]:
    """The table of fields, in the order of the published schema."""
    text = resources.files("adapters.answers").joinpath("elements.csv").read_text("utf-8")
    return tuple(
        AnswerField(row["field"], row["element"], row["many"] == "yes") for row in csv.DictReader(text.splitlines())
    )


@functools.cache
def elements() -> Mapping[str, str]:
    """Elements by field."""
    return {one.field: one.element for one in answer_fields()}


@functools.cache
def answer_plan() -> Plan:
    """The plan by which an answer is compared with what was made of it."""
    return {qualified(one.element): Step((one.field,), many=one.many) for one in answer_fields()}
