"""The registers of ЕГИССО in and out: identity, what is put right with a word, what is refused and where."""

from __future__ import annotations

import csv
import io
import itertools
import tracemalloc
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from adapters.egisso import messages as messages_module
from adapters.egisso import reader, values
from adapters.egisso.messages import MAX_RECORDS, messages, shapes
from adapters.egisso.reader import read_registers
from adapters.egisso.writer import write_registers
from adapters.formats import Context
from adapters.limits import DEFAULT_LIMITS
from adapters.report import Severity
from schemas.errors import BadInput, DocumentRejected
from tests.docs.sources import ROOT
from tests.egisso_strategies import packages

VECTORS = ROOT / "adapters/egisso/vectors"
NOW = datetime(2026, 3, 10, 12, tzinfo=timezone(timedelta(hours=3)))
REGISTERS = (VECTORS / "10.25.I-2.1.0.xml").read_text("utf-8")
RIGHTS = (VECTORS / "10.48.O-1.0.0.xml").read_text("utf-8")
ODD = (VECTORS / "odd-10.48.O.xml").read_bytes()


def read(content, **context):
    data = content if isinstance(content, bytes) else content.encode()
    reading = read_registers(io.BytesIO(data), Context(**context))
    return reading, [reading.take(record) for record in reading.records]


def changed(document: str, old: str, new: str) -> str:
    assert old in document
    return document.replace(old, new, 1)


def codes(complaints, severity=Severity.ERROR):
    return [complaint.code for complaint in complaints if complaint.severity is severity]


# --- tables and identity ---------------------------------------------------------------------------------------------


def test_every_field_of_every_class_has_its_element_and_no_element_stands_for_two():
    for name, shape in shapes().items():
        assert set(shape.model.model_fields) - {"kind"} == {part.field for part in shape.parts}, name
        assert len({(part.layer == "@", part.element) for part in shape.parts}) == len(shape.parts), name
        for part in shape.parts:
            assert shape.model.model_fields[part.field].is_required() is (part.use in "1+"), (name, part.field)
            if part.use == "|":
                assert part.field in shape.model.one_of
    named = {part.of for shape in shapes().values() for part in shape.parts if part.is_shape}
    assert named <= shapes().keys()


def test_the_misspelt_element_of_the_schema_is_kept():
    assert b"repsesentedPersonSnils" in written(REGISTERS)
    with_it_right = changed(REGISTERS, "<p:repsesentedPersonSnils>", "<p:representedPersonSnils>")
    with_it_right = changed(with_it_right, "</p:repsesentedPersonSnils>", "</p:representedPersonSnils>")
    _, records = read(with_it_right)
    assert sorted(codes(records[2].complaints)) == ["egisso_element_missing", "egisso_element_unknown"]


def written(document: str) -> bytes:
    reading, records = read(document)
    return write_registers(reading.head, [record.value for record in records])


@settings(max_examples=150)
@given(package=packages())
def test_what_is_written_reads_as_it_was(package):
    head, records = package
    if not records:
        with pytest.raises(BadInput):
            write_registers(head, records)
        return
    document = write_registers(head, records)
    reading, found = read(document)
    assert reading.head == head
    assert [record.value for record in found] == records, [record.complaints for record in found]
    assert write_registers(reading.head, [record.value for record in found]) == document


@settings(max_examples=60)
@given(package=packages())
def test_any_encoding_any_prefixes_and_upper_case_identifiers_read_the_same(package):
    head, records = package
    if not records:
        return
    text = write_registers(head, records).decode()
    for encoding in ("utf-8", "utf-16"):
        content = text.replace("encoding='UTF-8'", f"encoding='{encoding}'").encode(encoding)
        assert [record.value for record in read(content)[1]] == records
    prefixed = text.replace("<b:", "<x:").replace("</b:", "</x:").replace("xmlns:b=", "xmlns:x=")
    assert [record.value for record in read(prefixed)[1]] == records


