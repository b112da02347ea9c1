"""Canonical documents in files over HTTP: messages, summaries, consents; each with its scope, each once; rehearsed."""

from __future__ import annotations

import io
from typing import Any

import pytest

from adapters.documents.writer import write_document, write_documents
from gateway.use_cases.house import House
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.submit_message import Submitted, submit_message
from gateway.use_cases.values import Requester
from schemas.documents import KINDS
from schemas.errors import Contended, MezhvedError, NotPermitted
from schemas.messages import MessageDraft
from tests.builders import NOW, referral, system_of
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
    [
        ("message", "messages.send"),
        ("case_summary", "summaries.publish"),
        ("consent", "consents.write"),
        ("authority", "consents.write"),
        ("organisation", "directory.write"),
        ("service", "directory.write"),
    ],
)
def test_each_kind_needs_its_scope(running: Running, code: str, scope: str) -> None:
    from gateway.use_cases.register_participants import SCOPES

    (kind,) = (kind for kind in KINDS if kind.code == code)
    caller = running.caller(running.town.ngo, *sorted(SCOPES - {scope}))
    answer = send(caller, write_document(example_of(kind)))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert entries(running) == {}


@pytest.mark.parametrize("error", [Contended("facts_keep_moving"), NotPermitted("not_assigned")])
def test_a_record_that_cannot_be_taken_now_stops_no_other(
    running: Running, monkeypatch: pytest.MonkeyPatch, error: MezhvedError
) -> None:
    town = running.town
    drafts = [referral(town.school, town.guardianship, type="signal", trigger="threat") for _ in range(3)]

    def submit(house: House, requester: Requester, draft: MessageDraft, *given: Any, **more: Any) -> Submitted:
        if draft == drafts[1]:
            raise error
        return submit_message(house, requester, draft, *given, **more)

    monkeypatch.setattr("gateway.use_cases.apply_document.submit_message", submit)
    report = send(running.caller(town.school), write_documents(drafts)).json()
    assert [one["operation_id"] for one in report["messages_sent"]] == [drafts[0].operation_id, drafts[2].operation_id]
    assert [(one["record"], one["ruleCode"]) for one in report["messages"]] == [(2, error.code)]
    assert entries(running)["file.received"] == 1


def test_nothing_is_applied_before_everything_is_allowed(running: Running) -> None:
    """In whatever envelope, table or folder it comes: what is asked is what the records are."""
    asked: list[str] = []

    def need(kind: str) -> None:
        asked.append(kind)
        raise NotPermitted("scope_missing", scope=kind)

    for document, kind in ((summary(), "case_summary"), (consent_of(running.town), "consent")):
        content = io.BytesIO(write_document(document))
        with pytest.raises(NotPermitted, match="scope_missing"):
            receive_file(running.house, system_of(running.town.ngo), content, "xml", NOW, need=need)
        assert asked.pop() == kind
    assert entries(running) == {}
