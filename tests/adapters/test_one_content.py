"""One content is one record, whatever file it came in: XML of either version, CSV in UTF-8 or windows-1251, a workbook.

Names and words have what keyboards, web pages and word processors leave in them. The file is written by hand here, not by our
writers, which would write none of it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.documents.reader import read_documents
from adapters.documents.writer import write_document
from adapters.losses import Loss
from adapters.report import Record
from adapters.tables.reader import read_table
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral
from schemas.messages import MessageDraft
from tests.adapters.workbooks import workbook
from tests.generate import example_draft
from tests.text_strategies import UNSEEN

NAME, WORDS, WHOSE = "Примеров Пример", "Семья в беде", "мать"
DRAFT = example_draft().model_copy(update={"statement": WORDS})
HEADINGS = {
    "Идентификатор сообщения": DRAFT.operation_id,
    "Вид сообщения (код)": "referral",
    "ОГРН отправителя": DRAFT.sender_ogrn,
    "ОГРН получателя": DRAFT.recipient_ogrn,
    "Причина обращения (код)": "HOUSING",
    "Причина обращения": WORDS,
    "Ребёнок: ФИО": NAME,
    "Ребёнок: адрес": WHOSE,
}
NASTY = "\u00a0\u00ad\u200b\u200e\u202e\u2066\u2069\ufeff\u2028\u3000"
WORD = st.text("абвгхХABexo", min_size=1, max_size=6)
GLUE = st.sampled_from(["", " ", "  ", "-", *NASTY])
names = st.lists(st.tuples(WORD, GLUE), min_size=1, max_size=4).map(lambda parts: "".join(map("".join, parts)))
prompts = st.sampled_from(
    ["ХХХХ", "(указать)", "ДД.ММ.ГГГГ", "<Иван>", "____", "Ф.И.О.", "Укажите", "Иван>", "XX-XX-XX"]
)
contents = st.tuples(names | prompts, names | prompts, names | prompts)


class Taken(NamedTuple):
    """What became of it: the texts, or why not; and what the sender is told."""

    texts: tuple[str | None, ...]
    codes: frozenset[str]
    unseen: frozenset[str]


def taken(record: Record, losses: Iterable[Loss]) -> Taken:
    codes = frozenset(complaint.code for complaint in record.complaints)
    lost = frozenset(loss.code for loss in losses) & {"invisible_signs", "direction_signs"}
    if record.draft is None:
        return Taken((), codes, frozenset())
    assert isinstance(record.draft, MessageDraft)
    person = record.draft.persons[0]
    assert person.identity
    where = person.whereabouts.address.text if person.whereabouts and person.whereabouts.address else None
    return Taken((person.identity.full_name, record.draft.statement, where), codes, lost)


def draft(name: str, words: str, where: str) -> MessageDraft:
    person = {"kind": "child", "identity": {"full_name": name}, "whereabouts": {"address": {"text": where}}}
    values = {
        "operation_id": DRAFT.operation_id,
        "type": "referral",
        "sender_ogrn": DRAFT.sender_ogrn,
        "recipient_ogrn": DRAFT.recipient_ogrn,
        "concerns": ["HOUSING"],
        "statement": words,
        "persons": [person],
    }
    return MessageDraft.model_validate(values)


def xml(write: Callable[[MessageDraft], bytes], read: Callable[[io.BytesIO], Iterable[Record]]) -> Callable[..., Taken]:
    text = write(draft("НИЖЕ-ИМЯ", "НИЖЕ-СЛОВА", "НИЖЕ-АДРЕС")).decode()

    def take(name: str, words: str, where: str) -> Taken:
        content = text
        for mark, value in (("НИЖЕ-ИМЯ", name), ("НИЖЕ-СЛОВА", words), ("НИЖЕ-АДРЕС", where)):
            content = content.replace(mark, escape(value))
        (record,) = read(io.BytesIO(content.encode()))
        return taken(record, record.losses)

    return take


def rows(name: str, words: str, where: str) -> list[list[str]]:
    values = HEADINGS | {"Ребёнок: ФИО": name, "Причина обращения": words, "Ребёнок: адрес": where}
    return [list(values), list(values.values())]


def from_table(content: bytes) -> Taken:
    reading = read_table(io.BytesIO(content))
    (record,) = reading.records
    assert reading.report.losses_of is not None
    return taken(record, reading.report.losses_of(record) if record.draft else ())


def csv(encoding: str) -> Callable[..., Taken]:
    def take(name: str, words: str, where: str) -> Taken:
        lines = [";".join(f'"{cell}"' for cell in row) for row in rows(name, words, where)]
        return from_table("\r\n".join(lines).encode(encoding))

    return take


WAYS: Mapping[str, Callable[..., Taken]] = {
    "version 1": xml(write_referral, read_referrals),
    "documents": xml(write_document, lambda stream: [one.as_record() for one in read_documents(stream)]),
    "CSV": csv("utf-8-sig"),
    "workbook": lambda *content: from_table(workbook(rows(*content))),
}


def spelled_in(encoding: str, content: tuple[str, ...]) -> bool:
    try:
        return bool("".join(content).encode(encoding))
    except UnicodeEncodeError:
        return False


@settings(max_examples=150, deadline=None)
@example(("При\u202eмеров", "слова", "адрес"))
@example(("При\u200bмеров\u00a0 Пётр", "сло\u00adва", "\ufeffадрес"))
@example(("ХХХХ", "слова", "адрес"))
@example(("Синтетoва Oльга", "слова", "ул. Миpа"))
@example(("Иванов", "\u200bХХХХ", "адрес"))
@given(contents)
def test_one_content_is_one_record(content: tuple[str, str, str]) -> None:
    ways = dict(WAYS)
    if spelled_in("cp1251", content):
        ways["windows-1251"] = csv("cp1251")
    if any(not part.translate(dict.fromkeys(map(ord, UNSEEN))).strip() for part in content):
        return  # nothing at all: an empty cell says that there is nothing, an element that is empty is a mistake
    found = {name: take(*content) for name, take in ways.items()}
    if "row_other_encoding" in found.get("windows-1251", found["documents"]).codes:
        del found["windows-1251"]  # a few letters that are UTF-8 as well: of a table of one row nobody can tell
    first = found["documents"]
    assert {name: one for name, one in found.items() if one != first} == {}
    assert not any(sign in text for text in first.texts if text for sign in UNSEEN)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("name", "codes", "kept"),
    [
        ("При\u202eмеров", {"direction_signs"}, "Примеров"),
        ("При\u2066ме\u2069ров", {"direction_signs"}, "Примеров"),
        ("При\u200bмеров", set(), "Примеров"),
        ("При\u00adме\ufeffров", set(), "Примеров"),
        ("Примеров\u00a0 Пётр", set(), "Примеров Пётр"),
        ("Примеров\u2028Пётр", set(), "Примеров Пётр"),
        ("Синтетoва Oльга", {"latin_lookalikes"}, "Синтетoва Oльга"),
        ("Синтетов <Иван>", {"name_odd_characters"}, None),
        ("Иван>", {"name_odd_characters"}, None),
        ("ХХХХ", {"placeholder_left"}, None),
        ("(указать)", {"placeholder_left"}, None),
        ("ДД.ММ.ГГГГ", {"placeholder_left"}, None),
        ("И", set(), "И"),
    ],
)
def test_what_is_done_to_a_name(way: str, name: str, codes: set[str], kept: str | None) -> None:
    found = WAYS[way](name, WORDS, WHOSE)
    assert found.codes == codes
    assert found.texts == ((kept, WORDS, WHOSE) if kept else ())
    assert bool(found.unseen) == any(sign in UNSEEN for sign in name)
