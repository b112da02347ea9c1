"""A pack as the gateway uses it: the engine, and the look-ups in the pack's tables that go with a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policies.engine import Engine
from policies.facts import Facts
from policies.pack import shipped_pack
from policies.ruling import Effect, PackIdentity, Ruling
from schemas.ids import Category

_STRICTNESS = (Effect.PERMIT, Effect.MASK, Effect.HOLD, Effect.DENY)


class PackDecider:
    """A shipped pack by name. Pure and safe to share between threads."""

    def __init__(self, name: str) -> None:
        self._pack = shipped_pack(name)
        self._engine = Engine(self._pack)

    @property
    def identity(self) -> PackIdentity:
        """Which pack decides: recorded in every entry."""
        return self._pack.identity

    def decide(self, facts: Facts) -> Ruling:
        """The ruling on every requested category."""
        return self._engine.decide(facts)

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

    def purpose_of(self, message_type: str) -> str | None:
        """The purpose that a type of message travels under; None where the pack opens no lane for it."""
        return self._pack.tables.message_purposes.get(message_type)

    def is_purpose(self, purpose: str) -> bool:
        """Whether the pack knows the purpose (also one that it always refuses)."""
        return purpose in self._pack.tables.purposes

    def purpose_title(self, purpose: str) -> str:
        """The purpose in words."""
        row = self._pack.tables.purposes.get(purpose)
        return row.title_ru if row else purpose

    def category_title(self, category: Category) -> str:
        """The category in words."""
        row = self._pack.tables.categories.get(category)
        return row.title_ru if row else category

    def words_travel(self, purpose: str) -> bool:
        """Whether the words of a message stay when the history is masked."""
        return self._pack.keeps_words(purpose)

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

    def strictest(self, rulings: Sequence[Ruling], category: Category) -> Ruling:
        """Of several rulings, the first whose effect on the category is the strictest."""
        return max(rulings, key=lambda ruling: _STRICTNESS.index(ruling.by_category[category].effect))
