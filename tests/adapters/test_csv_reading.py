"""Registers in: laid out as people lay them out, told about by line and column, sent back for correction."""

from __future__ import annotations

import csv
import io

import pytest

from adapters.report import Severity
from adapters.tables.profile import plain_heading, referrals_profile
from adapters.tables.reader import read_table
from adapters.tables.rejects import reject_file
from adapters.tables.writer import lacking, write_referrals
from schemas.errors import BadInput, DocumentRejected

SENDER, RECIPIENT = "1037700000018", "1037700000029"
HEADINGS = "ОГРН отправителя;ОГРН получателя;Ребёнок: ФИО;Ребёнок: СНИЛС;Ребёнок: дата рождения;Причина обращения (код)"
ROW = f"{SENDER};{RECIPIENT};Синтетов Иван;112-233-445 95;01.02.2019;NEGLECT"


def table(*lines, encoding="utf-8", end="\r\n"):
    return (end.join(lines) + end).encode(encoding)


def told(records, severity=Severity.ERROR):
    return [(c.record, c.line, c.place, c.code) for r in records for c in r.complaints if c.severity is severity]


def test_a_plain_register_becomes_referrals(read_csv):
    reading, records = read_csv(table(HEADINGS, ROW))
    (record,) = records
    draft = record.draft
    assert (record.number, record.line, record.complaints) == (1, 2, ())
    assert (draft.type, draft.urgency, draft.sender_ogrn, draft.recipient_ogrn) == (
        "referral",
        "planned",
        SENDER,
        RECIPIENT,
    )
    assert draft.concerns == ("NEGLECT",)
    (child,) = draft.persons
    assert (child.kind, child.identity.full_name, child.identity.birth_date) == ("child", "Синтетов Иван", "2019-02-01")
    assert child.identifiers.snils == "11223344595"
    assert (reading.report.records, reading.report.accepted) == (1, 1)


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r", "mac-cyrillic", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_one_content_in_any_clothes_gives_equal_messages(read_csv, encoding, delimiter, end):
    plain = read_csv(table(HEADINGS, ROW))[1][0].draft
    lines = [HEADINGS.replace(";", delimiter), ROW.replace(";", delimiter)]
    reading, records = read_csv(table(*lines, encoding=encoding, end=end))
    assert [record.draft for record in records] == [plain]
    assert reading.layout.grid.delimiter == delimiter


def test_a_sep_line_names_the_delimiter(read_csv):
    reading, records = read_csv(table("sep=^", HEADINGS.replace(";", "^"), ROW.replace(";", "^")))
    assert records[0].draft is not None
    assert (reading.layout.grid.delimiter, reading.layout.grid.separator_line, records[0].line) == ("^", True, 3)


def test_rows_that_carry_no_record_are_listed(read_csv):
    numbers = "1;2;3;4;5;6"
    lines = [
        "Реестр направлений;;;;;",
        ";;;;;",
        HEADINGS,
        numbers,
        ROW,
        ";;;;;",
        HEADINGS,
        f"{ROW}|HOUSING",
        "Итого:;2;;;;",
    ]
    reading, records = read_csv(table(*lines))
    assert [(record.line, record.draft is not None) for record in records] == [(5, True), (8, True)]
    assert [(row.line, row.reason) for row in reading.report.skipped] == [
        (1, "title"),
        (2, "empty"),
        (4, "numbers"),
        (6, "empty"),
        (7, "repeated_heading"),
        (9, "total"),
    ]


def test_unknown_columns_are_told_and_listed_as_dropped(read_csv):
    reading, records = read_csv(table(f"{HEADINGS};Цвет глаз;№ п/п", f"{ROW};серый;1"))
    assert records[0].draft is not None
    assert reading.report.dropped_columns == ["Цвет глаз", "№ п/п"]
    warnings = [(c.place, c.code, c.severity) for c in reading.report.complaints]
    assert warnings == [
        ("Цвет глаз", "unknown_column", Severity.WARNING),
        ("№ п/п", "column_not_kept", Severity.WARNING),
    ]


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("ребенок: снилс *", "child.snils"),
        ("Ребёнок :СНИЛС", "child.snils"),
        ("СНИЛС\nребёнка", "child.snils"),
        ("\ufeffОГРН\u00a0получателя:", "recipient_ogrn"),
        ("ФИО законного представителя", "adult.full_name"),
        ("Родитель: телефон", "adult.phone"),
    ],
)
def test_headings_are_found_as_people_write_them(written, field):
    column = referrals_profile().find(written)
    assert column is not None
    assert column.field == field


