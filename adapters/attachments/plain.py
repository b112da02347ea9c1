"""Plain text, CSV and XML: readable, and nothing that a browser or a parser would act on."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO, Final

from schemas.errors import DocumentRejected

_STEP: Final = 65_536
_OVERLAP: Final = 64
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_ACTIVE: Final = re.compile(rb"<\s*(?:script|iframe|object|embed|html|!doctype\s+html)\b", re.IGNORECASE)
_DECLARES: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)|<\?xml-stylesheet", re.IGNORECASE)
_ACTIVE_ROOT: Final = re.compile(
    rb"<\s*(?:[\w.-]+:)?(?:svg|html|script)\b|xmlns\s*=\s*[\"']http://www\.w3\.org/(?:2000/svg|1999/xhtml)",
    re.IGNORECASE,
)


def inspect_text(file: BinaryIO, size: int) -> None:
    """UTF-8 or Windows-1251. Raises DocumentRejected: attachment_broken, attachment_active."""
    del size
    utf8, is_utf8 = codecs.getincrementaldecoder("utf-8")(), True
    kept = b""
    file.seek(0)
    while piece := file.read(_STEP):
        if _CONTROL.search(piece):
            raise DocumentRejected("attachment_broken")
        if _ACTIVE.search(kept + piece):
            raise DocumentRejected("attachment_active")
        if is_utf8:
            try:
                utf8.decode(piece)
            except UnicodeDecodeError:
                is_utf8 = False
        if not is_utf8 and b"\x98" in piece:  # the one byte that Windows-1251 does not have
            raise DocumentRejected("attachment_broken")
        kept = piece[-_OVERLAP:]


def inspect_xml(file: BinaryIO, size: int) -> None:
    """No document type, no entities, no pictures that act. Whether it is well formed is asked by whoever reads it."""
    del size
    kept = b""
    file.seek(0)
    while piece := file.read(_STEP):
        text = (kept + piece).replace(b"\x00", b"")  # UTF-16 too
        if _DECLARES.search(text) or _ACTIVE_ROOT.search(text) or _ACTIVE.search(text):
            raise DocumentRejected("attachment_active")
        kept = piece[-_OVERLAP:]
