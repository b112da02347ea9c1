"""`mezhved export`: one case, one thread, or all own data into a file, each by a person under their own password.

A file is written beside its place and moved there whole, readable by its owner alone: a run that ends in the middle leaves
nothing that looks like an export. What is cut off of a whole export is continued by its number.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from schemas.errors import BadInput

if TYPE_CHECKING:
    from adapters.tables.output import Written

export = typer.Typer(help="Выгрузка: случай, переписка, все свои сведения. Export.", no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False, markup=False)

Login = Annotated[str, typer.Option(help="Логин сотрудника; пароль спрашивается. Login; the password is asked for.")]
Form = Annotated[str, typer.Option(help="Формат: csv, xml, fhir. Format.")]
Encoding = Annotated[str, typer.Option(help="Кодировка таблиц: utf-8 или cp1251. Encoding of tables.")]
Nearest = Annotated[
    bool, typer.Option("--nearest", help="Знаки, которых нет в cp1251, заменить похожими. Replace missing signs.")
]
Folder = Annotated[Path, typer.Argument(help="Папка, куда записать файл. Folder for the file.")]


@export.command("case")
def case(
    case_id: Annotated[str, typer.Argument(help="Обозначение случая. Case id.")],
    login: Login,
    folder: Folder = Path(),
    purpose: Annotated[str, typer.Option(help="Цель. Purpose.")] = "CASE_MGMT",
    form: Form = "csv",
    encoding: Encoding = "utf-8",
    nearest: Nearest = False,
) -> None:
    """Выгрузить один случай: своё целиком, чужое по правилам. Export one case."""
    from gateway.cli_people import signed_in
    from gateway.use_cases.export_case import export_case

    require_folder(folder)
    house, requester, now = signed_in(login)
    made = export_case(house, requester, case_id, purpose, form, now, written=_written_as(encoding, nearest))
    written(folder, made.file.name, [made.file.content])
    console.print(f"Запись журнала: {made.entry_id}")


@export.command("thread")
def thread(
    message: Annotated[str, typer.Argument(help="Номер любого сообщения переписки. Id of any message of it.")],
    login: Login,
    folder: Folder = Path(),
    form: Form = "csv",
    encoding: Encoding = "utf-8",
    nearest: Nearest = False,
) -> None:
    """Выгрузить переписку: неоткрытые сообщения откроются. Export a thread; what was not opened is opened by it."""
    from gateway.cli_people import signed_in
    from gateway.use_cases.export_thread import export_thread
    from schemas.ids import MessageId

    require_folder(folder)
    house, requester, now = signed_in(login)
    made = export_thread(house, requester, MessageId(message), form, now, _written_as(encoding, nearest))
    written(folder, made.file.name, [made.file.content])
    console.print(f"Запись журнала: {made.entry_id}")


@export.command("message")
def message(
    message_id: Annotated[str, typer.Argument(metavar="MESSAGE", help="Номер сообщения. Message id.")],
    login: Login,
    folder: Folder = Path(),
    encoding: Encoding = "utf-8",
    nearest: Nearest = False,
) -> None:
    """Выгрузить одно сообщение таблицей, и в cp1251. Export one message as a table, also in cp1251."""
    from gateway.cli_people import signed_in
    from gateway.use_cases.export_message import export_message
    from schemas.ids import MessageId

    written_so = _written_as(encoding, nearest)
    require_folder(folder)
    house, requester, now = signed_in(login)
    made = export_message(house, requester, MessageId(message_id), now, written_so)
    written(folder, made.file.name, [made.file.content])
    console.print(f"Запись журнала: {made.entry_id}")


@export.command("own")
def own(
    login: Login,
    folder: Folder = Path(),
    form: Form = "csv",
    resume: Annotated[
        str | None, typer.Option(help="Номер прерванной выгрузки. Number of an export that was cut off.")
    ] = None,
    first: Annotated[
        int | None, typer.Option(help="С какой части; без неё с начала. From which part; else from the first.")
    ] = None,
    encoding: Encoding = "utf-8",
    nearest: Nearest = False,
) -> None:
    """Выгрузить все свои сведения: руководитель. Export all own data: the head."""
    from gateway.building import utc_now
    from gateway.cli_people import signed_in
    from gateway.use_cases.export_own import begin_export, read_export
    from gateway.use_cases.stream_export import archive_name, stream_export

    written_so = _written_as(encoding, nearest)
    require_folder(folder)
    house, requester, now = signed_in(login)
    made = read_export(house, requester, resume) if resume else begin_export(house, requester, form, now)
    console.print(f"Выгрузка {made.id}")
    content = stream_export(house, requester, made.id, utc_now, first or 1, written_so)
    written(folder, archive_name(made), content)
    parts = read_export(house, requester, made.id).parts
    console.print(f"Частей: {len(parts)}; записей: {sum(part.items for part in parts)}")


@export.command("cancel")
def cancel(
    export_id: Annotated[str, typer.Argument(help="Номер выгрузки. Number of the export.")], login: Login
) -> None:
    """Отменить выгрузку всех сведений. Cancel an export of all data."""
    from gateway.cli_people import signed_in
    from gateway.use_cases.export_own import cancel_export

    house, requester, now = signed_in(login)
    cancel_export(house, requester, export_id, now)
    console.print("Отменена.")


def _written_as(encoding: str, nearest: bool) -> Written:
    """How tables are wanted. Raises BadInput (format_unknown)."""
    from adapters.tables.output import written_as

    return written_as(encoding, "true" if nearest else "")


def require_folder(folder: Path) -> None:
    """Before anything is read for it. Raises BadInput (export_target)."""
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise BadInput("export_target")


def written(folder: Path, name: str, content: Iterable[bytes]) -> Path:
    """The file, whole or not at all, mode 0600. One of this name is not overwritten. Raises BadInput (export_target)."""
    target = folder / name
    handle, place = tempfile.mkstemp(prefix=".mezhved-", suffix=".part", dir=folder)  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in content:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        _moved(Path(place), target)
    except FileExistsError:
        raise BadInput("export_target") from None
    finally:
        with suppress(FileNotFoundError):
            Path(place).unlink()
    console.print(f"Записано: {target}")
    return target


def _moved(place: Path, target: Path) -> None:
    """Unlike a rename, a link fails where there is a file already. Some disks have none: there it is looked for first."""
    try:
        os.link(place, target)
    except FileExistsError:
        raise
    except OSError:
        if target.exists():
            raise FileExistsError from None
        place.replace(target)
