"""A step of the story about terms: a fund switches its practice's terms on, records what happened, and sees its board."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.demo.play import Play

CHANGE: Final = 'mutation($name: String!) { changePractice(name: $name, value: "on") }'
RECORD: Final = (
    "mutation($case: ID!, $event: String!) { recordPracticeEvent(caseId: $case, event: $event)"
    " { stage started { timer dueAt } ended { timer } } }"
)
BOARD: Final = "{ timerBoard(first: 20) { items { title group dueAt practice } } }"
GROUPS: Final = {
    "overdue": "просрочено",
    "today": "сегодня",
    "week": "на этой неделе",
    "later": "позже",
    "paused": "остановлено",
}
MOSCOW: Final = ZoneInfo("Europe/Moscow")


def step_terms(play: Play) -> None:
    """A signal starts the terms of the visit; the visit ends them and starts that of the report."""
    stage, ngo = play.stage, play.systems["ngo"]
    stage.step("Сроки практики: фонд включает свои и ведёт по ним случай")
    for timer in ("first-visit-team", "first-visit", "first-visit-report"):
        ngo.ask(CHANGE, {"name": f"timer.{timer}"})
    case = play.kept["teen"]
    stage.sent(play.name("ngo"), "recordPracticeEvent(signal_received)")
    signal = ngo.ask(RECORD, {"case": case, "event": "signal_received"})["recordPracticeEvent"]
    stage.expect(len(signal["started"]) == 2, "сигнал начинает два срока")  # noqa: PLR2004  the team and the visit
    for started in sorted(signal["started"], key=lambda row: str(row["dueAt"])):
        stage.came(f"{started['timer']}: до {_day(started['dueAt'])} по производственному календарю")
    visit = ngo.ask(RECORD, {"case": case, "event": "first_visit"})["recordPracticeEvent"]
    stage.expect([row["timer"] for row in visit["started"]] == ["first-visit-report"], "выезд начинает срок отчёта")
    stage.expect(len(visit["ended"]) == 2, "выезд закрывает оба срока")  # noqa: PLR2004  as above
    lines = ngo.ask(BOARD)["timerBoard"]["items"]
    stage.table(
        ("Что сделать", "Когда", "Срок"),
        [(row["title"], GROUPS[row["group"]], _day(row["dueAt"])) for row in lines[:6]],
    )
    stage.note("Страница «Сроки»: то же с оставшимся временем, нагрузкой по неделям и календарём для печати.")


def _day(due: str) -> str:
    here = datetime.fromisoformat(due).astimezone(MOSCOW)
    if here.time() == time.min:  # a term in days ends with its last day
        return f"{here - timedelta(microseconds=1):%d.%m.%Y}"
    return f"{here:%d.%m.%Y %H:%M}"


STEPS: Final = (step_terms,)
