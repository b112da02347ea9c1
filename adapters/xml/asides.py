"""What stands in an XML document beside its elements and is read by nobody: comments, processing instructions, attributes of
the root. Each is told with its line, and with its record where it stands inside of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final
from xml.parsers import expat

from adapters.losses import Loss
from adapters.xml.guard import shown
from adapters.xml.mapping import ANSWERS, BATCH
from schemas.documents import KINDS

_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")
_MARKS: Final = tuple(mark.encode(encoding) for encoding in _ENCODINGS for mark in ("<!--", "<?"))
_DECLARATIONS: Final = tuple("<?xml ".encode(encoding) for encoding in _ENCODINGS)

_BLOCK: Final = 256 * 1024
_LONGEST: Final = max(map(len, _MARKS)) - 1
_BATCHES: Final = frozenset({BATCH, ANSWERS, *(kind.batch for kind in KINDS)})


def asides(stream: BinaryIO) -> Iterator[Loss]:
    """The asides of a document that was read already, and so is well-formed and without a DOCTYPE. The records of a batch,
    whose name is the plural of theirs, are the children of its root; another root is the only record."""
    stream.seek(0)
    found = _Asides(only_root=not _has_marks(stream))
    stream.seek(0)
    found.read(stream)
    yield from found.losses


def _has_marks(stream: BinaryIO) -> bool:
    """Whether there may be one besides the declaration. Most documents have none, and need no second parsing."""
    before, marks, allowed = b"", 0, 0
    while block := stream.read(_BLOCK):
        if not before:
            allowed = sum(block[:200].count(mark) for mark in _DECLARATIONS)
        marks += sum((before + block).count(mark) for mark in _MARKS)
        if marks > allowed:
            return True
        before = block[-_LONGEST:]  # one that is seen twice costs a parsing, one that is missed a loss
    return False


class _RootEnds(Exception):
    """Only the root was asked for."""


class _Asides:
    def __init__(self, *, only_root: bool) -> None:
        self.losses: list[Loss] = []
        self._batch, self._depth, self._record = False, 0, 0
        self._only_root = only_root
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CommentHandler = self._comment
        self._parser.ProcessingInstructionHandler = self._instruction

    def read(self, stream: BinaryIO) -> None:
        try:
            while block := stream.read(_BLOCK):
                self._parser.Parse(block, False)
            self._parser.Parse(b"", True)
        except _RootEnds:
            return

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self._batch = name.rpartition("}")[2] in _BATCHES
        if self._depth == 1 and self._batch:  # of a single record the reader tells them
            for attribute in attributes:
                if attribute != "Id":
                    self._add("attribute", f"@{shown(attribute.rpartition('}')[2])}")
        if self._depth == (2 if self._batch else 1):
            self._record += 1
        if self._only_root:
            raise _RootEnds

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _comment(self, _text: str) -> None:
        self._add("comment", "")

    def _instruction(self, target: str, _text: str) -> None:
        self._add("instruction", shown(target))

    def _add(self, code: str, place: str) -> None:
        inside = self._depth >= (2 if self._batch else 1)
        self.losses.append(Loss(code, place, self._parser.CurrentLineNumber, self._record if inside else None))
