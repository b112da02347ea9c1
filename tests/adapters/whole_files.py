"""What an encoding is, found in a file that is held as a whole: the plain way, which the reading by chunks must agree with."""

from __future__ import annotations

import codecs
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
            found = utf8(rest) if encoding == "utf-8" else (strictly(rest, encoding), encoding, set(), False)
            if found is None:
                raise NoText
            return found[0], encoding, mark, found[2], found[3]
    for encoding, high in (("utf-16-le", content[1:SAMPLE:2]), ("utf-16-be", content[:SAMPLE:2])):
        if sum(high.count(byte) for byte in (0, 4)) > 0.8 * len(high) > 0:
            return strictly(content, encoding), encoding, b"", set(), False
    found = utf8(content)
    if found is None:
        best = best_of_one_byte(content)
        found = strictly(content, best), best, set(), False
    return found[0], found[1], b"", found[2], found[3]


def utf8(content):
    try:
        return checked(content.decode("utf-8")), "utf-8", set(), False
    except UnicodeDecodeError as error:
        before = content[: error.start]
        if error.reason == "unexpected end of data" and not before.isascii():
            return checked(before.decode("utf-8")), "utf-8", set(), True
    lines = content.split(b"\n")
    others = {number for number, line in enumerate(lines) if not is_utf8(line)}
    ours = sum(not line.isascii() for number, line in enumerate(lines) if number not in others)
    if not ours:
        return None
    joined = b"\n".join(lines[number] for number in sorted(others))
    other = best_of_one_byte(joined)
    strictly(joined, other)
    text = "\n".join(line.decode(other if number in others else "utf-8") for number, line in enumerate(lines))
    odd = others if len(others) <= ours else set(range(len(lines))) - others
    told = {number + 1 for number in odd if not lines[number].isascii()}
    return checked(text), "utf-8" if len(others) <= ours else other, told, False


def is_utf8(line):
    try:
        high = [sign for sign in line.decode("utf-8") if sign > "\x7f"]
    except UnicodeDecodeError:
        return False
    return sum(sign.lower() in _FREQUENCY or sign in _TYPOGRAPHIC for sign in high) * 2 >= len(high)


def strictly(content, encoding):
    try:
        return checked(content.decode(encoding))
    except UnicodeDecodeError:
        raise NoText from None


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
                total += 0 if sign in _TYPOGRAPHIC else -150
            else:
                total += -100 if sign.isupper() and before.islower() else weight
        before = sign
    return total / max(count, 1)
