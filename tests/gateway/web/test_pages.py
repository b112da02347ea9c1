"""What all pages have in common: headers, languages, no script and no address from elsewhere, errors as pages."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.testclient import TestClient

from gateway.edge import Edge, Pool
from gateway.oauth.keys import load_signing_key
from gateway.oauth.tokens import AccessTokens
from gateway.web.pages import not_found_page, pages
from gateway.web.rendering import SECURITY_HEADERS
from tests.builders import NOW
from tests.gateway.conftest import BASE
from tests.gateway.web.conftest import Browser, Office

PAGES = [
    "/directory",
    "/directory/none",
    "/queue",
    "/queue?box=outbox",
    "/referrals/new",
    "/log",
    "/api",
    "/messages/none",
    "/log/entries/none/proof",
]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_the_security_headers_and_nothing_inline(office: Office, address: str) -> None:
    page = office.seat(office.running.town.ngo, "dpo").get(address)
    for name, value in SECURITY_HEADERS.items():
        assert page.headers[name] == value
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "set-cookie" not in page.headers
    assert not page.tree.xpath("//script[not(@src)] | //style | //@style | //@onclick | //@onload")
    for source in page.tree.xpath("//script/@src | //link/@href | //img/@src | //form/@action"):
        assert re.fullmatch(r"/[a-z].*", source)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_a_whole_document(office: Office, address: str) -> None:
    page = office.seat(office.running.town.ngo, "dpo").get(address)
    assert page.tree.get("lang") == "ru"
    assert page.title.endswith("— Межвед")
    assert len(page.tree.xpath("//h1")) == 1
    assert len(page.tree.xpath("//main[@id='main-content']")) == 1
    ids = page.tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    for control in page.tree.xpath("//main//input[not(@type='hidden')] | //select | //textarea"):
        assert page.tree.xpath(f"//label[@for='{control.get('id')}']"), control.get("id")


def test_english_is_asked_for_once_and_kept(office: Office) -> None:
    browser = office.seat(office.running.town.ngo, "curator")
    assert browser.get("/queue?lang=en").heading == "Queue of messages"
    page = browser.get("/referrals/new")
    assert page.tree.get("lang") == "en"
    assert page.heading == "New referral or signal"
    assert browser.get("/queue?lang=ru").heading == "Очередь сообщений"
    assert browser.get("/queue").heading == "Очередь сообщений"
    assert browser.get("/queue?lang=xx").heading == "Очередь сообщений"


def test_invented_data_are_marked_on_every_page(office: Office) -> None:
    browser = office.seat(office.running.town.ngo, "curator")
    for address in ("/queue", "/referrals/new", "/api", "/log"):
        assert "Демонстрационные данные: вымышлены" in browser.get(address).body


def test_a_failure_nobody_foresaw_is_a_page_without_its_text(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("Вымышлина Проба Тестовна")

    browser = office.seat(office.running.town.ngo, "curator")
    monkeypatch.setattr("gateway.web.queue.read_view", fails)
    page = browser.get("/queue")
    assert page.status == 500
    assert "internal_error" in page.text
    assert "Traceback" not in page.body
    assert "Вымышлина" not in page.body


def test_an_address_that_nothing_answers_is_a_page_too(office: Office) -> None:
    running = office.running
    tokens = AccessTokens(BASE, BASE, load_signing_key(running.settings.key_folder / "oauth.pem"))
    edge = Edge(running.house, running.settings, tokens, Pool(2), lambda: NOW)
    app = FastAPI()
    app.include_router(pages(edge))

    @app.exception_handler(404)
    async def missing(request: Request, _: Exception) -> Response:
        return await not_found_page(edge, request)

    page = Browser(TestClient(app, base_url=BASE)).get("/нет-такой")
    assert page.status == 404
    assert page.heading == "Не найдено"
    assert "page_unavailable" in page.text
    assert page.headers["Content-Security-Policy"] == SECURITY_HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("headers", "body", "code", "status"),
    [
        ({"Content-Type": "application/json"}, b"{}", "form_unreadable", 400),
        ({"Content-Type": "multipart/form-data"}, b"x", "form_unreadable", 400),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b\r\n\r\nx\r\n--b--", "form_unreadable", 400),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "ж=1".encode(), "form_unreadable", 400),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=%FF", "form_unreadable", 400),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"&".join([b"a=1"] * 300), "form_unreadable", 400),
        ({"Content-Encoding": "gzip"}, b"x", "body_encoded", 400),
        ({"Content-Length": "999999999"}, b"", "body_too_large", 413),
    ],
)
def test_a_form_that_cannot_be_read_is_a_coded_page(
    office: Office, headers: dict[str, str], body: bytes, code: str, status: int
) -> None:
    browser = office.seat(office.running.town.ngo, "curator")
    answer = browser.http.post("/referrals/new", content=body, headers=headers)
    assert answer.status_code == status
    assert code in answer.text
