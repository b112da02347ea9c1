"""A second pack: the same engine under another law. What differs from the Russian pack is what the law changes, and it
differs by data alone."""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.exchange.relay import relay_once
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_case_summaries import read_case_summaries
from gateway.use_cases.read_log import read_log
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.withdraw_consent import withdraw_consent
from gateway.web.words import Words
from policies.case_files import parse_cases
from policies.cases import run_cases
from policies.decider import PackDecider
from policies.engine import Engine
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.pack import load_pack, shipped_pack
from policies.ruling import Effect
from schemas.categories import SECTION_CATEGORIES
from schemas.errors import Refused
from tests.builders import ALL, NOW, Town, consent, organisation, publish, referral, system_of
from tests.gateway.test_cli import mezhved

SOURCE = Path(__file__).parents[2] / "policies" / "packs" / "gdpr"
PACK = shipped_pack("gdpr")
ENGINE, RUSSIAN = Engine(PACK), Engine(shipped_pack("ru"))
CASES = [case for name, text in PACK.case_files.items() for case in parse_cases(text, name)]
TODAY = date(2026, 3, 1)
CONSENT_LANE = {"CARE", "INTRODUCTION"}

# --- the pack itself -------------------------------------------------------------------------------------------------


def test_the_pack_is_small_and_every_rule_cites_its_article():
    decision = {rule.id for rule in PACK.statements.values() if rule.tier == "decision"}
    support = {rule.id for rule in PACK.statements.values() if rule.tier == "support"}
    assert (len(decision), support) == (17, {"GDPR-5-2", "GDPR-14", "GDPR-25-2"})
    assert set(PACK.support_titles) == support
    assert {rule.rule for rule in PACK.rules.values()} == {*decision, PACK.manifest.default_rule}
    assert all(re.match(r"GDPR Art\. \d", rule.citation) for rule in PACK.statements.values())
    assert all(re.match(r"GDPR Art\. \d", rule.text.citation) for rule in PACK.rules.values())


@pytest.mark.parametrize("case", CASES, ids=[f"{case.n}" for case in CASES])
def test_case_is_ruled_as_written(case):
    (result,) = run_cases(ENGINE, [case])
    assert result.differences == ()
    assert ENGINE.decide(case.facts).alarms == ()


def test_every_policy_decides_in_some_case():
    fired = {ruling.policy for case in CASES for ruling in ENGINE.decide(case.facts).by_category.values()}
    assert set(PACK.rules) - fired == set()


def expected(facts, category, effect, rule):
    """The codes of one category, from the articles."""
    given, in_lane = facts.consent, facts.purpose in CONSENT_LANE
    codes = {"RECORD"}
    if effect in {"P", "M"}:
        codes |= {"KEEP_NO_LONGER", "SAME_PURPOSE", "SHOW_GROUND"}
        told = (in_lane and given and given.fields_complete) or facts.purpose in {"ACCESS", "OVERSIGHT"}
        suspect = given is not None and any(signer.suspected for signer in given.by)
        exempt = told or rule == "GDPR-28" or suspect or facts.purpose == "CHILD_PROTECTION"
        codes |= {"NEED_NOT_TELL" if exempt else "TELL_PERSON"}
        codes |= {"SPECIAL_CATEGORY"} if category in {"HLT", "PSY"} else set()
    if in_lane and given and given.status == "withdrawn":
        codes |= {"STOP_USING", "ERASE(A17-1)", "TELL_RECIPIENTS"}
    if rule == "GDPR-7" or (in_lane and given and given.status == "active" and not given.fields_complete):
        codes |= {"ASK_AGAIN"}
    if rule == "GDPR-18":
        codes |= {"KEEP_RESTRICTED"}
    if facts.suspected or (given and any(signer.suspected for signer in given.by)):
        codes |= {"NO_WARNING"}
    if facts.purpose == "VITAL_INTERESTS":
        codes |= {"REVIEW_AFTER"}
    if effect == "R":
        codes |= {"PERSON_DECIDES"}
    if facts.purpose == "ACCESS":
        codes |= {"REASONS(A12-4)"} if effect == "D" else {"ANSWER(A12-3)"}
    return codes


