"""What stands in an XML document beside its records and their elements and is read by nobody: comments, instructions to
programs, attributes above the records. Each is told with its line, and with its record where it stands inside of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, Protocol
from xml.parsers import expat

from adapters.losses import Loss
from adapters.xml.guard import shown
from adapters.xml.mapping import ANSWERS, BATCH
from schemas.documents import KINDS
from schemas.errors import DocumentRejected

_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")
_MARKS: Final = tuple(mark.encode(encoding) for encoding in _ENCODINGS for mark in ("<!--", "<?"))
_DECLARATIONS: Final = tuple("<?xml ".encode(encoding) for encoding in _ENCODINGS)

_BLOCK: Final = 256 * 1024
_LONGEST: Final = max(map(len, _MARKS)) - 1
_BATCHES: Final = frozenset({BATCH, ANSWERS, *(kind.batch for kind in KINDS)})


def asides(stream: BinaryIO) -> Iterator[Loss]:
    """The asides of a canonical document that was read already, and so is well-formed and without a DOCTYPE. The records of a
    batch, whose name is the plural of theirs, are the children of its root; another root is the only record."""
    stream.seek(0)
    only_root = not _has_marks(stream)
    stream.seek(0)
    losses: list[Loss] = []
    found = Asides(lambda root: 2 if root in _BATCHES else 1, losses.append, only_root=only_root)
    is_whole = False
    while not (found.is_done or is_whole):
        block = stream.read(_BLOCK)
        found.feed(block)  # the empty one too: what expat has put off comes with it
        is_whole = not block
        yield from losses
        losses.clear()


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


class Asides:
    """Told the document by blocks, it tells of each aside at once and keeps none. `depth_of` says of a root at which depth its
    records stand: 1 where it is the only one, and then the reader tells its attributes."""

    def __init__(
        self, depth_of: Callable[[str], int], tell: Callable[[Loss], None], *, only_root: bool = False
    ) -> None:
        self._depth_of, self._tell = depth_of, tell
        self._records_at, self._depth, self._record = 1, 0, 0
        self._only_root = only_root
        self.is_done = False
        self._broken_at = 0
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CommentHandler = self._comment
        self._parser.ProcessingInstructionHandler = self._instruction

    def feed(self, block: bytes) -> None:
        """The next bytes; none at the end."""
        if self.is_done:
            return
        try:
            self._parser.Parse(block, not block)
        except _RootEnds:
            self.is_done = True
        except expat.ExpatError as error:
            self.is_done, self._broken_at = True, error.lineno

    def check(self) -> None:
        """Raises DocumentRejected for a document that this parser could not read to its end, whatever the other made of it."""
        if self._broken_at:
            raise DocumentRejected("document_not_wellformed", line=self._broken_at)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        local = name.rpartition("}")[2]
        if self._depth == 1:
            self._records_at = self._depth_of(local)
        if self._depth < self._records_at:
            above = "" if self._depth == 1 else f"{shown(local)}/"
            for attribute in attributes:
                if self._depth > 1 or attribute != "Id":  # by that one a signature finds the root
                    self._add("attribute", f"{above}@{shown(attribute.rpartition('}')[2])}")
        elif self._depth == self._records_at:
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
        record = self._record if self._depth >= self._records_at else None
        self._tell(Loss(code, place, self._parser.CurrentLineNumber, record))


class Readable(Protocol):
    """What can be read, and says whether it ended too soon."""

    def read(self, size: int = -1, /) -> bytes: ...
    def breaks_off(self) -> bool: ...


class Watched:
    """A stream whose asides are told as it is read, in the same pass; those inside of a record when that is asked for."""

    def __init__(self, stream: Readable, depth_of: Callable[[str], int], tell: Callable[[Loss], None]) -> None:
        self._stream, self._tell_of_file = stream, tell
        self._inside: dict[int, dict[tuple[str, str], Loss]] = {}
        self._asides = Asides(depth_of, self._told)

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        block = self._stream.read(size)
        self._asides.feed(block)
        return block

    def breaks_off(self) -> bool:
        """As of the stream itself."""
        return self._stream.breaks_off()

    def of_record(self, number: int) -> tuple[Loss, ...]:
        """The asides inside of a record that has been read, those of one kind as one; asked in the order of records."""
        return tuple(self._inside.pop(number, {}).values())

    def check(self) -> None:
        """As `Asides.check`."""
        self._asides.check()

    def _told(self, loss: Loss) -> None:
        if loss.record is None:
            self._tell_of_file(loss)
            return
        known = self._inside.setdefault(loss.record, {})
        key = loss.code, loss.place if len(known) < _PLACES else ""
        before = known.get(key)
        known[key] = loss._replace(place=key[1]) if before is None else before._replace(times=before.times + 1)


_PLACES: Final = 100
"""Names of instructions that are told of one record."""
