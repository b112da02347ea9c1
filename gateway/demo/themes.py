"""What a family and its curator work on: themes with their words, chosen so that they fit the family."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.demo.members import Member
from gateway.demo.names import read_data
from gateway.demo.shapes import Shape


@dataclass(frozen=True, slots=True)
class Theme:
    """One sphere of life with a concern, a goal, steps and services. Texts hold places for words about the parent."""

    sphere: str
    concerns: tuple[str, ...]
    fact: str
    goals: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    services: tuple[tuple[str, str], ...]
    ages: tuple[int, int]
    needs: str | None

    def fits_age(self, age: int) -> bool:
        """Whether the theme may concern a child of this age (-1: unborn)."""
        return self.ages[0] <= age <= self.ages[1]


SPECIAL = frozenset({"no_registration", "legal_question", "safety"})
"""Circumstances that a plan cannot pass over: their theme comes first."""


@functools.cache
def themes() -> tuple[Theme, ...]:
    """All themes of `data/texts.yaml`."""
    return tuple(
        Theme(
            sphere=row["sphere"],
            concerns=tuple(row["concerns"]),
            fact=row["fact"],
            goals=tuple(row["goals"]),
            steps=tuple((who, what) for who, what in row["steps"]),
            services=tuple((service, provider) for service, provider in row["services"]),
            ages=(row["ages"][0], row["ages"][1]) if "ages" in row else (-1, 17),
            needs=row.get("needs"),
        )
        for row in read_data("texts.yaml")["themes"]
    )


def circumstances(shape: Shape) -> frozenset[str]:
    """What is true of the family, under the names that themes ask for."""
    found = {
        "no_registration": shape.is_("no_registration", "foreign_citizenship"),
        "legal_question": shape.adults == "grandmother"
        or shape.is_("rights_limited", "rights_terminated", "placed_by_guardianship", "conflict_of_interest"),
        "safety": shape.is_("protected_address", "suspected_parent"),
        "lone_mother": shape.adults in {"mother", "apart"},
        "parted": shape.adults in {"mother", "father", "apart"},
        "working_age": shape.adults != "grandmother" and not shape.is_("minor_parent"),
    }
    return frozenset(name for name, holds in found.items() if holds)


def themes_for(shape: Shape, rng: random.Random) -> tuple[Theme, ...]:
    """Two to four themes that fit, of different spheres; what cannot be passed over comes first."""
    around = circumstances(shape)
    fitting = [
        theme
        for theme in themes()
        if (theme.needs is None or theme.needs in around) and any(theme.fits_age(age) for age in shape.ages)
    ]
    rng.shuffle(fitting)
    fitting.sort(key=lambda theme: theme.needs not in SPECIAL)
    chosen: dict[str, Theme] = {}
    for theme in fitting:
        chosen.setdefault(theme.sphere, theme)
    return tuple(chosen.values())[: rng.randint(2, 4)]


@dataclass(frozen=True, slots=True)
class Wording:
    """Words about the adult who cares for the children, in the cases that the texts need."""

    words: Mapping[str, str]

    @classmethod
    def about(cls, adults: Sequence[Member]) -> Wording:
        """The words for the first adult."""
        words: Mapping[str, Any] = read_data("texts.yaml")["words"][adults[0].role]
        return cls({**words, "Parent": words["parent"].capitalize()})

    def fill(self, text: str) -> str:
        """The text with its places filled, the first letter a capital."""
        filled = text.format_map(self.words)
        return filled[0].upper() + filled[1:]
