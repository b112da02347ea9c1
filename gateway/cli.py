"""The command `mezhved`. Each command calls a use case or a pure room and prints; errors end with a text and a code.

Exit codes: 0 done, 1 the answer is "no" (tampering found, cases differ, rows rejected), 2 it could not be done.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from gateway.cli_delivery import delivery
from gateway.cli_directory import directory
from gateway.cli_evidence import evidence
from gateway.cli_exports import export
from gateway.cli_formats import formats
from gateway.cli_imports import imports
from gateway.cli_packages import package
from gateway.cli_people import case, digest_of, emergency, explain, fact, hold
from gateway.cli_policy import policy
from gateway.cli_practices import practice as practice_commands
from gateway.cli_practices import timer
from gateway.cli_queues import absence, alerts, duty, queue
from gateway.cli_seals import seal
from gateway.cli_signatures import certificate, signature
from gateway.cli_smev import smev
from gateway.cli_tables import files
from gateway.settings import read_settings
from schemas.errors import MezhvedError

app = typer.Typer(
    name="mezhved",
    help="Межвед: обмен сведениями по согласию и направлениями. Gateway for consent-gated summaries and referrals.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
organisation = typer.Typer(help="Организации-участники. Participants.", no_args_is_help=True)
user = typer.Typer(help="Сотрудники. Staff.", no_args_is_help=True)
client = typer.Typer(help="Системы партнёров (OAuth). Partner systems.", no_args_is_help=True)
app.add_typer(organisation, name="organisation")
app.add_typer(user, name="user")
app.add_typer(client, name="client")
app.add_typer(policy, name="policy")
app.add_typer(fact, name="fact")
app.add_typer(hold, name="hold")
app.add_typer(emergency, name="emergency")
app.add_typer(case, name="case")
app.command("explain")(explain)
app.add_typer(delivery, name="delivery")
app.add_typer(seal, name="seal")
app.add_typer(package, name="package")
app.add_typer(certificate, name="certificate")
app.add_typer(signature, name="signature")
app.add_typer(smev, name="smev")
app.add_typer(export, name="export")
app.add_typer(formats, name="format")
app.add_typer(evidence, name="evidence")
app.add_typer(duty, name="duty")
app.add_typer(alerts, name="alerts")
app.add_typer(absence, name="absence")
app.add_typer(queue, name="queue")
app.add_typer(directory, name="directory")
app.add_typer(files, name="files")
app.add_typer(imports, name="imports")
app.add_typer(practice_commands, name="practice")
app.add_typer(timer, name="timer")

console = Console(soft_wrap=True)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Адрес, на котором слушать. Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Порт. Port.")] = None,
) -> None:
    """Запустить сервер. Run the server."""
    from gateway.serve import run

    changes = {k: v for k, v in (("host", host), ("port", port)) if v is not None}
    run(read_settings(**changes))


@app.command()
def migrate() -> None:
    """Создать или обновить хранилища и ключи. Create or upgrade stores and keys."""
    from gateway.install import install

    for line in install(read_settings()):
        console.print(line)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Закончить после рассказа. End after the story.")] = False,
) -> None:
    """Показать главное дело целиком на вымышленных данных. Play the main job on synthetic data."""
    from gateway.demo.story import play

    raise typer.Exit(play(read_settings(), once=once))


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="Файл XML, CSV или XLSX. An XML, CSV or XLSX file.")],
    ogrn: Annotated[str, typer.Option(help="ОГРН отправителя. OGRN of the sender.")],
    sheet: Annotated[
        int | None, typer.Option(help="Номер листа книги, если подходят несколько. Number of the sheet.")
    ] = None,
    profile: Annotated[
        str, typer.Option(help="Профиль: referrals, families, signals, contacts, answers или свой. Mapping profile.")
    ] = "referrals",
    reject: Annotated[
        Path | None, typer.Option(help="Куда записать отклонённые строки. Where rejected rows go.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Куда записать подписанный отчёт, XML. Where the signed report goes.")
    ] = None,
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="Только проверить: ничего не принять. Check only, take nothing.")
    ] = False,
) -> None:
    """Принять файл: направления, список семей, журнал сигналов, справочник. Take in a file."""
    from gateway.cli_files import import_file as run

    raise typer.Exit(run(read_settings(), file, ogrn, reject, console, sheet, profile, report, rehearsal=rehearsal))


@organisation.command("add")
def organisation_add(
    name: Annotated[str, typer.Argument(help="Наименование. Name.")],
    ogrn: Annotated[str, typer.Option(help="ОГРН. OGRN.")],
    kind: Annotated[str, typer.Option(help="Вид: ngo, guardianship, family_centre, kdn, school… Kind.")],
    district: Annotated[str | None, typer.Option(help="Округ. District.")] = None,
    practice: Annotated[str | None, typer.Option(help="Практика. Practice.")] = None,
    register: Annotated[
        list[str] | None,
        typer.Option(help="Запись в реестре: social_services_register, prevention_register. Register entry."),
    ] = None,
    agreement_from: Annotated[
        str | None, typer.Option(help="Соглашение действует с, ГГГГ-ММ-ДД. Agreement from.")
    ] = None,
    rkn: Annotated[str | None, typer.Option(help="Номер в реестре операторов Роскомнадзора. Operator number.")] = None,
    zone: Annotated[str, typer.Option(help="Часовой пояс. Time zone.")] = "Europe/Moscow",
) -> None:
    """Зарегистрировать организацию. Register an organisation."""
    from gateway.cli_register import add_organisation

    console.print(
        add_organisation(
            read_settings(), name, ogrn, kind, district, practice, register or [], agreement_from, zone, rkn
        )
    )


@organisation.command("change")
def organisation_change(
    ogrn: Annotated[str, typer.Argument(help="ОГРН. OGRN.")],
    kind: Annotated[str | None, typer.Option(help="Вид. Kind.")] = None,
    register: Annotated[
        list[str] | None, typer.Option(help="Записи в реестрах вместо прежних; «-» — ни одной. Register entries.")
    ] = None,
    agreement_from: Annotated[
        str | None, typer.Option(help="Соглашение с, ГГГГ-ММ-ДД или «-». Agreement from.")
    ] = None,
    agreement_to: Annotated[str | None, typer.Option(help="Соглашение по, ГГГГ-ММ-ДД или «-». Agreement to.")] = None,
    rkn: Annotated[str | None, typer.Option(help="Номер в реестре операторов. Operator number.")] = None,
    storage_country: Annotated[str | None, typer.Option(help="Страна хранения данных. Country of storage.")] = None,
    practice: Annotated[str | None, typer.Option(help="Практика. Practice.")] = None,
    zone: Annotated[str | None, typer.Option(help="Часовой пояс. Time zone.")] = None,
    copy: Annotated[
        Path | None, typer.Option(help="Копия документа: в журнал идёт её SHA-256. Copy of the document.")
    ] = None,
) -> None:
    """Изменить сведения об участнике по документам. Change a participant, on documents."""
    from gateway.cli_register import change_participant

    dates = {"agreement_from": agreement_from, "agreement_to": agreement_to}
    texts = {"kind": kind, "rkn_number": rkn, "storage_country": storage_country, "practice": practice, "zone": zone}
    evidence = digest_of(copy) if copy else None
    console.print(change_participant(read_settings(), ogrn, dates, texts, register, evidence))


@organisation.command("list")
def organisation_list() -> None:
    """Показать участников. List participants."""
    from gateway.cli_register import list_organisations

    table = Table("ОГРН", "Вид", "Округ", "Наименование")
    for row in list_organisations(read_settings()):
        table.add_row(*row)
    console.print(table)


@user.command("add")
def user_add(
    login: Annotated[str, typer.Argument(help="Логин. Login.")],
    ogrn: Annotated[str, typer.Option(help="ОГРН организации. OGRN of the organisation.")],
    name: Annotated[str, typer.Option(help="Имя для показа. Display name.")],
    role: Annotated[list[str], typer.Option(help="Роль, можно несколько: curator, dpo, head… Role, repeatable.")],
) -> None:
    """Завести сотрудника; пароль спрашивается. Add a person; the password is asked for."""
    from gateway.cli_register import add_person

    password = (
        typer.prompt("Пароль", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    console.print(add_person(read_settings(), login, ogrn, name, role, password))


@user.command("restore")
def user_restore(login: Annotated[str, typer.Argument(help="Логин. Login.")]) -> None:
    """Снова разрешить экстренный доступ. Let a person declare emergencies again."""
    from gateway.cli_register import restore_person

    console.print(restore_person(read_settings(), login))


@client.command("add")
def client_add(
    client_id: Annotated[str, typer.Argument(help="Имя клиента. Client id.")],
    ogrn: Annotated[str, typer.Option(help="ОГРН организации. OGRN of the organisation.")],
    jwks: Annotated[Path, typer.Option(help="Файл с открытыми ключами, JWKS. Public keys.")],
    scope: Annotated[list[str], typer.Option(help="Область доступа, можно несколько. Scope, repeatable.")],
) -> None:
    """Зарегистрировать систему партнёра. Register a partner's system."""
    from gateway.cli_register import add_client

    console.print(add_client(read_settings(), client_id, ogrn, jwks, scope))


