"""«Файлы»: a specialist brings a list from her own machine, looks at it, publishes and sends on."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from adapters.documents.writer import write_document
from gateway.use_cases.run_imports import run_import
from gateway.use_cases.submit_message import submit_message
from tests.adapters.workbooks import workbook
from tests.builders import NOW, referral, system_of
from tests.format_folders import format_folder
from tests.gateway.rest.test_format_folders import LINES, document
from tests.gateway.test_intake import consent_of
from tests.gateway.web.conftest import Browser, Office, Page

VECTORS = Path(__file__).parents[2] / "vectors" / "tables"


def bring(browser: Browser, name: str, profile: str, content: bytes | None = None, **typed: Any) -> Page:
    data = (VECTORS / name).read_bytes() if content is None else content
    return browser.send(
        browser.get("/files"), files={"table": (name, data, "application/octet-stream")}, profile=profile, **typed
    )


def link(page: Page, words: str) -> str:
    return next(a.get("href") for a in page.tree.xpath("//main//a") if words in a.text_content())


def test_a_list_of_families_is_looked_at_and_published(office: Office) -> None:
    curator = office.seat(office.running.town.centre, "curator")
    report = bring(curator, "Синтетовы.xlsx", "families", (VECTORS / "families.xlsx").read_bytes())
    assert report.status == 200
    assert all(count in report.text for count in ("3 записи", "2 приняты", "1 отклонена"))
    assert "2 записи сохранены. Их видит только ваша организация." in report.text
    (row,) = report.tree.xpath("//table[@aria-labelledby='group-errors']/tbody/tr")
    cells = [" ".join(cell.text_content().split()) for cell in row]
    assert cells[:3] == ["10", "Ребёнок: Дата рождения", "Год записан двумя цифрами: век не определить."]
    (dropped,) = report.tree.xpath("//table[@aria-labelledby='lost-dropped']")
    shown = [" ".join(cell.text_content().split()) for cell in dropped.xpath("./tbody/tr[contains(., 'итогов')]/td")]
    assert "Лист 2" in dropped.text_content()
    assert shown == ["Файл", "Строка итогов не принята.", "11", "1"]
    assert re.search(r"в журнале: [0-9a-f]{64} Номер", report.text)
    assert "Синтетов" not in report.text, "neither a value nor the name of the file"
    returned = curator.send(report, f"{report.address}/refused")
    assert returned.headers["content-disposition"] == 'attachment; filename="otkloneno.xlsx"'
    saved = load_workbook(io.BytesIO(returned.content))
    assert saved.active["N4"].value == "Ошибка"
    listed = curator.get("/files/families")
    assert "Синтетова Анна Примеровна, Синтетов Пётр Примерович" in listed.text
    one = curator.get(link(listed, "СС-1/26"))
    assert "Нет СНИЛС" in one.text
    assert one.fields("/files/families/" + one.address.rpartition("/")[2] + "/publish")["curator_name"] == [
        "Кураторова К.К."
    ]
    publish = one.address + "/publish"
    wrong = curator.send(one, publish, erase_after="вчера", curator_phone="+70000000000")
    assert wrong.status == 400
    assert "не хватает сведений" in wrong.text
    assert wrong.fields(publish)["curator_phone"] == ["+70000000000"], "what was typed stays"
    done = curator.send(one, publish, curator_phone="+70000000000")
    assert "Сведения опубликованы" in done.text
    assert "СС-1/26" not in done.text
    gone = curator.get(one.address)
    assert gone.status == 404


def test_a_signal_is_sent_on(office: Office) -> None:
    town = office.running.town
    teacher = office.seat(town.school, "head")
    bring(teacher, "signals.csv", "signals")
    listed = teacher.get("/files/signals")
    one = teacher.get(f"/files/signals/{link(listed, '1').rpartition('/')[2]}")
    first = one if "Соседка" in one.text else teacher.get(link(listed, "2"))
    assert "Ребёнок вечером один на улице." in first.text
    send = first.address + "/send"
    bare = teacher.send(first, send)
    assert (bare.status, "нужны получатель, повод и срочность" in bare.text) == (400, True)
    sent = teacher.send(
        first, send, recipient=town.guardianship.ogrn, trigger="no_care", urgency="urgent", received_by="phone"
    )
    assert "Сигнал отправлен." in sent.text
    again = teacher.get(first.address)
    assert again.status == 404


def test_answers_are_given_by_a_table(office: Office) -> None:
    """By a person, as on the page of a message: a case of a colleague is answered by whoever works on it."""
    town = office.running.town
    messages = [
        submit_message(
            town.house,
            system_of(town.school),
            referral(town.school, town.guardianship, type="signal", trigger="threat", ref=f"S-{number}"),
            NOW,
        ).message.id
        for number in range(2)
    ]
    office.deliver()
    person = office.seat(town.guardianship, "guardianship_specialist")
    rows = f"Номер сообщения;Статус;Цвет\r\n{messages[0]};Принято;синий\r\n{messages[1]};съедено;\r\n".encode()
    report = bring(person, "answers.csv", "answers", rows)
    assert all(count in report.text for count in ("2 записи", "1 принята", "1 отклонена"))
    assert "Такого события нет." in report.text
    assert re.search(r"в журнале: [0-9a-f]{64} Номер", report.text)
    assert "принято" in person.get(f"/messages/{messages[0]}").text.lower()
    returned = person.send(report, f"{report.address}/refused").content.decode()
    assert messages[0] not in returned
    again = bring(person, "answers.csv", "answers", returned.replace("съедено", "Принято").encode())
    assert "1 принята" in again.text
    colleague = office.seat(town.guardianship, "curator")
    refused = bring(colleague, "a.csv", "answers", f"Номер сообщения;Статус\r\n{messages[0]};Завершено\r\n".encode())
    assert "1 отклонена" in refused.text
    assert "Принято" in person.get(f"/messages/{messages[0]}").text


def test_a_record_is_thrown_away(office: Office) -> None:
    curator = office.seat(office.running.town.centre, "curator")
    bring(curator, "families.csv", "families")
    assert "2 записи уже были сохранены такими же." in bring(curator, "families.csv", "families").text
    listed = curator.get("/files/families")
    one = curator.get(link(listed, "СС-2/26"))
    done = curator.send(one, one.address + "/discard")
    assert "удалена навсегда" in done.text
    assert "1 семья ждёт публикации" in curator.get("/files").text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "Это книга старого вида"),
        ("a.csv", "Кот;Пёс\n1;2\n".encode("cp1251"), "Строка заголовков не найдена"),
        ("a.xml", b"hello", "Это не XML"),
        ("a.csv", b"", "Файл пуст"),
    ],
)
def test_a_file_that_is_none_is_told_beside_the_form(office: Office, name: str, content: bytes, said: str) -> None:
    curator = office.seat(office.running.town.centre, "curator")
    page = bring(curator, name, "families", content)
    assert (page.status, said in page.text) == (400, True)
    assert page.heading == "Файлы"


def test_several_sheets_are_asked_for_and_answered(office: Office) -> None:
    curator = office.seat(office.running.town.centre, "curator")
    rows = [["№ дела", "ФИО ребёнка"], [1, "Пробный Лев"]]
    book = workbook(rows, more=[("Два", "visible", rows)])
    asked = bring(curator, "a.xlsx", "families", book)
    assert "на нескольких листах: 1, 2" in asked.text
    assert "сохранена" in bring(curator, "a.xlsx", "families", book, sheet="2").text
    assert curator.send(curator.get("/files"), profile="families").status == 400, "no file was chosen"


def test_others_and_overseers_find_nothing(office: Office) -> None:
    town = office.running.town
    curator = office.seat(town.centre, "curator")
    bring(curator, "families.csv", "families")
    record = link(curator.get("/files/families"), "СС-1/26")
    stranger = office.seat(town.ngo, "curator")
    assert "Здесь ничего нет." in stranger.get("/files/families").text
    assert stranger.get(record).status == 404
    for role in ("dpo", "administrator"):
        overseer = office.seat(town.centre, role)
        assert overseer.get("/files").status == 403
        assert overseer.get("/files/families").status == 403
        assert "/files" not in [a.get("href") for a in overseer.get("/queue").tree.xpath("//nav//a")]
    assert "/files" in [a.get("href") for a in curator.get("/queue").tree.xpath("//nav//a")]
    assert stranger.get("/files/letters").status == 400


def test_a_consent_is_not_recorded_from_a_file_on_a_page(office: Office) -> None:
    town = office.running.town
    curator = office.seat(town.ngo, "curator")
    refused = bring(curator, "consent.xml", "referrals", write_document(consent_of(town)))
    assert refused.status == 400
    assert "Согласия из файла принимает только система организации" in refused.text
    taken = bring(
        curator,
        "signal.xml",
        "referrals",
        write_document(referral(town.ngo, town.guardianship, type="signal", trigger="threat")),
    )
    assert "1 принята" in taken.text


def test_a_long_file_is_watched_and_its_page_says_how_far_it_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.web.files.AT_ONCE", 0)
    monkeypatch.setattr("gateway.use_cases.import_run.STEP", 1)
    curator = office.seat(office.running.town.centre, "curator")
    page = bring(curator, "families.csv", "families")
    assert page.address.startswith("/files/imports/")
    assert (page.heading, page.status) == ("Файл принимается", 200)
    assert "Файл ждёт своей очереди." in page.text
    house, steps = office.running.house, iter((False, True))
    run_import(house, lambda: NOW, stopping=lambda: next(steps))
    page = curator.get(page.address)
    assert "Готово записей: 2 из 3." in page.text
    (bar,) = page.tree.xpath("//progress")
    assert (bar.get("max"), bar.get("value")) == ("3", "2")
    listed = curator.get("/files")
    assert "принимается, 2 записи" in listed.text
    asked = curator.send(page, f"{page.address}/stop")
    assert "Приём остановится после записей, которые уже в работе." in asked.text
    run_import(house, lambda: NOW)
    report = curator.get(page.address)
    assert (report.heading, report.status) == ("Что стало с файлом", 200)
    assert "Приём остановлен по просьбе вашей организации." in report.text
    assert "Принятое до остановки осталось." in report.text
    assert "остановлен, 2 записи" in curator.get("/files").text


def test_refused_rows_may_be_removed_at_once(office: Office) -> None:
    curator = office.seat(office.running.town.centre, "curator")
    report = bring(curator, "families.csv", "families")
    gone = curator.send(report, f"{report.address}/stop")
    assert gone.status == 200
    assert "Сохранить отклонённые строки" not in gone.text
    assert curator.post(f"{report.address}/refused", **report.fields(f"{report.address}/refused")).status == 400


def test_a_file_of_a_folder_of_formats_is_known_by_the_end_of_its_name(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = office.running.town
    curator = office.seat(town.centre, "curator")
    with format_folder(tmp_path, monkeypatch, LINES) as folder:
        content = document(referral(town.centre, town.ngo)) + b"\n{}\n"
        report = bring(curator, "письма.lines", "referrals", content)
        assert report.status == 200
        assert "2 записи" in report.text
        assert "Пустая строка." in report.text
        returned = curator.send(report, f"{report.address}/refused")
    assert returned.headers["content-disposition"] == 'attachment; filename="otkloneno.lines"'
    assert returned.content.splitlines()[0] == b"LINES"
    assert returned.content.splitlines()[-1] == b"{}"
    assert folder.name


def test_the_page_of_an_import_is_its_organisations(office: Office) -> None:
    report = bring(office.seat(office.running.town.centre, "curator"), "families.csv", "families")
    other = office.seat(office.running.town.school, "curator")
    assert (other.get(report.address).status, other.get("/files/imports/none").status) == (404, 404)
    assert "Последние файлы" not in other.get("/files").text
