"""Files of messages over HTTP."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.exchange.relay import relay_once
from gateway.main import build_app
from gateway.oauth.keys import load_or_create_signing_key
from gateway.settings import Settings
from gateway.storage.blobs import DirectoryBlobs
from gateway.use_cases.open_message import open_message
from gateway.use_cases.submit_message import submit_message
from tests.adapters.attachment_files import HOSTILE, pdf
from tests.builders import NOW, consent, referral, system_of
from tests.builders import town as make_town
from tests.gateway.conftest import BASE, Caller, Running
from tests.gateway.facts_world import entries

OPERATION = "00000000-0000-4000-8000-00000000000a"


@pytest.fixture
def sending(sqlite_house: Any, tmp_path: Path) -> Any:
    house = replace(sqlite_house, blobs=DirectoryBlobs(tmp_path / "blobs"))
    settings = Settings(home=tmp_path)
    settings.key_folder.mkdir(exist_ok=True)
    load_or_create_signing_key(settings.key_folder / "oauth.pem")
    with TestClient(build_app(settings, house, lambda: NOW, relay=False), base_url=BASE) as http:
        yield Running(make_town(house), http, settings)


def post(caller: Caller, content: Any, declared: str = "application/pdf", **headers: str) -> Any:
    return caller.http.post(
        "/attachments",
        content=content,
        headers={
            "Authorization": f"Bearer {caller.token()}",
            "Content-Type": declared,
            "Mezhved-Operation": OPERATION,
            **headers,
        },
    )


def get(caller: Caller, path: str) -> Any:
    return caller.http.get(path, headers={"Authorization": f"Bearer {caller.token()}"})


def test_a_file_goes_in_and_out_and_is_never_shown_in_place(sending: Running) -> None:
    town = sending.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    digest = base64.b64encode(hashlib.sha256(pdf()).digest()).decode()
    answer = post(
        sending.caller(town.centre), iter([pdf()[:100], pdf()[100:]]), **{"Repr-Digest": f"sha-256=:{digest}:"}
    )
    assert answer.status_code == 201, answer.text
    attached = [{"category": "ID", "document_type": "birth_certificate", "upload": answer.json()["upload"]}]
    draft = referral(town.centre, town.ngo, operation_id=OPERATION, attachments=attached)
    message = submit_message(town.house, system_of(town.centre), draft, NOW).message.id
    relay_once(town.house, NOW)
    open_message(town.house, system_of(town.ngo), message, NOW)

    reader = sending.caller(town.ngo)
    (listed,) = get(reader, f"/messages/{message}/attachments").json()["attachments"]
    file = get(reader, f"/messages/{message}/attachments/{listed['id']}")
    assert file.content == pdf()
    assert file.headers["content-disposition"] == f'attachment; filename="{listed["id"]}.pdf"'
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in file.headers["content-security-policy"]
    assert file.headers["repr-digest"] == f"sha-256=:{digest}:"
    for path in (f"/messages/{message}/attachments/{listed['id']}", f"/messages/{message}/attachments"):
        real = get(sending.caller(town.stranger), path)
        invented = get(sending.caller(town.stranger), path.replace(message, OPERATION).replace(listed["id"], OPERATION))
        assert (real.status_code, real.content) == (invented.status_code, invented.content)
        assert real.json()["code"].endswith("_unavailable")


def test_its_sender_gets_a_file_back(sending: Running) -> None:
    town = sending.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    sender = sending.caller(town.centre)
    upload = post(sender, pdf()).json()["upload"]
    attached = [{"category": "ID", "document_type": "birth_certificate", "upload": upload}]
    draft = referral(town.centre, town.ngo, operation_id=OPERATION, attachments=attached)
    message = submit_message(town.house, system_of(town.centre), draft, NOW).message.id
    listed = get(sender, f"/messages/{message}/attachments").json()
    (one,) = listed["attachments"]
    assert listed["entry_id"] is None
    assert (one["category"], one["size"], one["has_file"]) == ("ID", len(pdf()), True)
    assert "document_type" not in one, "nothing is opened for a list"
    file = get(sender, f"/messages/{message}/attachments/{one['id']}")
    assert file.content == pdf()
    assert file.headers["content-disposition"] == f'attachment; filename="{one["id"]}.pdf"'
    (entry,) = entries(town.house, "attachment.reread")
    assert (entry["attachment"], entry["organisation"]) == (one["id"], town.centre.id)
    unknown = get(sender, f"/messages/{message}/attachments/{OPERATION}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "attachment_unavailable")
    assert len(entries(town.house, "attachment.reread")) == 1


@pytest.mark.parametrize(
    ("content", "declared", "headers", "status", "code"),
    [
        (pdf(), "application/pdf", {"Mezhved-Operation": "x"}, 400, "operation_id_invalid"),
        (pdf(), "application/pdf", {"Repr-Digest": "sha-256=:AAAA:"}, 400, "digest_unreadable"),
        (pdf(), "application/pdf", {"Repr-Digest": f"sha-256=:{'A' * 43}=:"}, 400, "attachment_digest_wrong"),
        (pdf(), "application/pdf", {"Content-Encoding": "gzip"}, 400, "body_encoded"),
        (HOSTILE["PDF with a script"][0], "application/pdf", {}, 400, "attachment_active"),
        (pdf(), "image/png", {}, 400, "attachment_type_differs"),
        (b"x" * 20_000_001, "text/plain", {}, 413, "attachment_too_large"),
        (b"", "text/plain", {}, 400, "attachment_empty"),
    ],
)
def test_bad_uploads_have_their_code(
    sending: Running, content: bytes, declared: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = post(sending.caller(sending.town.centre), content, declared, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_files_need_a_token_and_its_scope(sending: Running) -> None:
    assert sending.http.post("/attachments", content=pdf()).status_code == 401
    assert post(sending.caller(sending.town.centre, "messages.read"), pdf()).json()["code"] == "scope_missing"
    answer = get(sending.caller(sending.town.ngo, "messages.send"), f"/messages/{OPERATION}/attachments")
    assert answer.json()["code"] == "scope_missing"
