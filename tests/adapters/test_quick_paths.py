"""What is read the quick way is what the patterns would have read: on any text, and on what looks like what they look for."""

from __future__ import annotations

import io
import itertools
import re
import sys
from datetime import UTC, timedelta, timezone
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from adapters import texts
from adapters.limits import Limits
from adapters.report import Severity, SourceRow
from adapters.rules import Breach
from adapters.tables import cells, dates, layout, values
from adapters.tables.cells import Cell, CellFault, clean, plain, split_values
from adapters.tables.profile import BUILT_IN, Profile, built_in
from adapters.tables.reader import read_layout
from adapters.tables.rows import RowParser
from adapters.tables.values import KINDS, REMEMBERED, Reading
from adapters.texts import has_lookalikes, is_prompt, squeeze
from schemas import signs
from schemas.errors import DocumentRejected
from schemas.identifiers import compact, snils_check_digits
from tests.adapters.test_csv_reading import HEADINGS, ROW, table
from tests.document_strategies import consents, messages, summaries

MARKS = sorted(cells._KNOWN_ABSENT | cells._UNKNOWN)
PROMPTS = [
    *("дд.мм.гггг", "ДД/ММ/ГГ", "ЧЧ:ММ", "чч:мм:сс", "ДЧ-ММ-ГГГГ", "ДД.ММ.ГГГГ ЧЧ:ММ", "DD.MM.YYYY", "dd.mm.yyyy"),
    *(
        "М или Ж",
        "м/ж",
        "М / Ж",
        "МилиЖ",
        "м  или  ж",
        "Да или Нет",
        "да/нет",
        "Даилинет",
        "ХХХХ",
        "xxxx",
        "Х-ХХ",
        "х._-",
    ),
    *(
        "+7 (___) __",
        "8-____",
        "____",
        "7__",
        "8 (  __",
        "(__)",
        ")__",
        "<текст>",
        "Укажите адрес",
        "(выберите",
        "заполнить",
    ),
    *("впишите", "вписать", "введите имя", "ввести", "выбрать", "указать", "Ф.И.О.", "ФИО", "ф и о", "Ф. И. О", "фи.о"),
    *(
        "Фамилия, имя, отчество",
        "фамилия имя полностью",
        "#Н/Д",
        "#DIV/0!",
        "####",
        '="007"',
        "=1+1",
        "@sum(",
        "+ПИ(",
        "-a|b!",
    ),
]
SIGNS = "ДдЧчDdМмжЖXxХх78 _-–—?.,/:;'\"=+@#<>()ФфИиОоуказпвбнетсд\u1c80\u1c81\u1c82\u00a0\u200b\u00ad\x07\n\t|\\eеE1٣aA"
tricky = st.text(st.sampled_from(SIGNS), max_size=8)
any_text = (
    st.text(max_size=20)
    | tricky
    | st.builds(lambda *parts: "".join(parts), tricky, st.sampled_from(MARKS + PROMPTS), tricky)
    | st.sampled_from(MARKS + PROMPTS).flatmap(
        lambda text: st.sampled_from([text.upper(), text.title(), f" {text}.. "])
    )
)


def outcome(function, *arguments):
    try:
        return function(*arguments)
    except CellFault as fault:
        return fault.code


@given(any_text)
@example("\u1c82тсутствует")
def test_a_plain_cell_is_one_that_cleaning_leaves_as_it_is(raw):
    if text := plain(raw):
        assert clean(raw) == clean(raw, returned=True) == Cell(text)


@pytest.mark.parametrize("text", MARKS + PROMPTS)
def test_what_is_no_plain_text_is_never_taken_for_one(text):
    assert outcome(clean, text) != Cell(text)
    for written in (text, text.upper(), text.lower(), f"  {text} "):
        assert plain(written) == ""


@pytest.mark.parametrize(
    "text", ["Дарья", "Михаил", "Вера", "Захаров", "Нелли", "ул. Мира, д. 7", "112-233-445 95", "8 903 1"]
)
def test_most_cells_are_plain(text):
    assert plain(f" {text}") == text


