"""One fault in a CSV file: the row that has it is refused at its line, the rows before and after it are read."""

from __future__ import annotations

import csv
import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tables import quotes
from adapters.tables.letters import ONE_BYTE, is_of_another
from adapters.tables.quotes import CsvRow, CsvRows, cell_places, cells_of
from adapters.tables.reader import read_table
from adapters.tables.rejects import reject_file
from schemas.errors import DocumentRejected
from tests.adapters.test_csv_reading import HEADINGS, ROW, SENDER, table

HEAD = f"{HEADINGS};Причина обращения"
NAMES = ("Иван", "Пётр", "Семён", "Юрий", "Анна")


def row(name: str, words: str = "слова") -> str:
    return f"{ROW.replace('Иван', name)};{words}"


def read(content: bytes) -> tuple[Any, list[Any]]:
    reading = read_table(io.BytesIO(content), defaults={"sender_ogrn": SENDER})
    records = list(reading.records)
    for record in records:
        reading.report.add(record)
    return reading, records


def taken(records: list[Any]) -> list[str]:
    return [record.draft.persons[0].identity.full_name.split()[-1] for record in records if record.draft]


def refused(records: list[Any]) -> list[tuple[int, str]]:
    return [(one.line, one.code) for record in records if record.draft is None for one in record.complaints]


ROWS = [row(name) for name in NAMES]
OPEN = ROWS[1].replace("Синтетов", '"Синтетов')
IN_WORDS = row("Пётр", '"слова')
MORE = [row("Иван")] * 3_000


@pytest.mark.parametrize(
    ("rows", "found", "at"),
    [
        ([ROWS[0], OPEN, *ROWS[2:]], ["Иван", "Семён", "Юрий", "Анна"], [3]),
        ([ROWS[0], IN_WORDS, *ROWS[2:]], ["Иван", "Семён", "Юрий", "Анна"], [3]),
        ([ROWS[0], OPEN, *MORE], ["Иван", *["Иван"] * 3_000], [3]),
        ([ROWS[0], IN_WORDS, ROWS[2], row("Юрий", '"слова"'), ROWS[4]], ["Иван", "Семён", "Юрий", "Анна"], [3]),
        ([ROWS[0], IN_WORDS, row("Юрий", '"слова"'), ROWS[4]], ["Иван", "Юрий", "Анна"], [3]),
        ([ROWS[0], OPEN, row("Юрий", '"слова ""в кавычках"""'), ROWS[4]], ["Иван", "Юрий", "Анна"], [3]),
        ([OPEN, ROWS[0], "", ROWS[2], IN_WORDS, *MORE], ["Иван", "Семён", *["Иван"] * 3_000], [2, 6]),
        ([ROWS[0], row("Пётр", '"слова\r\nиз двух строк'), *ROWS[2:]], ["Иван", "Семён", "Юрий", "Анна"], [3]),
    ],
    ids=[
        "never closed",
        "in the last cell",
        "far below",
        "by a later quote",
        "by the next",
        "doubled",
        "two",
        "two lines",
    ],
)
def test_a_misplaced_quote_keeps_its_own_row_out(rows: list[str], found: list[str], at: list[int]) -> None:
    _, records = read(table(HEAD, *rows))
    assert taken(records) == found
    assert refused(records) == [(line, "quote_not_closed") for line in at]


@pytest.mark.parametrize(
    "words",
    ['"Первая\r\nвторая ""в кавычках"""', '"а;б;в\r\nг"', '"один\r\n\r\nтри"', '"список:\r\n1; 2; 3; 4; 5; 6; 7"'],
)
def test_a_cell_of_several_lines_is_no_misplaced_quote(words: str) -> None:
    _, records = read(table(HEAD, ROWS[0], row("Пётр", words), ROWS[2]))
    assert taken(records) == ["Иван", "Пётр", "Семён"]
    assert "".join(records[1].draft.statement.split()) == "".join(words[1:-1].replace('""', '"').split())


def test_a_quote_that_takes_the_next_cell_into_its_own_moves_no_columns() -> None:
    """All cells are quoted, one lacks its second quote: it would be read as one cell fewer, and the rest too early."""
    cells = [f'"{cell}"' for cell in ROWS[1].split(";")]
    cells[2] = cells[2][:-1]
    _, records = read(table(HEAD, ROWS[0], ";".join(cells), ROWS[2]))
    assert taken(records) == ["Иван", "Семён"]
    assert refused(records) == [(3, "quote_not_closed")]
    _, records = read(table(HEAD, ROWS[0], ROWS[1].removesuffix(";слова").replace("Синтетов", 'Синт"етов'), ROWS[2]))
    assert [code for _, code in refused(records)] != ["quote_not_closed"], "a row may be shorter, and have a quote"


