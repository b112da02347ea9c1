"""Who told of a signal, over the API: as a court's system asks."""

from __future__ import annotations

from tests.builders import NOW
from tests.gateway.conftest import Running
from tests.gateway.exchange.world import World
from tests.gateway.facts_world import ACT, put, staff

ASK = """query($id: ID!, $purpose: String!) { reporters(caseId: $id, purpose: $purpose, request: "02-1/2026") {
  entryId children { ref access { effect rule } told { name phone relation receivedBy receivedAt regNumber signalAt } } } }"""


def test_a_court_reads_who_told(running: Running) -> None:
    world = World(running.town)
    sent = world.send(
        "signal",
        "guardianship",
        "guardianship",
        trigger="threat",
        reporter={"name": "Сосед Вымышленный", "relation": "сосед"},
        noted={"received_by": "phone", "received_at": "2026-03-02T11:40:00+03:00"},
        reg_number="5-ж",
    ).message
    court, house = running.caller(world.who("court")), running.house
    asked = {"id": house.vault.case_pseudonym(world.who("court").id, sent.case_id), "purpose": "AUTHORITY_REQUEST"}
    assert court.code(ASK, asked) == "case_unavailable"
    assert court.code(ASK, {**asked, "id": "invented"}) == "case_unavailable"
    officer = staff(house, world.who("guardianship"), "dpo")
    named = {"organisations": [world.who("court").ogrn], "document": ACT, "until": "2026-09-01"}
    put(house, officer, "formal_request", {"ref": "K-1"}, value="court", **named)
    answer = court.graphql(ASK, asked).json()
    (child,) = answer["data"]["reporters"]["children"]
    assert child["access"] == {"effect": "RELEASED", "rule": "RU-152-6-3"}
    assert child["told"] == [
        {
            "name": "Сосед Вымышленный",
            "phone": None,
            "relation": "сосед",
            "receivedBy": "phone",
            "receivedAt": "2026-03-02T11:40:00+03:00",
            "regNumber": "5-ж",
            "signalAt": NOW.isoformat(),
        }
    ]
    body = running.caller(world.who("guardianship"))
    own = {**asked, "id": house.vault.case_pseudonym(world.who("guardianship").id, sent.case_id)}
    assert "Сосед" not in body.graphql(ASK, own).text
    assert court.code(ASK.replace("02-1/2026", "1" * 501), asked) == "field_invalid"
