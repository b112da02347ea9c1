"""Documents on the pages, without a script: added, removed, refused beside their field, previewed, sent, downloaded."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.main import build_app
from gateway.oauth.keys import load_or_create_signing_key
from gateway.partner.sealed_files import FileSealer, answer_challenge, open_file, text_of
from gateway.settings import Settings
from gateway.storage import tables as t
from gateway.storage import tables_attachments as a
from gateway.storage.blobs import DirectoryBlobs
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.attachment_values import AttachmentLimits
from gateway.use_cases.house import House
from gateway.use_cases.read_queue import read_queue
from gateway.use_cases.receive_upload import clear_uploads
from gateway.use_cases.redirect_message import redirect_message
from gateway.use_cases.register_seal_key import confirm_seal_key, register_seal_key
from gateway.use_cases.values import MessageOnFile
from gateway.web.documents import STAFF, declared_type, signer_codes
from gateway.web.multipart import Part
from gateway.web.session import FORM_TOKEN, SESSION_COOKIE, form_token
from schemas.catalogue import words
from schemas.codes import document_kinds
from tests.adapters.attachment_files import HOSTILE, TXT, docx, pdf
from tests.builders import NOW, consent, system_of, town
from tests.gateway.conftest import BASE, Running
from tests.gateway.web.conftest import Browser, Office, Page

PATH = "/messages/new"
REFERRAL = "/referrals/new"
CHILD = {"child_ref": "K-1", "child_name": "Проба Вымышленная Тестовна", "child_birth": "15.01.2017"}
DOCUMENT = {"doc_kind": "first_visit_report", "doc_category": "PLN", "doc_on": "10.01.2026", "doc_how": "file"}
NAME = "Иванова Мария, д. 7.pdf"


@pytest.fixture
def office(sqlite_house: House, tmp_path: Path) -> Iterator[Office]:
    """As everywhere, with a place for files of at most 200 kB."""
    limits = AttachmentLimits(one_file=200_000, one_message=300_000, files_in_message=3)
    house = replace(sqlite_house, blobs=DirectoryBlobs(tmp_path / "blobs"), attachment_limits=limits)
    settings = Settings(home=tmp_path, max_attachment_bytes=200_000, max_file_bytes=300_000)
    settings.key_folder.mkdir(exist_ok=True)
    load_or_create_signing_key(settings.key_folder / "oauth.pem")
    app = build_app(settings, house, lambda: NOW, relay=False)
    with TestClient(app, base_url=BASE) as http:
        running = Running(town(house), http, settings)
        consent(running.town, running.town.centre, "K-1", purpose="CASE_MGMT", discloser=running.town.ngo)
        consent(running.town, running.town.centre, "K-1", purpose="REFERRAL", discloser=running.town.ngo)
        yield Office(running, lambda: Browser(TestClient(app, base_url=BASE)))


@pytest.fixture
def curator(office: Office) -> Browser:
    return office.seat(office.running.town.ngo, "curator")


def _typed(office: Office, **changes: Any) -> dict[str, Any]:
    return {
        "recipient": office.running.town.centre.ogrn,
        "kind": "referral",
        "urgency": "planned",
        **CHILD,
        "address": "ул. Тестовая, 1",
        "municipality": "Измайлово",
        "concerns": ["HOUSING"],
        "statement": "Слова этого обращения",
        "requested_action": "Консультация",
        **changes,
    }


def _file(content: bytes = b"", name: str = NAME, kind: str = "application/pdf") -> dict[str, Any]:
    return {"doc_file": (name, content or pdf(), kind)}


def _add(office: Office, browser: Browser, page: Page | None = None, files: Any = None, **typed: Any) -> Page:
    fields = {**_typed(office), **DOCUMENT, "step": "add_document", **typed}
    return browser.send(page or browser.get(REFERRAL), REFERRAL, files=files, **fields)


def _uploads(office: Office) -> list[Any]:
    with office.running.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        return list(connection.execute(select(a.uploads)))


def _titles(page: Page) -> list[str]:
    return [str(words) for words in page.tree.xpath("//*[@class='mz-document__title']/text()")]


def _inbox(office: Office) -> MessageOnFile:
    office.deliver()
    (message,) = read_queue(office.running.house, system_of(office.running.town.centre), NOW)
    return message


def _sent(office: Office, curator: Browser, *files: dict[str, Any], **typed: Any) -> MessageOnFile:
    page = None
    for file in files or (_file(),):
        page = _add(office, curator, page, file, **typed)
    assert page is not None
    page = curator.send(page, REFERRAL, step="preview")
    assert page.status == 200, page.complaints or page.text
    page = curator.send(page, REFERRAL, step="send")
    assert page.address.endswith("/sent")
    return _inbox(office)


def _opened(office: Office, message: MessageOnFile) -> tuple[Browser, Page]:
    reader = office.seat(office.running.town.centre, "curator")
    return reader, reader.send(reader.get(f"/messages/{message.id}"), f"/messages/{message.id}/open")


# --- adding -----------------------------------------------------------------------------------------------------------


def test_a_document_is_added_and_everything_typed_stays(office: Office, curator: Browser) -> None:
    page = _add(office, curator, files=_file(), doc_signers=["mother", "curator"])
    assert page.status == 200
    assert _titles(page) == ["Отчёт о первом выезде"]
    assert "10.01.2026" in page.text
    assert "мать, куратор" in page.text
    fields = page.fields(REFERRAL)
    assert fields["statement"] == ["Слова этого обращения"]
    assert fields["child_name"] == [CHILD["child_name"]]
    assert not fields["doc_kind"][0], "the block is empty again"
    (upload,) = _uploads(office)
    assert fields["doc-1-upload"] == [upload.id]
    assert (upload.state, upload.operation_id, upload.organisation_id) == (
        "complete",
        fields["operation_id"][0],
        office.running.town.ngo.id,
    )


def test_the_name_of_a_file_is_nowhere(office: Office, curator: Browser, tmp_path: Path) -> None:
    page = _add(office, curator, files=_file(name="C:\\Семьи\\Иванова Мария\\отчёт.pdf"))
    assert "Иванова" not in page.body
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert "Иванова".encode() not in path.read_bytes(), path.name


def test_several_documents_and_one_removed(office: Office, curator: Browser) -> None:
    page = _add(office, curator, files=_file(), doc_category="ID")
    page = _add(office, curator, page, _file(docx(), "a.docx", ""), doc_kind="family_application", doc_category="ID")
    fact = {"doc_kind": "support_plan", "doc_how": "fact", "doc_sha256": "A" * 64, "doc_category": "ID"}
    page = _add(office, curator, page, None, **fact)
    assert _titles(page) == ["Отчёт о первом выезде", "Заявление семьи", "План работы с семьёй"]
    assert not page.tree.xpath("//*[@name='doc_kind']"), "no more than the limit"
    page = curator.send(page, REFERRAL, step="remove_document:2")
    assert _titles(page) == ["Отчёт о первом выезде", "План работы с семьёй"]
    assert page.fields(REFERRAL)["doc-3-sha256"] == ["a" * 64]
    page = curator.send(page, REFERRAL, step="preview")
    assert page.heading == "Получатель увидит"
    page = curator.send(page, REFERRAL, step="send")
    _, page = _opened(office, _inbox(office))
    assert _titles(page) == ["Отчёт о первом выезде", "План работы с семьёй"]
    assert len(page.tree.xpath("//form[contains(@action,'/documents/')]")) == 1, "a fact has nothing to download"


@pytest.mark.parametrize(
    ("file", "words_of_it"),
    [
        (_file(docx(), "a.pdf"), "другого типа"),
        (_file(HOSTILE["PDF with a script"][0]), "макросы или сценарии"),
        (_file(HOSTILE["DOCX with an object"][0], "a.docx"), "вложены другие файлы"),
        (_file(b"MZ\x90\x00", "a.exe", "application/x-msdownload"), "этого типа не принимаются"),
        (_file(TXT * 9000, "a.txt", "text/plain"), "слишком велик"),
        (_file(b"\x00", "a.sealed"), "закрыт не так"),
        ({"doc_file": ("a.pdf", b"", "application/pdf")}, "Файл пуст"),
        (None, "Выберите файл"),
    ],
)
def test_a_file_that_is_not_taken_is_explained_beside_its_field_and_nothing_is_lost(
    office: Office, curator: Browser, tmp_path: Path, file: Any, words_of_it: str
) -> None:
    page = _add(office, curator, files=file)
    assert page.status == 400
    assert list(page.complaints) == ["doc_file"]
    assert words_of_it in page.complaints["doc_file"]
    fields = page.fields(REFERRAL)
    assert fields["doc_kind"] == ["first_visit_report"]
    assert fields["statement"] == ["Слова этого обращения"]
    assert page.tree.xpath("//details[@open]//*[@id='doc_file']"), "the block is open"
    assert _uploads(office) == []
    assert not [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


def test_a_file_that_was_taken_need_not_be_chosen_again(office: Office, curator: Browser) -> None:
    page = _add(office, curator, files=_file(), doc_kind="", doc_category="", doc_on="31.02.2026")
    assert list(page.complaints) == ["doc_kind", "doc_on", "doc_category"]
    assert "Файл принят: PDF" in page.text
    page = _add(office, curator, page)
    assert page.status == 200
    assert _titles(page) == ["Отчёт о первом выезде"]
    assert len(_uploads(office)) == 1


def test_what_was_described_and_not_added_is_not_dropped(office: Office, curator: Browser) -> None:
    page = _add(office, curator, files=_file(), step="preview")
    assert page.heading == "Получатель увидит"
    assert "Отчёт о первом выезде" in page.text
    page = _add(office, curator, step="preview", doc_category="")
    assert list(page.complaints) == ["doc_category", "doc_file"]


@pytest.mark.parametrize("digest", ["xyz", "a" * 63, "Иванова Мария"])
def test_a_digest_is_a_digest(office: Office, curator: Browser, digest: str) -> None:
    page = _add(office, curator, doc_how="fact", doc_sha256=digest)
    assert list(page.complaints) == ["doc_sha256"]
    assert digest not in page.complaints["doc_sha256"]


def test_a_document_of_an_adult_needs_the_adult(office: Office, curator: Browser) -> None:
    page = _add(office, curator, files=_file(), doc_person="parent")
    page = curator.send(page, REFERRAL, step="preview")
    assert "взрослому" in page.complaints["documents"]
    page = curator.send(
        page, REFERRAL, step="preview", parent_role="mother", parent_ref="K-1-M", parent_name="Мать Вымышленная"
    )
    assert page.status == 200


# --- on the way -------------------------------------------------------------------------------------------------------


def test_documents_survive_the_way_back_and_forth(office: Office, curator: Browser) -> None:
    page = _add(office, curator, files=_file())
    for _ in range(2):
        page = curator.send(page, REFERRAL, step="preview")
        assert "Отчёт о первом выезде" in page.text
        page = curator.send(page, REFERRAL, step="edit")
        assert _titles(page) == ["Отчёт о первом выезде"]
    assert len(_uploads(office)) == 1


def test_the_preview_says_of_each_document_what_the_recipient_will_see(office: Office, curator: Browser) -> None:
    page = _add(office, curator, files=_file(), doc_category="ID")
    page = _add(office, curator, page, _file(), doc_category="LOC", doc_kind="residence_permit")
    page = _add(office, curator, page, _file(), doc_category="IDN", doc_kind="passport_rf")
    page = curator.send(page, REFERRAL, step="preview")
    section = page.tree.xpath("//section[@aria-labelledby='documents-title']")[0]
    shown = {
        one.findtext(".//h3"): " ".join(one.text_content().split())
        for one in section.xpath(".//div[@class='mz-section']")
    }
    assert "Получатель увидит документ целиком" in shown["Отчёт о первом выезде"]
    assert "Откроется после принятия" in shown["Вид на жительство"]
    assert "не сохраняется и не отправляется" in shown["Паспорт гражданина РФ"]
    assert all("RU-" in said or "POL-" in said for said in shown.values()), "each with its rule"
    curator.send(page, REFERRAL, step="send")
    message = _inbox(office)
    reader, page = _opened(office, message)
    assert _titles(page) == ["Отчёт о первом выезде"]
    page = reader.send(page, f"/messages/{message.id}/accept")
    assert _titles(page) == ["Отчёт о первом выезде", "Вид на жительство"]


def test_a_file_sealed_for_the_recipient_is_taken_from_a_page(office: Office, curator: Browser) -> None:
    """Its ending says what it is; the key that it names must be the recipient's."""
    key, out = X25519PrivateKey.generate(), io.BytesIO()
    sealer = FileSealer(key.public_key(), out.write)
    sealer.feed(pdf())
    sealer.finish()
    page = _add(
        office, curator, files=_file(out.getvalue(), "скан.sealed", "application/octet-stream"), doc_category="ID"
    )
    assert "закрыт для ключа получателя" in page.text
    page = curator.send(page, REFERRAL, step="preview")
    assert "которого у этого получателя нет" in page.complaints["documents"]
    house, centre = office.running.house, office.running.town.centre
    made = register_seal_key(house, centre.id, text_of(key.public_key()), "client:test", NOW)
    answer = answer_challenge(key, made.challenge, centre.ogrn)
    confirm_seal_key(house, centre.id, made.key.id, answer, "client:test", NOW)
    page = curator.send(page, REFERRAL, step="preview")
    assert "шлюз его не читает" in page.text
    curator.send(page, REFERRAL, step="send")
    message = _inbox(office)
    reader, page = _opened(office, message)
    (form,) = page.tree.xpath("//form[contains(@action,'/documents/')]")
    answer_of_file = reader.http.post(form.get("action"), data=page.fields(form.get("action")))
    assert answer_of_file.headers["content-disposition"].endswith('.sealed"')
    assert b"".join(open_file(key, io.BytesIO(answer_of_file.content))) == pdf()


