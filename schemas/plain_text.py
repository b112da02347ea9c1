"""Texts of organisations: no control characters, one kind of line end, so that every format gives back the same text."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints


def plain(value: object) -> object:
    """Line ends as LF; control, private and unassigned characters left out; no spaces or line ends around it."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in _LEFT_OUT).strip()


def one_line(value: object) -> object:
    """The same as a single line."""
    text = plain(value)
    return " ".join(text.split()) if isinstance(text, str) else text


_LEFT_OUT = frozenset({"Cc", "Cs", "Co", "Cn"})

Sentence = Annotated[str, BeforeValidator(one_line), StringConstraints(min_length=1, max_length=500)]
Name = Annotated[str, BeforeValidator(one_line), StringConstraints(min_length=1, max_length=1000)]
Prose = Annotated[str, BeforeValidator(plain), StringConstraints(min_length=1, max_length=4000)]
