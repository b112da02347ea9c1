"""One content is one record, in whatever form its sender has it: XML, CSV in any encoding, a workbook of texts, a workbook as
people fill one in, with dates, numbers, merged cells and headings of two levels. All people are invented.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from pydantic import BaseModel

from adapters.contacts import read_contacts
from adapters.documents.reader import read_documents
from adapters.documents.writer import write_document
from adapters.report import Severity
from adapters.rules import DOCUMENT_TYPES
from adapters.tables.profile import Column, Profile, built_in
from adapters.tables.reader import read_table
from adapters.tables.writer import write_referrals
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral
from schemas import codes
from schemas.identifiers import format_snils, is_inn
from tests.adapters.test_csv_reading import RECIPIENT, SENDER
from tests.adapters.test_round_trips import build, drafts_of, snils

Rows = Sequence[Sequence[str]]
NUMBERS = frozenset({"ogrn", "inn", "number", "line"})
DATES = frozenset({"date", "partial_date"})
SNILS = "000-000-000 00"


def csv_of(rows: Rows, encoding: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode(encoding)


def typed(text: str, kind: str) -> Any:
    """What a person's spreadsheet makes of what is typed, and shows as it was."""
    if kind in DATES and len(text) == len("ДД.ММ.ГГГГ"):
        return datetime.strptime(text, "%d.%m.%Y")  # noqa: DTZ007  a cell has no zone
    if kind == "clock" and text:
        return time.fromisoformat(text)
    if kind == "snils" and text and text[0].isdigit():
        return int(text.replace("-", "").replace(" ", ""))
    if kind in NUMBERS and text.isascii() and text.isdecimal() and not text.startswith("0") and len(text) <= 15:
        return int(text)
    return text or None


def workbook_of(rows: Rows, profile: Profile, *, merged: Sequence[str] = (), levels: bool = False) -> bytes:
    """As people fill one in. `merged` are columns whose cells are merged over the rows of a family; `levels`: «Ребёнок» over
    «ФИО»."""
    head, *body = rows
    columns = [profile.find(name) for name in head]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Список"])
    parts = [name.split(": ", 1) if ": " in name else [name, ""] for name in head]
    for line in zip(*parts, strict=True) if levels else [head]:
        sheet.append(list(line))
    first = sheet.max_row + 1
    for row in body:
        sheet.append([typed(cell, column.kind if column else "") for cell, column in zip(row, columns, strict=True)])
    for line, at in itertools.product(range(first, sheet.max_row + 1), range(1, len(head) + 1)):
        _dress(sheet.cell(line, at), columns[at - 1])
    starts = [line for line, row in enumerate(body, start=first) if row[0]] if merged else []
    for (top, below), at in itertools.product(
        itertools.pairwise([*starts, sheet.max_row + 1]), range(1, len(head) + 1)
    ):
        column = columns[at - 1]
        if column is not None and column.field in merged and below - top > 1:
            sheet.merge_cells(None, top, at, below - 1, at)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _dress(cell: Any, column: Column | None) -> None:
    if isinstance(cell.value, str):
        cell.data_type = "s"
    elif isinstance(cell.value, datetime):
        cell.number_format = "dd.mm.yyyy"
    elif column is not None and column.kind == "snils":
        cell.number_format = SNILS


def texts_of(rows: Rows) -> bytes:
    """Every column formatted as text."""
    book = Workbook()
    assert book.active is not None
    for number, row in enumerate(rows, start=1):
        for at, cell in enumerate(row, start=1):
            if cell:
                book.active.cell(number, at, cell).data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def forms_of(rows: Rows, profile: Profile, merged: Sequence[str] = ()) -> Mapping[str, bytes]:
    return {
        "csv utf-8": csv_of(rows, "utf-8-sig"),
        "csv cp1251": csv_of(rows, "cp1251"),
        "csv utf-16": csv_of(rows, "utf-16"),
        "xlsx of texts": texts_of(rows),
        "xlsx as filled in": workbook_of(rows, profile, merged=merged),
        "xlsx with levels": workbook_of(rows, profile, merged=merged, levels=True),
    }


