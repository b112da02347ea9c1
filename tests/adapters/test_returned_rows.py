"""A row that is wrong as a whole comes back as it stood: sent again unchanged it is refused again, for the same reason and with
the same bytes; corrected it is taken. Whatever would have been taken of it in silence was never what its sender meant.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.formats import Context
from adapters.record_formats import record_formats
from adapters.sheets.columns import columns_of, kind_of_code
from adapters.sheets.writer import write_sheet
from adapters.tables import as_they_stood
from adapters.tables.rejects import reject_file
from schemas.messages import MessageDraft
from tests.adapters.test_csv_damage import HEAD, NAMES, OPEN, ROWS, read, refused, row, taken
from tests.adapters.test_csv_reading import SENDER
from tests.generate import EXAMPLES, example_of

ENDS = "\r\n"
ENCODINGS = ("utf-8", "cp1251", "utf-16-le")


def table(rows: Sequence[str | bytes], encoding: str, *, ended: bool = True) -> bytes:
    """The headings and rows; a row of bytes stands as it is."""
    lines = [one if isinstance(one, bytes) else one.encode(encoding) for one in (HEAD, *rows)]
    end = ENDS.encode(encoding)
    return end.join(lines) + (end if ended else b"")


def back_of(content: bytes) -> bytes:
    reading, records = read(content)
    return reject_file(reading.layout, records)


def with_bytes(line: str, encoding: str) -> bytes:
    """In its name something that is no letter in this encoding."""
    before, after = line.split("Пётр")
    broken = {"utf-8": b"\xd0", "cp1251": b"\x98", "utf-16-le": b"\x00\xd8"}[encoding]
    return before.encode(encoding) + broken + after.encode(encoding)


WRONG: list[tuple[str, str, str | bytes]] = [
    ("row_broken_bytes", "utf-8", with_bytes(ROWS[1], "utf-8")),
    ("row_broken_bytes", "cp1251", with_bytes(ROWS[1], "cp1251")),
    ("row_broken_bytes", "utf-16-le", with_bytes(ROWS[1], "utf-16-le")),
    ("row_broken_bytes", "utf-8", ROWS[1].replace("Пётр", "П\ufffdтр")),
    ("row_other_encoding", "cp1251", ROWS[1].encode("koi8-r")),
    ("row_other_delimiter", "utf-8", ROWS[1].replace(";", "\t")),
    ("row_other_delimiter", "cp1251", ROWS[1].replace(";", "|")),
    ("quote_not_closed", "utf-8", OPEN),
    ("quote_not_closed", "cp1251", row("Пётр", '"слова')),
]


@pytest.mark.parametrize(
    ("code", "encoding", "wrong"), WRONG, ids=lambda one: one if isinstance(one, str) and len(one) < 30 else ""
)
def test_what_is_sent_again_unchanged_is_refused_again(code: str, encoding: str, wrong: str | bytes) -> None:
    content = table([ROWS[0], wrong, *ROWS[2:]], encoding)
    _, records = read(content)
    assert taken(records) == ["Иван", "Семён", "Юрий", "Анна"]
    assert refused(records) == [(3, code)]
    back = back_of(content)
    raw = wrong if isinstance(wrong, bytes) else wrong.encode(encoding)
    assert raw in back, "byte for byte"
    _, again = read(back)
    assert (taken(again), refused(again)) == ([], [(2, code)])
    assert back_of(back) == back, "words do not pile up"
    corrected = back.replace(raw, ROWS[1].encode(encoding))
    _, whole = read(corrected)
    assert (taken(whole), refused(whole)) == (["Пётр"], [])


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_a_row_at_which_the_file_breaks_off_is_not_filled_up(encoding: str) -> None:
    cut = ROWS[4].rsplit(";", 3)[0]
    content = table([*ROWS[:4], cut], encoding, ended=False)
    _, records = read(content)
    assert (taken(records), refused(records)) == (list(NAMES[:4]), [(6, "row_cut_short")])
    back = back_of(content)
    assert back.endswith(ENDS.encode() + cut.encode(encoding))
    _, again = read(back)
    assert (taken(again), refused(again)) == ([], [(2, "row_cut_short")])
    _, whole = read(back.replace(cut.encode(encoding), ROWS[4].encode(encoding) + ENDS.encode()))
    assert (taken(whole), refused(whole)) == (["Анна"], [])


def test_a_last_letter_that_is_cut_stays_cut() -> None:
    content = table([*ROWS[:4], ROWS[4]], "utf-8", ended=False)[:-1]
    back = back_of(content)
    assert back.endswith("слова".encode()[:-1])
    _, again = read(back)
    assert refused(again) == [(2, "row_cut_short")]


RUNS = "=cmd|'/c calc'!A1"


@pytest.mark.parametrize("formula", [RUNS, '"=HYPERLINK(""http://x.example"")"', "+СУММ(A1)"])
@pytest.mark.parametrize(
    ("code", "encoding", "wrong"), WRONG, ids=lambda one: one if isinstance(one, str) and len(one) < 30 else ""
)
def test_a_formula_in_such_a_row_is_disarmed_and_nothing_else(
    code: str, encoding: str, wrong: str | bytes, formula: str
) -> None:
    """A spreadsheet opens the file, and yet what is wrong with the row is wrong with it still."""
    raw = wrong if isinstance(wrong, bytes) else wrong.encode(encoding)
    sign = next((one for one in "\t|" if code == "row_other_delimiter" and one.encode() in raw), ";")
    written = "koi8-r" if code == "row_other_encoding" else encoding
    before, after = (text.encode(written) for text in (f"{formula}{sign}", f"{_disarmed(formula)}{sign}"))
    head = f"Заметки;{HEAD}"
    rows = [head, f";{ROWS[0]}", before + raw, *(f";{one}" for one in ROWS[2:])]
    content = ENDS.encode(encoding).join(one if isinstance(one, bytes) else one.encode(encoding) for one in rows)
    _, records = read(content)
    if code == "row_other_delimiter" and formula.startswith('"'):
        code = "quote_not_closed"  # by the delimiter of the file
    assert refused(records) == [(3, code)]
    back = back_of(content)
    end = ENDS.encode(encoding)
    assert end + after + raw in back
    assert end + before + raw not in back
    _, again = read(back)
    assert (taken(again), refused(again)) == ([], [(2, code)])
    assert back_of(back) == back


def _disarmed(cell: str) -> str:
    return f"\"'{cell[1:]}" if cell.startswith('"') else f"'{cell}"


def test_where_a_quote_hides_the_cells_whatever_may_be_one_is_disarmed() -> None:
    back = back_of(table([ROWS[0], row("Пётр", f'"слова;{RUNS}'), *ROWS[2:]], "utf-8"))
    assert f"\"слова;'{RUNS}".encode() in back
    assert back_of(back) == back


def test_the_work_of_a_row_of_very_many_cells_grows_with_its_cells() -> None:
    """By another delimiter: by that of the file it has one."""

    def work(cells: int) -> int:
        lines = [*ROWS[:1], "|".join(["=1", "ы"] * cells), *ROWS[2:]]
        content = table(lines, "cp1251")
        reading, records = read(content)
        with mock.patch.object(as_they_stood, "disarmed", wraps=as_they_stood.disarmed) as asked:
            assert reject_file(reading.layout, records).count(b"'=1|") == cells
        return sum(len(call.args[0]) for call in asked.mock_calls)

    assert work(4_000) < 5 * work(1_000)


def test_our_own_words_begin_no_formula() -> None:
    """They begin with a heading, and that is the sender's."""
    kind = kind_of_code("message")
    one = record_formats()["message-table"]
    assert one.rejects is not None
    (headings, cells) = csv.reader(
        io.StringIO(write_sheet(kind, [example_of(kind)]).decode("utf-8-sig")), delimiter=";"
    )
    upper = ["Сообщение", RUNS, *([""] * (len(headings) - 2))]
    rows = [upper, ["№", *headings[1:]], [cells[0], "нет такого", *cells[2:]]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    content = out.getvalue().encode()
    for _ in range(2):
        bad = list(one.read(io.BytesIO(content), Context()).records)
        assert bad[0].complaints[0].place.startswith(("=", "'="))
        content = b"".join(one.rejects(io.BytesIO(content), Context(), bad))
        assert list(csv.reader(io.StringIO(content.decode()), delimiter=";"))[2][-1].startswith("'=cmd|")


@pytest.mark.parametrize("number", ["=5/2026", "'=5/2026", "+СУММ(1)", "'' =1"])
def test_a_text_like_a_formula_and_a_formula_are_told_apart_when_they_come_back(number: str) -> None:
    """In a table of documents: the first is refused for another field and corrected, the second stays refused."""
    kind = kind_of_code("message")
    one = record_formats()["message-table"]
    assert one.rejects is not None
    values = [
        MessageDraft.model_validate({**EXAMPLES["message"], "operation_id": f"66666666-0000-4000-8000-00000000000{n}"})
        for n in range(2)
    ]
    values = [value.model_copy(update={"reg_number": number}) for value in values]
    rows = list(csv.reader(io.StringIO(write_sheet(kind, values).decode("utf-8-sig"), newline=""), delimiter=";"))
    second = next(at for at, cells in enumerate(rows) if cells[0] == "2")
    at, sender = rows[0].index("Исходящий номер"), rows[1].index(values[0].sender_ogrn)
    right, rows[1][sender], rows[second][at] = rows[1][sender], "1", "=1+1"
    for _ in range(3):
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=";").writerows(rows)
        content = out.getvalue().encode()
        bad = list(one.read(io.BytesIO(content), Context()).records)
        assert [{complaint.code for complaint in record.complaints} for record in bad][1] == {"formula_in_cell"}
        assert bad[0].value is None
        back = b"".join(one.rejects(io.BytesIO(content), Context(), bad)).decode()
        rows = list(csv.reader(io.StringIO(back, newline=""), delimiter=";"))
    rows[1][sender] = right
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    first, other = one.read(io.BytesIO(out.getvalue().encode()), Context()).records
    assert isinstance(first.value, MessageDraft)
    assert first.value.reg_number == number
    assert other.value is None


