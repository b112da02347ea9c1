"""Answers of partners as files: read tolerantly, complained of by code and place, reported without a value."""

from __future__ import annotations

import csv
import io
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.answers.elements import answer_fields
from adapters.answers.report import REFUSED, TAKEN, Answered, rejection_table, report_table
from adapters.answers.table import read_answer_table
from adapters.answers.xml import read_answers
from adapters.limits import DEFAULT_LIMITS, Limits
from schemas.answers import RECEIVED, answer_event, event_names
from schemas.errors import DocumentRejected
from schemas.lifecycle import Event

ONE = "3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f30"
TWO = "0b9c5d1e-2a43-4f6b-8c7d-9e0f1a2b3c4d"
OGRN = "1027700900017"
NS = 'xmlns="urn:mezhved:exchange:1"'


def answer(**fields: str | list[str]) -> str:
    inner = ""
    for name, value in fields.items():
        inner += "".join(f"<{name}>{one}</{name}>" for one in ([value] if isinstance(value, str) else value))
    return f"<Answer>{inner}</Answer>"


def read_answer_xml(content: bytes, limits: Limits = DEFAULT_LIMITS):
    return read_answers(io.BytesIO(content), limits)


def read_answer_csv(content: bytes, limits: Limits = DEFAULT_LIMITS):
    return read_answer_table(io.BytesIO(content), limits).records


def document(*answers: str) -> bytes:
    return f"<?xml version='1.0' encoding='UTF-8'?><Answers {NS}>{''.join(answers)}</Answers>".encode()


def xml(*answers: str):
    return list(read_answer_xml(document(*answers)))


def table(
    *rows: str, encoding: str = "utf-8", heading: str = "Номер передачи;Событие;Причина (код);Пояснение"
) -> bytes:
    return "\r\n".join((heading, *rows)).encode(encoding)


FULL = answer(
    AnswerId=TWO,
    DeliveryId=ONE,
    Event="reject",
    ReasonCode="NO_CAPACITY",
    Words="Мест нет до лета",
    AlternativeOgrn=[OGRN, "102770090001712"],
    NoneBecauseCode="none_known",
    Statute="ст. 5",
)


def test_everything_that_an_answer_can_say() -> None:
    (record,) = xml(FULL)
    assert record.complaints == ()
    assert record.draft is not None
    assert record.draft.model_dump() == {
        "operation_id": TWO,
        "delivery_id": ONE,
        "message_id": None,
        "event": "reject",
        "reason": "NO_CAPACITY",
        "words": "Мест нет до лета",
        "alternatives": (OGRN, "102770090001712"),
        "none_because": "none_known",
        "statute": "ст. 5",
    }


def test_the_published_schema_accepts_what_a_careful_partner_writes() -> None:
    schema = etree.XMLSchema(etree.XML(resources.files("schemas").joinpath("xsd", "answers-1.xsd").read_bytes()))
    for good in (FULL, answer(MessageId=ONE, Event="Принято"), answer(DeliveryId=ONE, MessageId=TWO, Event="open")):
        assert schema.validate(etree.XML(document(good))), schema.error_log
        (record,) = xml(good)
        assert record.draft is not None
    for bad in (answer(Event="open"), answer(DeliveryId=ONE), answer(DeliveryId="x", Event="open")):
        assert not schema.validate(etree.XML(document(bad)))
    named = {element.get("name") for element in schema_elements()}
    assert {field.element for field in answer_fields()} <= named


def schema_elements():
    root = etree.XML(resources.files("schemas").joinpath("xsd", "answers-1.xsd").read_bytes())
    return root.iter("{http://www.w3.org/2001/XMLSchema}element")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_a_table_in_every_dress(encoding: str, delimiter: str) -> None:
    text = "Номер передачи;Событие;Причина (код);Пояснение\r\n" + f"{ONE};Отказано;NO_CAPACITY;Мест нет\r\n"
    (record,) = read_answer_csv(text.replace(";", delimiter).encode(encoding))
    assert record.draft is not None
    assert (record.draft.event, record.draft.words, record.line) == ("reject", "Мест нет", 2)


def test_titles_other_spellings_totals_and_unknown_columns_do_no_harm() -> None:
    rows = [
        "Ответы за март;;;",
        "ID сообщения *;СТАТУС;Комментарий;Цвет",
        f"{ONE};принято в работу;нет;синий",
        ";;;",
        "Итого;1;;",
    ]
    (record,) = read_answer_csv("\n".join(rows).encode())
    assert record.draft is not None
    assert (record.draft.message_id, record.draft.event, record.draft.words) == (ONE, "accept", None)


