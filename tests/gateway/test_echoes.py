"""The holder is told that somebody looked: the kind and the purpose, afterwards, never where it would warn of an enquiry."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.exchange.relay import relay_once
from gateway.use_cases import echo_lookups as module
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.echo_lookups import echo_lookups
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.read_echoes import Echo, read_echoes
from gateway.use_cases.read_queue import read_queue
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.values import Organisation
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.errors import MezhvedError
from tests import builders
from tests.builders import NOW, Town, consent, organisation, publish, system_of, town
from tests.gateway.facts_world import staff

DAY = timedelta(hours=24)
LATER = NOW + DAY


def begun(house: House) -> Town:
    """A town whose log has been followed from now on."""
    made = town(house)
    assert echo_lookups(house, NOW) == 0, "what was before is not told"
    return made


def looks(made: Town, who: Organisation, case_id: Any, purpose: str = "CASE_MGMT", now: Any = NOW) -> None:
    pseudonym = made.house.vault.case_pseudonym(who.id, case_id)
    try:
        read_case_summary(made.house, system_of(who), pseudonym, Question(purpose, ("ID", "PLN")), now)
    except MezhvedError as error:
        assert error.code == "case_unavailable"


def told(made: Town, case_id: Any, now: Any = LATER) -> list[Echo]:
    """What the holder reads once the period is over and the relay has been there."""
    sequence_log(made.house, now)
    echo_lookups(made.house, now)
    relay_once(made.house, now)
    return list(read_echoes(made.house, system_of(made.ngo), made.house.vault.case_pseudonym(made.ngo.id, case_id)))


def test_the_kind_the_purpose_and_the_days(house: House) -> None:
    made = begun(house)
    case = publish(made).case_id
    consent(made, made.guardianship)
    consent(made, made.centre)
    for who in (made.guardianship, made.guardianship, made.centre):
        looks(made, who, case, now=NOW + timedelta(hours=1))
    looks(made, made.ngo, case)  # its own
    found = told(made, case)
    assert {(e.kind, e.purpose, e.times) for e in found} == {
        ("guardianship", "CASE_MGMT", 2),
        ("family_centre", "CASE_MGMT", 1),
    }
    assert {(e.first_on, e.last_on) for e in found} == {(NOW.date(), NOW.date())}


def test_two_of_a_kind_are_one_line(house: House) -> None:
    made = begun(house)
    case = publish(made).case_id
    other = organisation(house, "guardianship", "Другой орган опеки (тест)")
    for who in (made.guardianship, other):
        consent(made, who)
        looks(made, who, case)
    assert [(e.kind, e.times) for e in told(made, case)] == [("guardianship", 2)]


def test_nobody_is_named_anywhere_in_the_notice(house: House) -> None:
    made = begun(house)
    case = publish(made).case_id
    consent(made, made.guardianship)
    looks(made, made.guardianship, case)
    told(made, case)
    (notice,) = [m for m in read_queue(house, system_of(made.ngo), LATER) if m.type == "lookup_echo"]
    assert notice.sender_id == notice.recipient_id == made.ngo.id
    assert set(notice.notes) == {"kind", "times", "from", "until"}
    assert made.guardianship.id not in repr(notice)
    assert not [m for m in read_queue(house, system_of(made.ngo), LATER, "outbox") if m.type == "lookup_echo"]


@pytest.mark.parametrize("purpose", ["SIGNAL", "EMERGENCY", "AUTHORITY_REQUEST", "OVERSIGHT", "SUBJECT_ACCESS"])
def test_what_must_warn_nobody_is_told_to_nobody_and_stands_in_the_log(house: House, purpose: str) -> None:
    made = begun(house)
    case = publish(made).case_id
    consent(made, made.guardianship)
    looks(made, made.guardianship, case, purpose)
    assert told(made, case) == []
    with house.store.reading() as unit:
        rows = unit.log.disclosures(made.ngo.id, case, 50)
    assert [row.purpose for row in rows if row.recipient_id == made.guardianship.id].count(purpose) >= 1


def test_somebody_without_a_relation_looked_at_nothing(house: House) -> None:
    made = begun(house)
    case = publish(made).case_id
    looks(made, made.school, case)
    assert told(made, case) == []


def test_a_refused_look_is_told_too(house: House) -> None:
    made = begun(house)
    case = publish(made).case_id
    given_to = consent(made, made.guardianship)
    withdraw_consent(house, system_of(made.ngo), given_to, NOW)
    looks(made, made.guardianship, case)
    with house.store.reading() as unit:
        (row,) = {r.released for r in unit.log.disclosures(made.ngo.id, case, 50)}
    assert row is False
    assert [e.times for e in told(made, case)] == [1]


def test_a_notice_waits_for_its_period_and_comes_once(house: House) -> None:
    made = begun(house)
    case = publish(made).case_id
    consent(made, made.guardianship)
    looks(made, made.guardianship, case)
    assert told(made, case, NOW + DAY - timedelta(seconds=1)) == []
    assert len(told(made, case, LATER)) == 1
    assert len(told(made, case, LATER + timedelta(hours=1))) == 1
    looks(made, made.guardianship, case, now=LATER)
    assert len(told(made, case, LATER + DAY)) == 2


def test_it_lies_in_no_queue_and_alerts_nobody(house: House) -> None:
    made = begun(house)
    case = publish(made).case_id
    consent(made, made.guardianship)
    looks(made, made.guardianship, case)
    assert len(told(made, case)) == 1
    with house.store.reading() as unit:
        tabs = unit.queues.tabs(made.ngo.id, [], LATER)
        assert (tabs.all, tabs.free) == (0, 0)


def test_who_may_read_them(house: House) -> None:
    made = begun(house)
    case = publish(made).case_id
    consent(made, made.guardianship)
    looks(made, made.guardianship, case)
    assert len(told(made, case)) == 1
    curator, other = staff(house, made.ngo, "curator"), staff(house, made.ngo, "curator")
    pseudonym = house.vault.case_pseudonym(made.ngo.id, case)
    with house.store.reading() as unit:
        login = next(p.login for p in unit.participants.people_of(made.ngo.id) if p.id == curator.person_id)
    assign_case(house, system_of(made.ngo), pseudonym, login, LATER)
    assert len(read_echoes(house, curator, pseudonym)) == 1
    for who, wanted, code in (
        (other, pseudonym, "not_assigned"),
        (system_of(made.guardianship), house.vault.case_pseudonym(made.guardianship.id, case), "case_unavailable"),
        (curator, "ничьё", "case_unavailable"),
    ):
        with pytest.raises(MezhvedError, match=code):
            read_echoes(house, who, wanted)


@pytest.mark.parametrize("batch", [1, 3, 1000])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looked=st.lists(st.tuples(st.sampled_from(["guardianship", "centre"]), st.integers(0, 2)), max_size=8))
def test_every_look_is_counted_once_however_long_the_rounds_are(
    monkeypatch: pytest.MonkeyPatch, batch: int, looked: list[tuple[str, int]]
) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    with tempfile.TemporaryDirectory() as folder:
        _counted_once(begun(builders.sqlite_house(Path(folder))), looked)


def _counted_once(made: Town, looked: list[tuple[str, int]]) -> None:
    cases = [publish(made, f"K-{n}", f"C-{n}", identifiers={"snils": None}).case_id for n in range(3)]
    for n in range(3):
        for who in (made.guardianship, made.centre):
            consent(made, who, f"K-{n}")
    for name, n in looked:
        looks(made, getattr(made, name), cases[n])
    sequence_log(made.house, LATER)
    rounds = 0
    while True:
        echo_lookups(made.house, LATER)
        with made.house.store.reading() as unit:
            mark = unit.log.bookmark(module.MARK)
        rounds += 1
        assert mark is not None
        assert rounds < 500
        if not mark.open:
            break
    relay_once(made.house, LATER)
    counted: Counter[tuple[str, int]] = Counter()
    for n, case in enumerate(cases):
        for echo in read_echoes(
            made.house, system_of(made.ngo), made.house.vault.case_pseudonym(made.ngo.id, case), limit=50
        ):
            name = {"guardianship": "guardianship", "family_centre": "centre"}[echo.kind]
            counted[name, n] += echo.times
    assert counted == Counter(looked)


def test_two_processes_tell_once(house: House) -> None:
    made = begun(house)
    case = publish(made).case_id
    consent(made, made.guardianship)
    looks(made, made.guardianship, case)
    sequence_log(house, LATER)
    with house.store.reading() as unit:
        mark = unit.log.bookmark(module.MARK)
    assert mark is not None
    assert echo_lookups(house, LATER) == 1
    with pytest.raises(MezhvedError, match="facts_keep_moving"), house.store.writing() as unit:
        unit.log.mark(module.MARK, mark.position, mark.position + 1, LATER, is_open=False)
