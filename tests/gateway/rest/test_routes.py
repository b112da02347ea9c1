"""Tokens, files, health and the log's public part over HTTP; every bad input of a file has its code."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from adapters.tables.writer import write_referrals
from adapters.xml.writer import write_referral
from gateway.evidence import verify
from gateway.oauth.client import token_form
from gateway.use_cases.sequence_log import sequence_log
from tests.builders import NOW, consent, referral
from tests.gateway.conftest import TOKEN, Running

DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><Referral xmlns="urn:mezhved:exchange:1">&a;</Referral>'

BAD_FILES = {
    "empty XML": ("xml", b"", "document_empty"),
    "not XML": ("xml", b"hello", "document_not_wellformed"),
    "DOCTYPE": ("xml", DOCTYPE, "document_has_doctype"),
    "foreign root": ("xml", b"<a/>", "document_root_unknown"),
    "empty CSV": ("csv", b"", "document_empty"),
    "no headings": ("csv", "Да;Нет\n1;2\n".encode("cp1251"), "heading_not_found"),
    "a broken workbook": ("csv", b"PK\x03\x04" + b"\x00" * 100, "archive_broken"),
    "an old workbook": ("xlsx", b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "workbook_old"),
    "a PDF": ("csv", b"%PDF-1.7", "document_is_spreadsheet"),
    "unknown format": ("pdf", b"x", "format_unknown"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_as_a_whole_with_a_problem(running: Running, name: str) -> None:
    form, content, code = BAD_FILES[name]
    answer = running.caller(running.town.centre).file(form, content)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["code"]) == (400, code), problem
    assert problem["title"]
    assert problem["detail"]
    assert problem["title_en"]
    with running.house.store.reading() as unit:
        assert unit.messages.queue(running.town.centre.id, "outbox", None, 10, NOW) == []


def test_a_file_over_the_limit_is_refused_by_size(running: Running) -> None:
    caller = running.caller(running.town.centre)
    answer = caller.file("xml", b"<a>" + b" " * 50_000_000 + b"</a>")
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_good_xml_file_is_taken_and_its_repeat_is_harmless(running: Running) -> None:
    town = running.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    caller = running.caller(town.centre)
    content = write_referral(referral(town.centre, town.ngo))
    first, second = caller.file("xml", content).json(), caller.file("xml", content).json()
    assert first["recordNumSuccess"] == second["recordNumSuccess"] == 1
    assert first["messages_sent"] == second["messages_sent"]


def test_a_record_of_another_organisation_is_refused_and_the_others_pass(running: Running) -> None:
    from adapters.xml.writer import write_referrals as write_xml

    town = running.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    mine, foreign = referral(town.centre, town.ngo), referral(town.school, town.ngo)
    receipt = running.caller(town.centre).file("xml", write_xml([mine, foreign])).json()
    assert (receipt["recordNumSuccess"], receipt["recordNumRejected"]) == (1, 1)
    assert [m["ruleCode"] for m in receipt["messages"]] == ["sender_is_not_you"]


def test_a_csv_register_is_taken_and_bad_rows_come_back_in_the_same_form(running: Running) -> None:
    town = running.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre, identifiers={"snils": "11223344595"})
    good = referral(town.centre, town.ngo)
    other = referral(town.centre, town.ngo, ref="K-unknown")
    stranger = other.model_copy(
        update={"persons": tuple(p.model_copy(update={"identifiers": None}) for p in other.persons)}
    )
    receipt = running.caller(town.centre).file("csv", write_referrals([good, stranger])).json()
    assert (receipt["recordNumSuccess"], receipt["recordNumRejected"]) == (1, 1), receipt
    reject = base64.b64decode(receipt["reject_file"])
    assert reject.startswith(b"\xef\xbb\xbf")
    assert "RU-152-6-1" in reject.decode("utf-8-sig")
    assert reject.count(b"\r\n") == 2


def test_a_file_needs_the_scope_to_send(running: Running) -> None:
    answer = running.caller(running.town.centre, "access.explain").file("xml", b"<a/>")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_a_token_expires(running: Running) -> None:
    caller = running.caller(running.town.ngo)
    old = caller.http.post(
        "/oauth/token", data=token_form(caller.key, caller.client_id, TOKEN, NOW - timedelta(hours=2))
    )
    assert old.status_code == 400
    assert old.json()["error"] == "invalid_client"


def test_an_assertion_works_once(running: Running) -> None:
    caller = running.caller(running.town.ngo)
    form = token_form(caller.key, caller.client_id, TOKEN, NOW)
    assert running.http.post("/oauth/token", data=form).status_code == 200
    assert running.http.post("/oauth/token", data=form).json()["error"] == "invalid_client"


def test_a_repeated_parameter_is_refused(running: Running) -> None:
    body = b"grant_type=client_credentials&grant_type=client_credentials"
    answer = running.http.post("/oauth/token", content=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_metadata_keys_and_health(running: Running) -> None:
    metadata = running.http.get("/.well-known/oauth-authorization-server").json()
    assert metadata["token_endpoint"] == TOKEN
    keys = running.http.get("/oauth/jwks").json()["keys"]
    assert [key["alg"] for key in keys] == ["ES256"]
    assert "d" not in keys[0]
    assert running.http.get("/health").json() == {"status": "ok"}


def test_the_checkpoint_is_public_and_signed_by_the_public_key(running: Running, tmp_path: object) -> None:
    assert running.http.get("/log/checkpoint").status_code == 404
    sequence_log(running.house, NOW)
    note = running.http.get("/log/checkpoint").text
    key = verify.parse_key(running.http.get("/log/key").text.strip())
    assert key is not None
    assert note.startswith("test.local/log\n")


def test_documentation_of_the_framework_is_off(running: Running) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert running.http.get(path).status_code == 404


@pytest.mark.parametrize(
    ("accept", "kind"), [("application/json", "application/problem+json"), ("text/html", "text/html")]
)
def test_an_address_that_nothing_answers_has_its_page_and_its_problem(running: Running, accept: str, kind: str) -> None:
    answer = running.http.get("/no/such/page", headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith(kind)
    assert "page_unavailable" in answer.text
    assert running.http.delete("/queue", headers={"Accept": accept}).status_code == 405
