"""The order in which facts and events of consents are stored does not change a ruling; only what they say does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.records import ConsentEvent, ConsentEventKind
from gateway.use_cases.decision_facts import DecisionFacts
from gateway.use_cases.facts import Question, subject_questions
from gateway.use_cases.house import House
from gateway.use_cases.values import CaseOnFile, ConsentOnFile, Organisation, RecordedFact, SignerOnFile, SubjectOnFile
from schemas.categories import SECTION_CATEGORIES
from schemas.ids import AuthorityId, CaseId, Category, ConsentId, FactId, OrganisationId, SubjectId, new_id
from tests.builders import ALL, EVIDENCE, NOW, PACK, TODAY, consent, publish
from tests.builders import town as make_town
from tests.gateway.facts_world import read

HOLDER, RECIPIENT, THIRD = (
    Organisation(OrganisationId(f"o-{kind}"), kind, kind, "", agreement_from=TODAY)
    for kind in ("ngo", "guardianship", "court")
)
CHILD, MOTHER = SubjectId("s-child"), SubjectId("s-mother")
PURPOSES = ("CASE_MGMT", "GUARDIANSHIP", "KDN_IPR", "AUTHORITY_REQUEST", "EMERGENCY")
NAMED = ((RECIPIENT.id,), (HOLDER.id, RECIPIENT.id), (HOLDER.id,), (RECIPIENT.id, THIRD.id))
BY_PURPOSE = {
    "AUTHORITY_REQUEST": ("formal_request", "adopters_written_consent", "location_protected"),
    "KDN_IPR": ("ipr_open", "location_protected"),
    "GUARDIANSHIP": ("ooip_is_rep", "placement"),
}
"""Facts that matter there, so that several of a kind meet in one example."""


def facts(purpose: str) -> Any:
    """Recorded facts, none of them twice."""
    made = st.builds(
        RecordedFact,
        id=st.uuids().map(str),
        fact=st.sampled_from(BY_PURPOSE.get(purpose) or sorted(PACK.responsible.facts)),
        subject_id=st.sampled_from([CHILD, CHILD, CHILD, MOTHER]),
        set_by=st.just(HOLDER.id),
        from_at=st.integers(0, 3).map(lambda days: NOW - timedelta(days=days)),
        about_id=st.sampled_from([None, MOTHER]) if purpose == "CASE_MGMT" else st.none(),
        about_who=st.sampled_from([None, "mother", "father"]),
        value=st.sampled_from(["court", "investigation", "control"]),
        participants=st.sampled_from(NAMED),
    )
    return st.lists(made, max_size=7, unique_by=lambda fact: fact.id)


events = st.builds(
    ConsentEvent,
    kind=st.sampled_from(ConsentEventKind),
    effective_at=st.integers(0, 3).map(lambda days: NOW - timedelta(days=days)),
    recorded_at=st.just(NOW),
    event_id=st.uuids().map(str),
    categories=st.sampled_from([None, frozenset({Category("ID")})]),
    valid_to=st.sampled_from([None, TODAY, TODAY - timedelta(days=1)]),
)
consents = st.builds(
    lambda number, events, who, objects, purpose: ConsentOnFile(
        id=ConsentId(number),
        subject_id=CHILD,
        discloser_id=HOLDER.id,
        recipient_id=RECIPIENT.id,
        purpose=purpose,
        categories=frozenset(map(Category, ALL)),
        given_on=TODAY,
        valid_to=None,
        form="paper",
        separate=True,
        fields_complete=True,
        evidence_digest=EVIDENCE,
        signers=(SignerOnFile(who, AuthorityId(number), MOTHER if who == "mother" else None),),
        objection=objects,
        objection_by=MOTHER if objects else None,
        events=tuple(events),
    ),
    st.uuids().map(str),
    st.lists(events, min_size=1, max_size=4, unique_by=lambda event: event.event_id),
    st.sampled_from(["mother", "father"]),
    st.booleans(),
    st.sampled_from(PURPOSES[:1]),
)


def rulings(known: list[RecordedFact], given: list[ConsentOnFile], purpose: str) -> dict[str, tuple[str, str]]:
    """What is ruled about the child when the store gives everything in this order."""
    case = CaseOnFile(
        CaseId("c"),
        related=True,
        discloser=HOLDER,
        subjects=tuple(
            SubjectOnFile(
                subject,
                kind,
                DecisionFacts(birth),
                tuple(given) if subject == CHILD else (),
                tuple(fact for fact in known if fact.subject_id == subject),
            )
            for subject, kind, birth in ((CHILD, "child", "2017-01-15"), (MOTHER, "parent", "1990-05-05"))
        ),
    )
    opened = {subject.id: subject.decision_facts for subject in case.subjects}
    question = Question(purpose, SECTION_CATEGORIES)
    found = next(
        q
        for q in subject_questions(case, RECIPIENT, question, opened, PACK, NOW)
        if q.subject_id == CHILD  # type: ignore[arg-type]
    )
    return {code: (r.effect.value, r.rule) for code, r in PACK.decide(found.facts).by_category.items()}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_order_of_facts_consents_and_events_is_ruled_alike(data: Any) -> None:
    purpose = data.draw(st.sampled_from(PURPOSES))
    known = data.draw(facts(purpose))
    given = data.draw(st.lists(consents, max_size=3, unique_by=lambda consent: consent.id))
    other = data.draw(st.permutations(known))
    turned = [
        replace(consent, events=tuple(data.draw(st.permutations(consent.events))))
        for consent in data.draw(st.permutations(given))
    ]
    assert rulings(known, given, purpose) == rulings(list(other), turned, purpose)


STORED = (
    {"fact": "formal_request", "value": "control"},
    {"fact": "formal_request", "value": "investigation"},
    {"fact": "ipr_open", "others": 1},
    {"fact": "ipr_open", "others": 0},
    {"fact": "ooip_is_rep"},
    {"fact": "suspected", "about_who": "mother"},
    {"fact": "suspected", "about_who": "father"},
    {"fact": "rights_limited", "about_who": "mother"},
    {"fact": "rights_terminated", "about_who": "mother"},
    {"fact": "location_protected"},
)
EVENTS = (
    ConsentEventKind.LIMITED,
    ConsentEventKind.RECONFIRMED,
    ConsentEventKind.WITHDRAWN,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(STORED), st.permutations(EVENTS))
def test_a_store_that_took_them_in_another_order_rules_alike(house: House, order: Any, later: Any) -> None:
    """Two families about which the same is recorded, in two orders."""
    town = make_town(house)
    answers = []
    for number, (known, kinds) in enumerate(((STORED, EVENTS), (order, later))):
        published = publish(town, f"K-{number}", f"C-{number}", identifiers={})
        consent_id = consent(town, town.guardianship, f"K-{number}")
        participants = (town.guardianship.id, town.ngo.id)
        with house.store.writing() as unit:
            for fact in known:
                row = dict(fact)
                named = participants[: 1 + row.pop("others", 1)]
                unit.recorded_facts.add(
                    [
                        RecordedFact(
                            FactId(new_id()),
                            subject_id=published.subjects[0],
                            set_by=town.ngo.id,
                            from_at=NOW,
                            participants=named,
                            **row,
                        )
                    ]
                )
            for kind in kinds:
                at = NOW - timedelta(hours=EVENTS.index(kind) + 1)
                only = frozenset({Category("ID")}) if kind is ConsentEventKind.LIMITED else None
                unit.consents.add_event(consent_id, ConsentEvent(kind, at, at, new_id(), only, None), None)
        answers.append([read(house, town.guardianship, published, purpose) for purpose in PURPOSES])
    assert answers[0] == answers[1]
