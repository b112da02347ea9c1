"""Joint decisions and agendas over the API, as a partner's system uses them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.ids import new_id
from tests.builders import NOW
from tests.gateway.conftest import Caller, Running
from tests.gateway.exchange.world import World
from tests.gateway.joint.test_withdrawn import consent_of
from tests.gateway.joint.world import Council

PREVIEW = """mutation($input: ProposeJointDecisionInput!) { previewJointDecision(input: $input) {
  ogrn goes refused lawful preview { lane people { kind } } } }"""
PROPOSE = """mutation($input: ProposeJointDecisionInput!) { proposeJointDecision(input: $input) { repeated decision {
  id caseId matter outcome isMine parties { kind name stand { position } messageId term { dueAt } } } } }"""
READ = """query($id: ID!) { jointDecision(id: $id) { outcome conclusion isMine recorded { party position reason }
  parties { name isMe stand { position reason } words { value } minutes { position } } } }"""


def asked(caller: Caller, document: str, **variables: Any) -> dict[str, Any]:
    answer = caller.graphql(document, variables).json()
    assert "errors" not in answer, answer
    return answer["data"]


def code(caller: Caller, document: str, **variables: Any) -> str:
    (error,) = caller.graphql(document, variables).json()["errors"]
    return error["extensions"]["code"]


def matter(world: World, *parties: str, **more: Any) -> dict[str, Any]:
    child = {
        "kind": "child",
        "ref": "K-1",
        "identity": {"fullName": "Проба Вымышленная Тестовна", "birthDate": "2017-01-15"},
    }
    ogrns = [{"ogrn": world.who(name).ogrn} for name in parties]
    return {"operationId": new_id(), "matter": "open", "parties": ogrns, "persons": [child], **more}


def test_the_whole_way_of_a_decision(running: Running) -> None:
    world = World(running.town)
    ngo, body = running.caller(running.town.ngo), running.caller(running.town.guardianship)
    world.grant("ngo", "guardianship")
    both = matter(world, "guardianship", "kdn")
    seen = asked(ngo, PREVIEW, input=both)["previewJointDecision"]
    assert [(one["goes"], one["refused"]) for one in seen] == [(True, None), (False, "message_refused")]
    assert code(ngo, PROPOSE, input=both) == "joint_refused"
    world.grant("ngo", "kdn")
    agenda = asked(
        ngo,
        "mutation($input: MakeAgendaInput!) { makeAgenda(input: $input) }",
        input={"operationId": new_id(), "at": "2026-03-10T11:00:00+03:00", "place": "Зал", "topic": "Открытие случаев"},
    )["makeAgenda"]
    both["agenda"] = agenda
    made = asked(ngo, PROPOSE, input=both)["proposeJointDecision"]
    assert asked(ngo, PROPOSE, input=both)["proposeJointDecision"]["repeated"]
    decision = made["decision"]
    assert [party["stand"]["position"] for party in decision["parties"]] == ["on_its_way"] * 2
    relay_once(world.house, NOW)
    message = decision["parties"][0]["messageId"]
    asked(body, "mutation($id: ID!) { openMessage(id: $id) { entryId } }", id=message)
    said = {"reason": "risk", "words": "Нужен ещё месяц"}
    answer = "mutation($id: ID!, $a: AnswerInput) { answerMessage(id: $id, event: DISAGREE, answer: $a) { state may } }"
    assert "AGREE" in [may.upper() for may in asked(body, answer, id=message, a=said)["answerMessage"]["may"]]
    read = asked(ngo, READ, id=decision["id"])["jointDecision"]
    assert (read["outcome"], read["isMine"]) == ("disagreement", True)
    assert read["parties"][0]["words"] == [{"value": "Нужен ещё месяц"}]
    theirs = asked(body, READ, id=decision["id"])["jointDecision"]
    assert [party["isMe"] for party in theirs["parties"]] == [True, False]
    conclude = 'mutation($id: ID!) { concludeJointDecision(id: $id, conclusion: "taken") { conclusion } }'
    assert code(body, conclude, id=decision["id"]) == "joint_not_yours"
    asked(ngo, conclude, id=decision["id"])
    read = asked(ngo, READ, id=decision["id"])["jointDecision"]
    assert [(one["position"], one["reason"]) for one in read["recorded"]] == [("disagreed", "risk"), ("waiting", None)]
    assert code(body, answer, id=message, a=said) == "joint_concluded"
    minutes = {"operationId": new_id(), "on": "2026-03-01", "topic": "Открытие случая"}
    send = "mutation($id: ID!, $input: SendMinutesInput!) { sendMinutes(decisionId: $id, input: $input) }"
    assert len(asked(ngo, send, id=decision["id"], input=minutes)["sendMinutes"]) == 2
    relay_once(world.house, NOW)
    page = "query($id: ID!) { agenda(id: $id) { topic items { number id caseId decisions { outcome } messages { type } } } }"
    mine, others = (asked(who, page, id=agenda)["agenda"]["items"] for who in (ngo, body))
    assert [item["number"] for item in mine] == [item["number"] for item in others] == [1]
    assert (mine[0]["id"] is None, others[0]["id"] is None) == (False, True)
    assert [m["type"] for m in others[0]["messages"]] == ["minutes"]
    assert len(mine[0]["messages"]) == 2
    closed = "mutation($id: ID!) { closeAgenda(agendaId: $id) }"
    asked(ngo, closed, id=agenda)
    assert code(ngo, closed, id=agenda) == "agenda_closed"
    listed = asked(body, "{ agendas { items { id isMine } next } jointDecisions(first: 1) { items { id } next } }")
    assert [row["isMine"] for row in listed["agendas"]["items"]] == [False]
    assert [row["id"] for row in listed["jointDecisions"]["items"]] == [decision["id"]]


def test_a_case_is_put_on_and_taken_off_an_agenda(running: Running) -> None:
    ngo = running.caller(running.town.ngo)
    world = World(running.town)
    world.grant("ngo", "guardianship")
    case = asked(ngo, PROPOSE, input=matter(world, "guardianship"))["proposeJointDecision"]["decision"]["caseId"]
    agenda = asked(
        ngo,
        "mutation($input: MakeAgendaInput!) { makeAgenda(input: $input) }",
        input={"operationId": new_id(), "at": "2026-03-10T11:00:00+03:00", "place": "Зал", "topic": "Случаи"},
    )["makeAgenda"]
    put = "mutation($agenda: ID!, $case: ID!) { addToAgenda(agendaId: $agenda, caseId: $case) }"
    item = asked(ngo, put, agenda=agenda, case=case)["addToAgenda"]
    take = "mutation($agenda: ID!, $item: ID!) { removeFromAgenda(agendaId: $agenda, itemId: $item) }"
    assert asked(ngo, take, agenda=agenda, item=item)["removeFromAgenda"] is True
    assert code(ngo, take, agenda=agenda, item=item) == "agenda_item_unavailable"


@pytest.mark.parametrize("first", [-1, 0, 51, 2**31 - 1])
def test_a_page_has_a_size(running: Running, first: int) -> None:
    """Also once there is something to show."""
    world = World(running.town)
    ngo = running.caller(running.town.ngo)
    world.grant("ngo", "guardianship")
    agenda = {"operationId": new_id(), "at": "2026-03-10T11:00:00+03:00", "place": "Зал", "topic": "Открытие случаев"}
    asked(ngo, "mutation($input: MakeAgendaInput!) { makeAgenda(input: $input) }", input=agenda)
    asked(ngo, PROPOSE, input=matter(world, "guardianship"))
    for page in ("jointDecisions", "agendas"):
        assert code(ngo, f"query($first: Int!) {{ {page}(first: $first) {{ next }} }}", first=first) == "page_size"
        assert asked(ngo, f"{{ {page}(first: 1) {{ next }} }}")[page]["next"] is None


def test_after_a_withdrawal_a_party_reads_its_own_part_and_why(running: Running) -> None:
    world = World(running.town)
    ngo, body = running.caller(running.town.ngo), running.caller(running.town.guardianship)
    for name in ("guardianship", "kdn"):
        world.grant("ngo", name)
    made = asked(ngo, PROPOSE, input=matter(world, "guardianship", "kdn"))["proposeJointDecision"]["decision"]
    relay_once(running.house, NOW)
    query = """query($id: ID!) { jointDecision(id: $id) { outcome closed { rule title remedy effect }
      parties { isMe closed { rule } } } }"""
    before = asked(body, query, id=made["id"])["jointDecision"]
    assert (before["outcome"], before["closed"], len(before["parties"])) == ("waiting", None, 2)
    withdraw_consent(running.house, world.system("ngo"), consent_of(Council(world), "ngo", "guardianship"), NOW)
    after = asked(body, query, id=made["id"])["jointDecision"]
    assert (after["outcome"], after["closed"]["rule"], after["closed"]["effect"]) == (None, "RU-152-9-5", "WITHHELD")
    assert after["parties"] == [{"isMe": True, "closed": None}]
    seen = asked(ngo, query, id=made["id"])["jointDecision"]["parties"]
    assert [one["closed"] and one["closed"]["rule"] for one in seen] == ["RU-152-9-5", None]