@pytest.mark.parametrize("case", CASES, ids=[f"{case.n}" for case in CASES])
def test_every_case_carries_its_obligations(case):
    ruling = ENGINE.decide(case.facts)
    for category, found in ruling.by_category.items():
        assert set(found.obligations) == expected(case.facts, category, found.effect, found.rule), category
    assert set(filter(None, case.obligations.split(", "))) <= set(ruling.obligations)


def test_every_obligation_is_attached_in_some_case_or_runs_by_itself():
    attached = {code for case in CASES for code in ENGINE.decide(case.facts).obligations}
    assert set(PACK.obligations.codes) == attached


@pytest.mark.parametrize(
    ("timer", "term"),
    [
        ("A12-3", (1, "month", 2)),
        ("A14-3", (1, "month", None)),
        ("A17-1", (1, "month", None)),
        ("A33-1", (72, "hour", None)),
    ],
)
def test_terms_are_those_of_the_articles(timer, term):
    row = PACK.tables.timers[timer]
    assert (row.amount, row.unit, row.extension) == term
    assert row.citation.startswith(f"GDPR Art. {timer[1:].replace('-', '(')})")


def test_terms_run_by_the_calendar_of_the_pack():
    decider = PackDecider("gdpr")
    assert decider.due("A33-1", NOW, "Europe/Helsinki") == NOW + timedelta(hours=72)
    assert decider.due("A12-3", NOW, "Europe/Helsinki") == datetime(2026, 4, 2, 21, 0, tzinfo=UTC), (
        "2 April, 24:00 there"
    )
    assert decider.longest_consent(date(2026, 1, 10)) == date(2028, 1, 10)


def test_quiet_rules_read_neutral():
    quiet = {rule.policy.partition("#")[0] for rule in PACK.rules.values() if rule.quiet}
    assert quiet == {"GDPR-8", "GDPR-15", "GDPR-15-4", "GDPR-18"}
    for case in CASES:
        for found in ENGINE.decide(case.facts).by_category.values():
            neutral = "DISCLOSED" if found.effect.releases else "WITHHELD"
            is_quiet = bool(found.policy) and PACK.rules[found.policy].quiet
            assert found.shown.id == (neutral if is_quiet else found.rule)


def test_a_wrong_route_is_refused_with_a_hint():
    facts = situation("SIGNAL", "POLICE", trigger="threat")
    assert "Child protection authority" in ENGINE.decide(in_europe(facts)).by_category["ID"].shown.remedy_ru


# --- the same situation under two laws -------------------------------------------------------------------------------

WORDS = {
    "purpose": {"CASE_MGMT": "CARE", "EMERGENCY": "VITAL_INTERESTS", "SIGNAL": "CHILD_PROTECTION"}
    | {"SUBJECT_ACCESS": "ACCESS"},
    "kind": {"NGO": "CHARITY", "FAMILY_CENTER": "CARE_CENTRE", "OOIP": "CHILD_AUTHORITY", "SCHOOL": "EDUCATOR"}
    | {"HEALTH_ORG": "HOSPITAL", "POLICE": "LAW_ENFORCEMENT"},
    "trigger": {"threat": "child_at_risk"},
    "country": {"RU": "DE"},
}


def in_europe(facts):
    """The same situation in the words of the other pack, at home there."""
    given = facts.consent
    return replace(
        facts,
        purpose=WORDS["purpose"][facts.purpose],
        org=WORDS["kind"].get(facts.org, facts.org),
        source=WORDS["kind"].get(facts.source, facts.source),
        trigger=WORDS["trigger"].get(facts.trigger, facts.trigger),
        org_country=WORDS["country"].get(facts.org_country, facts.org_country),
        storage_country=WORDS["country"].get(facts.storage_country, facts.storage_country),
        consent=given and replace(given, purposes=frozenset(WORDS["purpose"][code] for code in given.purposes)),
    )


def signed(*who, **changes):
    """A written consent to joint care of everything, to recipient A."""
    return ConsentFacts(
        **{
            "form": "paper",
            "given_on": date(2026, 1, 10),
            "recipients": frozenset({"A"}),
            "purposes": frozenset({"CASE_MGMT"}),
            "categories": frozenset(SECTION_CATEGORIES),
            "by": tuple(SignerFacts(signer) for signer in who),
            **changes,
        }
    )


