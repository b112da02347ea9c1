"""What is attached when (rules 3.6), asserted for every worked case, and what the requester may know of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policies.case_files import parse_cases
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.pack import shipped_pack

PACK = shipped_pack("ru")
CASES = [case for name, text in PACK.case_files.items() for case in parse_cases(text, name)]
QUIET = {
    "POL-LOC-1",
    "POL-CONF-2",
    "POL-REP-1",
    "RU-SK-64-2",
    "RU-SK-66-4",
    "RU-SK-71-1",
    "RU-SK-139-1",
    "RU-SK-61-1",
}
CONSENT_LANE = {"CASE_MGMT", "REFERRAL"}


def expected(facts, category, effect, rule):  # noqa: C901 - one branch per row of the table
    """The codes of one category, from the table of 3.6 read row by row."""
    released, consent = effect in {"P", "M"}, facts.consent
    in_consent_lane = facts.purpose in CONSENT_LANE
    signed_by_suspect = consent is not None and (
        consent.objector_suspected or any(s.suspected for s in consent.by if s.who != "self")
    )
    codes = {"LOG"}
    if released:
        told = not in_consent_lane or rule == "POL-WRK-1" or facts.role != "caseworker" or consent.fields_complete
        codes |= {"RETENTION", "NO_ONWARD", "ACCURACY", "ATTACH_PROOF", "EXEMPT_18_4" if told else "NOTIFY_SUBJECT"}
        if category in {"HLT", "PSY"}:
            codes |= {"CONF_MED"}
        if facts.purpose == "SIGNAL":
            codes |= {"CONF_120", "TIMER(D-17)"}
            codes |= {"TIMER(D-18)"} if facts.org == "OOIP" else set()
            houses = {"HEALTH_ORG", "SCHOOL", "FAMILY_CENTER", "ORPHAN_ORG"}
            codes |= {"TIMER(D-19)"} if facts.trigger == "no_care" and facts.source in houses else set()
    if facts.purpose == "EMERGENCY" or rule == "RU-152-6-7":
        codes |= {"DPO_REVIEW_24H", "NO_PRENOTICE"}
    if facts.suspected or signed_by_suspect:
        codes |= {"NO_PRENOTICE"}
    if in_consent_lane and consent and consent.status == "withdrawn":
        codes |= {"STOP_NOW", "DESTROY_30D", "REVOKE_EVENT"}
    stale = consent and consent.status == "active" and not (consent.separate and consent.fields_complete)
    if rule in {"RU-152-9-7", "RU-152-9-2", "RU-152-9-3"} or (in_consent_lane and (stale or rule == "POL-AGE-18")):
        codes |= {"RENEW_CONSENT"}
    age = facts.age
    if in_consent_lane and facts.subject == "child" and (age is None or 10 <= age < 18):
        codes |= {"CHILD_VIEW"}
    if effect == "R":
        codes |= {"HUMAN_IN_LOOP"}
    if facts.purpose == "SUBJECT_ACCESS":
        codes |= {"TIMER(D-04)"} if effect == "D" else {"TIMER(D-03)"}
    return codes


@pytest.mark.parametrize("case", CASES, ids=[f"{case.n}" for case in CASES])
def test_every_case_carries_its_obligations(engine, case):
    ruling = engine.decide(case.facts)
    for category, found in ruling.by_category.items():
        assert set(found.obligations) == expected(case.facts, category, found.effect, found.rule), category
    assert set(ruling.obligations) == {code for found in ruling.by_category.values() for code in found.obligations}


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [("CASE_MGMT", "known_to_subject"), ("EMERGENCY", "harmful"), ("SUBJECT_ACCESS", "known_to_subject")],
)
def test_an_exemption_from_notice_has_its_reason(engine, purpose, reason):
    consent = ConsentFacts(
        form="paper",
        recipients=frozenset("A"),
        purposes=frozenset({"CASE_MGMT"}),
        categories=frozenset({"ID"}),
        by=(SignerFacts("mother"),),
    )
    facts = Facts(
        org="OOIP", org_id="A", purpose=purpose, today=date(2026, 3, 1), direct_threat=True, who="rep", consent=consent
    )
    assert engine.decide(facts).reasons == {"EXEMPT_18_4": reason}


def test_a_refusal_gives_no_reason_for_an_exemption(engine):
    assert engine.decide(Facts(org="NGO", purpose="CASE_MGMT", today=date(2026, 3, 1))).reasons == {}


@pytest.mark.parametrize("case", CASES, ids=[f"{case.n}" for case in CASES])
def test_a_quiet_rule_reads_neutral_to_the_requester(engine, case):
    for found in engine.decide(case.facts).by_category.values():
        assert found.true.id == found.rule
        if found.rule in QUIET:
            assert found.shown.id == ("RELEASED" if found.effect.releases else "NOT_RELEASED")
            assert found.shown.citation == ""
        else:
            assert found.shown == found.true


def test_two_quiet_refusals_read_the_same(engine):
    facts = Facts(org="NGO", org_id="A", purpose="CASE_MGMT", today=date(2026, 3, 1), location_protected=True)
    rulings = engine.decide(replace(facts, requested=("LOC", "ADP", "REP"))).by_category.values()
    assert len({found.rule for found in rulings}) == 3
    assert len({found.shown for found in rulings}) == 1


def test_what_concerns_the_holder_alone_is_marked(pack):
    holder = {code for code, row in pack.obligations.codes.items() if row.concerns == "holder"}
    assert {"NO_PRENOTICE", "HUMAN_IN_LOOP", "REVOKE_EVENT"} <= holder


def test_a_wrong_route_is_refused_with_a_hint(engine):
    facts = Facts(org="POLICE", source="SCHOOL", purpose="SIGNAL", trigger="truancy", today=date(2026, 3, 1))
    shown = engine.decide(facts).by_category["ID"].shown
    assert shown.id == "RU-120-9-1"
    assert "Орган управления образованием" in shown.remedy_ru
    assert "{" not in engine.decide(replace(facts, trigger="")).by_category["ID"].shown.remedy_ru
