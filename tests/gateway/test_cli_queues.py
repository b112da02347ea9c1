"""Duty and alerts by the operator, absences and the queue by people under their own logins: at the command line."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.building import build_house, utc_now
from gateway.settings import Settings
from gateway.use_cases.register_participants import register_person
from tests.builders import town
from tests.gateway.queues_world import NUMBER, schedule, send
from tests.gateway.test_cli import mezhved

PASSWORD = "длинный пароль для проб"


def test_the_whole_of_it(tmp_path: Path) -> None:
    assert mezhved(tmp_path, "migrate").returncode == 0
    house = build_house(Settings(home=tmp_path))
    made = town(house)
    body, now = made.guardianship, utc_now()
    for login, role in (("boss", "head"), ("one", "guardianship_specialist")):
        register_person(house, body.id, login, f"Имя {login}", PASSWORD, [role], now)
    file = tmp_path / "duty.json"
    file.write_text(schedule().model_dump_json(), "utf-8")
    assert "Сохранено" in mezhved(tmp_path, "duty", "set", body.ogrn, str(file)).stdout
    shown = json.loads(mezhved(tmp_path, "duty", "show", body.ogrn).stdout)
    assert shown["duty_line"][0]["number"] == NUMBER
    sent = send(made, now)
    assert "Первый" in mezhved(tmp_path, "duty", "list").stdout
    assert "new_signal urgent" in mezhved(tmp_path, "alerts", "list").stdout
    assert sent not in mezhved(tmp_path, "alerts", "list", "--to-ring").stdout

    def by(login: str, *words: str) -> str:
        done = mezhved(tmp_path, *words, "--login", login, stdin=f"{PASSWORD}\n")
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "Запись журнала" in by("boss", "queue", "assign", sent, "one")
    listed = by("one", "queue", "list", "--view", "mine")
    assert "Мои 1" in listed
    assert sent in listed
    today = now.astimezone(ZoneInfo(body.zone)).date().isoformat()  # where it works it may be the next day already
    by("one", "absence", "record", "one", "--first", today, "--last", today, "--substitute", "boss")
    rows = by("boss", "absence", "list")
    assert "Имя one" in rows
    absence = rows.split()[0]
    assert "работа возвращена" in by("one", "absence", "end", absence)
    wrong = mezhved(tmp_path, "duty", "set", "0", str(file))
    assert (wrong.returncode, "organisation_unknown" in wrong.stderr) == (2, True)
    file.write_text('{"opening": [{"since": "9"}]}', "utf-8")
    assert "field_invalid" in mezhved(tmp_path, "duty", "set", body.ogrn, str(file)).stderr
