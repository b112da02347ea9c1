"""Codes of packages: what a slip of the hand does, how people type them, what a receipt code proves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.partner.package_codes import (
    MOST_DAYS,
    OPENING_DIGITS,
    RECEIPT_DIGITS,
    MistypedError,
    check_digit,
    is_receipt_code,
    new_opening_code,
    parse_code,
    read_receipt_code,
    receipt_code,
    shown,
)

digits = st.text("0123456789", min_size=OPENING_DIGITS - 1, max_size=OPENING_DIGITS - 1)
keys = st.binary(min_size=32, max_size=32)
OUTCOMES = ("opened", "accept", "reject/NO_CAPACITY/none_known", "complete")


@given(digits, st.integers(0, OPENING_DIGITS - 1), st.integers(1, 9))
def test_one_wrong_digit_is_found(body: str, at: int, by: int) -> None:
    code = body + check_digit(body)
    wrong = code[:at] + str((int(code[at]) + by) % 10) + code[at + 1 :]
    assert parse_code(code, OPENING_DIGITS) == code
    with pytest.raises(MistypedError) as error:
        parse_code(wrong, OPENING_DIGITS)
    assert error.value.why == "check"


@given(digits, st.integers(0, OPENING_DIGITS - 2))
def test_two_neighbours_that_changed_places_are_found(body: str, at: int) -> None:
    code = body + check_digit(body)
    wrong = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if wrong != code:
        with pytest.raises(MistypedError):
            parse_code(wrong, OPENING_DIGITS)


@given(st.lists(st.sampled_from([" ", "-", "—", "\u00a0", "\n", ".", "  "]), min_size=24, max_size=24))
def test_spaces_and_dashes_do_not_matter(between: list[str]) -> None:
    code = new_opening_code()
    assert parse_code("".join(a + b for a, b in zip(code, between, strict=True)), OPENING_DIGITS) == code
    assert parse_code(shown(code), OPENING_DIGITS) == code


@pytest.mark.parametrize("typed", ["", "1234", "١" * OPENING_DIGITS, "О" * OPENING_DIGITS, "1" * 25, "12 34 x"])
def test_what_is_no_code_is_said_to_be_of_another_length(typed: str) -> None:
    with pytest.raises(MistypedError) as error:
        parse_code(typed, OPENING_DIGITS)
    assert error.value.why == "length"


def test_codes_are_not_repeated() -> None:
    assert len({new_opening_code() for _ in range(500)}) == 500


@given(keys, st.integers(0, MOST_DAYS), st.integers(0, len(OUTCOMES) - 1))
def test_a_receipt_code_says_what_it_was_made_for(key: bytes, day: int, number: int) -> None:
    code = receipt_code(key, "package", day, number, OUTCOMES[number])
    assert len(code) == RECEIPT_DIGITS
    assert parse_code(code, RECEIPT_DIGITS) == code
    assert read_receipt_code(code) == (day, number)
    assert is_receipt_code(code, key, "package", OUTCOMES)


@given(keys, st.integers(0, MOST_DAYS), st.integers(0, len(OUTCOMES) - 1), st.data())
def test_a_receipt_code_of_another_package_key_day_or_outcome_is_refused(
    key: bytes, day: int, number: int, data: st.DataObject
) -> None:
    code = receipt_code(key, "package", day, number, OUTCOMES[number])
    other_key = data.draw(keys.filter(lambda k: k != key))
    assert not is_receipt_code(code, other_key, "package", OUTCOMES)
    assert not is_receipt_code(code, key, "another package", OUTCOMES)
    other_day = data.draw(st.integers(0, MOST_DAYS).filter(lambda d: d != day))
    moved = f"{other_day:03d}{code[3:-1]}"
    assert not is_receipt_code(moved + check_digit(moved), key, "package", OUTCOMES)
    other = data.draw(st.integers(0, 99).filter(lambda n: n != number))
    changed = f"{code[:3]}{other:02d}{code[5:-1]}"
    assert not is_receipt_code(changed + check_digit(changed), key, "package", OUTCOMES)


@pytest.mark.parametrize(("day", "number"), [(-1, 0), (1000, 0), (0, -1), (0, 100)])
def test_there_is_no_code_out_of_range(day: int, number: int) -> None:
    with pytest.raises(ValueError, match="no place"):
        receipt_code(b"k" * 32, "package", day, number, "opened")