def test_a_heading_with_latin_letters_is_found_and_told(read_csv):
    reading, records = read_csv(table(HEADINGS.replace("ОГРН получателя", "OГPH пoлучaтeля"), ROW))
    assert records[0].draft is not None
    assert [c.code for c in reading.report.complaints] == ["heading_lookalikes"]


def test_no_two_columns_of_the_profile_share_a_spelling():
    spellings = [plain_heading(s) for column in referrals_profile().columns for s in (column.heading, *column.also)]
    assert len(spellings) == len(set(spellings))


def test_three_name_columns_are_joined(read_csv):
    headings = HEADINGS.replace("Ребёнок: ФИО", "Ребёнок: фамилия;Ребёнок: имя;Ребёнок: отчество")
    _, records = read_csv(table(headings, ROW.replace("Синтетов Иван", "Синтетов;Иван;")))
    assert records[0].draft.persons[0].identity.full_name == "Синтетов Иван"


def test_every_fault_of_a_row_is_told_at_once_by_line_and_column(read_csv):
    bad = f"1,0377E+12;{SENDER};=A1;112-233-445 96;01.02.19;HUNGER"
    _, records = read_csv(table("Реестр", HEADINGS, ROW, bad))
    assert records[1].draft is None
    assert told(records) == [
        (2, 4, "ОГРН отправителя", "scientific_notation"),
        (2, 4, "Ребёнок: ФИО", "formula_in_cell"),
        (2, 4, "Ребёнок: СНИЛС", "snils_check_digits"),
        (2, 4, "Ребёнок: дата рождения", "two_digit_year"),
        (2, 4, "Причина обращения (код)", "concern_unknown"),
    ]


@pytest.mark.law(8)
def test_report_and_complaints_never_repeat_a_value(read_csv):
    bad = f"{SENDER};{RECIPIENT};=Синтетов;112-233-445 96;01.02.19;HUNGER"
    reading, _ = read_csv(table(HEADINGS, bad))
    words = str(reading.report.as_dict()) + str(reading.report.as_dict("en")) + repr(reading.report)
    assert not [value for value in ("Синтетов", "112-233", "01.02.19", "HUNGER") if value in words]


def test_a_delimiter_inside_a_text_is_an_extra_column(read_csv):
    _, records = read_csv(table(HEADINGS, f"{ROW};лишнее", f"{ROW};;;"))
    assert told(records) == [(1, 2, "", "extra_columns")]
    assert records[1].draft is not None


def test_lines_are_counted_through_cells_of_several_lines(read_csv):
    headings = f"{HEADINGS};Причина обращения"
    _, records = read_csv(table(headings, f'{ROW};"Первая\nвторая ""в кавычках"""', f"{ROW};#Н/Д"))
    assert records[0].draft.statement == 'Первая\nвторая "в кавычках"'
    assert told(records) == [(2, 4, "Причина обращения", "spreadsheet_error_value")]


def test_a_quote_that_never_closes_is_told(read_csv):
    _, records = read_csv(table(f"{HEADINGS};Причина обращения", f"{ROW};а", f'{ROW};"б', f"{ROW};в"))
    assert records[0].draft is not None
    assert told(records) == [(2, 3, "", "quote_not_closed")]


def test_rows_with_one_identifier_are_one_message(read_csv):
    headings = f"Идентификатор сообщения;{HEADINGS};Родитель: ФИО"
    one, two = "6f9619ff-8b86-4011-b42d-00cf4fc964ff", "6f9619ff-8b86-4011-b42d-00cf4fc964fe"
    mother = ";Синтетова Ольга"
    brother = ROW.replace("Синтетов Иван", "Синтетов Пётр").replace("112-233-445 95", "")
    _, records = read_csv(table(headings, f"{one};{ROW}{mother}", f"{one};{brother}{mother}", f"{two};{ROW}{mother}"))
    assert [len(record.rows) for record in records] == [2, 1]
    names = [(person.kind, person.identity.full_name) for person in records[0].draft.persons]
    assert names == [("child", "Синтетов Иван"), ("child", "Синтетов Пётр"), ("parent", "Синтетова Ольга")]


