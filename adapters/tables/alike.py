"""Which known heading is most like another, of hundreds and for thousands of cells: each is taken apart once, and compared are
only those that can be alike enough, by their length or by the words that they share.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rapidfuzz import fuzz, process

SIMILAR: Final = 82
"""How alike two headings are, of a hundred, to be proposed."""
_FULLER: Final = 0.85
_BY_WORDS: Final = SIMILAR / _FULLER
_PUNCTUATION: Final = re.compile(r"[^\w\s]")
_HUNDRED: Final = 100
_ONE_OF: Final = 28
"""Of so many signs one may be another, where words are compared: `_BY_WORDS` of a hundred, rounded to the safe side."""


class KnownHeadings:
    """Headings as `plain_heading` has them, to be searched by likeness. `compared` counts them, for those who bound it."""

    def __init__(self, known: Sequence[str]) -> None:
        self._known = known
        bare = [_bare(heading) for heading in known]
        words = [text.split() for text in bare]
        self._words = [frozenset(one) for one in words]
        self._widths = [_width(one) for one in self._words]
        self._longest = max(map(len, known), default=0)
        self._bare, self._as_they_stand = bare, _ByLength(bare)
        self._in_order = _ByLength([" ".join(sorted(one)) for one in words])
        self._once = _ByLength([" ".join(sorted(one)) for one in self._words])
        self._repeats = any(len(one) > len(set(one)) for one in words)
        self._with: Mapping[str, list[int]] = defaultdict(list)
        for at, one in enumerate(self._words):
            for word in one:
                self._with[word].append(at)
        self.compared = 0

    def most_like(self, plain: str) -> tuple[str, int] | None:
        """The heading that is most like this one, the first of equals, and how much so; None where none is `SIMILAR`."""
        if len(plain) > 2 * self._longest:
            return None
        best, likest = -1, 0.0
        for at, likeness in self._close(_bare(plain)):
            if (likeness, -at) > (likest, -best) and self._is_as_long(plain, at):
                best, likest = at, likeness
        return (self._known[best], int(likest)) if likest >= SIMILAR else None

    def _is_as_long(self, plain: str, at: int) -> bool:
        one, other = len(plain), len(self._known[at])
        return min(one, other) * 2 >= max(one, other)

    def _close(self, bare: str) -> Iterator[tuple[int, float]]:
        """Those of which one measure says enough: sign by sign, with the words in order, by the words of both."""
        words = bare.split()
        ordered = " ".join(sorted(words))
        yield from self._measured(self._as_they_stand, bare, SIMILAR)
        yield from self._measured(self._in_order, ordered, SIMILAR)
        once = frozenset(words)
        if len(once) < len(words) or self._repeats:
            for at, likeness in self._measured(self._once, " ".join(sorted(once)), _BY_WORDS):
                if " " in self._bare[at]:
                    yield at, _FULLER * likeness
        yield from self._by_words(bare, once)

    def _measured(self, headings: _ByLength, text: str, least: float) -> Iterator[tuple[int, float]]:
        found = headings.alike(text, least)
        self.compared += found[0]
        return iter(found[1])

    def _by_words(self, bare: str, words: frozenset[str]) -> Iterator[tuple[int, float]]:
        """Every word of the known heading, and more: «ФИО ребёнка (полностью)»; or nearly so."""
        shared: Counter[int] = Counter()
        for word in words:
            for at in self._with.get(word, ()):
                shared[at] += len(word) + 1
        width = _width(words)
        for at, same in shared.items():
            if " " not in self._bare[at]:
                continue
            other = self._widths[at]
            if same in (width, other):
                yield at, _FULLER * _HUNDRED
            elif same >= _ONE_OF or abs(width - other) * _ONE_OF <= width + other:
                self.compared += 1
                yield at, _FULLER * fuzz.token_set_ratio(bare, self._bare[at], score_cutoff=_BY_WORDS)


class _ByLength:
    """Texts by their length: those that are much shorter or longer than another are not like it."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._places = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        self._texts = [texts[at] for at in self._places]
        self._lengths = [len(text) for text in self._texts]

    def alike(self, text: str, least: float) -> tuple[int, list[tuple[int, float]]]:
        """How many were compared, and those that are as like as `least` of a hundred, with how much."""
        nearest = least / (2 * _HUNDRED - least)
        start = bisect.bisect_left(self._lengths, int(len(text) * nearest))
        end = bisect.bisect_right(self._lengths, int(len(text) / nearest) + 1)
        found = process.extract(text, self._texts[start:end], scorer=fuzz.ratio, score_cutoff=least, limit=None)
        return end - start, [(self._places[start + at], likeness) for _, likeness, at in found]


def _bare(plain: str) -> str:
    return _PUNCTUATION.sub("", plain)


def _width(words: frozenset[str]) -> int:
    """The signs of words, each with the space after it."""
    return sum(len(word) + 1 for word in words)