def situation(purpose, org, **more):
    return Facts(org=org, org_id="A", source="NGO", purpose=purpose, today=TODAY, **more)


def care(org="FAMILY_CENTER", who=("mother",), age=9, changes=(), **more):
    return situation("CASE_MGMT", org, age=age, consent=signed(*who, **dict(changes)), **more)


CLAUSE = {"separate": False}.items()
LIFE = {"direct_threat": True}


@pytest.mark.parametrize(
    ("facts", "category", "russian", "european"),
    [
        # What the law changes.
        pytest.param(care(changes=CLAUSE), "ID", "D RU-152-9-2", "P GDPR-6-1-a", id="7(2): a clause of another document"),
        pytest.param(care(age=15), "ID", "R RU-GK-26-1", "P GDPR-6-1-a", id="8: fifteen, the mother signs"),
        pytest.param(care(age=17, who=("self",)), "HLT", "R RU-GK-26-1", "P GDPR-9-1", id="8: seventeen, signs alone"),
        pytest.param(care(age=17), "ID", "R RU-GK-26-1", "D GDPR-8", id="8: seventeen, only the mother signs"),
        pytest.param(care("OOIP"), "ID", "P RU-152-9-1", "R GDPR-7", id="recital 43: consent to an authority"),
        pytest.param(
            care(changes={"form": "checkbox"}.items()), "HLT", "D RU-152-10-2", "R GDPR-9-1", id="9(2)(a): explicit"
        ),
        pytest.param(care(org_country="FI"), "ID", "D RU-152-12-1", "P GDPR-6-1-a", id="44: a neighbour"),
        pytest.param(care(storage_country="CH"), "ID", "D RU-152-18-5", "P GDPR-6-1-a", id="45: no localisation"),
        pytest.param(care(org_country="TR"), "ID", "D RU-152-12-1", "R GDPR-44", id="46: safeguards, by a human"),
        pytest.param(
            situation("EMERGENCY", "HEALTH_ORG", subject="parent", age=30, **LIFE),
            *("HLT", "P RU-152-10-3", "R GDPR-9-2-c"),
            id="9(2)(c): an adult may be asked",
        ),
        pytest.param(
            situation("EMERGENCY", "SCHOOL", **LIFE), "ID", "D POL-BRK-1", "P GDPR-6-1-d", id="6(1)(d): who can help"
        ),
        pytest.param(
            situation("SIGNAL", "OOIP", trigger="threat"), "ID", "P RU-SK-56-3", "P GDPR-6-1-c", id="6(1)(c): a report"
        ),
        # The same idea in both.
        pytest.param(care(), "ID", "P RU-152-9-1", "P GDPR-6-1-a", id="6(1)(a)"),
        pytest.param(care(), "IDN", "M RU-152-5-3", "D GDPR-5-1-c", id="5(1)(c): each its own envelope"),
        pytest.param(
            care(changes={"status": "withdrawn"}.items()), "ID", "D RU-152-9-5", "D GDPR-7-3", id="7(3)"
        ),
        pytest.param(care("NGO"), "OFF", "D RU-152-10-P3", "D GDPR-10", id="10"),
        pytest.param(care(location_protected=True), "LOC", "D POL-LOC-1", "D GDPR-15-4", id="protected whereabouts"),
        pytest.param(care(agreement=False), "ID", "D POL-0-2", "D GDPR-28", id="28"),
        pytest.param(
            situation("SUBJECT_ACCESS", "SUBJECT", who="rep"), "ID", "P RU-152-14-1", "P GDPR-15", id="15"
        ),
    ],
)  # fmt: skip
def test_the_law_makes_the_difference(facts, category, russian, european):
    def ruled(engine, question):
        found = engine.decide(question).by_category[category]
        return f"{found.effect.value} {found.rule}"

    assert ruled(RUSSIAN, facts) == russian
    assert ruled(ENGINE, in_europe(facts)) == european


