"""The pages of delivery to partners' systems as axe, a keyboard and a phone see them."""

# ruff: noqa: F811  fixtures are imported by their names

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.building import utc_now
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.register_participants import register_person
from tests.builders import organisation
from tests.gateway.queues_world import send
from tests.system.test_browser import PASSWORD, Desk, Served, chromium, served, sit  # noqa: F401  fixtures
from tests.system.test_work_pages import shot

pytestmark = pytest.mark.system


def test_every_page_of_systems(served: Served, sit: Callable[[bool], Desk]) -> None:
    town, house, now = served.town, served.town.house, utc_now()
    operator = organisation(house, "gateway", "Оператор (тест)")
    for login, home, role in (("keeper", operator, "administrator"), ("admin", town.guardianship, "administrator")):
        register_person(house, home.id, login, f"Петрова {login}", PASSWORD, [role], now, synthetic=True)
    desk = sit(True)
    desk.sign_in("keeper")
    desk.go("/systems")
    assert "Ни у одной организации" in desk.body()
    desk.look("systems-empty")
    shot(desk, "systems-empty")
    ago = now - timedelta(hours=80)
    made = register_endpoint(house, town.guardianship.id, "nats", "partner-b", "test", ago, ordered=False)
    register_endpoint(house, town.ngo.id, "webhook", "https://127.0.0.1/a-rather-long-path/in", "test", now)
    for number in range(2):
        send(town, ago, ref=f"K-{number + 1}")
    send(town, now - timedelta(minutes=5), ref="K-3")
    for _ in range(100):  # the server itself tries, in vain: after 72 hours the older ones are dead
        desk.go("/systems")
        if "Не принимает" in desk.body() and "Не отвечает на проверку" in desk.body():
            break
        time.sleep(0.2)
    assert "Орган опеки (тест)" in desk.body()
    desk.look("systems")
    shot(desk, "systems")
    desk.go(f"/systems/{made.id}")
    assert "Этот способ на шлюзе не включён." in desk.body()
    desk.look("system")
    shot(desk, "system")
    desk.page.locator("form[action$=replay] button").first.focus()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**done=replayed**")
    assert "заново" in desk.body()
    desk.look("system-replayed")
    shot(desk, "system-replayed")
    desk.press("form[action$=pause] button")
    assert "Приостановлен" in desk.body()
    desk.look("system-paused")
    shot(desk, "system-paused")
    desk.sign_out()
    desk.sign_in("admin")
    desk.go("/systems")
    desk.look("systems-own")
    shot(desk, "systems-own")
    assert desk.faults == []
