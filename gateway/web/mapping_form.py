"""The form of «Свой формат таблицы»: a table as the page carries it, what a person chose, and the profile that it makes.

The page carries headings and shapes, and a small sample as the person's own browser sent it: nothing of a table is kept here
between two requests. It asks about some columns at a time, and carries what was chosen for the others.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import yaml
from pydantic import StringConstraints, ValidationError

from adapters.limits import DEFAULT_LIMITS
from adapters.tables.overlay import NOT_KEPT, Overlay, load_overlay
from adapters.tables.profile import Column, Profile, built_in, plain_heading
from adapters.tables.propose import How, Proposed
from gateway.web.forms import Form
from schemas.errors import BadInput, RequestRejected
from schemas.model import Model

MOST_SAMPLE: Final = 70_000
"""Bytes of a sample that the page carries, so that it may be tried again without choosing it anew."""
ON_PAGE: Final = 50
"""Columns that a page asks about: each has a list of every field."""
_IN_PART: Final = 100
"""Columns in one field of the form, which may not be longer than `forms.MAX_FIELD_BYTES`."""
CARRIED: Final = "chosen"
"""The field with what was chosen on other pages."""
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
    def parts(self) -> tuple[str, ...]:
        """What the page carries."""
        starts = range(0, max(len(self.columns), 1), _IN_PART)
        return tuple(
            self.model_copy(update={"columns": self.columns[at : at + _IN_PART]}).model_dump_json() for at in starts
        )

    @property
    def pages(self) -> int:
        """How many the columns take."""
        return max(1, -(-len(self.columns) // ON_PAGE))

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
        parts = [Table.model_validate_json(part) for part in form.all("table") or ("",)]
        _ = parts[0].profile
    except (ValidationError, BadInput):
        raise RequestRejected("form_unreadable") from None
    columns = tuple(column for part in parts for column in part.columns)
    if len(columns) > DEFAULT_LIMITS.max_columns:
        raise RequestRejected("form_unreadable")
    return parts[0].model_copy(update={"columns": columns})


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

    @property
    def page(self) -> int:
        """The page that asks about it, from one."""
        return self.number // ON_PAGE + 1


def choices(table: Table, form: Form | None = None) -> list[Choice]:
    """Every column with what the form says; without one, with what is sure."""
    if form is None:
        return [Choice(at, one, one.offered if one.is_sure else "") for at, one in enumerate(table.columns)]
    elsewhere, known = _carried(form), {NOT_KEPT, *table.profile.by_field}
    said = (form.get(f"column-{at}") or elsewhere.get(f"column-{at}", "") for at in range(len(table.columns)))
    return [
        Choice(at, one, chosen if chosen in known else "")
        for (at, one), chosen in zip(enumerate(table.columns), said, strict=True)
    ]


def carried_choices(found: list[Choice], page: int) -> str:
    """What was chosen on other pages, as one field of this one."""
    return "\n".join(f"{one.name}={one.chosen}" for one in found if one.page != page and one.chosen)


def _carried(form: Form) -> Mapping[str, str]:
    lines = (line.partition("=") for line in form.get(CARRIED).splitlines())
    return {name: chosen for name, _, chosen in lines}


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
    said: dict[str, set[str]] = {}
    for one in found:
        said.setdefault(plain_heading(one.proposal.heading), set()).add(one.chosen)
    wrong |= {
        one.name: "web_mapping.heading_twice"
        for one in found
        if len(said[plain_heading(one.proposal.heading)] - {""}) > 1
    }
    if missing(table, found, defaults_of(table, form)):
        wrong["missing"] = "web_mapping.required_missing"
    return wrong


def named(table: Table, overlay: Overlay, places: Iterable[str]) -> dict[str, str]:
    """Headings that name a person, by the field of the form: places are those of `write_profile`, «profile: 1»."""
    numbers = (place.rpartition(" ")[2] for place in places)
    headings = [*overlay.columns]
    found = {plain_heading(headings[int(n) - 1]) for n in numbers if n.isdecimal() and 0 < int(n) <= len(headings)}
    return {
        one.name: "web_mapping.heading_names_person"
        for one in choices(table)
        if plain_heading(one.proposal.heading) in found
    }


def field_of_place(place: str, table: Table) -> str:
    """The field of the form for a place of a profile: «values: child.sex», «defaults: purpose», «columns: Кот»."""
    part, _, rest = place.partition(": ")
    match part:
        case "defaults":
            return f"default-{rest}"
        case "columns":
            return next((one.name for one in choices(table) if one.proposal.heading == rest), "name")
        case "values" | "utc_offset" | "document_system":
            return part
        case _:
            return "name"


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
