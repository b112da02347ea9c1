"""Who of an organisation works on a case: its own people say so, each change with its entry."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from gateway.evidence.entry import commitment
from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases.assign_case import assign_case, read_assigned
from gateway.use_cases.open_message import open_message
from gateway.use_cases.submit_message import submit_message
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.lifecycle import State
from tests.builders import NOW, Town, consent, publish, referral, system_of
from tests.gateway.facts_world import entries, login, rows, staff

ALWAYS = ("head", "coordinator", "senior_curator")
NEVER = ("psychologist", "lawyer", "registrar", "dpo", "administrator")


@pytest.mark.parametrize("side", ["ngo", "guardianship"])
def test_who_may_assign_whom(town: Town, side: str) -> None:
    """The holder and every organisation with a relation alike, each its own people."""
    house = town.house
    published = publish(town)
    consent(town, town.guardianship)
    ours = getattr(town, side)
    case = house.vault.case_pseudonym(ours.id, published.case_id)
    people = {role: staff(house, ours, role) for role in (*ALWAYS, *NEVER, "curator")}
    worker, another = staff(house, ours, "curator"), staff(house, ours, "curator")
    for role in NEVER:
        with pytest.raises(NotPermitted, match="assign_not_yours"):
            assign_case(house, people[role], case, login(house, worker), NOW)
    assign_case(house, people["curator"], case, login(house, worker), NOW)  # nobody worked on it yet
    for role in (*NEVER, "curator"):
        with pytest.raises(NotPermitted, match="assign_not_yours"):
            assign_case(house, people[role], case, login(house, another), NOW)
    for who in (worker, system_of(ours), *(people[role] for role in ALWAYS)):
        assign_case(house, who, case, login(house, another), NOW)
        assert {p.login for p in read_assigned(house, who, case, NOW)} == {login(house, worker), login(house, another)}
        assign_case(house, who, case, login(house, another), NOW, ends=True)
    assert read_assigned(house, worker, case, NOW)[0].login == login(house, worker)


def test_what_cannot_be_assigned_is_said_with_its_code(town: Town) -> None:
    house = town.house
    published = publish(town)
    head = staff(house, town.ngo, "head")
    worker, foreign = staff(house, town.ngo, "curator"), staff(house, town.school, "curator")
    case = house.vault.case_pseudonym(town.ngo.id, published.case_id)
    for name in (login(house, foreign), "nobody.at.all"):
        with pytest.raises(BadInput, match="person_unknown"):
            assign_case(house, head, case, name, NOW)
    with pytest.raises(Conflict, match="not_assigned_yet"):
        assign_case(house, head, case, login(house, worker), NOW, ends=True)
    assign_case(house, head, case, login(house, worker), NOW)
    with pytest.raises(Conflict, match="already_assigned"):
        assign_case(house, head, case, login(house, worker), NOW)
    school = system_of(town.school)
    real = house.vault.case_pseudonym(town.school.id, published.case_id)
    for name in (real, "z" * 52):
        for ask in (assign_case, None):
            with pytest.raises(Unavailable, match="case_unavailable"):
                assign_case(house, school, name, login(house, foreign), NOW) if ask else read_assigned(
                    house, school, name, NOW
                )
    assert len(entries(house)) == 1


def test_who_left_is_taken_off_a_case_and_not_put_on_one(town: Town) -> None:
    house = town.house
    published = publish(town)
    head, worker = staff(house, town.ngo, "head"), staff(house, town.ngo, "curator")
    case = house.vault.case_pseudonym(town.ngo.id, published.case_id)
    assign_case(house, head, case, login(house, worker), NOW)
    with house.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(update(t.people).where(t.people.c.id == worker.person_id).values(active=False))
    assign_case(house, head, case, login(house, worker), NOW, ends=True)
    with pytest.raises(BadInput, match="person_unknown"):
        assign_case(house, head, case, login(house, worker), NOW)


def test_a_head_who_is_the_officer_too_assigns_and_an_officer_does_not_for_want_of_a_head(town: Town) -> None:
    house = town.house
    published = publish(town)
    case = house.vault.case_pseudonym(town.ngo.id, published.case_id)
    officer, worker = staff(house, town.ngo, "dpo"), staff(house, town.ngo, "lawyer")
    with pytest.raises(NotPermitted, match="assign_not_yours"):
        assign_case(house, officer, case, login(house, worker), NOW)
    assign_case(house, staff(house, town.ngo, "head", "dpo"), case, login(house, worker), NOW)


def test_an_organisation_without_a_head_is_not_stuck(town: Town) -> None:
    house = town.house
    published = publish(town)
    first, second = staff(house, town.ngo, "lawyer"), staff(house, town.ngo, "lawyer")
    case = house.vault.case_pseudonym(town.ngo.id, published.case_id)
    assign_case(house, first, case, login(house, first), NOW)
    assign_case(house, second, case, login(house, second), NOW)
    working = {person.id for person in read_assigned(house, first, case, NOW)}
    assert working == {first.person_id, second.person_id}


def test_each_change_is_an_entry_whose_commitment_can_be_opened(town: Town) -> None:
    house = town.house
    published = publish(town)
    head, worker = staff(house, town.ngo, "head"), staff(house, town.ngo, "curator")
    case = house.vault.case_pseudonym(town.ngo.id, published.case_id)
    assign_case(house, head, case, login(house, worker), NOW)
    assign_case(house, head, case, login(house, worker), NOW, ends=True)
    (row,) = rows(house, t.assignments)
    assert (row.assigned_by, row.to_at) == (head.actor, NOW)
    for entry, change in zip(entries(house), ("recorded", "ended"), strict=True):
        assert (entry["fact"], entry["change"], entry["person"]) == ("assignment", change, worker.person_id)
        assert entry["case"] == commitment(row.salt, published.case_id)
        assert published.case_id not in str(entry)


def test_who_opens_the_first_message_takes_the_case(town: Town) -> None:
    house = town.house
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    sent = submit_message(house, system_of(town.centre), referral(town.centre, town.ngo), NOW).message
    relay_once(house, NOW)
    first, second = staff(house, town.ngo, "curator"), staff(house, town.ngo, "curator")
    open_message(house, system_of(town.ngo), sent.id, NOW)
    assert not rows(house, t.assignments), "a system takes nothing"
    assert open_message(house, first, sent.id, NOW).message.state is State.OPENED
    assert not rows(house, t.assignments), "the system had opened it before"

    sent = submit_message(house, system_of(town.centre), referral(town.centre, town.ngo), NOW).message
    relay_once(house, NOW)
    open_message(house, first, sent.id, NOW)
    assert [(row.person_id, row.assigned_by) for row in rows(house, t.assignments)] == [(first.person_id, first.actor)]
    assert (entries(house)[-1]["fact"], entries(house)[-1]["person"]) == ("assignment", first.person_id)
    later = open_message(house, second, sent.id, NOW)
    rulings = {section.ruling.rule for section in later.content.subjects[0].sections.values()}
    assert rulings == {"POL-ROLE-3"}
    assert len(rows(house, t.assignments)) == 1
