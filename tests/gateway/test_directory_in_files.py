"""A partner's own files of the directory on both stores: canonical documents, and phone books whose bad rows come back."""

from __future__ import annotations

import base64
import csv
import io
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl import load_workbook

from adapters.documents.writer import write_documents
from gateway.use_cases.directory_port import DirectorySearch
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.receive_directory import export_directory
from gateway.use_cases.receive_file import FileReceipt, receive_file
from gateway.use_cases.run_imports import run_import
from gateway.use_cases.search_directory import search_directory
from gateway.use_cases.values import Organisation, Requester
from schemas.directory import DirectoryOrganisation, Service
from schemas.errors import NotPermitted
from schemas.ids import new_id
from tests.adapters.workbooks import workbook
from tests.builders import NOW, Town, ogrn, system_of
from tests.gateway.conftest import Running
from tests.gateway.signed.world import entries
from tests.gateway.test_directory import offer, other, theirs

VECTORS = Path(__file__).parents[1] / "vectors" / "tables"


def bring(
    town: Town, by: Organisation | Requester, *documents: DirectoryOrganisation | Service, **more: Any
) -> FileReceipt:
    who = by if isinstance(by, Requester) else system_of(by)
    content = io.BytesIO(write_documents(documents))
    return receive_file(town.house, who, content, "xml", NOW, need=need_nothing, **more)


def codes(receipt: FileReceipt) -> list[str]:
    return [complaint.code for complaint in receipt.report.complaints]


def names(town: Town) -> list[str]:
    return [one.service.name for one in search_directory(town.house, DirectorySearch()).services]


def test_an_organisation_describes_itself_and_nobody_else(town: Town) -> None:
    mine, stranger = other(ogrn=town.ngo.ogrn, short_name="Мы"), other(ogrn=ogrn())
    receipt = bring(town, town.ngo, mine, stranger)
    assert codes(receipt) == ["directory_not_yours"]
    (listed,) = export_directory(town.house).organisations
    assert (listed.name, listed.short_name) == (town.ngo.name, "Мы")
    assert [(one.kind, one.id) for one in receipt.applied] == [("organisation", mine.id)]
    dropped = {
        (loss.code, loss.place, loss.record) for loss in receipt.report.losses.rows if loss.code == "value_dropped"
    }
    assert dropped == {("value_dropped", "Name", 1), ("value_dropped", "KindCode", 1)}, (
        "what its registration says stands"
    )
    (entry,) = entries(town.house, "directory.changed")
    assert (entry["change"], entry["records"], entry["file"]) == ("received", 1, receipt.digest)
    assert entry["losses"] == receipt.report.losses.digest()
    assert not entries(town.house, "file.received")


def test_services_come_to_the_organisation_that_the_directory_has(town: Town) -> None:
    published = offer(town, town.ngo).listed
    own = published.organisation.organisation
    night = theirs(own, apply_by=["phone", "gateway"])
    again = published.service.model_copy(update={"name": "Приём психолога и логопеда"})
    receipt = bring(town, town.ngo, night, again, theirs(other()))
    assert codes(receipt) == ["directory_not_yours"]
    assert sorted(names(town)) == ["Ночлег", "Приём психолога и логопеда"]
    # Another participant takes over neither a service nor its organisation.
    foreign = bring(town, town.school, night.model_copy(update={"name": "Чужое"}))
    assert codes(foreign) == ["directory_not_yours"]
    assert "Чужое" not in names(town)


def test_a_service_of_another_is_not_moved_to_ones_own_organisation(town: Town) -> None:
    theirs_now = offer(town, town.ngo).listed.service
    mine = offer(town, town.school, "Кружок").listed.organisation.organisation
    stolen = theirs_now.model_copy(update={"organisation_id": mine.id})
    assert codes(bring(town, town.school, stolen)) == ["directory_service_of_another"]


def test_a_rehearsal_says_the_same_and_publishes_nothing(town: Town) -> None:
    mine, stranger = other(ogrn=town.ngo.ogrn), other(ogrn=ogrn())
    rehearsed = bring(town, town.ngo, mine, stranger, rehearsal=True)
    assert (codes(rehearsed), rehearsed.report.accepted, rehearsed.applied) == (["directory_not_yours"], 1, ())
    assert not export_directory(town.house).organisations
    (entry,) = entries(town.house, "file.received")
    assert (entry["rehearsal"], entry["accepted"]) == (True, 0)
    assert codes(bring(town, town.ngo, mine, stranger)) == codes(rehearsed)


def test_the_overseer_publishes_nothing(town: Town) -> None:
    with pytest.raises(NotPermitted, match="not_for_overseers"):
        bring(town, system_of(town.ngo, "dpo"), other(ogrn=town.ngo.ogrn))


