"""Words for people. Keys are permanent; Russian is first and complete, English second, both checked by a test.

A value is a text with `{name}` places, or a set of CLDR plural forms chosen by the parameter `n`.
"""

from __future__ import annotations

import functools
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Literal

import yaml
from babel import Locale

Language = Literal["ru", "en"]


_packages: list[str] = [__name__]


def extend(package: str) -> None:
    """Adds the words that stand beside the code of a package, `words.ru.yaml` and `words.en.yaml`: a folder that brings rules
    of its own brings their texts (docs/adapters.md). Called when the package is imported; saying it twice changes nothing.
    """
    if package not in _packages:
        _packages.append(package)
        words.cache_clear()


def sources(language: Language) -> dict[str, Traversable]:
    """The files that texts come from, by their room: a file of the catalogue, or the folder that extended it."""
    found: dict[str, Traversable] = {}
    for package in _packages:
        for file in sorted(resources.files(package).iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(f".{language}.yaml"):
                name = file.name.partition(".")[0]
                found[name if package == __name__ else package.rpartition(".")[2]] = file
    return found


@functools.cache
def words(language: Language) -> dict[str, str | dict[str, str]]:
    """All texts of one language, flat: `section.key` to a text or to its plural forms."""
    flat: dict[str, str | dict[str, str]] = {}
    for file in sources(language).values():
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
