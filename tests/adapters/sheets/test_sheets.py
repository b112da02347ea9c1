"""Tables of canonical documents: what they look like, what people make of them, and what is said of what is wrong in them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from adapters.formats import Context, FormatRecord, recognise
from adapters.limits import DEFAULT_LIMITS
from adapters.record_formats import read_records, record_formats
from adapters.sheets.columns import columns_of, kind_of_code, sheet_profile
from adapters.sheets.messages import beside_register, write_message_table
from adapters.sheets.reader import read_sheet
from adapters.sheets.writer import write_sheet
from adapters.tables.output import Written, written_as
from adapters.tables.profile import plain_heading
from schemas.documents import KINDS
from schemas.errors import BadInput, DocumentRejected
from schemas.messages import MessageDraft
from tests.generate import EXAMPLES, example_draft, example_of

MESSAGE = kind_of_code("message")
SUMMARY = kind_of_code("case_summary")


def rows_of(content: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=";"))


def made(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()


def table(*documents: dict[str, Any], code: str = "message") -> list[list[str]]:
    kind = kind_of_code(code)
    return rows_of(write_sheet(kind, [kind.model.model_validate(one) for one in documents]))


def records(rows: list[list[str]], code: str = "message") -> list[FormatRecord]:
    return list(read_sheet(kind_of_code(code), io.BytesIO(made(rows)), Context()).records)


def at(rows: list[list[str]], heading: str) -> int:
    return rows[0].index(heading)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_heading_is_russian_and_stands_once(kind: Any) -> None:
    headings = [column.heading for column in columns_of(kind)]
    assert len({plain_heading(heading) for heading in headings}) == len(headings)
    assert len(headings) <= DEFAULT_LIMITS.max_columns
    assert all(any("а" <= sign <= "я" for sign in heading.casefold()) for heading in headings)
    assert len({column.field for column in sheet_profile(kind).columns}) == len(headings)


def test_what_repeats_stands_below_beginning_where_its_number_is() -> None:
    content = EXAMPLES["message"] | {
        "persons": [
            {
                "kind": "child",
                "ref": "1",
                "contact": {"phones": [{"number": "+70000000001"}, {"number": "+70000000002"}]},
            },
            {"kind": "parent", "ref": "2", "health": {"conditions": ["одно", "другое", "третье"]}},
        ],
    }
    rows = table(content)
    number, person, ref = (
        at(rows, "Сообщение: №"),
        at(rows, "Человек, о котором сообщение: №"),
        at(rows, "Человек, о котором сообщение: Ребёнок или взрослый"),
    )
    assert [row[number] for row in rows[1:]] == ["1", "", "", "", ""]
    assert [row[person] for row in rows[1:]] == ["1", "", "2", "", ""]
    assert [row[ref] for row in rows[1:]] == ["child", "", "parent", "", ""]
    (record,) = records(rows)
    assert record.value == MessageDraft.model_validate(content)


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16", "utf-8"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_table_comes_in_any_clothes(encoding: str, delimiter: str) -> None:
    heading, *rest = table(EXAMPLES["consent"], code="consent")
    kept = [place for place in range(len(heading)) if any(row[place] for row in rest)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["Согласия за сентябрь"])
    writer.writerows([row[place] for place in reversed(kept)] for row in (heading, *rest))
    kind = kind_of_code("consent")
    (record,) = read_sheet(kind, io.BytesIO(out.getvalue().encode(encoding)), Context()).records
    assert record.value == example_of(kind), record.complaints


WRONG = [
    (
        "ОГРН получателя",
        "1027700900029",
        None,
    ),  # check digits are a rule of messages of every format, judged by who takes them
    ("ОГРН получателя", "=1+1", "formula_in_cell"),
    ("Дата исходящего", "31.02.2026", "value_malformed"),
    ("Дата исходящего", "01.09.26", "two_digit_year"),
    ("Срочность", "завтра", "value_malformed"),
    ("Угроза прямая: за это отвечает названный человек", "может быть", "value_malformed"),
    ("ОГРН отправителя", "", "value_missing"),
]


@pytest.mark.parametrize(("heading", "value", "code"), WRONG)
def test_what_is_wrong_is_told_with_its_column_and_keeps_one_record_out(
    heading: str, value: str, code: str | None
) -> None:
    other = {**EXAMPLES["message"], "operation_id": "3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f39"}
    rows = table(EXAMPLES["message"], other)
    rows[1][at(rows, heading)] = value
    first, second = records(rows)
    assert second.value is not None
    if code is None:
        assert first.value is not None
        return
    assert first.value is None
    assert [(c.code, c.place, c.line, c.record) for c in first.complaints] == [(code, heading, 2, 1)]
    assert first.complaints[0].remedy("ru")


def test_a_part_that_is_wrong_is_not_told_to_be_missing_too() -> None:
    """A list whose only item is refused has too few items for its class: that is nobody's second mistake."""
    rows = table(EXAMPLES["case_summary"], code="case_summary")
    heading = "Член семьи: Разделы: Кто это: Дата рождения; для ожидаемого ребёнка срок, возможен месяц"
    (place,) = [at for at, name in enumerate(rows[0]) if name.startswith(heading[:60])]
    children = [row for row in rows[1:] if row[place]]
    children[0][place] = "31.02.2020"
    (record,) = records(rows, "case_summary")
    assert [(c.code, c.place) for c in record.complaints] == [("date_impossible", rows[0][place])]
    assert len(rows[0][place]) > 60, "all of the heading: others begin alike"
    without = [
        [cell for number, cell in enumerate(row) if not rows[0][number].startswith("Член семьи")] for row in rows
    ]
    (record,) = records(without, "case_summary")
    assert [(c.code, c.place) for c in record.complaints] == [("value_missing", "Член семьи: №")]


