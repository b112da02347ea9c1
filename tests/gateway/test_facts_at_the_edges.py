"""Facts, assignments and participants through the API and at the command line: done, and refused with a code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.building import build_house, utc_now
from gateway.settings import Settings
from gateway.storage import tables as t
from gateway.use_cases.house import House
from gateway.use_cases.publish_case_summary import Published
from gateway.use_cases.register_participants import register_person
from tests.builders import NOW, Town, consent, publish
from tests.builders import town as make_town
from tests.gateway.conftest import Caller, Running
from tests.gateway.facts_world import BY_SNILS, COPY, NUMBER, REASONS, entries, login, read, rows, staff
from tests.gateway.test_cli import Done, mezhved

# --- the API ---------------------------------------------------------------------------------------------------------

RECORD = "mutation ($input: RecordFactInput!) { recordFact(input: $input) { id entryId } }"
END = "mutation ($id: ID!, $document: FactDocumentInput) { endFact(id: $id, document: $document) { ended entryId } }"
FACTS = """query ($person: PersonNamedInput) { facts(person: $person) {
  id fact title value aboutWho organisations setBy since until reviewBy secondAwaited
  events { kind at actor number on reasons copyDigest entryId } } }"""
ASSIGN = """mutation ($case: ID!, $login: String!, $ends: Boolean! = false) {
  assignCase(caseId: $case, login: $login, ends: $ends) }"""
ASSIGNED = "query ($case: ID!) { assigned(caseId: $case) { login name } }"
CHILD = {"ref": "K-1"}


def done(caller: Caller, query: str, **variables: Any) -> Any:
    answer = caller.graphql(query, variables).json()
    assert "errors" not in answer, answer
    (result,) = answer["data"].values()
    return result


def test_a_fact_is_recorded_listed_and_ended_over_graphql(running: Running) -> None:
    town = running.town
    published = publish(town)
    consent(town, town.guardianship)
    caller = running.caller(town.ngo)
    document = {"number": NUMBER, "on": "2026-02-20", "copyDigest": COPY}
    fact = {"fact": "rights_terminated", "person": CHILD, "aboutWho": "mother", "document": document}
    made = done(caller, RECORD, input=fact)
    assert read(running.house, town.guardianship, published)["ID"] == ("D", "RU-SK-71-1")
    (known,) = done(caller, FACTS, person=CHILD)
    assert (known["id"], known["fact"], known["aboutWho"]) == (made["id"], "rights_terminated", "mother")
    assert (known["title"], known["setBy"]) == ("Родитель лишён родительских прав", town.ngo.name)
    (event,) = known["events"]
    assert {name: event[name] for name in ("kind", "number", "on", "copyDigest", "entryId")} == {
        "kind": "recorded",
        **document,
        "entryId": made["entryId"],
    }
    assert event["actor"].startswith("client:")
    assert done(caller, FACTS) == [known], "all that one recorded"
    assert done(caller, END, id=made["id"], document=document)["ended"] is True
    assert done(caller, FACTS, person=CHILD) == []
    assert read(running.house, town.guardianship, published)["ID"] == ("P", "RU-152-9-1")
    assert [entry["change"] for entry in entries(running.house)] == ["recorded", "ended"]


def test_a_body_records_by_snils_and_the_holder_sees_no_word_of_it(running: Running) -> None:
    town = running.town
    publish(town)
    person = {"identifiers": BY_SNILS["identifiers"], "birthDate": BY_SNILS["birth_date"]}
    given = {"number": NUMBER, "on": "2026-02-20", "reasons": REASONS}
    fact = {"fact": "suspected", "person": person, "aboutWho": "father", "document": given}
    done(running.caller(town.guardianship), RECORD, input=fact)
    (known,) = done(running.caller(town.ngo), FACTS, person=CHILD)
    (event,) = known["events"]
    assert known["organisations"] == []
    assert (known["setBy"], known["reviewBy"] is not None) == (town.guardianship.name, True)
    assert (event["number"], event["on"], event["reasons"], event["actor"]) == (NUMBER, "2026-02-20", None, None)


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a fact that is none": ({"fact": "blessed", "person": CHILD}, "fact_unknown"),
    "no evidence": ({"fact": "suspected", "person": CHILD, "aboutWho": "mother"}, "fact_needs"),
    "a system, for what an officer reads on paper": ({"fact": "formal_request", "person": CHILD}, "fact_not_yours"),
    "somebody unknown": ({"fact": "location_protected", "person": {"ref": "K-9"}}, "subject_unavailable"),
    "nobody": ({"fact": "location_protected", "person": {}}, "field_invalid"),
    "two names that exclude each other": (
        {"fact": "location_protected", "person": {"ref": "K-1", "pseudonym": "z" * 52}},
        "field_invalid",
    ),
    "a digest that is none": (
        {"fact": "location_protected", "person": CHILD, "document": {"copyDigest": "Чибис"}},
        "field_invalid",
    ),
    "an adult that is none": ({"fact": "suspected", "person": CHILD, "aboutWho": "neighbour"}, "field_invalid"),
    "a day that is none": ({"fact": "location_protected", "person": CHILD, "until": "завтра"}, "field_invalid"),
}


def test_what_cannot_be_recorded_is_said_with_its_code(running: Running) -> None:
    town = running.town
    publish(town)
    caller = running.caller(town.ngo)
    for name, (fact, code) in REFUSED.items():
        answer = caller.graphql(RECORD, {"input": fact})
        assert answer.json()["errors"][0]["extensions"]["code"] == code, name
        assert "Чибис" not in answer.text
        assert "завтра" not in answer.text
    assert caller.code(END, {"id": "K-1"}) == "fact_unavailable"
    assert caller.code(FACTS, {"person": {"ref": "K-9"}}) == "subject_unavailable"
    assert rows(running.house, t.recorded_facts) == []
    small = running.caller(town.ngo, "messages.read")
    for query, variables in (
        (RECORD, {"input": {"fact": "location_protected", "person": CHILD}}),
        (END, {"id": "x"}),
        (FACTS, {}),
        (ASSIGN, {"case": "x", "login": "x"}),
        (ASSIGNED, {"case": "x"}),
    ):
        assert small.code(query, variables) == "scope_missing"


def test_a_system_assigns_its_people(running: Running) -> None:
    town = running.town
    published = publish(town)
    consent(town, town.guardianship)
    worker = staff(running.house, town.guardianship, "guardianship_specialist")
    caller = running.caller(town.guardianship)
    case = running.house.vault.case_pseudonym(town.guardianship.id, published.case_id)
    name = login(running.house, worker)
    assert done(caller, ASSIGNED, case=case) == []
    assert done(caller, ASSIGN, case=case, login=name)
    assert done(caller, ASSIGNED, case=case) == [{"login": name, "name": "Имя"}]
    assert caller.code(ASSIGN, {"case": case, "login": name}) == "already_assigned"
    assert caller.code(ASSIGN, {"case": case, "login": "nobody.here"}) == "person_unknown"
    assert done(caller, ASSIGN, case=case, login=name, ends=True)
    assert caller.code(ASSIGN, {"case": case, "login": name, "ends": True}) == "not_assigned_yet"
    for query, variables in ((ASSIGN, {"login": name}), (ASSIGNED, {})):
        for foreign in (running.house.vault.case_pseudonym(town.school.id, published.case_id), "z" * 52):
            assert running.caller(town.school).code(query, {"case": foreign, **variables}) == "case_unavailable"


# --- the command line ------------------------------------------------------------------------------------------------

PASSWORD = "длинный пароль для проб"


@dataclass(frozen=True)
class Installed:
    """An installation with a family and people who sign in."""

    home: Path
    town: Town
    published: Published

    def run(self, *arguments: str, who: str = "", password: str = PASSWORD) -> Done:
        stdin = f"{password}\n" if who else ""
        return mezhved(self.home, *arguments, *(("--login", who) if who else ()), stdin=stdin)

    def file(self, name: str, content: object) -> str:
        path = self.home / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), "utf-8")
        return str(path)


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    assert mezhved(tmp_path, "migrate").returncode == 0
    house: House = build_house(Settings(home=tmp_path))
    town = make_town(house)
    published = publish(town)
    for name, owner in (("ngo", town.ngo), ("opeka", town.guardianship)):
        for role in ("curator", "head", "dpo"):
            register_person(house, owner.id, f"{name}.{role}", role, PASSWORD, [role], NOW, synthetic=True)
    return Installed(tmp_path, town, published)


def test_a_fact_is_recorded_listed_reviewed_and_ended_at_the_command_line(installed: Installed) -> None:
    file = installed.file(
        "fact.json",
        {
            "fact": "suspected",
            "person": CHILD,
            "about_who": "father",
            "document": {"reasons": REASONS},
            "until": (utc_now() + timedelta(days=30)).date().isoformat(),
        },
    )
    recorded = installed.run("fact", "record", file, who="ngo.curator")
    assert recorded.returncode == 0, recorded.stderr
    fact_id = recorded.stdout.split()[1]
    listed = installed.run("fact", "list", "--person", installed.file("who.json", CHILD), who="ngo.head")
    assert fact_id in listed.stdout, "whole, so that it can be used, however narrow the window"
    assert installed.run("fact", "list", who="ngo.curator").stdout.count(fact_id) == 1
    words = installed.file("words.json", {"reasons": REASONS})
    assert "review_not_yours" in installed.run("fact", "review", fact_id, who="ngo.curator").stderr
    reviewed = installed.run("fact", "review", fact_id, "--document", words, who="ngo.head")
    assert reviewed.returncode == 0, reviewed.stderr
    assert "fact_needs" in installed.run("fact", "end", fact_id, who="ngo.curator").stderr
    ended = installed.run("fact", "end", fact_id, "--document", words, who="ngo.curator")
    assert ended.returncode == 0, ended.stderr
    assert fact_id not in installed.run("fact", "list", who="ngo.curator").stdout


def test_the_copy_of_an_act_is_digested_and_two_people_lift_protection(installed: Installed) -> None:
    act = {"number": NUMBER, "on": "2026-02-20"}
    copy = installed.file("act.pdf", "копия")
    fact = {"fact": "rights_limited", "person": CHILD, "about_who": "mother", "document": act}
    file = installed.file("fact.json", fact)
    assert "fact_needs" in installed.run("fact", "record", file, who="ngo.dpo").stderr
    recorded = installed.run("fact", "record", file, "--copy", copy, who="ngo.dpo")
    assert recorded.returncode == 0, recorded.stderr
    document = installed.file("document.json", act)
    end = ("fact", "end", recorded.stdout.split()[1], "--document", document)
    assert "fact_needs" in installed.run(*end, who="ngo.dpo").stderr
    assert installed.run(*end, "--copy", copy, who="ngo.dpo").returncode == 0

    file = installed.file("fact.json", {"fact": "location_protected", "person": CHILD})
    protected = installed.run("fact", "record", file, who="ngo.curator").stdout.split()[1]
    assert "Ждёт второго человека" in installed.run("fact", "end", protected, who="ngo.curator").stdout
    assert "second_person_required" in installed.run("fact", "end", protected, who="ngo.curator").stderr
    assert "Факт прекращён" in installed.run("fact", "end", protected, who="ngo.head").stdout


def test_a_wrong_password_and_a_bad_file_do_nothing(installed: Installed) -> None:
    file = installed.file("fact.json", {"fact": "location_protected", "person": CHILD})
    for who, password in (("ngo.curator", "не тот пароль, совсем"), ("nobody.here", PASSWORD), ("ngo.curator", "")):
        refused = installed.run("fact", "record", file, who=who, password=password)
        assert (refused.returncode, "sign_in_failed" in refused.stderr) == (2, True)
    for content, code in (
        ("{", "field_invalid"),
        ({"fact": "location_protected"}, "field_invalid"),
        ({"fact": "location_protected", "person": CHILD, "Чибис": 1}, "field_invalid"),
    ):
        refused = installed.run("fact", "record", installed.file("bad.json", content), who="ngo.curator")
        assert (refused.returncode, code in refused.stderr) == (2, True), refused.stderr
    for arguments in (
        ("record", "missing.json"),
        ("list", "--person", "missing.json"),
        ("record", file, "--copy", "x"),
    ):
        refused = installed.run("fact", *arguments, who="ngo.curator")
        assert (refused.returncode, "file_unreadable" in refused.stderr) == (2, True)
    assert "fact_not_yours" in installed.run("fact", "record", file, who="ngo.dpo").stderr
    assert not rows(build_house(Settings(home=installed.home)), t.recorded_facts)


def test_a_person_is_assigned_at_the_command_line(installed: Installed) -> None:
    house = installed.town.house
    case = house.vault.case_pseudonym(installed.town.ngo.id, installed.published.case_id)
    assigned = installed.run("case", "assign", case, "ngo.curator", who="ngo.head")
    assert (assigned.returncode, "Запись журнала" in assigned.stdout) == (0, True), assigned.stderr
    assert "already_assigned" in installed.run("case", "assign", case, "ngo.curator", who="ngo.curator").stderr
    assert "assign_not_yours" in installed.run("case", "assign", case, "ngo.head", who="ngo.dpo").stderr
    assert "case_unavailable" in installed.run("case", "assign", case, "opeka.head", who="opeka.head").stderr
    assert "sign_in_failed" in installed.run("case", "assign", case, "ngo.head", who="ngo.head", password="x").stderr
    assert installed.run("case", "assign", case, "ngo.curator", "--end", who="ngo.curator").returncode == 0
    assert len(entries(house)) == 2


def test_the_operator_changes_a_participant_on_a_document(installed: Installed) -> None:
    house, fund = installed.town.house, installed.town.ngo
    copy = installed.file("agreement.pdf", "копия соглашения")
    changes = (
        (("--agreement-to", "2026-12-31"), {"agreement_to"}),
        (("--agreement-to", "-"), {"agreement_to"}),
        (("--register", "prevention_register", "--register", "social_services_register"), {"registers"}),
        (("--register", "-"), {"registers"}),
        (("--kind", "ngo_crisis_centre", "--rkn", "00-00-000009"), {"kind", "rkn_number"}),
        (("--agreement-from", "-", "--rkn", "-"), {"agreement_from", "rkn_number"}),
        (("--storage-country", "DE"), {"storage_country"}),
    )
    for arguments, changed in changes:
        done = installed.run("organisation", "change", fund.ogrn, *arguments, "--copy", copy)
        assert done.returncode == 0, done.stderr
        entry = entries(house, "organisation.registered")[-1]
        assert set(entry["changed"]) == changed
        assert len(entry["evidence"]) == 64
        assert done.stdout.strip()
    with house.store.reading() as unit:
        after = unit.participants.organisation(fund.id)
    assert after is not None
    assert (after.kind, after.registers, after.agreement_from, after.rkn_number) == (
        "ngo_crisis_centre",
        (),
        None,
        None,
    )
    for arguments, code in (
        ((), "nothing_to_change"),
        (("--kind", "fan_club"), "kind_unknown"),
        (("--agreement-from", "вчера"), "field_invalid"),
        (("--agreement-from", "2026-01-01"), "rkn_number_required"),
        (("--storage-country", "ru"), "field_invalid"),
        (("--copy", "missing.pdf", "--rkn", "1"), "file_unreadable"),
    ):
        refused = installed.run("organisation", "change", fund.ogrn, *arguments)
        assert (refused.returncode, code in refused.stderr) == (2, True), refused.stderr
    assert "organisation_unknown" in installed.run("organisation", "change", "1027700000000", "--rkn", "1").stderr
