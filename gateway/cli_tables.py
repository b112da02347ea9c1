"""`mezhved files propose|profiles|profile|withdraw`: how an organisation's own tables are read, made with a guide.

Nothing of what stands in a table is shown: samples are shapes, complaints are counted by rule.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.settings import read_settings
from schemas.errors import BadInput, DocumentRejected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.limits import Limits
    from adapters.tables.overlay import Overlay
    from adapters.tables.propose import Proposal, Proposed
    from gateway.use_cases.house import House
    from gateway.use_cases.intake_values import StoredProfile
    from gateway.use_cases.values import Requester

files = typer.Typer(help="Свои таблицы: как их читать. How own tables are read.", no_args_is_help=True)
console = Console(soft_wrap=True)

OPERATOR = "operator:cli"
NOT_KEPT = "-"
_HOW = {
    "exact": "точно",
    "lookalike": "буквы похожи",
    "similar": "похоже",
    "content": "по содержанию",
    "not_kept": "не хранится",
    "unknown": "не узнан",
}


@files.command("propose")
def files_propose(
    file: Annotated[Path, typer.Argument(help="Таблица CSV или XLSX. A CSV or XLSX table.")],
    ogrn: Annotated[str, typer.Option(help="ОГРН организации. OGRN of the organisation.")],
    name: Annotated[str, typer.Option(help="Имя профиля латиницей. Name of the profile.")] = "own",
    base: Annotated[
        str | None,
        typer.Option(
            "--as", help="referrals, families, signals, contacts или answers; без неё узнаётся. What the table is."
        ),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="Ответы файлом YAML вместо вопросов: columns, defaults. Answers as a file.")
    ] = None,
    sheet: Annotated[int | None, typer.Option(help="Номер листа книги. Number of the sheet.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Записать профиль в файл и не сохранять. Write to a file only."),
    ] = None,
) -> None:
    """Предложить, что значит каждый столбец, спросить и сохранить профиль. Propose a mapping, ask, keep it."""
    import yaml

    from adapters.limits import Limits
    from adapters.tables.overlay import load_overlay
    from adapters.tables.propose import propose

    settings = read_settings()
    limits = Limits(max_bytes=settings.max_file_bytes)
    content = _content(file, limits)
    given = _answers(answers)
    found = propose(content, base or given.get("base"), limits, sheet)
    _show(found)
    columns = dict(given.get("columns") or {})
    defaults = dict(given.get("defaults") or {})
    if answers is None and sys.stdin.isatty():
        columns |= _ask(found)
        defaults |= _ask_defaults(found)
    _require_all(found, columns)
    said = {
        **given,
        "name": given.get("name") or name,
        "base": found.base.name,
        "columns": columns,
        "defaults": defaults,
    }
    overlay = load_overlay(yaml.safe_dump(said, allow_unicode=True))
    console.print(_dry_run(content, overlay, limits, ogrn, sheet))
    if output is not None:
        output.write_text(overlay.text(), "utf-8")
        console.print(f"Профиль записан: {escape(str(output))}.")
        return
    _keep(ogrn, overlay.text())


@files.command("profiles")
def files_profiles(
    ogrn: Annotated[str, typer.Option(help="ОГРН организации. OGRN of the organisation.")],
    name: Annotated[str | None, typer.Option(help="Показать этот профиль целиком. Show one in full.")] = None,
    versions: Annotated[
        bool, typer.Option("--versions", help="Вместе с --name: все версии, когда и кем. All versions of that one.")
    ] = False,
) -> None:
    """Показать профили организации: версия, когда и кем. List the profiles of an organisation."""
    from gateway.use_cases.keep_mapping_profile import read_history, read_profiles, read_withdrawn

    house, requester = _organisation(ogrn)
    if name is None:
        _list([*read_profiles(house, requester), *read_withdrawn(house, requester)])
        return
    found = read_history(house, requester, name)
    if versions:
        _list(found.versions)
    elif found.newest.is_withdrawn:
        raise BadInput("profile_withdrawn", name=name, known=_names(read_profiles(house, requester)))
    else:
        console.print(escape(found.newest.content), end="")


@files.command("profile")
def files_profile(
    file: Annotated[Path, typer.Argument(help="Профиль, файл YAML. A profile, a YAML file.")],
    ogrn: Annotated[str, typer.Option(help="ОГРН организации. OGRN of the organisation.")],
) -> None:
    """Сохранить профиль из файла. Keep a profile from a file."""
    _keep(ogrn, _text(file))


@files.command("withdraw")
def files_withdraw(
    name: Annotated[str, typer.Argument(help="Имя профиля. Name of the profile.")],
    ogrn: Annotated[str, typer.Option(help="ОГРН организации. OGRN of the organisation.")],
    yes: Annotated[bool, typer.Option("--yes", help="Не переспрашивать. Do not ask.")] = False,
) -> None:
    """Больше не читать таблицы по этому профилю; что принято, остаётся. Do not read tables by a profile any more."""
    from gateway.building import utc_now
    from gateway.use_cases.keep_mapping_profile import read_history, withdraw_profile

    house, requester = _organisation(ogrn)
    if waiting := read_history(house, requester, name).waiting:
        console.print(f"Файлов, которые ещё не приняты по нему и будут отклонены: {waiting}.")
    if not yes:
        typer.confirm(f"Отозвать профиль «{name}»?", abort=True)
    console.print(f"Отозван: {withdraw_profile(house, requester, name, utc_now()).name}.")


def _list(profiles: Sequence[StoredProfile]) -> None:
    table = Table("Имя", "Версия", "Что сделано", "Когда (UTC)", "Кем")
    for one in profiles:
        done = "отозван" if one.is_withdrawn else "записан"
        table.add_row(one.name, str(one.version), done, f"{one.written_at:%d.%m.%Y %H:%M}", one.actor)
    console.print(table)


def _names(profiles: Sequence[StoredProfile]) -> str:
    return ", ".join(profile.name for profile in profiles)


def _keep(ogrn: str, text: str) -> None:
    from gateway.building import utc_now
    from gateway.use_cases.keep_mapping_profile import write_profile

    house, requester = _organisation(ogrn)
    made = write_profile(house, requester, text, utc_now())
    console.print(f"Профиль «{made.name}», версия {made.version}: mezhved import ФАЙЛ --profile {made.name}")


def _organisation(ogrn: str) -> tuple[House, Requester]:
    from gateway.building import build_house
    from gateway.use_cases.values import Requester

    house = build_house(read_settings())
    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return house, Requester(found.id, OPERATOR)


def _content(file: Path, limits: Limits) -> bytes:
    from adapters.limits import read_all

    try:
        with file.open("rb") as stream:
            return read_all(stream, limits)
    except OSError:
        raise DocumentRejected("file_unreadable", file=file.name) from None


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise DocumentRejected("file_unreadable", file=file.name) from None


def _answers(file: Path | None) -> dict[str, Any]:
    """What the file says; its shape is checked as that of a profile is."""
    import yaml

    if file is None:
        return {}
    try:
        found = yaml.safe_load(_text(file))
    except yaml.YAMLError:
        raise BadInput("profile_invalid", place=file.name, rule="YAML") from None
    if not isinstance(found, dict) or not all(
        isinstance(found.get(name) or {}, dict) for name in ("columns", "defaults")
    ):
        raise BadInput("profile_invalid", place=file.name, rule="columns, defaults")
    return {str(key): value for key, value in found.items() if value is not None}


def _show(found: Proposed) -> None:
    lines = ", ".join(map(str, found.lines))
    console.print(
        f"Похоже на профиль «{found.base.name}»; заголовки в строке {lines}. Содержимое показано формой, без букв."
    )
    table = Table("Столбец", "Что это", "Как узнан", "На что похоже содержимое")
    for one in found.proposals:
        table.add_row(escape(one.heading), escape(_field(one)), _HOW[one.how.value], escape(" · ".join(one.samples)))
    console.print(table)


def _field(one: Proposal) -> str:
    return f"{one.column.heading} ({one.column.field})" if one.column else ""


def _ask(found: Proposed) -> dict[str, str]:
    """A word of the person for each column that is not sure."""
    columns: dict[str, str] = {}
    for one in found.proposals:
        if one.is_sure:
            continue
        offered = one.column.field if one.column else NOT_KEPT
        while True:
            said = str(typer.prompt(f"«{one.heading}»: поле, или «{NOT_KEPT}» — не принимать", default=offered)).strip()
            if said == NOT_KEPT or said in found.base.by_field:
                columns[one.heading] = said
                break
            near = [field for field in found.base.by_field if said.casefold() in field]
            console.print("Такого поля нет. " + escape(", ".join(near or found.base.by_field)))
    return columns


def _ask_defaults(found: Proposed) -> dict[str, str]:
    defaults: dict[str, str] = {}
    for field in found.missing:
        if field != "sender_ogrn" and "." not in field:
            column = found.base.by_field[field]
            if said := str(
                typer.prompt(f"Нет столбца «{column.heading}». Значение для всех строк", default="")
            ).strip():
                defaults[field] = said
    return defaults


def _require_all(found: Proposed, columns: dict[str, str]) -> None:
    """What is only likely was confirmed by somebody. Raises BadInput (mapping_unconfirmed)."""
    open_ones = [one.heading for one in found.proposals if not one.is_sure and one.heading not in columns]
    if open_ones:
        raise BadInput("mapping_unconfirmed", columns="; ".join(open_ones))


def _dry_run(content: bytes, overlay: Overlay, limits: Limits, ogrn: str, sheet: int | None) -> str:
    """What the profile would make of this file, by counts: nothing is taken in. Raises as reading does."""
    from adapters.trial import try_profile

    report = try_profile(content, overlay.profile(), ogrn, limits, sheet)
    rules: Counter[str] = report.rules
    told = ", ".join(f"{code} {count}" for code, count in rules.most_common())
    return f"Проба: записей {report.records}, подходит {report.accepted}. Замечания: {told or 'нет'}."