def test_a_total_with_an_open_quote_is_not_passed_over() -> None:
    """Rows may stand in its quotes that cannot be told apart."""
    narrow = [one.rsplit(";", 1)[0] for one in ROWS[1:4]]
    reading, records = read(table(HEAD, ROWS[0], 'Итого;"5', *narrow, "слова"))
    assert taken(records) == ["Иван"]
    assert refused(records) == [(3, "quote_not_closed")]
    assert "Семён" in reject_file(reading.layout, records).decode()


def test_how_wide_a_row_is_say_the_headings_and_not_what_stands_above_them() -> None:
    _, records = read(table("Реестр", HEAD) + ROWS[0].removesuffix(";слова").encode())
    assert refused(records) == [(3, "row_cut_short")]


@pytest.mark.parametrize("other", ["koi8-r", "cp866"])
def test_words_of_a_reject_file_do_not_vouch_for_the_letters_of_its_rows(other: str) -> None:
    reading, records = read(table(HEAD, *ROWS[:4], encoding="cp1251") + table(ROWS[4], encoding=other))
    returned = reject_file(reading.layout, records)
    assert refused(read(returned)[1]) == [(2, "row_other_encoding")]


def test_a_row_with_a_misplaced_quote_says_nothing_of_the_width_of_the_next() -> None:
    rows = list(CsvRows(iter(["а;б;в;г\n", 'а;"б;"в";г\n', 'а;"б;"в";г\n', "а;б;в;г\n"]), ";"))
    assert [one.fault for one in rows] == [None, "quote_not_closed", "quote_not_closed", None]


def test_a_cell_of_several_lines_that_a_quote_inside_closes_is_refused_where_a_cell_is_missing() -> None:
    lines = ["а;б;в;г\n", 'а;"б\n', "и ещё\n", 'слова;"в";г\n', "а;б;в;г\n"]
    rows = list(CsvRows(iter(lines), ";"))
    assert [(one.line, one.lines, one.fault) for one in rows] == [
        (1, 1, None),
        (2, 3, "quote_not_closed"),
        (5, 1, None),
    ]


def test_a_file_that_breaks_off_inside_quotes_gives_no_row_of_prose() -> None:
    """The last line may look like a row: it is that of a cell."""
    _, records = read(table(HEAD, ROWS[0], row("Пётр", '"Первая'))[:-2] + "\r\nа;б;в;г;д;е;ж".encode())
    assert taken(records) == ["Иван"]
    assert refused(records) == [(3, "quote_not_closed")]
    _, records = read(table(HEAD, ROWS[0], row("Пётр", '"Первая'), "вторая", "третья; и ещё", "четвёртая"))
    assert refused(records) == [(3, "quote_not_closed")]


@pytest.mark.parametrize(
    "long", ["ы" * 100_000, "ы" * 200_000, f'"{"ы" * 200_000}"', '"' + "строка\r\n" * 30_000 + '"']
)
def test_a_cell_that_is_too_long_keeps_its_own_row_out_and_comes_back(long: str) -> None:
    reading, records = read(table(HEAD, ROWS[0], row("Пётр", long), ROWS[2]))
    assert taken(records) == ["Иван", "Семён"]
    assert refused(records) == [(3, "cell_too_long")]
    assert reading.report.complaints[0].place == "Причина обращения"
    returned = reject_file(reading.layout, records).decode("utf-8")
    assert ("ы" * 1_000 in returned) or returned.count("строка") == 30_000


def test_before_a_row_can_be_known_by_its_width_the_file_is_refused_as_before() -> None:
    with pytest.raises(DocumentRejected, match="heading_not_found"):
        read(table('"' + "слова\r\n" * 50_000))


