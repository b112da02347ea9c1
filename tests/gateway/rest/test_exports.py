"""Exports over HTTP, as a partner's system takes them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.submit_message import submit_message
from schemas.ids import new_id
from tests.builders import NOW, consent, publish, referral, system_of
from tests.gateway.conftest import Running

KINDS = {"xml": "application/xml", "csv": "application/zip", "fhir": "application/fhir+json"}


def post(running: Running, organisation, path: str, *scopes: str, **body: str):
    caller = running.caller(organisation, *scopes)
    return running.http.post(path, json=body, headers={"Authorization": f"Bearer {caller.token()}"})


@pytest.mark.parametrize("form", KINDS)
def test_one_case(running: Running, form: str) -> None:
    town = running.town
    made = publish(town)
    consent(town, town.guardianship)
    case = town.house.vault.case_pseudonym(town.guardianship.id, made.case_id)
    answer = post(running, town.guardianship, "/exports/cases", case=case, purpose="CASE_MGMT", form=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == KINDS[form]
    assert answer.headers["cache-control"] == "no-store"
    name = re.fullmatch(
        r'attachment; filename="(mezhved-case-[0-9a-f-]{36}\.\w+)"', answer.headers["content-disposition"]
    )
    assert name, answer.headers["content-disposition"]
    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["mezhved-entry"])


def test_a_foreign_case_and_thread_answer_as_invented(running: Running) -> None:
    town = running.town
    made = publish(town)
    consent(town, town.centre, purpose="REFERRAL")
    message = submit_message(town.house, system_of(town.ngo), referral(town.ngo, town.centre), NOW).message
    relay_once(town.house, NOW)
    foreign = town.house.vault.case_pseudonym(town.school.id, made.case_id)
    answers = [
        post(running, town.school, "/exports/cases", case=case, purpose="CASE_MGMT", form="csv")
        for case in (foreign, "z" * 52, made.case_id, "")
    ]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}
    threads = [
        post(running, town.school, "/exports/threads", message=known, form="csv")
        for known in (message.id, new_id(), "x")
    ]
    assert {(a.status_code, a.content) for a in threads} == {(404, threads[0].content)}


def test_one_thread(running: Running) -> None:
    town = running.town
    consent(town, town.centre, purpose="REFERRAL")
    message = submit_message(town.house, system_of(town.ngo), referral(town.ngo, town.centre), NOW).message
    relay_once(town.house, NOW)
    answer = post(running, town.centre, "/exports/threads", message=message.id, form="fhir")
    assert answer.status_code == 200, answer.text
    assert json.loads(answer.content)["resourceType"] == "Bundle"


def test_all_own_data(running: Running) -> None:
    town = running.town
    publish(town)
    begun = post(running, town.ngo, "/exports/own", form="csv")
    assert begun.status_code == 201, begun.text
    state = begun.json()
    assert (state["state"], state["totals"]["case"], state["parts"]) == ("running", 1, [])
    path = f"/exports/own/{state['export']}"
    archive = post(running, town.ngo, f"{path}/archive")
    assert (archive.status_code, archive.headers["content-type"]) == (200, "application/zip")
    assert archive.headers["content-disposition"] == f'attachment; filename="mezhved-own-{state["export"]}.zip"'
    found = zipfile.ZipFile(io.BytesIO(archive.content))
    assert found.testzip() is None
    headers = {"Authorization": f"Bearer {running.caller(town.ngo).token()}"}
    done = running.http.get(path, headers=headers).json()
    assert done["state"] == "done"
    assert [part["number"] for part in done["parts"]] == list(range(1, len(done["parts"]) + 1))
    again = post(running, town.ngo, f"{path}/archive")
    assert (again.status_code, again.json()["code"]) == (409, "export_over")
    last = post(running, town.ngo, f"{path}/archive", first=str(len(done["parts"])))
    assert zipfile.ZipFile(io.BytesIO(last.content)).testzip() is None
    foreign = post(running, town.centre, f"{path}/archive")
    invented = post(running, town.centre, f"/exports/own/{new_id()}/archive")
    assert (foreign.status_code, foreign.content) == (404, invented.content)


def test_cancelled_and_wrong_parts(running: Running) -> None:
    town = running.town
    publish(town)
    state = post(running, town.ngo, "/exports/own", form="xml").json()
    path = f"/exports/own/{state['export']}"
    for first, code in (
        ("2", "export_part_unknown"),
        ("x", "field_invalid"),
        ("-1", "field_invalid"),
        ("9" * 30, "field_invalid"),
    ):
        refused = post(running, town.ngo, f"{path}/archive", first=first)
        assert refused.json()["code"] == code
    twice = post(running, town.ngo, "/exports/own", form="xml")
    assert (twice.status_code, twice.json()["code"]) == (409, "export_running")
    assert post(running, town.ngo, f"{path}/cancel").json()["state"] == "cancelled"
    assert post(running, town.ngo, f"{path}/archive").json()["code"] == "export_over"


@pytest.mark.parametrize(
    ("path", "scope", "body"),
    [
        ("/exports/cases", "summaries.read", {"case": "x", "purpose": "CASE_MGMT", "form": "xml"}),
        ("/exports/threads", "messages.read", {"message": "x", "form": "xml"}),
        ("/exports/own", "exports.own", {"form": "xml"}),
    ],
)
def test_nobody_comes_in_without_token_and_scope(running: Running, path: str, scope: str, body: dict[str, str]) -> None:
    assert running.http.post(path, json=body).status_code == 401
    others = {"summaries.read", "messages.read", "exports.own", "messages.send"} - {scope}
    answer = post(running, running.town.ngo, path, *sorted(others), **body)
    assert answer.json()["code"] == "scope_missing"


@pytest.mark.parametrize("body", ["[]", "{", '{"form": 1}', '{"form": "xml", "more": "y"}'])
def test_a_body_that_is_none_is_refused(running: Running, body: str) -> None:
    headers = {"Authorization": f"Bearer {running.caller(running.town.ngo).token()}"}
    answer = running.http.post("/exports/own", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "field_invalid")
    unknown = post(running, running.town.ngo, "/exports/own", form="xlsx")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "export_form_unknown")


# --- tables for programs that know nothing but cp1251 ----------------------------------------------------------------

ODD = "Нужна помощь − срочно 😟"


def heading(content: bytes, encoding: str) -> str:
    return content.decode(encoding).splitlines()[0]


def test_tables_leave_in_cp1251_and_what_it_lacks_is_named(running: Running) -> None:
    town = running.town
    consent(town, town.centre, purpose="REFERRAL")
    draft = referral(town.ngo, town.centre, requested_action=ODD)
    message = submit_message(town.house, system_of(town.ngo), draft, NOW).message
    relay_once(town.house, NOW)
    for path, body in (("threads", {"message": message.id, "form": "csv"}), ("messages", {"message": message.id})):
        asked = f"/exports/{path}"
        plain = post(running, town.centre, asked, **body)
        assert plain.status_code == 200, plain.text
        refused = post(running, town.centre, f"{asked}?encoding=cp1251", **body)
        assert (refused.status_code, refused.json()["code"]) == (400, "text_outside_encoding")
        assert "U+1F61F" in refused.json()["title"]
        assert "Нужна" not in refused.text, "no word of the message stands in the error"
        taken = post(running, town.centre, f"{asked}?encoding=cp1251&nearest=true", **body)
        assert taken.status_code == 200, taken.text
        content = taken.content
        if path == "threads":
            content = zipfile.ZipFile(io.BytesIO(content)).read("sections.csv")
        assert "Нужна помощь - срочно ?" in content.decode("cp1251")
        for wrong in ("encoding=koi8-r", "nearest=maybe"):
            unknown = post(running, town.centre, f"{asked}?{wrong}", **body)
            assert (unknown.status_code, unknown.json()["code"]) == (400, "format_unknown")


def test_a_message_of_others_is_no_table(running: Running) -> None:
    town = running.town
    consent(town, town.centre, purpose="REFERRAL")
    message = submit_message(town.house, system_of(town.ngo), referral(town.ngo, town.centre), NOW).message
    relay_once(town.house, NOW)
    answers = [post(running, town.school, "/exports/messages", message=known) for known in (message.id, new_id(), "x")]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}


def test_a_case_and_all_own_data_in_cp1251(running: Running) -> None:
    town = running.town
    made = publish(town)
    case = town.house.vault.case_pseudonym(town.ngo.id, made.case_id)
    one = post(running, town.ngo, "/exports/cases?encoding=cp1251", case=case, purpose="CASE_MGMT", form="csv")
    assert one.status_code == 200, one.text
    tables = zipfile.ZipFile(io.BytesIO(one.content))
    assert heading(tables.read("cases.csv"), "cp1251").startswith('"Случай";')
    export = post(running, town.ngo, "/exports/own", form="csv").json()["export"]
    archive = post(running, town.ngo, f"/exports/own/{export}/archive?encoding=cp1251&nearest=true")
    assert archive.status_code == 200, archive.text
    files = zipfile.ZipFile(io.BytesIO(archive.content))
    names = [name for name in files.namelist() if name.endswith("-cases.csv")]
    assert names
    assert heading(files.read(names[0]), "cp1251").startswith('"Случай";')
