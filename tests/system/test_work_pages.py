"""The pages of queues, duty, absences and alerts as axe and a person with a phone see them; and the printed duty list."""

# ruff: noqa: F811  fixtures are imported by their names

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.building import utc_now
from gateway.use_cases.read_work import read_view
from gateway.use_cases.register_participants import register_person
from gateway.use_cases.send_alerts import send_alerts
from gateway.use_cases.values import Requester
from gateway.use_cases.watch_queue import watch_queue
from schemas.ids import MessageId
from tests.gateway.queues_world import Postman, keep, schedule, send
from tests.system.test_browser import PASSWORD, Desk, Served, chromium, served, sit  # noqa: F401  fixtures

pytestmark = pytest.mark.system

SHOTS = os.environ.get("MEZHVED_SCREENSHOTS")
"""A folder: pictures of every page are put there, wide and narrow."""


@pytest.fixture(scope="module")
def busy(served: Served) -> tuple[MessageId, MessageId]:
    """A queue with an emergency that nobody opened, an urgent message that somebody has, and a planned one."""
    town, house, now = served.town, served.town.house, utc_now()
    body = town.guardianship
    for login, role in (("boss", "head"), ("specialist", "guardianship_specialist"), ("ours", "curator")):
        home = town.school if login == "ours" else body
        register_person(house, home.id, login, f"Петрова {login}", PASSWORD, [role], now, synthetic=True)
    closed = schedule(opening=[{"since": "03:00", "until": "03:01", "days": ["sun"]}])
    keep(house, body, closed, now)
    ago = now - timedelta(minutes=70)
    late = send(town, ago, urgency="emergency")
    taken = send(town, ago, urgency="urgent", ref="K-2")
    send(town, ago, urgency="planned", ref="K-3")
    for minutes in (16, 31, 61):
        watch_queue(house, ago + timedelta(minutes=minutes))
        send_alerts(house, Postman(), ago + timedelta(minutes=minutes))
    return late, taken


def shot(desk: Desk, name: str) -> None:
    if not SHOTS:
        return
    folder = Path(SHOTS)
    folder.mkdir(parents=True, exist_ok=True)
    for width in (1200, 375):
        desk.page.set_viewport_size({"width": width, "height": 900})
        desk.page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
    desk.page.set_viewport_size({"width": 1200, "height": 900})


def test_every_page_of_work(
    served: Served,
    busy: tuple[MessageId, MessageId],
    sit: Callable[[bool], Desk],
) -> None:
    late, taken = busy
    desk = sit(True)
    desk.sign_in("boss")
    for name, path, words in (
        ("queue-all", "/queue", "Никем не взятые"),
        ("queue-free", "/queue?view=free", "Взять"),
        ("queue-overdue", "/queue?view=overdue", "Просрочено"),
        ("message-late", f"/messages/{late}", "Не открыто 15 минут"),
        ("duty", "/duty", "Позвонить"),
        ("duty-form", "/duty/edit", "Часы работы"),
        ("absences", "/absences", "Кто замещает"),
        ("alerts", "/alerts", "Новый сигнал, экстренно"),
        ("call", f"/messages/{late}/call", "Куда звонили"),
    ):
        desk.go(path)
        assert words in desk.body(), (name, words)
        desk.look(name)
        shot(desk, name)
    desk.go(f"/messages/{taken}")
    desk.page.select_option("#login", "specialist")
    desk.press("form[action$=assign] button")
    assert "Сотрудник назначен" in desk.body()
    desk.look("message-assigned")
    shot(desk, "message-assigned")
    desk.go(f"/messages/{taken}/hand")
    desk.press("form[action$=hand] button")
    assert "Выберите сотрудника" in desk.body()
    desk.look("hand")
    shot(desk, "hand")
    desk.go("/duty")
    desk.page.emulate_media(media="print")
    assert not desk.page.locator(".mz-nav").is_visible()
    assert desk.page.locator(".mz-phones").is_visible()
    if SHOTS:
        desk.page.screenshot(path=Path(SHOTS) / "duty-print.png", full_page=True)
    desk.page.emulate_media(media="screen")
    desk.sign_out()
    desk.sign_in("ours")
    desk.go(f"/messages/{late}")
    assert "Звоните 112." in desk.body()
    desk.look("message-sender")
    shot(desk, "message-sender")
    desk.go(f"/referrals/{late}/sent")
    assert "Орган опеки сейчас не работает." in desk.body()
    desk.look("sent-closed")
    shot(desk, "sent-closed")
    assert desk.faults == []


def test_without_javascript(
    served: Served,
    busy: tuple[MessageId, MessageId],
    sit: Callable[[bool], Desk],
) -> None:
    desk = sit(False)
    desk.sign_in("specialist")
    desk.go("/queue?view=free")
    before = len(_mine(served))
    desk.press("form[action$=take] button")
    assert "Сообщение у вас." in desk.body()
    assert len(_mine(served)) == before + 1
    assert desk.faults == []


def _mine(served: Served) -> list[object]:
    house = served.town.house
    with house.store.reading() as unit:
        person = unit.participants.person_by_login("specialist")
    assert person is not None
    who = Requester(person.organisation_id, f"person:{person.id}", person.roles)
    return list(read_view(house, who, "mine", utc_now()).rows)
