"""Canonical documents in files over HTTP: messages, summaries, consents; each with its scope, each once; rehearsed."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.documents.writer import write_document, write_documents
from schemas.documents import KINDS
from tests.builders import referral
from tests.gateway.conftest import Caller, Running
from tests.gateway.test_intake import consent_of, summary
from tests.generate import example_of

COUNTED = ("message.submitted", "summary.published", "consent.recorded", "exchange.refused", "file.received")


def send(caller: Caller, content: bytes, query: str = "") -> Any:
    return caller.http.post(
        f"/files/xml{query}", content=content, headers={"Authorization": f"Bearer {caller.token()}"}
    )


def entries(running: Running) -> dict[str, int]:
    with running.house.store.engine.connect() as connection:  # type: ignore[attr-defined]  # past the port
        rows = connection.exec_driver_sql("SELECT kind, count(*) FROM entries GROUP BY kind").all()
    return {kind: count for kind, count in rows if kind in COUNTED}


def test_a_summary_and_a_consent_come_once_each(running: Running) -> None:
    caller = running.caller(running.town.ngo)
    for document in (summary(), consent_of(running.town)):
        first = send(caller, write_document(document)).json()
        assert (first["recordNumSuccess"], first["repeated"], len(first["taken"])) == (1, 0, 1)
        again = send(caller, write_documents([document])).json()
        assert (again["recordNumSuccess"], again["repeated"]) == (1, 1)
        assert again["taken"] == [first["taken"][0] | {"repeated": True}]
    found = entries(running)
    assert (found["summary.published"], found["consent.recorded"], found["file.received"]) == (1, 1, 4)


def test_a_message_of_any_type_comes_and_one_of_another_organisation_does_not(running: Running) -> None:
    town = running.town
    caller = running.caller(town.school)
    own = referral(town.school, town.guardianship, type="signal", trigger="threat")
    foreign = referral(town.centre, town.guardianship, type="signal", trigger="threat")
    report = send(caller, write_documents([own, foreign])).json()
    assert [one["operation_id"] for one in report["messages_sent"]] == [own.operation_id]
    assert [(one["record"], one["ruleCode"]) for one in report["messages"]] == [(2, "sender_is_not_you")]


def test_nothing_is_applied_by_a_rehearsal_which_says_what_would_be(running: Running) -> None:
    town = running.town
    caller = running.caller(town.ngo)
    for document in (
        summary(),
        consent_of(town),
        referral(town.ngo, town.guardianship, type="signal", trigger="threat"),
    ):
        report = send(caller, write_document(document), "?rehearsal=true").json()
        assert (report["rehearsal"], report["recordNumSuccess"], report["taken"]) == (True, 1, [])
    wrong = consent_of(town, purpose="NOTHING")
    report = send(caller, write_document(wrong), "?rehearsal=1").json()
    assert [one["ruleCode"] for one in report["messages"]] == ["purpose_unknown"]
    refused = referral(town.ngo, town.guardianship)  # nobody has consented
    report = send(caller, write_document(refused), "?rehearsal=1").json()
    assert [one["ruleCode"] for one in report["messages"]] == ["message_refused"]
    assert entries(running) == {"file.received": 5}
    bad = send(caller, write_document(summary()), "?rehearsal=perhaps")
    assert (bad.status_code, bad.json()["code"]) == (400, "field_invalid")


@pytest.mark.parametrize(
    ("code", "scope"),
    [("message", "messages.send"), ("case_summary", "summaries.publish"), ("consent", "consents.write")],
)
def test_each_kind_needs_its_scope(running: Running, code: str, scope: str) -> None:
    from gateway.use_cases.register_participants import SCOPES

    (kind,) = (kind for kind in KINDS if kind.code == code)
    caller = running.caller(running.town.ngo, *sorted(SCOPES - {scope}))
    answer = send(caller, write_document(example_of(kind)))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert entries(running) == {}


@pytest.mark.parametrize("code", ["organisation", "service"])
def test_what_belongs_to_the_directory_is_told_where(running: Running, code: str) -> None:
    (kind,) = (kind for kind in KINDS if kind.code == code)
    report = send(running.caller(running.town.ngo), write_document(example_of(kind))).json()
    assert [one["ruleCode"] for one in report["messages"]] == ["document_elsewhere"]
    assert report["recordNumSuccess"] == 0
