"""Packages on the pages of a message, as the sender's specialist works with them, without JavaScript."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

import pytest

from gateway.exchange.relay import relay_once
from gateway.partner.package_codes import check_digit, receipt_code
from gateway.use_cases.answer_message import answer_message
from gateway.use_cases.package_secrets import open_secrets
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.verify_package import open_package
from schemas.ids import MessageId
from schemas.lifecycle import Event
from tests.builders import NOW, consent, referral, system_of
from tests.gateway.web.conftest import Browser, Office, Page

PERSONAL = ("Проба Вымышленная", "ул. Вымышленная", "11223344595", "+70000000001")


@pytest.fixture
def message_id(office: Office) -> MessageId:
    town = office.running.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    draft = referral(town.centre, town.ngo)
    message = submit_message(town.house, system_of(town.centre), draft, NOW).message
    office.deliver()
    return message.id


@pytest.fixture
def sender(office: Office) -> Browser:
    return office.seat(office.running.town.centre, "curator")


def made(sender: Browser, message_id: MessageId) -> Page:
    return sender.send(sender.get(f"/messages/{message_id}"), f"/messages/{message_id}/packages")


def code_on(page: Page) -> str:
    return page.tree.xpath("//*[@id='opening-code']")[0].text_content().strip()


def receipt(office: Office, message_id: MessageId, outcome: str = "opened") -> str:
    with office.running.house.store.reading() as unit:
        package = unit.packages.of_message(message_id)[-1]
    secrets = open_secrets(office.running.house, package)
    assert secrets is not None
    return receipt_code(secrets.receipt_key, package.id, 0, package.outcomes.index(outcome), outcome)


def typed(sender: Browser, message_id: MessageId, code: str, **more: str) -> Page:
    address = f"/messages/{message_id}/package-receipt"
    return sender.send(sender.get(address), address, code=code, **more)


def test_the_file_comes_with_its_code_once(office: Office, sender: Browser, message_id: MessageId) -> None:
    assert "Передача файлом" in sender.get(f"/messages/{message_id}").text
    page = made(sender, message_id)
    assert (page.status, page.heading) == (200, "Пакет сделан")
    link = page.tree.xpath("//a[@id='save']")[0]
    assert re.fullmatch(r"mezhved-[0-9a-f-]{36}\.html", link.get("download"))
    head, _, data = link.get("href").partition("base64,")
    assert head == "data:text/html;charset=utf-8;"
    opened = open_package(base64.b64decode(data), code_on(page))
    assert opened.content.message == message_id
    for words in PERSONAL:
        assert words not in page.body
    assert page.headers["cache-control"] == "no-store"
    assert office.running.house.log_key.verifier().fingerprint in page.text


def test_a_code_typed_back_moves_the_message(office: Office, sender: Browser, message_id: MessageId) -> None:
    made(sender, message_id)
    page = sender.get(f"/messages/{message_id}")
    assert "подтверждения ещё нет" in page.text
    assert "передано файлом: пакет сделан" in page.text
    page = typed(sender, message_id, receipt(office, message_id))
    assert page.address == f"/messages/{message_id}?done=receipt&outcome=opened"
    assert "Код принят. Открыто и прочитано." in page.text
    assert "по коду из пакета, записано отправителем" in page.text
    page = typed(sender, message_id, receipt(office, message_id))
    assert "Этот код уже был введён" in page.text
    code = receipt(office, message_id, "reject/NO_CAPACITY/none_known")
    page = typed(sender, message_id, code, words="Мест нет до осени")
    assert "Код принят. Отклонено: Нет мест" in page.text
    assert "Мест нет до осени" in page.text


@pytest.mark.parametrize(
    ("typed_code", "words"),
    [
        ("", "Введите все 16 цифр"),
        ("1234", "Введите все 16 цифр"),
        ("1234567890123456", "В коде описка"),
        ("wrong", "Код не подходит ни к одному пакету"),
    ],
)
def test_a_code_that_does_not_fit_is_complained_of_at_its_field(
    office: Office, sender: Browser, message_id: MessageId, typed_code: str, words: str
) -> None:
    made(sender, message_id)
    if typed_code == "wrong":
        body = f"{(int(receipt(office, message_id)[:15]) + 1) % 10**15:015d}"
        typed_code = body + check_digit(body)
    page = typed(sender, message_id, typed_code)
    assert page.status == 400
    assert words in page.complaints["code"]
    assert page.title.startswith("Ошибка")


def test_words_with_names_stay_out(office: Office, sender: Browser, message_id: MessageId) -> None:
    made(sender, message_id)
    page = typed(sender, message_id, receipt(office, message_id, "accept"), words="Звонила Иванова Мария Петровна")
    assert page.status == 400
    assert set(page.complaints) == {"words"}
    assert page.tree.xpath("//mark")


def test_the_code_is_shown_again_until_the_package_is_opened(
    office: Office, sender: Browser, message_id: MessageId
) -> None:
    code = code_on(made(sender, message_id))
    page = sender.get(f"/messages/{message_id}")
    (address,) = [
        a.get("href") for a in page.tree.xpath("//a") if re.fullmatch(r"/messages/[^/]+/packages/.+", a.get("href"))
    ]
    page = sender.get(address)
    assert code not in page.text
    page = sender.send(page, f"{address}/code")
    assert code_on(page) == code
    typed(sender, message_id, receipt(office, message_id))
    page = sender.get(address)
    assert "код больше не хранится" in page.text
    assert not page.tree.xpath("//form[contains(@action,'/code')]")
    assert "package_opened" in sender.post(f"{address}/code", **_token(page)).text


def _token(page: Page) -> dict[str, str]:
    found = page.tree.xpath("//form//input[@type='hidden']")[0]
    return {found.get("name"): found.get("value")}


def test_its_recipient_and_strangers_see_nothing_of_it(office: Office, sender: Browser, message_id: MessageId) -> None:
    page = made(sender, message_id)
    package = page.tree.xpath("//a[@id='save']")[0].get("download")[8:-5]
    town = office.running.town
    for organisation in (town.ngo, town.stranger):
        other = office.seat(organisation, "curator")
        assert "Передача файлом" not in other.get(f"/messages/{message_id}").text
        for address in (f"/messages/{message_id}/packages/{package}", f"/messages/{message_id}/package-receipt"):
            assert other.get(address).status == 404
        assert package not in unquote(other.get(f"/messages/{message_id}").body)


def test_the_recall_says_that_it_must_go_by_file(office: Office, sender: Browser, message_id: MessageId) -> None:
    made(sender, message_id)
    town = office.running.town
    answer_message(town.house, system_of(town.centre), message_id, Event.RECALL, NOW)
    relay_once(town.house, NOW)
    with town.house.store.reading() as unit:
        (recall,) = [m for m in unit.messages.queue(town.centre.id, "outbox", None, 10, NOW) if m.type == "recall"]
    page = sender.get(f"/messages/{recall.id}")
    assert "он не увидит отзыв сам" in page.text
    assert made(sender, recall.id).heading == "Пакет сделан"
    assert "Сделать пакет" not in sender.get(f"/messages/{message_id}").text
    page = typed(sender, message_id, receipt(office, message_id))
    assert "Сообщение тем временем отозвано" in page.text


def test_in_english(office: Office, sender: Browser, message_id: MessageId) -> None:
    made(sender, message_id)
    typed(sender, message_id, receipt(office, message_id))
    page = sender.get(f"/messages/{message_id}?lang=en")
    assert "By file" in page.text
    assert "Opened and read" in page.text
