"""Signed files as a partner's system sends them, and the signed report it gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from starlette.testclient import TestClient

from adapters.signatures.certificates import Trust, parse_certificate
from adapters.signatures.classic import CLASSIC
from adapters.signatures.verify import verify_document
from adapters.xml.writer import write_referral
from gateway.main import build_app
from gateway.oauth.keys import load_or_create_signing_key
from gateway.settings import Settings
from gateway.use_cases.house import House
from tests.adapters.certificates import holder, rsa_key
from tests.builders import NOW, consent, referral, town
from tests.docs.sources import ROOT
from tests.gateway.conftest import BASE, Caller, Running
from tests.gateway.signed.world import signed, signer_of

GATEWAY = holder(None, rsa_key())
REPORT = "{urn:mezhved:report:1}"


@pytest.fixture
def running(sqlite_house: House, tmp_path: Path) -> Iterator[Running]:
    """The application with a key that signs reports."""
    settings = Settings(home=tmp_path)
    settings.key_folder.mkdir(exist_ok=True)
    load_or_create_signing_key(settings.key_folder / "oauth.pem")
    house = replace(sqlite_house, file_signer=GATEWAY.signer)
    with TestClient(build_app(settings, house, lambda: NOW, relay=False), base_url=BASE) as http:
        yield Running(town(house), http, settings)


def call(caller: Caller, method: str, path: str, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {caller.token()}", **more.pop("headers", {})}
    return caller.http.request(method, path, headers=headers, **more)


def test_a_partner_registers_signs_and_keeps_a_signed_report(running: Running) -> None:
    place = running.town
    consent(place, place.ngo, purpose="REFERRAL", discloser=place.centre)
    caller, who = running.caller(place.centre), signer_of(place.centre)
    made = call(caller, "POST", "/files/certificates", content=who.pem)
    assert (made.status_code, made.json()["state"]) == (201, "active")
    assert call(caller, "PUT", "/files/signatures", json={"required": True}).json()["required"] is True
    draft = referral(place.centre, place.ngo)
    content = signed(who, draft)
    answer = caller.file("xml", content).json()
    assert answer["recordNumSuccess"] == 1
    assert answer["signature"] == {
        "certificate": who.certificate.fingerprint,
        "algorithm": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "signed_at": "2026-03-02T09:00:00+00:00",
    }
    # The same report as a document under the signature of the gateway, whose certificate is there for everybody.
    document = call(caller, "POST", "/files/xml", content=content, headers={"Accept": "application/xml"})
    assert document.headers["content-type"] == "application/xml"
    theirs = parse_certificate(running.http.get("/files/certificate").content)
    found = verify_document(document.content, Trust("", None, (theirs,)), NOW, CLASSIC)
    assert found is not None
    root = etree.fromstring(document.content)
    schema = etree.XMLSchema(file=str(ROOT / "schemas" / "xsd" / "report-1.xsd"))
    assert schema.validate(root), schema.error_log
    report = etree.fromstring(found.content.strip())
    assert report.findtext(f"{REPORT}SignedBy") == who.certificate.fingerprint
    assert report.findtext(f"{REPORT}FileSha256") is not None
    assert [dict(one.attrib) for one in report.iterfind(f"{REPORT}Sent")] == [
        {"operationId": draft.operation_id, "messageId": answer["messages_sent"][0]["id"]}
    ]


def test_complaints_stand_in_the_signed_report_in_russian(running: Running) -> None:
    place = running.town
    caller, who = running.caller(place.centre), signer_of(place.centre)
    call(caller, "POST", "/files/certificates", content=who.pem)
    content = signed(who, referral(place.school, place.ngo))
    document = call(caller, "POST", "/files/xml", content=content, headers={"Accept": "application/xml"})
    (complaint,) = etree.fromstring(document.content).iterfind(f"{REPORT}Complaint")
    assert complaint.findtext(f"{REPORT}RuleCode") == "sender_is_not_you"
    assert complaint.get("record") == "1"
    assert "отправител" in str(complaint.findtext(f"{REPORT}Text")).lower()
    assert complaint.findtext(f"{REPORT}Remedy")


def test_a_refused_signature_is_a_problem_with_code_place_and_remedy(running: Running) -> None:
    place = running.town
    caller, who = running.caller(place.centre), signer_of(place.centre)
    content = signed(who, referral(place.centre, place.ngo))
    answer = caller.file("xml", content)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "signature_certificate_foreign")
    assert who.certificate.fingerprint in problem["title"]
    assert "mezhved certificate register" in problem["detail"]
    call(caller, "POST", "/files/certificates", content=who.pem)
    assert caller.file("xml", content.replace(b"HOUSING", b"POVERTY")).json()["code"] == "signature_digest_wrong"
    call(caller, "PUT", "/files/signatures", json={"required": True})
    plain = write_referral(referral(place.centre, place.ngo))
    assert caller.file("xml", plain).json()["code"] == "signature_missing"


def test_certificates_are_managed_by_their_own_organisation_with_the_scope(running: Running) -> None:
    place = running.town
    caller, who = running.caller(place.centre), signer_of(place.centre)
    mark = call(caller, "POST", "/files/certificates", content=who.certificate.der).json()["fingerprint"]
    assert mark == who.certificate.fingerprint
    listed = call(caller, "GET", "/files/certificates").json()
    assert [one["fingerprint"] for one in listed["certificates"]] == [mark]
    other = running.caller(place.ngo)
    assert call(other, "GET", "/files/certificates").json()["certificates"] == []
    path = f"/files/certificates/{mark}/revocation"
    assert call(other, "POST", path, json={"reason": "lost"}).status_code == 404
    assert call(caller, "POST", path, json={"reason": "lost"}).json()["state"] == "revoked"
    for method, address, more in (
        ("POST", "/files/certificates", {"content": who.pem}),
        ("GET", "/files/certificates", {}),
        ("PUT", "/files/signatures", {"json": {"required": True}}),
        ("POST", path, {"json": {"reason": "lost"}}),
    ):
        weak = running.caller(place.centre, "messages.send")
        assert call(weak, method, address, **more).json()["code"] == "scope_missing"
        assert running.http.request(method, address, **more).status_code == 401  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/files/signatures", b"{"),
        ("PUT", "/files/signatures", b'{"required": "yes"}'),
        ("PUT", "/files/signatures", b'{"required": true, "more": 1}'),
        ("POST", "/files/certificates/x/revocation", b"[]"),
        ("POST", "/files/certificates/x/revocation", b'{"reason": "whim"}'),
    ],
)
def test_a_body_that_is_none_is_refused(running: Running, method: str, path: str, body: bytes) -> None:
    answer = call(running.caller(running.town.ngo), method, path, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "field_invalid")


def test_a_house_without_a_key_signs_no_reports(running: Running, sqlite_house: House) -> None:
    app = build_app(running.settings, sqlite_house, lambda: NOW, relay=False)
    with TestClient(app, base_url=BASE) as http:
        assert http.get("/files/certificate").json()["code"] == "certificate_unavailable"
