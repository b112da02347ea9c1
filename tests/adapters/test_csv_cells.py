"""What a spreadsheet does to a cell, one line each: the cell as it comes, what it means or which rule it breaks."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tables import cells
from adapters.tables.cells import Absence, CellFault, armed, clean, disarmed, guard, join_values, split_values
from adapters.tables.dates import parse_date, parse_instant, parse_partial_date, russian, russian_instant
from adapters.tables.encoding import decode, find_text
from adapters.tables.letters import ONE_BYTE
from adapters.tables.values import KINDS, Reading
from adapters.texts import has_lookalikes, is_prompt
from schemas.errors import DocumentRejected
from tests.adapters.work import Counted, Work, count_patterns, is_linear
from tests.text_strategies import UNSEEN

MOSCOW = timezone(timedelta(hours=3))


def read(kind, raw):
    """(value, notes) or the rule code; a known absence is its own word."""
    try:
        cell = clean(raw)
        if cell.absence is Absence.KNOWN:
            return "none"
        found = KINDS[kind](cell.text, Reading(MOSCOW, "egisso_csv")) if cell.text else None
    except CellFault as fault:
        return fault.code
    return (found.value if found else None), (*cell.notes, *(found.notes if found else ()))


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("snils", "112-233-445 95", ("11223344595", ())),
        ("snils", " 112\u00a0233\u202f445 95 ", ("11223344595", ())),
        ("snils", "112–233–445 95", ("11223344595", ())),
        ("snils", "'11223344595", ("11223344595", ())),
        ("snils", '="08765430300"', ("08765430300", ())),
        ("snils", "11223344595.0", ("11223344595", ())),
        ("snils", "11223344595,00", ("11223344595", ())),
        ("snils", "8765430300", ("08765430300", ("snils_zero_restored",))),
        ("snils", "8765430301", "snils_zero_not_restored"),
        ("snils", "123", "snils_zero_not_restored"),
        ("snils", "1,12233E+10", "scientific_notation"),
        ("snils", "1.12233E+10", "scientific_notation"),
        ("snils", "1,12233Е+10", "scientific_notation"),
        ("snils", "'1,12E+10", "scientific_notation"),
        ("snils", "112-233-445 96", "snils_check_digits"),
        ("snils", "112-233-445 9Б", "snils_malformed"),
        ("snils", "112233445951", "snils_malformed"),
        ("snils", "ХХХ-ХХХ-ХХХ ХХ", "placeholder_left"),
        ("snils", "XXX-XXX-XXX XX", "placeholder_left"),
        ("snils", "нет", "none"),
        ("snils", "Не имеет.", "none"),
        ("snils", "отсутствует", "none"),
        ("snils", "не\u00a0выдан", "none"),
        ("snils", "-", (None, ("unknown_mark",))),
        ("snils", "не указано", (None, ("unknown_mark",))),
        ("snils", "нет данных", (None, ("unknown_mark",))),
        ("snils", "Уточняется", (None, ("unknown_mark",))),
        ("snils", "сведения отсутствуют", (None, ("unknown_mark",))),
        ("snils", "?", (None, ("unknown_mark",))),
        ("snils", "", (None, ())),
        ("ogrn", "'1027700132195", ("1027700132195", ())),
        ("ogrn", "1,0277E+12", "scientific_notation"),
        ("ogrn", "1027700132196", "ogrn_check_digit"),
        ("ogrn", "102770013219", "ogrn_malformed"),
        ("oktmo", "45 301 000", ("45301000", ())),
        ("oktmo", "4530100", "oktmo_malformed"),
        ("oktmo", "45 301 000 5", "oktmo_check_digit"),
        ("oktmo", "453010006", ("45301000", ())),
        ("oktmo", "00301000", "oktmo_check_digit"),
        ("kinship", "0420011", ("0420011", ())),
        ("kinship", "420011", "kinship_code_unknown"),
        ("kinship", "мать", "kinship_code_unknown"),
        ("uuid", "{6F9619FF-8B86-4011-B42D-00CF4FC964FF}", ("6f9619ff-8b86-4011-b42d-00cf4fc964ff", ())),
        ("uuid", "6f9619ff-8b86-4011 -b42d-00cf4fc964ff", "uuid_malformed"),
        ("sex", "М", ("M", ())),
        ("sex", "M", ("M", ())),
        ("sex", "муж.", ("M", ())),
        ("sex", "2", ("F", ())),
        ("sex", "М или Ж", "placeholder_left"),
        ("sex", "да", "code_unknown"),
        ("urgency", "Срочно", ("urgent", ())),
        ("urgency", "cрочно", ("urgent", ("latin_lookalikes",))),
        ("urgency", "вчера", "code_unknown"),
        ("concerns", "NEGLECT|HOUSING", (("NEGLECT", "HOUSING"), ())),
        ("concerns", "NEGLECT, жильё", (("NEGLECT", "HOUSING"), ())),
        ("concerns", "Риск отказа от ребёнка", (("REFUSAL_RISK",), ())),
        ("concerns", "NEGLECT|HUNGER", "concern_unknown"),
        ("codes", "psy-1|law_2", (("psy-1", "law_2"), ())),
        ("codes", "психолог", "code_unknown"),
        ("code", "threat", ("threat", ())),
        ("message_type", "Сигнал", ("signal", ())),
        ("message_type", "записка", "type_not_in_document"),
        ("role", "Мать", ("mother", ())),
        ("role", "троюродная тётя", "person_role_unknown"),
        ("document_type", "05", ("05", ())),
        ("document_type", "5", ("05", ())),
        ("document_type", "свидетельство о рождении", ("05", ())),
        ("document_type", "21", "document_type_unknown"),
        ("document_system", "ФНС", "document_system_unknown"),
        ("boolean", "Да", (True, ())),
        ("boolean", "ЛОЖЬ", (False, ())),
        ("boolean", "возможно", "boolean_malformed"),
        ("number", "4514.0", ("4514", ())),
        ("number", "1,5E+5", "scientific_notation"),
        ("numbers", "'+7 900 000-00-00|8(495)0000000", (("+7 900 000-00-00", "8(495)0000000"), ())),
        ("numbers", "7,9E+10", "scientific_notation"),
        ("texts", "мать|1E5|", (("мать", "1E5", ""), ())),
        ("name", "  Синтетов\u00a0 Иван ", ("Синтетов Иван", ())),
        ("name", "Cинтетов Иван", ("Cинтетов Иван", ("latin_lookalikes",))),
        ("name", "Синтетов <Иван>", "name_odd_characters"),
        ("name", "=A1&B1", "formula_in_cell"),
        ("text", "=СЕГОДНЯ()", "formula_in_cell"),
        ("text", '=HYPERLINK("http://example.org")', "formula_in_cell"),
        ("text", "@SUM(A1)", "formula_in_cell"),
        ("text", "+СУММ(A1:A3)", "formula_in_cell"),
        ("text", "-2+3+cmd|' /C calc'!A0", "formula_in_cell"),
        ("text", "#Н/Д", "spreadsheet_error_value"),
        ("text", "########", "spreadsheet_error_value"),
        ("text", "ДД.ММ.ГГГГ", "placeholder_left"),
        ("text", "<причина>", "placeholder_left"),
        ("text", "- мать не работает (со слов соседей)", ("- мать не работает (со слов соседей)", ())),
        ("text", "'=1+1", ("=1+1", ())),
        ("text", "строка\r\nвторая", ("строка\r\nвторая", ())),
        ("text", "до\x07после", ("допосле", ("control_characters",))),
        ("text", "—", (None, ("unknown_mark",))),
        ("text", "нет работы", ("нет работы", ())),
        ("numbers", "+7 (___) ___-__-__", "placeholder_left"),
        ("numbers", "8(___)", "placeholder_left"),
        ("date", "ДД/ММ/ГГГГ", "placeholder_left"),
        ("instant", "дд.мм.гггг чч:мм", "placeholder_left"),
        ("name", "Фамилия Имя Отчество", "placeholder_left"),
        ("name", "ФИО (полностью)", ("ФИО (полностью)", ())),
        ("name", "Ф.И.О. полностью", "placeholder_left"),
        ("line", "(укажите причину)", "placeholder_left"),
        ("line", "выберите из списка", "placeholder_left"),
        ("line", "Указательная, д. 3", ("Указательная, д. 3", ())),
        ("line", "COVID-19 и школа", ("COVID-19 и школа", ())),
        ("line", "справкa", ("справкa", ("latin_lookalikes",))),
    ],
)
def test_cells(kind, raw, expected):
    assert read(kind, raw) == expected


HOSTILE = [
    "+a",
    "+|",
    "-.",
    "=",
    '="',
    "@a",
    "1e",
    "<",
    "Х-",
    "|",
    "\\",
    "'",
    " .",
    "\u200b",
    "1 ",
    "_ ",
    "8(",
    "укажите ",
]


@pytest.mark.parametrize("raw", HOSTILE)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_longest_cell_is_read_or_refused(kind, raw):
    assert read(kind, (raw * 32_767)[:32_767])


@pytest.fixture(scope="module")
def work():
    with pytest.MonkeyPatch.context() as patch:
        counted = Work()
        assert count_patterns(patch, counted, "adapters.tables", "adapters.texts", "schemas") > 50
        yield counted


def not_linear(work, raw, kinds=sorted(KINDS)):  # noqa: B008  never changed
    def reading(kind):
        return lambda size: work.of(read, kind, (raw * size)[:size])

    return [kind for kind in kinds if not is_linear(reading(kind), 120)]


@pytest.mark.parametrize("raw", HOSTILE)
def test_a_cell_of_twice_as_many_signs_is_twice_the_work_to_read(work, raw):
    assert not_linear(work, raw) == []


@pytest.mark.parametrize(
    ("name", "pattern", "raw"),
    [
        ("_FORMULA", r"^=|^[+\-].*[A-ZА-Я]*.*\(", "+a"),  # two repeats that share their signs out between them
        ("_PROMPT", r"^(?:[ХX]+[-. ]?)+z$", "Х"),
        ("_PROMPT", r"^[_ ]*[_ ]*x$", "_ "),
    ],
)
def test_a_pattern_that_grows_with_the_square_would_be_told(monkeypatch, work, name, pattern, raw):
    monkeypatch.setattr(cells, name, Counted(re.compile(pattern), work))
    assert not_linear(work, raw, ["text"]) == ["text"]


def test_a_loop_that_copies_the_cell_again_and_again_would_be_told(monkeypatch, work):
    def one_by_one(text):
        while "  " in text:
            text = text.replace("  ", " ", 1)
        return text.strip()

    monkeypatch.setattr(cells, "squeeze", one_by_one)
    assert not_linear(work, " ", ["text"]) == [], "nothing is left of it"
    assert not_linear(work, "а  ", ["text"]) == ["text"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("01.03.2026", ("2026-03-01", ())),
        ("1.3.2026", ("2026-03-01", ())),
        ("2026-03-01", ("2026-03-01", ())),
        ("01.03.2026 0:00", ("2026-03-01", ())),
        ("2026-03-01 00:00:00", ("2026-03-01", ())),
        ("2026-03-01T00:00:00", ("2026-03-01", ())),
        ("01.03.2026 14:30", ("2026-03-01", ("time_dropped",))),
        ("1954-10-10+04:00", ("1954-10-10", ("zone_dropped",))),
        ("46083", ("2026-03-02", ("excel_serial_date",))),
        ("43252.0", ("2018-06-01", ("excel_serial_date",))),
        ("1 июня 2018 г.", ("2018-06-01", ())),
        ("«01» июня 2018 года", ("2018-06-01", ())),
        ("25/03/2018", ("2018-03-25", ())),
        ("03/03/2018", ("2018-03-03", ())),
        ("03/04/2018", "date_ambiguous"),
        ("03/25/2018", "date_ambiguous"),
        ("01.03.26", "two_digit_year"),
        ("1/3/26", "two_digit_year"),
        ("1 июня 18 г.", "two_digit_year"),
        ("31.02.2020", "date_impossible"),
        ("29.02.2023", "date_impossible"),
        ("01.13.2020", "date_impossible"),
        ("01.01.1019", "date_impossible"),
        ("1 июнь 2018", "date_malformed"),
        ("вчера", "date_malformed"),
        ("2026", "date_malformed"),
    ],
)
def test_dates(raw, expected):
    try:
        day, notes = parse_date(raw)
        found = (day.isoformat(), notes)
    except CellFault as fault:
        found = fault.code
    assert found == expected


def test_an_expected_child_has_a_month():
    assert parse_partial_date("03.2026") == ("2026-03", ())
    assert parse_partial_date("2026-03") == ("2026-03", ())
    assert parse_partial_date("01.03.2026") == ("2026-03-01", ())


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("02.03.2026 10:15", datetime(2026, 3, 2, 7, 15, tzinfo=UTC)),
        ("02.03.2026 10:15:30", datetime(2026, 3, 2, 7, 15, 30, tzinfo=UTC)),
        ("2026-03-02T10:15:00+05:00", datetime(2026, 3, 2, 5, 15, tzinfo=UTC)),
        ("2026-03-02T10:15:00Z", datetime(2026, 3, 2, 10, 15, tzinfo=UTC)),
    ],
)
def test_instants_are_in_the_senders_zone_unless_they_say_otherwise(raw, expected):
    assert parse_instant(raw, MOSCOW) == (expected, ())


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_a_written_date_reads_as_itself(day):
    assert parse_date(russian(day)) == (day, ())
    assert parse_date(day.isoformat()) == (day, ())


@given(
    st.datetimes(
        datetime(1950, 1, 1),  # noqa: DTZ001 - the bounds of Hypothesis are naive
        datetime(2150, 1, 1),  # noqa: DTZ001 - the same
        timezones=st.just(UTC),
    )
)
def test_a_written_instant_reads_as_itself(instant):
    assert parse_instant(russian_instant(instant, MOSCOW), MOSCOW) == (instant, ())


TRIMMED = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=UNSEEN), max_size=40).map(str.strip)
SAID = TRIMMED.filter(lambda text: not is_prompt(text))


@given(SAID | st.sampled_from(["=1+1", "-", "нет", "'a", "#Н/Д", '="x"', "+7", "@a", "Указать причину отказа"]))
def test_a_guarded_text_is_read_back_and_no_spreadsheet_takes_it_for_a_formula(text):
    cell = guard(text)
    assert clean(cell).text == text
    assert not cell.startswith(("=", "+", "-", "@"))


SIGNS = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "﹦",
    "﹢",
    "﹣",
    "﹫",
    "\t",
    "\r",
    "\n",
    "'",
    " =",
    "\u00a0=",
    "\t=",
)
ANY = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\r\n", exclude_characters=UNSEEN), max_size=20
).filter(lambda text: not is_prompt(text.strip()))


@given(st.builds("{}{}".format, st.sampled_from(SIGNS), ANY) | ANY)
def test_whatever_a_text_begins_with_it_is_disarmed_and_comes_back_as_it_was(text):
    cell = guard(text)
    assert clean(cell).text == (text if text.strip() else "")
    assert not text or not cell.startswith(tuple(sign for sign in SIGNS if sign != "'"))


def outcome(raw, *, returned=False):
    try:
        return clean(raw, returned=returned)
    except CellFault as fault:
        return fault.code


@given(st.text("'= +@A(1)\"!|\u200b\u00a0\n", max_size=8) | ANY)
def test_a_cell_of_a_reject_file_says_what_it_said_and_is_no_formula(raw):
    cell = disarmed(raw)
    assert outcome(cell, returned=True) == outcome(raw)
    assert armed(cell) == raw
    assert disarmed(cell, again=True) == cell
    assert outcome(cell) != "formula_in_cell"


@given(st.lists(TRIMMED, min_size=1, max_size=5))
def test_several_values_in_a_cell_come_apart_as_they_went_in(values):
    assert split_values(join_values(values)) == values


def test_lookalikes_are_found_only_inside_russian_words():
    assert has_lookalikes("cемья")
    assert not has_lookalikes("IT-специалист и Windows")
    assert not has_lookalikes("hello")


def test_no_in_a_column_of_yes_and_no_is_an_answer_and_elsewhere_an_absence(read_csv):
    from tests.adapters.test_csv_reading import HEADINGS, ROW, table

    _, records = read_csv(table(f"{HEADINGS};Семья уведомлена;Ребёнок: кем выдан документ", f"{ROW};нет;нет"))
    assert records[0].draft.family_aware is False
    assert [(c.place, c.code) for c in records[0].complaints] == [("Ребёнок: кем выдан документ", "absence_mark")]


# --- encodings -------------------------------------------------------------------------------------------------------

SHORT_TEXTS = ["Да;Нет", "СНИЛС", "ОГРН получателя;Ребёнок: ФИО", "ИВАНОВ ИВАН", "«Семья» — № 5", "срочно"]


@pytest.mark.parametrize("text", SHORT_TEXTS)
@pytest.mark.parametrize("encoding", [*ONE_BYTE, "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_of_short_russian_text_is_recognised(text, encoding):
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        content = text.replace("«", '"').replace("»", '"').replace("—", "-").replace("№", "N").encode(encoding)
        text = content.decode(encoding)
    assert decode(content) == text


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r", "mac-cyrillic", "utf-8", "utf-8-sig", "utf-16"])
def test_a_decoded_file_can_be_written_in_its_own_encoding(encoding):
    content = "ОГРН;Ребёнок\r\n".encode(encoding)
    source = find_text(io.BytesIO(content))
    assert source.mark + source.encode(decode(content)) == content


def test_our_own_words_are_written_even_where_signs_are_missing():
    source = find_text(io.BytesIO("ОГРН;Ребёнок".encode("koi8-r")))
    assert source.encode("«да» — №").decode("koi8-r") == '"да" - N'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04" + b"\x00" * 30, "document_is_spreadsheet"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 30, "document_is_spreadsheet"),
        (b"%PDF-1.7", "document_is_spreadsheet"),
        (bytes(range(256)) * 4, "document_is_not_text"),
        (b"\xb0\xb1\xb2\xdb" * 20, "document_is_not_text"),
        ("日本語の表".encode("shift_jis"), "document_is_not_text"),
        (b"\xff\xfe\x00", "document_is_not_text"),
        (b"a\x00\x01\x02b" * 40, "document_is_not_text"),
    ],
)
def test_what_is_not_a_text_table_is_refused(content, code):
    with pytest.raises(DocumentRejected) as caught:
        decode(content)
    assert caught.value.code == code
