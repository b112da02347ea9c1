"""Two messages everybody knows, and short ways to read bytes. All persons are invented."""

from __future__ import annotations

import io

import pytest

from adapters.tables import reader as csv_reader
from adapters.xml import reader as xml_reader
from schemas.identifiers import ogrn_check_digit
from schemas.messages import MessageDraft


def ogrn(number: int) -> str:
    first = f"10377{number:07d}"
    return first + ogrn_check_digit(first)


CHILD = {
    "kind": "child",
    "ref": "дело-17",
    "identity": {"full_name": "Синтетова Анна Примеровна", "birth_date": "2019-02-01", "sex": "F"},
    "identifiers": {
        "snils": "11223344595",
        "document": {"system": "egisso_csv", "type": "05", "series": "II-МЮ", "number": "123456"},
    },
}
MOTHER = {
    "kind": "parent",
    "role": "mother",
    "identity": {"full_name": "Синтетова Ольга Примеровна"},
    "contact": {"phones": [{"number": "+79000000000", "whose": "мать", "when": "после 18:00"}]},
    "whereabouts": {"address": {"text": "г. Образцово, ул. Пробная, д. 1", "municipality": "Образцовский"}},
}


@pytest.fixture
def referral():
    return MessageDraft.model_validate(
        {
            "operation_id": "6f9619ff-8b86-4011-b42d-00cf4fc964ff",
            "type": "referral",
            "sender_ogrn": ogrn(1),
            "recipient_ogrn": ogrn(2),
            "urgency": "urgent",
            "purpose": "REFERRAL",
            "persons": [CHILD, MOTHER],
            "concerns": ["HOUSING", "FAMILY_CONFLICT"],
            "statement": "Семье нужна помощь юриста.",
            "requested_action": "Консультация юриста и психолога.",
        }
    )


@pytest.fixture
def signal(referral):
    changes = {"type": "signal", "purpose": "SIGNAL", "trigger": "threat", "urgency": "emergency"}
    return MessageDraft.model_validate(referral.model_dump() | changes)


@pytest.fixture
def read_xml():
    def read(content, **limits):
        return list(xml_reader.read_referrals(io.BytesIO(content), xml_reader.Limits(**limits)))

    return read


@pytest.fixture
def read_csv():
    """Reads a register to its end and adds every record to its report."""

    def read(content, defaults=None, **limits):
        reading = csv_reader.read_table(io.BytesIO(content), None, csv_reader.Limits(**limits), defaults or {})
        records = list(reading.records)
        for record in records:
            reading.report.add(record)
        return reading, records

    return read
