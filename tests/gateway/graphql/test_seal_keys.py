"""Keys that files are sealed to, and documents in a preview, as a partner's system sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from starlette.testclient import TestClient

from gateway.graphql.seal_keys import SealKeyState
from gateway.graphql.types import DocumentShown
from gateway.main import build_app
from gateway.partner import sealed_files as sf
from gateway.storage.blobs import DirectoryBlobs
from gateway.use_cases.message_preview import _SHOWN
from gateway.use_cases.seal_key_values import KeyState
from gateway.use_cases.sequence_log import sequence_log
from schemas.ids import new_id
from tests.adapters.attachment_files import pdf
from tests.builders import NOW, consent
from tests.gateway.conftest import BASE, Caller, Running

KEY = X25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = sf.text_of(KEY.public_key())
KEY_NODE = " fragment K on SealKeyNode { id uri publicKey spoken state sealing validFrom validTo entryId }"
REGISTER = "mutation ($key: String!) { registerSealKey(publicKey: $key) { challenge key { ...K } } }" + KEY_NODE
CONFIRM = "mutation ($id: ID!, $answer: String!) { confirmSealKey(id: $id, answer: $answer) { ...K } }" + KEY_NODE
REVOKE = 'mutation ($id: ID!) { revokeSealKey(id: $id, reason: "rotated") { ...K } }' + KEY_NODE
THEIRS = "query ($to: ID!) { sealKeys(organisation: $to) { ...K } }" + KEY_NODE
OWN = "{ ownSealKeys { ...K } }" + KEY_NODE
PREVIEW = (
    "mutation ($input: SubmitMessageInput!) { previewMessage(input: $input) { sendable documents { person category"
    " documentType issuedOn signers hasFile mediaType size sha256 sealedEndToEnd shown access { effect rule citation } } } }"
)


@pytest.fixture
def place(running: Running, tmp_path: Path) -> Iterator[Running]:
    house = replace(running.house, blobs=DirectoryBlobs(tmp_path / "blobs"))
    with TestClient(build_app(running.settings, house, lambda: NOW, relay=False), base_url=BASE) as http:
        yield Running(replace(running.town, house=house), http, running.settings)


def _data(answer: Any) -> Any:
    body = answer.json()
    assert "errors" not in body, body
    return body["data"]


def _register(place: Running, caller: Caller) -> str:
    made = _data(caller.graphql(REGISTER, {"key": PUBLIC}))["registerSealKey"]
    assert made["key"]["state"] == "PENDING"
    answer = sf.answer_challenge(KEY, made["challenge"], place.town.ngo.ogrn)
    confirmed = _data(caller.graphql(CONFIRM, {"id": made["key"]["id"], "answer": answer}))["confirmSealKey"]
    assert (confirmed["state"], confirmed["sealing"]) == ("ACTIVE", True)
    return str(confirmed["id"])


def test_the_enums_are_those_of_the_use_cases() -> None:
    assert {state.name: state.value for state in SealKeyState} == {state.name: state.value for state in KeyState}
    assert {shown.value for shown in DocumentShown} == {*_SHOWN.values(), "accepted"}


def test_a_system_registers_proves_and_revokes_a_key(place: Running) -> None:
    mine, sender = place.caller(place.town.ngo), place.caller(place.town.centre)
    of_key = _register(place, mine)
    assert of_key == sf.key_id(KEY.public_key())
    sequence_log(place.house, NOW)
    (shown,) = _data(sender.graphql(THEIRS, {"to": place.town.ngo.id}))["sealKeys"]
    assert shown["publicKey"] == PUBLIC
    assert shown["uri"] == sf.THUMBPRINT_URI + of_key
    assert shown["spoken"] == sf.spoken(of_key)
    proof = _data(sender.graphql("query ($id: ID!) { entryProof(id: $id) }", {"id": shown["entryId"]}))["entryProof"]
    assert of_key in proof
    assert place.town.ngo.ogrn in proof
    assert _data(mine.graphql(REVOKE, {"id": of_key}))["revokeSealKey"]["state"] == "REVOKED"
    assert _data(sender.graphql(THEIRS, {"to": place.town.ngo.id}))["sealKeys"] == []
    assert [key["state"] for key in _data(mine.graphql(OWN))["ownSealKeys"]] == ["REVOKED"]
    assert sender.code(REVOKE, {"id": of_key}) == "seal_key_unavailable"


def test_each_needs_its_scope(place: Running) -> None:
    weak = place.caller(place.town.ngo, "messages.read")
    for query, variables in (
        (REGISTER, {"key": PUBLIC}),
        (CONFIRM, {"id": "x", "answer": "y"}),
        (REVOKE, {"id": "x"}),
        (OWN, {}),
        (THEIRS, {"to": place.town.ngo.id}),
    ):
        assert weak.code(query, variables) == "scope_missing"


@pytest.mark.parametrize("term", ['validFrom: "2026-03-02T00:00:00"', 'validTo: "2026-04-02T00:00:00"'])
def test_a_term_has_its_offset(place: Running, term: str) -> None:
    caller = place.caller(place.town.ngo)
    assert (
        caller.code(f'mutation {{ registerSealKey(publicKey: "{PUBLIC}", {term}) {{ challenge }} }}') == "field_invalid"
    )


def test_the_preview_says_of_each_document_when_it_is_seen(place: Running) -> None:
    consent(
        place.town, place.town.ngo, purpose="REFERRAL", discloser=place.town.centre, categories=["ID", "LOC", "PLN"]
    )
    sender, operation = place.caller(place.town.centre), new_id()
    headers = {
        "Authorization": f"Bearer {sender.token()}",
        "Content-Type": "application/pdf",
        "Mezhved-Operation": operation,
    }
    done = place.http.post("/attachments", content=pdf(), headers=headers).json()
    documents = [
        {"category": "ID", "documentType": "first_visit_report", "issuedOn": "2026-01-10", "upload": done["upload"]},
        {"category": "LOC", "documentType": "residence_permit", "signers": ["mother"]},
        {"category": "PLN", "documentType": "support_plan"},
        {"category": "IDN", "documentType": "passport_rf", "sha256": "a" * 64},
    ]
    person = {
        "kind": "child",
        "ref": "K-1",
        "identity": {"fullName": "Проба Вымышленная Тестовна", "birthDate": "2017-01-15"},
    }
    draft = {
        "operationId": operation,
        "type": "referral",
        "recipientOgrn": place.town.ngo.ogrn,
        "persons": [person],
        "concerns": ["HOUSING"],
        "requestedAction": "Сопровождение",
        "attachments": documents,
    }
    preview = _data(sender.graphql(PREVIEW, {"input": draft}))["previewMessage"]
    assert preview["sendable"]
    found = preview["documents"]
    assert [one["shown"] for one in found] == ["NOW", "ACCEPTED", "MASKED", "NEVER"]
    assert (found[0]["mediaType"], found[0]["size"], found[0]["hasFile"]) == ("application/pdf", len(pdf()), True)
    assert (found[1]["hasFile"], found[1]["signers"]) == (False, ["mother"])
    assert all(one["access"]["rule"] for one in found)
    draft["attachments"] = [{**documents[0], "upload": new_id()}]
    assert sender.code(PREVIEW, {"input": draft}) == "upload_unknown"
