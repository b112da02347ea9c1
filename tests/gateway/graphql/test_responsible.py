"""Over the API: what a release rests on and how long it is kept, what one asked people for, emergencies, terms."""

from __future__ import annotations

from gateway.exchange.relay import relay_once
from gateway.use_cases.submit_message import submit_message
from policies.ruling import Effect
from tests.builders import EVIDENCE, NOW, PACK, consent, record, referral, system_of
from tests.gateway.conftest import Running
from tests.gateway.facts_world import entries, staff
from tests.gateway.holds_world import decide, open_office, the_hold

SECTION = """
access {
  effect rule obligations retainUntil decidedBy
  basis { evidenceDigest givenOn validTo statute }
}
data { fullName }
"""
SUMMARY = f"""
query ($id: ID!, $purpose: String!, $statute: String) {{
  caseSummary(caseId: $id, purpose: $purpose, statute: $statute) {{
    subjects {{ kind sections {{ identity {{ {SECTION} }} }} }}
  }}
}}
"""
ASKED = (
    "{ askedHolds { id caseId purpose categories askedAt dueAt state released { category effect } reason validTo } }"
)
DECLARE = """
mutation ($case: ID!, $words: String!, $login: String!) {
  declareEmergency(caseId: $case, words: $words, declarerLogin: $login) { id endsAt reviewBy entryId }
}
"""
TIMERS = "{ timers { id timer title aboutKind about startedAt dueAt breached } }"
CLOSE = "mutation ($id: ID!) { closeTimer(id: $id) }"


def _identities(
    running: Running, case: str, purpose: str = "CASE_MGMT", statute: str | None = None
) -> dict[str, object]:
    caller = running.caller(running.town.guardianship)
    answer = caller.graphql(SUMMARY, {"id": case, "purpose": purpose, "statute": statute}).json()
    assert "errors" not in answer, answer
    return {s["kind"]: s["sections"]["identity"] for s in answer["data"]["caseSummary"]["subjects"]}


def test_what_is_released_says_what_it_rests_on_and_until_when_it_is_kept(running: Running) -> None:
    town = running.town
    office = open_office(town)
    consent(
        town,
        town.guardianship,
        ref="K-1-M",
        subject_kind="parent",
        signers=[{"who": "self"}],
        valid_to="2026-09-30",
    )
    case = town.house.vault.case_pseudonym(town.guardianship.id, office.case_id)
    found = _identities(running, case)
    child, mother = found["child"], found["parent"]
    assert mother["access"]["basis"] == {  # type: ignore[index]
        "evidenceDigest": EVIDENCE,
        "givenOn": "2026-01-10",
        "validTo": "2026-09-30",
        "statute": None,
    }
    assert (mother["access"]["retainUntil"], mother["access"]["decidedBy"]) == ("2026-09-30", None)  # type: ignore[index]
    assert child == {
        "access": {
            "effect": "HELD",
            "rule": "RU-152-9-4",
            "obligations": [],
            "retainUntil": None,
            "decidedBy": "2026-03-03T21:00:00+00:00",
            "basis": None,
        },
        "data": None,
    }


def test_what_is_released_by_duty_rests_on_the_norm_that_was_named(running: Running) -> None:
    town = running.town
    office = open_office(town)
    record(town.house, office.child, "ooip_is_rep", town.guardianship, participants=(town.guardianship.id,))
    case = town.house.vault.case_pseudonym(town.guardianship.id, office.case_id)
    access = _identities(running, case, "GUARDIANSHIP", "СК РФ ст. 123")["child"]["access"]  # type: ignore[index]
    assert access["basis"] == {"evidenceDigest": None, "givenOn": None, "validTo": None, "statute": "СК РФ ст. 123"}
    assert access["retainUntil"] == "2027-03-01"


