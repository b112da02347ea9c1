"""A running application over a house on SQLite, and systems that call it over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from starlette.testclient import TestClient

from gateway.main import build_app
from gateway.oauth.client import token_form
from gateway.oauth.keys import generate_signing_key, load_or_create_signing_key, public_jwk
from gateway.settings import Settings
from gateway.use_cases.house import House
from gateway.use_cases.register_participants import SCOPES, register_client
from gateway.use_cases.values import Organisation
from tests.builders import NOW, Town
from tests.builders import town as make_town
from tests.gateway.facts_world import Place, furnish

BASE = "http://127.0.0.1:8420"
TOKEN = f"{BASE}/oauth/token"


@dataclass
class Caller:
    """A partner's system in a test."""

    http: TestClient
    client_id: str
    key: ECKey

    def token(self, now: Any = NOW) -> str:
        answer = self.http.post("/oauth/token", data=token_form(self.key, self.client_id, TOKEN, now))
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    def graphql(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        return self.http.post(
            "/graphql",
            json={"query": query, "variables": variables or {}},
            headers={"Authorization": f"Bearer {self.token()}"},
        )

    def code(self, query: str, variables: dict[str, Any] | None = None) -> str:
        return self.graphql(query, variables).json()["errors"][0]["extensions"]["code"]

    def file(self, form: str, content: bytes) -> Any:
        return self.http.post(f"/files/{form}", content=content, headers={"Authorization": f"Bearer {self.token()}"})


@dataclass
class Running:
    """The application, its town, and a system for each organisation."""

    town: Town
    http: TestClient
    settings: Settings

    @property
    def house(self) -> House:
        return self.town.house

    def caller(self, organisation: Organisation, *scopes: str) -> Caller:
        key = generate_signing_key().private
        client_id = f"c-{organisation.ogrn}-{len(scopes)}-{key.thumbprint()[:6]}"
        register_client(
            self.house, client_id, organisation.id, client_id, {"keys": [public_jwk(key)]}, scopes or SCOPES, NOW
        )
        return Caller(self.http, client_id, key)


@pytest.fixture
def running(sqlite_house: House, tmp_path: Path) -> Iterator[Running]:
    """The application on SQLite, with a clock that stands still and no relay thread."""
    settings = Settings(home=tmp_path)
    settings.key_folder.mkdir(exist_ok=True)
    load_or_create_signing_key(settings.key_folder / "oauth.pem")
    app = build_app(settings, sqlite_house, lambda: NOW, relay=False)
    with TestClient(app, base_url=BASE) as http:
        yield Running(make_town(sqlite_house), http, settings)


@pytest.fixture
def place(town: Town) -> Place:
    """A town where everybody knows of one family, on each kind of store."""
    return furnish(town)


@pytest.fixture
def sqlite_place(sqlite_house: House) -> Place:
    """The same on SQLite, for what does not depend on the store."""
    return furnish(make_town(sqlite_house))
