"""Documents that are broken in one place: one value of a good one, exchanged for another that may or may not stand there."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

BLANK: Final = ("   ", "\t\n")
VALUES: Final = (
    "",
    *BLANK,
    "x",
    "0",
    "-1",
    "1e3",
    "05",
    "+5",
    "1.5",
    "NaN",
    "INF",
    "99999999999999999999",
    "true",
    "1",
    "TRUE",
    "  true ",
    "12345678",
    "123456789012345",
    "\u0663" * 13,
    "http://x",
    "a" * 501,
    "a" * 4001,
    "2026-02-30",
    "2026-13",
    "2026-1-1",
    "0000-01-01",
    "9999-12-31",
    "-2026-01-01",
    "2026-01-01Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:60Z",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00.1234567Z",
    "2026-03-02T09:30:00+25:00",
    "2026-03-02T09:30:00+14:00",
    "24:00",
    "9:30",
    "09:30:00",
)
"""Values of every simple type, right and wrong at its edges."""


def broken_element(document: bytes, chance: random.Random) -> tuple[bytes, str, str]:
    """The document with the text of one element exchanged; the name of the element, and what stands in it."""
    root = etree.fromstring(document)
    element = chance.choice([one for one in root.iter(etree.Element) if not len(one)])
    element.text = chance.choice(VALUES)
    content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content, etree.QName(element).localname, element.text


def broken_value(value: dict[str, Any], chance: random.Random) -> tuple[str, object]:
    """Exchanges one value of a JSON document in its place; the field, and what stands there."""
    path = chance.choice(list(_leaves(value)))
    new: object = chance.choice((*VALUES, None, 1, True, 1.5, -1, [], {}))
    inner: Any = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return next(str(step) for step in reversed(path) if isinstance(step, str)), new


def _leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, (*path, name))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _leaves(one, (*path, place))
    elif path:
        yield path
