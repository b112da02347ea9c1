"""The page on which a body with a formal request reads who told of a signal."""

from __future__ import annotations

from tests.gateway.exchange.world import World
from tests.gateway.facts_world import ACT, put, staff
from tests.gateway.web.conftest import Office


def test_who_told_is_read_by_a_form_with_the_rule_beside_it(office: Office) -> None:
    world, house = World(office.running.town), office.running.house
    sent = world.send(
        "signal",
        "guardianship",
        "guardianship",
        trigger="threat",
        reporter={"name": "Сосед Вымышленный", "phone": "+70000000009"},
        noted={"received_by": "phone", "received_at": "2026-03-02T11:40:00+03:00"},
        reg_number="5-ж",
    ).message
    case = house.vault.case_pseudonym(world.who("court").id, sent.case_id)
    court = office.seat(world.who("court"), "head")
    page = court.send(court.get("/case/reporters"), action="/case/reporters")
    assert (page.status, set(page.complaints)) == (400, {"id", "purpose"})
    asked = {"id": case, "purpose": "AUTHORITY_REQUEST", "request": "02-1234/2026"}
    assert court.send(page, action="/case/reporters", **asked).status == 404
    officer = staff(house, world.who("guardianship"), "dpo")
    named = {"organisations": [world.who("court").ogrn], "document": ACT, "until": "2026-09-01"}
    put(house, officer, "formal_request", {"ref": "K-1"}, value="court", **named)
    page = court.send(court.get(f"/case/reporters?id={case}"), action="/case/reporters", **{**asked, "id": case})
    assert "Сосед Вымышленный" in page.text
    assert "№ 5-ж" in page.text
    assert "02-1234" not in page.address
    assert "Who told" in court.get("/case/reporters?lang=en").heading
    body = office.seat(world.who("guardianship"), "head")
    own = house.vault.case_pseudonym(world.who("guardianship").id, sent.case_id)
    page = body.send(body.get("/case/reporters"), action="/case/reporters", **{**asked, "id": own})
    assert "Сосед" not in page.text
    assert "POL-REP-1" not in page.text, "the rule is a quiet one"
