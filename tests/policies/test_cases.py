"""Every worked case of the pack holds, every rule is exercised, and a case file with a typo is refused by its place."""

from __future__ import annotations

import json

import pytest

from policies.case_files import parse_cases
from policies.cases import decide_cases, run_cases
from policies.engine import Engine
from policies.pack import shipped_pack
from policies.ruling import Effect
from schemas.errors import BadInput

PACK = shipped_pack("ru")
CASES = [(name, case) for name, text in PACK.case_files.items() for case in parse_cases(text, name)]


def test_the_acceptance_cases_are_all_there():
    assert sum(name == "cases.json" for name, _ in CASES) == 97


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{case.n}" for _, case in CASES])
def test_case_is_ruled_as_written(engine, name, case):
    (result,) = run_cases(engine, [case])
    assert result.differences == ()
    assert engine.decide(case.facts).alarms == ()


def test_every_policy_decides_in_some_case(engine):
    fired = {ruling.policy for _, case in CASES for ruling in engine.decide(case.facts).by_category.values()}
    assert set(PACK.rules) - fired == set()


def test_every_decision_rule_fires_in_some_case(engine):
    decision = {rule.id for rule in PACK.statements.values() if rule.tier == "decision"}
    assert len(decision) == 67
    fired = {ruling.rule for _, case in CASES for ruling in engine.decide(case.facts).by_category.values()}
    assert decision - fired == set()
    assert fired - decision == {PACK.manifest.default_rule}


def test_a_difference_of_the_rule_alone_is_reported(engine):
    text = json.dumps(
        [{"n": 1, "facts": {"purpose": "CASE_MGMT"}, "expected": {"ID": {"effect": "D", "rule": "POL-0-1"}}}]
    )
    (result,) = run_cases(engine, parse_cases(text, "x.json"))
    (difference,) = result.differences
    assert (difference.category, difference.ruled.effect, difference.ruled.rule) == ("ID", Effect.DENY, "RU-152-6-1")


def test_decide_prints_effect_rule_citation_and_obligations(engine):
    text = json.dumps([{"n": "a", "facts": {"purpose": "CASE_MGMT", "requested": ["ID", "WRK"]}}])
    assert decide_cases(engine, text, "x.json") == [
        {
            "n": "a",
            "rulings": {
                "ID": {"effect": "D", "rule": "RU-152-6-1", "cite": "152-ФЗ ст. 6 ч. 1", "obligations": ["LOG"]},
                "WRK": {
                    "effect": "P",
                    "rule": "POL-WRK-1",
                    "cite": "152-ФЗ ст. 6 ч. 1 п. 2/7; Правило шлюза",
                    "obligations": ["RETENTION", "NO_ONWARD", "ACCURACY", "ATTACH_PROOF", "EXEMPT_18_4", "LOG"],
                },
            },
        }
    ]


def test_a_category_nobody_knows_is_denied_by_default(engine):
    text = json.dumps([{"n": 1, "facts": {"purpose": "STATS", "requested": ["XYZ"]}}])
    assert decide_cases(engine, text, "x.json")[0]["rulings"]["XYZ"]["rule"] == "POL-0-1"


def case(**facts):
    return json.dumps([{"n": 1, "facts": {"purpose": "CASE_MGMT", **facts}}])