@given(any_text | st.builds(str.strip, any_text))
@example("\u1c81\u1c81.ММ.ГГГГ")
@example(" __")
@example("М\u00a0или Ж")
def test_a_prompt_begins_as_prompts_do(text):
    assert is_prompt(text) == (texts._PROMPT.match(text) is not None)


def test_no_letter_or_space_that_a_prompt_may_have_is_unknown_to_its_beginning():
    """The pattern takes letters of either case, among them those of old books, and spaces of every kind."""
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    letters = "".join(sorted(set(filter(str.isalpha, "".join(texts.PROMPT_STARTS)))))
    alike = re.findall(f"[{letters}]", every, re.IGNORECASE)
    assert {sign.casefold() for sign in alike} == set(letters)
    assert len(alike) > 2 * len(letters)
    assert [sign for sign in re.findall(r"\s", every) if sign.isprintable()] == [" "]


texts_of_records = st.sampled_from(
    [
        "Иван",
        "Ивaн",
        "Ivan",
        "<Иван>",
        "a=b",
        "ХХХХ",
        "Зап. ул.",
        "8 (903) 1",
        "8 (___)",
        "(указать)",
        "да\nнет",
        "IV-АБ",
    ]
)


@given(st.data())
def test_texts_that_are_looked_at_together_are_looked_at_one_by_one(data):
    """Each of them other than it was; what is found stands in the order of the fields."""

    def other(value):
        held = {name: value.__dict__[name] for name, _ in texts._fields(type(value))}
        return value.model_copy(update={name: changed(one) for name, one in held.items()})

    def changed(one):
        if isinstance(one, tuple):
            return tuple(map(changed, one))
        return data.draw(texts_of_records) if isinstance(one, str) else other(one) if one else one

    value = other(data.draw(messages() | summaries() | consents()))
    assert texts.text_breaches(value) == breaches_one_by_one(value, ())


def breaches_one_by_one(value, path):
    found = []
    for name, kind in texts._fields(type(value)):
        held = getattr(value, name)
        for index, one in enumerate(held) if isinstance(held, tuple) else ((None, held),):
            place = (*path, name) if index is None else (*path, name, index)
            if isinstance(one, BaseModel):
                found += breaches_one_by_one(one, place)
            elif one and texts._PROMPT.match(one):
                found.append(Breach("placeholder_left", place))
            elif one and kind == "name" and re.search(r"[=<>{}\[\]|\\@#$%^*~]", one):
                found.append(Breach("name_odd_characters", place))
            elif one and kind != "coded" and has_lookalikes(one):
                found.append(Breach("latin_lookalikes", place, Severity.WARNING))
    return found


@given(any_text)
def test_spaces_are_squeezed_as_by_the_pattern(text):
    assert squeeze(text) == " ".join(signs._UNSEEN.sub("", text).split())


@given(st.text(st.sampled_from("аАсСхaAcCxzZ 1-é語"), max_size=12))
def test_lookalikes_are_found_as_word_by_word(text):
    words = re.findall(r"[^\W\d_]+", text)
    table = str.maketrans(texts._LATIN, texts._CYRILLIC)
    assert has_lookalikes(text) == any(not word.isascii() and word != word.translate(table) for word in words)


@given(st.text(st.sampled_from("аb |\\\n"), max_size=12))
def test_values_of_a_cell_come_apart_as_sign_by_sign(text):
    parts, escaped = [""], False
    for sign in text:
        if sign == "|" and not escaped:
            parts.append("")
            continue
        parts[-1] += sign
        escaped = sign == "\\" and not escaped
    assert split_values(text) == [re.sub(r"\\([\\|])", r"\1", part).strip() for part in parts]


# --- dates and numbers -----------------------------------------------------------------------------------------------

