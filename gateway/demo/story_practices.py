"""Steps of the story about a practice: a fund switches its terms on, records what happened, keeps what its practice keeps."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.demo.play import Play
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.read_case_records import read_case_records
from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.values import Requester
from policies.case_records import Said

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
KEEP: Final = "mutation($input: CaseRecordInput!) { keepCaseRecord(input: $input) { entryId ended started } }"
KEPT: Final = (
    "query($case: ID!) { caseRecords(caseId: $case) { family { id kind age } until"
    " norms { title unit value verdict } records { kind code } } }"
)
VERDICTS: Final = {
    "within": "в норме",
    "under": "меньше нормы",
    "over": "больше нормы",
    "unknown": "не учитывается",
}
LIFE: Final = ("first", "better")
SPHERES: Final = ("material", "health", "psychological", "learning")
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


def step_kept(play: Play) -> None:
    """What the fund keeps of the case for itself, and how the case stands by the norms of its practice."""
    stage, ngo, case = play.stage, play.systems["ngo"], play.kept["teen"]
    stage.step("Что фонд записывает о случае для себя, и нормы практики")
    family = ngo.ask(KEPT, {"case": case})["caseRecords"]["family"]
    parent = next(member["id"] for member in family if member["kind"] == "parent")
    said: list[dict[str, object]] = [
        {"kind": "SCENARIO", "code": "permanent_support"},
        {"kind": "READINESS", "code": "contemplation", "about": parent},
        {"kind": "SPENDING", "year": datetime.now(MOSCOW).year, "roubles": 184_500},
        {"kind": "CLOSING", "codes": ["help_uniform"]},
    ]
    for given in said:
        ngo.ask(KEEP, {"input": {**given, "caseId": case}})
    kept = ngo.ask(KEPT, {"case": case})["caseRecords"]
    stage.expect(len(kept["records"]) == len(said), "записано всё, и прежнее не меняется")
    stage.expect(kept["until"] is not None, "постоянное сопровождение: дата — совершеннолетие младшего ребёнка")
    stage.table(
        ("Норма", "Сейчас", "Что она говорит"),
        [
            (row["title"], "—" if row["value"] is None else f"{row['value']:g} {row['unit']}", VERDICTS[row["verdict"]])
            for row in kept["norms"]
        ],
    )
    refused = play.systems["guardianship"].refused(KEPT, {"case": case})["code"]
    stage.expect(refused == "case_unavailable", "опека этих записей не видит: для неё такого случая нет")
    stage.note("Записи запечатаны ключами семьи и не входят ни в сводку, ни в сообщения. Нормы ничего не запрещают.")
    _other_practice(play)


def _other_practice(play: Play) -> None:
    """A case of another practice, for its page: a type that changed, and a child's life in two records."""
    now = datetime.now(UTC)
    holder = next(found for found in play.seeded.organisations.values() if found.practice == "otkazniki")
    who = Requester(holder.id, "demo:story")
    with play.house.store.reading() as unit:
        case_id = unit.families.cases_of_holder(holder.id, 1)[0]
    case = str(play.house.vault.case_pseudonym(holder.id, case_id))
    for days, event in ((200, "request_received"), (195, "team_voted"), (190, "case_opened")):
        record_practice_event(play.house, who, case, event, now, at=now - timedelta(days=days))
    for days, code in ((189, "ordinary"), (60, "motivational")):
        keep_case_record(play.house, who, case, Said("case_type", code), now, at=now - timedelta(days=days))
    members = read_case_records(play.house, who, case, now).members
    child = next((member.pseudonym for member in members if member.kind == "child"), None)
    for days, state in zip((180, 90), LIFE, strict=True):
        if child is not None:
            said = Said("wellbeing", states=dict.fromkeys(SPHERES, state))
            keep_case_record(play.house, who, case, said, now, subject=child, at=now - timedelta(days=days))
    stage = play.stage
    stage.came(f"{holder.name}: тип случая менялся, качество жизни ребёнка записано дважды")
    stage.note(f"Страница «Ход случая»: /course?id={case} (сотрудник этой организации).")


def _day(due: str) -> str:
    here = datetime.fromisoformat(due).astimezone(MOSCOW)
    if here.time() == time.min:  # a term in days ends with its last day
        return f"{here - timedelta(microseconds=1):%d.%m.%Y}"
    return f"{here:%d.%m.%Y %H:%M}"


STEPS: Final = (step_terms, step_kept)
