"""A pack as the gateway uses it: the engine, and the look-ups in the pack's tables that go with a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from policies.calendar import Calendar
from policies.engine import Engine
from policies.facts import Facts
from policies.lanes import Lane, Party, Sending, choose_lane, lawful_lanes, may_be_sent, sendable
from policies.masks import Json
from policies.pack import shipped_pack
from policies.profiles import shipped_practices
from policies.queues import QueueBook
from policies.regional_terms import check_regional_terms
from policies.responsible import Responsible
from policies.ruling import CategoryRuling, Effect, PackIdentity, Ruling
from policies.terms import Term, last_day
from policies.timers import Place, Rule, reckon
from schemas.ids import Category

_STRICTNESS = (Effect.PERMIT, Effect.MASK, Effect.HOLD, Effect.DENY)


class PackDecider:
    """A shipped pack by name, with the regional overlays that are on. Pure and safe to share between threads."""

    def __init__(self, name: str, overlays: tuple[str, ...] = ()) -> None:
        self._pack = shipped_pack(name, overlays)
        check_regional_terms(shipped_practices(), self._pack.overlays)
        self._engine = Engine(self._pack)

    @property
    def identity(self) -> PackIdentity:
        """Which pack decides: recorded in every entry."""
        return self._pack.identity

    def decide(self, facts: Facts) -> Ruling:
        """The ruling on every requested category."""
        return self._engine.decide(facts)

    def after_hold(self, facts: Facts, held: CategoryRuling, effect: Effect) -> CategoryRuling:
        """A held category that a human has released."""
        return self._engine.after_hold(facts, held, effect)

    def with_rulings(self, ruling: Ruling, by_category: Mapping[Category, CategoryRuling]) -> Ruling:
        """A ruling of which some categories were decided otherwise, with what all of them oblige to now."""
        return self._engine.with_rulings(ruling, by_category)

    def rests_on_consent(self, purpose: str) -> bool:
        """Whether a purpose belongs to the lane in which consents are looked at."""
        return self._pack.tables.lane(purpose) == self._pack.responsible.consent_lane

    @property
    def responsible(self) -> Responsible:
        """Owners of facts, deciders of holds, terms of an emergency."""
        return self._pack.responsible

    @property
    def queues(self) -> QueueBook:
        """Who may do what in a queue, terms of opening and answering, and who is told when they pass."""
        return self._pack.queues

    @property
    def calendar(self) -> Calendar:
        """The working days of the pack's jurisdiction."""
        return self._pack.calendar

    @property
    def files(self) -> Mapping[str, bytes]:
        """The pack whole, to be kept with what it decided."""
        return self._pack.files.contents

    def due(self, timer: str, start: datetime, zone: str) -> datetime:
        """When a term of the pack ends that began at `start`, for somebody in `zone`."""
        row = self._pack.tables.timers[timer]
        return reckon(Rule(Term.from_row(row)), start, self.place(zone)).due_at

    def place(self, zone: str) -> Place:
        """Where a term is counted: in this zone, on the calendar of the pack with the days that its overlays change."""
        return Place(ZoneInfo(zone), self._pack.calendar)

    def has_timer(self, timer: str) -> bool:
        """Whether the pack has this term."""
        return timer in self._pack.tables.timers

    def practice_amount(self, practice: str, timer: str, ordinal: int = 0) -> int | None:
        """The region's own amount of a practice's timer; the last overlay that speaks of it counts."""
        said = [overlay.says.practice_timers.get(f"{practice}/{timer}") for overlay in self._pack.overlays]
        amounts = next((amounts for amounts in reversed(said) if amounts is not None), None)
        return amounts[ordinal] if isinstance(amounts, tuple) else amounts

    def practice_settings(self, practice: str) -> Mapping[str, str]:
        """What the region says of what a practice leaves open; the last overlay that speaks of it counts."""
        found: dict[str, str] = {}
        for overlay in self._pack.overlays:
            for name, value in overlay.says.practice_settings.items():
                of, _, setting = name.partition("/")
                if of == practice:
                    found[setting] = value
        return found

    def obligation_timer(self, code: str) -> tuple[str, str] | None:
        """The timer that an obligation starts, and when: now, or when the message is delivered."""
        row = self._pack.obligations.codes[code]
        return (row.timer, row.starts) if row.timer else None

    def timers_ended_by(self, event: str) -> frozenset[str]:
        """The timers that an event ends: what they remind of has happened."""
        rows = self._pack.obligations.codes.values()
        return frozenset(row.timer for row in rows if row.timer and row.ends == event)

    def longest_consent(self, given_on: date) -> date:
        """The last day that a consent without an end of its own may be relied on."""
        row = self._pack.tables.timers[self._pack.responsible.longest_consent]
        return last_day(given_on, Term.from_row(row), self._pack.calendar)

    def timer_title(self, timer: str) -> str:
        """The term in words."""
        row = self._pack.tables.timers.get(timer)
        return row.title_ru if row else timer

    def fact_title(self, fact: str) -> str:
        """A recorded fact in words."""
        row = self._pack.responsible.facts.get(fact)
        return row.title_ru if row else fact

    def concerns(self, code: str) -> str:
        """Whom an obligation concerns: holder, recipient or both."""
        return self._pack.obligations.codes[code].concerns

    def kind_of(self, organisation_kind: str, registers: Sequence[str], purpose: str) -> str:
        """The pack's kind of an organisation for a purpose."""
        return self._pack.tables.kind_of(organisation_kind, registers, purpose)

    def is_organisation_kind(self, organisation_kind: str) -> bool:
        """Whether the pack can place such an organisation."""
        return any(row.organisation_kind == organisation_kind for row in self._pack.tables.organisation_kinds)

    def organisation_kinds(self) -> tuple[str, ...]:
        """All kinds that the pack can place."""
        return tuple(dict.fromkeys(row.organisation_kind for row in self._pack.tables.organisation_kinds))

    def registers(self) -> frozenset[str]:
        """Register entries that the pack takes into account."""
        return frozenset(row.register_entry for row in self._pack.tables.organisation_kinds if row.register_entry)

    def kind_title(self, organisation_kind: str) -> str:
        """What an organisation of this kind is called where its name is not shown."""
        return self._pack.tables.kinds[self.kind_of(organisation_kind, (), "")].title_ru

    def lane(self, sending: Sending) -> Lane | None:
        """The lane that is open to a message; None where none is."""
        return choose_lane(self._pack.tables, self._pack.lanes.get(sending.type, ()), sending)

    def lawful_lanes(self, sending: Sending) -> str:
        """What would be lawful instead, in words of the pack."""
        return lawful_lanes(self._pack.tables, self._pack.lanes.get(sending.type, ()), sending)

    def sendable(self, sender: Party) -> frozenset[str]:
        """The types of messages that this sender may send to anybody at all."""
        return sendable(self._pack.tables, self._pack.lanes, sender)

    def may_be_sent(self, message_type: str, sender: Party, recipient: Party) -> bool:
        """Whether any lane of a type leads from this sender to this recipient, whatever its conditions are."""
        return may_be_sent(self._pack.tables, self._pack.lanes.get(message_type, ()), sender, recipient)

    def purposes_of(self, message_type: str) -> tuple[str, ...]:
        """The purposes that a type of message may travel under, in the order of the table."""
        rows = self._pack.lanes.get(message_type, ())
        return tuple(dict.fromkeys(row.purpose for row in rows if row.purpose))

    def is_purpose(self, purpose: str) -> bool:
        """Whether the pack knows the purpose (also one that it always refuses)."""
        return purpose in self._pack.tables.purposes

    def purpose_title(self, purpose: str) -> str:
        """The purpose in words."""
        row = self._pack.tables.purposes.get(purpose)
        return row.title_ru if row else purpose

    def statement_citation(self, rule: str) -> str:
        """Where a rule of the pack stands in the law."""
        return self._pack.statements[rule].citation

    def never_automatic(self) -> frozenset[Category]:
        """The categories that no program lets out by itself, whoever asks (sensitivity X)."""
        rows = self._pack.tables.categories.items()
        return frozenset(category for category, row in rows if row.sensitivity == "X")

    def category_title(self, category: Category) -> str:
        """The category in words."""
        row = self._pack.tables.categories.get(category)
        return row.title_ru if row else category

    def words_travel(self, purpose: str) -> bool:
        """Whether the words of a message stay when the history is masked."""
        return self._pack.keeps_words(purpose)

    def echoed(self) -> frozenset[str]:
        """The purposes of a reading of which the holder is told afterwards."""
        return self._pack.echoed()

    def mask(
        self, scope: str, category: Category, value: Mapping[str, Json], *, words_travel: bool = False
    ) -> dict[str, Json]:
        """The masked form of one section of a summary or of a message, as JSON."""
        return self._pack.mask(scope, category, value, words_travel=words_travel)

    def triggers(self) -> Mapping[str, str]:
        """Triggers of a signal with their titles."""
        return {code: row.title_ru for code, row in self._pack.tables.routes.items()}

    def is_trigger(self, trigger: str) -> bool:
        """Whether a signal may claim this trigger."""
        return trigger in self._pack.tables.routes

    def told(self, obligations: Sequence[str]) -> tuple[str, ...]:
        """Those obligations that the requester is told of; what concerns the holder alone could betray a quiet rule."""
        codes = self._pack.obligations.codes
        return tuple(code for code in obligations if codes[code].concerns != "holder")

    def duties(self, obligations: Sequence[str]) -> Mapping[str, str]:
        """What the recipient must observe, in words, by code; without what concerns the holder alone or is done by itself."""
        codes = self._pack.obligations.codes
        return {code: codes[code].title_ru for code in self.told(obligations) if codes[code].in_words}

    def strictest(self, rulings: Sequence[Ruling], category: Category) -> Ruling:
        """Of several rulings, the first whose effect on the category is the strictest."""
        return max(rulings, key=lambda ruling: _STRICTNESS.index(ruling.by_category[category].effect))
