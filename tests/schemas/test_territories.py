"""OKTMO: check digits against the published classifier, prefixes, what lies in what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.territories import (
    lies_in,
    normalise_oktmo,
    oktmo_check_digit,
    oktmo_prefix,
    prefixes_over,
    region_name,
    regions,
)

part = st.integers(0, 999).map("{:03d}".format)
codes = st.builds(
    lambda region, *parts: f"{region:02d}{''.join(parts)}", st.integers(1, 99), part, part, part
) | st.builds(lambda region, *parts: f"{region:02d}{''.join(parts)}", st.integers(1, 99), part, part)


@pytest.mark.parametrize(
    ("code", "digit"),
    [("984", "4"), ("985", "7"), ("986", "1"), ("987", "2"), ("988", "5"), ("81618403101", "9"), ("24613000", "3")],
)
def test_control_digits_of_published_codes(code: str, digit: str) -> None:
    assert oktmo_check_digit(code) == digit


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("45000000", "45000000"),
        ("45 301 000", "45301000"),
        ("81618403101", "81618403101"),
        ("24613000 3", "24613000"),
        ("816184031019", "81618403101"),
    ],
)
def test_a_code_is_read_with_spaces_and_with_its_control_digit(written: str, code: str) -> None:
    assert normalise_oktmo(written) == code


@pytest.mark.parametrize("text", ["", "4530100", "246130004", "00000000", "4530100О", "45301000000000", "٤٥٣٠١٠٠٠"])
def test_what_is_no_code_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not an OKTMO code$"):
        normalise_oktmo(text)


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("45000000", "45"),
        ("45300000", "453"),  # a group: the municipalities inside the city
        ("45310000", "45310"),  # its zero belongs to it: 45311000 does not lie in it
        ("71800000", "718"),
        ("81639000", "81639"),
        ("81639400", "816394"),
        ("81639411", "81639411"),
        ("81639411000", "81639411"),
        ("81639411101", "81639411101"),
    ],
)
def test_prefixes(code: str, prefix: str) -> None:
    assert oktmo_prefix(code) == prefix


def test_a_neighbour_does_not_lie_in_a_code_that_ends_with_a_zero() -> None:
    assert lies_in("45310000", "45000000")
    assert not lies_in("45311000", "45310000")
    assert not lies_in("45000000", "45310000")


@given(codes, codes)
def test_lying_in_is_having_the_prefix_among_those_above(inner: str, outer: str) -> None:
    assert lies_in(inner, outer) == (oktmo_prefix(outer) in prefixes_over(inner))
    assert lies_in(inner, inner)
    if lies_in(inner, outer) and lies_in(outer, inner):
        assert oktmo_prefix(inner) == oktmo_prefix(outer)


@given(codes.filter(lambda code: not code.startswith("00")))
def test_every_code_with_its_control_digit_is_that_code(code: str) -> None:
    assert normalise_oktmo(code) == code
    assert normalise_oktmo(code + oktmo_check_digit(code)) == code


def test_regions_have_names() -> None:
    assert region_name("45310000") == "Москва"
    assert region_name("00000000") is None
    assert all(len(prefix) == 2 for prefix in regions())
    assert len(set(regions().values())) == len(regions())
