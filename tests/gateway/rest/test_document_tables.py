"""Tables of canonical documents handed in: each kind by its scope, once, rehearsed; what is refused comes back and goes in
again; who hands in need not say that it is such a table.
"""

from __future__ import annotations

import base64
import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook
from pydantic import BaseModel

from adapters.directory_files import read_directory_file
from adapters.sheets.columns import columns_of, format_name, kind_of_code
from adapters.sheets.writer import write_sheet
from gateway.use_cases.directory_port import DirectorySearch
from gateway.use_cases.receive_directory import export_directory, receive_directory
from gateway.use_cases.run_imports import run_import
from gateway.use_cases.search_directory import search_directory
from schemas.documents import KINDS
from tests.adapters.workbooks import workbook
from tests.builders import NOW, Town, consent, ogrn, referral
from tests.gateway.conftest import Caller, Running
from tests.gateway.rest.test_documents_in_files import entries
from tests.gateway.test_authorities import authority
from tests.gateway.test_directory import offer, other, theirs
from tests.gateway.test_intake import consent_of, summary
from tests.generate import example_of


def table(*documents: BaseModel) -> bytes:
    kind = next(kind for kind in KINDS if isinstance(documents[0], kind.model))
    return write_sheet(kind, documents)


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def file_of(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()


def column(code: str, field: str) -> int:
    return [one.field for one in columns_of(kind_of_code(code))].index(field)


def send(caller: Caller, form: str, content: bytes, query: str = "", **headers: str) -> Any:
    said = {"Authorization": f"Bearer {caller.token()}", **headers}
    return caller.http.post(f"/files/{form}{query}", content=content, headers=said)


def documents_of(town: Town, code: str) -> BaseModel:
    made: dict[str, Any] = {
        "message": lambda: referral(town.ngo, town.guardianship, type="signal", trigger="threat"),
        "case_summary": summary,
        "consent": lambda: consent_of(town),
        "authority": authority,
        "organisation": lambda: other(ogrn=town.ngo.ogrn),
    }
    return made[code]()


@pytest.mark.parametrize("form", ["named", "csv"])
@pytest.mark.parametrize("code", ["message", "case_summary", "consent", "authority", "organisation"])
def test_each_kind_comes_in_by_its_table_once(running: Running, code: str, form: str) -> None:
    caller, content = running.caller(running.town.ngo), table(documents_of(running.town, code))
    name = format_name(kind_of_code(code)) if form == "named" else form
    rehearsed = send(caller, name, content, "?rehearsal=true").json()
    assert (rehearsed["recordNum"], rehearsed["recordNumSuccess"], rehearsed["taken"]) == (1, 1, []), rehearsed
    first = send(caller, name, content).json()
    assert (first["recordNum"], first["recordNumSuccess"], first["reject_file"]) == (1, 1, None), first
    assert [one["kind"] for one in first["taken"]] == [code]
    assert first["format"] == format_name(kind_of_code(code))
    again = send(caller, name, content).json()
    assert (again["recordNumSuccess"], [one["id"] for one in again["taken"]]) == (1, [first["taken"][0]["id"]])
    if code != "organisation":
        assert again["repeated"] == 1


def test_services_come_to_the_organisation_that_the_directory_has(running: Running) -> None:
    town = running.town
    own = offer(town, town.ngo).listed.organisation.organisation
    caller = running.caller(town.ngo)
    mine, foreign = theirs(own, name="Ночлег"), theirs(other(), name="Чужое")
    answer = send(caller, "service-table", table(mine, foreign)).json()
    assert (answer["recordNum"], answer["recordNumSuccess"]) == (2, 1), answer
    (told,) = [one for one in answer["messages"] if one["severity"] == "error"]
    assert (told["record"], told["line"], told["ruleCode"]) == (2, 3, "directory_not_yours")
    assert told["place"] == columns_of(kind_of_code("service"))[column("service", "id")].heading
    back = rows_of(base64.b64decode(answer["reject_file"]))
    name = column("service", "name")
    assert [row[name] for row in back[1:]] == ["Чужое"]
    assert back[0][-1] == "Ошибка"
    assert back[1][-1]
    assert "Ночлег" in {one.service.name for one in search_directory(town.house, DirectorySearch()).services}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
@pytest.mark.parametrize("form", ["named", "csv"])
def test_each_kind_needs_its_scope(running: Running, kind: Any, form: str) -> None:
    from gateway.use_cases.file_records import SCOPES as NEEDED
    from gateway.use_cases.register_participants import SCOPES

    caller = running.caller(running.town.ngo, *sorted(SCOPES - {NEEDED[kind.code]}))
    name = format_name(kind) if form == "named" else form
    answer = send(caller, name, table(example_of(kind)))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert entries(running) == {}


def test_what_is_refused_comes_back_and_goes_in_again(running: Running) -> None:
    """By the answer, and by an import: the same bytes, in the form that it came in; titles and a column of nobody stay."""
    town = running.town
    caller = running.caller(town.ngo)
    good, bad = consent_of(town), consent_of(town, purpose="NOTHING")
    heading, *rest = rows_of(table(good, bad))
    rows = [["Согласия за март", *[""] * len(heading)], [*heading, "Заметка"], *([*row, "так"] for row in rest)]
    begins = next(place for place, row in enumerate(rest) if row[0] == "2")  # a consent may take several rows
    content = file_of(rows).decode().encode("cp1251")
    answer = send(caller, "csv", content).json()
    assert (answer["format"], answer["recordNum"], answer["recordNumSuccess"]) == ("consent-table", 2, 1)
    (told,) = [one for one in answer["messages"] if one["severity"] == "error"]
    assert (told["record"], told["line"], told["ruleCode"]) == (2, begins + 3, "purpose_unknown")
    back = base64.b64decode(answer["reject_file"])
    came = list(csv.reader(io.StringIO(back.decode("cp1251"), newline=""), delimiter=";"))
    assert came[:2] == [rows[0], [*rows[1], "Ошибка"]]
    assert [row[:-1] for row in came[2:]] == [[*row, "так"] for row in rest[begins:]]
    assert not any(row[-1] for row in came[3:])
    assert came[2][-1].startswith(told["report"])
    handed = send(caller, "csv", content, Prefer="respond-async")
    assert run_import(running.house, lambda: NOW)
    address = handed.headers["location"]
    refused = caller.http.post(f"{address}/refused", headers={"Authorization": f"Bearer {caller.token()}"})
    assert (refused.status_code, refused.content) == (200, back)
    assert refused.headers["content-disposition"].endswith('.csv"')
    untouched = send(caller, "csv", back).json()
    assert (untouched["recordNum"], untouched["recordNumSuccess"]) == (1, 0)
    assert base64.b64decode(untouched["reject_file"]) == back, "words do not pile up"
    corrected = send(caller, "csv", back.decode("cp1251").replace("NOTHING", good.purpose).encode("cp1251")).json()
    assert (corrected["recordNum"], corrected["recordNumSuccess"], corrected["reject_file"]) == (1, 1, None)
    own = {(row["ruleCode"], row["place"]) for row in corrected["losses"]["rules"]}
    assert ("column_own", "Ошибка") in own
    assert ("unknown_column", "Заметка") in own


def test_a_workbook_is_known_too_and_comes_back_as_one(running: Running) -> None:
    town = running.town
    caller = running.caller(town.ngo)
    content = workbook(rows_of(table(consent_of(town), consent_of(town, purpose="NOTHING"))))
    answer = send(caller, "xlsx", content).json()
    assert (answer["format"], answer["recordNum"], answer["recordNumSuccess"]) == ("consent-table", 2, 1)
    sheet = load_workbook(io.BytesIO(base64.b64decode(answer["reject_file"]))).active
    assert [cell.value for cell in sheet[1]][-1] == "Ошибка"
    assert sheet.cell(2, 1).value == "2"
    handed = send(caller, "csv", content, Prefer="respond-async")
    assert run_import(running.house, lambda: NOW)
    refused = caller.http.post(
        f"{handed.headers['location']}/refused", headers={"Authorization": f"Bearer {caller.token()}"}
    )
    assert refused.headers["content-disposition"].endswith('.xlsx"')
    assert load_workbook(io.BytesIO(refused.content)).active.cell(2, 1).value == "2"


def test_of_two_sheets_that_would_do_one_is_named(running: Running) -> None:
    town = running.town
    caller = running.caller(town.ngo)
    first, second = (
        rows_of(table(consent_of(town, purpose=purpose))) for purpose in ("NOTHING", consent_of(town).purpose)
    )
    content = workbook(first, more=[("Второй", "visible", second)])
    asked = send(caller, "xlsx", content).json()
    assert asked["code"] == "sheets_several"
    one, two = (send(caller, "xlsx", content, f"?sheet={number}").json() for number in (1, 2))
    assert [answer["recordNumSuccess"] for answer in (one, two)] == [0, 1]
    assert load_workbook(io.BytesIO(base64.b64decode(one["reject_file"]))).active.cell(2, 1).value == "1"


def test_a_rule_is_told_where_it_is_broken_and_other_rows_say_nothing(running: Running) -> None:
    town = running.town
    consent(town, town.centre, purpose="REFERRAL")
    draft = referral(town.ngo, town.centre)
    rows = rows_of(table(draft, referral(town.ngo, town.centre)))
    person, snils = column("message", "persons"), column("message", "persons.identifiers.snils")
    second = rows[1].copy()
    for place in range(len(second)):
        second[place] = ""
    second[person], second[column("message", "persons.kind")] = "2", "parent"
    second[snils] = "11223344596"  # a wrong check digit
    rows.insert(2, second)
    answer = send(running.caller(town.ngo), "message-table", file_of(rows)).json()
    (told,) = [one for one in answer["messages"] if one["severity"] == "error"]
    heading = columns_of(kind_of_code("message"))[snils].heading
    assert (told["record"], told["line"], told["place"], told["ruleCode"]) == (1, 3, heading, "snils_check_digits")
    back = rows_of(base64.b64decode(answer["reject_file"]))
    assert [row[-1] for row in back[1:]] == ["", f"{heading}: {told['report']} {told['remedy']}"]


def test_an_own_profile_is_asked_by_its_name_and_no_table_of_ours_takes_its_place(running: Running) -> None:
    answer = send(running.caller(running.town.ngo), "csv", table(consent_of(running.town)), "?profile=families")
    assert answer.json()["code"] == "heading_not_found"


def test_the_operator_takes_in_tables_of_the_directory(town: Town) -> None:
    shelter = other(ogrn=ogrn())
    for document, form in ((shelter, "organisation-table"), (theirs(shelter), "service-table")):
        reading = read_directory_file(table(document))
        receive_directory(town.house, None, "operator:cli", reading, "f" * 64, NOW)
        assert (reading.report.format, reading.report.rejected) == (form, 0)
    found = export_directory(town.house)
    assert ([one.id for one in found.organisations], len(found.services)) == ([shelter.id], 1)
