"""The life of a message, as a table: `schemas/data/lifecycle.csv` (state, event, who may do it, next state, what it needs,
its entry in the log). Everything not in the table is impossible; a new row is a line of the table.

Delivered, opened and accepted are three different facts with a time and an actor each. Words follow Gravity/FHIR Task
and SMEV. Which of the recipient's events fit a type of message stands in `message_types.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Final

from schemas.errors import Conflict, NotPermitted


class State(StrEnum):
    """States of a message."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    OPENED = "opened"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REDIRECTED = "redirected"
    ACKNOWLEDGED = "acknowledged"
    IN_WORK = "in_work"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RECALLED = "recalled"
    ENTERED_IN_ERROR = "entered_in_error"


TAKEN_ON: Final = frozenset({State.ACCEPTED, State.IN_WORK, State.ON_HOLD, State.COMPLETED})
"""States in which the recipient has accepted, or had: a visit needs an address (rules 2.3). A message that was never
accepted comes to none of them with content that this would open: `has_accepted` asks its receipts."""

WITHDRAWN: Final = frozenset({State.RECALLED, State.ENTERED_IN_ERROR})
"""States whose content nobody opens any more: it was taken back, or was never meant."""


class Event(StrEnum):
    """What may happen to a message."""

    SUBMIT = "submit"
    DISCARD = "discard"
    DELIVER = "deliver"
    OPEN = "open"
    ACCEPT = "accept"
    REJECT = "reject"
    REDIRECT = "redirect"
    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    AGREE = "agree"
    DISAGREE = "disagree"
    ASK = "ask"
    REPLY = "reply"
    SIGN = "sign"
    REMARK = "remark"
    ERASE = "erase"
    RETAIN = "retain"
    BEGIN = "begin"
    SUSPEND = "suspend"
    RESUME = "resume"
    COMPLETE = "complete"
    FAIL = "fail"
    EXPIRE = "expire"
    CANCEL = "cancel"
    RECALL = "recall"
    ENTER_IN_ERROR = "enter_in_error"


class Actor(StrEnum):
    """In what capacity somebody acts on a message."""

    GATEWAY = "gateway"
    SENDER = "sender"
    RECIPIENT = "recipient"


class Need(StrEnum):
    """What an event must bring. `elsewhere`: other organisations where help can be sought, or why there are none."""

    REASON = "reason"
    WORDS = "words"
    ELSEWHERE = "elsewhere"
    TARGET = "target"
    STATUTE = "statute"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. `entry` is the kind of the log entry that goes with it (`gateway.evidence.events`)."""

    state: State
    event: Event
    actor: Actor
    next: State
    needs: frozenset[Need]
    entry: str


def _read() -> tuple[Transition, ...]:
    table = resources.files("schemas").joinpath("data", "lifecycle.csv").read_text("utf-8")
    return tuple(
        Transition(
            State(row["state"]),
            Event(row["event"]),
            Actor(row["actor"]),
            State(row["next"]),
            frozenset(Need(need) for need in filter(None, row["needs"].split("|"))),
            row["entry"],
        )
        for row in csv.DictReader(table.splitlines())
    )


TRANSITIONS: Final[tuple[Transition, ...]] = _read()

_TABLE: Final[Mapping[tuple[State, Event], Transition]] = {(row.state, row.event): row for row in TRANSITIONS}

OF_RECIPIENT: Final = frozenset(row.event for row in TRANSITIONS if row.actor is Actor.RECIPIENT) - {Event.OPEN}
"""Events that a type of message may allow its recipient; opening it is allowed for every type."""


def transition(state: State, event: Event, actor: Actor, allowed: Collection[Event] | None = None) -> Transition:
    """The row by which `actor` may do this now. `allowed` are the events that fit the type of the message.

    Raises Conflict message_state_conflict where the table has no such row, NotPermitted message_not_yours where the row
    is another actor's, Conflict answer_not_expected where the type allows others only.
    """
    row = _TABLE.get((state, event))
    if row is not None and row.actor is not actor:
        raise NotPermitted("message_not_yours", event=event.value)
    if allowed is not None and event in OF_RECIPIENT | {Event.REPLY} and event not in allowed:
        raise Conflict("answer_not_expected", event=event.value, expected=", ".join(sorted(e.value for e in allowed)))
    if row is None:
        raise Conflict("message_state_conflict", state=state.value, event=event.value)
    return row


def advance(state: State, event: Event, actor: Actor) -> State:
    """The next state. Raises as `transition`."""
    return transition(state, event, actor).next


def possible(state: State, actor: Actor, allowed: Collection[Event]) -> tuple[Event, ...]:
    """What `actor` may do now with a message of a type that allows these events, in the order of the table."""
    return tuple(
        row.event
        for row in TRANSITIONS
        if row.state is state
        and row.actor is actor
        and (row.event in allowed or row.event not in OF_RECIPIENT | {Event.REPLY})
    )
