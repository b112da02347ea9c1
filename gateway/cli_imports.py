"""`mezhved imports`: files that are taken step by step, as the operator sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.building import build_house
from gateway.cli_files import organisation_of, take_import
from gateway.settings import read_settings
from gateway.use_cases.read_imports import read_imports, stop_import
from gateway.use_cases.values import Requester
from schemas.catalogue import text

console = Console()
imports = typer.Typer(help="Приёмы файлов. Imports of files.", no_args_is_help=True)
Ogrn = Annotated[str, typer.Option(help="ОГРН отправителя. OGRN of the sender.")]
Number = Annotated[str, typer.Argument(help="Номер приёма. Number of the import.")]


@imports.command("list")
def list_imports(ogrn: Ogrn) -> None:
    """Показать последние приёмы организации. Show the newest imports of an organisation."""
    house = build_house(read_settings())
    for one in read_imports(house, Requester(organisation_of(house, ogrn), "operator:cli")):
        position, total = one.position, one.position.total
        state = text(f"web_files.import_{one.state}", "ru")
        counts = f"готово {position.settled}{'' if total is None else f' из {total}'}, отклонено {one.rejected}"
        console.print(
            f"{one.id}  {one.handed_in_at:%d.%m.%Y %H:%M} UTC  {state}: {counts}", soft_wrap=True, highlight=False
        )


@imports.command()
def resume(
    import_id: Number,
    ogrn: Ogrn,
    reject: Annotated[
        Path | None, typer.Option(help="Куда записать отклонённые строки. Where rejected rows go.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Куда записать подписанный отчёт, XML. Where the signed report goes.")
    ] = None,
) -> None:
    """Продолжить приём с того места, где он прервался. Take an import up where it was left."""
    house = build_house(read_settings())
    who = Requester(organisation_of(house, ogrn), "operator:cli")
    raise typer.Exit(take_import(house, who, import_id, console, reject, report))


@imports.command()
def stop(import_id: Number, ogrn: Ogrn) -> None:
    """Остановить приём или удалить файл оконченного. Stop an import, or remove the file of one that has ended."""
    house = build_house(read_settings())
    one = stop_import(house, Requester(organisation_of(house, ogrn), "operator:cli"), import_id)
    console.print("Остановится после записей, которые в работе." if one.is_open else "Файл удалён.")
