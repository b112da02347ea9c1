"""Steps of the story in which people decide: an explanation, a hold, an emergency, and recorded decisions ruled again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from gateway.demo import queries
from gateway.demo.client import DiffersError
from gateway.demo.play import SYSTEMS, Play
from gateway.demo.story_exchange import EFFECTS, consent_input, find_case, invented_child, show_sections, summary_input
from gateway.use_cases.adopt_pack import PackShelf
from gateway.use_cases.decide_hold import HoldDecision, decide_hold
from gateway.use_cases.declare_emergency import declare_emergency
from gateway.use_cases.read_holds import read_holds
from gateway.use_cases.replay_decisions import replay_decisions
from gateway.use_cases.review_emergency import JUSTIFIED, open_emergency, read_emergencies, review_emergency
from gateway.use_cases.values import Requester
from policies.ruling import Effect

TEENAGER_YEARS: Final = 15
CATEGORIES: Final = ("ID", "CON", "LOC", "PLN", "HLT", "EDU")
THREAT: Final = (
    "Ребёнок звонил из дома: взрослый в опьянении угрожает ножом, дверь заперта. Вызвана полиция, нужен адрес "
    "(вымышленный пример)."
)


def _person(play: Play, login: str) -> Requester:
    with play.house.store.reading() as unit:
        person = unit.participants.person_by_login(login)
    if person is None:
        msg = f"сотрудника {login} нет"
        raise DiffersError(msg)
    return Requester(person.organisation_id, f"person:{person.id}", person.roles)


def _sections(case: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    found: dict[str, Any] = next(s["sections"] for s in case["subjects"] if s["kind"] == "child")
    return found


def step_explain(play: Play) -> None:
    """What would the guardianship body see, why, and what is missing: asked by the holder, without disclosing."""
    stage, ngo, guardianship = play.stage, play.systems["ngo"], play.systems["guardianship"]
    stage.step("Фонд спрашивает шлюз: что увидит опека о подростке и чего не хватает")
    child = invented_child(90, date(datetime.now(UTC).year - TEENAGER_YEARS, 1, 1))
    today = datetime.now(UTC).date()
    draft = summary_input(child, today, "случай-подросток")
    published = ngo.ask(queries.PUBLISH, {"input": draft})["publishCaseSummary"]
    ngo.ask(queries.RECORD_CONSENT, {"input": consent_input(child, play.ogrn("guardianship"), "CASE_MGMT", CATEGORIES)})
    play.kept["teen"] = published["caseId"]
    stage.note("Подростку пятнадцать, согласие подписала только мать.")
    variables = {"case": published["caseId"], "ogrn": play.ogrn("guardianship")}
    stage.sent(play.name("ngo"), "explain(organisation: опека, purpose: CASE_MGMT)")
    explained = ngo.ask(queries.EXPLAIN, variables)["explain"]
    subject = next(s for s in explained["subjects"] if s["kind"] == "child")
    rows = [
        (c["category"], EFFECTS[c["effect"]], c["rule"], "; ".join(m["rule"] for m in c["missing"]))
        for c in subject["categories"]
    ]
    stage.table(("Категория", "Решение", "Правило", "Что мешает"), rows)
    effects = {c["category"]: (c["effect"], c["rule"]) for c in subject["categories"]}
    stage.expect(effects["ID"] == ("HELD", "RU-GK-26-1"), "имя подростка ждёт человека: нужны две подписи")
    stage.expect(effects["HLT"] == ("HELD", "RU-323-54-1"), "здоровье после 15 лет ждёт подписи подростка")
    stage.came(f"Ничего не раскрыто; вопрос записан в журнал: {explained['entryId'][:8]}…")
    case = find_case(guardianship, published["caseId"], play)
    play.kept["teen_case"] = case["caseId"]
    show_sections(play, _sections(case))


def step_hold(play: Play) -> None:
    """What the rule holds, a person of the holder decides; the requester reads it through the same door."""
    stage = play.stage
    stage.step("Удержанное решает человек: руководитель фонда, по правилу и фактам, не видя содержания")
    head, now = _person(play, f"head.{SYSTEMS['ngo']}"), datetime.now(UTC)
    waiting = [shown for shown in read_holds(play.house, head, now) if shown.hold.rule == "RU-GK-26-1"]
    stage.expect(len(waiting) == 1, f"одно решение по этому правилу, а не {len(waiting)}")
    hold = waiting[0].hold
    stage.came(
        f"Ждёт решения до {hold.due_at.astimezone():%d.%m.%Y %H:%M}: {', '.join(sorted(hold.categories))}; {hold.rule}"
    )
    release = {category: Effect(best) for category, best in hold.categories.items() if category in {"ID", "PLN"}}
    decision = HoldDecision(release, "Подросток согласен устно, подпись привезут завтра (вымышлено).")
    decided = decide_hold(play.house, head, hold.id, decision, now)
    stage.came(f"Решение: передать {', '.join(sorted(release))}. Запись журнала {decided.entry_id[:8]}…")
    case = play.systems["guardianship"].ask(queries.SUMMARY, {"id": play.kept["teen_case"]})["caseSummary"]
    seen = show_sections(play, _sections(case))
    stage.expect(seen["identity"][0] == "RELEASED", "имя передано решением человека")
    stage.expect(seen["whereabouts"][0] == "WITHHELD", "остальное по этому правилу не передаётся")
    stage.expect(seen["health"][0] == "HELD", "здоровье ждёт своего решения")


def step_emergency(play: Play) -> None:
    """A named specialist declares a direct threat; the case opens for a time and is reviewed."""
    stage = play.stage
    stage.step("Прямая угроза: специалист опеки объявляет её словами, случай открывается на сутки")
    now = datetime.now(UTC)
    specialist = _person(play, f"specialist.{SYSTEMS['guardianship']}")
    declared = declare_emergency(play.house, specialist, play.kept["teen_case"], THREAT, now)
    stage.sent(play.name("guardianship"), "объявляет прямую угрозу", THREAT)
    stage.came(
        f"Открыто до {declared.ends_at.astimezone():%d.%m.%Y %H:%M}; "
        f"проверка до {declared.review_by.astimezone():%d.%m.%Y %H:%M}"
    )
    case = play.systems["guardianship"].ask(queries.EMERGENCY, {"id": play.kept["teen_case"]})["caseSummary"]
    seen = show_sections(play, _sections(case))
    stage.expect(seen["whereabouts"] == ("RELEASED", "RU-SK-56-3"), "адрес открыт тем, кто спасает")
    dpo = _person(play, f"dpo.{SYSTEMS['ngo']}")
    (shown,) = read_emergencies(play.house, dpo, now)
    words = open_emergency(play.house, dpo, shown.emergency.id, now).words
    stage.expect(words == THREAT, "ответственный читает слова объявившего")
    review_emergency(play.house, dpo, shown.emergency.id, JUSTIFIED, "Угроза подтверждена полицией (вымышлено).", now)
    stage.came("Ответственный фонда проверил: обосновано.")


def step_replay(play: Play) -> None:
    """Every recorded decision is ruled again by the pack of its time."""
    stage = play.stage
    stage.step("Повтор: все записанные решения, по правилам их времени")
    found = replay_decisions(play.house, datetime.now(UTC), PackShelf(play.house))
    stage.sent("Оператор", "mezhved policy replay")
    stage.expect(not found.differences and not found.unknown_packs, f"расходятся: {found.differences[:3]}")
    stage.expect(found.reproduced > 0, "должны быть записанные решения")
    stage.came(
        f"Решений {found.decisions}, категорий повторено {found.reproduced}, расходятся 0, "
        f"об уничтоженных {found.destroyed}."
    )


STEPS: Final = (step_explain, step_hold, step_emergency, step_replay)
