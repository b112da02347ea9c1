"""A file of the directory that was handed in, read as one: a phone book, or canonical documents."""

from __future__ import annotations

from typing import Final

from adapters.contacts import read_contacts
from adapters.directory_records import DirectoryReading
from adapters.documents.directory import KINDS, read_directory_documents
from adapters.documents.reader import kind_of
from adapters.limits import too_large
from adapters.tables.profile import CONTACT
from gateway.use_cases.file_records import DOCUMENTS
from gateway.use_cases.open_import import IN_MEMORY, Opened

_ONE_MORE: Final = IN_MEMORY + 1


def directory_kind_of(opened: Opened) -> str | None:
    """Which documents of the directory a file has, None for any other. Raises DocumentRejected."""
    source = opened.source
    if source.form not in DOCUMENTS:
        return None
    source.stream.seek(0)
    kind = kind_of(source.stream, source.limits)
    return kind.code if kind is not None and kind.code in KINDS else None


def read_directory_of(opened: Opened) -> DirectoryReading:
    """Its reading. Raises DocumentRejected."""
    source = opened.source
    source.stream.seek(0)
    content = source.stream.read(_ONE_MORE)
    if len(content) > IN_MEMORY:
        raise too_large(source.limits)
    if source.by.record == CONTACT and source.form not in DOCUMENTS:
        return read_contacts(content, source.by, source.limits, source.sheet)
    came = None
    if source.came is not None:
        source.came.seek(0)
        came = source.came.read()
    return read_directory_documents(content, source.form, source.limits, came)
