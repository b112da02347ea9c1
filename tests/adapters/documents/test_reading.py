"""Canonical documents in: what is wrong is named with its place, line and rule, and never stops the records beside it."""

from __future__ import annotations

import io
from importlib import resources

import pytest
from lxml import etree

from adapters.documents.reader import read_documents
from adapters.documents.record import DocumentRecord
from adapters.documents.writer import write_document, write_documents
from adapters.limits import Limits
from schemas.catalogue import text
from schemas.documents import KINDS, NAMESPACE, check_elements, elements
from schemas.errors import BadInput, DocumentRejected
from tests.adapters.documents.wrong import WRONG
from tests.generate import example_of

BY_CODE = {kind.code: kind for kind in KINDS}
DOCUMENTS = {code: write_document(example_of(kind)).decode() for code, kind in BY_CODE.items()}


def read(content: str | bytes, limits: Limits | None = None) -> list[DocumentRecord]:
    raw = content.encode() if isinstance(content, str) else content
    return list(read_documents(io.BytesIO(raw), limits or Limits()))


def changed(code: str, old: str, new: str) -> str:
    assert DOCUMENTS[code].count(old) >= 1, old
    return DOCUMENTS[code].replace(old, new, 1)


def test_the_examples_are_what_they_say() -> None:
    for code, kind in BY_CODE.items():
        (record,) = read(DOCUMENTS[code])
        assert (record.value, record.complaints, record.kind) == (example_of(kind), (), kind)


def test_every_field_has_its_element_and_a_row_too_many_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    check_elements()
    known = dict(elements())
    for wrong in (
        known | {("Message", "invented"): known["Message", "type"]},
        {key: value for key, value in known.items() if key != ("Goal", "state")},
        known | {("Goal", "state"): known["Goal", "goal"]},
    ):
        monkeypatch.setattr("schemas.documents.elements", lambda wrong=wrong: wrong)
        with pytest.raises(RuntimeError, match=r"Message\.invented|Goal"):
            check_elements()


@pytest.mark.parametrize(("code", "old", "new", "rule", "place", "severity"), WRONG)
def test_what_is_wrong_is_named(code: str, old: str, new: str, rule: str | None, place: str, severity: str) -> None:
    (record,) = read(changed(code, old, new))
    told = [(c.code, c.place, c.severity.value) for c in record.complaints]
    assert told == ([(rule, place, severity)] if rule else [])
    assert (record.value is None) == (severity == "error")
    for complaint in record.complaints:
        words = complaint.message() + complaint.remedy() + complaint.place
        assert new not in words or new.isdigit() or not new or "<" in new
        line = (
            DOCUMENTS[code].split("\n").index(next(ln for ln in DOCUMENTS[code].split("\n") if old.strip() in ln)) + 1
        )
        assert complaint.line is not None
        assert abs(complaint.line - line) <= 1 or place in {"CaseSummary", "Service", "Note"}


def test_one_bad_record_does_not_stop_the_others() -> None:
    kind = BY_CODE["consent"]
    batch = write_documents([example_of(kind)] * 3).decode().split("<Consent>")
    batch[2] = batch[2].replace("mother", "aunt")
    records = read("<Consent>".join(batch))
    assert [record.value is not None for record in records] == [True, False, True]
    assert [c.code for c in records[1].complaints] == ["code_unknown"]


