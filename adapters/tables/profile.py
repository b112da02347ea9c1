"""A mapping profile: which heading is which field, how its cells are read, what is required. Profiles are data.

`profiles/referrals.yaml` is the default one and documents the shape; a partner's register is another file like it.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

import yaml

from adapters.texts import fold_lookalikes, squeeze
from schemas.errors import BadInput

MESSAGE, FAMILY, SIGNAL, CONTACT, ANSWER = "message", "family", "signal", "contact", "answer"
RECORDS: Final = (MESSAGE, FAMILY, SIGNAL, CONTACT, ANSWER)
"""What a row of a table is: a message to be sent, a family or a signal to be kept, an entry of a phone book, an answer."""
BUILT_IN: Final = ("referrals", "families", "signals", "contacts", "answers")
_COLON: Final = re.compile(r"\s*:\s*")
_OFFSET: Final = re.compile(r"^([+-])(\d{2}):(\d{2})$")


def plain_heading(heading: str) -> str:
    """A heading as it is compared: lower case, «ё» as «е», single spaces, no star, colon or full stop at its end."""
    text = squeeze(heading).casefold().replace("ё", "е")
    return (_COLON.sub(": ", text) if ":" in text else text).rstrip(" *:.")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `field` is a field of the message, or of a person after `child.` or `adult.`; `values` are a partner's own
    words and codes for what it says."""

    field: str
    heading: str
    kind: str
    also: tuple[str, ...] = ()
    export: bool = True
    values: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PersonColumns:
    """A person that a row may have: its name in fields («child»), its kind in a message, its role where that is known."""

    name: str
    kind: str
    role: str | None = None


@dataclass(frozen=True)
class Profile:
    """A table of columns with its defaults. `required` are groups of fields of which one must have a column; `own` are a
    partner's own headings, compared as `plain_heading` has them: the field, or nothing for a column that is not kept."""

    name: str
    version: int
    zone: timezone
    document_system: str
    defaults: Mapping[str, str]
    required: tuple[tuple[str, ...], ...]
    own_column: str
    not_kept: frozenset[str]
    columns: tuple[Column, ...]
    record: str = MESSAGE
    persons: tuple[PersonColumns, ...] = ()
    own: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))

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
        return {folded_heading(spelling): column for spelling, column in self._by_heading.items()}

    @functools.cached_property
    def _ends(self) -> frozenset[str]:
        """What known headings end with, from each of their colons on: «снилс» of «ребенок: снилс»."""
        known = (spelling.split(": ") for spelling in (*self._by_heading, *self.own))
        return frozenset(": ".join(parts[at:]) for parts in known for at in range(len(parts)))

    def may_find(self, heading: str) -> bool:
        """False where `find` knows no heading that ends with this one, whatever stands above it."""
        plain = plain_heading(heading)
        return plain in self._ends or not plain

    def find(self, heading: str) -> Column | None:
        """The column of exactly this heading, in any of its spellings."""
        return self.find_plain(plain_heading(heading))

    def find_plain(self, plain: str) -> Column | None:
        """`find` for what `plain_heading` made of a heading."""
        return self.by_field.get(self.own[plain]) if plain in self.own else self._by_heading.get(plain)

    def find_lookalike(self, heading: str) -> Column | None:
        """The column whose heading differs only by Latin letters that look Cyrillic."""
        plain = plain_heading(heading)
        return self.find_folded(plain, folded_heading(plain))

    def find_folded(self, plain: str, folded: str) -> Column | None:
        """`find_lookalike` for what `plain_heading` and `folded_heading` made of a heading."""
        return None if plain in self.own else self._folded.get(folded)

    def spellings(self) -> Mapping[str, Column]:
        """Every known heading, as it is compared, with its column."""
        return self._by_heading

    def keeps(self, heading: str) -> bool:
        """False for a heading that is known and deliberately not kept."""
        return self.keeps_plain(plain_heading(heading))

    def keeps_plain(self, plain: str) -> bool:
        """`keeps` for what `plain_heading` made of a heading."""
        return plain not in self.not_kept and self.own.get(plain) != ""

    def is_own(self, heading: str) -> bool:
        """Whether this is the column that a reject file added."""
        return plain_heading(heading) == plain_heading(self.own_column)


