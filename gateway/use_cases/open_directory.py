"""A file of the directory that was handed in, read as one: a phone book, or documents of the directory."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from adapters.contacts import read_contacts
from adapters.directory_records import DirectoryReading
from adapters.documents.directory import KINDS, read_directory_documents
from adapters.documents.reader import kind_of
from adapters.limits import too_large
from adapters.record_formats import is_listed, kind_of_format, read_listed, record_formats
from adapters.tables.profile import CONTACT
from gateway.use_cases.file_records import DOCUMENTS, Source
from gateway.use_cases.open_import import IN_MEMORY

_ONE_MORE: Final = IN_MEMORY + 1


def directory_kind_of(source: Source) -> str | None:
    """What of the directory a file has, a key of `SCOPES`; None for any other file. Raises DocumentRejected."""
    if (folder := record_formats().get(source.form)) is not None:
        return kind_of_format(folder).code if is_listed(folder) else None
    if source.form not in DOCUMENTS:
        return CONTACT if source.by.record == CONTACT else None
    source.stream.seek(0)
    kind = kind_of(source.stream, source.limits)
    return kind.code if kind is not None and kind.code in KINDS else None


def read_directory_of(source: Source) -> DirectoryReading:
    """Its reading. Raises DocumentRejected."""
    source.stream.seek(0)
    content = source.stream.read(_ONE_MORE)
    if len(content) > IN_MEMORY:
        raise too_large(replace(source.limits, max_bytes=IN_MEMORY))
    if (folder := record_formats().get(source.form)) is not None:
        return read_listed(folder, content, source.limits, source.sheet)
    if source.form not in DOCUMENTS:
        return read_contacts(content, source.by, source.limits, source.sheet)
    came = None
    if source.came is not None:
        source.came.seek(0)
        came = source.came.read()
    return read_directory_documents(content, source.form, source.limits, came)
