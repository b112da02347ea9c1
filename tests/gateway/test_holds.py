"""What a rule holds waits for a person of the holder: the queue, its terms, who decides, and what a decision is worth."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from gateway.evidence.entry import commitment
from gateway.use_cases.appoint_deputy import appoint_deputy
from gateway.use_cases.escalate import escalate
from gateway.use_cases.house import House
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.read_holds import open_hold, read_asked, read_holds
from gateway.use_cases.read_notices import read_notices
from gateway.use_cases.values import Hold, Requester
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import HoldId, new_id
from schemas.summary import SummaryDraft
from tests.builders import NOW, PACK, Town, child_sections, consent, organisation, publish, record, system_of
from tests.builders import town as make_town
from tests.gateway.facts_world import entries, rows, staff
from tests.gateway.holds_world import (
    ADP,
    CON,
    HLT,
    ID,
    LOC,
    PSY,
    UNVERIFIED,
    UNVERIFIED_MOTHER,
    WORDS,
    D,
    M,
    Office,
    P,
    R,
    all_of,
    ask,
    decide,
    destroy,
    effects,
    holds,
    open_office,
    seen,
    the_hold,
)

VERIFIED = [{"who": "mother", "holder_ref": "K-1-M", "verified": True}]
TEENAGER = {"full_name": "Проба Вымышленная Тестовна", "birth_date": "2010-01-15", "sex": "F"}
OFFENCE = {"record": {"code": "NONE", "relevance": "нет"}}


@dataclass(frozen=True)
class Situation:
    """What makes a rule hold, who decides it first, and which categories of the child it holds."""

    rules: Mapping[str, str]  # rule: the role that decides first
    held: Sequence[str]
    purpose: str = "CASE_MGMT"
    signers: Any = ()
    identity: Mapping[str, str] | None = None
    fact: str = ""
    released: str = ""  # a category of the child that goes at once


EVERYTHING = ("ID", "IDN", "CON", "LOC", "FAM", "LEG", "RSK", "PLN", "EDU", "SOC")
SITUATIONS = {
    "a mother whose authority nobody verified": Situation(
        {UNVERIFIED: "head"}, [*EVERYTHING[:1], *EVERYTHING[2:], "HLT", "PSY"], signers=UNVERIFIED_MOTHER
    ),
    "a child of sixteen that did not sign": Situation(
        {"RU-GK-26-1": "head", "RU-323-54-1": "head"},
        [*EVERYTHING[:1], *EVERYTHING[2:], "HLT", "PSY"],
        signers=VERIFIED,
        identity=TEENAGER,
    ),
    "a guardianship body that asks an NGO": Situation(
        {"RU-442-6-3": "dpo", "RU-SK-139-1": "dpo"},
        [*EVERYTHING, "OFF", "ADP"],
        "GUARDIANSHIP",
        fact="placement",
        released="HLT",
    ),
    "a suspected mother": Situation(
        {"POL-CONF-2": "dpo"},
        [*EVERYTHING[:1], *EVERYTHING[2:], "HLT", "PSY"],
        signers=VERIFIED,
        fact="suspected",
    ),
}


def _arrange(town: Town, situation: Situation) -> Office:
    child = {"identity": situation.identity} if situation.identity else {}
    office = open_office(town, signers=situation.signers or VERIFIED, child=child)
    if situation.fact == "suspected":
        record(town.house, office.child, "suspected", town.ngo, about_id=office.mother)
    elif situation.fact:
        record(town.house, office.child, situation.fact, town.guardianship, participants=(town.guardianship.id,))
    return office


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_a_rule_holds_waits_and_the_rest_goes_at_once(town: Town, name: str) -> None:
    situation = SITUATIONS[name]
    office = _arrange(town, situation)
    consent(town, town.guardianship, ref="K-1-M", subject_kind="parent", signers=[{"who": "self"}])
    answer = ask(office, situation.purpose)
    of_child = effects(answer, office.child)
    assert {category for category, effect in of_child.items() if effect == R} == set(situation.held)
    if situation.purpose == "CASE_MGMT":
        assert seen(answer, office.mother).sections[ID].content["full_name"] == "Мать Вымышленная"
    if situation.released:
        assert seen(answer, office.child).sections[HLT].content == {
            "conditions": ["Вымышленный диагноз"],
            "recommendations": ["Щадящий режим"],
        }
    waiting = [hold for hold in holds(town.house, "waiting") if hold.subject_id == office.child]
    assert {hold.rule: hold.chain[0] for hold in waiting} == situation.rules
    assert {category for hold in waiting for category in hold.categories} == set(situation.held)
    for section in (section for section in seen(answer, office.child).sections.values() if section.ruling.effect is R):
        assert section.content is None
        assert section.decided_by == PACK.due("P-04", NOW, "Europe/Moscow")
        assert section.obligations == ()
    for hold in waiting:
        (told,) = [row for row in rows(town.house, _table("notices")) if row.about == hold.id]
        assert (told.organisation_id, told.role, told.kind) == (town.ngo.id, hold.chain[0], "hold.waiting")


def _table(name: str) -> Any:
    from gateway.storage import tables

    return getattr(tables, name)


def test_a_question_waits_once_however_it_is_asked(town: Town) -> None:
    office = open_office(town)
    ask(office, categories=[ID])
    first = the_hold(town.house)
    ask(office, categories=[ID], now=NOW + timedelta(hours=3))
    ask(office, categories=[CON, LOC], now=NOW + timedelta(hours=4))
    answer = ask(office, now=NOW + timedelta(hours=5))
    hold = the_hold(town.house)
    assert (hold.id, hold.due_at, hold.opened_at) == (first.id, first.due_at, NOW)
    assert set(hold.categories) == {c for c, effect in effects(answer, office.child).items() if effect == R}
    assert seen(answer, office.child).sections[LOC].decided_by == first.due_at
    (notice,) = rows(town.house, _table("notices"))
    assert notice.about == hold.id


def test_another_recipient_and_another_purpose_are_other_questions(town: Town) -> None:
    office = open_office(town)
    consent(town, town.centre, signers=UNVERIFIED_MOTHER)
    for who, purpose in (
        (town.guardianship, "CASE_MGMT"),
        (town.centre, "CASE_MGMT"),
        (town.guardianship, "GUARDIANSHIP"),
    ):
        ask(office, purpose, [ID], who=who)
    found = [(h.recipient_id, h.purpose, h.rule) for h in holds(town.house) if h.subject_id == office.child]
    assert sorted(found) == sorted(
        [
            (town.guardianship.id, "CASE_MGMT", UNVERIFIED),
            (town.centre.id, "CASE_MGMT", UNVERIFIED),
            (town.guardianship.id, "GUARDIANSHIP", "RU-442-6-3"),
        ]
    )


def test_many_who_ask_at_one_moment_open_one_hold(house: House) -> None:
    office = open_office(make_town(house))
    start = threading.Barrier(4)

    def asking(categories: Sequence[str]) -> None:
        start.wait()
        ask(office, categories=categories)

    threads = [threading.Thread(target=asking, args=([category],)) for category in (ID, ID, CON, LOC)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hold = the_hold(house)
    assert set(hold.categories) == {ID, CON, LOC}


TERMS = {
    "within the week": ("2026-03-03T08:00:00", "Europe/Moscow", "2026-03-04T21:00:00"),
    "over the weekend and the holiday after it": ("2026-03-06T15:00:00", "Europe/Moscow", "2026-03-10T21:00:00"),
    "over the New Year": ("2026-12-30T09:00:00", "Europe/Moscow", "2027-01-11T21:00:00"),
    "where the holder is": ("2026-03-06T15:00:00", "Asia/Vladivostok", "2026-03-10T14:00:00"),
}


@pytest.mark.parametrize("name", TERMS)
def test_the_term_is_one_working_day_of_the_holder(house: House, name: str) -> None:
    asked, zone, due = (text for text in TERMS[name])
    made = make_town(house)
    made = replace(made, ngo=organisation(house, "ngo", "Фонд в другом поясе", zone=zone))
    office = open_office(made)
    ask(office, now=datetime.fromisoformat(asked).replace(tzinfo=UTC))
    assert the_hold(house).due_at == datetime.fromisoformat(due).replace(tzinfo=UTC)


# --- the queue -------------------------------------------------------------------------------------------------------


def test_the_queue_shows_rule_and_facts_and_neither_names_nor_content(town: Town) -> None:
    office = open_office(town)
    ask(office)
    (shown,) = read_holds(town.house, office.head, NOW)
    assert (shown.hold.rule, shown.recipient, shown.mine, shown.overdue) == (
        UNVERIFIED,
        office.recipient.name,
        True,
        False,
    )
    opened = open_hold(town.house, office.head, shown.hold.id, NOW)
    assert opened.facts is not None
    assert opened.facts["consent"]["by"][0]["verified"] is False  # type: ignore[index]
    assert (opened.facts["purpose"], opened.facts["age"], opened.facts["org"]) == ("CASE_MGMT", 9, "OOIP")
    text = str((shown, opened))
    for personal in ("Проба", "2017-01-15", "11223344595", "Вымышленн", "+7000", "Измайлово", "диагноз"):
        assert personal not in text.replace(office.recipient.name, "")
    assert town.guardianship.id not in str(opened.facts)
    assert office.child not in str(opened.facts)
    assert [entry["hold"] for entry in entries(town.house, "fact.read")] == [shown.hold.id]


def test_facts_of_a_destroyed_subject_are_gone_and_it_is_refused_all_the_same(town: Town) -> None:
    office = open_office(town)
    ask(office)
    destroy(town.house, office.child)
    hold = the_hold(town.house)
    assert open_hold(town.house, office.head, hold.id, NOW).facts is None
    assert decide(town.house, office.head, hold).hold.state == "refused"


@pytest.mark.parametrize("who", ["system", "administrator", "another organisation", "nobody's person"])
def test_a_hold_of_others_reads_like_an_invented_one(town: Town, who: str) -> None:
    office = open_office(town)
    ask(office)
    hold = the_hold(town.house)
    stranger = {
        "system": system_of(town.ngo),
        "administrator": staff(town.house, town.ngo, "head", "administrator"),
        "another organisation": staff(town.house, town.guardianship, "head", "dpo"),
        "nobody's person": staff(town.house, town.stranger, "head"),
    }[who]
    for hold_id in (hold.id, new_id(), "не номер"):
        with pytest.raises(Unavailable, match="hold_unavailable"):
            open_hold(town.house, stranger, HoldId(hold_id), NOW)
        with pytest.raises(Unavailable, match="hold_unavailable"):
            decide(town.house, stranger, hold_id, {ID: P})
    assert the_hold(town.house) == hold
    assert entries(town.house, "hold.decided") == []
    if who in {"system", "administrator"}:
        with pytest.raises(NotPermitted, match="people_only"):
            read_holds(town.house, stranger, NOW)
    else:
        assert read_holds(town.house, stranger, NOW) == ()


def test_roles_decide_in_the_order_of_the_chain_and_nothing_is_ever_lost(town: Town) -> None:
    house = town.house
    office = open_office(town)
    ask(office)
    hold = the_hold(house)
    assert hold.chain == ("head", "dpo")
    for other in (office.dpo, office.curator):
        assert not read_holds(house, other, NOW)[0].mine
        with pytest.raises(NotPermitted, match="hold_not_yours"):
            decide(house, other, hold, {ID: P})
    assert escalate(house, hold.due_at - timedelta(microseconds=1)) == 0
    now = hold.due_at
    assert [shown.overdue for shown in read_holds(house, office.head, now)] == [True]
    for number in range(1, 4):  # the next person, and then again and again
        assert escalate(house, now) == 1
        assert escalate(house, now) == 0
        hold = the_hold(house)
        assert (hold.step, hold.due_at) == (1, PACK.due("P-04", now, "Europe/Moscow"))
        assert len(entries(house, "hold.escalated")) == number
        assert read_asked(house, system_of(office.recipient), now)[0].due_at == hold.due_at
        now = hold.due_at
    told = [(row.role, row.kind) for row in rows(house, _table("notices")) if row.kind == "hold.escalated"]
    assert sorted(told) == [("dpo", "hold.escalated")] * 3 + [("head", "hold.escalated")] * 2
    with pytest.raises(NotPermitted, match="hold_not_yours"):
        decide(house, office.curator, hold, {ID: P}, now=now)
    assert decide(house, office.dpo, hold, {ID: P}, now=now).hold.state == "released"
    assert escalate(house, now + timedelta(days=60)) == 0


def test_the_head_answers_for_a_role_that_nobody_has(town: Town) -> None:
    published = publish(town)
    consent(town, town.guardianship, signers=VERIFIED)
    record(town.house, published.subjects[0], "suspected", town.ngo, about_id=published.subjects[1])
    head = staff(town.house, town.ngo, "head")
    office = Office(town, published.case_id, *published.subjects, head, head, head)
    ask(office)
    hold = the_hold(town.house)
    assert (hold.rule, hold.chain[0]) == ("POL-CONF-2", "dpo")
    assert read_notices(town.house, head)[0].about == hold.id
    assert decide(town.house, head, hold, {ID: P}).hold.state == "released"


# --- decisions -------------------------------------------------------------------------------------------------------


def test_a_yes_opens_what_it_names_as_it_names_it(town: Town) -> None:
    house = town.house
    office = open_office(town)
    ask(office)
    decided = decide(house, office.head, the_hold(house), {ID: P, LOC: M})
    assert (decided.hold.state, decided.hold.decision) == ("released", {ID: "P", LOC: "M"})
    answer = ask(office, categories=[ID, LOC, CON])
    assert effects(answer, office.child) == {"ID": "P", "LOC": "M", "CON": "D"}
    sections = seen(answer, office.child).sections
    assert sections[ID].content["birth_date"] == "2017-01-15"
    assert sections[LOC].content == {"address": {"text": "Измайлово", "municipality": "Измайлово"}}
    assert sections[CON].content is None
    assert {"RETENTION", "NO_ONWARD", "ATTACH_PROOF", "EXEMPT_18_4"} <= set(sections[ID].obligations)
    (subject,) = entries(house, "exchange.decided")[-1]["items"][0]["subjects"]
    assert (subject["decided_by_people"], subject["reasons"]) == (
        ["CON", "ID", "LOC"],
        {"EXEMPT_18_4": ["known_to_subject"]},
    )
    assert sections[ID].ruling.rule == UNVERIFIED
    assert holds(house, "waiting") == []


def test_a_no_closes_what_was_asked_and_is_told_with_its_code(town: Town) -> None:
    house = town.house
    office = open_office(town)
    ask(office)
    decide(house, office.head, the_hold(house), reason="ask_family")
    assert set(effects(ask(office), office.child).values()) == {"D"}
    (asked,) = read_asked(house, system_of(office.recipient), NOW)
    assert (asked.state, asked.released, asked.reason) == ("refused", {}, "ask_family")
    people = [staff(house, office.recipient, role) for role in ("curator", "head")]
    assert [[n.kind for n in read_notices(house, person)] for person in people] == [["hold.decided"]] * 2


IMPOSSIBLE = {
    "a category that was not held": (lambda hold: {ADP: P}, None, WORDS, "hold_categories"),
    "milder than the rules give": (lambda hold: {LOC: P}, None, WORDS, "hold_categories"),
    "no effect that releases": (lambda hold: {ID: D}, None, WORDS, "hold_categories"),
    "a no without a reason": (lambda hold: {}, "", WORDS, "reason_required"),
    "a reason nobody knows": (lambda hold: {}, "because", WORDS, "reason_unknown"),
    "no words": (lambda hold: {ID: P}, None, "  ", "words_required"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_decided_is_said_and_changes_nothing(town: Town, name: str) -> None:
    release, reason, words, code = IMPOSSIBLE[name]
    consent(town, town.ngo, ref="R-1", purpose="REFERRAL", discloser=town.centre)
    office = open_office(town, purpose="REFERRAL")  # its envelope masks whereabouts
    ask(office, "REFERRAL")
    hold = the_hold(town.house)
    assert hold.categories[LOC] == "M"
    from gateway.use_cases.decide_hold import HoldDecision, decide_hold

    with pytest.raises(BadInput, match=code):
        decide_hold(town.house, office.head, hold.id, HoldDecision(release(hold), words, reason or None), NOW)
    assert the_hold(town.house) == hold
    assert entries(town.house, "hold.decided") == []


def test_what_is_decided_stays_decided(town: Town) -> None:
    office = open_office(town)
    ask(office)
    hold = the_hold(town.house)
    decide(town.house, office.head, hold, {ID: P})
    with pytest.raises(Conflict, match="hold_decided"):
        decide(town.house, office.head, hold, {ID: P, CON: P})


def test_words_are_sealed_and_the_entry_holds_no_personal_value(town: Town) -> None:
    house = town.house
    office = open_office(town)
    ask(office)
    hold = the_hold(house)
    decided = decide(house, office.head, hold, {ID: P}, words=WORDS)
    (body,) = entries(house, "hold.decided")
    assert body == {
        "organisation": town.ngo.id,
        "decider": {"organisation": town.ngo.id, "actor": office.head.actor},
        "recipient": town.guardianship.id,
        "hold": hold.id,
        "purpose": "CASE_MGMT",
        "rule": UNVERIFIED,
        "outcome": "released",
        "released": {"ID": "P"},
        "reason": "none",
        "subject": commitment(hold.salt, office.child),
        "words": commitment(hold.salt, WORDS),
    }
    for table in ("holds", "entries", "recorded_facts", "fact_events", "notices"):
        assert WORDS.encode() not in str(rows(house, _table(table))).encode()
    assert open_hold(house, office.curator, hold.id, NOW).words == WORDS
    destroy(house, office.child)
    assert open_hold(house, office.curator, hold.id, NOW).words is None
    assert decided.hold.decided_by == office.head.actor


def test_a_yes_answers_its_own_question_and_no_other(town: Town) -> None:
    house = town.house
    office = open_office(town)
    consent(town, town.centre, signers=UNVERIFIED_MOTHER)
    consent(town, town.guardianship, purpose="REFERRAL", signers=UNVERIFIED_MOTHER)
    ask(office, categories=[ID])
    decide(house, office.head, the_hold(house), {ID: P})
    assert effects(ask(office, categories=[ID]), office.child) == {"ID": "P"}
    assert effects(ask(office, categories=[ID], who=town.centre), office.child) == {"ID": "R"}
    assert effects(ask(office, "REFERRAL", [ID]), office.child) == {"ID": "R"}
    assert effects(ask(office, categories=[CON]), office.child) == {"CON": "R"}
    # Another rule holds now: the yes was not about that.
    suspicion = record(house, office.child, "suspected", town.ngo, about_id=office.mother)
    assert effects(ask(office, categories=[ID]), office.child) == {"ID": "R"}
    assert {
        h.rule for h in holds(house, "waiting") if ID in h.categories and h.recipient_id == office.recipient.id
    } == {
        UNVERIFIED,  # of REFERRAL
        "POL-CONF-2",
    }
    with house.store.writing() as unit:
        unit.recorded_facts.end(suspicion.id, NOW)
    assert effects(ask(office, categories=[ID]), office.child) == {"ID": "P"}


def test_a_yes_about_one_consent_is_none_about_the_next(town: Town) -> None:
    house = town.house
    office = open_office(town)
    ask(office, categories=[ID])
    decide(house, office.head, the_hold(house), {ID: P})
    later = NOW + timedelta(minutes=1)
    consent(town, town.guardianship, signers=[{"who": "father", "verified": False}], now=later)
    assert effects(ask(office, categories=[ID], now=later), office.child) == {"ID": "R"}


def test_a_yes_ends_by_itself_and_what_it_opened_is_held_again(town: Town) -> None:
    house = town.house
    office = open_office(town)
    ask(office, categories=[ID])
    decided = decide(house, office.head, the_hold(house), {ID: P})
    assert decided.hold.valid_to == PACK.due("P-05", NOW, "Europe/Moscow")
    last = decided.hold.valid_to - timedelta(microseconds=1)
    assert effects(ask(office, categories=[ID], now=last), office.child) == {"ID": "P"}
    assert effects(ask(office, categories=[ID], now=decided.hold.valid_to), office.child) == {"ID": "R"}
    again = the_hold(house)
    assert (again.id != decided.hold.id, again.opened_at) == (True, decided.hold.valid_to)


@pytest.mark.law(4)
def test_a_withdrawal_after_a_yes_stops_it_at_once(town: Town) -> None:
    house = town.house
    published = publish(town)
    given = consent(town, town.guardianship, signers=UNVERIFIED_MOTHER)
    head = staff(house, town.ngo, "head")
    office = Office(town, published.case_id, *published.subjects, head, head, head)
    ask(office, categories=[ID])
    decide(house, head, the_hold(house), {ID: P})
    ask(office, categories=[ID])
    recalled = withdraw_consent(house, system_of(town.ngo), given, NOW)
    assert recalled.recalled == (town.guardianship.id,)
    answer = ask(office, categories=[ID])
    assert (effects(answer, office.child), seen(answer, office.child).sections[ID].ruling.rule) == (
        {"ID": "D"},
        "RU-152-9-5",
    )


def siblings(count: int) -> SummaryDraft:
    """Children of one family, of whom the first two share what is known of it."""
    return SummaryDraft.model_validate(
        {
            "case_ref": "C-2",
            "as_of": "2026-03-01",
            "erase_after": "2027-03-01",
            "source": "куратор",
            "curator_name": "Куратор Тестовый",
            "curator_phone": "+70000000000",
            "subjects": [
                {"ref": f"S-{n + 1}", "kind": "child", "sections": {"identity": child_sections()["identity"]}}
                for n in range(count)
            ],
            "shared": [{"about": ["S-1", "S-2"], "sections": {"family": {"household": [{"role": "mother"}]}}}],
        }
    )


def test_one_no_is_enough_for_what_siblings_share_and_one_yes_is_not(house: House) -> None:
    made = make_town(house)
    published = publish_case_summary(house, system_of(made.ngo), siblings(2), NOW, synthetic=True)
    first, second = published.subjects
    head = staff(house, made.ngo, "head")
    office = Office(made, published.case_id, first, second, head, head, head)
    consent(made, made.guardianship, ref="S-1", signers=[{"who": "mother", "verified": True}])
    consent(made, made.guardianship, ref="S-2", signers=[{"who": "mother", "verified": False}])
    answer = ask(office, categories=["FAM", ID])
    assert effects(answer, first) == {"FAM": "R", "ID": "P"}
    assert effects(answer, second) == {"FAM": "R", "ID": "R"}
    hold = the_hold(house)
    assert (hold.subject_id, set(hold.categories)) == (second, {"FAM", ID})
    due = {
        s.decided_by for subject in answer.cases[0].subjects for s in subject.sections.values() if s.ruling.effect is R
    }
    assert due == {hold.due_at}
    entry = entries(house, "exchange.decided")[-1]
    assert len(entry["items"]) == 1
    decide(house, head, hold, {"FAM": P})
    answer = ask(office, categories=["FAM", ID])
    assert effects(answer, first) == {"FAM": "P", "ID": "P"}
    assert effects(answer, second) == {"FAM": "P", "ID": "D"}
    assert seen(answer, first).sections["FAM"].content == seen(answer, second).sections["FAM"].content


def test_what_a_sibling_is_denied_is_no_question_to_anybody(house: House) -> None:
    made = make_town(house)
    published = publish_case_summary(house, system_of(made.ngo), siblings(2), NOW, synthetic=True)
    head = staff(house, made.ngo, "head")
    office = Office(made, published.case_id, *published.subjects, head, head, head)
    consent(made, made.guardianship, ref="S-1", signers=[{"who": "mother", "verified": False}])
    assert effects(ask(office, categories=["FAM"]), published.subjects[0]) == {"FAM": "D"}
    assert holds(house) == []


def test_the_dates_of_one_sibling_tell_nothing_of_another(house: House) -> None:
    """What two share is dated by them; that a third is held until another day is not read from it."""
    made = make_town(house)
    published = publish_case_summary(house, system_of(made.ngo), siblings(3), NOW, synthetic=True)
    head = staff(house, made.ngo, "head")
    office = Office(made, published.case_id, *published.subjects[:2], head, head, head)
    consent(made, made.guardianship, ref="S-1", signers=[{"who": "mother", "verified": True}])
    consent(made, made.guardianship, ref="S-2", signers=[{"who": "mother", "verified": False}])
    ask(office, categories=["FAM"])
    later = NOW + timedelta(days=2)
    consent(made, made.guardianship, ref="S-3", signers=[{"who": "mother", "verified": False}])
    answer = ask(office, categories=["FAM"], now=later)
    dates = {subject.id: subject.sections["FAM"].decided_by for subject in answer.cases[0].subjects}
    first, second = (PACK.due("P-04", moment, "Europe/Moscow") for moment in (NOW, later))
    assert dates == dict(zip(published.subjects, (first, first, second), strict=True))


# --- two people ------------------------------------------------------------------------------------------------------


def _adoption(town: Town) -> Office:
    office = open_office(town, signers=VERIFIED, child={"adoption": {"adoption": "Тайна"}})
    ask(office, "GUARDIANSHIP", [ADP])
    assert {h.rule for h in holds(town.house)} == {"RU-SK-139-1"}
    return office


def _of_child(office: Office) -> Hold:
    (hold,) = [h for h in holds(office.house, "waiting") if h.subject_id == office.child]
    return hold


def test_adoption_secrecy_needs_two_different_people(town: Town) -> None:
    house = town.house
    office = _adoption(town)
    hold = _of_child(office)
    assert (hold.persons, hold.chain, hold.quiet) == (2, ("dpo", "head"), True)
    with pytest.raises(NotPermitted, match="hold_not_yours"):
        decide(house, office.head, hold, {ADP: P})  # the first turn is the officer's
    said = decide(house, office.dpo, hold, {ADP: P}, words="слова первого")
    assert (said.hold.state, said.hold.first_by, said.hold.first_release) == ("waiting", office.dpo.actor, {ADP: "P"})
    assert entries(house, "hold.decided")[-1]["outcome"] == "first_of_two"
    assert effects(ask(office, "GUARDIANSHIP", [ADP]), office.child) == {"ADP": "R"}
    with pytest.raises(NotPermitted, match="second_person_required"):
        decide(house, office.dpo, hold, {ADP: P})
    for who, is_turn in ((office.dpo, False), (office.head, True)):
        assert [shown.mine for shown in read_holds(house, who, NOW) if shown.hold.id == hold.id] == [is_turn]
    assert open_hold(house, office.head, hold.id, NOW).first_words == "слова первого"
    assert decide(house, office.head, hold, {ADP: P}, words="слова второго").hold.state == "released"
    opened = open_hold(house, office.head, hold.id, NOW)
    assert (opened.first_words, opened.words) == ("слова первого", "слова второго")
    answer = ask(office, "GUARDIANSHIP", [ADP])
    assert seen(answer, office.child).sections[ADP].content == {"adoption": "Тайна"}


def test_one_no_of_the_two_is_enough(town: Town) -> None:
    office = _adoption(town)
    hold = _of_child(office)
    assert decide(town.house, office.dpo, hold).hold.state == "refused"
    assert effects(ask(office, "GUARDIANSHIP", [ADP]), office.child) == {"ADP": "D"}


def test_the_second_gives_no_more_than_the_first_agreed_to(town: Town) -> None:
    office = _adoption(town)
    hold = _of_child(office)
    decide(town.house, office.dpo, hold, {ADP: M})
    decided = decide(town.house, office.head, hold, {ADP: P})
    assert decided.hold.decision == {ADP: "M"}
    assert effects(ask(office, "GUARDIANSHIP", [ADP]), office.child) == {"ADP": "M"}


@pytest.mark.parametrize("place", ["another organisation", "the holder itself"])
def test_the_second_may_be_an_agreed_deputy_who_sees_it_once_the_first_has_said_yes(town: Town, place: str) -> None:
    house = town.house
    home = town.centre if place == "another organisation" else town.ngo
    deputy = staff(house, home, "psychologist")
    with house.store.reading() as unit:
        login = unit.participants.person(deputy.person_id).login  # type: ignore[union-attr,arg-type]
    office = _adoption(town)
    hold = _of_child(office)
    with pytest.raises(NotPermitted, match="head_only"):
        appoint_deputy(house, office.dpo, login, NOW)
    appoint_deputy(house, office.head, login, NOW)
    if home is town.centre:
        assert read_holds(house, deputy, NOW) == ()
        with pytest.raises(Unavailable, match="hold_unavailable"):
            open_hold(house, deputy, hold.id, NOW)
    with pytest.raises((Unavailable, NotPermitted)):
        decide(house, deputy, hold, {ADP: P})
    decide(house, office.dpo, hold, {ADP: P})
    (notice,) = [n for n in read_notices(house, deputy) if n.kind == "hold.second"]
    assert notice.about == hold.id
    assert {shown.hold.id for shown in read_holds(house, deputy, NOW) if shown.mine} == {hold.id}
    assert open_hold(house, deputy, hold.id, NOW).shown.mine
    assert decide(house, deputy, hold, {ADP: P}).hold.state == "released"
    assert entries(house, "hold.decided")[-1]["decider"] == {"organisation": home.id, "actor": deputy.actor}


def test_whoever_asks_does_not_decide_be_it_a_deputy(town: Town) -> None:
    house = town.house
    deputy = staff(house, town.guardianship, "head")
    with house.store.reading() as unit:
        login = unit.participants.person(deputy.person_id).login  # type: ignore[union-attr,arg-type]
    office = _adoption(town)
    appoint_deputy(house, office.head, login, NOW)
    hold = _of_child(office)
    decide(house, office.dpo, hold, {ADP: P})
    assert read_holds(house, deputy, NOW) == ()
    assert "hold.second" not in {n.kind for n in read_notices(house, deputy)}
    with pytest.raises(Unavailable, match="hold_unavailable"):
        decide(house, deputy, hold, {ADP: P})


def test_a_deputy_decides_nothing_that_one_person_decides_nor_after_it_was_ended(town: Town) -> None:
    house = town.house
    deputy = staff(house, town.centre, "head", "dpo")
    with house.store.reading() as unit:
        login = unit.participants.person(deputy.person_id).login  # type: ignore[union-attr,arg-type]
    office = _adoption(town)
    appoint_deputy(house, office.head, login, NOW)
    appoint_deputy(house, office.head, login, NOW)  # harmless to repeat
    ask(office, "GUARDIANSHIP", [ID])
    (alone,) = [h for h in holds(house) if h.rule == "RU-442-6-3" and h.subject_id == office.child]
    with pytest.raises(Unavailable, match="hold_unavailable"):
        decide(house, deputy, alone, {ID: P})
    hold = next(h for h in holds(house) if h.persons == 2 and h.subject_id == office.child)
    decide(house, office.dpo, hold, {ADP: P})
    appoint_deputy(house, office.head, login, NOW, ends=True)
    with pytest.raises(Conflict, match="not_a_deputy"):
        appoint_deputy(house, office.head, login, NOW, ends=True)
    assert read_holds(house, deputy, NOW) == ()
    with pytest.raises(Unavailable, match="hold_unavailable"):
        decide(house, deputy, hold, {ADP: P})
    assert [e["change"] for e in entries(house, "deputy.appointed")] == ["recorded", "recorded", "ended"]
    with pytest.raises(BadInput, match="person_unknown"):
        appoint_deputy(house, office.head, "nobody.here", NOW)


# --- whoever asked ---------------------------------------------------------------------------------------------------


def test_whoever_asked_reads_the_same_whether_the_rule_is_quiet_or_not(house: House) -> None:
    made = make_town(house)
    loud = open_office(made)
    published = publish(made, ref="K-2", case="C-2", identifiers={"snils": "14785296311"})
    consent(made, made.guardianship, ref="K-2", signers=[{"who": "mother", "holder_ref": "K-2-M", "verified": True}])
    record(house, published.subjects[0], "suspected", made.ngo, about_id=published.subjects[1])
    quiet = replace(loud, case_id=published.case_id, child=published.subjects[0], mother=published.subjects[1])
    who = system_of(made.guardianship)

    def both() -> list[tuple[object, ...]]:
        found = read_asked(house, who, NOW)
        assert len(found) == 2
        return [tuple(value for name, value in _public(asked).items()) for asked in found]

    costs = []
    for office in (loud, quiet):
        with statements(house) as said:
            ask(office)
        costs.append(said)
    assert costs[0] == costs[1], "what it costs to ask tells nothing either"
    assert both()[0] == both()[1]
    for hold in holds(house, "waiting"):
        decide(house, loud.dpo if hold.quiet else loud.head, hold, reason="other_ground" if not hold.quiet else "harm")
    assert both()[0] == both()[1]
    assert {asked.reason for asked in read_asked(house, who, NOW)} == {"other_ground"}
    assert sorted(h.reason for h in holds(house)) == ["harm", "other_ground"]  # type: ignore[type-var]
    people = staff(house, made.guardianship, "head")
    assert [n.kind for n in read_notices(house, people)] == ["hold.decided"] * 2


@contextmanager
def statements(house: Any) -> Iterator[list[str]]:
    """What is said to the data store."""
    said: list[str] = []

    def hear(*args: Any) -> None:
        said.append(args[2])

    event.listen(house.store.engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(house.store.engine, "before_cursor_execute", hear)


def _public(asked: Any) -> dict[str, Any]:
    """All but which hold and which case it is."""
    names = ("purpose", "categories", "asked_at", "due_at", "state", "released", "reason", "valid_to")
    return {name: getattr(asked, name) for name in names}


def test_holds_do_not_count_the_family(town: Town) -> None:
    """A duty asks about everybody; of whom the requester sees nothing it hears nothing, until something is released."""
    house = town.house
    office = open_office(town, signers=VERIFIED)
    recipient, worker = system_of(office.recipient), staff(house, office.recipient, "head")
    answer = ask(office, "GUARDIANSHIP", [ID])
    assert [subject.id for subject in answer.cases[0].subjects] == [office.child]
    assert {h.subject_id for h in holds(house)} == {office.child, office.mother}
    (of_mother,) = [h for h in holds(house) if h.subject_id == office.mother]
    assert len(read_asked(house, recipient, NOW)) == 1
    decide(house, office.dpo, of_mother)
    assert len(read_asked(house, recipient, NOW)) == 1
    assert read_notices(house, worker) == []
    later = PACK.due("P-05", NOW, "Europe/Moscow")
    ask(office, "GUARDIANSHIP", [ID], now=later)
    (again,) = [h for h in holds(house, "waiting") if h.subject_id == office.mother]
    decide(house, office.dpo, again, all_of(again), now=later)
    assert len(read_asked(house, recipient, later)) == 2
    assert [n.about for n in read_notices(house, worker)] == [again.id]
    assert {s.id for s in ask(office, "GUARDIANSHIP", [ID], now=later).cases[0].subjects} == {
        office.child,
        office.mother,
    }


def test_what_was_decided_makes_no_relation(town: Town) -> None:
    """A decision names the recipient; that does not let it find the case once its own relation has ended."""
    house = town.house
    published = publish(town)
    child = published.subjects[0]
    plan = record(house, child, "ooip_is_rep", town.guardianship, participants=(town.guardianship.id,))
    with house.store.writing() as unit:
        unit.recorded_facts.end(plan.id, NOW)
    declared = record(house, child, "placement", town.guardianship, participants=(town.guardianship.id,))
    head, dpo = staff(house, town.ngo, "head"), staff(house, town.ngo, "dpo")
    office = Office(town, published.case_id, *published.subjects, head, dpo, head)
    ask(office, "GUARDIANSHIP", [ID])
    for hold in holds(house, "waiting"):
        decide(house, dpo, hold, all_of(hold))
    with house.store.writing() as unit:
        unit.recorded_facts.end(declared.id, NOW)
    with pytest.raises(Unavailable, match="case_unavailable"):
        ask(office, "GUARDIANSHIP", [ID])


def test_a_person_that_is_on_file_alone_decides(town: Town) -> None:
    """Roles are those on file, whatever the requester says of itself."""
    office = open_office(town)
    ask(office)
    pretends = Requester(town.ngo.id, office.curator.actor, frozenset({"head"}))
    with pytest.raises(NotPermitted, match="hold_not_yours"):
        decide(town.house, pretends, the_hold(town.house), {ID: P})


def test_health_and_the_rest_of_a_teenager_are_two_questions_and_get_two_answers(town: Town) -> None:
    office = open_office(town, signers=VERIFIED, child={"identity": TEENAGER})
    ask(office)
    by_rule = {h.rule: h for h in holds(town.house)}
    assert set(by_rule["RU-323-54-1"].categories) == {HLT, PSY}
    decide(town.house, office.head, by_rule["RU-GK-26-1"], {ID: P})
    answer = effects(ask(office), office.child)
    assert (answer["ID"], answer["CON"], answer["HLT"]) == ("P", "D", "R")
