"""The life of a message, as a table: state, event, who may do it, next state.

Delivered, opened and accepted are three different facts with a time and an actor each. Words follow Gravity/FHIR Task
and SMEV. The full table (on hold, entered in error, …) extends this one row by row; no row ever changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas.errors import Conflict, NotPermitted


class State(StrEnum):
    """States of a message."""

    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    OPENED = "opened"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REDIRECTED = "redirected"
    ACKNOWLEDGED = "acknowledged"
    RECALLED = "recalled"
    FAILED = "failed"


NEVER_CAME = frozenset({State.SUBMITTED, State.FAILED})
"""States of a message that has not come to its recipient, who therefore knows nothing of it, of its case, of its sender."""


class Event(StrEnum):
    """What may happen to a message."""

    DELIVER = "deliver"
    OPEN = "open"
    ACCEPT = "accept"
    REJECT = "reject"
    REDIRECT = "redirect"
    ACKNOWLEDGE = "acknowledge"
    RECALL = "recall"
    FAIL = "fail"


class Actor(StrEnum):
    """In what capacity somebody acts on a message."""

    GATEWAY = "gateway"
    SENDER = "sender"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    state: State
    event: Event
    actor: Actor
    next: State


TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.SUBMITTED, Event.DELIVER, Actor.GATEWAY, State.DELIVERED),
    Transition(State.DELIVERED, Event.OPEN, Actor.RECIPIENT, State.OPENED),
    Transition(State.OPENED, Event.ACCEPT, Actor.RECIPIENT, State.ACCEPTED),
    Transition(State.OPENED, Event.REJECT, Actor.RECIPIENT, State.REJECTED),
    Transition(State.OPENED, Event.REDIRECT, Actor.RECIPIENT, State.REDIRECTED),
    Transition(State.OPENED, Event.ACKNOWLEDGE, Actor.RECIPIENT, State.ACKNOWLEDGED),
    Transition(State.SUBMITTED, Event.RECALL, Actor.SENDER, State.RECALLED),
    Transition(State.DELIVERED, Event.RECALL, Actor.SENDER, State.RECALLED),
    Transition(State.SUBMITTED, Event.FAIL, Actor.GATEWAY, State.FAILED),
)

_TABLE = {(row.state, row.event): row for row in TRANSITIONS}


def advance(state: State, event: Event, actor: Actor) -> State:
    """The next state. Raises Conflict where the table has no such row, NotPermitted where the row is another actor's."""
    row = _TABLE.get((state, event))
    if row is None:
        code = "message_state_conflict"
        raise Conflict(code, state=state.value, event=event.value)
    if row.actor is not actor:
        code = "message_not_yours"
        raise NotPermitted(code, event=event.value)
    return row.next
