from __future__ import annotations

import csv
import re
from importlib import resources

import pytest

from schemas import codes


@pytest.mark.parametrize(
    ("system", "spelling", "code"),
    [
        (codes.SEXES, "М", "M"),
        (codes.SEXES, "M", "M"),
        (codes.SEXES, "муж.", "M"),
        (codes.SEXES, "Ж", "F"),
        (codes.SEXES, "2", "F"),
        (codes.SEXES, "женский", "F"),
        (codes.URGENCIES, "Срочно", "urgent"),
        (codes.URGENCIES, "ЭКСТРЕННО", "emergency"),
        (codes.URGENCIES, "в плановом  порядке", "planned"),
        (codes.CONCERNS, "housing", "HOUSING"),
        (codes.CONCERNS, "Риск отказа от ребенка", "REFUSAL_RISK"),
        (codes.ROLES, "foster-parent", "foster_parent"),
        (codes.MESSAGE_TYPES, "Сигнал", "signal"),
        (codes.DOCUMENTS_EGISSO_CSV, "паспорт РФ", "03"),
        (codes.DOCUMENTS_FNS, "паспорт РФ", "21"),
        (codes.DOCUMENTS_EGISSO_CSV, "5", "05"),
    ],
)
def test_people_spell_codes_in_many_ways(system, spelling, code):
    entry = codes.recognise(system, spelling)
    assert entry is not None
    assert (entry.system, entry.code) == (system, code)


def test_the_same_code_means_different_documents_in_different_systems():
    passport = codes.find_code(codes.DOCUMENTS_EGISSO_CSV, "03")
    certificate = codes.find_code(codes.DOCUMENTS_FNS, "03")
    assert passport is not None
    assert certificate is not None
    assert (passport.meaning, certificate.meaning) == ("passport_rf", codes.BIRTH_CERTIFICATE)


def test_an_unknown_spelling_is_not_guessed():
    assert codes.recognise(codes.URGENCIES, "когда-нибудь") is None
    assert codes.find_code("no_such_list", "03") is None


@pytest.mark.parametrize("system", sorted(codes.code_lists()))
def test_every_list_is_whole_and_no_spelling_means_two_codes(system):
    entries = codes.code_lists()[system]
    assert entries
    for code, entry in entries.items():
        assert entry.system == system
        assert re.search("[А-Яа-я]", entry.name_ru)
        found = codes.recognise(system, entry.name_ru)
        assert found is not None
        assert found.code == code


def test_a_list_stands_in_one_file_and_a_code_in_it_once() -> None:
    """Two tables under one name would be read as one list: a form would offer both."""
    places: dict[str, set[str]] = {}
    found: list[tuple[str, str]] = []
    for name in codes.FILES:
        table = resources.files("schemas").joinpath("data", name).read_text("utf-8")
        for row in csv.DictReader(table.splitlines()):
            places.setdefault(row["system"], set()).add(name)
            found.append((row["system"], row["code"]))
    assert {system: sorted(names) for system, names in places.items() if len(names) > 1} == {}
    assert [code for code in set(found) if found.count(code) > 1] == []
