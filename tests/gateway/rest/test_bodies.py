"""What a stranger, or a client that stands still, may hold of the server: real sockets against the server that runs it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from structlog.testing import capture_logs

from adapters.xml.writer import write_referral
from gateway.bodies import SMALL
from gateway.main import build_app
from gateway.oauth.client import token_form
from gateway.oauth.keys import generate_signing_key, load_or_create_signing_key, public_jwk
from gateway.settings import Settings
from gateway.use_cases.house import House
from gateway.use_cases.register_participants import SCOPES, register_client
from tests.builders import NOW, Town, consent, referral
from tests.builders import town as make_town
from tests.gateway.conftest import TOKEN

WAIT = 30
AT_ONCE = 2
LARGE = 19_000_000
WITH_TOKENS = [
    "/files/xml",
    "/files/csv",
    "/files/xlsx",
    "/files/smev",
    "/graphql",
    "/attachments",
    "/files/certificates",
]
"""Ways in that take more than a few lines from a partner's system."""


@dataclass
class Served:
    """The server, and how to speak to it by hand."""

    address: tuple[str, int]
    town: Town
    token: str

    def begin(self, path: str, headers: dict[str, str], sent: bytes = b"") -> socket.socket:
        """A request whose body does not end, or does not even begin."""
        line = socket.create_connection(self.address, timeout=WAIT)
        head = {"Host": "x", "Content-Type": "application/json", **headers}
        text = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in head.items()) + "\r\n"
        line.sendall(text.encode() + sent)
        return line

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def answer(line: socket.socket) -> tuple[int, dict[str, str], Any]:
    """What comes back: status, headers, document."""
    with line.makefile("rb") as file:
        status = int(file.readline().split()[1])
        headers = {}
        while text := file.readline().decode().strip():
            name, _, value = text.partition(": ")
            headers[name.lower()] = value
        return status, headers, json.loads(file.read(int(headers["content-length"])) or b"null")


def code_of(document: Any) -> str:
    return document["code"] if "code" in document else document["errors"][0]["extensions"]["code"]


def serve(house: House, folder: Path, seconds: float) -> Iterator[Served]:
    settings = Settings(home=folder, body_seconds=seconds, bodies_at_once=AT_ONCE)
    settings.key_folder.mkdir(exist_ok=True)
    load_or_create_signing_key(settings.key_folder / "oauth.pem")
    listening = socket.create_server(("127.0.0.1", 0))
    app = build_app(settings, house, lambda: NOW, relay=False)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        town, key = make_town(house), generate_signing_key().private
        keys = {"keys": [public_jwk(key)]}
        register_client(house, "system", town.centre.id, "system", keys, SCOPES, NOW)
        address = listening.getsockname()
        form = token_form(key, "system", TOKEN, NOW)
        found = httpx2.post(f"http://{address[0]}:{address[1]}/oauth/token", data=form, timeout=WAIT)
        assert found.status_code == 200, found.text
        yield Served(address, town, found.json()["access_token"])
    finally:
        server.should_exit = server.force_exit = True
        thread.join(WAIT)
        listening.close()


@pytest.fixture
def served(sqlite_house: House, tmp_path: Path) -> Iterator[Served]:
    """A server that waits long."""
    yield from serve(sqlite_house, tmp_path, WAIT * 2)


@pytest.fixture
def hasty(sqlite_house: House, tmp_path: Path) -> Iterator[Served]:
    """A server that does not."""
    yield from serve(sqlite_house, tmp_path, 0.2)


@pytest.mark.parametrize(
    "size", [{"Content-Length": "900000"}, {"Transfer-Encoding": "chunked"}], ids=["said", "not said"]
)
@pytest.mark.parametrize("token", [None, "wrong"])
def test_nothing_of_a_body_is_waited_for_before_its_sender_is_known(
    served: Served, size: dict[str, str], token: str | None
) -> None:
    for path in WITH_TOKENS:
        if path == "/files/certificates" and "Content-Length" in size:
            continue  # larger than it may be: that comes first
        for more in ({}, {"Prefer": "respond-async"}) if path.startswith("/files/") else ({},):
            with served.begin(path, size | more | ({"Authorization": f"Bearer {token}"} if token else {})) as line:
                status, _, document = answer(line)
                assert (path, status) == (path, 401), document


