"""A new referral in three steps: the form, «получатель увидит», the receipt."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from gateway.use_cases.read_queue import read_queue
from tests.builders import NOW, consent, system_of
from tests.gateway.web.conftest import Browser, Office, Page

PATH = "/referrals/new"
SCAN = b"%PDF synthetic scan of a consent"
SECRETS = ("Пробный Тест Тестович", "ул. Тестовая", "11223344595", "К-77")
CONSENT = {
    "consent_signed": "yes",
    "consent_given_on": "10.01.2026",
    "consent_valid_to": "31.12.2026",
    "consent_form": "paper",
    "consent_signers": ["mother"],
    "consent_verified": "yes",
    "consent_categories": ["ID", "CON", "LOC", "RSK", "PLN"],
    "consent_separate": "yes",
    "consent_complete": "yes",
}


def _typed(office: Office, **changes: Any) -> dict[str, Any]:
    return {
        "recipient": office.running.town.ngo.ogrn,
        "kind": "referral",
        "urgency": "planned",
        "child_ref": "К-77",
        "child_name": "Пробный Тест Тестович",
        "child_birth": "15.01.2017",
        "child_snils": "112-233-445 95",
        "address": "ул. Тестовая, 1",
        "municipality": "Измайлово",
        "concerns": ["HOUSING", "POVERTY"],
        "statement": "Слова этого обращения",
        "requested_action": "Консультация",
        "step": "preview",
        **changes,
    }


@pytest.fixture
def sender(office: Office) -> Browser:
    return office.seat(office.running.town.centre, "curator")


def _preview(office: Office, sender: Browser, files: Any = None, **changes: Any) -> Page:
    return sender.send(sender.get(PATH), PATH, files=files, **_typed(office, **changes))


def _with_consent(office: Office, sender: Browser, **changes: Any) -> Page:
    scan = {"consent_scan": ("scan.pdf", SCAN, "application/pdf")}
    return _preview(office, sender, files=scan, **{**CONSENT, **changes})


def _outbox(office: Office) -> list[str]:
    return [m.id for m in read_queue(office.running.house, system_of(office.running.town.centre), NOW, "outbox")]


def test_an_empty_form_names_every_required_field(sender: Browser) -> None:
    page = sender.send(sender.get(PATH), PATH, step="preview")
    assert page.status == 400
    assert list(page.complaints) == [
        "kind",
        "recipient",
        "urgency",
        "child_ref",
        "child_name",
        "child_birth",
        "concerns",
        "requested_action",
    ]
    for name, words in page.complaints.items():
        field = page.tree.xpath(f"//*[@id='{name}']")[0]
        described = " ".join(
            page.tree.xpath(f"//*[@id='{part}']")[0].text_content()
            for holder in (field, *field.iterancestors("fieldset"))
            for part in (holder.get("aria-describedby") or "").split()
        )
        assert words in described


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("child_snils", "112-233-445 96", "контрольных цифр"),
        ("child_snils", "123", "контрольных цифр"),
        ("child_birth", "31.02.2017", "ДД.ММ.ГГГГ"),
        ("child_birth", "01.01.2031", "не может быть в будущем"),
        ("reg_on", "03.03.2026", "не может быть позже сегодняшней"),
        ("child_phone", "12", "от 10 до 15 цифр"),
        ("address", "", "уберите район"),
        ("parent_name", "Мать Тестовая", "кем взрослый приходится"),
        ("statement", "я" * 4001, "сократите"),
        ("child_name", "я" * 501, "сократите"),
        ("recipient", "1027700132195", "Выберите получателя"),
        ("operation_id", "not-a-number", "Форма повреждена"),
    ],
)
def test_a_wrong_field_is_explained_beside_it_and_keeps_what_was_typed(
    office: Office, sender: Browser, field: str, value: str, words: str
) -> None:
    page = _preview(office, sender, **{field: value})
    assert page.status == 400
    assert len(page.complaints) == 1
    assert words in next(iter(page.complaints.values()))
    assert page.fields(PATH)["child_ref"] == ["К-77"]
    if field != "recipient":
        assert page.fields(PATH)[field] == [value]
    assert value == "" or value not in " ".join(page.complaints.values())


def test_a_signal_asks_for_its_trigger_and_its_words(office: Office, sender: Browser) -> None:
    page = _preview(office, sender, kind="signal", statement="", requested_action="")
    assert list(page.complaints) == ["trigger", "statement"]


def test_without_consent_the_rule_and_the_way_out_are_shown_and_nothing_can_be_sent(
    office: Office, sender: Browser
) -> None:
    page = _preview(office, sender)
    assert page.status == 403
    assert "RU-152-6-1" in page.text
    assert "152-ФЗ ст. 6 ч. 1" in page.text
    assert "Получите согласие семьи" in page.text
    assert "напишите ему без имён" in page.text
    assert not page.tree.xpath("//button[@value='send']")
    forced = sender.send(page, PATH, step="send")
    assert forced.status == 403
    assert "RU-152-6-1" in forced.text
    assert _outbox(office) == []


def test_nothing_is_in_an_address_and_nothing_is_stored_before_sending(office: Office, sender: Browser) -> None:
    page = _preview(office, sender)
    assert page.address == PATH
    for secret in SECRETS:
        assert secret not in "".join(page.tree.xpath("//a/@href | //form/@action"))
    stored = b"".join(file.read_bytes() for file in office.running.settings.home.rglob("*") if file.is_file())
    for secret in SECRETS:
        assert secret.encode() not in stored
    with office.running.house.store.reading() as unit:
        assert unit.families.cases_of_holder(office.running.town.centre.id, 10) == []


def test_a_recorded_consent_opens_the_way_and_the_scan_is_not_kept(office: Office, sender: Browser) -> None:
    page = _with_consent(office, sender)
    assert page.status == 200
    assert page.heading == "Получатель увидит"
    carried = page.fields(PATH)
    digest = hashlib.sha256(SCAN).hexdigest()
    assert carried["consent_digest"] == [digest]
    with office.running.house.store.reading() as unit:
        kept = unit.consents.get(carried["consent_id"][0])
    assert kept.evidence_digest == digest
    assert kept.purpose == "REFERRAL"
    assert kept.recipient_id == office.running.town.ngo.id
    stored = b"".join(file.read_bytes() for file in office.running.settings.home.rglob("*") if file.is_file())
    assert SCAN not in stored


def test_the_preview_is_what_the_recipient_then_sees(office: Office, sender: Browser) -> None:
    page = _with_consent(office, sender)
    for words in ("Пробный Тест Тестович", "Измайлово", "Трудности с жильём", "Консультация", "Видит сокращённо"):
        assert words in page.text
    assert "Не увидит: Обстоятельства этого обращения" in page.text
    assert "ул. Тестовая" not in page.text  # masked
    assert "112-233-445" not in page.text  # withheld
    assert "К-77" not in page.text  # the sender's own number is not shown to the recipient

    sent = sender.send(page, PATH, step="send")
    assert sent.heading == "Отправлено"
    (message,) = _outbox(office)
    assert sent.address == f"/referrals/{message}/sent"
    assert message in sent.text
    office.deliver()
    recipient = office.seat(office.running.town.ngo, "curator")
    opened = recipient.send(recipient.get(f"/messages/{message}"), f"/messages/{message}/open")

    def lines(shown: Page) -> list[str]:
        return [" ".join(line.text_content().split()) for line in shown.tree.xpath("//p[@class='mz-line']")]

    assert lines(opened) == lines(page)


def test_sending_twice_sends_once(office: Office, sender: Browser) -> None:
    page = _with_consent(office, sender)
    first = sender.send(page, PATH, step="send")
    second = sender.send(page, PATH, step="send")
    assert first.address == second.address
    assert len(_outbox(office)) == 1


def test_the_same_number_with_other_words_is_refused(office: Office, sender: Browser) -> None:
    page = _with_consent(office, sender)
    sender.send(page, PATH, step="send")
    page = sender.send(page, PATH, step="send", requested_action="Совсем другое")
    assert page.status == 409
    assert "operation_id_reused" in page.text


def test_going_back_keeps_everything_and_the_consent_is_recorded_once(office: Office, sender: Browser) -> None:
    page = _with_consent(office, sender)
    back = sender.send(page, PATH, step="edit")
    assert "Согласие записано" in back.text
    fields = back.fields(PATH)
    for name, value in _typed(office).items():
        if name != "step":
            assert fields[name] == (value if isinstance(value, list) else [value])
    again = sender.send(back, PATH, step="preview")
    assert again.fields(PATH)["consent_id"] == page.fields(PATH)["consent_id"]
    another = sender.send(back, PATH, step="new_consent")
    assert "consent_id" not in another.fields(PATH)
    assert another.fields(PATH)["child_name"] == ["Пробный Тест Тестович"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("consent_given_on", "", "дату подписания"),
        ("consent_given_on", "03.03.2026", "не может быть позже"),
        ("consent_valid_to", "", "до которой действует"),
        ("consent_valid_to", "09.01.2026", "раньше подписания"),
        ("consent_signers", [], "кто подписал"),
        ("consent_categories", ["XXX"], "на которые дано"),
        ("consent_form", "checkbox", "форму согласия"),
        ("consent_adult", "yes", "ваш номер взрослого"),
    ],
)
def test_a_consent_that_is_not_whole_is_not_recorded(
    office: Office, sender: Browser, field: str, value: Any, words: str
) -> None:
    page = _with_consent(office, sender, **{field: value})
    assert page.status == 400
    assert words in next(iter(page.complaints.values()))
    assert page.fields(PATH)["consent_digest"] == [hashlib.sha256(SCAN).hexdigest()]
    assert "consent_id" not in page.fields(PATH)


def test_a_consent_block_that_was_filled_but_not_ticked_is_not_dropped_in_silence(
    office: Office, sender: Browser
) -> None:
    page = _with_consent(office, sender, consent_signed=[])
    assert page.complaints == {"consent_signed": "Отметьте, что согласие подписано, или очистите этот блок"}


def test_enter_never_drops_a_recorded_consent(office: Office, sender: Browser) -> None:
    """A browser presses the first button of the form."""
    back = sender.send(_with_consent(office, sender), PATH, step="edit")
    assert back.tree.xpath("(//main//form//button)[1]/@value") == ["preview"]


def test_nothing_personal_is_printed_or_logged(
    office: Office, sender: Browser, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Law 8, for a whole passage through the form."""
    caplog.set_level(0)
    _preview(office, sender, child_snils="112-233-445 96")
    page = _with_consent(office, sender)
    sender.send(page, PATH, step="send")
    sender.send(page, PATH, step="send", requested_action="Совсем другое")
    said = caplog.text + "".join(capfd.readouterr())
    for secret in (*SECRETS, "112-233-445", "Пробный", "Слова этого обращения"):
        assert secret not in said