# --- phone books -----------------------------------------------------------------------------------------------------


def phone_book(town: Town, content: bytes, **more: Any) -> FileReceipt:
    stream = io.BytesIO(content)
    return receive_file(
        town.house, system_of(town.ngo), stream, "csv", NOW, need=need_nothing, profile="contacts", **more
    )


def test_refused_rows_come_back_with_what_is_wrong_and_go_in_again(town: Town) -> None:
    """A broken row, an organisation whose number is wrong with all of its rows, and somebody else's."""
    lines = [
        "Справочник;;",
        "Организация;Телефон;ОГРН",
        f"Фонд;8 495 000-00-01;{town.ngo.ogrn}",
        "Центр;=1+1;",
        "Приют;8 495 000-00-02;",
        ";8 495 000-00-03;",
    ]
    content = "\r\n".join(lines).encode("cp1251")
    for rehearsal in (True, False):
        receipt = phone_book(town, content, rehearsal=rehearsal)
        assert (receipt.report.records, receipt.report.accepted) == (3, 1)
        assert receipt.reject_file is not None
        rows = list(csv.reader(io.StringIO(receipt.reject_file.decode("cp1251")), delimiter=";"))
        assert [row[:3] for row in rows] == [
            ["Справочник", "", ""],
            ["Организация", "Телефон", "ОГРН"],
            ["Центр", "'=1+1", ""],
            ["Приют", "8 495 000-00-02", ""],
            ["", "8 495 000-00-03", ""],
        ]
        assert rows[1][3] == "Ошибка"
        assert "формула" in rows[2][3].casefold()
        assert rows[3][3] != ""
        assert rows[4][3] == "", "what is wrong with all of it stands in its first row"
    corrected = receipt.reject_file.decode("cp1251").replace("'=1+1", "8 495 000-00-04")
    again = phone_book(town, corrected.encode("cp1251"))
    assert [loss.code for loss in again.report.losses.rows if loss.code == "column_own"] == []
    assert set(codes(again)) == {"directory_not_yours"}, "the column of the reject file is no fault"


def test_a_workbook_gives_a_workbook(town: Town) -> None:
    book = workbook([["Организация", "Телефон"], ["Приют", "8 495 000-00-02"]])
    receipt = phone_book(town, book)
    sheet = load_workbook(io.BytesIO(receipt.reject_file or b"")).active
    assert [cell.value for cell in sheet[1]] == ["Организация", "Телефон", "Ошибка"]
    assert sheet["A2"].value == "Приют"


def test_what_a_phone_book_loses_is_told(town: Town) -> None:
    lines = [
        "Организация;Телефон;ОГРН;ФИО;Должность;Адрес;Кабинет",
        f"Фонд;8 495 000-00-01;{town.ngo.ogrn};Синтетов В.В.;психолог;ул. Мира;7",
        f"Фонд «Дом»;8 900 000-00-01;{town.ngo.ogrn};Синтетов В.В.;логопед;ул. Мира;",
    ]
    receipt = phone_book(town, "\n".join(lines).encode())
    assert receipt.report.accepted == 1
    found = {(loss.code, loss.place, loss.line) for loss in receipt.report.losses.rows}
    assert {
        ("unknown_column", "Кабинет", 2),
        ("value_dropped", "ФИО", 2),
        ("value_dropped", "ФИО", 3),
        ("value_dropped", "Телефон", 3),
        ("value_dropped", "Должность", 3),
        ("value_dropped", "Адрес", 2),
        ("value_dropped", "Организация", 3),
    } <= found
    assert "Синтетов" not in str(receipt.report.as_dict())


def test_the_api_gives_the_rows_back(running: Running) -> None:
    caller = running.caller(running.town.ngo)
    content = (VECTORS / "contacts.csv").read_bytes()
    answer = caller.http.post(
        "/files/csv?profile=contacts", content=content, headers={"Authorization": f"Bearer {caller.token()}"}
    ).json()
    assert answer["recordNumRejected"] > 0
    assert base64.b64decode(answer["reject_file"]).decode("cp1251").startswith("Телефонный справочник")


def test_the_operator_takes_in_documents_of_those_who_do_not_take_part(town: Town) -> None:
    from adapters.directory_files import read_directory_file
    from gateway.use_cases.receive_directory import receive_directory

    shelter = other(ogrn=ogrn())
    for documents in ([shelter], [theirs(shelter)]):
        reading = read_directory_file(write_documents(documents))
        receive_directory(town.house, None, "operator:cli", reading, "f" * 64, NOW)
        assert (reading.report.format, reading.report.rejected) == ("xml", 0)
    assert names(town) == ["Ночлег"]
    own = offer(town, town.ngo).listed.organisation.organisation
    reading = read_directory_file(write_documents([theirs(own)]))
    receive_directory(town.house, None, "operator:cli", reading, "f" * 64, NOW)
    assert [complaint.code for complaint in reading.report.complaints] == ["directory_not_yours"]


