"""The tables of a pack: categories, purposes, kinds of organisations, envelopes and routes of signals.

The code knows how such tables are looked up; every code in them is the pack's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator

from policies.files import Codes, PackFiles, Row
from schemas.errors import Broken
from schemas.ids import Category
from schemas.model import Model

ANY: Final = "*"
CELLS: Final = frozenset({"P", "M", "A", ""})
"""P full, M masked, A masked until the recipient has accepted, empty withheld."""


class CategoryRow(Model):
    """A data category: `mask` is the mask of the whole category, `classes` are groups that rules speak of."""

    category: str
    title_ru: str
    sensitivity: str
    classes: Codes
    about: Codes
    mask: str
    mask_ru: str
    citation: str
    confidence: str


class PurposeRow(Model):
    """A purpose and its lane. Where `words_travel`, the words of a message are not masked with the history of the case.
    Where `echo`, the holder is told afterwards that somebody read for this purpose."""

    purpose: str
    title_ru: str
    lane: str
    words_travel: Literal["yes", "no"]
    echo: Literal["yes", "no"]
    citation: str


class KindRow(Model):
    """A kind of organisation as the rules see it, with the groups it belongs to."""

    kind: str
    title_ru: str
    groups: Codes


class OrganisationKindRow(Model):
    """How a kind of the directory becomes a kind of the pack: the first row whose register entry the organisation has
    and whose purposes (none: all) include the one asked for."""

    organisation_kind: str
    kind: str
    register_entry: str
    purposes: Codes


class RouteRow(Model):
    """Where a signal of one trigger goes. `sources`: only these kinds may use the route; none means all."""

    trigger: str
    title_ru: str
    recipients: Codes
    sources: Codes
    citation: str
    confidence: str


class TimerRow(Model):
    """A term of law or of policy: how long after which event; `extension` may be added once, with reasons."""

    timer: str
    title_ru: str
    amount: int
    unit: Literal["minute", "hour", "day", "working_day", "month", "year"]
    extension: Annotated[int | None, BeforeValidator(lambda value: value or None)]
    from_event: str
    citation: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Envelopes:
    """What a kind of recipient needs for a purpose: a cell per category. A row for any recipient yields to a named one."""

    rows: Mapping[tuple[str, str], Mapping[Category, str]]

    def row(self, purpose: str, recipient: str) -> Mapping[Category, str] | None:
        """The cells for this purpose and recipient; None where the table has no row for them."""
        named = self.rows.get((purpose, recipient))
        return named if named is not None else self.rows.get((purpose, ANY))


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of a pack, checked against each other."""

    categories: Mapping[Category, CategoryRow]
    purposes: Mapping[str, PurposeRow]
    kinds: Mapping[str, KindRow]
    organisation_kinds: tuple[OrganisationKindRow, ...]
    routes: Mapping[str, RouteRow]
    envelopes: Envelopes
    timers: Mapping[str, TimerRow]

    @property
    def lanes(self) -> frozenset[str]:
        """The lanes that the purposes belong to."""
        return frozenset(row.lane for row in self.purposes.values())

    def lane(self, purpose: str) -> str:
        """The lane of a purpose; empty for a purpose the pack does not know."""
        row = self.purposes.get(purpose)
        return row.lane if row else ""

    def groups_of(self, kind: str) -> tuple[str, ...]:
        """The groups that a kind belongs to."""
        return tuple(self.kinds[kind].groups)

    def title_of(self, code: str) -> str:
        """A kind in words; of a group the kinds in it."""
        if code in self.kinds:
            return self.kinds[code].title_ru
        return ", ".join(row.title_ru for row in self.kinds.values() if code in row.groups) or code

    def all_kinds(self) -> tuple[str, ...]:
        """Every kind, in the order of the table."""
        return tuple(self.kinds)

    def on_route(self, trigger: str, recipient: str, source: str) -> bool:
        """Whether a signal of this trigger may go from this kind of organisation to that one."""
        row = self.routes.get(trigger)
        return row is not None and recipient in row.recipients and (not row.sources or source in row.sources)

    def kind_of(self, organisation_kind: str, registers: Iterable[str], purpose: str) -> str:
        """The kind that the rules see in an organisation of the directory with these register entries, for `purpose`.

        Raises Broken `pack_organisation_kind_unknown`: an organisation nobody can place takes part in nothing.
        """
        held = frozenset(registers)
        for row in self.organisation_kinds:
            if (
                row.organisation_kind == organisation_kind
                and (not row.register_entry or row.register_entry in held)
                and (not row.purposes or purpose in row.purposes)
            ):
                return row.kind
        raise Broken("pack_organisation_kind_unknown", kind=organisation_kind)