def test_windows_1251_is_read_as_declared():
    content = REGISTERS.replace('encoding="UTF-8"', 'encoding="windows-1251"').encode("cp1251")
    assert [record.value for record in read(content)[1]] == [record.value for record in read(REGISTERS)[1]]


# --- what is read with a word ----------------------------------------------------------------------------------------


def test_the_mistakes_of_published_samples_are_told_and_understood():
    reading, (created, wrong, signal) = read(ODD)
    assert reading.head.made_at.microsecond == 0
    whole = [complaint.code for complaint in reading.report.complaints if complaint.record is None]
    assert {"egisso_fraction_dropped", "egisso_namespace", "egisso_schemas_absent"} == set(whole)
    assert created.value is not None
    person = created.value.created.person
    assert (person.fio.surname, person.fio.patronymic, person.fio.forename) == ("ВЫМЫШЛЕННАЯ", "ТЕСТОВНА", "ПРОБА")
    assert (person.gender, person.snils, person.birth_on.isoformat()) == ("F", "11223344595", "1990-04-11")
    assert created.value.created.included_at.isoformat() == "2026-03-02T09:15:00+00:00"
    assert reading.report.rules["egisso_namespace"] == 2, "each namespace is told once"
    expected = {"egisso_namespace", "egisso_order", "egisso_spelling", "zone_dropped", "egisso_offset_changed"}
    assert set(codes(created.complaints, Severity.WARNING)) == expected
    assert wrong.value is None
    assert set(codes(wrong.complaints)) == {"snils_check_digits", "egisso_one_of", "egisso_text_unexpected"}
    assert signal.value is not None
    assert reading.report.accepted == 2


def test_what_was_put_right_is_written_as_the_schema_wants_it():
    reading, records = read(ODD)
    document = write_registers(reading.head, [record.value for record in records if record.value])
    again, found = read(document)
    assert not [complaint for record in found for complaint in record.complaints]
    assert again.head == reading.head


WARNED = [
    ("<b:birthDate>1990-04-11", "<b:birthDate>1990-04-11Z", "birthDate", "zone_dropped"),
    ('updateDate="2026-03-02T10:15:00+03:00"', 'updateDate="2026-03-02T10:15:00.5+03:00"', "@updateDate", "egisso_fraction_dropped"),  # noqa: E501
    ('updateDate="2026-03-02T10:15:00+03:00"', 'updateDate="2026-03-02T10:15:00-05:00"', "@updateDate", "egisso_offset_changed"),  # noqa: E501
    ('updateDate="2026-03-02T10:15:00+03:00"', 'updateDate="2026-03-02T10:15:00+05:30"', "@updateDate", "egisso_offset_changed"),  # noqa: E501
    ("<b:gender>F", "<b:gender>Ж", "gender", "egisso_spelling"),
    ("<b:snils>11223344595", "<b:snils>112-233-445 95", "snils", "egisso_spelling"),
    ("<b:surname>Вымышленная", "<b:surname>Д'Артаньян", "surname", "egisso_not_russian"),
    ("<b:surname>Вымышленная", "<b:surname>Vымышленная", "surname", "egisso_not_russian"),
    ("<g:validityEndDate>2027", "<g:validityEndDate>2025", "validityEndDate", "egisso_dates_order"),
    ("<p:childSnils>\n              <b:snils>08765430300", "<p:childSnils>\n              <b:snils>11223344595", "", ""),
    ("<p:parentSnils>\n              <b:snils>11223344595", "<p:parentSnils>\n              <b:snils>16048364260", "parentSnils", "egisso_relation_unknown"),  # noqa: E501
    ("<b:snils>08765430300</b:snils>\n            <b:fio>", "<b:snils>00100100001</b:snils>\n            <b:fio>", "snils", "snils_not_checkable"),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "code"), WARNED)
