"""What people do in the world of the laws: they record facts, decide what is held, declare a threat. All their words are
marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from gateway.storage import tables as t
from gateway.use_cases.decide_hold import HoldDecided, HoldDecision, decide_hold
from gateway.use_cases.declare_emergency import Declared, declare_emergency
from gateway.use_cases.disclose import Disclosed
from gateway.use_cases.facts import Question
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.record_fact import record_fact
from gateway.use_cases.submit_message import Submitted, submit_message
from gateway.use_cases.withdraw_consent import withdraw_consent
from policies.ruling import Effect
from schemas.categories import SECTION_CATEGORIES
from schemas.facts import FactDraft
from schemas.ids import CaseId, Category, ConsentId, FactId, HoldId, SubjectId
from tests.builders import NOW, consent
from tests.laws.world import World, marked_message, marked_sections, summary_draft

THREAT = "Чибис: прямая угроза жизни, ждать согласия нельзя"
REASONS = "Чибис, слова о причине"
ACT = "Чибис-77"
LOUD, QUIET = "RU-152-9-4", "POL-CONF-2"
"""Two rules that hold everything: a signer whose authority is not verified, and one who is suspected, which is quiet."""


@dataclass(frozen=True)
class Held:
    """A family of the NGO of which a rule holds everything that its consent gives to the guardianship body."""

    case_id: CaseId
    child: SubjectId
    sibling: SubjectId
    mother: SubjectId
    consent_id: ConsentId
    ref: str


def held_family(world: World, ref: str, rule: str | None = LOUD, **changes: object) -> Held:
    """`rule` None: nothing is held, everything that the consent names is released."""
    sections = {name: section for name, section in marked_sections().items() if name != "identifiers"}
    published = publish_case_summary(world.house, world.system("ngo"), summary_draft(ref, ref, sections=sections), NOW)
    signer = {"who": "mother", "holder_ref": f"{ref}-M", "verified": rule != LOUD}
    given = consent(world.town, world.town.guardianship, ref=ref, signers=[signer], **changes)
    child, sibling, mother = published.subjects
    family = Held(published.case_id, child, sibling, mother, given, ref)
    if rule == QUIET:
        suspect(world, family)
    return family


def suspect(world: World, family: Held) -> FactId:
    """The NGO's head records that the mother is suspected."""
    draft = {
        "fact": "suspected",
        "person": {"ref": family.ref},
        "about": {"ref": f"{family.ref}-M", "kind": "parent"},
        "document": {"reasons": REASONS},
    }
    return record_fact(world.house, world.person("ngo.head"), FactDraft.model_validate(draft), NOW).fact_id


def act(world: World, snils: str, fact: str = "rights_limited") -> FactId:
    """The guardianship body records its act about whoever has this SNILS."""
    draft = {
        "fact": fact,
        "person": {"identifiers": {"snils": snils}},
        "about_who": "mother",
        "document": {"number": ACT, "on": "2026-02-01", "reasons": REASONS},
    }
    return record_fact(world.house, world.system("guardianship"), FactDraft.model_validate(draft), NOW).fact_id


def protect(world: World, ref: str = "Chibis-1") -> FactId:
    """The NGO's curator protects the whereabouts of a child."""
    draft = {"fact": "location_protected", "person": {"ref": ref}, "document": {"reasons": REASONS}}
    return record_fact(world.house, world.person("ngo.worker"), FactDraft.model_validate(draft), NOW).fact_id


def look(
    world: World,
    case_id: CaseId,
    purpose: str = "CASE_MGMT",
    categories: tuple[Category, ...] = SECTION_CATEGORIES,
    now: Any = NOW,
    house: Any = None,
) -> Disclosed:
    """The guardianship body reads a summary."""
    question = Question(purpose, categories)
    case = world.pseudonym("guardianship", case_id)
    return read_case_summary(house or world.house, world.system("guardianship"), case, question, now)


