"""Formats of files, each a folder of this room: what one offers, and how the folders are found.

A folder `adapters/<name>` with a module `format.py` that has `FORMATS` is a way in and out; nothing else is told about it
(docs/adapters.md). Its rules may have words of their own in `words.ru.yaml` and `words.en.yaml` beside it.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from pydantic import BaseModel

import adapters
from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.losses import Loss, class_defaults, losses_of
from adapters.paths import Path as FieldPath
from adapters.report import Complaint, ImportReport, Severity
from schemas.catalogue import Language
from schemas.errors import BadInput

HEAD_BYTES: Final = 4096
"""How much of a file a format may look at to recognise its own."""


@dataclass(frozen=True, slots=True)
class FormatRecord:
    """One record of a file. `value` is None when an error keeps it out; `id` is the record's own identifier, if it has one.
    `losses` are those that its reader noticed. `stands` says of a path of fields where the file has it: place and line."""

    number: int
    line: int
    value: BaseModel | None
    complaints: tuple[Complaint, ...] = ()
    id: str = ""
    losses: tuple[Loss, ...] = ()
    stands: Callable[[FieldPath], tuple[str, int]] | None = field(default=None, repr=False, compare=False)

    def where(self, path: FieldPath) -> tuple[str, int]:
        """Place and line of a path of fields; without a reader that knows them the names of the fields and the record's own
        line."""
        return self.stands(path) if self.stands is not None else (_in_words(path), self.line)

    def all_losses(self) -> Iterator[Loss]:
        """What its reader noticed, what its complaints tell, and the defaults that say something where the file is silent; of
        one that is kept out none, since it comes back whole."""
        if self.value is None:
            return
        yield from self.losses
        told = {(loss.code, loss.place) for loss in self.losses}
        by_complaints = losses_of((one.code, one.place, one.line, self.number) for one in self.complaints)
        by_default = (Loss("from_class", *self.where(path), self.number) for path in class_defaults(self.value))
        for loss in (*by_complaints, *by_default):
            if (loss.code, loss.place) not in told:
                yield loss


def _in_words(path: FieldPath) -> str:
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader is given beside the file. `schemas` is the folder of schemas that the owner of the format publishes and
    the operator installed; `earlier` are values of files that came before, to which this one may refer: taken once. `sheet` is
    the number of a sheet of a workbook, where several would do."""

    limits: Limits = DEFAULT_LIMITS
    schemas: Path | None = None
    earlier: Iterable[BaseModel] = ()
    sheet: int | None = None


@dataclass(slots=True)
class Reading:
    """A file being read. `records` is read once, in order; `head` is what the file says of itself, known with the first record.

    Whoever takes the records adds each to the report (`take`). Losses of the file as a whole its reader adds to the report, at
    the latest with the last record.
    """

    report: ImportReport
    records: Iterator[FormatRecord] = field(default_factory=lambda: iter(()))
    head: BaseModel | None = None

    def take(self, record: FormatRecord) -> FormatRecord:
        """The record, counted."""
        self.report.records += 1
        for complaint in record.complaints:
            self.report.complain(complaint)
        if record.value is not None:
            self.report.accepted += 1
        for loss in record.all_losses():
            self.report.losses.add(loss)
        return record

    def complain(
        self, code: str, place: str = "", line: int | None = None, *, error: bool = False, **params: str | int
    ) -> None:
        """Counts a complaint about the file as a whole."""
        self.report.complain(Complaint(code, Severity.ERROR if error else Severity.WARNING, place, line, None, params))


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `head` and `record` are the types of its values: they are also its JSON.

    `recognises` looks at the first `HEAD_BYTES` of a file. `read` raises DocumentRejected for a file as a whole, also later
    while its records are read. `write` raises BadInput for what the format has no place for. `shown` tells of a value what
    stands on no person: kinds, codes, counts. `install` checks a release of the owner's schemas (paths and bytes) and puts
    what it needs of it into a folder; None: the format has none. `answer` writes the report as the owner's protocol has it.

    `rejects` gives refused records back: the file that begins where the stream stands (it can seek) with its head, and of its
    records only these, which come by their numbers and in their order, each with what is wrong with it. What is corrected
    there and read again is what it would have been. `in_parts`: the reader, and `rejects`, hold a record at a time, so that
    a file may be as long as one of our own formats; otherwise it is as short as what is read as a whole.
    """

    name: str
    title_ru: str
    title_en: str
    suffix: str
    head: type[BaseModel]
    record: Any
    recognises: Callable[[bytes], bool]
    read: Callable[[BinaryIO, Context], Reading]
    write: Callable[[BaseModel, Sequence[BaseModel], Context], bytes]
    shown: Callable[[BaseModel, Language], str]
    answer: Callable[[Reading, Sequence[FormatRecord], datetime], bytes] | None = None
    install: Callable[[Mapping[str, bytes], Path], Any] | None = None
    rejects: Callable[[BinaryIO, Context, Iterable[FormatRecord]], Iterator[bytes]] | None = None
    in_parts: bool = False
    folder: str = ""


@functools.cache
def formats() -> Mapping[str, Format]:
    """Every format by its name. Raises RuntimeError for two of one name."""
    found: dict[str, Format] = {}
    for module in sorted(pkgutil.iter_modules(adapters.__path__), key=lambda entry: entry.name):
        name = f"{adapters.__name__}.{module.name}"
        if not module.ispkg or importlib.util.find_spec(f"{name}.format") is None:
            continue
        for one in importlib.import_module(f"{name}.format").FORMATS:
            if one.name in found:
                msg = f"two formats are called {one.name}"
                raise RuntimeError(msg)
            found[one.name] = replace(one, folder=module.name)
    return found


def find_format(name: str) -> Format:
    """Raises BadInput (format_unknown)."""
    if (found := formats().get(name)) is None:
        raise BadInput("format_unknown", known=", ".join(formats()))
    return found


def recognise(beginning: bytes) -> Format:
    """The format that knows a file by its first bytes. Raises BadInput (format_not_recognised)."""
    for one in formats().values():
        if one.recognises(beginning[:HEAD_BYTES]):
            return one
    raise BadInput("format_not_recognised", known=", ".join(formats()))
