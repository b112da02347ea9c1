"""The table of facts in and out: identity, what people make of such tables, what is refused and where."""

from __future__ import annotations

import csv
import io
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given, settings
from lxml import etree
from pydantic import ValidationError

from adapters.egisso.answer import write_answer
from adapters.egisso.facts import EVENTS, Assignment, TableHead, columns, columns_of
from adapters.egisso.facts_reader import read_facts
from adapters.egisso.facts_writer import write_facts
from adapters.egisso.reader import read_registers
from adapters.formats import Context
from adapters.limits import DEFAULT_LIMITS
from adapters.report import Severity
from schemas.errors import BadInput, DocumentRejected
from tests.adapters.egisso.test_registers import NOW
from tests.docs.sources import ROOT
from tests.egisso_strategies import tables

VECTORS = ROOT / "adapters/egisso/vectors"
TABLE = (VECTORS / "facts-43.csv").read_bytes()
ODD = (VECTORS / "odd-facts.csv").read_bytes()
HEADINGS = [column.heading for column in columns()]
with (ROOT / "tests/vectors/egisso/bad_cells.csv").open(encoding="utf-8", newline="") as _table:
    BAD = [tuple(row.values()) for row in csv.DictReader(_table)]


def read(content: bytes, **context):
    reading = read_facts(io.BytesIO(content), Context(**context))
    return reading, [reading.take(record) for record in reading.records]


def rows(content: bytes = TABLE) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("cp1251"), newline=""), delimiter=";"))


def table(found: list[list[str]], encoding: str = "cp1251") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(found)
    return out.getvalue().encode(encoding)


def with_cell(row: str, column: str, value: str) -> bytes:
    found = rows()
    found[int(row)][HEADINGS.index(column)] = value
    return table(found)


def codes(records, severity=Severity.ERROR):
    return [c.code for record in records for c in record.complaints if c.severity is severity]


# --- columns and identity --------------------------------------------------------------------------------------------


def test_the_form_has_43_columns_and_the_older_one_42():
    assert len(columns()) == len(set(HEADINGS)) == len({column.field for column in columns()}) == 43
    older = columns_of(TableHead(columns=42))
    assert {column.heading for column in columns()} - {column.heading for column in older} == {"kinshipTypeCode"}
    assert rows()[0] == HEADINGS
    assert len(rows((VECTORS / "facts-42.csv").read_bytes())[0]) == 42


@settings(max_examples=120)
@given(made=tables())
def test_what_is_written_reads_as_it_was(made):
    head, facts = made
    content = write_facts(head, facts)
    reading, records = read(content)
    assert reading.head == head
    assert [record.value for record in records] == facts, [record.complaints for record in records]
    assert not codes(records)
    assert write_facts(reading.head, [record.value for record in records]) == content


def test_the_table_is_written_as_manual_loading_takes_it():
    text = TABLE.decode("cp1251")
    assert text.startswith("RecType;assignmentFactUuid;")
    assert text.count("\r\n") == text.count("\n") == 7
    assert ";14506,00;" in text
    assert ";11.04.1990;" in text
    assert ";Ж;" in text


# --- what is read with a word ----------------------------------------------------------------------------------------


def test_a_table_as_people_make_it_is_read_with_warnings():
    reading, (fact, end) = read(ODD)
    assert not codes((fact, end))
    plain = read(TABLE)[1]
    assert fact.value.recipient == plain[0].value.recipient
    assert fact.value.reasons == plain[0].value.reasons
    assert str(fact.value.amount) == "14506.50"
    warned = codes((fact, end), Severity.WARNING)
    assert set(warned) == {"egisso_cell_spelling", "snils_zero_restored"}
    assert reading.report.rules["egisso_encoding"] == 1
    assert dict(reading.report.reasons) == {"title": 1, "empty": 2, "numbers": 1}
    assert (fact.line, end.line) == (5, 8)


def test_a_table_with_hardly_any_word_is_still_what_egisso_takes():
    fact = read(TABLE)[1][0].value
    short = fact.recipient.model_copy(update={"surname": "Ё", "forename": "ББ", "patronymic": None, "document": None})
    fact = fact.model_copy(update={"recipient": short, "reasons": (), "criteria": (), "comment": None})
    content = write_facts(TableHead(), [fact])
    assert [record.value for record in read(content)[1]] == [fact]
    gone = Assignment(event="ErrorsInvalidation", uuid=fact.uuid, comment="Ёж")
    assert [record.value for record in read(write_facts(TableHead(), [gone]))[1]] == [gone]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "koi8-r", "cp866", "mac-cyrillic"])
