"""`mezhved evidence`: verify a log offline, export it, take the proof of an entry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.evidence import verify as verifier
from gateway.settings import read_settings
from gateway.use_cases.prove_entry import export_log, prove_entry
from schemas.ids import EntryId

evidence = typer.Typer(help="Журнал и его проверка. The log and its verification.", no_args_is_help=True)
console = Console(soft_wrap=True)


@evidence.command("verify")
def verify(
    file: Annotated[
        Path | None, typer.Argument(help="Экспорт или копия хранилища. An export or a copy of a store.")
    ] = None,
    proof: Annotated[Path | None, typer.Option(help="Доказательство одной записи. The proof of one entry.")] = None,
    key: Annotated[
        Path | None,
        typer.Option(help="Открытый ключ журнала, полученный отдельно. The log's public key, got elsewhere."),
    ] = None,
    key_from_file: Annotated[
        bool, typer.Option("--key-from-file", help="Только непротиворечивость самого файла. Self-consistency only.")
    ] = False,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="Контрольная точка, хранившаяся отдельно. A checkpoint kept elsewhere.")
    ] = None,
    lang: Annotated[str, typer.Option(help="ru или en.")] = "ru",
) -> None:
    """Проверить журнал без доступа к системе. Verify a log without the system."""
    arguments = [str(file)] if file else []
    arguments += ["--proof", str(proof)] if proof else []
    arguments += ["--key", str(key)] if key else []
    arguments += ["--key-from-file"] if key_from_file else []
    for path in checkpoint or []:
        arguments += ["--checkpoint", str(path)]
    raise typer.Exit(verifier.main([*arguments, "--lang", lang]))


@evidence.command("export")
def export(output: Annotated[Path, typer.Argument(help="Файл JSON Lines.")]) -> None:
    """Выгрузить журнал для проверки в другом месте. Export the log to be verified elsewhere."""
    from gateway.building import build_house

    house = build_house(read_settings())
    with output.open("w", encoding="utf-8") as file:
        file.writelines(export_log(house))
    console.print(f"Записано: {output}")


@evidence.command("prove")
def prove(
    entry: Annotated[str, typer.Argument(help="Номер записи. Entry id.")],
    output: Annotated[Path, typer.Argument(help="Файл JSON.")],
) -> None:
    """Взять доказательство одной записи. Take the proof of one entry."""
    from gateway.building import build_house

    output.write_text(prove_entry(build_house(read_settings()), EntryId(entry)), "utf-8")
    console.print(f"Записано: {output}")


@evidence.command("key")
def key() -> None:
    """Напечатать открытый ключ журнала. Print the log's public key."""
    from gateway.key_files import load_log_key

    settings = read_settings()
    console.print(load_log_key(settings.key_folder / "log.key", settings.log_origin).verifier().encode())
