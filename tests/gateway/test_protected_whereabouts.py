"""Where whereabouts are protected, no surface names the organisation that holds the case (rules 3.7)."""

from __future__ import annotations

from gateway.demo import queries
from gateway.exchange.relay import relay_once
from gateway.use_cases.withdraw_consent import withdraw_consent
from tests.builders import NOW, consent, publish, record, system_of
from tests.gateway.conftest import Running


def test_summary_recall_and_queue_show_the_kind_of_the_holder_only(running: Running) -> None:
    town = running.town
    published = publish(town)
    given = consent(town, town.guardianship)
    caller = running.caller(town.guardianship)
    before = caller.graphql(queries.SUMMARIES).text
    assert town.ngo.name in before
    record(town.house, published.subjects[0], "location_protected", town.ngo)
    after = caller.graphql(queries.SUMMARIES)
    assert town.ngo.name not in after.text
    (case,) = after.json()["data"]["caseSummaries"]["items"]
    assert case["holder"] == {"kind": "ngo", "name": None}
    child = next(s for s in case["subjects"] if s["kind"] == "child")
    assert child["sections"]["whereabouts"]["access"]["rule"] == "NOT_RELEASED"
    assert "ул. Вымышленная" not in after.text
    with town.house.store.reading() as unit:
        rows = unit.log.disclosures(town.ngo.id, None, 10)
    assert "POL-LOC-1" in {rule for row in rows for _, rule in row.rulings.values()}
    withdraw_consent(town.house, system_of(town.ngo), given, NOW)
    relay_once(town.house, NOW)
    queue = caller.graphql(queries.QUEUE, {"box": "INBOX"})
    assert [item["sender"] for item in queue.json()["data"]["messages"]["items"]] == ["ngo"]
    assert town.ngo.name not in queue.text


def test_after_a_withdrawal_nothing_tells_when_the_case_was_last_touched(running: Running) -> None:
    town = running.town
    publish(town)
    given = consent(town, town.guardianship)
    caller = running.caller(town.guardianship)
    caller.graphql(queries.SUMMARIES)
    withdraw_consent(town.house, system_of(town.ngo), given, NOW)
    (case,) = caller.graphql(queries.SUMMARIES).json()["data"]["caseSummaries"]["items"]
    assert (case["version"], case["asOf"]) == (None, None)
    assert [subject["kind"] for subject in case["subjects"]] == ["child"], "only whom the consent names"


def test_a_sibling_or_parent_without_consent_is_not_counted(running: Running) -> None:
    town = running.town
    publish(town)
    consent(town, town.guardianship)
    (case,) = running.caller(town.guardianship).graphql(queries.SUMMARIES).json()["data"]["caseSummaries"]["items"]
    assert [subject["kind"] for subject in case["subjects"]] == ["child"]
