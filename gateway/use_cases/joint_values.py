"""Plain values of joint decisions and agendas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.ids import CaseId, MessageId, OrganisationId


@dataclass(frozen=True, slots=True)
class JointParty:
    """One party, and the message by which the matter was put to it."""

    organisation_id: OrganisationId
    message_id: MessageId


@dataclass(frozen=True, slots=True)
class JointDecision:
    """A matter put to several parties at once. `positions`: what each had said (position, coded reason) when the proposer
    noted its conclusion; a no and a silence stay in it for good."""

    id: str
    proposer_id: OrganisationId
    operation_id: str
    digest: str
    case_id: CaseId
    matter: str
    proposed_at: datetime
    proposed_by: str
    agenda_id: str | None = None
    concluded_at: datetime | None = None
    concluded_by: str | None = None
    conclusion: str | None = None
    positions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    parties: tuple[JointParty, ...] = ()

    @property
    def message_ids(self) -> tuple[MessageId, ...]:
        """The messages to all parties."""
        return tuple(party.message_id for party in self.parties)


@dataclass(frozen=True, slots=True)
class Agenda:
    """A meeting of an organisation with several cases; its words lie sealed."""

    id: str
    organisation_id: OrganisationId
    digest: str
    at: datetime
    sealed_words: bytes
    made_at: datetime
    made_by: str
    closed_at: datetime | None = None
    closed_by: str | None = None


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """A case on an agenda, in the order of its organisation."""

    id: str
    agenda_id: str
    ordinal: int
    case_id: CaseId
