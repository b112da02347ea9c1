"""The sections of a case summary and of a message: typed content, one data category each.

`schemas/data/sections.csv` and `message_sections.csv` are the tables of fields: category and label. The classes
below give them types; how a field is masked is the pack's. `check_tables` runs at start: a field without a row, or a row
without a field, stops the product.
Dates are ISO 8601 text (`PartialDate` may be a month, for an unborn child). A field left out was not recorded.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from schemas import categories as c
from schemas.ids import Category
from schemas.model import Model

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,49}$")]


def _is_a_day(text: str) -> str:
    """The calendar has it: the pattern alone would let 30 February through, which no other system takes."""
    try:
        date.fromisoformat(text if len(text) > len("2026-03") else f"{text}-01")
    except ValueError:
        raise PydanticCustomError("date_impossible", "no such day in the calendar") from None
    return text


PartialDate = Annotated[
    str,
    StringConstraints(pattern=r"^[12][0-9]{3}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$"),
    AfterValidator(_is_a_day),
]
Snils = Annotated[str, StringConstraints(pattern=r"^[0-9]{11}$")]


class Section(Model):
    """Content of one category about one subject (or about siblings together)."""


# --- parts -----------------------------------------------------------------------------------------------------------


class Document(Model):
    """An identity document; `system` names the code list that `type` is taken from (the same code differs by list)."""

    system: Code
    type: Line
    series: Line | None = None
    number: Line
    issued_on: date | None = None
    issuer: Line | None = None


class Phone(Model):
    number: Line
    whose: Line | None = None
    when: Line | None = None


class Address(Model):
    """`municipality` is what the mask keeps; `gar_id` is the ГАР object, `oktmo` 8 or 11 digits."""

    text: Text
    municipality: Line | None = None
    gar_id: Line | None = None
    oktmo: Annotated[str, StringConstraints(pattern=r"^[0-9]{8}([0-9]{3})?$")] | None = None


class Kinship(Model):
    """What a person is to the child, by a code of a list that is not ours; `system` names the list. It is kept as it is."""

    system: Code
    code: Line


class HouseholdMember(Model):
    role: Code
    age_band: Code | None = None
    lives_together: bool | None = None


class NearPerson(Model):
    role: Code
    supports_how: Line | None = None
    permission_to_contact: bool = False


class LegalStatus(Model):
    code: Code
    since: date | None = None
    document: Line | None = None


class RiskFact(Model):
    on: date
    source: Line
    words: Text


class Stage(Model):
    code: Code
    since: date


class TimerState(Model):
    timer: Code
    due_on: date
    state: Code


class Goal(Model):
    goal: Text
    state: Code


class Step(Model):
    who: Line
    what: Text
    by_when: date | None = None
    state: Code


class Service(Model):
    service: Line
    provider_kind: Code
    from_on: date | None = None
    to_on: date | None = None


class Review(Model):
    on: date
    dynamics: Code


class GuardianshipPosition(Model):
    code: Code
    on: date


class Outcome(Model):
    code: Code
    on: date


class CodedText(Model):
    code: Code
    text: Text | None = None


class Benefit(Model):
    benefit: Line
    state: Code


class Offence(Model):
    code: Code
    relevance: Line | None = None


# --- the fourteen sections of a summary ------------------------------------------------------------------------------


class Identity(Section):
    full_name: Line | None = None
    birth_date: PartialDate | None = None
    sex: Code | None = None


class Identifiers(Section):
    """`absent` (also in the two sections below): what the person is known not to have; a field left out is unknown."""

    snils: Snils | None = None
    document: Document | None = None
    absent: tuple[Code, ...] = ()


class Contact(Section):
    phones: tuple[Phone, ...] = ()
    safe_contact: Line | None = None
    absent: tuple[Code, ...] = ()


class Whereabouts(Section):
    address: Address | None = None
    registered: Address | None = None
    absent: tuple[Code, ...] = ()


class Family(Section):
    household: tuple[HouseholdMember, ...] = ()
    near_circle: tuple[NearPerson, ...] = ()
    kinship: Kinship | None = None


class LegalStatusSection(Section):
    legal_status: LegalStatus | None = None
    guardianship_form: Code | None = None


class Risk(Section):
    """`level` may be `not_used_in_this_practice`: some practices refuse levels on principle."""

    level: Code | None = None
    factors: tuple[Code, ...] = ()
    facts: tuple[RiskFact, ...] = ()


class Plan(Section):
    stage: Stage | None = None
    scenario: Code | None = None
    timers: tuple[TimerState, ...] = ()
    goals: tuple[Goal, ...] = ()
    steps: tuple[Step, ...] = ()
    services: tuple[Service, ...] = ()
    reviews: tuple[Review, ...] = ()
    position_of_guardianship: GuardianshipPosition | None = None
    outcome: Outcome | None = None


class Health(Section):
    conditions: tuple[Text, ...] = ()
    recommendations: tuple[Text, ...] = ()
    support_type: Code | None = None


class Psychology(Section):
    """`immediate_risk` is one sentence that a responder must know; it is all that a masked section shows (rules 2.3)."""

    state: Text | None = None
    conclusion: Text | None = None
    immediate_risk: Text | None = None


class Education(Section):
    place: Line | None = None
    attendance: Code | None = None
    needs: tuple[Text, ...] = ()


class SocioEconomic(Section):
    income_and_work: CodedText | None = None
    housing: CodedText | None = None
    benefits: tuple[Benefit, ...] = ()
    documents_missing: tuple[Code, ...] = ()


class Offences(Section):
    record: Offence | None = None


class Adoption(Section):
    adoption: Text | None = None


SUMMARY_SECTIONS: Final[Mapping[Category, type[Section]]] = {
    c.IDENTITY: Identity,
    c.IDENTIFIERS: Identifiers,
    c.CONTACT: Contact,
    c.WHEREABOUTS: Whereabouts,
    c.FAMILY: Family,
    c.LEGAL_STATUS: LegalStatusSection,
    c.RISK: Risk,
    c.PLAN: Plan,
    c.HEALTH: Health,
    c.PSYCHOLOGY: Psychology,
    c.EDUCATION: Education,
    c.SOCIO_ECONOMIC: SocioEconomic,
    c.OFFENCES: Offences,
    c.ADOPTION: Adoption,
}


# --- what a message adds: the words of this message, not the history -------------------------------------------------


class MessageFamily(Family):
    """The ties of one person in a message. `role`: who it is to the child; a mask leaves such words (rules 2.3)."""

    role: Code | None = None


class MessageConcern(Risk):
    """Why this message is sent, and what of the assessment goes with it. `statement` is the words of this very message: a
    signal's facts are never masked away, because the mask on RSK hides the history of the case, not the message (rules 2.3).
    `family_aware`: whether the family knows of this message; who does not know it may warn somebody by a call."""

    concerns: tuple[Code, ...] = ()
    statement: Text | None = None
    observed_on: date | None = None
    family_aware: bool | None = None


class MessageRequest(Section):
    """What the sender asks the recipient to do, and what of the plan goes with it: `services` are asked for, `given` were
    rendered; `text` is what parties agreed on, or a commission ordered."""

    services: tuple[Code, ...] = ()
    requested_action: Text | None = None
    stage: Stage | None = None
    scenario: Code | None = None
    timers: tuple[TimerState, ...] = ()
    goals: tuple[Goal, ...] = ()
    steps: tuple[Step, ...] = ()
    given: tuple[Service, ...] = ()
    reviews: tuple[Review, ...] = ()
    position_of_guardianship: GuardianshipPosition | None = None
    outcome: Outcome | None = None
    text: Text | None = None


class Reporter(Section):
    """Who told of a signal by phone, on paper or in person: kept, and shown to nobody but a formal request (POL-REP-1)."""

    name: Line | None = None
    phone: Line | None = None
    relation: Line | None = None


MESSAGE_SECTIONS: Final[Mapping[Category, type[Section]]] = {
    **SUMMARY_SECTIONS,
    c.FAMILY: MessageFamily,
    c.RISK: MessageConcern,
    c.PLAN: MessageRequest,
    c.REPORTER: Reporter,
}


# --- the tables of fields --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One row of a table of fields: which category a field belongs to, what people call it, whom it is about."""

    category: Category
    field: str
    label_ru: str
    about: frozenset[str]