def test_a_pack_does_not_know_the_codes_of_another():
    for engine, other in ((ENGINE, shipped_pack("ru")), (RUSSIAN, PACK)):
        own = engine.pack.tables
        assert not set(own.kinds) & set(other.tables.kinds)
        assert not set(engine.pack.statements) & set(other.statements)
        for purpose in set(other.tables.purposes) - set(own.purposes):
            facts = Facts(org=next(iter(other.tables.kinds)), purpose=purpose, today=TODAY, role="caseworker")
            assert engine.decide(facts).released() == ()


def test_the_age_of_consent_is_a_number_of_the_pack(tmp_path):
    """Art. 8(1): a Member State may say thirteen. One edit of the data, and the cases of sixteen no longer hold."""
    copy = Path(shutil.copytree(SOURCE, tmp_path / "pack"))
    policies = (copy / "policies.cedar").read_text("utf-8")
    changed, places = re.subn(r"(age_(?:least|most) \S+) 16\b", r"\1 13", policies)
    assert places == len(re.findall(r"\b16\b(?!:)", re.sub(r"//.*|@.*", "", policies)))
    (copy / "policies.cedar").write_text(changed, "utf-8")
    younger = Engine(load_pack(copy))
    for age, who, before, after in ((14, "self", "D", "P"), (14, "mother", "P", "D"), (12, "mother", "P", "P")):
        facts = in_europe(care(age=age, who=(who,)))
        found = [engine.decide(facts).by_category["ID"].effect.value for engine in (ENGINE, younger)]
        assert found == [before, after], (age, who)


# --- for all facts ---------------------------------------------------------------------------------------------------

CATEGORIES = tuple(PACK.tables.categories)
signers = st.builds(
    SignerFacts,
    who=st.sampled_from(["self", "mother", "father", "guardian"]),
    rights=st.sampled_from(["full", "full", "limited", "terminated"]),
    verified=st.booleans(),
    suspected=st.booleans(),
)
consents = st.builds(
    ConsentFacts,
    status=st.sampled_from(["active", "active", "withdrawn"]),
    form=st.sampled_from(["paper", "nes", "checkbox", None]),
    separate=st.booleans(),
    valid_to=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    recipients=st.sampled_from([frozenset("A"), frozenset("B")]),
    purposes=st.sampled_from([frozenset(CONSENT_LANE), frozenset({"CARE"})]),
    categories=st.sets(st.sampled_from(SECTION_CATEGORIES), min_size=6).map(frozenset),
    by=st.lists(signers, max_size=2).map(tuple),
    other_parent_objection=st.booleans(),
    fields_complete=st.booleans(),
    evidence=st.sampled_from([True, True, False]),
)
questions = st.builds(
    Facts,
    org=st.sampled_from(sorted(PACK.tables.kinds)),
    org_id=st.just("A"),
    source=st.sampled_from(sorted(PACK.tables.kinds)),
    purpose=st.sampled_from([*PACK.tables.purposes, "SCORING"]),
    today=st.just(TODAY),
    trigger=st.sampled_from(["", *PACK.tables.routes]),
    subject=st.sampled_from(["child", "parent"]),
    age=st.none() | st.integers(0, 40),
    requested=st.just(CATEGORIES),
    consent=st.none() | consents,
    direct_threat=st.sampled_from([None, True, False]),
    who=st.sampled_from(["", "self", "rep"]),
    rep_rights=st.sampled_from(["full", "limited", "terminated"]),
    role=st.sampled_from(["caseworker"] * 5 + ["dpo", "admin"]),
    org_country=st.sampled_from(["DE", "FI", "CH", "RU"]),
    storage_country=st.sampled_from(["DE", "DE", "US"]),
    **{field.name: st.booleans() for field in fields(Facts) if field.type == "bool" and field.name != "agreement"},
)


@settings(max_examples=50, deadline=None)
@given(questions)
def test_every_category_is_ruled_by_a_known_rule_and_without_alarm(facts):
    ruling = ENGINE.decide(facts)
    assert ruling.alarms == ()
    assert tuple(ruling.by_category) == CATEGORIES
    assert {known.rule for known in ruling.by_category.values()} <= set(PACK.statements)


