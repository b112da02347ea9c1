"""The tables of HSDS 3.0 and how its JSON nests them. `tables.csv` lists every column that the specification has, and
whether the directory carries it; what it does not carry is named in the report.
"""

from __future__ import annotations

import csv
import functools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Final

from schemas.ids import is_id

NAMESPACE: Final = uuid.UUID("6a1c3a0e-58d4-5f7b-9d55-3f0d4b8a2c11")
"""Of identifiers that are derived: of rows that have none of their own in the directory, and of foreign ones."""

VERSION: Final = "3.0.0"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column. `type` is string, number or date; `refers_to` is the table whose id it holds."""

    name: str
    type: str
    required: bool
    refers_to: str
    carried: bool


@dataclass(frozen=True, slots=True)
class TableProfile:
    """One table and the file it stands in."""

    name: str
    file: str
    columns: tuple[TableColumn, ...]


@dataclass(slots=True)
class Row:
    """One record of a table with where it stands: the name of its file and the line, or the pointer into the JSON and the
    number of the object at its top. `spaced` are columns whose texts had spaces around them."""

    table: str
    values: dict[str, str] = field(default_factory=dict)
    place: str = ""
    line: int | None = None
    top: int = 0
    spaced: tuple[str, ...] = ()

    def get(self, column: str) -> str:
        """The text of a column; empty where there is none."""
        return self.values.get(column, "")


Tables = dict[str, list[Row]]


@functools.cache
def table_profiles() -> Mapping[str, TableProfile]:
    """All tables by name."""
    columns: dict[tuple[str, str], list[TableColumn]] = {}
    text = resources.files("adapters.hsds").joinpath("tables.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        columns.setdefault((row["table"], row["file"]), []).append(
            TableColumn(row["column"], row["type"], bool(row["required"]), row["refers_to"], bool(row["carried"]))
        )
    return {table: TableProfile(table, file, tuple(found)) for (table, file), found in columns.items()}


@dataclass(frozen=True, slots=True)
class Nesting:
    """`parent.key` holds records of `child`: a list whose column `link` names the parent, or, for `inside`, one record
    that the parent's column `link` names."""

    parent: str
    key: str
    child: str
    link: str
    inside: bool = False


NESTINGS: Final = (
    Nesting("service", "organization", "organization", "organization_id", inside=True),
    Nesting("service", "program", "program", "program_id", inside=True),
    Nesting("service", "phones", "phone", "service_id"),
    Nesting("service", "schedules", "schedule", "service_id"),
    Nesting("service", "service_areas", "service_area", "service_id"),
    Nesting("service", "service_at_locations", "service_at_location", "service_id"),
    Nesting("service", "languages", "language", "service_id"),
    Nesting("service", "funding", "funding", "service_id"),
    Nesting("service", "fundings", "funding", "service_id"),
    Nesting("service", "cost_options", "cost_option", "service_id"),
    Nesting("service", "required_documents", "required_document", "service_id"),
    Nesting("service", "contacts", "contact", "service_id"),
    Nesting("service", "capacities", "service_capacity", "service_id"),
    Nesting("service", "additional_urls", "url", "service_id"),
    Nesting("service", "attributes", "attribute", "link_id"),
    Nesting("organization", "services", "service", "organization_id"),
    Nesting("organization", "phones", "phone", "organization_id"),
    Nesting("organization", "locations", "location", "organization_id"),
    Nesting("organization", "programs", "program", "organization_id"),
    Nesting("organization", "contacts", "contact", "organization_id"),
    Nesting("organization", "funding", "funding", "organization_id"),
    Nesting("organization", "additional_websites", "url", "organization_id"),
    Nesting("organization", "organization_identifiers", "organization_identifier", "organization_id"),
    Nesting("organization", "attributes", "attribute", "link_id"),
    Nesting("service_at_location", "location", "location", "location_id", inside=True),
    Nesting("service_at_location", "phones", "phone", "service_at_location_id"),
    Nesting("service_at_location", "schedules", "schedule", "service_at_location_id"),
    Nesting("service_at_location", "service_areas", "service_area", "service_at_location_id"),
    Nesting("service_at_location", "contacts", "contact", "service_at_location_id"),
    Nesting("location", "addresses", "address", "location_id"),
    Nesting("location", "phones", "phone", "location_id"),
    Nesting("location", "schedules", "schedule", "location_id"),
    Nesting("location", "accessibility", "accessibility", "location_id"),
    Nesting("location", "languages", "language", "location_id"),
    Nesting("location", "contacts", "contact", "location_id"),
    Nesting("contact", "phones", "phone", "contact_id"),
    Nesting("phone", "languages", "language", "phone_id"),
    Nesting("attribute", "taxonomy_term", "taxonomy_term", "taxonomy_term_id", inside=True),
    Nesting("taxonomy_term", "taxonomy_detail", "taxonomy", "taxonomy_id", inside=True),
)


def own_id(foreign: str, table: str) -> str:
    """A UUID as it is; anything else as a derived one, so that the same record read again is the same record."""
    lowered = foreign.strip().lower()
    if is_id(lowered) or not lowered:
        return lowered
    return derived_id(table, foreign, NAMESPACE.hex)


def derived_id(*parts: str | int) -> str:
    """The same identifier for the same parts, everywhere."""
    return str(uuid.uuid5(NAMESPACE, "/".join(str(part) for part in parts)))
