"""The pages of work: take, give, put back, who is away, duty, alerts, calls, and whether anybody is there."""

from __future__ import annotations

import pytest

from gateway.use_cases.send_alerts import send_alerts
from gateway.use_cases.watch_queue import watch_queue
from schemas.ids import MessageId
from tests.builders import NOW
from tests.gateway.facts_world import entries
from tests.gateway.queues_world import NUMBER, Postman, keep, schedule, send
from tests.gateway.test_escalation import MINUTE
from tests.gateway.web.conftest import Browser, Office

NOTE = "Мать просит звонить после шести"


@pytest.fixture
def sent(office: Office) -> MessageId:
    return send(office.running.town, urgency="emergency")


def test_views_with_counts_and_a_button_to_take(office: Office, sent: MessageId) -> None:
    body = office.running.town.guardianship
    one, head = office.seat(body, "guardianship_specialist"), office.seat(body, "head")
    page = one.get("/queue")
    tabs = {
        t.text_content().split()[0]: t.text_content().split()[-1]
        for t in page.tree.xpath("//nav//a[@class='mz-tabs__tab']")
    }
    assert (tabs["Мои"], tabs["Никем"], tabs["Все"], tabs["Просрочены"]) == ("0", "1", "1", "0")
    page = one.send(one.get("/queue?view=free"), f"/messages/{sent}/take")
    assert "Сообщение у вас." in page.text
    assert "У вас" in one.get("/queue?view=mine").text
    assert "Человек Тестовый" in head.get("/queue").text
    assert "Все сообщения кем-то взяты." in one.get("/queue?view=free").text
    assert one.get("/queue?view=nothing").heading == "Очередь сообщений"


def test_handing_over_with_a_note_that_only_who_works_with_it_reads(office: Office, sent: MessageId) -> None:
    body = office.running.town.guardianship
    one, two = office.seat(body, "guardianship_specialist"), office.seat(body, "lawyer")
    one.send(one.get(f"/messages/{sent}"), f"/messages/{sent}/take")
    form = one.get(f"/messages/{sent}/hand")
    assert one.send(form, f"/messages/{sent}/hand").complaints == {
        "login": "Выберите сотрудника",
        "reason": "Выберите причину",
    }
    page = one.send(form, f"/messages/{sent}/hand", login=f"lawyer.{body.ogrn}", reason="shift", note=NOTE)
    assert "Сообщение передано." in page.text
    assert NOTE not in page.body
    page = two.get(f"/messages/{sent}")
    assert NOTE not in page.body
    action = page.tree.xpath("//form[contains(@action, '/notes/')]/@action")[0]
    before = len(entries(office.running.house, "fact.read"))
    assert NOTE in two.send(page, action).text
    assert len(entries(office.running.house, "fact.read")) == before + 1
    back = two.send(two.get(f"/messages/{sent}/hand"), f"/messages/{sent}/return", return_reason="area")
    assert "Сообщение снова в очереди." in back.text
    assert two.send(two.get(f"/messages/{sent}/hand"), f"/messages/{sent}/return").complaints == {
        "return_reason": "Выберите причину"
    }


def test_the_head_assigns_and_sees_alerts(office: Office, sent: MessageId) -> None:
    town = office.running.town
    keep(office.running.house, town.guardianship)
    one, head = office.seat(town.guardianship, "guardianship_specialist"), office.seat(town.guardianship, "head")
    again = send(town, urgency="urgent", ref="K-2")
    send_alerts(office.running.house, Postman(), NOW)
    page = head.send(
        head.get(f"/messages/{again}"),
        f"/messages/{again}/assign",
        login=f"guardianship_specialist.{town.guardianship.ogrn}",
    )
    assert "Сотрудник назначен." in page.text
    assert "У вас" in one.get("/queue?view=mine").text
    shown = head.get("/alerts").text
    assert "Новый сигнал, срочно. Откройте межвед." in shown
    assert "Отправлено" in shown
    assert "Сообщить некому" in shown  # the first came before there was a schedule
    assert one.get("/alerts").status == 403


def test_an_absence_is_recorded_and_ended(office: Office, sent: MessageId) -> None:
    body = office.running.town.guardianship
    one, two = office.seat(body, "guardianship_specialist"), office.seat(body, "lawyer")
    one.send(one.get("/queue?view=free"), f"/messages/{sent}/take")
    page = one.get("/absences")
    assert one.send(page, "/absences", login="").complaints.keys() == {"login", "first", "last"}
    login = f"guardianship_specialist.{body.ogrn}"
    wrong = one.send(page, "/absences", login=login, first="2026-03-05", last="2026-03-02")
    assert wrong.complaints == {"last": "Последний день не раньше первого и не в прошлом"}
    page = one.send(
        page, "/absences", login=login, first="2026-03-02", last="2026-03-05", substitute=f"lawyer.{body.ogrn}"
    )
    assert "Отсутствие записано." in page.text
    mine = two.get("/queue?view=mine").text
    assert "за: Человек Тестовый" in mine
    page = one.send(one.get("/absences"), page.tree.xpath("//form[contains(@action, '/end')]/@action")[0])
    assert "работа возвращена" in page.text
    assert "Никто не отсутствует." in page.text
    assert "за:" not in one.get("/queue?view=mine").text