@pytest.mark.parametrize("broken", [False, True])
def test_the_same_in_a_register_and_in_a_row_that_comes_back_as_it_stood(*, broken: bool) -> None:
    wrong = row("Пётр", "'=5 раз").encode()
    good = wrong
    wrong = wrong.replace("Пётр".encode(), "П".encode() + b"\xd0") if broken else wrong.replace(SENDER.encode(), b"1")
    assert wrong != good
    content = table([ROWS[0], wrong, row("Юрий", "=5"), *ROWS[3:]], "utf-8")
    for _ in range(2):
        _, records = read(content)
        assert refused(records)[-1][1] == "formula_in_cell"
        content = back_of(content)
        assert b"''=5 " in content
        assert b";'=5" in content
    corrected = content.replace("П".encode() + b"\xd0", "Пётр".encode())
    corrected = corrected.replace(b"\n1;", f"\n{SENDER};".encode(), 1) if not broken else corrected
    _, records = read(corrected)
    assert (taken(records), [code for _, code in refused(records)]) == (["Пётр"], ["formula_in_cell"])


DAMAGES = st.sampled_from(["bytes", "open quote", "half of the quotes", "delimiter", "encoding", "cut"])


@settings(max_examples=80)
@given(st.sampled_from(["utf-8", "cp1251"]), DAMAGES, st.data())
def test_nothing_that_was_refused_is_taken_unless_somebody_corrects_it(encoding: str, damage: str, data: Any) -> None:
    cells = ROWS[1].split(";")
    place = data.draw(st.integers(0, len(cells) - 1))
    line = ROWS[1].encode(encoding)
    match damage:
        case "bytes":
            at = data.draw(st.integers(0, len(line) - 1))
            line = line[:at] + (b"\x98" if encoding == "cp1251" else b"\xff") + line[at + 1 :]
        case "open quote":
            cells[place] = f'"{cells[place]}'
            line = ";".join(cells).encode(encoding)
        case "half of the quotes":
            cells = [f'"{cell}"' for cell in cells]
            cells[place] = cells[place][:-1]
            line = ";".join(cells).encode(encoding)
        case "delimiter":
            line = data.draw(st.sampled_from([",", "\t", "|"])).join(cells).encode(encoding)
        case "encoding":
            line = ROWS[1].encode("koi8-r" if encoding == "cp1251" else "cp1251")
    rows: list[str | bytes] = [ROWS[0], *ROWS[2:]]
    cut = damage == "cut"
    if cut:
        line = ROWS[1].encode(encoding)[: data.draw(st.integers(1, len(ROWS[1]) // 2))]
        rows = [*rows, line]
    else:
        rows = [ROWS[0], line, *ROWS[2:]]
    content = table(rows, encoding, ended=not cut)
    _, records = read(content)
    if not refused(records):
        return
    _, again = read(back_of(content))
    assert taken(again) == []
    assert {code for _, code in refused(again)} <= {code for _, code in refused(records)}


def test_a_table_of_documents_gives_such_rows_back_as_they_stood() -> None:
    kind = kind_of_code("consent")
    content = write_sheet(kind, [example_of(kind), example_of(kind)])
    name = next(column.heading for column in columns_of(kind) if column.field == "recipient_ogrn")
    assert name
    lines = content.split(b"\r\n")
    second = next(at for at, line in enumerate(lines) if line.startswith(b'"2"'))
    words = next(cell for cell in lines[second].decode().split('"') if any("а" <= sign <= "я" for sign in cell))
    lines[second] = lines[second].replace(words.encode(), words.encode()[:-1], 1)
    content = b"\r\n".join(lines)
    one = record_formats()["consent-table"]
    assert one.rejects is not None
    for _ in range(2):
        records = list(one.read(io.BytesIO(content), Context()).records)
        bad = [record for record in records if record.value is None]
        assert [[complaint.code for complaint in record.complaints] for record in bad] == [["row_broken_bytes"]]
        before, content = content, b"".join(one.rejects(io.BytesIO(content), Context(), bad))
        assert words.encode()[:-1] + b'"' in content
    assert content == before
