"""Whether signs are text, and Russian text: how often each letter occurs in Russian, and capitals in the middle of words.

Libraries that guess encodings misread short Russian text («Да;Нет» in cp1251), so the choice among the four one-byte
encodings rests on this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

ONE_BYTE: Final = ("cp1251", "cp866", "koi8-r", "mac-cyrillic")
SAMPLE: Final = 200_000
"""Signs, or bytes, of a file by which it is judged."""
_HIGH: Final = 0x80
_CONTROLS: Final = 0.02
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # the category Cc without tabs and ends of lines

_LETTERS: Final = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_PER_MILLE: Final = (
    *(110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 14, 12, 10, 9, 7, 6),
    *(5, 4, 3, 3, 1, 1),
)
_FREQUENCY: Final = dict(zip(_LETTERS, _PER_MILLE, strict=True))
_TYPOGRAPHIC: Final = "«»—–„“”’…№\u00a0°·•"
_WEIGHTS: Final = (
    _FREQUENCY | {letter.upper(): weight for letter, weight in _FREQUENCY.items()} | dict.fromkeys(_TYPOGRAPHIC, 0)
)
_CAPITAL_INSIDE: Final = -100
_ODD_SIGN: Final = -150
_SIGNS: Final = {encoding: bytes(range(256)).decode(encoding, "replace") for encoding in ONE_BYTE}
_SMALL: Final = "".join({sign for signs in _SIGNS.values() for sign in signs if sign.islower()})
_CAPITALS_INSIDE: Final = re.compile(f"(?<=[{_SMALL}])[А-ЯЁ]")
_ONLY_RUSSIAN: Final = re.compile(f"[\x00-\x7fА-яЁё{_TYPOGRAPHIC}]*")


def is_text(sample: str) -> bool:
    """Whether hardly any of the signs is a control."""
    return len(_CONTROL.findall(sample)) <= _CONTROLS * len(sample)


def best_encoding(sample: bytes) -> str | None:
    """The one-byte encoding in which the bytes are most like Russian, None where they are in none of them."""
    counts = {byte: sample.count(byte) for byte in set(sample) if byte >= _HIGH}
    scores = {encoding: _score(sample, counts, encoding) for encoding in ONE_BYTE}
    best = max(ONE_BYTE, key=lambda encoding: scores[encoding])
    return best if scores[best] > 0 else None


def is_utf8(line: bytes) -> bool:
    """Whether a line reads as UTF-8, and as Russian: a few letters of cp866 make signs of other scripts."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if _ONLY_RUSSIAN.fullmatch(text):
        return True
    high = [sign for sign in text if sign > "\x7f"]
    return sum(sign in _WEIGHTS for sign in high) * 2 >= len(high)


def _score(sample: bytes, counts: Mapping[int, int], encoding: str) -> float:
    """The mean weight of the signs beyond ASCII; below zero where hardly any of them is a Russian letter."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return float("-inf")
    signs = _SIGNS[encoding]
    total = sum(count * _WEIGHTS.get(signs[byte], _ODD_SIGN) for byte, count in counts.items())
    total += sum(_CAPITAL_INSIDE - _WEIGHTS[capital] for capital in _CAPITALS_INSIDE.findall(text))
    return total / max(sum(counts.values()), 1)
