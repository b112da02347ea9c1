"""Equal people, however typed, give equal indexes; different values, kinds and keys do not. All values are synthetic."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.vault.blind_index import IndexKey, IndexKind, normal_certificate, normal_name, normal_snils
from gateway.vault.envelope import new_key
from schemas.errors import RequestRejected

FORMATS = json.loads((Path(__file__).parents[2] / "vectors/vault/formats-v1.json").read_text("utf-8"))
KEY = IndexKey(new_key())
BORN = date(2015, 2, 1)


def test_indexes_of_version_1_are_still_found():
    key, indexes = IndexKey(bytes.fromhex(FORMATS["key"])), FORMATS["indexes"]
    name, born = indexes["name_and_birth"]["value"]
    found = [
        key.snils(indexes["snils"]["value"]),
        key.birth_certificate(*indexes["birth_certificate"]["value"]),
        key.name_and_birth(name, date.fromisoformat(born)),
    ]
    assert [(index.kind.value, index.digest.hex()) for index in found] == [
        (kind, value["digest"]) for kind, value in indexes.items()
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "11223344595",
        "112-233-445 95",
        " 112 233 445 95 ",
        "112‑233–445\u00a095",
        "１１２-233-445-95",
        "112-233\u200b-44595",
    ],
)
def test_one_snils_however_typed(typed):
    assert normal_snils(typed) == "11223344595"


@pytest.mark.parametrize("typed", ["", "1122334459", "112233445955", "112-233-445 9X", "1.12233E+10", "١١٢٢٣٣٤٤٥٩٥"])
def test_what_is_no_snils_is_refused_without_being_repeated(typed):
    with pytest.raises(RequestRejected) as refused:
        normal_snils(typed)
    assert (refused.value.code, refused.value.params) == ("identifier_unreadable", {"field": "snils"})


@pytest.mark.parametrize(
    ("series", "number"),
    [
        ("II-МЮ", "012345"),
        ("ii-мю", "12345"),
        ("II МЮ", "№ 012345"),
        ("IIМЮ", "N012345"),
        ("ІІ-МЮ", "No 012 345"),
        ("11-МЮ", "012345"),
        ("П-МЮ", "012345"),
        ("Ⅱ—MЮ", "０12345"),
    ],
)
def test_one_birth_certificate_however_typed(series, number):
    assert normal_certificate(series, number) == ("IIМЮ", "012345")


@pytest.mark.parametrize(
    ("series", "number", "field"),
    [
        ("II-МЮ", "1234567", "number"),
        ("II-МЮ", "12A456", "number"),
        ("II-МЮ", "", "number"),
        ("II-МЮ", "№", "number"),
        ("", "123456", "series"),
        ("?", "1", "series"),
    ],
)
def test_what_is_no_birth_certificate_is_refused(series, number, field):
    with pytest.raises(RequestRejected) as refused:
        normal_certificate(series, number)
    assert refused.value.params == {"field": field}


def test_certificates_of_other_countries_keep_their_letters():
    assert normal_certificate("ab", "12-34 c") == ("AB", "1234C")


@pytest.mark.parametrize(
    "typed",
    [
        "Ёлкина-Птицына Анна Петровна",
        "ЕЛКИНА-ПТИЦЫНА АННА ПЕТРОВНА",
        "елкина птицына  анна\tпетровна ",
        "Елкина – Птицына Анна Петровна",
        "Е\u0308лкина-Птицына Анна\u00a0Петровна",
        "Eлкинa-Птицынa Aннa Пeтpoвнa",
        "Ёлкина-Пти\u00adцына Анна Петровна",
    ],
)
def test_one_name_however_typed(typed):
    assert normal_name(typed) == "елкина птицына анна петровна"
    assert KEY.name_and_birth(typed, BORN) == KEY.name_and_birth("Ёлкина-Птицына Анна Петровна", BORN)


def test_names_in_latin_letters_stay_latin():
    assert normal_name("O’Hara Anne-Marie") == "ohara anne marie"


def test_a_name_has_a_letter():
    with pytest.raises(RequestRejected):
        normal_name(" - ")


def test_another_letter_is_another_name_and_another_day_is_another_person():
    assert KEY.name_and_birth("Майя", BORN) != KEY.name_and_birth("Маия", BORN)
    assert KEY.name_and_birth("Майя", BORN) != KEY.name_and_birth("Майя", date(2015, 1, 2))


def test_keys_and_kinds_share_nothing():
    other = IndexKey(new_key())
    assert other.snils("11223344595") != KEY.snils("11223344595")
    digests = {KEY._index(kind, "11223344595").digest for kind in IndexKind}
    assert len(digests) == len(IndexKind)


@given(st.integers(0, 10**11 - 1), st.integers(0, 10**11 - 1))
def test_different_numbers_have_different_indexes(one, other):
    assert (KEY.snils(f"{one:011}") == KEY.snils(f"{other:011}")) == (one == other)


@given(st.text(max_size=20))
def test_normalising_twice_changes_nothing(text):
    try:
        name = normal_name(text)
    except RequestRejected:
        return
    assert normal_name(name) == name
