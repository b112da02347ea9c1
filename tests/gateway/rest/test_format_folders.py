"""A format of messages is a folder: the API and the command line take its files, the same gate judges its records."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.record_formats import form_by_ending
from gateway.use_cases import open_import
from gateway.use_cases.run_imports import run_import
from tests.builders import NOW, consent, referral
from tests.format_folders import format_folder
from tests.gateway.conftest import Running
from tests.gateway.facts_world import entries

LINES = '''
"""A message a line."""
from pydantic import ValidationError

from adapters.formats import Format, FormatRecord, Reading
from adapters.report import Complaint, ImportReport, Severity
from schemas.messages import MessageDraft
from schemas.model import Model


class Head(Model):
    pass


def read(stream, context):
    reading = Reading(ImportReport("{folder}"))

    def records():
        stream.readline()
        for number, line in enumerate(stream, start=1):
            try:
                yield FormatRecord(number, number + 1, MessageDraft.model_validate_json(line))
            except ValidationError:
                wrong = Complaint("{folder}_empty", Severity.ERROR, "", number + 1, number)
                yield FormatRecord(number, number + 1, None, (wrong,))

    reading.records = records()
    return reading


def rejects(stream, context, refused):
    yield stream.readline()
    lines = enumerate(stream, start=1)
    for record in refused:
        yield next(line for number, line in lines if number == record.number).rstrip() + b"\\n"


FORMATS = (
    Format("{folder}", "Строки", "Lines", ".lines", Head, MessageDraft, lambda head: head.startswith(b"LINES"), read,
           lambda head, records, context: b"", lambda value, language: value.type, rejects=rejects, in_parts=True),
)
'''


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with format_folder(tmp_path, monkeypatch, LINES) as folder:
        yield folder.name


def document(*drafts) -> bytes:
    return b"\n".join([b"LINES", *(draft.model_dump_json().encode() for draft in drafts)])


def test_files_of_a_new_folder_become_messages_through_the_same_gate(running: Running, lines: str) -> None:
    town = running.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    good = referral(town.centre, town.ngo)
    foreign = good.model_copy(
        update={"operation_id": "6f9619ff-8b86-4011-b42d-00cf4fc964f0", "sender_ogrn": town.ngo.ogrn}
    )
    wrong = good.model_copy(update={"operation_id": "6f9619ff-8b86-4011-b42d-00cf4fc964f1", "concerns": ("NOTHING",)})
    caller = running.caller(town.centre)
    content = document(good, good, foreign, wrong) + b"\n{}"
    answer = caller.file(lines, content).json()
    assert (answer["format"], answer["recordNum"], answer["recordNumSuccess"]) == (lines, 5, 1)
    told = {message["record"]: message for message in answer["messages"] if message["severity"] == "error"}
    assert told[2]["ruleCode"] == "message_id_repeated"
    assert (told[4]["ruleCode"], told[4]["place"]) == ("concern_unknown", "concerns")
    assert (told[5]["ruleCode"], told[5]["report"]) == (f"{lines}_empty", "Пустая строка.")
    assert 3 in told, "who sends for somebody else is refused"
    assert [sent["operation_id"] for sent in answer["messages_sent"]] == [good.operation_id]
    again = caller.file(lines, content).json()
    assert (again["messages_sent"], again["lossesDigest"]) == (answer["messages_sent"], answer["lossesDigest"])
    assert {"from_class", "category_not_sent"} >= {rule["ruleCode"] for rule in answer["losses"]["rules"]}
    refused = base64.b64decode(answer["reject_file"]).splitlines()
    assert refused == [content.splitlines()[0], *content.splitlines()[2:]], "its own lines, the accepted one left out"
    with running.house.store.reading() as unit:
        assert len(unit.messages.queue(town.centre.id, "outbox", None, 10, NOW)) == 1
    received = [entry["format"] for entry in entries(running.house, "file.received")]
    assert received == [lines, lines]


def test_what_comes_back_is_corrected_and_sent_without_doubling_anything(running: Running, lines: str) -> None:
    town = running.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    caller = running.caller(town.centre)
    good = referral(town.centre, town.ngo)
    wrong = good.model_copy(update={"operation_id": "6f9619ff-8b86-4011-b42d-00cf4fc964f1", "concerns": ("NOTHING",)})
    first = caller.file(lines, document(good, wrong)).json()
    back = base64.b64decode(first["reject_file"])
    assert [line[:5] for line in back.splitlines()] == [b"LINES", b'{"ope']
    second = caller.file(lines, back.replace(b"NOTHING", good.concerns[0].encode())).json()
    assert (second["recordNum"], second["recordNumSuccess"], second["reject_file"]) == (1, 1, None)
    with running.house.store.reading() as unit:
        assert len(unit.messages.queue(town.centre.id, "outbox", None, 10, NOW)) == 2


def test_a_long_file_is_taken_step_by_step_and_its_refused_records_come_back(
    running: Running, lines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit of files that are read as a whole is not that of a reader that holds a record at a time."""
    monkeypatch.setattr(open_import, "IN_MEMORY", 10)
    town = running.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    caller = running.caller(town.centre)
    good = referral(town.centre, town.ngo)
    headers = {"Authorization": f"Bearer {caller.token()}", "Prefer": "respond-async"}
    handed = caller.http.post(f"/files/{lines}", content=document(good) + b"\n{}", headers=headers)
    assert handed.status_code == 202
    import_id = handed.headers["location"].rpartition("/")[2]
    assert run_import(running.house, lambda: NOW, import_id)
    own = {"Authorization": headers["Authorization"]}
    state = caller.http.get(f"/imports/{import_id}", headers=own).json()
    assert (state["state"], state["accepted"], state["rejected"]) == ("done", 1, 1)
    back = caller.http.post(f"/imports/{import_id}/refused", headers=own)
    assert (back.status_code, back.content) == (200, b"LINES\n{}\n")
    assert back.headers["content-disposition"].endswith('.lines"')
    report = caller.http.get(f"/imports/{import_id}/report", headers=own).json()
    assert report["lossesDigest"]


