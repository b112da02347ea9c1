"""Names of codes for people. Russian names come from the code lists and from the pack; English ones from the codes.

The rules are those of a Russian pack and are cited in Russian in either language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from policies.pack import Pack
from policies.ruling import Effect, RuleText
from schemas import categories as c
from schemas.catalogue import Language, text, words
from schemas.codes import (
    ABSENT,
    CANCEL_REASONS,
    CONCERNS,
    DISAGREE_REASONS,
    FAIL_REASONS,
    HOLD_REASONS,
    NO_ALTERNATIVE,
    REJECT_REASONS,
    ROLES,
    SEXES,
    URGENCIES,
    code_lists,
    document_kinds,
    find_code,
)
from schemas.identifiers import is_digits
from schemas.ids import Category
from schemas.lifecycle import State
from schemas.messages import message_types
from schemas.notes import NoteRow
from schemas.sections import FieldRow

USUAL_CATEGORIES: Final = (c.IDENTITY, c.IDENTIFIERS, c.CONTACT, c.WHEREABOUTS, c.RISK, c.PLAN)
"""What a referral is usually made of: the parts of its form, in the order in which people read them."""

KIB: Final = 1024
MIB: Final = 1024 * 1024
_MONTH: Final = 7  # characters of YYYY-MM
_TAGS: Final[Mapping[str, str]] = {
    State.SUBMITTED: "govuk-tag--grey",
    State.DELIVERED: "govuk-tag--yellow",
    State.OPENED: "govuk-tag--blue",
    State.ACCEPTED: "govuk-tag--green",
    State.REJECTED: "govuk-tag--red",
    State.REDIRECTED: "govuk-tag--orange",
    State.ACKNOWLEDGED: "govuk-tag--green",
    State.RECALLED: "govuk-tag--grey",
    State.FAILED: "govuk-tag--red",
    State.DRAFT: "govuk-tag--grey",
    State.IN_WORK: "govuk-tag--green",
    State.ON_HOLD: "govuk-tag--orange",
    State.COMPLETED: "govuk-tag--turquoise",
    State.CANCELLED: "govuk-tag--grey",
    State.ENTERED_IN_ERROR: "govuk-tag--grey",
    Effect.PERMIT: "govuk-tag--green",
    Effect.MASK: "govuk-tag--yellow",
    Effect.HOLD: "govuk-tag--orange",
    Effect.DENY: "govuk-tag--red",
}
"""The colour of a tag. The words beside it say the same: colour alone carries nothing."""


REASON_LISTS: Final = (
    REJECT_REASONS,
    NO_ALTERNATIVE,
    CANCEL_REASONS,
    HOLD_REASONS,
    DISAGREE_REASONS,
    FAIL_REASONS,
)


def spelled(code: str) -> str:
    """A code as words: `first_visit_notice` is «First visit notice»."""
    return code.replace("_", " ").replace("-", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Words:
    """Names in one language."""

    pack: Pack
    language: Language
    zone: str = "Europe/Moscow"

    # --- codes -------------------------------------------------------------------------------------------------------

    def message_type(self, code: str) -> str:
        """«Направление на сопровождение или услугу»."""
        kind = message_types().get(code)
        return (kind.name_ru if self.language == "ru" else kind.name_en) if kind else spelled(code)

    def state(self, state: str) -> str:
        """«Доставлено»."""
        return text(f"web_state.{state}", self.language)

    def happened(self, event: str, state: str) -> str:
        """What a receipt says: the event, where its state alone would not tell it."""
        key = f"web_happened.{event}"
        return text(key, self.language) if key in words(self.language) else self.state(state)

    def lane(self, lane: str, purpose: str) -> str:
        """On which footing a message travels."""
        return text(f"lanes.{lane}", self.language, purpose=self.purpose(purpose) if purpose else "")

    def effect(self, effect: str) -> str:
        """«Передаётся»."""
        return text(f"web_effect.{Effect(effect).name.lower()}", self.language)

    def tag(self, code: str) -> str:
        """The class of the tag of a state or an effect."""
        return _TAGS[code]

    def urgency(self, code: str) -> str:
        """«Срочно»."""
        return self._listed(URGENCIES, code).capitalize()

    def concern(self, code: str) -> str:
        """«Ребёнок без присмотра и заботы»."""
        return self._listed(CONCERNS, code)

    def concerns(self) -> tuple[tuple[str, str], ...]:
        """All concern codes with their names, in the order of the list."""
        return tuple((code, self.concern(code)) for code in code_lists()[CONCERNS])

    def role(self, code: str) -> str:
        """«Мать»."""
        return self._listed(ROLES, code).capitalize()

    def roles(self) -> tuple[tuple[str, str], ...]:
        """All roles of adults with their names."""
        return tuple((code, self.role(code)) for code in code_lists()[ROLES])

    def text(self, key: str) -> str:
        """Words of the catalogue in this language."""
        return text(key, self.language)

    def document(self, kind: str) -> str:
        """«Свидетельство о рождении»: what a document is; one that has left the list is spelled by its code."""
        entry = document_kinds().get(kind)
        name = (entry.name_ru if self.language == "ru" else entry.name_en) if entry else ""
        return name[:1].upper() + name[1:] if name else spelled(kind)

    def documents(self) -> tuple[tuple[str, str], ...]:
        """All that a document may be, papers of a case first."""
        return tuple((kind, self.document(kind)) for kind in document_kinds())

    def signer(self, code: str) -> str:
        """Who signed a document, a member of the family or staff: «мать»."""
        if find_code(ROLES, code):
            return self.role(code).lower()
        return self.staff_role(code) if f"web_role.{code}" in words(self.language) else spelled(code)

    def size(self, count: int) -> str:
        """«120 КБ», «1,4 МБ»: bytes as people say them."""
        if count < KIB:
            return text("web_documents.bytes", self.language, n=count)
        if count < MIB:
            return text("web_documents.kilobytes", self.language, n=-(-count // KIB))
        tenths = -(-count * 10 // MIB)
        mark = "," if self.language == "ru" else "."
        return text("web_documents.megabytes", self.language, size=f"{tenths // 10}{mark}{tenths % 10}")

    def absent(self, code: str) -> str:
        """«Нет СНИЛС»: what a person is known not to have."""
        entry = find_code(ABSENT, code)
        name = (entry.name_ru if self.language == "ru" else entry.name_en) if entry else ""
        return name[:1].upper() + name[1:] if name else spelled(code)

    def sex(self, code: str) -> str:
        """«Женский»."""
        return self._listed(SEXES, code).capitalize() if self.language == "ru" else text(f"web_sex.{code}", "en")

    def reason(self, code: str) -> str:
        """«Нет мест»; a reason of whichever list an answer takes it from."""
        found = next((system for system in REASON_LISTS if find_code(system, code)), REJECT_REASONS)
        return self._listed(found, code)

    def listed(self, system: str) -> tuple[tuple[str, str], ...]:
        """All codes of a list with their names, in its order; none of a list that there is not."""
        return tuple((code, self._listed(system, code)) for code in code_lists().get(system, {}))

    def note_label(self, row: NoteRow) -> str:
        """What people call a note."""
        return row.label_ru if self.language == "ru" else row.label_en

    def compose_hint(self, code: str) -> str:
        """When one sends a message of this type."""
        return text(f"web_compose.hint_{code}", self.language)

    def note(self, system: str, code: str) -> str:
        """A code of a note in words."""
        return self._listed(system, code)

    def organisation_kind(self, code: str) -> str:
        """«Орган опеки и попечительства»."""
        return text(f"web_kind.{code}", self.language)

    def code(self, code: str) -> str:
        """A code of a summary in words; free text stays as it is."""
        return text(f"web_code.{code}", self.language) if f"web_code.{code}" in words(self.language) else code

    def pack_kind(self, kind: str) -> str:
        """A kind of organisation as the rules see it."""
        row = self.pack.tables.kinds.get(kind)
        return row.title_ru if row and self.language == "ru" else kind

    def staff_role(self, role: str) -> str:
        """A role of a member of staff."""
        return text(f"web_role.{role}", self.language)

    def timer(self, code: str) -> str:
        """A term of the pack in words."""
        row = self.pack.tables.timers.get(code)
        return row.title_ru if row else code

    def _listed(self, system: str, code: str) -> str:
        entry = find_code(system, code)
        return entry.name_ru if entry and self.language == "ru" else spelled(code.lower())

    # --- the pack ----------------------------------------------------------------------------------------------------

    def category(self, code: str) -> str:
        """«Личность»."""
        row = self.pack.tables.categories.get(Category(code))
        if row and self.language == "ru":
            return row.title_ru
        return spelled(c.SECTION_NAMES.get(Category(code), code))

    def mask(self, code: str) -> str:
        """What is left of a category that is masked; empty in English, where the pack has no words for it."""
        row = self.pack.tables.categories.get(Category(code))
        return row.mask_ru if row and self.language == "ru" else ""

    def purpose(self, code: str) -> str:
        """«Сигнал по обязанности»; a purpose that the pack does not know stays as it was claimed."""
        row = self.pack.tables.purposes.get(code)
        return row.title_ru if row and self.language == "ru" else spelled(code.lower()) if row else code

    def triggers(self) -> tuple[tuple[str, str], ...]:
        """Triggers of a signal with their names."""
        return tuple((code, self.trigger(code)) for code in self.pack.tables.routes)

    def trigger(self, code: str) -> str:
        """«Угроза жизни или здоровью ребёнка»."""
        row = self.pack.tables.routes.get(code)
        return row.title_ru if row and self.language == "ru" else spelled(code)

    def route(self, code: str) -> str:
        """To whom a signal of this trigger may go."""
        row = self.pack.tables.routes.get(code)
        return "; ".join(self.pack.tables.kinds[kind].title_ru for kind in row.recipients) if row else ""

    def rule(self, rule: str, effect: str) -> RuleText:
        """The words of a rule where it had this effect; of a rule that the pack no longer has, only its number."""
        for known in self.pack.rules.values():
            if known.rule == rule and known.effect == effect:
                return known.text
        statement = self.pack.statements.get(rule)
        return RuleText(rule, statement.citation if statement else "", "", "")

    def duties(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Obligations of the recipient in words; those that concern the holder alone are left out."""
        book = self.pack.obligations.codes
        found = [book[code] for code in codes if code in book]
        return tuple(row.title_ru for row in found if row.in_words and row.concerns != "holder")

    # --- times -------------------------------------------------------------------------------------------------------

    def day(self, value: date | str) -> str:
        """ДД.ММ.ГГГГ; of a month (an unborn child) ММ.ГГГГ."""
        parts = (value.isoformat() if isinstance(value, date) else value).split("-")
        return ".".join(reversed(parts))

    def instant(self, value: datetime) -> str:
        """ДД.ММ.ГГГГ ЧЧ:ММ in the zone of one's organisation."""
        return value.astimezone(ZoneInfo(self.zone)).strftime("%d.%m.%Y %H:%M")

    def due(self, value: datetime) -> str:
        """By when: the last day of a term that ends with a day, the minute of one that is counted in hours."""
        here = value.astimezone(ZoneInfo(self.zone))
        return self.deadline(value) if here.time() == time.min else self.instant(value)

    def deadline(self, value: datetime) -> str:
        """The last day of a term that ends at 24:00, in the zone of one's organisation."""
        return self.day((value.astimezone(ZoneInfo(self.zone)) - timedelta(microseconds=1)).date())

    # --- content -----------------------------------------------------------------------------------------------------

    def label(self, row: FieldRow) -> str:
        """What people call a field."""
        return row.label_ru if self.language == "ru" else spelled(row.field)

    def is_month(self, value: Any) -> bool:  # noqa: ANN401  JSON
        """Whether a date is but a month, as of an unborn child."""
        return isinstance(value, str) and len(value) == _MONTH and is_digits(value[:4])
