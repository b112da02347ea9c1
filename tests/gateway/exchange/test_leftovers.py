"""What is over leaves nothing behind: a case that went to another holder or began again, a message that was taken back, a
practice that was changed. Nobody is told of terms that nobody can meet, and nobody opens what is another's by now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gateway.use_cases.answer_message import Answer
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.change_organisation import change_organisation
from gateway.use_cases.export_case import export_case
from gateway.use_cases.house import House
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.pause_timer import pause_timer
from gateway.use_cases.publish_case_summary import Published
from gateway.use_cases.read_case_records import read_case_records
from gateway.use_cases.read_loads import read_loads
from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.reopen_case import reopen_case
from gateway.use_cases.score_case import read_own_case, score_case
from gateway.use_cases.watch_practice_timers import watch_practice_timers
from policies.case_records import Said
from schemas.errors import MezhvedError
from schemas.lifecycle import Event
from tests.builders import NOW, Town, consent, publish
from tests.builders import town as make_town
from tests.gateway.exchange.test_transfers import MOTHER
from tests.gateway.exchange.world import World, child, world
from tests.gateway.facts_world import entries, login
from tests.gateway.practice_world import Team, make_team, running
from tests.gateway.test_practice_messages import worlds

DAY = timedelta(days=1)
POINTS = ("remoteness", "guardianship_tension", "lack_of_resources", "removal_risk", "substances")


@pytest.fixture
def exchange(house: House) -> World:
    return world(house)


@pytest.fixture
def embedded(sqlite_house: House) -> Town:
    return make_town(sqlite_house)


def kept(exchange: World) -> tuple[Published, str]:
    """A case with a scenario, the mother's readiness, what was spent, and a score."""
    house, who = exchange.house, exchange.system("ngo")
    made = publish(exchange.town)
    case = house.vault.case_pseudonym(who.organisation_id, made.case_id)
    mother = str(house.vault.subject_pseudonym(who.organisation_id, made.subjects[1]))
    record_practice_event(house, who, case, "signal_received", NOW)
    keep_case_record(house, who, case, Said("scenario", code="planned_support"), NOW)
    keep_case_record(house, who, case, Said("readiness", code="action"), NOW, subject=mother)
    score_case(house, who, case, "complexity", dict.fromkeys(POINTS, 2), NOW)
    return made, case


def transfer(exchange: World, *people: dict[str, Any]) -> None:
    exchange.grant("ngo", "other_ngo")
    consent(
        exchange.town,
        exchange.who("other_ngo"),
        ref="K-1-M",
        subject_kind="parent",
        birth_date="1990-05-05",
        signers=[{"who": "self"}],
    )
    message = exchange.arrive("case_transfer", "ngo", "other_ngo", persons=list(people))
    exchange.answer("other_ngo", message.id, Event.ACCEPT)


def exported(exchange: World, case: str) -> str:
    file = export_case(exchange.house, exchange.system("ngo"), case, "CASE_MGMT", "xml", NOW).file
    return file.content.decode()


def test_what_was_kept_about_who_went_is_opened_for_the_old_holder_no_more(exchange: World) -> None:
    _, case = kept(exchange)
    house, who = exchange.house, exchange.system("ngo")
    assert len(read_case_records(house, who, case, NOW).records) == 2
    assert len(read_own_case(house, who, case, NOW).scores) == 1
    assert "planned_support" in exported(exchange, case)
    transfer(exchange, child("case_transfer"), MOTHER)
    assert read_case_records(house, who, case, NOW).records == ()
    assert read_own_case(house, who, case, NOW).scores == ()
    assert "planned_support" not in exported(exchange, case)


def test_while_the_mother_stays_what_is_about_her_stays(exchange: World) -> None:
    _, case = kept(exchange)
    transfer(exchange, child("case_transfer"))
    house, who = exchange.house, exchange.system("ngo")
    assert {record.kind for record in read_case_records(house, who, case, NOW).records} == {"scenario", "readiness"}


