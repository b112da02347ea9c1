"""How the families are mixed: shares out of a hundred, and the varieties that must be there whatever the seed.

Values are dealt from shuffled decks that hold each value in exactly its share, so that a mix is met also in small
numbers, and the same seed deals the same cards.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Value = TypeVar("Value", bound=object)

STAGES: Final = (
    "signal_received",
    "first_visit",
    "intake_decision",
    "case_opened",
    "plan_agreed",
    "plan_carried_out",
    "results_monitored",
    "plan_corrected",
    "case_closed",
    "post_support",
)
"""The ten stages of the practice `deti-nashi`, in order; the other practices map onto them."""

BEFORE_CONSENT: Final = frozenset(STAGES[:2])
"""The first visit comes before any consent; the decision on taking the case may rest on one for a referral."""

SHARES: Final[Mapping[str, Mapping[object, int]]] = {
    "practice": {"moscow": 40, "otkazniki": 18, "deti-nashi": 18, "sos": 14, "aistenok": 10},
    "stage": dict(zip(STAGES, (6, 5, 5, 9, 10, 30, 10, 7, 8, 10), strict=True)),
    "adults": {"mother": 44, "both": 36, "apart": 14, "father": 6},
    "children": {1: 42, 2: 31, 3: 16, 4: 8, 5: 3},
    "family_agreements": {0: 6, 1: 46, 2: 38, 3: 10},
    "parent_consents": {0: 22, 1: 58, 2: 20},
    "consent_state": {
        "active": 58,
        "last_day": 2,
        "expired": 14,
        "withdrawn": 14,
        "limited": 5,
        "reconfirmed": 4,
        "invalidated": 3,
    },
    "consent_form": {"paper": 68, "nes": 15, "qes": 6, "checkbox": 8, None: 3},
    "consent_recipient": {"guardianship": 45, "family_centre": 25, "school": 14, "ngo": 10, "maternity_hospital": 6},
    "consent_defect": {None: 90, "not_separate": 3, "fields_incomplete": 4, "no_evidence": 3},
    "signatures_14_17": {"both": 70, "representative": 20, "minor": 10},
}
"""`family_agreements` is with how many recipients a family agreed about its children, `parent_consents` in how many of
them a parent signed for its own data too. `consent_state` is what an agreement came to: `active` runs on, `last_day`
ends today and still counts, `limited` lost categories, `reconfirmed` was prolonged. `consent_form` None is a consent
that is not in written form."""


@dataclass(frozen=True, slots=True)
class Variety:
    """A circumstance that a number of families are there for. What is None is dealt like for any family.

    `ages` are full years today, -1 an unborn child; `exact` makes the first child's birthday today.
    """

    name: str
    count: int
    adults: str | None = None
    practice: str | None = None
    ages: tuple[int, ...] | None = None
    exact: bool = False
    has_consents: bool = False


VARIETIES: Final = (
    Variety("protected_address", 8, adults="apart"),
    Variety("suspected_parent", 6, adults="apart", has_consents=True),
    Variety("no_registration", 8),
    Variety("guardian", 10, adults="grandmother"),
    Variety("guardianship_lapsed", 2, adults="grandmother", has_consents=True),
    Variety("rights_limited", 4, adults="both", has_consents=True),
    Variety("rights_terminated", 4, adults="apart", has_consents=True),
    Variety("minor_parent", 3, adults="mother", practice="aistenok", ages=(0,), has_consents=True),
    Variety("foreign_citizenship", 6),
    Variety("unborn_first", 3, adults="mother", practice="aistenok", ages=(-1,)),
    Variety("unborn_next", 3, adults="both", practice="aistenok", ages=(6, -1)),
    Variety("turned_14_today", 2, ages=(14,), exact=True, has_consents=True),
    Variety("turned_15_today", 2, ages=(15, 9), exact=True, has_consents=True),
    Variety("aged_17", 2, ages=(17,), has_consents=True),
    Variety("turned_18", 2, ages=(18, 12), has_consents=True),
    Variety("emancipated", 1, ages=(17,), has_consents=True),
    Variety("five_children", 3, adults="both", ages=(15, 11, 8, 5, 2), has_consents=True),
    Variety("twins", 2, ages=(4, 4)),
    Variety("adopted_child", 2, adults="both", ages=(7,)),
    Variety("offence", 4, practice="moscow", ages=(16,)),
    Variety("prevention_plan", 6, practice="moscow"),
    Variety("conflict_of_interest", 2, adults="apart", has_consents=True),
    Variety("other_parent_objects", 4, adults="apart", has_consents=True),
    Variety("authority_unverified", 4, adults="both", has_consents=True),
    Variety("placed_by_guardianship", 3, adults="mother", ages=(3,)),
)

MINIMUM: Final = sum(variety.count for variety in VARIETIES)
"""Fewer families than this cannot hold all varieties."""


class Deck(Generic[Value]):
    """Deals values in exactly their shares per hundred."""

    def __init__(self, shares: Mapping[Value, int], rng: random.Random) -> None:
        assert sum(shares.values()) == 100  # noqa: PLR2004  shares are out of a hundred
        self._shares = shares
        self._rng = rng
        self._cards: list[Value] = []

    def deal(self, fits: Callable[[Value], bool] = lambda _: True) -> Value:
        """The next card that fits; those passed over stay for the families after. Some card must fit."""
        while True:
            for place, card in enumerate(self._cards):
                if fits(card):
                    return self._cards.pop(place)
            fresh = [value for value, share in self._shares.items() for _ in range(share)]
            assert any(fits(card) for card in fresh)
            self._rng.shuffle(fresh)
            self._cards += fresh
