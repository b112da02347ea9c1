"""Of a file of answers every byte is in an answer, in the loss report, or comes back in the reject file."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.answers.table import read_answer_table
from adapters.answers.xml import read_answers
from adapters.documents.rejects import reject_document
from adapters.limits import DEFAULT_LIMITS
from adapters.tables.rejects import reject_file
from adapters.xml.asides import asides
from schemas.errors import DocumentRejected

ONE = "3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f30"
TWO = "0b9c5d1e-2a43-4f6b-8c7d-9e0f1a2b3c4d"
NS = "urn:mezhved:exchange:1"
GOOD = f"<Answer><AnswerId>{TWO}</AnswerId><DeliveryId>{ONE}</DeliveryId><Event>accept</Event></Answer>"


def document(*inner: str, root: str = "Answers") -> bytes:
    return f"<{root} xmlns='{NS}'>{''.join(inner)}</{root}>".encode()


def read(content: bytes):
    return list(read_answers(io.BytesIO(content)))


def told(content: bytes) -> list[tuple[str, str]]:
    found = [loss for record in read(content) for loss in record.losses]
    return sorted((loss.code, loss.place) for loss in [*found, *asides(io.BytesIO(content))])


@pytest.mark.parametrize(
    ("inner", "losses"),
    [
        (GOOD, []),
        (GOOD.replace("accept", "Принято"), [("code_translated", "Event")]),
        (GOOD.replace("accept", "ACCEPT"), [("code_translated", "Event")]),
        (GOOD.replace("accept", " accept\n"), [("spaces", "Event")]),
        (GOOD.replace(TWO, TWO.upper()), [("letter_case", "AnswerId")]),
        (GOOD.replace(f"<AnswerId>{TWO}</AnswerId>", ""), [("identifier_derived", "AnswerId")]),
        (GOOD.replace("<Event>", '<Event lang="ru">'), [("attribute", "Event/@lang")]),
        (GOOD.replace("<Answer>", '<Answer mark="7">'), [("attribute", "@mark")]),
        (f"<!-- позвонить -->{GOOD}", [("comment", "")]),
        (GOOD.replace("<Event>", "<?ours x?><Event>"), [("instruction", "ours")]),
    ],
)
def test_what_is_not_taken_to_the_letter_is_told(inner: str, losses: list[tuple[str, str]]) -> None:
    assert told(document(inner)) == losses


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        (GOOD.replace("<Event>", "позвонить Ивановой<Event>"), "answer_text_beside"),
        (GOOD.replace("<AnswerId>", "ещё<AnswerId>"), "answer_text_beside"),
        (GOOD.replace("<Answer>", '<Answer Id="a">'), "id_only_on_root"),
        (GOOD.replace("<Event>", "<Event><b/>"), "answer_element_unknown"),
    ],
)
def test_what_has_no_place_keeps_the_answer_out(inner: str, code: str) -> None:
    bad, good = read(document(inner, GOOD))
    assert [one.code for one in bad.complaints] == [code]
    assert bad.losses == ()
    assert good.draft is not None


def test_an_answer_alone_is_told_as_one_of_many() -> None:
    inner = GOOD.removeprefix("<Answer>").removesuffix("</Answer>").replace("accept", "принято")
    alone = f'<Answer xmlns="{NS}" Id="a"><!-- да -->{inner}</Answer>'.encode()
    assert told(alone) == [("code_translated", "Event"), ("comment", "")]
    with pytest.raises(DocumentRejected) as refused:
        told(alone.replace(b"Id=", b"mark="))
    assert refused.value.code == "root_attribute_unknown"


pieces = st.sampled_from(["accept", "Принято", " begin ", "ACCEPT", "Завершено\n"])
padded = st.tuples(st.sampled_from(["", " ", "\n\t"]), st.text("абв гдеxyz<&", max_size=12), st.sampled_from(["", " "]))


@given(pieces, padded, st.booleans(), st.booleans())
def test_no_text_goes_unheard(event: str, words: tuple[str, str, str], upper: bool, named: bool) -> None:
    root = etree.Element(f"{{{NS}}}Answers", nsmap={None: NS})
    answer = etree.SubElement(root, f"{{{NS}}}Answer")
    said = {"AnswerId": TWO if named else None, "DeliveryId": ONE.upper() if upper else ONE, "Event": event}
    for name, value in {**said, "Words": "".join(words)}.items():
        if value is not None:
            etree.SubElement(answer, f"{{{NS}}}{name}").text = value
    (record,) = read(etree.tostring(root))
    assert record.draft is not None
    kept = {str(value) for value in record.draft.model_dump(mode="json").values()}
    places = {loss.place for loss in record.losses}
    for child in answer:
        name, text = child.tag.rpartition("}")[2], child.text or ""
        assert not text or text in kept or name in places, name


def test_refused_answers_of_xml_come_back_and_are_taken_when_corrected() -> None:
    bad = f"<Answer><MessageId>{ONE}</MessageId><Event>съедено</Event></Answer>"
    content = document(GOOD, bad, GOOD.replace(TWO, "нет"))
    refused = [record for record in read(content) if record.draft is None]
    back = b"".join(reject_document(io.BytesIO(content), DEFAULT_LIMITS, refused))
    assert GOOD.encode() not in back
    assert "Event: Такого события нет." in back.decode()
    again = read(back)
    assert [[one.code for one in record.complaints] for record in again] == [
        ["answer_event_unknown"],
        ["answer_field_invalid"],
    ]
    first, second = read(back.replace("съедено".encode(), b"accept").replace("нет</".encode(), f"{TWO}</".encode()))
    assert first.draft is not None
    assert second.draft == read(document(GOOD))[0].draft


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251", "utf-16"])
def test_refused_answers_of_a_table_come_back_and_are_taken_when_corrected(encoding: str) -> None:
    rows = [
        "Ответы за март;;",
        "Номер передачи;Событие;Пояснение",
        f"{ONE};Принято;да",
        f"{TWO};съедено;Мест нет",
        f"{TWO};accept;=СУММ(1)",
    ]
    content = "\r\n".join(rows).encode(encoding)
    reading = read_answer_table(io.BytesIO(content))
    records = list(reading.records)
    back = reject_file(reading.layout, records)
    text = back.decode(encoding)
    assert text.startswith("Ответы за март")
    assert "Событие: Такого события нет." in text
    assert ONE not in text
    again = list(read_answer_table(io.BytesIO(back)).records)
    assert [[one.code for one in record.complaints] for record in again] == [
        ["answer_event_unknown"],
        ["formula_in_cell"],
    ]
    corrected = text.replace("съедено", "Отказано").replace("'=СУММ(1)", "да").encode(encoding)
    drafts = [record.draft for record in read_answer_table(io.BytesIO(corrected)).records]
    as_first = "\r\n".join([rows[1], f"{TWO};Отказано;Мест нет", f"{TWO};accept;да"]).encode()
    assert drafts == [record.draft for record in read_answer_table(io.BytesIO(as_first)).records]


def test_the_parser_is_as_hard_as_that_of_messages() -> None:
    deep = "<Words>" + "<b>" * 40 + "</b>" * 40 + "</Words>"
    many = " ".join(f'a{number}="1"' for number in range(60))
    for inner, code in (
        (f"<Answer>{deep}</Answer>", "document_too_deep"),
        (f"<Answer {many}/>", "document_too_many_attributes"),
        (f"текст{GOOD}", "text_between_records"),
    ):
        with pytest.raises(DocumentRejected) as refused:
            read(document(inner))
        assert refused.value.code == code
