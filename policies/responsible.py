"""Who answers for what, as data of a pack: the owners of facts, who decides what is held, who may declare an emergency.

Pure data and look-ups. That a person really has a role, and an organisation really a relation, is the gateway's to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from pydantic import Field

from policies.files import PackFiles
from policies.rules import DecisionRule
from policies.ruling import Effect
from policies.tables import Tables, known
from schemas.messages import message_types
from schemas.model import Model

FILE: Final = "responsible.yaml"

Need = Literal["number", "on", "copy", "reasons", "value", "until", "organisations"]
"""What an owner must give: number and date of the document, the digest of its copy, reasons in words, and so on."""


class Owner(Model):
    """One owner of a fact.

    `holder`: the organisation whose file it is, by people of these roles. `related`: an organisation of these kinds with
    a recorded relation to the case. `body`: an organisation of these kinds for any child it can name.
    """

    capacity: Literal["holder", "related", "body"] = Field(alias="as")
    roles: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()


class Review(Model):
    """Who looks at a fact again, and the timer of the pack that says by when."""

    role: str
    timer: str


class FactRow(Model):
    """One fact that may be recorded. `values`: what it may say, the weightiest first, and the kinds of organisation that
    each may be said of (none listed: of any). `names_itself`: the fact names the organisation that records it."""

    title_ru: str
    about: Literal["subject", "child", "parent"]
    owners: tuple[Owner, ...]
    values: Mapping[str, tuple[str, ...]] = {}
    names_itself: bool = False
    end_by: Literal["owner", "two"]
    review: Review | None = None


class HoldRow(Model):
    """Who decides what a rule holds: the roles one after the other, and how many people must agree."""

    chain: tuple[str, ...]
    persons: int = 1


class HoldBook(Model):
    """Holds: the term of each step, how long a yes counts, and who decides by rule. `neutral` is the reason that the
    requester reads of every refusal where the rule is quiet."""

    timer: str
    valid: str
    default: HoldRow
    rules: Mapping[str, HoldRow] = {}
    reasons: Mapping[str, str]
    neutral: str

    def row(self, rule: str) -> HoldRow:
        """Who decides what this rule holds."""
        return self.rules.get(rule, self.default)


class EmergencyRow(Model):
    """The purpose that a declared emergency opens, for how long, who reviews it by when, and how many characters at least
    must say what the threat is."""

    purpose: str
    open: str
    review: str
    reviewer: str
    least_words: int


class ExportRow(Model):
    """Files of single cases and threads: `most` of them in `hours`, by which rule no more; whom of its organisation one tells
    that they are all taken."""

    rule: str
    most: int = Field(ge=1)
    hours: int = Field(ge=1)
    told: str


class Responsible(Model):
    """The whole file. `longest_consent` is the timer of the longest term of a consent that has none of its own, `recall` the
    one by which an earlier recipient erases what a withdrawn consent had given. What is released in `consent_lane` rests on
    a consent, whatever else may be on file; in the other lanes it rests on a norm."""

    consent_lane: str
    longest_consent: str
    recall: str
    unaccepted: str | None = None
    """After which term a message by consent that nobody accepted ends, and its sections are removed."""
    operator_number: bool = False
    """Whether nobody takes part before the supervisor has it in the register of operators."""
    facts: Mapping[str, FactRow] = {}
    orders: Mapping[str, str] = {}
    """Types of messages that bring a fact, each with the fact that it sets and ends."""
    holds: HoldBook
    emergency: EmergencyRow | None = None
    exports: ExportRow


def read_responsible(files: PackFiles, tables: Tables, rules: Mapping[str, DecisionRule]) -> Responsible:
    """The file, checked against the pack. Raises Broken for an unknown kind, timer, purpose, or a rule that never holds."""
    book = files.document(FILE, Responsible)
    kinds = {row.organisation_kind for row in tables.organisation_kinds}
    for name, fact in book.facts.items():
        place = f"facts, {name}"
        for codes in (*(owner.kinds for owner in fact.owners), *fact.values.values()):
            known(codes, kinds, "organisation kind", FILE, place)
        _timers((fact.review.timer,) if fact.review else (), tables, place)
    terms = filter(None, (book.longest_consent, book.recall, book.unaccepted))
    _timers(terms, tables, "longest_consent, recall, unaccepted")
    _timers((book.holds.timer, book.holds.valid), tables, "holds")
    known(book.orders, message_types(), "message type", FILE, "orders")
    known(book.orders.values(), book.facts, "fact", FILE, "orders")
    holding = {rule.rule for rule in rules.values() if rule.effect is Effect.HOLD}
    known(book.holds.rules, holding, "rule", FILE, "holds")
    known((book.holds.neutral,), book.holds.reasons, "reason", FILE, "holds")
    known((book.consent_lane,), tables.lanes, "lane", FILE, "consent_lane")
    if book.emergency is not None:
        _timers((book.emergency.open, book.emergency.review), tables, "emergency")
        known((book.emergency.purpose,), tables.purposes, "purpose", FILE, "emergency")
    return book


def _timers(codes: Iterable[str], tables: Tables, place: str) -> None:
    known(codes, tables.timers, "timer", FILE, place)
