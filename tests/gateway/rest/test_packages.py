"""Packages over HTTP: a system makes one, hands it over by its own means, and types the codes back."""

from __future__ import annotations

import base64

import pytest

from gateway.exchange.relay import relay_once
from gateway.partner.package_codes import receipt_code
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.verify_package import open_package
from tests.builders import NOW, consent, referral, system_of
from tests.gateway.conftest import Running


def test_a_package_and_its_receipt(running: Running) -> None:
    town, house = running.town, running.house
    consent(town, town.centre, purpose="REFERRAL")
    message = submit_message(house, system_of(town.ngo), referral(town.ngo, town.centre), NOW).message
    relay_once(house, NOW)
    ours = running.caller(town.ngo)

    def post(path: str, **body: str) -> tuple[int, dict[str, object]]:
        answer = running.http.post(path, json=body, headers={"Authorization": f"Bearer {ours.token()}"})
        assert answer.headers["cache-control"] == "no-store"
        return answer.status_code, answer.json()

    status, made = post("/packages", message=message.id)
    assert status == 201
    opened = open_package(base64.b64decode(str(made["file"])), str(made["code"]))
    assert opened.content.message == message.id
    code = receipt_code(base64.b64decode(opened.content.receipt_key), opened.content.package, 0, 0, "opened")
    status, received = post("/packages/receipts", message=message.id, code=code)
    assert (status, received["state"], received["again"]) == (200, "opened", False)
    assert post("/packages/receipts", message=message.id, code=code)[1]["again"] is True
    status, problem = post("/packages/receipts", message=message.id, code="1234")
    assert (status, problem["code"]) == (400, "package_code_length")


@pytest.mark.parametrize("body", ["[]", "{", '{"message": 1}', '{"message": "x", "more": "y"}'])
def test_a_body_that_is_none_is_refused(running: Running, body: str) -> None:
    caller = running.caller(running.town.ngo)
    headers = {"Authorization": f"Bearer {caller.token()}", "Content-Type": "application/json"}
    answer = running.http.post("/packages", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "field_invalid")


def test_nobody_comes_in_without_token_and_scope(running: Running) -> None:
    assert running.http.post("/packages", json={"message": "x"}).status_code == 401
    caller = running.caller(running.town.ngo, "messages.read")
    headers = {"Authorization": f"Bearer {caller.token()}"}
    answer = running.http.post("/packages", json={"message": "x"}, headers=headers)
    assert answer.json()["code"] == "scope_missing"
    stranger = {"Authorization": f"Bearer {running.caller(running.town.stranger).token()}"}
    answer = running.http.post("/packages", json={"message": "x"}, headers=stranger)
    assert (answer.status_code, answer.json()["code"]) == (404, "message_unavailable")