def test_a_consent_needs_its_scan(office: Office, sender: Browser) -> None:
    assert list(_preview(office, sender, **CONSENT).complaints) == ["consent_scan"]


def test_the_adult_passes_only_with_its_own_consent(office: Office, sender: Browser) -> None:
    adult = {
        "parent_role": "mother",
        "parent_ref": "К-77-М",
        "parent_name": "Пробная Мать Тестовна",
        "parent_birth": "05.05.1990",
        "parent_phone": "+7 495 000-00-02",
    }
    assert "Пробная Мать" not in _with_consent(office, sender, **adult).text
    page = _with_consent(office, sender, consent_adult="yes", **adult)
    assert "Пробная Мать" in page.text
    assert "+7 495 000-00-02" in page.text


def test_a_number_and_a_snils_of_two_people_come_back_as_a_complaint(office: Office, sender: Browser) -> None:
    town = office.running.town
    sender.send(_with_consent(office, sender), PATH, step="send")
    consent(town, town.ngo, ref="К-78", purpose="REFERRAL", discloser=town.centre)
    page = _preview(office, sender, child_ref="К-78")
    assert page.status == 400
    assert list(page.complaints) == ["child_snils"]
    assert page.fields(PATH)["child_ref"] == ["К-78"]


def test_a_signal_passes_without_consent_and_says_why(office: Office, sender: Browser) -> None:
    page = _preview(
        office,
        sender,
        kind="signal",
        trigger="threat",
        recipient=office.running.town.guardianship.ogrn,
        urgency="emergency",
    )
    assert page.status == 200
    assert "RU-120-9-1" in page.text
    assert "Слова этого обращения" in page.text
    assert sender.send(page, PATH, step="send").heading == "Отправлено"


def test_a_signal_to_the_wrong_body_says_where_to(office: Office, sender: Browser) -> None:
    page = _preview(office, sender, kind="signal", trigger="threat", recipient=office.running.town.school.ogrn)
    assert page.status == 400
    assert "Законно было бы: Орган опеки и попечительства" in page.text
    assert page.complaints == {"recipient": "Этому получателю такое сообщение не направляют"}
    assert not page.tree.xpath("//button[@value='send']")


@pytest.mark.parametrize(
    "typed", ['"><script>alert(1)</script>', "</textarea><b>", "{{ 7*7 }}", "a&amp;'b", "\nпустая строка"]
)
def test_what_was_typed_comes_back_as_it_was_typed(office: Office, sender: Browser, typed: str) -> None:
    page = _preview(office, sender, child_name=typed, statement=typed, child_snils="1")
    assert page.fields(PATH)["child_name"] == [typed.strip()]
    assert page.fields(PATH)["statement"] == [typed.strip()]
    assert len(page.tree.xpath("//script")) == 1