number = st.sampled_from(
    ["01", "1", "12", "13", "28", "29", "30", "31", "00", "99", "٠١", "W1", "2019", "2020", "1899", "2201"]
)
mark = st.sampled_from([".", "-", "/", "", " "])
clock = st.sampled_from(
    ["", " 12:30:00", " 24:00:00", " 12:60:00", "T12:30:00", " 12:30", "  12:30:00", " 12:30:0٣", " 12:30:00Z"]
)
date_texts = st.builds(lambda *parts: "".join(parts), number, mark, number, mark, number, clock) | tricky
ZONES = [UTC, timezone(timedelta(hours=3)), timezone(timedelta(hours=-5, minutes=-30))]


@given(date_texts)
@example("2019-W1-01")
@example("29.02.2019")
@example("31.12.1899")
@example("2201-01-01")
def test_a_date_by_its_places_is_the_one_of_the_patterns(text):
    for parse in (dates.parse_date, dates.parse_partial_date):
        quick = outcome(parse, text)
        with mock.patch.object(dates, "_by_places", return_value=None):
            assert outcome(parse, text) == quick


@given(date_texts, st.sampled_from(ZONES))
@example("31.12.1899 12:30:00", UTC)
@example("2019-02-29 12:30:00", UTC)
@example("01.02.2019 24:00:00", UTC)
def test_an_instant_by_its_places_is_the_one_of_the_patterns(text, zone):
    quick = outcome(dates.parse_instant, text, zone)
    with mock.patch.object(dates, "_instant_by_places", return_value=None):
        slow = outcome(dates.parse_instant, text, zone)
    assert quick == slow
    assert isinstance(quick, str) or quick[0].utcoffset() == slow[0].utcoffset()


@given(st.text(st.sampled_from("0123456789.,eEеЕ+- a٣"), max_size=8))
def test_a_number_is_whole_by_the_patterns(text):
    quick = outcome(values._whole, text)
    with mock.patch.object(values, "_POINT_OR_E", re.compile("")):
        assert outcome(values._whole, text) == quick


@given(st.text(st.sampled_from("0123456789 -\u00a0\u202f\u2011\u2014\tа.٣"), max_size=12))
def test_a_number_is_compact_by_the_pattern(text):
    assert compact(text) == re.sub(r"[\s\u00a0\u202f\-\u2010-\u2014]+", "", text)


@given(st.integers(0, 999_999_999))
def test_check_digits_of_a_snils_are_summed_by_the_digits(nine):
    digits = f"{nine:09d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=True))
    assert snils_check_digits(digits) == f"{total % 101 % 100:02d}"


@given(st.uuids(), st.sampled_from(["{}", "{{{}}}", "urn:uuid:{}", " {} ", "{}0"]), st.booleans())
def test_an_identifier_is_the_one_that_the_library_reads(found, form, upper):
    text = form.format(str(found).upper() if upper else found)
    read = outcome(lambda: KINDS["uuid"](text, Reading(UTC, "")).value)
    assert read == ("uuid_malformed" if form == "{}0" else str(found))


@given(any_text)
def test_a_name_without_anything_to_notice_is_read_as_with_all_its_checks(text):
    quick = outcome(KINDS["name"], text, Reading(UTC, ""))
    with mock.patch.object(texts, "_NOTICED_IN_NAMES", re.compile("")):
        assert outcome(KINDS["name"], text, Reading(UTC, "")) == quick


# --- headings and rows -----------------------------------------------------------------------------------------------

HEADING_CELLS = [
    "Ребёнок",
    "СНИЛС",
    "ФИО",
    "ОГРН получателя",
    "Ребёнок: ФИО",
    "CНИЛС",
    ":",
    "*",
    "",
    "",
    "документ: серия",
]
rows_of_cells = st.lists(
    st.lists(st.sampled_from([*HEADING_CELLS, "Синтетов", "1", ": ФИО", "Адрес *"]), min_size=3, max_size=6),
    min_size=1,
    max_size=5,
)


