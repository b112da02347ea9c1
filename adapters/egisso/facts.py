"""Facts of assignment as the table of ЕГИССО has them: values, their rules, the columns they stand in.

A fact is never overwritten: another event points to it by its UUID and says why it changes, ends or never should have been.
"""

from __future__ import annotations

import csv
import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from adapters.egisso.simple import Day, Name, Snils, Text20, Text500, Text1000, Uuid
from schemas.model import Model

FACT: Final = "Fact"
EVENTS: Final = (
    FACT,
    "AlterationBasedOnRecalculation",
    "AlterationBasedOnDeathOrMovingRecalculation",
    "AlterationBasedOnPreviousErrors",
    "TerminationBasedOnRecalculation",
    "TerminationBasedOnIneligibility",
    "TerminationBasedOnEndOfRight",
    "TerminationBasedOnEndOfValidityPeriod",
    "TerminationBasedOnRecipientRefusal",
    "DuplicatesInvalidation",
    "ErrorsInvalidation",
)
INVALIDATIONS: Final = frozenset({"DuplicatesInvalidation", "ErrorsInvalidation"})
REASON, CRITERIA = "Reason", "Criteria"
"""Rows that go on with the event above them: one more reason person, one more criterion of need."""

MONEY: Final = "01"
NEEDED_BY_FACT: Final = (
    "lmsz_id",
    "category_id",
    "onmsz",
    "recipient",
    "decided_on",
    "starts_on",
    "needs_counted",
    "form",
)

_EVENT: Final = "|".join(EVENTS)
Participant = Annotated[str, StringConstraints(pattern=r"^[A-HJ-NP-Z0-9]{4}\.[0-9]{6}$")]
"""A participant of ЕГИССО: letters too, without I and O."""

Measure = Annotated[str, StringConstraints(pattern="^(01|0[3-7]|383|796|778|744|9910|166)$")]
Money = Annotated[Decimal, Field(ge=0, lt=10**9, max_digits=11, decimal_places=2)]
Kinship = Annotated[
    str, StringConstraints(pattern="^[0-9]{7}$"), Field(json_schema_extra={"classifier": "egisso_kinship"})
]
"""Opaque: what the codes mean stands in a classifier of ЕГИССО."""


class IdentityDocument(Model):
    """All of a document or none of it."""

    type: Annotated[str, StringConstraints(pattern="^[0-9]{1,5}$")]
    series: Text20
    number: Text20
    issued_on: Day
    issuer: Text500


class FactPerson(Model):
    """Somebody in a fact."""

    snils: Snils
    surname: Name
    forename: Name
    patronymic: Name | None = None
    gender: Annotated[str, StringConstraints(pattern="^[MF]$")]
    birth_on: Day
    document: IdentityDocument | None = None

    @model_validator(mode="after")
    def _was_born_before(self) -> FactPerson:
        if self.document is not None and self.document.issued_on <= self.birth_on:
            code, field = "egisso_document_before_birth", "document.issued_on"
            raise ValueError(f"{code}:{field}")
        return self


class ReasonPerson(FactPerson):
    """Somebody because of whom it was assigned; the form of 42 columns has no kinship."""

    kinship: Kinship | None = None


class Criterion(Model):
    """A criterion of need: its code, its words, or both."""

    text: Text500 | None = None
    code: Annotated[str, StringConstraints(pattern="^[0-9]{1,10}$")] | None = None


class Assignment(Model):
    """One event: a row with the rows that go on with it."""

    event: Annotated[str, StringConstraints(pattern=f"^({_EVENT})$")]
    uuid: Uuid | None = None
    lmsz_id: Uuid | None = None
    category_id: Uuid | None = None
    onmsz: Participant | None = None
    lmsz_provider: Participant | None = None
    provider: Text20 | None = None
    recipient: FactPerson | None = None
    reasons: tuple[ReasonPerson, ...] = ()
    decided_on: Day | None = None
    starts_on: Day | None = None
    finishes_on: Day | None = None
    needs_counted: bool | None = None
    criteria: tuple[Criterion, ...] = ()
    form: Annotated[str, StringConstraints(pattern="^0[1-5]$")] | None = None
    amount: Money | None = None
    measure: Measure | None = None
    monetised: bool | None = None
    content: Text1000 | None = None
    comment: Text1000 | None = None
    equivalent: Money | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Assignment:
        if found := list(broken(self)):
            raise ValueError(" ".join(f"{code}:{field}" for field, code in found))
        return self


def broken(fact: Assignment) -> Iterator[tuple[str, str]]:
    """The fields that break a rule between fields, each with the rule."""
    if fact.event == FACT:
        for field in NEEDED_BY_FACT:
            if getattr(fact, field) is None:
                yield field, "value_missing"
        if fact.form == MONEY and fact.amount is None:
            yield "amount", "value_missing"
    elif fact.uuid is None:
        yield "uuid", "egisso_fact_unnamed"
    days = [(field, day) for field in ("decided_on", "starts_on", "finishes_on") if (day := getattr(fact, field))]
    for (_, before), (field, after) in itertools.pairwise(days):
        if after < before:
            yield field, "egisso_fact_dates"


class TableHead(Model):
    """Which form of the table: the one of 42 columns has no kinship."""

    columns: Literal[43, 42] = 43


# --- columns ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column: its heading, the field it holds as a path with dots, the kind of its cells."""

    heading: str
    field: str
    kind: str
    in_42: bool

    @functools.cached_property
    def path(self) -> tuple[str, ...]:
        """The steps of its field."""
        return tuple(self.field.split("."))


@functools.cache
def columns() -> tuple[Column, ...]:
    """All columns in their order."""
    text = resources.files(__package__).joinpath("columns.csv").read_text("utf-8")
    return tuple(
        Column(row["column"], row["field"], row["kind"], row["in_42"] == "yes")
        for row in csv.DictReader(text.splitlines())
    )


def columns_of(head: TableHead) -> tuple[Column, ...]:
    """The columns of one form of the table."""
    return tuple(column for column in columns() if column.in_42 or head.columns == len(columns()))
