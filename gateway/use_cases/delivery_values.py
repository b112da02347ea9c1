"""Plain values of deliveries: endpoints, events, what a worker holds, what became of it. Identifiers and codes only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from schemas.ids import DeliveryId, EndpointId, MessageId, OrganisationId


class DeliveryKind(StrEnum):
    """What an organisation is told of."""

    DELIVERED = "message.delivered"  # a message lies in your queue
    CHANGED = "message.changed"  # a message that you sent, or were sent, is in another state by the other side's act
    RECALL = "message.recall"  # a message was taken back, or what you were shown must be erased


class Transport(StrEnum):
    """How an endpoint is reached. Pulling needs no endpoint."""

    WEBHOOK = "webhook"
    FILE = "file"
    NATS = "nats"


class EndpointState(StrEnum):
    """Whether an endpoint gets anything."""

    PENDING = "pending"  # its address has not answered the challenge yet
    ACTIVE = "active"
    PAUSED = "paused"  # by somebody; what comes meanwhile waits
    DISABLED = "disabled"  # for good; what comes meanwhile is not addressed to it


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a system of an organisation is reached, and what it wants."""

    id: EndpointId
    organisation_id: OrganisationId
    transport: Transport
    address: str
    registered_at: datetime
    events: frozenset[DeliveryKind] = frozenset(DeliveryKind)
    content: bool = False
    ordered: bool = False
    form: str = "json"
    receipt_keys: Mapping[str, object] = field(default_factory=dict)
    seal_key: str | None = None
    state: EndpointState = EndpointState.PENDING
    reason: str | None = None
    challenge: str | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """One fact about a message that one organisation must learn. `id` is the same on every way to it."""

    id: DeliveryId
    organisation_id: OrganisationId
    message_id: MessageId
    kind: DeliveryKind
    state: str
    type: str
    urgency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that a worker holds until its lease ends. `fence` is the claim: a later one makes it void."""

    position: int
    fence: int
    attempts: int
    event: DeliveryEvent
    since: datetime
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """What one worker does next: some parcels for one endpoint, or (none) the challenge of its address."""

    endpoint: Endpoint
    parcels: tuple[Parcel, ...]
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A partner's countersigned word, checked."""

    keyid: str
    document: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a parcel: taken (no code), or the code of why not. `untried`: nothing was sent, it is given back."""

    parcel: Parcel
    code: str | None = None
    receipt: SignedReceipt | None = None
    wait: timedelta | None = None  # what the receiver asked for
    untried: bool = False
    stops: bool = False  # the endpoint as a whole does not answer, or asks to wait
    gone: bool = False  # the receiver wants nothing any more


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as its operator sees it."""

    position: int
    event: DeliveryEvent
    endpoint_id: EndpointId
    attempts: int
    available_at: datetime
    error: str | None
    done_at: datetime | None
    dead_at: datetime | None
    leased_until: datetime | None

    @property
    def state(self) -> str:
        """dead, done, sending or waiting."""
        if self.done_at is not None:
            return "done"
        if self.dead_at is not None:
            return "dead"
        return "sending" if self.leased_until is not None else "waiting"


@dataclass(frozen=True, slots=True)
class EndpointCounts:
    """How many deliveries of an endpoint wait, are dead, were taken; since when the oldest waits, and since when the oldest is
    on its way that has failed, dead or not."""

    waiting: int = 0
    dead: int = 0
    done: int = 0
    oldest: datetime | None = None
    failing_since: datetime | None = None
