"""Answers as files of a partner's system: over HTTP, waited for and step by step, rehearsed, corrected and sent again."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from gateway.exchange.relay import relay_once
from gateway.use_cases import import_run
from gateway.use_cases.keep_mapping_profile import write_profile
from gateway.use_cases.run_imports import run_import
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Organisation
from tests.adapters.certificates import holder, rsa_key
from tests.adapters.workbooks import workbook
from tests.builders import NOW, organisation, referral, system_of
from tests.gateway.conftest import Caller, Running
from tests.gateway.signed.world import entries

HEADING = ("Идентификатор сообщения", "Событие", "Причина (код)", "Почему некуда (код)", "Пояснение")
ASYNC = {"Prefer": "respond-async"}


def sent(running: Running, count: int, recipient: Organisation | None = None) -> list[str]:
    """Signals that lie in the queue of the guardianship body."""
    town = running.town
    found = []
    for _ in range(count):
        draft = referral(town.school, recipient or town.guardianship, type="signal", trigger="threat")
        found.append(submit_message(running.house, system_of(town.school), draft, NOW).message.id)
    relay_once(running.house, NOW)
    return found


def state(running: Running, message: str) -> str:
    with running.house.store.reading() as unit:
        found = unit.messages.get(message, running.town.school.id, NOW)  # type: ignore[arg-type]
    assert found is not None
    return found.state.value


def post(caller: Caller, address: str, content: bytes = b"", **headers: str) -> Any:
    said = {"Authorization": f"Bearer {caller.token()}", **headers}
    return caller.http.request("POST", address, content=content, headers=said)


def get(caller: Caller, address: str, **headers: str) -> Any:
    return caller.http.get(address, headers={"Authorization": f"Bearer {caller.token()}", **headers})


def table(*rows: Sequence[str]) -> bytes:
    return "\r\n".join(";".join((*row, *[""] * (len(HEADING) - len(row)))) for row in (HEADING, *rows)).encode()


def document(*rows: Sequence[str]) -> bytes:
    names = ("MessageId", "Event", "ReasonCode", "NoneBecauseCode", "Words")
    said = ("".join(f"<{n}>{v}</{n}>" for n, v in zip(names, row, strict=False) if v) for row in rows)
    inner = "".join(f"<Answer>{one}</Answer>" for one in said)
    return f'<Answers xmlns="urn:mezhved:exchange:1">{inner}</Answers>'.encode()


def book(*rows: Sequence[str]) -> bytes:
    return workbook([[*HEADING], *([*row, *[""] * (len(HEADING) - len(row))] for row in rows)])


FORMS = [
    ("/files/xml", document),
    ("/files/csv?profile=answers", table),
    ("/files/xlsx?profile=answers", book),
]


@pytest.mark.parametrize(("address", "write"), FORMS)
def test_what_was_refused_comes_back_and_is_taken_when_corrected(running: Running, address: str, write: Any) -> None:
    one, two = sent(running, 2)
    caller = running.caller(running.town.guardianship, "messages.read")
    content = write((one, "Принято"), (two, "reject", "OUT_OF_TERRITORY"))
    receipt = post(caller, address, content).json()
    assert (receipt["recordNum"], receipt["recordNumSuccess"], receipt["repeated"]) == (2, 1, 0)
    assert receipt["taken"] == [{"kind": "answer", "id": one, "repeated": False}]
    assert [said["ruleCode"] for said in receipt["messages"]] == ["elsewhere_required"]
    rules = {(rule["ruleCode"], rule["count"]) for rule in receipt["losses"]["rules"]}
    assert {("code_translated", 1), ("identifier_derived", 1)} <= rules
    assert entries(running.house, "file.received")[-1]["losses"] == receipt["lossesDigest"]
    assert (state(running, one), state(running, two)) == ("accepted", "opened")

    back = base64.b64decode(receipt["reject_file"])
    again = post(caller, address, back).json()
    assert (again["recordNum"], again["recordNumSuccess"]) == (1, 0), "not corrected, it is refused alike"
    corrected = write((two, "reject", "OUT_OF_TERRITORY", "none_known"))
    if address.startswith("/files/csv"):
        corrected = back.decode().replace("OUT_OF_TERRITORY;;", "OUT_OF_TERRITORY;none_known;").encode()
    elif address == "/files/xml":
        corrected = back.replace(b"</ReasonCode>", b"</ReasonCode><NoneBecauseCode>none_known</NoneBecauseCode>")
    done = post(caller, address, corrected).json()
    assert (done["recordNum"], done["recordNumSuccess"], done["repeated"]) == (1, 1, 0)
    assert state(running, two) == "rejected"

    whole = write((one, "Принято"), (two, "reject", "OUT_OF_TERRITORY", "none_known"))
    repeated = post(caller, address, whole).json()
    assert (repeated["recordNumSuccess"], repeated["repeated"], repeated["reject_file"]) == (2, 2, None)


@pytest.mark.parametrize(("address", "write"), FORMS)
def test_a_rehearsal_says_what_would_be_and_does_nothing(running: Running, address: str, write: Any) -> None:
    one, two = sent(running, 2)
    caller = running.caller(running.town.guardianship, "messages.read")
    rows = [(one, "open"), (one, "accept"), (one, "begin"), (two, "begin"), (one, "accept", "", "", "ещё раз")]
    tried = f"{address}{'&' if '?' in address else '?'}rehearsal=true"
    receipt = post(caller, tried, write(*rows)).json()
    assert receipt["rehearsal"]
    assert receipt["taken"] == []
    assert [(said["record"], said["ruleCode"]) for said in receipt["messages"]] == [
        (4, "message_state_conflict"),
        (5, "message_state_conflict"),
    ]
    assert receipt["reject_file"]
    entry = entries(running.house, "file.received")[-1]
    assert (entry["rehearsal"], entry["accepted"], entry["losses"]) == (True, 0, receipt["lossesDigest"])
    assert (state(running, one), state(running, two)) == ("delivered", "delivered")
    real = post(caller, address, write(*rows)).json()
    assert [(m["record"], m["ruleCode"]) for m in real["messages"]] == [
        (m["record"], m["ruleCode"]) for m in receipt["messages"]
    ], "what the rehearsal said comes true"
    assert state(running, one) == "in_work"


def test_a_rehearsal_asks_what_the_answer_would_be_asked(running: Running) -> None:
    town = running.town
    (mine,) = sent(running, 1)
    (foreign,) = sent(running, 1, organisation(running.house, "guardianship", "Другая опека (тест)"))
    caller = running.caller(town.guardianship, "messages.read")
    number = "0b9c5d1e-2a43-4f6b-8c7d-9e0f1a2b3c4d"
    rows = [(foreign, "accept"), (mine, "cancel"), (mine, "accept", "", "", "Звонить Ивановой Марии Петровне")]
    content = document(*rows).replace(
        b"</Answers>",
        b"".join(
            f"<Answer><AnswerId>{number}</AnswerId><MessageId>{mine}</MessageId><Event>{event}</Event></Answer>".encode()
            for event in ("accept", "accept", "begin")
        )
        + b"</Answers>",
    )
    said = post(caller, "/files/xml?rehearsal=true", content).json()["messages"]
    real = post(caller, "/files/xml", content).json()["messages"]
    expected = ["message_unavailable", "message_not_yours", "text_not_nameless", "operation_id_reused"]
    assert [one["ruleCode"] for one in said] == [one["ruleCode"] for one in real] == expected


def test_answers_are_taken_step_by_step(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_run, "STEP", 2)
    messages = sent(running, 3)
    caller = running.caller(running.town.guardianship, "messages.read")
    rows = [(messages[0], "accept"), (messages[0], "begin"), (messages[1], "съедено"), (messages[2], "Принято")]
    address = post(caller, "/files/csv?profile=answers", table(*rows), **ASYNC).headers["location"]
    steps = iter((True,))
    run_import(running.house, lambda: NOW, stopping=lambda: next(steps))
    assert [state(running, one) for one in messages] == ["in_work", "delivered", "delivered"]
    run_import(running.house, lambda: NOW)
    watched = get(caller, address).json()
    assert (watched["state"], watched["accepted"], watched["rejected"], watched["sent"]) == ("done", 3, 1, 0)
    assert [state(running, one) for one in messages] == ["in_work", "delivered", "accepted"]
    report = get(caller, f"{address}/report").json()
    assert report["lossesDigest"] == entries(running.house, "file.received")[-1]["losses"]
    assert ("code_translated", "Событие") in {(one["ruleCode"], one["place"]) for one in report["losses"]["rules"]}
    back = post(caller, f"{address}/refused")
    assert back.content.decode().count("\r\n") == 2
    assert "съедено" in back.content.decode()
    fixed = back.content.decode().replace("съедено", "accept").encode()
    assert post(caller, "/files/csv?profile=answers", fixed).json()["recordNumSuccess"] == 1
    assert state(running, messages[1]) == "accepted"


def test_a_rehearsal_that_is_taken_up_again_knows_what_came_before(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "STEP", 1)
    (one,) = sent(running, 1)
    caller = running.caller(running.town.guardianship, "messages.read")
    content = document((one, "accept"), (one, "begin"), (one, "complete"))
    address = post(caller, "/files/xml?rehearsal=true", content, **ASYNC).headers["location"]
    for _ in range(3):
        run_import(running.house, lambda: NOW, stopping=lambda: True)
    run_import(running.house, lambda: NOW)
    assert get(caller, f"{address}/report").json()["recordNumSuccess"] == 3
    assert state(running, one) == "delivered"


def test_the_report_is_signed_where_it_is_asked(running: Running) -> None:
    (one,) = sent(running, 1)
    object.__setattr__(running.house, "file_signer", holder(None, rsa_key()).signer)
    caller = running.caller(running.town.guardianship, "messages.read")
    signed = post(caller, "/files/xml", document((one, "Принято")), Accept="application/xml")
    report = etree.fromstring(signed.content)
    losses = report.find(".//{urn:mezhved:report:1}Losses")
    assert losses is not None
    assert losses.get("sha256") == entries(running.house, "file.received")[-1]["losses"]
    assert report.find(".//{http://www.w3.org/2000/09/xmldsig#}SignatureValue") is not None


def test_answers_need_the_scope_of_an_answer(running: Running) -> None:
    (one,) = sent(running, 1)
    caller = running.caller(running.town.guardianship, "messages.send")
    for address, write in FORMS:
        refused = post(caller, address, write((one, "accept")))
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert state(running, one) == "delivered"


def test_own_headings_of_answers_are_a_profile(running: Running) -> None:
    (one,) = sent(running, 1)
    caller = running.caller(running.town.guardianship, "messages.read")
    text = "name: our-answers\nbase: answers\ncolumns:\n  Письмо: message_id\n  Что решили: event\n"
    text += "values:\n  event: {берём: accept}\n"
    who = replace(system_of(running.town.guardianship), roles=frozenset({"caseworker"}))
    write_profile(running.house, who, text, NOW)
    content = f"Письмо;Что решили\r\n{one};берём\r\n".encode()
    receipt = post(caller, "/files/csv?profile=our-answers", content).json()
    assert (receipt["recordNumSuccess"], receipt["messages"]) == (1, [])
    assert state(running, one) == "accepted"
