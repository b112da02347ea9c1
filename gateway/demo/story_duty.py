"""A step of the story about an office that is closed: what the sender reads at once, and who is told without content."""

from __future__ import annotations

import time
from typing import Any, Final

import orjson

from gateway.demo import queries
from gateway.demo.client import DiffersError
from gateway.demo.duty import CLOSED_TODAY
from gateway.demo.play import Play
from schemas.ids import new_id

ALERTS: Final = "оповещения.jsonl"
"""The file under the demo's folder that stands for SMS and e-mail."""
ALERT_SECONDS: Final = 20
CHILD: Final = "Ночкина Пример Вымышленная"


def step_duty(play: Play) -> None:
    """A signal comes on a day without reception: the school reads what to do now, and the duty post gets an alert."""
    stage, school = play.stage, play.systems["school"]
    stage.step("Сигнал в опеку в неприёмный день: отправитель знает об этом сразу, дежурного будят")
    closed = play.seeded.organisations[CLOSED_TODAY]
    signal = {
        "operationId": new_id(),
        "type": "signal",
        "recipientOgrn": closed.ogrn,
        "trigger": "threat",
        "urgency": "emergency",
        "statement": "Ребёнок боится идти домой (вымышленный пример)",
        "persons": [{"kind": "child", "ref": "школа-18", "identity": {"fullName": CHILD}}],
    }
    school.ask(queries.SUBMIT, {"input": signal})
    stage.sent(play.name("school"), f"submitMessage (signal, экстренно): {closed.name}")
    asked = {"ogrn": closed.ogrn, "urgency": "emergency"}
    now = school.ask(queries.ORGANISATION_NOW, asked)["organisationNow"]
    stage.expect(now["works"] is False, "в неприёмный день орган закрыт")
    stage.expect("Орган опеки сейчас не работает" in now["advice"], "отправителю сказано, что никого нет")
    stage.came(f"{now['advice']} Телефон органа: {now['phone']}.")
    letter = _alert(play, now["phone"])
    stage.expect(CHILD not in letter["text"], "в оповещении нет имени")
    stage.came(f"Оповещение дежурному ({letter['channel']}, {letter['to']}): {letter['text']}")
    stage.note("Не откликнется дежурный — через 15 минут его заместитель, потом дежурный телефон, потом руководитель.")


def _alert(play: Play, address: str) -> dict[str, Any]:
    """The first letter to the duty post; waits for the thread that sends."""
    path = play.settings.home / ALERTS
    deadline = time.monotonic() + ALERT_SECONDS
    while time.monotonic() < deadline:
        for line in path.read_bytes().splitlines() if path.exists() else ():
            letter: dict[str, Any] = orjson.loads(line)
            if letter["to"] == address:
                return letter
        time.sleep(0.2)
    msg = f"дежурному ничего не сказано за {ALERT_SECONDS} с"
    raise DiffersError(msg)


STEPS: Final = (step_duty,)
