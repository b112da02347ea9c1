"""Every fact of rules 3.8: who may record it, on which evidence, and that nobody else may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.storage import tables as t
from gateway.use_cases.change_organisation import change_organisation
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.house import House
from gateway.use_cases.values import Requester
from schemas.errors import NotPermitted
from schemas.ids import FactId, new_id
from tests.builders import NOW, ogrn, organisation, publish
from tests.gateway.facts_world import (
    ACT,
    BY_SNILS,
    CHILD,
    COURT,
    EVERYBODY,
    FACTS,
    FATHER,
    OWNERS,
    REASONS,
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


def test_the_table_has_every_fact_of_the_pack(sqlite_house: House) -> None:
    assert set(FACTS) == set(sqlite_house.pack.responsible.facts)


@pytest.mark.parametrize("fact", FACTS)
def test_its_owners_record_a_fact_and_nobody_else(place: Place, fact: str) -> None:
    """Everybody tries, with everything that any owner would have to give."""
    owners = {(o.place, role): o for o in OWNERS if o.fact == fact for role in o.roles}
    whole = next(o for o in OWNERS if o.fact == fact)
    for (name, role), who in place.people.items():
        owned = owners.get((name, role))
        given = place.more(owned or replace(whole, act={**COURT, "reasons": REASONS}))
        before = len(entries(place.house))

        def record(name: str = name, who: Requester = who, given: dict[str, Any] = given) -> FactId:
            return put(place.house, who, fact, place.person(name), **given).fact_id

        if owned is None:
            refused = refusal(record)
            assert (refused.code, type(refused)) == ("fact_not_yours", NotPermitted), f"{fact} by {role} of {name}"
            assert len(entries(place.house)) == before
            continue
        fact_id = record()
        entry = entries(place.house)[-1]
        assert (entry["fact"], entry["change"], entry["as"]) == (fact, "recorded", owned.in_capacity)
        assert (entry["organisation"], entry["actor"]) == (who.organisation_id, who.actor)
        stored = next(row for row in rows(place.house, t.recorded_facts) if row.id == fact_id)
        assert stored.everywhere is (owned.in_capacity == "body")


@pytest.mark.parametrize("owned", OWNERS, ids=str)
def test_evidence_that_lacks_is_named(sqlite_place: Place, owned: Owned) -> None:
    who = sqlite_place.people[owned.place, owned.roles[-1]]
    whole = sqlite_place.more(owned)
    for need in owned.needs:
        given = {**whole, "document": dict(owned.act)}
        given["document"].pop({"copy": "copy_digest"}.get(need, need), None)
        if need not in {"number", "on", "copy", "reasons"}:
            del given[need]
        refused = refusal(
            lambda given=given: put(sqlite_place.house, who, owned.fact, sqlite_place.person(owned.place), **given)
        )
        assert (refused.code, refused.params["needs"]) == ("fact_needs", need)
    assert not entries(sqlite_place.house)
    assert put(sqlite_place.house, who, owned.fact, sqlite_place.person(owned.place), **whole)


def test_a_head_answers_for_an_officer_that_nobody_is_and_nobody_else_does(sqlite_place: Place) -> None:
    house, town = sqlite_place.house, sqlite_place.town
    alone = organisation(house, "ngo", "Малый фонд (тест)")
    small = replace(town, ngo=alone)
    publish(small, ref="S-1", case="S", identifiers={})
    given = {"document": ACT, "value": "control", "until": UNTIL, "organisations": [town.school.ogrn]}
    curator = staff(house, alone, "curator")
    assert refusal(lambda: put(house, curator, "formal_request", {"ref": "S-1"}, **given)).code == "fact_not_yours"
    head = staff(house, alone, "head")
    assert put(house, head, "formal_request", {"ref": "S-1"}, **given)
    staff(house, alone, "dpo")
    assert refusal(lambda: put(house, head, "formal_request", {"ref": "S-1"}, **given)).code == "fact_not_yours"


def test_who_is_an_officer_and_a_worker_at_once_records_as_a_worker(sqlite_place: Place) -> None:
    house, town = sqlite_place.house, sqlite_place.town
    for roles in (("curator", "dpo"), ("head", "administrator")):
        assert put(house, staff(house, town.centre, *roles), "location_protected", sqlite_place.person("centre"))
    for roles in (("dpo", "administrator"), ()):
        who = staff(house, town.centre, *roles)
        refused = refusal(lambda who=who: put(house, who, "location_protected", sqlite_place.person("centre")))
        assert refused.code == "fact_not_yours"


def test_roles_are_those_on_file_at_this_moment(sqlite_place: Place) -> None:
    """Not those that a session was begun with."""
    claimed = replace(sqlite_place.people["ngo", "psychologist"], roles=frozenset({"dpo", "head"}))
    refused = refusal(lambda: put(sqlite_place.house, claimed, "location_protected", CHILD))
    assert refused.code == "fact_not_yours"


# --- drafts that do not fit ------------------------------------------------------------------------------------------

NGO_COURT = {"document": COURT}
REQUEST = {"document": ACT, "until": UNTIL, "organisations": ["school"]}
WRONG: Mapping[str, tuple[str, str, Mapping[str, Any], str]] = {
    "a fact that the pack has not": ("ngo", "blessed", {}, "fact_unknown"),
    "an adult's file, for a fact about a child": ("guardianship", "emancipated", {**NGO_COURT, "of": 1}, "fact_not_of_child"),
    "an adult's file, for a fact that names the adult": (
        "ngo", "suspected", {"document": {"reasons": REASONS}, **FATHER, "of": 1}, "fact_not_of_child",
    ),
    "no adult": ("ngo", "suspected", {"document": {"reasons": REASONS}}, "fact_about_required"),
    "a child as the adult": ("ngo", "rights_limited", {**NGO_COURT, "about": CHILD}, "fact_about_required"),
    "a body that says the file and not who it is": (
        "guardianship", "rights_limited", {**NGO_COURT, "about": "mother"}, "fact_about_required",
    ),
    "an adult where there is none": ("ngo", "location_protected", FATHER, "fact_about_not_used"),
    "organisations that would have a relation by it": (
        "ngo", "location_protected", {"organisations": ["school"]}, "fact_organisations_not_used",
    ),
    "a value that is not listed": (
        "dpo", "formal_request", {**REQUEST, "value": "phone"}, "value_unknown",
    ),
    "a value where there is none": ("ngo", "location_protected", {"value": "court"}, "value_unknown"),
    "a court that is a school": (
        "dpo", "formal_request", {**REQUEST, "value": "court"}, "fact_value_kind",
    ),
    "an organisation that nobody knows": (
        "stranger", "ipr_open", {"document": ACT, "until": UNTIL, "organisations": [ogrn(77777)]}, "recipient_unknown",
    ),
    "a term that is over": ("ngo", "location_protected", {"until": NOW.date() - timedelta(days=1)}, "fact_dates"),
    "a document of tomorrow": (
        "ngo", "emancipated", {"document": {**COURT, "on": NOW.date() + timedelta(days=1)}}, "fact_dates",
    ),
    "somebody who is not in one's files": ("ngo", "location_protected", {"of": {"ref": "K-999"}}, "subject_unavailable"),
    "a pseudonym of another organisation": ("school", "location_protected", {"of": "foreign"}, "subject_unavailable"),
    "a pseudonym that is none": ("school", "location_protected", {"of": {"pseudonym": "z" * 52}}, "subject_unavailable"),
    "identifiers, by who is no body of this fact": (
        "school", "rights_terminated", {**NGO_COURT, **FATHER, "of": BY_SNILS}, "subject_unavailable",
    ),
    "identifiers that identify nobody": (
        "guardianship", "emancipated", {"document": ACT, "of": {"identifiers": {}}}, "subject_unavailable",
    ),
    "to replace what is not there": ("ngo", "location_protected", {"replaces": new_id()}, "fact_not_replaced"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_draft_that_does_not_fit_is_refused_and_leaves_nothing(sqlite_place: Place, name: str) -> None:
    where, fact, more, code = WRONG[name]
    who = sqlite_place.people["ngo", "dpo"] if where == "dpo" else sqlite_place.people[where, ""]
    where = "ngo" if where == "dpo" else where
    given = dict(more)
    of = given.pop("of", 0)
    if of == "foreign":
        of = {
            "pseudonym": sqlite_place.house.vault.subject_pseudonym(
                sqlite_place.town.ngo.id, sqlite_place.published.subjects[0]
            )
        }
    person = of if isinstance(of, dict) else sqlite_place.person(where, of)
    if given.get("about") == "mother":
        given["about"] = sqlite_place.person(where, 1)
    if "organisations" in given:
        given["organisations"] = [
            sqlite_place.organisation(o).ogrn if o in EVERYBODY else o for o in given["organisations"]
        ]
    before = {table: rows(sqlite_place.house, table) for table in (t.recorded_facts, t.subjects, t.entries, t.timers)}
    assert refusal(lambda: put(sqlite_place.house, who, fact, person, **given)).code == code
    assert {table: rows(sqlite_place.house, table) for table in before} == before


def test_an_organisation_without_an_agreement_records_and_ends_nothing(sqlite_place: Place) -> None:
    made = put(sqlite_place.house, sqlite_place.people["ngo", ""], "location_protected", CHILD)
    change_organisation(
        sqlite_place.house, sqlite_place.town.ngo.id, {"agreement_to": date(2026, 3, 1)}, "operator:cli", NOW
    )
    who = sqlite_place.people["ngo", "head"]
    assert refusal(lambda: put(sqlite_place.house, who, "location_protected", CHILD)).code == "no_agreement"
    assert refusal(lambda: end_fact(sqlite_place.house, who, made.fact_id, document(), NOW)).code == "no_agreement"
