"""Signing in and out, and the token that every form carries."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from gateway.evidence.entry import parse_entry
from gateway.main import build_app
from gateway.use_cases.register_participants import register_person
from gateway.web.sign_in import own_path
from tests.builders import NOW
from tests.gateway.conftest import BASE
from tests.gateway.web.conftest import PASSWORD, Browser, Office


def _without_tokens(body: str) -> str:
    return re.sub(r'(name="form_token" value=")\w+', r"\1", body)


def test_an_unknown_name_and_a_wrong_password_read_the_same(office: Office) -> None:
    town = office.running.town
    register_person(town.house, town.ngo.id, "known", "Человек", PASSWORD, ["curator"], NOW)
    bodies = []
    for password in ("неверный пароль", "ещё один неверный"):
        for login in ("known", "nobody"):
            page = office.browser().sign_in(login, password)
            assert page.status == 401
            assert page.complaints == {"login": "Имя пользователя или пароль не подходят."}
            bodies.append(_without_tokens(page.body.replace(login, "LOGIN")))
    assert len(set(bodies)) == 1
    assert password not in bodies[0]


def test_empty_fields_are_named(office: Office) -> None:
    page = office.browser().sign_in("", "")
    assert page.status == 400
    assert page.complaints == {"login": "Введите имя пользователя", "password": "Введите пароль"}
    assert page.title.startswith("Ошибка:")


@pytest.mark.parametrize("secure", [False, True])
def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(office: Office, secure: bool) -> None:
    running = office.running
    register_person(running.house, running.town.ngo.id, "known", "Человек", PASSWORD, ["curator"], NOW)
    settings = running.settings.model_copy(update={"cookie_secure": secure})
    app = build_app(settings, running.house, lambda: NOW, relay=False)
    browser = Browser(TestClient(app, base_url="https://gateway.test" if secure else BASE))
    page = browser.get("/sign-in")
    answer = browser.http.post(
        "/sign-in", data={**page.fields(), "login": "known", "password": PASSWORD}, follow_redirects=False
    )
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("mezhved_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert ("Secure" in cookie) is secure


@pytest.mark.parametrize("address", ["/queue", "/referrals/new", "/log", "/messages/x", "/referrals/x/sent"])
def test_a_page_asks_to_sign_in_and_leads_back(office: Office, address: str) -> None:
    page = office.browser().get(address)
    assert page.address.startswith("/sign-in?next=")
    assert page.fields()["next"] == [address]


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/queue?x=1", "/queue\n", "", "queue", "/a//b"],
)
def test_a_link_never_leads_out_after_sign_in(path: str) -> None:
    assert own_path(path) == "/queue"


def test_after_sign_in_one_is_where_one_wanted_to_be(office: Office) -> None:
    town = office.running.town
    register_person(town.house, town.ngo.id, "known", "Человек", PASSWORD, ["curator"], NOW)
    assert office.browser().sign_in("known", address="/referrals/new").address == "/referrals/new"


def test_signing_out_ends_the_session_itself(office: Office) -> None:
    browser = office.seat(office.running.town.ngo, "curator")
    stolen = browser.http.cookies["mezhved_session"]
    token = browser.get("/queue").tree.xpath("//header//input[@name='form_token']/@value")[0]
    assert browser.post("/sign-out", form_token=token).address == "/sign-in?left=1"
    thief = office.browser()
    thief.http.cookies.set("mezhved_session", stolen)
    assert thief.get("/queue").address.startswith("/sign-in")


@pytest.mark.parametrize("token", ["", "0" * 64, "чужой"])
def test_a_form_without_our_token_does_nothing(office: Office, token: str) -> None:
    browser = office.seat(office.running.town.ngo, "curator")
    page = browser.post("/sign-out", form_token=token)
    assert page.status == 403
    assert "form_not_ours" in page.text
    assert browser.get("/queue").status == 200


def test_a_token_of_another_session_does_nothing(office: Office) -> None:
    town = office.running.town
    other = office.seat(town.centre, "curator").get("/queue").tree.xpath("//input[@name='form_token']/@value")[0]
    browser = office.seat(town.ngo, "curator")
    assert browser.post("/sign-out", form_token=other).status == 403


def test_a_form_sent_from_another_site_does_nothing(office: Office) -> None:
    browser = office.seat(office.running.town.ngo, "curator")
    token = browser.get("/queue").tree.xpath("//input[@name='form_token']/@value")[0]
    for site in ("cross-site", "same-site"):
        answer = browser.http.post("/sign-out", data={"form_token": token}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    assert browser.get("/queue").status == 200


def test_sign_in_itself_needs_the_token_of_this_browser(office: Office) -> None:
    fields = office.browser().get("/sign-in").fields()
    page = office.browser().post("/sign-in", **fields)
    assert page.status == 403
    assert "form_not_ours" in page.text


def test_the_sign_in_of_a_dpo_is_an_entry_of_the_log(office: Office) -> None:
    town = office.running.town
    for login, role in (("dpo", "dpo"), ("curator", "curator")):
        register_person(town.house, town.ngo.id, login, "Человек", PASSWORD, [role], NOW)
        assert office.browser().sign_in(login).address == "/queue"
    with town.house.store.reading() as unit:
        ids = [entry_id for entry_id, _ in unit.log.unsequenced(100)]
        kinds = [str(parse_entry(unit.log.entry(entry_id)[1]).kind) for entry_id in ids]
    assert kinds.count("person.signed_in") == 1
