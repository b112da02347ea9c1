"""The queue, one message, and the answer to it, as a person without JavaScript works with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.evidence.entry import parse_entry
from gateway.use_cases.facts import Question
from gateway.use_cases.read_case_summaries import read_case_summaries
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.ids import MessageId
from tests.builders import NOW, consent, publish, record, referral, system_of
from tests.gateway.web.conftest import Browser, Office, Page

NAME = "Проба Вымышленная Тестовна"
STREET = "ул. Вымышленная"
PERSONAL = (NAME, STREET, "Тестовна", "11223344595", "112-233-445 95", "+70000000001", "15.01.2017", "Слова, которые")


def _sent(office: Office, **changes: object) -> MessageId:
    """A referral of the centre to the NGO, delivered."""
    town = office.running.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    message = submit_message(
        town.house, system_of(town.centre), referral(town.centre, town.ngo, **changes), NOW
    ).message
    office.deliver()
    return message.id


@pytest.fixture
def recipient(office: Office) -> Browser:
    return office.seat(office.running.town.ngo, "curator")


def _opened(browser: Browser, message_id: MessageId) -> Page:
    return browser.send(browser.get(f"/messages/{message_id}"), f"/messages/{message_id}/open")


def _entries(office: Office) -> list[str]:
    with office.running.house.store.reading() as unit:
        return [str(parse_entry(unit.log.entry(entry_id)[1]).kind) for entry_id, _ in unit.log.unsequenced(1000)]


def test_an_empty_queue_says_what_to_do(recipient: Browser) -> None:
    assert "Входящих сообщений пока нет" in recipient.get("/queue").text
    assert "нажмите «Новое направление»" in recipient.get("/queue?box=outbox").text


def test_the_queue_shows_what_and_from_whom_and_nothing_about_the_family(office: Office, recipient: Browser) -> None:
    _sent(office, urgency="urgent", reg_number="17-н", reg_on="2026-02-27")
    page = recipient.get("/queue")
    for words in ("Направление на сопровождение", "Центр «Семья»", "Срочно", "17-н от 27.02.2026", "02.03.2026 12:00"):
        assert words in page.text
    for words in PERSONAL:
        assert words not in page.body


def test_unopened_is_said_in_words_until_it_is_opened(office: Office, recipient: Browser) -> None:
    message_id = _sent(office)
    page = recipient.get("/queue")
    assert "На странице 1 неоткрытое сообщение." in page.text
    assert "Не открыто" in page.text
    _opened(recipient, message_id)
    assert "Не открыто" not in recipient.get("/queue").text


@pytest.mark.parametrize(("count", "words"), [(2, "2 неоткрытых сообщения"), (5, "5 неоткрытых сообщений")])
def test_counts_are_in_good_russian(office: Office, recipient: Browser, count: int, words: str) -> None:
    for _ in range(count):
        _sent(office)
    assert words in recipient.get("/queue").text


def test_a_long_queue_has_pages_that_neither_repeat_nor_miss(office: Office, recipient: Browser) -> None:
    sent = {_sent(office) for _ in range(23)}
    seen: list[str] = []
    page = recipient.get("/queue")
    while True:
        seen += [link.split("/")[-1] for link in page.tree.xpath("//main//td//a/@href")]
        following = page.tree.xpath("//a[@rel='next']/@href")
        if not following:
            break
        page = recipient.get(following[0])
        assert "К началу списка" in page.text
    assert len(seen) == len(set(seen))
    assert set(seen) == sent


def test_looking_at_a_message_does_not_open_it(office: Office, recipient: Browser) -> None:
    message_id = _sent(office)
    before = _entries(office)
    page = recipient.get(f"/messages/{message_id}")
    assert "Сообщение ещё не открыто" in page.text
    for words in PERSONAL:
        assert words not in page.body
    assert _entries(office) == before


def test_opening_shows_each_category_with_its_rule(office: Office, recipient: Browser) -> None:
    message_id = _sent(office)
    page = _opened(recipient, message_id)
    assert page.address == f"/messages/{message_id}?done=opened"
    assert NAME in page.text
    assert "15.01.2017" in page.text
    assert "Трудности с жильём" in page.text
    assert "Измайлово" in page.text
    assert STREET not in page.body  # masked until acceptance
    assert "Слова, которые" not in page.body  # the words of a referral are history, not a signal
    assert "112-233-445" not in page.body  # withheld
    assert "RU-152-9-1" in page.text
    assert "152-ФЗ ст. 9" in page.text
    assert "Закрыто правилом. Есть ли такие сведения, не сообщается." in page.text
    assert "Что вы обязаны" in page.text
    sections = [" ".join(s.text_content().split()) for s in page.tree.xpath("//div[@class='mz-section']")]
    assert [s.split(" ")[0] for s in sections] == ["Личность", "Контакты", "Адрес", "Оценка", "План", "Документы"]
    assert _entries(office).count("message.opened") == 1


def test_what_was_not_given_is_told_apart_from_what_is_withheld(office: Office, recipient: Browser) -> None:
    """Law 5: nothing to see has two reasons, and they never look the same."""
    page = _opened(recipient, _sent(office, persons=[{"kind": "child", "ref": "K-1", "identity": {"full_name": NAME}}]))
    sections = [" ".join(s.text_content().split()) for s in page.tree.xpath("//div[@class='mz-section']")]
    assert any("Контакты Не указано" in section and "Закрыто" not in section for section in sections)
    assert any("Документы и номера Закрыто" in section and "Не указано" not in section for section in sections)


def test_accepting_is_seen_by_both_and_opens_the_address(office: Office, recipient: Browser) -> None:
    message_id = _sent(office)
    sender = office.seat(office.running.town.centre, "curator")
    page = _opened(recipient, message_id)
    page = recipient.send(page, f"/messages/{message_id}/accept")
    assert page.address == f"/messages/{message_id}?done=accept"
    assert STREET in page.text
    assert _steps(page, message_id) == ["begin", "complete", "fail", "register", "export"]
    seen = sender.get(f"/messages/{message_id}").text
    for words in ("Принято шлюзом", "Доставлено", "Открыто", "Взято в работу"):
        assert words in seen


def _steps(page: Page, message_id: str) -> list[str]:
    """What the page offers to do with the message."""
    return [str(action).removeprefix(f"/messages/{message_id}/") for action in page.tree.xpath("//main//form/@action")]


def test_a_refusal_needs_a_reason_and_names_where_else_to_turn(office: Office, recipient: Browser) -> None:
    town = office.running.town
    message_id = _sent(office)
    action = f"/messages/{message_id}/reject"
    page = recipient.send(_opened(recipient, message_id), action)
    assert page.status == 400
    assert page.complaints == {"reason-reject": "Выберите причину"}
    assert page.tree.xpath("//details[@open]//select[@id='reason-reject']")
    page = recipient.send(page, action, reason="NO_CAPACITY")
    assert page.complaints == {"none_because-reject": "Назовите, где ещё могут помочь, или почему негде"}
    named = "Позвоните Марии Ивановне"
    page = recipient.send(page, action, reason="NO_CAPACITY", none_because="none_known", words=named)
    assert page.complaints == {"words-reject": "Уберите имена, номера и адреса"}
    assert page.tree.xpath("//mark/text()") == ["Марии Ивановне"]
    page = recipient.send(
        page,
        action,
        words="",
        none_because="",
        reason="NO_CAPACITY",
        alternative=[town.guardianship.id, "", town.school.id],
    )
    assert page.address.endswith("?done=reject")
    for browser in (recipient, office.seat(town.centre, "curator")):
        seen = browser.get(f"/messages/{message_id}").text
        assert "Нет мест" in seen
        assert "Орган опеки (тест)" in seen
        assert "Школа № 0 (тест)" in seen


@pytest.mark.parametrize(
    ("answer", "fields", "code"),
    [
        ("reject", {"reason": "OTHER", "alternative": "nobody"}, "organisation_unknown"),
        ("destroy", {}, "action_unknown"),
    ],
)
def test_what_the_page_does_not_offer_is_a_coded_error(
    office: Office, recipient: Browser, answer: str, fields: dict[str, str], code: str
) -> None:
    message_id = _sent(office)
    token = _opened(recipient, message_id).fields(f"/messages/{message_id}/accept")["form_token"]
    page = recipient.post(f"/messages/{message_id}/{answer}", form_token=token, **fields)
    assert page.status == 400
    assert code in page.text


def test_an_answer_given_twice_is_a_conflict_in_words(office: Office, recipient: Browser) -> None:
    message_id = _sent(office)
    page = _opened(recipient, message_id)
    recipient.send(page, f"/messages/{message_id}/accept")
    page = recipient.send(page, f"/messages/{message_id}/accept")
    assert page.status == 409
    assert "message_state_conflict" in page.text


def test_the_sender_sees_the_course_and_never_the_content(office: Office) -> None:
    message_id = _sent(office)
    sender = office.seat(office.running.town.centre, "curator")
    before = _entries(office)
    page = sender.get(f"/messages/{message_id}")
    assert "Это сообщение отправила ваша организация" in page.text
    assert _steps(page, message_id) == ["recall", "cancel", "enter_in_error", "packages", "export"]
    for words in PERSONAL:
        assert words not in page.body
    assert _entries(office) == before


@pytest.mark.parametrize(
    "ask",
    [
        lambda browser, token, message: browser.get(f"/messages/{message}"),
        lambda browser, token, message: browser.post(f"/messages/{message}/open", form_token=token),
        lambda browser, token, message: browser.post(f"/messages/{message}/accept", form_token=token),
        lambda browser, token, message: browser.get(f"/referrals/{message}/sent"),
    ],
)
def test_another_organisation_gets_what_it_gets_for_no_message(
    office: Office, ask: Callable[[Browser, str, str], Page]
) -> None:
    """Law 6: the same page for a message of others and for an invented one."""
    stranger = office.seat(office.running.town.stranger, "kdn_member")
    token = stranger.get("/queue").tree.xpath("//input[@name='form_token']/@value")[0]
    real, invented = str(_sent(office)), "00000000-0000-4000-8000-00000000dead"
    pages = [ask(stranger, token, message) for message in (real, invented)]
    assert [page.status for page in pages] == [404, 404]
    bodies = [page.body.replace(message, "ID") for page, message in zip(pages, (real, invented), strict=True)]
    assert bodies[0] == bodies[1]
    assert "message_unavailable" in bodies[0]


def test_a_shelter_is_not_named_where_whereabouts_are_protected(office: Office, recipient: Browser) -> None:
    """The name of the sender would be the address: on no page of the recipient, not even in the receipts."""
    town = office.running.town
    message_id = _sent(office)
    with town.house.store.reading() as unit:
        subject = unit.families.case_subjects(unit.messages.get(message_id, town.ngo.id, NOW).case_id)[0]
    record(town.house, subject, "location_protected", town.centre)
    main = [recipient.get("/queue"), recipient.get(f"/messages/{message_id}"), _opened(recipient, message_id)]
    for page in main:
        course = page.tree.xpath("//table | //dl | //ol")
        assert course
        assert all(town.centre.name not in part.text_content() for part in course)
    assert town.centre.name in office.seat(town.centre, "curator").get(f"/messages/{message_id}").text


def test_a_recall_says_what_to_erase_and_by_when(office: Office) -> None:
    town = office.running.town
    publish(town)
    given = consent(town, town.guardianship)
    browser = office.seat(town.guardianship, "guardianship_specialist")
    read_case_summaries(town.house, system_of(town.guardianship), Question("CASE_MGMT", ("ID", "PLN")), None, 10, NOW)
    withdraw_consent(town.house, system_of(town.ngo), given, NOW)
    office.deliver()
    page = browser.get("/queue")
    assert "Отзыв: прекратить использование и уничтожить" in page.text
    address = page.tree.xpath("//main//td//a/@href")[0]
    page = browser.send(browser.get(address), f"{address}/open")
    assert "Удалить до 01.04.2026" in page.text
    assert "План и услуги" in page.text
    assert not page.tree.xpath("//form[contains(@action, 'accept')]")
    page = browser.send(page, f"{address}/acknowledge")
    assert "Получение подтверждено" in page.text


@pytest.mark.parametrize("typed", ['"><script>alert(1)</script>', "{{ 7*7 }}", "a' onfocus='x", "<b>&amp;</b>"])
def test_what_people_wrote_is_shown_as_they_wrote_it(office: Office, recipient: Browser, typed: str) -> None:
    message_id = _sent(office, requested_action=typed, reg_number=typed)
    page = _opened(recipient, message_id)
    assert typed in page.tree.xpath("//main")[0].text_content()
    assert len(page.tree.xpath("//script")) == 1
