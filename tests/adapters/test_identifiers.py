from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import identifiers as ids


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("112-233-445 95", True),
        ("087-654-303 00", True),
        ("11223344595", True),
        ("112 233 445-95", True),
        ("112-233-445 96", False),
        ("123-123-123 33", False),
        ("12312312333", False),
        ("000-000-000 00", False),
        ("1122334459", False),
        ("112233445950", False),
        ("１１２２３３４４５９５", False),
        ("", False),
    ],
)
def test_snils_check_digits(text, right):
    assert ids.is_snils(text) is right


def test_snils_check_digits_are_not_defined_for_the_first_numbers():
    assert not ids.has_snils_check_digits("00100199800")
    assert ids.is_snils("001-001-998 77")
    assert ids.has_snils_check_digits("00100199900")
    assert not ids.is_snils("001-001-999 00")


@given(st.integers(1_001_999, 999_999_999))
def test_every_wrong_check_digit_of_a_snils_is_found(number):
    nine = f"{number:09d}"
    right = ids.snils_check_digits(nine)
    accepted = [two for two in (f"{two:02d}" for two in range(100)) if ids.is_snils(nine + two)]
    assert accepted == [right]
    assert ids.normalise_snils(ids.format_snils(nine + right)) == nine + right


@given(st.integers(1_001_999, 99_999_999))
def test_a_lost_zero_is_restored_only_when_check_digits_confirm_it(number):
    nine = f"{number:09d}"
    snils = nine + ids.snils_check_digits(nine)
    lost = snils.lstrip("0")
    assert ids.restore_snils(lost) == snils
    wrong = lost[:-1] + str((int(lost[-1]) + 1) % 10)
    assert ids.restore_snils(wrong) is None


def test_refused_snils_is_not_in_the_error():
    with pytest.raises(ValueError, match="not a SNILS") as caught:
        ids.normalise_snils("112-233-445 96")
    assert "112" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("1027700132195", True),
        ("1027700132196", False),
        ("304500116000157", True),
        ("304500116000158", False),
        ("102770013219", False),
        ("0027700132195", False),
        ("abcdefghijklm", False),
    ],
)
def test_ogrn(text, right):
    assert ids.is_ogrn(text) is right


@given(st.integers(0, 10**13 - 1))
def test_ogrnip_whose_remainder_is_ten_to_twelve_is_accepted(number):
    first = f"3{number:013d}"
    assert ids.is_ogrn(first + str(int(first) % 13 % 10))


@pytest.mark.parametrize(
    ("text", "right"), [("7707083893", True), ("500100732259", True), ("7707083894", False), ("7", False)]
)
def test_inn(text, right):
    assert ids.is_inn(text) is right


@pytest.mark.parametrize(
    ("series", "proposal"),
    [
        ("II-МЮ", None),
        ("XXIII-АБ", None),
        ("ІІ-МЮ", "II-МЮ"),
        ("II–МЮ", "II-МЮ"),
        ("II МЮ", "II-МЮ"),
        ("П-МЮ", "II-МЮ"),
        ("11-МЮ", "II-МЮ"),
        ("ХІУ-АК", "XIV-АК"),
        ("IV-AK", "IV-АК"),
        ("77АА", None),
        ("II-QZ", None),
        ("", None),
    ],
)
def test_birth_certificate_series_is_proposed_not_changed(series, proposal):
    assert ids.propose_birth_series(series) == proposal
