"""The published JSON Schema of each document: what its class says, with the labels of the table of elements.

Fields have the names that the GraphQL API and exports use, not those of elements.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from adapters.documents.shape import Shape, all_shapes, shape_of
from schemas.documents import VERSION, DocumentKind, shape_name

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: DocumentKind) -> dict[str, Any]:
    """The schema of one document of a kind."""
    said = kind.model.model_json_schema()
    published = _published(said.get("$defs", {}), kind)
    shapes_by_name = {shape.name: shape for shape in all_shapes()}
    definitions = {
        name: _labelled(said["$defs"][given], shapes_by_name[name], published) for given, name in published.items()
    }
    return {
        "$schema": DIALECT,
        "$id": f"urn:mezhved:schema:{kind.code}:{VERSION}",
        **_labelled(said, shape_of(kind.model), published),
        "title": kind.title_ru,
        "$defs": dict(sorted(definitions.items())),
    }


def _published(definitions: Mapping[str, Any], kind: DocumentKind) -> Mapping[str, str]:
    """What pydantic calls a class, and what we do. Two classes of the same name it tells apart by their modules."""
    models = _below(shape_of(kind.model))
    return {
        given: next(shape_name(model) for model in models if given in {model.__name__, _long(model)})
        for given in definitions
    }


def _long(model: type[BaseModel]) -> str:
    return f"{model.__module__}__{model.__qualname__}".replace(".", "__")


def _below(shape: Shape) -> set[type[BaseModel]]:
    found: set[type[BaseModel]] = set()
    for part in shape.parts:
        if isinstance(part.of, Shape):
            found |= {part.of.model} | _below(part.of)
    return found


def _labelled(said: Mapping[str, Any], shape: Shape, published: Mapping[str, str]) -> dict[str, Any]:
    """A definition without the words of the source, with those for people."""
    kept = {key: value for key, value in said.items() if key not in {"title", "description", "$defs"}}
    kept["properties"] = {
        field: {"title": shape.by_field[field].label_ru, **_plain(value, published)}
        for field, value in said["properties"].items()
    }
    return kept


def _plain(value: Any, published: Mapping[str, str]) -> Any:  # noqa: ANN401  any part of a JSON document
    if isinstance(value, list):
        return [_plain(one, published) for one in value]
    if not isinstance(value, dict):
        return value
    plain = {key: _plain(one, published) for key, one in value.items() if key not in {"title", "description"}}
    if reference := plain.get("$ref"):
        plain["$ref"] = f"#/$defs/{published[str(reference).rpartition('/')[2]]}"
    return plain
