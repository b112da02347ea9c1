"""What messages and tables of ЕГИССО lose is listed by place and rule; what is refused comes back to the byte."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from lxml import etree

from adapters.egisso.facts_reader import read_facts
from adapters.egisso.facts_rejects import reject_facts
from adapters.egisso.facts_writer import write_facts
from adapters.egisso.reader import read_registers, reject_registers
from adapters.egisso.writer import write_registers
from adapters.formats import Context, FormatRecord, Reading
from adapters.losses import Lost
from adapters.report import Complaint, Severity
from adapters.xml.cuts import OWN
from schemas.errors import DocumentRejected
from tests.adapters.egisso.test_facts import HEADINGS, rows, table
from tests.adapters.egisso.test_registers import REGISTERS, RIGHTS
from tests.docs.sources import ROOT
from tests.egisso_strategies import packages, tables

VECTORS = ROOT / "adapters/egisso/vectors"
TABLE = (VECTORS / "facts-43.csv").read_bytes()
ODD = (VECTORS / "odd-10.48.O.xml").read_bytes()
ODD_TABLE = (VECTORS / "odd-facts.csv").read_bytes()


def read(content: bytes | str) -> tuple[Reading, list[FormatRecord]]:
    found = content.encode() if isinstance(content, str) else content
    is_table = not found.lstrip(b"\xef\xbb\xbf\xff\xfe").startswith((b"<", "<".encode("utf-16-le")))
    reading = (read_facts if is_table else read_registers)(io.BytesIO(found), Context())
    return reading, [reading.take(record) for record in reading.records]


def lost(content: bytes | str) -> set[tuple[str, str, int | None]]:
    return {(loss.code, loss.place, loss.record) for loss in read(content)[0].report.losses.rows}


# --- messages --------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(made=packages())
def test_what_the_strict_writer_writes_is_taken_to_the_letter(made: Any) -> None:
    head, records = made
    assume(records)
    assert not read(write_registers(head, records))[0].report.losses.rows


def test_what_a_published_sample_has_is_listed_by_place_and_rule() -> None:
    found = lost(ODD)
    event = "legalCapacity/legalCapacityEventCreated"
    assert {
        ("attribute", "@schemaLocation", None),
        ("letter_case", "packageId", None),
        ("fraction_dropped", "packageDateTime", None),
        ("letter_case", f"{event}/uuid", 1),
        ("number_spelling", f"{event}/person/snils", 1),
        ("element_namespace", f"{event}/person/fio/surname", 1),
        ("element_order", f"{event}/person/fio/patronymic", 1),
        ("code_translated", f"{event}/person/gender", 1),
        ("zone_dropped", f"{event}/person/birthDate", 1),
        ("date_spelling", f"{event}/inclusionDateTime", 1),
    } <= found
    assert {record for _, _, record in found} == {None, 1, 3}, "the second record is refused: it comes back whole"


def test_what_stands_beside_elements_is_listed_with_its_record() -> None:
    spoilt = (
        REGISTERS.replace("<p:elements>", '<!-- a --><p:elements x="1"><?b c?>', 1)
        .replace("<p:createRecord", "<p:createRecord", 1)
        .replace("<p:rlid>", "<p:rlid><!-- d --><!-- d -->", 1)
        .replace("</data>", "<!-- e --></data><!-- f -->")
        .replace("<b:patronymic>Тестовна</b:patronymic>", "<b:patronymic> </b:patronymic>", 1)
    )
    losses = read(spoilt)[0].report.losses
    found = [(loss.code, loss.place, loss.record, loss.times) for loss in losses.rows]
    assert ("attribute", "elements/@x", None, 1) in found
    assert ("instruction", "b", None, 1) in found
    assert ("comment", "", 2, 2) in found
    assert ("element_empty", "createRecord/rlirp/person[1]/fio/patronymic", 1, 1) in found
    assert losses.sums["comment", ""].count == 5
    for encoding in ("utf-16", "cp1251"):
        again = re.sub(r'encoding=["\'][^"\']+', f'encoding="{encoding}', spoilt).encode(encoding)
        assert read(again)[0].report.losses.as_dict() == losses.as_dict()


def test_of_many_asides_of_one_record_few_are_kept_and_all_are_counted() -> None:
    many = "".join(f"<?a{number} b?>" for number in range(500)) + "<!-- c -->" * 500
    losses = read(REGISTERS.replace("<p:rlid>", f"<p:rlid>{many}", 1))[0].report.losses
    assert losses.count(Lost.DROPPED) == 1000
    assert len(losses.rows) < 200


def test_words_between_the_elements_of_a_package_are_refused() -> None:
    for place in ("<p:elements>", "</p:elements>", "</p:package>"):
        with pytest.raises(DocumentRejected, match="text_between_records"):
            read(REGISTERS.replace(place, f"{place}слово" if place[1] == "/" else f"слово{place}"))


def test_a_head_that_is_said_twice_is_told() -> None:
    found = read(REGISTERS.replace("</p:elements>", "</p:elements><p:packageId>x</p:packageId>"))[0].report.complaints
    assert ("egisso_element_repeated", "packageId") in [(one.code, one.place) for one in found]


# --- tables ----------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(made=tables())
def test_what_the_strict_writer_writes_of_facts_is_taken_to_the_letter(made: Any) -> None:
    assert not read(write_facts(*made))[0].report.losses.rows


def test_a_table_as_people_make_it_loses_what_is_listed() -> None:
    reading, _ = read(ODD_TABLE)
    codes = {code for code, _ in reading.report.losses.sums}
    assert {"row_title", "row_empty", "row_numbers", "letter_case", "number_spelling", "zero_restored"} <= codes


CELLS = [
    ("1", "FamilyName_recip", " Вымышленная", "spaces"),
    ("1", "amount", "14 506", "number_spelling"),
    ("1", "amount", "14506.5", "number_spelling"),
    ("1", "BirthDate_recip", "1990-04-11", "date_spelling"),
    ("1", "BirthDate_recip", "11.04.1990 0:00", "date_spelling"),
    ("1", "SNILS_recip", "112-233-445 95", "number_spelling"),
    ("1", "Gender_recip", "F", "code_translated"),
    ("1", "Gender_recip", "ж", "letter_case"),
    ("1", "usingSign", "нет", "letter_case"),
    ("1", "assignmentFactUuid", "33333333-CCCC-4ccc-8ccc-000000000001", "letter_case"),
    ("1", "providerCode", "  ", "spaces"),
    ("2", "comment", "ещё", "value_dropped"),
    ("2", "RecType", " Reason ", "spaces"),
]


@pytest.mark.parametrize(("row", "column", "value", "code"), CELLS)
def test_a_cell_that_is_not_taken_to_the_letter_has_its_row(row: str, column: str, value: str, code: str) -> None:
    found = rows()
    found[int(row)][HEADINGS.index(column)] = value
    reading, _ = read(table(found))
    assert [(loss.code, loss.place, loss.line) for loss in reading.report.losses.rows] == [(code, column, int(row) + 1)]


def test_columns_and_rows_that_carry_no_fact_are_listed() -> None:
    found = [[*row, "я", "ю", "э"] for row in rows()]
    found[0][-3:] = ["Заметка", "", "Ошибка"]
    total = ["Итого", *[""] * 45]
    sums = read(table([found[0], *found[1:], total, found[0]]))[0].report.losses.sums
    assert {key: one.count for key, one in sums.items()} == {
        ("unknown_column", "Заметка"): 1 + len(found) - 1,
        ("column_unheaded", "45"): len(found) - 1,
        ("column_own", "Ошибка"): len(found) - 1,
        ("row_total", ""): 1,
        ("row_repeated_heading", ""): 1,
    }


# --- what comes back -------------------------------------------------------------------------------------------------


def refused(records: list[FormatRecord]) -> list[FormatRecord]:
    return [record for record in records if record.value is None]


def message_back(content: bytes) -> bytes:
    return b"".join(reject_registers(io.BytesIO(content), Context(), refused(read(content)[1])))


def table_back(content: bytes) -> bytes:
    return b"".join(reject_facts(io.BytesIO(content), Context(), refused(read(content)[1])))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1251"])
def test_a_refused_record_comes_back_in_its_message_to_the_byte(encoding: str) -> None:
    good = REGISTERS.replace('encoding="UTF-8"', f'encoding="{encoding.removesuffix("-le")}"')
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    good = mark + good
    wrong = good.replace('codeEventType="012"', 'codeEventType="12"')
    back = message_back(wrong.encode(encoding)).decode(encoding)
    comment = re.search(rf"<!-- {OWN} .*? -->\n", back)
    assert comment is not None
    assert "@codeEventType: " in comment[0]
    begin = [found.start() for found in re.finditer("<p:(?:create|edit|delete)Record ", wrong)]
    end = wrong.index("</p:elements>")
    kept = wrong[: begin[0]] + wrong[begin[1] : begin[2]]
    assert back.replace(comment[0], "") == kept + wrong[end:]
    reading, (one,) = read(back.replace('codeEventType="12"', 'codeEventType="012"').encode(encoding))
    assert (one.value, reading.report.rejected) == (read(good.encode(encoding))[1][1].value, 0)
    taken = [record.value for record in read(wrong.encode(encoding))[1] if record.value is not None]
    assert len(taken) == 4
    assert one.value not in taken, "what was taken does not come again"


def test_asides_and_white_space_of_what_stays_are_as_they_were() -> None:
    content = ODD.replace(b"</N1:elements>", b"<!-- note --></N1:elements>\n<?print x?>")
    back = message_back(content)
    comment = re.search(rb"<!-- " + OWN.encode() + rb".*?-->\n", back)
    assert comment is not None
    without = back.replace(comment[0], b"")
    begin = [found.start() for found in re.finditer(b"<N1:legalCapacity>", content)]
    assert without == content[: begin[0]] + content[begin[1] : begin[2]] + content[content.index(b"<!-- note") :]


def test_words_of_an_earlier_reject_file_make_room_for_those_of_the_next() -> None:
    back = message_back(ODD)
    assert message_back(back) == back


def test_an_unchanged_reject_file_is_refused_again_and_nothing_of_it_is_taken() -> None:
    for content, again in ((ODD, message_back), (broken_table(), table_back)):
        reading, _ = read(again(content))
        assert reading.report.accepted == 0


def broken_table(encoding: str = "cp1251") -> bytes:
    found = rows()
    found[1][HEADINGS.index("amount")] = "много; денег"
    found[5][HEADINGS.index("assignmentFactUuid")] = "x"
    return table([["Реестр"], *found, ["", ""]], encoding)


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8-sig", "utf-16"])
def test_rows_of_refused_facts_come_back_to_the_byte_with_one_cell_more(encoding: str) -> None:
    content = broken_table(encoding)
    back = table_back(content)
    codec = {"utf-8-sig": "utf-8", "utf-16": "utf-16"}.get(encoding, encoding)
    before = content.decode(encoding).splitlines()
    after = back.decode(encoding).splitlines()
    assert back[:2] == content[:2]
    assert after[0] == before[0]
    assert after[1] == before[1] + ';"Ошибка"'
    kept = [before[2], before[3], before[4], before[6]]
    for line, source in zip(after[2:], kept, strict=True):
        assert line.startswith(source + ';"')
        assert line.endswith('"')
    assert back.endswith("\r\n".encode("utf-16-le" if codec == "utf-16" else codec))
    corrected = (
        back.decode(encoding)
        .replace("много; денег", "14506,00")
        .replace(";x;", ";33333333-cccc-4ccc-8ccc-000000000001;")
    )
    reading, records = read(corrected.encode(encoding))
    assert reading.report.rejected == 0
    good = [record.value for record in read(TABLE)[1]]
    assert records[0].value == good[0]
    assert len(records) == 2
    again = table_back(back)
    assert [len(row.split(";")) for row in again.decode(encoding).splitlines()[1:2]] == [44], (
        "one column of ours, not two"
    )


def test_a_row_that_cannot_take_a_cell_at_its_end_is_written_anew() -> None:
    found = rows()
    found[1].append("лишнее")
    back = table_back(table(found))
    reading, (one,) = read(back)
    assert [complaint.code for complaint in one.complaints] == ["extra_columns"]
    assert reading.report.records == 1
    open_quote = TABLE.rstrip().replace("Назначено".encode("cp1251"), '"Назначено'.encode("cp1251"))
    assert read(table_back(open_quote))[0].report.records == len(refused(read(open_quote)[1]))


def test_a_file_of_which_nothing_was_refused_gives_no_rows_back() -> None:
    assert b"".join(reject_facts(io.BytesIO(TABLE), Context(), [])) == b""
    wrong = Complaint("value_missing", Severity.ERROR)
    beyond = [FormatRecord(99, 99, None, (wrong,))]
    assert b"".join(reject_facts(io.BytesIO(TABLE), Context(), beyond)) == b""


def test_what_comes_back_is_well_formed_whatever_is_refused() -> None:
    content = RIGHTS.encode()
    for numbers in ([], [1], [2], [1, 2], [7]):
        chosen = [FormatRecord(number, 1, None) for number in numbers]
        root = etree.fromstring(b"".join(reject_registers(io.BytesIO(content), Context(), chosen)))
        count = len(root.findall(".//{*}legalCapacity"))
        assert count == len([number for number in numbers if number <= len(read(content)[1])])
