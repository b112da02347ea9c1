"""Own tables over HTTP: sent, kept, read back, published, sent on, thrown away; each with its scope."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.workbooks import workbook
from tests.builders import consent
from tests.gateway.conftest import Caller, Running

VECTORS = Path(__file__).parents[2] / "vectors" / "tables"
PUBLISHING = {
    "as_of": "2026-03-01",
    "erase_after": "2027-03-01",
    "source": "Список семей",
    "curator_name": "Кураторова К.К.",
    "curator_phone": "+70000000000",
}


def call(caller: Caller, method: str, path: str, **more: Any) -> Any:
    return caller.http.request(method, path, headers={"Authorization": f"Bearer {caller.token()}"}, **more)


def send(caller: Caller, name: str, profile: str, form: str = "xlsx") -> Any:
    return call(caller, "POST", f"/files/{form}?profile={profile}", content=(VECTORS / name).read_bytes())


def test_a_list_of_families_from_the_file_to_the_summary(running: Running) -> None:
    caller = running.caller(running.town.centre)
    receipt = send(caller, "families.xlsx", "families").json()
    assert (receipt["format"], receipt["recordNumSuccess"], receipt["kept"]) == ("xlsx", 2, 2)
    assert base64.b64decode(receipt["reject_file"]).startswith(b"PK")
    page = call(caller, "GET", "/kept/families").json()
    assert (page["count"], page["next"]) == (2, None)
    record = next(r for r in page["records"] if r["content"]["case_ref"] == "СС-1/26")
    assert record["content"]["subjects"][0]["sections"]["identity"]["full_name"] == "Синтетова Анна Примеровна"
    bad = call(caller, "POST", f"/kept/{record['id']}/publish", json=PUBLISHING | {"as_of": "вчера"})
    assert (bad.status_code, bad.json()["code"]) == (400, "field_invalid")
    assert "вчера" not in bad.text
    published = call(caller, "POST", f"/kept/{record['id']}/publish", json=PUBLISHING)
    assert (published.status_code, published.json()["version"]) == (200, 1)
    assert call(caller, "GET", "/kept/families").json()["count"] == 1
    other = call(caller, "GET", "/kept/families").json()["records"][0]["id"]
    assert call(caller, "DELETE", f"/kept/{other}").json() == {"id": other}
    gone = call(caller, "DELETE", f"/kept/{other}")
    assert (gone.status_code, gone.json()["code"]) == (404, "kept_unavailable")


def test_a_signal_of_a_journal_is_sent_on(running: Running) -> None:
    caller = running.caller(running.town.school)
    assert send(caller, "signals.csv", "signals", "csv").json()["kept"] == 2
    records = call(caller, "GET", "/kept/signals").json()["records"]
    record = next(r for r in records if r["content"]["reg_number"] == "1")
    to = {"recipient_ogrn": running.town.guardianship.ogrn, "trigger": "no_care", "received_by": "phone"}
    sent = call(caller, "POST", f"/kept/{record['id']}/send", json=to)
    assert (sent.status_code, sent.json()["operation_id"]) == (200, record["content"]["operation_id"])
    again = call(caller, "POST", f"/kept/{record['id']}/send", json=to)
    assert again.json()["code"] == "kept_unavailable"


@pytest.mark.parametrize(
    ("profile", "scope"),
    [
        ("referrals", "messages.send"),
        ("signals", "messages.send"),
        ("families", "summaries.publish"),
        ("contacts", "directory.write"),
    ],
)
def test_each_table_needs_the_scope_of_what_it_is(running: Running, profile: str, scope: str) -> None:
    without = running.caller(running.town.centre, "access.explain")
    refused = send(without, "families.xlsx", profile)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    name = {"signals": "signals.xlsx", "contacts": "contacts.xlsx"}.get(profile, "families.xlsx")
    with_it = running.caller(running.town.centre, scope)
    assert send(with_it, name, profile).json().get("code") != "scope_missing"


def test_others_find_nothing_of_it(running: Running) -> None:
    send(running.caller(running.town.centre), "families.xlsx", "families")
    other = running.caller(running.town.ngo)
    assert call(other, "GET", "/kept/families").json() == {"records": [], "count": 0, "next": None}
    assert call(other, "GET", "/kept/letters").json()["code"] == "kept_kind_unknown"


def test_a_workbook_of_referrals_goes_through_the_gate_and_its_bad_rows_come_back(running: Running) -> None:
    town = running.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    head = ["ОГРН отправителя", "ОГРН получателя", "Ребёнок: идентификатор в системе отправителя", "Ребёнок: ФИО",
            "Ребёнок: дата рождения", "Причина обращения (код)"]  # fmt: skip
    row = [None, town.ngo.ogrn, "K-1", "Проба Вымышленная Тестовна", "15.01.2017", "HOUSING"]
    foreign = [town.school.ogrn, *row[1:3], "Пробный Лев", *row[4:]]
    bad = [*row[:3], "=!A1", *row[4:]]
    book = workbook([head, row, foreign, bad], more=[("Второй", "visible", [head, row])])
    caller = running.caller(town.centre)
    assert call(caller, "POST", "/files/xlsx", content=book).json()["code"] == "sheets_several"
    assert call(caller, "POST", "/files/xlsx?sheet=x", content=book).json()["code"] == "field_invalid"
    receipt = call(caller, "POST", "/files/xlsx?sheet=1", content=book).json()
    assert (receipt["recordNumSuccess"], receipt["recordNumRejected"]) == (1, 2)
    assert {m["ruleCode"] for m in receipt["messages"]} == {"sender_is_not_you", "formula_in_cell"}
    again = call(caller, "POST", "/files/csv?sheet=1", content=book).json()
    assert again["messages_sent"] == receipt["messages_sent"], "the content tells what a file is"