def test_a_document_without_end_is_refused_before_it_fills_the_memory() -> None:
    rows = table(EXAMPLES["message"])
    most = 2 * DEFAULT_LIMITS.max_record_elements
    rows += [["", *["1"] * (len(rows[0]) - 1)]] * (most // (len(rows[0]) - 1) + 1)
    with pytest.raises(DocumentRejected, match="sheets_document_too_large") as caught:
        records(rows)
    assert caught.value.params == {"line": 2, "limit": most}


def test_a_formula_that_comes_back_disarmed_is_one_still() -> None:
    rows = table(EXAMPLES["message"])
    rows[1][at(rows, "Исходящий номер")] = "=1+1"
    content = made(rows)
    one = record_formats()["message-table"]
    assert one.rejects is not None
    for _ in range(2):
        refused = list(one.read(io.BytesIO(content), Context()).records)
        assert [[c.code for c in record.complaints] for record in refused] == [["formula_in_cell"]]
        content = b"".join(one.rejects(io.BytesIO(content), Context(), refused))
    assert rows_of(content)[1][at(rows, "Исходящий номер")] == "'=1+1"


def test_a_value_in_two_rows_and_values_before_their_number_are_told() -> None:
    rows = table(EXAMPLES["message"])
    rows.append([""] * len(rows[0]))
    rows[2][at(rows, "Исходящий номер")] = "32/исх"
    (record,) = records(rows)
    assert [(c.code, c.place) for c in record.complaints] == [("sheets_value_twice", "Исходящий номер")]
    rows = table(EXAMPLES["message"])
    rows[1][at(rows, "Человек, о котором сообщение: №")] = ""
    (record,) = records(rows)
    assert [(c.code, c.place) for c in record.complaints] == [
        ("sheets_number_missing", "Человек, о котором сообщение: №")
    ]
    rows[1][0] = ""
    assert "sheets_number_missing" in {c.code for c in records(rows)[0].complaints}


def test_a_default_holds_where_a_column_is_not_there_and_an_empty_cell_says_nothing() -> None:
    rows = table(EXAMPLES["consent"], code="consent")
    place = at(rows, "Форма: paper, qes, nes, checkbox")
    rows[1][place] = ""
    (record,) = records(rows, "consent")
    assert record.value is not None
    assert record.value.form is None  # type: ignore[attr-defined]
    without = [[cell for number, cell in enumerate(row) if number != place] for row in rows]
    (record,) = records(without, "consent")
    assert record.value is not None
    assert record.value.form == "paper"  # type: ignore[attr-defined]


def test_other_files_are_no_tables_of_documents() -> None:
    with pytest.raises(DocumentRejected, match="heading_not_found"):
        read_sheet(MESSAGE, io.BytesIO("Кот;Пёс\n1;2\n".encode()), Context())
    with pytest.raises(DocumentRejected, match="document_empty"):
        read_sheet(MESSAGE, io.BytesIO(b""), Context())
    with pytest.raises(BadInput, match="format_not_recognised"):
        recognise(write_message_table([example_draft()]))


def test_messages_of_such_a_table_are_taken_by_the_rules_of_all_messages() -> None:
    one = record_formats()["message-table"]
    rows = table(EXAMPLES["message"], EXAMPLES["message"])
    rows[1][at(rows, "ОГРН получателя")] = "1027700900029"
    taken, _ = read_records(one, io.BytesIO(made(rows)), DEFAULT_LIMITS)
    first, second = taken
    assert [c.code for c in first.complaints] == ["ogrn_check_digit"]
    assert [c.code for c in second.complaints] == ["message_id_repeated"]


def test_nothing_of_a_message_is_left_out_of_a_table_in_silence() -> None:
    plain = example_draft()
    assert beside_register(plain) == ()
    assert rows_of(write_message_table([plain]))[0][0] == "Идентификатор сообщения"
    child = plain.persons[0].model_dump(exclude_none=True)
    for more, beside in [
        ({"direct": True}, ("direct",)),
        ({"notes": [{"field": "on", "value": "2026-01-01"}]}, ("notes.field", "notes.value")),
        ({"answers": "3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f39"}, ("answers",)),
        (
            {"attachments": [{"category": "ID", "document_type": "passport"}]},
            ("attachments.category", "attachments.document_type"),
        ),
        ({"persons": [{**child, "health": {"support_type": "x"}}]}, ("persons.health.support_type",)),
        ({"persons": [{**child, "family": {"household": [{"role": "mother"}]}}]}, ("persons.family.household.role",)),
        ({"type": "inquiry"}, ("type",)),
    ]:
        draft = MessageDraft.model_validate({**plain.model_dump(exclude_none=True), **more})
        assert beside_register(draft) == beside
        (record,) = read_sheet(MESSAGE, io.BytesIO(write_message_table([draft])), Context()).records
        assert record.value == draft


def test_cp1251_says_which_signs_it_lacks_or_takes_the_nearest() -> None:
    odd = MessageDraft.model_validate({**EXAMPLES["message"], "reg_number": "31 → 😟"})
    with pytest.raises(BadInput, match="text_outside_encoding") as caught:
        write_message_table([odd], written_as("cp1251"))
    assert caught.value.params["column"] == "«Исходящий номер» (U+2192, U+1F61F)"
    content = write_message_table([odd], written_as("cp1251", "true"))
    assert "31 " in content.decode("cp1251")
    assert written_as() == Written()
    for wrong in (("koi8-r", ""), ("cp1251", "maybe")):
        with pytest.raises(BadInput, match="format_unknown"):
            written_as(*wrong)


def test_no_cell_is_a_formula() -> None:
    evil = MessageDraft.model_validate({**EXAMPLES["message"], "reg_number": "=1+1", "statute": "@SUM(A1)"})
    rows = rows_of(write_sheet(MESSAGE, [evil]))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    (record,) = records(rows)
    assert record.value == evil
