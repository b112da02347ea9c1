"""Documents in a real browser, with and without a script: added, refused, previewed, sent, downloaded."""

# ruff: noqa: F811  fixtures are imported by their names

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.adapters.attachment_files import HOSTILE, pdf
from tests.system.test_browser import (  # noqa: F401  fixtures
    PEOPLE,
    Desk,
    Served,
    _fill_in,
    _sign_consent,
    _wait,
    chromium,
    served,
    sit,
)
from tests.system.test_work_pages import SHOTS, shot

pytestmark = pytest.mark.system

SCAN = pdf()
ADD = "button[value=add_document]"


def _close_look(desk: Desk, name: str, place: str = ".mz-documents") -> None:
    """The whole page, and the documents on it by themselves."""
    shot(desk, name)
    for width in (1200, 375) if SHOTS else ():
        desk.page.set_viewport_size({"width": width, "height": 900})
        desk.page.locator(place).first.screenshot(path=Path(str(SHOTS)) / f"{name}-part-{width}.png")
    desk.page.set_viewport_size({"width": 1200, "height": 900})


def _describe(desk: Desk, kind: str, category: str, *, on: str = "10.01.2026") -> None:
    page = desk.page
    if not page.locator("#doc_kind").is_visible():
        page.locator(".mz-document-new summary").click()
    page.select_option("#doc_kind", kind)
    page.fill("#doc_on", on)
    page.check("input[name=doc_signers][value=curator]")
    page.select_option("#doc_category", category)


def _choose(desk: Desk, content: bytes, name: str = "скан Ивановой.pdf") -> None:
    desk.page.check("input[name=doc_how][value=file]")
    desk.page.set_input_files("#doc_file", {"name": name, "mimeType": "application/pdf", "buffer": content})


def _see(desk: Desk, *titles: str) -> None:
    """Exactly these documents, as soon as the page is there."""
    expect(desk.page.locator(".mz-document__title")).to_have_text(list(titles))


def _digest(desk: Desk) -> None:
    """The page computes the digest of a file that stays where it is; without a script somebody types it."""
    page, wanted = desk.page, hashlib.sha256(SCAN).hexdigest()
    page.check("input[name=doc_how][value=fact]")
    if desk.script:
        page.set_input_files("#doc_digest", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": SCAN})
        # Nothing is evaluated in the page: its policy forbids that.
        expect(page.locator("#doc_sha256")).to_have_value(wanted)
    else:
        assert not page.locator("#doc_digest").is_visible()
        page.fill("#doc_sha256", wanted)


def _compose(desk: Desk, recipient: str, number: str) -> None:
    """A file that is refused beside its field, then three documents; what was typed stays through all of it."""
    page = desk.page
    desk.go("/referrals/new")
    _fill_in(desk, recipient, number)
    _sign_consent(desk)
    _describe(desk, "first_visit_report", "ID")
    _choose(desk, HOSTILE["PDF with a script"][0])
    desk.look("document described")
    _close_look(desk, f"document-described-{number}")
    desk.press(ADD)
    page.wait_for_selector(".govuk-error-summary")
    assert "макросы или сценарии" in desk.body()
    assert page.input_value("#child_name") == "Пробный Тест Тестович"
    assert page.input_value("#doc_kind") == "first_visit_report"
    desk.look("document refused")
    _close_look(desk, f"document-refused-{number}")
    _choose(desk, SCAN)
    desk.press(ADD)
    page.wait_for_selector(".mz-document")
    _see(desk, "Отчёт о первом выезде")
    _describe(desk, "residence_permit", "LOC")
    _digest(desk)
    desk.press(ADD)
    page.wait_for_selector(".mz-document >> nth=1")
    _describe(desk, "passport_rf", "IDN")
    _choose(desk, SCAN)
    desk.press(ADD)
    page.wait_for_selector(".mz-document >> nth=2")
    desk.look("documents added")
    _close_look(desk, f"documents-added-{number}")


def _preview_and_send(desk: Desk, number: str) -> str:
    page = desk.page
    desk.press(".govuk-button[value=preview]")
    page.wait_for_selector("h1:has-text('Получатель увидит')")
    assert "Откроется после принятия" in desk.body()
    assert "не сохраняется и не отправляется" in desk.body()
    desk.look("documents previewed")
    shot(desk, f"documents-previewed-{number}")
    desk.press("button[value=edit]")
    _see(desk, "Отчёт о первом выезде", "Вид на жительство", "Паспорт гражданина РФ")
    desk.press("button[value='remove_document:3']")
    _see(desk, "Отчёт о первом выезде", "Вид на жительство")
    desk.press(".govuk-button[value=preview]")
    desk.press("button[value=send]")
    expect(page.locator("h1")).to_have_text("Отправлено")
    message = page.url.split("/")[-2]
    _wait(desk, f"/messages/{message}", "Доставлено")
    assert "Что вы приложили" in desk.body()
    desk.look("documents of the sender")
    _close_look(desk, f"documents-sent-{number}", ".mz-document-list")
    return message


def _receive(desk: Desk, message: str, number: str, target: Path) -> None:
    desk.go(f"/messages/{message}")
    desk.press(f"form[action='/messages/{message}/open'] button")
    _see(desk, "Отчёт о первом выезде")
    desk.look("documents received")
    _close_look(desk, f"documents-received-{number}", ".mz-document-list")
    with desk.page.expect_download() as download:
        desk.press(".mz-document__take")
    download.value.save_as(target)
    assert target.read_bytes() == SCAN
    assert "Иванов" not in download.value.suggested_filename
    desk.press("form[action$=accept] button")
    _see(desk, "Отчёт о первом выезде", "Вид на жительство")


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_documents_from_one_office_to_another(
    served: Served, sit: Callable[[bool], Desk], script: bool, tmp_path: Path
) -> None:
    desk, number = sit(script), f"9{int(script)}"
    desk.sign_in("sender")
    _compose(desk, getattr(served.town, PEOPLE["recipient"][0]).ogrn, number)
    message = _preview_and_send(desk, number)
    desk.sign_out()
    desk.sign_in("recipient")
    _receive(desk, message, number, tmp_path / "taken")
    desk.sign_out()
    assert desk.faults == []
