"""A package from the sender's page to a browser without a network, and its code back again."""

# ruff: noqa: F811  fixtures are imported by their names

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from gateway.building import utc_now
from gateway.exchange.relay import relay_once
from gateway.use_cases.submit_message import submit_message
from schemas.ids import MessageId
from tests.builders import consent, referral, system_of
from tests.system.test_browser import Desk, Served, chromium, served, sit  # noqa: F401  fixtures

pytestmark = pytest.mark.system

SHOTS = os.environ.get("MEZHVED_SCREENSHOTS")
"""A folder: pictures of every page are put there, wide, narrow and printed."""
VECTOR = Path(__file__).parents[1] / "vectors" / "package"
NAME = "Проба Вымышленная Тестовна"


@pytest.fixture(scope="module")
def message_id(served: Served) -> MessageId:
    town, now = served.town, utc_now()
    days = {"given_on": now.date() - timedelta(days=3), "valid_to": now.date() + timedelta(days=180)}
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre, now=now, **days)
    draft = referral(town.centre, town.ngo, reg_number="17-н", reg_on="2026-11-20")
    message = submit_message(town.house, system_of(town.centre), draft, now).message
    relay_once(town.house, now)
    return message.id


@pytest.fixture
def away(chromium: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A computer without a network; what must never be is collected."""
    context = chromium.new_context(offline=True, locale="ru-RU", viewport={"width": 1100, "height": 900})
    page, faults = context.new_page(), []  # type: ignore[var-annotated]
    page.on("console", lambda message: faults.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(f"script: {error.message}"))
    page.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith("file://") else None)
    yield page, faults
    context.close()


def look(page: Page, name: str, faults: list[str]) -> None:
    found = Axe().run(page).response["violations"]
    faults += [f"{name}: {wrong['id']} {[node['html'][:120] for node in wrong['nodes']]}" for wrong in found]
    page.set_viewport_size({"width": 375, "height": 800})
    if page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
        faults.append(f"{name}: beyond a phone's edge")
    _shot(page, f"{name}-375")
    page.set_viewport_size({"width": 1100, "height": 900})
    _shot(page, f"{name}-1100")


def _shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def _printed(page: Page, name: str) -> str:
    page.emulate_media(media="print")
    _shot(page, f"{name}-print")
    seen = page.locator("body").inner_text()
    page.emulate_media(media="screen")
    return seen


def open_with(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.press("#code", "Enter")


def test_a_package_goes_out_and_its_code_comes_back(
    served: Served,
    message_id: MessageId,
    sit: Callable[[bool], Desk],
    away: tuple[Page, list[str]],
    tmp_path: Path,
) -> None:
    desk = sit(True)
    desk.sign_in("sender")
    file, code = _make(desk, message_id, tmp_path)
    page, faults = away
    page.goto(file.as_uri())
    assert page.locator("#fingerprint").inner_text() == served.town.house.log_key.verifier().fingerprint
    _mistype(page, faults)
    _read(page, faults, code)
    codes = (page.locator("#opened-code").inner_text(), _refuse(page, faults))
    page.click("#close")
    assert NAME not in page.content()
    assert page.locator("#receipt").is_hidden()
    assert faults == []
    _type_back(desk, message_id, codes)
    assert desk.faults == []


def _make(desk: Desk, message_id: MessageId, folder: Path) -> tuple[Path, str]:
    desk.go(f"/messages/{message_id}")
    desk.look("message before")
    desk.press("form[action$='/packages'] button")
    assert desk.heading() == "Пакет сделан"
    look(desk.page, "package-made", desk.faults)
    letter = _printed(desk.page, "package-made")
    code = desk.page.locator("#opening-code").inner_text()
    assert code in letter
    assert "Сохранить файл" not in letter
    with desk.page.expect_download() as saving:
        desk.press("#save")
    file = folder / saving.value.suggested_filename
    saving.value.save_as(file)
    assert file.name.startswith("mezhved-")
    return file, code


def _mistype(page: Page, faults: list[str]) -> None:
    look(page, "package-closed", faults)
    assert NAME not in page.content()
    for typed, words in (("1234", "24 цифры"), ("1" * 24, "описка")):
        open_with(page, typed)
        page.wait_for_selector("#code-fault:not([hidden])")
        assert words in page.locator("#code-fault").inner_text()
    look(page, "package-mistyped", faults)


def _read(page: Page, faults: list[str], code: str) -> None:
    open_with(page, code.replace(" ", "-"))
    page.wait_for_selector("#receipt:not([hidden])")
    seen = page.locator("main").inner_text()
    for words in (NAME, "15.01.2017", "Измайлово", "17-н от 20.11.2026", "Трудности с жильём", "152-ФЗ ст. 9"):
        assert words in seen, words
    for withheld in ("Слова, которые не для всех", "ул. Вымышленная"):
        assert withheld not in page.content()
    assert seen.count(": проверено") == 5
    assert "не проверено" not in seen
    look(page, "package-open", faults)
    printed = _printed(page, "package-open")
    assert NAME in printed
    assert "Напечатано с открытого пакета" in printed
    if SHOTS:
        page.pdf(path=Path(SHOTS) / "package-open.pdf")


def _refuse(page: Page, faults: list[str]) -> str:
    page.click("#answer button")
    assert "Выберите ответ" in page.locator("#answer-fault").inner_text()
    page.check("#outcome-reject")
    page.select_option("#reason", "NO_CAPACITY")
    page.select_option("#because", "none_known")
    page.click("#answer button")
    page.wait_for_selector("#answer-box:not([hidden])")
    code = page.locator("#answer-code").inner_text()
    look(page, "package-answer", faults)
    page.click("#language")
    page.wait_for_selector("html[lang=en]")
    assert "Declined · No capacity · None known" in page.locator("#answer-words").inner_text()
    assert page.locator("h1").inner_text() == "Referral"
    assert page.locator("#answer-code").inner_text() == code
    look(page, "package-english", faults)
    return code


def _type_back(desk: Desk, message_id: MessageId, codes: tuple[str, str]) -> None:
    desk.go(f"/messages/{message_id}")
    for typed, state in zip(codes, ("Открыто", "Отклонено"), strict=True):
        desk.press("a[href$='/package-receipt']")
        look(desk.page, "package-receipt", desk.faults)
        desk.page.fill("#code", typed)
        desk.press("main form button")
        assert "Код принят" in desk.body()
        assert state in desk.page.locator(".mz-facts").inner_text()
    look(desk.page, "message-after", desk.faults)
    desk.press(".mz-packages li a")
    look(desk.page, "package-known", desk.faults)
    assert "код больше не хранится" in desk.body()


@pytest.mark.parametrize("part", ["sealed", "proof", "manifest"])
def test_what_was_altered_shows_nothing(away: tuple[Page, list[str]], tmp_path: Path, part: str) -> None:
    page, faults = away
    text = (VECTOR / "package.html").read_text()
    marks = {
        "sealed": ('"sealed": "', '"sealed": "AAAA'),
        "proof": ('"proof": "', '"proof": "AAAA'),
        "manifest": ('\\"made_at\\":\\"2026', '\\"made_at\\":\\"2027'),
    }
    old, new = marks[part]
    assert text.count(old) == 1
    changed = tmp_path / "changed.html"
    changed.write_text(text.replace(old, new))
    page.goto(changed.as_uri())
    if part == "proof":  # under the seal: seen once it is opened
        open_with(page, (VECTOR / "code.txt").read_text().strip())
    page.wait_for_selector("#problem:not([hidden])")
    assert "package_altered" in page.locator("#problem").inner_text()
    assert page.locator("#enter").is_hidden()
    assert page.locator("#content").inner_text() == ""
    assert page.locator(".facts").is_hidden()
    look(page, f"package-altered-{part}", faults)
    assert faults == []


def test_the_page_reads_the_vector_as_the_command_line_does(away: tuple[Page, list[str]]) -> None:
    page, faults = away
    page.clock.set_fixed_time("2026-03-04T10:00:00+03:00")
    page.goto((VECTOR / "package.html").as_uri())
    open_with(page, (VECTOR / "code.txt").read_text().strip())
    page.wait_for_selector("#receipt:not([hidden])")
    assert page.locator("main").inner_text().count(": проверено") == 5
    expected = dict(line.split("\t") for line in (VECTOR / "receipts.tsv").read_text().splitlines())
    assert page.locator("#opened-code").inner_text().replace("\u00a0", "") == expected["2 opened"]
    page.check("#outcome-accept")
    page.click("#answer button")
    page.wait_for_selector("#answer-box:not([hidden])")
    assert page.locator("#answer-code").inner_text().replace("\u00a0", "") == expected["2 accept"]
    assert faults == []


NO_ED25519 = """
const plain = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (form, data, algorithm, ...rest) {
  if (algorithm && algorithm.name === "Ed25519") { return Promise.reject(new DOMException("", "NotSupportedError")); }
  return plain.call(this, form, data, algorithm, ...rest);
};
"""


def test_a_wrong_code_opens_nothing(away: tuple[Page, list[str]]) -> None:
    page, faults = away
    page.goto((VECTOR / "package.html").as_uri())
    open_with(page, "0" * 24)
    page.wait_for_selector("#code-fault:not([hidden])")
    assert "не подходит" in page.locator("#code-fault").inner_text()
    assert page.locator("#content").inner_text() == ""
    assert faults == []


def test_what_a_browser_cannot_check_is_never_called_checked(away: tuple[Page, list[str]]) -> None:
    page, faults = away
    page.add_init_script(NO_ED25519)
    page.goto((VECTOR / "package.html").as_uri())
    open_with(page, (VECTOR / "code.txt").read_text().strip())
    page.wait_for_selector("#receipt:not([hidden])")
    seen = page.locator("#checks").inner_text()
    assert seen.count("не проверено: браузер не умеет") == 2
    assert seen.count(": проверено") == 3
    assert faults == []


def test_a_browser_without_cryptography_says_so(away: tuple[Page, list[str]]) -> None:
    page, faults = away
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });")
    page.goto((VECTOR / "package.html").as_uri())
    page.wait_for_selector("#problem:not([hidden])")
    assert "no_webcrypto" in page.locator("#problem").inner_text()
    assert page.locator("#enter").is_hidden()
    assert faults == []
