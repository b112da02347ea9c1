"""The messy register of the demo story: it is read as the story tells, and the copy kept beside the tests is that file."""

from __future__ import annotations

import csv
import io
import os
from datetime import date
from pathlib import Path

import pytest

from adapters.report import Severity
from adapters.tables import reader as csv_reader
from adapters.tables.rejects import reject_file
from adapters.xml import reader as xml_reader
from gateway.demo.files import messy_register, referral_xml
from schemas.identifiers import ogrn_check_digit, snils_check_digits
from schemas.messages import MessageDraft

FILES = Path(__file__).parent / "files"
FIRST_NAMES = ("Иван", "Пётр", "Анна", "Вера", "Семён", "Ольга", "Глеб", "Майя")


def synthetic(number: int, *, nine: str | None = None) -> MessageDraft:
    nine = nine or f"{120_000_000 + number * 7:09d}"
    sender, recipient = "103770000001", "103770000002"
    return MessageDraft.model_validate(
        {
            "operation_id": f"6f9619ff-8b86-4011-b42d-{number:012d}",
            "type": "referral",
            "sender_ogrn": sender + ogrn_check_digit(sender),
            "recipient_ogrn": recipient + ogrn_check_digit(recipient),
            "urgency": ("planned", "urgent", "emergency")[number % 3],
            "reg_number": f"12-{number}/исх",
            "reg_on": date(2026, 3, 2),
            "concerns": ["HOUSING"] if number % 2 else ["FAMILY_CONFLICT", "SCHOOL_ABSENCE"],
            "statement": f"Обстоятельства № {number}: семья просит помощи; всё выдумано.",
            "requested_action": "Консультация психолога",
            "persons": [
                {
                    "kind": "child",
                    "identity": {
                        "full_name": f"Синтетов {FIRST_NAMES[number]} Примерович",
                        "birth_date": f"2018-0{number + 1}-1{number}",
                        "sex": "M",
                    },
                    "identifiers": {"snils": nine + snils_check_digits(nine)},
                },
                {
                    "kind": "parent",
                    "role": "mother",
                    "identity": {"full_name": "Синтетова Ольга Примеровна"},
                    "contact": {"phones": [{"number": f"+7900000000{number}"}]},
                },
            ],
        }
    )


DRAFTS = [synthetic(number, nine="087654303" if number == 4 else None) for number in range(8)]


@pytest.fixture(scope="module")
def register():
    return messy_register(DRAFTS)


def test_the_register_kept_beside_the_tests_is_what_the_builder_makes(register):
    path = FILES / "messy_register.csv"
    if os.environ.get("MEZHVED_REWRITE_FILES"):
        path.write_bytes(register.content)
    assert path.read_bytes() == register.content


def test_the_register_looks_as_excel_in_russia_saves_it(register):
    text = register.content.decode("cp1251")
    lines = text.split("\r\n")
    assert lines[0].startswith("Реестр направлений")
    assert lines[4].startswith("1;2;3;4")
    assert ";'103" in text
    assert ";8765430300;" in text
    assert "E+10;" in text
    assert '"=HYPERLINK(' in text
    assert lines[-2].startswith("Итого;8")


def test_good_rows_become_referrals_and_the_three_bad_rows_are_named(register):
    reading = csv_reader.read_table(io.BytesIO(register.content))
    records = list(reading.records)
    for record in records:
        reading.report.add(record)
    assert (reading.layout.grid.source.encoding, reading.layout.grid.delimiter) == ("cp1251", ";")
    assert (reading.report.accepted, reading.report.rejected) == (register.good, 3) == (5, 3)
    errors = [(c.line, c.place, c.code) for c in reading.report.complaints if c.severity is Severity.ERROR]
    assert errors == [(row.line, row.column, row.rule) for row in register.bad]
    warnings = {c.code for c in reading.report.complaints if c.severity is Severity.WARNING}
    assert warnings == {"column_not_kept", "unknown_column", "snils_zero_restored", "excel_serial_date"}
    assert [row.reason for row in reading.report.skipped] == ["title", "title", "empty", "numbers", "total"]


def test_good_rows_say_what_the_drafts_said(register):
    reading = csv_reader.read_table(io.BytesIO(register.content))
    read = {record.draft.reg_number: record.draft for record in reading.records if record.draft}
    for draft in DRAFTS:
        if found := read.get(draft.reg_number):
            assert found.model_copy(update={"operation_id": draft.operation_id}) == draft
    assert len(read) == register.good


def corrected(rejected: bytes) -> bytes:
    """The reject file after a person put the right values into the three cells that it names."""
    right = {draft.reg_number: draft for draft in DRAFTS}
    rows = list(csv.reader(io.StringIO(rejected.decode("cp1251"), newline=""), delimiter=";"))
    for row in rows:
        if row[1] in right:
            child = right[row[1]].persons[0]
            row[6], row[15] = child.identifiers.snils, right[row[1]].requested_action
            row[7] = f"{date.fromisoformat(child.identity.birth_date):%d.%m.%Y}"
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode("cp1251")


def test_the_corrected_reject_file_brings_the_rest_and_repeats_nothing(register):
    def accepted(content):
        reading = csv_reader.read_table(io.BytesIO(content))
        records = list(reading.records)
        return {record.draft.operation_id for record in records if record.draft}, reject_file(reading.layout, records)

    first, rejected = accepted(register.content)
    rest, nothing_more = accepted(corrected(rejected))
    assert (len(first), len(rest), len(first | rest)) == (5, 3, 8)
    assert nothing_more.decode("cp1251").count("\r\n") == len(["titles", "of", "three", "headings"])
    assert accepted(register.content)[0] == first


def test_the_register_cannot_be_built_from_what_would_not_tell_the_story():
    with pytest.raises(ValueError, match="at least 6"):
        messy_register(DRAFTS[:5])
    with pytest.raises(ValueError, match="begins with zero"):
        messy_register([draft for draft in DRAFTS if not draft.persons[0].identifiers.snils.startswith("0")])


def test_the_referral_of_the_story_is_read_back(register):
    (record,) = xml_reader.read_referrals(io.BytesIO(referral_xml(DRAFTS[0])))
    assert (record.draft, record.complaints) == (DRAFTS[0], ())
