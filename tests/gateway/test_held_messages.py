"""Messages of which a rule holds something: kept and not delivered, delivered in part, released, refused, failed."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from gateway.exchange.relay import relay_once
from gateway.use_cases.open_message import OpenedMessage, open_message
from gateway.use_cases.read_holds import read_asked, read_holds
from gateway.use_cases.read_notices import read_notices
from gateway.use_cases.read_queue import read_message_state, read_queue
from gateway.use_cases.submit_message import Submitted, preview_message, submit_message
from gateway.use_cases.values import Hold, Requester
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.errors import Unavailable
from schemas.ids import ConsentId, HoldId, new_id
from schemas.lifecycle import State
from schemas.messages import MessageDraft
from tests.builders import NOW, PACK, Town, child_sections, consent, record, referral, system_of
from tests.gateway.conftest import Running
from tests.gateway.facts_world import entries, rows, staff
from tests.gateway.holds_world import CON, ID, LOC, UNVERIFIED, M, P, all_of, ask, decide, holds, open_office
from tests.policies.strategies import ENGINE, facts_for

SECOND = {
    "kind": "child",
    "ref": "K-2",
    "identity": {"full_name": "Второй Вымышленный", "birth_date": "2015-03-03"},
}
ADULT = {"kind": "parent", "ref": "K-1-M", "identity": {"full_name": "Мать Вымышленная", "birth_date": "1990-05-05"}}


def _consent(town: Town, ref: str = "K-1", *, verified: bool = False, **changes: Any) -> ConsentId:
    signers = [{"who": "mother", "verified": verified}]
    usual = {"ref": ref, "purpose": "REFERRAL", "signers": signers, "discloser": town.centre}
    return consent(town, town.ngo, **{**usual, **changes})


def _draft(town: Town, *more: dict[str, Any], **changes: Any) -> MessageDraft:
    first = referral(town.centre, town.ngo).persons[0].model_dump(mode="json", exclude_defaults=True)
    return referral(town.centre, town.ngo, persons=[first, *more], **changes)


def _send(town: Town, *more: dict[str, Any], **changes: Any) -> Submitted:
    return submit_message(town.house, system_of(town.centre), _draft(town, *more, **changes), NOW)


def _decider(town: Town) -> Requester:
    return staff(town.house, town.centre, "head")


def _of(town: Town, kind: str, number: int = 0) -> Hold:
    """The waiting hold of the n-th child or of the parent in the message."""
    with town.house.store.reading() as unit:
        (case_id,) = {hold.case_id for hold in holds(town.house)}
        people = [s for s in unit.families.case_subjects(case_id) if unit.recorded_facts.kind_of(s) == kind]
    return next(hold for hold in holds(town.house, "waiting") if hold.subject_id == people[number])


ASKED = (ID, "IDN", CON, LOC, "RSK", "PLN")


def _open(town: Town, sent: Submitted) -> OpenedMessage:
    return open_message(town.house, system_of(town.ngo), sent.message.id, NOW, ASKED)


def _knows_nothing(town: Town, sent: Submitted) -> None:
    """The recipient has no sign of the message, of its case, or of what waits."""
    who = system_of(town.ngo)
    assert read_queue(town.house, who, NOW) == []
    assert read_message_state(town.house, who, sent.message.id, NOW) is None
    assert list(read_asked(town.house, who, NOW)) == []
    with pytest.raises(Unavailable, match="message_unavailable"):
        _open(town, sent)
    with town.house.store.reading() as unit:
        assert unit.timers.of(town.ngo.id, 10) == []
        assert unit.notices.of(town.ngo.id, ["head", "curator", "dpo"], 10) == []


def test_a_message_that_may_name_no_child_is_kept_and_not_delivered(town: Town) -> None:
    _consent(town)
    draft = _draft(town)
    preview = preview_message(town.house, system_of(town.centre), draft, NOW)
    assert (preview.is_held, preview.blocked_by) == (True, None)
    sent = submit_message(town.house, system_of(town.centre), draft, NOW)
    assert (sent.message.held, sent.message.state) == (True, State.SUBMITTED)
    assert relay_once(town.house, NOW) == 0
    _knows_nothing(town, sent)
    (outgoing,) = read_queue(town.house, system_of(town.centre), NOW, "outbox")
    assert outgoing.held
    again = submit_message(town.house, system_of(town.centre), draft, NOW)
    assert (again.repeated, again.message.id) == (True, sent.message.id)
    (hold,) = holds(town.house)
    assert (hold.rule, hold.message_id, hold.purpose) == (UNVERIFIED, sent.message.id, "REFERRAL")
    assert set(hold.categories) == {ID, CON, LOC, "RSK", "PLN"}, "of what the message has, and the pack lets through"
    assert [shown.hold.id for shown in read_holds(town.house, _decider(town), NOW)] == [hold.id]
    assert {row.released for row in rows(town.house, _table("disclosures"))} == {False}


def _table(name: str) -> Any:
    from gateway.storage import tables

    return getattr(tables, name)


def test_a_yes_sends_it_with_what_was_released_and_nothing_else(town: Town) -> None:
    _consent(town)
    sent = _send(town)
    head = _decider(town)
    decide(town.house, head, _of(town, "child"), {ID: P, LOC: M})
    assert {n.kind for n in read_notices(town.house, head)} == {"hold.decided", "hold.waiting"}
    worker = staff(town.house, town.ngo, "head")
    assert read_notices(town.house, worker) == [], "the message itself tells"
    assert relay_once(town.house, NOW) == 1
    assert relay_once(town.house, NOW) == 0
    opened = _open(town, sent)
    (child,) = opened.content.subjects
    assert {c: s.ruling.effect.value for c, s in child.sections.items()} == {
        "ID": "P",
        "IDN": "D",
        "CON": "D",
        "LOC": "M",
        "RSK": "D",
        "PLN": "D",
    }
    assert child.sections[ID].content["birth_date"] == "2017-01-15"
    assert child.sections[LOC].content == {"address": {"text": "Измайлово", "municipality": "Измайлово"}}
    assert child.sections[CON].content is None
    assert not opened.message.held
    assert [asked.state for asked in read_asked(town.house, system_of(town.ngo), NOW)] == ["released"]
    assert holds(town.house, "waiting") == []


def test_a_no_fails_it_and_its_recipient_never_hears_of_it(town: Town) -> None:
    given_id = _consent(town)
    sent = _send(town)
    decide(town.house, _decider(town), _of(town, "child"))
    state = read_message_state(town.house, system_of(town.centre), sent.message.id, NOW)
    assert state is not None
    assert [receipt.state.value for receipt in state.receipts] == ["submitted", "failed"]
    assert entries(town.house, "message.failed") == [{"message": sent.message.id, "sender": town.centre.id}]
    assert relay_once(town.house, NOW) == 0
    _knows_nothing(town, sent)
    assert withdraw_consent(town.house, system_of(town.centre), given_id, NOW).recalled == ()


def test_what_was_kept_reached_nobody_even_where_a_part_of_it_might_have_gone(town: Town) -> None:
    """The adult might be named, the child not: nothing goes out, so there is nobody to recall anything from."""
    _consent(town)
    signed = [{"who": "self"}]
    of_adult = _consent(town, "K-1-M", subject_kind="parent", birth_date="1990-05-05", signers=signed)
    sent = _send(town, ADULT)
    assert sent.message.held
    (body,) = entries(town.house, "message.submitted")
    assert [item["subjects"] for item in body["items"]] == [[]]
    assert withdraw_consent(town.house, system_of(town.centre), of_adult, NOW).recalled == ()
    _knows_nothing(town, sent)


def test_a_message_goes_at_once_with_whoever_may_be_named_and_the_others_follow(town: Town) -> None:
    _consent(town, verified=True)
    _consent(town, "K-2", birth_date="2015-03-03")
    sent = _send(town, SECOND)
    assert not sent.message.held
    assert relay_once(town.house, NOW) == 1
    (first,) = _open(town, sent).content.subjects
    assert first.sections[ID].content["birth_date"] == "2017-01-15"
    assert list(read_asked(town.house, system_of(town.ngo), NOW)) == [], "not even that there is another"
    hold = _of(town, "child", 1)
    worker = staff(town.house, town.ngo, "curator")
    decide(town.house, _decider(town), hold, all_of(hold))
    assert [(n.kind, n.about) for n in read_notices(town.house, worker)] == [("hold.decided", hold.id)]
    both = _open(town, sent).content.subjects
    assert [s.sections[ID].content["full_name"] for s in both] == ["Проба Вымышленная Тестовна", "Второй Вымышленный"]
    later = PACK.due("P-05", NOW, "Europe/Moscow")
    again = open_message(town.house, system_of(town.ngo), sent.message.id, later)
    assert [s.sections[ID].ruling.effect.value for s in again.content.subjects] == ["P", "R"], "still seen, held again"


def test_a_no_about_one_leaves_the_others_waiting_and_the_last_no_fails_it(town: Town) -> None:
    _consent(town)
    _consent(town, "K-2", birth_date="2015-03-03")
    sent = _send(town, SECOND)
    head = _decider(town)
    decide(town.house, head, _of(town, "child"))
    assert entries(town.house, "message.failed") == []
    decide(town.house, head, _of(town, "child", 1), {ID: P})
    assert relay_once(town.house, NOW) == 1
    (second,) = _open(town, sent).content.subjects
    assert second.sections[ID].content["full_name"] == "Второй Вымышленный"


def test_two_who_refuse_two_children_at_one_moment_fail_the_message_once(town: Town) -> None:
    _consent(town)
    _consent(town, "K-2", birth_date="2015-03-03")
    _send(town, SECOND)
    head = _decider(town)
    start = threading.Barrier(2)

    def refusing(hold: Hold) -> None:
        start.wait()
        decide(town.house, head, hold)

    threads = [threading.Thread(target=refusing, args=(hold,)) for hold in holds(town.house, "waiting")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(threads) == 2
    assert len(entries(town.house, "message.failed")) == 1
    assert [hold.state for hold in holds(town.house)] == ["refused", "refused"]


@pytest.mark.parametrize("order", ["the adult first", "the child first"])
def test_an_adult_alone_sends_no_message(town: Town, order: str) -> None:
    """GUARDIANSHIP holds adults too; here the adult's own consent is held by nothing, so its hold is made by hand."""
    _consent(town)
    sent = _send(town, ADULT)
    child = _of(town, "child")
    with town.house.store.reading() as unit:
        adult = next(
            s for s in unit.families.case_subjects(child.case_id) if unit.recorded_facts.kind_of(s) == "parent"
        )
    of_adult = replace(child, id=HoldId(new_id()), subject_id=adult, categories={ID: "P"})
    with town.house.store.writing() as unit:
        assert unit.holds.add(of_adult)
    head = _decider(town)
    if order == "the adult first":
        with town.house.store.writing() as unit:  # the decision looks for what was asked
            row = unit.log.decision(child.entry_id, child.subject_id)
            assert row is not None
            unit.log.link([replace(row, subject_id=adult)])
        decide(town.house, head, of_adult, {ID: P})
        assert relay_once(town.house, NOW) == 0
        assert entries(town.house, "message.failed") == []
    decide(town.house, head, child)
    assert len(entries(town.house, "message.failed")) == 1
    assert holds(town.house, "waiting") == [], "what can never go out waits for nobody"
    _knows_nothing(town, sent)