def test_a_sender_gets_its_file_back_by_a_button(office: Office, curator: Browser) -> None:
    message = _sent(office, curator, doc_category="ID")
    page = curator.get(f"/messages/{message.id}")
    assert "Файл получит назад тот, кто работает по случаю" in page.text
    (form,) = page.tree.xpath("//form[contains(@action,'/documents/')]")
    address = form.get("action")
    answer = curator.http.post(address, data=page.fields(address))
    assert answer.content == pdf()
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert curator.http.post(address).status_code == 403, "not without the token of a form"
    dpo = office.seat(office.running.town.ngo, "dpo")
    page = dpo.get(f"/messages/{message.id}")
    assert "/documents/" not in page.body
    token = form_token(dpo.http.cookies[SESSION_COOKIE])
    assert "not_for_overseers" in dpo.http.post(address, data={FORM_TOKEN: token}).text


def test_documents_are_kept_with_a_draft(office: Office, curator: Browser) -> None:
    """Those added, and the file of one that was not described to its end."""
    page = _add(office, curator, files=_file())
    page = _add(office, curator, page, _file(), step="draft", doc_kind="", doc_category="ID")
    assert "Черновик сохранён" in page.text
    (link,) = {str(href) for href in page.tree.xpath("//main//a/@href") if str(href).startswith("/drafts/")}
    page = curator.get(link)
    assert _titles(page) == ["Отчёт о первом выезде"]
    assert "Файл принят: PDF" in page.text
    page = curator.send(page, REFERRAL, step="preview", doc_kind="support_plan")
    assert page.heading == "Получатель увидит"
    assert "План работы с семьёй" in page.text


