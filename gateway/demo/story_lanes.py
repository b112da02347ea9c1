"""A step of the story about lanes: a question without names, and a refusal that shows the lawful way."""

from __future__ import annotations

from typing import Any, Final

from gateway.demo import queries
from gateway.demo.play import Play
from schemas.ids import new_id

WORDS: Final = "Подростку некуда вернуться на ночь, нужен психолог"
NAMED: Final = "Спросите Иванову Марию Петровну, 8 900 000-00-00"
SIGNAL_WORDS: Final = "Ребёнок пришёл со следами побоев (вымышленный пример)"


def step_lanes(play: Play) -> None:
    """First contact names nobody; what is outside the lanes says what would be lawful; a signal finds the right body."""
    stage, school = play.stage, play.systems["school"]
    stage.step("Вопрос без имён; сигнал не туда получает в ответ, чей он")
    stage.sent(play.name("school"), "submitMessage (inquiry)", NAMED)
    refused = school.refused(queries.SUBMIT, {"input": _inquiry(play, NAMED)})
    stage.expect(refused["code"] == "text_not_nameless", "имя в вопросе без имён не проходит")
    stage.came(f"{refused['code']}: имя и телефон отмечены, ничего не отправлено.")
    asked = school.ask(queries.SUBMIT, {"input": _inquiry(play, WORDS)})["submitMessage"]["message"]
    stage.sent(play.name("school"), "submitMessage (inquiry)", WORDS)
    stage.expect(asked["state"] == "delivered", "экстренный вопрос лежит в очереди сразу")
    opened = play.systems["ngo"].ask(queries.OPEN_INQUIRY, {"id": asked["id"]})["openMessage"]
    stage.came(f"{play.name('ngo')}: открыто, людей в нём {len(opened['subjects'])}, слов {len(opened['words'])}.")

    signal = {
        "operationId": new_id(),
        "type": "signal",
        "recipientOgrn": play.ogrn("ngo"),
        "trigger": "abuse",
        "statement": SIGNAL_WORDS,
        "persons": [{"kind": "child", "ref": "школа-17", "identity": {"fullName": "Примеров Пример (вымышлен)"}}],
    }
    stage.sent(play.name("school"), "submitMessage (signal, фонду)", SIGNAL_WORDS)
    refused = school.refused(queries.SUBMIT, {"input": signal})
    stage.expect(refused["code"] == "lane_refused", "сигнал не идёт в фонд")
    stage.came(refused["remedy"])
    sent = {**signal, "operationId": new_id(), "recipientOgrn": play.ogrn("guardianship")}
    message = school.ask(queries.SUBMIT, {"input": sent})["submitMessage"]["message"]
    stage.expect(message["state"] in {"submitted", "delivered"}, "сигнал принят")
    stage.came(f"Сигнал принят для: {play.name('guardianship')}.")


def _inquiry(play: Play, words: str) -> dict[str, Any]:
    notes = {
        "need": "shelter psychologist",
        "district": "45",
        "age_bands": "14_18",
        "contact": "Дежурный социальный педагог",
        "contact_phone": "8 800 000-00-00",
        "words": words,
    }
    return {
        "operationId": new_id(),
        "type": "inquiry",
        "recipientOgrn": play.ogrn("ngo"),
        "urgency": "emergency",
        "notes": [{"field": field, "value": value} for field, value in notes.items()],
    }


STEPS: Final = (step_lanes,)
