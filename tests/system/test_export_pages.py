"""The encoding of tables of an export in a browser: chosen, refused with the signs, taken with the nearest; on a phone too."""

# ruff: noqa: F811  fixtures are imported by their names

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.building import utc_now
from gateway.exchange.relay import relay_once
from gateway.use_cases.register_participants import register_person
from gateway.use_cases.submit_message import submit_message
from tests.builders import consent, referral, system_of
from tests.system.test_browser import PASSWORD, Desk, Served, chromium, served, sit  # noqa: F401  fixtures
from tests.system.test_work_pages import shot

pytestmark = pytest.mark.system


def test_tables_in_windows_1251(served: Served, sit: Callable[[bool], Desk]) -> None:
    town, now = served.town, utc_now()
    register_person(town.house, town.centre.id, "exporter", "Петрова", PASSWORD, ["curator"], now, synthetic=True)
    consent(town, town.centre, purpose="REFERRAL", given_on="2025-01-10", valid_to=None)
    draft = referral(town.ngo, town.centre, requested_action="Срочно 😟")
    message = submit_message(town.house, system_of(town.ngo), draft, now).message
    relay_once(town.house, now)
    desk = sit(True)
    desk.sign_in("exporter")
    page = desk.page
    desk.go(f"/messages/{message.id}")
    page.get_by_text("Выгрузить файлом").click()
    page.get_by_text("Кодировка таблиц").click()
    page.select_option("#export-encoding", "cp1251")
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.set_viewport_size({"width": 1200, "height": 900})
    desk.look("export-encoding")  # axe
    shot(desk, "export-encoding")
    page.locator(".mz-export form button[type=submit]").click()
    assert "U+1F61F" in desk.body()
    shot(desk, "export-encoding-refused")
    desk.go(f"/messages/{message.id}")
    page.get_by_text("Выгрузить файлом").click()
    page.get_by_text("Кодировка таблиц").click()
    page.select_option("#export-encoding", "cp1251")
    page.get_by_label("Заменить знаки").check()
    with page.expect_download() as waiting:
        page.locator(".mz-export form button[type=submit]").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    assert "Срочно ?" in archive.read("sections.csv").decode("cp1251")
