"""Attributes: how HSDS classifies, and where the directory keeps what HSDS 3.0 has no column for.

A term of ours has the code `taxonomy:code`, since codes of terms are unique in a data set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.hsds.profile import Row, Tables, derived_id
from schemas.codes import find_code, recognise
from schemas.directory import (
    APPLY_WAYS,
    AUDIENCES,
    FEES,
    ORGANISATION_KINDS,
    SERVICE_FORMS,
    SERVICE_KINDS,
)

URGENCIES: Final = "mezhved_urgency"
PROPERTIES: Final = "mezhved_property"
TAXONOMIES: Final[Mapping[str, str]] = {
    SERVICE_KINDS: "Виды услуг",
    ORGANISATION_KINDS: "Виды организаций",
    AUDIENCES: "Кому предназначена услуга",
    SERVICE_FORMS: "Формы обслуживания",
    APPLY_WAYS: "Как обратиться",
    FEES: "Плата",
    URGENCIES: "Срочность",
    PROPERTIES: "Свойства, для которых в HSDS 3.0 нет столбцов",
}
LINK_TYPES: Final[Mapping[str, str]] = {
    "kinds": SERVICE_KINDS,
    "kind": ORGANISATION_KINDS,
    "audiences": AUDIENCES,
    "form": SERVICE_FORMS,
    "apply_by": APPLY_WAYS,
    "fee": FEES,
    "urgencies": URGENCIES,
}
PROPERTY_NAMES: Final[Mapping[str, str]] = {
    "capacity": "Всего мест",
    "free_places": "Свободно мест",
    "stated_on": "Дата сведений о местах",
    "night_calls": "Принимает ночные звонки",
    "time_zone": "Часовой пояс",
    "parent_ogrn": "ОГРН вышестоящей организации",
    "synthetic": "Вымышленные данные",
}


@dataclass(slots=True)
class AttributeWriter:
    """Collects attributes and the terms and taxonomies they need."""

    tables: Tables

    def terms(self, owner: str, entity: str, link_type: str, codes: Sequence[str]) -> None:
        """Listed codes of one owner, in their order."""
        taxonomy = LINK_TYPES[link_type]
        for number, code in enumerate(codes):
            self._add(owner, entity, link_type, taxonomy, code, "", number)

    def property(self, owner: str, entity: str, name: str, value: object) -> None:
        """A value without a column of its own; None is left out."""
        if value is not None:
            self._add(owner, entity, name, PROPERTIES, name, str(value), 0)

    def _add(self, owner: str, entity: str, link_type: str, taxonomy: str, code: str, value: str, number: int) -> None:
        term = derived_id("term", taxonomy, code)
        self.tables.setdefault("attribute", []).append(
            Row(
                "attribute",
                {
                    "id": derived_id("attribute", owner, link_type, number),
                    "link_id": owner,
                    "taxonomy_term_id": term,
                    "link_type": link_type,
                    "link_entity": entity,
                    "value": value,
                },
            )
        )
        known = self.tables.setdefault("taxonomy_term", [])
        if all(row.values["id"] != term for row in known):
            known.append(_term_row(term, taxonomy, code))
        taxonomies = self.tables.setdefault("taxonomy", [])
        if all(row.values["name"] != taxonomy for row in taxonomies):
            taxonomies.append(
                Row(
                    "taxonomy",
                    {
                        "id": derived_id("taxonomy", taxonomy),
                        "name": taxonomy,
                        "description": TAXONOMIES[taxonomy],
                        "version": "1",
                    },
                )
            )


def _term_row(term: str, taxonomy: str, code: str) -> Row:
    entry = find_code(taxonomy, code)
    name = entry.name_ru if entry else PROPERTY_NAMES.get(code, code)
    return Row(
        "taxonomy_term",
        {
            "id": term,
            "code": f"{taxonomy}:{code}",
            "name": name,
            "description": name,
            "taxonomy": taxonomy,
            "taxonomy_id": derived_id("taxonomy", taxonomy),
            "language": "ru",
        },
    )


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of one owner. `code` is None for a term of a taxonomy that is not ours; `name` is then its name."""

    link_type: str
    taxonomy: str
    code: str | None
    name: str
    row: Row


def attributes_by_owner(tables: Tables) -> Mapping[str, Sequence[Attribute]]:
    """What is said of each owner, in the order of the file."""
    terms = {row.get("id"): row for row in tables.get("taxonomy_term", ())}
    found: dict[str, list[Attribute]] = defaultdict(list)
    for row in tables.get("attribute", ()):
        term = terms.get(row.get("taxonomy_term_id"))
        taxonomy, _, code = (term.get("code") if term else "").partition(":")
        link_type, name = row.get("link_type"), term.get("name") if term else ""
        if taxonomy not in TAXONOMIES:
            # A foreign taxonomy: its word may still be one that we know.
            known = next((kind for kind in (name, taxonomy) if kind and recognise(SERVICE_KINDS, kind)), "")
            entry = recognise(SERVICE_KINDS, known) if known else None
            found[row.get("link_id")].append(Attribute(link_type, "", entry.code if entry else None, name, row))
        else:
            found[row.get("link_id")].append(Attribute(link_type, taxonomy, code, name, row))
    return found
