"""Messages of ЕГИССО and their shapes, read from the two tables beside this module.

`messages.csv` has a row for each version of a message: a newer release is a row more. `elements.csv` names the element of
every field and the layer of schemas it belongs to; which namespace a layer is, the message says.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from pydantic import BaseModel

from adapters.egisso import notices, values

MESSAGE_PREFIX: Final = "urn://egisso-ru/msg/"
TYPES_PREFIX: Final = "urn://egisso-ru/types/"
ROOT: Final = "data"
MAX_RECORDS: Final = 1000
"""Records of one kind in one package."""

ATTRIBUTE: Final = "@"


@dataclass(frozen=True)
class Part:
    """One field: its element (or attribute, layer «@»), what stands in it, and whether it must.

    `of` is a shape's name or that of a simple type; `use` is 1, ? (may be absent), + (one or more) or | (one of several).
    """

    field: str
    element: str
    layer: str
    of: str
    use: str

    @functools.cached_property
    def is_shape(self) -> bool:
        """Whether other elements stand in it."""
        return self.of[:1].isupper()


@dataclass(frozen=True)
class Shape:
    """A class of values with its parts in the order of the file."""

    name: str
    model: type[BaseModel]
    parts: tuple[Part, ...]

    @functools.cached_property
    def by_element(self) -> Mapping[str, tuple[int, Part]]:
        """Elements by their local names, each with its place in the order."""
        return {part.element: (place, part) for place, part in enumerate(self.parts) if part.layer != ATTRIBUTE}

    @functools.cached_property
    def by_field(self) -> Mapping[str, Part]:
        """Parts by field."""
        return {part.field: part for part in self.parts}


@dataclass(frozen=True, slots=True)
class Message:
    """One version of a message. `layers` are namespaces, `records` the shapes of its record elements in their order."""

    code: str
    version: str
    title_ru: str
    layers: Mapping[str, str]
    records: Mapping[str, Shape]
    has_made_at: bool
    without: frozenset[str]

    @property
    def namespace(self) -> str:
        """That of the root element."""
        return f"{MESSAGE_PREFIX}{self.code}/{self.version}"

    @property
    def name(self) -> str:
        """As ЕГИССО writes it: 10.25.I-2.1.0."""
        return f"{self.code}-{self.version}"


@functools.cache
def shapes() -> Mapping[str, Shape]:
    """Every shape by the name of its class."""
    parts: dict[str, list[Part]] = {}
    for row in _table("elements.csv"):
        part = Part(row["field"], row["element"], row["layer"], row["of"], row["use"])
        parts.setdefault(row["shape"], []).append(part)
    models = vars(values) | vars(notices)
    return {name: Shape(name, models[name], tuple(found)) for name, found in parts.items()}


@functools.cache
def messages() -> Mapping[str, Message]:
    """Every version of every message by the namespace of its root."""
    found = [_message(row) for row in _table("messages.csv")]
    return {message.namespace: message for message in found}


def find_message(code: str, version: str) -> Message | None:
    """The message of this code and version, None for one that no row knows."""
    return messages().get(f"{MESSAGE_PREFIX}{code}/{version}")


def _message(row: Mapping[str, str]) -> Message:
    pairs = (pair.partition("=") for pair in row["records"].split())
    return Message(
        code=row["message"],
        version=row["version"],
        title_ru=row["title_ru"],
        layers={layer: TYPES_PREFIX + row[layer] for layer in ("package", "record", "basic", "registers")},
        records={element: shapes()[shape] for element, _, shape in pairs},
        has_made_at=row["made_at"] == "yes",
        without=frozenset(row["without"].split()),
    )


def _table(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
