"""What the source says about errors and entries, read from its syntax trees: what the documents must not lag behind."""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import gateway.cli
import gateway.evidence.errors
import gateway.main
import gateway.vault.errors  # noqa: F401  all error classes must be known
import schemas.nameless  # noqa: F401  its error is one of the tree
from adapters.formats import formats
from gateway.evidence.events import EventKind
from schemas.errors import MezhvedError

formats()  # their folders have words of their own

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("schemas", "consent", "policies", "adapters", "gateway")
FINDINGS = frozenset({"Complaint", "Breach", "CellFault", "complaint", "_complain"})
"""What makes a line of an import report; the first argument is its code."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One place where an error with a literal code is made. `params` is None where they are not all literal."""

    code: str
    error: type[MezhvedError] | None  # None: a line of an import report
    params: frozenset[str] | None
    place: str


def _errors(base: type[MezhvedError] = MezhvedError) -> Iterator[type[MezhvedError]]:
    yield base
    for below in base.__subclasses__():
        yield from _errors(below)


ERRORS: Mapping[str, type[MezhvedError]] = {error.__name__: error for error in _errors()}


@functools.cache
def trees() -> Mapping[str, ast.Module]:
    """Every module of the rooms by its path from the root."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    }


@functools.cache
def literals() -> frozenset[str]:
    """Every text that stands in the source."""
    return frozenset(
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@functools.cache
def raised() -> tuple[Raised, ...]:
    """Every place where an error or a line of a report is made with a literal code."""
    return tuple(found for path, tree in trees().items() for found in _raised_in(path, tree))


def _raised_in(path: str, tree: ast.Module) -> Iterator[Raised]:
    for owner in ast.walk(tree):
        if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            for call in _calls_of(owner):
                yield from _made_by(call, owner, path)
        if isinstance(owner, ast.ClassDef) and owner.name in ERRORS:  # a class with a code of its own
            for node in ast.walk(owner):
                if isinstance(node, ast.Call) and _name(node.func) == "__init__":
                    for code in _texts(node.args[0] if node.args else None):
                        yield Raised(code, ERRORS[owner.name], None, f"{path}:{node.lineno}")


def _made_by(call: ast.Call, owner: ast.AST, path: str) -> Iterator[Raised]:
    name = _name(call.func)
    if name not in ERRORS and name not in FINDINGS:
        return
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Name):
        first = _last_assigned(first.id, owner, call.lineno)
    params = None
    if name in ERRORS and all(keyword.arg for keyword in call.keywords):
        params = frozenset(str(keyword.arg) for keyword in call.keywords)
    for code in _texts(first):
        yield Raised(code, ERRORS.get(name), params, f"{path}:{call.lineno}")


def _last_assigned(name: str, owner: ast.AST, line: int) -> ast.expr | None:
    """What was last assigned to a name above a line of a block."""
    above = [
        node
        for node in ast.walk(owner)
        if isinstance(node, ast.Assign)
        and node.lineno < line
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]
    return max(above, key=lambda node: node.lineno).value if above else None


def _calls_of(owner: ast.AST) -> Iterator[ast.Call]:
    """Calls in a block, without those of functions and classes inside it."""
    waiting = list(ast.iter_child_nodes(owner))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting.extend(node.decorator_list)
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def _name(func: ast.expr) -> str:
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""


def _texts(node: ast.expr | None) -> Iterator[str]:
    """The literal texts that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


# --- entries of the log ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Written:
    """Who writes a kind of entry, and the fields of its body where the source says them literally."""

    modules: list[str]
    fields: list[str]


@functools.cache
def written() -> Mapping[EventKind, Written]:
    """For every kind of entry: the modules that write it. A kind that nobody writes yet has none."""
    found: dict[EventKind, Written] = defaultdict(lambda: Written([], []))
    ruled_fields = _fields_of_ruling()
    for path, tree in trees().items():
        if path == "gateway/evidence/events.py":
            continue
        names = _kinds_named(tree)
        named = {kind for kind in EventKind if kind.name in names}
        direct: dict[EventKind, list[str]] = {}
        shared: list[str] = []
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or _name(call.func) != "append_entry":
                continue
            keys = [key for argument in call.args if isinstance(argument, ast.Dict) for key in _keys(argument)]
            kinds = [argument.attr for argument in call.args if isinstance(argument, ast.Attribute)]
            match = [kind for kind in named if kind.name in kinds]
            if match:
                direct[match[0]] = keys
            else:
                shared = keys
        records = any(isinstance(n, ast.Call) and _name(n.func) == "record" for n in ast.walk(tree))
        for kind in EventKind:
            if kind not in named:
                continue
            fields = direct.get(kind) or shared or (ruled_fields if records else [])
            if fields:
                found[kind].modules.append(path)
                found[kind].fields += [field for field in fields if field not in found[kind].fields]
    return found


def _kinds_named(tree: ast.Module) -> set[str]:
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "EventKind"
    }


def _keys(body: ast.Dict) -> list[str]:
    """Keys of a literal object, also those that a `**({…} if … else {})` may add."""
    found = []
    for key, value in zip(body.keys, body.values, strict=True):
        if isinstance(key, ast.Constant):
            found.append(str(key.value))
        elif key is None and isinstance(value, ast.IfExp) and isinstance(value.body, ast.Dict):
            found += _keys(value.body)
    return found


def _fields_of_ruling() -> list[str]:
    """The body that `disclose.record` gives to every decision."""
    for call in ast.walk(trees()["gateway/use_cases/disclose.py"]):
        if isinstance(call, ast.Call) and _name(call.func) == "append_entry":
            return [key for argument in call.args if isinstance(argument, ast.Dict) for key in _keys(argument)]
    raise AssertionError("disclose writes no entry")