def test_other_encodings_are_read_and_told(encoding):
    text = TABLE.decode("cp1251").replace("№", "N").replace('""', "''").replace('"', "'")
    plain = [record.value for record in read(text.encode("cp1251"))[1]]
    reading, records = read(text.encode(encoding))
    assert [record.value for record in records] == plain
    assert reading.report.rules["egisso_encoding"] == 1


def test_columns_in_another_order_and_unknown_ones():
    found = [[*row[::-1], "x"] for row in rows()]
    found[0][-1] = "Примечание отдела"
    reading, records = read(table(found))
    assert [record.value for record in records] == [record.value for record in read(TABLE)[1]]
    assert reading.report.dropped_columns == ["Примечание отдела"]


WARNED = [
    ("1", "FamilyName_recip", "Bымышленная", "egisso_not_russian"),
    ("1", "FamilyName_recip", "О'Вымышленная", "egisso_not_russian"),
    ("1", "doc_Issuer_recip", "ОВД; отдел", "egisso_not_rus_and_num"),
    ("1", "doc_Series_recip", "451", "egisso_passport_shape"),
    ("1", "doc_Number_reason", "12", "egisso_passport_shape"),
    ("1", "doc_Series_reason", "2-МЮ", "birth_series_shape"),
    ("1", "amount", "14 506", "egisso_cell_spelling"),
    ("1", "amount", "14506.0", "egisso_cell_spelling"),
    ("1", "BirthDate_recip", "11.04.1990 0:00:00", "egisso_cell_spelling"),
    ("1", "Gender_recip", "ж", "egisso_cell_spelling"),
    ("1", "SNILS_recip", "00100100001", "snils_not_checkable"),
    ("2", "comment", "ещё", "egisso_ignored_cells"),
]


@pytest.mark.parametrize(("row", "column", "value", "code"), WARNED)
def test_what_has_one_reading_is_read_with_a_warning(row, column, value, code):
    reading, records = read(with_cell(row, column, value))
    assert reading.report.rejected == 0
    assert code in codes(records, Severity.WARNING)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "column", "value", "code"), BAD)
def test_a_bad_cell_is_told_by_column_line_and_rule(row, column, value, code):
    reading, records = read(with_cell(row, column, value))
    found = [c for record in records for c in record.complaints if c.severity is Severity.ERROR]
    if not code:
        assert not found
        return
    assert (code, int(row) + 1) in [(c.code, c.line) for c in found]
    told = next(c for c in found if c.code == code)
    expected = {"egisso_document_before_birth": "doc_IssueDate_recip", "egisso_fact_dates": told.place}
    assert told.place == expected.get(code, column)
    assert reading.report.accepted >= 1
    for language in ("ru", "en"):
        assert told.message(language)
        assert told.remedy(language)


@pytest.mark.law(8)
@pytest.mark.parametrize(("row", "column", "value", "code"), BAD)
def test_a_complaint_never_repeats_a_value(row, column, value, code):
    personal = {
        "Вымышленн",
        "Тестовна",
        "Проба",
        "1990",
        "1122334459",
        "0876543",
        "1604836",
        "Образцов",
        "4514",
        "654321",
    }
    reading, _ = read(with_cell(row, column, value))
    for complaint in reading.report.complaints:
        told = str(complaint.as_dict()) + str(complaint.as_dict("en")) + repr(complaint)
        assert not [one for one in personal if one in told]


def test_every_missing_field_of_a_fact_is_told_at_once():
    found = rows()
    found[4] = ["Fact", *[""] * 42]
    _, records = read(table(found))
    missing = [c.place for c in records[1].complaints if c.code == "value_missing"]
    expected = [
        "LMSZID",
        "categoryID",
        "ONMSZCode",
        "SNILS_recip",
        "decision_date",
        "dateStart",
        "usingSign",
        "FormCode",
    ]
    assert missing == expected