@pytest.mark.parametrize(
    "path", [*WITH_TOKENS, "/oauth/token", "/deliveries/acknowledge", "/deliveries/x/acknowledge", "/sign-in"]
)
def test_what_is_said_to_be_too_large_is_not_waited_for(served: Served, path: str) -> None:
    size, headers = {"Content-Length": "3000000000"}, {} if path == "/sign-in" else served.bearer
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if path == "/sign-in" else {}
    with served.begin(path, headers | kind | size) as line, line.makefile("rb") as file:
        assert int(file.readline().split()[1]) in {413, 400}


def test_a_page_takes_no_more_of_a_form_than_its_fields_may_be(served: Served) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(LARGE)}
    with served.begin("/sign-in", kind) as line, line.makefile("rb") as file:
        assert int(file.readline().split()[1]) == 413


def probe(served: Served, headers: dict[str, str]) -> tuple[list[socket.socket], int, dict[str, str], Any] | None:
    """Two bodies on their way, and what a third is told; None where the third came before one of them, and all begin anew."""
    lines = [served.begin(path, headers, b"x" * 50_000) for path in ("/files/xml", "/graphql")]
    with served.begin("/files/csv", headers) as line:
        line.settimeout(1)
        try:
            return lines, *answer(line)
        except TimeoutError:
            for one in lines:
                one.close()
    time.sleep(0.3)  # the server hears of it
    return None


def test_a_client_has_so_many_bodies_on_their_way_and_no_more(served: Served) -> None:
    """Whichever way in they take; what is small is let through, and an end makes room."""
    headers = served.bearer | {"Content-Length": str(900_000)}
    for _ in range(WAIT):
        found = probe(served, headers)
        if found is not None:
            break
    assert found is not None
    lines, status, head, document = found
    assert len(lines) == AT_ONCE
    assert (status, code_of(document)) == (503, "bodies_at_once")
    assert head["retry-after"]
    with served.begin("/graphql", served.bearer | {"Content-Length": "20"}, b'{"query":"{ping}"}  ') as line:
        assert answer(line)[0] == 200
    lines[0].sendall(b" " * 850_000)
    assert answer(lines[0])[0] == 400
    consent(served.town, served.town.ngo, purpose="REFERRAL", discloser=served.town.centre)
    content = write_referral(referral(served.town.centre, served.town.ngo)) + b"\n" * SMALL
    with served.begin("/files/xml", served.bearer | {"Content-Length": str(len(content))}, content) as line:
        status, _, document = answer(line)
    assert (status, document["recordNumSuccess"]) == (200, 1)
    for line in lines:
        line.close()


@pytest.mark.parametrize("prefer", [{}, {"Prefer": "respond-async"}])
@pytest.mark.parametrize("path", ["/files/xml", "/files/smev", "/graphql", "/attachments"])
def test_a_body_that_stands_still_ends(hasty: Served, path: str, prefer: dict[str, str]) -> None:
    headers = hasty.bearer | prefer | {"Content-Length": str(30_000)}
    if path == "/attachments":
        headers |= {"Content-Type": "application/pdf", "Mezhved-Operation": "3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f30"}
    with hasty.begin(path, headers, b"%PDF-1.7 " + b"x" * 10_000) as line:
        status, found, document = answer(line)
        assert (status, code_of(document)) == (408, "body_stalled")
        assert found["connection"] == "close"
        assert line.recv(1) == b""


def test_a_small_body_of_a_stranger_that_stands_still_ends_too(hasty: Served) -> None:
    with hasty.begin("/oauth/token", {"Content-Length": "100"}, b"grant_type=") as line:
        assert answer(line)[0] == 408
    form = {"Content-Length": "100", "Content-Type": "application/x-www-form-urlencoded"}
    with hasty.begin("/sign-in", form) as line, line.makefile("rb") as file:
        assert int(file.readline().split()[1]) == 408


def test_whoever_goes_away_in_the_middle_is_no_error_and_leaves_the_place(served: Served) -> None:
    headers = served.bearer | {"Content-Length": str(LARGE)}
    with capture_logs() as logs:
        for path in [*WITH_TOKENS[:4], "/graphql"] * 3:
            size = {"Content-Length": "900000"} if path == "/graphql" else {}
            served.begin(path, headers | size, b"x" * 100_000).close()
        for path in ("/oauth/token", "/deliveries/acknowledge", "/sign-in"):
            served.begin(path, {"Content-Length": "500"}, b"x").close()
        while True:
            with served.begin(
                "/files/xml", served.bearer | {"Content-Length": str(SMALL + 1)}, b" " * (SMALL + 1)
            ) as line:
                status, _, document = answer(line)
            if code_of(document) != "bodies_at_once":
                break
    assert (status, code_of(document)) == (400, "document_empty")
    assert [one for one in logs if one["log_level"] == "error"] == []
