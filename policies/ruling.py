"""A ruling: one effect per category with the rule that decided it, what it obliges to, and what others may be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schemas.ids import Category


class Effect(StrEnum):
    """What happens to a category. The order of strictness is P, M, R, D."""

    PERMIT = "P"
    MASK = "M"
    HOLD = "R"
    DENY = "D"

    @property
    def releases(self) -> bool:
        """Whether anything of the category may be opened now."""
        return self in {Effect.PERMIT, Effect.MASK}

    @property
    def strictness(self) -> int:
        """0 for P up to 3 for D."""
        return _STRICTNESS[self]


_STRICTNESS: Final = {effect: rank for rank, effect in enumerate(Effect)}


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a person reads of a rule: its id, its citation, its title and what would change the answer."""

    id: str
    citation: str
    title_ru: str
    remedy_ru: str


@dataclass(frozen=True, slots=True)
class ObstacleForHolder(RuleText):
    """Another rule that withholds or holds and applies too. It is the true rule, with a flag where it is `quiet`: for the
    holder alone. Nothing of it may reach a requester, not even how many there are: a quiet rule would leak."""

    quiet: bool


@dataclass(frozen=True, slots=True)
class CategoryRuling:
    """The ruling on one category. `rule` is the true rule and `true` its text, for the entry and for the holder;
    `shown` is what the requester may see of it (quiet rules read neutral, rules 3.7). `policy` names the part of the
    rule that matched; it is empty where no rule spoke. `obligations` are the codes that this category brings, `reasons` says
    why a code was chosen among its alternatives (EXEMPT_18_4).

    `if_released` is set for a hold alone: the effect once a human has said yes. `obstacles` are what else would have to
    change before anything is released, in the order of evaluation; like `true`, they are for the holder alone."""

    category: Category
    effect: Effect
    rule: str
    shown: RuleText
    true: RuleText
    policy: str = ""
    obligations: tuple[str, ...] = ()
    if_released: Effect | None = None
    obstacles: tuple[ObstacleForHolder, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PackIdentity:
    """Which pack decided: recorded in every entry."""

    id: str
    version: str
    digest: str  # SHA-256 over the pack's files, hex


@dataclass(frozen=True, slots=True)
class Alarm:
    """The rules could not be evaluated for a category, which is therefore denied. Somebody must look at it.

    `code` is facts_rejected, no_decision, policy_error or unknown_policy; `policy` is an id of the pack, if known.
    """

    code: str
    category: Category
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """All categories asked about, decided together.

    `obligations` are all codes of all categories (rules 3.5), in the order of the pack; `reasons` says why a code was
    chosen among its alternatives. A ruling with `alarms` must be reported, not only obeyed.
    """

    pack: PackIdentity
    by_category: Mapping[Category, CategoryRuling]
    obligations: tuple[str, ...]
    reasons: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    alarms: tuple[Alarm, ...] = ()

    def released(self) -> tuple[Category, ...]:
        """Categories of which at least a masked form may be opened now."""
        return tuple(category for category, ruling in self.by_category.items() if ruling.effect.releases)
