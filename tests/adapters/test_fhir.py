"""Exports as FHIR R4: every Bundle satisfies an independent validator, and says what it does not show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import HealthCheck, Phase, given, settings

from adapters.fhir.bundle import bundle, write_bundle
from adapters.fhir.elements import ABSENT, BASE, code_of
from schemas.exports import Export
from schemas.lifecycle import State
from schemas.messages import message_types
from tests.export_strategies import exports

# The value sets of R4 (4.0.1) that bind required elements, as the specification lists them.
REQUIRED = {
    ("EpisodeOfCare", "status"): "planned waitlist active onhold finished cancelled entered-in-error",
    ("CarePlan", "status"): "draft active on-hold revoked completed entered-in-error unknown",
    ("CarePlan", "intent"): "proposal plan order option",
    (
        "Goal",
        "lifecycleStatus",
    ): "proposed planned accepted active on-hold completed cancelled entered-in-error rejected",
    ("ServiceRequest", "status"): "draft active on-hold revoked completed entered-in-error unknown",
    (
        "ServiceRequest",
        "intent",
    ): "proposal plan directive order original-order reflex-order filler-order instance-order option",
    ("ServiceRequest", "priority"): "routine urgent asap stat",
    (
        "Task",
        "status",
    ): "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed "
    "entered-in-error",
    ("Task", "intent"): "unknown proposal plan order original-order reflex-order filler-order instance-order option",
    ("Task", "priority"): "routine urgent asap stat",
    ("Communication", "status"): "preparation in-progress not-done on-hold stopped completed entered-in-error unknown",
    ("Communication", "priority"): "routine urgent asap stat",
    ("Consent", "status"): "draft proposed active rejected inactive entered-in-error",
    ("Composition", "status"): "preliminary final amended entered-in-error",
    ("Patient", "gender"): "male female other unknown",
    ("RelatedPerson", "gender"): "male female other unknown",
    ("DocumentReference", "status"): "current superseded entered-in-error",
}
ACTIVITY = "not-started scheduled in-progress on-hold completed cancelled stopped unknown entered-in-error"
ABSENT_REASONS = (
    "unknown asked-unknown temp-unknown not-asked asked-declined masked not-applicable unsupported as-text error "
    "not-a-number negative-infinity positive-infinity not-performed not-permitted"
)
NEEDED = {
    "EpisodeOfCare": ("status", "patient"),
    "CarePlan": ("status", "intent", "subject"),
    "Goal": ("lifecycleStatus", "description", "subject"),
    "ServiceRequest": ("status", "intent", "subject"),
    "Task": ("status", "intent"),
    "Communication": ("status",),
    "Consent": ("status", "scope", "category", "policyRule"),
    "Composition": ("status", "type", "date", "author", "title"),
    "RelatedPerson": ("patient",),
    "Basic": ("code",),
    "Organization": ("name",),
    "DocumentReference": ("status", "content"),
    "OperationOutcome": ("issue",),
}
SLOW = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    max_examples=50,
    phases=[Phase.explicit, Phase.generate],  # what is generated is large: to shrink it takes minutes
)


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in it."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


@SLOW
@given(exports)
def test_every_bundle_is_one_of_r4(export: Export):
    document = bundle(export)
    Bundle.model_validate(document)
    assert json.loads(write_bundle(export)) == document
    for entry in document["entry"]:
        resource = entry["resource"]
        kind = resource["resourceType"]
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", resource["id"])
        for element in NEEDED.get(kind, ()):
            assert element in resource or f"_{element}" in resource, f"{kind}.{element}"
        for (of, element), codes in REQUIRED.items():
            if of == kind and element in resource:
                assert resource[element] in codes.split(), f"{kind}.{element}: {resource[element]}"
        for activity in resource.get("activity", ()) if kind == "CarePlan" else ():
            assert activity["detail"]["status"] in ACTIVITY.split()


@SLOW
@given(exports)
def test_nothing_is_empty_or_leads_nowhere(export: Export):
    document = bundle(export)
    here = {entry["fullUrl"] for entry in document["entry"]}
    assert len(here) == len(document["entry"]), "two resources have one address"
    for found in walk(document):
        assert all(value not in (None, "", [], {}) for value in found.values()), found
        if "reference" in found and isinstance(found["reference"], str):
            assert found["reference"] in here, found
        url = found.get("url")
        if isinstance(url, str) and ":" in url and "extension" not in found and not url.startswith("http"):
            assert url.startswith(BASE)
        if url == ABSENT:
            assert found["valueCode"] in ABSENT_REASONS.split()


@SLOW
@given(exports)
def test_what_is_not_shown_is_said(export: Export):
    """Each section that a person has stands in its Composition: with content, or with why it is empty and by which rule."""
    document = bundle(export)
    written = [entry["resource"] for entry in document["entry"] if entry["resource"]["resourceType"] == "Composition"]
    by_person: dict[str, list[dict[str, Any]]] = {}
    for resource in written:
        by_person.setdefault(json.dumps(resource["subject"]["reference"]), []).append(resource)
    for resource in written:
        labels = {label["code"] for label in resource["meta"]["security"]}
        effects = []
        for section in resource.get("section", ()):
            (access,) = [e for e in section["extension"] if e["url"] == f"{BASE}access"]
            told = {part["url"]: part for part in access["extension"]}
            effects.append((told["effect"]["valueCode"], told.get("absence", {}).get("valueCode", "")))
            has_fields = any(e["url"] == f"{BASE}field" for e in section["extension"])
            assert has_fields != ("emptyReason" in section)
            if effects[-1][0] in {"held", "withheld"}:
                assert section["emptyReason"]["coding"][0]["code"] == "withheld"
                assert not has_fields
        is_cut = any(effect not in {"released", "own"} or absence == "erased" for effect, absence in effects)
        assert ("REDACTED" in labels) == is_cut


@SLOW
@given(exports)
def test_all_that_is_kept_stands_in_the_bundle(export: Export):
    """Each thing by its identifier; of a document the digest of R4 beside ours, and a title that names nobody."""
    document = bundle(export)
    named = {
        identifier["value"]
        for entry in document["entry"]
        for identifier in entry["resource"].get("identifier", ())
        if isinstance(identifier, dict) and "value" in identifier
    }
    for kept in (*export.facts, *export.scores, *export.terms, *export.documents, *export.own_notes):
        assert kept.id in named
    issues = [e["resource"]["issue"] for e in document["entry"] if e["resource"]["resourceType"] == "OperationOutcome"]
    assert [len(one) for one in issues] == ([len(export.left_out)] if export.left_out else [])
    for issue in (issue for one in issues for issue in one):
        assert (issue["severity"], issue["code"]) in {("information", "suppressed"), ("information", "not-supported")}
    for entry in document["entry"]:
        if entry["resource"]["resourceType"] == "DocumentReference":
            (content,) = entry["resource"]["content"]
            assert len(content["attachment"].get("hash", "=" * 28)) == 28, "SHA-1 as base64"


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_codes(state):
    assert all(code_of(listed, state.value) for listed in ("message_status", "task_status", "communication_status"))


def test_the_types_that_ask_are_types():
    import csv
    from importlib import resources

    table = resources.files("adapters.fhir").joinpath("codes.csv").read_text("utf-8")
    asked = [row["ours"] for row in csv.DictReader(table.splitlines()) if row["list"] == "request_types"]
    assert set(asked) <= set(message_types())