@client.command("token")
def client_token(
    client_id: Annotated[str, typer.Argument(help="Имя клиента. Client id.")],
    key: Annotated[Path, typer.Option(help="Закрытый ключ PEM. Private key.")],
    url: Annotated[str, typer.Option(help="Адрес сервера. Address of the server.")],
) -> None:
    """Получить токен у работающего сервера. Get an access token from a running server."""
    from gateway.cli_register import ask_token

    print(ask_token(client_id, key, url))  # noqa: T201  plain output for scripts


def main() -> None:
    """Run the command; an error with a code is two lines and exit code 2, never a stack trace."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        app()
    except MezhvedError as error:
        err = Console(stderr=True, soft_wrap=True)
        err.print(f"[bold red]Ошибка {error.code}.[/] {error.message('ru')}")
        err.print(f"{error.remedy('ru')}")
        err.print(f"[dim]{error.message('en')} {error.remedy('en')}[/]")
        raise SystemExit(2) from None
    except Exception as error:  # noqa: BLE001  never a stack trace: it may quote personal data (law 8)
        broken = MezhvedError("internal_error")
        err = Console(stderr=True, soft_wrap=True)
        err.print(f"[bold red]Ошибка {broken.code}[/] ({type(error).__name__}). {broken.message('ru')}")
        raise SystemExit(2) from None