def test_rows_of_one_message_must_agree_and_stand_together(read_csv):
    headings = f"Идентификатор сообщения;{HEADINGS};Срочность"
    one, two = "6f9619ff-8b86-4011-b42d-00cf4fc964ff", "6f9619ff-8b86-4011-b42d-00cf4fc964fe"
    rows = [
        f"{one};{ROW};срочно",
        f"{one};{ROW};планово",
        f"{two};{ROW};срочно",
        f"{one};{ROW};срочно",
        f"{two};{ROW};срочно",
    ]
    _, records = read_csv(table(headings, *rows))
    assert told(records) == [
        (1, 3, "Срочность", "rows_disagree"),
        (4, 6, "Идентификатор сообщения", "message_id_repeated"),
    ]
    assert [record.draft is not None for record in records] == [False, True, True, False]


def test_a_derived_identifier_depends_on_content_and_not_on_clothes(read_csv):
    def identifier(row, headings=HEADINGS, **kwargs):
        return read_csv(table(headings, row, **kwargs))[1][0].draft.operation_id

    first = identifier(ROW)
    assert identifier(ROW.replace("112-233-445 95", "'11223344595"), encoding="cp1251") == first
    assert identifier(f"1;{ROW}", f"№;{HEADINGS}") == first
    assert identifier(ROW.replace("01.02.2019", "02.02.2019")) != first
    assert identifier(ROW.replace(SENDER, "1027700132195")) != first
    assert first == "bc3646b5-9e1c-57f4-a2a7-8cb16178df9f"


def test_the_same_row_twice_is_told_and_has_the_same_identifier(read_csv):
    _, records = read_csv(table(HEADINGS, ROW, ROW))
    assert records[0].draft == records[1].draft
    assert told(records, Severity.WARNING) == [(2, 3, "Идентификатор сообщения", "row_repeated")]


def test_what_the_caller_knows_needs_no_column(read_csv):
    headings, row = HEADINGS.partition(";")[2], ROW.partition(";")[2]
    with pytest.raises(DocumentRejected) as caught:
        read_csv(table(headings, row))
    assert caught.value.code == "required_column_missing"
    assert caught.value.params["columns"] == "«ОГРН отправителя»"
    assert read_csv(table(headings, row), {"sender_ogrn": SENDER})[1][0].draft.sender_ogrn == SENDER


def test_a_register_of_signals_needs_trigger_and_statement(read_csv):
    headings = f"Вид сообщения;{HEADINGS};Повод сигнала (код);Причина обращения"
    _, records = read_csv(table(headings, f"сигнал;{ROW};threat;Ребёнок один дома.", f"signal;{ROW};;"))
    assert records[0].draft.trigger == "threat"
    assert told(records) == [
        (2, 3, "Повод сигнала (код)", "trigger_missing"),
        (2, 3, "Причина обращения", "statement_missing"),
    ]


@pytest.mark.parametrize(
    ("column", "cells", "place", "code"),
    [
        ("Ребёнок: вид документа", "05", "Ребёнок: номер документа", "document_incomplete"),
        ("Ребёнок: номер документа", "123456", "Ребёнок: вид документа", "document_incomplete"),
        ("Ребёнок: ОКТМО", "45301000", "Ребёнок: адрес", "address_incomplete"),
        ("Ребёнок: телефон;Ребёнок: чей телефон", "+79000000000;мать|отец", "Ребёнок: телефон", "phones_disagree"),
        (
            "Ребёнок: телефон;Ребёнок: чей телефон",
            "+79000000000|;мать|отец",
            "Ребёнок: телефон",
            "phone_number_missing",
        ),
        ("Ребёнок: адрес", "у" * 4001, "Ребёнок: адрес", "value_too_long"),
        ("Ребёнок: адрес", "у" * 40_000, "Ребёнок: адрес", "cell_too_long"),
    ],
)
def test_parts_that_belong_together(read_csv, column, cells, place, code):
    _, records = read_csv(table(f"{HEADINGS};{column}", f"{ROW};{cells}"))
    assert told(records) == [(1, 2, place, code)]