def test_what_has_one_reading_is_read_with_a_warning(old, new, place, code):
    reading, records = read(changed(REGISTERS, old, new))
    found = [(c.place.rpartition("/")[2], c.code) for record in records for c in record.complaints]
    assert reading.report.accepted == 5
    assert ((place, code) in found) if code else not found


def test_an_empty_optional_element_is_an_absent_one():
    _, records = read(changed(REGISTERS, "<b:patronymic>Тестовна</b:patronymic>", "<b:patronymic/>"))
    assert records[0].value.rlirp.persons[0].fio.patronymic is None
    assert not records[0].complaints


# --- what is refused, record by record -------------------------------------------------------------------------------

with (ROOT / "tests/vectors/egisso/bad_records.csv").open(encoding="utf-8", newline="") as _table:
    BAD = [tuple(row.values()) for row in csv.DictReader(_table)]


def bad(vector: str, old: str, new: str) -> str:
    """A vector with one place changed, or an element renamed from its beginning to its end."""
    document = (VECTORS / f"{vector}.xml").read_text("utf-8")
    return document.replace(old, new) if old.endswith(">") and "<" not in old else changed(document, old, new)


@pytest.mark.parametrize(("vector", "old", "new", "place", "code"), BAD, ids=lambda case: str(case)[:24])
def test_a_bad_record_is_told_by_element_line_and_rule(vector, old, new, place, code):
    text = bad(vector, old, new)
    _, good = read((VECTORS / f"{vector}.xml").read_text("utf-8"))
    reading, records = read(text)
    assert reading.report.rejected >= 1
    found = [c for record in records for c in record.complaints if c.severity is Severity.ERROR]
    assert (place, code) in [(complaint.place, complaint.code) for complaint in found]
    complaint = next(c for c in found if (c.place, c.code) == (place, code))
    line = text.splitlines()[complaint.line - 1]
    name = place.rpartition("/")[2].partition("[")[0].removeprefix("@")
    assert name in line or name in text.splitlines()[complaint.line]
    for language in ("ru", "en"):
        assert complaint.message(language)
        assert complaint.remedy(language)
    kept = [record.value for record in records if record.value is not None]
    assert [record.value for record in good if record.value in kept] == kept, "the others are as they were"
    assert len(kept) >= len(good) - 2  # its own record, and one that changes the same event


@pytest.mark.law(8)
@pytest.mark.parametrize(("vector", "old", "new", "place", "code"), BAD, ids=lambda case: str(case)[:24])
def test_a_complaint_never_repeats_a_value(vector, old, new, place, code):
    text = bad(vector, old, new)
    personal = {"Вымышленн", "Тестовна", "Проба", "1990", "1122334459", "0876543", "Образцов", "2-17"}
    reading, _ = read(text)
    for complaint in reading.report.complaints:
        told = str(complaint.as_dict()) + str(complaint.as_dict("en")) + repr(complaint)
        assert not [value for value in personal if value in told]


# --- records among themselves ----------------------------------------------------------------------------------------

