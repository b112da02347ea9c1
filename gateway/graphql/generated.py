"""GraphQL types made from the shared language, so that a field exists in one place only (`schemas`).

Output objects read plain mappings (what the door returns); inputs become the drafts that all edges hand in.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, NewType, TypeVar, Union

import strawberry
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from strawberry.types.scalar import ScalarDefinition

from schemas.errors import RequestRejected

Model = TypeVar("Model", bound=BaseModel)

LocalDate = NewType("LocalDate", str)
"""A calendar date, `2026-03-01`; of an unborn child a month, `2026-05`."""

SCALARS: Mapping[object, ScalarDefinition] = {
    LocalDate: strawberry.scalar(
        name="LocalDate",
        description="Calendar date YYYY-MM-DD (of an unborn child YYYY-MM). No zone, never shifted.",
        serialize=lambda value: value.isoformat() if isinstance(value, date) else str(value),
        parse_value=str,
    )
}

_outputs: dict[type[BaseModel], type] = {}
_inputs: dict[type[BaseModel], type] = {}


def output_type(model: type[BaseModel], name: str | None = None) -> type:
    """The GraphQL object of a model; its values are mappings in JSON form."""
    if model not in _outputs:
        # Every field may be null: a mask can leave out what the full form requires.
        fields = [(field, _annotation(info.annotation, output_type)) for field, info in _fields(model)]
        _outputs[model] = _make(name or model.__name__, fields, model, strawberry.type)
    return _outputs[model]


def input_type(model: type[BaseModel], name: str, leave_out: frozenset[str] = frozenset()) -> type:
    """The GraphQL input of a draft, without the fields that the edge fills in itself."""
    if model not in _inputs:
        fields = [
            (field, _annotation(info.annotation, _nested_input, required=info.is_required()))
            for field, info in _fields(model)
            if field not in leave_out
        ]
        _inputs[model] = _make(name, fields, model, strawberry.input)
    return _inputs[model]


def _nested_input(model: type[BaseModel]) -> type:
    return input_type(model, f"{model.__name__.removesuffix('Draft')}Input")


def _fields(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return list(model.model_fields.items())


def _make(
    name: str, fields: list[tuple[str, Any]], model: type[BaseModel], decorate: typing.Callable[..., type]
) -> type:
    described = " ".join(inspect.cleandoc(model.__doc__ or "").split("\n\n")[0].split()) or None
    namespace = [
        (
            field,
            annotation,
            strawberry.field(default=strawberry.UNSET) if _optional(annotation) else strawberry.field(),
        )
        for field, annotation in fields
    ]
    made = dataclasses.make_dataclass(name, namespace, kw_only=True)
    return decorate(made, name=name, description=described)


def _optional(annotation: Any) -> bool:  # noqa: ANN401  a type
    return type(None) in typing.get_args(annotation)


def _annotation(annotation: Any, nested: Any, *, required: bool = False) -> Any:  # noqa: ANN401  types
    """Pydantic's annotation as Strawberry's: constrained text is text, tuples are lists, models are objects."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _annotation(arguments[0], nested, required=required)
    if origin in {Union, types.UnionType}:
        inner = next(a for a in arguments if a is not type(None))
        return _annotation(inner, nested, required=True) | None
    if origin is tuple:
        item = _annotation(arguments[0], nested, required=True)
        return list[item] if required else list[item] | None  # type: ignore[valid-type]  # a type made at run time
    if origin is Literal:
        return str if required else str | None
    found = nested(annotation) if isinstance(annotation, type) and issubclass(annotation, BaseModel) else annotation
    if annotation is date:
        found = LocalDate
    elif annotation is datetime or (isinstance(annotation, type) and annotation.__name__ == "AwareDatetime"):
        found = datetime
    return found if required else found | None


def to_draft(model: type[Model], given: object, **filled: object) -> Model:
    """The draft that an input object says. Raises RequestRejected with the first place that breaks a rule."""
    try:
        return model.model_validate({**_plain(given), **filled})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "input"
        raise RequestRejected("field_invalid", place=place, rule=first["type"]) from None


def _plain(value: object) -> Any:  # noqa: ANN401  JSON
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(item)
            for field in dataclasses.fields(value)
            if (item := getattr(value, field.name)) is not strawberry.UNSET and item is not None
        }
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