@pytest.mark.law(4)
def test_a_yes_is_ruled_at_its_moment_and_a_withdrawn_consent_sends_nothing(town: Town) -> None:
    given_id = _consent(town)
    sent = _send(town)
    hold = _of(town, "child")
    withdraw_consent(town.house, system_of(town.centre), given_id, NOW)
    decide(town.house, _decider(town), hold, all_of(hold))
    assert relay_once(town.house, NOW) == 0
    assert len(entries(town.house, "message.failed")) == 1
    _knows_nothing(town, sent)


@pytest.mark.law(4)
def test_a_withdrawal_between_the_yes_and_the_opening_leaves_nothing_to_see(town: Town) -> None:
    given_id = _consent(town)
    sent = _send(town)
    hold = _of(town, "child")
    decide(town.house, _decider(town), hold, all_of(hold))
    relay_once(town.house, NOW)
    withdraw_consent(town.house, system_of(town.centre), given_id, NOW)
    (child,) = _open(town, sent).content.subjects
    assert {section.ruling.rule for section in child.sections.values()} == {"RU-152-9-5"}
    assert all(section.content is None for section in child.sections.values())


def test_what_is_held_only_after_the_sending_waits_then(town: Town) -> None:
    _consent(town, verified=True, signers=[{"who": "mother", "holder_ref": "K-1-M", "verified": True}])
    sent = _send(town)
    relay_once(town.house, NOW)
    with town.house.store.reading() as unit:
        subjects = unit.families.case_subjects(sent.message.case_id)
    record(town.house, subjects[0], "suspected", town.centre, about_who="mother", about_id=None)
    (child,) = _open(town, sent).content.subjects
    assert {s.ruling.effect.value for c, s in child.sections.items() if c != "IDN"} == {"R"}
    assert {section.decided_by for section in child.sections.values()} == {None}, "no date tells what the message has"
    hold = _of(town, "child")
    assert (hold.rule, set(hold.categories)) == ("POL-CONF-2", {ID, CON, LOC, "RSK", "PLN"})
    _open(town, sent)
    assert len(holds(town.house)) == 1
    decide(town.house, staff(town.house, town.centre, "dpo"), hold, {ID: P})
    (child,) = _open(town, sent).content.subjects
    assert child.sections[ID].content["birth_date"] == "2017-01-15"
    assert child.sections[CON].ruling.effect.value == "D"


