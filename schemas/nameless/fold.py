"""One way to write each letter, with the way back: every character of the folded text knows its place in the original.

Undone: compatibility forms, separate accents (и + ̆), ё, letters of other alphabets that look Cyrillic inside a Cyrillic
word, digits and signs used as letters, characters that cannot be seen, and words whose letters are spaced out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_PLAIN: Final = re.compile(r"[\t\n\r -~А-Яа-яЁё«»–—…№]*")
_LOOK_ALIKE: Final = str.maketrans(
    "ABCEHKMOPTXYaceopxykuntbmrІіΑΒΕΗΚΜΝΟΡΤΧΥαορυνєЅѕЈјӀ",
    "АВСЕНКМОРТХУасеорхукиптьмгИиАВЕНКМНОРТХУаоруиеСсЖжИ",
)
_AS_LETTER: Final = str.maketrans("0346@", "озчба")
_WORD: Final = re.compile(r"[^\W\d_]+(?:[0346@]+[^\W\d_]+)*")
_CYRILLIC: Final = re.compile(r"[а-яё]", re.IGNORECASE)
_FOREIGN: Final = re.compile(r"[^\Wа-яёА-ЯЁ\d_]")
_SPACED: Final = re.compile(
    r"(?<![^\W\d_])[^\W\d_](?:(?P<gap>[ \-_.*·]{1,3})[^\W\d_])(?:(?P=gap)[^\W\d_]){2,40}(?![^\W\d_])"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded text; `starts[i]` and `ends[i]` are the place of character i in the original."""

    text: str
    starts: tuple[int, ...] | range
    ends: tuple[int, ...] | range

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the original."""
        return self.starts[start], self.ends[end - 1]


def fold(original: str) -> Folded:
    """Fold a text."""
    if _PLAIN.fullmatch(original):
        text: str = original
        starts: tuple[int, ...] | range = range(len(original))
        ends: tuple[int, ...] | range = range(1, len(original) + 1)
    else:
        text, starts, ends = _compose(original)
    letters = list(text)
    for word in _WORD.finditer(text):
        written = word[0]
        if _CYRILLIC.search(written) and (_FOREIGN.search(written) or not written.isalpha()):
            letters[word.start() : word.end()] = written.translate(_LOOK_ALIKE).translate(_AS_LETTER)
    folded = "".join(letters).replace("ё", "е").replace("Ё", "Е")
    return Folded(folded, starts, ends)


def spaced_out(folded: Folded) -> list[tuple[int, int]]:
    """Places of words whose letters stand apart, four letters or more: «И в а н о в а». Nobody writes so without a reason."""
    return [match.span() for match in _SPACED.finditer(folded.text)]


def _compose(original: str) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at, size = 0, len(original)
    while at < size:
        end = at + 1
        while end < size and unicodedata.combining(original[end]):
            end += 1
        cluster = original[at:end]
        if unicodedata.category(cluster[0]) not in {"Cf", "Cc", "Mn", "Me"} or cluster[0] in "\n\t\r":
            composed = unicodedata.normalize("NFKC", cluster) if cluster != "№" else cluster
            # An accent over a vowel («Мари́я») is left out; «й» and «ё» are letters of their own.
            composed = "".join(c for c in composed if not unicodedata.combining(c))
            for character in composed:
                text.append(" " if character.isspace() and character != "\n" else character)
                starts.append(at)
                ends.append(end)
        at = end
    return "".join(text), tuple(starts), tuple(ends)
