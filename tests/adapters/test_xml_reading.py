"""Documents in: what is taken, what is told about a bad record, and what is refused as a whole."""

from __future__ import annotations

import contextlib
import io

import pytest

from adapters.limits import Limits
from adapters.report import Severity
from adapters.xml import stream as stream_module
from adapters.xml.reader import read_referrals
from adapters.xml.stream import record_elements
from adapters.xml.writer import write_referral, write_referrals
from schemas.errors import BadInput, DocumentRejected
from tests.adapters.work import Work, is_linear

NS = "urn:mezhved:exchange:1"


def replaced(document: bytes, old: str, new: str) -> bytes:
    assert old.encode() in document
    return document.replace(old.encode(), new.encode(), 1)


def test_a_single_referral_and_a_batch_are_both_accepted(read_xml, referral, signal):
    assert [record.draft for record in read_xml(write_referral(referral))] == [referral]
    other = signal.model_copy(update={"operation_id": "6f9619ff-8b86-4011-b42d-00cf4fc964fe"})
    records = read_xml(write_referrals([referral, other]))
    assert [(record.number, record.draft) for record in records] == [(1, referral), (2, other)]
    assert records[1].line > records[0].line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "windows-1251"])
def test_encodings_that_partners_use(read_xml, referral, encoding):
    text = write_referral(referral).decode().replace("encoding='UTF-8'", f"encoding='{encoding}'")
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    declared = text.replace("utf-16-le", "utf-16")
    assert [record.draft for record in read_xml(mark + declared.encode(encoding))] == [referral]


def test_id_on_the_root_is_accepted_and_on_a_record_of_a_batch_refused(read_xml, referral):
    alone = replaced(write_referral(referral), "<Referral ", '<Referral Id="a1" ')
    assert read_xml(alone)[0].draft == referral
    batch = write_referrals([referral])
    assert read_xml(replaced(batch, "<Referrals ", '<Referrals Id="a1" '))[0].draft == referral
    inside = read_xml(replaced(batch, "<Referral>", '<Referral Id="a1">'))[0]
    assert inside.draft is None
    assert [complaint.code for complaint in inside.complaints] == ["id_only_on_root"]


def test_three_names_are_joined(read_xml, referral):
    name = "<FullName>Синтетова Анна Примеровна</FullName>"
    parts = "<FamilyName> Синтетова</FamilyName><FirstName>Анна</FirstName><Patronymic>Примеровна</Patronymic>"
    assert read_xml(replaced(write_referral(referral), name, parts))[0].draft == referral


def test_a_comment_does_not_cut_a_value(read_xml, referral):
    document = replaced(write_referral(referral), "11223344595", "112<!-- x -->233<?pi y?>44595")
    assert read_xml(document)[0].draft == referral


def test_one_bad_record_does_not_kill_the_file(read_xml, referral):
    drafts = [
        referral.model_copy(update={"operation_id": f"6f9619ff-8b86-4011-b42d-0000000000{n:02d}"}) for n in range(5)
    ]
    document = replaced(write_referrals(drafts), "<Urgency>urgent</Urgency>", "<Urgency>скоро</Urgency>")
    records = read_xml(document)
    assert [record.draft is not None for record in records] == [False, True, True, True, True]
    assert [record.draft for record in records[1:]] == drafts[1:]


