"""Facts as they are recorded, and read again: the same ruling, no identity, and readable for ever."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from policies.case_files import parse_cases
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.pack import shipped_pack
from schemas.errors import BadInput
from tests.policies.test_properties import PURPOSES, effects, facts_for

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "policies" / "facts-v1.json").read_text("utf-8"))
FACTS = Facts(
    org="NGO",
    org_id="org-of-somebody",
    purpose="CASE_MGMT",
    today=date(2026, 3, 1),
    consent=ConsentFacts(
        form="paper",
        given_on=date(2026, 1, 10),
        recipients=frozenset({"org-of-somebody", "one-more"}),
        purposes=frozenset({"CASE_MGMT"}),
        by=(SignerFacts("mother"), SignerFacts("self")),
    ),
)
RECORD = FACTS.canonical()


@settings(max_examples=100, deadline=None)
@given(facts_for(PURPOSES))
def test_a_record_is_read_as_it_was_written(facts):
    record = facts.canonical()
    assert Facts.from_canonical(json.loads(json.dumps(record))).canonical() == record


@settings(max_examples=50, deadline=None)
@given(facts_for(PURPOSES))
def test_a_record_is_ruled_as_its_facts_were(facts):
    assert effects(Facts.from_canonical(facts.canonical())) == effects(facts)


def test_every_worked_case_is_read_as_it_was_written():
    for name, text in shipped_pack("ru").case_files.items():
        for case in parse_cases(text, name):
            assert Facts.from_canonical(case.facts.canonical()).canonical() == case.facts.canonical()


def test_nothing_but_the_identities_is_lost():
    read = Facts.from_canonical(RECORD)
    assert (read.org_id, read.consent.recipients) == ("recipient", {"recipient", "other"})
    named = replace(read, org_id=FACTS.org_id, consent=replace(read.consent, recipients=FACTS.consent.recipients))
    assert named == FACTS
    assert "somebody" not in json.dumps(RECORD)


def keeps(old, new):
    if isinstance(old, dict):
        return all(key in new and keeps(value, new[key]) for key, value in old.items())
    if isinstance(old, list):
        return len(old) == len(new) and all(map(keeps, old, new))
    return old == new


@pytest.mark.parametrize("record", VECTOR["records"], ids=lambda record: record["org"])
def test_records_of_the_first_version_are_read(record):
    """What they say comes back word for word; what they do not know yet has its default."""
    assert keeps(record, Facts.from_canonical(record).canonical())


def test_a_fact_that_is_younger_than_the_record_has_its_default():
    old = {"org": "NGO", "purpose": "CASE_MGMT", "today": "2026-03-01", "consent": {"by": [{"who": "mother"}]}}
    assert Facts.from_canonical(old) == Facts(
        org="NGO", purpose="CASE_MGMT", today=date(2026, 3, 1), consent=ConsentFacts(by=(SignerFacts("mother"),))
    )


CONSENT, SIGNER = RECORD["consent"], RECORD["consent"]["by"][0]


@pytest.mark.parametrize(
    ("record", "code", "key"),
    [
        ({**RECORD, "organisation": "NGO"}, "facts_key_unknown", "organisation"),
        ({**RECORD, "consent": {**CONSENT, "signed": True}}, "facts_key_unknown", "consent.signed"),
        (
            {**RECORD, "consent": {**CONSENT, "by": [SIGNER, {**SIGNER, "name": ""}]}},
            "facts_key_unknown",
            "consent.by[1].name",
        ),
        ({key: RECORD[key] for key in RECORD if key != "today"}, "facts_key_missing", "today"),
        ({**RECORD, "consent": {**CONSENT, "by": [{}]}}, "facts_key_missing", "consent.by[0].who"),
        ([RECORD], "facts_value_invalid", "document"),
        ({**RECORD, "org": None}, "facts_value_invalid", "org"),
        ({**RECORD, "agreement": 1}, "facts_value_invalid", "agreement"),
        ({**RECORD, "agreement": None}, "facts_value_invalid", "agreement"),
        ({**RECORD, "direct_threat": "yes"}, "facts_value_invalid", "direct_threat"),
        ({**RECORD, "age": True}, "facts_value_invalid", "age"),
        ({**RECORD, "age": 9.0}, "facts_value_invalid", "age"),
        ({**RECORD, "min_cell": "3"}, "facts_value_invalid", "min_cell"),
        ({**RECORD, "today": 20260301}, "facts_value_invalid", "today"),
        ({**RECORD, "today": "20260301"}, "facts_value_invalid", "today"),
        ({**RECORD, "today": "2026-02-30"}, "facts_value_invalid", "today"),
        ({**RECORD, "requested": "ID"}, "facts_value_invalid", "requested"),
        ({**RECORD, "requested": ["ID", 1]}, "facts_value_invalid", "requested[1]"),
        ({**RECORD, "consent": "paper"}, "facts_value_invalid", "consent"),
        ({**RECORD, "consent": {**CONSENT, "purposes": [None]}}, "facts_value_invalid", "consent.purposes[0]"),
        ({**RECORD, "consent": {**CONSENT, "by": [SIGNER, "self"]}}, "facts_value_invalid", "consent.by[1]"),
    ],
)
def test_a_record_that_is_not_ours_is_refused_by_its_key(record, code, key):
    with pytest.raises(BadInput) as caught:
        Facts.from_canonical(record)
    assert (caught.value.code, caught.value.params["key"]) == (code, key)
    assert caught.value.message("ru")
    assert caught.value.remedy("en")
