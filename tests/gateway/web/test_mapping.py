"""«Свой формат таблицы»: a specialist shows a sample, corrects what is proposed, tries it and keeps it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

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
    assert set(early.complaints.values()) >= {"Выберите поле или «Не принимать»"}
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
    assert "«nash», версия 1" in curator.get("/files/mapping").text
    report = bring(curator, "list.csv", "nash", table())
    assert "2 записи сохранены" in report.text
    # Again under the same name it is a new version.
    changed = press(curator, unnamed, "keep", **{"name": "nash", "column-6": "curator_name"})
    assert "«nash», версия 2" in changed.text


def test_one_field_has_one_column_and_what_is_needed_is_asked(curator: Browser) -> None:
    page = press(curator, show(curator, table(), base="families"), "agree")
    twice = press(curator, page, "try", **{"column-6": "child.snils"})
    assert twice.complaints == dict.fromkeys(("column-2", "column-6"), "Это поле выбрано для двух столбцов")
    without = press(curator, page, "try", **{"column-1": "-"})
    assert without.complaints == {
        "missing": "Нет обязательного поля: выберите столбец или впишите одно значение для всех строк"
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
    ("typed", "place"),
    [
        ({"values": "пол"}, "values: 1"),
        ({"values": "child.nothing: а = б"}, "values: child.nothing"),
        ({"utc_offset": "+5"}, "utc_offset"),
        ({"name": "Имя"}, "name"),
        ({"name": "families"}, "name"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(curator: Browser, typed: dict[str, str], place: str) -> None:
    page = press(curator, show(curator, table(), base="families"), "agree")
    wrong = press(curator, page, "keep", **({"name": "nash"} | typed))
    assert wrong.status == 400
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
