"""Every error that the source can raise has its words; every word belongs to an error; languages do not drift apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

import pytest
from babel import Locale

from schemas.catalogue import Language, words
from tests.docs.sources import ERRORS, Raised, literals, raised

LANGUAGES: tuple[Language, ...] = ("ru", "en")
RU, EN = words("ru"), words("en")


def _places(value: str | dict[str, str]) -> frozenset[str]:
    texts = [value] if isinstance(value, str) else list(value.values())
    return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None)


def _codes(section: str = "errors") -> Iterator[str]:
    return (key.partition(".")[2] for key in RU if key.startswith(f"{section}."))


def test_the_scan_finds_what_it_is_made_for() -> None:
    """A scan that finds nothing would make the tests below pass on anything."""
    codes = {found.code for found in raised()}
    assert len(codes) > 150
    assert {"case_unavailable", "message_state_conflict", "key_absent", "snils_check_digits", "internal_error"} <= codes
    assert {"Refused", "Broken", "VerificationError", "KeyAbsent"} <= set(ERRORS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_source_has_a_message_and_a_remedy(language: Language) -> None:
    known = words(language)
    missing = [
        f"{part}.{found.code} ({found.place})"
        for found in raised()
        for part in ("errors", "remedies")
        if not known.get(f"{part}.{found.code}")
    ]
    assert missing == []


def test_every_message_has_its_remedy_and_every_remedy_its_message() -> None:
    assert sorted(_codes("errors")) == sorted(_codes("remedies"))


def test_every_code_of_the_catalogue_stands_in_the_source() -> None:
    assert [code for code in _codes() if code not in literals()] == []


def test_codes_are_snake_case() -> None:
    assert [code for code in _codes() if not re.fullmatch(r"[a-z][a-z0-9_]*", code)] == []


def test_every_place_in_a_text_is_given_where_the_error_is_made() -> None:
    """Else the error would end in a KeyError while it is being told."""
    lacking = [
        f"{found.place} {found.code}: {sorted(needed - found.params)}"
        for found in raised()
        if found.params is not None
        and (needed := _places(RU[f"errors.{found.code}"]) | _places(RU[f"remedies.{found.code}"]))
        and not needed <= found.params
        and not _is_template(found)
    ]
    assert lacking == []


def _is_template(found: Raised) -> bool:
    """A complaint of a report is made with its parameters by the adapters' own function."""
    return found.error is None


def test_languages_have_the_same_keys() -> None:
    assert set(RU) == set(EN)


def test_languages_have_the_same_places() -> None:
    assert [key for key in RU if _places(RU[key]) != _places(EN[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_the_language(language: Language) -> None:
    forms = set(Locale.parse(language).plural_form.tags) | {"other"}
    wrong = [
        key
        for key, value in words(language).items()
        if isinstance(value, dict) and (set(value) != forms or "n" not in _places(value))
    ]
    assert wrong == []


def test_russian_is_russian_and_english_is_english() -> None:
    latin = [key for key, value in RU.items() if not re.search("[а-яё]", _joined(value), re.IGNORECASE)]
    assert [key for key in latin if RU[key] != EN[key]] == []  # names such as GraphQL are the same in both
    quoted = re.compile(r"[“\"«][^”\"»]*[”\"»]|\{\w+\}")
    assert [key for key, value in EN.items() if re.search("[а-яё]{3,}", quoted.sub("", _joined(value)))] == []


def _joined(value: str | dict[str, str]) -> str:
    return value if isinstance(value, str) else " ".join(value.values())