def test_nobody_is_asked_about_what_the_message_does_not_have(town: Town) -> None:
    _consent(town)
    person = {"kind": "child", "ref": "K-1", "identity": child_sections()["identity"]}
    draft = referral(town.centre, town.ngo, persons=[person], concerns=[], statement=None, requested_action=None)
    sent = submit_message(town.house, system_of(town.centre), draft, NOW)
    hold = _of(town, "child")
    assert set(hold.categories) == {ID}
    decide(town.house, _decider(town), hold, {ID: P})
    relay_once(town.house, NOW)
    (child,) = _open(town, sent).content.subjects
    assert {c for c, s in child.sections.items() if s.ruling.effect.value == "R"} == set()
    assert len(holds(town.house)) == 1


def test_of_each_person_only_what_the_message_has_of_it_waits(town: Town) -> None:
    _consent(town)
    _consent(town, "K-2", birth_date="2015-03-03")
    _send(town, SECOND, concerns=[], statement=None, requested_action=None)
    assert [set(_of(town, "child", n).categories) for n in (0, 1)] == [{ID, CON, LOC}, {ID}]


def test_what_is_held_after_the_sending_waits_for_what_the_message_has(town: Town) -> None:
    _consent(town, verified=True)
    person = {"kind": "child", "ref": "K-1", "identity": child_sections()["identity"]}
    draft = referral(town.centre, town.ngo, persons=[person], concerns=[], statement=None, requested_action=None)
    sent = submit_message(town.house, system_of(town.centre), draft, NOW)
    relay_once(town.house, NOW)
    with town.house.store.reading() as unit:
        subjects = unit.families.case_subjects(sent.message.case_id)
    record(town.house, subjects[0], "suspected", town.centre, about_who="mother")
    (child,) = _open(town, sent).content.subjects
    assert {c for c, s in child.sections.items() if s.ruling.effect.value == "R"} == {ID, CON, LOC, "RSK", "PLN"}
    assert set(_of(town, "child").categories) == {ID}


