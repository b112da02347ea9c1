"""A multipart form as it comes in: parts, one event after another, without ever holding a file.

The name of a file is read for its ending alone, which says of what type it is meant to be, and goes no further: people put
names of families into names of files (law 8).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from schemas.errors import RequestRejected

MAX_HEADER_BYTES: Final = 4096
"""Of all headers of one part."""
MAX_PARTS: Final = 220
_ENDING: Final = re.compile(r"\.([A-Za-z0-9]{1,10})$")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: a field, or a file with the ending of its name and what the browser says it is. `chosen`: somebody chose a
    file; an empty input sends a part too."""

    name: str
    is_file: bool = False
    ending: str = ""
    media_type: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A part begins, some of it came (`data`), or it ended (`data` is None)."""

    part: Part
    data: bytes | None = b""


class MultipartStream:
    """Feed it the body; it gives what came. Raises RequestRejected (form_unreadable) for whatever is not such a form."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 70:  # noqa: PLR2004  RFC 2046
            raise RequestRejected("form_unreadable")
        self._events: list[Event] = []
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value, self._header_bytes = b"", b"", 0
        self._part = Part("")
        self._parts, self._whole = 0, False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._finished,
            },
        )

    def feed(self, data: bytes) -> Sequence[Event]:
        """More of the body."""
        try:
            self._parser.write(data)
        except (FormParserError, ValueError):
            raise RequestRejected("form_unreadable") from None
        events, self._events = self._events, []
        return events

    def finish(self) -> None:
        """That was all: a form that was cut off has no end of its own."""
        if not self._whole:
            raise RequestRejected("form_unreadable")

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise RequestRejected("form_unreadable")
        self._headers, self._name, self._value, self._header_bytes = {}, b"", b"", 0

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._value += data[start:end]

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > MAX_HEADER_BYTES:
            raise RequestRejected("form_unreadable")

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def _headers_end(self) -> None:
        disposition, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if disposition != b"form-data" or b"name" not in options:
            raise RequestRejected("form_unreadable")
        try:
            name = options[b"name"].decode("utf-8")
            declared = self._headers.get(b"content-type", b"").decode("ascii")
        except UnicodeDecodeError:
            raise RequestRejected("form_unreadable") from None
        file = options.get(b"filename")
        ending = _ENDING.search(file.decode("utf-8", "replace")) if file else None
        self._part = Part(name, file is not None, ending[1].lower() if ending else "", declared, bool(file))
        self._events.append(Event(self._part))

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(Event(self._part, data[start:end]))

    def _end(self) -> None:
        self._events.append(Event(self._part, None))

    def _finished(self) -> None:
        self._whole = True