BAD_RECORDS = [
    ("11223344595", "1122334459", "Snils", "snils_malformed"),
    ("11223344595", "11223344596", "Child[1]/Snils", "snils_check_digits"),
    ("2019-02-01", "2019-02-31", "BirthDate", "date_malformed"),
    ("2019-02-01", "01.02.2019", "BirthDate", "date_malformed"),
    ("<Gender>F</Gender>", "<Gender>Ж</Gender>", "Gender", "code_unknown"),
    ("<Gender>F</Gender>", "<Sex>F</Sex>", "Sex", "element_not_expected"),
    ("<Gender>F</Gender>", '<Gender x="1">F</Gender>', "Gender/@x", "attribute_not_expected"),
    ("<MessageType>referral", "<MessageType>recall", "MessageType", "type_not_in_document"),
    ("<MessageId>6f9619ff", "<MessageId>6f9619f", "MessageId", "uuid_malformed"),
    ("<DocSystem>egisso_csv", "<DocSystem>passport_office", "DocSystem", "document_system_unknown"),
    ("<DocTypeCode>05", "<DocTypeCode>77", "Child[1]/DocTypeCode", "document_type_unknown"),
    ("<ConcernCode>HOUSING", "<ConcernCode>ГОЛОД", "ConcernCode", "value_malformed"),
    ("<ConcernCode>HOUSING", "<ConcernCode>HUNGER", "ConcernCode", "concern_unknown"),
    ("<RoleCode>mother", "<RoleCode>aunt", "Adult[1]/RoleCode", "person_role_unknown"),
    ("<Urgency>urgent</Urgency>", "", "ConcernCode", "element_not_expected"),
    ("Семье нужна", "ы" * 4000, "ConcernText", "value_too_long"),
    ("<RequestedAction>Консультация юриста и психолога.", "<RequestedAction>", "RequestedAction", "value_empty"),
    ("<RequestedAction>Консультация юриста и психолога.", "<RequestedAction>  ", "RequestedAction", "value_empty"),
]


@pytest.mark.parametrize("case", BAD_RECORDS, ids=lambda case: case[-1])
def test_a_bad_record_is_told_by_element_line_and_rule(read_xml, referral, case):
    old, new, place, code = case
    document = replaced(write_referral(referral), old, new)
    record = read_xml(document)[0]
    assert record.draft is None
    (complaint,) = [c for c in record.complaints if c.severity is Severity.ERROR]
    assert (complaint.place, complaint.code, complaint.record) == (place, code, 1)
    lines = document.decode().splitlines()
    name = place.rpartition("/")[2] if "@" not in place else "Gender"
    assert f"<{name}" in lines[complaint.line - 1]
    assert complaint.message()
    assert complaint.remedy()


@pytest.mark.law(8)
@pytest.mark.parametrize("case", BAD_RECORDS, ids=lambda case: case[-1])
def test_a_complaint_never_repeats_the_value(read_xml, referral, case):
    old, new, _, _ = case
    document = replaced(write_referral(referral), old, new)
    values = {"1122334459", "11223344596", "2019-02-31", "01.02.2019", "Синтетова", "ГОЛОД", "HUNGER", "123456"}
    for complaint in read_xml(document)[0].complaints:
        told = str(complaint.as_dict()) + str(complaint.as_dict("en")) + repr(complaint)
        assert not [value for value in values if value in told]


def test_a_value_cannot_pretend_to_be_the_schemas_words(read_xml, referral):
    words = "x', attribute 'Синтетова': The attribute. Missing child element(s). Expected is ( {u}Синтетова )."
    document = replaced(write_referral(referral), "<Gender>F", f"<Gender>{words}")
    (complaint,) = read_xml(document)[0].complaints
    assert (complaint.place, complaint.code, dict(complaint.params)) == ("Gender", "code_unknown", {})


def test_a_signal_needs_its_trigger_and_its_statement(read_xml, signal):
    document = write_referral(signal)
    assert read_xml(document)[0].draft == signal
    bare = replaced(document, "<TriggerCode>threat</TriggerCode>", "")
    bare = replaced(bare, f"<ConcernText>{signal.statement}</ConcernText>", "")
    assert [complaint.code for complaint in read_xml(bare)[0].complaints] == ["trigger_missing", "statement_missing"]


def test_a_signal_may_concern_a_child_whose_name_nobody_knows(read_xml, signal):
    unnamed = signal.model_copy(
        update={"persons": (signal.persons[0].model_copy(update={"identity": None, "ref": None}),)}
    )
    assert read_xml(write_referral(unnamed))[0].draft == unnamed


def test_the_zone_of_a_date_is_dropped_and_the_date_never_shifted(read_xml, referral):
    record = read_xml(replaced(write_referral(referral), "2019-02-01", "2019-02-01+12:00"))[0]
    assert record.draft == referral
    assert [(c.code, c.severity) for c in record.complaints] == [("zone_dropped", Severity.WARNING)]


