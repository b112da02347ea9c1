"""How a mutant is made: one line of product code is replaced while the test of the test runs.

The code of the function is swapped in place, so that every name it was imported under runs the mutant. A line that no
longer stands in the source fails loudly: a mutant that mutates nothing would prove nothing.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
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
        before = plain.__code__
        plain.__code__ = _code(plain, old, new)
        try:
            yield
        finally:
            plain.__code__ = before

    return wrong


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


def _code(function: FunctionType, old: str, new: str) -> CodeType:
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(old) == 1, f"the mutated text stands {source.count(old)} times in {function.__qualname__}: {old}"
    tree = ast.parse(source.replace(old, new))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    names = function.__code__.co_freevars
    body: ast.Module = tree
    if names:  # rebuild the closure, so that the code has the same free names
        outer = ast.parse(f"def outer():\n    {'; '.join(f'{n} = None' for n in names)}\n    return None").body[0]
        assert isinstance(outer, ast.FunctionDef)
        outer.body.insert(-1, definition)
        body = ast.Module([outer], [])
    future = ast.parse("from __future__ import annotations").body
    compiled = compile(ast.fix_missing_locations(ast.Module([*future, *body.body], [])), f"<mutant of {function.__qualname__}>", "exec")
    found = _find(compiled, function.__name__)
    assert found.co_freevars == names, f"{function.__qualname__}: {found.co_freevars} is not {names}"
    return found


def _find(code: CodeType, name: str) -> CodeType:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_name == name:
                return constant
            if constant.co_name == "outer":
                return _find(constant, name)
    raise AssertionError(name)
