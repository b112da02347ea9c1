"""The story of the demo: the main job end to end, over HTTP, on synthetic data. Stops where anything differs.

Each `_step_…` is one paragraph of the README's story. What partners do goes through the running server; what the
operator and the DPO do at the machine goes through the same use cases as the command line.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from shutil import rmtree

import httpx2
from joserfc.jwk import ECKey
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from gateway.building import build_house
from gateway.demo import (
    story_duty,
    story_exchange,
    story_joint,
    story_lanes,
    story_oversight,
    story_package,
    story_people,
    story_practices,
)
from gateway.demo.client import DiffersError, PartnerSystem
from gateway.demo.people import people
from gateway.demo.play import SYSTEMS, Play
from gateway.demo.seed import PASSWORD, seed
from gateway.demo.stage import Stage
from gateway.install import install
from gateway.oauth.keys import generate_signing_key, public_jwk
from gateway.settings import Settings
from gateway.use_cases.register_participants import SCOPES, register_client
from schemas.errors import Broken

START_SECONDS = 60
MARK = "демо.txt"


def play(settings: Settings, *, once: bool) -> int:
    """Tell the story; 0 when everything was as expected, 1 when something differed."""
    console = Console(soft_wrap=False, width=None if sys.stdout.isatty() else 120)
    stage = Stage(console)
    home = settings.home / "demo"
    settings = settings.model_copy(update={"home": home, "database_url": "", "key_store_url": "", "public_url": ""})
    _refuse_taken_port(settings)
    console.print("[bold]Межвед. Показ на вымышленных данных.[/] Ни один человек здесь не существует.")
    server: subprocess.Popen[bytes] | None = None
    try:
        current = _prepare(settings, stage, home)
        stage.step("Сервер и токен доступа")
        server = _start(settings)
        _wait(settings, server)
        stage.came(f"Сервер отвечает: {settings.issuer}")
        token = current.systems["centre"].token()
        stage.sent(current.name("centre"), "client_credentials, private_key_jwt (ES256)")
        stage.came(f"Токен на 10 минут: {token[:24]}…")
        for step in (
            *story_exchange.STEPS,
            *story_lanes.STEPS,
            *story_package.STEPS,
            *story_duty.STEPS,
            *story_people.STEPS,
            *story_practices.STEPS,
            *story_joint.STEPS,
            *story_oversight.STEPS,
        ):
            step(current)
        _farewell(current)
    except DiffersError as error:
        console.print(f"\n[bold red]Показ остановлен: {error}[/]")
        _stop(server)
        return 1
    except BaseException:
        _stop(server)
        raise
    if once:
        _stop(server)
        console.print("\nПоказ завершён, сервер остановлен.")
        return 0
    console.print("\nСервер работает. Остановить: Ctrl+C.")
    try:
        server.wait()
    except KeyboardInterrupt:
        _stop(server)
    return 0


def _refuse_taken_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise Broken("port_in_use", host=settings.host, port=settings.port) from None


def _prepare(settings: Settings, stage: Stage, home: Path) -> Play:
    stage.step("Хранилище, ключи и вымышленные данные")
    if home.exists():
        if not (home / MARK).exists():
            raise Broken("demo_folder_foreign", folder=str(home))
        rmtree(home)
    try:
        home.mkdir(parents=True)
    except OSError:
        raise Broken("folder_not_writable", folder=str(home)) from None
    (home / MARK).write_text("Папка показа. При каждом make demo она создаётся заново. Данные вымышлены.\n", "utf-8")
    for line in install(settings):
        stage.came(line)
    house = build_house(settings)
    with Progress(TextColumn("   {task.description}"), BarColumn(), MofNCompleteColumn(), console=stage.console) as bar:
        task = bar.add_task("Семьи", total=None)
        seeded = seed(house, datetime.now(UTC), lambda done, total: bar.update(task, completed=done, total=total))
    kinds = sum(1 for organisation in seeded.organisations.values() if organisation.kind.endswith("centre"))
    stage.came(
        f"Организаций: {len(seeded.organisations)}, из них центров Москвы {kinds}; "
        f"семей {len(seeded.families)}, согласий {len(seeded.consents)}. Все семьи и сотрудники вымышлены."
    )
    current = Play(settings, stage, house, seeded)
    folder = home / "clients"
    folder.mkdir(mode=0o700)
    for part, key in SYSTEMS.items():
        current.systems[part] = _system(current, part, key, folder)
    return current


def _system(current: Play, part: str, organisation: str, folder: Path) -> PartnerSystem:
    private: ECKey = generate_signing_key().private
    client_id = f"{part}-system"
    jwks = {"keys": [public_jwk(private)]}
    organisation_id = current.seeded.organisations[organisation].id
    register_client(current.house, client_id, organisation_id, client_id, jwks, SCOPES, datetime.now(UTC))
    path = folder / f"{client_id}.pem"
    path.write_bytes(private.as_pem(private=True))
    path.chmod(0o600)
    return PartnerSystem(current.settings.issuer, client_id, private)


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MEZHVED_")},
        "MEZHVED_HOME": str(settings.home),
        "MEZHVED_HOST": settings.host,
        "MEZHVED_PORT": str(settings.port),
        "MEZHVED_RELAY_SECONDS": "0.2",
        "MEZHVED_ALERT_FILE": str(settings.home / story_duty.ALERTS),
    }
    return subprocess.Popen([sys.executable, "-m", "gateway", "serve"], env=environment)


def _wait(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise DiffersError("сервер не запустился, причина выше")
        try:
            if httpx2.get(f"{settings.issuer}/health", timeout=2).status_code == httpx2.codes.OK:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(0.1)
    raise DiffersError(f"сервер не ответил за {START_SECONDS} с")


def _stop(server: subprocess.Popen[bytes] | None) -> None:
    if server is None or server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()


def _farewell(current: Play) -> None:
    stage, address = current.stage, current.settings.issuer
    stage.step("Посмотрите сами")
    stage.came(
        f"Страницы: {address}/  (вход, очередь, новое направление, случай, решения, сроки, практика, журнал для ответственного)"
    )
    stage.came(
        f"API: {address}/graphql, описание и три запроса для вставки: {address}/api, схема: {address}/schema.graphql"
    )
    for name in ("case_summaries", "submit_message", "open_message"):
        query = resources.files("gateway.web").joinpath("examples", f"{name}.graphql").read_text("utf-8")
        stage.console.print(f"[dim]{escape(query.strip())}[/]\n")
    wanted = {"centre-01", "ngo-deti-nashi", "guardianship-vao", "operator"}
    rows = [
        (person.login, ", ".join(person.roles), current.seeded.organisations[person.organisation].name)
        for person in people()
        if person.organisation in wanted
    ]
    stage.table(("Логин", "Роли", "Организация"), rows)
    stage.came(f"Пароль у всех один: {PASSWORD}")
    stage.came(
        "Токен для запросов: .venv/bin/mezhved client token ngo-system "
        f"--key {current.settings.home}/clients/ngo-system.pem --url {address}"
    )
