"""`mezhved format list|read|convert|schemas`: files of other systems, looked at and turned into JSON without a store.

What is printed has no personal data: counts, codes, the end of a SNILS. What is written has all of the file, for its owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli_losses import tell_losses
from gateway.cli_private import write_private
from gateway.settings import Settings, read_settings
from schemas.errors import BadInput, DocumentRejected

if TYPE_CHECKING:
    from pydantic import BaseModel

    from adapters.formats import Context, Format, FormatRecord, Reading

formats = typer.Typer(help="Файлы других систем: проверить, перевести. Files of other systems.", no_args_is_help=True)
console = Console(soft_wrap=True)

SHOWN_RECORDS: Final = 50
File = Annotated[Path, typer.Argument(help="Файл. A file.")]
Form = Annotated[str | None, typer.Option("--format", help="Формат; без него узнаётся сам. Format.")]
After = Annotated[
    list[Path] | None,
    typer.Option("--after", help="Прежний файл, на записи которого этот ссылается; можно несколько. Earlier file."),
]


@formats.command("list")
def format_list() -> None:
    """Показать форматы. List formats."""
    from adapters.formats import formats as known

    table = Table("Формат", "Что это", "Схемы владельца")
    for one in known().values():
        installed = "нет" if one.install is None else _installed(read_settings(), one)
        table.add_row(one.name, escape(one.title_ru), installed)
    console.print(table)


@formats.command("read")
def format_read(
    file: File,
    form: Form = None,
    after: After = None,
    answer: Annotated[
        Path | None, typer.Option(help="Куда записать ответ в форме протокола владельца. Where the answer goes.")
    ] = None,
    reject: Annotated[
        Path | None,
        typer.Option(help="Куда записать отклонённые записи файлом того же вида. Where refused records go."),
    ] = None,
) -> None:
    """Проверить файл и показать его записи без персональных данных. Check a file and show its records."""
    from gateway.building import utc_now

    settings = read_settings()
    with _opened(file) as stream:
        one, reading = _reading(settings, stream, form, after, in_parts=answer is None)
        _require(one, file, answer, reject)
        first, told = [], []
        for record in reading.records:  # one after the other: a file may be larger than what fits beside it
            reading.take(record)
            if record.number <= SHOWN_RECORDS:
                first.append(record)
            if answer is not None:
                told.append(record)
    _print(one, reading, first)
    if answer is not None and one.answer is not None:
        _write(answer, [one.answer(reading, told, utc_now())])
    if reject is not None and reading.report.rejected:
        _write(reject, _rejects(settings, file, one.name, after))
    elif reading.report.rejected and one.rejects is not None:
        console.print("Отклонённые записи отдельным файлом, чтобы исправить и передать снова: --reject ФАЙЛ.")
    raise typer.Exit(1 if reading.report.rejected else 0)


@formats.command("convert")
def format_convert(
    file: File,
    output: Annotated[Path, typer.Argument(help="Куда записать: .json или вид самого формата. Where to write.")],
    form: Form = None,
    after: After = None,
) -> None:
    """Перевести файл в JSON или из JSON, если верны все записи. Convert to JSON or from it, if all records are right."""
    from adapters.format_json import SUFFIX, read_json, write_json

    settings = read_settings()
    if file.suffix.lower() == SUFFIX:
        one, head, values = read_json(_content(settings, file))
        _write(output, [one.write(head, values, _context(settings, one))])
        return
    with _opened(file) as stream:
        one, reading = _reading(settings, stream, form, after)
        records = [reading.take(record) for record in reading.records]
    if reading.report.rejected or reading.head is None:
        _print(one, reading, records[:SHOWN_RECORDS])
        console.print("Не записано: сначала исправьте отклонённые записи.")
        raise typer.Exit(1)
    values = [record.value for record in records if record.value is not None]
    is_json = output.suffix.lower() == SUFFIX
    content = (
        write_json(one, reading.head, values) if is_json else one.write(reading.head, values, _context(settings, one))
    )
    _write(output, [content])


@formats.command("schemas")
def format_schemas(
    name: Annotated[str, typer.Argument(help="Чьи схемы: egisso. Whose schemas.")],
    release: Annotated[Path, typer.Argument(help="Папка или архив zip выпуска. Folder or zip of the release.")],
) -> None:
    """Проверить и установить схемы, скачанные у владельца формата. Check and install schemas of a format's owner."""
    from adapters.formats import formats as known

    settings = read_settings()
    found = [one for one in known().values() if name in {one.folder, one.name} and one.install is not None]
    if not found:
        raise BadInput("format_without_schemas", known=", ".join(sorted(_with_schemas())))
    one = found[0]
    assert one.install is not None
    done = one.install(_release_files(release), settings.schemas_folder / one.folder)
    for message in done.messages:
        console.print(f"Схема сообщения: {message}")
    table = Table("Файл", "SHA-256")
    for path, digest in sorted(done.digests.items()):
        table.add_row(escape(path), digest)
    console.print(table)
    console.print(f"Установлено файлов: {len(done.digests)}. Общий отпечаток: {done.digest}")


