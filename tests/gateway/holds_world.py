"""What tests of holds share: a family of the NGO whose consent holds everything, people who decide, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.use_cases.decide_hold import HoldDecided, HoldDecision, decide_hold
from gateway.use_cases.disclose import Disclosed, DisclosedSubject
from gateway.use_cases.facts import Question
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.values import Hold, Organisation, Requester
from policies.ruling import Effect
from schemas.categories import SECTION_CATEGORIES
from schemas.ids import CaseId, Category, HoldId, SubjectId
from tests.builders import NOW, Town, consent, publish, system_of
from tests.gateway.facts_world import rows, staff

P, M, R, D = Effect.PERMIT, Effect.MASK, Effect.HOLD, Effect.DENY
ID, CON, LOC, HLT, PSY, ADP = (Category(code) for code in ("ID", "CON", "LOC", "HLT", "PSY", "ADP"))
WORDS = "Слова о семье, только для держателя"
UNVERIFIED = "RU-152-9-4"
UNVERIFIED_MOTHER = [{"who": "mother", "holder_ref": "K-1-M", "verified": False}]


@dataclass(frozen=True)
class Office:
    """The NGO with the people who decide there, its one family, and the guardianship body that asks."""

    town: Town
    case_id: CaseId
    child: SubjectId
    mother: SubjectId
    head: Requester
    dpo: Requester
    curator: Requester

    @property
    def house(self) -> Any:
        return self.town.house

    @property
    def recipient(self) -> Organisation:
        return self.town.guardianship


def open_office(
    town: Town, *, signers: Any = UNVERIFIED_MOTHER, child: Mapping[str, object] | None = None, **changes: object
) -> Office:
    """A published family and a consent for the guardianship body, by default of a mother whose authority nobody verified."""
    published = publish(town, **(child or {}))
    consent(town, town.guardianship, signers=signers, **changes)
    people = [staff(town.house, town.ngo, role) for role in ("head", "dpo", "curator")]
    return Office(town, published.case_id, *published.subjects, *people)


def ask(
    office: Office,
    purpose: str = "CASE_MGMT",
    categories: Sequence[str] = SECTION_CATEGORIES,
    now: datetime = NOW,
    who: Organisation | None = None,
) -> Disclosed:
    """The answer to an organisation that reads the summary."""
    organisation = who or office.recipient
    case = office.house.vault.case_pseudonym(organisation.id, office.case_id)
    question = Question(purpose, tuple(Category(code) for code in categories))
    return read_case_summary(office.house, system_of(organisation), case, question, now)


def seen(answer: Disclosed, subject_id: SubjectId) -> DisclosedSubject:
    """One member of the family in an answer."""
    (found,) = [subject for subject in answer.cases[0].subjects if subject.id == subject_id]
    return found


def effects(answer: Disclosed, subject_id: SubjectId) -> dict[str, str]:
    """Effect by category of one member of the family."""
    return {str(c): s.ruling.effect.value for c, s in seen(answer, subject_id).sections.items()}


def holds(house: Any, state: str | None = None) -> list[Hold]:
    """All holds, oldest first."""
    from gateway.storage import tables as t
    from gateway.storage.holds import hold_of

    found = [hold_of(row) for row in rows(house, t.holds)]
    return sorted((h for h in found if state in {None, h.state}), key=lambda h: (h.opened_at, h.rule, h.id))


def the_hold(house: Any) -> Hold:
    """The only one that waits."""
    (found,) = holds(house, "waiting")
    return found


def decide(
    house: Any,
    who: Requester,
    hold: Hold | str,
    release: Mapping[str, Effect] | None = None,
    reason: str | None = None,
    now: datetime = NOW,
    words: str = WORDS,
) -> HoldDecided:
    """What a person says: a yes to what is named; without names and reason, a no with a reason."""
    given = {Category(code): effect for code, effect in (release or {}).items()}
    said = HoldDecision(given, words, reason or (None if given else "harm"))
    return decide_hold(house, who, HoldId(hold if isinstance(hold, str) else hold.id), said, now)


def all_of(hold: Hold) -> dict[str, Effect]:
    """As much as a yes may give."""
    return {category: Effect(best) for category, best in hold.categories.items()}


def destroy(house: Any, subject_id: SubjectId) -> None:
    """The keys of a member of the family (law 12)."""
    house.vault._keys.destroy(subject_id, now=NOW, reason="срок хранения истёк")
