"""The count of work itself: its matcher finds what the library finds, and what grows with the square is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import texts
from adapters.tables import cells, dates, phones, values
from tests.adapters.work import ENDLESS, Counted, Work, is_linear

SIGNS = "ДдчГгММ.-/ 0123+78()_xХа=#@!|\"'\nabcdЯвыберите"
PATTERNS = [
    value
    for module in (cells, dates, phones, texts, values)
    for value in vars(module).values()
    if isinstance(value, re.Pattern)
]
OWN = [
    re.compile(one)
    for one in (
        r"(a|ab)(c|bcd)*",
        r"a*?b",
        r"(?i)Я[а-в]+$",
        r"(\w)\1",
        r"(?<=a)b(?!c)",
        r"\bа\B",
        r"[^a\d]{2,3}",
        r"(?:a{2})+b?",
    )
]


@given(
    st.sampled_from([*PATTERNS, *OWN]),
    st.text(st.sampled_from(SIGNS), max_size=14),
)
def test_the_matcher_finds_what_the_library_finds(pattern: re.Pattern[str], text: str) -> None:
    steps = Counted(pattern, Work())._steps
    found = pattern.match(text)
    assert steps.at(text, 0) == (found.end() if found else None)
    searched = pattern.search(text)
    assert steps.search(text, 0) == (searched.span() if searched else None)
    assert (steps.at(text, 0, whole=True) is not None) == (pattern.fullmatch(text) is not None)


QUADRATIC = {
    "spaces at the end": (r"\s+$", " ", "x"),
    "two repeats of one sign": (r"^\d*\d*-", "1", ""),
    "anything, then something": (r"[a-z]+\d", "a", ""),
}


@pytest.mark.parametrize(("pattern", "sign", "after"), QUADRATIC.values(), ids=QUADRATIC)
def test_a_pattern_that_grows_with_the_square_is_told(pattern: str, sign: str, after: str) -> None:
    work = Work()
    counted = Counted(re.compile(pattern), work)
    assert not is_linear(lambda size: work.of(counted.search, sign * size + after), 100)
    linear = Counted(re.compile(r"^[^x]*x?$"), work)
    assert is_linear(lambda size: work.of(linear.match, sign * size + after), 100)


def test_a_pattern_that_never_ends_is_told() -> None:
    work = Work()
    counted = Counted(re.compile(r"^(?:a+)+$"), work)
    assert work.of(counted.match, "a" * 40 + "b") == ENDLESS
    assert not is_linear(lambda size: work.of(counted.match, "a" * size + "b"), 20)


def test_loops_and_copies_that_grow_with_the_square_are_told() -> None:
    """Made up, in a module of ours, since only those are counted."""
    names: dict[str, Any] = {"__name__": "adapters.made_up"}
    exec(
        "def copies(text):\n"
        "    while '  ' in text:\n"
        "        text = text.replace('  ', ' ', 1)\n"
        "def loops(text):\n"
        "    return sum(one == other\n"
        "        for one in text\n"
        "        for other in text)\n"
        "def once(text):\n"
        "    return [sign\n"
        "        for sign in text.strip()]\n",
        names,
    )
    work = Work()
    for name, expected in (("copies", False), ("loops", False), ("once", True)):
        function = names[name]
        assert is_linear(lambda size, function=function: work.of(function, " " * size), 100) is expected, name