def expecting(ruling):
    return json.dumps([{"n": 1, "facts": {"purpose": "STATS"}, "expected": {"ID": ruling}}])


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("[{]", "case_file_unreadable", None),
        (b"[\n\xff]", "case_file_unreadable", None),
        ("{}", "case_value_invalid", "cases"),
        ('[{"facts": {"purpose": "STATS"}}]', "case_key_missing", "cases[0]"),
        ('[{"n": 1}]', "case_key_missing", "cases[0]"),
        ('[{"n": 1, "facts": {}}]', "case_key_missing", "cases[0].facts"),
        ('[{"n": 1, "fact": {}}]', "case_key_unknown", "cases[0]"),
        ('[{"n": true, "facts": {"purpose": "STATS"}}]', "case_value_invalid", "cases[0].n"),
        (case(organisation="NGO"), "case_key_unknown", "cases[0].facts"),
        (case(authority_formal=True), "case_key_unknown", "cases[0].facts"),
        (case(emergency={"direct": True}), "case_key_unknown", "cases[0].facts.emergency"),
        (case(authority_request={"by": "court", "formall": True}), "case_key_unknown", "cases[0].facts.authority_request"),
        (case(consent={"category": []}), "case_key_unknown", "cases[0].facts.consent"),
        (case(consent={"by": [{"who": "self"}, {"right": ""}]}), "case_key_unknown", "cases[0].facts.consent.by[1]"),
        (case(consent={"by": [{}]}), "case_key_missing", "cases[0].facts.consent.by[0]"),
        (case(consent={"valid_to": "31.12.2026"}), "case_value_invalid", "cases[0].facts.consent.valid_to"),
        (case(consent={"recipients": "NGO-A"}), "case_value_invalid", "cases[0].facts.consent.recipients"),
        (case(consent={"categories": ["ID", 5]}), "case_value_invalid", "cases[0].facts.consent.categories[1]"),
        (case(age=-1), "case_value_invalid", "cases[0].facts.age"),
        (case(age="9"), "case_value_invalid", "cases[0].facts.age"),
        (case(age=131), "case_value_invalid", "cases[0].facts.age"),
        (case(age=True), "case_value_invalid", "cases[0].facts.age"),
        (case(age=9, emancipated=True), "case_value_invalid", "cases[0].facts.age"),
        (case(age=8, subject="parent"), "case_value_invalid", "cases[0].facts.age"),
        ('[{"n": 1, "facts": {"purpose": "STATS", "age": 9, "age": 15}}]', "case_value_invalid", "cases[0].facts.age"),
        ('[{"n": 1, "n": 1, "facts": {"purpose": "STATS"}}]', "case_value_invalid", "cases[0].n"),
        (case(suspected="yes"), "case_value_invalid", "cases[0].facts.suspected"),
        (case(purpose=5), "case_value_invalid", "cases[0].facts.purpose"),
        (case(subject="Parent"), "case_value_invalid", "cases[0].facts.subject"),
        (case(who="mother"), "case_value_invalid", "cases[0].facts.who"),
        (case(rep_rights="terminatd"), "case_value_invalid", "cases[0].facts.rep_rights"),
        (case(authority_request={"by": "cuort"}), "case_value_invalid", "cases[0].facts.authority_request.by"),
        (case(consent={"status": "activ"}), "case_value_invalid", "cases[0].facts.consent.status"),
        (case(consent={"form": "papr"}), "case_value_invalid", "cases[0].facts.consent.form"),
        (case(consent={"by": [{"who": "Self"}]}), "case_value_invalid", "cases[0].facts.consent.by[0].who"),
        (
            case(consent={"by": [{"who": "father", "rights": "terminatd"}]}),
            "case_value_invalid",
            "cases[0].facts.consent.by[0].rights",
        ),
        (expecting({"effect": "X", "rule": "A"}), "case_value_invalid", "cases[0].expected.ID.effect"),
        (expecting({"effect": "D"}), "case_key_missing", "cases[0].expected.ID"),
        (expecting({"effect": "D", "rule": "A", "why": ""}), "case_key_unknown", "cases[0].expected.ID"),
    ],
)  # fmt: skip
def test_a_bad_case_file_is_refused_by_its_place(text, code, place):
    with pytest.raises(BadInput) as caught:
        parse_cases(text, "mine.json")
    assert caught.value.code == code
    assert caught.value.params["file"] == "mine.json"
    assert caught.value.params.get("place") == place
    assert caught.value.message("ru")
    assert caught.value.remedy("en")


def test_an_unreadable_file_is_refused_by_its_line():
    with pytest.raises(BadInput) as caught:
        parse_cases("[\n{]", "mine.json")
    assert caught.value.params["line"] == 2


def test_a_fresh_engine_decides_as_one_that_remembers(engine):
    fresh = Engine(PACK, memo=0)
    for _, known in CASES[::10]:
        assert fresh.decide(known.facts) == engine.decide(known.facts)


def test_the_age_of_a_case_that_says_none_may_be_written_out():
    said, silent = (parse_cases(case(subject="parent", **age), "mine.json") for age in ({"age": 9}, {}))
    assert said == silent


def test_what_a_pack_alone_knows_is_left_to_the_pack(engine):
    text = case(purpose="SCORING", org="MFC", source="CITIZEN", trigger="rumour", consent={"form": None})
    assert decide_cases(engine, text, "x.json")[0]["rulings"]["ID"] == {
        "effect": "D",
        "rule": "RU-152-5-1",
        "cite": "152-ФЗ ст. 5 ч. 2",
        "obligations": ["LOG"],
    }
