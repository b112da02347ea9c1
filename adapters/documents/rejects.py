"""Refused records of an XML file in a document like the one that they came in, to be corrected and sent again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from lxml import etree

from adapters.documents.shape import kinds_by_root, qualified
from adapters.limits import Limits
from adapters.report import Record, errors_in_words
from adapters.xml.mapping import ANSWER, ANSWERS, BATCH, RECORD
from adapters.xml.mapping import qualified as qualified_1
from adapters.xml.stream import record_elements
from adapters.xml.tree import in_comment
from schemas.catalogue import Language

_DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"
_OF_VERSION_1 = (
    (qualified_1(BATCH), qualified_1(RECORD)),
    (qualified_1(ANSWERS), qualified_1(ANSWER)),
)


def reject_document(
    stream: BinaryIO, limits: Limits, refused: Iterable[Record], language: Language = "ru"
) -> Iterator[bytes]:
    """Each of `refused`, in their order, as it stands in the file, after a comment that says what is wrong with it. The root is
    that of the file, its records keep their namespace; what stands beside elements (comments) is left out.

    Raises DocumentRejected for a file that cannot be read as a whole.
    """
    root = _Root()
    elements = enumerate(record_elements(stream, limits, root.check), start=1)
    began = False
    for record in refused:
        found = next((element for number, element in elements if number == record.number), None)
        if found is None:
            return
        if not began:
            yield _DECLARATION + (root.start if root.is_batch else b"")
            began = True
        yield _comment(record, language)
        yield etree.tostring(found, encoding="utf-8", with_tail=False) + b"\n"
    if began and root.is_batch:
        yield root.end


class _Root:
    """The root of the file: of documents of either version, or of answers."""

    def __init__(self) -> None:
        self._tag = ""
        self.is_batch = False

    def check(self, tag: str) -> str | None:
        """As `CheckRoot`; the file was read before, so it is one that is known."""
        self._tag = tag
        for batch, one in _OF_VERSION_1:
            if tag in {batch, one}:
                self.is_batch = tag == batch
                return one if self.is_batch else None
        kind, self.is_batch = kinds_by_root()[tag]
        return qualified(kind.root) if self.is_batch else None

    @property
    def start(self) -> bytes:
        namespace, _, name = self._tag[1:].partition("}")
        return f'<{name} xmlns="{namespace}">\n'.encode()

    @property
    def end(self) -> bytes:
        return f"</{self._tag.rpartition('}')[2]}>\n".encode()


def _comment(record: Record, language: Language) -> bytes:
    words = errors_in_words(record.complaints, language=language)
    return f"<!-- {in_comment(words)} -->\n".encode()