def _with_schemas() -> set[str]:
    from adapters.formats import formats as known

    return {one.folder for one in known().values() if one.install is not None}


def _installed(settings: Settings, one: Format) -> str:
    return "установлены" if (settings.schemas_folder / one.folder).is_dir() else "не установлены"


# --- reading ---------------------------------------------------------------------------------------------------------


def _reading(
    settings: Settings, stream: BinaryIO, form: str | None, after: list[Path] | None, *, in_parts: bool = False
) -> tuple[Format, Reading]:
    from adapters.formats import HEAD_BYTES, find_format, recognise
    from adapters.record_formats import judged

    one = find_format(form) if form else recognise(stream.read(HEAD_BYTES))
    stream.seek(0)
    context = _context(settings, one, in_parts=in_parts)
    return one, judged(one, one.read(stream, replace(context, earlier=_earlier(one, context, after or ()))))


def _earlier(one: Format, context: Context, paths: Iterable[Path]) -> Iterator[BaseModel]:
    """Values of earlier files, one after the other."""
    for path in paths:
        with _opened(path) as before:
            for record in one.read(before, context).records:
                if record.value is not None:
                    yield record.value


def _require(one: Format, file: Path, answer: Path | None, reject: Path | None) -> None:
    if reject is not None and reject.resolve() == file.resolve():
        raise BadInput("field_invalid", place="--reject", rule="≠ FILE")
    if answer is not None and one.answer is None:
        raise BadInput("format_without_answer", format=one.name)
    if reject is not None and one.rejects is None:
        raise BadInput("format_without_rejects", format=one.name)


def _rejects(settings: Settings, file: Path, form: str, after: list[Path] | None) -> Iterator[bytes]:
    """The file read twice side by side: its refused records are found, and cut out of it, one after the other."""
    with _opened(file) as stream, _opened(file) as again:
        one, reading = _reading(settings, stream, form, after, in_parts=True)
        assert one.rejects is not None
        refused = (record for record in reading.records if record.value is None)
        yield from one.rejects(again, _context(settings, one, in_parts=True), refused)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        stream = file.open("rb")
    except OSError:
        raise DocumentRejected("file_unreadable", file=file.name) from None
    with stream:
        yield stream


def _context(settings: Settings, one: Format, *, in_parts: bool = False) -> Context:
    """`in_parts`: nobody holds more than a record, so that the file may be as long as one that is taken step by step."""
    from adapters.formats import Context
    from adapters.limits import WIDE, Limits

    limits = Limits(max_bytes=settings.max_file_bytes)
    if in_parts and one.in_parts:
        limits = replace(WIDE, max_bytes=settings.max_import_bytes)
    return Context(limits, settings.schemas_folder / one.folder)


def _content(settings: Settings, file: Path) -> bytes:
    from adapters.limits import Limits, read_all

    with _opened(file) as stream:
        return read_all(stream, Limits(max_bytes=settings.max_file_bytes))


def _release_files(release: Path) -> Mapping[str, bytes]:
    """The schemas of a release by their paths in it. Links are not followed: what a release needs lies in it."""
    from adapters.archives import MAX_TREE_FILES, unpack_tree
    from adapters.limits import DEFAULT_LIMITS, MEGABYTE

    if not release.is_dir():
        with _opened(release) as stream:
            return unpack_tree(stream, ".xsd")
    paths = [path for path in sorted(release.rglob("*.[xX][sS][dD]")) if path.is_file() and not path.is_symlink()]
    if len(paths) > MAX_TREE_FILES:
        raise DocumentRejected("archive_too_many_files", limit=MAX_TREE_FILES)
    found: dict[str, bytes] = {}
    left = DEFAULT_LIMITS.max_unpacked
    for path in paths:
        with _opened(path) as stream:
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0:
            raise DocumentRejected("archive_unpacks_too_large", limit_mb=DEFAULT_LIMITS.max_unpacked // MEGABYTE)
        found[path.relative_to(release).as_posix()] = content
    return found


# --- showing ---------------------------------------------------------------------------------------------------------


def _print(one: Format, reading: Reading, first: list[FormatRecord]) -> None:
    report = reading.report
    console.print(f"{escape(one.title_ru)}")
    console.print(f"Записей: {report.records}, принято: {report.accepted}, отклонено: {report.rejected}.")
    for record in first:
        shown = "отклонена" if record.value is None else one.shown(record.value, "ru")
        console.print(f"  {record.number}. строка {record.line}: {escape(shown)}")
    if report.records > len(first):
        console.print(f"  и ещё {report.records - len(first)}")
    if report.complaints:
        table = Table("Запись", "Строка", "Место", "Правило", "Важность", "Что не так", "Что сделать")
        for c in report.complaints:
            severity = "ошибка" if c.severity.value == "error" else "предупреждение"
            cells = (c.place, c.code, severity, c.message(), c.remedy())
            table.add_row(str(c.record or ""), str(c.line or ""), *map(escape, cells))
        console.print(table)
    tell_losses(report.losses, console, logged=False)


def _write(output: Path, content: Iterable[bytes]) -> None:
    write_private(output, content)
    console.print(f"Записано: {output}.")
