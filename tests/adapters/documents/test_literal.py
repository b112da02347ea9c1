"""Records that stand to the letter are not compared element by element: what that would have found is found all the same."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from adapters.documents import record as documents
from adapters.documents.reader import read_documents
from adapters.documents.shape import plan_of
from adapters.documents.writer import write_document
from adapters.xml import losses
from adapters.xml import record as referrals
from adapters.xml.fill import Odd, fill
from adapters.xml.losses import is_literal
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral, written
from schemas.messages import Instant, OperationId
from schemas.model import Model
from schemas.sections import Code, Line, PartialDate
from schemas.summary import ConsentDraft
from tests.directory_strategies import directories
from tests.document_strategies import authorities, consents, messages, summaries
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


SPELLINGS: tuple[Callable[[str], str], ...] = (
    *CHANGES,
    str.title,
    lambda text: text.replace("+00:00", "Z"),
    lambda text: f"+{text}",
    lambda text: f"0{text}",
    lambda text: f"{text}.0",
)
listed = directories.map(lambda one: [*one.organisations, *one.services]).filter(bool).flatmap(st.sampled_from)


def says_all(value: object, said: object) -> bool:
    """Every text that was given, beside the value that was made of it."""
    if isinstance(said, dict):
        return all(says_all(getattr(value, name, None), one) for name, one in said.items())
    if isinstance(said, list):
        return isinstance(value, tuple) and len(value) == len(said) and all(map(says_all, value, said))
    return value == said or (not isinstance(value, str) and value is not None and written(value) == said)


@settings(max_examples=200)
@given(messages() | summaries() | consents() | authorities() | listed, st.integers(0), st.sampled_from(SPELLINGS))
def test_what_is_not_compared_is_what_was_given(value: BaseModel, place: int, spelling: Callable[[str], str]) -> None:
    root = etree.fromstring(write_document(value))
    leaves = [one for one in root.iter() if one.text and one.text.strip()]
    leaf = leaves[place % len(leaves)]
    leaf.text = spelling(str(leaf.text))
    odd = Odd()
    values = fill(root, plan_of(type(value)), odd, {})
    try:
        found = type(value).model_validate(values)
    except ValidationError:
        return
    assert odd.any or is_literal(root, values, found) == says_all(found, values)


class Plain(Model):
    code: Code
    words: tuple[Line, ...] = ()
    kind: Literal["a", "b"] | None = None


class Dated(Model):
    plain: Plain
    on: date


class Checked(Model):
    word: Line

    @field_validator("word")
    @classmethod
    def _other(cls, word: str) -> str:
        return word[::-1]


class Made(Model):
    word: Line

    @model_validator(mode="before")
    @classmethod
    def _other(cls, said: dict[str, str]) -> dict[str, str]:
        return {"word": said["word"][::-1]}


@pytest.mark.parametrize(
    ("annotation", "is_kept"),
    [
        (str, True),
        (Line, True),
        (Code | None, True),
        (tuple[Line, ...], True),
        (Literal["a", "b"], True),
        (Plain, True),
        (tuple[Plain, ...] | None, True),
        (OperationId, False),
        (tuple[OperationId, ...], False),
        (PartialDate, False),
        (Annotated[Line, AfterValidator(str.title)], False),
        (Annotated[str, BeforeValidator(str.title)], False),
        (Annotated[tuple[Line, ...], AfterValidator(sorted)], False),
        (Annotated[str, Field(max_length=5, coerce_numbers_to_str=True)], False),
        (Literal[1], False),
        (frozenset[Line], False),
        (date | None, False),
        (Instant, False),
        (bool, False),
        (int | None, False),
        (object, False),
        (Dated, False),
        (tuple[Dated, ...], False),
        (Checked, False),
        (Annotated[Plain, AfterValidator(lambda one: one.model_copy(update={"code": "b"}))], False),
        (Made | None, False),
    ],
)
def test_what_may_become_something_else_is_compared(annotation: object, *, is_kept: bool) -> None:
    one = type("One", (Model,), {"__annotations__": {"field": annotation}, "__module__": __name__})
    assert losses._in_doubt(one) == (() if is_kept else ("field",))


def test_a_class_that_is_compared_is_so_field_by_field() -> None:
    assert losses._in_doubt(Dated) == ("on",)
    given_for = {"plain": {"code": "other"}, "on": "2026-03-02"}
    value = Dated.model_validate({"plain": {"code": "x"}, "on": "2026-03-02"})
    assert is_literal(etree.Element("x"), given_for, value)
    assert not is_literal(etree.Element("x"), given_for | {"on": "2026-03-03"}, value)
    assert not is_literal(etree.Element("x", at=""), given_for, value)


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
