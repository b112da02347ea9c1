"""One fault in a table of facts: its own fact is refused and comes back byte for byte, every other is read as it was."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapters.egisso import table as egisso_table
from adapters.egisso.answer import write_answer
from adapters.egisso.facts_reader import read_facts
from adapters.egisso.facts_rejects import reject_facts
from adapters.egisso.facts_writer import write_facts
from adapters.formats import Context, FormatRecord, Reading
from adapters.limits import DEFAULT_LIMITS
from adapters.report import Severity
from adapters.tables import source
from schemas.errors import DocumentRejected
from tests.adapters.egisso.test_facts import HEADINGS, TABLE
from tests.adapters.egisso.test_registers import NOW
from tests.egisso_strategies import tables

LINES = TABLE.decode("cp1251").replace("№", "N").splitlines()
HEAD, FACT, REASON, CRITERIA, SECOND, END, ERROR = LINES
ENCODINGS = ("cp1251", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp866", "koi8-r", "mac-cyrillic")


def fact(number: int) -> str:
    """A fact with an identifier of its own."""
    return SECOND.replace("000000000002", f"{number:012}", 1).replace('"Набор ""Первоклассник"""', "Набор")


F = [fact(number) for number in range(11, 17)]
OPEN = F[1].replace("Вымышленная", '"Вымышленная')
LAST = f'{F[1].removesuffix("2500,50")}"2500,50'


def content(*lines: str, encoding: str = "cp1251", end: str = "\r\n") -> bytes:
    return "".join(f"{line}{end}" for line in lines).encode(encoding)


def read(content: bytes, **limits: int) -> tuple[Reading, list[FormatRecord]]:
    reading = read_facts(io.BytesIO(content), Context(replace(DEFAULT_LIMITS, **limits)))
    return reading, [reading.take(record) for record in reading.records]


def values(content: bytes) -> list[Any]:
    return [record.value for record in read(content)[1]]


def taken(content: bytes) -> list[int]:
    """The last digits of the identifiers of what was taken."""
    return [int(value.uuid[-4:]) for value in values(content) if value is not None]


def errors(content: bytes, **limits: int) -> list[tuple[int | None, str, str]]:
    """Line, place and rule of everything that keeps a fact out."""
    found = [one for record in read(content, **limits)[1] for one in record.complaints]
    assert all(one.message(language) and one.remedy(language) for one in found for language in ("ru", "en"))
    return [(one.line, one.place, one.code) for one in found if one.severity is Severity.ERROR]


def told(content: bytes) -> list[tuple[str, int | None]]:
    """What is said of the file as a whole."""
    return [(one.code, one.line) for one in read(content)[0].report.complaints if one.record is None]


def back(content: bytes) -> bytes:
    refused = [record for record in read(content)[1] if record.value is None]
    return b"".join(reject_facts(io.BytesIO(content), Context(), refused))


# --- whatever is wrong with one row ----------------------------------------------------------------------------------


def _bytes(line: bytes, at: int, broken: bytes) -> bytes:
    return line[:at] + broken + line[at + 1 :]


DAMAGES = ("bytes", "open quote", "quote inside", "half of the quotes", "long", "delimiter", "encoding")
HARMLESS = ("quote inside", "long")
"""What may be taken as it stands: a quote that is a sign like others, a cell that is not taken in a row that goes on."""