def read(content: bytes, profile: str) -> list[Any]:
    reading = read_table(io.BytesIO(content), built_in(profile), defaults={"sender_ogrn": SENDER})
    records = list(reading.records)
    assert [c for record in records for c in record.complaints if c.severity is Severity.ERROR] == []
    return [record.draft for record in records]


def through_xml(value: BaseModel) -> Any:
    """The canonical document of a value, read again."""
    (record,) = read_documents(io.BytesIO(write_document(value)))
    assert [one for one in record.complaints if one.severity is Severity.ERROR] == []
    return record.value


def assert_equal(found: Mapping[str, Any]) -> None:
    expected = next(iter(found.values()))
    assert [name for name, value in found.items() if value != expected] == []


# --- what may stand in a cell, also in cp1251 ------------------------------------------------------------------------

words = st.text("абвгдеёжзиклмнопрстуфхцчшщэюя", min_size=2, max_size=9).map(str.title)
names = st.builds("{} {}".format, words, words) | st.builds("{} {} {}".format, words, words, words)
marks = st.sampled_from(["«да»", "№ 7", "—", "…", "a;b", 'a"b', "A|b", "д. 1", "7"])
prose = st.lists(words | marks, min_size=2, max_size=5).map(" ".join)
days = st.dates(date(1930, 1, 1), date(2030, 12, 31)).map("{:%d.%m.%Y}".format)
phones = st.integers(9_000_000_000, 9_999_999_999).map("+7{}".format) | st.builds(
    "8 (495) 000-00-{:02d} (мать)".format, st.integers(0, 99)
)
maybe = st.just("")


# --- messages --------------------------------------------------------------------------------------------------------


def with_signs_of_cp1251(value: Any) -> Any:
    """Signs that it has not are letters; all other content is tried by `test_every_format_gives_back_what_it_was_given`."""
    if isinstance(value, dict):
        return {name: with_signs_of_cp1251(one) for name, one in value.items()}
    if isinstance(value, list):
        return [with_signs_of_cp1251(one) for one in value]
    if isinstance(value, str):
        return value.encode("cp1251", "replace").replace(b"?", "я".encode("cp1251")).decode("cp1251").strip() or "я"
    return value


def plain(draft: Any) -> Any:
    return type(draft).model_validate(with_signs_of_cp1251(draft.model_dump(mode="json", exclude_unset=True)))


@pytest.mark.parametrize("kind", sorted(DOCUMENT_TYPES))
def test_a_message_that_may_come_by_table_is_one_in_every_form(kind: str) -> None:
    @settings(max_examples=15)
    @given(drafts_of(kind).map(plain))
    def every_form(draft: Any) -> None:
        written = write_referrals([draft])
        rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))
        profile = built_in("referrals")
        found = {
            "as it was": [draft],
            "xml 1": [record.draft for record in read_referrals(io.BytesIO(write_referral(draft)))],
            "xml 2": [through_xml(draft)],
            "csv utf-8": read(written, "referrals"),
            "csv cp1251": read(write_referrals([draft], encoding="cp1251"), "referrals"),
            "xlsx of texts": read(texts_of(rows), "referrals"),
            "xlsx as filled in": read(workbook_of(rows, profile), "referrals"),
            "xlsx with levels": read(workbook_of(rows, profile, levels=True), "referrals"),
        }
        assert_equal(found)

    every_form()


