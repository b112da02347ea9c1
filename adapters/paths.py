"""Paths into the canonical message as nested mappings: how both formats say which field they mean."""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]
"""Names of fields and positions in lists, as pydantic gives them: `("persons", 0, "identifiers", "snils")`."""


def get(values: object, path: tuple[str, ...]) -> object:
    """The value at a path of nested dictionaries, None when any step is missing."""
    for step in path:
        if not isinstance(values, dict):
            return None
        values = values.get(step)
    return values


def put(target: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    """Sets the value at a path, making the dictionaries on the way."""
    for step in path[:-1]:
        target = target.setdefault(step, {})
    target[path[-1]] = value