def test_look_alikes_in_a_certificate_are_proposed_and_kept_as_sent(read_xml, referral):
    record = read_xml(replaced(write_referral(referral), "II-МЮ", "ІІ–МЮ"))[0]
    assert record.draft is not None
    assert record.draft.persons[0].identifiers.document.series == "ІІ–МЮ"
    assert [(c.code, c.place) for c in record.complaints] == [("birth_series_proposal", "Child[1]/DocSeries")]


def test_the_same_message_id_twice_in_a_file_is_told(read_xml, referral):
    first, second = read_xml(write_referrals([referral, referral]))
    assert first.draft == referral
    assert second.draft is None
    assert [(c.code, c.record) for c in second.complaints] == [("message_id_repeated", 2)]


def test_a_stranger_in_a_batch_is_one_bad_record(read_xml, referral):
    document = replaced(write_referrals([referral]), "</Referrals>", "<Consent/></Referrals>")
    records = read_xml(document)
    assert [record.draft for record in records] == [referral, None]
    assert records[1].complaints[0].code == "element_not_expected"


# --- refused as a whole ----------------------------------------------------------------------------------------------

BOMB = (
    '<!DOCTYPE a [<!ENTITY a "ха">'
    + "".join(f'<!ENTITY a{n} "{("&a" + (str(n - 1) if n else "") + ";") * 10}">' for n in range(1, 10))
    + f']><Referral xmlns="{NS}">&a9;</Referral>'
)

