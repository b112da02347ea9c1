from __future__ import annotations

import re
import string
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

import adapters
from adapters.formats import formats
from adapters.report import MAX_COMPLAINTS, MAX_SKIPPED, Complaint, ImportReport, Record, Severity, Skipped
from adapters.xml.report import About, write_report
from schemas.catalogue import text, words
from tests.docs.sources import ROOT

formats()  # folders of formats have words of their own

ROOM = Path(adapters.__file__).parent
KEYS = [key.partition(".") for key in words("ru")]


def codes_in_the_source():
    """Every rule code the room can utter: first strings of complaints, breaches, faults and rejections, and tables."""
    uttered = re.compile(
        r"(?:Breach|Complaint|CellFault|DocumentRejected|BadInput|complaint|_complain|_listed\(codes\.\w+,|_recognised\(.*,)"
        r"\(?\s*\"([a-z]+(?:_[a-z]+)+)\""
    )
    tables = re.compile(r"\"(?:SCHEMAV_\w+|\w+)\": \"([a-z]+_[a-z_]+)\"")
    found = set()
    for path in ROOM.rglob("*.py"):
        source = path.read_text("utf-8")
        found |= set(uttered.findall(source))
        if path.name in {"schema.py", "rules.py"}:
            found |= set(tables.findall(source))
        if path.name in {"cells.py", "dates.py", "values.py"}:
            found |= set(re.findall(r"\(\"([a-z]+_[a-z_]+)\",\)", source))
    return found


def test_every_rule_code_has_words_in_both_languages():
    uttered = codes_in_the_source()
    assert len(uttered) > 60
    for code in uttered:
        for section in ("errors", "remedies"):
            for language in ("ru", "en"):
                assert words(language).get(f"{section}.{code}"), f"{section}.{code} in {language}"


def test_both_languages_take_the_same_parameters():
    def places(template):
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    for key, template in words("ru").items():
        english = words("en")[key]
        if isinstance(template, str) and isinstance(english, str):
            assert places(template) == places(english), key


def test_every_word_of_the_room_is_uttered_somewhere():
    import yaml

    catalogue = Path(adapters.__file__).parents[1] / "schemas" / "catalogue" / "adapters.ru.yaml"
    known = set(yaml.safe_load(catalogue.read_text("utf-8"))["errors"])
    source = "".join(path.read_text("utf-8") for path in ROOM.rglob("*.py"))
    assert {code for code in known if f'"{code}"' not in source} == set()


@pytest.fixture
def report(referral):
    report = ImportReport("csv")
    warning = Complaint("snils_zero_restored", Severity.WARNING, "СНИЛС", 5, 1)
    error = Complaint("two_digit_year", Severity.ERROR, "Дата рождения", 6, 2)
    report.add(Record(1, 5, referral, (warning,)))
    report.add(Record(2, 6, None, (error,)))
    refused = Complaint("same_organisation", Severity.ERROR, "ОГРН получателя", 7, 3)
    report.add(Record(3, 7, referral).refuse(refused))
    return report


def test_report_has_the_shape_of_the_egisso_protocol(report):
    told = report.as_dict()
    assert (told["packageStatus"], told["recordNum"], told["recordNumSuccess"], told["recordNumRejected"]) == (
        3,
        3,
        1,
        2,
    )
    assert [(m["record"], m["line"], m["messageType"], m["ruleCode"]) for m in told["messages"]] == [
        (1, 5, 2, "snils_zero_restored"),
        (2, 6, 1, "two_digit_year"),
        (3, 7, 1, "same_organisation"),
    ]
    assert told["messages"][1]["report"] == text("errors.two_digit_year")
    assert told["messages"][1]["remedy"] == text("remedies.two_digit_year")
    assert told["rules"] == {"snils_zero_restored": 1, "two_digit_year": 1, "same_organisation": 1}


def test_report_speaks_english_too(report):
    assert report.as_dict("en")["messages"][1]["report"] == "The year has two digits: the century is unknown."


def test_a_hostile_file_cannot_fill_the_memory_with_complaints():
    report = ImportReport("csv")
    complaint = Complaint("two_digit_year", Severity.ERROR, "Дата рождения", 6, 2)
    for number in range(MAX_COMPLAINTS + 5):
        report.add(Record(number, number, None, (complaint,)))
        report.skip(Skipped(number, "empty"))
    told = report.as_dict()
    assert (len(told["messages"]), told["messagesLeftOut"]) == (MAX_COMPLAINTS, 5)
    assert (len(told["skippedRows"]), told["skippedRowsLeftOut"]) == (MAX_SKIPPED, MAX_COMPLAINTS + 5 - MAX_SKIPPED)
    assert (told["rules"], told["recordNumRejected"]) == ({"two_digit_year": MAX_COMPLAINTS + 5}, MAX_COMPLAINTS + 5)


def test_the_document_of_a_report_carries_whatever_a_table_named() -> None:
    """A heading is a stranger's: what XML cannot carry becomes a space, what is markup stays text."""
    report = ImportReport("csv")
    complaint = Complaint("value_empty", Severity.ERROR, "СНИЛС\x01 <&>", 7, 2)
    report.add(Record(2, 7, None, (complaint,)))
    about = About(datetime(2026, 3, 2, 9, tzinfo=UTC), "a" * 64, "1027700900017")
    root = etree.fromstring(write_report(report, about, ()))
    schema = etree.XMLSchema(file=str(ROOT / "schemas" / "xsd" / "report-1.xsd"))
    assert schema.validate(root), schema.error_log
    assert root.findtext(".//{urn:mezhved:report:1}Place") == "СНИЛС  <&>"
    (told,) = root.iterfind("{urn:mezhved:report:1}Complaint")
    assert (told.get("record"), told.get("line")) == ("2", "7")