def test_an_upload_of_another_operation_or_organisation_is_unknown(office: Office, curator: Browser) -> None:
    mine = _add(office, curator, files=_file())
    stolen = mine.fields(REFERRAL)["doc-1-upload"][0]
    other = office.seat(office.running.town.school, "curator")
    for browser in (curator, other):
        fresh = browser.get(REFERRAL)
        added = {"doc-1-kind": "support_plan", "doc-1-category": "ID", "doc-1-person": "child", "doc-1-upload": stolen}
        page = browser.send(fresh, REFERRAL, step="preview", **_typed(office), **added)
        assert page.status in {400, 403}
        assert "пролежал слишком долго" in page.text
        assert hashlib.sha256(pdf()).hexdigest() not in page.body, "nothing is said of a file of somebody else"


def test_a_file_that_waited_too_long_is_said(office: Office, curator: Browser) -> None:
    page = _add(office, curator, files=_file())
    clear_uploads(office.running.house, NOW + timedelta(days=2))
    page = curator.send(page, REFERRAL, step="preview")
    assert "пролежал слишком долго" in page.complaints["documents"]


def test_a_file_of_a_draft_waits_for_days_and_goes_with_it(office: Office, curator: Browser) -> None:
    house = office.running.house
    page = _add(office, curator, files=_file())
    page = _add(office, curator, page, _file(), step="draft", doc_kind="", doc_category="ID")
    clear_uploads(house, NOW + timedelta(days=9))
    assert len(_uploads(office)) == 2
    (link,) = {str(href) for href in page.tree.xpath("//main//a/@href") if str(href).startswith("/drafts/")}
    back = curator.get(link)
    assert _titles(back) == ["Отчёт о первом выезде"]
    assert "Файл принят: PDF" in back.text
    curator.send(page, f"{link}/discard")
    clear_uploads(house, NOW)
    assert _uploads(office) == []


