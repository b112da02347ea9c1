"""A case goes to another holder; a summary is corrected, taken back; a case begins again and inherits."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.change_practice import switch_timer
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.name_subject import name_subject
from gateway.use_cases.pause_timer import pause_timer
from gateway.use_cases.publish_case_summary import Published, publish_case_summary
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.read_queue import read_queue
from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.reopen_case import read_inherited, reopen_case
from gateway.use_cases.withdraw_summary import withdraw_summary
from schemas.errors import MezhvedError, Unavailable
from schemas.ids import SubjectId
from schemas.lifecycle import Event, State
from schemas.summary import SummaryDraft
from tests.builders import NOW, child_sections, consent, publish, record
from tests.gateway.exchange.world import ELSEWHERE, World, child, world
from tests.gateway.practice_world import running

ASKED = ("ID", "PLN", "HLT")


@pytest.fixture
def exchange(house: House) -> World:
    return world(house)


def published(world: World) -> Published:
    """A case of the NGO with the child K-1 and the mother, which the guardianship body may read."""
    made = publish(world.town)
    world.grant("ngo", "guardianship")
    return made


def reads(world: World, name: str, made: Published) -> Any:
    """What an organisation sees of the case that was published."""
    who = world.system(name)
    case = world.house.vault.case_pseudonym(who.organisation_id, made.case_id)
    return read_case_summary(world.house, who, case, Question("CASE_MGMT", ASKED), NOW).cases[0]


def transferred(world: World) -> tuple[Published, Any]:
    made = published(world)
    world.grant("ngo", "other_ngo")
    message = world.arrive("case_transfer", "ngo", "other_ngo")
    return made, world.answer("other_ngo", message.id, Event.ACCEPT)


def test_responsibility_moves_and_the_old_holders_access_ends(exchange: World) -> None:
    made, message = transferred(exchange)
    assert message.state is State.ACCEPTED
    child, mother = made.subjects
    with exchange.house.store.reading() as unit:
        holders = unit.recorded_facts.holder_of([child, mother])
        assert holders == {child: exchange.who("other_ngo").id, mother: exchange.who("ngo").id}
        assert unit.families.case_of(exchange.who("ngo").id, [child]) is None
        new = unit.families.case_of(exchange.who("other_ngo").id, [child])
        assert new is not None
        assert unit.families.case_subjects(made.case_id) == [mother], "who was not in the transfer stays"
    with pytest.raises(MezhvedError, match="subject_unavailable"):
        name_subject(exchange.house, exchange.system("ngo"), pseudonym(exchange, "ngo", child), "К-1", NOW)
    # The transfer stays readable to the new holder, and a consent that named the old one gives it nothing more to pass on.
    opened = exchange.open("other_ngo", message.id)
    assert opened.content.subjects[0].sections["ID"].content
    with pytest.raises(MezhvedError, match="message_refused"):
        exchange.send("progress_report", "other_ngo", "guardianship", persons=[same_child()])


def same_child() -> dict[str, Any]:
    sections = child_sections()
    return {"kind": "child", "identity": sections["identity"], "ref": "свой-1"}


def pseudonym(world: World, name: str, subject: SubjectId) -> str:
    return world.house.vault.subject_pseudonym(world.who(name).id, subject)


def test_facts_go_with_the_child(exchange: World) -> None:
    made = published(exchange)
    record(exchange.house, made.subjects[0], "suspected", exchange.town.ngo, about_who="father")
    exchange.grant("ngo", "other_ngo")
    message = exchange.arrive("case_transfer", "ngo", "other_ngo")
    exchange.answer("other_ngo", message.id, Event.ACCEPT)
    with exchange.house.store.reading() as unit:
        facts = unit.recorded_facts.in_force([made.subjects[0]], NOW)
    assert [fact.fact for fact in facts] == ["suspected"]


def test_the_new_holder_names_the_child_and_publishes(exchange: World) -> None:
    made, _ = transferred(exchange)
    who = exchange.system("other_ngo")
    name_subject(exchange.house, who, pseudonym(exchange, "other_ngo", made.subjects[0]), "свой-1", NOW)
    draft = SummaryDraft.model_validate(
        {
            "case_ref": "новый",
            "as_of": "2026-03-02",
            "erase_after": "2027-03-02",
            "source": "наблюдение",
            "curator_name": "Куратор",
            "curator_phone": "+70000000000",
            "subjects": [{"ref": "свой-1", "kind": "child", "sections": {"plan": {"goals": []}}}],
        }
    )
    again = publish_case_summary(exchange.house, who, draft, NOW)
    assert again.subjects == (made.subjects[0],)
    with exchange.house.store.reading() as unit:
        assert unit.families.case_of(exchange.who("other_ngo").id, [made.subjects[0]]) == again.case_id
    other = exchange.child_of("other_ngo")
    with pytest.raises(MezhvedError, match="ref_taken"):
        name_subject(exchange.house, who, pseudonym(exchange, "other_ngo", other), "свой-1", NOW)


def test_a_rejected_transfer_moves_nothing(exchange: World) -> None:
    made = published(exchange)
    exchange.grant("ngo", "other_ngo")
    message = exchange.arrive("case_transfer", "ngo", "other_ngo")

    exchange.answer("other_ngo", message.id, Event.REJECT, ELSEWHERE)
    with exchange.house.store.reading() as unit:
        assert set(unit.recorded_facts.holder_of(made.subjects).values()) == {exchange.who("ngo").id}
    assert reads(exchange, "guardianship", made).releases


def test_a_summary_taken_back_is_read_by_nobody_and_its_readers_are_told(exchange: World) -> None:
    made = published(exchange)
    assert reads(exchange, "guardianship", made).releases
    who = exchange.system("ngo")
    mine = exchange.house.vault.case_pseudonym(who.organisation_id, made.case_id)
    withdraw_summary(exchange.house, who, mine, NOW)
    with pytest.raises(MezhvedError, match="summary_not_published"):
        withdraw_summary(exchange.house, who, mine, NOW)
    assert reads(exchange, "guardianship", made).case.summary is None
    relay_once(exchange.house, NOW)
    (recall,) = read_queue(exchange.house, exchange.system("guardianship"), NOW)
    assert (recall.type, set(recall.notes["categories"].split())) == ("recall", {"ID", "PLN", "HLT"})
    assert read_queue(exchange.house, exchange.system("school"), NOW) == [], "who saw nothing is told nothing"


def test_a_correction_of_a_summary_is_pushed_to_who_saw_it(exchange: World) -> None:
    made = published(exchange)
    assert reads(exchange, "guardianship", made).releases
    publish(exchange.town)
    relay_once(exchange.house, NOW)
    assert read_queue(exchange.house, exchange.system("guardianship"), NOW) == [], (
        "a new version alone is no correction"
    )
    with pytest.raises(MezhvedError, match="summary_version"):
        correcting(exchange, 1)
    correcting(exchange, 2)
    relay_once(exchange.house, NOW)
    (told,) = read_queue(exchange.house, exchange.system("guardianship"), NOW)
    assert (told.type, dict(told.notes), told.purpose) == ("correction", {"version": "3"}, "")
    assert exchange.open("guardianship", told.id).content.subjects == ()


def correcting(world: World, version: int) -> None:
    draft = {
        "case_ref": "C-1",
        "as_of": "2026-03-01",
        "erase_after": "2027-03-01",
        "source": "наблюдение",
        "curator_name": "Куратор",
        "curator_phone": "+70000000000",
        "subjects": [{"ref": "K-1", "kind": "child", "sections": child_sections()}],
        "corrects": version,
    }
    publish_case_summary(world.house, world.system("ngo"), SummaryDraft.model_validate(draft), NOW)


def test_a_case_begins_again_and_inherits(exchange: World) -> None:
    made = published(exchange)
    who = exchange.system("ngo")
    mine = exchange.house.vault.case_pseudonym(who.organisation_id, made.case_id)
    new = reopen_case(exchange.house, who, mine, NOW)
    again = exchange.house.vault.case_pseudonym(who.organisation_id, new)
    assert read_inherited(exchange.house, who, again) == [mine]
    with exchange.house.store.reading() as unit:
        assert unit.families.case_of(who.organisation_id, made.subjects) == new
        assert list(unit.families.case_subjects(new)) == list(made.subjects)
    newest = reopen_case(exchange.house, who, again, NOW)
    shown = read_inherited(exchange.house, who, exchange.house.vault.case_pseudonym(who.organisation_id, newest))
    assert shown == [again, mine]


def test_only_its_holder_does_any_of_this(exchange: World) -> None:
    made = published(exchange)
    who = exchange.system("guardianship")
    theirs = exchange.house.vault.case_pseudonym(who.organisation_id, made.case_id)
    for deed in (withdraw_summary, reopen_case):
        for case in (theirs, "invented"):
            with pytest.raises(Unavailable, match="case_unavailable"):
                deed(exchange.house, who, case, NOW)
    with pytest.raises(Unavailable, match="case_unavailable"):
        read_inherited(exchange.house, who, theirs)


MOTHER = {"kind": "parent", "ref": "K-1-M", "identity": {"full_name": "Мать Вымышленная", "birth_date": "1990-05-05"}}


@pytest.mark.parametrize("whole", [False, True])
def test_terms_of_the_old_holder_end_with_its_case(exchange: World, *, whole: bool) -> None:
    """Nobody is told for ever of what is to be done about a family that is another's; while somebody is left, it runs on."""
    made = published(exchange)
    house, who = exchange.house, exchange.system("ngo")
    for timer in ("first-visit-team", "first-visit"):
        switch_timer(house, who, timer, NOW, on=True)
    case = house.vault.case_pseudonym(who.organisation_id, made.case_id)
    record_practice_event(house, who, case, "signal_received", NOW)
    pause_timer(house, who, running(house)[0].id, "family_away", NOW)
    exchange.grant("ngo", "other_ngo")
    consent(
        exchange.town,
        exchange.who("other_ngo"),
        ref="K-1-M",
        subject_kind="parent",
        birth_date="1990-05-05",
        signers=[{"who": "self"}],
    )
    people = [child("case_transfer"), MOTHER] if whole else [child("case_transfer")]
    message = exchange.arrive("case_transfer", "ngo", "other_ngo", persons=people)
    exchange.answer("other_ngo", message.id, Event.ACCEPT)
    with house.store.reading() as unit:
        left = unit.families.case_subjects(made.case_id)
    assert (len(left), len(running(house))) == ((0, 0) if whole else (1, 2))