def test_types_that_no_table_carries_are_refused_in_each_form_of_a_table() -> None:
    """So that a new type of a table is tried above, or is none."""
    for kind in sorted(codes.code_lists()[codes.MESSAGE_TYPES].keys() - DOCUMENT_TYPES):
        rows = [
            ["Вид сообщения", "ОГРН получателя", "Ребёнок: ФИО", "Причина обращения (код)"],
            [kind, RECIPIENT, "Проба Анна", "HOUSING"],
        ]
        for content in forms_of(rows, built_in("referrals")).values():
            (record,) = read_table(io.BytesIO(content), defaults={"sender_ogrn": SENDER}).records
            assert [c.code for c in record.complaints] == ["type_not_in_document"]
    with pytest.raises(KeyError):
        build("recall", (SENDER, RECIPIENT), {})


# --- «Список семей» --------------------------------------------------------------------------------------------------

FAMILY_HEAD = [
    *("Номер дела", "Куратор", "Телефон куратора", "Сведения на дату"),
    *(
        "Ребёнок: ФИО",
        "Ребёнок: дата рождения",
        "Ребёнок: СНИЛС",
        "Ребёнок: пол",
        "Ребёнок: образовательная организация",
    ),
    *("Мать: ФИО", "Мать: дата рождения", "Отец: ФИО", "Адрес семьи", "Телефон семьи"),
]
OF_FAMILY = (
    "case_ref",
    "curator_name",
    "curator_phone",
    "as_of",
    "mother.full_name",
    "mother.birth_date",
    "father.full_name",
)
children = st.tuples(
    names,
    days | st.just("03.2026") | maybe,
    snils.map(format_snils) | st.just("нет") | maybe,
    st.sampled_from(["М", "жен", ""]),
    prose | maybe,
)
families = st.tuples(
    st.integers(1, 99_999).map(str) | st.integers(1, 99).map("СС-{}/26".format),
    st.tuples(names | maybe, phones | maybe, days | maybe),
    st.lists(children, min_size=1, max_size=3, unique_by=lambda child: child[0]),
    st.tuples(names | maybe, days | maybe, names | maybe),
    st.tuples(prose | maybe, phones | maybe),
)


def family_rows(family: Any) -> list[list[str]]:
    """The number of the case and the parents beside the first child alone."""
    case, curator, kids, parents, home = family
    mother, born, father = parents
    rows = [[case, *curator, *kids[0], mother, born if mother else "", father, *home]]
    return [*rows, *(["", "", "", "", *child, "", "", "", "", ""] for child in kids[1:])]


@settings(max_examples=20)
@given(st.lists(families, min_size=1, max_size=3, unique_by=lambda family: family[0]))
def test_a_list_of_families_is_one_in_every_form(given_families: list[Any]) -> None:
    people = [[child[0] for child in one[2]] + [one[3][0], one[3][2]] for one in given_families]
    assume(all(len(set(filter(None, of))) == len([*filter(None, of)]) for of in people))
    rows = [FAMILY_HEAD, *(row for family in given_families for row in family_rows(family))]
    # «Адрес семьи» and its telephone stand beside the first child and hold for all: merged, they say so.
    merged = (*OF_FAMILY, "family.address", "family.phone")
    found = {name: read(content, "families") for name, content in forms_of(rows, built_in("families"), merged).items()}
    assert_equal(found)
    for family, draft in zip(given_families, found["csv utf-8"], strict=True):
        case, _, kids, parents, (address, _) = family
        assert draft.case_ref == case
        said = [subject.sections.identity.full_name for subject in draft.subjects if subject.sections.identity]
        assert said == [*(child[0] for child in kids), *filter(None, (parents[0], parents[2]))]
        known = [subject.sections.identifiers for subject in draft.subjects if subject.kind == "child"]
        assert [one.snils if one else None for one in known] == [
            child[2].replace("-", "").replace(" ", "") if child[2][:1].isdigit() else None for child in kids
        ]
        if address:
            assert {s.sections.whereabouts.address.text for s in draft.subjects if s.sections.whereabouts} == {address}
        summary = draft.summary(
            as_of=date(2026, 3, 1),
            erase_after=date(2027, 3, 1),
            source="Список семей",
            curator_name=draft.curator_name or "Пробный П.П.",
            curator_phone=draft.curator_phone or "+70000000000",
        )
        assert through_xml(summary) == summary, "the same as the holder's own document"


