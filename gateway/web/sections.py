"""What the one door disclosed of a person, as a page shows it: section by section, with the rule beside each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.use_cases.disclose import DisclosedSubject, Section
from gateway.web.content import Line
from gateway.web.words import Words
from policies.ruling import CategoryRuling
from schemas.ids import Category

Lines = Callable[[Category, Mapping[str, Any], Words], tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class ShownSection:
    """One category as its reader sees it, or several of which there is nothing to see and one rule decided alike."""

    categories: tuple[Category, ...]
    ruling: CategoryRuling
    lines: tuple[Line, ...] = ()
    absence: str | None = None
    decided_by: datetime | None = None
    by_people: bool = False


def shown_sections(
    words: Words, subject: DisclosedSubject, categories: Iterable[Category], lines: Lines
) -> Iterator[ShownSection]:
    """First what there is to read, in the order of `categories`; then what is not there; then what is not shown."""
    empty: dict[tuple[object, ...], list[Section]] = {}
    for category in categories:
        section = subject.sections.get(category)
        if section is None:
            continue
        ruling = section.ruling
        if ruling.effect.releases and section.absence is None:
            content = lines(category, section.content or {}, words)
            yield ShownSection((category,), ruling, content, by_people=section.by_people)
        else:
            key = (ruling.effect, ruling.shown.id, section.decided_by, section.absence, section.by_people)
            empty.setdefault(key, []).append(section)
    for sections in sorted(empty.values(), key=lambda alike: not alike[0].ruling.effect.releases):
        first, alike = sections[0], tuple(section.ruling.category for section in sections)
        yield ShownSection(alike, first.ruling, (), first.absence, first.decided_by, first.by_people)
