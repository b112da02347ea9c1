"""A file or a folder of the directory in any of its forms: which one it is, and its reading."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

from adapters import contacts
from adapters.archives import is_zip, unpack
from adapters.directory_records import DirectoryReading
from adapters.documents.directory import read_directory_documents
from adapters.hsds import document, package
from adapters.limits import DEFAULT_LIMITS, Limits, too_large
from adapters.opendata import reader as opendata
from adapters.record_formats import is_listed, read_listed, record_formats, table_by_content
from adapters.tables.parts import has_sheets
from schemas.errors import BadInput

XML: Final = "xml"
FORMS: Final = (package.FORMAT, document.FORMAT, opendata.FORMAT, contacts.FORMAT, XML)


def known_forms() -> tuple[str, ...]:
    """Those of `FORMS`, and formats of a folder whose records the directory takes."""
    return (*FORMS, *(name for name, one in record_formats().items() if is_listed(one)))


def form_of(content: bytes | Mapping[str, bytes]) -> str:
    """The form that the content itself tells: canonical documents, JSON, a package with its tables, or a set of open data."""
    if isinstance(content, bytes):
        first = content[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]
        return XML if first == b"<" else document.FORMAT if first in {b"{", b"["} else opendata.FORMAT
    names = {name.lower() for name in content}
    is_package = package.DESCRIPTOR in names or names & {"organizations.csv", "organization.csv", "services.csv"}
    return package.FORMAT if is_package else opendata.FORMAT


def read_directory_file(
    content: bytes | Mapping[str, bytes], form: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> DirectoryReading:
    """What a file says. `content` is a file, or the files of a folder by name. Raises BadInput (format_unknown),
    DocumentRejected for a file as a whole."""
    if isinstance(content, bytes):
        if len(content) > limits.max_bytes:
            raise too_large(limits)
        form = form or table_by_content(io.BytesIO(content))
        folder = record_formats().get(form or "")
        if folder is not None and is_listed(folder):
            return read_listed(folder, content, limits)
        if form == contacts.FORMAT or (form is None and has_sheets(content)):
            return contacts.read_contacts(content, limits=limits)
        if is_zip(content):
            content = unpack(content, limits)
    chosen = form or form_of(content)
    if chosen == package.FORMAT:
        return package.read_package(content, limits)
    if chosen == document.FORMAT and isinstance(content, bytes):
        return document.read_document(content, limits)
    if chosen == XML and isinstance(content, bytes):
        return read_directory_documents(content, XML, limits)
    if chosen == opendata.FORMAT:
        return opendata.read_set(content, limits)
    raise BadInput("format_unknown", known=", ".join(known_forms()))
