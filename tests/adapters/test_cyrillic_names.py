"""Elements and attributes with Cyrillic names, which XML has and our documents do not: every reader of XML names them as they
are, in each encoding that may be declared, where it complains of them and where it tells that they were not taken."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from adapters.answers.xml import read_answers
from adapters.documents.reader import read_documents
from adapters.documents.writer import write_document
from adapters.egisso.reader import read_registers
from adapters.formats import Context
from adapters.xml.asides import asides
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral
from schemas.documents import KINDS
from schemas.errors import DocumentRejected
from tests.docs.sources import ROOT
from tests.generate import example_draft, example_of

ELEMENT, ATTRIBUTE = "ЁмкоеСведение", "ёПризнак"
ENCODINGS = ["utf-8", "utf-16", "windows-1251"]
ANSWERS = f"""<Answers xmlns="urn:mezhved:exchange:1"><Answer><MessageId>{"0" * 8}-0000-4000-8000-{"0" * 12}</MessageId>
<Event>accept</Event></Answer></Answers>"""


def encoded(text: str, encoding: str) -> bytes:
    body = text.partition("?>")[2] if text.startswith("<?xml") else text
    return f'<?xml version="1.0" encoding="{encoding}"?>{body}'.encode(encoding)


def _referrals(content: bytes) -> list[tuple[str, str]]:
    records = list(read_referrals(io.BytesIO(content)))
    return [(c.code, c.place) for record in records for c in (*record.complaints, *record.losses)]


def _documents(content: bytes) -> list[tuple[str, str]]:
    records = list(read_documents(io.BytesIO(content)))
    return [(c.code, c.place) for record in records for c in (*record.complaints, *record.losses)]


def _answers(content: bytes) -> list[tuple[str, str]]:
    records = list(read_answers(io.BytesIO(content)))
    return [(c.code, c.place) for record in records for c in (*record.complaints, *record.losses)]


def _registers(content: bytes) -> list[tuple[str, str]]:
    reading = read_registers(io.BytesIO(content), Context())
    for record in reading.records:
        reading.take(record)
    return [(c.code, c.place) for c in reading.report.complaints]


DOCUMENTS = {kind.code: write_document(example_of(kind)).decode() for kind in KINDS}
REGISTERS = (ROOT / "adapters" / "egisso" / "vectors" / "10.25.I-2.1.0.xml").read_text("utf-8")
READERS = {
    "version 1": (write_referral(example_draft()).decode(), "</MessageId>", _referrals),
    "answers": (ANSWERS, "</Event>", _answers),
    **{code: (text, text.rstrip().rpartition("\n")[2], _documents) for code, text in DOCUMENTS.items()},
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", READERS)
def test_an_unknown_element_is_named_as_it_is(name: str, encoding: str) -> None:
    text, mark, read = READERS[name]
    inner = f"<{ELEMENT}>1</{ELEMENT}>"
    changed = text.replace(mark, mark + inner if name in {"version 1", "answers"} else inner + mark, 1)
    assert changed != text
    found = read(encoded(changed, encoding))
    assert any(place.rpartition("/")[2] == ELEMENT for _, place in found), found
    assert not any("?" in place or "\\" in place for _, place in found)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", [name for name in READERS if name != "answers"])
def test_an_unknown_attribute_is_named_as_it_is(name: str, encoding: str) -> None:
    text, _, read = READERS[name]
    begin = text.index("<", text.index("?>") + 2)
    first = text.index("<", begin + 1)  # the first element inside of the root
    end = text.index(">", first)
    found = read(encoded(f'{text[:end]} {ATTRIBUTE}="1"{text[end:]}', encoding))
    assert any(ATTRIBUTE in place for _, place in found), found


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", ["version 1", "message"])
def test_an_attribute_of_the_root_is_named_as_it_is(name: str, encoding: str) -> None:
    text, _, read = READERS[name]
    with pytest.raises(DocumentRejected, match="root_attribute_unknown") as caught:
        read(encoded(text.replace(" xmlns=", f' {ATTRIBUTE}="1" xmlns=', 1), encoding))
    assert caught.value.params["attribute"] == ATTRIBUTE


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", ["version 1", "message"])
def test_an_instruction_is_named_in_what_was_not_taken(name: str, encoding: str) -> None:
    text, mark, read = READERS[name]
    content = encoded(text.replace(mark, f"<?{ELEMENT} 1?>{mark}", 1), encoding)
    assert not [code for code, place in read(content) if ELEMENT in place and code == "element_not_expected"]
    assert ELEMENT in {loss.place.strip("<?>") for loss in asides(io.BytesIO(content))}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_register_of_others_names_what_it_does_not_know(encoding: str) -> None:
    begin = REGISTERS.index("</", REGISTERS.index("<", REGISTERS.index("?>") + 2) + 400)
    end = REGISTERS.index(">", begin) + 1
    changed = f"{REGISTERS[:end]}<{ELEMENT}>1</{ELEMENT}>{REGISTERS[end:]}"
    found = _registers(encoded(changed, encoding))
    assert any(ELEMENT in place for _, place in found), found


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("read", [_referrals, _documents, _answers], ids=["version 1", "documents", "answers"])
def test_an_unknown_root_is_named_as_it_is(read: Callable[[bytes], list[tuple[str, str]]], encoding: str) -> None:
    with pytest.raises(DocumentRejected) as caught:
        read(encoded(f"<{ELEMENT}><a/></{ELEMENT}>", encoding))
    assert caught.value.params["root"] == ELEMENT