def test_a_message_of_another_type_carries_documents_too(office: Office, curator: Browser) -> None:
    page = curator.get(f"{PATH}?type=progress_report")
    typed = {
        "recipient": office.running.town.centre.ogrn,
        "urgency": "planned",
        **CHILD,
        "plan_text": "Цели достигнуты",
    }
    page = curator.send(page, PATH, files=_file(), step="add_document", **typed, **DOCUMENT)
    assert _titles(page) == ["Отчёт о первом выезде"]
    page = curator.send(page, PATH, step="preview")
    assert "Отчёт о первом выезде" in page.text
    nameless = curator.get(f"{PATH}?type=inquiry")
    assert not nameless.tree.xpath("//*[@id='doc_file']")


def test_a_signal_without_a_child_has_no_documents(office: Office, curator: Browser) -> None:
    added = {"doc-1-kind": "support_plan", "doc-1-category": "PLN", "doc-1-person": "child", "doc-1-sha256": "a" * 64}
    page = curator.get(f"{PATH}?type=council_invitation")
    page = curator.send(
        page, PATH, step="preview", recipient=office.running.town.centre.ogrn, urgency="planned", **added
    )
    assert "Документы относятся к ребёнку" in page.complaints["documents"]


# --- received and sent ------------------------------------------------------------------------------------------------


