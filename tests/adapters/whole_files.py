"""What an encoding is, found in a file that is held as a whole: the plain way, which the reading by chunks must agree with."""

from __future__ import annotations

import codecs
import itertools
import unicodedata

from adapters.tables.letters import _FREQUENCY, _TYPOGRAPHIC, ONE_BYTE, SAMPLE

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class NoText(Exception):
    pass


def whole(content):
    """Text, encoding, mark, the lines of another encoding, whether it ends inside a letter. Raises NoText."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            rest = content[len(mark) :]
            found = utf8(rest) if encoding == "utf-8" else wide(rest, encoding)
            if found is None:
                raise NoText
            return found[0], encoding, mark, found[2], found[3]
    for encoding, high in (("utf-16-le", content[1:SAMPLE:2]), ("utf-16-be", content[:SAMPLE:2])):
        if sum(high.count(byte) for byte in (0, 4)) > 0.8 * len(high) > 0:
            text, _, told, cut = wide(content, encoding)
            return text, encoding, b"", told, cut
    found = utf8(content)
    if found is None:
        best = best_of_one_byte(content)
        found = checked(content.decode(best, "replace")), best, set(), False
    return found[0], found[1], b"", found[2], found[3]


def utf8(content):
    try:
        return checked(content.decode("utf-8")), "utf-8", set(), False
    except UnicodeDecodeError as error:
        before = content[: error.start]
        if error.reason == "unexpected end of data" and not before.isascii():
            return checked(before.decode("utf-8")), "utf-8", set(), True
    lines = content.split(b"\n")
    strange = {number for number, line in enumerate(lines) if not is_utf8(line)}
    broken = {number for number in strange if is_broken(lines[number])}
    others = strange - broken
    ours = sum(not line.isascii() for number, line in enumerate(lines) if number not in strange)
    if not ours + len(broken):
        return None
    other = ""
    if others:
        try:
            other = best_of_one_byte(b"\n".join(lines[number] for number in sorted(others)))
        except NoText:
            if len(others) > ours + len(broken):
                raise
            others = set()
    text = "\n".join(
        line.decode(other if number in others else "utf-8", "replace") for number, line in enumerate(lines)
    )
    mostly = len(others) <= ours + len(broken)
    odd = others if mostly else set(range(len(lines))) - others - broken
    told = {number + 1 for number in odd if not lines[number].isascii()}
    return checked(text), "utf-8" if mostly else other, told, False


def is_broken(line):
    """Whether two bytes of most letters still stand together."""
    pairs = sum(one in (0xD0, 0xD1) and 0x80 <= two < 0xC0 for one, two in itertools.pairwise(line))
    high = sum(byte > 127 for byte in line)
    return (pairs >= 3 and 4 * pairs > high) or (pairs > 0 and 3 * pairs >= high)


def is_utf8(line):
    try:
        high = [sign for sign in line.decode("utf-8") if sign > "\x7f"]
    except UnicodeDecodeError:
        return False
    return sum(sign.lower() in _FREQUENCY or sign in _TYPOGRAPHIC for sign in high) * 2 >= len(high)


def wide(content, encoding):
    """UTF-16 without the half of a letter at its end."""
    rest = content[: len(content) // 2 * 2]
    if rest and 0xD8 <= rest[-1 if encoding == "utf-16-le" else -2] < 0xDC:
        rest = rest[:-2]
    if content and not rest:
        raise NoText
    return checked(rest.decode(encoding, "replace")), encoding, set(), len(rest) < len(content)


def checked(text):
    if not is_text(text[:SAMPLE]):
        raise NoText
    return text


def is_text(sample):
    return sum(unicodedata.category(sign) == "Cc" and sign not in "\t\r\n" for sign in sample) <= 0.02 * len(sample)


def best_of_one_byte(content):
    scores = {encoding: score(content[:SAMPLE], encoding) for encoding in ONE_BYTE}
    best = max(ONE_BYTE, key=lambda encoding: scores[encoding])
    if scores[best] <= 0:
        raise NoText
    return best


def score(content, encoding):
    text = content.decode(encoding, "replace")
    total = count = 0
    before = ""
    for sign in text:
        if sign > "\x7f":
            count += 1
            weight = _FREQUENCY.get(sign.lower())
            if weight is None:
                total += 0 if sign in _TYPOGRAPHIC else -150
            else:
                total += -100 if sign.isupper() and before.islower() else weight
        before = sign
    return total / max(count, 1)
