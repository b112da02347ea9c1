"""Move a message by one row of the table (`schemas.lifecycle`): its state, the receipt and the entry, in one unit of work.

Nothing else changes the state of a message. A receipt is signed by the partner's own key where one came with it, otherwise
the gateway attests it; which of the two, it says itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.entry import JsonValue
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import MessageOnFile, ReceiptOnFile, Requester
from schemas.ids import OrganisationId
from schemas.lifecycle import Actor, Event, State, Transition, transition

KINDS = {kind.value: kind for kind in EventKind}
GATEWAY = "gateway"
PARTNER = "partner"
BY_FILE = "file"
"""Handed over as a package: the gateway attests that it was made."""
BY_CODE = "code"
"""By a code that only who opened the package could know; the sender's side typed it."""


@dataclass(frozen=True, slots=True)
class By:
    """Who moves a message: the gateway (no organisation), or somebody of one of its sides. `signature` is the partner's
    own word for it (a JWS), `digest` the SHA-256 of that, for the entry; `attested` whose word counts otherwise."""

    actor: Actor
    organisation_id: OrganisationId | None = None
    name: str = GATEWAY
    signature: str | None = None
    digest: str | None = None
    attested: str = GATEWAY

    @classmethod
    def side(cls, requester: Requester, message: MessageOnFile) -> By:
        """Somebody of one of the two sides. In a journal of one's own, where both are the same, the recipient."""
        is_recipient = requester.organisation_id == message.recipient_id
        return cls(Actor.RECIPIENT if is_recipient else Actor.SENDER, requester.organisation_id, requester.actor)


THE_GATEWAY = By(Actor.GATEWAY)


def move(
    unit: Unit,
    message: MessageOnFile,
    event: Event,
    by: By,
    now: datetime,
    *,
    allowed: Collection[Event] | None = None,
    reason: str | None = None,
    sealed_words: bytes | None = None,
    alternatives: Sequence[OrganisationId] = (),
    details: Mapping[str, JsonValue] | None = None,
) -> Transition:
    """The row that was taken. `details` are more of the entry: identifiers and codes. Raises as `transition`."""
    row = transition(message.state, event, by.actor, allowed)
    attested = PARTNER if by.signature else by.attested
    receipt = ReceiptOnFile(
        row.next, now, by.organisation_id, by.name, attested, event, reason, sealed_words, by.signature
    )
    unit.messages.advance(message.id, receipt, reason=reason, alternatives=alternatives, expected=message.state)
    body: dict[str, JsonValue] = {"message": message.id}
    if by.organisation_id is not None:
        body |= {"organisation": by.organisation_id, "actor": by.name}
    if event.value not in row.entry:  # the kind of the entry does not say it
        body["event"] = event.value
    if reason is not None:
        body |= {"reason": reason, "alternatives": list(alternatives)}
    if by.digest:
        body["receipt"] = by.digest
    append_entry(unit, KINDS[row.entry], {**body, **(details or {})}, now)
    return row


def deliver(unit: Unit, message: MessageOnFile, now: datetime) -> None:
    """The message lies in its recipient's queue; nothing where it does already, or will never."""
    if message.state is State.SUBMITTED:
        move(
            unit,
            message,
            Event.DELIVER,
            THE_GATEWAY,
            now,
            details={"recipient": message.recipient_id, "type": message.type},
        )
