"""«Свой формат таблицы» and the report about a file as axe, a keyboard, a phone and a browser without script have them."""

# ruff: noqa: F811  fixtures are imported by their names

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.building import utc_now
from gateway.use_cases.register_participants import register_person
from tests.gateway.rest.test_files import VECTORS
from tests.gateway.web.test_mapping import table, wide
from tests.system.test_browser import PASSWORD, Desk, Served, chromium, served, sit  # noqa: F401  fixtures

pytestmark = pytest.mark.system

SHOTS = os.environ.get("MEZHVED_SCREENSHOTS")
"""A folder: pictures of every page are put there, wide and narrow."""


def shot(desk: Desk, name: str) -> None:
    if not SHOTS:
        return
    folder = Path(SHOTS)
    folder.mkdir(parents=True, exist_ok=True)
    for width in (1200, 375):
        desk.page.set_viewport_size({"width": width, "height": 900})
        desk.page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
    desk.page.set_viewport_size({"width": 1200, "height": 900})


Look = Callable[[str, str], None]
"""At a page under this name, which says these words."""


def seated(served: Served, sit: Callable[[bool], Desk], login: str, name: str, *, script: bool) -> tuple[Desk, Look]:
    """Somebody of the centre before a browser, signed in."""
    home = served.town.centre
    register_person(served.town.house, home.id, login, name, PASSWORD, ["curator"], utc_now(), synthetic=True)
    desk = sit(script)
    desk.sign_in(login)

    def look(page: str, words: str) -> None:
        assert words in desk.page.locator("main").inner_text()
        desk.look(page)
        shot(desk, f"{page}{'' if script else '-noscript'}")

    return desk, look


@pytest.mark.parametrize("script", [True, False])
def test_a_table_of_as_many_columns_as_may_be_is_gone_through_part_by_part(
    served: Served, sit: Callable[[bool], Desk], tmp_path: Path, script: bool
) -> None:
    login, sample = f"wide{int(script)}", tmp_path / "wide.csv"
    sample.write_bytes(wide())
    desk, look = seated(served, sit, login, "Широкая Проба", script=script)
    desk.go("/files/mapping")
    desk.page.check("input[name=base][value=families]")
    desk.page.set_input_files("#table", sample)
    desk.press("text=Посмотреть столбцы")
    look("wide-first", "Часть 1 из 11")
    desk.page.select_option("#column-0", "child.full_name")
    desk.page.locator("#page-11").focus()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("#column-511")
    assert desk.page.locator("#column-511").input_value() == "case_ref"
    desk.press("button[value=keep]")
    look("wide-mistakes", "в другой части: часть 1")
    # A line of the summary leads to its field, one of another part to the button that shows it.
    desk.page.locator(".govuk-error-summary a").first.focus()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_function("document.activeElement.id === 'column-500' || location.hash === '#column-500'")
    desk.press("button[value=agree]")
    desk.page.fill("#name", login)
    desk.press("button[value=keep]")
    look("wide-kept", "Формат сохранён")
    desk.go(f"/files/mapping/formats/{login}")
    assert "Показатель 300: '-'" in desk.page.locator("pre").text_content()
    assert "child.full_name" in desk.page.locator("pre").text_content(), "what was chosen first was carried"
    assert desk.faults == []


@pytest.mark.parametrize("script", [True, False])
def test_a_format_is_made_tried_and_used(
    served: Served, sit: Callable[[bool], Desk], tmp_path: Path, script: bool
) -> None:
    login, sample = f"lists{int(script)}", tmp_path / "sample.csv"
    sample.write_bytes(table())
    desk, look = seated(served, sit, login, "Списочная Проба", script=script)
    desk.go("/files")
    desk.press("text=Свой формат таблицы")
    desk.page.check("input[name=base][value=families]")
    desk.page.set_input_files("#table", sample)
    look("mapping-begin", "Загрузите образец")
    desk.press("text=Посмотреть столбцы")
    look("mapping-proposed", "Выберите поля для")
    desk.press("button[value=keep]")
    look("mapping-mistakes", "Выберите поле или «Не принимать»")
    desk.press("button[value=agree]")
    desk.page.select_option("#column-3", "child.birth_date")
    # By the keyboard alone: open the details, write own words, go on to the button.
    desk.page.locator("summary").first.focus()
    if not desk.page.locator("#values").is_visible():
        desk.page.keyboard.press("Enter")
    desk.page.fill("#values", "child.sex: дев = F\nchild.sex: мал = M")
    desk.page.locator("button[value=try]").focus()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("#tried")
    look("mapping-tried", "2 подходят")
    desk.page.fill("#name", login)
    desk.press("button[value=keep]")
    look("mapping-kept", "Формат сохранён")
    desk.go("/files")
    desk.page.check(f"input[name=profile][value={login}]")
    desk.page.set_input_files("#table", sample)
    desk.hand_in()
    look("report-own", "2 приняты")
    desk.go("/files")
    desk.page.check("input[name=profile][value=families]")
    desk.page.set_input_files("#table", VECTORS / "families.xlsx")
    desk.hand_in()
    look("report-losses", "Отчёт о потерях")
    _withdraw(desk, login, look)
    desk.go("/files/mapping?lang=en")
    look("mapping-english", "Your own table format")
    assert desk.faults == []


def _withdraw(desk: Desk, login: str, look: Callable[[str, str], None]) -> None:
    """The list, the versions, the question, the deed by the keyboard."""
    desk.go("/files/mapping")
    look("formats", "Сохранённые форматы")
    desk.press(f"main table a >> text={login}")
    look("format-versions", "Версии")
    desk.press("text=Отозвать формат")
    look("format-withdraw", "Что уже принято, останется как есть")
    desk.page.locator("main form button").focus()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector(".govuk-notification-banner")
    look("format-withdrawn", "Формат отозван")