@st.composite
def damages(draw: Any, line: str, encoding: str) -> tuple[str, bytes]:
    """A line with one fault, and what the fault is."""
    cells = line.split(";")
    place = draw(st.integers(0, len(cells) - 1))
    kind = draw(st.sampled_from(DAMAGES))
    match kind:
        case "bytes":
            found = line.encode(encoding)
            step = 2 if encoding.startswith("utf-16") else 1
            at = draw(st.integers(0, len(found) // step - 1)) * step
            broken = {"utf-16-le": b"\x00\xd8", "cp1251": b"\x98"}.get(encoding, b"\xff")
            return kind, found[:at] + broken + found[at + step :]
        case "open quote":
            cells[place] = f'"{cells[place]}'
        case "quote inside":
            cells[place] = f'"{cells[place]}"x'
        case "half of the quotes":
            cells = [f'"{cell}"' for cell in cells]
            cells[place] = cells[place][:-1]
        case "long":
            cells[place] = "ы" * draw(st.sampled_from([40_000, 140_000]))
        case "delimiter":
            delimiter = draw(st.sampled_from(",\t|"))
            return delimiter, delimiter.join(cells).encode(encoding)
        case _:
            return kind, line.encode("koi8-r" if encoding == "cp1251" else encoding, "replace")
    return kind, ";".join(cells).encode(encoding)


@st.composite
def damaged(draw: Any) -> tuple[str, list[str], int, str, bytes]:
    """The encoding and the lines of a good table, which of them has a fault, which fault, and how it stands then."""
    encoding = draw(st.sampled_from(["cp1251", "utf-8", "utf-16-le"]))
    lines = write_facts(*draw(tables())).decode("cp1251").split("\r\n")[:-1]
    assume(not any('"' in line or "\n" in line for line in lines))
    at = draw(st.integers(1, len(lines) - 1))
    kind, wrong = draw(damages(lines[at], encoding))
    if kind == "encoding":  # a row of a criterion is taken to be in the encoding of its fact
        assume(not lines[at].startswith("Criteria"))
    return encoding, lines, at, kind, wrong


@settings(max_examples=60)
@given(damaged())
def test_a_fault_of_one_row_keeps_its_own_fact_out_and_changes_no_other(made: Any) -> None:
    encoding, lines, at, kind, wrong = made
    plain = [line.encode(encoding) for line in lines]
    end = "\r\n".encode(encoding)
    before = read(end.join([*plain, b""]))[1]
    own = max(number for number, record in enumerate(before) if record.line <= at + 1)
    bad = end.join([*plain[:at], wrong, *plain[at + 1 :], b""])
    reading, after = read(bad)
    if kind == "encoding":  # whatever most rows are in is the encoding of the file
        assume(reading.report.rules["egisso_encoding"] == (encoding != "cp1251"))
    assert [one.value for one in (*after[:own], *after[own + 1 :])] == [
        one.value for one in (*before[:own], *before[own + 1 :])
    ]
    if after[own].value == before[own].value or (kind in HARMLESS and after[own].value is not None):
        return
    assert after[own].value is None
    returned = back(bad)
    assert wrong in returned
    assert back(returned) == returned, "nothing of it is taken before it is corrected"
    after_it = kind if kind in ",\t|" else ";"  # who puts a delimiter right does so in the whole row
    corrected = returned.replace(wrong + after_it.encode(encoding), plain[at] + ";".encode(encoding))
    assert values(corrected) == [before[own].value]


@settings(max_examples=40)
@given(st.sampled_from(ENCODINGS), st.integers(1, 5), st.booleans())
def test_every_row_of_a_refused_fact_comes_back_byte_for_byte(encoding: str, wrong: int, ended: bool) -> None:
    """Whatever the encoding, and wherever the refused one stands."""
    rows = [FACT, REASON, CRITERIA, *F[:3]]
    for before, after in (("Fact;", "Fakt;"), (";7;", ";семь;"), (".2021;", ".21;")):
        rows[wrong] = rows[wrong].replace(before, after)
    bad = content("Реестр;;", HEAD, *rows, encoding=encoding)
    bad = bad if ended or encoding.startswith("utf-16") else bad[:-2]
    own = rows[:3] if wrong < 3 else rows[wrong : wrong + 1]
    decoded = back(bad).decode(encoding)
    lines = decoded.splitlines()
    assert lines[:2] == ["Реестр;;", f'{HEAD};"Ошибка"']
    assert [line[: len(row)] for line, row in zip(lines[2:], own, strict=True)] == own
    assert all(
        line[len(row) :].startswith(';"') and line.endswith('"') for line, row in zip(lines[2:], own, strict=True)
    )
    assert decoded.count("\n") == decoded.count("\r\n") == len(lines)
    assert back(bad)[:3] == bad[:3]


@pytest.mark.law(8)
def test_an_answer_and_a_complaint_repeat_nothing_of_a_row_that_cannot_be_read() -> None:
    """Where a quote has taken other cells with it, even the identifier is no identifier."""
    wrong = F[1].replace("33333333-cccc-4ccc-8ccc-000000000012;", '"33333333-cccc-4ccc-8ccc-000000000012;')
    for row in (OPEN, LAST, wrong, F[1].replace(";", "\t"), f"{F[1]};лишнее"):
        reading, records = read(content(HEAD, F[0], row, F[2]))
        said = write_answer(reading, records, NOW).decode() + repr(records[1])
        said += "".join(str(one.as_dict()) for one in reading.report.complaints)
        assert not [one for one in ("Вымышлен", "Тестовна", "1122334", "1990", "лишнее") if one in said]
        assert records[1].value is None


# --- cells that are too long -----------------------------------------------------------------------------------------

TOO_LONG = [
    ("content", "ы" * 32_768, True),
    ("content", "ы" * 131_073, True),
    ("content", f'"{"ы" * 200_000}"', True),
    ("content", '"' + "строка\r\n" * 30_000 + '"', True),
    ("SNILS_recip", "1" * 40_000, True),
    ("RecType", "ы" * 40_000, True),
    ("content", "ы" * 1_000, False),
]


@pytest.mark.parametrize(("column", "cell", "is_too_long"), TOO_LONG, ids=range(len(TOO_LONG)))
def test_a_cell_that_is_too_long_is_told_once_at_its_column(column: str, cell: str, is_too_long: bool) -> None:
    cells = F[1].split(";")
    cells[HEADINGS.index(column)] = cell
    bad = content(HEAD, F[0], ";".join(cells), F[2])
    assert taken(bad) == ([11, 13] if is_too_long else [11, 12, 13])
    assert errors(bad) == ([(3, column, "cell_too_long")] if is_too_long else [])
    if is_too_long:
        returned = back(bad)
        assert ";".join(cells).encode("cp1251") in returned
        assert taken(returned.replace(";".join(cells).encode("cp1251"), F[1].encode("cp1251"))) == [12]


def test_the_limit_of_a_cell_is_that_of_other_tables() -> None:
    bad = content(HEAD, F[0], F[1])
    assert errors(bad, max_cell=30) == [
        (line, place, "cell_too_long")
        for line in (2, 3)
        for place in ("assignmentFactUuid", "LMSZID", "categoryID", "doc_Issuer_recip")
    ]
    long = content(f"{HEAD};Заметка", f"{F[0]};{'ы' * 40_000}", F[1])
    assert taken(long) == [11, 12], "nobody takes it, whatever it holds"


# --- quotes ----------------------------------------------------------------------------------------------------------

QUOTES = [
    ([F[0], OPEN, *F[2:]], [11, 13, 14, 15, 16], [3]),
    ([F[0], LAST, *F[2:]], [11, 13, 14, 15, 16], [3]),
    ([F[0], LAST, F[2], F[3].replace("Набор", '"Набор"'), F[4]], [11, 13, 14, 15], [3]),
    ([F[0], LAST, F[2].replace("Набор", '"Набор"'), F[4]], [11, 13, 15], [3]),
    ([OPEN, F[0], "", F[2], LAST.replace("0012", "0017"), *F[3:]], [11, 13, 14, 15, 16], [2, 6]),
    ([F[0], OPEN], [11], [3]),
    ([OPEN, F[0]], [11], [2]),
    ([F[0], LAST, "слова", "ещё; слова"], [11], [3]),
    ([F[0], f'"{F[1]}', F[2]], [11, 13], [3]),
    ([FACT, REASON.replace("Анна", '"Анна'), CRITERIA, *F[:2]], [11, 12], [3]),
    ([FACT, f'"{REASON}', CRITERIA, *F[:2]], [11, 12], [3]),
    ([F[0], 'Итого;"5', *F[1:3]], [11, 12, 13], [3]),
    ([F[0], *[one.replace("Вымышленная;", '"Вымышленная;"') for one in F[1:4]]], [11], [3, 4, 5]),
]


@pytest.mark.parametrize(("rows", "found", "at"), QUOTES, ids=range(len(QUOTES)))
def test_a_misplaced_quote_keeps_its_own_fact_out(rows: list[str], found: list[int], at: list[int]) -> None:
    bad = content(HEAD, *rows)
    assert taken(bad) == found
    assert errors(bad) == [(line, "", "quote_not_closed") for line in at]
    returned = back(bad)
    assert all(rows[line - 2].encode("cp1251") in returned for line in at)
    assert back(returned) == returned


def test_a_row_of_a_total_with_an_open_quote_is_not_passed_over() -> None:
    """Facts may stand in its quotes that cannot be told apart."""
    bad = content(HEAD, F[0], 'Итого;"5', "слова", *(one.replace(";", ";;", 1) for one in F[1:3]), "слова")
    assert taken(bad) == [11]
    assert errors(bad)[0] == (3, "", "quote_not_closed")
    assert F[2].split(";")[1].encode() in back(bad)


def test_quotes_that_can_be_told_apart_are_told_in_a_reject_file_too() -> None:
    """Whoever closes the quote, or takes it away, has the fact."""
    returned = back(content(HEAD, F[0], OPEN, F[2]))
    for good in (F[1], F[1].replace("Вымышленная", '"Вымышленная"')):
        assert taken(returned.replace(OPEN.encode("cp1251"), good.encode("cp1251"))) == [12]
    short = ";".join([*F[1].split(";")[:40], '"ООО "Ромашка""'])
    returned = back(content(HEAD, F[0], short, F[2]))
    assert short.encode("cp1251") + b"\r\n" in returned, "a cell of ours would make it as wide as the others"
    assert back(returned) == returned


# --- bytes and encodings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "before", "after"),
    [
        ("cp1251", b"\xd2\xe5", b"\x98\xe5"),
        ("utf-8", "Те".encode()[:1], b""),
        ("utf-8", "Те".encode()[:2], b"\xd0"),
        ("utf-8", "Те".encode()[:1], b"\xff"),
        ("utf-8-sig", "Те".encode()[:1], b"\x98"),
        ("utf-8", b"", b"\xe9"),
        ("utf-16-le", "Т".encode("utf-16-le"), b"\x00\xd8"),
        ("utf-16", "Т".encode("utf-16-le"), b"\x00\xdc"),
    ],
)
def test_a_broken_byte_is_a_complaint_of_its_row_and_comes_back(encoding: str, before: bytes, after: bytes) -> None:
    good = content(HEAD, *F, encoding=encoding)
    mark = len("".encode(encoding))
    at = good.index("Тестовна".encode(encoding)[mark:], good.index("0013;".encode(encoding)[mark:]))
    assert good[at : at + len(before)] == before
    bad = good[:at] + after + good[at + len(before) :]
    assert taken(bad) == [11, 12, 14, 15, 16]
    assert errors(bad) == [(4, "", "row_broken_bytes")]
    returned = back(bad)
    start = bad.index("Fact;".encode(encoding)[mark:], bad.index("0012;".encode(encoding)[mark:]))
    assert bad[start : bad.index("\r\n".encode(encoding)[mark:], at)] in returned
    assert back(returned) == returned
    here = returned.index(bad[at - 8 : at + len(after)]) + 8
    assert values(returned[:here] + before + returned[here + len(after) :]) == values(good)[2:3]


def test_a_broken_byte_in_a_row_of_ascii_is_one_too() -> None:
    """No other line has letters of another encoding: it is no row of another file."""
    bad = content(HEAD, *F[:2], encoding="utf-8") + CRITERIA.encode().replace(b";7;", b"0\xff;7;") + b"\r\n"
    assert taken(bad) == [11]
    assert errors(bad) == [(4, "", "row_broken_bytes")]
    assert told(bad) == [("egisso_encoding", None)]


def test_a_sign_that_nobody_can_print_is_a_complaint_of_its_cell() -> None:
    bad = content(HEAD, F[0], F[1].replace("Тестовна", "Тесто\x00вна"), F[2])
    assert taken(bad) == [11, 13]
    assert errors(bad) == [(3, "Patronymic_recip", "egisso_unprintable")]
    assert F[1].replace("Тестовна", "Тесто\x00вна").encode("cp1251") in back(bad)


GLUED = [
    ("cp1251", "utf-8", [("two_encodings", 5)], []),
    ("cp1251", "utf-8-sig", [("two_encodings", 5)], []),
    ("utf-8", "cp1251", [("egisso_encoding", None), ("two_encodings", 5)], []),
    ("utf-8-sig", "cp1251", [("egisso_encoding", None), ("two_encodings", 5)], []),
    ("utf-8", "cp866", [("egisso_encoding", None), ("two_encodings", 5)], []),
    ("utf-8", "koi8-r", [("egisso_encoding", None), ("two_encodings", 5)], []),
    ("cp1251", "koi8-r", [], [6, 7]),
    ("cp1251", "cp866", [], [6, 7]),
    ("koi8-r", "cp1251", [("egisso_encoding", None)], [6, 7]),
    ("cp866", "cp1251", [("egisso_encoding", None)], [6, 7]),
]


@pytest.mark.parametrize(("first", "second", "of_file", "at"), GLUED, ids=["+".join(one[:2]) for one in GLUED])
def test_two_exports_glued_together(first: str, second: str, of_file: list[Any], at: list[int]) -> None:
    """UTF-8 and one more encoding are both read; rows that are in neither are refused."""
    more = [F[3], F[4]]
    both = content(HEAD, *F[:3], encoding=first) + content(HEAD, *more, encoding=second)
    assert taken(both) == ([11, 12, 13] if at else [11, 12, 13, 14, 15])
    assert errors(both) == [(line, "", "row_other_encoding") for line in at]
    assert [(code, line and 6 if code == "two_encodings" else line) for code, line in told(both)] == [
        (code, line and 6) for code, line in of_file
    ]
    if at:
        returned = back(both)
        for row in more:
            assert row.encode(second) in returned
        assert back(returned) == returned, "alone they are of another encoding still"
        for row in more:
            returned = returned.replace(row.encode(second), row.encode(first))
        assert taken(returned) == [14, 15]


@pytest.mark.parametrize(("first", "second"), [("cp1251", "utf-8"), ("utf-8", "cp1251"), ("utf-8", "cp866")])
def test_refused_rows_of_two_encodings_come_back_each_in_its_own(first: str, second: str) -> None:
    wrong = [one.replace(";02;3,00;", ";02;три;") for one in F]
    both = content(HEAD, wrong[0], F[1], wrong[2], encoding=first) + content(wrong[3], F[4], encoding=second)
    returned = back(both)
    found = returned.splitlines()
    assert [line.startswith(row.encode(one)) for line, row, one in zip(
        found[1:], (wrong[0], wrong[2], wrong[3]), (first, first, second), strict=True
    )] == [True] * 3  # fmt: skip
    assert [
        line.decode(one).endswith('14506,00."') for line, one in zip(found[1:], (first, first, second), strict=True)
    ]
    assert back(returned) == returned
    assert taken(returned.replace("три".encode(first), b"3,00").replace("три".encode(second), b"3,00")) == [11, 13, 14]


def test_the_encoding_is_that_of_the_whole_file() -> None:
    """Its beginning may be ASCII alone, for as long as anybody likes to look at."""
    gone = [ERROR.replace("000000000002", f"{n:012}").replace("Назначено по ошибке", "x" * 900) for n in range(20, 100)]
    assert taken(content(HEAD, *gone, F[0], encoding="utf-8"))[-1] == 11
    fact = values(content(HEAD, *gone, F[0], encoding="utf-8"))[-1]
    assert fact.recipient.surname == "Вымышленная"
    assert told(content(HEAD, *gone)) == [], "ASCII is windows-1251 too"


# --- where the file breaks off ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig", "utf-16-le", "utf-16"])
def test_a_file_that_is_cut_gives_its_whole_facts_and_its_last_row_as_it_stands(encoding: str) -> None:
    whole = content(HEAD, *F[:3], encoding=encoding)
    mark = len("".encode(encoding))
    last = whole.index("Fact;".encode(encoding)[mark:], whole.index("0012;".encode(encoding)[mark:]))
    width = len("\r\n".encode(encoding)[mark:])
    for end in range(last + 5 * width, len(whole) - 7 * width - width, 3):
        bad = whole[:end]
        assert taken(bad) == [11, 12]
        assert errors(bad) == [(4, "", "row_cut_short")], end
        returned = back(bad)
        assert returned.endswith(whole[last:end])
        assert back(returned) == returned
        assert taken(returned + whole[end:]) == [13]


def test_how_wide_a_row_is_say_the_headings_and_not_what_stands_above_them() -> None:
    whole = content("Реестр;;", HEAD, F[0])
    assert errors(whole[:-12]) == [(3, "", "row_cut_short")]
    assert taken(whole[:-2]) == [11]


def test_a_row_of_a_fact_that_is_cut_keeps_the_fact_out() -> None:
    whole = content(HEAD, F[0], FACT, REASON)
    start = whole.index(b"Reason;")
    for end in range(start + 1, len(whole) - 30):
        assert taken(whole[:end]) == [11], "a fact without a reason that it had would be another fact"
        assert taken(back(whole[:end]) + whole[end:]) == [1]


# --- rows whose kind cannot be read ----------------------------------------------------------------------------------

KINDS = [
    (REASON.replace("Reason", "Reas\x98n"), 3, "row_broken_bytes"),
    (REASON.replace("Reason", "Причина"), 3, "egisso_event_kind_unknown"),
    (REASON.replace("Reason", ""), 3, "egisso_event_kind_unknown"),
    (CRITERIA.replace("Criteria", "criteria"), 3, "egisso_event_kind_unknown"),
    (REASON.replace(";", "\t"), 3, "row_other_delimiter"),
    (f'"{REASON}', 3, "quote_not_closed"),
]


@pytest.mark.parametrize(("row", "line", "code"), KINDS, ids=range(len(KINDS)))
def test_a_fact_is_not_taken_without_a_row_that_may_be_its_own(row: str, line: int, code: str) -> None:
    """It would be taken with a reason less; the row alone could be put right and belong to nothing."""
    wrong = row.encode("cp1251", "backslashreplace").replace(b"\\x98", b"\x98")
    bad = content(HEAD, FACT) + wrong + b"\r\n" + content(*F[:2])
    assert taken(bad) == [11, 12]
    assert [(one[0], one[2]) for one in errors(bad)] == [(line, code)]
    assert back(bad).splitlines()[1].startswith(FACT.encode("cp1251"))
    assert back(bad).splitlines()[2].startswith(wrong)


def test_a_row_that_says_more_than_a_reason_is_a_fact_of_its_own() -> None:
    wrong = F[1].replace("Fact;", "Fakt;")
    assert taken(content(HEAD, F[0], wrong, F[2])) == [11, 13]
    assert taken(content(HEAD, F[0], wrong, CRITERIA, F[2])) == [11, 13], "what goes on with it goes with it"


# --- the own column --------------------------------------------------------------------------------------------------


def test_words_stand_where_the_own_column_stands() -> None:
    wrong = F[1].replace(";02;3,00;", ";02;три;")
    for head, before, after in ((f"Ошибка;{HEAD}", "старое;", ""), (f"{HEAD};Ошибка;Заметка", "", ";старое;a;b")):
        bad = content(head, f"{before}{F[0]}{after}".replace(";b", ""), f"{before}{wrong}{after}".replace(";b", ""))
        returned = back(bad).decode("cp1251").splitlines()
        assert returned[0] == head
        assert returned[1].replace("старое", "") != f"{before}{wrong}{after}".replace("старое", "")
        assert wrong in returned[1]
        assert "старое" not in returned[1]
        assert len(returned) == 2
        assert back(back(bad)) == back(bad)


def test_what_stands_beyond_the_headings_stays_beyond_them() -> None:
    returned = back(content(HEAD, f"{F[0]};лишнее;и это", F[1])).decode("cp1251")
    assert returned.splitlines()[1].startswith(f'{F[0]};"')
    assert returned.splitlines()[1].endswith('";лишнее;и это')
    assert errors(returned.encode("cp1251")) == [(2, "", "extra_columns")]


def test_words_that_a_delimiter_moves_are_ours_still() -> None:
    """A broken byte stood for a delimiter: the row had a cell less, and our own word too early."""
    good = content(HEAD, *F[:3])
    at = good.index(b"A068.000001;", good.index(b"0012;"))
    bad = good[: at + 11] + b"\x98" + good[at + 12 :]
    returned = back(bad)
    assert back(returned) == returned
    corrected = returned.replace(b"\x98", b";")
    assert values(corrected) == values(good)[1:2]
    assert [loss.code for loss in read(corrected)[0].report.losses.rows] == ["column_unheaded"]
    other = corrected.replace("байты".encode("cp1251"), "байтики".encode("cp1251"))
    assert errors(other) == [(2, "", "extra_columns")]


# --- what is refused as a whole --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-16"])
def test_a_line_that_cannot_be_held_refuses_the_file(encoding: str) -> None:
    long = content(HEAD, F[0], F[1].replace("Набор", "ы" * 3000), encoding=encoding)
    assert len(taken(long)) == 1
    with mock.patch.object(source, "LONGEST_LINE", 2000), pytest.raises(DocumentRejected, match="cell_too_long"):
        values(long)


def test_rows_of_one_fact_that_cannot_be_held_together_refuse_the_file() -> None:
    rows = [CRITERIA.replace(";7;", f"{'ы' * 500};7;")] * 5
    assert taken(content(HEAD, FACT, *rows)) == [1]
    with mock.patch.object(egisso_table, "LONGEST_LINE", 2000), pytest.raises(DocumentRejected, match="cell_too_long"):
        values(content(HEAD, FACT, *rows))


def test_before_the_headings_a_quote_refuses_the_file() -> None:
    """No row is known yet by which those below it could be told apart."""
    with pytest.raises(DocumentRejected, match="heading_not_found"):
        values(content('"Реестр', HEAD, *F))


@pytest.mark.parametrize("cell", ["=1+1", "'=1+1", "''=1", '"=HYPERLINK(""http://x.example"")"', "+СУММ(A1)"])
@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-16-le"])
def test_what_a_spreadsheet_would_compute_comes_back_disarmed_and_means_the_same(encoding: str, cell: str) -> None:
    """An apostrophe is a sign like others in this table: that of a reject file is taken off again, and no other."""
    at, day = (HEAD.split(";").index(heading) for heading in ("FamilyName_recip", "BirthDate_recip"))
    cells = F[1].split(";")
    right, cells[at], cells[day] = cells[day], cell, "Zzz"
    made = content(HEAD, F[0], ";".join(cells), F[2], encoding=encoding)
    said = errors(made)
    assert [line for line, *_ in said] == [3]
    for _ in range(2):
        made = back(made)
        row = made.decode(encoding).split("\r\n")[1]
        shown = f"\"'{cell[1:]}" if cell[0] == '"' else f"'{cell}"
        assert row.startswith(";".join([*cells[:at], shown, *cells[at + 1 :]]))
        assert [one[1:] for one in errors(made)] == [one[1:] for one in said]
    (value,) = values(made.decode(encoding).replace("Zzz", right).encode(encoding))
    assert value is not None
    assert value.recipient.surname == next(csv.reader([cell], delimiter=";"))[0]
