"""The nameless check: a text that must lead to nobody is searched for names, numbers and addresses.

A first contact (`inquiry`) carries no personal datum, and neither do the words beside a coded refusal or the topic of a
council. What the check finds it marks with the place, so that the writer can say it otherwise. In doubt it marks: the way
out is a rephrased sentence. docs/nameless.md says what is measured. Pure: no clock, no store, nothing of a text is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas.errors import BadInput
from schemas.nameless.addresses import find_addresses
from schemas.nameless.fold import fold, spaced_out
from schemas.nameless.marks import Kind, Mark, merged
from schemas.nameless.names import find_names
from schemas.nameless.numbers import find_numbers

__all__ = ["Kind", "Mark", "NotNameless", "find_marks", "require_nameless", "require_no_person", "warm_up"]
_OF_A_PERSON: Final = frozenset({Kind.NAME, Kind.ADDRESS, Kind.EMAIL, Kind.HANDLE, Kind.LINK, Kind.SNILS})


class NotNameless(BadInput):
    """A text that must be nameless is not. `marks` are the places by field; the parameters name the first of them."""

    def __init__(self, marks: Mapping[str, tuple[Mark, ...]]) -> None:
        self.marks = marks
        field, first = next((name, found[0]) for name, found in marks.items() if found)
        super().__init__(
            "text_not_nameless",
            field=field,
            start=first.start,
            end=first.end,
            kind=first.kind.value,
            count=sum(len(found) for found in marks.values()),
        )


def find_marks(text: str) -> tuple[Mark, ...]:
    """Every place of the text that may lead to a person, in order and without overlaps. Empty: the text is nameless."""
    folded = fold(text)
    if not folded.text.strip():
        return ()
    numbers = [*find_numbers(folded.text), *find_addresses(folded.text)]
    open_text = folded.text
    for mark in numbers:  # what an address says is not a name besides
        open_text = open_text[: mark.start] + " " * (mark.end - mark.start) + open_text[mark.end :]
    found = [*numbers, *find_names(open_text)]
    found += [Mark(start, end, Kind.NAME) for start, end in spaced_out(folded)]
    return merged([Mark(*folded.place(mark.start, mark.end), mark.kind) for mark in found])


def warm_up() -> None:
    """Load the dictionary: the first text would wait a tenth of a second for it."""
    find_marks("Ожидание.")


def require_nameless(fields: Mapping[str, str | None]) -> None:
    """Raises NotNameless (text_not_nameless) with the marks of all fields together; the words themselves are not in it."""
    marks = {name: find_marks(text) for name, text in fields.items() if text}
    if any(marks.values()):
        raise NotNameless({name: found for name, found in marks.items() if found})


def require_no_person(fields: Mapping[str, str | None]) -> None:
    """The same for the number of a document or an article of law, which are numbers themselves: what would be a name, an
    address or a way to reach somebody is refused, and nothing else."""
    marks = {
        name: tuple(m for m in find_marks(text) if m.kind in _OF_A_PERSON) for name, text in fields.items() if text
    }
    if any(marks.values()):
        raise NotNameless({name: found for name, found in marks.items() if found})
