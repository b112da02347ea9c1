"""What a ruling obliges to: codes attached by the rows of the pack (rules 3.5 and 3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from policies.facts_view import value_at
from policies.files import PackFiles
from policies.rules import DecisionRule
from policies.ruling import Effect
from policies.tables import Tables, known
from schemas.model import Model

FILE: Final = "obligations.yaml"

Scalar = str | bool | int


class Bounds(Model):
    """A number between two others, both included."""

    min: int | None = None
    max: int | None = None


class ObligationCode(Model):
    """A code, its words, the rule it rests on, and whom it concerns. What concerns the holder alone is never shown to
    the requester: it could tell what a quiet rule keeps. `timer` runs for whom it concerns: from the decision, or, where
    it `starts` when delivered, from the delivery of the message; where it `ends` so, the delivery is what was owed."""

    title_ru: str
    concerns: Literal["holder", "recipient", "both"]
    rule: str
    timer: str | None = None
    starts: Literal["now", "delivered"] = "now"
    ends: Literal["delivered"] | None = None
    in_words: bool = True
    """Whether people are told it: what the gateway itself does, they need not read."""


class ObligationRow(Model):
    """When codes are attached to a category. Of the rows of one `choice` the first that fits is taken."""

    codes: tuple[str, ...]
    effects: tuple[Effect, ...] = ()
    classes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    when: Mapping[str, Scalar | tuple[Scalar, ...] | Bounds] = {}
    choice: str = ""
    reason: str = ""

    def concerns(self, view: Mapping[str, Any]) -> bool:
        """Whether the facts of the request are those that this row speaks about."""
        return all(_meets(value_at(view, path), wanted) for path, wanted in self.when.items())

    def fits(self, effect: Effect, classes: Iterable[str], rule: str) -> bool:
        """Whether this row attaches its codes to a category of these classes ruled so."""
        return (
            (not self.effects or effect in self.effects)
            and (not self.classes or any(group in self.classes for group in classes))
            and (not self.rules or rule in self.rules)
        )


class ObligationBook(Model):
    """The whole table."""

    codes: Mapping[str, ObligationCode]
    rows: tuple[ObligationRow, ...]

    def concerning(self, view: Mapping[str, Any]) -> tuple[ObligationRow, ...]:
        """The rows that speak about a request with these facts."""
        return tuple(row for row in self.rows if row.concerns(view))


@dataclass(frozen=True, slots=True)
class Attached:
    """Codes of one category in the order of the pack, and the reasons of those that were chosen among alternatives."""

    codes: tuple[str, ...]
    reasons: Mapping[str, str]


def attach(rows: Iterable[ObligationRow], effect: Effect, classes: Iterable[str], rule: str) -> Attached:
    """The obligations of one category that was ruled `effect` by `rule`, from the rows concerning its request."""
    codes: dict[str, None] = {}
    reasons: dict[str, str] = {}
    chosen: set[str] = set()
    for row in rows:
        if row.choice in chosen or not row.fits(effect, classes, rule):
            continue
        codes.update(dict.fromkeys(row.codes))
        if row.choice:
            chosen.add(row.choice)
        if row.reason:
            reasons.update(dict.fromkeys(row.codes, row.reason))
    return Attached(tuple(codes), reasons)


def read_obligations(
    files: PackFiles, tables: Tables, rules: Mapping[str, DecisionRule], statements: Mapping[str, Any]
) -> ObligationBook:
    """The table of obligations. Raises Broken for a code, class or rule that the pack does not have."""
    book = files.document(FILE, ObligationBook)
    for name, code in book.codes.items():
        known((code.rule,), statements, "rule", FILE, name)
        known((code.timer,) if code.timer else (), tables.timers, "timer", FILE, name)
    classes = {group for row in tables.categories.values() for group in row.classes}
    deciding = {rule.rule for rule in rules.values()}
    for number, row in enumerate(book.rows, 1):
        place = f"rows, {number}"
        known(row.codes, book.codes, "code", FILE, place)
        known(row.classes, classes, "class", FILE, place)
        known(row.rules, deciding, "rule", FILE, place)
        for path, wanted in row.when.items():
            _check_codes(path, wanted, tables, place)
    return book


def _check_codes(path: str, wanted: Scalar | tuple[Scalar, ...] | Bounds, tables: Tables, place: str) -> None:
    allowed: Mapping[str, tuple[str, Iterable[str]]] = {
        "purpose": ("purpose", tables.purposes),
        "lane": ("lane", tables.lanes),
        "org": ("kind", tables.kinds),
        "source": ("kind", tables.kinds),
        "trigger": ("trigger", tables.routes),
    }
    if path in allowed and not isinstance(wanted, Bounds):
        what, table = allowed[path]
        codes = wanted if isinstance(wanted, tuple) else (wanted,)
        known((str(code) for code in codes), table, what, FILE, place)


def _meets(value: Any, wanted: Scalar | tuple[Scalar, ...] | Bounds) -> bool:  # noqa: ANN401 - a plain value of any shape
    if value is None:
        return False
    if isinstance(wanted, Bounds):
        return (wanted.min is None or value >= wanted.min) and (wanted.max is None or value <= wanted.max)
    allowed = wanted if isinstance(wanted, tuple) else (wanted,)
    return any(item in allowed for item in value) if isinstance(value, list) else value in allowed
