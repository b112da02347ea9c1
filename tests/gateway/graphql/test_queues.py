"""Queues in the API: every question and deed once, through HTTP."""

from __future__ import annotations

from tests.gateway.conftest import Running
from tests.gateway.queues_world import NUMBER, keep, person, schedule, send

PAGE = (
    "{ queue(view: %s) { items { id urgency stage overdue login standInLogin } next tabs { mine free all overdue } } }"
)
WORK = """query ($id: ID!) { messageWork(id: $id) {
  item { login } moves { id kind toLogin reason hasNote } escalations { told } calls { own line result }
  recipientNow { works advice } } }"""
DUTY = "{ duty { opening { since until days on } contacts { key name order } dutyLine { name number } digestMinutes } }"


def test_everything_that_a_system_does_with_a_queue(running: Running) -> None:
    town, house = running.town, running.house
    keep(house, town.guardianship)
    person(house, town.guardianship, "one", "guardianship_specialist")
    person(house, town.guardianship, "two", "guardianship_specialist")
    sent = send(town)
    body, school = running.caller(town.guardianship), running.caller(town.school)

    def done(query: str, **variables: object) -> dict[str, object]:
        answer = body.graphql(query, variables).json()
        assert "errors" not in answer, answer
        return answer["data"]

    page = done(PAGE % "FREE")["queue"]
    assert [row["id"] for row in page["items"]] == [sent]  # type: ignore[index]
    assert page["tabs"] == {"mine": 0, "free": 1, "all": 1, "overdue": 0}  # type: ignore[index]
    assert body.code("mutation ($id: ID!) { takeMessage(id: $id) }", {"id": sent}) == "person_needed"
    done('mutation ($id: ID!) { assignMessage(id: $id, login: "one") }', id=sent)
    done(
        'mutation ($id: ID!) { handOverMessage(id: $id, login: "two", reason: "shift", note: "Тихо") }',
        id=sent,
    )
    done('mutation { recordAbsence(login: "two", first: "2026-03-02", last: "2026-03-03", substituteLogin: "one") }')
    assert done(PAGE % "ALL")["queue"]["items"][0]["standInLogin"] == "one"  # type: ignore[index]
    (absence,) = done("{ absences { id login substituteLogin } }")["absences"]  # type: ignore[misc]
    done("mutation ($id: ID!) { endAbsence(id: $id) }", id=absence["id"])
    call = (
        "mutation ($id: ID!, $line: String!) "
        '{ recordCall(id: $id, line: $line, rangAt: "2026-03-02T09:00:00Z", result: "reached") }'
    )
    done(call, id=sent, line=NUMBER)
    work = done(WORK, id=sent)["messageWork"]
    assert work["item"] == {"login": "two"}  # type: ignore[index]
    assert [move["kind"] for move in work["moves"]] == ["assigned", "handed_over"]  # type: ignore[index]
    note = work["moves"][1]  # type: ignore[index]
    assert (note["hasNote"], note["reason"]) == (True, "shift")
    opened = done("mutation ($id: ID!, $m: ID!) { openNote(id: $id, moveId: $m) }", id=sent, m=note["id"])
    assert opened == {"openNote": "Тихо"}
    assert work["calls"] == [{"own": True, "line": NUMBER, "result": "reached"}]  # type: ignore[index]
    done('mutation ($id: ID!) { returnMessage(id: $id, reason: "area") }', id=sent)
    assert [a["state"] for a in done("{ alerts { state channel kind } }")["alerts"]] == ["waiting"]  # type: ignore[union-attr]
    theirs = school.graphql(WORK, {"id": sent}).json()["data"]["messageWork"]
    assert (theirs["item"], theirs["moves"], theirs["calls"][0]["own"]) == (None, [], False)
    assert theirs["recipientNow"] == {"works": True, "advice": "Получатель сейчас работает."}


def test_duty_goes_in_and_out_and_says_whether_anybody_works(running: Running) -> None:
    town = running.town
    body, school = running.caller(town.guardianship), running.caller(town.school)
    given = schedule(opening=[{"since": "01:00", "until": "02:00"}]).model_dump(mode="json", exclude_none=True)
    renamed = {
        "opening": given["opening"],
        "contacts": given["contacts"],
        "shifts": given["shifts"],
        "dutyLine": given["duty_line"],
        "publishedPhone": given["published_phone"],
    }
    answer = body.graphql("mutation ($input: DutyScheduleInput!) { setDuty(input: $input) }", {"input": renamed}).json()
    assert "errors" not in answer, answer
    duty = body.graphql(DUTY).json()["data"]["duty"]
    assert duty["dutyLine"] == [{"name": "Дежурная часть", "number": NUMBER}]
    assert duty["opening"] == [{"since": "01:00", "until": "02:00", "days": [], "on": "working"}]
    bad = {"opening": [{"since": "1", "until": "2"}]}
    assert (
        body.code("mutation ($input: DutyScheduleInput!) { setDuty(input: $input) }", {"input": bad}) == "field_invalid"
    )
    now = 'query ($ogrn: String!) { organisationNow(ogrn: $ogrn, urgency: "urgent") { works opensAt phone advice } }'
    said = school.graphql(now, {"ogrn": town.guardianship.ogrn}).json()["data"]["organisationNow"]
    assert said["works"] is False
    assert said["advice"] == "Орган опеки сейчас не работает. Звоните 112. Сообщение сохранено."
    assert said["opensAt"] == "2026-03-02T22:00:00+00:00"
    assert school.code(now, {"ogrn": "0"}) == "recipient_unknown"
