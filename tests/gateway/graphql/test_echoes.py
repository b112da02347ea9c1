"""Who looked, as the holder's system asks it."""

from __future__ import annotations

from gateway.exchange.relay import relay_once
from gateway.use_cases.echo_lookups import echo_lookups
from gateway.use_cases.sequence_log import sequence_log
from tests.builders import NOW, consent, publish
from tests.gateway.conftest import Running

SUMMARY = 'query ($id: ID!) { caseSummary(caseId: $id, purpose: "CASE_MGMT") { caseId } }'
ECHOES = (
    "query ($id: ID!, $after: ID) { lookupEchoes(caseId: $id, first: 1, after: $after)"
    " { message organisationKind purpose times firstOn lastOn toldAt } }"
)
PULL = "{ deliveries { items { event type message } } }"


def test_a_look_through_the_api_is_told_through_the_api(running: Running) -> None:
    town, house = running.town, running.house
    echo_lookups(house, NOW - house.echo_period)
    case = publish(town).case_id
    for reader in (town.guardianship, town.centre):
        consent(town, reader)
        theirs = house.vault.case_pseudonym(reader.id, case)
        assert "errors" not in running.caller(reader).graphql(SUMMARY, {"id": theirs}).json()
    sequence_log(house, NOW)
    echo_lookups(house, NOW)
    relay_once(house, NOW)
    holder, mine = running.caller(town.ngo), house.vault.case_pseudonym(town.ngo.id, case)
    found, after = [], None
    while page := holder.graphql(ECHOES, {"id": mine, "after": after}).json()["data"]["lookupEchoes"]:
        found += page
        after = page[-1]["message"]
    assert {(e["organisationKind"], e["purpose"], e["times"]) for e in found} == {
        ("guardianship", "CASE_MGMT", 1),
        ("family_centre", "CASE_MGMT", 1),
    }
    assert {(e["firstOn"], e["lastOn"]) for e in found} == {("2026-03-02", "2026-03-02")}
    assert running.caller(town.guardianship).code(ECHOES, {"id": theirs}) == "case_unavailable"
    invented = {"id": mine, "after": "00000000-0000-4000-8000-000000000000"}
    assert holder.graphql(ECHOES, invented).json()["data"]["lookupEchoes"] == [], "a foreign name begins nothing"
    pulled = holder.graphql(PULL).json()["data"]["deliveries"]["items"]
    notices = [
        item["message"] for item in pulled if (item["event"], item["type"]) == ("message.delivered", "lookup_echo")
    ]
    assert sorted(notices) == sorted(e["message"] for e in found)
