"""Drafts on each kind of store: what was kept last is what is there, for its author alone, until it ends."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.house import House
from gateway.use_cases.keep_draft import clear_drafts, discard_draft, finish_draft, keep_draft
from gateway.use_cases.read_drafts import open_draft, read_drafts
from gateway.use_cases.record_absence import record_absence
from gateway.use_cases.submit_message import submit_message
from gateway.vault.vault import Vault
from schemas.errors import Broken, MezhvedError
from schemas.ids import new_id
from tests.builders import NOW, Town, system_of
from tests.gateway.exchange.world import world
from tests.gateway.facts_world import entries, login, staff

LATER = timedelta(minutes=5)


def kept(house: House, who: Any, draft_id: str, words: str, now: Any = NOW) -> None:
    keep_draft(house, who, draft_id, "compose", {"child_name": [words]}, now, kind="inquiry")


def test_a_draft_from_its_beginning_to_its_end(town: Town) -> None:
    house = town.house
    one, other = staff(house, town.ngo, "curator"), staff(house, town.ngo, "curator")
    first, second = new_id(), new_id()
    kept(house, one, first, "Чибис")
    kept(house, one, second, "Второй", NOW + LATER)
    kept(house, other, new_id(), "Чужой")
    kept(house, one, first, "Чибис, дальше", NOW + 2 * LATER)
    lines = read_drafts(house, one, NOW)
    assert [(line.draft.id, line.author) for line in lines] == [(first, ""), (second, "")], "the latest first"
    draft, fields = open_draft(house, one, first, NOW)
    assert fields == {"child_name": ["Чибис, дальше"]}
    assert draft.expires_at == NOW + 2 * LATER + house.draft_period
    discard_draft(house, one, second, NOW)
    for who, wanted in ((one, second), (other, first), (one, new_id()), (one, "ничто")):
        with pytest.raises(MezhvedError, match="draft_unavailable"):
            open_draft(house, who, wanted, NOW)
        with pytest.raises(MezhvedError, match="draft_unavailable"):
            discard_draft(house, who, wanted, NOW)
    finish_draft(house, one, first, NOW)
    finish_draft(house, one, first, NOW)
    assert read_drafts(house, one, NOW) == []
    assert len(read_drafts(house, other, NOW)) == 1


def test_the_same_identifier_in_two_organisations_is_two_drafts(town: Town) -> None:
    house, same = town.house, new_id()
    ours, theirs = staff(house, town.ngo, "curator"), staff(house, town.guardianship, "guardianship_specialist")
    kept(house, ours, same, "наше")
    kept(house, theirs, same, "их")
    assert open_draft(house, ours, same, NOW)[1] == {"child_name": ["наше"]}
    discard_draft(house, ours, same, NOW)
    assert open_draft(house, theirs, same, NOW)[1] == {"child_name": ["их"]}


def test_time_ends_what_nobody_touches(town: Town) -> None:
    house = town.house
    who = staff(house, town.ngo, "curator")
    old, fresh = new_id(), new_id()
    kept(house, who, old, "старый")
    kept(house, who, fresh, "новый", NOW + LATER)
    over = NOW + house.draft_period
    with pytest.raises(MezhvedError, match="draft_unavailable"):
        open_draft(house, who, old, over)
    assert clear_drafts(house, over) == 1
    assert [line.draft.id for line in read_drafts(house, who, over)] == [fresh]


@pytest.mark.parametrize("who", ["system", "dpo"])
def test_whoever_writes_nothing_here_has_no_drafts(town: Town, who: str) -> None:
    requester = system_of(town.ngo) if who == "system" else staff(town.house, town.ngo, "dpo")
    code = "person_needed" if who == "system" else "not_for_overseers"
    for deed in (
        lambda: kept(town.house, requester, new_id(), "слова"),
        lambda: read_drafts(town.house, requester, NOW),
        lambda: open_draft(town.house, requester, new_id(), NOW),
        lambda: discard_draft(town.house, requester, new_id(), NOW),
    ):
        with pytest.raises(MezhvedError, match=code):
            deed()


def test_two_windows_save_one_draft(town: Town) -> None:
    house, same = town.house, new_id()
    who = staff(house, town.ngo, "curator")
    kept(house, who, same, "начало")
    failed: list[str] = []

    def save(words: str) -> None:
        try:
            kept(house, who, same, words)
        except MezhvedError as error:
            failed.append(error.code)

    threads = [threading.Thread(target=save, args=(f"окно {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(failed) <= {"store_busy"}
    assert open_draft(house, who, same, NOW)[1]["child_name"][0] in {"начало", *(f"окно {n}" for n in range(4))}
    assert len(read_drafts(house, who, NOW)) == 1


def test_what_a_crash_leaves_behind_is_sent_once(town: Town) -> None:
    exchange = world(town.house)
    who = staff(town.house, exchange.who("ngo"), "curator")
    draft = exchange.draft("inquiry", "ngo", "centre")
    kept(town.house, who, draft.operation_id, "слова")
    first = submit_message(town.house, who, draft, NOW)  # and here the process ends: the draft is still there
    assert len(read_drafts(town.house, who, NOW)) == 1
    again = submit_message(town.house, who, draft, NOW)
    finish_draft(town.house, who, draft.operation_id, NOW)
    assert (again.repeated, again.message.id) == (True, first.message.id)
    assert relay_once(town.house, NOW) == 1
    assert read_drafts(town.house, who, NOW) == []


def test_nobody_ends_the_draft_of_a_colleague_by_sending_under_its_number(town: Town) -> None:
    house = town.house
    one, other = staff(house, town.ngo, "curator"), staff(house, town.ngo, "curator")
    mine = new_id()
    kept(house, one, mine, "моё")
    finish_draft(house, other, mine, NOW)
    assert open_draft(house, one, mine, NOW)[1] == {"child_name": ["моё"]}


def test_standing_in_begins_and_ends_and_each_look_is_an_entry(town: Town) -> None:
    house = town.house
    one, other = staff(house, town.ngo, "curator"), staff(house, town.ngo, "curator")
    mine = new_id()
    kept(house, one, mine, "моё")
    today = NOW.date()
    record_absence(house, one, login(house, one), today, today, login(house, other), NOW)
    assert open_draft(house, other, mine, NOW)[1] == {"child_name": ["моё"]}
    assert open_draft(house, one, mine, NOW)[1] == {"child_name": ["моё"]}, "also who is away has written it"
    kept(house, one, mine, "моё, с дороги")
    assert [line.draft.id for line in read_drafts(house, one, NOW)] == [mine]
    (entry,) = entries(house, "draft.opened")
    assert (entry["draft"], entry["actor"], entry["author"]) == (mine, other.actor, one.actor)
    back = NOW + timedelta(days=2)
    for deed in (
        lambda: open_draft(house, other, mine, back),
        lambda: discard_draft(house, other, mine, back),
        lambda: kept(house, other, mine, "чужое", back),
    ):
        with pytest.raises(MezhvedError, match="draft_unavailable"):
            deed()
    finish_draft(house, other, mine, back)
    assert read_drafts(house, other, back) == []
    assert open_draft(house, one, mine, back)[1] == {"child_name": ["моё, с дороги"]}
    assert len(entries(house, "draft.opened")) == 1


def test_without_its_entry_nobody_reads_the_draft_of_another(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    house = town.house
    one, other = staff(house, town.ngo, "curator"), staff(house, town.ngo, "curator")
    mine = new_id()
    kept(house, one, mine, "моё")
    record_absence(house, one, login(house, one), NOW.date(), NOW.date(), login(house, other), NOW)

    def fail(*_: object) -> None:
        raise Broken("entry_not_written")

    opened: list[str] = []
    real = Vault.open_draft
    monkeypatch.setattr(Vault, "open_draft", lambda vault, key, sealed: opened.append(key) or real(vault, key, sealed))
    monkeypatch.setattr("gateway.use_cases.read_drafts.append_entry", fail)
    with pytest.raises(Broken):
        open_draft(house, other, mine, NOW)
    assert opened == []
    assert open_draft(house, one, mine, NOW)
