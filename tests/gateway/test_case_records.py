"""What an organisation keeps of its own cases: history, whom it is about, who may, events and terms that come with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from gateway.storage import tables as t
from gateway.storage.tables_records import case_records
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.change_organisation import change_organisation
from gateway.use_cases.house import House
from gateway.use_cases.keep_case_record import RecordKept, keep_case_record
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.read_case_records import CaseRecords, read_case_records
from gateway.use_cases.read_loads import read_loads
from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.score_case import score_case
from gateway.use_cases.values import Requester
from policies.case_records import KINDS, Said
from schemas.ids import SubjectId, new_id
from schemas.summary import SummaryDraft
from tests.builders import NOW, Town, child_sections, consent, publish, system_of
from tests.builders import town as make_town
from tests.gateway.facts_world import entries, login, refusal, rows, staff
from tests.gateway.practice_world import Team, make_team, statements

DAY = timedelta(days=1)
SPHERES = ("material", "health", "psychological", "learning")
SECRET = "social_palliative"


@pytest.fixture
def embedded(sqlite_house: House) -> Town:
    """A town on SQLite, for what does not depend on the store."""
    return make_town(sqlite_house)


def keep(team: Team, kind: str, now: datetime = NOW, who: Requester | None = None, **more: Any) -> RecordKept:
    place = {name: more.pop(name) for name in ("subject", "at") if name in more}
    return keep_case_record(team.house, who or team.curator, team.case, Said(kind, **more), now, **place)


def read(team: Team, now: datetime = NOW) -> CaseRecords:
    return read_case_records(team.house, team.curator, team.case, now)


def person(team: Team, kind: str, number: int = 0) -> str:
    return [member.pseudonym for member in read(team).members if member.kind == kind][number]


def life(state: str = "same") -> dict[str, str]:
    return dict.fromkeys(SPHERES, state)


def two_children(town: Town, practice: str = "otkazniki") -> Team:
    """A team whose case has two children and the mother."""
    team = make_team(town, practice)
    draft = SummaryDraft.model_validate(
        {
            "case_ref": "C-2",
            "as_of": "2026-03-01",
            "erase_after": "2027-03-01",
            "source": "наблюдение куратора",
            "curator_name": "Куратор Тестовый",
            "curator_phone": "+70000000000",
            "subjects": [
                {"ref": "T-1", "kind": "child", "sections": {**child_sections(), "identifiers": {}}},
                {
                    "ref": "T-2",
                    "kind": "child",
                    "sections": {"identity": {"full_name": "Проба Вторая", "birth_date": "2021-02-03"}},
                },
                {
                    "ref": "T-M",
                    "kind": "parent",
                    "sections": {"identity": {"full_name": "Мать Вторая", "birth_date": "1990-05-05"}},
                },
            ],
        }
    )
    published = publish_case_summary(team.house, system_of(team.organisation), draft, NOW, synthetic=True)
    case = team.house.vault.case_pseudonym(team.organisation.id, published.case_id)
    return Team(team.town, team.organisation, practice, published.case_id, case, "T-1", team.head, team.curator)


# --- keeping and reading ---------------------------------------------------------------------------------------------


def test_a_case_changes_its_type_and_keeps_its_history(town: Town) -> None:
    team = make_team(town, "otkazniki")
    keep(team, "case_type", code="ordinary")
    keep(team, "case_type", NOW + DAY, code="motivational")
    keep(team, "case_type", NOW + 3 * DAY, code=SECRET)
    keep(team, "case_type", NOW + 4 * DAY, code="ordinary", at=NOW + 2 * DAY)  # recorded later of an earlier day
    found = read(team, NOW + 5 * DAY)
    assert [record.value["code"] for record in found.records if record.value] == [
        SECRET,
        "ordinary",
        "motivational",
        "ordinary",
    ]
    assert found.records[1].recorded_at == NOW + 4 * DAY
    assert all(record.about is None for record in found.records)


ONE_OF_EACH: list[tuple[str, dict[str, Any], str | None]] = [
    ("deti-nashi", {"kind": "scenario", "code": "permanent_support"}, None),
    ("deti-nashi", {"kind": "readiness", "code": "action"}, "parent"),
    ("deti-nashi", {"kind": "closing", "codes": ("help_uniform",)}, None),
    ("deti-nashi", {"kind": "spending", "year": 2026, "roubles": 120_000}, None),
    ("otkazniki", {"kind": "case_type", "code": "social_palliative"}, None),
    ("otkazniki", {"kind": "readiness", "code": "precontemplation"}, "parent"),
    ("otkazniki", {"kind": "wellbeing", "states": life("first")}, "child"),
    ("sos", {"kind": "needs", "states": {"child": "open", "parent": "met", "family": "none"}}, None),
    ("sos", {"kind": "checklist", "part": "child", "codes": ("care",)}, "child"),
    ("sos", {"kind": "checklist", "part": "parent", "codes": ()}, "parent"),
    ("sos", {"kind": "checklist", "part": "family", "codes": ("learning",)}, None),
    ("aistenok", {"kind": "scenario", "code": "passive_support"}, None),
]


@pytest.mark.parametrize(("practice", "said", "about"), ONE_OF_EACH)
def test_each_practice_keeps_what_it_has(
    embedded: Town, practice: str, said: dict[str, Any], about: str | None
) -> None:
    team = make_team(embedded, practice)
    more = {"subject": person(team, about)} if about else {}
    keep(team, **said, **more)
    (record,) = read(team).records
    assert record.value is not None
    assert record.about == (more.get("subject") if about else None)
    (row,) = rows(team.house, case_records)
    kinds = {m.id: m.kind for m in _members(team)}
    # What is said of the family as a whole may betray a parent's illness: it ends with the keys of the parent.
    assert kinds[row.sealed_with] == (about or "parent")
    values = str(said.get("code") or said.get("roubles") or "care").encode()
    assert values not in row.sealed
    (entry,) = entries(team.house, "case.record_kept")
    assert set(entry) == {"organisation", "actor", "case", "practice", "kind", "at"}
    assert entry["kind"] == said["kind"]


def _members(team: Team) -> Any:
    with team.house.store.reading() as unit:
        return unit.case_records.members(team.case_id)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "readiness"])
def test_what_a_practice_does_not_use_it_does_not_keep(embedded: Town, kind: str) -> None:
    team = make_team(embedded, "moscow")
    assert refusal(lambda: keep(team, kind, code="x")).code == "record_not_used"
    assert rows(team.house, case_records) == []


def test_whom_it_is_about_is_of_the_family_and_of_the_kind(embedded: Town) -> None:
    team, other = make_team(embedded, "otkazniki"), make_team(embedded, "otkazniki")
    mother = person(team, "parent")
    foreign = team.house.vault.subject_pseudonym(team.organisation.id, _members(other)[0].id)
    for subject in (None, "z" * 52, mother, foreign, person(other, "child")):
        assert refusal(lambda s=subject: keep(team, "wellbeing", states=life(), subject=s)).code == "record_person"
    child = person(team, "child")
    for about in (None, child):
        assert refusal(lambda s=about: keep(team, "readiness", code="action", subject=s)).code == "record_person"


def test_when_it_was_so_is_not_later_than_now(embedded: Town) -> None:
    team = make_team(embedded, "otkazniki")
    for at in (NOW + timedelta(seconds=1), NOW.replace(tzinfo=None)):
        assert refusal(lambda at=at: keep(team, "case_type", code="ordinary", at=at)).code == "record_time"
    keep(team, "case_type", code="ordinary", at=NOW)


def test_another_practice_does_not_read_what_the_former_one_kept(embedded: Town) -> None:
    team = make_team(embedded, "otkazniki")
    keep(team, "case_type", code="ordinary")
    change_organisation(team.house, team.organisation.id, {"practice": "sos"}, "operator:test", NOW)
    assert read(team).records == ()
    change_organisation(team.house, team.organisation.id, {"practice": "otkazniki"}, "operator:test", NOW)
    assert len(read(team).records) == 1


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["lawyer", "registrar", "dpo", "administrator", "guardianship_specialist"])
def test_others_of_the_organisation_neither_keep_nor_read(embedded: Town, role: str) -> None:
    team = make_team(embedded, "otkazniki")
    keep(team, "case_type", code=SECRET)
    who = staff(team.house, team.organisation, role)
    expected = {"practice_not_yours", "not_for_overseers"}
    before = len(rows(team.house, t.entries))
    for act in (
        lambda: keep(team, "case_type", who=who, code="ordinary"),
        lambda: read_case_records(team.house, who, team.case, NOW),
    ):
        assert refusal(act).code in expected
    assert len(rows(team.house, t.entries)) == before


def test_a_case_that_somebody_works_on_is_theirs(embedded: Town) -> None:
    team = make_team(embedded, "otkazniki")
    worker = staff(team.house, team.organisation, "curator")
    assign_case(team.house, team.head, team.case, login(team.house, worker), NOW)
    assert refusal(lambda: keep(team, "case_type", code="ordinary")).code == "not_assigned"
    assert refusal(lambda: read(team)).code == "not_assigned"
    keep(team, "case_type", who=worker, code="ordinary")
    assert len(read_case_records(team.house, worker, team.case, NOW).records) == 1


def test_strangers_and_related_ones_get_what_they_get_for_an_invented_case(town: Town) -> None:
    team, other = make_team(town, "otkazniki"), make_team(town, "sos")
    consent(team.town, other.organisation, ref=team.ref, discloser=team.organisation)
    theirs = team.house.vault.case_pseudonym(other.organisation.id, team.case_id)
    said, counted = set(), set()
    for case in (theirs, "z" * 52):
        acts: tuple[Callable[[], object], ...] = (
            lambda case=case: keep_case_record(team.house, other.curator, case, Said("needs"), NOW),  # type: ignore[misc]
            lambda case=case: read_case_records(team.house, other.curator, case, NOW),  # type: ignore[misc]
        )
        with statements(team.house) as heard:
            said |= {refusal(act).code for act in acts}
        counted.add(len(heard))
    assert said == {"case_unavailable"}
    assert len(counted) == 1


def test_nothing_is_opened_before_its_entry_and_nothing_for_who_may_not(
    embedded: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = make_team(embedded, "otkazniki")
    keep(team, "case_type", code=SECRET)
    seen: list[int] = []
    vault = type(team.house.vault)
    opens = vault.open_all_words

    def watched(self: Any, kept: Any) -> Any:
        seen.append(len(entries(team.house, "case.records_read")))
        return opens(self, kept)

    monkeypatch.setattr(vault, "open_all_words", watched)
    read(team)
    assert seen == [1]
    assert refusal(
        lambda: read_case_records(team.house, staff(team.house, team.organisation, "lawyer"), team.case, NOW)
    )
    assert seen == [1]


# --- keys ------------------------------------------------------------------------------------------------------------


def destroy(team: Team, kind: str) -> SubjectId:
    found: SubjectId = next(member.id for member in _members(team) if member.kind == kind)
    team.house.vault._keys.destroy(found, now=NOW, reason="consent_withdrawn")  # type: ignore[attr-defined]
    return found


def test_what_was_said_of_somebody_ends_with_their_keys(town: Town) -> None:
    team = make_team(town, "otkazniki")
    child, mother = person(team, "child"), person(team, "parent")
    keep(team, "case_type", code=SECRET)
    keep(team, "readiness", code="action", subject=mother)
    keep(team, "wellbeing", states=life("first"), subject=child)
    destroy(team, "parent")
    known = {record.kind: record.value for record in read(team).records}
    assert known == {"case_type": None, "readiness": None, "wellbeing": {"states": life("first")}}
    assert refusal(lambda: keep(team, "readiness", code="action", subject=mother)).code == "case_unavailable"
    keep(team, "case_type", code="ordinary")
    newest = read(team).records
    assert {record.value["code"] for record in newest if record.kind == "case_type" and record.value} == {"ordinary"}
    destroy(team, "child")
    found = read(team)
    assert all(record.value is None for record in found.records)
    assert [member.readable for member in found.members] == [False, False]
    assert refusal(lambda: keep(team, "case_type", code="ordinary")).code == "case_unavailable"


# --- events and terms that come with it ------------------------------------------------------------------------------


def begun(team: Team, *events: str) -> Team:
    for event in events or ("request_received", "team_voted", "case_opened"):
        team.record(event)
    return team


def test_a_change_of_the_type_is_an_event_and_the_first_type_is_none(embedded: Town) -> None:
    team = begun(make_team(embedded, "otkazniki"))
    keep(team, "case_type", code="ordinary")
    assert [e["event"] for e in entries(team.house, "practice.recorded")][3:] == []
    keep(team, "case_type", code=SECRET)
    changed = entries(team.house, "practice.recorded")[3:]
    assert [e["event"] for e in changed] == ["type_changed"]
    assert SECRET not in str(changed), "that it changed, and not to what"


def test_a_life_recorded_ends_the_term_and_begins_the_next(town: Town) -> None:
    team = make_team(town, "otkazniki")
    team.on("child-wellbeing")
    begun(team)
    (first,) = team.running("child-wellbeing")
    kept = keep(team, "wellbeing", NOW + 40 * DAY, states=life("first"), subject=person(team, "child"))
    assert [timer.timer for timer in (*kept.ended, *kept.started)] == ["child-wellbeing"] * 2
    (again,) = team.running("child-wellbeing")
    assert (again.started_at, again.id == first.id) == (NOW + 40 * DAY, False)
    assert again.due_at == datetime(2026, 7, 11, 21, tzinfo=UTC), "three months after 11 April, at 24:00 in Moscow"
    assert [e["event"] for e in entries(team.house, "practice.recorded")][-1] == "wellbeing_recorded"


def test_the_term_ends_with_the_last_of_the_children(town: Town) -> None:
    team = two_children(town)
    team.on("child-wellbeing")
    begun(team)
    one, two = person(team, "child"), person(team, "child", 1)
    assert keep(team, "wellbeing", NOW + 10 * DAY, states=life("first"), subject=one).ended == ()
    assert keep(team, "wellbeing", NOW + 20 * DAY, states=life("first"), subject=one).ended == (), (
        "the same child again"
    )
    assert len(keep(team, "wellbeing", NOW + 21 * DAY, states=life("first"), subject=two).ended) == 1
    (next_round,) = team.running("child-wellbeing")
    assert next_round.started_at == NOW + 21 * DAY
    early = NOW + 15 * DAY
    assert keep(team, "wellbeing", NOW + 22 * DAY, states=life(), subject=two, at=early).ended == (), (
        "of the round before"
    )
    assert keep(team, "wellbeing", NOW + 23 * DAY, states=life(), subject=two).ended == ()
    assert len(keep(team, "wellbeing", NOW + 24 * DAY, states=life(), subject=one).ended) == 1


def test_a_child_without_keys_keeps_no_term_running(embedded: Town) -> None:
    team = two_children(embedded)
    team.on("child-wellbeing")
    begun(team)
    two = person(team, "child", 1)
    destroy(team, "child")
    assert len(keep(team, "wellbeing", NOW + DAY, states=life("first"), subject=two).ended) == 1


def test_at_closing_a_life_is_recorded_once_more_and_begins_nothing(embedded: Town) -> None:
    team = begun(make_team(embedded, "otkazniki"))
    team.on("child-wellbeing")
    child = person(team, "child")
    closed = record_practice_event(team.house, team.curator, team.case, "case_closed", NOW + DAY)
    assert (closed.closes, closed.unmet) == (True, None)
    found = read(team, NOW + DAY).closing
    assert found is not None
    assert (found.children, found.holds) == ((child,), False)
    kept = keep(team, "wellbeing", NOW + 2 * DAY, states=life("better"), subject=child, at_closing=True)
    assert (kept.started, team.running("child-wellbeing")) == ((), [])
    found = read(team, NOW + 2 * DAY).closing
    assert found is not None
    assert found.holds


def test_closing_asks_says_what_is_not_met_and_blocks_nothing(town: Town) -> None:
    team = make_team(town)
    for event in ("signal_received", "intake_accepted", "case_opened"):
        team.record(event)
    given = {"no_hard_task", "help_uniform"}
    bad = refusal(lambda: team.record("case_closed", criteria=["tired"]))
    assert bad.code == "field_invalid"
    assert rows(team.house, case_records) == []
    closed = team.record("case_closed", criteria=sorted(given))
    assert (closed.stage, closed.closes) == ("case_closed", True)
    assert closed.unmet == ("removal_risk_minimal", "no_sharp_regress", "family_independent")
    found = read(team).closing
    assert found is not None
    assert (set(found.met), found.unmet) == (given, closed.unmet)


def test_without_an_assessment_a_case_is_closed_too(embedded: Town) -> None:
    team = make_team(embedded)
    for event in ("signal_received", "intake_accepted", "case_opened"):
        team.record(event)
    assert team.record("case_closed").unmet is None
    found = read(team).closing
    assert found is not None
    assert (found.assessed, found.holds) == (False, False)
    other = begun(make_team(embedded, "otkazniki"))
    assert refusal(lambda: other.record("case_closed", criteria=["x"])).code == "record_not_used"


def test_permanent_support_ends_with_the_majority_of_the_youngest(town: Town) -> None:
    team = two_children(town, "deti-nashi")
    assert (read(team).lasts_until_majority, read(team).until) == (False, None)
    keep(team, "scenario", code="permanent_support")
    assert (read(team).lasts_until_majority, read(team).until) == (True, date(2039, 2, 3))
    keep(team, "scenario", NOW + DAY, code="planned_support")
    assert (read(team, NOW + DAY).lasts_until_majority, read(team, NOW + DAY).until) == (False, None)


# --- norms -----------------------------------------------------------------------------------------------------------


def norms(team: Team, now: datetime = NOW) -> dict[str, tuple[Decimal | None, str]]:
    return {s.code: (s.value, s.verdict.value) for s in read(team, now).norms}


def test_a_case_against_the_norms(town: Town) -> None:
    team = make_team(town)
    assert norms(team) == dict.fromkeys(("delays", "months", "budget"), (None, "unknown"))
    team.on("first-visit", "first-visit-team")
    team.record("signal_received")
    assert norms(team)["delays"] == (Decimal(0), "within")
    later = NOW + 9 * DAY  # due at the end of 3 and 5 March, Moscow: 7.5 and 5.5 days late
    assert norms(team, later)["delays"] == (Decimal("13.0"), "over")
    team.record("first_visit", later)
    assert norms(team, later + 50 * DAY)["delays"] == (Decimal("13.0"), "over"), "what was done grows no more"
    team.record("intake_accepted", later)
    team.record("case_opened", later)
    keep(team, "spending", later, year=2026, roubles=500_001)
    found = norms(team, later + 31 * DAY)
    assert found["months"] == (Decimal("1.0"), "within")
    assert found["budget"] == (Decimal(500_001), "over")
    assert norms(team, later + 400 * DAY)["budget"] == (None, "unknown"), "another year"
    team.record("case_closed", later + 31 * DAY)
    assert norms(team, later + 300 * DAY)["months"] == (Decimal("1.0"), "under"), "closed: it lasted that long"


def test_a_reminder_is_no_delay(embedded: Town) -> None:
    team = make_team(embedded, "otkazniki")
    team.on("outcome-recheck")
    begun(team)
    team.record("case_closed")
    with team.house.store.reading() as unit:
        assert unit.case_records.terms(team.case_id, team.organisation.id, "otkazniki") == []


def test_the_load_of_curators(town: Town) -> None:
    team = make_team(town)
    worker = staff(team.house, team.organisation, "curator")
    helper = staff(team.house, team.organisation, "psychologist")
    cases = [team.case]
    for number in range(2):
        published = publish(team.town, ref=f"L-{number}", case=f"L-{number}", identifiers={})
        cases.append(str(team.house.vault.case_pseudonym(team.organisation.id, published.case_id)))
    points = {"remoteness": 3, "guardianship_tension": 3, "lack_of_resources": 3, "removal_risk": 2, "substances": 2}
    for case in cases:
        for event in ("signal_received", "intake_accepted", "case_opened"):
            record_practice_event(team.house, team.head, case, event, NOW)
    assert read_loads(team.house, team.head, NOW).unassigned == 3
    for case in cases[:2]:
        assign_case(team.house, team.head, case, login(team.house, worker), NOW)
        assign_case(team.house, team.head, case, login(team.house, helper), NOW)
    score_case(team.house, worker, cases[0], "complexity", dict.fromkeys(points, 1), NOW)
    score_case(team.house, worker, cases[0], "complexity", points, NOW + DAY)
    found = read_loads(team.house, team.head, NOW + DAY)
    busy = [p for p in found.people if p.load.cases]
    figures = sorted((p.is_curator, p.load.cases, p.load.complex_cases) for p in busy)
    assert figures == [(False, 2, 1), (True, 2, 1)], "the newest score of the one that was scored"
    assert [{s.code: s.verdict.value for s in p.norms} for p in busy if p.is_curator] == [
        {"cases": "under", "complex_cases": "within", "post_support_families": "within"}
    ]
    assert all(not p.norms for p in busy if not p.is_curator)
    assert found.unassigned == 1
    assert {p.load.cases for p in found.people if p.is_curator} == {0, 2}, "curators without a case are there too"
    for event in ("case_closed", "post_support_began"):
        record_practice_event(team.house, worker, cases[0], event, NOW + DAY)
    after = next(p for p in read_loads(team.house, team.head, NOW + DAY).people if p.load.cases and p.is_curator)
    assert (after.load.cases, after.load.post_support_families, after.load.complex_cases) == (1, 1, None)
    for who, code in (
        (worker, "practice_not_yours"),
        (staff(team.house, team.organisation, "dpo"), "not_for_overseers"),
    ):
        assert refusal(lambda who=who: read_loads(team.house, who, NOW)).code == code
    system = read_loads(team.house, system_of(team.organisation), NOW + DAY)
    assert {p.load.complex_cases for p in system.people if p.load.cases} == {None}, "scores are for people"
    assert len(entries(team.house, "practice.loads_read")) == 4


def test_pages_cost_the_same_for_few_and_many(town: Town) -> None:
    team = make_team(town)
    team.record("signal_received")
    keep(team, "scenario", code="planned_support")
    with statements(team.house) as few:
        read(team)
        read_loads(team.house, team.head, NOW)
    for number in range(5):
        keep(team, "scenario", NOW + number * DAY, code="planned_support")
        published = publish(team.town, ref=f"N-{number}", case=f"N-{number}", identifiers={})
        case = team.house.vault.case_pseudonym(team.organisation.id, published.case_id)
        record_practice_event(team.house, team.head, case, "signal_received", NOW)
        assign_case(team.house, team.head, case, login(team.house, team.curator), NOW)
    with statements(team.house) as many:
        read(team)
        read_loads(team.house, team.head, NOW)
    assert len(few) == len(many)


def test_no_value_rests_open(town: Town) -> None:
    team = make_team(town, "otkazniki")
    keep(team, "case_type", code=SECRET)
    keep(team, "readiness", code="precontemplation", subject=person(team, "parent"))
    read(team)
    with team.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        for table in t.metadata.sorted_tables:
            text = repr([tuple(row) for row in connection.execute(select(table))])
            assert SECRET not in text, table.name
            assert "precontemplation" not in text, table.name


def test_a_case_is_kept_by_an_identifier_of_ones_own(embedded: Town) -> None:
    team = make_team(embedded, "otkazniki")
    assert refusal(lambda: keep_case_record(team.house, team.curator, new_id(), Said("case_type"), NOW)).code == (
        "case_unavailable"
    )
