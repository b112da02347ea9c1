"""Two people at once: one of them comes first, the other is told or begins anew, and nothing is done twice or half."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.storage import tables_joint as j
from gateway.storage import tables_practices as p
from gateway.storage import tables_queues as q
from gateway.use_cases.answer_message import Answer, answer_message
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.hand_message import hand_over, take_message
from gateway.use_cases.house import House
from gateway.use_cases.keep_agenda import add_to_agenda, close_agenda, make_agenda
from gateway.use_cases.open_message import open_message
from gateway.use_cases.pause_timer import finish_timer, pause_timer
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from gateway.use_cases.record_absence import end_absence, record_absence
from gateway.use_cases.redirect_message import redirect_message
from gateway.use_cases.reopen_case import reopen_case
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Requester
from gateway.use_cases.withdraw_consent import withdraw_consent
from gateway.vault.blind_index import BlindIndex, IndexKind
from schemas.errors import MezhvedError
from schemas.ids import MessageId, SubjectId, new_id
from schemas.joint import AgendaDraft
from schemas.lifecycle import Event, State
from tests.builders import NOW, Town, consent, organisation, publish, system_of
from tests.gateway.exchange.world import World, world
from tests.gateway.facts_world import entries, rows
from tests.gateway.joint.world import CENTRE, RISK, council
from tests.gateway.practice_world import make_team, running
from tests.gateway.queues_world import person, refer, send
from tests.gateway.races import errors, race

LATER = NOW + timedelta(days=1)


def curator(town: Town, login: str) -> Requester:
    return person(town.house, town.guardianship, login, "curator")


def working(town: Town) -> list[str]:
    """Who works on cases, by login, once for each time that they were given one."""
    logins = {row.id: row.login for row in rows(town.house, t.people)}
    return sorted(logins[row.person_id] for row in rows(town.house, t.assignments) if row.to_at is None)


# --- queues ----------------------------------------------------------------------------------------------------------


def test_two_take_two_messages_of_one_case(town: Town) -> None:
    person(town.house, town.guardianship, "boss", "head")
    first, second = send(town), send(town)
    anna, boris = curator(town, "anna"), curator(town, "boris")
    found = race(
        town.house,
        lambda: take_message(town.house, anna, first, NOW),
        lambda: take_message(town.house, boris, second, NOW),
        meet="FROM assignments",
    )
    assert errors(found) == ["not_assigned"]
    assert len(working(town)) == 1


def test_two_open_two_messages_of_one_case_without_names(town: Town) -> None:
    met = World(town)
    first = met.send("inquiry", "school", "guardianship").message.id
    relay_once(town.house, NOW)
    second = met.send("inquiry", "school", "guardianship", answers=first).message.id
    relay_once(town.house, NOW)
    anna, boris = curator(town, "anna"), curator(town, "boris")
    found = race(
        town.house,
        lambda: open_message(town.house, anna, first, NOW),
        lambda: open_message(town.house, boris, second, NOW),
        meet="FROM assignments",
    )
    assert errors(found) == []
    assert len(working(town)) == 1, "whoever came first took the case, the other sees that"


@pytest.mark.parametrize("meet", ["FROM assignments", "FOR SHARE"])
def test_two_open_two_messages_of_one_case(town: Town, meet: str) -> None:
    first, second = send(town), send(town)
    anna, boris = curator(town, "anna"), curator(town, "boris")
    found = race(
        town.house,
        lambda: open_message(town.house, anna, first, NOW),
        lambda: open_message(town.house, boris, second, NOW),
        meet=meet,
    )
    assert errors(found) == []
    assert sorted(opened.content.case.assigned for opened in found) == [False, True]
    assert len(working(town)) == 1


def test_one_takes_and_the_other_opens(town: Town) -> None:
    message = send(town)
    anna, boris = curator(town, "anna"), curator(town, "boris")
    found = race(
        town.house,
        lambda: take_message(town.house, anna, message, NOW),
        lambda: open_message(town.house, boris, message, NOW),
        meet="FROM assignments",
    )
    assert set(errors(found)) <= {"message_taken", "not_assigned"}
    assert len(working(town)) == 1


@pytest.mark.parametrize("meet", ["FROM queue_items", "FOR NO KEY UPDATE"])
def test_a_message_is_handed_over_while_it_is_answered(town: Town, meet: str) -> None:
    message, anna = send(town), curator(town, "anna")
    curator(town, "boris")
    open_message(town.house, anna, message, NOW)
    found = race(
        town.house,
        lambda: hand_over(town.house, anna, message, "boris", "workload", NOW),
        lambda: answer_message(town.house, anna, message, Event.ACCEPT, NOW),
        meet=meet,
    )
    assert set(errors(found)) <= {"message_done", "not_assigned"}
    assert len(errors(found)) <= 1


def test_two_assign_the_same_person(town: Town) -> None:
    message, head = send(town), person(town.house, town.guardianship, "boss", "head")
    curator(town, "anna")
    case_id = next(row.case_id for row in rows(town.house, t.messages) if row.id == message)
    case = town.house.vault.case_pseudonym(town.guardianship.id, case_id)
    found = race(town.house, *[lambda: assign_case(town.house, head, case, "anna", NOW)] * 2, meet="FROM assignments")
    assert errors(found) == ["already_assigned"]
    assert working(town) == ["anna"]


def test_an_absence_is_recorded_twice(town: Town) -> None:
    anna = curator(town, "anna")
    days = date(2026, 3, 10), date(2026, 3, 20)
    found = race(
        town.house,
        *[lambda: record_absence(town.house, anna, "anna", *days, None, NOW)] * 2,
        meet="FROM absences",
    )
    assert errors(found) == ["absence_overlaps"]


@pytest.mark.parametrize("first", [date(2026, 3, 2), date(2026, 3, 10)])
def test_an_absence_is_ended_twice(town: Town, first: date) -> None:
    anna = curator(town, "anna")
    absence = record_absence(town.house, anna, "anna", first, date(2026, 3, 20), None, NOW)
    later = NOW + timedelta(minutes=1)
    found = race(
        town.house,
        *[lambda: end_absence(town.house, anna, absence.id, later)] * 2,
        meet="FROM absences WHERE absences.id",
    )
    assert errors(found) == ["absence_unavailable"]
    assert [entry["change"] for entry in entries(town.house, "absence.recorded")] == ["recorded", "ended"]


def away(town: Town) -> tuple[MessageId, Requester, str]:
    """A message that somebody has who is away, the substitute, and the absence."""
    message, anna, boris = send(town), curator(town, "anna"), curator(town, "boris")
    take_message(town.house, anna, message, NOW)
    absence = record_absence(town.house, anna, "anna", date(2026, 3, 2), date(2026, 3, 20), "boris", NOW)
    return message, boris, absence.id


def test_a_substitute_opens_in_two_windows(town: Town) -> None:
    message, boris, _ = away(town)
    found = race(town.house, *[lambda: open_message(town.house, boris, message, LATER)] * 2, meet="FROM assignments")
    assert errors(found) == []
    assert working(town) == ["anna", "boris"]
    assert len(rows(town.house, q.stand_ins)) == 1


def test_an_absence_ends_while_the_substitute_opens(town: Town) -> None:
    message, boris, absence = away(town)
    head = person(town.house, town.guardianship, "boss", "head")
    found = race(
        town.house,
        lambda: open_message(town.house, boris, message, LATER),
        lambda: end_absence(town.house, head, absence, LATER),
        meet="FROM absences",
    )
    assert errors(found) == []
    assert working(town) == ["anna"], "nobody stands in for who is back"


# --- messages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("meet", ["FROM messages", "FOR UPDATE"])
def test_a_message_is_taken_back_while_it_is_opened(town: Town, meet: str) -> None:
    message = send(town)
    found = race(
        town.house,
        lambda: open_message(town.house, system_of(town.guardianship), message, NOW),
        lambda: answer_message(town.house, system_of(town.school), message, Event.RECALL, NOW),
        meet=meet,
    )
    assert errors(found) == []


def test_a_message_is_accepted_while_it_is_taken_back(town: Town) -> None:
    message = send(town)
    open_message(town.house, system_of(town.guardianship), message, NOW)
    found = race(
        town.house,
        lambda: answer_message(town.house, system_of(town.guardianship), message, Event.ACCEPT, NOW),
        lambda: answer_message(town.house, system_of(town.school), message, Event.RECALL, NOW),
        meet="FROM messages",
    )
    assert set(errors(found)) <= {"message_state_conflict"}
    (taken_back,) = [row for row in rows(town.house, t.messages) if row.id == message]
    assert taken_back.state == "recalled"


def test_a_consent_is_withdrawn_twice(town: Town) -> None:
    given, _ = consent(town, town.guardianship), publish(town)
    found = race(
        town.house,
        *[lambda: withdraw_consent(town.house, system_of(town.ngo), given, NOW)] * 2,
        meet="FROM consent_events",
    )
    assert errors(found) == ["consent_already_withdrawn"]
    assert len(entries(town.house, "consent.withdrawn")) == 1


def test_a_message_is_redirected_while_the_consent_is_withdrawn(town: Town) -> None:
    other = organisation(town.house, "ngo", "Другой фонд (тест)")
    given = consent(town, other, purpose="REFERRAL", discloser=town.centre)
    message = refer(town)
    open_message(town.house, system_of(town.ngo), message, NOW)
    found = race(
        town.house,
        lambda: redirect_message(town.house, system_of(town.ngo), message, other.id, NOW, Answer(reason="NO_CAPACITY")),
        lambda: withdraw_consent(town.house, system_of(town.centre), given, NOW),
        meet="FROM fact_versions",
    )
    assert errors(found) == []
    kinds = [entry["kind"] for entry in _order(town.house)]
    went = any(row.redirects_id == message for row in rows(town.house, t.messages))
    assert went == (kinds.index("message.redirected") < kinds.index("consent.withdrawn"))


def _order(house: House) -> list[dict[str, Any]]:
    return [{"kind": row.kind} for row in sorted(rows(house, t.entries), key=lambda row: row.position)]


def test_two_new_holders_accept_one_child(house: House) -> None:
    met = world(house)
    publish(met.town)
    sent = []
    for name in ("other_ngo", "other_centre"):
        met.grant("ngo", name)
        sent.append((name, met.arrive("case_transfer", "ngo", name).id))
    found = race(
        house,
        *[lambda name=name, id_=id_: met.answer(name, id_, Event.ACCEPT) for name, id_ in sent],  # type: ignore[misc]
        meet="FROM messages",
    )
    assert errors(found) == ["transfer_without_ground"]


def test_one_order_to_two_participants_sets_the_fact_once(house: House) -> None:
    met = world(house)
    met.child_of("kdn")
    named = f"{met.who('centre').ogrn} {met.who('school').ogrn}"
    noted = {"act": "opened", "from": "2026-03-01", "until": "2026-09-01", "participants": named}
    drafts = [
        met.draft("ipr_order", "kdn", name, noted=noted, reg_number="5-к", reg_on="2026-03-01")
        for name in ("centre", "school")
    ]
    found = race(
        house,
        *[lambda draft=draft: submit_message(house, met.system("kdn"), draft, NOW) for draft in drafts],  # type: ignore[misc]
        meet="FROM recorded_facts",
    )
    assert errors(found) == []
    assert len([row for row in rows(house, t.recorded_facts) if row.fact == "ipr_open"]) == 1


def test_two_relays_deliver_once(house: House) -> None:
    put = council(house)
    put.set()
    propose_joint_decision(house, put.system, put.draft(), NOW)
    race(house, *[lambda: relay_once(house, NOW)] * 2, meet="FROM outbox")
    assert len(rows(house, q.queue_items)) == 3
    assert len(rows(house, p.practice_timers)) == 3


def test_a_key_is_destroyed_while_it_is_disclosed(town: Town) -> None:
    message = send(town)
    with town.house.store.reading() as unit:
        (subject,) = unit.messages.subjects(message)
    keys = town.house.vault._keys  # type: ignore[attr-defined]
    who = system_of(town.guardianship)
    found = race(
        town.house,
        lambda: open_message(town.house, who, message, NOW),
        lambda: keys.destroy(subject, now=NOW, reason="test"),
        meet="FROM fact_versions",
    )
    assert set(errors(found)) <= {"key_absent"}
    again = open_message(town.house, who, message, NOW).content.subjects[0].sections
    assert not any(section.content for section in again.values())


@pytest.mark.parametrize("meet", ["FROM subject_keys", "UPDATE subject_keys", "DELETE FROM blind_indexes"])
def test_an_index_never_outlives_the_key(house: House, meet: str) -> None:
    """Somebody is made findable while the keys are destroyed."""
    keys, subject = house.vault._keys, SubjectId(new_id())  # type: ignore[attr-defined]
    keys.create_subject_key(subject)
    index = BlindIndex(IndexKind.SNILS, b"d" * 32)
    found = race(
        house,
        lambda: keys.put_blind_indexes(subject, [index]),
        lambda: keys.destroy(subject, now=NOW, reason="test"),
        meet=meet,
        keys=True,
    )
    assert set(errors(found)) <= {"key_absent"}
    assert keys.find_subjects(index) == frozenset()


def test_somebody_is_made_findable_twice(house: House) -> None:
    keys, subject = house.vault._keys, SubjectId(new_id())  # type: ignore[attr-defined]
    keys.create_subject_key(subject)
    index = BlindIndex(IndexKind.SNILS, b"d" * 32)
    found = race(
        house, *[lambda: keys.put_blind_indexes(subject, [index])] * 2, meet="DELETE FROM blind_indexes", keys=True
    )
    assert errors(found) == []
    assert keys.find_subjects(index) == {subject}


@pytest.mark.parametrize("known", [False, True])
def test_keys_are_destroyed_twice(house: House, *, known: bool) -> None:
    keys, subject = house.vault._keys, SubjectId(new_id())  # type: ignore[attr-defined]
    if known:
        keys.create_subject_key(subject)
    reasons = ("one", "other")
    found = race(
        house,
        *[lambda reason=reason: keys.destroy(subject, now=NOW, reason=reason) for reason in reasons],  # type: ignore[misc]
        meet="subject_keys",
        keys=True,
    )
    assert errors(found) == []
    (destroyed,) = keys.destroyed()
    assert (destroyed.subject_id, destroyed.reason in reasons) == (subject, True)


# --- joint decisions and agendas -------------------------------------------------------------------------------------


def test_two_parties_answer_at_once(house: House) -> None:
    put = council(house)
    made = put.propose()
    found = race(
        house,
        lambda: put.say("guardianship", Event.AGREE),
        lambda: put.say("kdn", Event.DISAGREE, RISK),
        meet="FROM messages",
    )
    assert errors(found) == []
    assert put.positions(made) == ["agreed", "disagreed", "waiting"]


def test_a_first_answer_against_the_conclusion(house: House) -> None:
    put = council(house)
    made = put.propose()
    found = race(house, lambda: put.say("guardianship", Event.AGREE), lambda: put.conclude(made), meet="FROM messages")
    assert errors(found) == [], "who was silent may answer, whichever comes first"
    party = put.party(made, "guardianship")
    counted = put.view(made).decision.positions[put.world.who("guardianship").id][0]
    assert (counted, party.late) in {("agreed", False), ("waiting", True)}, "counted then, or shown as late"


def test_a_changed_answer_against_the_conclusion(house: House) -> None:
    put = council(house)
    made = put.propose()
    put.say("guardianship", Event.AGREE)
    found = race(
        house,
        lambda: put.say("guardianship", Event.DISAGREE, RISK),
        lambda: put.conclude(made),
        meet="FROM messages",
    )
    counted = put.view(made).decision.positions[put.world.who("guardianship").id][0]
    assert counted == put.positions(made)[0]
    assert errors(found) == (["joint_concluded"] if counted == "agreed" else [])


def test_it_is_concluded_twice(house: House) -> None:
    put = council(house)
    made = put.propose()
    found = race(house, *[lambda: put.conclude(made)] * 2, meet="FROM joint_decisions")
    assert errors(found) == ["joint_concluded"]
    assert len(entries(house, "joint.concluded")) == 1


def test_one_proposal_is_sent_twice(house: House) -> None:
    put = council(house)
    draft = put.draft()
    found = race(
        house, *[lambda: propose_joint_decision(house, put.system, draft, NOW)] * 2, meet="FROM joint_decisions"
    )
    assert errors(found) == []
    assert sorted(made.repeated for made in found) == [False, True]
    assert (len(rows(house, j.joint_decisions)), put.world.count()) == (1, 3)


def test_a_reply_against_an_answer(house: House) -> None:
    put = council(house)
    put.set()
    made = put.propose("kdn")
    put.say("kdn", Event.ASK, Answer(words="Есть ли жильё?"))
    found = race(house, lambda: put.reply("kdn"), lambda: put.say("kdn", Event.AGREE), meet="FROM messages")
    assert set(errors(found)) <= {"message_state_conflict"}
    assert put.positions(made) == ["agreed"]
    assert not running(house), "nobody waits for who has answered"


AGENDA = {"at": "2026-03-10T11:00:00+03:00", "place": "Зал", "topic": "Открытие случаев"}


def test_an_agenda_is_made_twice_and_closed_twice(house: House) -> None:
    put = council(house)
    draft = AgendaDraft.model_validate({"operation_id": "00000000-0000-4000-8000-00000000000a", **AGENDA})
    found = race(house, *[lambda: make_agenda(house, put.system, draft, NOW)] * 2, meet="FROM agendas")
    assert errors(found) == []
    assert found[0] == found[1]
    found = race(house, *[lambda: close_agenda(house, put.system, found[0].id, NOW)] * 2, meet="FROM agendas")
    assert errors(found) == ["agenda_closed"]


def test_a_case_comes_onto_an_agenda_that_is_closed(house: House) -> None:
    put = council(house)
    put.propose()
    draft = AgendaDraft.model_validate({"operation_id": "00000000-0000-4000-8000-00000000000b", **AGENDA})
    agenda = make_agenda(house, put.system, draft, NOW)
    with house.store.reading() as unit:
        case_id = unit.families.case_of(put.world.who(CENTRE).id, [put.world.child_of(CENTRE)])
    assert case_id is not None
    case = house.vault.case_pseudonym(put.world.who(CENTRE).id, case_id)
    found = race(
        house,
        lambda: add_to_agenda(house, put.system, agenda.id, case, NOW),
        lambda: close_agenda(house, put.system, agenda.id, NOW),
        meet="FROM agendas",
    )
    assert set(errors(found)) <= {"agenda_closed"}


# --- cases ---


def test_a_case_is_begun_again_twice(town: Town) -> None:
    """At once, or because an answer got lost: one new case."""
    team = make_team(town)
    found = race(
        town.house,
        *[lambda: reopen_case(town.house, system_of(team.organisation), team.case, NOW)] * 2,
        meet="FROM cases",
    )
    assert errors(found) == []
    assert found[0] == found[1] == reopen_case(town.house, system_of(team.organisation), team.case, NOW)
    assert len(entries(town.house, "case.reopened")) == 1


# --- terms of a practice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["finish", "pause"])
def test_a_term_is_ended_or_stopped_twice(town: Town, act: str) -> None:
    team = make_team(town)
    team.on("first-visit")
    team.record("signal_received")
    (timer,) = running(town.house)
    who = system_of(team.organisation)
    acts: dict[str, Callable[[], object]] = {
        "finish": lambda: finish_timer(town.house, who, timer.id, NOW),
        "pause": lambda: pause_timer(town.house, who, timer.id, next(iter(team.profile.pause_reasons)), NOW),
    }
    found = race(town.house, *[acts[act]] * 2, meet="FROM practice_timers")
    assert errors(found) == [{"finish": "timer_closed", "pause": "timer_paused"}[act]]


def test_an_event_against_the_switch_of_its_term(town: Town) -> None:
    team = make_team(town)
    team.on()
    team.record("signal_received")
    found = race(
        town.house,
        lambda: team.record("first_visit"),
        lambda: team.on("first-visit-report"),
        meet="FROM practice_timers",
    )
    assert not any(isinstance(outcome, MezhvedError) for outcome in found)
    assert [row.timer for row in running(town.house)] == ["first-visit-report"]


def test_a_state_is_what_the_last_receipt_says(house: House) -> None:
    """Whatever two do at once, the state of a message and its last receipt are one truth."""
    put = council(house)
    put.propose("kdn")
    race(
        house,
        lambda: put.say("kdn", Event.AGREE),
        lambda: put.say("kdn", Event.DISAGREE, RISK),
        meet="FROM messages",
    )
    with house.store.reading() as unit:
        message = unit.messages.by_id(put.messages["kdn"], NOW)
    assert message is not None
    assert message.receipts[-1].state is message.state is State.COMPLETED
