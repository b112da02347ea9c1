"""The outline of each family: practice, stage, who lives with whom, how old the children are, what it is there for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.demo.fixtures import OrganisationFixture
from gateway.demo.organisations import holders_of
from gateway.demo.places import okrugs
from gateway.demo.shares import BEFORE_CONSENT, MINIMUM, SHARES, STAGES, VARIETIES, Deck, Variety

MAJORITY: Final = 18

# How many days ago a case at this stage may have been opened (before `case_opened`: the signal came).
_DAYS_OPEN: Final = dict(
    zip(
        STAGES,
        ((1, 2), (2, 5), (4, 9), (20, 40), (45, 80), (90, 420), (130, 480), (150, 520), (300, 700), (380, 800)),
        strict=True,
    )
)
_SPACING: Final = (1, 4)
_FIRST_STAGE: Final = {"turned_18": "post_support"}  # the consents were signed before that birthday


@dataclass(frozen=True, slots=True)
class Shape:
    """The outline. `ages` are full years on `today`, oldest first, -1 for an unborn child."""

    number: int
    today: date
    practice: str
    holder: OrganisationFixture
    district: str
    stage: str
    days_open: int
    adults: str
    ages: tuple[int, ...]
    variety: str | None
    exact: bool

    @property
    def key(self) -> str:
        """The key of the family."""
        return f"family-{self.number:03d}"

    def is_(self, *names: str) -> bool:
        """Whether the family is there for one of these varieties."""
        return self.variety in names


class Shapes:
    """Outlines for a number of families, dealt from one seed."""

    def __init__(self, seed: int, today: date, organisations: Sequence[OrganisationFixture]) -> None:
        self._rng = random.Random(f"{seed}/shapes")  # noqa: S311  invented families, nothing secret
        self._today = today
        self._holders = {str(p): holders_of(str(p), organisations) for p in SHARES["practice"]}
        self._next_holder = dict.fromkeys(self._holders, 0)
        self._decks: dict[str, Deck[Any]] = {name: Deck(shares, self._rng) for name, shares in SHARES.items()}
        self._ages: list[int] = []

    def outline(self, count: int) -> tuple[Shape, ...]:
        """`count` outlines. Raises ValueError below the number that holds every variety."""
        if count < MINIMUM:
            msg = f"at least {MINIMUM} families are needed to show every variety"
            raise ValueError(msg)
        asked: list[Variety | None] = [variety for variety in VARIETIES for _ in range(variety.count)]
        asked += [None] * (count - len(asked))
        self._rng.shuffle(asked)
        return tuple(self._shape(number, variety) for number, variety in enumerate(asked, start=1))

    def _shape(self, number: int, variety: Variety | None) -> Shape:
        rng = self._rng
        wanted = variety.practice if variety else None
        practice = self._decks["practice"].deal(lambda card: wanted in (None, card))
        holder = self._holder(practice)
        adults = variety.adults if variety and variety.adults else self._decks["adults"].deal()
        ages = variety.ages if variety and variety.ages else self._dealt_ages()
        first_stage = _FIRST_STAGE.get(variety.name, "plan_agreed") if variety and variety.has_consents else STAGES[0]
        longest = _longest_case(ages[0])
        stage = self._decks["stage"].deal(
            lambda card: STAGES.index(card) >= STAGES.index(first_stage) and _DAYS_OPEN[card][0] <= longest
        )
        fewest, most = _DAYS_OPEN[stage]
        return Shape(
            number=number,
            today=self._today,
            practice=practice,
            holder=holder,
            district=holder.district or rng.choice(tuple(okrugs())),
            stage=stage,
            days_open=rng.randint(fewest, min(most, longest)),
            adults=adults,
            ages=ages,
            variety=variety.name if variety else None,
            exact=variety is not None and variety.exact,
        )

    def _holder(self, practice: str) -> OrganisationFixture:
        holders = self._holders[practice]
        place = self._next_holder[practice]
        self._next_holder[practice] = place + 1
        return holders[place % len(holders)]

    def _dealt_ages(self) -> tuple[int, ...]:
        children = self._decks["children"].deal()
        if not self._ages:
            self._ages = list(range(MAJORITY))
            self._rng.shuffle(self._ages)
        if children == 1:
            return (self._ages.pop(),)
        ages = [self._rng.randint(children - 1, MAJORITY - 1)]
        while len(ages) < children:
            left = children - len(ages) - 1
            ages.append(max(left, ages[-1] - self._rng.randint(*_SPACING)))
        return tuple(ages)


def _longest_case(oldest: int) -> int:
    """The most days that a case about a child of this age can be open: from late pregnancy on."""
    return {-1: 60, 0: 120}.get(oldest, oldest * 365 + 90)


def has_consents(shape: Shape) -> bool:
    """Whether anybody has signed anything yet."""
    return shape.stage not in BEFORE_CONSENT