@settings(max_examples=50, deadline=None)
@given(questions, st.integers(0, 40))
def test_an_unknown_age_never_releases_what_a_known_age_would_not(facts, age):
    unknown = ENGINE.decide(replace(facts, age=None)).by_category
    known = ENGINE.decide(replace(facts, age=age)).by_category
    assert all(unknown[code].effect.strictness >= known[code].effect.strictness for code in CATEGORIES)


@settings(max_examples=50, deadline=None)
@given(questions)
def test_protecting_an_address_never_releases_it_further(facts):
    effects = [
        ENGINE.decide(replace(facts, location_protected=protected)).by_category["LOC"].effect.strictness
        for protected in (False, True)
    ]
    assert effects == sorted(effects)


@settings(max_examples=50, deadline=None)
@given(questions)
def test_leaving_for_a_third_country_never_releases_more(facts):
    home = ENGINE.decide(replace(facts, org_country="DE", storage_country="DE")).by_category
    away = ENGINE.decide(replace(facts, org_country="RU", storage_country="DE")).by_category
    assert all(away[code].effect.strictness >= home[code].effect.strictness for code in CATEGORIES)


@settings(max_examples=100, deadline=None)
@given(questions)
def test_a_yes_of_a_human_gives_no_more_than_the_envelope(facts):
    row = PACK.tables.envelopes.row(facts.purpose, facts.org) or {}
    for code, found in ENGINE.decide(facts).by_category.items():
        if found.effect is Effect.HOLD and PACK.tables.lane(facts.purpose) in {"consent", "duty"}:
            cell = row[code]
            shortened = cell == "M" or (cell == "A" and not facts.accepted)
            assert found.if_released is (Effect.MASK if shortened else Effect.PERMIT), code


@settings(max_examples=50, deadline=None)
@given(questions.filter(lambda facts: facts.purpose in CONSENT_LANE and facts.consent))
def test_a_withdrawn_or_foreign_consent_releases_no_section(facts):
    for dead in ({"status": "withdrawn"}, {"recipients": frozenset("B")}, {"purposes": frozenset()}):
        released = ENGINE.decide(replace(facts, consent=replace(facts.consent, **dead))).released()
        assert not set(released) & set(SECTION_CATEGORIES)


# --- the product with it ---------------------------------------------------------------------------------------------