def test_the_system_of_a_document_code_comes_from_its_column_or_the_profile(read_csv):
    headings = f"{HEADINGS};Ребёнок: вид документа;Ребёнок: номер документа;Ребёнок: система кодов документа"
    rows = [f"{ROW};03;123456;fns_spdul", f"{ROW};свидетельство о рождении;123457;", f"{ROW};21;123458;"]
    _, records = read_csv(table(headings, *rows))
    documents = [record.draft.persons[0].identifiers.document for record in records[:2]]
    assert [(document.system, document.type) for document in documents] == [("fns_spdul", "03"), ("egisso_csv", "05")]
    assert told(records) == [(3, 4, "Ребёнок: вид документа", "document_type_unknown")]


@pytest.mark.parametrize(
    ("heading", "cell", "section", "absent"),
    [
        ("Ребёнок: телефон", "нет", "contact", ("phones",)),
        ("Ребёнок: номер документа", "не имеет", "identifiers", ("document",)),
        ("Ребёнок: вид документа;Ребёнок: номер документа", "нет;нет", "identifiers", ("document",)),
        ("Ребёнок: адрес регистрации", "Отсутствует", "whereabouts", ("registered",)),
        ("Ребёнок: адрес", "не имеется", "whereabouts", ("address",)),
    ],
)
def test_what_a_person_has_not_is_kept_apart_from_what_nobody_knows(read_csv, heading, cell, section, absent):
    (known,) = read_csv(table(f"{HEADINGS};{heading}", f"{ROW};{cell}"))[1]
    assert getattr(known.draft.persons[0], section).absent == absent
    assert known.complaints == ()
    unknown = ";".join("не указано" for _ in cell.split(";"))
    (nobody,) = read_csv(table(f"{HEADINGS};{heading}", f"{ROW};{unknown}"))[1]
    found = getattr(nobody.draft.persons[0], section)
    assert found is None or found.absent == ()
    assert {c.code for c in nobody.complaints} == {"unknown_mark"}


def test_an_absence_and_a_value_of_the_same_contradict_each_other(read_csv):
    heading = f"{HEADINGS};Ребёнок: вид документа;Ребёнок: номер документа"
    _, records = read_csv(table(heading, f"{ROW};05;нет", f"{ROW};нет;123456"))
    assert [code for _, _, _, code in told(records)] == ["absence_contradicts", "absence_contradicts"]


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        ("03", "12345", "document_zeros_lost"),
        ("03", "123456", None),
        ("05", "12345", "document_zeros_lost"),
        ("05", "1234567", None),
    ],
)
def test_zeros_that_no_check_digit_confirms_are_asked_for(read_csv, kind, number, code):
    heading = f"{HEADINGS};Ребёнок: вид документа;Ребёнок: номер документа"
    _, records = read_csv(table(heading, f"{ROW};{kind};{number}"))
    assert [c for _, _, _, c in told(records)] == ([code] if code else [])


def test_a_passport_whose_series_lost_its_zero_is_asked_for(read_csv):
    columns = "Родитель: ФИО;Родитель: вид документа;Родитель: серия документа;Родитель: номер документа"
    _, records = read_csv(
        table(f"{HEADINGS};{columns}", f"{ROW};Синтетова О.;03;514;012345", f"{ROW};Синтетова О.;03;45 14;012345")
    )
    assert told(records) == [(1, 2, "Родитель: серия документа", "document_zeros_lost")]


def test_kinship_is_a_code_of_its_list_beside_our_role(read_csv):
    columns = "Родитель: ФИО;Родитель: роль;Родитель: пол;Родитель: код родства;Родитель: система кодов родства"
    rows = [
        "Синтетова О.;мать;Ж;0420011;egisso_kinship",
        "Синтетов И.;отец;М;0420011;",
        "Синтетов И.;отец;М;420011;",
        "Синтетов И.;отец;М;;egisso_kinship",
        "Синтетов И.;отец;М;0411011;fns",
    ]
    _, records = read_csv(table(f"{HEADINGS};{columns}", *(f"{ROW};{row}" for row in rows)))
    mother = records[0].draft.persons[1]
    assert (mother.role, mother.family.kinship.system, mother.family.kinship.code) == (
        "mother",
        "egisso_kinship",
        "0420011",
    )
    assert [c.code for c in records[1].complaints] == ["kinship_sex"]
    assert [code for _, _, _, code in told(records)] == [
        "kinship_code_unknown",
        "kinship_incomplete",
        "kinship_system_unknown",
    ]


