"""Refused records of XML go back as they came, in a document that is read again."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import BaseModel

from adapters.documents.reader import read_documents
from adapters.documents.rejects import reject_document
from adapters.documents.writer import write_document, write_documents
from adapters.limits import DEFAULT_LIMITS
from adapters.report import Complaint, Record, Severity
from adapters.xml.cuts import OWN, Kept, cut_records
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral, write_referrals
from schemas.ids import new_id
from schemas.messages import MessageDraft
from tests.document_strategies import consents, messages, summaries
from tests.generate import example_draft


def many(count: int) -> list[MessageDraft]:
    return [example_draft().model_copy(update={"operation_id": new_id()}) for _ in range(count)]


def refused(*numbers: int) -> list[Record]:
    return [Record(n, 1, None, (Complaint("sender_is_not_you", Severity.ERROR, "a--b", 1, n),)) for n in numbers]


def back(content: bytes, *numbers: int) -> bytes:
    return b"".join(reject_document(io.BytesIO(content), DEFAULT_LIMITS, refused(*numbers)))


@pytest.mark.parametrize("encoding", ["UTF-8", "windows-1251", "UTF-16"])
@pytest.mark.parametrize("version", [1, 2])
@settings(max_examples=20)
@given(which=st.sets(st.integers(1, 5), min_size=1))
def test_those_that_were_refused_and_no_others_are_read_again(encoding: str, version: int, which: set[int]) -> None:
    drafts = many(5)
    text = (write_referrals if version == 1 else write_documents)(drafts).decode("utf-8").partition("?>")[2]
    content = f"<?xml version='1.0' encoding='{encoding}'?>{text}".encode(encoding, "xmlcharrefreplace")
    again = io.BytesIO(back(content, *sorted(which)))
    found = (
        [one.draft for one in read_referrals(again)] if version == 1 else [one.value for one in read_documents(again)]
    )
    assert found == [drafts[number - 1] for number in sorted(which)]


@settings(max_examples=40)
@given(messages() | summaries() | consents())
def test_whatever_a_record_holds_comes_back(value: BaseModel) -> None:
    content = write_document(value)
    assert [one.value for one in read_documents(io.BytesIO(back(content, 1)))] == [value]


@pytest.mark.parametrize("write", [write_referral, write_document])
def test_a_single_record_stays_single_and_is_told_what_is_wrong(write) -> None:  # type: ignore[no-untyped-def]
    content = write(many(1)[0])
    root = etree.fromstring(back(content, 1))
    assert etree.fromstring(content).tag == root.tag
    comment = root.getprevious()
    assert comment is not None
    assert comment.text is not None
    assert comment.text.startswith(" a- -b: ")


def test_nothing_refused_makes_no_document() -> None:
    assert back(write_documents(many(2))) == b""


NAMES = st.text("-_aя.9", min_size=1, max_size=90).map(lambda rest: f"_{rest}")


@pytest.mark.parametrize("version", [1, 2])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_an_element_is_called_the_file_of_it_is_read_again(version: int, data: st.DataObject) -> None:
    """The words of what is wrong name it, and no comment may have two hyphens side by side."""
    write, read = (write_referrals, read_referrals) if version == 1 else (write_documents, read_documents)
    content = write(many(2)).decode()
    places = [at for at in range(content.index("\n") + 1, len(content)) if content[at] == "<"]
    at, name = data.draw(st.sampled_from(places[1:-1])), data.draw(NAMES)
    content = f"{content[:at]}<{name}/>{content[at:]}"
    found = [one if isinstance(one, Record) else one.as_record() for one in read(io.BytesIO(content.encode()))]
    refused = [one for one in found if one.draft is None]
    assert refused
    parts = reject_document(io.BytesIO(content.encode()), DEFAULT_LIMITS, refused)
    again = [one if isinstance(one, Record) else one.as_record() for one in read(io.BytesIO(b"".join(parts)))]
    assert [[one.code for one in record.complaints] for record in again] == [
        [one.code for one in record.complaints] for record in refused
    ]


@settings(max_examples=60, deadline=None)
@given(words=st.text("-—_aя<>&.\x01\n", max_size=40), encoding=st.sampled_from(["utf-8", "windows-1251", "utf-16"]))
def test_whatever_is_said_of_a_record_that_is_cut_out_the_file_is_well_formed(words: str, encoding: str) -> None:
    content = f"<?xml version='1.0' encoding='{encoding}'?><Все><Один/><Один/></Все>".encode(encoding)
    root = etree.fromstring(b"".join(cut_records(io.BytesIO(content), 2, [Kept(2, words)])))
    comment, one = root
    assert (one.tag, len(root)) == ("Один", 2)
    assert str(comment.text).replace(" ", "").strip() == f"{OWN}{words}".replace("\x01", "").replace(" ", "").strip()
