"""Files that are taken step by step, over HTTP: handed in, watched, stopped; the report, the records, the refused rows."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from gateway.use_cases import import_run
from gateway.use_cases.run_imports import run_import
from tests.builders import NOW, ogrn
from tests.gateway.conftest import Caller, Running
from tests.gateway.imports.world import file_of, signals

VECTORS = Path(__file__).parents[2] / "vectors" / "tables"
ASYNC = {"Prefer": "respond-async, wait=10"}


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_run, "STEP", 2)


def ask(caller: Caller, method: str, address: str, content: bytes | None = None, **headers: str) -> Any:
    said = {"Authorization": f"Bearer {caller.token()}", **headers}
    return caller.http.request(method, address, content=content, headers=said)


def test_a_partner_hands_in_watches_and_reads_what_became_of_it(running: Running) -> None:
    town = running.town
    caller = running.caller(town.school)
    drafts = signals(town, 5)
    handed = ask(caller, "POST", "/files/xml", file_of(drafts), **ASYNC)
    assert (handed.status_code, handed.headers["preference-applied"]) == (202, "respond-async")
    address = handed.headers["location"]
    assert handed.json() == {"id": address.rpartition("/")[2], "address": address, "repeated": False}
    waiting = ask(caller, "GET", address)
    assert (waiting.json()["state"], waiting.headers["retry-after"]) == ("waiting", "2")
    steps = iter((False, True))
    run_import(running.house, lambda: NOW, stopping=lambda: next(steps))
    half = ask(caller, "GET", address).json()
    assert (half["state"], half["records"], half["settled"], half["accepted"]) == ("running", 5, 4, 4)
    assert ask(caller, "POST", f"{address}/refused").json()["code"] == "import_still_runs"
    run_import(running.house, lambda: NOW)
    done = ask(caller, "GET", address)
    assert (done.json()["state"], done.json()["settled"], done.json()["rejected"]) == ("done", 5, 0)
    assert "retry-after" not in done.headers
    assert done.headers["cache-control"] == "no-store"
    report = ask(caller, "GET", f"{address}/report").json()
    assert (report["recordNum"], report["recordNumSuccess"], report["import"]["id"]) == (5, 5, half["id"])
    rows = ask(caller, "GET", f"{address}/records?after=2").json()["records"]
    assert [(row["record"], row["operation_id"]) for row in rows] == [
        (number, draft.operation_id) for number, draft in enumerate(drafts, start=1) if number > 2
    ]
    assert all(row["accepted"] and row["kind"] == "message" and row["id"] for row in rows)
    listed = ask(caller, "GET", "/imports").json()["imports"]
    assert [one["id"] for one in listed] == [half["id"]]
    assert ask(caller, "GET", f"/imports?before={half['id']}").json()["imports"] == []
    assert ask(caller, "POST", f"{address}/refused").json()["code"] == "import_nothing_refused"


def test_refused_rows_come_back_as_they_came(running: Running) -> None:
    caller = running.caller(running.town.centre)
    content = (VECTORS / "families.csv").read_bytes()
    address = ask(caller, "POST", "/files/csv?profile=families", content, **ASYNC).headers["location"]
    run_import(running.house, lambda: NOW)
    back = ask(caller, "POST", f"{address}/refused")
    assert (back.status_code, back.headers["content-type"].partition(";")[0]) == (200, "text/csv")
    assert "Ошибка" in back.content.decode("cp1251")
    assert back.headers["mezhved-entry"]
    assert ask(caller, "DELETE", address).json()["state"] == "done"
    assert ask(caller, "POST", f"{address}/refused").json()["code"] == "import_file_gone"


def test_refused_rows_go_to_who_may_hand_such_in(running: Running) -> None:
    town = running.town
    content = (VECTORS / "families.csv").read_bytes()
    address = ask(running.caller(town.centre), "POST", "/files/csv?profile=families", content, **ASYNC).headers[
        "location"
    ]
    run_import(running.house, lambda: NOW)
    for scope in ("messages.read", "directory.write"):
        refused = ask(running.caller(town.centre, scope), "POST", f"{address}/refused")
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert ask(running.caller(town.centre, "summaries.publish"), "POST", f"{address}/refused").status_code == 200


def test_one_that_runs_is_stopped(running: Running) -> None:
    caller = running.caller(running.town.school)
    address = ask(caller, "POST", "/files/xml", file_of(signals(running.town, 3)), **ASYNC).headers["location"]
    assert ask(caller, "DELETE", address).json()["stopping"]
    run_import(running.house, lambda: NOW)
    stopped = ask(caller, "GET", address).json()
    assert (stopped["state"], stopped["code"], stopped["settled"]) == ("stopped", "import_stopped", 0)
    assert "Принятое до остановки осталось." in stopped["detail"]


def test_the_same_file_is_handed_in_once(running: Running) -> None:
    caller = running.caller(running.town.school)
    content = file_of(signals(running.town, 1))
    first, again = (ask(caller, "POST", "/files/xml", content, **ASYNC).json() for _ in range(2))
    assert again == {**first, "repeated": True}


@pytest.mark.parametrize(
    ("address", "headers", "content", "code"),
    [
        ("/files/doc", {}, b"x", "format_unknown"),
        ("/files/csv?profile=none", {}, b"x", "profile_unknown"),
        ("/files/csv?sheet=x", {}, b"x", "field_invalid"),
        ("/files/csv?rehearsal=perhaps", {}, b"x", "field_invalid"),
        ("/files/xml", {"Content-Encoding": "gzip"}, b"x", "body_encoded"),
        ("/files/xml", {}, b"", "document_empty"),
        ("/files/xml", {}, b"x" * 3000, "document_too_large"),
    ],
)
def test_what_cannot_be_handed_in_is_told(
    running: Running, address: str, headers: dict[str, str], content: bytes, code: str
) -> None:
    object.__setattr__(running.settings, "max_import_bytes", 2000)
    answer = ask(running.caller(running.town.school), "POST", address, content, **ASYNC, **headers)
    assert answer.json()["code"] == code
    with running.house.store.engine.connect() as connection:  # type: ignore[attr-defined]  # past the port
        assert connection.exec_driver_sql("SELECT count(*) FROM import_jobs").scalar() == 0


def test_it_is_not_for_everybody(running: Running) -> None:
    mine = running.caller(running.town.school)
    address = ask(mine, "POST", "/files/xml", file_of(signals(running.town, 1)), **ASYNC).headers["location"]
    other, reader = running.caller(running.town.ngo), running.caller(running.town.school, "access.explain")
    for method, place in (
        ("GET", address),
        ("DELETE", address),
        ("GET", f"{address}/report"),
        ("GET", f"{address}/records"),
        ("POST", f"{address}/refused"),
    ):
        mine_not, invented = ask(other, method, place), ask(other, method, place.replace(address, "/imports/none"))
        assert (mine_not.status_code, mine_not.json()["code"]) == (404, "import_unavailable")
        assert mine_not.content == invented.content, "like one that does not exist"
        assert ask(reader, method, place).json()["code"] == "scope_missing"
    assert ask(reader, "POST", "/files/xml", b"x", **ASYNC).json()["code"] == "scope_missing"
    assert mine.http.get(address).status_code == 401
    assert ask(mine, "GET", f"{address}/records?after=-1").json()["code"] == "field_invalid"
    assert ask(mine, "GET", "/imports?before=x").json()["code"] == "field_invalid"


def test_the_report_is_signed_where_the_gateway_signs_files(running: Running) -> None:
    caller = running.caller(running.town.school)
    address = ask(caller, "POST", "/files/xml", file_of(signals(running.town, 1)), **ASYNC).headers["location"]
    run_import(running.house, lambda: NOW)
    answer = ask(caller, "GET", f"{address}/report", Accept="application/xml")
    assert answer.json()["code"] == "file_signer_missing"


def test_refused_records_of_xml_come_back_and_are_taken_when_they_are_corrected(running: Running) -> None:
    town = running.town
    caller = running.caller(town.school)
    good, wrong = signals(town, 2)
    content = file_of([good, wrong.model_copy(update={"recipient_ogrn": ogrn(99_999)})])
    address = ask(caller, "POST", "/files/xml", content, **ASYNC).headers["location"]
    run_import(running.house, lambda: NOW)
    assert ask(caller, "GET", address).json()["rejected"] == 1
    back = ask(caller, "POST", f"{address}/refused")
    assert (back.status_code, back.headers["content-type"].partition(";")[0]) == (200, "application/xml")
    assert "не найден среди участников" in back.text
    waited = ask(caller, "POST", "/files/xml", content).json()
    assert base64.b64decode(waited["reject_file"]) == back.content
    corrected = back.content.replace(ogrn(99_999).encode(), town.guardianship.ogrn.encode())
    assert ask(caller, "POST", "/files/xml", corrected).json()["recordNumSuccess"] == 1
