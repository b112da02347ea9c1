"""`mezhved policy`: check the pack, run worked cases, decide cases of a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.settings import read_settings
from policies.case_files import parse_cases
from policies.cases import decide_cases, run_cases
from policies.engine import Engine
from policies.pack import shipped_pack
from schemas.errors import DocumentRejected

policy = typer.Typer(help="Правила. The policy pack.", no_args_is_help=True)
console = Console(soft_wrap=True)


def _engine() -> Engine:
    return Engine(shipped_pack(read_settings().pack))


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise DocumentRejected("file_unreadable", file=file.name) from None


@policy.command("check")
def check() -> None:
    """Проверить набор правил и его примеры. Validate the pack and run its cases."""
    engine = _engine()
    identity = engine.pack.identity
    console.print(f"Набор {identity.id} {identity.version}, SHA-256 {identity.digest}")
    table = Table("Примеры", "Всего", "Расходятся")
    wrong = 0
    for name, text in engine.pack.case_files.items():
        results = run_cases(engine, parse_cases(text, name))
        different = [result for result in results if result.differences]
        wrong += len(different)
        table.add_row(name, str(len(results)), str(len(different)))
    console.print(table)
    console.print(f"Правил, которые решают: {len({rule.rule for rule in engine.pack.rules.values()})}.")
    raise typer.Exit(1 if wrong else 0)


@policy.command("test")
def test(file: Annotated[Path, typer.Argument(help="Файл примеров. A file of cases.")]) -> None:
    """Сверить файл примеров; показать каждое расхождение. Run a file of cases, print every difference."""
    results = run_cases(_engine(), parse_cases(_read(file), file.name))
    table = Table("Пример", "Категория", "Ожидалось", "Решено")
    for result in results:
        for difference in result.differences:
            expected, ruled = difference.expected, difference.ruled
            table.add_row(
                str(result.case.n),
                difference.category,
                f"{expected.effect.value} {expected.rule}",
                f"{ruled.effect.value} {ruled.rule}",
            )
    wrong = sum(bool(result.differences) for result in results)
    if wrong:
        console.print(table)
    console.print(f"Примеров: {len(results)}, расходятся: {wrong}.")
    raise typer.Exit(1 if wrong else 0)


@policy.command("decide")
def decide(file: Annotated[Path, typer.Argument(help="Файл с фактами. A file of facts.")]) -> None:
    """Решить каждый пример и напечатать JSON. Decide each case and print JSON."""
    print(json.dumps(decide_cases(_engine(), _read(file), file.name), ensure_ascii=False, indent=1))  # noqa: T201  plain output for programs