# --- headings of several levels --------------------------------------------------------------------------------------

LEVELS = {
    "two levels, merged": [
        "ОГРН отправителя;ОГРН получателя;Ребёнок;;;Причина обращения (код)",
        ";;ФИО;СНИЛС;дата рождения;",
    ],
    "two levels under a title": [
        "Реестр направлений за март;;;;;",
        ";;;;;",
        "ОГРН отправителя;ОГРН получателя;Ребёнок;;;Причина обращения (код)",
        ";;ФИО;СНИЛС;дата рождения;",
        "1;2;3;4;5;6",
    ],
    "three levels, the middle one a title": [
        "Стороны;;Ребёнок;;;Обращение",
        "ОГРН отправителя;ОГРН получателя;Личность;;;",
        ";;ФИО;СНИЛС;дата рождения;Причина обращения (код)",
    ],
    "the lowest level in full": [
        ";;Сведения о ребёнке;;;",
        HEADINGS,
    ],
}


@pytest.mark.parametrize("levels", LEVELS.values(), ids=LEVELS)
def test_headings_of_several_levels_are_read_together(read_csv, levels):
    plain = read_csv(table(HEADINGS, ROW))[1][0].draft
    reading, records = read_csv(table(*levels, ROW))
    assert [record.draft for record in records] == [plain]
    assert [c for c in reading.report.complaints if c.severity is Severity.ERROR] == []


def test_two_groups_may_have_columns_of_one_name(read_csv):
    upper = "ОГРН получателя;Ребёнок;;Законный представитель;;Причина обращения (код)"
    lower = ";ФИО;дата рождения;ФИО;телефон;"
    row = f"{RECIPIENT};Синтетов Иван;01.02.2019;Синтетова Ольга;'+79000000000;NEGLECT"
    reading, records = read_csv(table(upper, lower, row, upper, lower, row), {"sender_ogrn": SENDER})
    names = [(p.kind, p.identity.full_name) for p in records[0].draft.persons]
    assert names == [("child", "Синтетов Иван"), ("parent", "Синтетова Ольга")]
    assert [(row.line, row.reason) for row in reading.report.skipped] == [
        (4, "repeated_heading"),
        (5, "repeated_heading"),
    ]


def test_a_reject_file_keeps_the_levels_of_the_heading_and_is_read_again(read_csv):
    levels = LEVELS["two levels under a title"]
    bad = ROW.replace("112-233-445 95", "112-233-445 96")
    reading, records = read_csv(table(*levels, bad))
    rejected = reject_file(reading.layout, records)
    lines = rejected.decode("utf-8").splitlines()
    assert lines[2].endswith("Причина обращения (код);Ошибка")
    assert lines[3] == ";;ФИО;СНИЛС;дата рождения;;"
    again, same = read_csv(rejected)
    assert told(same) == [(1, 5, "Ребёнок: СНИЛС", "snils_check_digits")]
    assert again.layout.own_at == 6
    assert [c.code for c in again.report.complaints] == ["snils_check_digits"]


# --- files that are not whole, or not of one piece -------------------------------------------------------------------


