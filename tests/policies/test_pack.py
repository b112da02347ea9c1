"""Loading a pack: whole or not at all. Each row breaks one thing in a copy of the Russian pack and says how it is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from policies.engine import Engine
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.files import PackFiles
from policies.pack import load_pack, pack_of, shipped_pack
from policies.ruling import Alarm, Effect
from schemas.categories import SECTION_CATEGORIES
from schemas.errors import Broken

SOURCE = Path(__file__).parents[2] / "policies" / "packs" / "ru"
FACTS = Facts(
    org="NGO",
    org_id="A",
    source="FAMILY_CENTER",
    purpose="CASE_MGMT",
    today=date(2026, 3, 1),
    consent=ConsentFacts(
        form="paper",
        recipients=frozenset({"A"}),
        purposes=frozenset({"CASE_MGMT"}),
        categories=frozenset(SECTION_CATEGORIES),
        by=(SignerFacts("mother"),),
    ),
)
POLICY = """
@id("{id}") @effect("{effect}") {released} @stage("{stage}") @order("{order}")
permit (principal, action, resource == Category::"ID") when {{ {when} }};
"""


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(SOURCE, tmp_path / "pack"))


def shipped_files():
    return {file.name for file in SOURCE.iterdir()}


def edit(directory, name, old, new):
    file = directory / name
    text = file.read_text("utf-8")
    assert old in text, "the test would change nothing"
    file.write_text(text.replace(old, new, 1), "utf-8")


def add_policy(directory, when, **notes):
    known = {"id": "RU-152-9-1#extra", "effect": "D", "stage": "lane", "order": "9999", **notes}
    known["released"] = '@released("P")' if known["effect"] == "R" else ""
    with (directory / "policies.cedar").open("a", encoding="utf-8") as file:
        file.write(POLICY.format(when=when, **known))


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "params"),
    [
        ("pack.yaml", "id: ru", "idd: ru", "pack_value_invalid", {"place": "id"}),
        ("pack.yaml", "id: ru", "id: [ru", "pack_file_unreadable", {}),
        ("pack.yaml", "jurisdiction: RU", "jurisdiction: RU\nid: ru", "pack_file_unreadable", {}),
        ("pack.yaml", "jurisdiction: RU", "jurisdiction: \x07", "pack_file_unreadable", {}),
        ("pack.yaml", "Europe/Moscow", "Europe/Moskau", "pack_value_invalid", {"place": "zone"}),
        ("pack.yaml", "default_rule: POL-0-1", "default_rule: POL-0-9", "pack_reference_unknown", {"value": "POL-0-9"}),
        ("pack.yaml", "effects: [P, M]", "effects: [P]", "pack_value_invalid", {"place": "neutral"}),
        ("pack.yaml", "name: filter", "name: fliter", "pack_annotation_invalid", {"annotation": "stage"}),
        ("kinds.csv", "kind,title_ru,groups", "kind,title,groups", "pack_value_invalid", {"place": "line 1"}),
        ("kinds.csv", "NGO_SSP,", "NGO,", "pack_code_duplicate", {"value": "NGO"}),
        ("kinds.csv", "UII,", "UIII,", "pack_reference_unknown", {"value": "UII"}),
        ("kinds.csv", "CONTROL,", "CONTROL,,,", "pack_value_invalid", {}),
        ("routes.csv", "OOIP", "OIOP", "pack_reference_unknown", {"value": "OIOP", "what": "kind"}),
        ("routes.csv", "threat,", "threats,", "pack_reference_unknown", {"value": "threat", "what": "Trigger"}),
        ("envelopes.csv", "EMERGENCY,OOIP", "EMERGENCY,OIOP", "pack_reference_unknown", {"value": "OIOP"}),
        ("envelopes.csv", "EMERGENCY,OOIP", "EMERGENSY,OOIP", "pack_reference_unknown", {"value": "EMERGENSY"}),
        ("envelopes.csv", "PSY", "PSI", "pack_reference_unknown", {"value": "PSI", "what": "category"}),
        ("envelopes.csv", "OOIP,P,M", "OOIP,P,X", "pack_reference_unknown", {"value": "X", "what": "cell"}),
        ("envelopes.csv", "CASE_MGMT,POLICE", "CASE_MGMT,KDN", "pack_code_duplicate", {"value": "CASE_MGMT KDN"}),
        ("organisation_kinds.csv", "KDN_IPR", "KDN_PLAN", "pack_reference_unknown", {"what": "purpose"}),
        ("organisation_kinds.csv", "kdn,KDN", "kdn,KDM", "pack_reference_unknown", {"value": "KDM"}),
        ("lanes.csv", "inquiry,", "inquirey,", "pack_reference_unknown", {"what": "message type"}),
        ("categories.csv", "last4", "last5", "pack_reference_unknown", {"value": "last5", "what": "mask"}),
        ("categories.csv", "EDU,", "EDN,", "pack_reference_unknown", {"value": "EDU"}),
        ("masks.csv", "scope,category", "scop,category", "pack_value_invalid", {"place": "line 1"}),
        ("masks.csv", "snils,last4", "snils,last5", "pack_reference_unknown", {"place": "line 5", "what": "mask"}),
        ("masks.csv", "snils,last4", "snlis,last4", "pack_reference_unknown", {"place": "line 5", "what": "field"}),
        ("masks.csv", "summary,IDN,s", "summary,IND,s", "pack_reference_unknown", {"place": "line 5", "what": "category"}),
        ("masks.csv", "summary,IDN,s", "summery,IDN,s", "pack_value_invalid", {"place": "line 5, scope"}),
        ("masks.csv", "message,ID,sex,full", "message,ID,sex", "pack_value_invalid", {"expected": "4 cells"}),
        ("masks.csv", "ID,birth_date", "ID,full_name", "pack_code_duplicate", {"value": "summary ID full_name"}),
        ("masks.csv", "message,ID,sex,full\n", "", "pack_mask_missing", {"scope": "message", "field": "sex"}),
        ("masks.csv", "summary,WRK,holder,full\n", "", "pack_mask_missing", {"category": "WRK", "field": "holder"}),
        ("obligations.yaml", "codes: [LOG]", "codes: [LGO]", "pack_reference_unknown", {"value": "LGO", "what": "code"}),
        ("obligations.yaml", "classes: [special]", "classes: [specail]", "pack_reference_unknown", {"what": "class"}),
        ("obligations.yaml", "rules: [RU-152-6-7]", "rules: [RU-152-6-77]", "pack_reference_unknown", {"what": "rule"}),
        ("obligations.yaml", "purpose: SIGNAL}", "purpose: SIGNALS}", "pack_reference_unknown", {"what": "purpose"}),
        ("obligations.yaml", "effects: [R]", "effects: [Q]", "pack_value_invalid", {}),
        ("obligations.yaml", "timer: D-17", "timer: D-71", "pack_reference_unknown", {"value": "D-71", "what": "timer"}),
        ("timers.csv", "24,hour", "24,hours", "pack_value_invalid", {"place": "line 2, unit"}),
        ("timers.csv", "24,hour", "many,hour", "pack_value_invalid", {"place": "line 2, amount"}),
        ("support.yaml", "RU-152-5-2:", "RU-152-5-22:", "pack_reference_unknown", {"what": "rule"}),
        ("rules.json", '"id": "RU-152-5-1"', '"id": "RU-152-5-11"', "pack_rule_unknown", {"rule": "RU-152-5-1"}),
        ("rules.json", '"id": "RU-152-5-2"', '"id": "RU-152-5-1"', "pack_code_duplicate", {"value": "RU-152-5-1"}),
        ("rules.json", '"tier"', '"teir"', "pack_value_invalid", {"file": "rules.json"}),
        ("rules.json", "[", "{", "pack_file_unreadable", {"file": "rules.json"}),
        ("cases.json", '"rule": "RU-152-9-9"', '"rule": "RU-152-9-99"', "pack_reference_unknown", {"value": "RU-152-9-99"}),
        ("policies.cedar", '@effect("D")\n', "", "pack_annotation_missing", {"policy": "POL-0-2", "annotation": "effect"}),
        ("policies.cedar", '@id("POL-0-2")\n', "", "pack_annotation_missing", {"annotation": "id"}),
        ("policies.cedar", '@quiet("false")\n', "", "pack_annotation_missing", {"annotation": "quiet"}),
        ("policies.cedar", '@quiet("false")', '@quiet("no")', "pack_annotation_invalid", {"annotation": "quiet"}),
        ("policies.cedar", '@quiet("false")', '@quit("false")', "pack_annotation_invalid", {"annotation": "quit"}),
        ("policies.cedar", '@effect("D")', '@effect("X")', "pack_annotation_invalid", {"annotation": "effect"}),
        ("policies.cedar", '@order("10")', '@order("ten")', "pack_annotation_invalid", {"annotation": "order"}),
        ("policies.cedar", '@order("20")', '@order("10")', "pack_order_duplicate", {"other": "POL-0-2"}),
        ("policies.cedar", '@over("P R")', '@over("P X")', "pack_annotation_invalid", {"annotation": "over"}),
        ("policies.cedar", '@over("P")', '@over("P R")', "pack_annotation_invalid", {"annotation": "over"}),
        ("policies.cedar", '@released("P")\n', "", "pack_annotation_missing", {"annotation": "released"}),
        ("policies.cedar", '@released("P")', "@released", "pack_annotation_missing", {"annotation": "released"}),
        ("policies.cedar", '@released("P")', '@released("R")', "pack_annotation_invalid", {"annotation": "released"}),
        ("policies.cedar", '@effect("D")', '@effect("D")@released("P")', "pack_annotation_invalid", {"annotation": "released"}),
        ("policies.cedar", '@effect("P")', '@effect("P") @released', "pack_annotation_invalid", {"annotation": "released"}),
        ("policies.cedar", '@id("RU-152-12-1")', '@id("POL-0-2")', "pack_policy_duplicate", {"policy": "POL-0-2"}),
        ("policies.cedar", '@id("POL-0-2")', '@id("POL-0-3")', "pack_rule_unknown", {"rule": "POL-0-3"}),
        ("policies.cedar", '@id("POL-0-2")', '@id("POL-0-2#Большая")', "pack_annotation_invalid", {"annotation": "id"}),
        ("policies.cedar", "!principal.agreement", "!principal.agreemnt", "pack_policies_invalid", {"policy": "POL-0-2"}),
        ("policies.cedar", "!principal.agreement", "!principal.agreement &&", "pack_policies_invalid", {}),
        ("policies.cedar", 'Category::"BIO"', 'Category::"BIOM"', "pack_reference_unknown", {"value": "BIOM"}),
        ("policies.cedar", 'Lane::"consent"', 'Lane::"consents"', "pack_reference_unknown", {"what": "Lane"}),
        ("policies.cedar", "permit (", "forbid (", "pack_policies_invalid", {"policy": "POL-0-2"}),
        ("schema.cedarschema", "age_least: Long,", "age_least: Lang,", "pack_policies_invalid", {"file": "schema.cedarschema"}),
    ],
)  # fmt: skip
def test_a_pack_with_a_defect_is_refused(copy, name, old, new, code, params):
    edit(copy, name, old, new)
    with pytest.raises(Broken) as caught:
        load_pack(copy)
    assert caught.value.code == code
    assert params.items() <= caught.value.params.items()
    assert caught.value.params["file"] in shipped_files()
    assert caught.value.message("ru")
    assert caught.value.message("en")
    assert caught.value.remedy("ru")


TYPOS = {
    ".csv": lambda text: text.replace(",", ";", 1),
    ".json": lambda text: text.replace('"', "'", 1),
    ".yaml": lambda text: f"{text.rstrip()}\nno_such_key: [a typo]\n",
    ".cedar": lambda text: f"{text}permit (principal, action, resorce);\n",
    ".cedarschema": lambda text: f"{text}entity Kind;\n",
}
"""By the kind of a file, a slip of the hand that may happen in any of that kind."""
DATA = [(pack, name) for pack in ("ru", "gdpr") for name in shipped_pack(pack).files.contents if name != "ORIGIN.md"]


@pytest.mark.parametrize(("pack", "name"), DATA, ids=lambda part: part)
def test_a_slip_in_any_file_is_refused_by_that_file_and_a_place_in_it(pack, name):
    files = shipped_pack(pack).files.contents
    typo = TYPOS[Path(name).suffix](files[name].decode())
    with pytest.raises(Broken) as caught:
        pack_of(PackFiles({**files, name: typo.encode()}))
    params = caught.value.params
    assert params["file"] == name
    assert {"place", "line", "policy", "reason"} & params.keys()


def test_a_pack_without_a_file_is_refused(copy):
    (copy / "routes.csv").unlink()
    with pytest.raises(Broken) as caught:
        load_pack(copy)
    assert (caught.value.code, caught.value.params["file"]) == ("pack_file_missing", "routes.csv")


def test_a_file_in_another_encoding_is_refused_by_its_line(copy):
    (copy / "kinds.csv").write_bytes("kind,title_ru,groups\nNGO,Организация,ngo\n".encode("cp1251"))
    with pytest.raises(Broken) as caught:
        load_pack(copy)
    assert (caught.value.code, caught.value.params["line"]) == ("pack_file_unreadable", 2)


def test_a_decision_rule_that_is_written_nowhere_is_refused(copy):
    rules = json.loads((copy / "rules.json").read_text("utf-8"))
    next(rule for rule in rules if rule["id"] == "RU-SK-64-1")["tier"] = "decision"
    (copy / "rules.json").write_text(json.dumps(rules), "utf-8")
    with pytest.raises(Broken) as caught:
        load_pack(copy)
    assert (caught.value.code, caught.value.params["rule"]) == ("pack_rule_without_policy", "RU-SK-64-1")


def test_a_rule_that_no_case_exercises_is_refused(copy):
    for file in copy.glob("*cases.json"):
        file.write_text(file.read_text("utf-8").replace("RU-152-9-10", "RU-152-9-1"), "utf-8")
    with pytest.raises(Broken) as caught:
        load_pack(copy)
    assert (caught.value.code, caught.value.params["rule"]) == ("pack_rule_unexercised", "RU-152-9-10")


def test_the_digest_names_the_bytes(copy):
    assert load_pack(copy).identity == shipped_pack("ru").identity
    edit(copy, "obligations.yaml", "Записать в журнал", "Записать в Журнал")
    assert load_pack(copy).identity.digest != shipped_pack("ru").identity.digest


def test_a_later_part_of_a_rule_inherits_its_texts(pack):
    first, later = pack.rules["POL-ROLE-1#log"], pack.rules["POL-ROLE-1#content"]
    assert later.text == first.text
    assert later.effect is not first.effect


def test_a_policy_that_fails_to_evaluate_denies_and_alarms(copy):
    add_policy(copy, "principal.today + 9223372036854775807 > 0")
    engine = Engine(load_pack(copy))
    ruling = engine.decide(FACTS)
    assert ruling.by_category["ID"].effect is Effect.DENY
    assert ruling.by_category["ID"].rule == "POL-0-1"
    assert ruling.alarms == (Alarm("policy_error", "ID", "RU-152-9-1#extra"),)
    assert engine.decide(FACTS).alarms == ruling.alarms, "a remembered ruling still alarms"
    whole = Engine(shipped_pack("ru")).decide(FACTS)
    assert whole.by_category["ID"].effect is Effect.PERMIT
    assert all(ruling.by_category[c].effect is whole.by_category[c].effect for c in whole.by_category if c != "ID")


@pytest.mark.parametrize(
    "fact", [{"min_cell": "many"}, {"agreement": "yes"}, {"age": 9.5}, {"min_cell": 2**70}, {"who": b"rep"}]
)
def test_facts_that_do_not_fit_the_schema_deny_everything_and_alarm(engine, fact):
    ruling = engine.decide(replace(FACTS, **fact))
    assert {known.effect for known in ruling.by_category.values()} == {Effect.DENY}
    assert {known.rule for known in ruling.by_category.values()} == {"POL-0-1"}
    assert [alarm.code for alarm in ruling.alarms] == ["facts_rejected"] * len(ruling.by_category)


@pytest.mark.parametrize("effect", ["D", "R"])
@pytest.mark.parametrize("order", ["1", "9999"])
def test_adding_a_rule_that_holds_or_denies_releases_nothing_more(copy, effect, order):
    add_policy(copy, "true", effect=effect, order=order)
    before, after = Engine(shipped_pack("ru")).decide(FACTS), Engine(load_pack(copy)).decide(FACTS)
    assert set(after.released()) <= set(before.released())
    assert ("ID" in after.released()) == (order == "9999")


@pytest.mark.parametrize(
    ("organisation_kind", "registers", "purpose", "kind"),
    [
        ("ngo", (), "CASE_MGMT", "NGO"),
        ("ngo", ("social_services_register",), "CASE_MGMT", "NGO_SSP"),
        ("ngo", ("social_services_register",), "KDN_IPR", "NGO"),
        ("ngo", ("social_services_register", "prevention_register"), "KDN_IPR", "NGO_REG"),
        ("ngo", ("social_services_register", "prevention_register"), "REFERRAL", "NGO_SSP"),
        ("ngo", ("prevention_register",), "SIGNAL", "NGO"),
        ("ngo_crisis_centre", (), "REFERRAL", "NGO"),
        ("crisis_centre", (), "REFERRAL", "FAMILY_CENTER"),
        ("social_service_centre", (), "REFERRAL", "FAMILY_CENTER"),
        ("guardianship", (), "GUARDIANSHIP", "OOIP"),
        ("maternity_hospital", (), "SIGNAL", "HEALTH_ORG"),
        ("kindergarten", (), "SIGNAL", "SCHOOL"),
        ("ombudsman", (), "AUTHORITY_REQUEST", "CONTROL"),
    ],
)
def test_the_kind_used_is_the_one_the_purpose_needs(pack, organisation_kind, registers, purpose, kind):
    assert pack.tables.kind_of(organisation_kind, registers, purpose) == kind


def test_an_organisation_nobody_can_place_is_refused(pack):
    with pytest.raises(Broken, match="pack_organisation_kind_unknown"):
        pack.tables.kind_of("fan_club", (), "CASE_MGMT")


def test_the_code_of_the_room_names_no_code_of_the_pack(pack):
    """The engine is free of Russian law: no article, category, kind, purpose, trigger or rule stands in its modules."""
    sources = {file.name: file.read_text("utf-8") for file in (SOURCE.parents[1]).glob("*.py")}
    tables = pack.tables
    codes = {*tables.kinds, *tables.purposes, *tables.categories, *tables.routes, *pack.statements} - {
        "rights"
    }  # a trigger that is also a fact
    named = {
        (name, code) for name, text in sources.items() for code in codes if f'"{code}"' in text or f"'{code}'" in text
    }
    assert named == set()
