"""What an XML record says and its value does not, or not to the letter: the element beside the value that was made of it."""

from __future__ import annotations

import functools
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from lxml import etree
from pydantic import BaseModel, StringConstraints

from adapters.losses import Loss
from adapters.xml.fill import NIL, Plan, Step
from adapters.xml.guard import shown
from adapters.xml.tree import line_of, local_name
from adapters.xml.writer import written
from schemas.signs import unseen_in, visible

_ZONED: Final = re.compile(r"^\d{4}-\d{2}(?:-\d{2})?(?:Z|[+\-]\d{2}:\d{2})$")


_ATTRIBUTES: Final = etree.XPath("boolean(descendant-or-self::*/@*)")


def is_literal(element: etree._Element, values: Mapping[str, Any], value: BaseModel) -> bool:
    """Whether a record whose texts were gathered as they stand became a value that says the same, and has no attributes: then
    nothing of it was lost, and nobody need compare its elements. Most records are so."""
    return _says(value, values) and not _ATTRIBUTES(element)


def _says(owner: BaseModel, values: Mapping[str, Any]) -> bool:
    has = owner.__dict__
    return all(name not in values or _is(has[name], values[name]) for name in _in_doubt(type(owner)))


def _is(value: object, said: object) -> bool:
    if isinstance(said, dict):
        return isinstance(value, BaseModel) and _says(value, said)
    if isinstance(said, list):
        return isinstance(value, tuple) and len(value) == len(said) and all(map(_is, value, said))
    return value == said or (not isinstance(value, str) and value is not None and written(value) == said)


@functools.cache
def _in_doubt(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields whose values may be other than the texts that were given for them: the rest need not be compared."""
    checks = model.__pydantic_decorators__
    opaque = checks.field_validators or checks.model_validators
    fields = model.model_fields.items()
    return tuple(name for name, info in fields if opaque or not _is_kept(info.annotation, info.metadata))


def _is_kept(annotation: object, metadata: Sequence[object] = ()) -> bool:
    """Whether what becomes of a text without spaces around it is that text, or an error."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _is_kept(parts[0], (*parts[1:], *metadata))
    if annotation is str:
        return all(isinstance(one, StringConstraints) and not (one.to_lower or one.to_upper) for one in metadata)
    if metadata:
        return False
    if origin is typing.Literal:
        return all(isinstance(one, str) for one in parts)
    if origin in (typing.Union, types.UnionType, tuple):
        return all(one in (types.NoneType, ...) or _is_kept(one) for one in parts)
    return isinstance(annotation, type) and issubclass(annotation, BaseModel) and not _in_doubt(annotation)


def record_losses(element: etree._Element, plan: Plan, value: BaseModel, number: int) -> Iterator[Loss]:
    """The losses of one record. The plan is the one by which it was read."""
    line = line_of(element)
    for attribute in element.attrib:
        if str(attribute) != "Id":
            yield Loss("attribute", f"@{_name(attribute)}", line, number)
    yield from _below(element, plan, value, "", number)


def _below(element: etree._Element, plan: Plan, owner: object, place: str, number: int) -> Iterator[Loss]:
    counts: dict[tuple[str, ...], int] = {}
    for child in element:
        step = plan.get(str(child.tag))
        if step is None:
            continue
        if step.inner is not None and not step.path:
            yield from _attributes(child, f"{place}{local_name(child)}", number)
            yield from _below(child, step.inner, owner, place, number)
            continue
        at = counts[step.path] = counts.get(step.path, -1) + 1
        value, name = _taken(owner, step, at), f"{place}{local_name(child)}{f'[{at + 1}]' if step.many else ''}"
        if child.attrib:
            yield from _attributes(child, name, number)
        if step.inner is not None:
            yield from _below(child, step.inner, value, f"{name}/", number)
        elif (child.text or "") != value and child.get(NIL) not in {"true", "1"}:
            yield from _differences(child, value, name, number)


def _taken(owner: object, step: Step, at: int) -> object:
    value = owner
    for name in step.path:
        value = getattr(value, name, None)
    if not step.many:
        return value
    return value[at] if isinstance(value, tuple) and at < len(value) else None


def _differences(child: etree._Element, value: object, name: str, number: int) -> Iterator[Loss]:
    raw, line = child.text or "", line_of(child)
    for code in dict.fromkeys(_codes(raw, value)):
        yield Loss(code, name, line, number)


def _codes(raw: str, value: object) -> Iterator[str]:
    yield from unseen_in(raw)
    seen = visible(raw)
    text = seen.strip()
    if value is None:
        yield "name_joined" if text else "spaces"
        return
    canonical = written(value)
    if seen == canonical:
        return
    if text != seen:
        yield "spaces"
    if text != canonical:
        yield _rule(text, canonical, value)


def _rule(text: str, canonical: str, value: object) -> str:
    if isinstance(value, bool):
        return "code_translated"
    if isinstance(value, date) or _ZONED.match(text):
        return "zone_dropped" if _ZONED.match(text) else "date_spelling"
    if text.lower() == canonical.lower():
        return "letter_case"
    if " ".join(text.split()) == canonical:
        return "spaces"
    return "number_spelling" if any(map(str.isdigit, canonical)) else "value_respelt"


def _attributes(element: etree._Element, name: str, number: int) -> Iterator[Loss]:
    for attribute in element.attrib:
        if attribute != NIL:
            yield Loss("attribute", f"{name}/@{_name(attribute)}", line_of(element), number)


def _name(attribute: object) -> str:
    return shown(str(attribute).rpartition("}")[2])
