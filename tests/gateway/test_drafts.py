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
from gateway.use_cases.submit_message import submit_message
from schemas.errors import MezhvedError
from schemas.ids import new_id
from tests.builders import NOW, Town, system_of
from tests.gateway.exchange.world import world
from tests.gateway.facts_world import staff

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
    finish_draft(house, one, first)
    finish_draft(house, one, first)
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
    finish_draft(town.house, who, draft.operation_id)
    assert (again.repeated, again.message.id) == (True, first.message.id)
    assert relay_once(town.house, NOW) == 1
    assert read_drafts(town.house, who, NOW) == []
