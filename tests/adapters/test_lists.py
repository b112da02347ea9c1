"""«Список семей», «Журнал приёма сигналов», a phone book: what organisations really have, from `tests/vectors/tables`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from adapters.contacts import read_contacts
from adapters.report import Severity
from adapters.tables.profile import BUILT_IN, built_in, plain_heading
from adapters.tables.reader import read_table
from adapters.tables.rejects import reject_file
from schemas.errors import BadInput
from tests.adapters.test_csv_reading import SENDER, table, told
from tests.adapters.workbooks import workbook
from tests.vectors.tables.make import tables

VECTORS = Path(__file__).parents[1] / "vectors" / "tables"


def read(content, profile):
    reading = read_table(io.BytesIO(content), built_in(profile), defaults={"sender_ogrn": SENDER})
    records = list(reading.records)
    for record in records:
        reading.report.add(record)
    return reading, records


def test_the_files_are_what_their_maker_makes():
    from adapters.tables.reader import read_layout

    for name, content in tables().items():
        kept = (VECTORS / name).read_bytes()
        if name.endswith(".csv"):
            assert kept == content
        else:
            profile = built_in(name.partition(".")[0])
            rows = [
                [row.cells for row in read_layout(io.BytesIO(one), profile, *_limits()).grid] for one in (kept, content)
            ]
            assert rows[0] == rows[1]


def _limits():
    from adapters.limits import DEFAULT_LIMITS

    return (DEFAULT_LIMITS, ("sender_ogrn",))


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_two_columns_of_a_profile_share_a_spelling_and_none_is_both_kept_and_not(name):
    profile = built_in(name)
    spellings = [plain_heading(s) for column in profile.columns for s in (column.heading, *column.also)]
    assert sorted({s for s in spellings if spellings.count(s) > 1}) == []
    assert sorted(set(spellings) & profile.not_kept) == []
    assert {group[0] for group in profile.required} <= profile.by_field.keys()
    with pytest.raises(BadInput):
        built_in("no_such")


# --- families --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["families.xlsx", "families.csv"])
def test_a_list_of_families(name):
    reading, records = read((VECTORS / name).read_bytes(), "families")
    first, second = (record.draft for record in records[:2])
    assert (first.case_ref, first.curator_name, first.children) == ("СС-1/26", "Кураторова К.К.", 2)
    said = [(s.kind, s.sections.identity.full_name, s.sections.identity.birth_date) for s in first.subjects]
    assert said == [
        ("child", "Синтетова Анна Примеровна", "2019-02-01"),
        ("child", "Синтетов Пётр Примерович", "2021-07-15"),
        ("parent", "Синтетова Ольга Примеровна", "1990-05-04"),
    ]
    anna, petr, olga = (subject.sections for subject in first.subjects)
    assert (anna.identifiers.snils, petr.identifiers.absent, petr.education) == ("11223344595", ("snils",), None)
    assert anna.education.place == "Школа № 0"
    assert [(phone.number, phone.whose) for phone in olga.contact.phones] == [
        ("8 (900) 000-00-01", "мать"),
        ("8 900 000-00-02", None),
    ]
    assert {s.whereabouts.address.text for s in (anna, petr, olga)} == {"г. Образцово, ул. Пробная, д. 1"}
    assert [member.role for member in anna.family.household] == ["mother"]
    assert [subject.kind for subject in second.subjects] == ["child", "parent", "parent"]
    assert second.subjects[1].sections.contact.absent == ("phones",)
    assert told(records) == [(3, 10, "Ребёнок: Дата рождения", "two_digit_year")]
    assert [row.reason for row in reading.report.skipped] == ["title", "title", "empty", "numbers", "total"]


@pytest.mark.parametrize("name", ["families.csv", "families-libreoffice.xlsx", "families-libreoffice.csv"])
def test_every_program_gives_the_same_families(name):
    """Also a book that LibreOffice has opened and saved again, as a book and as a table."""
    found = [read((VECTORS / one).read_bytes(), "families")[1] for one in ("families.xlsx", name)]
    assert [record.draft for record in found[0]] == [record.draft for record in found[1]]
    assert told(found[0]) == told(found[1])


def test_a_rejected_family_comes_back_with_all_its_rows():
    rows = [
        ["№ дела", "ФИО ребёнка", "Дата рождения", "Мать"],
        ["1", "Синтетова Анна", "01.02.2019", "Синтетова Ольга"],
        [None, "Синтетов Пётр", "01.02.19", None],
    ]
    reading, records = read(workbook(rows), "families")
    (again,) = read(reject_file(reading.layout, records), "families")[1]
    assert [len(record.rows) for record in (*records, again)] == [2, 2]
    assert again.draft is None


def test_people_of_one_name_in_two_families_are_two():
    rows = ["№ дела;ФИО ребёнка;Отец", "1;Синтетов Иван;Пробный Пётр", "2;Синтетов Иван;Пробный Пётр"]
    first, second = read(table(*rows), "families")[1]
    assert {s.ref for s in first.draft.subjects}.isdisjoint({s.ref for s in second.draft.subjects})
    again = read(table(rows[0], rows[2]), "families")[1][0]
    assert again.draft == second.draft


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["1;Синтетов Иван;01.02.2019;", "1;Синтетов Иван;01.02.2019;"], "person_repeated"),
        (
            ["1;Синтетов Иван;01.02.2019;", "2;Синтетова Анна;01.02.2019;", "1;Синтетов Пётр;01.02.2019;"],
            "case_repeated",
        ),
        (["1;Синтетов Иван;01.02.2019;А А", "1;Синтетов Пётр;01.02.2020;Б Б"], "rows_disagree"),
        (["1;;;А А"], "child_missing"),
        (
            [f"1;Синтетов {letter}ван;01.02.2019;" for letter in "абвгдежзийклмнопрстуфхцчшщъыьэюяю"[:31]],
            "family_too_large",
        ),
    ],
)
def test_families_that_cannot_be_taken(rows, code):
    _, records = read(table("№ дела;ФИО ребёнка;Дата рождения;Куратор", *rows), "families")
    assert code in [found for _, _, _, found in told(records)]


def test_rows_without_a_number_go_on_with_the_family_above():
    rows = ["№;ФИО ребёнка;Мать", "1;Синтетов Иван;Синтетова Ольга", ";Синтетова Анна;", "2;Пробный Лев;"]
    assert [len(record.draft.subjects) for record in read(table(*rows), "families")[1]] == [3, 1]
    plain = ["ФИО ребёнка;Мать", "Синтетов Иван;Синтетова Ольга", "Пробный Лев;"]
    assert [len(record.draft.subjects) for record in read(table(*plain), "families")[1]] == [2, 1]


# --- signals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["signals.xlsx", "signals.csv"])
def test_a_journal_of_signals(name):
    reading, records = read((VECTORS / name).read_bytes(), "signals")
    first, second = (record.draft for record in records[:2])
    assert (first.reg_number, first.told_at.isoformat()) == ("1", "2026-03-02T14:30:00+03:00")
    assert (first.reporter.name, first.reporter.phone) == ("Соседка", "8 900 000-00-03")
    assert first.persons[0].identity.full_name == "Синтетова Анна Примеровна"
    assert (second.persons[0].identity, second.persons[0].whereabouts.address.text) == (None, "ул. Новая, д. 2")
    assert second.told_at.isoformat() == "2026-03-03T09:15:00+03:00"
    assert told(records) == [(3, 5, "Содержание сигнала", "value_missing")]
    assert reading.report.dropped_columns == ["Кто принял", "Принятые меры"]


def test_both_files_give_the_same_signals_and_the_same_identifiers():
    found = [read((VECTORS / name).read_bytes(), "signals")[1] for name in ("signals.xlsx", "signals.csv")]
    assert [record.draft for record in found[0]] == [record.draft for record in found[1]]
    assert len({record.draft.operation_id for record in found[0][:2]}) == 2


def test_a_kept_signal_becomes_the_message_that_it_is():
    (record, *_) = read((VECTORS / "signals.csv").read_bytes(), "signals")[1]
    message = record.draft.message(SENDER, "1037700000029", "threat", "urgent")
    assert (message.type, message.operation_id, message.statement) == (
        "signal",
        record.draft.operation_id,
        "Ребёнок вечером один на улице.",
    )
    assert message.notes == ()
    told = record.draft.message(SENDER, "1037700000029", "threat", "urgent", "phone")
    assert [(note.field, note.value) for note in told.notes] == [
        ("received_by", "phone"),
        ("received_at", "2026-03-02T11:30:00+00:00"),
    ]


# --- the phone book --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["contacts.xlsx", "contacts.csv"])
def test_a_phone_book_becomes_organisations_without_names_of_people(name):
    reading = read_contacts((VECTORS / name).read_bytes())
    guardians, centre = reading.organisations.values()
    assert (guardians.name, guardians.inn, guardians.email) == (
        "Отдел опеки района Вымышленный",
        "7707083893",
        "opeka@example.org",
    )
    assert [(phone.number, phone.extension, phone.note) for phone in guardians.phones] == [
        ("8 (495) 000-00-10", "12", "Начальник отдела"),
        ("8 (495) 000-00-12", None, "Приёмная"),
        ("8 (495) 000-00-13", None, "Приёмная"),
    ]
    assert (guardians.place.city, guardians.place.postal_code, guardians.place.address) == (
        "Москва",
        "105077",
        "ул. Вымышленная, д. 5",
    )
    assert (centre.email, centre.place, centre.phones[0].note) == (None, None, "Горячая линия круглосуточно")
    assert [(c.line, c.code, c.severity) for c in reading.report.complaints] == [
        (4, "contacts_own_phone", Severity.WARNING),
        (6, "contacts_address_apart", Severity.WARNING),
        (6, "value_malformed", Severity.WARNING),
        (7, "phone_number_missing", Severity.ERROR),
    ]
    assert (reading.report.records, reading.report.accepted) == (3, 2)
    words = str([organisation.model_dump() for organisation in reading.organisations.values()])
    assert not [name for name in ("Опекова", "Опекунова", "Школьный", "000-00-11") if name in words]


def test_an_organisation_with_a_row_that_cannot_be_read_comes_back_whole():
    """Each row says a part of it: what is taken of the corrected rows alone would stand for the whole."""
    rows = (
        "Справочник на март;;",
        "Организация;Должность;Телефон",
        "Школа;Приёмная;8 495 000-00-01",
        ";Директор;нет номера",
        ";Завуч;8 495 000-00-03",
        "Центр;Приёмная;8 495 000-00-04",
    )
    reading = read_contacts(table(*rows))
    assert [one.name for one in reading.organisations.values()] == ["Центр"]
    assert (reading.report.records, reading.report.accepted) == (2, 1)
    assert [(c.code, c.record, c.line) for c in reading.report.complaints] == [("phone_number_missing", 1, 4)]
    back = reading.reject_file()
    text = back.decode()
    assert [line.split(";")[:2] for line in text.splitlines()[:1]] == [["Справочник на март", ""]]
    assert "Школа;Приёмная" in text
    assert ";Завуч" in text
    assert "Центр" not in text
    again = read_contacts(back)
    assert (again.report.records, again.report.accepted) == (1, 0)
    (school,) = read_contacts(text.replace("нет номера", "8 495 000-00-02").encode()).organisations.values()
    (first,) = (
        one
        for one in read_contacts(table(*rows[:3], ";Директор;8 495 000-00-02", *rows[4:])).organisations.values()
        if one.name == "Школа"
    )
    assert school == first


def test_rows_below_a_name_that_cannot_be_read_belong_to_nobody_else():
    reading = read_contacts(
        table(
            "Организация;Телефон",
            "Центр;8 495 000-00-01",
            "=HYPERLINK(1);8 495 000-00-02",
            ";8 495 000-00-03",
            "Школа;8 495 000-00-04",
        )
    )
    assert {one.name: len(one.phones) for one in reading.organisations.values()} == {"Центр": 1, "Школа": 1}
    assert (reading.report.records, reading.report.accepted) == (3, 2)
    (fixed,) = read_contacts(reading.reject_file().replace(b"'=HYPERLINK(1)", "Приют".encode())).organisations.values()
    assert (fixed.name, len(fixed.phones)) == ("Приют", 2)


def test_one_organisation_is_one_whatever_its_rows_call_it():
    reading = read_contacts(
        table(
            "Наименование;ИНН;Телефон",
            "Центр «Вымышленный»;7707083893;8 495 000-00-01",
            "Центр Вымышленный;7707083893;8 495 000-00-02",
            "Центр Вымышленный;;8 495 000-00-03",
            "Школа;0107083893;8 495 000-00-04",
        )
    )
    assert [(o.name, len(o.phones)) for o in reading.organisations.values()] == [("Центр «Вымышленный»", 3)]
    assert [c.code for c in reading.report.complaints] == ["inn_check_digit"]


@pytest.mark.parametrize(
    ("cell", "code"), [("8 495 000-00-01 8 495 000-00-02", "phones_unclear"), ("нет номера", "phone_number_missing")]
)
def test_phones_that_cannot_be_told_apart_are_asked_for(cell, code):
    reading = read_contacts(table("Организация;Телефон", f"Школа;{cell}", "Центр;8 495 000-00-01 доб. 12"))
    assert [c.code for c in reading.report.complaints] == [code]
