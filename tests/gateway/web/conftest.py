"""People who sit at a browser without JavaScript, before the running application."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lxml import html
from starlette.testclient import TestClient

from gateway.exchange.relay import relay_once
from gateway.oauth.passwords import new_session_token
from gateway.use_cases.house import House
from gateway.use_cases.values import Organisation, Person
from gateway.web.session import SESSION_COOKIE
from schemas.ids import PersonId, new_id
from tests import builders
from tests.builders import NOW
from tests.gateway.conftest import BASE, Running

PASSWORD = "очень длинный пароль"


@dataclass
class Page:
    """An answer as a person sees it."""

    status: int
    address: str
    body: str
    headers: Any
    tree: Any = field(repr=False)
    content: bytes = field(default=b"", repr=False)

    @property
    def title(self) -> str:
        return self.tree.findtext(".//title").strip()

    @property
    def text(self) -> str:
        """The words of the main part, single-spaced."""
        return " ".join(self.tree.xpath("//main")[0].text_content().split())

    @property
    def heading(self) -> str:
        return " ".join(self.tree.xpath("//main//h1")[0].text_content().split())

    @property
    def complaints(self) -> dict[str, str]:
        """The error summary: the field each line leads to, and its words."""
        links = self.tree.xpath("//div[contains(@class,'govuk-error-summary')]//a")
        return {link.get("href")[1:]: link.text_content().strip() for link in links}

    def fields(self, action: str | None = None) -> dict[str, list[str]]:
        """What a form would send as it stands; the buttons are left out."""
        forms = self.tree.xpath("//main//form")
        form = next(f for f in forms if action is None or f.get("action") == action)
        sent: dict[str, list[str]] = {}
        for element in form.iter("input", "select", "textarea"):
            name, kind = element.get("name"), element.get("type")
            if name is None or kind == "file" or (kind in {"checkbox", "radio"} and "checked" not in element.attrib):
                continue
            if element.tag == "select":
                value = next((o.get("value") for o in element.iter("option") if "selected" in o.attrib), "")
            else:
                # A browser drops the first line end of a text area.
                value = (element.text or "") if element.tag == "textarea" else element.get("value", "")
            sent.setdefault(name, []).append(value)
        return sent


@dataclass
class Browser:
    """One person's browser: cookies, no script."""

    http: TestClient

    def get(self, address: str, **more: Any) -> Page:
        return _page(self.http.get(address, **more))

    def send(self, page: Page, action: str | None = None, files: Any = None, **typed: Any) -> Page:
        """Fill in a form of the page and press a button."""
        fields = {**page.fields(action), **typed}
        forms = [f for f in page.tree.xpath("//main//form") if action is None or f.get("action") == action]
        return _page(self.http.post(forms[0].get("action"), data=fields, files=files))

    def post(self, address: str, **fields: Any) -> Page:
        return _page(self.http.post(address, data=fields))

    def sign_in(self, login: str, password: str = PASSWORD, address: str = "/sign-in") -> Page:
        return self.send(self.get(address), login=login, password=password)


def _page(answer: httpx2.Response) -> Page:
    tree = html.document_fromstring(answer.text or "<p></p>")
    return Page(
        answer.status_code, str(answer.url).removeprefix(BASE), answer.text, answer.headers, tree, answer.content
    )


@dataclass
class Office:
    """The application and a way to seat people before it."""

    running: Running
    browser: Callable[[], Browser]

    def seat(self, organisation: Organisation, *roles: str) -> Browser:
        """A new person of the organisation, signed in. The session is made as sign-in makes it, without its slow hash."""
        person = Person(
            PersonId(new_id()),
            organisation.id,
            f"{roles[0]}.{organisation.ogrn}",
            "Человек Тестовый",
            "",
            frozenset(roles),
            synthetic=True,
        )
        token = new_session_token()
        with self.running.house.store.writing() as unit:
            unit.participants.add_person(person)
            unit.participants.add_session(token.digest, person.id, NOW, NOW + timedelta(hours=1))
        browser = self.browser()
        browser.http.cookies.set(SESSION_COOKIE, token.secret)
        return browser

    def deliver(self) -> None:
        relay_once(self.running.house, NOW)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Empty stores of the newest version, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("migrated")
    _close(builders.sqlite_house(folder))
    return folder


@pytest.fixture
def sqlite_house(tmp_path: Path, migrated: Path) -> Iterator[House]:
    """A house over copies of the empty stores."""
    for file in migrated.iterdir():
        shutil.copy(file, tmp_path)
    house = builders.sqlite_house(tmp_path)
    yield house
    _close(house)


def _close(house: House) -> None:
    house.store.engine.dispose()  # type: ignore[attr-defined]  # the port has no engine
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]  # nor has that of keys


@pytest.fixture
def office(running: Running) -> Office:
    """Nobody is seated yet."""
    app = running.http.app
    return Office(running, lambda: Browser(TestClient(app, base_url=BASE)))
