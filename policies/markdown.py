"""Markdown and marks of text, as much as the book of rules needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from schemas.catalogue import Language

_QUOTES: Final[Mapping[Language, str]] = {"ru": "«{}»", "en": "“{}”"}


def anchor(heading: str) -> str:
    """The address of a heading inside the document, as readers of Markdown make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def link(heading: str, said: str) -> str:
    """A link to a heading of the same document."""
    return f"[{said}](#{anchor(heading)})"


def quoted(said: str, language: Language) -> str:
    """A text between the quotation marks of a language."""
    return _QUOTES[language].format(said)


def lowered(sentence: str) -> str:
    """A sentence as it goes on after a colon; an abbreviation keeps its capitals."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table and an empty one after it."""
    yield _row([lowered(cell) for cell in heading])
    yield _row(["---"] * len(heading))
    yield from map(_row, rows)
    yield ""


def folded(summary: str, text: str) -> Iterator[str]:
    """The lines of a text that opens at a click."""
    yield from (f"<details><summary>{summary}</summary>", "", text, "", "</details>", "")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', ', ') for cell in cells)} |"
