"""Nothing of a document is handed on before its root has begun: not from an expat that puts off what it was given, either.

Since 2.6.0 expat parses a token that begins in one chunk and ends in a later one only when much more has come, or at the end:
a DOCTYPE behind a long comment then comes up late. Which expat a Python has is its builder's choice, so one that waits as long
as it may is put in its place here.
"""

from __future__ import annotations

import io
from typing import Any
from xml.parsers import expat

import pytest

from adapters.directory_files import read_directory_file
from adapters.limits import DEFAULT_LIMITS
from adapters.xml import guard
from adapters.xml.asides import asides
from adapters.xml.guard import MAX_PROLOG, GuardedStream
from schemas.errors import DocumentRejected

CREATE = expat.ParserCreate
COMMENT = b"<!--" + b"x" * 100_000 + b"-->"


class Patient:
    """An expat that reads nothing before the end."""

    def __init__(self, **settings: str) -> None:
        object.__setattr__(self, "_parser", CREATE(**settings))
        object.__setattr__(self, "_kept", b"")

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._parser, name, value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)

    def Parse(self, data: bytes, is_final: bool) -> None:  # noqa: N802  expat's name
        object.__setattr__(self, "_kept", self._kept + data)
        if is_final:
            self._parser.Parse(self._kept, True)


@pytest.fixture(params=["as it is", "patient"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "patient":
        monkeypatch.setattr(guard.expat, "ParserCreate", Patient)


def read_by(content: bytes, size: int) -> bytes:
    stream = GuardedStream(io.BytesIO(content), DEFAULT_LIMITS)
    found = b""
    while chunk := stream.read(size):
        assert stream.has_root
        assert size < 0 or len(chunk) <= size
        found += chunk
    return found


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("size", [-1, 1, 1_000, 32_768])
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (COMMENT + b"<!DOCTYPE a><a/>", "document_has_doctype"),
        (b"<!DOCTYPE a [<!--" + b"x" * 40_000 + b"--> ]><a/>", "document_has_doctype"),
        (b" " * 70_000 + b"<!DOCTYPE a><a/>", "document_has_doctype"),
        (COMMENT, "document_truncated"),
        (COMMENT + b"<a", "document_truncated"),
        (b"<", "document_truncated"),
        (b"<\x00\xf1\xbc", "document_truncated"),
        (b"", "document_empty"),
    ],
    ids=range(8),
)
def test_not_a_byte_is_handed_on(content: bytes, code: str, size: int) -> None:
    with pytest.raises(DocumentRejected) as caught:
        read_by(content, size if len(content) < 1_000 or size != 1 else 1_000)
    assert caught.value.code == code


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("size", [-1, 7, 32_768])
def test_every_byte_of_a_good_document_comes(size: int) -> None:
    content = COMMENT + b"<a>" + b"\xd0\xb1" * 100_000 + b"</a><!-- end -->"
    assert read_by(content, size) == content


@pytest.mark.parametrize("size", [-1, 32_768])
@pytest.mark.parametrize("more", [-1, 1])
def test_what_stands_before_the_root_has_a_limit(size: int, more: int) -> None:
    content = b" " * (MAX_PROLOG + more) + b"<a></a>"
    if more < 0:
        assert read_by(content, size) == content
        return
    with pytest.raises(DocumentRejected) as caught:
        read_by(content, size)
    assert caught.value.code == "document_over_parser_limit"


@pytest.mark.parametrize("content", [b"<\x00\xf1\xbc", b"<", b"<!-- --", b"<?xml version='1.0'?><Organisations"])
def test_a_broken_file_of_the_directory_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentRejected):
        read_directory_file(content)


@pytest.mark.usefixtures("parser")
def test_asides_that_expat_has_put_off_are_told() -> None:
    content = b'<Messages xmlns="urn:mezhved:exchange:2"><!-- ' + b"x" * 300_000 + b" --></Messages><!-- end -->"
    assert [loss.code for loss in asides(io.BytesIO(content))] == ["comment", "comment"]