def test_a_repeat_in_the_same_file_is_refused_where_documents_have_a_key() -> None:
    for code, kind in BY_CODE.items():
        records = read(write_documents([example_of(kind)] * 2))
        repeated = [c.code for c in records[1].complaints]
        assert repeated == (["record_repeated"] if kind.key else []), code
        assert (records[1].value is None) == bool(kind.key)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("", "document_empty"),
        ("<a/>", "document_root_unknown"),
        ('<Message xmlns="urn:mezhved:exchange:1"/>', "document_root_unknown"),
        (f'<Messages xmlns="{NAMESPACE}"/>', "document_without_records"),
        (f'<!DOCTYPE a><Messages xmlns="{NAMESPACE}"/>', "document_has_doctype"),
        (f'<Messages xmlns="{NAMESPACE}"><Message>', "document_truncated"),
        (f'<Messages xmlns="{NAMESPACE}">words<Message/></Messages>', "text_between_records"),
        (f'<Messages xmlns="{NAMESPACE}" x="1"><Message/></Messages>', "root_attribute_unknown"),
        ("<?xml version='1.0' encoding='koi8-r'?><a/>", "document_encoding_not_accepted"),
        (f'<Message xmlns="{NAMESPACE}">' + "<a>" * 20 + "</a>" * 20 + "</Message>", "document_too_deep"),
    ],
)
def test_a_document_that_is_broken_as_a_whole_is_refused(content: str, rule: str) -> None:
    with pytest.raises(DocumentRejected) as refused:
        read(content)
    assert refused.value.code == rule
    assert text(f"errors.{rule}", "ru", **refused.value.params)


def test_a_record_of_another_kind_in_a_batch_is_named() -> None:
    mixed = DOCUMENTS["consent"].split("?>\n")[1]
    (record,) = read(f'<Messages xmlns="{NAMESPACE}">{mixed}</Messages>')
    assert [(c.code, c.place, c.params["expected"]) for c in record.complaints] == [
        ("element_not_expected", "Consent", "Message")
    ]


@pytest.mark.parametrize("content", ["<x:Messages xmlns='{0}'/>", "<Messages xmlns='{0}'><x:Message/></Messages>"])
def test_a_prefix_that_nobody_declared_breaks_the_document(content: str) -> None:
    """Found by fuzzing: libxml2 builds an element of it before it complains."""
    with pytest.raises(DocumentRejected, match="document_not_wellformed"):
        read(content.format(NAMESPACE))


def test_an_id_stands_on_the_root_only() -> None:
    (record,) = read(changed("message", "<Message ", '<Message Id="x" '))
    assert record.complaints == ()
    batch = write_documents([example_of(BY_CODE["message"])]).decode()
    (record,) = read(batch.replace("<Message>", '<Message Id="x">'))
    assert [c.code for c in record.complaints] == ["id_only_on_root"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251"])
def test_encodings(encoding: str) -> None:
    content = DOCUMENTS["message"].replace("encoding='UTF-8'", f"encoding='{encoding}'").encode(encoding)
    (record,) = read(content)
    assert record.value == example_of(BY_CODE["message"])


def test_an_absent_default_and_nothing_are_told_apart() -> None:
    kind = BY_CODE["consent"]
    none = example_of(kind).model_copy(update={"form": None})
    written = write_document(none).decode()
    assert 'nil="true"' in written
    (record,) = read(written)
    assert record.value == none
    paper = example_of(kind).model_copy(update={"form": "paper"})
    assert "Form" not in write_document(paper).decode()


def test_what_the_schema_has_no_place_for_is_not_written() -> None:
    broken = example_of(BY_CODE["message"]).model_copy(update={"reg_number": "и" * 501})
    with pytest.raises(BadInput, match="draft_not_writable") as refused:
        write_document(broken)
    assert refused.value.params["element"] == "RegNumber"
    with pytest.raises(BadInput, match="document_without_records"):
        write_documents([])


def test_the_schema_has_one_attribute_of_type_id_and_qualifies_every_element() -> None:
    tree = etree.fromstring(resources.files("schemas").joinpath("xsd", "exchange-2.xsd").read_bytes())
    xs = "{http://www.w3.org/2001/XMLSchema}"
    assert tree.get("elementFormDefault") == "qualified"
    names = {kind.batch for kind in KINDS} | {kind.root for kind in KINDS}
    assert {one.get("name") for one in tree.findall(f"{xs}element")} == names
    ids = [one for one in tree.iter(f"{xs}attribute") if one.get("type") == "xs:ID"]
    assert len(ids) == 2 * len(KINDS)
    assert {one.get("name") for one in tree.iter(f"{xs}attribute")} == {"Id"}
