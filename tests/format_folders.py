"""A folder of a format made for one test, beside the real ones: nothing else is told about it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import adapters
from adapters.formats import formats
from schemas import catalogue

_numbers = itertools.count()


@contextmanager
def format_folder(parent: Path, monkeypatch: pytest.MonkeyPatch, module: str) -> Iterator[Path]:
    """The folder, with `module` as its `format.py` (`{folder}` in it becomes its name) and words for `{folder}_empty`."""
    folder = parent / f"toy{next(_numbers)}"
    folder.mkdir()
    (folder / "__init__.py").write_text("from schemas.catalogue import extend\nextend(__name__)\n")
    (folder / "format.py").write_text(module.replace("{folder}", folder.name), "utf-8")
    for language, words in (("ru", "Пустая строка."), ("en", "An empty line.")):
        (folder / f"words.{language}.yaml").write_text(
            f'errors:\n  {folder.name}_empty: "{words}"\nremedies:\n  {folder.name}_empty: "{words}"\n', "utf-8"
        )
    monkeypatch.setattr(adapters, "__path__", [*adapters.__path__, str(parent)])
    monkeypatch.setattr(catalogue, "_packages", list(catalogue._packages))
    formats.cache_clear()
    try:
        yield folder
    finally:
        monkeypatch.undo()
        formats.cache_clear()
        catalogue.words.cache_clear()
