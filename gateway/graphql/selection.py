"""Which categories a query asks for, read from its selection: only those are ruled, opened and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField, Selection

from schemas import categories as c
from schemas.ids import Category

_BY_FIELD = {
    "".join(part if n == 0 else part.title() for n, part in enumerate(name.split("_"))): category
    for category, name in c.SECTION_NAMES.items()
}


def asked_categories(selections: Iterable[Selection]) -> tuple[Category, ...]:
    """Categories under any `sections` field, and WRK where the curator is asked for; in the order people read them."""
    found = set(_walk(selections, inside=False))
    return tuple(category for category in (*c.SECTION_CATEGORIES, c.CASE_WORKER) if category in found)


def _walk(selections: Iterable[Selection], *, inside: bool) -> Iterator[Category]:
    for selection in selections:
        if isinstance(selection, FragmentSpread | InlineFragment):
            yield from _walk(selection.selections, inside=inside)
        elif _included(selection):
            if inside and selection.name in _BY_FIELD:
                yield _BY_FIELD[selection.name]
            elif selection.name == "curator":
                yield c.CASE_WORKER
            else:
                yield from _walk(selection.selections, inside=selection.name == "sections")


def _included(field: SelectedField) -> bool:
    """`@skip` and `@include` are part of the question: what will not be shown is not asked."""
    if field.directives.get("skip", {}).get("if") is True:
        return False
    return field.directives.get("include", {}).get("if") is not False
