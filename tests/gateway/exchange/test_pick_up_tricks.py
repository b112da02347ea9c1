"""What a partner may do to its own folder: links, pipes, names. Nothing outside of it is written, read or waited for."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from gateway.exchange import file_drop, pick_up
from gateway.exchange.pick_up import PickedUp
from gateway.vault.errors import KeyAbsent
from schemas.errors import Broken
from tests.builders import organisation
from tests.gateway.exchange.conftest import Post
from tests.gateway.exchange.test_pick_up import Partner, delivery_of, state

SECRET = b"the master key"


@pytest.fixture
def partner(sqlite_post: Post) -> Partner:
    return Partner(sqlite_post)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of the installation that is not the partner's."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "master.key").write_bytes(SECRET)
    return folder


def row(partner: Partner, message) -> tuple[str, ...]:
    return ("", delivery_of(partner.post, message), "", "accept")


@pytest.mark.parametrize("where", ["done", "rejected"])
def test_a_folder_that_is_a_link_leads_nowhere(partner: Partner, outside: Path, where: str) -> None:
    message = partner.post.send()
    partner.inbox.mkdir(parents=True)
    (partner.inbox / where).symlink_to(outside, target_is_directory=True)
    if where == "done":
        partner.answer(row(partner, message), name="payload.csv")
    else:
        partner.put("payload.csv", "а;б\n1;2")
    partner.pick()
    assert sorted(path.name for path in outside.iterdir()) == ["master.key"]
    assert partner.left() == ["payload.csv"], "the file stays until the folder is one"


def test_an_inbox_that_is_a_link_takes_nothing_of_others(partner: Partner) -> None:
    other = Partner(partner.post, organisation(partner.post.house, "guardianship", "Другая опека (тест)"), "other")
    theirs, mine = partner.post.send(recipient=other.owner), partner.post.send()
    for victim, thief, message in ((other, partner, theirs), (partner, other, mine)):
        victim.answer(("", "", message, "accept"))
        thief.inbox.parent.mkdir(parents=True, exist_ok=True)
        if thief.inbox.exists():
            thief.inbox.rename(thief.inbox.with_name("away"))
        thief.inbox.symlink_to(victim.inbox, target_is_directory=True)
        assert partner.pick() == PickedUp(1, 0)
        assert state(partner.post, message) == "accepted", "its owner's endpoint took it"
        thief.inbox.unlink()


@pytest.mark.parametrize("where", ["done", "rejected"])
@pytest.mark.parametrize("names", [(".payload.csv.report.csv.tmp", "payload.csv.report.csv"), ("payload.csv",)])
def test_a_link_in_the_place_of_a_report_is_not_followed(
    partner: Partner, outside: Path, where: str, names: tuple[str, ...]
) -> None:
    message = partner.post.send()
    (partner.inbox / where).mkdir(parents=True)
    for name in names:
        (partner.inbox / where / name).symlink_to(outside / "master.key")
    if where == "done":
        partner.answer(row(partner, message), name="payload.csv")
    else:
        partner.put("payload.csv", "а;б\n1;2")
    partner.pick()
    assert (outside / "master.key").read_bytes() == SECRET
    assert partner.left() == []


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(partner: Partner) -> None:
    message = partner.post.send()
    (partner.inbox / "done").mkdir(parents=True)
    os.mkfifo(partner.inbox / "done" / "answers.csv")
    partner.answer(row(partner, message))
    worker = threading.Thread(target=partner.pick, daemon=True)
    worker.start()
    worker.join(timeout=20)
    if worker.is_alive():  # let it go, so that the test fails and does not hang
        os.close(os.open(partner.inbox / "done" / "answers.csv", os.O_RDWR | os.O_NONBLOCK))
        pytest.fail("it waits for the pipe")
    assert state(partner.post, message) == "accepted"


def test_a_lock_that_is_a_link_or_a_pipe_stops_its_owner_alone(partner: Partner, outside: Path) -> None:
    other = Partner(partner.post, organisation(partner.post.house, "guardianship", "Другая опека (тест)"), "other")
    theirs = partner.post.send(recipient=other.owner)
    other.answer(("", "", theirs, "accept"))
    partner.inbox.mkdir(parents=True)
    (partner.inbox / ".lock").symlink_to(outside / "master.key")
    assert partner.pick() == PickedUp(1, 0)
    (partner.inbox / ".lock").unlink()
    os.mkfifo(partner.inbox / ".lock")
    partner.pick()
    assert state(partner.post, theirs) == "accepted"


def test_what_is_handed_over_is_written_through_no_link(partner: Partner, outside: Path) -> None:
    folder = partner.inbox.parent
    folder.mkdir(parents=True)
    (folder / ".x.json.tmp").symlink_to(outside / "master.key")
    (folder / "x.json").symlink_to(outside / "master.key")
    file_drop.place(folder, "x.json", b"content")
    assert (outside / "master.key").read_bytes() == SECRET
    assert not (folder / "x.json").is_symlink()
    assert (folder / "x.json").read_bytes() == b"content"


def test_a_drop_that_is_a_link_is_not_written_to(partner: Partner, outside: Path) -> None:
    link = outside.parent / "drop-link"
    link.symlink_to(outside, target_is_directory=True)
    with pytest.raises(OSError, match=r"directory|symbolic"):
        file_drop.place(link, "x.json", b"content")
    assert sorted(path.name for path in outside.iterdir()) == ["master.key"]


def test_a_file_that_cannot_be_applied_does_not_stop_those_after_it(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = partner.post.send()
    partner.put("first.csv", "stuck", age=90)
    partner.answer(row(partner, message), name="second.csv")
    real = pick_up.receive_answers

    def take(house, endpoint, content, *rest, **more):
        if content == b"stuck":
            raise KeyAbsent
        return real(house, endpoint, content, *rest, **more)

    monkeypatch.setattr(pick_up, "receive_answers", take)
    assert partner.pick() == PickedUp(1, 0)
    assert partner.left() == ["first.csv"]
    assert state(partner.post, message) == "accepted"
    for number in range(9):
        partner.put(f"more-{number}.csv", "stuck", age=90)
    assert partner.pick() == PickedUp(0, 0)
    another = partner.post.send()
    partner.answer(row(partner, another), name="third.csv")
    assert partner.pick() == PickedUp(1, 0), "however many of them there are"
    assert state(partner.post, another) == "accepted"


def test_a_store_that_is_away_is_asked_once_and_everything_stays(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def away(house, endpoint, content, *rest, **more):
        asked.append(content)
        raise Broken("store_failed", cause="OperationalError")

    monkeypatch.setattr(pick_up, "receive_answers", away)
    for number in range(3):
        partner.put(f"{number}.csv", "a;b")
    assert partner.pick() == PickedUp(0, 0)
    assert len(asked) == 1
    assert partner.left() == ["0.csv", "1.csv", "2.csv"]
