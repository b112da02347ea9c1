"""What joint decisions and agendas need of the store. `gateway.storage.joint` and `gateway.storage.agendas` implement it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.use_cases.joint_values import Agenda, AgendaItem, JointDecision
from gateway.use_cases.practice_values import CourseTimer
from gateway.use_cases.values import MessageOnFile
from schemas.ids import CaseId, MessageId, OrganisationId


class JointDecisions(Protocol):
    """Matters put to several parties. A viewer is the proposer, or a party to which it has come and was not taken back."""

    def add(self, decision: JointDecision) -> None: ...
    def by_operation(self, proposer_id: OrganisationId, operation_id: str) -> JointDecision | None: ...
    def get(self, decision_id: str, viewer: OrganisationId, *, lock: bool = False) -> JointDecision | None:
        """What this viewer may see; the same statements for what is another's and for what nobody made."""
        ...

    def page(self, viewer: OrganisationId, after: str | None, limit: int) -> Sequence[JointDecision]:
        """Newest first. A page begins after one that this viewer may see; any other name begins nothing."""
        ...

    def of_case(self, proposer_id: OrganisationId, case_id: CaseId, limit: int) -> Sequence[JointDecision]:
        """One's own about a case, newest first."""
        ...

    def of_messages(self, message_ids: Collection[MessageId]) -> Mapping[MessageId, JointDecision]:
        """The decisions that these messages put to somebody."""
        ...

    def is_concluded(self, message_id: MessageId) -> bool:
        """Whether the decision that this message belongs to is concluded; locks it where the store allows."""
        ...

    def conclude(self, decision: JointDecision) -> None: ...
    def messages(self, message_ids: Collection[MessageId], now: datetime) -> Mapping[MessageId, MessageOnFile]:
        """Messages with their receipts, in two statements whatever their number."""
        ...

    def minutes_of(self, message_ids: Collection[MessageId], now: datetime) -> Mapping[MessageId, MessageOnFile]:
        """The newest minutes that answer each of these messages."""
        ...

    def terms(
        self, message_ids: Collection[MessageId], organisation_id: OrganisationId
    ) -> Mapping[MessageId, CourseTimer]:
        """The newest term of this organisation's practice about each of these messages, run out or not."""
        ...


class Agendas(Protocol):
    """Meetings with several cases. A viewer is who made it, or who got a message of its maker that stands on it."""

    def add(self, agenda: Agenda) -> None: ...
    def get(self, agenda_id: str, viewer: OrganisationId, *, lock: bool = False) -> Agenda | None: ...
    def page(self, viewer: OrganisationId, after: str | None, limit: int) -> Sequence[Agenda]:
        """The latest meeting first; begins as pages of joint decisions do."""
        ...

    def items(self, agenda_id: str) -> Sequence[AgendaItem]: ...
    def add_item(self, item: AgendaItem) -> bool:
        """False where the case stands on it already."""
        ...

    def remove_item(self, agenda_id: str, item_id: str) -> bool: ...
    def close(self, agenda: Agenda) -> None: ...
    def messages(self, agenda: Agenda, viewer: OrganisationId, limit: int) -> Sequence[MessageId]:
        """Messages of its maker that stand on it, the oldest first: to its maker all, to others those that came to them."""
        ...
