"""The pages in a real browser, before a real server: the whole flow with and without JavaScript, by keyboard, on a phone.

Every page that the flow passes is looked at by axe-core (0 violations), at 375 px (no sideways scrolling), and for
requests that leave this server (none).
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from gateway.building import utc_now
from gateway.main import build_app
from gateway.oauth.keys import load_or_create_signing_key
from gateway.settings import Settings
from gateway.storage.blobs import DirectoryBlobs
from gateway.use_cases.publish_service import publish_service
from gateway.use_cases.register_participants import register_person
from schemas.directory import ServiceDraft
from tests.builders import Town, consent, publish, sqlite_house, system_of, town

pytestmark = pytest.mark.system

PASSWORD = "очень длинный пароль"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PEOPLE = {
    "sender": ("centre", "curator"),
    "recipient": ("ngo", "curator"),
    "overseer": ("centre", "dpo"),
    "head": ("ngo", "head"),
    "officer": ("ngo", "dpo"),
    "body": ("guardianship", "guardianship_specialist"),
}
ENTER = "main form > button[type=submit]"
WAIT_SECONDS = 10


@dataclass(frozen=True)
class Served:
    """A server on a port of its own."""

    address: str
    town: Town


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("served")
    house = replace(sqlite_house(folder), blobs=DirectoryBlobs(folder / "blobs"))
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    settings = Settings(home=folder, port=port, relay_seconds=0.1)
    settings.key_folder.mkdir(exist_ok=True)
    load_or_create_signing_key(settings.key_folder / "oauth.pem")
    made = town(house)
    for login, (organisation, role) in PEOPLE.items():
        employer = getattr(made, organisation)
        register_person(house, employer.id, login, f"Человек {login}", PASSWORD, [role], utc_now(), synthetic=True)
    server = uvicorn.Server(uvicorn.Config(build_app(settings, house), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    deadline = time.monotonic() + WAIT_SECONDS
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.started
    yield Served(f"http://127.0.0.1:{port}", made)
    server.should_exit = True
    thread.join(WAIT_SECONDS)
    listening.close()
    house.store.engine.dispose()  # type: ignore[attr-defined]
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "chromium is not installed: sh tests/system/packages.sh"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Desk:
    """A person before a browser. `faults` collects what must never be; it is empty at the end."""

    page: Page
    address: str
    script: bool
    faults: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def asked(self, request: Request) -> None:
        if not request.url.startswith(self.address):
            self.faults.append(f"asked elsewhere: {request.url}")

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def press(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def hand_in(self) -> None:
        """Send the form with a file, and read the page anew while the file is being taken, as its link offers."""
        self.press("main form button")
        deadline = time.monotonic() + WAIT_SECONDS
        while self.page.locator("[data-watch]").count() and time.monotonic() < deadline:
            self.page.wait_for_timeout(200)
            self.page.reload()

    def look(self, name: str) -> None:
        """Look at the page as axe does, and as a person with a phone."""
        self.seen.append(name)
        if not self.script:
            return
        for violation in Axe().run(self.page).response["violations"]:
            self.faults.append(f"{name}: {violation['id']} {[node['html'][:120] for node in violation['nodes']]}")
        self.page.set_viewport_size({"width": 375, "height": 800})
        beyond = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            self.faults.append(f"{name}: {beyond} px beyond a phone's edge")
        self.page.set_viewport_size({"width": 1200, "height": 900})

    def sign_in(self, login: str) -> None:
        self.go("/sign-in")
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.press(ENTER)

    def sign_out(self) -> None:
        self.press("header button")

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def body(self) -> str:
        return self.page.locator("main").inner_text()


@pytest.fixture
def sit(served: Served, chromium: Browser) -> Iterator[Callable[[bool], Desk]]:
    made: list[Desk] = []

    def open_desk(script: bool) -> Desk:
        context = chromium.new_context(
            locale="ru-RU", java_script_enabled=script, viewport={"width": 1200, "height": 900}
        )
        desk = Desk(context.new_page(), served.address, script)
        desk.page.on("console", desk.heard)
        desk.page.on("pageerror", lambda error: desk.faults.append(f"script: {error.message}"))
        desk.page.on("request", desk.asked)
        made.append(desk)
        return desk

    yield open_desk
    for desk in made:
        desk.page.context.close()


def _day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%d.%m.%Y")


def _fill_in(desk: Desk, recipient: str, number: str) -> None:
    page = desk.page
    page.check("input[name=kind][value=referral]")
    page.select_option("#recipient", recipient)
    page.check("input[name=urgency][value=urgent]")
    page.fill("#reg_number", number)
    page.fill("#child_ref", f"К-{number}")
    page.fill("#child_name", "Пробный Тест Тестович")
    page.fill("#child_birth", _day(-9 * 365))
    page.fill("#address", "ул. Тестовая, 1")
    page.fill("#municipality", "Измайлово")
    page.select_option("#parent_role", "mother")
    page.fill("#parent_ref", f"К-{number}-М")
    page.fill("#parent_name", "Пробная Мать Тестовна")
    page.check("input[name=concerns][value=HOUSING]")
    page.fill("#statement", "Слова этого обращения")
    page.fill("#requested_action", "Консультация юриста")


def _sign_consent(desk: Desk) -> None:
    page = desk.page
    page.check("#consent_signed")
    page.fill("#consent_given_on", _day(-3))
    page.fill("#consent_valid_to", _day(180))
    page.check("input[name=consent_form][value=paper]")
    page.check("input[name=consent_signers][value=mother]")
    page.check("#consent_verified")
    page.check("#consent_adult")
    for category in ("ID", "CON", "LOC", "RSK", "PLN"):
        page.check(f"input[name=consent_categories][value={category}]")
    page.check("#consent_separate")
    page.check("#consent_complete")
    page.set_input_files(
        "input[name=consent_scan]", {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF synthetic"}
    )


def _wait(desk: Desk, path: str, words: str) -> None:
    """Open a page until the relay has done its part."""
    deadline = time.monotonic() + WAIT_SECONDS
    desk.go(path)
    while words not in desk.body():
        assert time.monotonic() < deadline, f"{words} never came to {path}"
        time.sleep(0.2)
        desk.go(path)


def _come_in(desk: Desk) -> None:
    desk.go("/sign-in")
    desk.look("sign-in")
    desk.page.fill("#login", "sender")
    desk.page.fill("#password", "не тот пароль")
    desk.press(ENTER)
    assert "не подходят" in desk.body()
    desk.look("sign-in refused")
    desk.sign_in("sender")
    assert desk.heading() == "Очередь сообщений"
    desk.look("queue")


def _be_refused(desk: Desk, recipient: str, number: str) -> None:
    page = desk.page
    desk.go("/referrals/new")
    desk.look("form")
    desk.press(".govuk-button[value=preview]")
    assert page.title().startswith("Ошибка:")
    desk.look("form with complaints")
    desk.press(".govuk-error-summary a")
    if desk.script:
        assert page.evaluate("document.activeElement.id") == "kind"
    else:
        assert page.url.endswith("#kind")
    _fill_in(desk, recipient, number)
    desk.press(".govuk-button[value=preview]")
    assert desk.heading() == "Отправить нельзя"
    assert "RU-152-6-1" in desk.body()
    assert page.locator("button[value=send]").count() == 0
    desk.look("preview blocked")


def _send(desk: Desk) -> None:
    page = desk.page
    desk.press("button[value=edit]")
    assert page.input_value("#child_name") == "Пробный Тест Тестович"
    _sign_consent(desk)
    desk.look("form with consent")
    desk.press(".govuk-button[value=preview]")
    assert desk.heading() == "Получатель увидит"
    assert "Измайлово" in desk.body()
    assert "ул. Тестовая" not in desk.body()
    desk.look("preview")
    desk.press("button[value=send]")
    assert desk.heading() == "Отправлено"
    desk.look("receipt")
    _wait(desk, f"/messages/{page.url.split('/')[-2]}", "Доставлено")
    desk.look("message of the sender")
    desk.sign_out()


def _open_and_accept(desk: Desk) -> None:
    desk.sign_in("recipient")
    assert "Не открыто" in desk.body()
    desk.look("inbox")
    desk.press("main table a")
    desk.look("message unopened")
    desk.press("main form button")
    assert "Пробный Тест Тестович" in desk.body()
    assert "Пробная Мать Тестовна" in desk.body()
    desk.look("message opened")
    desk.press("summary:has-text('Отклонить')")
    desk.press("form[action$=reject] button")
    assert "Выберите причину" in desk.body()
    desk.look("message with a complaint")
    desk.press("form[action$=accept] button")
    assert "Вы взяли семью в работу" in desk.body()
    assert "ул. Тестовая" in desk.body()
    desk.look("message accepted")
    desk.go("/log")
    assert "dpo_only" in desk.body()
    desk.look("log refused")
    desk.sign_out()
    desk.look("signed out")


def _oversee(desk: Desk, recipient: str) -> None:
    desk.sign_in("overseer")
    _wait(desk, "/log", "Скачать доказательство")
    assert recipient in desk.body()
    assert "RU-152-9-1" in desk.body()
    assert "Пробный" not in desk.body()
    desk.look("log")
    desk.press("main ol a[title]")
    assert "?case=" in desk.page.url
    desk.look("log of one family")
    with desk.page.expect_download() as download:
        desk.press("main ol a[download]")
    assert download.value.suggested_filename == "mezhved-proof.json"


def _ask_for_a_case(desk: Desk, case: str) -> None:
    desk.sign_in("body")
    desk.go("/case")
    desk.look("case form")
    desk.page.fill("#id", case)
    desk.page.select_option("#purpose", "CASE_MGMT")
    desk.press("main form button")
    assert "Решает человек до" in desk.body()
    assert "Проба Вымышленная" not in desk.body()
    desk.look("case held")
    desk.sign_out()


def _decide(desk: Desk) -> None:
    desk.sign_in("head")
    desk.go("/decisions")
    assert "Удержанные сведения ждут вашего решения" in desk.body()
    desk.look("decisions")
    desk.press("table a[href^='/decisions/']")
    assert "полномочия проверены: нет" in desk.body()
    desk.look("hold")
    desk.press("form.mz-answer button")
    assert desk.page.title().startswith("Ошибка:")
    desk.look("hold with complaints")
    for choice in desk.page.locator("input[type=radio][value=P]").all():
        choice.check()
    desk.page.fill("#words", "Документ показан, сверено")
    desk.press("form.mz-answer button")
    assert "сведения переданы" in desk.body()
    desk.look("decided")
    desk.sign_out()


def _declare(desk: Desk, case: str) -> None:
    desk.sign_in("body")
    desk.go("/decisions")
    assert "передано" in desk.body()
    desk.look("what was asked")
    desk.press("table a[href^='/case']")
    assert "Проба Вымышленная Тестовна" in desk.body()
    assert "По решению ответственного сотрудника" in desk.body()
    desk.look("case released")
    desk.go("/emergencies/new")
    desk.look("threat form")
    desk.press("main form button")
    assert desk.page.title().startswith("Ошибка:")
    desk.look("threat form with complaints")
    desk.page.fill("#case", case)
    desk.page.fill("#words", "Ребёнок заперт дома с угрожающим взрослым, нужен адрес")
    desk.page.check("input[name=sure]")
    desk.press("main form button")
    assert "ул. Вымышленная" in desk.body()
    desk.look("case in an emergency")
    desk.sign_out()


def _review(desk: Desk) -> None:
    desk.sign_in("officer")
    desk.go("/decisions")
    desk.press("table a[href^='/emergencies/']")
    assert "Ребёнок заперт дома" in desk.body()
    desk.look("emergency")
    desk.page.check("input[name=outcome][value=justified]")
    desk.page.fill("#words", "Угроза подтверждена")
    desk.press("form.mz-answer button")
    assert "Итог записан" in desk.body()
    desk.look("emergency reviewed")
    desk.sign_out()


@pytest.mark.parametrize("script", [True, False], ids=["with_javascript", "without_javascript"])
def test_people_decide_what_is_held_and_review_a_declared_threat(
    served: Served, sit: Callable[[bool], Desk], script: bool
) -> None:
    town = served.town
    ref = f"K-{script}"
    published = publish(town, ref, f"C-{script}", identifiers={"snils": None})
    consent(town, town.guardianship, ref=ref, signers=[{"who": "mother", "holder_ref": f"{ref}-M", "verified": False}])
    case = town.house.vault.case_pseudonym(town.guardianship.id, published.case_id)
    desk = sit(script)
    _ask_for_a_case(desk, case)
    _decide(desk)
    _declare(desk, case)
    _review(desk)
    assert desk.faults == []
    assert len(desk.seen) > 12


@pytest.mark.parametrize("script", [True, False], ids=["with_javascript", "without_javascript"])
def test_a_referral_from_sign_in_to_acceptance_and_the_log(
    served: Served, sit: Callable[[bool], Desk], script: bool
) -> None:
    desk = sit(script)
    _come_in(desk)
    _be_refused(desk, served.town.ngo.ogrn, "101" if script else "102")
    _send(desk)
    _open_and_accept(desk)
    _oversee(desk, served.town.ngo.name)
    for name, path in (("api", "/api"), ("not found", "/messages/nothing"), ("English", "/referrals/new?lang=en")):
        desk.go(path)
        desk.look(name)
    assert desk.heading() == "New referral or signal"
    assert desk.faults == []
    assert len(desk.seen) > 20


@pytest.mark.parametrize("script", [True, False], ids=["with_javascript", "without_javascript"])
def test_help_is_found_in_the_directory(served: Served, sit: Callable[[bool], Desk], script: bool) -> None:
    town = served.town
    draft = ServiceDraft.model_validate(
        {
            "name": f"Приют для мам {script}",
            "kinds": ["shelter_mother"],
            "districts": ["ВАО"],
            "max_age": 6,
            "free_places": 2,
            "stated_on": datetime.now(UTC).date(),
            "hours": {
                "days": [{"weekday": day, "spans": [{"opens": "00:00", "closes": "00:00"}]} for day in range(1, 8)]
            },
            "phones": [{"number": "+7 (000) 000-00-01"}],
        }
    )
    publish_service(town.house, system_of(town.ngo), draft, utc_now())
    desk = sit(script)
    desk.sign_in("sender")
    desk.press("nav a[href='/directory']")
    desk.look("directory")
    desk.page.fill("#age", "семь")
    desk.press("main form button")
    assert desk.page.title().startswith("Ошибка:")
    desk.look("directory with complaints")
    desk.page.fill("#age", "3")
    desk.page.select_option("#district", "ВАО")
    desk.page.select_option("#kind", "shelter_mother")
    desk.page.check("#open")
    desk.press("main form button")
    assert "Свободно 2 места" in desk.body()
    desk.look("directory found")
    desk.press(f"h3 a:has-text('{draft.name}')")
    assert desk.heading() == town.ngo.name
    assert "круглосуточно" in desk.body()
    desk.look("organisation of the directory")
    desk.go("/directory?age=90&district=ВАО")
    assert "Ничего не найдено" in desk.body()
    desk.look("directory empty")
    desk.go("/directory?lang=en")
    assert desk.heading() == "Directory of help"
    desk.look("directory in English")
    assert desk.faults == []
    assert len(desk.seen) > 5


@pytest.mark.parametrize("script", [True, False], ids=["with_javascript", "without_javascript"])
def test_messages_of_other_types_are_composed(served: Served, sit: Callable[[bool], Desk], script: bool) -> None:
    desk = sit(script)
    page, town = desk.page, served.town
    desk.sign_in("sender")
    desk.press("a:has-text('Новое сообщение')")
    desk.look("types of messages")
    desk.press("main a[href='/messages/new?type=inquiry']")
    desk.look("inquiry")
    page.select_option("#recipient", town.ngo.ogrn)
    page.check("input[name=urgency][value=urgent]")
    page.check("input[name=note-need][value=shelter]")
    page.fill("#note-district", "45")
    page.fill("#note-contact", "Дежурный куратор")
    page.fill("#note-contact_phone", "8 800 000-00-00")
    page.fill("#note-words", "Спросите Иванову Марию")
    desk.press(".govuk-button[value=preview]")
    assert page.locator("mark").inner_text() == "Иванову Марию"
    desk.look("inquiry with a marked name")
    page.fill("#note-words", "Нужно место на ночь")
    desk.press(".govuk-button[value=preview]")
    assert desk.heading() == "Получатель увидит"
    desk.look("inquiry seen by its recipient")
    desk.press("button[value=send]")
    assert desk.heading() == "Отправлено"
    desk.look("inquiry sent")
    desk.go("/messages/new?type=threat_report")
    page.select_option("#recipient", town.guardianship.ogrn)
    page.check("input[name=urgency][value=emergency]")
    page.fill("#statute", "СК РФ ст. 56")
    page.fill("#child_ref", f"У-{script}")
    page.fill("#child_name", "Пробный Тест Угрозович")
    page.fill("#child_birth", _day(-5 * 365))
    page.fill("#statement", "Ребёнок один дома, дверь заперта, плачет")
    desk.press(".govuk-button[value=preview]")
    assert page.locator("button[value=as_signal]").is_visible()
    desk.look("threat that is not direct")
    desk.press("button[value=letter]")
    desk.look("letter")
    desk.press("button[value=edit]")
    assert page.input_value("#child_name") == "Пробный Тест Угрозович"
    assert desk.faults == []


def test_the_flow_by_keyboard_alone(sit: Callable[[bool], Desk]) -> None:
    desk = sit(True)
    keyboard = desk.page.keyboard
    desk.go("/sign-in")
    keyboard.press("Tab")
    assert desk.page.evaluate("document.activeElement.className") == "govuk-skip-link"
    keyboard.press("Enter")
    keyboard.press("Tab")
    assert desk.page.evaluate("document.activeElement.id") == "login"
    keyboard.type("recipient")
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    desk.page.wait_for_url("**/queue")
    visited = set()
    for _ in range(25):
        keyboard.press("Tab")
        visited.add(desk.page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.type"))
    assert {"#main-content", "/queue", "submit", "/referrals/new", "/queue?box=outbox"} <= visited
    assert desk.faults == []


def test_on_paper_there_is_the_content_without_the_controls(sit: Callable[[bool], Desk]) -> None:
    desk = sit(True)
    desk.sign_in("overseer")
    desk.go("/log")
    desk.page.emulate_media(media="print")
    assert desk.page.locator("h1").is_visible()
    for selector in (".mz-nav", ".mz-footer", ".mz-filter", ".mz-header__out"):
        assert not desk.page.locator(selector).is_visible(), selector


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_head_switches_terms_records_an_event_and_reads_the_board(
    served: Served, sit: Callable[[bool], Desk], script: bool
) -> None:
    ref = f"T-{script}"
    identity = {"full_name": f"Пробный Срок {script}", "birth_date": "2018-02-02", "sex": "M"}
    published = publish(served.town, ref=ref, case=ref, identifiers={}, identity=identity)
    case = served.town.house.vault.case_pseudonym(served.town.ngo.id, published.case_id)
    desk = sit(script)
    desk.sign_in("head")
    for timer in ("first-visit", "first-visit-team"):
        desk.go("/practice")
        switch = desk.page.locator(f"form:has(input[value='timer.{timer}']):has(input[value='on']) button")
        if switch.count():  # the other browser may have switched it on
            switch.click()
    desk.go("/practice")
    desk.look("practice")
    assert desk.page.locator("tbody .govuk-tag--green").count() == 2
    desk.go(f"/course?id={case}")
    desk.page.select_option("#event", "signal_received")
    desk.press("main form[action='/course'] button")
    desk.look("course")
    assert "Стадия: Сигнал получен" in desk.body()
    desk.press("a[href='/timers']")
    desk.look("timers")
    desk.page.locator(".mz-pause summary").first.click()
    desk.press("form[action$='/pause'] button")
    assert "Остановлено" in desk.body()
    desk.press("form[action$='/resume'] button")
    desk.look("timers again")
    desk.press("a[href^='/timers/calendar']")
    desk.look("month")
    desk.page.emulate_media(media="print")
    assert not desk.page.locator(".mz-no-print").first.is_visible()
    assert desk.faults == []
