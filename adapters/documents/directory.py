"""Organisations and services of the directory as canonical documents, read as every other file of the directory is.

A document is read strictly: what open data may leave out with a warning keeps a record out here, as the XSD says.
"""

from __future__ import annotations

import io
from typing import Final

from adapters.directory_records import DirectoryReading, Source, Where
from adapters.documents.reader import kind_of, read_documents
from adapters.documents.rejects import reject_document
from adapters.documents.shape import place_of
from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.report import ImportReport
from adapters.xml.asides import asides
from schemas.documents import DocumentKind

KINDS: Final = ("organisation", "service")


def directory_kind(content: bytes, limits: Limits = DEFAULT_LIMITS) -> str | None:
    """Which of its documents a file has, None for any other. Raises DocumentRejected for what stands before the root."""
    kind = kind_of(io.BytesIO(content), limits)
    return kind.code if kind is not None and kind.code in KINDS else None


def read_directory_documents(
    content: bytes, form: str, limits: Limits = DEFAULT_LIMITS, came: bytes | None = None
) -> DirectoryReading:
    """The records of a file of organisations, or of services, whose organisations the directory knows. `came` is the whole of
    the file, where `content` is what was signed. Raises DocumentRejected for a file as a whole."""
    reading = DirectoryReading(ImportReport(form), limits, known_elsewhere=True)
    reading.rejects = lambda refused: b"".join(reject_document(io.BytesIO(content), limits, refused))
    for record in read_documents(io.BytesIO(content), limits):
        reading.take(record.value, record.complaints, record.losses, _where(record.kind, record.line))
    for loss in asides(io.BytesIO(came or content)):
        reading.report.losses.add(loss)
    return reading


def _where(kind: DocumentKind, line: int) -> Where:
    def where(path: tuple[str | int, ...]) -> Source:
        return Source(place_of(kind, path) or kind.root, line)

    return where
