"""The pages of exports as axe, a keyboard and a phone see them, in both languages."""

# ruff: noqa: F811  fixtures are imported by their names

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.builders import publish
from tests.system.test_browser import Desk, Served, chromium, served, sit  # noqa: F401  fixtures
from tests.system.test_work_pages import shot

pytestmark = pytest.mark.system

RUSSIAN = re.compile("[А-Яа-яЁё]")


def regions(desk: Desk) -> list[str]:
    """What stands outside of every landmark."""
    rules = {"runOnly": {"type": "rule", "values": ["region"]}}
    response = Axe().run(desk.page, options=rules).response
    assert {one["id"] for one in response["passes"] + response["violations"]} == {"region"}, "the rule was asked"
    return [node["html"] for one in response["violations"] for node in one["nodes"]]


def test_every_page_of_exports(served: Served, sit: Callable[[bool], Desk]) -> None:
    publish(served.town)
    desk = sit(True)
    desk.sign_in("head")
    desk.go("/exports")
    assert regions(desk) == []
    desk.look("exports-empty")
    desk.page.locator(".mz-export__begin").focus()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/exports/*")
    address = desk.page.url.removeprefix(desk.address)
    for language, name in (("ru", "export"), ("en", "export-en")):
        desk.go(f"{address}?lang={language}")
        assert regions(desk) == []
        desk.look(name)
        shot(desk, name)
    listed = desk.page.locator("main ul").last.inner_text()
    assert "Adoption" in listed
    assert not RUSSIAN.search(listed), listed
    with desk.page.expect_download() as started:
        desk.press("form[action$=archive] button")
    started.value.path()
    desk.go(f"{address}?lang=ru")
    assert "закончена" in desk.body()
    desk.look("export-done")
    shot(desk, "export-done")
    desk.go("/exports")
    desk.look("exports")
    shot(desk, "exports")
    assert desk.faults == []
