"""The product's sources as trees, for laws that are kept by what the code does not say."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "consent", "policies", "adapters", "gateway")
_altered: dict[str, tuple[str, str]] = {}


@contextmanager
def altered(path: str, old: str, new: str) -> Iterator[None]:
    """The file with `old` replaced by `new`, for whoever reads it through `texts`."""
    _altered[path] = (old, new)
    try:
        yield
    finally:
        del _altered[path]


def texts(*under: str) -> Iterator[tuple[str, str]]:
    """Paths from the root and texts of all modules in these folders or files; migrations excepted."""
    for place in under or ROOMS:
        start = ROOT / place
        assert start.exists(), f"{place} is gone: this law no longer looks where it should"
        for file in [start] if start.is_file() else sorted(start.rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if "/migrations/" in path:
                continue
            content = file.read_text("utf-8")
            if path in _altered:
                old, new = _altered[path]
                assert content.count(old) == 1, f"the mutated text stands {content.count(old)} times in {path}: {old}"
                content = content.replace(old, new)
            yield path, content


def trees(*under: str) -> Iterator[tuple[str, ast.Module]]:
    """The same, parsed."""
    for path, content in texts(*under):
        yield path, _parsed(content)


@functools.cache
def _parsed(content: str) -> ast.Module:
    return ast.parse(content)


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of everything imported ('' for a whole module)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """String literals that are not docstrings."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    # A bare string after an assignment documents the attribute.
    docs |= {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node
