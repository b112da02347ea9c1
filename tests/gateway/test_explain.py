"""What an organisation would see, why and what is missing: exactly what it then gets, and nothing of it is disclosed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from gateway.building import build_house
from gateway.settings import Settings
from gateway.use_cases.explain_access import Explained, ExplainedCategory, explain_access
from gateway.use_cases.house import House
from gateway.use_cases.register_participants import register_person
from gateway.use_cases.values import Organisation, Requester
from gateway.vault.vault import Vault
from schemas.errors import BadInput, NotPermitted, Unavailable
from tests import builders
from tests.builders import EVIDENCE, NOW, Town, consent, publish, record, system_of
from tests.builders import town as make_town
from tests.gateway.conftest import Running
from tests.gateway.facts_world import entries, rows, staff
from tests.gateway.holds_world import ID, Office, P, all_of, ask, decide, holds, open_office
from tests.gateway.test_cli import mezhved

VERIFIED = [{"who": "mother", "holder_ref": "K-1-M", "verified": True}]


def _explain(
    office: Office,
    purpose: str = "CASE_MGMT",
    who: Requester | None = None,
    to: Organisation | None = None,
    now: Any = NOW,
    **more: Any,
) -> Explained:
    case = office.house.vault.case_pseudonym(office.town.ngo.id, office.case_id)
    to = to or office.recipient
    return explain_access(office.house, who or office.curator, case, to.ogrn, purpose, now, **more)


def _of_child(explained: Explained) -> Mapping[str, ExplainedCategory]:
    return {str(known.category): known for known in explained.subjects[0].categories}


def _table(name: str) -> Any:
    from gateway.storage import tables

    return getattr(tables, name)


@contextmanager
def _opened() -> Iterator[list[int]]:
    """How many sections are opened at each call."""
    calls: list[int] = []
    real = Vault.open_sections

    def counting(self: Vault, sections: Any) -> Any:
        calls.append(len(sections))
        return real(self, sections)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Vault, "open_sections", counting)
        yield calls


# --- the explanation is what happens ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """What is on file, drawn at random."""

    consents: tuple[Mapping[str, Any], ...]
    facts: tuple[str, ...]
    birth_date: str
    decided: bool


consent_changes = st.fixed_dictionaries(
    {},
    optional={
        "purpose": st.sampled_from(["CASE_MGMT", "REFERRAL"]),
        "valid_to": st.sampled_from(["2026-12-31", "2026-02-28", "2026-03-02"]),
        "categories": st.sampled_from([builders.ALL, ("ID", "HLT"), ("LOC", "FAM", "OFF")]),
        "form": st.sampled_from(["paper", "checkbox", None]),
        "separate": st.booleans(),
        "fields_complete": st.booleans(),
        "evidence_digest": st.sampled_from([EVIDENCE, None]),
        "other_parent_objection": st.booleans(),
        "signers": st.sampled_from(
            [
                [{"who": "mother", "holder_ref": "K-1-M", "verified": True}],
                [{"who": "mother", "holder_ref": "K-1-M", "verified": False}],
                [{"who": "self"}, {"who": "mother", "holder_ref": "K-1-M", "verified": True}],
                [{"who": "self"}],
                [{"who": "mother", "holder_ref": "K-1-M", "verified": True, "rights": "limited"}],
            ]
        ),
    },
)
FACTS = {
    "location_protected": {},
    "suspected": {"about_who": "mother"},
    "sk64_act": {"about_who": "mother"},
    "rights_terminated": {"about_who": "mother"},
    "emancipated": {},
    "ooip_is_rep": {"named": True},
    "placement": {"named": True},
    "ipr_open": {"named": True},
    "emergency": {"named": True},
    "formal_request": {"named": True, "value": "court"},
    "adopters_written_consent": {"named": True},
}
worlds = st.builds(
    World,
    consents=st.lists(consent_changes, max_size=2).map(tuple),
    facts=st.lists(st.sampled_from(sorted(FACTS)), unique=True, max_size=3).map(tuple),
    birth_date=st.sampled_from(["2017-01-15", "2011-01-15", "2009-01-15", "2007-01-15"]),
    decided=st.booleans(),
)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    world=worlds,
    purpose=st.sampled_from(
        ["CASE_MGMT", "REFERRAL", "GUARDIANSHIP", "KDN_IPR", "EMERGENCY", "AUTHORITY_REQUEST", "STATS"]
    ),
    place=st.sampled_from(["guardianship", "guardianship", "centre", "school", "stranger"]),
)
def test_an_explanation_is_what_then_happens(world: World, purpose: str, place: str) -> None:
    """Effect and true rule, of everybody in the family; and whether the case would be found at all."""
    with tempfile.TemporaryDirectory() as folder:
        house = builders.sqlite_house(Path(folder))
        try:
            _compare(house, world, purpose, place)
        finally:
            house.store.engine.dispose()  # type: ignore[attr-defined]
            house.vault._keys.engine.dispose()  # type: ignore[attr-defined]


def _compare(house: House, world: World, purpose: str, place: str) -> None:
    made = make_town(house)
    recipient: Organisation = getattr(made, place)
    identity = {"full_name": "Проба", "birth_date": world.birth_date}
    published = publish(made, identity=identity, adoption={"adoption": "Тайна"})
    for changes in world.consents:
        consent(made, recipient, **changes)  # type: ignore[arg-type]
    for fact in world.facts:
        more: dict[str, Any] = dict(FACTS[fact])
        if more.pop("named", False):
            more["participants"] = (recipient.id, made.ngo.id)
        record(house, published.subjects[0], fact, made.ngo, **more)
    people = [staff(house, made.ngo, role) for role in ("head", "dpo", "curator")]
    office = Office(made, published.case_id, *published.subjects, *people)
    if world.decided:
        with suppress(Unavailable):
            ask(office, purpose, who=recipient)
        for hold in holds(house, "waiting"):
            decide(house, office.dpo if hold.chain[0] == "dpo" else office.head, hold, all_of(hold))
    before = len(holds(house))
    explained = _explain(office, purpose, to=recipient)
    assert len(holds(house)) == before
    expected = {
        (house.vault.resolve_subject(made.ngo.id, subject.ref), known.category): (
            known.ruling.effect.value,
            known.ruling.rule,
        )
        for subject in explained.subjects
        for known in subject.categories
    }
    try:
        answer = ask(office, purpose, who=recipient)
    except Unavailable:
        assert not explained.related
        return
    assert explained.related
    found = {
        (row.subject_id, category): (effect, rule)
        for row in rows(house, _table("disclosures"))
        if row.entry_id == answer.entry_id
        for category, (effect, rule) in row.rulings.items()
    }
    assert found == expected


def test_it_names_the_quiet_rule_to_the_holder_and_says_what_the_other_would_read(town: Town) -> None:
    office = open_office(town, signers=VERIFIED)
    record(town.house, office.child, "suspected", town.ngo, about_id=office.mother)
    record(town.house, office.child, "location_protected", town.ngo)
    known = _of_child(_explain(office))
    assert (known["ID"].ruling.rule, known["ID"].quiet, known["ID"].ruling.shown.id) == (
        "POL-CONF-2",
        True,
        "NOT_RELEASED",
    )
    assert [rule.id for rule in known["LOC"].missing] == ["POL-LOC-1", "POL-CONF-2"]
    assert known["ADP"].ruling.rule == "RU-SK-139-1"
    assert known["ID"].ruling.if_released is P


def test_what_is_missing_is_all_that_is_missing(town: Town) -> None:
    """Completed one by one, in the order that is told, each step takes away one obstacle, until it is released."""
    bad: dict[str, Any] = {
        "evidence_digest": None,
        "valid_to": "2026-02-01",
        "separate": False,
        "categories": ("ID",),
        "form": "checkbox",
        "fields_complete": False,
        "signers": [{"who": "father", "holder_ref": "K-1-F", "verified": False}],
    }
    steps: list[tuple[str, dict[str, Any]]] = [
        ("RU-152-9-6", {"evidence_digest": EVIDENCE}),
        ("RU-152-9-7", {"valid_to": "2026-12-31"}),
        ("RU-152-9-2", {"separate": True}),
        ("RU-152-9-9", {"categories": builders.ALL}),
        ("RU-152-10-2", {"form": "paper"}),
        ("RU-152-9-3", {"fields_complete": True}),
        ("POL-CONF-2", {"signers": [{"who": "father", "verified": False}]}),
        ("RU-152-9-4", {"signers": [{"who": "father", "verified": True}]}),
    ]
    office = open_office(town, **bad)
    with town.house.store.reading() as unit:
        child = next(iter(unit.families.case_subjects(office.case_id)))
    father = next(
        row.holder_id for row in rows(town.house, _table("authorities")) if row.child_id == child and row.holder_id
    )
    record(town.house, child, "suspected", town.ngo, about_id=father)
    for number, (_, change) in enumerate(steps):
        known = _of_child(_explain(office, now=NOW + timedelta(minutes=number)))["HLT"]
        assert [rule.id for rule in known.missing] == [rule for rule, _ in steps[number:]]
        assert known.ruling.rule == steps[number][0]
        assert all(rule.remedy_ru for rule in known.missing)
        bad |= change
        consent(town, office.recipient, now=NOW + timedelta(minutes=number + 1), **bad)
    known = _of_child(_explain(office, now=NOW + timedelta(hours=1)))["HLT"]
    assert (known.ruling.effect, known.missing) == (P, ())


def test_where_there_is_no_consent_that_is_what_is_missing(town: Town) -> None:
    published = publish(town)
    curator = staff(town.house, town.ngo, "curator")
    office = Office(town, published.case_id, *published.subjects, curator, curator, curator)
    explained = _explain(office)
    assert (explained.related, explained.subjects[0].has_consent) == (False, False)
    assert [rule.id for rule in _of_child(explained)["ID"].missing] == ["RU-152-6-1"]
    assert [rule.id for rule in _of_child(explained)["LOC"].missing] == ["RU-152-6-1"]


def test_nothing_is_opened_or_held_and_one_entry_is_written(town: Town) -> None:
    office = open_office(town)
    consent(town, town.guardianship, ref="K-1-M", subject_kind="parent", signers=[{"who": "self"}])
    before = {name: rows(town.house, _table(name)) for name in ("disclosures", "holds", "notices", "timers")}
    with _opened() as calls:
        explained = _explain(office)
    assert calls == []
    assert {name: rows(town.house, _table(name)) for name in before} == before
    (entry,) = entries(town.house, "access.explained")
    assert (entry["requester"], entry["recipient"], entry["purpose"]) == (
        {"organisation": town.ngo.id, "actor": office.curator.actor},
        office.recipient.id,
        "CASE_MGMT",
    )
    assert [subject["rulings"]["ID"] for subject in entry["subjects"]] == [["R", "RU-152-9-4"], ["P", "RU-152-9-1"]]
    assert explained.entry_id
    for subject_id in (office.child, office.mother, office.case_id):
        assert subject_id not in json.dumps(entry)
    ask(office)
    assert len(holds(town.house)) == 1, "a request is held, an explanation is not"


@pytest.mark.law(6)
def test_a_case_of_others_answers_as_an_invented_one(town: Town) -> None:
    house = town.house
    office = open_office(town)
    heard = []
    theirs = house.vault.case_pseudonym(town.guardianship.id, office.case_id)
    for case in (theirs, "a" * 52):
        said: list[str] = []

        def hear(*args: Any, said: list[str] = said) -> None:
            said.append(args[2])

        event.listen(house.store.engine, "before_cursor_execute", hear)  # type: ignore[attr-defined]
        try:
            with pytest.raises(Unavailable, match="case_unavailable"):
                explain_access(house, system_of(town.guardianship), case, town.school.ogrn, "CASE_MGMT", NOW)
        finally:
            event.remove(house.store.engine, "before_cursor_execute", hear)  # type: ignore[attr-defined]
        heard.append(said)
    assert heard[0] == heard[1]
    assert [entry["subjects"] for entry in entries(house, "access.explained")] == [[], []]


WRONG = {
    "a purpose nobody knows": ({"purpose": "GOSSIP"}, "purpose_unknown"),
    "a trigger nobody knows": ({"trigger": "gossip"}, "trigger_unknown"),
    "a category nobody knows": ({"categories": ("XXX",)}, "category_unknown"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_question_that_makes_no_sense_is_named(town: Town, name: str) -> None:
    given_, code = WRONG[name]
    with pytest.raises(BadInput, match=code):
        _explain(open_office(town), **given_)  # type: ignore[arg-type]
    assert entries(town.house, "access.explained") == []


def test_an_administrator_and_an_unknown_organisation_are_refused(town: Town) -> None:
    office = open_office(town)
    with pytest.raises(NotPermitted, match="not_for_overseers"):
        _explain(office, who=staff(town.house, town.ngo, "administrator"))
    from dataclasses import replace

    with pytest.raises(BadInput, match="recipient_unknown"):
        _explain(office, to=replace(town.school, ogrn=builders.ogrn()))
    assert _explain(office, who=office.dpo).related


# --- edges -----------------------------------------------------------------------------------------------------------

EXPLAIN = """
query ($case: ID!, $ogrn: String!, $categories: [String!]) {
  explain(caseId: $case, organisationOgrn: $ogrn, purpose: "CASE_MGMT", categories: $categories) {
    related entryId
    organisation { ogrn }
    subjects { kind hasConsent retainUntil categories { category effect rule quiet ifReleased missing { rule remedy } } }
  }
}
"""


def test_the_api_explains(running: Running) -> None:
    town = running.town
    office = open_office(town)
    record(town.house, office.child, "suspected", town.ngo, about_id=office.mother)
    case = town.house.vault.case_pseudonym(town.ngo.id, office.case_id)
    variables = {"case": case, "ogrn": town.guardianship.ogrn, "categories": ["ID"]}
    answer = running.caller(town.ngo).graphql(EXPLAIN, variables).json()["data"]["explain"]
    child, mother = answer["subjects"]
    assert (answer["related"], child["hasConsent"], child["retainUntil"]) == (True, True, "2026-12-31")
    (known,) = child["categories"]
    assert (known["effect"], known["rule"], known["quiet"], known["ifReleased"]) == (
        "HELD",
        "POL-CONF-2",
        True,
        "RELEASED",
    )
    assert [rule["rule"] for rule in known["missing"]] == ["POL-CONF-2", "RU-152-9-4"]
    assert mother["categories"][0]["rule"] == "RU-152-6-1"
    assert running.caller(town.ngo, "summaries.read").code(EXPLAIN, variables) == "scope_missing"
    assert running.caller(town.guardianship).code(EXPLAIN, variables) == "case_unavailable"


def test_the_command_explains(tmp_path: Path) -> None:
    assert mezhved(tmp_path, "migrate").returncode == 0
    house = build_house(Settings(home=tmp_path))
    town = make_town(house)
    office = open_office(town)
    password = "длинный пароль для проб"
    register_person(house, town.ngo.id, "curator.test", "К.", password, ["curator"], NOW)
    case = house.vault.case_pseudonym(town.ngo.id, office.case_id)
    house.store.engine.dispose()  # type: ignore[attr-defined]
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
    arguments = ("explain", case, "--login", "curator.test", "--to", town.guardianship.ogrn)
    done = mezhved(tmp_path, *arguments, "--json", stdin=password + "\n")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout[done.stdout.index("{") :])
    child = next(subject for subject in answer["subjects"] if subject["kind"] == "child")
    assert (child["categories"][ID]["effect"], child["categories"][ID]["missing"]) == ("R", ["RU-152-9-4"])
    shown = mezhved(tmp_path, *arguments, stdin=password + "\n")
    assert "RU-152-9-4" in shown.stdout
    assert mezhved(tmp_path, *arguments, stdin="не тот пароль\n").returncode == 2