@pytest.mark.parametrize("event", EVENTS[1:])
def test_every_other_event_names_the_fact_it_is_about(event):
    with pytest.raises(ValidationError):
        Assignment(event=event)
    assert Assignment(event=event, uuid="33333333-cccc-4ccc-8ccc-000000000001").uuid


def test_facts_that_repeat_and_events_after_an_invalidation():
    _, records = read(with_cell("4", "assignmentFactUuid", "33333333-CCCC-4ccc-8ccc-000000000001"))
    assert codes(records) == ["egisso_event_repeated"]
    found = rows()
    _, records = read(table([*found, found[5][:1] + found[6][1:]]))
    assert codes(records) == ["egisso_event_deleted"]


def test_changes_of_unknown_facts_are_errors_only_where_earlier_files_are_known():
    found = rows()
    changes = table([found[0], *found[5:]])
    assert read(changes)[0].report.rejected == 0
    facts = tuple(record.value for record in read(TABLE)[1][:2])
    assert read(changes, earlier=facts)[0].report.rejected == 0
    assert codes(read(changes, earlier=facts[:1])[1]) == ["egisso_event_unknown"]


def test_a_row_with_more_cells_than_columns():
    found = rows()
    found[1].append("лишнее")
    assert codes(read(table(found))[1]) == ["extra_columns"]


def test_a_quote_that_is_never_closed_is_told():
    _, records = read(TABLE.rstrip().replace("Назначено".encode("cp1251"), '"Назначено'.encode("cp1251")))
    assert "quote_not_closed" in codes(records)


WHOLE = [
    (b"", "document_empty"),
    (b"  \r\n", "document_empty"),
    (b"a;b;c\r\n" * 3, "heading_not_found"),
    (b"a;b;c\r\n" * 30, "heading_not_found"),
    (table(rows()[:1]), "document_without_rows"),
    (table([row[1:] for row in rows()]), "required_column_missing"),
    (table([[*row, row[0]] for row in rows()]), "heading_repeated"),
    (table([HEADINGS, ["Fact", *[""] * 600]]), "document_too_many_columns"),
    (table([*rows()[:2], *[rows()[2]] * 101]), "record_too_many_rows"),
    (TABLE.replace(b";", b";\x00"), "document_is_not_text"),
    (b"PK\x03\x04" + bytes(range(256)), "document_is_spreadsheet"),
    (table(rows()[:1]) + bytes(range(256)) * 20, "document_is_not_text"),
]


@pytest.mark.parametrize(("content", "code"), WHOLE, ids=range(len(WHOLE)))
def test_a_table_that_is_broken_as_a_whole_is_refused(content, code):
    with pytest.raises(DocumentRejected) as refused:
        read(content)
    assert refused.value.code == code


def test_a_table_over_the_limits_is_refused():
    for limits, code in (
        ({"max_bytes": 1000}, "document_too_large"),
        ({"max_records": 2}, "document_too_many_records"),
    ):
        with pytest.raises(DocumentRejected, match=code):
            read(TABLE, limits=replace(DEFAULT_LIMITS, **limits))


def many(path, count: int):
    """A file of so many facts, each with an identifier of its own."""
    _, event, *rest = rows()[4]
    del event
    with path.open("wb") as out:
        out.write(table([rows()[0]]))
        for number in range(count):
            out.write(table([["Fact", f"{number:08x}-cccc-4ccc-8ccc-000000000001", *rest]]))
    return path


def peak(path) -> int:
    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            reading = read_facts(stream, Context(limits=replace(DEFAULT_LIMITS, max_bytes=10**9)))
            for record in reading.records:
                assert reading.take(record).value is not None
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_huge_table_is_read_in_flat_memory(tmp_path):
    """What grows is the identifiers that must be known to be told when they repeat."""
    small, large = peak(many(tmp_path / "small.csv", 1000)), peak(many(tmp_path / "large.csv", 3000))
    assert large - small < 2000 * 300


class Pipe(io.BytesIO):
    """A stream whose size nobody knows beforehand."""

    def seekable(self) -> bool:
        return False


def test_a_stream_that_cannot_seek_is_read_too_and_refused_where_it_is_too_long():
    assert [record.value for record in read_facts(Pipe(TABLE)).records] == [record.value for record in read(TABLE)[1]]
    with pytest.raises(DocumentRejected, match="document_too_large"):
        read_facts(Pipe(TABLE), Context(limits=replace(DEFAULT_LIMITS, max_bytes=1000)))


