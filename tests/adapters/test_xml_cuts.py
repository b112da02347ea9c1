"""A document that ends too soon says so, wherever it was cut; one that is broken says that, however far it goes."""

from __future__ import annotations

import io
from xml.parsers import expat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.answers.xml import read_answers
from adapters.documents.reader import read_documents
from adapters.documents.writer import write_document
from adapters.limits import BLANK, DEFAULT_LIMITS
from adapters.signatures.document import parse_document
from adapters.xml.mapping import NAMESPACE as NAMESPACE_1
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral
from schemas.errors import DocumentRejected
from tests.adapters.egisso.test_registers import REGISTERS
from tests.adapters.egisso.test_registers import read as read_egisso
from tests.generate import example_draft

RICH = (
    write_document(example_draft())
    .decode()
    .replace("<Person>", "<Person><!-- a > b < c & d --><?target a > b?>", 1)
    .replace("<ConcernText>", "<ConcernText>&lt;&#1234;&#x41F;<![CDATA[a > b]] ]>]]>", 1)
    .replace("<Kind>", "<Kind xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil = '&gt;>'>", 1)
)
ANSWER = f'<Answers xmlns="{NAMESPACE_1}"><Answer><Event>accept</Event></Answer></Answers>'
READERS = {
    "a document": (RICH, lambda content: list(read_documents(io.BytesIO(content)))),
    "version 1": (write_referral(example_draft()).decode(), lambda content: list(read_referrals(io.BytesIO(content)))),
    "answers": (ANSWER, lambda content: list(read_answers(io.BytesIO(content)))),
    "egisso": (REGISTERS, read_egisso),
    "signed": (RICH, lambda content: parse_document(content, DEFAULT_LIMITS)),
}


def encoded(text: str, encoding: str) -> bytes:
    body = text.partition("?>")[2] if text.startswith("<?xml") else text
    return f"<?xml version='1.0' encoding='{encoding}'?>{body}".rstrip().encode(encoding, "xmlcharrefreplace")


def code_of(read, content: bytes) -> str:  # type: ignore[no-untyped-def]
    try:
        read(content)
    except DocumentRejected as rejected:
        return rejected.code
    return ""


def expected(content: bytes) -> str:
    return "document_truncated" if content.strip(BLANK) else "document_empty"


@pytest.mark.parametrize("encoding", ["UTF-8", "windows-1251", "UTF-16"])
def test_a_document_that_is_cut_at_any_byte_is_cut_off(encoding: str) -> None:
    text, read = READERS["a document"]
    whole = encoded(text, encoding)
    assert code_of(read, whole) == ""
    wrong = {at: code for at in range(len(whole)) if (code := code_of(read, whole[:at])) != expected(whole[:at])}
    assert wrong == {}


@pytest.mark.parametrize("name", READERS)
def test_every_reader_says_so(name: str) -> None:
    text, read = READERS[name]
    whole = encoded(text, "UTF-8")
    cuts = {*range(0, len(whole), 37), *range(len(whole) - 20, len(whole))}
    assert {at: code for at in cuts if (code := code_of(read, whole[:at])) != expected(whole[:at])} == {}


BROKEN = {
    "an ampersand alone": "Мир & труд",
    "less than": "a < b",
    "a quote that is not closed": '<a x="1>b</a>',
    "an attribute without quotes": "<a x=1/>",
    "the end of another": "</Other>",
    "an unknown entity": "&lol;",
    "a control character": "\x01",
    "a comment with two hyphens": "<!-- a -- b -->",
    "the end of a section": "]]>",
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("tail", [None, 0])
def test_what_is_broken_is_not_taken_for_cut_off(name: str, tail: int | None) -> None:
    """Even where the parser waits for an end that never comes, and complains only when all was read."""
    start, _, rest = RICH.rpartition("<RequestedAction>")
    content = f"{start}<RequestedAction>{BROKEN[name]}{rest[:tail]}</Messages>".encode()
    assert code_of(READERS["a document"][1], content) == "document_not_wellformed"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_another_parser_agrees(data: st.DataObject) -> None:
    """Whatever is changed in a document, and wherever it is cut: it is cut off if that is what expat complains of."""
    whole = bytearray(encoded(RICH, "UTF-8"))
    began = whole.index(b">", whole.index(b"<Message ")) + 1
    for _ in range(data.draw(st.integers(0, 2))):
        whole[data.draw(st.integers(began, len(whole) - 1))] = data.draw(st.sampled_from(b"<>&;\"'/ -]=x!?"))
    content = bytes(whole[: data.draw(st.integers(began, len(whole)))])
    found = code_of(READERS["a document"][1], content)
    parser = expat.ParserCreate()
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        cut = {
            expat.errors.XML_ERROR_NO_ELEMENTS,
            expat.errors.XML_ERROR_UNCLOSED_TOKEN,
            expat.errors.XML_ERROR_PARTIAL_CHAR,
            expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        }
        assert (found == "document_truncated") == (expat.ErrorString(error.code) in cut)
    else:
        assert found != "document_truncated"


class Pipe(io.RawIOBase):
    """What cannot be read again."""

    def __init__(self, content: bytes) -> None:
        self._left = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._left.read(size)


def test_what_cannot_be_read_again_is_refused_all_the_same() -> None:
    with pytest.raises(DocumentRejected, match=r"document_not_wellformed"):
        list(read_documents(Pipe(RICH[:-3].encode())))  # type: ignore[arg-type]
