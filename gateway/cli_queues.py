"""`mezhved duty | alerts | absence | queue`: hours, duty and duty numbers, what people were told, who is away, who has what.

`duty` and `alerts` are of the operator, who registers on documents; the rest is done by a person under the own login.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from gateway.settings import read_settings
from gateway.use_cases.hand_message import assign_message
from gateway.use_cases.house import House
from gateway.use_cases.queue_values import TO_RING
from gateway.use_cases.read_work import read_view
from gateway.use_cases.record_absence import end_absence, read_absences, record_absence
from gateway.use_cases.set_duty import read_alerts_as_operator, read_all_duty, read_duty, set_duty_as_operator
from gateway.use_cases.sign_in import session_requester, sign_in, sign_out
from gateway.use_cases.values import Organisation, Requester
from policies.duty import is_open, on_duty
from schemas.duty import DutySchedule
from schemas.errors import BadInput, DocumentRejected
from schemas.ids import MessageId

OPERATOR = "operator:cli"

duty = typer.Typer(help="Часы работы, дежурства, телефоны. Hours, duty, phones.", no_args_is_help=True)
alerts = typer.Typer(help="Оповещения сотрудников. Alerts to people.", no_args_is_help=True)
absence = typer.Typer(help="Отсутствия и замещение. Absences and substitutes.", no_args_is_help=True)
queue = typer.Typer(help="Очередь организации. The queue of an organisation.", no_args_is_help=True)

console = Console(soft_wrap=True)

Ogrn = Annotated[str, typer.Argument(help="ОГРН организации. OGRN of the organisation.")]
Login = Annotated[str, typer.Option(help="Логин сотрудника; пароль спрашивается. Login; the password is asked for.")]


@duty.command("set")
def duty_set(ogrn: Ogrn, file: Annotated[Path, typer.Argument(help="Файл JSON (docs/queues.md). JSON file.")]) -> None:
    """Задать часы работы, дежурства и телефоны. Set hours, duty and phones."""
    try:
        schedule = DutySchedule.model_validate_json(file.read_bytes())
    except OSError:
        raise DocumentRejected("file_unreadable", file=file.name) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        raise BadInput("field_invalid", place=place, rule=first["type"]) from None
    house, now = _house()
    entry = set_duty_as_operator(house, _organisation(house, ogrn).id, schedule, OPERATOR, now)
    console.print(f"Сохранено. Запись журнала: {entry}")


@duty.command("show")
def duty_show(ogrn: Ogrn) -> None:
    """Показать расписание организации. Show the schedule of an organisation."""
    house, _ = _house()
    schedule = read_duty(house, _organisation(house, ogrn).id)
    print(json.dumps(schedule.model_dump(mode="json"), ensure_ascii=False, indent=1))  # noqa: T201  plain output


@duty.command("list")
def duty_list() -> None:
    """Кто работает сейчас, кто дежурит, куда звонить. Who works now, who is on duty, whom to ring."""
    house, now = _house()
    table = Table("Организация", "Сейчас", "Дежурит", "Телефоны")
    organisations, schedules = read_all_duty(house)
    for organisation in organisations:
        schedule = schedules.get(organisation.id)
        if schedule is None:
            table.add_row(organisation.name, "не указано", "", "")
            continue
        zone = ZoneInfo(organisation.zone)
        works = is_open(schedule, house.pack.calendar, zone, now)
        people = ", ".join(contact.name for contact in on_duty(schedule, house.pack.calendar, zone, now))
        numbers = [f"{phone.name} {phone.number}" for phone in schedule.duty_line]
        said = {True: "работает", False: "не работает", None: "не указано"}[works]
        table.add_row(organisation.name, said, people, "\n".join([*numbers, schedule.published_phone or ""]).strip())
    console.print(table)


@alerts.command("list")
def alerts_list(
    ogrn: Annotated[str | None, typer.Option(help="Только эта организация. Only this organisation.")] = None,
    to_ring: Annotated[
        bool, typer.Option("--to-ring", help="Только кому надо позвонить. Only who is to be rung.")
    ] = False,
) -> None:
    """Показать оповещения и их итог. List alerts and what became of them."""
    house, _ = _house()
    organisations, _ = read_all_duty(house)
    names = {organisation.id: organisation for organisation in organisations}
    only = _organisation(house, ogrn).id if ogrn else None
    for alert in read_alerts_as_operator(house, only, TO_RING if to_ring else None):
        organisation = names[alert.organisation_id]
        made = alert.made_at.astimezone(ZoneInfo(organisation.zone))
        whom = f"{alert.way.name} {alert.way.address}".strip() or "некому"
        outcome = f"{alert.state} {alert.outcome or ''}".strip()
        about = alert.message_id or "несколько сообщений"
        console.print(
            f"{made:%d.%m.%Y %H:%M} {organisation.name}: {alert.kind} {alert.urgency}, {about}\n"
            f"    {whom} {alert.way.channel}: {outcome}",
            markup=False,
            highlight=False,
        )


@absence.command("record")
def absence_record(
    person: Annotated[str, typer.Argument(help="Логин того, кого не будет. Login of who is away.")],
    login: Login,
    first: Annotated[str, typer.Option(help="Первый день, ГГГГ-ММ-ДД. First day.")],
    last: Annotated[str, typer.Option(help="Последний день, ГГГГ-ММ-ДД. Last day.")],
    substitute: Annotated[str | None, typer.Option(help="Логин заместителя. Login of the substitute.")] = None,
) -> None:
    """Записать отсутствие. Record an absence."""
    days = [_day(name, given) for name, given in (("--first", first), ("--last", last))]
    house, requester, now = _signed_in(login)
    made = record_absence(house, requester, person, days[0], days[1], substitute, now)
    console.print(f"Отсутствие {made.id} записано.")


@absence.command("end")
def absence_end(
    absence_id: Annotated[str, typer.Argument(help="Номер отсутствия. Id of the absence.")], login: Login
) -> None:
    """Прекратить отсутствие. End an absence."""
    house, requester, now = _signed_in(login)
    end_absence(house, requester, absence_id, now)
    console.print("Отсутствие прекращено, работа возвращена.")


@absence.command("list")
def absence_list(login: Login) -> None:
    """Показать отсутствия. List absences."""
    house, requester, now = _signed_in(login)
    found, desk = read_absences(house, requester, now)
    for row in found:
        console.print(
            f"{row.id} {desk.name(row.person_id)}: {row.from_at:%d.%m.%Y %H:%M}—{row.to_at:%d.%m.%Y %H:%M} UTC,"
            f" замещает {desk.name(row.substitute_id) or 'никто'}",
            markup=False,
            highlight=False,
        )


@queue.command("list")
def queue_list(login: Login, view: Annotated[str, typer.Option(help="mine, free, all, overdue, done")] = "all") -> None:
    """Показать очередь: срочность, срок, у кого. Show the queue: urgency, term, with whom."""
    house, requester, now = _signed_in(login)
    found = read_view(house, requester, view, now)
    tabs = found.tabs
    console.print(f"Мои {tabs.mine}, никем не взятые {tabs.free}, все {tabs.all}, просрочены {tabs.overdue}")
    for row in found.rows:
        late = " (просрочено)" if row.item.open and row.item.due_at <= now else ""
        holder = found.desk.name(found.desk.responsible(row.item.person_id)) or "никто"
        console.print(
            f"{row.message.id} {row.message.type} {row.message.urgency} {row.message.state.value}\n"
            f"    срок {row.item.due_at:%d.%m.%Y %H:%M} UTC{late}, у кого: {holder}",
            markup=False,
            highlight=False,
        )


@queue.command("assign")
def queue_assign(
    message: Annotated[str, typer.Argument(help="Номер сообщения. Message id.")],
    person: Annotated[str, typer.Argument(help="Логин того, кому. Login of whom.")],
    login: Login,
) -> None:
    """Назначить сообщение сотруднику. Give a message to a person."""
    house, requester, now = _signed_in(login)
    console.print(f"Запись журнала: {assign_message(house, requester, MessageId(message), person, now)}")


def _house() -> tuple[House, datetime]:
    from gateway.building import build_house, utc_now

    return build_house(read_settings()), utc_now()


def _signed_in(login: str) -> tuple[House, Requester, datetime]:
    """The house, the person after the password was checked, and the instant of the command."""
    password = typer.prompt("Пароль", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    house, now = _house()
    signed = sign_in(house, login, password, now)
    requester, _ = session_requester(house, signed.token, now)
    sign_out(house, signed.token)
    return house, requester, now


def _organisation(house: House, ogrn: str) -> Organisation:
    found = next((o for o in read_all_duty(house)[0] if o.ogrn == ogrn), None)
    if found is None:
        raise BadInput("organisation_unknown")
    return found


def _day(name: str, given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadInput("field_invalid", place=name, rule="2026-03-02") from None