# --- what was refused comes back -------------------------------------------------------------------------------------


def refused_names(content: bytes) -> list[str]:
    root = etree.fromstring(content)
    records = [root] if etree.QName(root).localname in {"Organisation", "Service"} else list(root)
    return [str(one.findtext("{*}Name")) for one in records if isinstance(one.tag, str)]


def broken(content: bytes, name: str) -> bytes:
    """The service of this name for ages that cannot be."""
    root = etree.fromstring(content)
    (found,) = [one for one in root if one.findtext("{*}Name") == name]
    for element, age in (("MinAge", "17"), ("MaxAge", "3")):
        where = found.find(f"{{*}}{element}")
        assert where is not None
        where.text = age
    return etree.tostring(root, encoding="utf-8")


def test_refused_services_come_back_as_documents_and_are_taken_when_corrected(town: Town) -> None:
    own = offer(town, town.ngo).listed.organisation.organisation
    good, bad, foreign = (
        theirs(own, id=new_id(), name=name, min_age=3, max_age=17) for name in ("Кружок", "Ночлег", "Чужое")
    )
    foreign = foreign.model_copy(update={"organisation_id": new_id()})
    content = broken(write_documents([good, bad, foreign]), "Ночлег")
    for rehearsal in (True, False):
        receipt = receive_file(
            town.house, system_of(town.ngo), io.BytesIO(content), "xml", NOW, need=need_nothing, rehearsal=rehearsal
        )
        assert receipt.report.accepted == 1
        back = receipt.reject_file
        assert back is not None
        assert refused_names(back) == ["Ночлег", "Чужое"]
        comments = [str(one.text) for one in etree.fromstring(back) if not isinstance(one.tag, str)]
        assert len(comments) == 2
        assert all(comment.strip() for comment in comments)
    corrected = back.replace(b">17</MinAge>", b">3</MinAge>").replace(b">3</MaxAge>", b">17</MaxAge>")
    again = receive_file(town.house, system_of(town.ngo), io.BytesIO(corrected), "xml", NOW, need=need_nothing)
    assert (again.report.records, again.report.accepted) == (2, 1)
    assert refused_names(again.reject_file or b"") == ["Чужое"]
    assert sorted(names(town)) == sorted(["Кружок", "Ночлег", offer_name(town)])
    whole = bring(town, town.ngo, good, bad)
    assert (whole.report.accepted, whole.reject_file) == (2, None)
    assert len(names(town)) == 3, "what is sent again is not there twice"


def offer_name(town: Town) -> str:
    (first,) = [name for name in names(town) if name not in {"Кружок", "Ночлег"}]
    return first


def test_a_refused_organisation_comes_back(town: Town) -> None:
    receipt = bring(town, town.ngo, other(ogrn=town.ngo.ogrn), other(ogrn=ogrn(), name="Не наша"))
    assert refused_names(receipt.reject_file or b"") == ["Не наша"]
    alone = bring(town, town.ngo, other(ogrn=ogrn(), name="Не наша"))
    assert refused_names(alone.reject_file or b"") == ["Не наша"]


def test_an_import_gives_refused_documents_back(running: Running) -> None:
    town = running.town
    caller = running.caller(town.ngo, "directory.write")
    content = write_documents([other(ogrn=town.ngo.ogrn), other(ogrn=ogrn(), name="Не наша")])
    said = {"Authorization": f"Bearer {caller.token()}"}
    handed = caller.http.post("/files/xml", content=content, headers={**said, "Prefer": "respond-async"})
    address = handed.headers["location"]
    assert run_import(running.house, lambda: NOW)
    back = caller.http.post(f"{address}/refused", headers={"Authorization": f"Bearer {caller.token()}"})
    assert (back.status_code, back.headers["content-type"].partition(";")[0]) == (200, "application/xml")
    assert refused_names(back.content) == ["Не наша"]
    waited = caller.http.post("/files/xml", content=content, headers={"Authorization": f"Bearer {caller.token()}"})
    assert base64.b64decode(waited.json()["reject_file"]) == back.content
    reader = running.caller(town.ngo, "messages.read")
    refused = caller.http.post(f"{address}/refused", headers={"Authorization": f"Bearer {reader.token()}"})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
