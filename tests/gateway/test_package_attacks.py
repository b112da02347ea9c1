"""What was tried against packages: two at once, words that come too late, minds that change, letters that steer a terminal."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.use_cases.house import House
from gateway.use_cases.make_package import MOST, make_package
from gateway.use_cases.receive_package_receipt import PackageReceived, receive_package_receipt
from gateway.use_cases.show_package import lines_of
from gateway.use_cases.tell_package_code import tell_package_code
from gateway.use_cases.verify_package import open_package
from schemas.errors import MezhvedError
from schemas.lifecycle import TRANSITIONS, Actor, Event, Need, State
from schemas.package import BY_CODE
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


def test_a_party_without_access_disagrees_by_a_code_with_its_reason_and_words(put: Council) -> None:
    decision = put.propose("guardianship", "kdn")
    made = make_package(put.house, put.system, put.messages["kdn"], NOW)
    with pytest.raises(MezhvedError, match="words_required"):
        told(put, "kdn", made, "disagree/risk")
    with put.house.store.reading() as unit:
        assert unit.packages.of_message(put.messages["kdn"])[0].receipts == ()
    told(put, "kdn", made, "disagree/risk", words="Нужен ещё месяц наблюдения")
    party = put.party(decision, "kdn")
    assert (party.stand.position.value, party.stand.reason) == ("disagreed", "risk")
    assert party.words == {"words": "Нужен ещё месяц наблюдения"}
    assert party.message is not None
    assert party.message.receipts[-1].attested_by == "code"


def test_words_that_name_somebody_are_not_taken_with_a_code_either(put: Council) -> None:
    put.propose("guardianship", "kdn")
    made = make_package(put.house, put.system, put.messages["kdn"], NOW)
    with pytest.raises(MezhvedError, match="text_not_nameless"):
        told(put, "kdn", made, "ask", words="Где живёт Иванова Мария Петровна?")


def test_a_question_by_a_code_is_replied_to_and_the_next_package_brings_the_reply(put: Council) -> None:
    decision = put.propose("guardianship", "kdn")
    box = Packages(put.world)
    first = make_package(put.house, put.system, put.messages["kdn"], NOW)
    assert told(put, "kdn", first, "ask", words="Есть ли жильё?").message.state is State.ON_HOLD
    assert put.positions(decision)[1] == "asks"
    put.reply("kdn")
    assert put.positions(decision)[1] == "waiting"
    second = make_package(put.house, put.system, put.messages["kdn"], NOW)
    replies = [note for note in box.open(second).content.notes if note.name.startswith("reply-")]
    assert [(note.ru, note.values[0][0].value) for note in replies] == [("Ответ отправителя на вопрос", "Жильё есть")]
    assert not [note for note in box.open(first).content.notes if note.name.startswith("reply-")]
    assert "Есть ли жильё?" not in box.open(second).document.decode(), "words of the recipient are not sent back to it"
    assert told(put, "kdn", second, "ask", words="А работа?").message.state is State.ON_HOLD, "a second question"
    put.reply("kdn")
    third = make_package(put.house, put.system, put.messages["kdn"], NOW)
    told(put, "kdn", third, "agree")
    assert put.positions(decision)[1] == "agreed"


def test_a_code_whose_package_says_less_than_is_to_be_read_by_now_is_not_told(put: Council) -> None:
    put.propose("guardianship", "kdn")
    first = make_package(put.house, put.system, put.messages["kdn"], NOW)
    second = make_package(put.house, put.system, put.messages["kdn"], NOW)
    told(put, "kdn", first, "ask", words="Есть ли жильё?")
    put.reply("kdn")
    with pytest.raises(MezhvedError, match="package_outdated"):
        tell_package_code(put.house, put.system, put.messages["kdn"], second.package.id, NOW)


def test_the_page_asks_for_words_wherever_the_table_does() -> None:
    script = (Path(__file__).parents[2] / "gateway/partner/package_page/page.js").read_text("utf-8")
    (listed,) = re.findall(r"const TOLD = \[([^\]]*)\]", script)
    needing = {row.event for row in TRANSITIONS if Need.WORDS in row.needs and row.actor is Actor.RECIPIENT}
    assert set(re.findall(r'"(\w+)"', listed)) == {event.value for event in needing & set(BY_CODE)}


@pytest.mark.parametrize("part", ["data", "manifest"])
def test_what_is_nested_without_end_is_refused_like_anything_else(part: str) -> None:
    deep = "[" * 200_000 + "]" * 200_000
    inside = json.dumps({"manifest": f"mezhved-package/v1\n{deep}\n\n", "sealed": "", "proof": ""})
    data = deep if part == "data" else inside
    file = f'<script type="application/json" id="package">{data}</script>'.encode()
    with pytest.raises(MezhvedError, match=r"package_altered|not_a_package"):
        open_package(file, "0" * 24)


def test_nothing_in_a_package_steers_the_terminal_that_shows_it(sqlite_house: House) -> None:
    world = packages(sqlite_house)
    tricks = "\u009b31m\u202eтекст\u2066\u200e\u009d0;заголовок\u009c"
    opened = world.open(world.make(world.referral()))
    forged = replace(opened, content=replace(opened.content, sender=f"Отправитель{tricks}", reg_number=tricks))
    shown = "\n".join(lines_of(forged, "ru"))
    assert "Отправитель" in shown
    assert "текст" in shown
    assert not [letter for letter in shown if letter != "\n" and not letter.isprintable()]
