"""Of what stands on several rows nothing is taken when one of them cannot be read: half a family would be sent as a whole
one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.formats import Context
from adapters.limits import DEFAULT_LIMITS
from adapters.record_formats import record_formats
from adapters.sheets.columns import kind_of_code
from adapters.sheets.writer import write_sheet
from adapters.tables.profile import built_in
from adapters.tables.reader import read_table
from adapters.tables.rejects import reject_file
from adapters.tables.writer import write_referrals
from schemas.intake import FamilyDraft
from schemas.messages import MessageDraft
from tests.adapters.test_csv_damage import SENDER
from tests.generate import EXAMPLES, example_draft

END = b"\r\n"
IDS = [f"3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f4{at}" for at in range(3)]


def family(at: int) -> MessageDraft:
    """A referral of three rows: three children, one parent."""
    draft = example_draft().model_dump()
    child, parent = draft["persons"]
    children = [
        child | {"ref": f"{at}-{one}", "identity": {"full_name": f"Примеров {name}"}}
        for one, name in enumerate(("Пётр", "Иван", "Анна"))
    ]
    return MessageDraft.model_validate(draft | {"operation_id": IDS[at], "persons": [*children, parent]})


FAMILIES = [family(at) for at in range(3)]
REGISTER = write_referrals(FAMILIES)
MESSAGES = write_sheet(kind_of_code("message"), FAMILIES)


def taken_of_register(content: bytes) -> list[MessageDraft]:
    reading = read_table(io.BytesIO(content), defaults={"sender_ogrn": SENDER})
    return [record.draft for record in reading.records if isinstance(record.draft, MessageDraft)]


def taken_of_messages(content: bytes) -> list[MessageDraft]:
    one = record_formats()["message-table"]
    records = one.read(io.BytesIO(content), Context()).records
    return [record.value for record in records if isinstance(record.value, MessageDraft)]


TABLES = {"register": (REGISTER, taken_of_register), "messages": (MESSAGES, taken_of_messages)}


def test_they_stand_on_three_rows_and_are_read() -> None:
    assert (REGISTER.count(END), MESSAGES.count(END)) == (10, 13)
    for content, taken in TABLES.values():
        assert taken(content) == FAMILIES


@st.composite
def damaged(draw: Any, content: bytes) -> bytes:
    lines = content.split(END)
    at = draw(st.integers(1, len(lines) - 2))
    line = lines[at]
    match draw(st.sampled_from(["bytes", "half of the quotes", "delimiter", "encoding", "more cells"])):
        case "bytes":
            place = draw(st.sampled_from([place for place, byte in enumerate(line) if byte > 0x7F]))
            line = line[:place] + b"\xff" + line[place + 1 :]
        case "half of the quotes":
            place = draw(st.sampled_from([place for place in range(len(line)) if line.startswith(b'";"', place)]))
            line = line[:place] + line[place + 1 :]
        case "delimiter":
            line = line.replace(b'";"', draw(st.sampled_from([b'","', b'"\t"', b'"|"'])))
        case "encoding":
            line = line.decode().encode("cp1251", "replace")
        case "more cells":
            line += ';"лишнее"'.encode()
    return END.join([*lines[:at], line, *lines[at + 1 :]])


@settings(max_examples=100)
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_no_half_of_a_family_is_taken(name: str, data: Any) -> None:
    content, read = TABLES[name]
    taken = read(data.draw(damaged(content)))
    halves = [one.operation_id for one in taken if one not in FAMILIES]
    assert halves == []
    assert len(taken) >= 1, "and the other families are, but for the one that stands beside the row"


@pytest.mark.parametrize("row", [4, 5, 6])
def test_what_comes_back_is_the_whole_family_and_goes_in_corrected(row: int) -> None:
    lines = REGISTER.split(END)
    good, lines[row] = lines[row], lines[row].replace("Примеров".encode(), b"\xd0")
    reading = read_table(io.BytesIO(END.join(lines)), defaults={"sender_ogrn": SENDER})
    records = list(reading.records)
    assert [record.draft for record in records] == [FAMILIES[0], None, FAMILIES[2]]
    back = reject_file(reading.layout, records)
    names = "".join(back.decode("utf-8", "replace"))
    assert [name in names for name in ("Пётр", "Иван", "Анна")] == [True] * 3
    stood = next(line for line in back.split(END) if b"\xd0 " in line)
    own = stood[stood.rindex(b';"') :]
    assert taken_of_register(back.replace(stood, good + own)) == [FAMILIES[1]]


def test_a_row_that_says_nothing_of_whose_it_is_is_of_the_message_around_it() -> None:
    rows = [line.decode() for line in REGISTER.split(END)]
    for words in ("непонятно", "\t".join(["непонятно"] * 100), rows[5].replace(IDS[1], "1f41")):
        content = "\r\n".join([*rows[:5], words, *rows[6:]]).encode()
        assert taken_of_register(content) == [FAMILIES[0], FAMILIES[2]]
    rows[5] = "непонятно"
    between = [*rows[:4], rows[5], *rows[4:5], *rows[6:]]
    found = taken_of_register("\r\n".join(between).encode())
    assert found[0] == FAMILIES[0], "between two messages it is one by itself"
    many = [*rows[:5], *[rows[5]] * (DEFAULT_LIMITS.max_record_rows + 5), *rows[6:]]
    assert FAMILIES[2] in taken_of_register("\r\n".join(many).encode())


FAMILY_ROWS = (
    "№ дела;Ребёнок: ФИО;Ребёнок: дата рождения;Мать: ФИО;Адрес проживания",
    "СС-1;Синтетова Анна;01.02.2019;Синтетова Вера;ул. Примерная, 1",
    ";Синтетов Пётр;15.07.2021;;",
    "СС-2;Пробный Лев;30.11.2015;Пробная Вера;ул. Примерная, 2",
    ";Пробная Ия;30.11.2017;;",
    "СС-3;Тестов Ян;01.02.2016;Тестова Яна;ул. Примерная, 3",
)


def families(lines: Sequence[str]) -> list[tuple[str, int]]:
    reading = read_table(io.BytesIO("\r\n".join([*lines, ""]).encode()), built_in("families"))
    drafts = (record.draft for record in reading.records)
    return [(draft.case_ref, len(draft.subjects)) for draft in drafts if isinstance(draft, FamilyDraft)]


@pytest.mark.parametrize(
    ("at", "taken"),
    [
        (1, [("СС-2", 3), ("СС-3", 2)]),
        (2, [("СС-2", 3), ("СС-3", 2)]),
        (3, [("СС-1", 3), ("СС-3", 2)]),
        (4, [("СС-1", 3), ("СС-3", 2)]),
        (5, [("СС-1", 3), ("СС-2", 3)]),
    ],
)
@pytest.mark.parametrize("damage", ["delimiter", "lost", "more"])
def test_of_a_family_on_two_rows_neither_is_kept(at: int, taken: list[tuple[str, int]], damage: str) -> None:
    lines = list(FAMILY_ROWS)
    assert families(lines) == [("СС-1", 3), ("СС-2", 3), ("СС-3", 2)]
    lines[at] = {
        "delimiter": lines[at].replace(";", "\t"),
        "lost": lines[at].replace("е", "\ufffd").replace("ё", "\ufffd").replace("и", "\ufffd").replace("о", "\ufffd"),
        "more": f"{lines[at]};лишнее",
    }[damage]
    assert families(lines) == taken


def test_a_family_whose_number_cannot_be_read_takes_the_one_above_with_it() -> None:
    lines = list(FAMILY_ROWS)
    lines[3] = f'"{lines[3]}'
    assert families(lines) == [("СС-3", 2)]
    assert families([lines[0], *lines[3:]]) == [("СС-3", 2)]


def test_documents_of_a_table_begin_with_their_number_and_not_with_whatever_stands_there() -> None:
    value = MessageDraft.model_validate(
        {**EXAMPLES["message"], "operation_id": IDS[0], "persons": FAMILIES[0].model_dump()["persons"]}
    )
    rows = list(
        csv.reader(
            io.StringIO(write_sheet(kind_of_code("message"), [value]).decode("utf-8-sig"), newline=""), delimiter=";"
        )
    )
    assert len(rows) > 3
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows[:2])
    out.write("\t".join(rows[2]) + "\r\n")
    csv.writer(out, delimiter=";").writerows(rows[3:])
    assert taken_of_messages(out.getvalue().encode()) == []
