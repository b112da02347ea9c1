"""How a mutant is made: one line of product code is replaced while the test of the test runs.

The code of the function is swapped in place, so that every name it was imported under runs the mutant. A line that no
longer stands in the source fails loudly: a mutant that mutates nothing would prove nothing.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import CodeType, FunctionType
from typing import Any

from tests.laws import sources

Mutation = Callable[[], Any]
"""Makes a context in which the product is wrong."""


def line(function: Any, old: str, new: str) -> Mutation:
    """`function` with the text `old` replaced by `new`."""
    plain: FunctionType = inspect.unwrap(function)

    @contextmanager
    def wrong() -> Iterator[None]:
        before, source = plain.__code__, _mutated.get(plain)
        if source is None:
            source = inspect.getsource(plain)
        assert source.count(old) == 1, (
            f"the mutated text stands {source.count(old)} times in {plain.__qualname__}: {old}"
        )
        changed = source.replace(old, new)
        plain.__code__ = _code(plain, changed)
        _mutated[plain] = changed
        try:
            yield
        finally:
            plain.__code__ = before
            _mutated.pop(plain, None)

    return wrong


_mutated: dict[FunctionType, str] = {}
"""Sources of functions that are mutants now: one defect may need two lines of one function."""


def text(path: str, old: str, new: str) -> Mutation:
    """The source file as the readers of sources see it, with a line replaced; nothing is run."""

    @contextmanager
    def wrong() -> Iterator[None]:
        with sources.altered(path, old, new):
            yield

    return wrong


def both(*mutations: Mutation) -> Mutation:
    """Several replacements that are one defect."""

    @contextmanager
    def wrong() -> Iterator[None]:
        with ExitStack() as stack:
            for mutation in mutations:
                stack.enter_context(mutation())
            yield

    return wrong


def _code(function: FunctionType, source: str) -> CodeType:
    tree = ast.parse("if True:\n" + source if source.startswith(" ") else source)
    definition = tree.body[0].body[0] if isinstance(tree.body[0], ast.If) else tree.body[0]
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    definition.decorator_list = []
    assert not function.__code__.co_freevars, f"{function.__qualname__} is a closure"
    future = ast.parse("from __future__ import annotations").body
    module = ast.fix_missing_locations(ast.Module([*future, definition], []))
    compiled = compile(module, f"<mutant of {function.__qualname__}>", "exec")
    return next(c for c in compiled.co_consts if isinstance(c, CodeType) and c.co_name == function.__name__)