def test_the_recipient_downloads_by_a_button_and_it_is_an_entry(office: Office, curator: Browser) -> None:
    message = _sent(office, curator, doc_category="ID")
    reader, page = _opened(office, message)
    (form,) = page.tree.xpath("//form[contains(@action,'/documents/')]")
    address = form.get("action")
    answer = reader.http.post(address, data=page.fields(address))
    assert answer.content == pdf()
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["x-content-type-options"] == "nosniff"
    with office.running.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        kinds = list(connection.execute(select(t.entries.c.kind)).scalars())
    assert kinds.count("attachment.opened") == 1
    assert reader.http.get(address).status_code in {404, 405}, "a link followed in advance takes nothing"
    assert reader.http.post(address).status_code == 403, "without the token of a form neither"
    stranger = office.seat(office.running.town.stranger, "kdn_member")
    for asked in (address, address[:-4] + "0000"):
        token = stranger.get(REFERRAL).fields(REFERRAL)[FORM_TOKEN][0]
        refused = stranger.http.post(asked, data={FORM_TOKEN: token})
        assert (refused.status_code, "attachment_unavailable" in refused.text) == (404, True)


def test_the_sender_sees_what_it_attached_and_what_became_of_it(office: Office, curator: Browser) -> None:
    message = _sent(office, curator, doc_category="ID")
    page = curator.get(f"/messages/{message.id}")
    assert "Что вы приложили" in page.text
    assert hashlib.sha256(pdf()).hexdigest() in page.text
    page = curator.send(page, f"/messages/{message.id}/recall", words="Отправлено не туда")
    page = curator.get(f"/messages/{message.id}")
    assert "больше никому не открываются" in page.text
    assert not page.tree.xpath("//form[contains(@action,'/documents/')]")
    reader = office.seat(office.running.town.centre, "curator")
    assert not _titles(reader.get(f"/messages/{message.id}"))


