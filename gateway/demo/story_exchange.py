"""Steps 3 to 7 of the story: a referral as XML, a register as CSV, a summary, a withdrawal, a signal."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import httpx2

from gateway.demo import queries
from gateway.demo.client import DiffersError, PartnerSystem
from gateway.demo.files import messy_register, referral_xml
from gateway.demo.identity_numbers import phone, snils_with_check
from gateway.demo.names import FEMALE, MALE, name_groups
from gateway.demo.play import SYSTEMS, Play
from schemas.ids import new_id
from schemas.messages import MessageDraft

EVIDENCE: Final = "0" * 63 + "1"  # stands for the digest of a scan that a real holder would keep
DELIVERY_SECONDS: Final = 20
REGISTER_ROWS: Final = 9
REFERRED: Final = ("ID", "CON", "LOC", "RSK", "PLN")
EFFECTS: Final = {"RELEASED": "открыто", "MASKED": "частично", "HELD": "ждёт решения", "WITHHELD": "закрыто"}


def invented_child(number: int, born: date, *, lost_zero: bool = False) -> dict[str, Any]:
    """An invented child with an invented mother."""
    rng = random.Random(f"story/{number}")  # noqa: S311  invented names, nothing secret
    group = name_groups()["slavic"]
    surname = rng.choice(group.surnames)
    father = rng.choice(tuple(group.male))
    sex = rng.choice((FEMALE, MALE))
    child = group.full(surname, sex, father, rng)
    mother = group.full(surname, FEMALE, rng.choice(tuple(group.male)), rng)
    return {
        "ref": f"показ-{number}",
        "snils": snils_with_check((90_000_000 if lost_zero else 910_000_000) + number),
        "name": child.text,
        "mother": mother.text,
        "sex": "F" if sex == FEMALE else "M",
        "born": born.isoformat(),
        "phone": phone(8_000_000 + number),
    }


def consent_input(
    child: Mapping[str, Any], recipient_ogrn: str, purpose: str, categories: Sequence[str]
) -> dict[str, Any]:
    """The mother's written consent."""
    today = datetime.now(UTC).date()
    return {
        "subjectRef": child["ref"],
        "subjectKind": "child",
        "birthDate": child["born"],
        "identifiers": {"snils": child["snils"]},
        "recipientOgrn": recipient_ogrn,
        "purpose": purpose,
        "categories": list(categories),
        "givenOn": (today - timedelta(days=20)).isoformat(),
        "validTo": (today + timedelta(days=300)).isoformat(),
        "form": "paper",
        "evidenceDigest": EVIDENCE,
        "signers": [{"who": "mother", "holderRef": f"{child['ref']}-мать", "verified": True}],
    }


def _draft(child: Mapping[str, Any], sender: str, recipient: str, number: int) -> MessageDraft:
    return MessageDraft.model_validate(
        {
            "operation_id": new_id(),
            "type": "referral",
            "sender_ogrn": sender,
            "recipient_ogrn": recipient,
            "created_at": datetime.now(UTC),
            "reg_number": f"{number}/исх",
            "reg_on": datetime.now(UTC).date(),
            "urgency": "planned",
            "persons": [
                {
                    "kind": "child",
                    "ref": child["ref"],
                    "identity": {"full_name": child["name"], "birth_date": child["born"], "sex": child["sex"]},
                    "identifiers": {"snils": child["snils"]},
                    "contact": {"phones": [{"number": child["phone"]}]},
                    "whereabouts": {"address": {"text": "ул. Вымышленная, д. 7, кв. 1", "municipality": "Измайлово"}},
                }
            ],
            "concerns": ["HOUSING", "POVERTY"],
            "statement": "Семье трудно оплачивать жильё (вымышленный пример).",
            "requested_action": "Сопровождение семьи, помощь с документами на субсидию",
        }
    )