def test_whoever_asked_follows_what_came_of_it(running: Running) -> None:
    town = running.town
    office = open_office(town)
    case = town.house.vault.case_pseudonym(town.guardianship.id, office.case_id)
    caller = running.caller(town.guardianship)
    assert caller.graphql(ASKED).json()["data"]["askedHolds"] == []
    _identities(running, case)
    (asked,) = caller.graphql(ASKED).json()["data"]["askedHolds"]
    hold = the_hold(town.house)
    assert asked == {
        "id": hold.id,
        "caseId": case,
        "purpose": "CASE_MGMT",
        "categories": ["ID"],
        "askedAt": "2026-03-02T09:00:00+00:00",
        "dueAt": "2026-03-03T21:00:00+00:00",
        "state": "waiting",
        "released": [],
        "reason": None,
        "validTo": None,
    }
    assert running.caller(town.ngo).graphql(ASKED).json()["data"]["askedHolds"] == [], "the holder asked for nothing"
    assert running.caller(town.guardianship, "messages.read").code(ASKED) == "scope_missing"
    decide(town.house, office.head, hold, {"ID": Effect.PERMIT})
    (asked,) = caller.graphql(ASKED).json()["data"]["askedHolds"]
    assert (asked["state"], asked["released"]) == ("released", [{"category": "ID", "effect": "RELEASED"}])
    child = _identities(running, case)["child"]
    assert child["data"] == {"fullName": "Проба Вымышленная Тестовна"}  # type: ignore[index]
    assert "RETENTION" in child["access"]["obligations"]  # type: ignore[index]


def test_a_system_declares_an_emergency_in_the_name_of_a_person(running: Running) -> None:
    town = running.town
    office = open_office(town)
    case = town.house.vault.case_pseudonym(town.guardianship.id, office.case_id)
    caller = running.caller(town.guardianship)
    worker = staff(town.house, town.guardianship, "curator")
    with town.house.store.reading() as unit:
        login = unit.participants.person(worker.person_id).login  # type: ignore[union-attr,arg-type]
    named = {"case": case, "words": "Отец угрожает ребёнку ножом", "login": login}
    assert caller.code(DECLARE, {**named, "login": "nobody"}) == "declarer_required"
    assert caller.code(DECLARE, {**named, "words": "коротко"}) == "emergency_words"
    assert caller.code(DECLARE, {**named, "case": "a" * 52}) == "case_unavailable"
    assert running.caller(town.guardianship, "summaries.read").code(DECLARE, named) == "scope_missing"
    declared = caller.graphql(DECLARE, named).json()["data"]["declareEmergency"]
    assert (declared["endsAt"], declared["reviewBy"]) == ("2026-03-03T09:00:00+00:00",) * 2
    child = _identities(running, case, "EMERGENCY")["child"]
    assert child["data"] == {"fullName": "Проба Вымышленная Тестовна"}  # type: ignore[index]
    (timer,) = caller.graphql(TIMERS).json()["data"]["timers"]
    assert (timer["timer"], timer["aboutKind"], timer["about"]) == ("P-01", "emergency", declared["id"])
    assert caller.code(CLOSE, {"id": timer["id"]}) == "review_not_yours"


def test_terms_of_a_signal_are_read_and_closed(running: Running) -> None:
    town = running.town
    draft = referral(town.school, town.guardianship, type="signal", trigger="threat")
    sent = submit_message(town.house, system_of(town.school), draft, NOW).message
    relay_once(town.house, NOW)
    caller = running.caller(town.guardianship)
    (timer,) = caller.graphql(TIMERS).json()["data"]["timers"]
    assert timer == {
        "id": timer["id"],
        "timer": "D-18",
        "title": PACK.timer_title("D-18"),
        "aboutKind": "message",
        "about": sent.id,
        "startedAt": "2026-03-02T09:00:00+00:00",
        "dueAt": "2026-03-05T21:00:00+00:00",
        "breached": False,
    }
    assert running.caller(town.school).code(CLOSE, {"id": timer["id"]}) == "timer_unavailable"
    caller.graphql(CLOSE, {"id": timer["id"]})
    assert caller.graphql(TIMERS).json()["data"]["timers"] == []
    assert [entry["timer"] for entry in entries(town.house, "timer.closed")] == ["D-18"]
