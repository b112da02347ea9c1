"""What was tried against packages: two at once, words that come too late, minds that change, letters that steer a terminal."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from gateway.use_cases.house import House
from gateway.use_cases.make_package import MOST, make_package
from gateway.use_cases.receive_package_receipt import PackageReceived, receive_package_receipt
from gateway.use_cases.show_package import lines_of
from schemas.errors import MezhvedError
from schemas.lifecycle import Event, State
from tests.builders import NOW
from tests.gateway.joint.world import CENTRE, RISK, Council, council
from tests.gateway.package_world import Packages, packages


@pytest.fixture
def world(house: House) -> Packages:
    return packages(house)


@pytest.fixture
def put(sqlite_house: House) -> Council:
    return council(sqlite_house)


def told(put: Council, name: str, made, outcome: str, **more: str) -> PackageReceived:
    code = Packages(put.world).code(made, outcome)
    return receive_package_receipt(put.house, put.system, put.messages[name], code, NOW, **more)


def test_packages_made_at_the_same_moment_are_all_made(world: Packages) -> None:
    message_id = world.referral()
    failed: list[str] = []

    def make() -> None:
        try:
            world.make(message_id)
        except MezhvedError as error:
            failed.append(error.code)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(failed) <= {"store_busy", "package_not_proven"}, "said so that it can be made again"
    with world.house.store.reading() as unit:
        found = unit.packages.of_message(message_id)
    assert len(found) >= 4 - len(failed)
    assert len({package.id for package in found}) == len(found)


def test_two_at_once_do_not_pass_the_limit(world: Packages, monkeypatch: pytest.MonkeyPatch) -> None:
    message_id = world.referral()
    monkeypatch.setattr("gateway.use_cases.make_package.MOST", 2)
    world.make(message_id)
    real = make_package.__globals__["read_as_recipient"]

    def slower(house, message, actor, now):
        monkeypatch.setitem(make_package.__globals__, "read_as_recipient", real)
        world.make(message_id)  # while the first one reads, another is made
        return real(house, message, actor, now)

    monkeypatch.setitem(make_package.__globals__, "read_as_recipient", slower)
    with pytest.raises(MezhvedError, match="package_many"):
        world.make(message_id)
    with world.house.store.reading() as unit:
        assert len(unit.packages.of_message(message_id)) == 2
    assert MOST == 20


def test_a_code_changes_no_answer_after_the_conclusion(put: Council) -> None:
    decision = put.propose("guardianship", "kdn")
    made = make_package(put.house, put.system, put.messages["kdn"], NOW)
    put.say("kdn", Event.DISAGREE, RISK)
    put.conclude(decision, "not_taken")
    with pytest.raises(MezhvedError, match="joint_concluded"):
        told(put, "kdn", made, "agree")
    assert put.positions(decision) == ["waiting", "disagreed"]
    with put.house.store.reading() as unit:
        assert unit.packages.of_message(put.messages["kdn"])[0].receipts == (), "what was refused is not put down"


def test_who_was_silent_until_the_conclusion_may_still_answer_by_a_code(put: Council) -> None:
    decision = put.propose("guardianship", "kdn")
    made = make_package(put.house, put.system, put.messages["kdn"], NOW)
    put.conclude(decision, "not_taken")
    assert told(put, "kdn", made, "agree").message.state is State.COMPLETED
    assert put.positions(decision)[1] == "agreed"


def test_of_minds_that_change_the_last_word_counts_whichever_way_it_came(put: Council) -> None:
    decision = put.propose("guardianship", "kdn")
    first = make_package(put.house, put.system, put.messages["kdn"], NOW)
    second = make_package(put.house, put.system, put.messages["kdn"], NOW)
    told(put, "kdn", first, "agree")
    put.say("kdn", Event.DISAGREE, RISK)
    assert put.positions(decision)[1] == "disagreed"
    told(put, "kdn", second, "agree")
    assert put.positions(decision)[1] == "agreed"
    assert CENTRE in put.world.more


def test_nothing_in_a_package_steers_the_terminal_that_shows_it(sqlite_house: House) -> None:
    world = packages(sqlite_house)
    tricks = "\u009b31m\u202eтекст\u2066\u200e\u009d0;заголовок\u009c"
    opened = world.open(world.make(world.referral()))
    forged = replace(opened, content=replace(opened.content, sender=f"Отправитель{tricks}", reg_number=tricks))
    shown = "\n".join(lines_of(forged, "ru"))
    assert "Отправитель" in shown
    assert "текст" in shown
    assert not [letter for letter in shown if letter != "\n" and not letter.isprintable()]