def test_the_same_content_is_the_same_answer_and_another_is_not() -> None:
    first, again, other = (
        next(iter(read_answer_csv(table(row)))).draft
        for row in (f"{ONE};accept;;", f"'{ONE};Принято;;", f"{ONE};complete;;")
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.operation_id == again.operation_id != other.operation_id
    (by_xml,) = xml(answer(DeliveryId=ONE, Event="accepted"))
    assert by_xml.draft is not None
    assert by_xml.draft.operation_id == first.operation_id


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (answer(Event="open"), "answer_about_nothing", "DeliveryId"),
        (answer(DeliveryId=ONE), "answer_event_missing", "Event"),
        (answer(DeliveryId=ONE, Event="съедено"), "answer_event_unknown", "Event"),
        (answer(DeliveryId="Иванова", Event="open"), "answer_field_invalid", "DeliveryId"),
        (answer(DeliveryId=ONE, Event="open", AnswerId="1"), "answer_field_invalid", "AnswerId"),
        (answer(DeliveryId=ONE, Event="open", AlternativeOgrn="12"), "answer_field_invalid", "AlternativeOgrn"),
        (answer(DeliveryId=ONE, Event="open", Words="x" * 4001), "answer_field_invalid", "Words"),
        (answer(DeliveryId=ONE, Event="open", ReasonCode="нет мест"), "answer_field_invalid", "ReasonCode"),
        (answer(DeliveryId=ONE, Event="open", Name="Иванова"), "answer_element_unknown", "Name"),
        (answer(DeliveryId=[ONE, TWO], Event="open"), "answer_element_repeated", "DeliveryId"),
        (answer(DeliveryId="<x>1</x>", Event="open"), "answer_element_unknown", "DeliveryId"),
        ("<Other/>", "answer_element_unknown", "Other"),
    ],
)
def test_a_bad_answer_is_named_by_code_and_place_and_the_next_one_is_taken(body: str, code: str, place: str) -> None:
    bad, good = xml(body, answer(DeliveryId=ONE, Event="open"))
    assert bad.draft is None
    assert (bad.complaints[0].code, bad.complaints[0].place) == (code, place)
    assert good.draft is not None
    report = report_table([Answered(bad, REFUSED), Answered(good, TAKEN, good.draft.operation_id)]).decode("utf-8-sig")
    assert "Иванова" not in report
    assert code in report
    assert "принято" in report


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "document_empty"),
        (b"<Answers", "document_truncated"),
        (document(FULL).removesuffix(b"</Answers>"), "document_truncated"),
        (f"<Answers {NS}/>".encode(), "answers_empty"),
        (f"<Referrals {NS}/>".encode(), "answers_root_unknown"),
        (b"<Answers/>", "answers_root_unknown"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "document_has_doctype"),
    ],
)
def test_a_broken_document_is_refused_as_a_whole(content: bytes, code: str) -> None:
    with pytest.raises(DocumentRejected) as refused:
        list(read_answer_xml(content))
    assert refused.value.code == code
    assert code in rejection_table(refused.value).decode("utf-8-sig")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "document_empty"),
        (b"PK\x03\x04", "archive_broken"),
        ("Что-то;Иное\r\n1;2".encode(), "answers_heading_unknown"),
        ("Номер передачи;Пояснение\r\n1;2".encode(), "required_column_missing"),
        (table(), "answers_empty"),
    ],
)
def test_a_broken_table_is_refused_as_a_whole(content: bytes, code: str) -> None:
    with pytest.raises(DocumentRejected) as refused:
        list(read_answer_csv(content))
    assert refused.value.code == code


def test_the_row_at_which_a_file_breaks_off_is_kept_out_and_those_before_it_are_read() -> None:
    good, cut = read_answer_csv(table(f"{ONE};accept;;да", f'{TWO};accept;;"не закрыто'))
    assert good.draft is not None
    assert [complaint.code for complaint in cut.complaints] == ["quote_not_closed"]


def test_formulas_and_cells_beyond_the_heading_keep_a_row_out() -> None:
    formula, extra, good = read_answer_csv(
        table(f"{ONE};accept;;=HYPERLINK(1)", f"{ONE};accept;;да;и ещё", f"{ONE};accept;;да")
    )
    assert [complaint.code for complaint in formula.complaints] == ["formula_in_cell"]
    assert [complaint.code for complaint in extra.complaints] == ["extra_columns"]
    assert good.draft is not None


def test_limits() -> None:
    few = Limits(max_records=1)
    for reader, content in (
        (read_answer_xml, document(FULL, FULL)),
        (read_answer_csv, table(f"{ONE};accept;;", f"{TWO};accept;;")),
    ):
        with pytest.raises(DocumentRejected) as refused:
            list(reader(content, few))
        assert refused.value.code == "document_too_many_records"


def test_events_are_those_of_the_life_of_a_message_in_every_spelling() -> None:
    lifecycle = {event.value for event in Event}
    assert set(event_names()) - {RECEIVED} <= lifecycle
    assert lifecycle - set(event_names()) == {"submit", "discard", "deliver", "answer", "redirect", "expire"}
    for code, name in event_names().items():
        assert {answer_event(code), answer_event(name), answer_event(f"  {name.upper()} ")} == {code}
    assert answer_event("") is None


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_stands_in_a_cell_ends_as_a_draft_or_a_complaint(about: str, event: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["Номер передачи", "Событие"])
    writer.writerow([about, event])
    try:
        records = list(read_answer_csv(out.getvalue().encode("utf-8", "replace")))
    except DocumentRejected:
        return
    for record in records:
        assert (record.draft is None) == bool(record.complaints)
        report_table([Answered(record, REFUSED if record.draft is None else TAKEN)])
