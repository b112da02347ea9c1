"""What a file loses is the same however it is taken, also after a crash; files of the directory are taken step by step too."""

from __future__ import annotations

import csv
import io

import pytest

from adapters.documents.writer import write_documents
from adapters.xml.report import About, write_report
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.hand_in_file import begin_import
from gateway.use_cases.import_values import BY_OPERATOR, Handed
from gateway.use_cases.read_imports import read_import_records, read_import_report
from gateway.use_cases.receive_directory import export_directory
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.return_refused import return_refused
from gateway.use_cases.values import Requester
from tests.builders import Town, ogrn
from tests.gateway.imports.world import Desk, KilledError, desk_of, killed_at, signals
from tests.gateway.signed.world import entries
from tests.gateway.test_directory import other


@pytest.fixture
def desk(town: Town) -> Desk:
    return desk_of(town)


def journal(count: int) -> bytes:
    head = "Дата;От кого;Содержание сигнала;ФИО ребёнка;Кабинет"
    rows = [f"0{1 + n % 9}.02.2026;аноним; Случай номер {n};Проба Анна;{n}" for n in range(count)]
    return "\n".join([head, *rows]).encode()


@pytest.mark.parametrize("at", [("after _write", 2), ("before _write", 2), ("before _end", 1)])
def test_a_crash_changes_nothing_of_what_is_said(desk: Desk, at: tuple[str, int]) -> None:
    content = journal(70)
    by_waiting = receive_file(
        desk.house, desk.system, io.BytesIO(content), "csv", desk.now, need=need_nothing, profile="signals"
    )
    expected = by_waiting.report.losses
    assert expected.count() > 200
    import_id = desk.hand_in(content, "csv", profile="signals")
    with killed_at(lambda name, number: (name, number) == at), pytest.raises(KilledError):
        desk.take()
    desk.later()
    desk.take()
    report = read_import_report(desk.house, desk.system, import_id).report
    assert report.losses.as_dict() == expected.as_dict()
    told = [entry["losses"] for entry in entries(desk.house, "file.received")]
    assert told == [expected.digest()] * 2, (
        "the entry of an import has the same digest as that of the request that waits"
    )
    records = read_import_records(desk.house, desk.system, import_id, 0)
    assert not [row for row in records if "losses" in row]


def operator(desk: Desk, content: bytes, form: str, **how: str) -> tuple[str, Requester]:
    who = Requester(desk.town.ngo.id, "operator:cli")
    handed = Handed(form, how.get("profile", "referrals"), came_by=BY_OPERATOR)
    receiver = begin_import(desk.house, who, handed, desk.now, max_bytes=10**7)
    receiver.feed(content)
    return receiver.finish(desk.now).id, who


def test_refused_rows_of_a_phone_book_are_fetched(desk: Desk) -> None:
    content = "Организация;Телефон\nПриют;8 495 000-00-02\nЦентр;=1+1\n".encode()
    import_id, who = operator(desk, content, "csv", profile="contacts")
    desk.take(import_id)
    one = desk.one(import_id, who)
    assert (one.position.settled, one.position.accepted) == (2, 0)
    returned = return_refused(desk.house, who, import_id, desk.now)
    rows = list(csv.reader(io.StringIO(b"".join(returned.parts).decode("utf-8-sig")), delimiter=";"))
    assert (returned.form, [row[0] for row in rows]) == ("csv", ["Организация", "Приют", "Центр"])
    assert rows[0][2] == "Ошибка"
    assert all(row[2] for row in rows[1:])


def test_documents_of_the_directory_are_taken_and_rehearsed(desk: Desk) -> None:
    mine, stranger = other(ogrn=desk.town.ngo.ogrn, short_name="Мы"), other(ogrn=ogrn())
    content = write_documents([mine, stranger])
    import_id, who = operator(desk, content, "xml")
    desk.take(import_id)
    one = desk.one(import_id, who)
    assert (one.state, one.position.settled, one.position.accepted) == ("done", 2, 1)
    report = read_import_report(desk.house, who, import_id).report
    assert [complaint.code for complaint in report.complaints] == ["directory_not_yours"]
    (listed,) = export_directory(desk.house).organisations
    assert listed.short_name == "Мы"
    (received,) = entries(desk.house, "file.received")
    assert received["losses"] == report.losses.digest()
    assert one.refusal is None


@pytest.mark.parametrize("rehearsal", [False, True])
def test_what_the_gate_leaves_out_is_told_in_every_way_of_taking_also_by_a_repeat(desk: Desk, rehearsal: bool) -> None:
    drafts = signals(desk.town, 30)
    content = write_documents(
        [draft.model_copy(update={"requested_action": "Посетить семью", "declarer": "кто-то"}) for draft in drafts]
    )
    import_id = desk.hand_in(content, rehearsal=rehearsal)
    with killed_at(lambda name, number: (name, number) == ("after _write", 1)), pytest.raises(KilledError):
        desk.take()
    desk.later()
    desk.take()
    losses = read_import_report(desk.house, desk.system, import_id).report.losses
    told = {(code, place): one.count for (code, place), one in losses.sums.items()}
    assert told[("category_not_sent", "RequestedAction")] == told[("part_without_use", "Declarer")] == 30
    by_waiting = receive_file(desk.house, desk.system, io.BytesIO(content), "xml", desk.now, need=need_nothing)
    assert by_waiting.repeated == (0 if rehearsal else 30)
    assert by_waiting.report.losses.digest() == losses.digest()
    assert {entry["losses"] for entry in entries(desk.house, "file.received")} == {losses.digest()}
    report = write_report(by_waiting.report, About(desk.now, "0" * 64, desk.town.school.ogrn), ())
    assert b"category_not_sent" in report
    assert "Посетить".encode() not in report