# --- «Журнал приёма сигналов» ----------------------------------------------------------------------------------------

SIGNAL_HEAD = [
    *(
        "№ записи",
        "Дата поступления",
        "Время поступления",
        "Как поступил сигнал",
        "От кого поступил сигнал",
        "Телефон заявителя",
    ),
    *("Кем приходится ребёнку", "Причина (код)", "Содержание сигнала", "Дата выявления", "Адрес семьи"),
    *("Ребёнок: ФИО", "Ребёнок: дата рождения", "Ребёнок: СНИЛС", "Законный представитель: ФИО"),
]
clocks = st.times(min_value=time(0, 1)).map("{:%H:%M}".format)
signals = st.tuples(
    st.integers(1, 99_999).map(str),
    days,
    clocks | maybe,
    st.sampled_from(["по телефону", "phone", ""]),
    names | maybe,
    phones | maybe,
    words | maybe,
    st.sampled_from(["HOUSING", "NEGLECT|HOUSING", ""]),
    prose,
    days | maybe,
    prose | maybe,
    names | maybe,
    days | maybe,
    snils.map(format_snils) | maybe,
    names | maybe,
)


@settings(max_examples=20)
@given(st.lists(signals, min_size=1, max_size=3, unique_by=lambda signal: signal[0]))
def test_a_journal_of_signals_is_one_in_every_form(given_signals: list[Any]) -> None:
    rows = [SIGNAL_HEAD, *given_signals]
    found = {name: read(content, "signals") for name, content in forms_of(rows, built_in("signals")).items()}
    assert_equal(found)
    for signal, draft in zip(given_signals, found["csv utf-8"], strict=True):
        assert (draft.reg_number, draft.statement) == (signal[0], signal[8])
        assert draft.told_at.strftime("%d.%m.%Y") == signal[1]
        assert not signal[2] or draft.told_at.strftime("%H:%M") == signal[2]
        message = draft.message(SENDER, RECIPIENT, "threat", "urgent", received_by=draft.received_by or "phone")
        assert through_xml(message) == message, "sent on it is the message that XML would have brought"


# --- the phone book --------------------------------------------------------------------------------------------------

CONTACT_HEAD = ["Организация", "ИНН", "Должность или отдел", "Телефон", "Добавочный", "Электронная почта", "Адрес"]
inns = st.integers(100_000_000, 999_999_999).map(
    lambda first: next(f"{first}{last}" for last in range(10) if is_inn(f"{first}{last}"))
)
offices = st.tuples(
    words.map("Центр «{}»".format),
    inns | maybe,
    words | maybe,
    st.builds("8 (495) 000-00-{:02d}".format, st.integers(0, 99)),
    st.integers(1, 9999).map(str) | maybe,
    st.just("centre@example.org") | maybe,
    st.builds("1050{:02d}, г. Москва, ул. {}, д. {}".format, st.integers(0, 99), words, st.integers(1, 99)) | maybe,
)


@settings(max_examples=20)
@given(st.lists(offices, min_size=1, max_size=4, unique_by=lambda office: office[0]))
def test_a_phone_book_is_one_in_every_form(given_offices: list[Any]) -> None:
    assume(len({office[1] for office in given_offices if office[1]}) == len([o for o in given_offices if o[1]]))
    rows = [CONTACT_HEAD, *given_offices]
    found = {}
    for name, content in forms_of(rows, built_in("contacts")).items():
        reading = read_contacts(content)
        assert reading.report.rejected == 0
        found[name] = list(reading.organisations.values())
    assert_equal(found)
    for office, organisation in zip(given_offices, found["csv utf-8"], strict=True):
        assert (organisation.name, organisation.inn or "", organisation.phones[0].number) == (
            office[0],
            office[1],
            office[3],
        )
        assert (organisation.phones[0].extension or "") == office[4]
        assert through_xml(organisation) == organisation
