"""The directory on both stores: who publishes, what is found, the anonymous question, what files may change."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from adapters.hsds.package import read_package, write_package
from gateway.evidence.entry import parse_entry
from gateway.use_cases.ask_capacity import MAX_ANSWERS, alternatives_for, ask_capacity
from gateway.use_cases.directory_port import DirectorySearch, ListedOrganisation, ListedService
from gateway.use_cases.house import House
from gateway.use_cases.publish_service import PublishedService, describe_organisation, publish_service
from gateway.use_cases.receive_directory import export_directory, receive_directory
from gateway.use_cases.search_directory import (
    directory_choices,
    places_state,
    read_directory_organisation,
    search_directory,
)
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.values import Organisation
from gateway.use_cases.withdraw_service import withdraw_service
from schemas.directory import (
    CapacityQuestion,
    Directory,
    DirectoryOrganisation,
    OrganisationProfile,
    Service,
    ServiceDraft,
    age_bands,
    fresh_days,
)
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import new_id
from schemas.territories import lies_in
from tests.builders import NOW, Town, ogrn, system_of
from tests.builders import town as make_town
from tests.directory_strategies import services as any_service

TODAY = NOW.date()


def draft(name: str = "Приём психолога", **more: Any) -> ServiceDraft:
    return ServiceDraft.model_validate({"name": name, "kinds": ["psychology"], "territories": ["45000000"], **more})


def offer(town: Town, organisation: Organisation, name: str = "Приём психолога", **more: Any) -> PublishedService:
    return publish_service(town.house, system_of(organisation), draft(name, **more), NOW)


def names(house: House, **asked: Any) -> list[str]:
    return [one.service.name for one in search_directory(house, DirectorySearch(**asked)).services]


def entries(house: House) -> list[Any]:
    sequence_log(house, NOW)
    with house.store.reading() as unit:
        found = [parse_entry(one.data) for one in unit.log.entries(-1, 1000)]
    return [entry for entry in found if entry.kind == "directory.changed"]


# --- publishing ------------------------------------------------------------------------------------------------------


def test_a_participant_publishes_changes_and_withdraws_its_own(town: Town) -> None:
    house, me = town.house, system_of(town.ngo)
    published = offer(town, town.ngo, free_places=3, stated_on="2026-03-01")
    organisation = published.listed.organisation
    assert (organisation.participant_id, organisation.organisation.ogrn) == (town.ngo.id, town.ngo.ogrn)
    assert names(house) == ["Приём психолога"]
    again = publish_service(house, me, draft("Другое имя", id=published.listed.service.id), NOW)
    assert again.listed.service.id == published.listed.service.id
    assert names(house) == ["Другое имя"]
    withdraw_service(house, me, published.listed.service.id, NOW)
    assert names(house) == []
    with pytest.raises(Unavailable, match="service_unavailable"):
        withdraw_service(house, me, published.listed.service.id, NOW)
    publish_service(house, me, draft("Снова", id=published.listed.service.id), NOW)
    assert names(house) == ["Снова"]
    assert len(entries(house)) == 4


def test_nobody_publishes_for_another_participant(town: Town) -> None:
    house = town.house
    mine = offer(town, town.ngo).listed.service.id
    for work in (
        lambda: publish_service(house, system_of(town.school), draft("Чужая", id=mine), NOW),
        lambda: publish_service(house, system_of(town.school), draft("Новая", id=new_id()), NOW),
        lambda: withdraw_service(house, system_of(town.school), mine, NOW),
        lambda: withdraw_service(house, system_of(town.school), new_id(), NOW),
        lambda: withdraw_service(house, system_of(town.school), "нет", NOW),
    ):
        with pytest.raises(Unavailable, match="service_unavailable"):
            work()
    for role in ("dpo", "administrator"):
        with pytest.raises(NotPermitted, match="not_for_overseers"):
            publish_service(house, system_of(town.ngo, role), draft(), NOW)
    assert names(house) == ["Приём психолога"]
    assert len(entries(house)) == 1


def test_a_way_through_the_gateway_needs_an_agreement(town: Town) -> None:
    later = datetime(2024, 1, 1, tzinfo=UTC)  # the agreements of the town begin in 2025
    with pytest.raises(BadInput, match="directory_gateway_needs_agreement"):
        publish_service(town.house, system_of(town.ngo), draft(apply_by=["gateway"]), later)
    assert offer(town, town.ngo, apply_by=["gateway"]).listed.service.apply_by == ("gateway",)


def test_an_organisation_is_described_in_its_own_words(town: Town) -> None:
    profile = OrganisationProfile.model_validate({"short_name": "Фонд", "phones": [{"number": "+7 000 000-00-01"}]})
    describe_organisation(town.house, system_of(town.ngo), profile, NOW)
    offer(town, town.ngo)
    with town.house.store.reading() as unit:
        listed = unit.directory.of_participant(town.ngo.id)
    assert listed is not None
    assert listed.organisation.short_name == "Фонд"
    assert (listed.organisation.name, listed.organisation.kind) == (town.ngo.name, "ngo")
    shown = read_directory_organisation(town.house, listed.organisation.id)
    assert [one.service.name for one in shown.services] == ["Приём психолога"]
    with pytest.raises(Unavailable, match="organisation_unavailable"):
        read_directory_organisation(town.house, new_id())


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"min_age": 10, "max_age": 3}, "age_order"),
        ({"free_places": 2}, "free_places_undated"),
        ({"free_places": 2, "capacity": 1, "stated_on": "2026-03-01"}, "more_free_than_places"),
    ],
)
def test_figures_that_contradict_each_other_are_refused(sqlite_house: House, more: dict[str, Any], rule: str) -> None:
    with pytest.raises(BadInput, match="field_invalid") as refused:
        offer(make_town(sqlite_house), make_town(sqlite_house).ngo, **more)
    assert refused.value.params["rule"] == rule


# --- searching -------------------------------------------------------------------------------------------------------


def test_what_is_asked_is_what_is_found(town: Town) -> None:
    house = town.house
    offer(town, town.ngo, "в городе", min_age=3, max_age=6)
    offer(town, town.ngo, "в районе", territories=["45301000"], kinds=["legal"])
    offer(town, town.centre, "в соседнем районе", territories=["45310000"], urgencies=["emergency"])
    offer(town, town.centre, "в округе", districts=["ВАО", "ЗАО"])
    offer(town, town.school, "в другом городе", territories=["40000000"])
    offer(town, town.school, "везде", territories=[], status="temporarily_closed")
    table: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["в городе", "в другом городе", "в округе", "в районе", "в соседнем районе"]),
        ({"territory": "45301000"}, ["в городе", "в округе", "в районе"]),
        ({"territory": "45000000"}, ["в городе", "в округе", "в районе", "в соседнем районе"]),
        ({"territory": "45000000", "covering": True}, ["в городе", "в округе"]),
        ({"territory": "45000000", "district": "вао"}, ["в городе", "в округе", "в районе", "в соседнем районе"]),
        ({"territory": "45000000", "district": "САО"}, ["в городе", "в районе", "в соседнем районе"]),
        ({"kinds": ["legal"]}, ["в районе"]),
        (
            {"kinds": ["legal", "psychology"], "ages": [(5, 5)], "territory": "45000000", "covering": True},
            ["в городе", "в округе"],
        ),
        ({"ages": [(7, 10)], "territory": "45301000"}, ["в округе", "в районе"]),
        ({"ages": [(3, 6), (7, 10)], "territory": "45301000"}, ["в округе", "в районе"]),
        ({"urgency": "emergency"}, ["в соседнем районе"]),
        ({"organisation_kinds": ["school"]}, ["в другом городе"]),
        ({"statuses": ()}, ["в городе", "в другом городе", "в округе", "в районе", "в соседнем районе", "везде"]),
        ({"statuses": (), "territory": "60000000"}, ["везде"]),
    ]
    for asked, found in table:
        assert names(house, **asked) == found, asked
    choices = directory_choices(house)
    assert list(choices.districts) == ["ВАО", "ЗАО"]
    assert list(choices.kinds) == ["legal", "psychology"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"kinds": ["магия"]}, "code_unknown"),
        ({"organisation_kinds": ["x"]}, "code_unknown"),
        ({"urgency": "x"}, "code_unknown"),
        ({"territory": "45"}, "oktmo_malformed"),
        ({"ages": [(-1, 3)]}, "age_impossible"),
    ],
)
def test_a_code_that_is_in_no_list_is_refused(sqlite_house: House, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput, match=code):
        search_directory(sqlite_house, DirectorySearch(**asked))


def test_pages_show_everything_once_in_the_order_of_names(town: Town) -> None:
    offered = ["Ёлка", "ель", "Арка", "арка", "Яма", "ёж", "Zoo", "арка"]
    for name in offered:
        offer(town, town.ngo, name)
    found: list[str] = []
    after: str | None = None
    for _ in range(10):
        page = search_directory(town.house, DirectorySearch(), after, 3)
        found += [one.service.name for one in page.services]
        after = page.next
        if after is None:
            break
    assert [name.casefold().replace("ё", "е") for name in found] == sorted(
        name.casefold().replace("ё", "е") for name in offered
    )
    assert sorted(found) == sorted(offered)
    assert search_directory(town.house, DirectorySearch(), new_id(), 3).services == []
    with pytest.raises(BadInput, match="page_size"):
        search_directory(town.house, DirectorySearch(), None, 51)


def test_a_page_is_two_statements_however_much_is_listed(sqlite_house: House) -> None:
    town = make_town(sqlite_house)
    asked = DirectorySearch(
        territory="45301000", district="ВАО", kinds=["psychology"], ages=[(3, 6)], urgency="planned", open_at=NOW
    )
    question = CapacityQuestion.model_validate(
        {"kinds": ["psychology"], "age_bands": ["age_3_6"], "territory": "45301000"}
    )
    counted = []
    for size in (1, 20):
        for number in range(size):
            offer(town, town.ngo, f"№ {number}", hours=week("09:00", "18:00"))
        with statements(sqlite_house) as ran:
            search_directory(sqlite_house, asked)
        with statements(sqlite_house) as asked_for:
            ask_capacity(sqlite_house, question, NOW)
        counted.append((len(ran), len(asked_for)))
    assert counted == [(2, 2), (2, 2)]


class statements:  # noqa: N801  reads as a verb
    """The statements that ran, without those that begin and end a unit."""

    def __init__(self, house: House) -> None:
        self._engine = house.store.engine  # type: ignore[attr-defined]
        self._ran: list[str] = []

    def _heard(self, *args: Any) -> None:
        if not args[2].startswith("BEGIN"):
            self._ran.append(args[2])

    def __enter__(self) -> list[str]:
        event.listen(self._engine, "before_cursor_execute", self._heard)
        return self._ran

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._heard)


def week(opens: str, closes: str, zone: str = "Europe/Moscow") -> dict[str, Any]:
    days = [{"weekday": day, "spans": [{"opens": opens, "closes": closes}]} for day in range(1, 8)]
    return {"zone": zone, "days": days}


def test_open_at_an_instant_is_what_the_hours_say(house: House) -> None:
    """The statement against the hours themselves, for nights, breaks, exceptions and zones, at every half hour."""
    town = make_town(house)
    monday = {"weekday": 1, "spans": [{"opens": "09:00", "closes": "13:00"}, {"opens": "14:00", "closes": "18:00"}]}
    night = {"weekday": 7, "spans": [{"opens": "22:00", "closes": "06:00"}]}
    given_hours: dict[str, dict[str, Any]] = {
        "день": {"days": [monday, night]},
        "Камчатка": week("09:00", "18:00", "Asia/Kamchatka"),
        "всегда": week("00:00", "00:00"),
        "закрыто": {"days": [monday, night], "exceptions": [{"from_on": "2026-03-01", "to_on": "2026-03-02"}]},
        "иначе": week("09:00", "18:00")
        | {
            "exceptions": [
                {"from_on": "2026-03-01", "to_on": "2026-03-01", "spans": [{"opens": "23:00", "closes": "02:00"}]}
            ]
        },
    }
    offered = [offer(town, town.ngo, name, hours=given).listed.service for name, given in given_hours.items()]
    offer(town, town.ngo, "неизвестно")
    start = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    seen: set[str] = set()
    for half_hours in range(0, 4 * 48, 3):
        at = start + timedelta(minutes=30 * half_hours)
        found = names(house, open_at=at)
        assert sorted(found) == sorted(one.name for one in offered if one.is_open(at)), at
        seen |= set(found)
    assert seen == set(given_hours) - {"закрыто"}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(any_service("6f9619ff-8b86-4011-b42d-00cf4fc964ff"), min_size=1, max_size=4, unique_by=lambda one: one.id),
    st.data(),
)
def test_a_search_finds_what_each_service_says_of_itself(
    sqlite_house: House, offered: list[Service], data: st.DataObject
) -> None:
    listed = ListedOrganisation(
        DirectoryOrganisation(id=offered[0].organisation_id, name="Фонд", kind="ngo"), None, "test", NOW
    )
    with sqlite_house.store.writing() as unit:
        unit.directory.put_organisations([listed])
        known = [one.service.id for one in unit.directory.services_of(offered[0].organisation_id, 200)]
        for service_id in known:
            unit.directory.withdraw(service_id, NOW)
        unit.directory.put_services([ListedService(one, listed, "test", NOW) for one in offered])
    territory = data.draw(st.sampled_from(["45301000", *(code for one in offered for code in one.territories)]))
    first = data.draw(st.integers(0, 120))
    at = data.draw(st.datetimes(datetime(2000, 1, 3), datetime(2100, 1, 1))).replace(tzinfo=UTC)  # noqa: DTZ001
    kind = data.draw(st.sampled_from(sorted({kind for one in offered for kind in one.kinds})))

    def found(**asked: Any) -> set[str]:
        return {
            one.service.id for one in search_directory(sqlite_house, DirectorySearch(statuses=(), **asked)).services
        }

    def said(test: Any) -> set[str]:
        return {one.id for one in offered if test(one)}

    assert found() == said(lambda _: True)
    assert found(ages=[(first, first)]) == said(lambda one: one.fits_ages(first, first))
    assert found(kinds=[kind]) == said(lambda one: kind in one.kinds)
    assert found(open_at=at) == said(lambda one: one.is_open(at))
    assert found(territory=territory, covering=True) == said(
        lambda one: not one.territories or any(lies_in(territory, code) for code in one.territories)
    )
    assert found(territory=territory) == said(
        lambda one: (
            not one.territories or any(lies_in(territory, code) or lies_in(code, territory) for code in one.territories)
        )
    )
    assert found(urgency="urgent") == said(lambda one: "urgent" in one.urgencies)
    assert found(places="free", today=TODAY) == said(lambda one: bool(one.free_places) and one.is_fresh(TODAY))
    assert found(places="unknown", today=TODAY) == said(lambda one: not one.is_fresh(TODAY))


# --- the anonymous question ------------------------------------------------------------------------------------------


def test_a_figure_that_is_too_old_is_stale(sqlite_house: House) -> None:
    town = make_town(sqlite_house)
    term = fresh_days("psychology")
    for days, places, state in ((0, 2, "free"), (term, 2, "free"), (term + 1, 2, "stale"), (0, 0, "full")):
        stated = (TODAY - timedelta(days=days)).isoformat()
        service = offer(town, town.ngo, free_places=places, stated_on=stated).listed.service
        assert places_state(service, TODAY) == state
    assert places_state(offer(town, town.ngo).listed.service, TODAY) == "unstated"
    # Of several kinds the strictest term counts.
    shelter = offer(town, town.ngo, kinds=["psychology", "shelter_child"], free_places=1, stated_on="2026-03-01")
    assert shelter.listed.service.fresh_until == date(2026, 3, 1) + timedelta(days=fresh_days("shelter_child"))


def question(**more: Any) -> CapacityQuestion:
    return CapacityQuestion.model_validate(
        {"kinds": ["psychology"], "age_bands": ["age_3_6"], "territory": "45301000", **more}
    )


def test_who_could_help_and_has_places(town: Town) -> None:
    today = TODAY.isoformat()
    offer(town, town.ngo, "есть", free_places=2, stated_on=today, max_age=6)
    offer(town, town.ngo, "нет мест", free_places=0, stated_on=today)
    offer(town, town.ngo, "давно", free_places=5, stated_on="2025-01-01")
    offer(town, town.ngo, "не сказано")
    offer(town, town.ngo, "не здесь", territories=["40000000"], free_places=2, stated_on=today)
    offer(town, town.ngo, "в части города", territories=["45310000"], free_places=2, stated_on=today)
    offer(town, town.ngo, "для подростков", min_age=11, free_places=2, stated_on=today)
    offer(town, town.ngo, "срочно", urgencies=["urgent"], free_places=2, stated_on=today)

    def told(**more: Any) -> tuple[list[str], list[str]]:
        answer = ask_capacity(town.house, question(**more), NOW)
        return [one.service.name for one in answer.fitting], [one.service.name for one in answer.unknown]

    assert told() == (["есть"], ["давно", "не сказано"])
    assert told(age_bands=["age_3_6", "age_11_13"]) == ([], ["давно", "не сказано"])
    assert told(urgency="urgent") == (["срочно"], [])
    assert told(territory="45310000") == (["в части города", "есть"], ["давно", "не сказано"])


@pytest.mark.parametrize(
    "words",
    [
        {"kinds": ["помогите Маше"]},
        {"age_bands": ["7 лет"]},
        {"territory": "ул. Ленина"},
        {"comment": "мама пьёт"},
        {"kinds": []},
    ],
)
def test_the_question_has_no_room_for_words(words: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        question(**words)


def test_a_district_that_the_directory_does_not_name_is_no_code(town: Town) -> None:
    offer(town, town.ngo, districts=["ВАО"])
    with pytest.raises(BadInput, match="district_unknown"):
        ask_capacity(town.house, question(district="подъезд Ивановых"), NOW)
    assert len(ask_capacity(town.house, question(district="ВАО"), NOW).unknown) == 1


def test_the_question_leaves_nothing_behind(sqlite_house: House, caplog: pytest.LogCaptureFixture) -> None:
    town = make_town(sqlite_house)
    offer(town, town.ngo)
    with sqlite_house.store.reading() as unit:
        before = len(unit.log.unsequenced(1000))
    with statements(sqlite_house) as ran:
        ask_capacity(sqlite_house, question(), NOW)
        alternatives_for(sqlite_house, territory="45301000", kinds=["psychology"], age_band="age_3_6", now=NOW)
    assert all(statement.lstrip().startswith("SELECT") for statement in ran)
    with sqlite_house.store.reading() as unit:
        assert len(unit.log.unsequenced(1000)) == before
    assert caplog.records == []


def test_many_answers_are_cut_and_it_is_said(sqlite_house: House) -> None:
    town = make_town(sqlite_house)
    for number in range(MAX_ANSWERS + 1):
        offer(town, town.ngo, f"№ {number}")
    answer = ask_capacity(sqlite_house, question(), NOW)
    assert (len(answer.unknown), answer.more_unknown, answer.more_fitting) == (MAX_ANSWERS, True, False)


def test_alternatives_leave_out_who_refused(town: Town) -> None:
    offer(town, town.ngo, "у отказавшего")
    offer(town, town.centre, "у другого", free_places=1, stated_on=TODAY.isoformat())
    offer(town, town.centre, "для взрослых", min_age=18)

    def told(refused_by: Organisation | None) -> list[str]:
        answer = alternatives_for(
            town.house,
            territory="45301000",
            kinds=["psychology"],
            age_band="age_7_10",
            now=NOW,
            refused_by=refused_by.id if refused_by else None,
        )
        return [one.service.name for one in itertools.chain(answer.fitting, answer.unknown)]

    assert told(town.ngo) == ["у другого"]
    assert told(town.school) == ["у другого", "у отказавшего"]
    assert told(None) == ["у другого", "у отказавшего"]
    for broken in ({"age_band": "x"}, {"kinds": []}, {"kinds": ["x"]}, {"territory": "x"}):
        with pytest.raises(BadInput):
            alternatives_for(
                town.house,
                **{"territory": "45301000", "kinds": ["legal"], "age_band": "adult", "now": NOW, **broken},  # type: ignore[arg-type]
            )


def test_bands_follow_each_other_without_a_gap() -> None:
    bands = list(age_bands().values())
    assert bands[0].first == 0
    for before, after in itertools.pairwise(bands):
        assert after.first == before.last + 1


# --- files -----------------------------------------------------------------------------------------------------------


def other(**more: Any) -> DirectoryOrganisation:
    return DirectoryOrganisation.model_validate({"id": new_id(), "name": "Приют", "kind": "other", **more})


def theirs(organisation: DirectoryOrganisation, **more: Any) -> Service:
    values = {"id": new_id(), "organisation_id": organisation.id, "name": "Ночлег", "kinds": ["shelter_child"], **more}
    return Service.model_validate(values)


def take_in(house: House, by: Organisation | None, *found: DirectoryOrganisation | Service) -> list[str]:
    """The codes of what was refused."""
    directory = Directory(
        tuple(one for one in found if isinstance(one, DirectoryOrganisation)),
        tuple(one for one in found if isinstance(one, Service)),
    )
    reading = read_package(write_package(directory, NOW))
    receive_directory(house, system_of(by) if by else None, "operator:cli", reading, "f" * 64, NOW)
    assert reading.report.rejected == len(reading.report.complaints)
    return [complaint.code for complaint in reading.report.complaints]


def test_the_operator_takes_in_who_does_not_take_part(town: Town) -> None:
    organisation = other(ogrn=ogrn())
    service = theirs(organisation, apply_by=["phone", "gateway"])
    assert take_in(town.house, None, organisation, service) == []
    kept = service.model_copy(update={"apply_by": ("phone",)})  # nobody can be referred to who takes no part
    assert export_directory(town.house) == Directory((organisation,), (kept,))
    # Again, under another identifier: the registration number says who it is.
    renamed = organisation.model_copy(update={"id": new_id(), "name": "Приют «Дом»"})
    moved = service.model_copy(update={"organisation_id": renamed.id, "name": "Ночлег и ужин"})
    assert take_in(town.house, None, renamed, moved) == []
    found = export_directory(town.house)
    assert [(one.id, one.name) for one in found.organisations] == [(organisation.id, "Приют «Дом»")]
    assert [(one.id, one.organisation_id, one.name) for one in found.services] == [
        (service.id, organisation.id, "Ночлег и ужин")
    ]
    assert len(entries(town.house)) == 2


def test_the_operator_does_not_publish_for_a_participant(town: Town) -> None:
    published = offer(town, town.ngo).listed
    own = published.organisation.organisation
    assert take_in(town.house, None, own, theirs(own), published.service) == ["directory_participant_publishes"] * 2
    assert names(town.house) == ["Приём психолога"]
    # Not even for one that has not published yet.
    silent = other(ogrn=town.school.ogrn)
    assert take_in(town.house, None, silent, theirs(silent)) == ["directory_participant_publishes"]


def test_a_participant_takes_in_its_own_and_nothing_else(town: Town) -> None:
    mine, stranger = other(ogrn=town.ngo.ogrn, short_name="Мы"), other(ogrn=ogrn())
    refused = take_in(town.house, town.ngo, mine, stranger, theirs(mine), theirs(stranger))
    assert refused == ["directory_not_yours", "directory_not_yours"]
    (organisation,) = export_directory(town.house).organisations
    assert (organisation.name, organisation.kind, organisation.short_name) == (town.ngo.name, "ngo", "Мы")
    assert names(town.house) == ["Ночлег"]


def test_a_known_identifier_is_not_taken_over(town: Town) -> None:
    first = other(ogrn=ogrn())
    service = theirs(first)
    assert take_in(town.house, None, first, service) == []
    impostor = first.model_copy(update={"ogrn": ogrn()})
    assert take_in(town.house, None, impostor) == ["directory_organisation_differs"]
    second = other(ogrn=ogrn())
    stolen = service.model_copy(update={"organisation_id": second.id})
    assert take_in(town.house, None, second, stolen) == ["directory_service_of_another"]


def test_a_participant_takes_over_what_the_operator_said_of_it(town: Town) -> None:
    """Its record stays the same one: links to it hold."""
    newcomer = other(ogrn=ogrn(), short_name="Новые")
    assert take_in(town.house, None, newcomer, theirs(newcomer)) == []
    joined = Organisation(
        **{**{name: getattr(town.ngo, name) for name in town.ngo.__slots__}, "id": new_id(), "ogrn": newcomer.ogrn}
    )
    with town.house.store.writing() as unit:
        unit.participants.add_organisation(joined)
    published = publish_service(town.house, system_of(joined), draft(), NOW)
    assert published.listed.organisation.organisation.id == newcomer.id
    assert published.listed.organisation.organisation.short_name == "Новые"
    assert sorted(names(town.house)) == ["Ночлег", "Приём психолога"]
