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
_PAIR: Final = re.compile(b"[\xd0\xd1][\x80-\xbf]")
_LEAST_PAIRS: Final = 3
_TOGETHER: Final = (
    "аабвгдежзийклмнопрстуфхцчшщэюяё бавдеиклмнорсухцщъыьэюяё вавгдезиклмнопрстухцчшщыьэюяё "
    "габвгдеиклмнорстухчшэю дабвгдежзиклмнопрстуфхцчшщыьэюяё еабвгдежзийклмнопрстфхцчшщэяё "
    "жабвдежикмнопрстушюё забвгдежиклмнопруцшъыьэюяё иабвгдежзийклмнопрстуфхцчшщэюяё йабвгдклмнорстцчш "
    "кабвдеилмнорстухцшэ лабвгдежиклмнопстуфхцчшыьюяё мабвгезиклмнопстуфцчшыьэюяё "
    "набвгдежзикмнопрстуфхцчшщыьэюяё оабвгдежзийклмнопрстуфхцчшщэюяё пабгдеиклнопрстуфцчшщыьюя "
    "рабвгдежиклмнопрстуфхцчшщъыьэюяё сабвдезиклмнопрстуфхцчшщъыьэюяё табвгдезиклмнопрстуфхцчшщыьэюяё "
    "уабвгдежзийклмнопрстфхцчшщэюя фаезилнорстуфцшыьюё хавеилмнорстухшъэ цавезикопсуфхыю "
    "чавеиклмнорстучшьё шавеиклмнопртуьюё щаеинруьё ъеюяё ыбвгдежзйклмнпрстхчшщя ьбвгдезикмнстфцчшюяё "
    "эвгдзйклмнпрстфхш юабвджзклмнрстхцчшщюя ябвдежзйклмнрстхцчшщюя ёбвгджзйклмнпрстхцшщ"
)
"""Each letter with those that follow it in Russian words and names, in two thirds of all pairs that there could be."""
_PAIRS: Final = frozenset(group[0] + letter for group in _TOGETHER.split() for letter in group[1:])
_TITLE: Final = re.compile("[А-ЯЁ][а-яё]")
_LETTER_PAIRS: Final = re.compile("(?=([А-яЁё][А-яЁё]))")
_ODD_HIGH: Final = re.compile(f"[^\x00-\x7fА-яЁё{_TYPOGRAPHIC}]")
_LEAST_SEEN, _ENOUGH_SEEN = 3, 6
_FAR_LESS: Final = 0.5
_ALL: Final = 0.5
"""Shares of odd pairs: in another encoding beside the one that is doubted, in a row that is nonsense in any."""
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


def is_broken_utf8(line: bytes) -> bool:
    """Whether most letters of a line that is no UTF-8 are: some bytes of it were lost or changed on the way."""
    pairs = len(_PAIR.findall(line))
    if not pairs:
        return False
    high = sum(byte >= _HIGH for byte in line)
    return 4 * pairs > high if pairs >= _LEAST_PAIRS else 3 * pairs >= high


def is_of_another(text: str, encoding: str) -> bool:
    """Whether a text that was read in one of the one-byte encodings is Russian in another of them and hardly in this one, or
    is in none. Judged by letters that stand together: those of a name in another encoding hardly ever do."""
    if text.isascii() or (_ONLY_RUSSIAN.fullmatch(text) and _TITLE.search(text) and not _CAPITALS_INSIDE.search(text)):
        return False
    seen, odd = _oddness(text)
    if seen < _LEAST_SEEN or not odd:
        return False
    line = text.encode(encoding, "ignore")
    others = (_oddness(line.decode(other, "replace")) for other in ONE_BYTE if other != encoding)
    return (seen >= _ENOUGH_SEEN and odd >= _ALL * seen) or any(
        o * seen < _FAR_LESS * odd * s for s, o in others if s >= _LEAST_SEEN
    )


def _oddness(text: str) -> tuple[int, int]:
    """How many pairs of letters and other signs beyond ASCII a text has, and how many of them do not occur in Russian."""
    pairs = _LETTER_PAIRS.findall(text)
    strange = len(_ODD_HIGH.findall(text))
    odd = sum(pair.lower() not in _PAIRS for pair in pairs) + len(_CAPITALS_INSIDE.findall(text))
    return len(pairs) + strange, odd + strange


def _score(sample: bytes, counts: Mapping[int, int], encoding: str) -> float:
    """The mean weight of the signs beyond ASCII; below zero where hardly any of them is a Russian letter."""
    text = sample.decode(encoding, "replace")
    signs = _SIGNS[encoding]
    total = sum(count * _WEIGHTS.get(signs[byte], _ODD_SIGN) for byte, count in counts.items())
    total += sum(_CAPITAL_INSIDE - _WEIGHTS[capital] for capital in _CAPITALS_INSIDE.findall(text))
    return total / max(sum(counts.values()), 1)
