"""`mezhved practice | timer`: the practice of one's organisation, its terms, and counting them again.

People of an organisation do it under their own login; `timer recompute` is the operator's, after a changed calendar.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Column, Table

from gateway.settings import read_settings
from gateway.use_cases.change_practice import change_practice, read_practice, switch_timer
from gateway.use_cases.practice_settings import kinds
from gateway.use_cases.read_timer_board import read_timer_board
from gateway.use_cases.recompute_timers import recompute_timers
from gateway.use_cases.record_practice_event import record_practice_event
from policies.profiles import shipped_practices
from schemas.errors import BadInput

practice = typer.Typer(help="Практика организации. The practice of an organisation.", no_args_is_help=True)
timer = typer.Typer(help="Сроки. Terms.", no_args_is_help=True)

console = Console(soft_wrap=True)
OPERATOR = "operator:cli"

Login = Annotated[str, typer.Option(help="Логин сотрудника; пароль спрашивается. Login; the password is asked for.")]


@practice.command("list")
def practice_list() -> None:
    """Показать практики, которые знает программа. List the practices that the program knows."""
    table = Table(Column("Практика", no_wrap=True), "Название", "Чья")
    for code, profile in shipped_practices().profiles.items():
        table.add_row(code, profile.title_ru, profile.whose_ru)
    console.print(table)


@practice.command("show")
def practice_show(login: Login) -> None:
    """Показать свою практику, её сроки и настройки. Show one's own practice, its timers and settings."""
    from gateway.cli_people import signed_in

    house, requester, _ = signed_in(login)
    own = read_practice(house, requester)
    console.print(f"[bold]{own.profile.title_ru}[/] ({own.organisation.practice})")
    table = Table(Column("Настройка", no_wrap=True), "Вид", "Значение")
    for name, kind in kinds(own.profile).items():
        table.add_row(name, kind, own.chosen.value(name) or "не задано")
    console.print(table)


@practice.command("switch")
def practice_switch(
    name: Annotated[str, typer.Argument(help="Срок практики, например first-visit. Timer of the practice.")],
    login: Login,
    off: Annotated[bool, typer.Option("--off", help="Выключить. Switch off.")] = False,
) -> None:
    """Включить или выключить срок практики. Switch a timer of the practice on or off."""
    from gateway.cli_people import signed_in

    house, requester, now = signed_in(login)
    console.print(f"Запись журнала: {switch_timer(house, requester, name, now, on=not off)}")


@practice.command("set")
def practice_set(
    name: Annotated[str, typer.Argument(help="Настройка. Setting.")],
    login: Login,
    value: Annotated[
        str | None, typer.Option(help="Значение; без него настройка снимается. Value; none: unset.")
    ] = None,
) -> None:
    """Задать то, что практика оставляет открытым. Set what the practice leaves open."""
    from gateway.cli_people import signed_in

    house, requester, now = signed_in(login)
    console.print(f"Запись журнала: {change_practice(house, requester, name, value, now)}")


@practice.command("record")
def practice_record(
    case_id: Annotated[str, typer.Argument(help="Обозначение случая. Case id.")],
    event: Annotated[str, typer.Argument(help="Событие практики. Event of the practice.")],
    login: Login,
    at: Annotated[str | None, typer.Option(help="Когда, ГГГГ-ММ-ДДTЧЧ:ММ+03:00; по умолчанию сейчас. When.")] = None,
) -> None:
    """Записать событие практики по случаю. Record an event of the practice on a case."""
    from gateway.cli_people import signed_in

    try:
        happened = datetime.fromisoformat(at) if at else None
    except ValueError:
        raise BadInput("field_invalid", place="--at", rule="YYYY-MM-DDTHH:MM+03:00") from None
    house, requester, now = signed_in(login)
    recorded = record_practice_event(house, requester, case_id, event, now, at=happened)
    console.print(f"Стадия: {recorded.stage}. Запись журнала: {recorded.entry_id}")
    if recorded.new_case:
        console.print("Откройте новый случай: он наследует документы прежнего.")


@timer.command("board")
def timer_board(login: Login) -> None:
    """Показать сроки своей организации. Show the terms of one's organisation."""
    from gateway.cli_people import signed_in

    house, requester, now = signed_in(login)
    with house.store.reading() as unit:
        organisation = unit.participants.organisation(requester.organisation_id)
    zone = ZoneInfo(organisation.zone if organisation else "UTC")
    table = Table(Column("Номер", no_wrap=True), "Группа", "Срок", "Что сделать")
    for line in read_timer_board(house, requester, now).lines:
        table.add_row(line.row.id, line.group, _day(line.row.due_at.astimezone(zone)), line.title)
    console.print(table)


def _day(here: datetime) -> str:
    """The last day of a term in days, the minute of one in hours."""
    if here.time() == time.min:
        return f"{here - timedelta(microseconds=1):%d.%m.%Y}"
    return f"{here:%d.%m.%Y %H:%M}"


@timer.command("recompute")
def timer_recompute() -> None:
    """Пересчитать все идущие сроки от их начала. Count all running terms again from their starts."""
    from gateway.building import build_house, utc_now

    found = recompute_timers(build_house(read_settings()), OPERATOR, utc_now())
    console.print(
        f"Идёт: {found.running}, сдвинулось: {found.moved}, записанных нарушений сохранено: {len(found.kept)}."
    )
    console.print(f"Запись журнала: {found.entry_id}")
