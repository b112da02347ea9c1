"""Canonical documents in: a stream of records and complaints, of whatever kind the root says.

Each record is validated by itself, so that one bad record does not kill the file and memory stays flat. Trouble with the
document as a whole raises DocumentRejected, also in the middle of it: whoever applies records reads to the end first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from adapters.documents.record import DocumentReader, DocumentRecord
from adapters.documents.shape import kinds_by_root, place_of, qualified
from adapters.limits import DEFAULT_LIMITS, Limits, refuse_large
from adapters.report import Complaint, Severity
from adapters.seen import Seen
from adapters.xml.guard import root_of, shown
from adapters.xml.stream import record_elements
from schemas.documents import KINDS, NAMESPACE, DocumentKind
from schemas.errors import DocumentRejected


def read_documents(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Iterator[DocumentRecord]:
    """The records of a document, in order.

    Raises DocumentRejected for a document that cannot be read as a whole: empty, over a limit, with a DOCTYPE, in an
    encoding that is not accepted, not well-formed, cut off, with a root that is no canonical document.
    """
    refuse_large(stream, limits)
    root = _Root()
    seen = Seen()
    for number, element in enumerate(record_elements(stream, limits, root.check), start=1):
        if number > limits.max_records:
            raise DocumentRejected("document_too_many_records", limit=limits.max_records)
        record = DocumentReader(element, root.kind, number, limits).read()
        yield _once(record, seen)


def kind_of(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> DocumentKind | None:
    """Which document a file is, by its root; None for what is none of them. Raises DocumentRejected as `read_documents` does
    for what stands before the root."""
    kind, _ = kinds_by_root().get(root_of(stream, limits), (None, False))
    return kind


class _Root:
    """What the root said: known before the first record is."""

    def __init__(self) -> None:
        self._kind: DocumentKind | None = None

    @property
    def kind(self) -> DocumentKind:
        assert self._kind is not None
        return self._kind

    def check(self, root: str) -> str | None:
        found = kinds_by_root().get(root)
        if found is None:
            expected = ", ".join(name for kind in KINDS for name in (kind.root, kind.batch))
            name = shown(root.rpartition("}")[2])
            raise DocumentRejected("document_root_unknown", root=name, namespace=NAMESPACE, expected=expected)
        self._kind, is_batch = found
        return qualified(self._kind.root) if is_batch else None


def _once(record: DocumentRecord, seen: Seen) -> DocumentRecord:
    """The record, kept out if its key stood in this file before."""
    key = getattr(record.value, record.kind.key, None) if record.kind.key else None
    if key is None:
        return record
    if not seen.add(str(key)):
        return record
    place = place_of(record.kind, (record.kind.key,))
    repeated = Complaint("record_repeated", Severity.ERROR, place, record.line, record.number)
    return replace(record, value=None, complaints=(*record.complaints, repeated))
