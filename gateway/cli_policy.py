"""`mezhved policy`: check the pack, run worked cases, decide cases of a file, replay what was decided."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.settings import read_settings
from gateway.use_cases.adopt_pack import PackShelf
from gateway.use_cases.replay_decisions import Replay
from policies.case_files import Case, parse_cases
from policies.cases import decide_cases, run_cases
from policies.engine import Engine
from policies.overview import MARKS, overview
from policies.pack import Pack, load_pack, shipped_pack
from policies.replay import Outcome
from policies.ruling import Effect
from schemas.errors import DocumentRejected
from schemas.ids import OrganisationId

policy = typer.Typer(help="Правила. The policy pack.", no_args_is_help=True)
console = Console(soft_wrap=True)


def _engine() -> Engine:
    settings = read_settings()
    return Engine(shipped_pack(settings.pack, settings.overlays_on))


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise DocumentRejected("file_unreadable", file=file.name) from None


@policy.command("check")
def check() -> None:
    """Проверить набор правил и его примеры. Validate the pack and run its cases."""
    engine = _engine()
    identity, overlays = engine.pack.identity, engine.pack.overlays
    console.print(f"Набор {identity.id} {identity.version}, SHA-256 {identity.digest}")
    # The cases of a pack say what the pack itself decides; what a region adds to it is told apart.
    own = Engine(shipped_pack(read_settings().pack)) if overlays else engine
    files = {name: parse_cases(text, name) for name, text in own.pack.case_files.items()}
    cases = [case for known in files.values() for case in known]
    _print_stages(own, cases)
    table = Table("Примеры", "Всего", "Расходятся")
    wrong = 0
    for name, known in files.items():
        different = [result for result in run_cases(own, known) if result.differences]
        wrong += len(different)
        table.add_row(name, str(len(known)), str(len(different)))
    console.print(table)
    for overlay in overlays:
        console.print(f"Региональное дополнение {overlay.name}: {overlay.says.title_ru}. {overlay.says.citation}.")
    if overlays:
        changed = sum(bool(result.differences) for result in run_cases(engine, cases))
        console.print(f"Примеров, которые с дополнениями решаются иначе: {changed}.")
    raise typer.Exit(1 if wrong else 0)


def _print_stages(engine: Engine, cases: Sequence[Case]) -> None:
    stages = overview(engine, cases)
    table = Table("Ступень", "Политик", "Правил", *Effect, "Примеров", "Без примера")
    confidence = Table("Уверенность", *MARKS)
    for stage in stages:
        numbers = (stage.policies, stage.rules, *stage.effects.values(), stage.cases, len(stage.unexercised))
        table.add_row(stage.name, *map(str, numbers))
        confidence.add_row(stage.name, *map(str, stage.confidence.values()))
    rules = engine.pack.rules.values()
    effects = Counter(rule.effect for rule in rules)
    unexercised = sum(len(stage.unexercised) for stage in stages)
    numbers = (
        len(rules),
        len({rule.rule for rule in rules}),
        *(effects[effect] for effect in Effect),
        len(cases),
        unexercised,
    )
    table.add_section()
    table.add_row("всего", *map(str, numbers))
    console.print(table, confidence)


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


@policy.command("replay")
def replay(
    proposed: Annotated[
        str | None, typer.Option(help="Предлагаемый набор: имя или папка. A proposed pack: name or folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON для программ. JSON.")] = False,
) -> None:
    """Повторить записанные решения; сравнить с предлагаемым набором. Replay recorded decisions, compare a proposed pack."""
    from gateway.building import build_house, utc_now
    from gateway.use_cases.replay_decisions import names_of_recipients, replay_decisions

    house = build_house(read_settings())
    wanted = Engine(_proposed(proposed)) if proposed else None
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("Повторяю решения", total=None)
        found = replay_decisions(house, utc_now(), PackShelf(house), wanted, lambda done: bar.advance(task, done))
    names = names_of_recipients(house)
    if as_json:
        print(json.dumps(_replayed(found, names), ensure_ascii=False, indent=1))  # noqa: T201  plain output for programs
    else:
        _print_replay(found, names)
    raise typer.Exit(1 if found.differences or found.unknown_packs else 0)


def _proposed(name: str) -> Pack:
    folder = Path(name)
    return load_pack(folder) if folder.is_dir() else shipped_pack(name)


def _replayed(found: Replay, names: Mapping[OrganisationId, str]) -> dict[str, object]:
    comparison = found.comparison
    return {
        "decisions": found.decisions,
        "reproduced": found.reproduced,
        "destroyed": found.destroyed,
        "unreadable": found.unreadable,
        "unknown_packs": dict(found.unknown_packs),
        "differences": [
            {
                "entry": difference.key,
                "category": difference.category,
                "recorded": _outcome(difference.recorded),
                "ruled": _outcome(difference.ruled),
            }
            for difference in found.differences
        ],
        "changes": [
            {
                "organisation": names.get(OrganisationId(change.recipient), change.recipient),
                "purpose": change.purpose,
                "category": change.category,
                "before": change.before.value,
                "after": change.after.value,
                "gains": change.gains,
                "count": change.count,
            }
            for change in (comparison.changes if comparison else ())
        ],
    }


def _outcome(outcome: Outcome | None) -> str | None:
    return f"{outcome.effect.value} {outcome.rule}" if outcome else None


def _print_replay(found: Replay, names: Mapping[OrganisationId, str]) -> None:
    console.print(
        f"Решений: {found.decisions}. Категорий повторено: {found.reproduced}, расходятся: {len(found.differences)}, "
        f"не читаются: {found.unreadable} (решений об уничтоженных: {found.destroyed})."
    )
    for digest, count in found.unknown_packs.items():
        console.print(f"Набора {digest} нет в хранилище: решений {count}.")
    if found.differences:
        table = Table("Запись", "Категория", "Записано", "Решено")
        for difference in found.differences:
            recorded, ruled = _outcome(difference.recorded), _outcome(difference.ruled)
            table.add_row(difference.key, difference.category, recorded or "", ruled or "")
        console.print(table)
    if found.comparison is not None:
        table = Table("Организация", "Цель", "Категория", "Было", "Станет", "Сколько", "")
        for change in found.comparison.changes:
            table.add_row(
                names.get(OrganisationId(change.recipient), change.recipient),
                change.purpose,
                change.category,
                change.before.value,
                change.after.value,
                str(change.count),
                "больше" if change.gains else "меньше",
            )
        console.print(table)
        console.print(
            f"Увидят больше: {found.comparison.gained}, меньше: {found.comparison.lost}, "
            f"без изменений: {found.comparison.unchanged}."
        )
