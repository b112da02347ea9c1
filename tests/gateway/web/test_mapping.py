"""«Свой формат таблицы»: a specialist shows a sample, corrects what is proposed, tries it and keeps it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from gateway.web.mapping_form import ON_PAGE
from tests.adapters.workbooks import workbook
from tests.gateway.signed.world import entries
from tests.gateway.web.conftest import Browser, Office, Page
from tests.gateway.web.test_files import bring

HEAD = ["Номер дела", "ФИО ребенка полностью", "СНИЛC", "Дата рожд. ребёнка", "Пол", "Кот", "Доп. сведения"]
ROWS = [
    ["С-1", "Синтетова Анна Примеровна", "112-233-445 95", "01.02.2019", "дев", "Мурзик", ""],
    ["С-2", "Синтетов Пётр Примерович", "", "03.04.2020", "мал", "", "есть бабушка"],
]


def table(rows: list[list[str]] | None = None) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([HEAD, *(rows or ROWS)])
    return out.getvalue().encode()


def show(browser: Browser, content: bytes, **typed: Any) -> Page:
    return browser.send(browser.get("/files/mapping"), files={"table": ("Синтетовы.csv", content, "text/csv")}, **typed)


def press(browser: Browser, page: Page, button: str, **typed: Any) -> Page:
    nothing = {"file": ("", b"", "application/octet-stream")}
    return browser.send(page, files=typed.pop("files", nothing), do=button, **typed)


def chosen(page: Page) -> dict[str, str]:
    """What stands in the page beside each heading."""
    fields = page.fields()
    return {head: fields.get(f"column-{number}", [""])[0] for number, head in enumerate(HEAD)}


@pytest.fixture
def curator(office: Office) -> Browser:
    return office.seat(office.running.town.centre, "curator")


def test_a_list_is_read_by_a_format_that_was_made_on_the_page(office: Office, curator: Browser) -> None:
    page = show(curator, table(), base="families")
    assert page.status == 200
    assert "Синтет" not in page.text
    assert "Мурзик" not in page.text
    row = next(r for r in page.tree.xpath("//table/tbody/tr") if "ФИО ребенка полностью" in r.text_content())
    cells = [" ".join(cell.text_content().split()) for cell in row]
    assert set(cells[1]) == set("Хх … "), "shapes, not words"
    assert "название похоже: «Ребёнок: ФИО»" in cells[2]
    # Only what is spelt right is taken without a word of hers.
    assert chosen(page) == dict.fromkeys(HEAD, "") | {"Номер дела": "case_ref", "Пол": "child.sex"}
    early = press(curator, page, "keep", name="nash")
    assert early.status == 400
    assert early.complaints["column-5"] == "Столбец «Кот»: Выберите поле или «Не принимать»", (
        "the column is named, and led to"
    )
    assert {link for link in early.complaints if link != "missing"} <= set(early.tree.xpath("//select/@id"))
    agreed = press(curator, early, "agree")
    found = chosen(agreed)
    assert (found["ФИО ребенка полностью"], found["СНИЛC"], found["Кот"]) == ("child.full_name", "child.snils", "-")
    assert "Кот, Доп. сведения" in agreed.text, "what is left without a field is said"
    # «дев» and «мал» mean nothing to the gateway until she says so.
    birth = {"column-3": "child.birth_date"}
    tried = press(curator, agreed, "try", **birth)
    assert "2 с ошибками" in tried.text
    words = {"values": "child.sex: дев = F\nchild.sex: мал = M"}
    again = press(curator, tried, "try", **words)
    assert "2 подходят" in again.text
    assert "Столбец известен, но такие сведения не хранятся. — 2" in again.text
    assert not entries(office.running.house, "profile.changed"), "a trial keeps nothing"
    assert again.fields()["name"] == ["nash"], "what was typed stays"
    unnamed = press(curator, again, "keep", name="")
    assert unnamed.complaints == {"name": "Дайте формату имя латиницей"}
    kept = press(curator, unnamed, "keep", name="nash")
    assert "«nash», версия 1" in kept.text
    (entry,) = entries(office.running.house, "profile.changed")
    assert (entry["name"], entry["version"]) == ("nash", 1)
    assert "nash" in curator.get("/files/mapping").tree.xpath("string(//table/tbody/tr/th)")
    report = bring(curator, "list.csv", "nash", table())
    assert "2 записи сохранены" in report.text
    # Again under the same name it is a new version.
    changed = press(curator, unnamed, "keep", **{"name": "nash", "column-6": "curator_name"})
    assert "«nash», версия 2" in changed.text


def test_one_field_has_one_column_and_what_is_needed_is_asked(curator: Browser) -> None:
    page = press(curator, show(curator, table(), base="families"), "agree")
    twice = press(curator, page, "try", **{"column-6": "child.snils"})
    assert twice.complaints == {
        "column-2": "Столбец «СНИЛC»: Это поле выбрано для двух столбцов",
        "column-6": "Столбец «Доп. сведения»: Это поле выбрано для двух столбцов",
    }
    without = press(curator, page, "try", **{"column-1": "-"})
    assert without.complaints == {
        "missing": "Нет обязательного поля «Ребёнок: ФИО»: выберите столбец или впишите одно значение для всех строк"
    }
    assert "«Ребёнок: ФИО»" in without.text
    assert without.fields()["column-2"] == ["child.snils"], "what was chosen stays"


def test_one_value_for_all_rows_stands_for_a_column(curator: Browser, office: Office) -> None:
    rows = [["ФИО ребёнка", "Причина обращения (код)"], ["Проба Анна", "HOUSING"]]
    page = show(curator, workbook(rows), base="referrals")
    missing = press(curator, page, "try")
    assert "missing" in missing.complaints
    to = office.running.town.ngo.ogrn
    tried = press(curator, missing, "try", **{"default-recipient_ogrn": to})
    assert "1 подходит" in tried.text
    wrong = press(curator, tried, "keep", **{"default-recipient_ogrn": "1", "name": "own-list"})
    assert wrong.status == 400
    assert "defaults: recipient_ogrn" in wrong.tree.xpath("string(//div[contains(@class,'govuk-error-summary')])")


@pytest.mark.parametrize(
    ("typed", "place", "field"),
    [
        ({"values": "пол"}, "values: 1", "values"),
        ({"values": "child.nothing: а = б"}, "values: child.nothing", "values"),
        ({"utc_offset": "+5"}, "utc_offset", "utc_offset"),
        ({"default-as_of": "вчера"}, "defaults: as_of", "default-as_of"),
        ({"name": "Имя"}, "name", "name"),
        ({"name": "families"}, "name", "name"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(curator: Browser, typed: dict[str, str], place: str, field: str) -> None:
    page = press(curator, show(curator, table(), base="families"), "agree")
    wrong = press(curator, page, "keep", **({"name": "nash"} | typed))
    assert wrong.status == 400
    assert [*wrong.complaints] == [field]
    assert wrong.tree.xpath(f"//*[@id='{field}']"), "the link leads somewhere"
    assert place in wrong.tree.xpath("string(//div[contains(@class,'govuk-error-summary')])")


def test_a_large_sample_is_not_carried_and_is_chosen_again(curator: Browser) -> None:
    large = table([[f"С-{n}", f"Синтетова Анна {'я' * 20}", "", "01.02.2019", "F", "", ""] for n in range(2000)])
    page = press(curator, show(curator, large, base="families"), "agree")
    assert page.fields()["sample"] == [""]
    assert "выберите файл ещё раз" in page.text
    nothing = press(curator, page, "try", **{"column-3": "child.birth_date"})
    assert nothing.status == 400
    tried = press(
        curator,
        nothing,
        "try",
        files={"file": ("x.csv", table([["С-1", "Проба Анна", "", "01.02.2019", "F", "", ""]]), "text/csv")},
    )
    assert "1 подходит" in tried.text


def test_what_is_no_table_or_not_ours_is_refused(curator: Browser) -> None:
    no_file = show(curator, b"")
    assert no_file.status == 400
    unknown = show(curator, "привет;мир\n1;2\n".encode())
    assert unknown.status == 400
    assert "Синтет" not in unknown.text
    page = show(curator, table(), base="families")
    for altered in (
        {"table": "{}"},
        {"table": page.fields()["table"][0].replace("families", "invented")},
        {"sample": "?"},
    ):
        assert press(curator, page, "try", **altered).status == 400


def test_overseers_do_not_make_formats(office: Office) -> None:
    dpo = office.seat(office.running.town.centre, "dpo")
    assert dpo.get("/files/mapping").status == 403


def test_the_page_speaks_english(office: Office, curator: Browser) -> None:
    page = curator.get("/files/mapping?lang=en")
    assert page.heading == "Your own table format"
    shown = show(curator, table(), base="families")
    assert "look-alike letters: «Ребёнок: СНИЛС»" in shown.text


# --- many columns ----------------------------------------------------------------------------------------------------

MANY = 512


def wide(headings: list[str] | None = None) -> bytes:
    """As many columns as a table may have, the known ones at both ends."""
    head = headings or ["ФИО ребенка полностью", *(f"Показатель {n}" for n in range(2, MANY)), "Номер дела"]
    row = ["Проба Анна", *("7" for _ in head[2:]), "С-1"]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([head, row])
    return out.getvalue().encode()


def buttons(page: Page) -> list[str]:
    return [str(value) for value in page.tree.xpath("//button[@name='do']/@value")]


def selects(page: Page) -> list[str]:
    return [str(name) for name in page.tree.xpath("//select[starts-with(@name,'column-')]/@name")]


def test_a_table_of_as_many_columns_as_may_be_is_mapped_part_by_part(office: Office, curator: Browser) -> None:
    first = show(curator, wide(), base="families")
    assert selects(first) == [f"column-{n}" for n in range(ON_PAGE)]
    assert "Часть 1 из 11; всего 512 столбцов." in first.text
    assert buttons(first) == ["agree", *(f"page-{n}" for n in range(2, 12)), "try", "keep"]
    last = press(curator, first, "page-11", **{"column-0": "child.full_name", "column-1": "-"})
    assert selects(last) == [f"column-{n}" for n in range(500, MANY)]
    assert chosen_of(last, 511) == "case_ref"
    kept_out = press(curator, last, "keep", name="wide", **{"column-511": "curator_name"})
    assert kept_out.status == 400
    assert [*kept_out.complaints][:2] == ["column-500", "column-501"]
    assert kept_out.complaints["page-1"] == "Ещё 48 столбцов в другой части: часть 1"
    assert "page-11" not in kept_out.complaints
    agreed = press(curator, kept_out, "agree")
    back = press(curator, agreed, "page-1")
    assert (chosen_of(back, 0), chosen_of(back, 1), chosen_of(back, 2)) == ("child.full_name", "-", "-")
    tried = press(curator, back, "try")
    assert "1 подходит" in tried.text
    kept = press(curator, tried, "keep", name="wide")
    assert "«wide», версия 1" in kept.text
    assert "1 запись сохранена" in bring(curator, "list.csv", "wide", wide()).text
    content = curator.get("/files/mapping/formats/wide").tree.xpath("string(//pre)")
    assert "Номер дела: curator_name" in content, "what was chosen on the last page holds"


def chosen_of(page: Page, number: int) -> str:
    return page.fields()[f"column-{number}"][0]


def test_what_is_wrong_in_another_part_is_shown_there(curator: Browser) -> None:
    page = press(curator, show(curator, wide(), base="families"), "agree")
    there = press(curator, page, "page-11")
    elsewhere = press(curator, press(curator, there, "page-1", **{"column-511": ""}), "try")
    assert elsewhere.complaints == {"column-511": "Столбец «Номер дела»: Выберите поле или «Не принимать»"}
    assert "column-511" in selects(elsewhere)
    same = press(curator, press(curator, page, "page-2", **{"column-0": "child.full_name"}), "page-400")
    assert "column-511" in selects(same), "there is no part 400: the last is shown"


def test_headings_as_long_as_may_be_are_carried_whole(curator: Browser) -> None:
    headings = ["ФИО ребенка полностью", *(f"{n} " + "я" * 190 for n in range(2, MANY)), "Номер дела"]
    page = press(curator, show(curator, wide(headings), base="families"), "agree")
    assert page.status == 200
    assert len(page.fields()["table"]) == 6
    assert "«long», версия 1" in press(curator, page, "keep", name="long").text


def test_no_form_is_longer_than_a_table_may_be(curator: Browser) -> None:
    page = show(curator, wide(), base="families")
    parts = page.fields()["table"]
    assert press(curator, page, "try", table=[*parts, *parts]).status == 400


def test_columns_of_one_heading_are_read_in_one_way(curator: Browser) -> None:
    two = "ФИО ребёнка;Примечание;Примечание\nПроба Анна;а;б\n".encode()
    page = press(curator, show(curator, two, base="families"), "agree")
    wrong = press(curator, page, "try", **{"column-2": "child.school"})
    assert [*wrong.complaints] == ["column-1", "column-2"]
    assert "одинаковым заголовком" in wrong.complaints["column-1"]


def test_a_heading_that_names_somebody_is_led_to(curator: Browser) -> None:
    page = press(
        curator, show(curator, "ФИО ребёнка;Примерова Анна Ивановна\nПроба Анна;а\n".encode(), base="families"), "agree"
    )
    wrong = press(curator, page, "keep", name="own-list")
    assert wrong.status == 400
    assert [*wrong.complaints] == ["column-1"]
    assert "заголовок называет человека" in wrong.complaints["column-1"]


# --- formats that there are ------------------------------------------------------------------------------------------


def made(curator: Browser, name: str = "nash") -> None:
    page = press(curator, show(curator, table(), base="families"), "agree")
    birth = {"column-3": "child.birth_date"}
    assert (
        press(curator, page, "keep", name=name, **birth, values="child.sex: дев = F\nchild.sex: мал = M").status == 200
    )


def test_a_format_is_withdrawn_after_a_question_and_what_was_taken_stays(office: Office, curator: Browser) -> None:
    made(curator)
    assert "2 записи сохранены" in bring(curator, "list.csv", "nash", table()).text
    begin = curator.get("/files/mapping")
    (row,) = begin.tree.xpath("//table/tbody/tr")
    cells = [" ".join(cell.text_content().split()) for cell in row]
    assert (cells[0], cells[1]) == ("nash", "1")
    assert (
        cells[3] == office.running.town.centre_staff_name
        if hasattr(office.running.town, "centre_staff_name")
        else cells[3]
    )
    history = curator.get("/files/mapping/formats/nash")
    assert "Версии" in history.text
    ask = curator.get("/files/mapping/formats/nash/withdraw")
    assert ask.heading == "Отозвать формат «nash»?"
    assert len(entries(office.running.house, "profile.changed")) == 1, "a question is no deed"
    gone = curator.send(ask)
    assert "Формат отозван" in gone.text
    withdrawn = entries(office.running.house, "profile.changed")[-1]
    assert (withdrawn["name"], withdrawn["version"]) == ("nash", 2)
    (row,) = gone.tree.xpath("//table/tbody/tr")
    assert "Отозванные форматы" in gone.tree.xpath("string(//table)")
    refused = bring(curator, "list.csv", "nash", table())
    assert refused.status == 400
    assert "Формат «nash» отозван" in refused.text
    assert "сохраните новую версию" in refused.text
    assert "nash" not in curator.get("/files").tree.xpath("//input[@name='profile']/@value")
    assert len(curator.get("/files/families").tree.xpath("//main//a[contains(@href,'/files/families/')]")) == 2, (
        "taken stays"
    )
    versions = curator.get("/files/mapping/formats/nash").tree.xpath("//table/tbody/tr")
    said = [" ".join(version.text_content().split()) for version in versions]
    assert [line.rpartition(" ")[0].split(" ")[:3] for line in said] == [
        ["Версия", "2", "отозван"],
        ["Версия", "1", "сохранён"],
    ]
    assert curator.get("/files/mapping/formats/nash/withdraw").heading == "Формат «nash»", "nothing to ask"
    assert len(entries(office.running.house, "profile.changed")) == 2
    made(curator)
    assert bring(curator, "list.csv", "nash", table()).status == 200, "a new version brings it back"


def test_nobody_elses_formats_and_no_unknown_ones_are_shown(office: Office, curator: Browser) -> None:
    made(curator)
    other = office.seat(office.running.town.ngo, "curator")
    for path in ("/files/mapping/formats/nash", "/files/mapping/formats/nash/withdraw", "/files/mapping/formats/none"):
        assert other.get(path).status == 400
    dpo = office.seat(office.running.town.centre, "dpo")
    assert dpo.get("/files/mapping/formats/nash").status == 403
    assert dpo.get("/files/mapping/formats/nash/withdraw").status == 403
