"""`mezhved directory import|export|list`: the directory of organisations and services at the command line."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli_losses import tell_losses
from gateway.cli_private import write_private
from gateway.settings import read_settings
from schemas.errors import BadInput, DocumentRejected

if TYPE_CHECKING:
    from adapters.report import ImportReport
    from gateway.use_cases.house import House
    from gateway.use_cases.values import Requester
    from schemas.directory import Directory

directory = typer.Typer(help="Карта ресурсов: организации и услуги. Directory of services.", no_args_is_help=True)
console = Console(soft_wrap=True)

OPERATOR = "operator:cli"
HSDS_CSV, HSDS_JSON, OPENDATA = "hsds-csv", "hsds-json", "opendata"
MAX_LISTED = 50


@directory.command("import")
def directory_import(
    file: Annotated[Path, typer.Argument(help="Файл zip, json, csv, xlsx, xml или папка. A file or a folder.")],
    form: Annotated[
        str | None,
        typer.Option(
            "--form",
            help="hsds-csv, hsds-json, opendata, contacts, xml, organisation-table, service-table; без неё узнаётся. Form.",
        ),
    ] = None,
    ogrn: Annotated[
        str | None, typer.Option(help="ОГРН участника, который принимает свои услуги. OGRN of a participant.")
    ] = None,
    reject: Annotated[
        Path | None,
        typer.Option(help="Куда записать отклонённое файлом того же вида. Where to write what was rejected."),
    ] = None,
) -> None:
    """Принять организации и услуги из файла. Take in organisations and services from a file."""
    from adapters.directory_files import read_directory_file
    from gateway.building import build_house, utc_now
    from gateway.use_cases.receive_directory import receive_directory

    settings = read_settings()
    house = build_house(settings)
    requester = _participant(house, ogrn) if ogrn else None
    content, digest = _content(file, settings.max_file_bytes)
    reading = read_directory_file(content, form)
    report = receive_directory(house, requester, OPERATOR, reading, digest, utc_now()).reading.report
    _print(report)
    if (rejected := reading.reject_file()) is not None:
        target = reject or file.with_name(f"{file.stem}.rejected{file.suffix or '.zip'}")
        write_private(target, [rejected])
        console.print(f"Отклонённое: {escape(str(target))}")
    raise typer.Exit(1 if report.rejected else 0)


@directory.command("export")
def directory_export(
    output: Annotated[Path, typer.Argument(help="Куда записать: zip или json. A zip or json file to write.")],
    form: Annotated[str, typer.Option("--form", help="hsds-csv, hsds-json, opendata. Form.")] = HSDS_CSV,
    inn: Annotated[str | None, typer.Option(help="ИНН издателя набора opendata. INN of the publisher.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Издатель набора opendata. Publisher of the set.")] = None,
    address: Annotated[str, typer.Option(help="Адрес набора на сайте. Address of the set.")] = "",
    russian: Annotated[bool, typer.Option("--russian", help="Русские заголовки в opendata. Russian headings.")] = False,
) -> None:
    """Выгрузить карту целиком для публикации. Write the whole directory for publication."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.receive_directory import export_directory

    found, now = export_directory(build_house(read_settings())), utc_now()
    is_open = form == OPENDATA
    content = _open_set(found, inn, publisher, address, now, russian=russian) if is_open else _hsds(found, form, now)
    output.write_bytes(content)
    console.print(f"Записано: {output}. Организаций: {len(found.organisations)}, услуг: {len(found.services)}.")


@directory.command("list")
def directory_list(
    district: Annotated[str | None, typer.Option(help="Округ или район. District.")] = None,
    territory: Annotated[str | None, typer.Option(help="Код ОКТМО. OKTMO code.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Вид услуги (код), можно несколько. Kind, repeatable.")] = None,
    age: Annotated[int | None, typer.Option(help="Возраст, лет. Age in years.")] = None,
    open_now: Annotated[bool, typer.Option("--open", help="Только открытые сейчас. Open now only.")] = False,
    after: Annotated[str | None, typer.Option(help="Продолжить после услуги. Go on after a service.")] = None,
) -> None:
    """Показать услуги карты. List services of the directory."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.directory_port import DirectorySearch
    from gateway.use_cases.search_directory import places_state, search_directory

    now = utc_now()
    asked = DirectorySearch(
        territory=territory,
        district=district,
        kinds=kind or (),
        ages=[(age, age)] if age is not None else (),
        open_at=now if open_now else None,
    )
    page = search_directory(build_house(read_settings()), asked, after, MAX_LISTED)
    table = Table("Услуга", "Организация", "Виды", "Места", "Номер")
    for one in page.services:
        places = places_state(one.service, now.date())
        figure = "" if one.service.free_places is None else f" {one.service.free_places}"
        names = (one.service.name, one.organisation.organisation.name, ", ".join(one.service.kinds))
        table.add_row(*map(escape, names), f"{places}{figure}", one.service.id)
    console.print(table)
    if page.next:
        console.print(f"Есть ещё: --after {page.next}")


def _participant(house: House, ogrn: str) -> Requester:
    from gateway.use_cases.values import Requester

    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return Requester(found.id, OPERATOR)


def _content(file: Path, limit: int) -> tuple[bytes | Mapping[str, bytes], str]:
    """What to read, and its SHA-256. A folder is its files, without folders in it."""
    from adapters.limits import DEFAULT_LIMITS, Limits, read_all

    limits = Limits(max_bytes=limit)
    hashed = hashlib.sha256()
    try:
        if not file.is_dir():
            with file.open("rb") as stream:
                content = read_all(stream, limits)
            return content, hashlib.sha256(content).hexdigest()
        files, left = {}, DEFAULT_LIMITS.max_unpacked
        for path in sorted(one for one in file.iterdir() if one.is_file() and one.suffix in {".csv", ".json"}):
            with path.open("rb") as stream:
                files[path.name] = stream.read(left + 1)
            left -= len(files[path.name])
            if left < 0:
                break
            hashed.update(files[path.name])
    except OSError:
        raise DocumentRejected("file_unreadable", file=file.name) from None
    return files, hashed.hexdigest()


def _hsds(found: Directory, form: str, now: datetime) -> bytes:
    from adapters.directory_files import FORMS
    from adapters.hsds.document import left_out, write_document
    from adapters.hsds.package import write_package

    if form == HSDS_CSV:
        return write_package(found, now)
    if form != HSDS_JSON:
        raise BadInput("format_unknown", known=", ".join(FORMS))
    if missing := left_out(found):
        console.print(f"Организаций без услуг, которых нет в этом виде файла: {len(missing)}.")
    return write_document(found, now)


def _open_set(
    found: Directory, inn: str | None, publisher: str | None, address: str, now: datetime, *, russian: bool
) -> bytes:
    from adapters.opendata.writer import Passport, write_set

    if not inn or not publisher:
        raise BadInput("field_invalid", place="--inn, --publisher", rule="required")
    return write_set(found, Passport(inn, publisher, address=address), now.date(), "russian" if russian else "latin")


def _print(report: ImportReport) -> None:
    console.print(f"Записей: {report.records}, принято: {report.accepted}, отклонено: {report.rejected}.")
    if report.complaints:
        table = Table("Запись", "Строка", "Место", "Правило", "Что не так", "Что сделать")
        for c in report.complaints:
            table.add_row(str(c.record or ""), str(c.line or ""), escape(c.place), c.code, c.message(), c.remedy())
        console.print(table)
    if report.dropped_columns:
        console.print("Не хранится и не принято:")
        for column in report.dropped_columns:
            console.print(f"  {escape(column)}")
    tell_losses(report.losses, console)
