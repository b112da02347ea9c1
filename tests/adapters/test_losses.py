"""The loss report: whatever is not taken to the letter has its row, nothing else has one, and no value is in it."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import BaseModel

from adapters.documents.reader import read_documents
from adapters.documents.writer import write_document, write_documents
from adapters.losses import MAX_PER_RULE, RULES, Loss, LossReport, Lost
from adapters.report import ImportReport
from adapters.tables.profile import Column, Profile, built_in
from adapters.tables.reader import read_table
from adapters.xml.asides import asides
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral
from schemas.catalogue import words
from schemas.identifiers import ogrn_check_digit, snils_check_digits
from schemas.summary import ConsentDraft
from tests.adapters.workbooks import workbook
from tests.document_strategies import authorities, consents, messages, summaries

OGRN, OTHER = "1027700900017", "1027700900028"


def read(rows: list[list[str]], profile: str) -> tuple[list[Any], ImportReport]:
    content = "\n".join(";".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows) + "\n"
    reading = read_table(io.BytesIO(content.encode()), built_in(profile), defaults={"sender_ogrn": OGRN})
    records = list(reading.records)
    for record in records:
        reading.report.add(record)
    return records, reading.report


def leaves(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(leaves, value.values()), set())
    if isinstance(value, list):
        return set().union(*map(leaves, value), set())
    return {value} if isinstance(value, str) else {json.dumps(value)}


# --- tables ----------------------------------------------------------------------------------------------------------

letters = st.text("абвгдежзиклмнопрстуфхцчшщэюя", min_size=2, max_size=9).map(str.title)
padding = st.sampled_from(["", "", "", " ", "  ", "\u00a0", "\t"])
marks = st.sampled_from(["нет", "Не имеет", "-", "н/д", "не указано"])
texts = st.one_of(
    letters,
    st.builds("{}{}{}".format, padding, letters, padding),
    st.builds("{} {}{}".format, letters, padding, letters),
    letters.map("'{}".format),
    letters.map('="{}"'.format),
    letters.map(lambda word: f"{word}\x07"),
    letters.map(lambda word: f"{word}\u200b"),
    st.sampled_from(["Cемья", "нет сведений о семье", "7", "а|б"]),
)
days = st.dates(date(1990, 1, 1), date(2030, 12, 31))
dates = st.one_of(
    days.map(date.isoformat),
    days.map(lambda d: f"{d:%d.%m.%Y}"),
    days.map(lambda d: f" {d:%d.%m.%Y}"),
    days.map(lambda d: f"{d.day}.{d.month}.{d.year}"),
    days.map(lambda d: f"{d:%d.%m.%Y} 10:30"),
    days.map(lambda d: f"{d:%d.%m.%Y} 00:00:00"),
    days.map(lambda d: f"{d.isoformat()}+03:00"),
    days.map(lambda d: str((d - date(1899, 12, 30)).days)),
)
snils = st.integers(1_001_999, 999_999_999).map(lambda n: f"{n:09d}" + snils_check_digits(f"{n:09d}"))
snils_cells = st.one_of(
    snils,
    snils.map(lambda s: f"{s[:3]}-{s[3:6]}-{s[6:9]} {s[9:]}"),
    snils.map(lambda s: f" {s}"),
    snils.map(lambda s: s.lstrip("0") if len(s.lstrip("0")) > 8 else s),
    snils.map(lambda s: f"{s}.0"),
    snils.map(lambda s: f"'{s}"),
)
ogrns = st.integers(100_000_000_000, 999_999_999_999).map(lambda n: f"{n}{ogrn_check_digit(str(n))}")
KINDS: dict[str, st.SearchStrategy[str]] = {
    "text": texts | marks,
    "line": texts | marks,
    "name": texts.filter(lambda text: "=" not in text) | marks,
    "date": dates | marks,
    "partial_date": dates | days.map(lambda d: f"{d:%m.%Y}") | days.map(lambda d: f"{d:%Y-%m}"),
    "instant": st.one_of(
        days.map(lambda d: f"{d:%d.%m.%Y}"),
        days.map(lambda d: f"{d:%d.%m.%Y} 10:30"),
        days.map(lambda d: f"{d.isoformat()}T10:30:00+03:00"),
        days.map(lambda d: f"{d.isoformat()}T10:30:00Z"),
    ),
    "clock": st.sampled_from(["10:30", "9.05", "09-05", "10:30:15"]),
    "snils": snils_cells | marks,
    "ogrn": ogrns | ogrns.map(lambda o: f"{o[:1]} {o[1:]}") | ogrns.map(lambda o: f"{o}.0"),
    "oktmo": st.sampled_from(["45382000", "45 382 000", "45382000.0"]),
    "uuid": st.uuids().map(str) | st.uuids().map(lambda u: str(u).upper()) | st.uuids().map(lambda u: u.hex),
    "boolean": st.sampled_from(["да", "Нет", "1", "0", "true", " ложь"]),
    "code": st.sampled_from(["HELP", " HELP", "'HELP"]),
    "codes": st.sampled_from(["HELP", "HELP|MORE", " HELP | MORE"]),
    "numbers": st.sampled_from(["+70000000000", "8 900 000-00-00|+70000000001", " 80000000000", "80000000000.0"]),
    "phones": st.sampled_from(["+70000000000", "8 (900) 000-00-00 (мама)", "+70000000000, +70000000001"]),
    "concerns": st.sampled_from(["HOUSING", "housing", "HOUSING|INCOME", " HOUSING"]),
    "urgency": st.sampled_from(["planned", "срочно", "Плановая"]),
    "sex": st.sampled_from(["M", "м", "Женский", "жен"]),
    "received_by": st.sampled_from(["phone", "по телефону", "телефон"]),
    "answer_event": st.sampled_from(["accept", "Принято", " ПРИНЯТО", "accepted"]),
}
CODES = st.sampled_from(["NO_CAPACITY", " NO_CAPACITY", "'OTHER", "нет"])
FIELDS = {
    "alternatives": ogrns | ogrns.map("{0}|{0}".format) | ogrns.map(" {}".format),
    "reason": CODES,
    "none_because": CODES,
}
"""Of fields whose kind takes more than they do."""
NEVER = {"child.doc_system", "adult.doc_system", "group"}


def columns_of(profile: Profile) -> list[Column]:
    """Those that one cell is enough for: what must stand together (documents, kinship) is not right by chance."""
    return [
        column
        for column in profile.columns
        if column.kind in KINDS
        and not re.search(r"doc_|kinship|address_|registered_|phone_|operation_id|\.role|type", column.field)
    ]


@st.composite
def tables(draw: st.DrawFn, name: str) -> list[list[str]]:
    profile = built_in(name)
    chosen = draw(st.lists(st.sampled_from(columns_of(profile)), min_size=2, max_size=9, unique_by=lambda c: c.field))
    fixed = {
        "referrals": {"recipient_ogrn": OTHER, "child.full_name": "Проба Анна", "concerns": "HOUSING"},
        "families": {"child.full_name": "Проба Анна"},
        "signals": {"statement": "Стекло разбито"},
        "answers": {"delivery_id": "4b9d7c1e-52a0-4f3b-8d6a-1c2e3f4a5b6c", "event": "Принято"},
    }[name]
    columns = [profile.by_field[field] for field in fixed] + [c for c in chosen if c.field not in fixed]
    rows = [[column.heading for column in columns] + ["Любимый цвет", ""]]
    for number in range(draw(st.integers(1, 3))):
        cells = list(fixed.values())
        if "child.full_name" in fixed:
            cells[list(fixed).index("child.full_name")] += f" {'абв'[number]}"
        cells += [draw(FIELDS.get(column.field, KINDS[column.kind]) | st.just("")) for column in columns[len(fixed) :]]
        rows.append([*cells, draw(st.sampled_from(["", "синий"])), draw(st.sampled_from(["", "без заголовка"]))])
    return rows


@pytest.mark.parametrize("name", ["referrals", "families", "signals", "answers"])
def test_a_cell_that_is_not_in_the_record_to_the_letter_has_its_row(name: str) -> None:
    taken = 0

    @settings(max_examples=150, deadline=None)
    @given(tables(name))
    def whole(rows: list[list[str]]) -> None:
        nonlocal taken
        records, report = read(rows, name)
        lines = {row[0]: row for row in enumerate(rows[1:], start=2)}
        for record in records:
            if record.draft is None:
                continue
            taken += 1
            told = {(loss.line, loss.place) for loss in report.losses.rows if loss.record == record.number}
            there = leaves(record.draft.model_dump(mode="json"))
            for source in record.rows:
                for position, cell in enumerate(lines[source.line][1]):
                    place = rows[0][position] or str(position + 1)
                    if cell.strip() and cell not in there:
                        assert (source.line, place) in told, (place, cell)
        assert not {leaf for leaf in leaves(report.losses.as_dict()) if leaf in {"синий", "без заголовка"}}

    whole()
    assert taken > 100, "the property looks at records that are taken"


def test_every_default_stands_with_its_record() -> None:
    content = f"ОГРН получателя;Ребёнок: ФИО;Причина обращения (код)\n{OTHER};Проба Анна;HOUSING\n"
    given_too = {"sender_ogrn": OGRN, "type": "referral"}
    reading = read_table(io.BytesIO(content.encode()), built_in("referrals"), defaults=given_too)
    for record in reading.records:
        reading.report.add(record)
    found = {(loss.code, loss.place) for loss in reading.report.losses.rows if loss.lost is Lost.DEFAULTED}
    assert found == {
        ("from_sender", "ОГРН отправителя"),
        ("from_profile", "Вид сообщения"),
        ("from_profile", "Срочность"),
        ("identifier_derived", "Идентификатор сообщения"),
    }


def test_what_is_refused_lost_nothing_since_it_comes_back_whole() -> None:
    head = ["ОГРН получателя", "Ребёнок: ФИО", "Причина обращения (код)", "Дата выявления"]
    records, report = read([head, [OTHER, "Проба Анна", "NOTHING", "01.02.2026"]], "referrals")
    assert records[0].draft is None
    assert not report.losses.rows


def test_what_a_workbook_hides_and_what_stands_on_other_sheets() -> None:
    head, row = ["ФИО ребёнка", "Адрес семьи"], ["Проба Анна", "Ул. Мира, 1"]
    book = workbook([head, row], more=[("Второй", "visible", [["заметки"]]), ("Третий", "hidden", [["тайное"]])])
    reading = read_table(io.BytesIO(book), built_in("families"))
    found = {(loss.code, loss.place) for loss in reading.report.losses.rows}
    assert {("sheet_not_read", "2"), ("sheet_hidden", "3")} <= found


def test_of_many_losses_of_one_rule_all_are_counted_and_the_first_are_kept() -> None:
    report = LossReport()
    for number in range(MAX_PER_RULE + 50):
        report.add(Loss("date_spelling", f"Person[{number}]/BirthDate", number, number))
    report.add(Loss("comment", "", 7))
    said = report.as_dict()
    assert said["rowsLeftOut"] == 50
    assert [(rule["ruleCode"], rule["place"], rule["count"]) for rule in said["rules"]] == [  # type: ignore[attr-defined]
        ("comment", "", 1),
        ("date_spelling", "Person/BirthDate", MAX_PER_RULE + 50),
    ]
    assert said["counts"] == {"dropped": 1, "coerced": MAX_PER_RULE + 50, "defaulted": 0}


def test_a_place_is_what_every_form_of_the_report_can_carry() -> None:
    report = LossReport()
    report.add(Loss("unknown_column", "Цвет\x01 <&>", 1))
    assert [rule["place"] for rule in report.as_dict()["rules"]] == ["Цвет  <&>"]  # type: ignore[attr-defined]


def test_the_digest_is_of_every_row_and_count() -> None:
    one, other = LossReport(), LossReport()
    for report, line in ((one, 1), (other, 2)):
        report.add(Loss("comment", "", line))
    assert one.digest() != other.digest()
    assert one.digest() == LossReport([*one.rows], dict(one.sums)).digest()
    assert LossReport().digest() != one.digest()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_rule_has_its_words(language: Any) -> None:
    said = {key.partition(".")[2] for key in words(language) if key.startswith("losses.")}
    assert said == set(RULES)


# --- XML -------------------------------------------------------------------------------------------------------------

documents = messages() | summaries() | consents() | authorities()


def losses_of(content: bytes) -> list[Loss]:
    (record,) = read_documents(io.BytesIO(content))
    return [] if record.value is None else [*record.losses, *asides(io.BytesIO(content))]


@settings(max_examples=150, deadline=None)
@given(documents)
def test_what_the_gateway_itself_writes_is_taken_to_the_letter(value: BaseModel) -> None:
    found = losses_of(write_document(value))
    assert not [loss for loss in found if loss.lost is not Lost.DEFAULTED]


def spoil(element: etree._Element, draw: st.DrawFn) -> None:
    """Another spelling of the same, as other programs write it."""
    text = element.text or ""
    respelt = [f" {text}", f"{text}\n", text]
    if text in {"true", "false"}:
        respelt.append("1" if text == "true" else "0")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        respelt.append(f"{text}+03:00")
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*[+-]\d\d:\d\d", text) and text.endswith("+00:00"):
        respelt.append(text.replace("+00:00", "Z"))
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        respelt.append(text.upper())
    element.text = draw(st.sampled_from(respelt))


def plain(element: etree._Element, top: etree._Element) -> str:
    names = [etree.QName(element).localname]
    while (parent := element.getparent()) is not None and parent is not top:
        names.append(etree.QName(parent).localname)
        element = parent
    return "/".join(reversed(names))


@settings(max_examples=100, deadline=None)
@given(st.data(), documents)
def test_an_element_that_is_not_in_the_record_to_the_letter_has_its_row(data: st.DataObject, value: BaseModel) -> None:
    root = etree.fromstring(write_document(value))
    for leaf in [one for one in root.iter() if not len(one) and one.text and not one.text.isspace()]:
        spoil(leaf, data.draw)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    (record,) = read_documents(io.BytesIO(content))
    if record.value is None:
        return
    told = {re.sub(r"\[\d+\]", "", loss.place) for loss in record.losses if loss.lost is not Lost.DEFAULTED}
    again = etree.fromstring(write_document(record.value))
    for before, after in zip(root.iter(), again.iter(), strict=True):
        if not len(before) and (before.text or "") != (after.text or ""):
            assert plain(before, root) in told


def test_comments_instructions_and_attributes_are_told_with_their_record() -> None:
    content = write_documents([ConsentDraft.model_validate(CONSENT), ConsentDraft.model_validate(CONSENT)])
    spoilt = (
        content.replace(
            b"<Consents ", b'<Consents xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="a b" '
        )
        .replace(b"</Consent>", b"<!-- Secret --></Consent>", 1)
        .replace(b"</Consents>", b"<?printer Secret?></Consents>")
    )
    found = [(loss.code, loss.place, loss.record) for loss in asides(io.BytesIO(spoilt))]
    assert found == [("attribute", "@schemaLocation", None), ("comment", "", 1), ("instruction", "printer", None)]
    for encoding in ("utf-16", "cp1251"):
        other = spoilt.decode().replace("UTF-8", encoding).encode(encoding)
        assert [(loss.code, loss.place, loss.record) for loss in asides(io.BytesIO(other))] == found


CONSENT = {
    "subject_ref": "K-1",
    "subject_kind": "child",
    "recipient_ogrn": OTHER,
    "purpose": "REFERRAL",
    "categories": ["IDN"],
    "given_on": "2026-01-01",
    "signers": [{"who": "mother", "holder_ref": "M-1"}],
}


def test_a_consent_that_says_nothing_of_its_form_gets_it_by_default() -> None:
    found = losses_of(write_document(ConsentDraft.model_validate(CONSENT)))
    assert {(loss.code, loss.place) for loss in found} == {
        ("from_class", place) for place in ("Form", "Separate", "FieldsComplete", "Signer[1]/Rights")
    }


def test_version_1_is_looked_at_too() -> None:
    (draft,) = [
        record.draft
        for record in read_table(
            io.BytesIO(f"ОГРН получателя;Ребёнок: ФИО;Причина обращения (код)\n{OTHER};Проба Анна;HOUSING\n".encode()),
            built_in("referrals"),
            defaults={"sender_ogrn": OGRN, "type": "referral"},
        ).records
    ]
    assert draft is not None
    content = write_referral(draft)  # type: ignore[arg-type]  # a message
    (record,) = read_referrals(io.BytesIO(content))
    assert not [loss for loss in record.losses if loss.lost is not Lost.DEFAULTED]
    spoilt = content.replace(
        "<FullName>Проба Анна</FullName>".encode(),
        "<FamilyName>Проба</FamilyName><FirstName> Анна</FirstName>".encode(),
    )
    (record,) = read_referrals(io.BytesIO(spoilt))
    found = {(loss.code, loss.place) for loss in record.losses if loss.lost is Lost.COERCED}
    assert found == {("name_joined", "Child[1]/FamilyName"), ("name_joined", "Child[1]/FirstName")}