@given(rows_of_cells, st.sampled_from(BUILT_IN))
def test_a_heading_is_found_where_every_row_is_looked_at(rows, name):
    content = "\r\n".join(";".join(row) for row in rows).encode()

    def found():
        try:
            got = read_layout(io.BytesIO(content), built_in(name), Limits(), ("sender_ogrn",))
        except DocumentRejected as refused:
            return refused.code
        return got.levels, got.names, {at: column.field for at, column in got.columns.items()}, got.complaints

    quick = found()
    with (
        mock.patch.object(layout, "_may_be_heading", return_value=True),
        mock.patch.object(Profile, "may_find", return_value=True),
    ):
        assert found() == quick


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_known_heading_may_be_found_by_its_end(name):
    profile = built_in(name)
    for spelling in profile.spellings():
        for at in [0, *(found.end() for found in re.finditer(": ", spelling))]:
            assert profile.may_find(spelling[at:])
    assert not profile.may_find("Синтетов Иван")


COLUMNS = (
    "Вид сообщения;Срочность;Дата выявления;Семья уведомлена;Причина обращения (код);ОГРН получателя;"
    "Ребёнок: ФИО;Ребёнок: СНИЛС"
)
said = st.sampled_from(
    [
        "",
        "нет",
        "Нет",
        "-",
        "да",
        "planned",
        "referral",
        "01.02.2019",
        "31.02.2019",
        "01.02.19",
        "43599",
        "HOUSING",
        "HОUSING",
        "HOUSING|POVERTY",
        "1037700000029",
        "1037700000020",
        "Иван",
        "112-233-445 95",
        " ",
        "=1",
        "'нет",
        "x" * 50,
    ]
)


@given(st.lists(st.lists(said, min_size=8, max_size=8), min_size=2, max_size=6))
def test_a_row_is_read_as_if_no_row_had_been_read_before(rows):
    found = read_layout(io.BytesIO(table(COLUMNS)), built_in("referrals"), Limits(max_cell=40), ("sender_ogrn",))
    profile = built_in("referrals")
    together = RowParser(found, profile, Limits(max_cell=40))
    for line, row in enumerate(itertools.chain(rows, rows), start=2):
        source = SourceRow(line, tuple(row))
        assert together.parse(source) == RowParser(found, profile, Limits(max_cell=40)).parse(source)


def test_a_file_of_many_values_is_remembered_in_part():
    profile = built_in("referrals")
    parser = RowParser(read_layout(io.BytesIO(table(HEADINGS)), profile, Limits()), profile, Limits())
    for number in range(3_000):
        day = f"{1 + number % 28:02d}.{1 + number // 28 % 12:02d}.{2000 + number // 336}"
        (child,) = parser.parse(SourceRow(9, tuple(ROW.replace("01.02.2019", day).split(";")))).persons
        assert child["identity"]["birth_date"] == ".".join(reversed(day.split("."))).replace(".", "-")
    assert max(len(place.known) for place in parser._places) == 1_000


def test_nothing_that_names_anybody_is_remembered_from_row_to_row():
    kinds = {column.field.partition(".")[2]: column.kind for column in built_in("referrals").columns}
    personal = (
        "full_name",
        "family_name",
        "first_name",
        "patronymic",
        "snils",
        "doc_series",
        "doc_number",
        "doc_issuer",
    )
    personal += ("phone", "phone_whose", "address", "registered", "school", "ref", "safe_contact")
    assert {kinds[name] for name in personal if name in kinds}.isdisjoint(REMEMBERED)
    profile = built_in("referrals")
    found = read_layout(io.BytesIO(table(HEADINGS)), profile, Limits())
    parser = RowParser(found, profile, Limits())
    for line in range(2, 5):
        assert not parser.parse(SourceRow(line, tuple(ROW.split(";")))).complaints
    many = [ROW.split(";") for _ in range(3)]
    many[0][4] += " " * 1000
    for row in many:
        parser.parse(SourceRow(9, tuple(row)))
    assert max(len(cell) for place in parser._places for cell in place.known) < 100
    kept = {place.column.kind for place in parser._places if place.known}
    assert kept == {"ogrn", "partial_date", "concerns"}
