"""What became of a consent: when it was given, how long it holds, what happened to it since."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from consent.records import ConsentEvent, ConsentEventKind
from schemas.ids import Category

_DAYS_NEEDED: Final = {"expired": 60, "reconfirmed": 60, "withdrawn": 15, "limited": 15, "invalidated": 15}
_ENDED: Final = {"withdrawn": ConsentEventKind.WITHDRAWN, "invalidated": ConsentEventKind.INVALIDATED}


@dataclass(frozen=True, slots=True)
class Terms:
    """The dates of a consent, and its events after the giving."""

    given_on: date
    valid_to: date | None
    later: tuple[ConsentEvent, ...] = ()


def fits(state: str, days: int) -> bool:
    """Whether a consent that could be given so many days ago can have come to this (a state of `SHARES`)."""
    return days >= _DAYS_NEEDED.get(state, 0)


def terms_of(
    key: str, today: date, *, days: int, state: str, categories: Sequence[Category], rng: random.Random
) -> Terms:
    """Dates and events that make the consent what `state` says, as of today; given `days` ago or soon after.

    `never_ends` is a consent without a last day. The dates depend on `rng` alone: siblings' consents that are signed
    together come from generators of the same seed.
    """
    given_on = today - timedelta(days=max(1, days - rng.randint(1, 12)))
    held = (today - given_on).days
    runs_on = today + timedelta(days=rng.randint(30, 400))

    def terms(kind: ConsentEventKind, days_ago: int, last_day: date, **changes: Any) -> Terms:  # noqa: ANN401  fields of an event
        when = datetime.combine(today - timedelta(days=days_ago), time(10), UTC)
        return Terms(given_on, last_day, (ConsentEvent(kind, when, when, f"{key}/{kind.value}", **changes),))

    match state:
        case "never_ends":
            found = Terms(given_on, None)
        case "active":
            found = Terms(given_on, None if rng.random() < 0.1 else runs_on)  # noqa: PLR2004  a tenth has no last day
        case "last_day":
            found = Terms(given_on, today)
        case "expired":
            found = Terms(given_on, today - timedelta(days=rng.randint(1, held // 2)))
        case "reconfirmed":
            ended = rng.randint(2, held // 2)
            first_end = today - timedelta(days=ended)
            found = terms(ConsentEventKind.RECONFIRMED, ended + 1, first_end, valid_to=runs_on)
        case "limited":
            left = frozenset(categories[: max(1, len(categories) // 2)])
            found = terms(ConsentEventKind.LIMITED, rng.randint(1, held - 1), runs_on, categories=left)
        case ended_as:
            found = terms(_ENDED[ended_as], rng.randint(1, held - 1), runs_on)
    return found