def test_documents_of_a_redirected_message_stay_and_that_is_said(office: Office, curator: Browser) -> None:
    message = _sent(office, curator, doc_category="ID")
    _opened(office, message)
    place = office.running
    redirect_message(
        place.house,
        system_of(place.town.centre),
        message.id,
        place.town.guardianship.id,
        NOW,
        Answer(reason="OUT_OF_TERRITORY", words="Это другой район"),
    )
    assert "остались у первого получателя" in curator.get(f"/messages/{message.id}").text


# --- hostile forms ----------------------------------------------------------------------------------------------------


def _raw(browser: Browser, body: bytes, kind: str = "multipart/form-data; boundary=b") -> Any:
    return browser.http.post(REFERRAL, content=body, headers={"content-type": kind})


def _part(name: str, value: bytes, more: bytes = b"") -> bytes:
    return (
        b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + more + b"\r\n\r\n" + value + b"\r\n"
    )


HOSTILE_FORMS = {
    "no boundary": (b"--b--\r\n", "multipart/form-data"),
    "an endless boundary": (b"", "multipart/form-data; boundary=" + "b" * 71),
    "no end": (_part("kind", b"referral"), "multipart/form-data; boundary=b"),
    "nothing": (b"", "multipart/form-data; boundary=b"),
    "another boundary": (_part("kind", b"x") + b"--b--\r\n", "multipart/form-data; boundary=c"),
    "a header of 5 kB": (
        _part("kind", b"x", b"\r\nX-A: " + b"a" * 5000) + b"--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    "hundreds of headers": (_part("kind", b"x", b"\r\nX: y" * 2000) + b"--b--\r\n", "multipart/form-data; boundary=b"),
    "too many parts": (_part("kind", b"x") * 221 + b"--b--\r\n", "multipart/form-data; boundary=b"),
    "too long a field": (_part("kind", b"x" * 100_001) + b"--b--\r\n", "multipart/form-data; boundary=b"),
    "no name": (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b"),
    "no UTF-8": (_part("kind", b"\xff\xfe") + b"--b--\r\n", "multipart/form-data; boundary=b"),
    "not form data": (b"--b\r\nContent-Disposition: file\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b"),
}


@pytest.mark.parametrize(("body", "kind"), HOSTILE_FORMS.values(), ids=list(HOSTILE_FORMS))
def test_a_hostile_form_gets_a_page_and_leaves_nothing(
    office: Office, curator: Browser, body: bytes, kind: str
) -> None:
    answer = _raw(curator, body, kind)
    assert answer.status_code in {400, 403}
    assert "form_unreadable" in answer.text or "form_not_ours" in answer.text
    assert _uploads(office) == []


def test_no_file_is_taken_before_the_token_of_the_form(office: Office, curator: Browser) -> None:
    """Whoever sends a form from elsewhere, or a file before its token, fills no disk."""
    page = curator.get(REFERRAL)
    fields = page.fields(REFERRAL)
    token, operation = fields[FORM_TOKEN][0].encode(), fields["operation_id"][0].encode()
    file = _part("doc_file", pdf(), b'; filename="a.pdf"\r\nContent-Type: application/pdf')
    end = b"--b--\r\n"
    for body in (
        _part("operation_id", operation) + file + end,
        _part("operation_id", operation) + file + _part(FORM_TOKEN, token) + end,
        _part("operation_id", operation) + _part(FORM_TOKEN, b"0" * 64) + file + end,
    ):
        answer = _raw(curator, body)
        assert answer.status_code == 403
        assert "form_not_ours" in answer.text
        assert _uploads(office) == []
    signed_out = Browser(TestClient(curator.http.app, base_url=BASE))
    signed_out.get("/sign-in")
    assert SESSION_COOKIE not in signed_out.http.cookies
    visit = signed_out.get("/sign-in").fields("/sign-in")[FORM_TOKEN][0].encode()
    answer = _raw(signed_out, _part("operation_id", operation) + _part(FORM_TOKEN, visit) + file + end)
    assert answer.status_code == 401
    assert _uploads(office) == []


def test_two_files_in_one_field_and_files_of_nobody(office: Office, curator: Browser) -> None:
    page = curator.get(REFERRAL)
    fields = page.fields(REFERRAL)
    begin = _part(FORM_TOKEN, fields[FORM_TOKEN][0].encode()) + _part(
        "operation_id", fields["operation_id"][0].encode()
    )
    file = _part("doc_file", pdf(), b'; filename="a.pdf"\r\nContent-Type: application/pdf')
    assert _raw(curator, begin + file * 3 + b"--b--\r\n").status_code == 400
    other = _part("surprise", b"x" * 310_000, b'; filename="a.pdf"')
    assert _raw(curator, begin + other + b"--b--\r\n").status_code == 413


def test_a_body_beyond_all_measure_is_not_read_to_its_end(office: Office, curator: Browser) -> None:
    answer = curator.http.post(
        REFERRAL,
        content=b"x",
        headers={"content-type": "multipart/form-data; boundary=b", "content-length": "99999999"},
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("ending", "said", "declared"),
    [
        ("pdf", "application/pdf", "application/pdf"),
        ("csv", "application/vnd.ms-excel", "text/csv"),
        (
            "docx",
            "application/octet-stream",
            docx and "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("jpeg", "", "image/jpeg"),
        ("jpg", "image/jpeg", "image/jpeg"),
        ("", "image/png", "image/png"),
        ("exe", "application/x-msdownload", "application/x-msdownload"),
        ("sealed", "application/octet-stream", "application/vnd.mezhved.sealed"),
    ],
)
def test_of_what_type_a_file_is_said_to_be(ending: str, said: str, declared: str) -> None:
    assert declared_type(Part("doc_file", True, ending, said, True)) == declared


def test_every_refusal_of_a_file_has_its_words_here() -> None:
    """Of every error about a file that a person at a page can meet; the others are those of hand-made requests."""
    of_requests = {
        "attachment_digest_differs",
        "attachment_digest_wrong",
        "attachment_kind_unknown",
        "attachment_unavailable",
    }
    of_requests |= {"attachments_off", "upload_broken_off", "upload_twice"}
    codes = {key.partition(".")[2] for key in words("ru") if key.startswith(("errors.attachment", "errors.upload"))}
    for language in ("ru", "en"):
        said = {key.removeprefix("web_documents.wrong_") for key in words(language) if "web_documents.wrong_" in key}
        assert codes - of_requests == said - {"other"}, language


def test_every_kind_and_signer_has_its_words() -> None:
    for kind, entry in document_kinds().items():
        assert entry.name_ru, kind
        assert entry.name_en, kind
    assert len([e for e in document_kinds().values() if e.system == "mezhved_case_document"]) == 24
    for language in ("ru", "en"):
        known = words(language)
        assert all(f"web_role.{code}" in known for code in STAFF)
    assert set(STAFF) < set(signer_codes())
