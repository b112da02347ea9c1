"""Packages in the API: what a partner's system does for its recipients without one."""

from __future__ import annotations

import base64

from gateway.exchange.relay import relay_once
from gateway.partner.package_codes import receipt_code
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.verify_package import open_package
from tests.builders import NOW, consent, referral, system_of
from tests.gateway.conftest import Running

MAKE = """mutation ($id: ID!) { makePackage(message: $id) {
  package { id message sealedSha256 outcomes receipts { outcome } } fileName file code keyFingerprint recipientHasAccess } }"""
TELL = "mutation ($id: ID!, $package: ID!) { tellPackageCode(message: $id, package: $package) }"
RECEIVE = """mutation ($id: ID!, $code: String!, $words: String) {
  receivePackageReceipt(message: $id, code: $code, words: $words) {
    message { state receipts { event attestedBy organisation } } outcome toldOn again withdrawn } }"""
LIST = "query ($id: ID!) { packages(message: $id) { id receipts { outcome toldOn } } }"


def test_a_system_makes_tells_and_receives(running: Running) -> None:
    town, house = running.town, running.house
    consent(town, town.centre, purpose="REFERRAL")
    message = submit_message(house, system_of(town.ngo), referral(town.ngo, town.centre), NOW).message
    relay_once(house, NOW)
    ours, theirs = running.caller(town.ngo), running.caller(town.centre)

    def done(query: str, **variables: object) -> dict[str, object]:
        answer = ours.graphql(query, {"id": message.id, **variables}).json()
        assert "errors" not in answer, answer
        return answer["data"]

    made = done(MAKE)["makePackage"]
    opened = open_package(made["file"].encode(), made["code"])  # type: ignore[index]
    assert made["fileName"] == f"mezhved-{opened.content.package}.html"  # type: ignore[index]
    assert made["recipientHasAccess"] is False  # type: ignore[index]
    package = made["package"]["id"]  # type: ignore[index]
    assert done(TELL, package=package)["tellPackageCode"] == made["code"]  # type: ignore[index]
    number = opened.content.outcomes.index(next(o for o in opened.content.outcomes if o.code == "accept"))
    code = receipt_code(base64.b64decode(opened.content.receipt_key), package, 3, number, "accept")
    received = done(RECEIVE, code=code, words="Берём")["receivePackageReceipt"]
    assert received["message"]["state"] == "accepted"  # type: ignore[index]
    assert received["toldOn"] == "2026-03-05"  # type: ignore[index]
    assert [r["attestedBy"] for r in received["message"]["receipts"]] == ["gateway", "gateway", "file", "code", "code"]  # type: ignore[index]
    assert done(RECEIVE, code=code)["receivePackageReceipt"]["again"] is True  # type: ignore[index]
    assert done(LIST)["packages"] == [{"id": package, "receipts": [{"outcome": "accept", "toldOn": "2026-03-05"}]}]
    assert ours.code(TELL, {"id": message.id, "package": package}) == "package_opened"
    for query, more in ((MAKE, {}), (RECEIVE, {"code": code}), (TELL, {"package": package})):
        assert theirs.code(query, {"id": message.id, **more}) == "message_not_yours"
    assert theirs.code(LIST, {"id": message.id}) == "message_unavailable"
    assert running.caller(town.ngo, "messages.read").code(MAKE, {"id": message.id}) == "scope_missing"
