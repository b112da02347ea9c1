"""A step of the story about deciding together: three parties are asked, one says yes, one no, one is silent; help goes on."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from gateway.demo import queries
from gateway.demo.client import DiffersError, PartnerSystem
from gateway.demo.play import Play
from gateway.demo.story_exchange import DELIVERY_SECONDS, consent_input, invented_child
from schemas.ids import new_id

SILENT: Final = "kdn-vao"
MAKE: Final = "mutation($input: MakeAgendaInput!) { makeAgenda(input: $input) }"
PROPOSE: Final = (
    "mutation($input: ProposeJointDecisionInput!) { proposeJointDecision(input: $input)"
    " { decision { id parties { name messageId } } } }"
)
READ: Final = (
    "query($id: ID!) { jointDecision(id: $id) { outcome conclusion recorded { party position reason }"
    " parties { name stand { position reason } words { value } } } }"
)
OPEN: Final = "mutation($id: ID!) { openMessage(id: $id) { entryId } }"
ANSWER: Final = (
    "mutation($id: ID!, $event: MessageEvent!, $answer: AnswerInput)"
    " { answerMessage(id: $id, event: $event, answer: $answer) { state } }"
)
CONCLUDE: Final = 'mutation($id: ID!) { concludeJointDecision(id: $id, conclusion: "taken") { conclusion } }'
ITEMS: Final = "query($id: ID!) { agenda(id: $id) { items { number decisions { outcome } } } }"
POSITIONS: Final = {"agreed": "да", "disagreed": "нет", "waiting": "ответа нет", "on_its_way": "не доставлено"}
OUTCOMES: Final = {"disagreement": "есть возражение", "waiting": "ждём ответов"}


def step_joint(play: Play) -> None:
    """A fund asks a guardianship body and two commissions about opening a case, on one agenda; silence stays silence."""
    stage, ngo = play.stage, play.systems["ngo"]
    stage.step("Совместное решение: одно «да», одно «нет», одно молчание")
    child = invented_child(77, date(2015, 4, 3))
    silent = play.seeded.organisations[SILENT]
    ogrns = [play.ogrn("guardianship"), play.ogrn("stranger"), silent.ogrn]
    matter = _matter(child, ogrns)
    for ogrn in ogrns[:2]:
        ngo.ask(queries.RECORD_CONSENT, {"input": consent_input(child, ogrn, "CASE_MGMT", ("ID", "PLN"))})
    refused = ngo.refused(PROPOSE, {"input": matter})
    stage.expect(refused["code"] == "joint_refused", "без согласия для одной стороны не уходит никому")
    stage.came(f"{refused['code']}: в согласии нет третьей стороны, не отправлено никому.")
    ngo.ask(queries.RECORD_CONSENT, {"input": consent_input(child, silent.ogrn, "CASE_MGMT", ("ID", "PLN"))})
    at = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    meeting = {"operationId": new_id(), "at": at, "place": "Зал заседаний", "topic": "Открытие случаев"}
    matter["agenda"] = ngo.ask(MAKE, {"input": meeting})["makeAgenda"]
    made = ngo.ask(PROPOSE, {"input": matter})["proposeJointDecision"]["decision"]
    stage.sent(play.name("ngo"), f"proposeJointDecision: открыть случай, сторон {len(made['parties'])}")
    _wait(ngo, made["id"])
    yes, no, _ = (party["messageId"] for party in made["parties"])
    because = {"reason": "risk", "words": "Нужен ещё месяц наблюдения"}
    for part, message, event, answer in (
        ("guardianship", yes, "AGREE", None),
        ("stranger", no, "DISAGREE", because),
    ):
        play.systems[part].ask(OPEN, {"id": message})
        play.systems[part].ask(ANSWER, {"id": message, "event": event, "answer": answer})
    seen = ngo.ask(READ, {"id": made["id"]})["jointDecision"]
    said = [party["stand"]["position"] for party in seen["parties"]]
    stage.expect(said == ["agreed", "disagreed", "waiting"], "молчание — не «да» и не «нет»")
    stage.table(("Сторона", "Ответ", "Слова"), [_row(party) for party in seen["parties"]])
    stage.came(f"Итог по всем сторонам: {OUTCOMES[seen['outcome']]}.")
    theirs = play.systems["guardianship"].ask(READ, {"id": made["id"]})["jointDecision"]
    stage.expect(not any(party["words"] for party in theirs["parties"]), "слова одной стороны другая не читает")
    ngo.ask(CONCLUDE, {"id": made["id"]})
    recorded = ngo.ask(READ, {"id": made["id"]})["jointDecision"]["recorded"]
    stage.expect([row["position"] for row in recorded] == said, "возражение и молчание записаны рядом с выводом")
    stage.came("Фонд отметил: решение принято. Возражение и молчание записаны рядом; помощь этого не ждала.")
    items = play.systems["stranger"].ask(ITEMS, {"id": matter["agenda"]})["agenda"]["items"]
    stage.expect([item["number"] for item in items] == [1], "сторона видит в повестке своё, под своим номером")
    stage.note("Страницы «Совместные решения» и «Повестки»: предложить, увидеть ответы и сроки, разослать протокол.")


def _matter(child: dict[str, Any], ogrns: list[str]) -> dict[str, Any]:
    person = {
        "kind": "child",
        "ref": child["ref"],
        "identity": {"fullName": child["name"], "birthDate": child["born"]},
        "plan": {"text": "Помощь с жильём и документами"},
    }
    parties = [{"ogrn": ogrn} for ogrn in ogrns]
    return {"operationId": new_id(), "matter": "open", "parties": parties, "persons": [person]}


def _row(party: dict[str, Any]) -> tuple[str, str, str]:
    words = "; ".join(word["value"] for word in party["words"])
    return party["name"], POSITIONS[party["stand"]["position"]], words or "—"


def _wait(ngo: PartnerSystem, decision: str) -> None:
    deadline = time.monotonic() + DELIVERY_SECONDS
    while time.monotonic() < deadline:
        parties = ngo.ask(READ, {"id": decision})["jointDecision"]["parties"]
        if all(party["stand"]["position"] == "waiting" for party in parties):
            return
        time.sleep(0.2)
    msg = f"решение не доставлено сторонам за {DELIVERY_SECONDS} с"
    raise DiffersError(msg)


STEPS: Final = (step_joint,)