def test_duty_is_shown_printed_and_changed_by_its_keeper(office: Office) -> None:
    town = office.running.town
    keep(office.running.house, town.guardianship, schedule(exceptions=[{"day": "2026-05-04"}]))
    one, head = office.seat(town.guardianship, "guardianship_specialist"), office.seat(town.guardianship, "head")
    page = one.get("/duty")
    for words in (
        "Организация работает.",
        "Дежурит: Первый, Второй.",
        "Дежурная часть",
        NUMBER,
        "рабочие дни",
        "04.05.2026: закрыто",
    ):
        assert words in page.text, words
    assert one.get("/duty/edit").status == 403
    form = head.get("/duty/edit")
    saved = head.send(form, "/duty/edit")
    assert "Сохранено." in saved.text
    assert "Дежурит: Первый, Второй." in saved.text  # as it stood
    changed = head.send(form, "/duty/edit", **{"opening-until-0": "10:00", "opening-days-0": ["mon", "tue"]})
    cells = [cell.text_content() for cell in changed.tree.xpath("//table[@aria-labelledby='opening']//td")]
    assert cells == ["пн, вт, рабочие дни", "09:00", "10:00"]
    assert "Организация не работает." in changed.text
    wrong = head.send(form, "/duty/edit", **{"opening-since-0": "девять"})
    assert (wrong.status, "девять" in wrong.body) == (400, True)
    stranger = head.send(form, "/duty/edit", **{"contacts-login-0": "nobody.here"})
    assert "Логина нет среди сотрудников" in stranger.text


def test_the_sender_sees_whether_anybody_works_and_what_was_done(office: Office) -> None:
    """Half past twelve on a Monday; then with an office that is closed."""
    town, house = office.running.town, office.running.house
    sender = office.seat(town.school, "curator")
    keep(house, town.guardianship)
    sent = send(town, urgency="urgent")
    assert "Получатель сейчас работает." in sender.get(f"/messages/{sent}").text
    keep(house, town.guardianship, schedule(opening=[{"since": "22:00", "until": "23:00"}]))
    for address in (f"/messages/{sent}", f"/referrals/{sent}/sent"):
        page = sender.get(address)
        for words in ("Орган опеки сейчас не работает.", "Звоните 112.", "Сообщение сохранено.", "+7 495 000-00-00"):
            assert words in page.text, words
    watch_queue(house, NOW + 20 * MINUTE)
    watch_queue(house, NOW + 31 * MINUTE)
    body = office.seat(town.guardianship, "head")
    for browser in (sender, body):
        page = browser.get(f"/messages/{sent}")
        assert "Не открыто 15 минут: сообщено следующему дежурному получателя" in page.text
        assert "Не открыто 30 минут: сообщено на дежурную линию получателя" in page.text
        assert "Первый" not in page.text
    assert NUMBER in body.get("/duty").text


def test_a_call_is_recorded_and_seen_by_both(office: Office, sent: MessageId) -> None:
    town = office.running.town
    keep(office.running.house, town.guardianship)
    sender, body = office.seat(town.school, "curator"), office.seat(town.guardianship, "head")
    form = sender.get(f"/messages/{sent}/call")
    assert sender.send(form, None).complaints == {"line": "Выберите, куда звонили", "result": "Выберите результат"}
    early = sender.send(form, None, line="112", result="busy", time="08:00")
    assert early.complaints.keys() == {"day"}
    page = sender.send(form, None, line=NUMBER, result="reached", time="12:00")
    assert "Звонок записан." in page.text
    for browser in (sender, body):
        assert f"{NUMBER} 02.03.2026 12:00: Дозвонились." in browser.get(f"/messages/{sent}").text


@pytest.mark.parametrize("path", ["/absences", "/duty", "/duty/edit", "/alerts", "/queue?view=mine"])
def test_in_english_too(office: Office, path: str) -> None:
    browser: Browser = office.seat(office.running.town.guardianship, "head")
    page = browser.get(path + ("&" if "?" in path else "?") + "lang=en")
    assert page.status == 200
    assert page.tree.get("lang") == "en"
