"""From an element to nested values by a plan, and back from a path to the element: how every reader of XML reads a record.

Values are gathered without remembering where they stood: most records are good. For those that are not, the element of a path
is looked for when it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from adapters.paths import Path
from adapters.texts import NAME_FIELDS, squeeze
from schemas.signs import unseen_in, visible

NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
"""Said of a field whose absence means its default: there is nothing here, not even that."""
_ZONED: Final = re.compile(r"^(\d{4}-\d{2}(?:-\d{2})?)(?:Z|[+\-]\d{2}:\d{2})$")
_DATE: Final = 10


@dataclass(frozen=True)
class Step:
    """What an element fills: the field at `path` of its parent's values, once or `many` times; `inner` for an element that has
    elements of its own, which begin with the values `given`; without a path they are the parent's. `is_date`: an offset from
    UTC is dropped and told of."""

    path: tuple[str, ...]
    many: bool = False
    inner: Plan | None = None
    given: Mapping[str, object] = field(default_factory=dict)
    is_date: bool = False
    nillable: bool = False
    is_name: bool = field(init=False, default=False)
    is_plain: bool = field(init=False, default=False)
    flat: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_name", self.path[-1:] and self.path[-1] in NAME_FIELDS)
        object.__setattr__(self, "is_plain", not (self.is_date or self.nillable or self.is_name))
        object.__setattr__(self, "flat", self.path[0] if len(self.path) == 1 and not self.many else "")


Plan = Mapping[str, Step]
"""Steps by the name that lxml gives to an element. What has no step is passed over: the schema complains of it."""


@dataclass(slots=True)
class Odd:
    """What was not taken to the letter: dates whose offset was dropped, texts from which signs were taken that their sender is
    told of, with the code; and whether spaces around a text were, or an element said that there is nothing."""

    zoned: list[etree._Element] = field(default_factory=list)
    unseen: list[tuple[etree._Element, str]] = field(default_factory=list)
    any: bool = False


def fill(element: etree._Element, plan: Plan, odd: Odd, target: dict[str, Any]) -> dict[str, Any]:
    """The values of an element's children; what was not taken to the letter is noted in `odd`."""
    for child in element:
        step = plan.get(child.tag)
        if step is None:
            continue
        value: object
        if step.inner is not None and not step.path:
            fill(child, step.inner, odd, target)
            continue
        if step.inner is not None:
            value = fill(child, step.inner, odd, dict(step.given) if step.given else {})
        elif (text := child.text) and step.is_plain and text.isprintable() and text.strip() == text:
            value = text
        else:
            value = _value(child, step, text or "", odd)
        if step.flat:
            target[step.flat] = value
        else:
            _put(target, step, value)
    return target


def _value(element: etree._Element, step: Step, raw: str, odd: Odd) -> str | None:
    text = raw.strip()
    if step.nillable and element.get(NIL) in {"true", "1"}:
        odd.any = True
        return None
    if step.is_date and len(text) > _DATE and (found := _ZONED.match(text)):
        odd.zoned.append(element)
        odd.any = True
        return found[1]
    if text != raw:
        odd.any = True
    if text.isprintable() and not (step.is_name and "  " in text):
        return text
    return _seen(element, step, text, odd)


def _seen(element: etree._Element, step: Step, text: str, odd: Odd) -> str:
    """The text as `adapters.texts` has it for every format: a name in one line, any other with its line ends and spaces."""
    odd.unseen += [(element, code) for code in unseen_in(text) if code != "invisible_signs"]
    seen = squeeze(text) if step.is_name else visible(text).strip()
    if seen != text:
        odd.any = True
    return seen


def _put(target: dict[str, Any], step: Step, value: object) -> None:
    path = step.path
    for name in path[:-1]:
        target = target.setdefault(name, {})
    if step.many:
        target.setdefault(path[-1], []).append(value)
    else:
        target[path[-1]] = value


def nearest(element: etree._Element, plan: Plan, path: Path) -> etree._Element:
    """The element of a path of fields, or of the longest beginning of it that has one."""
    if not path:
        return element
    counts: dict[tuple[str, ...], int] = {}
    for child in element:
        step = plan.get(str(child.tag))
        if step is None:
            continue
        if step.inner is not None and not step.path:
            if (found := nearest(child, step.inner, path)) is not child:
                return found
            continue
        place = counts.get(step.path, 0)
        counts[step.path] = place + 1
        rest = _after(step, place, path)
        if rest is None:
            continue
        if rest and step.inner is not None:
            return nearest(child, step.inner, rest)
        return child
    return element


def _after(step: Step, place: int, path: Path) -> Path | None:
    """What is left of a path below this element, None for an element of another path."""
    length = len(step.path)
    if tuple(path[:length]) != step.path:
        return None
    if not step.many:
        return path[length:]
    if len(path) == length:
        return ()
    return path[length + 1 :] if path[length] == place else None


def ancestors(element: etree._Element, top: etree._Element) -> Sequence[etree._Element]:
    """The element and those around it, the outermost first, `top` not among them."""
    found = [element]
    while (parent := found[-1].getparent()) is not None and parent is not top:
        found.append(parent)
    return found[::-1]