def test_its_files_are_part_of_the_package():
    table = tomllib.loads((SOURCE.parents[2] / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    patterns = table["package-data"]["*"]
    assert len(PACK.files.contents) > 15
    assert [name for name in PACK.files.contents if not any(fnmatch(name, pattern) for pattern in patterns)] == []
    assert (SOURCE / "__init__.py").exists(), "a folder without it is not packaged"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_pages_have_words_for_its_codes(language):
    words = Words(PACK, language)
    for row in PACK.tables.organisation_kinds:
        assert not words.organisation_kind(row.organisation_kind).startswith("web_kind")
    for rule in PACK.rules.values():
        assert words.rule(rule.rule, rule.effect.value).title_ru
    assert words.route("offence_against_child") == "Child protection authority; Police, prosecutor, court"


def test_the_command_checks_it(tmp_path):
    checked = mezhved(tmp_path, "policy", "check", MEZHVED_PACK="gdpr")
    assert checked.returncode == 0, checked.stdout
    assert PACK.identity.digest in checked.stdout


@pytest.fixture
def europe(sqlite_house: House) -> Town:
    """A town of the other law: its house differs by the name of the pack alone."""
    house = replace(sqlite_house, pack=PackDecider("gdpr"))
    at_home = {"country": "FI", "storage_country": "FI", "zone": "Europe/Helsinki"}
    kinds = ("ngo", "guardianship", "family_centre", "school", "clinic")
    return Town(house, *(organisation(house, kind, f"{kind} (test)", **at_home) for kind in kinds))


def test_a_summary_is_read_and_withdrawn_under_the_other_law(europe: Town) -> None:
    publish(europe)
    # A clause of a contract, to a family centre and to an authority.
    clause = {"purpose": "CARE", "separate": False, "categories": [*ALL, "OFF"]}
    given = consent(europe, europe.centre, **clause)
    consent(europe, europe.guardianship, **clause)
    asked = Question("CARE", ("ID", "IDN", "HLT", "OFF", "WRK"))

    def read(reader):
        disclosed = read_case_summaries(europe.house, system_of(reader), asked, None, 10, NOW)
        (child,) = [s for s in disclosed.cases[0].subjects if s.kind == "child"]
        assert disclosed.pack == PACK.identity
        return child.sections, {c: f"{s.ruling.effect.value} {s.ruling.rule}" for c, s in child.sections.items()}

    sections, ruled = read(europe.centre)
    released = {"ID": "P GDPR-6-1-a", "HLT": "P GDPR-9-1", "WRK": "P GDPR-28"}
    assert ruled == {**released, "IDN": "D GDPR-6-1-a", "OFF": "D GDPR-10"}
    assert sections["ID"].content["full_name"] == "Проба Вымышленная Тестовна"
    assert sections["HLT"].content["conditions"] == ["Вымышленный диагноз"]
    assert sections["IDN"].content is None
    assert set(sections["HLT"].obligations) >= {"SPECIAL_CATEGORY", "SAME_PURPOSE", "NEED_NOT_TELL"}

    held, ruled = read(europe.guardianship)
    assert (ruled["ID"], ruled["HLT"]) == ("R GDPR-7", "R GDPR-7")
    assert held["ID"].content is None

    withdraw_consent(europe.house, system_of(europe.ngo), given, NOW)
    stopped, ruled = read(europe.centre)
    assert (ruled["ID"], ruled["HLT"], ruled["OFF"]) == ("D GDPR-7-3", "D GDPR-7-3", "D GDPR-7-3")
    assert all(section.content is None for section in stopped.values())

    log = read_log(europe.house, system_of(europe.ngo, "dpo"), NOW)
    assert {row.purpose for row in log.rows} == {"CARE"}
    assert {row.recipient_id for row in log.rows} == {europe.centre.id, europe.guardianship.id}


def test_messages_travel_under_the_other_law(europe: Town) -> None:
    house, signal = europe.house, {"type": "signal", "statute": "Child Protection Act 5", "statement": "Bruises"}
    with pytest.raises(Refused) as refused:
        submit_message(house, system_of(europe.centre), referral(europe.centre, europe.ngo), NOW)
    assert refused.value.rule == "GDPR-6-1-a"
    consent(europe, europe.ngo, purpose="INTRODUCTION", discloser=europe.centre)
    referred = submit_message(house, system_of(europe.centre), referral(europe.centre, europe.ngo), NOW).message
    draft = referral(europe.school, europe.guardianship, trigger="child_at_risk", **signal)
    reported = submit_message(house, system_of(europe.school), draft, NOW).message
    assert (referred.purpose, reported.purpose) == ("INTRODUCTION", "CHILD_PROTECTION")
    relay_once(house, NOW)
    (child,) = open_message(house, system_of(europe.guardianship), reported.id, NOW).content.subjects
    assert (child.sections["ID"].ruling.rule, child.sections["RSK"].ruling.rule) == ("GDPR-6-1-c", "GDPR-5-1-c")
    assert child.sections["RSK"].content["statement"] == "Bruises", "the words of a report are not masked"
    (child,) = open_message(house, system_of(europe.ngo), referred.id, NOW).content.subjects
    assert child.sections["LOC"].content == {"address": {"text": "Измайлово", "municipality": "Измайлово"}}
    assert "statement" not in child.sections["RSK"].content


def test_the_same_family_under_the_russian_law(sqlite_house: House) -> None:
    """With every word the same but the purpose's: the clause of a contract does not count."""
    kinds = ("ngo", "guardianship", "family_centre", "school", "clinic")
    russia = Town(sqlite_house, *(organisation(sqlite_house, kind, f"{kind} (test)") for kind in kinds))
    publish(russia)
    consent(russia, russia.centre, purpose="CASE_MGMT", separate=False)
    asked = Question("CASE_MGMT", ("ID", "HLT"))
    (case,) = read_case_summaries(russia.house, system_of(russia.centre), asked, None, 10, NOW).cases
    child = next(s for s in case.subjects if s.kind == "child")
    assert {s.ruling.rule for s in child.sections.values()} == {"RU-152-9-2"}
    assert {s.ruling.effect for s in child.sections.values()} == {Effect.DENY}
