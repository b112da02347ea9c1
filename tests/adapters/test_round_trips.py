"""What is written is read back as it was, in every format, with any content."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.documents.table_schema import form_of, table_schema
from adapters.tables import reader as csv_reader
from adapters.tables import writer as csv_writer
from adapters.tables.profile import referrals_profile
from adapters.xml import reader as xml_reader
from adapters.xml import writer as xml_writer
from schemas import codes
from schemas.errors import DocumentRejected
from schemas.identifiers import ogrn_check_digit, snils_check_digits
from schemas.messages import MessageDraft, PersonDraft
from tests.adapters.workbooks import workbook
from tests.text_strategies import is_said, signs

awkward = st.sampled_from(
    [
        "=1+1",
        "-",
        "нет",
        "'",
        "''a",
        "#Н/Д",
        '="x"',
        "+7 900",
        "@a",
        "a;b",
        'a"b',
        "a\nb",
        "a\r\nb",
        "a|b\\c",
        "<&>]]>",
        "Итого",
    ]
)
lines = (st.text(signs, min_size=1, max_size=30) | awkward).map(str.strip).filter(is_said)
letters = st.text("абвгдёжзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=12)
names = st.lists(letters.map(str.title), min_size=1, max_size=4).map(" ".join)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
partial = days.map(date.isoformat) | days.map(lambda day: day.isoformat()[:7])
instants = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - the bounds of Hypothesis are naive
    datetime(2100, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)
snils = st.integers(1_001_999, 999_999_999).map(lambda n: f"{n:09d}" + snils_check_digits(f"{n:09d}"))
ogrns = st.integers(100_000_000_000, 999_999_999_999).map(lambda n: f"{n}{ogrn_check_digit(str(n))}")
ids = st.uuids().map(str)
code = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,9}", fullmatch=True)
known_documents = sorted((system, one) for system in codes.DOCUMENT_SYSTEMS for one in codes.code_lists()[system])


def lacking(section, **fields):
    """The same section, and in half of the cases what it has not is known to be absent."""

    def say(value, known):
        absent = [code for code, field in fields.items() if not value.get(field)]
        return value | ({"absent": absent} if known and absent else {})

    return st.builds(say, section, st.booleans()).filter(bool)


documents = st.builds(
    lambda known, rest: {"system": known[0], "type": known[1], **rest},
    st.sampled_from(known_documents),
    st.fixed_dictionaries(
        {"number": st.from_regex(r"[0-9]{6,8}", fullmatch=True)},
        optional={
            "series": st.from_regex(r"[0-9]{4}|[IVX]{1,3}-[А-Я]{2}", fullmatch=True),
            "issued_on": days,
            "issuer": lines,
        },
    ),
)
phones = st.fixed_dictionaries(
    {"number": st.from_regex(r"\+7[0-9]{10}|8\([0-9]{3}\)[0-9]{7}", fullmatch=True)},
    optional={"whose": lines, "when": lines},
)
addresses = st.fixed_dictionaries(
    {"text": lines},
    optional={
        "municipality": lines,
        "gar_id": ids,
        "oktmo": st.from_regex(r"[1-9][0-9]{7}([0-9]{3})?", fullmatch=True),
    },
)
parts = {
    "ref": lines,
    "role": st.sampled_from(sorted(codes.code_lists()[codes.ROLES])),
    "identifiers": lacking(
        st.fixed_dictionaries({}, optional={"snils": snils, "document": documents}),
        snils="snils",
        document="document",
    ),
    "contact": lacking(
        st.fixed_dictionaries({}, optional={"phones": st.lists(phones, min_size=1, max_size=3), "safe_contact": lines}),
        phones="phones",
    ),
    "whereabouts": lacking(
        st.fixed_dictionaries({}, optional={"address": addresses, "registered": addresses}),
        address="address",
        registered="registered",
    ),
    "family": st.sampled_from(sorted(codes.code_lists()[codes.KINSHIP])).map(
        lambda code: {"kinship": {"system": codes.KINSHIP, "code": code}}
    ),
}
sexes = st.sampled_from(sorted(codes.code_lists()[codes.SEXES]))
identities = st.fixed_dictionaries({"full_name": names}, optional={"birth_date": partial, "sex": sexes})
children = st.fixed_dictionaries({"kind": st.just("child"), "identity": identities}, optional=parts)
adults = st.fixed_dictionaries({"kind": st.just("parent"), "identity": identities}, optional=parts)
persons = st.builds(
    lambda first, second: first + second,
    st.lists(children, min_size=1, max_size=2),
    # In a register an adult repeated beside each child is one adult.
    st.lists(adults, max_size=2, unique_by=PersonDraft.model_validate),
)
concerns = st.lists(st.sampled_from(sorted(codes.code_lists()[codes.CONCERNS])), min_size=1, max_size=3, unique=True)
ogrn_pairs = st.lists(ogrns, min_size=2, max_size=2, unique=True)


def build(kind, pair, rest):
    required = {"signal": {"trigger": "threat", "statement": "Ребёнок один."}, "referral": {}}[kind]
    return MessageDraft.model_validate(
        {"type": kind, "sender_ogrn": pair[0], "recipient_ogrn": pair[1]} | required | rest
    )


def drafts_of(*kinds):
    return st.builds(build, st.sampled_from(kinds), ogrn_pairs, bodies)


bodies = st.fixed_dictionaries(
    {"operation_id": ids, "persons": persons, "concerns": concerns},
    optional={
        "urgency": st.sampled_from(["emergency", "urgent", "planned"]),
        "created_at": instants,
        "reg_number": lines,
        "reg_on": days,
        "purpose": code,
        "trigger": code,
        "statute": lines,
        "consent_id": ids,
        "statement": lines,
        "observed_on": days,
        "services": st.lists(code, min_size=1, max_size=3),
        "requested_action": lines,
        "family_aware": st.booleans(),
    },
)
drafts = drafts_of("referral", "signal")


def from_xml(content):
    return [record.draft for record in xml_reader.read_referrals(io.BytesIO(content))]


def from_csv(content):
    return [record.draft for record in csv_reader.read_table(io.BytesIO(content)).records]


@settings(max_examples=30, deadline=None)
@given(drafts)
def test_yes_and_no_are_written_as_the_table_schema_has_them(draft):
    (field,) = [
        one for one in table_schema(form_of(referrals_profile()))["fields"] if one["mezhved:field"] == "family_aware"
    ]
    assert field["type"] == "boolean"
    head, *rows = csv.reader(
        io.StringIO(csv_writer.write_referrals([draft]).decode("utf-8-sig"), newline=""), delimiter=";"
    )
    cells = {row[head.index(field["name"])] for row in rows} - {""}
    assert cells <= {*field["trueValues"], *field["falseValues"]}
    assert bool(cells) == (draft.family_aware is not None)


def as_workbook(content):
    """What a person gets who opens a CSV file in Excel with every column as text, and saves it as a workbook."""
    return workbook(list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")))


@settings(max_examples=50, deadline=None)
@given(st.lists(drafts, min_size=1, max_size=2, unique_by=lambda draft: draft.operation_id))
def test_every_format_gives_back_what_it_was_given_and_so_all_agree(given_drafts):
    assert from_xml(xml_writer.write_referral(given_drafts[0])) == given_drafts[:1]
    assert from_xml(xml_writer.write_referrals(given_drafts)) == given_drafts
    written = csv_writer.write_referrals(given_drafts)
    assert from_csv(written) == given_drafts
    assert from_csv(as_workbook(written)) == given_drafts


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_a_code_or_read(content):
    for reader in (from_xml, from_csv):
        with suppress(DocumentRejected):
            assert [draft for draft in reader(content) if draft is not None] == []


def test_one_content_from_xml_csv_in_two_encodings_and_a_workbook_is_one_record(referral):
    """In the workbook the dates are dates and the numbers numbers, under a heading of two levels."""
    written = csv_writer.write_referrals([referral])
    heading, cells = csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";")
    typed = {
        "ОГРН отправителя": int,
        "ОГРН получателя": int,
        "Ребёнок: СНИЛС": lambda text: int(text.replace("-", "").replace(" ", "")),
        "Ребёнок: дата рождения": lambda text: datetime.strptime(text, "%d.%m.%Y"),  # noqa: DTZ007
        "Законный представитель: телефон": lambda text: text.removeprefix("'"),
    }
    upper, lower = zip(*(name.split(": ") if ": " in name else (name, None) for name in heading), strict=True)
    values = [typed.get(name, str)(cell) if cell else None for name, cell in zip(heading, cells, strict=True)]
    book = workbook([["Реестр направлений"], upper, lower, values])
    forms = {
        "xml": from_xml(xml_writer.write_referral(referral)),
        "csv utf-8": from_csv(written),
        "csv cp1251": from_csv(csv_writer.write_referrals([referral], encoding="cp1251")),
        "xlsx": from_csv(book),
    }
    assert [name for name, drafts in forms.items() if drafts != [referral]] == []
