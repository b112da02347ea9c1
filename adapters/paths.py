"""Paths into the canonical message as nested mappings: how both formats say which field they mean."""

from __future__ import annotations

from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Names of fields and positions in lists, as pydantic gives them: `("persons", 0, "identifiers", "snils")`."""


def get(values: object, path: tuple[str, ...]) -> object:
    """The value at a path of nested mappings, None when any step is missing."""
    for step in path:
        if not isinstance(values, Mapping):
            return None
        values = values.get(step)
    return values


def put(target: dict[str, object], path: tuple[str, ...], value: object) -> None:
    """Sets the value at a path, making the mappings on the way."""
    for step in path[:-1]:
        inner = target.setdefault(step, {})
        if not isinstance(inner, dict):
            msg = f"two fields share the path {'.'.join(path)}"
            raise TypeError(msg)
        target = inner
    target[path[-1]] = value