def effects(answer: Disclosed, subject_id: SubjectId) -> Mapping[Category, str]:
    """Effects on one subject of the one case of an answer."""
    (case,) = answer.cases
    (subject,) = [known for known in case.subjects if known.id == subject_id]
    return {category: section.ruling.effect.value for category, section in subject.sections.items()}


def holds(world: World, **where: object) -> list[Any]:
    """Rows of the queue, by columns."""
    return world.rows(select(t.holds).filter_by(**where).order_by(t.holds.c.opened_at, t.holds.c.id))


def hold_of(world: World, subject_id: SubjectId, rule: str = LOUD) -> Any:
    """The one hold of a rule about a subject that nobody has decided."""
    (found,) = holds(world, subject_id=subject_id, rule=rule, state="waiting")
    return found


def all_of(hold: Any) -> dict[Category, Effect]:
    """As much as a yes may give."""
    return {Category(category): Effect(best) for category, best in hold.categories.items()}


def decide(
    world: World,
    login: str,
    hold: Any,
    release: Mapping[Category, Effect] | None = None,
    now: Any = NOW,
    reason: str = "harm",
) -> HoldDecided:
    """A yes to `release`, or a no with a reason."""
    said = HoldDecision(release or {}, REASONS, None if release else reason)
    return decide_hold(world.house, world.person(login), HoldId(hold.id), said, now)


def held_message(world: World, ref: str, **person: object) -> tuple[Submitted, ConsentId]:
    """A referral of the centre to the NGO, all of which waits for somebody of the centre; and the consent it rests on.
    `person`: sections that are written otherwise, or not (None)."""
    signers = [{"who": "mother", "verified": False}]
    given = consent(
        world.town, world.town.ngo, ref=ref, purpose="REFERRAL", discloser=world.town.centre, signers=signers
    )
    draft = marked_message(world.town.centre, world.town.ngo, ref)
    draft = draft.model_copy(update={"persons": tuple(known.model_copy(update=person) for known in draft.persons)})
    sent = submit_message(world.house, world.system("centre"), draft, NOW)
    assert sent.message.held
    return sent, given


def declare(world: World, case_id: CaseId, login: str = "guardianship.worker", now: Any = NOW) -> Declared:
    """A person declares a direct threat."""
    place, _ = login.split(".")
    return declare_emergency(world.house, world.person(login), world.pseudonym(place, case_id), THREAT, now)


def withdraw(world: World, consent_id: ConsentId, place: str = "ngo") -> None:
    """The holder withdraws."""
    withdraw_consent(world.house, world.system(place), consent_id, NOW)


@dataclass(frozen=True)
class Busy:
    """Things of others that somebody may have heard of."""

    family: Held
    holds: tuple[str, ...]
    facts: tuple[str, ...]
    emergency: str
    timers: tuple[str, ...]


def busy(world: World) -> Busy:
    """Facts, holds for one and for two people (one of them has spoken), decisions, an emergency, running terms."""
    family = held_family(world, "busy", QUIET)
    facts = (protect(world), act(world, "14785296311"))
    look(world, family.case_id)
    decide(world, "ngo.dpo", hold_of(world, family.child, QUIET), {Category("ID"): Effect.PERMIT})
    look(world, world.family.case_id, "GUARDIANSHIP")
    for_two = hold_of(world, world.family.child, "RU-SK-139-1")
    decide(world, "ngo.dpo", for_two, {Category("ADP"): Effect.PERMIT})
    declared = declare(world, family.case_id)
    timers = [row.id for row in world.rows(select(t.timers.c.id))]
    recorded = [row.id for row in world.rows(select(t.recorded_facts.c.id))]
    assert set(facts) < set(recorded)
    return Busy(family, tuple(hold.id for hold in holds(world)), tuple(recorded), declared.id, tuple(timers))


@contextmanager
def elsewhere(world: World) -> Iterator[Any]:
    """Another process over the same stores."""
    from gateway.building import build_house

    replica = build_house(world.settings)
    try:
        yield replica
    finally:
        replica.store.engine.dispose()  # type: ignore[attr-defined]
        replica.vault._keys.engine.dispose()  # type: ignore[attr-defined]