def _receipts(receipts: Sequence[Mapping[str, Any]]) -> str:
    words = {"submitted": "принято", "delivered": "доставлено", "opened": "открыто", "accepted": "взято в работу"}
    return ", ".join(f"{words.get(r['state'], r['state'])} {_time(r['at'])}" for r in receipts)


def _time(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone().strftime("%d.%m.%Y %H:%M:%S")


def _delivered(system: PartnerSystem, kind: str, known: set[str]) -> Mapping[str, Any]:
    """The newest message of a type in the queue that was not there before; waits for the relay."""
    deadline = time.monotonic() + DELIVERY_SECONDS
    while time.monotonic() < deadline:
        for item in system.ask(queries.QUEUE, {"box": "INBOX"})["messages"]["items"]:
            if item["type"] == kind and item["id"] not in known:
                found: Mapping[str, Any] = item
                return found
        time.sleep(0.2)
    msg = f"сообщение вида «{kind}» не появилось в очереди за {DELIVERY_SECONDS} с"
    raise DiffersError(msg)


def show_sections(play: Play, sections: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Print each section with its ruling; returns effect and rule by section."""
    rows, found = [], {}
    for name, section in sections.items():
        access = section["access"]
        found[name] = (access["effect"], access["rule"])
        data = section.get("data")
        seen = "—" if data is None else "; ".join(str(value) for value in _leaves(data))[:60]
        rows.append((name, EFFECTS[access["effect"]], access["rule"], access.get("citation", "")[:38], seen))
    play.stage.table(("Раздел", "Решение", "Правило", "Норма", "Видно"), rows)
    return found


def _leaves(value: Any) -> list[Any]:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [] if value is None else [value]


# --- 3 ---------------------------------------------------------------------------------------------------------------


def step_xml_referral(play: Play) -> None:
    """A referral as an XML file, its way through the queue, and what the sender sees of it."""
    stage, centre, ngo = play.stage, play.systems["centre"], play.systems["ngo"]
    stage.step("Направление файлом XML: из центра в фонд")
    child = invented_child(1, date(2016, 9, 12))
    centre.ask(queries.RECORD_CONSENT, {"input": consent_input(child, play.ogrn("ngo"), "REFERRAL", REFERRED)})
    stage.sent(play.name("centre"), "записывает согласие матери: получатель — фонд, цель — направление")
    content = referral_xml(_draft(child, play.ogrn("centre"), play.ogrn("ngo"), 1))
    stage.sent(play.name("centre"), "POST /files/xml", content.decode())
    receipt = centre.send_file("xml", content)
    stage.expect(receipt["recordNumSuccess"] == 1, f"направление должно быть принято: {receipt['rules']}")
    message_id = receipt["messages_sent"][0]["id"]
    stage.came(f"Проверено по схеме XSD и правилам, принято. Номер сообщения {message_id[:8]}…")
    item = _delivered(ngo, "referral", set())
    stage.expect(item["id"] == message_id, "в очереди фонда должно быть это направление")
    stage.came(f"В очереди фонда: {item['type']}, от: {item['sender']}, состояние {item['state']}")
    stage.sent(play.name("ngo"), "openMessage")
    opened = ngo.ask(queries.OPEN, {"id": message_id})["openMessage"]
    seen = show_sections(play, opened["subjects"][0]["sections"])
    stage.expect(seen["identity"][0] == "RELEASED", "имя ребёнка должно быть открыто по согласию")
    stage.expect(seen["identifiers"][0] == "WITHHELD", "СНИЛС не входит в объём направления")
    stage.expect(seen["whereabouts"][0] == "MASKED", "адрес до принятия виден до муниципалитета")
    stage.sent(play.name("ngo"), "answerMessage (ACCEPT)")
    ngo.ask(queries.ACCEPT, {"id": message_id})
    state = centre.ask(queries.STATE, {"id": message_id})["message"]
    states = [receipt["state"] for receipt in state["receipts"]]
    stage.expect(states == ["submitted", "delivered", "opened", "accepted"], f"четыре отметки, а пришло: {states}")
    stage.came(f"Отправитель видит: {_receipts(state['receipts'])}")
    again = centre.send_file("xml", content)
    stage.expect(again["messages_sent"][0]["id"] == message_id, "повтор того же файла не создаёт второго направления")
    stage.came("Тот же файл ещё раз: второго направления не возникло.")


# --- 4 ---------------------------------------------------------------------------------------------------------------


def step_csv_register(play: Play) -> None:
    """A register as Excel in Russia saves it: good rows become referrals, bad ones come back."""
    stage, centre = play.stage, play.systems["centre"]
    stage.step("Реестр направлений файлом CSV, как его сохраняет Excel")
    children = [
        invented_child(10 + n, date(2014 + n % 8, 1 + n % 12, 3 + n), lost_zero=n == 0) for n in range(REGISTER_ROWS)
    ]
    for child in children:
        centre.ask(queries.RECORD_CONSENT, {"input": consent_input(child, play.ogrn("ngo"), "REFERRAL", REFERRED)})
    stage.note(f"Согласия {len(children)} семей записаны через API.")
    register = messy_register(
        [_draft(child, play.ogrn("centre"), play.ogrn("ngo"), 10 + n) for n, child in enumerate(children)]
    )
    stage.sent(
        play.name("centre"), "POST /files/csv (cp1251, «;», заголовки, апострофы, потерянный ноль, 9,1E+10, формула)"
    )
    receipt = centre.send_file("csv", register.content)
    stage.came(
        f"Строк с направлениями: {receipt['recordNum']}, принято {receipt['recordNumSuccess']}, "
        f"отклонено {receipt['recordNumRejected']}."
    )
    errors = [m for m in receipt["messages"] if m["severity"] == "error"]
    stage.table(
        ("Строка", "Столбец", "Правило", "Что не так", "Что сделать"),
        [(str(m["line"]), m["place"], m["ruleCode"], m["report"], m["remedy"]) for m in errors],
    )
    warnings = [m for m in receipt["messages"] if m["severity"] == "warning"]
    for warning in warnings[:3]:
        stage.note(f"Предупреждение, строка {warning['line']}, {warning['place']}: {warning['report']}")
    expected = {(bad.line, bad.column, bad.rule) for bad in register.bad}
    found = {(m["line"], m["place"], m["ruleCode"]) for m in errors}
    stage.expect(found == expected, f"ошибки должны быть {sorted(expected)}, а пришли {sorted(found)}")
    stage.expect(receipt["recordNumSuccess"] == register.good, f"хороших строк {register.good}")
    stage.expect(bool(receipt["reject_file"]), "должен прийти файл отклонённых строк")
    stage.came("Файл отклонённых строк в формате отправителя получен: поправить и прислать снова.")


# --- 5 ---------------------------------------------------------------------------------------------------------------


def step_summary(play: Play) -> None:
    """A summary is published and read by whom the mother's consent names; a stranger learns nothing."""
    stage, ngo, guardianship = play.stage, play.systems["ngo"], play.systems["guardianship"]
    stage.step("Сводка по случаю: фонд публикует, опека читает по согласию матери")
    child = invented_child(40, date(2017, 5, 20))
    today = datetime.now(UTC).date()
    published = ngo.ask(queries.PUBLISH, {"input": summary_input(child, today)})["publishCaseSummary"]
    stage.sent(play.name("ngo"), "publishCaseSummary", summary_input(child, today))
    stage.came(f"Опубликована версия {published['version']}, запись журнала {published['entryId'][:8]}…")
    categories = ("ID", "CON", "LOC", "FAM", "RSK", "PLN", "HLT", "EDU", "OFF")
    consent_id = ngo.ask(
        queries.RECORD_CONSENT, {"input": consent_input(child, play.ogrn("guardianship"), "CASE_MGMT", categories)}
    )["recordConsent"]
    play.kept |= {"consent": consent_id, "ngo_case": published["caseId"]}
    stage.sent(play.name("ngo"), "записывает согласие матери: получатель — орган опеки, цель — CASE_MGMT")
    stage.sent(play.name("guardianship"), "caseSummaries(purpose: CASE_MGMT)")
    case = _find(guardianship, child["name"])
    play.kept["case"] = case["caseId"]
    sections = next(s["sections"] for s in case["subjects"] if s["kind"] == "child")
    seen = show_sections(play, sections)
    stage.expect(seen["identity"] == ("RELEASED", "RU-152-9-1"), "имя открыто согласием")
    stage.expect(seen["offences"][0] == "MASKED", "правонарушения: только наличие и значение")
    stage.expect(seen["identifiers"] == ("WITHHELD", "RU-152-9-9"), "СНИЛС в согласии не назван")
    stage.sent(play.name("stranger"), "caseSummary с этим номером и с выдуманным номером")
    stranger = play.systems["stranger"]
    real = stranger.raw(queries.SUMMARY, {"id": case["caseId"]})
    invented = stranger.raw(queries.SUMMARY, {"id": "a" * len(case["caseId"])})
    stage.expect(_answer(real) == _answer(invented), "ответы о настоящем и выдуманном случае должны совпасть")
    stage.came(f"Оба ответа одинаковы: {real.json()['errors'][0]['message']}")


def _answer(response: httpx2.Response) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    headers = {name: value for name, value in response.headers.items() if name != "date"}
    return response.status_code, response.content, tuple(sorted(headers.items()))


def _find(system: PartnerSystem, name: str) -> Mapping[str, Any]:
    return _find_where(
        system,
        lambda case: any((s["sections"]["identity"]["data"] or {}).get("fullName") == name for s in case["subjects"]),
    )


def find_case(system: PartnerSystem, holders_case: str, play: Play) -> Mapping[str, Any]:
    """A case of the fund under the name by which the system's own organisation knows it."""
    own, other = (play.seeded.organisations[SYSTEMS[part]].id for part in ("ngo", "guardianship"))
    inner = play.house.vault.resolve_case(own, holders_case)
    wanted = play.house.vault.case_pseudonym(other, inner)
    return _find_where(system, lambda case: case["caseId"] == wanted)


def _find_where(system: PartnerSystem, is_it: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
    after = None
    while True:
        page = system.ask(queries.SUMMARIES, {"after": after})["caseSummaries"]
        for case in page["items"]:
            if is_it(case):
                found: Mapping[str, Any] = case
                return found
        after = page["next"]
        if after is None:
            raise DiffersError("опека не нашла опубликованный случай среди доступных ей")


def summary_input(child: Mapping[str, Any], today: date, case_ref: str = "случай-показ") -> dict[str, Any]:
    """A summary of an invented child and its mother."""
    return {
        "caseRef": case_ref,
        "practice": "deti-nashi",
        "asOf": today.isoformat(),
        "eraseAfter": (today + timedelta(days=365)).isoformat(),
        "source": "наблюдение куратора (вымышлено)",
        "curatorName": "Куратор показа",
        "curatorPhone": phone(8_000_900),
        "subjects": [
            {
                "ref": child["ref"],
                "kind": "child",
                "sections": {
                    "identity": {"fullName": child["name"], "birthDate": child["born"], "sex": child["sex"]},
                    "identifiers": {"snils": child["snils"]},
                    "whereabouts": {"address": {"text": "ул. Вымышленная, д. 7, кв. 1", "municipality": "Измайлово"}},
                    "plan": {
                        "stage": {"code": "plan_carried_out", "since": (today - timedelta(days=60)).isoformat()},
                        "goals": [{"goal": "Оформить субсидию на жильё", "state": "open"}],
                    },
                    "health": {"conditions": ["вымышленное состояние"], "recommendations": ["больше гулять"]},
                    "education": {"place": "Школа № 0000 (демо)", "attendance": "regular"},
                    "offences": {"record": {"code": "pdn_record", "relevance": "не связано с семьёй"}},
                },
            },
            {
                "ref": f"{child['ref']}-мать",
                "kind": "parent",
                "sections": {"identity": {"fullName": child["mother"], "birthDate": "1990-04-04", "sex": "F"}},
            },
        ],
    }


# --- 6 ---------------------------------------------------------------------------------------------------------------


def step_withdrawal(play: Play) -> None:
    """The mother withdraws: the next query is withheld, and the recipient has a recall."""
    stage, ngo, guardianship = play.stage, play.systems["ngo"], play.systems["guardianship"]
    stage.step("Мать отзывает согласие")
    stage.sent(play.name("ngo"), "withdrawConsent")
    withdrawn = ngo.ask(queries.WITHDRAW, {"id": play.kept["consent"]})["withdrawConsent"]
    stage.expect(play.name("guardianship") in withdrawn["recalled"], "опека должна быть среди тех, кому ушёл отзыв")
    stage.came(f"Отозвано. Отзыв получат: {', '.join(withdrawn['recalled'])}")
    case = guardianship.ask(queries.SUMMARY, {"id": play.kept["case"]})["caseSummary"]
    sections = next(s["sections"] for s in case["subjects"] if s["kind"] == "child")
    seen = show_sections(play, sections)
    wrong = {name: ruled for name, ruled in seen.items() if ruled != ("WITHHELD", "RU-152-9-5")}
    stage.expect(not wrong, f"всё должно быть закрыто правилом RU-152-9-5, а не так: {wrong}")
    recall = _delivered(guardianship, "recall", set())
    notes = "; ".join(f"{note['field']}: {note['value']}" for note in recall["notes"])
    stage.came(f"В очереди опеки: отзыв ({notes})")


# --- 7 ---------------------------------------------------------------------------------------------------------------


def step_signal(play: Play) -> None:
    """A school reports a threat: by law, without consent, with the minimal set."""
    stage, school, guardianship = play.stage, play.systems["school"], play.systems["guardianship"]
    stage.step("Школа сообщает об угрозе ребёнку: без согласия, по закону")
    child = invented_child(70, date(2015, 2, 2))
    variables = {
        "input": {
            "operationId": new_id(),
            "type": "signal",
            "recipientOgrn": play.ogrn("guardianship"),
            "trigger": "threat",
            "statute": "120-ФЗ ст. 9 п. 2",
            "urgency": "urgent",
            "persons": [
                {
                    "kind": "child",
                    "ref": child["ref"],
                    "identity": {"fullName": child["name"], "birthDate": child["born"], "sex": child["sex"]},
                    "identifiers": {"snils": child["snils"]},
                    "contact": {"phones": [{"number": child["phone"]}]},
                    "whereabouts": {"address": {"text": "ул. Вымышленная, д. 9", "municipality": "Измайлово"}},
                }
            ],
            "concerns": ["NEGLECT"],
            "statement": "Третий день приходит голодным, дома никого (вымышленный пример).",
        }
    }
    stage.sent(play.name("school"), "submitMessage(type: signal, trigger: threat)")
    submitted = school.ask(queries.SUBMIT, variables)["submitMessage"]
    message_id = submitted["message"]["id"]
    item = _delivered(guardianship, "signal", set())
    stage.expect(item["id"] == message_id, "сигнал должен быть в очереди опеки")
    opened = guardianship.ask(queries.OPEN, {"id": message_id})["openMessage"]
    seen = show_sections(play, opened["subjects"][0]["sections"])
    stage.expect(seen["identity"] == ("RELEASED", "RU-120-9-1"), "имя ребёнка передаётся по обязанности")
    stage.expect(seen["identifiers"] == ("WITHHELD", "RU-120-9-2"), "СНИЛС в сигнал не входит")
    words = opened["subjects"][0]["sections"]["risk"]["data"]["statement"]
    stage.expect(words.startswith("Третий день"), "слова самого сигнала передаются")
    stage.came("Сигнал прошёл с минимальным набором; согласие не требуется и не помогает.")


STEPS: Final = (step_xml_referral, step_csv_register, step_summary, step_withdrawal, step_signal)