REFUSED = {
    "nothing": (b"", "document_empty"),
    "white space": (b"  \n", "document_empty"),
    "not xml": ("ОГРН;СНИЛС\n".encode(), "document_not_wellformed"),
    "binary": (bytes(range(256)), "document_not_wellformed"),
    "a workbook": (b"PK\x03\x04" + b"\0" * 40, "document_not_wellformed"),
    "doctype": (f'<!DOCTYPE Referral><Referral xmlns="{NS}"/>'.encode(), "document_has_doctype"),
    "doctype after a comment": (f"<!-- {'x' * 100_000} --><!DOCTYPE a><a/>".encode(), "document_has_doctype"),
    "doctype in utf-16": (
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        "document_has_doctype",
    ),
    "entity bomb": (BOMB.encode(), "document_has_doctype"),
    "quadratic entities": (
        f'<!DOCTYPE a [<!ENTITY a "{"x" * 50_000}">]><a>{"&a;" * 50_000}</a>'.encode(),
        "document_has_doctype",
    ),
    "external entity": (b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]><a>&a;</a>', "document_has_doctype"),
    "external dtd": (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "document_has_doctype"),
    "parameter entity": (b'<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/"> %b;]><a/>', "document_has_doctype"),
    "doctype before a broken document": (b'<!DOCTYPE a [<!ENTITY a "&a;">]><a x="&a;">', "document_has_doctype"),
    "undeclared entity": (f'<Referral xmlns="{NS}">&lol;</Referral>'.encode(), "document_not_wellformed"),
    "other root": (b"<Envelope/>", "document_root_unknown"),
    "other namespace": (b'<Referral xmlns="urn:other"/>', "document_root_unknown"),
    "no namespace": (b"<Referral/>", "document_root_unknown"),
    "an attribute on the root": (f'<Referrals xmlns="{NS}" x="1"/>'.encode(), "root_attribute_unknown"),
    "empty batch": (f'<Referrals xmlns="{NS}"/>'.encode(), "document_without_records"),
    "text between records": (f'<Referrals xmlns="{NS}">Иванов</Referrals>'.encode(), "text_between_records"),
    "text after a record": (f'<Referrals xmlns="{NS}"><Referral/>x</Referrals>'.encode(), "text_between_records"),
    "two roots": (f'<Referral xmlns="{NS}"/><a/>'.encode(), "document_not_wellformed"),
    "crossed tags": (f'<Referral xmlns="{NS}"><a></b></Referral>'.encode(), "document_not_wellformed"),
    "cut off": (f'<Referral xmlns="{NS}"><Header>'.encode(), "document_truncated"),
    "cp866 declared": (
        '<?xml version="1.0" encoding="cp866"?><a>ы</a>'.encode("cp866"),
        "document_encoding_not_accepted",
    ),
    "utf-7 declared": (b'<?xml version="1.0" encoding="utf-7"?><a/>', "document_encoding_not_accepted"),
    "utf-16 declared in utf-8": (b'<?xml version="1.0" encoding="utf-16"?><a/>', "document_encoding_not_accepted"),
    "cp1251 without a declaration": (
        f'<Referral xmlns="{NS}">Ы</Referral>'.encode("cp1251"),
        "document_encoding_broken",
    ),
    "deep": (f'<Referral xmlns="{NS}">{"<a>" * 200}{"</a>" * 200}</Referral>'.encode(), "document_too_deep"),
    "very deep": (f'<Referral xmlns="{NS}">{"<a>" * 100_000}'.encode(), "document_too_deep"),
    "100 000 attributes": (
        f'<Referral xmlns="{NS}" {" ".join(f"a{n}=" + chr(34) * 2 for n in range(100_000))}/>'.encode(),
        "document_too_many_attributes",
    ),
    "a huge text": (f'<Referral xmlns="{NS}">{"x" * 11_000_000}</Referral>'.encode(), "document_over_parser_limit"),
    "a million elements in a record": (
        f'<Referral xmlns="{NS}">{"<a/>" * 1_000_000}</Referral>'.encode(),
        "record_too_large",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_or_broken_document_is_refused_as_a_whole(read_xml, name):
    content, code = REFUSED[name]
    with pytest.raises(DocumentRejected) as caught:
        read_xml(content)
    assert caught.value.code == code
    assert caught.value.message()
    assert caught.value.remedy()


class Counting(io.BytesIO):
    """A document that counts how much of it is read."""

    taken = 0

    def read(self, size=-1):
        chunk = super().read(size)
        self.taken += len(chunk)
        return chunk


@pytest.mark.parametrize("name", REFUSED)
def test_no_byte_is_asked_for_more_often_than_it_must(name):
    """What is refused is refused at the first reading, however it is broken."""
    stream = Counting(REFUSED[name][0])
    with pytest.raises(DocumentRejected):
        list(read_referrals(stream))
    again = name in {
        "cut off",
        "undeclared entity",
    }  # at the end of the file: another parser says whether it only ends too soon
    assert stream.taken <= len(REFUSED[name][0]) * (2 if again else 1)


def attributes(count):
    return " ".join(f"a{number}=''" for number in range(count))


GROWING = {
    "records": lambda size: f'<Referrals xmlns="{NS}">{"<Referral><Header/></Referral>" * size}</Referrals>',
    "other elements between records": lambda size: f'<Referrals xmlns="{NS}">{"<a/><Referral/>" * size}</Referrals>',
    "elements that are no records": lambda size: f'<Referrals xmlns="{NS}">{"<a/>" * size}</Referrals>',
    "elements in a record": lambda size: f'<Referral xmlns="{NS}">{"<a/>" * size}</Referral>',
    "depth": lambda size: f'<Referral xmlns="{NS}">{"<a>" * size}{"</a>" * size}</Referral>',
    "attributes of the root": lambda size: f'<Referral xmlns="{NS}" {attributes(size)}/>',
    "attributes": lambda size: f'<Referral xmlns="{NS}"><a {attributes(size)}/></Referral>',
    "a text": lambda size: f'<Referral xmlns="{NS}"><Statement>{"я " * size}</Statement></Referral>',
    "comments": lambda size: f'<Referral xmlns="{NS}">{"<!-- я -->" * size}</Referral>',
    "a comment before the root": lambda size: f'<!--{"- " * size}--><Referral xmlns="{NS}"/>',
    "an entity that is not there": lambda size: f'<Referral xmlns="{NS}">{"&a;" * size}</Referral>',
    "tags that cross": lambda size: f'<Referral xmlns="{NS}">{"<a></b>" * size}</Referral>',
}


def work_of_reading(document):
    """Lines that run, signs that are gone over, bytes that are asked for."""
    stream = Counting(document.encode())

    def reading():
        with contextlib.suppress(DocumentRejected):
            list(read_referrals(stream))

    return Work().of(reading) + stream.taken


@pytest.mark.parametrize("grow", GROWING.values(), ids=GROWING)
def test_a_document_twice_as_long_is_twice_the_work_to_read(grow):
    assert is_linear(lambda size: work_of_reading(grow(size)), 400)


def test_records_that_are_walked_again_and_again_would_be_told(monkeypatch):
    """Were finished records kept, and each looked back over all of them."""

    def walked(element, _last):
        return [one for one in element.itersiblings(preceding=True) if one.tag is None]

    monkeypatch.setattr(stream_module, "forget", lambda _: None)
    monkeypatch.setattr(stream_module, "_passed", walked)
    walked.__globals__["__name__"], name = "adapters.made_up", __name__
    try:
        assert not is_linear(lambda size: work_of_reading(GROWING["records"](size)), 400)
    finally:
        walked.__globals__["__name__"] = name


def test_a_million_elements_are_refused_by_count_too(read_xml):
    with pytest.raises(DocumentRejected) as caught:
        read_xml(f'<Referrals xmlns="{NS}">{"<a/>" * 3000}</Referrals>'.encode(), max_elements=1000)
    assert caught.value.code == "document_too_many_elements"


class Endless(io.RawIOBase):
    """A sender that never stops; it counts what was taken from it."""

    def __init__(self, first: bytes) -> None:
        self.first, self.taken = first, 0

    def readable(self):
        return True

    def read(self, size=-1):
        chunk, self.first = self.first or b"<!--" + b" " * 8000 + b"-->", b""
        self.taken += len(chunk)
        return chunk


def test_fifty_megabytes_are_refused_before_reading(tmp_path):
    path = tmp_path / "big.xml"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with path.open("rb") as file:
        with pytest.raises(DocumentRejected) as caught:
            next(read_referrals(file))
        assert file.tell() == 0
    assert caught.value.code == "document_too_large"
    assert "20 МБ" in caught.value.message()


def test_an_endless_stream_is_refused_at_the_limit():
    stream = Endless(f'<Referrals xmlns="{NS}">'.encode())
    with pytest.raises(DocumentRejected) as caught:
        list(read_referrals(stream))
    assert caught.value.code == "document_too_large"
    assert stream.taken < 21 * 1024 * 1024


def test_memory_stays_flat_because_finished_records_are_let_go(referral):
    ids = (f"6f9619ff-8b86-4011-b42d-{n:012d}" for n in range(200))
    batch = write_referrals([referral.model_copy(update={"operation_id": one}) for one in ids])
    held = []
    for element in record_elements(io.BytesIO(batch), Limits(), lambda root: f"{{{NS}}}Referral"):
        before = list(element.itersiblings(preceding=True))
        held.append((len(before), sum(len(one) for one in before), len(element)))
    assert len(held) == 200
    assert max(count for count, _, _ in held) <= 1
    assert {children for _, children, _ in held} == {0}
    assert min(own for _, _, own in held) > 3


# --- out -------------------------------------------------------------------------------------------------------------


def test_what_the_schema_has_no_place_for_is_not_written(referral):
    with pytest.raises(BadInput) as caught:
        write_referral(referral.model_copy(update={"type": "recall"}))
    assert (caught.value.code, caught.value.params["element"]) == ("draft_not_writable", "MessageType")
    with pytest.raises(BadInput):
        write_referrals([])


def test_signs_that_xml_cannot_carry_become_spaces(read_xml, referral):
    odd = referral.model_copy(update={"statement": "до\x0bпосле\x00"})
    assert read_xml(write_referral(odd))[0].draft.statement == "до после"


def test_a_prefix_that_nobody_declared_breaks_the_document():
    """Found by fuzzing: libxml2 builds an element of it before it complains."""
    with pytest.raises(DocumentRejected, match="document_not_wellformed"):
        list(read_referrals(io.BytesIO(f'<Referrals xmlns="{NS}"><x:Referral/></Referrals>'.encode())))
