"""Exports on pages, without JavaScript: buttons at a case and a thread, and the whole export of a head."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from gateway.use_cases.submit_message import submit_message
from tests.builders import NOW, consent, publish, referral, system_of
from tests.gateway.web.conftest import Office


def taken(browser, page, action, **typed):
    """The file that a form of the page brings."""
    fields = {**page.fields(action), **typed}
    return browser.http.post(action, data=fields)


def test_a_case_from_its_page(office: Office) -> None:
    town = office.running.town
    household = [{"role": "father", "lives_together": False}]
    near = [{"role": "grandparent", "permission_to_contact": True}]
    made = publish(town, family={"household": household, "near_circle": near})
    consent(town, town.guardianship)
    curator = office.seat(town.guardianship, "curator")
    case = town.house.vault.case_pseudonym(town.guardianship.id, made.case_id)
    page = curator.send(curator.get("/case"), "/case", id=case, purpose="CASE_MGMT")
    assert "Выгрузить файлом" in page.text
    assert "живёт отдельно" in page.text
    assert "семья разрешила связаться" in page.text
    answer = taken(curator, page, "/case/export", form="csv")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="mezhved-case-')
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert "Проба Вымышленная Тестовна" in archive.read("sections.csv").decode("utf-8-sig")
    assert case not in answer.headers["content-disposition"]
    log = office.seat(town.ngo, "dpo").get("/log")
    assert log.text.count("выгружено файлом (Таблицы CSV)") == 1, "the holder's officer sees that it left as a file"


def test_ones_own_case_whole(office: Office) -> None:
    town = office.running.town
    made = publish(town)
    curator = office.seat(town.ngo, "curator")
    case = town.house.vault.case_pseudonym(town.ngo.id, made.case_id)
    page = curator.send(curator.get("/case"), "/case", id=case, purpose="CASE_MGMT")
    assert "Случай ваш" in page.text
    answer = taken(curator, page, "/case/export", form="xml")
    assert "Вымышленный диагноз" in answer.content.decode()
    officer = office.seat(town.ngo, "dpo")
    refused = taken(officer, officer.send(officer.get("/case"), "/case", id=case, purpose="CASE_MGMT"), "/case/export")
    assert refused.status_code in {400, 403}


def test_a_thread_from_its_message(office: Office) -> None:
    town = office.running.town
    consent(town, town.centre, purpose="REFERRAL")
    message = submit_message(town.house, system_of(town.ngo), referral(town.ngo, town.centre), NOW).message
    office.deliver()
    curator = office.seat(town.centre, "curator")
    page = curator.get(f"/messages/{message.id}")
    answer = taken(curator, page, f"/messages/{message.id}/export", form="fhir")
    assert answer.headers["content-type"] == "application/fhir+json"
    assert "Открыто" in curator.get(f"/messages/{message.id}").text


def test_the_whole_export_of_a_head(office: Office) -> None:
    town = office.running.town
    publish(town)
    head = office.seat(town.ngo, "head")
    listed = head.get("/exports")
    assert "Выгрузка" in head.get("/queue").body
    page = head.send(listed, "/exports", form="csv")
    assert page.heading == "Выгрузка сведений"
    assert "идёт" in page.text
    export = page.address.rpartition("/")[2]
    answer = taken(head, page, f"/exports/{export}/archive")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    done = head.get(f"/exports/{export}")
    assert "закончена" in done.text
    assert "Все части переданы" in done.text
    english = head.get(f"/exports/{export}?lang=en")
    assert english.heading == "Export of data"
    withheld = next(line for line in english.body.split("\n") if "no program lets out by itself" in line)
    assert not re.search("[А-Яа-яЁё]", withheld), withheld
    assert "Тайна усыновления" in done.text
    officer = office.seat(town.ngo, "dpo")
    assert "Руководитель выгружает все сведения" in officer.get("/decisions").text


def test_resumed_and_cancelled(office: Office) -> None:
    town = office.running.town
    publish(town)
    head = office.seat(town.ngo, "head")
    page = head.send(head.get("/exports"), "/exports", form="xml")
    export = page.address.rpartition("/")[2]
    refused = head.send(page, f"/exports/{export}/archive", first="7")
    assert refused.status == 409
    over = head.send(head.get(f"/exports/{export}"), f"/exports/{export}/cancel")
    assert "отменена" in over.text
    again = head.get("/exports")
    assert "Прежние выгрузки" in again.text


@pytest.mark.parametrize("role", ["curator", "dpo", "administrator"])
def test_nobody_else(office: Office, role: str) -> None:
    browser = office.seat(office.running.town.ngo, role)
    page = browser.get("/exports")
    assert page.status == 403
    assert "/exports" not in browser.get("/queue").body
    assert browser.post("/exports", form="csv").status in {400, 403}


def test_tables_in_cp1251_from_pages(office: Office) -> None:
    town = office.running.town
    consent(town, town.centre, purpose="REFERRAL")
    draft = referral(town.ngo, town.centre, requested_action="Срочно 😟")
    message = submit_message(town.house, system_of(town.ngo), draft, NOW).message
    office.deliver()
    curator = office.seat(town.centre, "curator")
    page = curator.get(f"/messages/{message.id}")
    assert "Windows-1251" in page.text
    action = f"/messages/{message.id}/export"
    refused = taken(curator, page, action, form="csv", encoding="cp1251")
    assert refused.status_code == 400
    assert "U+1F61F" in refused.text
    answer = taken(curator, page, action, form="csv", encoding="cp1251", nearest="true")
    assert answer.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert "Срочно ?" in archive.read("sections.csv").decode("cp1251")
