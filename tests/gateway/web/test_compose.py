"""Messages of every type from a browser: picked, filled in, previewed, sent, answered."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.use_cases.read_queue import read_message_state, read_queue
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import MessageOnFile
from gateway.web.compose import OWN_PAGES
from schemas.lifecycle import State
from schemas.messages import MessageDraft, message_types
from schemas.notes import note_rows
from tests.builders import NOW, consent, system_of
from tests.gateway.exchange.world import THREAT, notes
from tests.gateway.web.conftest import Browser, Office, Page

PATH = "/messages/new"
CHILD = {"child_ref": "K-1", "child_name": "Проба Вымышленная Тестовна", "child_birth": "15.01.2017"}


@pytest.fixture
def curator(office: Office) -> Browser:
    return office.seat(office.running.town.ngo, "curator")


def _open(browser: Browser, kind: str, **query: str) -> Page:
    return browser.get(PATH + "?" + "&".join([f"type={kind}", *(f"{k}={v}" for k, v in query.items())]))


def _queue(office: Office, organisation: Any) -> list[MessageOnFile]:
    office.deliver()
    return list(read_queue(office.running.house, system_of(organisation), NOW))


def test_one_is_offered_what_ones_organisation_may_send(office: Office, curator: Browser) -> None:
    offered = {str(href).partition("type=")[2] for href in curator.get(PATH).tree.xpath("//main//li/a/@href")} - {""}
    assert {"inquiry", "progress_report", "case_transfer", "threat_report"} <= offered
    assert not offered & {"ipr_order", "position", "recall", "lookup_echo", *OWN_PAGES}
    body = office.seat(office.running.town.stranger, "kdn_member")
    theirs = {str(href).partition("type=")[2] for href in body.get(PATH).tree.xpath("//main//li/a/@href")}
    assert "ipr_order" in theirs
    assert _open(curator, "ipr_order").status == 400


@pytest.mark.parametrize("kind", sorted(set(message_types()) - OWN_PAGES - {"recall", "lookup_echo"}))
def test_every_type_has_a_form_with_its_fields(office: Office, kind: str) -> None:
    for organisation, role in (
        (office.running.town.ngo, "curator"),
        (office.running.town.guardianship, "guardianship_specialist"),
        (office.running.town.stranger, "kdn_member"),
    ):
        page = _open(office.seat(organisation, role), kind)
        if page.status == 200:
            names = set(page.fields(PATH))
            inputs = {name for name in page.tree.xpath("//main//form//@name") if str(name).startswith("note-")}
            assert {f"note-{row.field}" for row in note_rows().get(kind, ())} <= inputs | names
            assert ("child_ref" in names) is (message_types()[kind].persons != "none")
            return
    pytest.fail(f"nobody has a form for {kind}")


def test_a_question_without_names_is_sent_and_read(office: Office, curator: Browser) -> None:
    town = office.running.town
    page = _open(curator, "inquiry")
    filled = {
        "recipient": town.centre.ogrn,
        "urgency": "urgent",
        "note-need": ["shelter"],
        "note-district": "45",
        "note-contact": "Дежурный куратор",
        "note-contact_phone": "8 800 000-00-00",
        "note-words": "Спросите Иванову Марию",
    }
    page = curator.send(page, PATH, **filled)
    assert page.complaints == {"note-words": "Уберите имена, номера и адреса"}
    assert page.tree.xpath("//mark/text()") == ["Иванову Марию"]
    page = curator.send(page, PATH, **{"note-words": "Нужно место на ночь"})
    assert "Место проживания матери с ребёнком" in page.text
    page = curator.send(page, PATH, step="send")
    assert page.address.endswith("/sent")
    (message,) = _queue(office, town.centre)
    reader = office.seat(town.centre, "curator")
    opened = reader.send(reader.get(f"/messages/{message.id}"), f"/messages/{message.id}/open")
    assert "Нужно место на ночь" in opened.text
    assert "8 800 000-00-00" in opened.text


def test_what_is_missing_is_said_at_its_field(office: Office, curator: Browser) -> None:
    page = curator.send(_open(curator, "council_invitation"), PATH, **{"note-at": "31.02.2026"})
    assert set(page.complaints) == {"recipient", "urgency", "note-at", "note-place", "note-topic"}


def test_a_reply_is_written_from_the_message_it_answers(office: Office, curator: Browser) -> None:
    town = office.running.town
    draft = MessageDraft.model_validate(
        {
            "operation_id": "00000000-0000-4000-8000-0000000000aa",
            "type": "inquiry",
            "sender_ogrn": town.guardianship.ogrn,
            "recipient_ogrn": town.ngo.ogrn,
            "notes": notes("inquiry"),
        }
    )
    asked = submit_message(office.running.house, system_of(town.guardianship), draft, NOW).message
    office.deliver()
    page = curator.send(curator.get(f"/messages/{asked.id}"), f"/messages/{asked.id}/open")
    (link,) = page.tree.xpath("//a[contains(@href, 'answers=')]/@href")
    page = curator.get(f"{PATH}?type=first_visit_notice&{str(link).partition('?')[2]}")
    assert page.fields(PATH)["recipient"] == [town.guardianship.ogrn]
    page = curator.send(page, PATH, urgency="planned", **{"note-on": "05.03.2026"})
    assert "05.03.2026" in page.text
    curator.send(page, PATH, step="send")
    (notice,) = _queue(office, town.guardianship)
    assert (notice.type, notice.answers_id, dict(notice.notes)) == (
        "first_visit_notice",
        asked.id,
        {"on": "2026-03-05"},
    )


def test_a_stranger_answers_no_message_of_others(office: Office, curator: Browser) -> None:
    for message in ("00000000-0000-4000-8000-00000000dead", "x"):
        assert _open(curator, "first_visit_notice", answers=message).status == 404


def test_a_named_message_shows_what_its_recipient_will_see(office: Office, curator: Browser) -> None:
    town = office.running.town
    filled = {"recipient": town.guardianship.ogrn, "urgency": "planned", "plan_text": "Всё идёт по плану", **CHILD}
    page = curator.send(_open(curator, "progress_report"), PATH, **filled)
    assert page.status == 403
    assert "RU-152-6-1" in page.text
    assert page.tree.xpath("//a[@href='/messages/new?type=inquiry']"), "the way out without a consent"
    consent(town, town.guardianship)
    page = curator.send(page, PATH, step="edit")
    page = curator.send(page, PATH)
    assert page.status == 200
    assert "Всё идёт по плану" in page.text
    curator.send(page, PATH, step="send")
    (report,) = _queue(office, town.guardianship)
    assert (report.type, report.purpose) == ("progress_report", "CASE_MGMT")


def test_a_threat_that_is_not_direct_goes_as_a_signal_in_one_step(office: Office, curator: Browser) -> None:
    town = office.running.town
    filled = {"recipient": town.guardianship.ogrn, "urgency": "emergency", "statement": THREAT, **CHILD}
    page = curator.send(_open(curator, "threat_report"), PATH, statute="СК РФ ст. 56", **filled)
    assert set(page.complaints) == {"recipient"}
    assert "если угроза прямая" in page.text
    letter = curator.send(page, PATH, step="letter")
    assert THREAT in letter.text
    page = curator.send(letter, PATH, step="edit")
    assert page.fields(PATH)["statement"] == [THREAT]
    page = curator.send(page, PATH, step="as_signal")
    assert page.fields(PATH)["type"] == ["signal"]
    page = curator.send(page, PATH)
    page = curator.send(page, PATH, step="send")
    assert page.address.endswith("/sent")
    (signal,) = _queue(office, town.guardianship)
    assert (signal.type, signal.trigger, signal.state) == ("signal", "threat", State.DELIVERED)


def test_a_direct_threat_is_in_the_queue_at_once(office: Office, curator: Browser) -> None:
    town = office.running.town
    filled = {
        "recipient": town.guardianship.ogrn,
        "urgency": "emergency",
        "direct": "yes",
        "statement": THREAT,
        **CHILD,
    }
    page = curator.send(_open(curator, "threat_report"), PATH, statute="СК РФ ст. 56", **filled)
    assert page.status == 200, page.text
    curator.send(page, PATH, step="send")
    found = read_queue(office.running.house, system_of(town.guardianship), NOW)
    assert [(m.type, m.state) for m in found] == [("threat_report", State.DELIVERED)]


def test_a_call_is_put_down_with_its_caller_protected(office: Office) -> None:
    town = office.running.town
    specialist = office.seat(town.guardianship, "guardianship_specialist")
    filled = {
        "recipient": town.guardianship.ogrn,
        "urgency": "urgent",
        "trigger": "threat",
        "statement": "Крики за стеной",
        "reporter_name": "Сосед Вымышленный",
        **CHILD,
    }
    page = specialist.send(_open(specialist, "signal"), PATH, **filled)
    assert page.complaints == {"note-received_by": "Укажите, как поступил сигнал"}
    page = specialist.send(page, PATH, **{"note-received_by": "phone"})
    assert page.status == 200
    specialist.send(page, PATH, step="send")
    (signal,) = _queue(office, town.guardianship)
    page = specialist.send(specialist.get(f"/messages/{signal.id}"), f"/messages/{signal.id}/open")
    assert "Крики за стеной" in page.text
    assert "Сосед" not in page.body
    state = read_message_state(office.running.house, system_of(town.guardianship), signal.id, NOW)
    assert state is not None
    assert dict(state.notes) == {"received_by": "phone"}
