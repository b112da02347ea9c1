"""The form of «Свой формат таблицы»: a table as the page carries it, what a person chose, and the profile that it makes.

The page carries headings and shapes, and a small sample as the person's own browser sent it: nothing of a table is kept here
between two requests.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import yaml
from pydantic import StringConstraints, ValidationError

from adapters.tables.overlay import NOT_KEPT, Overlay, load_overlay
from adapters.tables.profile import Column, Profile, built_in
from adapters.tables.propose import How, Proposed
from gateway.web.forms import Form
from schemas.errors import BadInput, RequestRejected
from schemas.model import Model

MOST_SAMPLE: Final = 70_000
"""Bytes of a sample that the page carries, so that it may be tried again without choosing it anew."""
MOST_COLUMNS: Final = 140
"""Columns that a form may ask about: browsers and the reader of forms have their limits."""
SHAPES: Final = 2
_GIVEN: Final = "sender_ogrn"
_Short = Annotated[str, StringConstraints(max_length=200, strip_whitespace=False)]


class Proposal(Model):
    """One column of the table: what it is called, what it probably is, how that is known, shapes of what stands below."""

    heading: _Short
    field: _Short = ""
    how: How
    shapes: tuple[_Short, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether no person need look at it."""
        return self.how in (How.EXACT, How.NOT_KEPT)

    @property
    def offered(self) -> str:
        """What is chosen where the person agrees."""
        return NOT_KEPT if self.how in (How.NOT_KEPT, How.UNKNOWN) else self.field


class Table(Model):
    """A table that was looked at."""

    base: str
    lines: tuple[int, ...]
    columns: tuple[Proposal, ...]
    sheet: int | None = None

    @property
    def profile(self) -> Profile:
        """What it is read by, apart from its own headings."""
        return built_in(self.base)


def table_of(found: Proposed, sheet: int | None) -> Table:
    """What was proposed, without anything that stands in a cell."""
    columns = tuple(
        Proposal(
            heading=one.heading,
            field=one.column.field if one.column else "",
            how=one.how,
            shapes=one.samples[:SHAPES],
        )
        for one in found.proposals
    )
    return Table(base=found.base.name, lines=found.lines, columns=columns, sheet=sheet)


def carried_table(form: Form) -> Table:
    """The table that the page carries. Raises RequestRejected (form_unreadable) for one that is not ours."""
    try:
        found = Table.model_validate_json(form.get("table"))
        _ = found.profile
    except (ValidationError, BadInput):
        raise RequestRejected("form_unreadable") from None
    return found


def carried_sample(form: Form) -> bytes:
    """The sample that the page carries; empty where it was too large."""
    try:
        return base64.b64decode(form.get("sample"), validate=True)
    except binascii.Error:
        raise RequestRejected("form_unreadable") from None


def carry(sample: bytes) -> str:
    """A small sample as a field of the page."""
    return base64.b64encode(sample).decode("ascii") if len(sample) <= MOST_SAMPLE else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A column with what a person chose for it: a field, «-» for a column that is not taken, nothing yet."""

    number: int
    proposal: Proposal
    chosen: str

    @property
    def name(self) -> str:
        """The field of the form."""
        return f"column-{self.number}"


def choices(table: Table, form: Form | None = None) -> list[Choice]:
    """Every column with what the form says; without one, with what is sure."""
    return [Choice(number, one, _chosen(table, number, one, form)) for number, one in enumerate(table.columns)]


def _chosen(table: Table, number: int, one: Proposal, form: Form | None) -> str:
    name = f"column-{number}"
    if form is None or number >= MOST_COLUMNS:
        return one.offered if one.is_sure else NOT_KEPT if number >= MOST_COLUMNS else ""
    said = form.get(name)
    return said if said == NOT_KEPT or said in table.profile.by_field else ""


def agreed(table: Table, form: Form) -> Form:
    """The form with every proposal taken where nothing was chosen yet."""
    taken = {one.chosen for one in choices(table, form)}
    said: dict[str, tuple[str, ...]] = {}
    for one in choices(table, form):
        offered = one.proposal.offered
        if not one.chosen and offered:
            said[one.name] = (NOT_KEPT if offered in taken - {NOT_KEPT} else offered,)
            taken.add(offered)
    return form.holding(said)


def defaultable(table: Table, found: list[Choice]) -> list[Column]:
    """Fields of a record as a whole that no column has: they may have one value for all rows."""
    chosen = {one.chosen for one in found}
    return [
        column
        for column in table.profile.columns
        if "." not in column.field and column.field not in chosen | {_GIVEN} and column.export
    ]


def missing(table: Table, found: list[Choice], defaults: Mapping[str, str]) -> list[Column]:
    """Fields that a table needs and neither a column nor a default has."""
    profile = table.profile
    present = {one.chosen for one in found} | set(defaults) | set(profile.defaults) | {_GIVEN}
    return [profile.by_field[group[0]] for group in profile.required if not present.intersection(group)]


def defaults_of(table: Table, form: Form) -> dict[str, str]:
    """Values for all rows."""
    columns = defaultable(table, choices(table, form))
    return {column.field: said for column in columns if (said := form.get(f"default-{column.field}"))}


def mistakes(table: Table, form: Form) -> dict[str, str]:
    """What must be answered before the profile can be tried or kept: the field of the form, and the words to say."""
    found = choices(table, form)
    often = Counter(one.chosen for one in found if one.chosen not in {"", NOT_KEPT})
    wrong = {one.name: "web_mapping.choose_field" for one in found if not one.chosen}
    wrong |= {one.name: "web_mapping.field_twice" for one in found if often[one.chosen] > 1}
    if missing(table, found, defaults_of(table, form)):
        wrong["missing"] = "web_mapping.required_missing"
    return wrong


def overlay_of(table: Table, form: Form) -> Overlay:
    """The profile. Raises BadInput (profile_invalid) with the place that is wrong."""
    columns = {
        one.proposal.heading: one.chosen
        for one in choices(table, form)
        if one.chosen and not (one.proposal.is_sure and one.chosen == one.proposal.offered)
    }
    said: dict[str, object] = {
        "name": form.get("name") or "own",
        "base": table.base,
        "columns": columns,
        "defaults": defaults_of(table, form),
        "values": _values(form.get("values")),
    }
    for name in ("document_system", "utc_offset"):
        if given := form.get(name):
            said[name] = given
    return load_overlay(yaml.safe_dump(said, allow_unicode=True))


def _values(text: str) -> dict[str, dict[str, str]]:
    """Lines «поле: слово = код». Raises BadInput (profile_invalid)."""
    found: dict[str, dict[str, str]] = {}
    for number, field, word, code in _lines(text):
        if not (field and word and code):
            raise BadInput("profile_invalid", place=f"values: {number}", rule="field: word = code")
        found.setdefault(field, {})[word] = code
    return found


def _lines(text: str) -> Iterator[tuple[int, str, str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            field, _, rest = line.partition(":")
            word, _, code = rest.rpartition("=")
            yield number, field.strip(), word.strip(), code.strip()
