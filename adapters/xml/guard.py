"""What stands between a stranger's bytes and the XML parser: size, encoding, no DOCTYPE, depth, attributes, elements.

The prolog is read by expat before libxml2 sees a byte of it, and reading stops at the first DOCTYPE: entities are never
declared, so there is nothing to expand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO, Final
from xml.parsers import expat

from adapters.limits import BLANK, Limits, too_large
from schemas.errors import DocumentRejected

ENCODINGS: Final = frozenset({"utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "windows-1251", "cp1251", "us-ascii"})
MAX_PROLOG: Final = 1024 * 1024
"""Bytes that may stand before the root."""
_SHOWN: Final = 60
_BLOCK: Final = 256 * 1024

OnRoot = Callable[[str, Mapping[str, str]], None]


class _PrologEnds(Exception):
    """The root element begins: what follows is the parser's."""


class GuardedStream:
    """A stream that refuses by size and prolog before it hands bytes on. `read` raises DocumentRejected, and what `on_root`
    does, which is told the root's name and attributes, written as lxml writes them.

    Not a byte is handed on before the root has begun: expat may put off what it was given until more comes (since 2.6.0 it
    does so with tokens that begin in one chunk and end in a later one).
    """

    def __init__(self, stream: BinaryIO, limits: Limits, on_root: OnRoot | None = None) -> None:
        self._stream = stream
        self._limits = limits
        self._on_root = on_root
        self._start = stream.tell() if stream.seekable() else None
        self._size = 0
        self._has_ended = False
        self._held = b""
        self._census = Census(limits)
        self._prolog: expat.XMLParserType | None = expat.ParserCreate(namespace_separator="}")
        self._prolog.XmlDeclHandler = _check_encoding
        self._prolog.StartDoctypeDeclHandler = _refuse_doctype
        self._prolog.StartNamespaceDeclHandler = self._declared
        self._prolog.StartElementHandler = self._root_begins

    @property
    def has_root(self) -> bool:
        """Whether the root has begun in what was read."""
        return self._prolog is None

    def read(self, size: int = -1) -> bytes:
        """The next bytes, checked."""
        while self._prolog is not None:
            chunk = self._next(size)
            self._held += chunk
            self._check_prolog(self._prolog, chunk)
        if not self._held:
            return self._next(size)
        if size < 0:
            found, self._held = self._held + self._next(size), b""
        else:
            found, self._held = self._held[:size], self._held[size:]
        return found

    def breaks_off(self) -> bool:
        """Whether the file, which was read to its end, has no fault but that it ends too soon; it is read once more for that.

        libxml2 waits for the end of what has begun, and then complains of it as of any other fault. Expat tells the two apart.
        """
        if not self._has_ended or self._start is None:
            return False
        self._stream.seek(self._start)
        again = expat.ParserCreate()
        try:
            while chunk := self._stream.read(_BLOCK):
                again.Parse(chunk, False)
            again.Parse(b"", True)
        except expat.ExpatError as error:
            return _CODES.get(error.code) == "document_truncated"
        return False

    def _next(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        if not chunk and self._size == 0:
            raise DocumentRejected("document_empty")
        self._has_ended = not chunk
        self._size += len(chunk)
        if self._size > self._limits.max_bytes:
            raise too_large(self._limits)
        return chunk

    def _check_prolog(self, prolog: expat.XMLParserType, chunk: bytes) -> None:
        try:
            prolog.Parse(chunk, not chunk)
        except _PrologEnds:
            self._prolog = None
        except expat.ExpatError as error:
            if not chunk and not self._held.strip(BLANK):
                raise DocumentRejected("document_empty") from None
            raise DocumentRejected(_CODES.get(error.code, "document_not_wellformed"), line=error.lineno) from None
        if len(self._held) > MAX_PROLOG and self._prolog is not None:
            raise DocumentRejected("document_over_parser_limit", line=prolog.CurrentLineNumber)

    def _declared(self, _prefix: str | None, _name: str | None) -> None:
        self._census.declare()

    def _root_begins(self, name: str, attributes: dict[str, str]) -> None:
        prolog = self._prolog
        if prolog is not None and prolog.CurrentByteIndex > MAX_PROLOG:
            raise DocumentRejected("document_over_parser_limit", line=prolog.CurrentLineNumber)
        if self._on_root is not None:
            self._on_root(_clark(name), {_clark(one): value for one, value in attributes.items()})
        raise _PrologEnds


def root_of(stream: BinaryIO, limits: Limits) -> str:
    """The name of the root as lxml writes it, "" where none begins. Raises DocumentRejected for what stands before it."""
    found = [""]
    guarded = GuardedStream(stream, limits, lambda root, _attributes: found.append(root))
    while not guarded.has_root and guarded.read(32768):
        pass
    return found[-1]


def _clark(name: str) -> str:
    """A name of expat as lxml writes it."""
    return f"{{{name}" if "}" in name else name


_CODES: Final[Mapping[int, str]] = {
    expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]: "document_encoding_not_accepted",
    expat.errors.codes[expat.errors.XML_ERROR_INCORRECT_ENCODING]: "document_encoding_not_accepted",
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: "document_truncated",  # or not all of it
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION]: "document_truncated",
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "document_truncated",
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR]: "document_truncated",
}
"""What expat's refusals mean; the others: not well-formed."""


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in ENCODINGS:
        raise DocumentRejected("document_encoding_not_accepted")


def _refuse_doctype(_name: str, _system: str | None, _public: str | None, _internal: bool) -> None:
    raise DocumentRejected("document_has_doctype")


class Census:
    """Counts elements, depth, attributes and namespaces while a document streams by. Raises DocumentRejected over a limit."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._elements = 0
        self._record_elements = 0
        self._declared = 0
        self.depth = 0

    def enter(self, attributes: int) -> None:
        """An element begins."""
        limits = self._limits
        self.depth += 1
        self._elements += 1
        self._record_elements += 1
        if self.depth > limits.max_depth:
            raise DocumentRejected("document_too_deep", limit=limits.max_depth)
        if attributes > limits.max_attributes:
            raise DocumentRejected("document_too_many_attributes", limit=limits.max_attributes)
        if self._elements > limits.max_elements:
            raise DocumentRejected("document_too_many_elements", limit=limits.max_elements)
        if self._record_elements > limits.max_record_elements:
            raise DocumentRejected("record_too_large", limit=limits.max_record_elements)

    def leave(self) -> None:
        """An element ends."""
        self.depth -= 1

    def declare(self) -> None:
        """A namespace is declared. Whoever looks a name up goes through all that are in force, again for every record."""
        self._declared += 1
        if self._declared > self._limits.max_namespaces:
            raise DocumentRejected("document_too_many_namespaces", limit=self._limits.max_namespaces)

    def undeclare(self) -> None:
        """A declaration is no longer in force."""
        self._declared -= 1

    def begin_record(self) -> None:
        """The count of one record's elements starts anew."""
        self._record_elements = 0


def shown(name: str) -> str:
    """A stranger's name of an element, short enough for a report."""
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