@pytest.mark.parametrize("other", ["cp1251", "cp866", "koi8-r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_of_two_encodings_is_read_line_by_line_and_told(read_csv, other, mark):
    rows = [ROW.replace("Иван", name) for name in ("Иван", "Пётр", "Семён")]
    content = mark + table(HEADINGS, *rows[:2]) + table(rows[2], encoding=other)
    reading, records = read_csv(content)
    names = [record.draft.persons[0].identity.full_name for record in records]
    assert names == ["Синтетов Иван", "Синтетов Пётр", "Синтетов Семён"]
    assert [(c.code, c.line, c.params["n"]) for c in reading.report.complaints] == [("two_encodings", 4, 1)]


def test_a_file_that_is_mostly_cp1251_stays_one(read_csv):
    content = table(HEADINGS, ROW, encoding="cp1251") + table(ROW.replace("Иван", "Пётр"))
    reading, records = read_csv(content)
    assert [record.draft is not None for record in records] == [True, True]
    assert reading.layout.grid.source.encoding == "cp1251"
    assert [c.code for c in reading.report.complaints] == ["two_encodings"]


@pytest.mark.parametrize("delimiter", ["\t", ",", "|"])
def test_a_row_with_another_delimiter_is_told(read_csv, delimiter):
    _, records = read_csv(table(HEADINGS, ROW, ROW.replace(";", delimiter)))
    assert told(records) == [(2, 3, "", "row_other_delimiter")]
    assert records[0].draft is not None


@pytest.mark.parametrize(
    ("encoding", "cut"), [("utf-8", 1), ("utf-8", 40), ("utf-8", 41), ("cp1251", 30), ("utf-16-le", 60)]
)
def test_a_file_that_breaks_off_gives_its_whole_rows_and_tells_the_last(read_csv, encoding, cut):
    content = (HEADINGS + "\r\n" + ROW + "\r\n" + ROW.replace("NEGLECT", "жильё")).encode(encoding)
    _, records = read_csv(content[:-cut])
    assert records[0].draft is not None
    assert [code for _, line, _, code in told(records) if line == 3] == ["row_cut_short"]


def test_a_last_line_without_an_end_is_no_break(read_csv):
    _, records = read_csv(table(HEADINGS, ROW, ROW)[:-2])
    assert [record.draft is not None for record in records] == [True, True]


# --- refused as a whole ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "document_empty"),
        (b"\xef\xbb\xbf\r\n  \r\n", "document_empty"),
        (b"\x00" * 100, "document_empty"),
        (b"PK\x03\x04" + b"\x00" * 100, "archive_broken"),
        (b"%PDF-1.7\n" + b"x" * 100, "document_is_spreadsheet"),
        (bytes(range(128, 256)) * 20, "document_is_not_text"),
        (table("a;b;c", "1;2;3"), "heading_not_found"),
        (table("<html><body>ОГРН отправителя</body></html>"), "heading_not_found"),
        (table(HEADINGS, ROW).decode().encode("cp1251").decode("cp866").encode(), "heading_not_found"),
        (table(HEADINGS), "document_without_rows"),
        (table(HEADINGS, "Итого;;;;;"), "document_without_rows"),
        (table(HEADINGS.replace(";Ребёнок: ФИО", ""), ROW), "required_column_missing"),
        (table(f"{HEADINGS};СНИЛС ребёнка", ROW), "heading_repeated"),
        (b";" * 1_000_000, "document_too_many_columns"),
        (table(HEADINGS, ROW + ";" * 1_000_000), "document_too_many_columns"),
        (table(HEADINGS, ROW + " " * 21_000_000), "document_too_large"),
    ],
)
def test_a_file_that_is_no_register_is_refused_as_a_whole(read_csv, content, code):
    with pytest.raises(DocumentRejected) as caught:
        read_csv(content)
    assert caught.value.code == code
    assert caught.value.message()
    assert caught.value.remedy()


def test_a_message_of_too_many_rows_is_refused(read_csv):
    row = f"6f9619ff-8b86-4011-b42d-00cf4fc964ff;{ROW}"
    with pytest.raises(DocumentRejected) as caught:
        read_csv(table(f"Идентификатор сообщения;{HEADINGS}", *[row] * 12), max_record_rows=10)
    assert (caught.value.code, caught.value.params["line"]) == ("record_too_many_rows", 2)


@pytest.mark.parametrize("sign", [".", " :", "*", "ы", "\u200b", "x:"])
def test_a_long_heading_does_not_hold_up_the_reader(read_csv, sign):
    reading, records = read_csv(table(f"{HEADINGS};{sign * 60_000}x", f"{ROW};1"))
    assert records[0].draft is not None
    assert all(len(heading) <= 60 for heading in reading.report.dropped_columns)


def test_too_many_records_are_refused(read_csv):
    rows = [ROW.replace("01.02.2019", f"{day:02d}.02.2019") for day in range(1, 12)]
    with pytest.raises(DocumentRejected) as caught:
        read_csv(table(HEADINGS, *rows), max_records=10)
    assert caught.value.code == "document_too_many_records"


