"""How delivery stands, as the administrator of the gateway and an organisation's own people see and steer it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.exchange.dispatch import Dispatcher
from gateway.exchange.relay import relay_once
from gateway.use_cases.delivery_terms import DeliveryTerms
from gateway.use_cases.delivery_values import DeliveryKind, Endpoint, EndpointState
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Organisation
from schemas.ids import MessageId, new_id
from tests.builders import NOW, organisation, referral, system_of
from tests.gateway.web.conftest import Browser, Office, Page

TERMS = DeliveryTerms(give_up_after=timedelta(hours=2), first_wait=timedelta(seconds=10))
SECRET = "https://partner.example/in?token=s3cret"
CHILD = "Тестова Проба"


def endpoint(office: Office, owner: Organisation, address: str = "inbox") -> Endpoint:
    transport = "webhook" if address.startswith("https") else "file"
    return register_endpoint(office.running.house, owner.id, transport, address, "test", NOW)


def send(office: Office, at: datetime = NOW) -> MessageId:
    town = office.running.town
    draft = referral(town.school, town.guardianship, type="signal", trigger="threat")
    message = submit_message(town.house, system_of(town.school), draft, at).message
    relay_once(town.house, at)
    return message.id


def fail(office: Office, at: datetime) -> None:
    """No carrier for any endpoint: whatever is due fails."""
    Dispatcher(office.running.house, dict, TERMS, 0.02, lambda: at, draw=lambda: 1.0).once()


def bury(office: Office) -> None:
    """What waits has failed for longer than is tried."""
    fail(office, NOW)
    for hours in range(3, 9):  # one at a time: a transport that is missing stops the others
        fail(office, NOW + timedelta(hours=hours))


@pytest.fixture
def gateway(office: Office) -> Browser:
    return office.seat(organisation(office.running.house, "gateway", "Оператор (тест)"), "administrator")


def test_nothing_is_set_up(gateway: Browser) -> None:
    page = gateway.get("/systems")
    assert page.status == 200
    assert "Ни у одной организации нет адреса получения" in page.text
    assert "/systems" in page.tree.xpath("//nav//a/@href")


def test_the_gateways_administrator_sees_all_and_steers(office: Office, gateway: Browser) -> None:
    town = office.running.town
    made, other = endpoint(office, town.guardianship), endpoint(office, town.ngo, SECRET)
    message = send(office)
    page = gateway.get("/systems")
    assert "Орган опеки (тест)" in page.text
    assert "https://partner.example/in" in page.text
    assert "s3cret" not in page.body
    assert "Ждёт проверки адреса" in page.text
    assert "Работает" in page.text
    fail(office, NOW)
    page = gateway.get(f"/systems/{made.id}")
    assert "Не принимает с 02.03.2026 12:00" in page.text
    assert "Этот способ на шлюзе не включён." in page.text
    assert "Таких передач нет." in page.text
    fail(office, NOW + timedelta(hours=3))
    page = gateway.get("/systems")
    assert "1 не удалась окончательно" in page.text
    page = gateway.get(f"/systems/{made.id}")
    assert "transport_missing" in page.text
    assert message in page.text
    assert CHILD not in page.body
    (row,) = rows(office)
    assert row.state == "dead"
    page = gateway.send(page, f"/systems/{made.id}/replay")
    assert page.address == f"/systems/{made.id}?done=replayed&n=1"
    assert "1 передача отправлена заново." in page.text
    assert rows(office)[0].state == "waiting"
    page = gateway.send(page, f"/systems/{made.id}/pause")
    assert "Адрес приостановлен" in page.text
    assert state(office, made) is EndpointState.PAUSED
    page = gateway.send(page, f"/systems/{made.id}/resume")
    assert "Передача продолжается" in page.text
    assert state(office, made) is EndpointState.ACTIVE
    assert gateway.get(f"/systems/{other.id}").tree.xpath("//main//form") == []  # it waits for its challenge


def test_one_dead_letter_is_sent_again_and_the_others_stay(office: Office, gateway: Browser) -> None:
    made = endpoint(office, office.running.town.guardianship)
    for _ in range(3):
        send(office)
    bury(office)
    page = gateway.get(f"/systems/{made.id}")
    chosen = rows(office)[1].event.id
    token = page.fields(f"/systems/{made.id}/replay")
    page = gateway.post(f"/systems/{made.id}/replay", **{**token, "delivery": chosen})
    assert "1 передача отправлена заново." in page.text
    assert [row.state for row in rows(office)] == ["dead", "waiting", "dead"]
    page = gateway.post(f"/systems/{made.id}/replay", **{**token, "delivery": chosen})
    assert "Передавать нечего" in page.text
    page = gateway.post(f"/systems/{made.id}/replay", **{**token, "delivery": new_id()})
    assert "Передавать нечего" in page.text


def test_an_organisations_own_people_see_and_steer_their_own_endpoints_only(office: Office) -> None:
    town = office.running.town
    mine, foreign = endpoint(office, town.guardianship), endpoint(office, town.ngo)
    send(office)
    bury(office)
    admin = office.seat(town.guardianship, "administrator")
    page = admin.get("/systems")
    assert mine.id in page.body
    assert foreign.id not in page.body
    page = admin.get(f"/systems/{mine.id}")
    for act in ("replay", "pause"):
        token = page.fields(f"/systems/{mine.id}/{act}")
        answers = [admin.post(f"/systems/{one}/{act}", **token) for one in (foreign.id, new_id(), "x")]
        assert {answer.status for answer in answers} == {404}
        assert len({answer.text for answer in answers}) == 1, "somebody else's answers as an invented one"
        assert "endpoint_unavailable" in answers[0].text
    assert {admin.get(f"/systems/{one}").text for one in (foreign.id, new_id())} == {
        admin.get("/systems/x").text,
    }
    assert state(office, foreign) is EndpointState.ACTIVE
    assert admin.post(f"/systems/{mine.id}/explode", **token).status == 404


@pytest.mark.parametrize("role", ["curator", "dpo", "guardianship_specialist"])
def test_who_is_not_responsible_for_systems_does_not_see_them(office: Office, role: str) -> None:
    town = office.running.town
    made = endpoint(office, town.guardianship)
    head = office.seat(town.guardianship, "head")
    browser = office.seat(town.guardianship, role)
    page = browser.get("/systems")
    assert page.status == 403
    assert "deliveries_not_yours" in page.text
    assert browser.get(f"/systems/{made.id}").status == 403
    assert "/systems" not in page.tree.xpath("//nav//a/@href")
    assert head.get(f"/systems/{made.id}").status == 200, "the head answers for an administrator that is not there"
    assert "Передача в системы партнёров" in head.get("/systems").text


def test_a_head_beside_an_administrator_and_a_dpo_of_the_operator_do_not(office: Office) -> None:
    town = office.running.town
    office.seat(town.guardianship, "administrator")
    assert office.seat(town.guardianship, "head").get("/systems").status == 403
    operator = organisation(office.running.house, "gateway", "Оператор (тест)")
    assert office.seat(operator, "dpo").get("/systems").status == 403


def test_each_deed_is_an_entry_with_who_did_it(office: Office, gateway: Browser) -> None:
    town = office.running.town
    made = endpoint(office, town.guardianship)
    send(office)
    bury(office)
    before = entries(office)
    page = gateway.get(f"/systems/{made.id}")
    page = gateway.send(page, f"/systems/{made.id}/replay")
    page = gateway.send(page, f"/systems/{made.id}/pause")
    gateway.send(page, f"/systems/{made.id}/resume")
    added = [entry for number, entry in entries(office).items() if number not in before]
    assert sorted(kind for kind, _ in added) == ["delivery.replayed", "endpoint.changed", "endpoint.changed"]
    assert all(f'"organisation":"{town.guardianship.id}"' in body for _, body in added)
    assert all('"by":"person:' in body for _, body in added)


def noticed(page: Page) -> list[str]:
    return page.tree.xpath("//main//li[contains(@class,'mz-notices__item')]//a/@href")


def test_a_notice_is_one_line_leads_to_the_endpoint_and_goes_when_it_is_seen(office: Office) -> None:
    town = office.running.town
    made, other = endpoint(office, town.guardianship), endpoint(office, town.ngo)
    head, admin = office.seat(town.guardianship, "head"), office.seat(town.ngo, "administrator")
    send(office)
    bury(office)
    page = head.get("/decisions")
    assert noticed(page) == [f"/systems/{made.id}"]
    assert len(page.tree.xpath("//main//li[contains(@class,'mz-notices__item')]")) == 1
    page = head.get("/systems")
    assert noticed(page) == [f"/systems/{made.id}"]
    page = head.send(page, "/systems/seen")
    assert (page.address, noticed(page)) == ("/systems", [])
    assert noticed(admin.get("/systems")) == []
    assert other.id in admin.get("/systems").body


def test_the_page_speaks_english(office: Office, gateway: Browser) -> None:
    made = endpoint(office, office.running.town.guardianship)
    send(office)
    bury(office)
    assert "This transport is not set up here." in gateway.get(f"/systems/{made.id}?lang=en").text


def test_a_form_of_somebody_else_does_nothing(office: Office, gateway: Browser) -> None:
    made = endpoint(office, office.running.town.guardianship)
    assert gateway.post(f"/systems/{made.id}/pause", form_token="0" * 64).status == 403
    assert state(office, made) is EndpointState.ACTIVE
    assert DeliveryKind.DELIVERED in made.events


def rows(office: Office):
    with office.running.house.store.reading() as unit:
        return unit.deliveries.rows("all", 100)


def state(office: Office, made: Endpoint) -> EndpointState:
    with office.running.house.store.reading() as unit:
        found = unit.endpoints.get(made.id)
    assert found is not None
    return found.state


def entries(office: Office) -> dict[str, tuple[str, str]]:
    """By identifier: the kind and the body of each entry of the log."""
    with office.running.house.store.reading() as unit:
        found = unit.log._connection.exec_driver_sql("SELECT id, kind, body FROM entries").all()
    return {row[0]: (row[1], bytes(row[2]).decode()) for row in found}