def test_the_page_knows_its_files_by_the_end_of_their_name(lines: str) -> None:
    assert form_by_ending("lines") == lines
    assert [form_by_ending(ending) for ending in ("csv", "xml", "xlsx", "", "doc")] == [None] * 5


def test_a_reader_that_does_not_say_so_takes_what_is_read_as_a_whole(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_import, "IN_MEMORY", 10)
    caller = running.caller(running.town.centre)
    with format_folder(tmp_path, monkeypatch, LINES.replace(", rejects=rejects, in_parts=True", "")) as folder:
        headers = {"Authorization": f"Bearer {caller.token()}", "Prefer": "respond-async"}
        handed = caller.http.post(f"/files/{folder.name}", content=document() + b"\n{}" * 9, headers=headers)
        import_id = handed.headers["location"].rpartition("/")[2]
        run_import(running.house, lambda: NOW, import_id)
        state = caller.http.get(f"/imports/{import_id}", headers={"Authorization": headers["Authorization"]}).json()
    assert (state["state"], state["code"]) == ("refused", "import_not_in_parts")


def test_what_is_known_names_the_folder_and_nothing_of_other_formats(running: Running, lines: str) -> None:
    caller = running.caller(running.town.centre)
    answer = caller.file("pdf", b"x").json()
    assert answer["code"] == "format_unknown"
    assert answer["title"].endswith(f", {lines}."), answer
    assert caller.file("egisso-facts", b"x").json()["code"] == "format_unknown", "its records are no messages"


def test_a_profile_named_beside_it_changes_no_right(running: Running, lines: str) -> None:
    """Its records are messages, whatever the query says that they were."""
    town = running.town
    caller = running.caller(town.centre, "directory.write")
    content = document(referral(town.centre, town.ngo))
    for profile in ("", "?profile=contacts", "?profile=families"):
        headers = {"Authorization": f"Bearer {caller.token()}"}
        answer = caller.http.post(f"/files/{lines}{profile}", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