# --- the reject file -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r", "mac-cyrillic", "utf-8-sig", "utf-16", "utf-8"])
@pytest.mark.parametrize(("delimiter", "head"), [(";", []), ("\t", []), (";", ["sep=;"])])
def test_a_reject_file_is_in_the_senders_own_format_and_can_be_corrected(read_csv, encoding, delimiter, head):
    title, bad = "Реестр;;;;;", ROW.replace("01.02.2019", "01.02.19")
    lines = [line.replace(";", delimiter) for line in (title, HEADINGS, ROW, bad)]
    content = table(*head, *lines, encoding=encoding)
    reading, records = read_csv(content)
    rejected = reject_file(reading.layout, records)

    text = rejected.decode(encoding)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[len(head) :]
    assert text.startswith("sep=") is bool(head)
    assert rows[0] == title.split(";")
    assert rows[1] == [*HEADINGS.split(";"), "Ошибка"]
    assert rows[2][:-1] == bad.split(";")
    assert rows[2][-1].startswith("Ребёнок: дата рождения: Год записан двумя цифрами")
    assert len(rows) == 3

    corrected = rejected.decode(encoding).replace("01.02.19", "03.02.2019").encode(encoding)
    again, good = read_csv(corrected)
    assert [record.draft is not None for record in good] == [True]
    assert again.report.dropped_columns == []
    assert not again.report.complaints


def test_an_uncorrected_reject_file_is_rejected_as_it_was(read_csv):
    rows = [
        ROW.replace("Синтетов Иван", '"=HYPERLINK(""http://example.org"")"'),
        ROW.replace("112-233-445 95", "1,12233E+10"),
        f"{ROW};лишнее",
        f"{ROW};;",
    ]
    reading, records = read_csv(table(HEADINGS, *rows))
    rejected = reject_file(reading.layout, records)
    assert b"'=HYPERLINK" in rejected
    again, same = read_csv(rejected)
    assert [c.code for r in same for c in r.complaints] == [c.code for r in records for c in r.complaints]
    assert reject_file(again.layout, same) == rejected


def test_records_refused_later_go_into_the_reject_file_too(read_csv):
    from adapters.report import Complaint

    reading, records = read_csv(table(HEADINGS, ROW))
    refused = records[0].refuse(Complaint("same_organisation", Severity.ERROR, "ОГРН получателя", records[0].line, 1))
    assert "Отправитель и получатель" in reject_file(reading.layout, [refused]).decode("utf-8")


# --- out -------------------------------------------------------------------------------------------------------------


def test_an_export_is_what_a_russian_spreadsheet_opens(referral):
    content = write_referrals([referral])
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert text.count("\r\n") == 2
    heading, row = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    cells = dict(zip(heading, row, strict=True))
    assert cells["Ребёнок: СНИЛС"] == "112-233-445 95"
    assert cells["Ребёнок: дата рождения"] == "01.02.2019"
    assert cells["Законный представитель: телефон"] == "'+79000000000"
    assert cells["Причина обращения (код)"] == "HOUSING|FAMILY_CONFLICT"


def test_an_export_in_cp1251_tells_every_sign_that_it_cannot_carry(referral):
    assert write_referrals([referral], encoding="cp1251").decode("cp1251").startswith('"Идентификатор сообщения"')
    assert lacking([referral]) == ()
    odd = referral.model_copy(update={"statement": "ребёнок 😟, −5 °C", "requested_action": "помощь 😟 ☎"})
    with pytest.raises(BadInput) as caught:
        write_referrals([odd], encoding="cp1251")
    assert caught.value.code == "text_outside_encoding"
    assert caught.value.params["column"] == (
        "«Причина обращения» (U+2212, U+1F61F); «Запрашиваемые меры» (U+260E, U+1F61F)"
    )
    assert [(one.column, one.cells) for one in lacking([odd, odd])] == [
        ("Причина обращения", 2),
        ("Запрашиваемые меры", 2),
    ]
    text = write_referrals([odd], encoding="cp1251", nearest_signs=True).decode("cp1251")
    assert "ребёнок ?, -5 °C" in text
    assert write_referrals([odd]).decode("utf-8-sig").count("😟") == 2


def test_no_cell_of_an_export_is_a_formula(referral):
    evil = referral.model_copy(
        update={"statement": "=cmd|' /C calc'!A0", "requested_action": "@SUM(1)", "reg_number": "-1"}
    )
    text = write_referrals([evil]).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert next(read_table(io.BytesIO(text.encode())).records).draft == evil
