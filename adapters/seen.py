"""Which identifiers came before in a file: a file of millions of records must not fill the memory with them."""

from __future__ import annotations

from array import array
from typing import Final

_FIRST: Final = 1024
_BITS: Final = 2**64 - 1


class Seen:
    """A set of texts that keeps of each a keyed digest of 64 bits, eleven to twenty-two bytes in all.

    Of a million texts two share a digest once in thirty million files.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _FIRST))  # open addressing, 0 is free
        self._count = 0

    def __contains__(self, text: str) -> bool:
        """Whether the text came before."""
        return _found(self._slots, (hash(text) & _BITS) or 1)

    def add(self, text: str) -> bool:
        """Whether the text came before; from now on it did."""
        if not _put(self._slots, (hash(text) & _BITS) or 1):
            return True
        self._count += 1
        if self._count * 4 > len(self._slots) * 3:
            before, self._slots = self._slots, array("Q", bytes(2 * 8 * len(self._slots)))
            for digest in before:
                if digest:
                    _put(self._slots, digest)
        return False


def _found(slots: array[int], digest: int) -> bool:
    last = len(slots) - 1
    at = digest & last
    while (found := slots[at]) != digest:
        if not found:
            return False
        at = (at + 1) & last
    return True


def _put(slots: array[int], digest: int) -> bool:
    """Whether it was new."""
    last = len(slots) - 1
    at = digest & last
    while (found := slots[at]) != digest:
        if not found:
            slots[at] = digest
            return True
        at = (at + 1) & last
    return False
