"""What is kept of a case over GraphQL: the same as on the page, by the same rules."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.score_case import score_case
from tests.builders import NOW
from tests.gateway.conftest import Running
from tests.gateway.facts_world import staff
from tests.gateway.practice_world import Team, make_team

KEEP = "mutation($input: CaseRecordInput!) { keepCaseRecord(input: $input) { entryId started ended } }"
READ = (
    "query($id: ID!) { caseRecords(caseId: $id) { lists { kind used part codes { code title } } family { id kind age unborn }"
    " records { kind about at recordedAt readable code codes states { code state } part atClosing year roubles }"
    " until closing { assessed holds met unmet alone childrenWithoutRecord checklist { part assessed unmet } }"
    " norms { code title unit atLeast atMost usual value verdict } } }"
)
LOADS = "{ loads { unassigned people { name isCurator openCases postSupport norms { code value verdict } } } }"
CLOSE = (
    "mutation($id: ID!, $event: String!, $criteria: [String!]) { recordPracticeEvent(caseId: $id, event: $event,"
    " criteria: $criteria) { stage closes unmet } }"
)


def data(answer: Any) -> Any:
    body = answer.json()
    assert "errors" not in body, body
    return body["data"]


def test_a_partner_system_keeps_and_reads(running: Running) -> None:
    team = make_team(running.town, "sos")
    system = running.caller(team.organisation)
    first = data(system.graphql(READ, {"id": team.case}))["caseRecords"]
    assert [(row["kind"], row["part"]) for row in first["lists"] if row["used"]] == [
        ("READINESS", None),
        ("NEEDS", None),
        ("CHECKLIST", "child"),
        ("CHECKLIST", "parent"),
        ("CHECKLIST", "family"),
    ]
    assert [row["kind"] for row in first["lists"] if not row["used"] and not row["codes"]] == [
        "CASE_TYPE",
        "SCENARIO",
        "WELLBEING",
        "CLOSING",
        "SPENDING",
    ]
    family = {member["kind"]: member["id"] for member in first["family"]}
    said: list[dict[str, Any]] = [
        {"kind": "NEEDS", "states": [{"code": c, "state": "open"} for c in ("child", "parent", "family")]},
        {"kind": "CHECKLIST", "part": "child", "codes": ["care"], "about": family["child"]},
        {"kind": "READINESS", "code": "planning", "about": family["parent"], "at": "2026-02-01T09:00:00Z"},
    ]
    for given in said:
        assert data(system.graphql(KEEP, {"input": {**given, "caseId": team.case}}))["keepCaseRecord"]["entryId"]
    found = data(system.graphql(READ, {"id": team.case}))["caseRecords"]
    assert [record["kind"] for record in found["records"]][-1] == "READINESS", "it was so first"
    assert {record["kind"]: (record["about"], record["readable"]) for record in found["records"]} == {
        "NEEDS": (None, True),
        "CHECKLIST": (family["child"], True),
        "READINESS": (family["parent"], True),
    }
    parts = {part["part"]: (part["assessed"], len(part["unmet"])) for part in found["closing"]["checklist"]}
    assert parts == {"child": (True, 4), "parent": (False, 0), "family": (False, 0)}
    assert [(norm["code"], norm["value"], norm["verdict"]) for norm in found["norms"]] == [("months", None, "unknown")]
    assert "errors" not in system.graphql(LOADS).json()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "SCENARIO", "code": "planned_support"}, "record_not_used"),
        ({"kind": "CASE_TYPE"}, "field_invalid"),
        ({"kind": "CASE_TYPE", "code": "other"}, "field_invalid"),
        ({"kind": "READINESS", "code": "action"}, "record_person"),
        ({"kind": "CASE_TYPE", "code": "ordinary", "at": "2036-02-01T09:00:00Z"}, "record_time"),
    ],
)
def test_what_is_refused_has_its_code(running: Running, given: dict[str, Any], code: str) -> None:
    team = make_team(running.town, "otkazniki")
    system = running.caller(team.organisation)
    assert system.code(KEEP, {"input": {**given, "caseId": team.case}}) == code
    other = running.caller(make_team(running.town, "otkazniki").organisation)
    assert other.code(KEEP, {"input": {**given, "caseId": team.case}}) == "case_unavailable"


def test_closing_says_what_is_not_met(running: Running) -> None:
    team = make_team(running.town)
    system = running.caller(team.organisation)
    for event in ("signal_received", "intake_accepted", "case_opened"):
        record_practice_event(team.house, team.curator, team.case, event, NOW)
    said = {"id": team.case, "event": "case_closed", "criteria": ["agreement_dissolved"]}
    closed = data(system.graphql(CLOSE, said))["recordPracticeEvent"]
    assert closed == {"stage": "case_closed", "closes": True, "unmet": []}
    found = data(system.graphql(READ, {"id": team.case}))["caseRecords"]["closing"]
    assert (found["holds"], found["alone"], found["unmet"]) == (True, "agreement_dissolved", [])


def test_loads_say_nothing_of_scores(running: Running) -> None:
    team: Team = make_team(running.town)
    for event in ("signal_received", "intake_accepted", "case_opened"):
        record_practice_event(team.house, team.curator, team.case, event, NOW)
    criteria = ("remoteness", "guardianship_tension", "lack_of_resources", "removal_risk", "substances")
    score_case(team.house, team.curator, team.case, "complexity", dict.fromkeys(criteria, 3), NOW)
    staff(team.house, team.organisation, "curator")
    found = data(running.caller(team.organisation).graphql(LOADS))["loads"]
    assert found["unassigned"] == 1
    assert {norm["code"] for person in found["people"] for norm in person["norms"]} == {
        "cases",
        "post_support_families",
    }


def test_without_the_scope_nothing(running: Running) -> None:
    team = make_team(running.town)
    system = running.caller(team.organisation, "messages.read", "summaries.read")
    said = {"input": {"caseId": team.case, "kind": "SCENARIO", "code": "planned_support"}}
    for query, more in ((READ, {"id": team.case}), (LOADS, {}), (KEEP, said)):
        assert system.code(query, more) == "scope_missing"
