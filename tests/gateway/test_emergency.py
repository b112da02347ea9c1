"""Break-glass (POL-BRK-1): who may declare what to whom, for how long, who reviews it, and what a misuse costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from gateway.evidence.entry import commitment
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.declare_emergency import Declared, declare_emergency
from gateway.use_cases.escalate import escalate
from gateway.use_cases.house import House
from gateway.use_cases.read_notices import read_notices
from gateway.use_cases.read_timers import read_timers
from gateway.use_cases.review_emergency import (
    open_emergency,
    read_emergencies,
    restore_declarer,
    review_emergency,
)
from gateway.use_cases.values import Organisation, Requester
from schemas.errors import BadInput, Conflict, NotPermitted, Refused, Unavailable
from schemas.ids import new_id
from tests.builders import NOW, PACK, Town, consent, organisation, publish, record, system_of
from tests.builders import town as make_town
from tests.gateway.facts_world import entries, rows, staff
from tests.gateway.holds_world import HLT, ID, Office, ask, destroy, effects, seen

WORDS = "Отец угрожает ребёнку ножом прямо сейчас"
ORDER = ["ID", "IDN", "CON", "LOC", "FAM", "LEG", "RSK", "PLN", "HLT", "PSY", "EDU", "SOC", "OFF", "ADP"]
LISTED = {
    # kind of the directory: the row of rules 2.3, in that order; «.» is a blank
    "guardianship": "P M P P P P P M M M M . M .",
    "police_juvenile": "P . P P M M M . M M . . M .",
    "clinic": "P M P P M M M . P M . . . .",
    "maternity_hospital": "P M P P M M M . P M . . . .",
    "prosecutor": "P . . M . M M . . . . . . .",
    "family_centre": "P . M M . M M . M . . . . .",
    "crisis_centre": "P . M M . M M . M . . . . .",
    "rehabilitation_centre": "P . M M . M M . M . . . . .",
}
REFUSED = ("ngo", "ngo_crisis_centre", "school", "kdn", "social_protection", "court", "orphan_organisation", "research")


def _arrange(house: House, kind: str = "guardianship") -> tuple[Office, Organisation]:
    """A family of the NGO and an organisation that a consent to something else names."""
    made = make_town(house)
    declarer = organisation(house, kind, f"{kind} (тест)")
    published = publish(made)
    consent(made, declarer, purpose="REFERRAL", signers=[{"who": "mother", "verified": True}])
    people = [staff(house, made.ngo, role) for role in ("head", "dpo", "curator")]
    return Office(made, published.case_id, *published.subjects, *people), declarer


def _declare(
    office: Office,
    who: Requester,
    words: str = WORDS,
    now: Any = NOW,
    login: str | None = None,
    case: str | None = None,
) -> Declared:
    pseudonym = case or office.house.vault.case_pseudonym(who.organisation_id, office.case_id)
    return declare_emergency(office.house, who, pseudonym, words, now, login=login)


def _login(house: House, who: Requester) -> str:
    with house.store.reading() as unit:
        person = unit.participants.person(who.person_id)  # type: ignore[arg-type]
    assert person is not None
    return person.login


@pytest.mark.parametrize("kind", LISTED)
def test_a_listed_kind_sees_its_row_once_a_threat_is_declared(house: House, kind: str) -> None:
    office, declarer = _arrange(house, kind)
    before = ask(office, "EMERGENCY", ORDER, who=declarer)
    assert set(effects(before, office.child).values()) == {"D"}
    assert seen(before, office.child).sections[ID].ruling.rule == "RU-152-6-6"
    declared = _declare(office, staff(house, declarer, "curator"))
    assert declared.ends_at == declared.review_by == NOW + timedelta(hours=24)
    answer = ask(office, "EMERGENCY", ORDER, who=declarer)
    expected = dict(zip(ORDER, LISTED[kind].replace(".", "D").split(), strict=True))
    assert effects(answer, office.child) == expected
    assert seen(answer, office.child).sections[ID].content["birth_date"] == "2017-01-15"
    assert {s.id for s in answer.cases[0].subjects} == {office.child, office.mother}
    assert "DPO_REVIEW_24H" in seen(answer, office.child).sections[ID].obligations


@pytest.mark.parametrize("kind", REFUSED)
def test_another_kind_is_refused_by_the_rule_and_opens_nothing(house: House, kind: str) -> None:
    office, declarer = _arrange(house, kind)
    with pytest.raises(Refused, match="emergency_refused") as refused:
        _declare(office, staff(house, declarer, "curator"))
    assert refused.value.rule == "POL-BRK-1"
    (entry,) = entries(house, "exchange.refused")
    assert (entry["scope"], entry["purpose"]) == ("emergency", "EMERGENCY")
    assert set(effects(ask(office, "EMERGENCY", ORDER, who=declarer), office.child).values()) == {"D"}
    assert (rows(house, _table("emergencies")), rows(house, _table("timers"))) == ([], [])


def _table(name: str) -> Any:
    from gateway.storage import tables

    return getattr(tables, name)


@pytest.mark.parametrize("words", ["", "        ", "помогите", "   коротко, 19 знак.   "])
def test_a_threat_is_said_in_words(house: House, words: str) -> None:
    office, declarer = _arrange(house)
    with pytest.raises(BadInput, match="emergency_words"):
        _declare(office, staff(house, declarer, "curator"), words)
    assert rows(house, _table("emergencies")) == []


def test_a_system_names_an_active_caseworker_of_its_own_organisation(house: House) -> None:
    office, declarer = _arrange(house)
    system = system_of(declarer)
    worker, officer = staff(house, declarer, "curator"), staff(house, declarer, "dpo")
    foreign = staff(house, office.town.ngo, "curator")
    gone = staff(house, declarer, "curator")
    with house.store.engine.begin() as connection:  # type: ignore[attr-defined]
        people = _table("people")
        connection.execute(people.update().where(people.c.id == gone.person_id).values(active=False))
    for login in (None, "nobody.here", _login(house, foreign), _login(house, gone), _login(house, officer)):
        with pytest.raises(BadInput, match="declarer_required"):
            _declare(office, system, login=login)
    with pytest.raises(NotPermitted, match="not_for_overseers"):
        _declare(office, officer)
    assert entries(house, "emergency.declared") == []
    _declare(office, system, login=_login(house, worker))
    (entry,) = entries(house, "emergency.declared")
    assert (entry["actor"], entry["declarer"]) == ("client:test", worker.person_id)


@pytest.mark.law(6)
def test_without_a_relation_a_real_case_answers_as_an_invented_one(house: House) -> None:
    office, _ = _arrange(house)
    stranger = organisation(house, "police_juvenile", "Полиция (тест)")
    who = staff(house, stranger, "curator")
    house.vault.case_pseudonym(stranger.id, office.case_id)
    heard: list[list[str]] = []
    for case in (house.vault.case_pseudonym(stranger.id, office.case_id), "a" * 52):
        said: list[str] = []

        def hear(*args: Any, said: list[str] = said) -> None:
            said.append(args[2])

        event.listen(house.store.engine, "before_cursor_execute", hear)  # type: ignore[attr-defined]
        try:
            with pytest.raises(Unavailable) as unavailable:
                _declare(office, who, case=case)
        finally:
            event.remove(house.store.engine, "before_cursor_execute", hear)  # type: ignore[attr-defined]
        assert (unavailable.value.code, dict(unavailable.value.params)) == ("case_unavailable", {})
        heard.append(said)
    assert heard[0] == heard[1]
    assert [entry["items"][0]["related"] for entry in entries(house, "exchange.refused")] == [False, False]
    assert rows(house, _table("notices")) == []


def test_it_ends_by_itself(house: House) -> None:
    office, declarer = _arrange(house)
    declared = _declare(office, staff(house, declarer, "curator"))
    last = declared.ends_at - timedelta(microseconds=1)
    assert effects(ask(office, "EMERGENCY", [ID], last, declarer), office.child) == {"ID": "P"}
    assert effects(ask(office, "EMERGENCY", [ID], declared.ends_at, declarer), office.child) == {"ID": "D"}


def test_it_opens_no_other_purpose_and_to_nobody_else(house: House) -> None:
    office, declarer = _arrange(house)
    consent(office.town, office.town.centre, signers=[{"who": "mother", "verified": True}])
    _declare(office, staff(house, declarer, "curator"))
    assert effects(ask(office, "CASE_MGMT", [HLT], who=declarer), office.child) == {"HLT": "D"}
    assert effects(ask(office, "EMERGENCY", [ID], who=office.town.centre), office.child) == {"ID": "D"}


def test_somebody_who_is_not_assigned_gets_in_through_it_alone(house: House) -> None:
    office, declarer = _arrange(house)
    worker, other = staff(house, declarer, "curator"), staff(house, declarer, "curator")
    case = house.vault.case_pseudonym(declarer.id, office.case_id)
    assign_case(house, system_of(declarer), case, _login(house, worker), NOW)

    def rule(purpose: str) -> str:
        from gateway.use_cases.facts import Question
        from gateway.use_cases.read_case_summaries import read_case_summary

        answer = read_case_summary(house, other, case, Question(purpose, (ID,)), NOW)
        return seen(answer, office.child).sections[ID].ruling.rule

    assert (rule("REFERRAL"), rule("EMERGENCY")) == ("POL-ROLE-3", "POL-ROLE-3")
    _declare(office, other)
    assert (rule("REFERRAL"), rule("EMERGENCY")) == ("POL-ROLE-3", "RU-SK-56-3")


def test_officers_and_heads_of_both_sides_are_told_and_a_day_runs_for_both(house: House) -> None:
    office, declarer = _arrange(house)
    theirs = {role: staff(house, declarer, role) for role in ("head", "dpo", "curator")}
    declared = _declare(office, theirs["curator"])
    for who in (office.head, office.dpo, theirs["head"], theirs["dpo"]):
        assert [(n.kind, n.about) for n in read_notices(house, who)] == [("emergency.declared", declared.id)]
        (shown,) = read_timers(house, who, NOW)
        assert (shown.timer.timer, shown.timer.about, shown.timer.due_at) == ("P-01", declared.id, declared.review_by)
    for who in (office.curator, theirs["curator"]):
        assert read_notices(house, who) == []


def test_words_are_for_reviewers_and_rest_sealed(house: House) -> None:
    office, declarer = _arrange(house)
    worker, officer = staff(house, declarer, "curator"), staff(house, declarer, "dpo")
    declared = _declare(office, worker)
    for who in (office.dpo, officer):
        assert open_emergency(house, who, declared.id, NOW).words == WORDS
    for who in (office.curator, office.head, worker, staff(house, declarer, "administrator")):
        with pytest.raises(NotPermitted, match="review_not_yours"):
            open_emergency(house, who, declared.id, NOW)
    stranger = staff(house, office.town.stranger, "dpo")
    for emergency_id in (declared.id, new_id(), "не номер"):
        with pytest.raises(Unavailable, match="emergency_unavailable"):
            open_emergency(house, stranger, emergency_id, NOW)
        with pytest.raises(Unavailable, match="emergency_unavailable"):
            review_emergency(house, stranger, emergency_id, "misuse", "слова", NOW)
    assert read_emergencies(house, stranger, NOW) == []
    (row,) = rows(house, _table("emergencies"))
    (entry,) = entries(house, "emergency.declared")
    assert (entry["case"], entry["words"]) == (commitment(row.salt, office.case_id), commitment(row.salt, WORDS))
    for table in ("emergencies", "entries", "recorded_facts", "notices", "timers"):
        assert WORDS.encode() not in str(rows(house, _table(table))).encode()
    assert len(entries(house, "fact.read")) == 2


def test_an_administrator_reviews_nothing_even_where_nobody_else_is(house: House) -> None:
    office, declarer = _arrange(house)
    declared = _declare(office, staff(house, declarer, "curator"))
    only = staff(house, declarer, "administrator")
    with pytest.raises(NotPermitted, match="review_not_yours"):
        review_emergency(house, only, declared.id, "justified", "слова", NOW)
    with pytest.raises(NotPermitted, match="people_only"):
        read_emergencies(house, only, NOW)


@pytest.mark.parametrize("side", ["the holder", "the declarer"])
def test_an_officer_of_either_side_finds_it_justified(house: House, side: str) -> None:
    office, declarer = _arrange(house)
    theirs = staff(house, declarer, "dpo")
    declared = _declare(office, staff(house, declarer, "curator"))
    reviewer, other = (office.dpo, theirs) if side == "the holder" else (theirs, office.dpo)
    for outcome, words, code in (("maybe", "слова", "outcome_unknown"), ("justified", " ", "words_required")):
        with pytest.raises(BadInput, match=code):
            review_emergency(house, reviewer, declared.id, outcome, words, NOW)
    review_emergency(house, reviewer, declared.id, "justified", "Угроза подтверждена полицией", NOW)
    with pytest.raises(Conflict, match="emergency_reviewed"):
        review_emergency(house, other, declared.id, "misuse", "слова", NOW)
    shown = open_emergency(house, other, declared.id, NOW)
    assert (shown.emergency.state, shown.review) == ("justified", "Угроза подтверждена полицией")
    assert [read_timers(house, who, NOW) for who in (reviewer, other)] == [[], []]
    assert effects(ask(office, "EMERGENCY", [ID], who=declarer), office.child) == {"ID": "P"}
    assert {n.kind for who in (office.head, theirs) for n in read_notices(house, who)} == {
        "emergency.declared",
        "emergency.justified",
    }
    assert escalate(house, NOW + timedelta(days=2)) == 0


def test_nobody_reviews_its_own(house: House) -> None:
    office, declarer = _arrange(house)
    head = staff(house, declarer, "head")  # answers for the officer that its organisation does not have
    declared = _declare(office, head)
    with pytest.raises(NotPermitted, match="second_person_required"):
        review_emergency(house, head, declared.id, "justified", "слова", NOW)
    for who in (system_of(declarer), office.curator):
        with pytest.raises(NotPermitted, match="review_not_yours"):
            review_emergency(house, who, declared.id, "justified", "слова", NOW)
    review_emergency(house, office.dpo, declared.id, "justified", "слова", NOW)


def test_a_misuse_closes_it_at_once_and_suspends_the_person_not_the_organisation(house: House) -> None:
    office, declarer = _arrange(house)
    worker, colleague = staff(house, declarer, "curator"), staff(house, declarer, "curator")
    declared = _declare(office, worker)
    again = _declare(office, worker)  # a second declaration must not outlive the first
    assert effects(ask(office, "EMERGENCY", [ID], who=declarer), office.child) == {"ID": "P"}
    review_emergency(house, office.dpo, declared.id, "misuse", "Угрозы не было", NOW)
    assert effects(ask(office, "EMERGENCY", [ID], who=declarer), office.child) == {"ID": "D"}
    (entry,) = entries(house, "emergency.reviewed")
    (row,) = [row for row in rows(house, _table("emergencies")) if row.id == declared.id]
    assert entry == {
        "organisation": office.town.ngo.id,
        "actor": office.dpo.actor,
        "emergency": declared.id,
        "outcome": "misuse",
        "words": commitment(row.salt, "Угрозы не было"),
        "suspended": worker.person_id,
    }
    for who, login in ((worker, None), (system_of(declarer), _login(house, worker))):
        with pytest.raises(NotPermitted, match="emergency_suspended"):
            _declare(office, who, login=login)
    review_emergency(house, office.dpo, again.id, "misuse", "и здесь", NOW)
    _declare(office, colleague)
    assert effects(ask(office, "EMERGENCY", [ID], who=declarer), office.child) == {"ID": "P"}
    operator = Requester(declarer.id, "operator:test")
    restore_declarer(house, operator, worker.person_id, NOW)  # type: ignore[arg-type]
    assert entries(house, "person.registered")[-1]["emergency"] == "restored"
    _declare(office, worker)


def test_what_a_colleague_declared_stands_when_another_is_found_a_misuse(house: House) -> None:
    office, declarer = _arrange(house)
    declared = _declare(office, staff(house, declarer, "curator"))
    _declare(office, staff(house, declarer, "curator"))
    review_emergency(house, office.dpo, declared.id, "misuse", "Угрозы не было", NOW)
    assert effects(ask(office, "EMERGENCY", [ID], who=declarer), office.child) == {"ID": "P"}


def test_an_emergency_that_nobody_reviewed_goes_to_the_heads_of_both_sides_and_can_still_be_reviewed(
    house: House,
) -> None:
    office, declarer = _arrange(house)
    head = staff(house, declarer, "head")
    declared = _declare(office, staff(house, declarer, "curator"))
    late = declared.review_by
    assert escalate(house, late - timedelta(microseconds=1)) == 0
    assert escalate(house, late) == 2
    assert escalate(house, late) == 0
    assert {entry["organisation"] for entry in entries(house, "timer.breached")} == {declarer.id, office.town.ngo.id}
    assert {entry["about"]["emergency"] for entry in entries(house, "timer.breached")} == {declared.id}
    for who in (office.head, head):
        assert "timer.breached" in [n.kind for n in read_notices(house, who)]
    assert [shown.overdue for shown in read_emergencies(house, office.dpo, late)] == [True]
    review_emergency(house, office.dpo, declared.id, "justified", "поздно, но проверено", late)
    assert [shown.overdue for shown in read_emergencies(house, office.dpo, late)] == [False]


@pytest.mark.law(12)
def test_a_threat_can_be_declared_where_the_keys_of_one_of_the_family_are_destroyed(house: House) -> None:
    office, declarer = _arrange(house)
    destroy(house, office.child)
    declared = _declare(office, staff(house, declarer, "curator"))
    assert open_emergency(house, office.dpo, declared.id, NOW).words == WORDS
    destroy(house, office.mother)
    assert open_emergency(house, office.dpo, declared.id, NOW).words is None
    review_emergency(house, office.dpo, declared.id, "misuse", "слова", NOW)


def test_without_an_agreement_nothing_is_declared(house: House) -> None:
    office, declarer = _arrange(house)
    from dataclasses import replace

    with house.store.writing() as unit:
        unit.participants.change_organisation(replace(declarer, agreement_to=NOW.date() - timedelta(days=1)))
    with pytest.raises(Refused) as refused:
        _declare(office, staff(house, declarer, "curator"))
    assert refused.value.rule == "POL-0-2"


def test_a_protected_address_is_for_responders_and_reads_as_its_row_says(town: Town) -> None:
    published = publish(town)
    consent(town, town.guardianship, purpose="REFERRAL")
    record(town.house, published.subjects[0], "location_protected", town.ngo)
    head = staff(town.house, town.ngo, "head")
    office = Office(town, published.case_id, *published.subjects, head, head, head)
    _declare(office, staff(town.house, town.guardianship, "curator"))
    section = seen(ask(office, "EMERGENCY", ["LOC"]), office.child).sections["LOC"]  # type: ignore[index]
    assert section.ruling.effect.value == "P"
    assert PACK.responsible.emergency is not None
