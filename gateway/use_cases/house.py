"""The house: everything a use case is given. Built in `gateway.building`, passed as a value, never looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from adapters.signatures.classic import CLASSIC
from adapters.signatures.providers import Providers, Signer
from gateway.evidence.note import SigningKey
from gateway.use_cases.attachment_values import AttachmentLimits, Blobs
from gateway.use_cases.ports import Store
from gateway.vault.vault import Vault
from policies.calendar import Calendar
from policies.facts import Facts
from policies.lanes import Lane, Party, Sending
from policies.profiles import Practices, shipped_practices
from policies.queues import QueueBook
from policies.responsible import Responsible
from policies.ruling import CategoryRuling, Effect, PackIdentity, Ruling
from policies.timers import Place
from schemas.ids import Category


class Decider(Protocol):
    """The pack behind its engine: pure, the same for the same facts."""

    @property
    def identity(self) -> PackIdentity: ...
    def decide(self, facts: Facts) -> Ruling: ...
    def after_hold(self, facts: Facts, held: CategoryRuling, effect: Effect) -> CategoryRuling:
        """A held category that a human has released, with what that obliges to."""
        ...

    def with_rulings(self, ruling: Ruling, by_category: Mapping[Category, CategoryRuling]) -> Ruling:
        """A ruling of which some categories were decided otherwise, with what all of them oblige to now."""
        ...

    def rests_on_consent(self, purpose: str) -> bool:
        """Whether what is released for a purpose rests on a consent, and not on a norm."""
        ...

    @property
    def responsible(self) -> Responsible: ...
    @property
    def queues(self) -> QueueBook:
        """Who may do what in a queue, terms of opening and answering, and who is told when they pass."""
        ...

    @property
    def calendar(self) -> Calendar:
        """The working days of the pack's jurisdiction."""
        ...

    @property
    def files(self) -> Mapping[str, bytes]:
        """The pack whole, to be kept with what it decided."""
        ...

    def due(self, timer: str, start: datetime, zone: str) -> datetime:
        """When a term of the pack ends that began at `start`, for somebody in `zone`."""
        ...

    def place(self, zone: str) -> Place:
        """Where a term is counted: the zone of who must act, on the calendar of the pack."""
        ...

    def has_timer(self, timer: str) -> bool: ...
    def practice_amount(self, practice: str, timer: str, ordinal: int = 0) -> int | None:
        """The region's own amount of a practice's timer (of which of its dues), where its overlay gives one."""
        ...

    def practice_settings(self, practice: str) -> Mapping[str, str]:
        """What the region's overlay says of what a practice leaves open."""
        ...

    def obligation_timer(self, code: str) -> tuple[str, str] | None:
        """The timer that an obligation starts, and when: now, or delivered."""
        ...

    def timers_ended_by(self, event: str) -> frozenset[str]:
        """The timers that an event ends: delivered."""
        ...

    def concerns(self, code: str) -> str:
        """Whom an obligation concerns: holder, recipient or both."""
        ...

    def longest_consent(self, given_on: date) -> date:
        """The last day that a consent without an end of its own may be relied on."""
        ...

    def timer_title(self, timer: str) -> str: ...
    def fact_title(self, fact: str) -> str: ...
    def kind_of(self, organisation_kind: str, registers: Sequence[str], purpose: str) -> str:
        """The pack's kind of an organisation for a purpose: an NGO in two registers has the kind the purpose needs."""
        ...

    def lane(self, sending: Sending) -> Lane | None:
        """The lane that is open to a message; None where none is."""
        ...

    def lawful_lanes(self, sending: Sending) -> str:
        """What would be lawful instead, in words of the pack."""
        ...

    def sendable(self, sender: Party) -> frozenset[str]:
        """The types of messages that this sender may send to anybody at all."""
        ...

    def may_be_sent(self, message_type: str, sender: Party, recipient: Party) -> bool:
        """Whether any lane of a type leads from this sender to this recipient, whatever its conditions are."""
        ...

    def purposes_of(self, message_type: str) -> tuple[str, ...]:
        """The purposes that a type of message may travel under; none where the pack opens no lane for it."""
        ...

    def is_purpose(self, purpose: str) -> bool: ...
    def words_travel(self, purpose: str) -> bool:
        """Whether the words of a message stay when the history is masked (rules 2.3, SIGNAL)."""
        ...

    def echoed(self) -> frozenset[str]:
        """The purposes of a reading of which the holder is told afterwards."""
        ...

    def mask(
        self, scope: str, category: Category, value: Mapping[str, object], *, words_travel: bool = False
    ) -> dict[str, object]:
        """The masked form of one section; `scope` is summary or message, as the scope of a disclosure is named."""
        ...

    def is_trigger(self, trigger: str) -> bool: ...
    def is_organisation_kind(self, organisation_kind: str) -> bool: ...
    def organisation_kinds(self) -> tuple[str, ...]: ...
    def registers(self) -> frozenset[str]: ...
    def kind_title(self, organisation_kind: str) -> str: ...
    def purpose_title(self, purpose: str) -> str: ...
    def statement_citation(self, rule: str) -> str:
        """Where a rule of the pack stands in the law."""
        ...

    def never_automatic(self) -> frozenset[Category]:
        """The categories that no program lets out by itself, whoever asks."""
        ...

    def category_title(self, category: Category) -> str: ...
    def triggers(self) -> Mapping[str, str]: ...
    def told(self, obligations: Sequence[str]) -> tuple[str, ...]:
        """Those obligations that the requester is told of."""
        ...

    def duties(self, obligations: Sequence[str]) -> Mapping[str, str]:
        """What the recipient must observe, in words, by code."""
        ...

    def strictest(self, rulings: Sequence[Ruling], category: Category) -> Ruling:
        """Of several rulings, one whose effect on the category is the strictest."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """The store, the vault, the pack, the key that signs checkpoints of the log, and the profiles of practices."""

    store: Store
    vault: Vault
    pack: Decider
    log_key: SigningKey
    practices: Practices = field(default_factory=shipped_practices)
    blobs: Blobs | None = None
    """Where files of messages lie; without it none are taken."""
    attachment_limits: AttachmentLimits = field(default_factory=AttachmentLimits)
    providers: Providers = CLASSIC
    """Who verifies signatures of files."""
    file_signer: Signer | None = None
    """Whose signature stands under reports about files; without it they are not signed."""
    echo_period: timedelta = timedelta(hours=24)
    """How often holders are told who looked at their summaries."""
    draft_period: timedelta = timedelta(days=14)
    """How long what somebody has begun to write is kept after it was touched last."""
