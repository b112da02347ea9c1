"""Types that may travel, and how each is known by its first bytes."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import BinaryIO, Final

from adapters.archives import ARCHIVE_FAULTS


@dataclass(frozen=True, slots=True)
class AttachmentType:
    """A type: our code, its media type, the ending of a file's name."""

    code: str
    media_type: str
    ending: str
    is_text: bool = False


_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
TYPES: Final = (
    AttachmentType("pdf", "application/pdf", "pdf"),
    AttachmentType("jpeg", "image/jpeg", "jpg"),
    AttachmentType("png", "image/png", "png"),
    AttachmentType("tiff", "image/tiff", "tif"),
    AttachmentType("docx", _OFFICE + "wordprocessingml.document", "docx"),
    AttachmentType("xlsx", _OFFICE + "spreadsheetml.sheet", "xlsx"),
    AttachmentType("odt", "application/vnd.oasis.opendocument.text", "odt"),
    AttachmentType("txt", "text/plain", "txt", is_text=True),
    AttachmentType("xml", "application/xml", "xml"),
    AttachmentType("csv", "text/csv", "csv", is_text=True),
)
_BY_NAME: Final = {name: kind for kind in TYPES for name in (kind.code, kind.media_type)} | {"text/xml": TYPES[8]}
HEAD: Final = 4096
_MAGIC: Final = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
)
_ARCHIVES: Final = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"Rar!",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
)
_MAIN_PARTS: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


def type_named(name: str) -> AttachmentType | None:
    """By our code or by a media type, whose parameters do not count."""
    return _BY_NAME.get(name.partition(";")[0].strip().lower())


def head_of(file: BinaryIO, length: int = HEAD) -> bytes:
    """The first bytes."""
    file.seek(0)
    return file.read(length) or b""


def tail_of(file: BinaryIO, size: int, length: int) -> bytes:
    """The last bytes."""
    file.seek(max(0, size - length))
    return file.read(length) or b""


def is_archive(file: BinaryIO) -> bool:
    """Whether it begins as an archive does."""
    return head_of(file, 8).startswith(_ARCHIVES)


def find_type(file: BinaryIO, size: int) -> AttachmentType | None:
    """By content alone; None for what may not travel."""
    head = head_of(file)
    for magic, code in _MAGIC:
        if head.startswith(magic):
            return _BY_NAME[code]
    if head.startswith(b"PK\x03\x04"):
        return _office_type(file)
    if is_archive(file):
        return None
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<?xml") or head.startswith((b"\xff\xfe<\x00?\x00", b"\xfe\xff\x00<\x00?")):
        return _BY_NAME["xml"]
    return _BY_NAME["txt"] if size and b"\x00" not in head else None


def _office_type(file: BinaryIO) -> AttachmentType | None:
    try:
        with zipfile.ZipFile(unclosed(file)) as archive:
            names = {info.filename for info in archive.infolist()}
            if "[Content_Types].xml" in names:
                return next((_BY_NAME[code] for part, code in _MAIN_PARTS.items() if part in names), None)
            if "mimetype" in names and archive.getinfo("mimetype").file_size < HEAD:
                return _BY_NAME.get(archive.read("mimetype").decode("ascii", "replace").strip())
    except ARCHIVE_FAULTS:
        return None
    return None


class _Unclosed(io.RawIOBase):
    """A view of a file that may be closed without closing the file."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        file.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the one buffer BufferedReader gives
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def unclosed(file: BinaryIO) -> BinaryIO:
    """For libraries that close what they are given."""
    return io.BufferedReader(_Unclosed(file))
