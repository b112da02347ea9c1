"""Every fact is set, changed and ended, each with its event and entry; some by two people, some are reviewed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from gateway.evidence.entry import commitment
from gateway.storage import tables as t
from gateway.use_cases.end_fact import FactEnded, end_fact
from gateway.use_cases.escalate import escalate
from gateway.use_cases.fact_events import document_words
from gateway.use_cases.read_facts import read_facts
from gateway.use_cases.review_fact import review_fact
from gateway.use_cases.values import Requester
from schemas.errors import Conflict, NotPermitted, Unavailable
from schemas.facts import FactDocument, PersonNamed
from schemas.ids import FactId, new_id
from tests.builders import NOW
from tests.gateway.facts_world import (
    ACT,
    CHILD,
    COURT,
    FATHER,
    MOTHER,
    NUMBER,
    OWNERS,
    REASONS,
    SNILS,
    UNTIL,
    Owned,
    Place,
    document,
    entries,
    put,
    refusal,
    rows,
    staff,
)


@pytest.mark.parametrize("owned", OWNERS, ids=str)
def test_a_fact_is_set_changed_and_ended_each_with_its_event_and_entry(place: Place, owned: Owned) -> None:
    house, who = place.house, place.people[owned.place, owned.roles[-1]]
    given = place.more(owned)
    person = place.person(owned.place)
    first = put(house, who, owned.fact, person, **given)
    second = put(house, who, owned.fact, person, **given, replaces=first.fact_id)
    last = document(**owned.act)
    (known,) = read_facts(house, who, PersonNamed.model_validate(person), NOW).facts
    assert known.fact.id == second.fact_id, "the one that was replaced does not hold"
    two = house.pack.responsible.facts[owned.fact].end_by == "two"
    if two:
        asked = end_fact(house, who, second.fact_id, last, NOW)
        assert not asked.ended
        ended = end_fact(house, staff(house, place.organisation(owned.place), "curator"), second.fact_id, last, NOW)
    else:
        ended = end_fact(house, who, second.fact_id, last, NOW)
    assert ended.ended
    assert read_facts(house, who, PersonNamed.model_validate(person), NOW).facts == ()
    assert refusal(lambda: end_fact(house, who, second.fact_id, last, NOW)).code == "fact_ended"
    with house.store.reading() as unit:
        events = unit.recorded_facts.events([first.fact_id, second.fact_id])
        bodies = {event.entry_id: json.loads(unit.log.entry(event.entry_id)[1])["body"] for event in events}  # type: ignore[index]
    expected = ["recorded", "changed", *(["lift_asked"] if two else []), "ended"]
    assert sorted(event.kind for event in events) == sorted(expected)
    assert [entry["change"] for entry in entries(house)] == expected
    for event in events:
        body = bodies[event.entry_id]
        assert (body["change"], body["fact"]) == (event.kind, owned.fact)
        # The salt that is kept opens the commitments: to whom, and on which document.
        assert body["subject"] == commitment(event.salt, place.published.subjects[0])
        assert body["document"] == commitment(event.salt, document_words(last).decode())
        assert body["evidence"] == event.evidence_digest or body["evidence"] == "none"


@pytest.mark.parametrize("owned", OWNERS, ids=str)
def test_no_entry_has_a_personal_value(sqlite_place: Place, owned: Owned) -> None:
    house, who = sqlite_place.house, sqlite_place.people[owned.place, owned.roles[-1]]
    given = {**sqlite_place.more(owned), "document": {**owned.act, "reasons": REASONS}}
    made = put(house, who, owned.fact, sqlite_place.person(owned.place), **given)
    end_fact(house, who, made.fact_id, document(**{**owned.act, "reasons": REASONS}), NOW)
    read_facts(house, who, None, NOW)
    log = b"".join(row.body for row in rows(house, t.entries))
    for value in (NUMBER, "Чибис", SNILS, "K-1", "2026-02-20", *sqlite_place.published.subjects, made.fact_id):
        assert value.encode() not in log, value
    stored = rows(house, t.fact_events)
    assert stored
    assert all("Чибис".encode() not in (event.sealed or b"") for event in stored), "the document rests sealed"


@pytest.mark.parametrize("owned", [o for o in OWNERS if o.needs], ids=str)
def test_a_fact_ends_on_its_evidence_too(sqlite_place: Place, owned: Owned) -> None:
    house, who = sqlite_place.house, sqlite_place.people[owned.place, owned.roles[-1]]
    made = put(house, who, owned.fact, sqlite_place.person(owned.place), **sqlite_place.more(owned))
    refused = refusal(lambda: end_fact(house, who, made.fact_id, FactDocument(), NOW))
    wanted = [need for need in owned.needs if need in {"number", "on", "copy", "reasons"}]
    assert (refused.code, refused.params["needs"]) == ("fact_needs", ", ".join(wanted))


def test_only_owners_end_a_fact_and_a_stranger_does_not_learn_that_it_is_there(place: Place) -> None:
    house = place.house
    made = put(house, place.people["ngo", ""], "suspected", CHILD, document={"reasons": REASONS}, **FATHER)
    given = document(**COURT, reasons=REASONS)
    for name, role in (("ngo", "psychologist"), ("ngo", "dpo"), ("ngo", "administrator")):
        refused = refusal(lambda who=place.people[name, role]: end_fact(house, who, made.fact_id, given, NOW))
        assert (refused.code, type(refused)) == ("fact_not_yours", NotPermitted)
    for place_name in ("school", "guardianship", "centre"):  # related, and yet it is not their fact
        for fact_id in (made.fact_id, new_id(), "no id at all"):
            refused = refusal(
                lambda who=place.people[place_name, ""], fact_id=fact_id: end_fact(
                    house, who, FactId(fact_id), given, NOW
                )
            )
            assert (refused.code, type(refused)) == ("fact_unavailable", Unavailable)


def test_what_is_replaced_must_be_ones_own_and_in_force(sqlite_place: Place) -> None:
    house, ngo, shelter = (
        sqlite_place.house,
        sqlite_place.people["ngo", "head"],
        sqlite_place.people["centre", "curator"],
    )
    by_shelter = put(house, shelter, "location_protected", sqlite_place.person("centre"))
    mine = put(house, ngo, "location_protected", CHILD)
    about_mother = put(house, ngo, "location_protected", MOTHER)
    for other in (by_shelter, about_mother):
        refused = refusal(lambda: put(house, ngo, "location_protected", CHILD, replaces=other.fact_id))  # noqa: B023
        assert refused.code == "fact_not_replaced"
    put(house, ngo, "location_protected", CHILD, replaces=mine.fact_id)
    refused = refusal(lambda: put(house, ngo, "location_protected", CHILD, replaces=mine.fact_id))
    assert (refused.code, type(refused)) == ("fact_not_replaced", Conflict)


# --- lifted by two ---------------------------------------------------------------------------------------------------


def test_protection_is_lifted_by_two_different_people(place: Place) -> None:
    house = place.house
    curator, head, shelter = (place.people[key] for key in (("ngo", "curator"), ("ngo", "head"), ("centre", "curator")))

    def lift(fact_id: FactId, who: Requester) -> FactEnded:
        return end_fact(house, who, fact_id, document(), NOW)

    made = put(house, place.people["ngo", ""], "location_protected", CHILD).fact_id
    assert refusal(lambda: lift(made, place.people["ngo", ""])).code == "second_person_required", "a system is nobody"
    assert not lift(made, curator).ended
    with house.store.reading() as unit:
        assert {n.kind for n in unit.notices.of(place.town.ngo.id, ["head"], 10)} == {"fact.lift"}
    for who in (curator, place.people["ngo", ""]):
        assert refusal(lambda who=who: lift(made, who)).code == "second_person_required"
    assert refusal(lambda: lift(made, place.people["ngo", "psychologist"])).code == "fact_not_yours"
    assert lift(made, head).ended

    of_shelter = put(house, shelter, "location_protected", place.person("centre")).fact_id
    assert not lift(of_shelter, shelter).ended
    assert lift(of_shelter, curator).ended, "the second may be the holder's"
    with house.store.reading() as unit:
        told = {(n.kind, n.about) for n in unit.notices.of(place.town.centre.id, ["dpo"], 10)}
    assert ("fact.ended", of_shelter) in told, "who protected is told"
    assert ("fact.ended", made) not in told


def test_one_person_does_not_end_protection_by_a_new_term(place: Place) -> None:
    house, curator = place.house, place.people["ngo", "curator"]
    made = put(house, curator, "location_protected", CHILD)
    for until in (NOW.date(), UNTIL):
        refused = refusal(
            lambda until=until: put(house, curator, "location_protected", CHILD, until=until, replaces=made.fact_id)
        )
        assert refused.code == "second_person_required"
    limited = put(house, curator, "location_protected", CHILD, until=NOW.date())
    assert put(house, curator, "location_protected", CHILD, until=UNTIL, replaces=limited.fact_id), (
        "longer is no lifting"
    )


# --- reviewed --------------------------------------------------------------------------------------------------------


def _suspect(place: Place, by: str = "ngo") -> FactId:
    given = {"reasons": REASONS} if by == "ngo" else ACT
    role = "curator" if by == "ngo" else "guardianship_specialist"
    return put(
        place.house, place.people[by, role], "suspected", place.person(by), document=given, **FATHER
    ).fact_id  # fmt: skip


@pytest.mark.parametrize("by", ["ngo", "guardianship"])
def test_the_head_of_the_holder_reviews_a_suspicion_in_three_working_days(place: Place, by: str) -> None:
    """Whoever suspects: it is the holder's head who looks at it again, in the holder's file."""
    house, head = place.house, place.people["ngo", "head"]
    fact_id = _suspect(place, by)
    (timer,) = rows(house, t.timers)
    assert (timer.timer, timer.organisation_id, timer.about) == ("P-07", place.town.ngo.id, fact_id)
    assert timer.due_at == house.pack.due("P-07", NOW, "Europe/Moscow")
    assert NOW + timedelta(days=3) <= timer.due_at <= NOW + timedelta(days=4)
    with house.store.reading() as unit:
        assert "fact.review" in {n.kind for n in unit.notices.of(place.town.ngo.id, ["head"], 10)}
    for key in (("ngo", "curator"), ("ngo", "dpo"), ("ngo", "")):
        who = place.people[key]
        assert refusal(lambda who=who: review_fact(house, who, fact_id, document(), NOW)).code == "review_not_yours"
    for key in (("guardianship", "head"), ("school", "head")):
        who = place.people[key]
        refused = refusal(lambda who=who: review_fact(house, who, fact_id, document(), NOW))
        assert refused.code == ("review_not_yours" if by == key[0] else "fact_unavailable")
    review_fact(house, head, fact_id, document(reasons=REASONS), NOW + timedelta(days=1))
    assert entries(house)[-1]["change"] == "reviewed"
    assert escalate(house, NOW + timedelta(days=30)) == 0, "what was reviewed is not late"
    (known,) = read_facts(house, head, PersonNamed.model_validate(CHILD), NOW).facts
    assert (known.fact.review_by, known.events[-1].event.kind) == (None, "reviewed")
    refused = refusal(lambda: review_fact(house, head, fact_id, document(), NOW))
    assert (refused.code, type(refused)) == ("nothing_to_review", Conflict)


def test_a_review_that_is_late_goes_to_the_head_and_into_the_log(place: Place) -> None:
    house = place.house
    fact_id = _suspect(place)
    due = house.pack.due("P-07", NOW, "Europe/Moscow")
    assert escalate(house, due - timedelta(seconds=1)) == 0
    assert escalate(house, due) == 1
    (entry,) = entries(house, "timer.breached")
    assert (entry["timer"], entry["about"]) == ("P-07", {"fact": fact_id})
    with house.store.reading() as unit:
        assert "timer.breached" in {n.kind for n in unit.notices.of(place.town.ngo.id, ["head"], 10)}
    assert escalate(house, due + timedelta(days=1)) == 0, "once"
    review_fact(house, place.people["ngo", "head"], fact_id, document(), due)


@pytest.mark.parametrize("how", ["ended", "replaced"])
def test_what_ends_or_is_replaced_is_not_waited_for(place: Place, how: str) -> None:
    house, curator = place.house, place.people["ngo", "curator"]
    fact_id = _suspect(place)
    given = {"reasons": "Ошибка"}
    if how == "ended":
        end_fact(house, curator, fact_id, document(**given), NOW)
        waited = []
    else:
        waited = [put(house, curator, "suspected", CHILD, document=given, **FATHER, replaces=fact_id).fact_id]
    assert [row.about for row in rows(house, t.timers) if row.done_at is None] == waited


def test_a_fact_that_ended_by_its_term_is_not_reviewed_any_more(sqlite_place: Place) -> None:
    house = sqlite_place.house
    given = {"document": {"reasons": REASONS}, "until": NOW.date(), **FATHER}
    made = put(house, sqlite_place.people["ngo", "curator"], "suspected", CHILD, **given)
    head = sqlite_place.people["ngo", "head"]
    refused = refusal(lambda: review_fact(house, head, made.fact_id, document(), NOW + timedelta(days=2)))
    assert refused.code == "nothing_to_review"
