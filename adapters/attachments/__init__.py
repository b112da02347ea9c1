"""Attachments as files: what a file is by its content, and whether it is one that may travel. Pure, in constant memory.

Nothing is trusted that the sender says: the type is found in the bytes, and must be the one declared. What could act when
it is opened, holds other files, is two types at once, or unfolds to much more than it is, does not pass.
"""

from __future__ import annotations

from typing import BinaryIO, Final

from adapters.attachments.office import inspect_office
from adapters.attachments.pdf import inspect_pdf
from adapters.attachments.pictures import inspect_jpeg, inspect_png, inspect_tiff
from adapters.attachments.plain import inspect_text, inspect_xml
from adapters.attachments.types import TYPES, AttachmentType, find_type, is_archive, type_named
from schemas.errors import DocumentRejected

__all__ = ["TYPES", "AttachmentType", "inspect_attachment", "type_named"]

_INSPECTORS: Final = {
    "pdf": inspect_pdf,
    "jpeg": inspect_jpeg,
    "png": inspect_png,
    "tiff": inspect_tiff,
    "docx": inspect_office,
    "xlsx": inspect_office,
    "odt": inspect_office,
    "xml": inspect_xml,
    "txt": inspect_text,
    "csv": inspect_text,
}


def inspect_attachment(file: BinaryIO, size: int, declared: str) -> AttachmentType:
    """The type of a whole file (`size` bytes, at any position), when it may travel and is what it was `declared` as.

    Raises DocumentRejected: attachment_empty, attachment_type_unknown, attachment_type_differs, attachment_archive,
    attachment_broken, attachment_encrypted, attachment_active, attachment_holds_files, attachment_bomb, attachment_two_types.
    """
    wanted = type_named(declared)
    if size == 0:
        raise DocumentRejected("attachment_empty")
    if wanted is None:
        raise DocumentRejected("attachment_type_unknown", known=", ".join(kind.code for kind in TYPES))
    found = find_type(file, size)
    if found is None:
        raise DocumentRejected("attachment_archive" if is_archive(file) else "attachment_type_unknown", known=_known())
    # Text has no mark of its own: CSV and TXT are what they are declared as.
    kind = wanted if found.is_text and wanted.is_text else found
    if kind.code != wanted.code:
        raise DocumentRejected("attachment_type_differs", declared=wanted.code, found=found.code)
    _INSPECTORS[kind.code](file, size)
    return kind


def _known() -> str:
    return ", ".join(kind.code for kind in TYPES)
