"""What a browser sent: fields as text, files as nothing but their SHA-256. The bytes of a file are never kept."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from gateway.edge import read_body
from schemas.errors import RequestRejected

MAX_FIELDS: Final = 200
MAX_FIELD_BYTES: Final = 100_000
MAX_FILES: Final = 1


@dataclass(frozen=True, slots=True)
class Form:
    """Fields in the order they came; `digests` are the SHA-256 (hex) of the files that were not empty."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The first value of a field without outer spaces; empty where there is none."""
        values = self.fields.get(name, ())
        return values[0].strip() if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field that are not empty."""
        return tuple(value for value in self.fields.get(name, ()) if value)

    def having(self, **values: str) -> Form:
        """The same form with some fields set; an empty value takes the field away."""
        kept = {name: found for name, found in self.fields.items() if name not in values}
        return Form({**kept, **{name: (value,) for name, value in values.items() if value}}, self.digests)

    def without(self, *prefixes: str) -> Form:
        """The same form without the fields whose names begin so."""
        return Form({name: v for name, v in self.fields.items() if not name.startswith(prefixes)}, self.digests)


async def read_form(request: Request, limit: int) -> Form:
    """The form of a request of at most `limit` bytes. Raises RequestRejected: body_too_large, body_encoded, form_unreadable."""
    body = await read_body(request, limit)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        return await _multipart(request, body)
    if media_type not in {"", "application/x-www-form-urlencoded"}:
        raise RequestRejected("form_unreadable")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise RequestRejected("form_unreadable") from None
    return Form(_grouped(pairs))


class _InMemoryParser(MultiPartParser):
    """A scan of a signed consent must not touch the disk, not even as a temporary file; the body is bounded anyway."""

    spool_max_size = 0  # SpooledTemporaryFile: 0 never rolls over


async def _multipart(request: Request, body: bytes) -> Form:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = _InMemoryParser(
        request.headers, stream(), max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES
    )
    try:
        parsed = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise RequestRejected("form_unreadable") from None
    pairs: list[tuple[str, str]] = []
    digests: dict[str, str] = {}
    for name, value in parsed.multi_items():
        if isinstance(value, UploadFile):
            if value.size:
                digests[name] = hashlib.sha256(await value.read()).hexdigest()
            await value.close()
        else:
            pairs.append((name, value))
    return Form(_grouped(pairs), digests)


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        # Browsers send line ends of text areas as CR LF; the same words have one form (and one digest).
        found[name] = (*found.get(name, ()), value.replace("\r\n", "\n"))
    return found