def test_a_yes_about_the_published_summary_sends_no_message(town: Town) -> None:
    office = open_office(town, purpose="REFERRAL")
    ask(office, "REFERRAL")
    (hold,) = holds(town.house)
    decide(town.house, office.head, hold, all_of(hold))
    draft = referral(town.ngo, town.guardianship)
    assert preview_message(town.house, system_of(town.ngo), draft, NOW).is_held
    sent = submit_message(town.house, system_of(town.ngo), draft, NOW)
    assert sent.message.held
    assert [h.message_id for h in holds(town.house, "waiting")] == [sent.message.id]


def test_a_yes_to_one_message_sends_no_other(town: Town) -> None:
    _consent(town)
    _send(town)
    hold = _of(town, "child")
    decide(town.house, _decider(town), hold, all_of(hold))
    another = _send(town)
    assert another.message.held
    assert _of(town, "child").message_id == another.message.id


@pytest.mark.parametrize("language", ["held", "released"])
def test_the_api_says_that_a_message_waits(running: Running, language: str) -> None:
    town = running.town
    _consent(town)
    caller = running.caller(town.centre)
    draft = _draft(town)
    sent = submit_message(town.house, system_of(town.centre), draft, NOW)
    if language == "released":
        hold = _of(town, "child")
        decide(town.house, _decider(town), hold, all_of(hold))
    query = "query ($id: ID!) { message(id: $id) { state held } }"
    answer = caller.graphql(query, {"id": sent.message.id}).json()["data"]["message"]
    assert answer == {"state": "submitted", "held": language == "held"}
    assert running.caller(town.ngo).code(query, {"id": sent.message.id}) == "message_unavailable"


@settings(max_examples=300)
@given(facts_for(["SIGNAL", "EMERGENCY"]))
def test_a_signal_and_an_emergency_are_never_held_as_a_whole(facts: Any) -> None:
    """Whatever the facts, the person is named or refused, never held (rules 3.6)."""
    ruled = ENGINE.decide(facts).by_category
    assert ID not in ruled or ruled[ID].effect.value != "R"


def test_a_signal_is_delivered_whatever_consent_there_is(town: Town) -> None:
    _consent(town, discloser=town.school)
    draft = referral(town.school, town.guardianship, type="signal", trigger="threat", statute="120-ФЗ ст. 9 п. 2")
    sent = submit_message(town.house, system_of(town.school), draft, NOW)
    assert not sent.message.held
    assert relay_once(town.house, NOW + timedelta(seconds=1)) == 1
    assert holds(town.house) == []
