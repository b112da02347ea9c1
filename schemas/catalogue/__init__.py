"""Words for people. Keys are permanent; Russian is first and complete, English second, both checked by a test.

A value is a text with `{name}` places, or a set of CLDR plural forms chosen by the parameter `n`.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import Literal

import yaml
from babel import Locale

Language = Literal["ru", "en"]


@functools.cache
def words(language: Language) -> dict[str, str | dict[str, str]]:
    """All texts of one language, flat: `section.key` to a text or to its plural forms."""
    flat: dict[str, str | dict[str, str]] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(f".{language}.yaml"):
            continue
        for section, entries in yaml.safe_load(file.read_text("utf-8")).items():
            flat.update({f"{section}.{key}": value for key, value in entries.items()})
    return flat


@functools.cache
def _locale(language: Language) -> Locale:
    return Locale.parse(language)


def text(key: str, language: Language = "ru", /, **params: str | int) -> str:
    """The text of `key`. Raises KeyError for a key that is in no catalogue: a missing word is a defect, not a blank."""
    value = words(language)[key]
    if isinstance(value, dict):
        value = value[_locale(language).plural_form(int(params["n"]))]
    return value.format(**params)
