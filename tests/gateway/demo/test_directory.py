"""The directory of the demo: every centre and body in it, all invented, with something for every question of the page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.demo.directory import MOSCOW, publish_directory
from gateway.demo.organisations import by_key
from gateway.demo.seed import _organisation
from gateway.use_cases.directory_port import DirectorySearch, ListedService
from gateway.use_cases.house import House
from gateway.use_cases.receive_directory import export_directory
from gateway.use_cases.register_participants import register_organisation_in
from gateway.use_cases.search_directory import places_state, search_directory
from schemas.directory import Directory
from tests.builders import sqlite_house

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, Directory]:
    house = sqlite_house(tmp_path_factory.mktemp("directory"))
    made = {key: _organisation(fixture) for key, fixture in by_key().items()}
    with house.store.writing() as unit:
        for organisation in made.values():
            register_organisation_in(house, unit, organisation, NOW)
        publish_directory(unit, by_key(), made, NOW)
    return house, export_directory(house)


def everything(house: House) -> list[ListedService]:
    found: list[ListedService] = []
    after: str | None = None
    while True:
        page = search_directory(house, DirectorySearch(territory=MOSCOW), after)
        found += page.services
        after = page.next
        if after is None:
            return found


def test_every_centre_and_body_offers_something(filled: tuple[House, Directory]) -> None:
    _, directory = filled
    offering = {one.organisation_id for one in directory.services}
    by_ogrn = {one.ogrn: one.id for one in directory.organisations}
    for key, fixture in by_key().items():
        if fixture.kind in {"family_centre", "social_service_centre", "guardianship", "kdn", "ngo"}:
            assert by_ogrn[fixture.ogrn] in offering, key
    assert len([key for key in by_key() if key.startswith("centre-")]) == 36
    assert len(directory.organisations) > len(by_key()) - 2  # and some that take no part


def test_all_of_it_is_marked_as_invented(filled: tuple[House, Directory]) -> None:
    _, directory = filled
    assert all(one.synthetic for one in (*directory.organisations, *directory.services))
    for one in directory.organisations:
        assert all(phone.number.startswith("+7 (000)") for phone in one.phones)
        assert one.place is None or "Вымышленная" in one.place.address
        assert one.website is None or one.website.endswith(".example/")


def test_there_is_something_to_see_of_everything(filled: tuple[House, Directory]) -> None:
    house, directory = filled
    listed = everything(house)
    assert len(listed) == len(directory.services)
    states = {places_state(one.service, NOW.date()) for one in listed}
    assert states == {"free", "full", "stale", "unstated"}
    assert {one.service.is_open(NOW) for one in listed} == {True, False}
    assert {one.organisation.participant_id is None for one in listed} == {True, False}
    assert len({district for one in listed for district in one.service.districts}) == 11