EVENT_2, EVENT_3 = ("22222222-bbbb-4bbb-8bbb-000000000002", "22222222-bbbb-4bbb-8bbb-000000000003")
UID_1, UID_2 = ("11111111-aaaa-4aaa-8aaa-000000000001", "11111111-aaaa-4aaa-8aaa-000000000002")
AMONG = [
    (f'recUid="{UID_2}" updateDate="2026-03-02T10:16:00Z" legalEventUID="{EVENT_2}" code', f'recUid="{UID_1.upper()}" updateDate="2026-03-02T10:16:00Z" legalEventUID="{EVENT_2}" code', "egisso_record_repeated"),  # noqa: E501
    (f'legalEventUID="{EVENT_3}" code', f'legalEventUID="{EVENT_2}" code', "egisso_event_repeated"),
    ('      </p:editRecord>\n      <p:deleteRecord recUid="11111111-aaaa-4aaa-8aaa-000000000005"', f'      </p:editRecord>\n      <p:deleteRecord recUid="11111111-aaaa-4aaa-8aaa-000000000006" updateDate="2026-03-04T09:00:00+03:00" legalEventUID="{EVENT_3}"/>\n      <p:deleteRecord recUid="11111111-aaaa-4aaa-8aaa-000000000005"', "egisso_event_deleted"),  # noqa: E501
    (f'updateDate="2026-03-03T09:00:00+03:00" legalEventUID="{EVENT_2}"', f'updateDate="2026-03-03T09:00:00+03:00" legalEventUID="{EVENT_3}"', "egisso_event_differs"),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code"), AMONG)
def test_identifiers_that_repeat_and_events_out_of_their_time(old, new, code):
    _, records = read(changed(REGISTERS, old, new))
    assert [codes(record.complaints) for record in records if record.value is None] == [[code]]


def test_changes_of_unknown_events_are_errors_only_where_earlier_files_are_known():
    only_changes = cut(REGISTERS, '<p:createRecord recUid="11111111-aaaa-4aaa-8aaa-000000000001"', "<p:editRecord")
    assert read(only_changes)[0].report.accepted == 2
    _, first = read(REGISTERS)
    created = tuple(record.value for record in first if isinstance(record.value, values.CreateRecord))
    assert read(only_changes, earlier=created)[0].report.accepted == 2
    _, records = read(only_changes, earlier=created[:1])
    assert [codes(record.complaints) for record in records] == [["egisso_event_unknown"], ["egisso_event_unknown"]]
    assert codes(read(REGISTERS, earlier=created)[1][0].complaints) == [
        "egisso_record_repeated",
        "egisso_event_repeated",
    ]


def cut(text: str, begin: str, end: str) -> str:
    start = text.index(begin)
    return text[:start] + text[text.index(end, start) :]


# --- the document as a whole -----------------------------------------------------------------------------------------

WHOLE = [
    ("", "document_empty"),
    ("<x:data/>", "document_not_wellformed"),
    (REGISTERS.replace("g:number>", "x:number>"), "document_not_wellformed"),
    (REGISTERS.replace("<p:deleteRecord", "<x:deleteRecord"), "document_not_wellformed"),
    ("<a/>", "egisso_root_unknown"),
    ('<request xmlns="urn://egisso-ru/msg/10.25.I/2.1.0"/>', "egisso_version_unknown"),
    (REGISTERS.replace("msg/10.25.I/2.1.0", "msg/10.25.I/9.9.9"), "egisso_version_unknown"),
    (REGISTERS[: len(REGISTERS) // 2], "document_truncated"),
    (REGISTERS.replace("</p:package>", ""), "document_not_wellformed"),
    ('<data xmlns="urn://egisso-ru/msg/10.25.I/2.1.0"/>', "document_without_records"),
    ('<data xmlns="urn://egisso-ru/msg/10.25.I/2.1.0"><package/></data>', "egisso_without_records"),
    (cut(REGISTERS, "<p:createRecord recUid", "</p:elements>"), "egisso_without_records"),
    (REGISTERS.replace("<p:packageId>0", "<p:packageId>"), "egisso_head_malformed"),
    (RIGHTS.replace("<p:packageDateTime>2026-03-05T12:00:00+03:00</p:packageDateTime>", ""), "egisso_head_malformed"),
    (REGISTERS.replace("</p:createRecord>", "</p:createRecord>и ещё", 1), "text_between_records"),
    ('<?xml version="1.0" encoding="shift_jis"?>' + REGISTERS.partition("\n")[2], "document_encoding_not_accepted"),
    ("<!DOCTYPE data [<!ENTITY a 'x'>]>" + REGISTERS.partition("\n")[2], "document_has_doctype"),
    (REGISTERS.replace("<p:elements>", "<p:elements>" + "<p:x>" * 20 + "</p:x>" * 20), "document_too_deep"),
    (REGISTERS.replace("<p:elements>", "<p:x/>" * 6000 + "<p:elements>"), "record_too_large"),
    (REGISTERS.replace("<p:rlirp>", "<p:rlirp>" + "<p:x/>" * 6000), "record_too_large"),
    (REGISTERS.replace("<p:rlirp>", "<p:rlirp " + " ".join(f'a{n}="1"' for n in range(40)) + ">"), "document_too_many_attributes"),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize(("document", "code"), WHOLE, ids=itertools.count())
def test_a_document_that_is_broken_as_a_whole_is_refused(document, code):
    with pytest.raises(DocumentRejected) as refused:
        read(document)
    assert refused.value.code == code
    assert refused.value.message("ru")
    assert refused.value.remedy("en")


BOMBS = [
    '<!DOCTYPE data [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
    '<!DOCTYPE data [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE data SYSTEM "http://example.invalid/x.dtd">',
    '<!DOCTYPE data [<!ENTITY % p SYSTEM "http://example.invalid/p"> %p;]>',
]


@pytest.mark.parametrize("prolog", BOMBS)
def test_entities_are_never_declared(prolog):
    body = REGISTERS.partition("\n")[2].replace("2-17/2026", "&c;" if "ENTITY c" in prolog else "x")
    with pytest.raises(DocumentRejected, match="document_has_doctype"):
        read(prolog + body)


def test_an_undeclared_entity_is_not_wellformed():
    with pytest.raises(DocumentRejected, match="document_not_wellformed"):
        read(changed(REGISTERS, "2-17/2026", "&nobody;"))


def test_what_stands_beside_the_records_is_told():
    reading, _ = read(changed(REGISTERS, "</p:elements>", "</p:elements><p:more>1</p:more>"))
    assert [(c.code, c.place) for c in reading.report.complaints if c.severity is Severity.ERROR] == [
        ("egisso_element_unknown", "more")
    ]


def many(count: int):
    """A message with so many records, as a stream that makes them as they are read."""
    head, _, rest = REGISTERS.partition("      <p:createRecord")
    record, _, _ = rest.partition("</p:createRecord>")
    yield head.encode()
    for number in range(count):
        own = f"      <p:createRecord{record}</p:createRecord>\n"
        own = own.replace(UID_1, f"{number:08x}-aaaa-4aaa-8aaa-000000000001")
        yield own.replace("22222222-bbbb-4bbb-8bbb-000000000001", f"{number:08x}-bbbb-4bbb-8bbb-000000000001").encode()
    yield b"    </p:elements>\n  </p:package>\n</data>\n"


class Made(io.RawIOBase):
    """A stream of parts: nothing of it is kept."""

    def __init__(self, parts):
        self._parts, self._left = iter(parts), b""

    def readable(self):
        return True

    def readinto(self, buffer):
        while not self._left:
            try:
                self._left = next(self._parts)
            except StopIteration:
                return 0
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def peak(count: int) -> int:
    context = Context(limits=replace(DEFAULT_LIMITS, max_bytes=10**9))
    reading = read_registers(io.BufferedReader(Made(many(count))), context)
    tracemalloc.start()
    try:
        for record in reading.records:
            assert reading.take(record).value is not None
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_huge_message_is_read_in_flat_memory():
    """What grows is the identifiers that must be known to be told when they repeat: a few hundred bytes for a record."""
    small, large = peak(50), peak(300)
    assert large - small < 250 * 600


def test_a_package_takes_a_limited_number_of_each_kind(monkeypatch):
    monkeypatch.setattr(reader, "MAX_RECORDS", 2)
    for count, told in ((2, 0), (3, 1)):
        reading = read_registers(io.BufferedReader(Made(many(count))))
        for record in reading.records:
            reading.take(record)
        assert reading.report.rules["egisso_too_many_of_kind"] == told


# --- the strict writer -----------------------------------------------------------------------------------------------


def test_the_writer_refuses_what_the_schema_has_no_place_for():
    reading, records = read(REGISTERS)
    head, found = reading.head, [record.value for record in records]
    rights, notices = read(RIGHTS)
    notice = notices[0].value
    cases = [
        (head.model_copy(update={"version": "9.9.9"}), found, "egisso_version_unknown"),
        (head.model_copy(update={"made_at": found[0].updated_at}), found, "egisso_head_malformed"),
        (rights.head.model_copy(update={"made_at": None}), [notice], "egisso_head_malformed"),
        (head, [], "egisso_without_records"),
        (head, [notice], "egisso_record_not_of_message"),
        (head, [found[0]] * (MAX_RECORDS + 1), "egisso_too_many_of_kind"),
        (head, [found[0], found[0]], "egisso_record_repeated"),
        (head, [found[0], found[0].model_copy(update={"uid": found[1].uid})], "egisso_event_repeated"),
        (head, [found[4], found[4].model_copy(update={"uid": found[1].uid})], "egisso_event_deleted"),
        (head, [found[3].model_copy(update={"event_uid": found[0].event_uid})], "egisso_event_differs"),
        (head, [_renamed(found[0], "O'Коннор")], "egisso_not_russian"),
        (head, [_renamed(found[0], "Ivanova")], "egisso_not_russian"),
        (rights.head, [_received(notice, found[0])], "egisso_not_in_version"),
    ]
    for given_head, given_records, code in cases:
        with pytest.raises(BadInput) as refused:
            write_registers(given_head, given_records)
        assert refused.value.code == code
        assert refused.value.message("ru")


def _renamed(record, surname):
    person = record.rlirp.persons[0]
    named = person.model_copy(update={"fio": person.fio.model_copy(update={"surname": surname})})
    return record.model_copy(update={"rlirp": record.rlirp.model_copy(update={"persons": (named,)})})


def _received(notice, record):
    document = record.rlirp.document
    return notice.model_copy(update={"created": notice.created.model_copy(update={"document": document})})


def test_records_are_written_in_the_order_of_the_schema():
    reading, records = read(REGISTERS)
    found = [record.value for record in records]
    assert write_registers(reading.head, found[::-1]) == write_registers(reading.head, [*found[2::-1], *found[3:]])


@pytest.mark.parametrize(
    "update",
    [
        {"updated_at": "2026-03-02T10:15:00.5+03:00"},
        {"updated_at": "2026-03-02T10:15:00+01:00"},
        {"updated_at": "1999-12-31T10:15:00+03:00"},
        {"updated_at": "2026-03-02T10:15:00"},
        {"event_type": "7"},
        {"rlid": None, "rlirp": None},
        {"uid": "x"},
        {"unknown": 1},
    ],
)
def test_a_value_that_cannot_be_written_cannot_be_made(update):
    _, records = read(REGISTERS)
    with pytest.raises(ValidationError):
        values.CreateRecord.model_validate(records[0].value.model_dump() | update)


def test_a_newer_release_is_a_row_more(monkeypatch):
    newer = REGISTERS.replace("10.25.I/2.1.0", "10.25.I/2.9.0").replace("registers/2.2.0", "registers/2.9.0")
    with pytest.raises(DocumentRejected, match="egisso_version_unknown"):
        read(newer)
    rows = messages_module._table("messages.csv")
    row = next(row for row in rows if row["message"] == "10.25.I")
    added = [*rows, {**row, "version": "2.9.0", "registers": "registers/2.9.0"}]
    kept = messages_module._table
    monkeypatch.setattr(messages_module, "_table", lambda name: added if name == "messages.csv" else kept(name))
    messages.cache_clear()
    try:
        reading, records = read(newer)
        assert reading.head.version == "2.9.0"
        assert not [complaint for record in records for complaint in record.complaints]
        assert b"registers/2.9.0" in write_registers(reading.head, [record.value for record in records])
    finally:
        messages.cache_clear()


def test_versions_are_rows_of_the_table():
    assert [message.name for message in messages().values()] == ["10.25.I-2.1.0", "10.47.O-1.0.0", "10.48.O-1.0.0"]
