"""Shapes: a class of `schemas` as elements of XML. Reader, writer, XSD and the documentation all go by them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from adapters.documents.simple import DATE, PARTIAL_DATE, Simple, simple_type
from adapters.paths import Path
from adapters.xml.fill import Plan, Step
from schemas.documents import KINDS, NAMESPACE, DocumentKind, elements, fields_of, shape_name


def qualified(name: str) -> str:
    """The element's name as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


@dataclass(frozen=True)
class Part:
    """One field of a shape: `of` is what stands in its element. `nillable`: it may say that even its default does not hold."""

    field: str
    element: str
    label_ru: str
    of: Shape | Simple
    many: bool
    required: bool
    nillable: bool
    info: FieldInfo

    @property
    def default(self) -> object:
        """What an absent element means; None for a required one."""
        return None if self.required else self.info.get_default(call_default_factory=True, validated_data={})


@dataclass(frozen=True)
class Shape:
    """A class with its parts in the order of the document."""

    name: str
    model: type[BaseModel]
    parts: tuple[Part, ...]

    @functools.cached_property
    def by_tag(self) -> Mapping[str, Part]:
        """Parts by the name that lxml gives their elements."""
        return {qualified(part.element): part for part in self.parts}

    @functools.cached_property
    def by_field(self) -> Mapping[str, Part]:
        """Parts by field."""
        return {part.field: part for part in self.parts}


@functools.cache
def shape_of(model: type[BaseModel]) -> Shape:
    """The shape of a class, with those of everything in it."""
    name = shape_name(model)
    return Shape(name, model, tuple(_parts(name, model)))


def _parts(name: str, model: type[BaseModel]) -> Iterator[Part]:
    for field in fields_of(model):
        told, info = elements()[name, field.name], model.model_fields[field.name]
        of = shape_of(field.model) if field.model else simple_type(field.inner, f"{name}{told.name}")
        nillable = not field.required and not field.many and type(None) in getattr(info.annotation, "__args__", ())
        has_default = not field.required and info.default is not None
        yield Part(field.name, told.name, told.label_ru, of, field.many, field.required, nillable and has_default, info)


@functools.cache
def plan_of(model: type[BaseModel]) -> Plan:
    """How the elements of a class are read."""
    return {tag: _step(part) for tag, part in shape_of(model).by_tag.items()}


def _step(part: Part) -> Step:
    inner = plan_of(part.of.model) if isinstance(part.of, Shape) else None
    is_date = isinstance(part.of, Simple) and part.of.name in {DATE, PARTIAL_DATE}
    return Step((part.field,), part.many, inner, is_date=is_date, nillable=part.nillable)


@functools.cache
def kinds_by_root() -> Mapping[str, tuple[DocumentKind, bool]]:
    """By the tag of a root: which documents, and whether it is a batch of them."""
    found = {qualified(kind.root): (kind, False) for kind in KINDS}
    return found | {qualified(kind.batch): (kind, True) for kind in KINDS}


def place_of(kind: DocumentKind, path: Path) -> str:
    """A path of fields as elements: `Person[2]/Identifiers/Snils`. What is no field ends it; "" for the document as a whole."""
    shape: Shape | Simple = shape_of(kind.model)
    names: list[str] = []
    for step in path:
        if isinstance(step, int):
            if names:
                names[-1] += f"[{step + 1}]"
            continue
        part = shape.by_field.get(step) if isinstance(shape, Shape) else None
        if part is None:
            break
        names.append(part.element)
        shape = part.of
    return "/".join(names)


def all_shapes() -> tuple[Shape, ...]:
    """Every shape of every document, each once, those first that are reached first."""
    found: dict[str, Shape] = {}
    for kind in KINDS:
        _reach(shape_of(kind.model), found)
    return tuple(found.values())


def _reach(shape: Shape, found: dict[str, Shape]) -> None:
    if shape.name in found:
        return
    found[shape.name] = shape
    for part in shape.parts:
        if isinstance(part.of, Shape):
            _reach(part.of, found)