# --- the strict writer -----------------------------------------------------------------------------------------------

NOT_WRITABLE = [
    ({"comment": "а;б"}, "egisso_cell_not_writable", "comment"),
    ({"comment": "а\nб"}, "egisso_cell_not_writable", "comment"),
    ({"content": "ش"}, "egisso_cell_not_writable", "content"),
]


@pytest.mark.parametrize(("update", "code", "place"), NOT_WRITABLE)
def test_a_cell_that_no_loader_takes_is_refused(update, code, place):
    fact = read(TABLE)[1][0].value.model_copy(update=update)
    with pytest.raises(BadInput) as refused:
        write_facts(TableHead(), [fact])
    assert (refused.value.code, refused.value.params["place"]) == (code, place)


def test_what_the_table_has_no_place_for_is_refused():
    _, records = read(TABLE)
    facts = [record.value for record in records]
    latin = facts[0].recipient.model_copy(update={"surname": "Ivanova"})
    cases = [
        (TableHead(), [], "document_without_rows"),
        (TableHead(columns=42), facts, "egisso_not_in_version"),
        (TableHead(), [facts[0], facts[0]], "egisso_event_repeated"),
        (TableHead(), [facts[3], facts[3]], "egisso_event_deleted"),
        (TableHead(), [facts[0].model_copy(update={"recipient": latin})], "egisso_not_russian"),
    ]
    for head, given_facts, code in cases:
        with pytest.raises(BadInput, match=code):
            write_facts(head, given_facts)


# --- the answer ------------------------------------------------------------------------------------------------------


def answer(reading, records) -> etree._Element:
    return etree.fromstring(write_answer(reading, records, NOW))


def test_the_answer_has_the_shape_of_the_protocol():
    reading, records = read(with_cell("1", "SNILS_recip", "11223344596"))
    root = answer(reading, records)
    found = {element.tag.rpartition("}")[2]: element.text for element in root[0]}
    assert list(found) == [
        "packageId", "packageType", "packageStatus", "receivingTime", "recordNum", "recordNumSuccess", "errorRecords"
    ]  # fmt: skip
    assert (found["packageStatus"], found["recordNum"], found["recordNumSuccess"]) == ("3", "4", "3")
    assert (found["packageType"], found["receivingTime"]) == ("CSV-43", "2026-03-10T09:00:00Z")
    (result,) = root[0][-1]
    assert [element.tag.rpartition("}")[2] for element in result] == ["recId", "recordOK", "messages"]
    assert (result[0].text, result[1].text) == ("33333333-cccc-4ccc-8ccc-000000000001", "false")
    assert result[2][0].text == "1"
    assert result[2][1].text.startswith("[snils_check_digits] SNILS_recip, строка 2: ")
    assert len({element.tag.partition("}")[0] for element in root.iter()}) == 3


def test_records_without_an_identifier_get_the_same_one_each_time():
    def told() -> list[str]:
        reading, records = read(with_cell("1", "assignmentFactUuid", ""))
        refused = [replace(records[0], complaints=read(with_cell("1", "amount", "x"))[1][0].complaints)]
        root = answer(reading, refused)
        return [element.text for element in root.iter() if element.tag.rpartition("}")[2] in {"recId", "packageId"}]

    first = told()
    assert first == told()
    assert len(set(first)) == 2


def test_warnings_are_told_of_records_that_were_taken():
    reading = read_registers(io.BytesIO((VECTORS / "odd-10.48.O.xml").read_bytes()))
    records = [reading.take(record) for record in reading.records]
    root = answer(reading, records)
    assert root[0][0].text == "0d6c1d5e-51c5-4d39-9f0e-6b1b7f0a1c03"
    assert root[0][1].text == "10.48.O-1.0.0"
    taken = {result[0].text[-1]: result[1].text for result in root[0][-1]}
    assert taken == {"1": "true", "2": "false"}
    texts = [element.text for element in root.iter() if element.tag.endswith("}report")]
    assert all(0 < len(text) <= 500 for text in texts)
    assert not [text for text in texts if "ВЫМЫШЛ" in text or "1122334" in text]
