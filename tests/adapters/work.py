"""Work that is counted and not timed: lines that ran, signs that string methods went over, steps that patterns took.

The steps are those of a backtracking matcher written here, over the same parse of a pattern that the library has: the library
counts none. It tries what the library tries, in the same order, without its short cuts: where it is linear, the library is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from re import _constants as c  # type: ignore[attr-defined]  # the parse of a pattern, which is all that is needed of it
from re import _parser  # type: ignore[attr-defined]  # the same
from types import FrameType
from typing import Any, Final

import pytest

MOST: Final = 100_000
"""Steps of patterns, after which one is taken for endless."""
ENDLESS: Final = 10**12
OURS: Final = ("adapters.", "schemas.")
_OVER_ALL: Final = frozenset(
    {"strip", "rstrip", "lstrip", "split", "splitlines", "replace", "translate", "casefold", "lower", "upper", "count"}
    | {"find", "index", "join", "encode", "partition", "rpartition", "isdigit", "isprintable", "isascii", "decode"}
)
"""Methods that go over the whole of a text."""


class TooMuchWorkError(Exception):
    """More than `MOST`."""


class Work:
    """What was done so far."""

    def __init__(self) -> None:
        self.done = 0

    def add(self, amount: int = 1) -> None:
        self.done += amount
        if self.done > MOST:
            raise TooMuchWorkError

    def of(self, function: Callable[..., Any], *arguments: Any) -> int:
        """How much it is to call this."""
        self.done = 0
        before, profile = sys.gettrace(), sys.getprofile()

        def lines(frame: FrameType, event: str, _: Any) -> Any:
            if not frame.f_globals.get("__name__", "").startswith(OURS):
                return None
            if event == "line":
                self.done += 1
            return lines

        def calls(_: FrameType, event: str, called: Any) -> None:
            if event == "c_call" and getattr(called, "__name__", "") in _OVER_ALL:
                self.done += len(called.__self__) if isinstance(called.__self__, str | bytes) else 1

        sys.settrace(lines)
        sys.setprofile(calls)
        try:
            function(*arguments)
        except TooMuchWorkError:
            return ENDLESS
        finally:
            sys.settrace(before)
            sys.setprofile(profile)
        return self.done


def is_linear(work: Callable[[int], int], size: int) -> bool:
    """Whether twice as many signs are twice as much work and no more: by sign it is about as much. What grows with the square
    is twice as much by sign."""
    once, twice = work(size), work(2 * size)
    return twice < ENDLESS and twice / (2 * size) <= 1.3 * once / size + 1


class Counted:
    """A pattern that finds what it found before, and counts the steps to it."""

    def __init__(self, pattern: re.Pattern[str], work: Work) -> None:
        self._pattern = pattern
        self._steps = _Steps(pattern, work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)

    def match(self, text: str) -> Any:
        self._steps.at(text, 0)
        return self._pattern.match(text)

    def fullmatch(self, text: str) -> Any:
        self._steps.at(text, 0, whole=True)
        return self._pattern.fullmatch(text)

    def search(self, text: str) -> Any:
        self._steps.search(text, 0)
        return self._pattern.search(text)

    def sub(self, new: Any, text: str, count: int = 0) -> str:
        self._steps.all(text)
        return self._pattern.sub(new, text, count)

    def split(self, text: str) -> list[Any]:
        self._steps.all(text)
        return self._pattern.split(text)

    def findall(self, text: str) -> list[Any]:
        self._steps.all(text)
        return self._pattern.findall(text)

    def finditer(self, text: str) -> Any:
        self._steps.all(text)
        return self._pattern.finditer(text)


def count_patterns(patch: pytest.MonkeyPatch, work: Work, *prefixes: str) -> int:
    """Puts counted patterns in place of all that stand in modules of these names. How many."""
    found = 0
    for name, module in list(sys.modules.items()):
        if not name.startswith(prefixes):
            continue
        for key, value in list(vars(module).items()):
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                patch.setattr(module, key, Counted(value, work))
                found += 1
            elif isinstance(value, tuple) and value and all(isinstance(one, re.Pattern) for one in value):
                patch.setattr(module, key, tuple(Counted(one, work) for one in value))
                found += len(value)
    return found


# --- the matcher -----------------------------------------------------------------------------------------------------

Node = tuple[Any, Any]
Ends = Iterator[int]


class _Steps:
    def __init__(self, pattern: re.Pattern[str], work: Work) -> None:
        self._nodes: list[Node] = list(_parser.parse(pattern.pattern, pattern.flags))
        self._folds = bool(pattern.flags & re.IGNORECASE)
        self._work = work
        self._groups: dict[int, str] = {}
        self._text = ""

    def at(self, text: str, start: int, *, whole: bool = False) -> int | None:
        """Where a match that begins there ends."""
        self._text, self._groups = text, {}
        for end in self._all(self._nodes, 0, start):
            if not whole or end == len(text):
                return end
        return None

    def search(self, text: str, start: int) -> tuple[int, int] | None:
        for begin in range(start, len(text) + 1):
            if (end := self.at(text, begin)) is not None:
                return begin, end
        return None

    def all(self, text: str) -> None:
        start = 0
        while start <= len(text) and (found := self.search(text, start)) is not None:
            start = found[1] if found[1] > found[0] else found[1] + 1

    def _all(self, nodes: list[Node], number: int, at: int) -> Ends:
        """Every end of the nodes from this one on."""
        if number == len(nodes):
            yield at
            return
        for end in self._one(nodes[number], at):
            yield from self._all(nodes, number + 1, end)

    def _one(self, node: Node, at: int) -> Ends:
        self._work.add()
        kind, of = node
        if (fits := self._sign(node)) is not None:
            return iter((at + 1,) if at < len(self._text) and fits(self._text[at]) else ())
        if kind is c.AT:
            return iter((at,) if self._is_at(of, at) else ())
        if kind is c.GROUPREF:
            said = self._groups.get(of)
            return iter((at + len(said),) if said is not None and self._text.startswith(said, at) else ())
        return self._parts[kind](kind, of, at)

    @property
    def _parts(self) -> dict[Any, Callable[[Any, Any, int], Ends]]:
        """What has patterns inside. KeyError: the matcher does not know it."""
        repeats = dict.fromkeys((c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT), self._repeat)
        looks = dict.fromkeys((c.ASSERT, c.ASSERT_NOT), self._look)
        return {**repeats, **looks, c.BRANCH: self._branch, c.SUBPATTERN: self._group}

    def _branch(self, _: Any, of: Any, at: int) -> Ends:
        for branch in of[1]:
            yield from self._all(list(branch), 0, at)

    def _group(self, _: Any, of: Any, at: int) -> Ends:
        for end in self._all(list(of[3]), 0, at):
            if of[0] is not None:
                self._groups[of[0]] = self._text[at:end]
            yield end

    def _look(self, kind: Any, of: Any, at: int) -> Ends:
        direction, nodes = of
        start = at if direction > 0 else at - nodes.getwidth()[0]
        found = start >= 0 and next(self._all(list(nodes), 0, start), None) is not None
        if found == (kind is c.ASSERT):
            yield at

    def _repeat(self, kind: Any, of: Any, at: int) -> Ends:
        least, most, inner = of
        most = len(self._text) + 1 if most is c.MAXREPEAT else most
        nodes = list(inner)
        if len(nodes) == 1 and (fits := self._sign(nodes[0])) is not None:
            end = at
            while end < len(self._text) and end - at < most and fits(self._text[end]):
                self._work.add()
                end += 1
            ends: Any = range(end, at + least - 1, -1)
            if kind is c.MIN_REPEAT:
                ends = reversed(ends)
            for one in ends:
                self._work.add()
                yield one
                if kind is c.POSSESSIVE_REPEAT:
                    return
            return
        found = self._times(nodes, least, most, at, 0, lazy=kind is c.MIN_REPEAT)
        if kind is not c.POSSESSIVE_REPEAT:
            yield from found
        elif (first := next(found, None)) is not None:
            yield first

    def _times(self, nodes: list[Node], least: int, most: int, at: int, done: int, *, lazy: bool) -> Ends:
        self._work.add()
        if lazy and done >= least:
            yield at
        if done < most:
            for end in self._all(nodes, 0, at):
                if end > at or done < least:
                    yield from self._times(nodes, least, most, end, done + 1, lazy=lazy)
        if not lazy and done >= least:
            yield at

    def _sign(self, node: Node) -> Callable[[str], bool] | None:
        """What tells whether a sign fits, for a node that is one sign long."""
        kind, of = node
        if kind is c.LITERAL:
            return lambda sign: self._same(sign, of)
        if kind is c.NOT_LITERAL:
            return lambda sign: not self._same(sign, of)
        if kind is c.ANY:
            return lambda sign: sign != "\n"
        if kind is c.IN:
            negated = of[0][0] is c.NEGATE
            return lambda sign: any(self._in(one, sign) for one in of if one[0] is not c.NEGATE) != negated
        return None

    def _same(self, sign: str, code: int) -> bool:
        return sign == chr(code) or (self._folds and sign.lower() == chr(code).lower())

    def _in(self, one: Node, sign: str) -> bool:
        kind, of = one
        if kind is c.LITERAL:
            return self._same(sign, of)
        if kind is c.RANGE:
            signs = {sign, sign.lower(), sign.upper()} if self._folds else {sign}
            return any(len(other) == 1 and of[0] <= ord(other) <= of[1] for other in signs)
        return _CATEGORIES[of](sign)

    def _is_at(self, of: Any, at: int) -> bool:
        if of in {c.AT_BEGINNING, c.AT_BEGINNING_STRING}:
            return at == 0
        if of is c.AT_END:
            return at == len(self._text) or (at == len(self._text) - 1 and self._text[at] == "\n")
        if of is c.AT_END_STRING:
            return at == len(self._text)
        around = [_is_word(self._text[one]) if 0 <= one < len(self._text) else False for one in (at - 1, at)]
        return (around[0] != around[1]) == (of is c.AT_BOUNDARY)


def _is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


_CATEGORIES: Final[dict[Any, Callable[[str], bool]]] = {
    c.CATEGORY_DIGIT: str.isdecimal,
    c.CATEGORY_NOT_DIGIT: lambda sign: not sign.isdecimal(),
    c.CATEGORY_SPACE: str.isspace,
    c.CATEGORY_NOT_SPACE: lambda sign: not sign.isspace(),
    c.CATEGORY_WORD: _is_word,
    c.CATEGORY_NOT_WORD: lambda sign: not _is_word(sign),
}
