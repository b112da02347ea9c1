"""What the queue needs of the world: `gateway.storage` implements the stores, `gateway.exchange` the channels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.use_cases.queue_values import (
    Absence,
    Alert,
    Call,
    Move,
    Office,
    QueueItem,
    Staff,
    StandIn,
    StepDone,
    Tabs,
    Watched,
    WorkRow,
)
from gateway.use_cases.values import MessageOnFile
from schemas.duty import DutySchedule
from schemas.ids import CaseId, MessageId, OrganisationId, PersonId


class Queues(Protocol):
    """Who has which message of an organisation's queue, and what was done about it."""

    def came(self, message_ids: Collection[MessageId]) -> Sequence[MessageOnFile]:
        """Those of these messages that lie unopened with their recipient and stand in no queue yet."""
        ...

    def workers(self, cases: Collection[tuple[OrganisationId, CaseId]]) -> Mapping[tuple[str, str], Sequence[PersonId]]:
        """Who of an organisation works on each of these cases."""
        ...

    def enter(self, items: Sequence[QueueItem]) -> None: ...
    def item(
        self, message_id: MessageId, organisation_id: OrganisationId, *, lock: bool = False
    ) -> QueueItem | None: ...
    def save(self, items: Sequence[QueueItem]) -> None: ...
    def staff(self, organisation_id: OrganisationId, now: datetime) -> tuple[Sequence[Staff], Sequence[Absence]]:
        """Everybody of an organisation, active or not, and who is away now: one statement."""
        ...

    def offices(self, organisation_ids: Collection[OrganisationId], now: datetime) -> Mapping[OrganisationId, Office]:
        """The same for several organisations with their schedules: two statements."""
        ...

    def page(
        self,
        organisation_id: OrganisationId,
        view: str,
        people: Collection[PersonId],
        after: MessageId | None,
        limit: int,
        now: datetime,
    ) -> Sequence[WorkRow]:
        """A page of a view: one statement."""
        ...

    def tabs(self, organisation_id: OrganisationId, people: Collection[PersonId], now: datetime) -> Tabs:
        """One statement, whatever is stored."""
        ...

    def others_open(self, case_id: CaseId, person_id: PersonId, without: MessageId) -> bool:
        """Whether this person has other open work in the case."""
        ...

    def add_moves(self, moves: Sequence[Move]) -> None: ...
    def moves(self, message_id: MessageId, organisation_id: OrganisationId) -> Sequence[Move]: ...
    def steps(self, message_id: MessageId) -> Sequence[StepDone]: ...
    def add_steps(self, steps: Sequence[StepDone]) -> None: ...
    def calls(self, message_id: MessageId) -> Sequence[Call]: ...
    def add_call(self, call: Call) -> None: ...
    def is_watched(self, now: datetime) -> bool: ...
    def watched(self, now: datetime, limit: int) -> Sequence[Watched]:
        """Items whose step is due, the longest first, locked against other relays where the store allows it: two
        statements."""
        ...

    def add_absence(self, absence: Absence) -> None: ...
    def absence(self, absence_id: str) -> Absence | None: ...
    def end_absence(self, absence_id: str, at: datetime) -> None: ...
    def absences(self, organisation_id: OrganisationId, since: datetime) -> Sequence[Absence]:
        """Those that have not ended by `since`, the earliest first."""
        ...

    def add_stand_in(self, stand_in: StandIn) -> None: ...
    def is_over(self, now: datetime) -> bool: ...
    def over(self, now: datetime, limit: int) -> Sequence[StandIn]:
        """Substitutions of absences that have ended."""
        ...

    def end_stand_ins(self, ids: Collection[str], now: datetime) -> None: ...


class Alerts(Protocol):
    """The outbox of alerts, and the schedules that say who gets them."""

    def schedule(self, organisation_id: OrganisationId) -> DutySchedule | None: ...
    def set_schedule(
        self, organisation_id: OrganisationId, schedule: DutySchedule, actor: str, now: datetime
    ) -> None: ...
    def schedules(self) -> Mapping[OrganisationId, DutySchedule]: ...
    def add(self, alerts: Sequence[Alert]) -> None:
        """A digest that waits already is not added again."""
        ...

    def last_digests(self, organisation_ids: Collection[OrganisationId]) -> Mapping[tuple[str, str], datetime]:
        """When each contact was sent a digest last."""
        ...

    def is_due(self, now: datetime) -> bool: ...
    def due(self, now: datetime, limit: int) -> Sequence[tuple[Alert, str | None]]:
        """Waiting alerts, the urgent first, each with the stage of its message; locked where the store allows it."""
        ...

    def save(self, alerts: Sequence[Alert]) -> None: ...
    def of(self, organisation_id: OrganisationId | None, limit: int, *, state: str | None = None) -> Sequence[Alert]:
        """The newest first; of every organisation for the operator."""
        ...

    def rung(self, message_id: MessageId, organisation_id: OrganisationId, now: datetime) -> None:
        """The numbers to ring about this message were rung."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out: a channel, an address, a subject and a text that say nothing of any message. `id` makes a repeat
    recognisable."""

    id: str
    channel: str
    address: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a letter: `outcome` is a code. `final`: another attempt by this channel is of no use."""

    sent: bool
    outcome: str
    final: bool = False


class Post(Protocol):
    """Sends letters, all at once, each within a time limit. Never raises."""

    def send(self, letters: Sequence[Letter]) -> Sequence[Posted]: ...