def read_tables(files: PackFiles) -> Tables:
    """The tables of a pack. Raises Broken that names the file, the place and what was expected there."""
    categories = _keyed(files.rows("categories.csv", CategoryRow), "category", "categories.csv")
    purposes = _keyed(files.rows("purposes.csv", PurposeRow), "purpose", "purposes.csv")
    kinds = _keyed(files.rows("kinds.csv", KindRow), "kind", "kinds.csv")
    routes = _keyed(files.rows("routes.csv", RouteRow), "trigger", "routes.csv")
    organisation_kinds = files.rows("organisation_kinds.csv", OrganisationKindRow)
    for trigger, route in routes.items():
        known((*route.recipients, *route.sources), kinds, "kind", "routes.csv", trigger)
    for row in organisation_kinds:
        known((row.kind,), kinds, "kind", "organisation_kinds.csv", row.organisation_kind)
        known(row.purposes, purposes, "purpose", "organisation_kinds.csv", row.organisation_kind)
    return Tables(
        categories={Category(code): row for code, row in categories.items()},
        purposes=purposes,
        kinds=kinds,
        organisation_kinds=organisation_kinds,
        routes=routes,
        envelopes=_envelopes(files, categories, purposes, kinds),
        timers=_keyed(files.rows("timers.csv", TimerRow), "timer", "timers.csv"),
    )


def known(codes: Iterable[str], table: Iterable[str], what: str, file: str, place: str) -> None:
    """Every code stands in the table it comes from. Raises Broken `pack_reference_unknown` for the first that does not."""
    allowed = frozenset(table)
    for code in codes:
        if code not in allowed:
            expected = ", ".join(sorted(allowed))
            raise Broken("pack_reference_unknown", file=file, place=place, what=what, value=code, expected=expected)


def _keyed(rows: tuple[Row, ...], key: str, file: str) -> dict[str, Row]:
    keyed: dict[str, Row] = {}
    for row in rows:
        code = str(getattr(row, key))
        if code in keyed:
            raise Broken("pack_code_duplicate", file=file, value=code)
        keyed[code] = row
    return keyed


def _envelopes(files: PackFiles, categories: Iterable[str], purposes: Iterable[str], kinds: Iterable[str]) -> Envelopes:
    name = "envelopes.csv"
    header = tuple(files.text(name).split("\n", 1)[0].strip().split(","))
    known(header[2:], categories, "category", name, "line 1")
    rows: dict[tuple[str, str], Mapping[Category, str]] = {}
    for line, row in files.cells(name, ("purposes", "recipients", *header[2:])):
        place = f"line {line}"
        row_purposes, row_recipients = row["purposes"].split("|"), row["recipients"].split("|")
        known(row_purposes, purposes, "purpose", name, place)
        known(row_recipients, {*kinds, ANY}, "kind", name, place)
        cells = {Category(code): row[code] for code in header[2:]}
        known(cells.values(), CELLS, "cell", name, place)
        for purpose in row_purposes:
            for recipient in row_recipients:
                if (purpose, recipient) in rows:
                    raise Broken("pack_code_duplicate", file=name, value=f"{purpose} {recipient}")
                rows[purpose, recipient] = cells
    return Envelopes(rows)