def folded_heading(plain: str) -> str:
    """A plain heading with Latin look-alikes as Cyrillic letters."""
    # Folding knows capitals that have no small twin (B, H, M, T), so it looks at both cases.
    return fold_lookalikes(fold_lookalikes(plain).upper()).casefold()


def load_profile(text: str) -> Profile:
    """A profile from YAML. Raises KeyError, TypeError or ValueError for a file of another shape."""
    data: dict[str, Any] = yaml.safe_load(text)
    return Profile(
        name=str(data["name"]),
        version=int(data["version"]),
        zone=zone_of(str(data["utc_offset"])),
        document_system=str(data["document_system"]),
        defaults={str(key): str(value) for key, value in data["defaults"].items()},
        required=tuple(tuple(map(str, group)) for group in data["required"]),
        own_column=str(data["own_column"]),
        not_kept=frozenset(plain_heading(heading) for heading in data["not_kept"]),
        columns=tuple(_columns(data)),
        record=str(data["record"]),
        persons=tuple(
            PersonColumns(name, str(words["kind"]), words.get("role")) for name, words in data["persons"].items()
        ),
    )


def _columns(data: Mapping[str, Any]) -> Iterator[Column]:
    persons = [
        column
        for name, words in data["persons"].items()
        for column in _person_columns(name, words, data["person_columns"])
    ]
    for name, spec in data["columns"].items():
        if name == data["persons_before"]:  # persons stand between the header and the body of a record
            yield from persons
        yield _column(name, spec)
    if not data["persons_before"]:
        yield from persons


def _column(name: str, spec: Mapping[str, Any]) -> Column:
    return Column(
        name, str(spec["heading"]), str(spec["kind"]), tuple(spec.get("also", ())), bool(spec.get("export", True))
    )


def _person_columns(person: str, words: Mapping[str, Any], columns: Mapping[str, Any]) -> Iterator[Column]:
    """«Ребёнок: СНИЛС» is also found as «СНИЛС ребёнка»."""
    prefixes = (words["heading"], *words.get("also", ()))
    genitives = (words["of"], *words.get("also_of", ()))
    alone: Mapping[str, Any] = words.get("alone", {})  # headings that mean this person where they stand by themselves
    for name, spec in columns.items():
        base = _column(name, spec)
        spellings = (base.heading, *base.also)
        found = [f"{prefix}: {spelling}" for prefix in prefixes for spelling in spellings]
        found += [f"{spelling} {genitive}" for spelling in spellings for genitive in genitives]
        found += alone.get(name, ())
        yield Column(f"{person}.{name}", found[0], base.kind, tuple(dict.fromkeys(found[1:])), base.export)


def zone_of(offset: str) -> timezone:
    """The zone of `+03:00`. Raises ValueError."""
    parts = _OFFSET.match(offset)
    if parts is None:
        msg = "utc_offset is written as +03:00"
        raise ValueError(msg)
    sign = -1 if parts[1] == "-" else 1
    return timezone(sign * timedelta(hours=int(parts[2]), minutes=int(parts[3])))


@functools.cache
def built_in(name: str) -> Profile:
    """A profile of the product. Raises BadInput (profile_unknown)."""
    if name not in BUILT_IN:
        raise BadInput("profile_unknown", known=", ".join(BUILT_IN))
    return load_profile(resources.files("adapters.tables").joinpath("profiles", f"{name}.yaml").read_text("utf-8"))


def referrals_profile() -> Profile:
    """The default profile."""
    return built_in("referrals")