@given(st.lists(st.text('аб;" \n', max_size=6), min_size=1, max_size=4), st.sampled_from(";,\t"))
def test_cells_are_those_of_the_library(cells: list[str], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    assert cells_of(out.getvalue(), delimiter) == cells


@given(st.text('аб;"', max_size=12))
def test_cells_of_any_line_are_those_of_the_library(line: str) -> None:
    assert cells_of(f"{line}", ";") == (next(csv.reader([line], delimiter=";")) if line else [""])


@given(st.text('аб;"', max_size=12), st.booleans())
def test_cells_stand_side_by_side_in_their_line(line: str, strict: bool) -> None:
    places = list(cell_places(f"{line}\r\n", ";", strict=strict))
    assert ";".join(line[place] for place in places) == line
    if strict:
        assert len(places) >= len(list(cell_places(line, ";")))
    if '"' not in line:
        assert [line[place] for place in places] == line.split(";")


@pytest.mark.parametrize(
    ("line", "cells", "strict"),
    [
        ('"а;б;в', ['"а;б;в'], ['"а', "б", "в"]),
        ('а;"б;в;"г"', ["а", '"б;в;"г"'], ["а", '"б', "в", '"г"']),
        ('"а;б";в', ['"а;б"', "в"], ['"а;б"', "в"]),
        ('а;"', ["а", '"'], ["а", '"']),
        ('"а"";";б', ['"а"";"', "б"], ['"а"";"', "б"]),
        ("", [""], [""]),
    ],
)
def test_a_quote_that_ends_where_no_cell_does_may_be_a_sign_like_others(
    line: str, cells: list[str], strict: list[str]
) -> None:
    for is_strict, expected in ((False, cells), (True, strict)):
        assert [line[place] for place in cell_places(line, ";", strict=is_strict)] == expected


def test_a_row_of_empty_cells_takes_no_more_than_its_cells() -> None:
    line = ";" * 500_000
    cells_of(line[:10], ";")
    tracemalloc.start()
    try:
        assert len(cells_of(line, ";")) == len(line) + 1
        assert sum(1 for _ in cell_places(line, ";")) == len(line) + 1
        assert tracemalloc.get_traced_memory()[1] < 12 * len(line), "a pointer for each, and no place"
    finally:
        tracemalloc.stop()


@given(st.lists(st.text('а;"', max_size=8), max_size=8))
def test_every_line_belongs_to_one_row(lines: list[str]) -> None:
    """Whatever the quotes: no line is lost, none is read twice."""
    rows = list(CsvRows(iter([f"{line}\n" for line in lines]), ";"))
    starts = [one.line for one in rows]
    assert starts == sorted(set(starts))
    assert starts == [1, *(one.line + one.lines for one in rows)][: len(rows)]
    assert sum(one.lines for one in rows) == len(lines)
    assert sum(one.count("а") for found in rows for one in found.cells) == sum(line.count("а") for line in lines)


def test_rows_without_odd_quotes_are_those_of_the_library() -> None:
    lines = ['а;"б\n', 'в";г\n', "\n", 'д;"е"\n']
    assert [list(one.cells) for one in CsvRows(iter(lines), ";")] == list(csv.reader(lines, delimiter=";"))
    assert list(CsvRows(iter(["а;б\n"]), ";")) == [CsvRow(1, ["а", "б"])]


def test_lines_are_not_read_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every line opens a quote anew, each of them would have all lines below it read again."""
    monkeypatch.setattr(quotes, "MEGABYTE", 1_000)
    lines = ["а;б;в\n", *['а"б;в;"г\n'] * 2_000]
    rows = CsvRows(iter(lines), ";")
    assert sum(one.count("г") for found in rows for one in found.cells) == 2_000
    assert rows._read_again <= 2 * sum(map(len, lines)) + 1_000


# --- bytes and letters -----------------------------------------------------------------------------------------------


def damaged(before: bytes, after: bytes, encoding: str = "utf-8") -> bytes:
    """A table with a few bytes of its third row changed."""
    content = table(HEAD, *ROWS, encoding=encoding)
    at = content.index("Семён".encode(encoding))
    assert content[at : at + len(before)] == before
    return content[:at] + after + content[at + len(before) :]


S = "Се".encode()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S[:1], b""),
        (S[:2], S[:1]),
        (S[:2], S[:1] + b"?"),
        (S[:2], b"\xd1"),
        (S[:1], b"\xff"),
        (S[:1], b"\x98"),
        (b"", b"\xe9"),
    ],
)
def test_a_broken_byte_is_a_complaint_of_its_row(mark: bytes, before: bytes, after: bytes) -> None:
    reading, records = read(mark + damaged(before, after))
    assert taken(records) == ["Иван", "Пётр", "Юрий", "Анна"]
    assert refused(records) == [(4, "row_broken_bytes")]
    returned, as_it_stood = reject_file(reading.layout, records), damaged(before, after).split(b"\r\n")[3]
    assert returned.splitlines()[1].startswith(as_it_stood)
    assert refused(read(returned)[1]) == [(2, "row_broken_bytes")]
    assert taken(read(returned.replace(as_it_stood, ROWS[2].encode()))[1]) == ["Семён"], "corrected, it is taken"


def test_a_byte_that_an_encoding_has_no_letter_for_is_a_complaint_of_its_row() -> None:
    _, records = read(damaged(b"\xd1", b"\x98", "cp1251"))
    assert taken(records) == ["Иван", "Пётр", "Юрий", "Анна"]
    assert refused(records) == [(4, "row_broken_bytes")]


def test_half_a_letter_of_utf_16_is_a_complaint_of_its_row() -> None:
    content = table(HEAD, *ROWS, encoding="utf-16-le")
    at = content.index("Семён".encode("utf-16-le"))
    _, records = read(content[:at] + b"\x00\xd8" + content[at + 2 :])
    assert taken(records) == ["Иван", "Пётр", "Юрий", "Анна"]
    assert refused(records) == [(4, "row_broken_bytes")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("cut", range(1, 12))
def test_a_file_that_is_cut_at_any_byte_gives_its_whole_rows_and_tells_where_it_breaks(encoding: str, cut: int) -> None:
    content = "\r\n".join([HEAD, *ROWS]).encode(encoding)
    _, records = read(content[: -cut - 20])
    assert taken(records) == list(NAMES[:4])
    assert [(line, code) for line, code in refused(records) if code == "row_cut_short"] == [(6, "row_cut_short")]


@pytest.mark.parametrize("third", ["koi8-r", "cp866"])
def test_a_row_in_a_third_encoding_is_refused(third: str) -> None:
    """It was read as «яЕЛЪМ», with a warning."""
    content = table(HEAD, *ROWS[:2]) + table(ROWS[2], ROWS[3], encoding="cp1251") + table(ROWS[4], encoding=third)
    reading, records = read(content)
    assert taken(records) == list(NAMES[:4])
    assert refused(records) == [(6, "row_other_encoding")]
    assert [(one.code, one.line) for one in reading.report.complaints] == [
        ("two_encodings", 4),
        ("row_other_encoding", 6),
    ]


@pytest.mark.parametrize("second", ["koi8-r", "cp866"])
def test_a_row_in_another_encoding_of_one_byte_is_refused(second: str) -> None:
    content = table(HEAD, *ROWS[:4], encoding="cp1251") + table(ROWS[4], encoding=second)
    _, records = read(content)
    assert taken(records) == list(NAMES[:4])
    assert refused(records) == [(6, "row_other_encoding")]


PEOPLE = [
    "Иванов Иван Иванович",
    "Щукина Юлия Олеговна",
    "Объедков Пётр",
    "ЁЖИКОВ ТИМУР",
    "Мамед-оглы Эльвира",
    "смирнова ольга петровна",
]
WORDS = ["нет", "ребёнок пропускает школу", "МБОУ СОШ № 5", "ул. Ленина, д. 5", "ООО «РомашкаПлюс»", "112-233-445 95"]


@pytest.mark.parametrize("encoding", ONE_BYTE)
@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("words", WORDS)
def test_a_row_is_doubted_in_the_wrong_encoding_and_never_in_its_own(encoding: str, name: str, words: str) -> None:
    text = f"{name}\n{words}"
    sent = text.encode(encoding, "replace")
    assert not is_of_another(sent.decode(encoding, "replace"), encoding)
    for other in {"cp1251", "cp866", "koi8-r"} - {
        encoding,
        {"mac-cyrillic": "cp1251"}.get(encoding),
    }:  # near each other
        seen = sent.decode(other, "replace")
        assert seen == text or is_of_another(seen, other), (other, seen)


def test_letters_of_neighbours_and_signs_of_their_own_are_no_other_encoding() -> None:
    for text in (
        "Гжегож Бженчишчикевич",
        "Мкртчян Цхалтубо",
        "Ким Чже",
        "Эрдэнэ",
        "±5 °C",
        "abc",
        "",
        "Київ, вул. Хрещатик",
    ):
        assert not is_of_another(text, "cp1251"), text