def deeds(house: House, who: Any, case: str) -> list[Callable[[], object]]:
    return [
        lambda: record_practice_event(house, who, case, "first_visit", NOW),
        lambda: keep_case_record(house, who, case, Said("closing", codes=()), NOW),
        lambda: score_case(house, who, case, "complexity", dict.fromkeys(POINTS, 2), NOW),
    ]


@pytest.mark.parametrize("how", ["transferred", "reopened"])
def test_nothing_more_is_recorded_on_a_case_that_is_over(exchange: World, how: str) -> None:
    _, case = kept(exchange)
    house, who = exchange.house, exchange.system("ngo")
    if how == "transferred":
        transfer(exchange, child("case_transfer"), MOTHER)
    else:
        reopen_case(house, who, case, NOW)
    for deed in deeds(house, who, case):
        with pytest.raises(MezhvedError, match="case_over"):
            deed()
    assert running(house) == []
    assert [event.event for event in read_own_case(house, who, case, NOW).events] == ["signal_received"]


def test_terms_of_a_case_that_began_again_end(town: Town) -> None:
    """Whoever works with the family anew is not told of checks of the old case; what ran is no delay from then on."""
    team = make_team(town, "deti-nashi")
    team.on()
    team.record("signal_received")
    pause_timer(team.house, team.curator, team.running()[0].id, "family_away", NOW)
    new = reopen_case(team.house, team.curator, team.case, NOW + DAY)
    assert team.running() == []
    assert watch_practice_timers(team.house, NOW + 30 * DAY) == 0
    again = Team(
        **{**team.__dict__, "case_id": new, "case": team.house.vault.case_pseudonym(team.organisation.id, new)}
    )
    again.record("signal_received", NOW + DAY)
    assert {row.about for row in again.running()} == {new}


def test_a_load_counts_no_case_that_is_over(embedded: Town) -> None:
    team = make_team(embedded, "deti-nashi")
    for event in ("signal_received", "first_visit", "intake_accepted", "case_opened"):
        team.record(event)
    person = login(team.house, team.curator)
    assign_case(team.house, team.head, team.case, person, NOW)

    def cases() -> list[int]:
        return [one.load.cases for one in read_loads(team.house, team.head, NOW).people]

    assert cases() == [1]
    reopen_case(team.house, team.curator, team.case, NOW)
    assert cases() == [0], "the new one has not begun yet"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event.RECALL, None),
        (Event.ENTER_IN_ERROR, Answer(reason="mistake")),
        (Event.CANCEL, Answer(reason="mistake")),
    ],
)
def test_nobody_is_called_out_to_what_was_taken_back(embedded: Town, event: Event, said: Answer | None) -> None:
    ward, team = worlds(embedded, "aistenok")
    team.on()
    stays = ward.arrive("inquiry", "maternity_hospital", "ngo", noted={"need": "newborn_refusal"})
    message = ward.arrive("inquiry", "maternity_hospital", "ngo", noted={"need": "newborn_refusal"})
    paused = next(row for row in team.running() if row.about == message.id)
    pause_timer(team.house, team.curator, paused.id, "family_asked", NOW)
    ward.answer("maternity_hospital", message.id, event, said)
    assert [row.about for row in team.running()] == [stays.id]
    assert watch_practice_timers(team.house, NOW + DAY) == 1, "of what stays, the first step"


def test_terms_of_another_practice_end_with_it(town: Town) -> None:
    team = make_team(town, "deti-nashi")
    team.on()
    team.record("signal_received")
    pause_timer(team.house, team.curator, team.running()[0].id, "family_away", NOW)
    other = make_team(town, "deti-nashi")
    other.on()
    other.record("signal_received")
    change_organisation(team.house, team.organisation.id, {"practice": "sos"}, "operator:test", NOW + DAY)
    assert {row.organisation_id for row in running(team.house)} == {other.organisation.id}
    assert entries(team.house, "organisation.registered")[-1]["ended"] == 2
    change_organisation(team.house, team.organisation.id, {"district": "Север"}, "operator:test", NOW + DAY)
    assert "ended" not in entries(team.house, "organisation.registered")[-1]
    assert len(running(team.house)) == 2
