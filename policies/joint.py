"""What has become of a matter that is put to several parties at once. Pure: receipts in, positions and one outcome out.

Of each party its last word counts; which is the last, the order of its receipts says, because clocks of two machines differ.
**Silence is neither yes nor no**: before the term it waits, after it it is overdue, and nothing here turns either into
agreement. The outcome does not depend on the order in which parties answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from schemas.lifecycle import Event


class Position(StrEnum):
    """Where one party stands. `withdrawn`: the matter was taken back from it, or never reached it."""

    ON_ITS_WAY = "on_its_way"
    WAITING = "waiting"
    OVERDUE = "overdue"
    AGREED = "agreed"
    DISAGREED = "disagreed"
    ASKS = "asks"
    SIGNED = "signed"
    REMARKED = "remarked"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What all parties together have said so far, the most pressing first."""

    DISAGREEMENT = "disagreement"
    QUESTION = "question"
    OVERDUE = "overdue"
    WAITING = "waiting"
    AGREED = "agreed"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Said:
    """One receipt of a message that put the matter to a party; `number` is its place among them."""

    event: Event
    at: datetime
    reason: str | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Stand:
    """The position of a party, since when, and the coded reason of a no. `number` is the receipt that brought it."""

    position: Position
    since: datetime | None = None
    reason: str | None = None
    number: int | None = None


_WORDS: Final[Mapping[Event, Position]] = {
    Event.AGREE: Position.AGREED,
    Event.DISAGREE: Position.DISAGREED,
    Event.ASK: Position.ASKS,
    Event.SIGN: Position.SIGNED,
    Event.REMARK: Position.REMARKED,
    Event.DELIVER: Position.WAITING,
    Event.REPLY: Position.WAITING,
    Event.CANCEL: Position.WITHDRAWN,
    Event.RECALL: Position.WITHDRAWN,
    Event.ENTER_IN_ERROR: Position.WITHDRAWN,
    Event.FAIL: Position.WITHDRAWN,
    Event.EXPIRE: Position.WITHDRAWN,
}
"""What a receipt makes of a position. An opening changes none: who has read has said nothing."""

SPOKEN: Final = frozenset({Position.AGREED, Position.DISAGREED, Position.ASKS})
"""Positions of parties that have said something about the matter."""

SILENT: Final = frozenset({Position.ON_ITS_WAY, Position.WAITING, Position.OVERDUE})
"""Positions of parties that have said nothing that counts."""

_PRESSING: Final[tuple[tuple[frozenset[Position], Outcome], ...]] = (
    (frozenset({Position.DISAGREED, Position.REMARKED}), Outcome.DISAGREEMENT),
    (frozenset({Position.ASKS}), Outcome.QUESTION),
    (frozenset({Position.OVERDUE}), Outcome.OVERDUE),
    (frozenset({Position.ON_ITS_WAY, Position.WAITING}), Outcome.WAITING),
)


def stand(said: Iterable[Said], *, overdue: bool = False) -> Stand:
    """Where a party stands after these receipts. `overdue`: its term has passed; that changes silence alone, and nothing
    else into anything."""
    found = Stand(Position.ON_ITS_WAY)
    for word in sorted(said, key=lambda word: (word.number, word.at)):
        position = _WORDS.get(word.event)
        if position is not None and found.position is not Position.WITHDRAWN:
            found = Stand(position, word.at, word.reason, word.number)
    if overdue and found.position is Position.WAITING:
        return Stand(Position.OVERDUE, found.since)
    return found


def outcome(positions: Iterable[Position]) -> Outcome:
    """What all parties together have said. Agreement is every remaining party's own yes (or signature); without a party
    that remains there is none."""
    remaining = [position for position in positions if position is not Position.WITHDRAWN]
    for pressing, found in _PRESSING:
        if not pressing.isdisjoint(remaining):
            return found
    return Outcome.AGREED if remaining else Outcome.NOBODY
