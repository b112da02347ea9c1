"""Records that stand to the letter are not compared element by element: what that would have found is found all the same."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from adapters.documents import record as documents
from adapters.documents.reader import read_documents
from adapters.documents.writer import write_document
from adapters.xml import record as referrals
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral
from schemas.summary import ConsentDraft
from tests.document_strategies import consents, messages, summaries
from tests.generate import example_draft

TEXT = re.compile(r">([^<>]+)<")
CHANGES = (
    lambda text: text,
    lambda text: f" {text}",
    lambda text: f"{text}\n",
    lambda text: f"{text}+03:00",
    str.lower,
    str.upper,
    lambda text: text.replace("true", "1"),
)


def changed(content: bytes, place: int, change: int, *, attribute: bool) -> bytes:
    """One text of a document written otherwise, or an attribute put where none belongs."""
    text = content.decode("utf-8")
    found = [one for one in TEXT.finditer(text) if one[1].strip()]
    one = found[place % len(found)]
    if attribute:
        return f'{text[: one.start()]} x="1"{text[one.start() :]}'.encode()
    return f"{text[: one.start(1)]}{CHANGES[change](one[1])}{text[one.end(1) :]}".encode()


@settings(max_examples=150)
@given(messages() | summaries() | consents(), st.integers(0, 200), st.integers(0, len(CHANGES) - 1), st.booleans())
def test_documents(value: BaseModel, place: int, change: int, attribute: bool) -> None:
    content = changed(write_document(value), place, change, attribute=attribute)
    quick = list(read_documents(io.BytesIO(content)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "is_literal", lambda *_: False)
        assert quick == list(read_documents(io.BytesIO(content)))


@pytest.mark.parametrize("attribute", [True, False])
@pytest.mark.parametrize("change", range(len(CHANGES)))
def test_referrals(change: int, *, attribute: bool) -> None:
    content = write_referral(example_draft())
    for place in range(len(TEXT.findall(content.decode()))):
        other = changed(content, place, change, attribute=attribute)
        quick = list(read_referrals(io.BytesIO(other)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(referrals, "is_literal", lambda *_: False)
            assert quick == list(read_referrals(io.BytesIO(other)))


def test_what_stands_to_the_letter_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> object:
        raise AssertionError

    content = write_document(example_draft())
    monkeypatch.setattr(documents, "record_losses", fails)
    assert [one.value for one in read_documents(io.BytesIO(content))] == [example_draft()]


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (">true</Verified>", ">1</Verified>", "code_translated"),  # in a list of models
        (
            "<Consent ",
            '<Consent xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="a b" ',
            "attribute",
        ),
    ],
)
def test_what_the_schema_lets_through_is_told(before: str, after: str, rule: str) -> None:
    consent = ConsentDraft.model_validate(
        {
            "subject_ref": "K-1",
            "subject_kind": "child",
            "recipient_ogrn": "1027700900017",
            "purpose": "CASE_MGMT",
            "categories": ["ID"],
            "given_on": "2026-03-01",
            "signers": [{"who": "mother", "verified": True}],
        }
    )
    content = write_document(consent)
    assert before.encode() in content
    (record,) = read_documents(io.BytesIO(content.replace(before.encode(), after.encode())))
    assert record.value == consent
    assert rule in [loss.code for loss in record.losses]
