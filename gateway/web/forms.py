"""What a browser sent: fields as text; of a file its SHA-256, or what took it while it came. No file is ever held here."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from gateway.bodies import check_declared, read_body
from gateway.web.multipart import Event, MultipartStream, Part
from schemas.errors import BadInput, Broken, MezhvedError, RequestRejected
from schemas.signs import without_directions

MAX_FIELDS: Final = 200
MAX_FIELD_BYTES: Final = 100_000
MOST_FIELDS: Final = 1_000_000
"""Bytes of all fields of a form, which are in memory at once; files are not."""
MAX_FILES: Final = 2
BLOCK: Final = 256 * 1024
"""Bytes of a file that are collected before a thread takes them."""


@dataclass(frozen=True, slots=True)
class Form:
    """Fields in the order they came; `digests` are the SHA-256 (hex) of the files that were not empty; `taken` what became of
    a file that was taken while it came, by the name of its field, and `refused` why one was not."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, MezhvedError] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The first value of a field without outer spaces; empty where there is none."""
        values = self.fields.get(name, ())
        return values[0].strip() if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field that are not empty."""
        return tuple(value for value in self.fields.get(name, ()) if value)

    def having(self, **values: str) -> Form:
        """The same form with some fields set; an empty value takes the field away."""
        return self.holding({name: (value,) if value else () for name, value in values.items()})

    def holding(self, values: Mapping[str, tuple[str, ...]]) -> Form:
        """The same form with these fields; one without values is taken away."""
        kept = {name: found for name, found in self.fields.items() if name not in values}
        kept |= {name: found for name, found in values.items() if found}
        return Form(kept, self.digests, self.taken, self.refused)

    def without(self, *prefixes: str) -> Form:
        """The same form without the fields whose names begin so."""
        kept = {name: v for name, v in self.fields.items() if not name.startswith(prefixes)}
        return Form(kept, self.digests, self.taken, self.refused)


class Sink(Protocol):
    """Takes one file, a block at a time, on a thread. `finish` says what became of it."""

    def feed(self, data: bytes) -> None: ...
    def finish(self) -> str: ...
    def abort(self) -> None: ...


Taker = Callable[[Form, Part], Sink]
"""Begins to take a file, given the fields that came before it. What it raises other than BadInput and Broken ends the form."""
Run = Callable[[Callable[[], Any]], Awaitable[Any]]


async def read_form(
    request: Request, limit: int, takers: Mapping[str, Taker] | None = None, run: Run | None = None, files: int = 0
) -> Form:
    """The form of a request. Fields, and files that nobody takes, are at most `limit` bytes; files that `takers` take (on
    threads, by `run`) at most `files` more, also where they are refused on the way.

    Raises RequestRejected: body_too_large, body_encoded, form_unreadable, upload_broken_off.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        reader = _Reader(request, limit, takers or {}, run, files)
        try:
            return await reader.read()
        except ClientDisconnect:
            raise RequestRejected("upload_broken_off") from None
        finally:
            await reader.close()
    body = await read_body(request, min(limit, MOST_FIELDS))
    if media_type not in {"", "application/x-www-form-urlencoded"}:
        raise RequestRejected("form_unreadable")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise RequestRejected("form_unreadable") from None
    return Form(_grouped(pairs))


class _Digest:
    """A file of which only its SHA-256 is wanted."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def feed(self, data: bytes) -> None:
        self._sha256.update(data)

    def finish(self) -> str:
        return self._sha256.hexdigest()

    def abort(self) -> None:
        pass


class _Reader:
    """One form on its way in."""

    def __init__(self, request: Request, limit: int, takers: Mapping[str, Taker], run: Run | None, files: int) -> None:
        self._limit, self._most = limit, limit + files
        check_declared(request, self._most)
        self._request, self._takers, self._run = request, takers, run
        self._stream = MultipartStream(request.headers.get("content-type", ""))
        self._pairs: list[tuple[str, str]] = []
        self._digests: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        self._refused: dict[str, MezhvedError] = {}
        self._value = bytearray()
        self._sink: Sink | None = None
        self._block = bytearray()
        self._files = self._fields = self._plain = self._all = 0

    async def read(self) -> Form:
        async for chunk in self._request.stream():
            self._all += len(chunk)
            if self._all > self._most:
                raise RequestRejected("body_too_large", max=self._most)
            for event in self._stream.feed(chunk):
                await (self._file(event) if event.part.is_file else self._field(event))
        self._stream.finish()
        return self._form()

    async def close(self) -> None:
        """Forget a file that did not come to its end."""
        if self._sink is not None:
            sink, self._sink = self._sink, None
            await self._on_thread(sink.abort)

    def _form(self) -> Form:
        return Form(_grouped(self._pairs), self._digests, self._taken, self._refused)

    def _count(self, size: int) -> None:
        self._plain += size
        if self._plain > self._limit:
            raise RequestRejected("body_too_large", max=self._limit)

    async def _field(self, event: Event) -> None:
        if event.data is None:
            if len(self._pairs) >= MAX_FIELDS:
                raise RequestRejected("form_unreadable")
            try:
                self._pairs.append((event.part.name, self._value.decode("utf-8")))
            except UnicodeDecodeError:
                raise RequestRejected("form_unreadable") from None
            self._value.clear()
            return
        self._count(len(event.data))
        self._fields += len(event.data)
        if self._fields > MOST_FIELDS:
            raise RequestRejected("body_too_large", max=MOST_FIELDS)
        self._value += event.data
        if len(self._value) > MAX_FIELD_BYTES:
            raise RequestRejected("form_unreadable")

    async def _file(self, event: Event) -> None:
        name, data = event.part.name, event.data
        taker = self._takers.get(name)
        if data is None:
            if self._sink is None and taker is not None and event.part.chosen and name not in self._refused:
                await self._begin(event.part, taker)  # an empty file is refused by whoever takes it
            await self._end(name, is_taken=taker is not None)
        elif data:
            if taker is None:
                self._count(len(data))
            if self._sink is None and name not in self._refused:
                await self._begin(event.part, taker)
            if self._sink is not None:
                self._block += data
                if len(self._block) >= BLOCK:
                    await self._flush(name)

    async def _begin(self, part: Part, taker: Taker | None) -> None:
        self._files += 1
        if self._files > MAX_FILES:
            raise RequestRejected("form_unreadable")
        if taker is None:
            self._sink = _Digest()
            return
        form, begin = self._form(), taker
        try:
            self._sink = await self._on_thread(lambda: begin(form, part))
        except (BadInput, Broken) as error:
            self._refused[part.name] = error

    async def _flush(self, name: str) -> None:
        sink, block = self._sink, bytes(self._block)
        self._block.clear()
        if sink is None or not block:
            return
        try:
            await self._on_thread(lambda: sink.feed(block))
        except (BadInput, Broken) as error:
            self._refused[name] = error
            await self.close()

    async def _end(self, name: str, *, is_taken: bool) -> None:
        await self._flush(name)
        sink = self._sink
        if sink is None:
            return
        try:
            found = await self._on_thread(sink.finish)
        except (BadInput, Broken) as error:
            self._refused[name] = error
            await self.close()
            return
        self._sink = None
        (self._taken if is_taken else self._digests)[name] = found

    async def _on_thread(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever the work gives
        return await self._run(work) if self._run is not None else work()


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        # Browsers send line ends of text areas as CR LF; the same words have one form (and one digest).
        # What turns the direction of the text comes along when it is pasted, and is seen by nobody.
        found[name] = (*found.get(name, ()), without_directions(value.replace("\r\n", "\n")))
    return found
