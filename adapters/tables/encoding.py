"""Which encoding a table came in: a byte order mark, strict UTF-8, UTF-16 by its zeros, then a score of Russian letters.

Libraries that guess encodings misread short Russian text («Да;Нет» in cp1251), so the choice among the four one-byte
encodings rests on how often each letter occurs in Russian and on capitals in the middle of words. A file put together of
two exports may be UTF-8 in one line and cp1251 in the next: lines that are no UTF-8 are then read for themselves, and told.
"""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from schemas.errors import DocumentRejected

ONE_BYTE: Final = ("cp1251", "cp866", "koi8-r", "mac-cyrillic")
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_SAMPLE: Final = 200_000
_HIGH_BYTES: Final = (0, 4)  # of ASCII and of Cyrillic letters in UTF-16
_MOSTLY: Final = 0.8
_CONTROLS: Final = 0.02

_LETTERS: Final = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_PER_MILLE: Final = (
    110,
    85,
    80,
    74,
    67,
    63,
    55,
    47,
    45,
    44,
    35,
    32,
    30,
    28,
    26,
    20,
    19,
    17,
    17,
    16,
    16,
    14,
    12,
    10,
    9,
    7,
    6,
)
_RARE: Final = (5, 4, 3, 3, 1, 1)
_FREQUENCY: Final = dict(zip(_LETTERS, _PER_MILLE + _RARE, strict=True))
_TYPOGRAPHIC: Final = frozenset("«»—–„“”’…№\u00a0°·•")
_CAPITAL_INSIDE: Final = -100
_ODD_SIGN: Final = -150


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of a file without its byte order mark, and what is needed to write such a file again.

    `odd_lines` are those that came in another encoding than the rest; `cut` says that the file ends inside a letter.
    """

    text: str
    encoding: str
    mark: bytes = b""
    odd_lines: frozenset[int] = frozenset()
    cut: bool = False

    def encode(self, text: str) -> bytes:
        """`text` in the same encoding. Signs it lacks become their nearest, then «?»."""
        return self.mark + nearest(text, self.encoding).encode(self.encoding, "replace")


_NEAREST: Final = str.maketrans(
    {"«": '"', "»": '"', "—": "-", "–": "-", "−": "-", "…": "...", "№": "N", "’": "'", "“": '"', "”": '"'}
)


def nearest(text: str, encoding: str) -> str:
    """`text` with typographic signs that `encoding` lacks written plainly."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_NEAREST)
    return text


def decode(content: bytes) -> DecodedText:
    """The text of a table. Raises DocumentRejected for a workbook, an archive, or bytes that are text in no encoding."""
    if content.startswith(_SPREADSHEETS):
        raise DocumentRejected("document_is_spreadsheet")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            rest = content[len(mark) :]
            found = _utf8(rest) if encoding == "utf-8" else DecodedText(_strictly(rest, encoding), encoding)
            if found is None:
                raise DocumentRejected("document_is_not_text")
            return replace(found, mark=mark, encoding=encoding)
    for encoding, high in (("utf-16-le", content[1:_SAMPLE:2]), ("utf-16-be", content[:_SAMPLE:2])):
        if sum(high.count(byte) for byte in _HIGH_BYTES) > _MOSTLY * len(high) > 0:
            return DecodedText(_strictly(content, encoding), encoding)
    return _utf8(content) or _best_of_one_byte(content)


def _utf8(content: bytes) -> DecodedText | None:
    """UTF-8 as a whole, up to a last letter that is cut, or in some lines; None where no line has a letter of it."""
    try:
        return DecodedText(_checked(content.decode("utf-8")), "utf-8")
    except UnicodeDecodeError as error:
        whole, end = content[: error.start], error.reason == "unexpected end of data"
        if end and not whole.isascii():
            return DecodedText(_checked(whole.decode("utf-8")), "utf-8", cut=True)
    return _mixed(content)


def _mixed(content: bytes) -> DecodedText | None:
    lines = content.split(b"\n")
    others = {number for number, line in enumerate(lines) if not _is_utf8(line)}
    ours = sum(not line.isascii() for number, line in enumerate(lines) if number not in others)
    if not ours:
        return None
    other = _best_of_one_byte(b"\n".join(lines[number] for number in sorted(others))).encoding
    text = "\n".join(line.decode(other if number in others else "utf-8", "strict") for number, line in enumerate(lines))
    odd = others if len(others) <= ours else set(range(len(lines))) - others
    told = frozenset(number + 1 for number in odd if not lines[number].isascii())
    return DecodedText(_checked(text), "utf-8" if len(others) <= ours else other, odd_lines=told)


def _is_utf8(line: bytes) -> bool:
    """Whether a line reads as UTF-8, and as Russian: a few letters of cp866 make signs of other scripts."""
    try:
        high = [sign for sign in line.decode("utf-8") if sign > "\x7f"]
    except UnicodeDecodeError:
        return False
    return sum(sign.lower() in _FREQUENCY or sign in _TYPOGRAPHIC for sign in high) * 2 >= len(high)


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return _checked(content.decode(encoding))
    except UnicodeDecodeError:
        raise DocumentRejected("document_is_not_text") from None


def _checked(text: str) -> str:
    sample = text[:_SAMPLE]
    controls = sum(unicodedata.category(sign) == "Cc" and sign not in "\t\r\n" for sign in sample)
    if controls > _CONTROLS * len(sample):
        raise DocumentRejected("document_is_not_text")
    return text


def _best_of_one_byte(content: bytes) -> DecodedText:
    scores = {encoding: _score(content[:_SAMPLE], encoding) for encoding in ONE_BYTE}
    best = max(ONE_BYTE, key=lambda encoding: scores[encoding])
    if scores[best] <= 0:
        raise DocumentRejected("document_is_not_text")
    return DecodedText(_strictly(content, best), best)


def _score(content: bytes, encoding: str) -> float:
    """The mean weight of the signs beyond ASCII; below zero where hardly any of them is a Russian letter."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return float("-inf")
    total = count = 0
    before = ""
    for sign in text:
        if sign > "\x7f":
            count += 1
            weight = _FREQUENCY.get(sign.lower())
            if weight is None:
                total += 0 if sign in _TYPOGRAPHIC else _ODD_SIGN
            else:
                total += _CAPITAL_INSIDE if sign.isupper() and before.islower() else weight
        before = sign
    return total / max(count, 1)
