"""Rules of form on a record of the registers that neither its elements nor its types say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from adapters.egisso.messages import Shape, shapes
from adapters.egisso.simple import is_russian
from adapters.egisso.values import (
    EditRecord,
    ParentalRights,
    Participant,
    PersonWithRole,
    ReasonDocument,
    Representation,
)
from adapters.paths import Path
from adapters.report import Severity
from adapters.rules import Breach
from schemas.identifiers import has_snils_check_digits

NOT_RUSSIAN: Final = "egisso_not_russian"


def breaches(value: BaseModel, shape: Shape) -> Iterator[Breach]:
    """Every rule of form that a record breaks, with the path of the field."""
    if isinstance(value, EditRecord) and value.record.event_uid != value.event_uid:
        yield Breach("egisso_event_differs", ("record", "event_uid"))
    yield from _inside(value, shape, ())


def _inside(value: BaseModel, shape: Shape, at: Path) -> Iterator[Breach]:
    for path, kind, text in _leaves(value, shape, at):
        if kind == "name" and not is_russian(text):
            yield Breach(NOT_RUSSIAN, path, Severity.WARNING)
        elif kind == "snils" and not has_snils_check_digits(text):
            yield Breach("snils_not_checkable", path, Severity.WARNING)
    for path, inner, _ in _nodes(value, shape, at):
        if isinstance(inner, ReasonDocument) and inner.valid_until and inner.valid_until < inner.effective_on:
            yield Breach("egisso_dates_order", (*path, "valid_until"), Severity.WARNING)
        elif isinstance(inner, ParentalRights | Representation):
            yield from _relations(inner, path)


def _relations(body: ParentalRights | Representation, at: Path) -> Iterator[Breach]:
    known = set(map(_snils, body.persons))
    for index, relation in enumerate(body.relations):
        for field in type(relation).model_fields:
            if getattr(relation, field).snils not in known:
                yield Breach("egisso_relation_unknown", (*at, "relations", index, field), Severity.WARNING)


def _snils(person: PersonWithRole | Participant) -> str:
    if isinstance(person, Participant):
        if person.organisation is not None:
            return person.organisation.representative.snils
        return person.person.snils if person.person else ""
    return person.snils


def _nodes(value: BaseModel, shape: Shape, at: Path) -> Iterator[tuple[Path, BaseModel, Shape]]:
    """The value and every value in it, with its path and shape."""
    yield at, value, shape
    for part in shape.parts:
        if not part.is_shape:
            continue
        found = getattr(value, part.field)
        inner = shapes()[part.of]
        if isinstance(found, tuple):
            for index, one in enumerate(found):
                yield from _nodes(one, inner, (*at, part.field, index))
        elif found is not None:
            yield from _nodes(found, inner, (*at, part.field))


def _leaves(value: BaseModel, shape: Shape, at: Path) -> Iterator[tuple[Path, str, str]]:
    """Every simple value of text: its path, its simple type, the text."""
    for path, node, its_shape in _nodes(value, shape, at):
        for part in its_shape.parts:
            found = getattr(node, part.field)
            if not part.is_shape and isinstance(found, str):
                yield (*path, part.field), part.of, found
