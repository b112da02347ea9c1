"""A partner's own table as data: what a profile of the product is, with the partner's headings, codes and defaults over it.

An overlay is a YAML document, written by a person or by the guided command. It says nothing of a person.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

import yaml
from pydantic import Field, StringConstraints, ValidationError

from adapters.tables.cells import CellFault
from adapters.tables.profile import BUILT_IN, Column, Profile, built_in, plain_heading, zone_of
from adapters.tables.values import KINDS, Reading
from schemas.codes import DOCUMENT_SYSTEMS
from schemas.errors import BadInput
from schemas.model import Model

MAX_BYTES: Final = 256 * 1024
"""As many headings as a table may have, each as long as one may be."""
NOT_KEPT: Final = "-"
"""In place of a field: the column is known and not kept."""
_MOST: Final = 512
_NONE: Final[Mapping[str, str]] = {}
_NONE_EITHER: Final[Mapping[str, Mapping[str, str]]] = {}
_Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Overlay(Model):
    """`columns` are headings and the fields they mean; `values` are words and codes of a column and what they mean, by
    field; `document_system` is the list that codes of documents are taken from."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,39}$")]
    base: str
    utc_offset: Annotated[str, StringConstraints(pattern=r"^[+-](0\d|1[0-4]):[0-5]\d$")] | None = None
    document_system: str | None = None
    defaults: Annotated[Mapping[_Short, _Short], Field(max_length=_MOST)] = _NONE
    columns: Annotated[Mapping[_Short, _Short], Field(max_length=_MOST)] = _NONE
    values: Annotated[Mapping[_Short, Mapping[_Short, _Short]], Field(max_length=_MOST)] = _NONE_EITHER

    def text(self) -> str:
        """As YAML."""
        return yaml.safe_dump(
            self.model_dump(exclude_defaults=True, mode="json"), allow_unicode=True, sort_keys=False, width=200
        )

    def profile(self) -> Profile:
        """The profile that tables are read by. Raises BadInput (profile_unknown, profile_invalid)."""
        if self.name in BUILT_IN:
            raise BadInput("profile_invalid", place="name", rule=self.name)
        base = built_in(self.base)
        if self.document_system is not None and self.document_system not in DOCUMENT_SYSTEMS:
            raise BadInput("profile_invalid", place="document_system", rule=", ".join(DOCUMENT_SYSTEMS))
        for field in self.defaults:
            if "." in field or field not in base.by_field:
                raise BadInput("profile_invalid", place=f"defaults: {field}", rule="field")
        zone = zone_of(self.utc_offset) if self.utc_offset else base.zone
        reading = Reading(zone, self.document_system or base.document_system)
        own: dict[str, str] = {}
        for heading, field in self.columns.items():
            if field != NOT_KEPT and field not in base.by_field:
                raise BadInput("profile_invalid", place=f"columns: {heading}", rule="field")
            own[plain_heading(heading)] = "" if field == NOT_KEPT else field
        for field, text in self.defaults.items():
            _check(base.by_field[field], text, reading, f"defaults: {field}")
        return dataclasses.replace(
            base,
            name=self.name,
            zone=zone,
            document_system=reading.document_system,
            defaults={**base.defaults, **self.defaults},
            columns=tuple(self._with_values(column, reading) for column in base.columns),
            own=MappingProxyType(own),
        )

    def _with_values(self, column: Column, reading: Reading) -> Column:
        words = self.values.get(column.field)
        if not words:
            return column
        for said, meant in words.items():
            _check(column, meant, reading, f"values: {column.field}: {said}")
        return dataclasses.replace(column, values={plain_heading(said): meant for said, meant in words.items()})


def _check(column: Column, text: str, reading: Reading, place: str) -> None:
    try:
        KINDS[column.kind](text, reading)
    except CellFault as fault:
        raise BadInput("profile_invalid", place=place, rule=fault.code) from None


def load_overlay(text: str) -> Overlay:
    """An overlay from YAML. Raises BadInput (profile_invalid) with the first place that is wrong."""
    if len(text.encode()) > MAX_BYTES:
        raise BadInput("profile_invalid", place="", rule=f"{MAX_BYTES} B")
    try:
        data: Any = yaml.safe_load(text)
        found = Overlay.model_validate(data)
    except (yaml.YAMLError, RecursionError):
        raise BadInput("profile_invalid", place="", rule="YAML") from None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ": ".join(map(str, fault["loc"]))
        raise BadInput("profile_invalid", place=place, rule=str(fault["type"])) from None
    if unknown := found.values.keys() - built_in(found.base).by_field.keys():
        raise BadInput("profile_invalid", place=f"values: {min(unknown)}", rule="field")
    found.profile()
    return found
