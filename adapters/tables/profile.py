"""A mapping profile: which heading is which field, how its cells are read, what is required. Profiles are data.

`profiles/referrals.yaml` is the default one and documents the shape; a partner's register is another file like it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from importlib import resources
from typing import Any, Final

import yaml

from adapters.tables.cells import fold_lookalikes, squeeze

PERSONS: Final = ("child", "adult")
_COLON: Final = re.compile(r"\s*:\s*")
_OFFSET: Final = re.compile(r"^([+-])(\d{2}):(\d{2})$")


def plain_heading(heading: str) -> str:
    """A heading as it is compared: lower case, «ё» as «е», single spaces, no star, colon or full stop at its end."""
    text = squeeze(heading).casefold().replace("ё", "е")
    return _COLON.sub(": ", text).rstrip(" *:.")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `field` is a field of the message, or of a person after `child.` or `adult.`."""

    field: str
    heading: str
    kind: str
    also: tuple[str, ...] = ()
    export: bool = True


@dataclass(frozen=True)
class Profile:
    """A table of columns with its defaults. `required` are groups of fields of which one must have a column."""

    name: str
    version: int
    zone: timezone
    document_system: str
    defaults: Mapping[str, str]
    required: tuple[tuple[str, ...], ...]
    own_column: str
    not_kept: frozenset[str]
    columns: tuple[Column, ...]

    @functools.cached_property
    def by_field(self) -> Mapping[str, Column]:
        """Columns by field."""
        return {column.field: column for column in self.columns}

    @functools.cached_property
    def _by_heading(self) -> Mapping[str, Column]:
        return {
            plain_heading(spelling): column for column in self.columns for spelling in (column.heading, *column.also)
        }

    @functools.cached_property
    def _folded(self) -> Mapping[str, Column]:
        return {_folded(spelling): column for spelling, column in self._by_heading.items()}

    def find(self, heading: str) -> Column | None:
        """The column of exactly this heading, in any of its spellings."""
        return self._by_heading.get(plain_heading(heading))

    def find_lookalike(self, heading: str) -> Column | None:
        """The column whose heading differs only by Latin letters that look Cyrillic."""
        return self._folded.get(_folded(plain_heading(heading)))

    def keeps(self, heading: str) -> bool:
        """False for a heading that is known and deliberately not kept."""
        return plain_heading(heading) not in self.not_kept

    def is_own(self, heading: str) -> bool:
        """Whether this is the column that a reject file added."""
        return plain_heading(heading) == plain_heading(self.own_column)


def _folded(plain: str) -> str:
    # Folding knows capitals that have no small twin (B, H, M, T), so it looks at both cases.
    return fold_lookalikes(fold_lookalikes(plain).upper()).casefold()


def load_profile(text: str) -> Profile:
    """A profile from YAML. Raises KeyError, TypeError or ValueError for a file of another shape."""
    data: dict[str, Any] = yaml.safe_load(text)
    return Profile(
        name=str(data["name"]),
        version=int(data["version"]),
        zone=_zone(str(data["utc_offset"])),
        document_system=str(data["document_system"]),
        defaults={str(key): str(value) for key, value in data["defaults"].items()},
        required=tuple(tuple(map(str, group)) for group in data["required"]),
        own_column=str(data["own_column"]),
        not_kept=frozenset(plain_heading(heading) for heading in data["not_kept"]),
        columns=tuple(_columns(data)),
    )


def _columns(data: Mapping[str, Any]) -> Iterator[Column]:
    message = {name: _column(name, spec) for name, spec in data["columns"].items()}
    for name, column in message.items():
        if name == "urgency":  # persons stand between the header and the body of the message
            for person in PERSONS:
                yield from _person_columns(person, data["persons"][person], data["person_columns"])
        yield column


def _column(name: str, spec: Mapping[str, Any]) -> Column:
    return Column(
        name, str(spec["heading"]), str(spec["kind"]), tuple(spec.get("also", ())), bool(spec.get("export", True))
    )


def _person_columns(person: str, words: Mapping[str, Any], columns: Mapping[str, Any]) -> Iterator[Column]:
    """«Ребёнок: СНИЛС» is also found as «СНИЛС ребёнка»."""
    prefixes = (words["heading"], *words.get("also", ()))
    genitives = (words["of"], *words.get("also_of", ()))
    for name, spec in columns.items():
        base = _column(name, spec)
        spellings = (base.heading, *base.also)
        found = [f"{prefix}: {spelling}" for prefix in prefixes for spelling in spellings]
        found += [f"{spelling} {genitive}" for spelling in spellings for genitive in genitives]
        yield Column(f"{person}.{name}", found[0], base.kind, tuple(found[1:]), base.export)


def _zone(offset: str) -> timezone:
    parts = _OFFSET.match(offset)
    if parts is None:
        msg = "utc_offset is written as +03:00"
        raise ValueError(msg)
    sign = -1 if parts[1] == "-" else 1
    return timezone(sign * timedelta(hours=int(parts[2]), minutes=int(parts[3])))


@functools.cache
def referrals_profile() -> Profile:
    """The default profile."""
    return load_profile(resources.files("adapters.tables").joinpath("profiles", "referrals.yaml").read_text("utf-8"))
