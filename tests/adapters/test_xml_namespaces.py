"""Namespaces that are in force at one place are counted by every reader of XML: all of them are gone through again for every
record, so that thousands on a root would be paid for by each."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

import pytest

from adapters.answers.xml import read_answers
from adapters.documents.reader import read_documents
from adapters.documents.writer import write_documents
from adapters.egisso.reader import read_registers
from adapters.formats import Context
from adapters.limits import DEFAULT_LIMITS
from adapters.signatures.document import parse_document
from adapters.xml.mapping import NAMESPACE as NAMESPACE_1
from adapters.xml.package import read_package_content
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referrals
from schemas.errors import DocumentRejected
from tests.adapters.egisso.test_registers import REGISTERS
from tests.generate import example_draft

MOST = DEFAULT_LIMITS.max_namespaces
DRAFTS = [
    example_draft().model_copy(update={"operation_id": f"3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d{n:04x}"}) for n in range(20)
]
ANSWERS = f'<Answers xmlns="{NAMESPACE_1}"><Answer><MessageId>1</MessageId></Answer></Answers>'
PACKAGE = '<Package xmlns="urn:mezhved:package:1"><Entry>1</Entry></Package>'

Read = Callable[[io.BytesIO], Iterable[object]]
READERS: dict[str, tuple[Read, str, str]] = {
    "documents": (read_documents, write_documents(DRAFTS).decode(), "<Person>"),
    "version 1": (read_referrals, write_referrals(DRAFTS).decode(), "<Child>"),
    "answers": (read_answers, ANSWERS, "<MessageId>"),
    "egisso": (lambda stream: read_registers(stream, Context()).records, REGISTERS, "<p:rlirp>"),
    "signed": (
        lambda stream: parse_document(stream.read(), DEFAULT_LIMITS),
        write_documents(DRAFTS).decode(),
        "<Person>",
    ),
    "packages": (lambda stream: [read_package_content(stream.read())], PACKAGE, "<Entry>"),
}


class Counting(io.BytesIO):
    """A file that knows how much of it was asked for."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(size)
        self.taken += len(chunk)
        return chunk


def declarations(count: int) -> str:
    return " ".join(f'xmlns:a{number}="urn:{number}"' for number in range(count))


def declared_at(text: str, tag: str, count: int) -> bytes:
    """The document with so many declarations in the first tag that begins so."""
    assert tag in text
    begun = tag.removesuffix(">")
    return text.replace(tag, f"{begun} {declarations(count)} {tag[len(begun) :]}", 1).encode()


def root_of(text: str) -> str:
    """The root's tag up to its first attribute."""
    at = text.index("<", text.index("?>") if text.startswith("<?xml") else 0)
    return text[at : text.index(" ", at) + 1]


def refusal(read: Read, content: bytes) -> tuple[str, int, int]:
    """The code, how many records came before it and how many bytes were read."""
    stream, records = Counting(content), 0
    try:
        for _ in read(stream):
            records += 1
    except DocumentRejected as rejected:
        return rejected.code, records, stream.taken
    return "", records, stream.taken


@pytest.mark.parametrize("name", READERS)
def test_ten_thousand_on_the_root_are_refused_before_a_record_is_read(name: str) -> None:
    read, text, _ = READERS[name]
    content = declared_at(text, root_of(text), 10_000)
    code, records, taken = refusal(read, content)
    assert (code, records) == ("document_too_many_namespaces", 0)
    if name in {"documents", "version 1", "answers", "egisso"}:  # the others are given the whole
        assert taken <= content.index(b">", content.index(b"xmlns:a0")) + 2 * 32 * 1024


@pytest.mark.parametrize("name", READERS)
def test_they_are_counted_inside_a_record_too(name: str) -> None:
    read, text, tag = READERS[name]
    code, records, _ = refusal(read, declared_at(text, tag, MOST))
    assert (code, records) == ("document_too_many_namespaces", 0)


@pytest.mark.parametrize("name", READERS)
def test_as_many_as_may_be_are_read(name: str) -> None:
    read, text, _ = READERS[name]
    own = text[text.index(root_of(text)) :].partition(">")[0].count("xmlns")
    inside = text.count("xmlns") - own
    assert refusal(read, declared_at(text, root_of(text), MOST - own - inside))[0] != "document_too_many_namespaces"


@pytest.mark.parametrize("name", ["documents", "version 1"])
def test_what_is_no_longer_in_force_is_not_counted(name: str) -> None:
    """A program that declares its namespaces on each record anew, or on each element."""
    read, text, tag = READERS[name]
    begun = tag.removesuffix(">")
    many = text.replace(tag, f"{begun} {declarations(MOST - 1)}>")
    assert many.count("xmlns:a0") >= len(DRAFTS)
    assert refusal(read, many.encode())[:2] == ("", len(DRAFTS))
