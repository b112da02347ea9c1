"""What of a draft is not in the message that it became: told to whoever handed in a file, by places and never by values.

A category that the ruling denies is not kept at all; a preview shows that before, category by category. A file has no preview,
so what its records lost at the gate stands in its loss report.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.paths import Path
from gateway.use_cases.disclose import RuledCase
from policies.ruling import Effect
from schemas import categories as c
from schemas.ids import Category, SubjectId
from schemas.messages import OF_CHILDREN, MessageDraft, PersonDraft

DENIED: Final = "category_not_sent"
UNUSED: Final = "part_without_use"

Part = tuple[SubjectId, Category]
NotSent = tuple[str, Path]
"""The rule of the loss, and where it stands in the draft."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a message keeps of its draft: sections by person and category, places of documents, whether a threat was declared,
    the purpose of its lane."""

    parts: Collection[Part]
    documents: Collection[int]
    is_threat: bool
    purpose: str


def kept_sections(
    draft: MessageDraft, subjects: Sequence[SubjectId], ruled: RuledCase
) -> list[tuple[SubjectId, Category, Mapping[str, object]]]:
    """The sections that are kept. What is held is kept with the rest, sealed: a yes opens it, a no leaves it closed. Who told
    of a signal is kept for a formal request alone (POL-REP-1): no ruling on this message ever opens it."""
    found = [
        (subject, category, value)
        for person, subject in zip(draft.persons, subjects, strict=True)
        for category, value in draft.sections_of(person).items()
        if ruled.ruling(subject, category).effect is not Effect.DENY or category == c.REPORTER
    ]
    # A person of whom nothing may be sent is not part of the message: not even that there is such a person.
    people = {subject for subject, category, _ in found if category != c.REPORTER}
    return [part for part in found if part[0] in people]


def kept_documents(draft: MessageDraft, subjects: Sequence[SubjectId], ruled: RuledCase) -> list[int]:
    """Places of the documents that are kept."""
    people = {subject for subject, _, _ in kept_sections(draft, subjects, ruled)}
    return [
        place
        for place, document in enumerate(draft.attachments)
        if (about := subjects[document.person]) in people
        and ruled.ruling(about, Category(document.category)).effect is not Effect.DENY
    ]


def not_sent(draft: MessageDraft, subjects: Sequence[SubjectId], kept: Kept, *, by_person: bool) -> tuple[NotSent, ...]:
    """In the order of the draft. `by_person`: who is signed in answers for a threat, whoever is named."""
    return tuple(dict.fromkeys(_not_sent(draft, subjects, kept, by_person=by_person)))


def _not_sent(draft: MessageDraft, subjects: Sequence[SubjectId], kept: Kept, *, by_person: bool) -> Iterator[NotSent]:
    yield from _claims(draft, kept, by_person=by_person)
    for number, (person, subject) in enumerate(zip(draft.persons, subjects, strict=True)):
        sections = draft.sections_of(person)
        if not sections:
            yield UNUSED, ("persons", number)
        for category, value in sections.items():
            if (subject, category) not in kept.parts:
                for path in _paths(person, number, category, value):
                    yield DENIED, path
    yield from _said_otherwise(draft)
    for place in range(len(draft.attachments)):
        if place not in kept.documents:
            yield DENIED, ("attachments", place)


def _claims(draft: MessageDraft, kept: Kept, *, by_person: bool) -> Iterator[NotSent]:
    if draft.purpose and draft.purpose != kept.purpose:
        yield UNUSED, ("purpose",)
    if draft.direct and not kept.is_threat:
        yield UNUSED, ("direct",)
    if draft.declarer and (by_person or not kept.is_threat):
        yield UNUSED, ("declarer",)


def _said_otherwise(draft: MessageDraft) -> Iterator[NotSent]:
    """What the message asks for all its children and every child asks for itself otherwise."""
    children = [person for person in draft.persons if person.kind == "child"]
    for category, names in OF_CHILDREN.items():
        for name in sorted(names):
            said = draft.model_dump(mode="json", include={name}, exclude_defaults=True)
            if said and children and all(draft.sections_of(p)[category][name] != said[name] for p in children):
                yield UNUSED, (name,)


def _paths(person: PersonDraft, number: int, category: Category, value: Mapping[str, object]) -> Iterator[Path]:
    """Where the parts of one section stand in the draft, to the last element."""
    if category == c.REPORTER:
        yield from _leaves(("reporter",), value)
        return
    own = person.parts().get(category, {})
    section = ("persons", number, c.SECTION_NAMES[category])
    for name, part in value.items():
        if (category, name) == (c.FAMILY, "role"):
            yield ("persons", number, name)
        elif name in own:
            yield from _leaves((*section, name), part)
        else:
            yield from _leaves((name,), part)


def _leaves(path: Path, value: Any) -> Iterator[Path]:  # noqa: ANN401  JSON
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves((*path, name), part)
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _leaves((*path, number), part)
    else:
        yield path