def _rows(name: str) -> tuple[FieldRow, ...]:
    text = resources.files("schemas").joinpath("data", name).read_text("utf-8")
    return tuple(
        FieldRow(Category(row["category"]), row["field"], row["label_ru"], frozenset(row["about"].split("|")))
        for row in csv.DictReader(text.splitlines())
    )


@functools.cache
def summary_fields() -> Mapping[Category, tuple[FieldRow, ...]]:
    """Rows of `sections.csv` by category, WRK included."""
    return _by_category(_rows("sections.csv"))


@functools.cache
def message_fields() -> Mapping[Category, tuple[FieldRow, ...]]:
    """Rows of `message_sections.csv` by category."""
    return _by_category(_rows("message_sections.csv"))


def _by_category(rows: tuple[FieldRow, ...]) -> Mapping[Category, tuple[FieldRow, ...]]:
    return {
        category: tuple(row for row in rows if row.category == category) for category in {row.category for row in rows}
    }


def check_tables() -> None:
    """Every field of every section has a row with its category, and every row has its field.

    Raises RuntimeError that names the first field without a twin (law 1 begins here: an unfiled field could not be ruled).
    """
    for title, sections, table in (
        ("sections.csv", SUMMARY_SECTIONS, summary_fields()),
        ("message_sections.csv", MESSAGE_SECTIONS, message_fields()),
    ):
        for category, section in sections.items():
            filed = {row.field for row in table.get(category, ())}
            typed = set(section.model_fields)
            if filed != typed:
                odd = ", ".join(sorted(filed ^ typed))
                msg = f"{title}: category {category} and class {section.__name__} differ in: {odd}"
                raise RuntimeError(msg)
