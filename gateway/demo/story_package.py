"""Two steps of the story: a body without pages or a system gets a message as a file and answers by a code; the holder of a case
is told who looked at it."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Any, Final

from gateway.demo import queries
from gateway.demo.client import DiffersError
from gateway.demo.play import Play
from gateway.demo.story_exchange import DELIVERY_SECONDS, invented_child
from gateway.use_cases.echo_lookups import MARK
from gateway.use_cases.show_package import receipt_of
from gateway.use_cases.verify_package import open_package
from schemas.ids import new_id

WITHOUT_ACCESS: Final = "guardianship-sao"
"""A guardianship body that has neither pages nor a system."""
STREET: Final = "ул. Вымышленная"
MAKE: Final = "mutation($id: ID!) { makePackage(message: $id) { package { id } fileName file code keyFingerprint } }"
RECEIVE: Final = (
    "mutation($id: ID!, $code: String!) { receivePackageReceipt(message: $id, code: $code)"
    " { outcome again message { state receipts { state attestedBy } } } }"
)
ECHOES: Final = "query($id: ID!) { lookupEchoes(caseId: $id) { organisationKind purpose times firstOn lastOn } }"


def step_package(play: Play) -> None:
    """A signal goes to a guardianship body as one sealed file; what it says comes back as sixteen digits."""
    stage, school = play.stage, play.systems["school"]
    body = play.seeded.organisations[WITHOUT_ACCESS]
    stage.step("Пакет: сообщение файлом для тех, у кого нет ни страниц, ни системы")
    message_id = _signal(play, body.ogrn)
    made = school.ask(MAKE, {"id": message_id})["makePackage"]
    stage.sent(play.name("school"), f"makePackage для: {body.name}")
    stage.came(
        f"Один файл {made['fileName'][:20]}…, {len(made['file']) // 1024} КБ; код открытия отдельно: {made['code']}"
    )
    stage.expect(STREET not in made["file"], "без кода в файле не прочитать ничего")
    opened = open_package(made["file"].encode(), made["code"], play.house.log_key.verifier())
    people = [section.ru for person in opened.content.people for section in person.sections]
    stage.came(f"Там его открыли без сети: {opened.content.type.ru}; {', '.join(people)}.")
    stage.expect(opened.key_known, "подпись — ключа журнала")
    said = receipt_of(opened, "accept", datetime.now(UTC), "ru")
    stage.sent(body.name, f"по телефону: «{said}»")
    received = school.ask(RECEIVE, {"id": message_id, "code": said.partition(": ")[2]})["receivePackageReceipt"]
    attested = [receipt["attestedBy"] for receipt in received["message"]["receipts"]]
    stage.expect(received["message"]["state"] == "accepted", "код переводит сообщение в «принято»")
    stage.expect(attested[-2:] == ["code", "code"], "и видно, что это сказано кодом")
    stage.came("Отправитель ввёл код: открыто и принято, заверено кодом из пакета.")
    again = school.ask(RECEIVE, {"id": message_id, "code": said.partition(": ")[2]})["receivePackageReceipt"]
    stage.expect(again["again"], "тот же код второй раз ничего не меняет")


def step_echo(play: Play) -> None:
    """The holder is told which kind of organisation looked at its case, for what, and on which days; never who."""
    stage, ngo = play.stage, play.systems["ngo"]
    stage.step("Кто обращался к сводке: держателю случая")
    _a_day_later(play)
    deadline = time.monotonic() + DELIVERY_SECONDS
    echoes: list[dict[str, Any]] = []
    while not echoes and time.monotonic() < deadline:
        time.sleep(0.1)
        echoes = ngo.ask(ECHOES, {"id": play.kept["ngo_case"]})["lookupEchoes"]
    if not echoes:
        msg = "держателю не сказали, кто смотрел сводку"
        raise DiffersError(msg)
    stage.table(
        ("Кто", "Цель", "Раз", "С", "По"),
        [
            (
                play.house.pack.kind_title(echo["organisationKind"]),
                play.house.pack.purpose_title(echo["purpose"]),
                str(echo["times"]),
                _day(echo["firstOn"]),
                _day(echo["lastOn"]),
            )
            for echo in echoes
        ],
    )
    stage.expect(
        [echo["organisationKind"] for echo in echoes] == ["guardianship"], "сказан вид организации, и только он"
    )
    stage.note(
        "Раз в сутки, без имён и часов; о проверках и запросах органов не сообщается: предупреждать о них нельзя."
    )


def _signal(play: Play, ogrn: str) -> str:
    child = invented_child(78, date(2016, 6, 6))
    person = {
        "kind": "child",
        "ref": child["ref"],
        "identity": {"fullName": child["name"], "birthDate": child["born"], "sex": child["sex"]},
        "whereabouts": {"address": {"text": f"{STREET}, д. 11", "municipality": "Измайлово"}},
    }
    sent = play.systems["school"].ask(
        queries.SUBMIT,
        {
            "input": {
                "operationId": new_id(),
                "type": "signal",
                "recipientOgrn": ogrn,
                "trigger": "threat",
                "statute": "120-ФЗ ст. 9 п. 2",
                "urgency": "emergency",
                "persons": [person],
                "concerns": ["NEGLECT"],
                "statement": "Второй день никто не открывает дверь (вымышленный пример).",
            }
        },
    )["submitMessage"]["message"]
    play.stage.expect(sent["state"] == "delivered", "экстренное сообщение доставлено сразу")
    message_id: str = sent["id"]
    return message_id


def _a_day_later(play: Play) -> None:
    """Notices go once a day: the story sets the bookmark back by one."""
    with play.house.store.writing() as unit:
        mark = unit.log.bookmark(MARK)
        assert mark is not None
        yesterday = datetime.now(UTC) - play.house.echo_period
        unit.log.mark(MARK, mark.position, mark.position, yesterday, is_open=False)


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d.%m.%Y")


STEPS: Final = (step_package, step_echo)
