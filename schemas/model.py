"""The base of every value that crosses a border: frozen, and strict about fields it does not know."""

from __future__ import annotations

import typing
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Every class of values that an annotation holds, in whatever it holds them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in typing.get_args(annotation):
        yield from models_in(one)


class Model(BaseModel):
    """A frozen value. Unknown fields are an error, so that nothing a partner sent is dropped in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)
