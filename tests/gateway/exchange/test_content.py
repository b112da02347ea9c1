"""Content goes with a delivery only through the door, at that moment, and is not an opening. File drops."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from adapters.tables.reader import read_table as read_csv
from adapters.xml.reader import read_referrals as read_xml
from gateway.exchange.file_drop import place
from gateway.exchange.relay import relay_once
from gateway.partner.seals import text_of, unseal
from gateway.use_cases.read_queue import read_message_state
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.errors import BadInput
from schemas.lifecycle import State
from tests.builders import NOW, consent, referral, system_of
from tests.gateway.exchange.conftest import Post
from tests.gateway.exchange.receiver import Receiver

NAME, WORDS = "Проба Вымышленная Тестовна", "Слова, которые не для всех"


def referred(post: Post) -> Any:
    """A referral to the NGO on a consent; the message and the consent."""
    consent_id = consent(post.town, post.town.ngo, purpose="REFERRAL", discloser=post.town.centre)
    draft = referral(post.town.centre, post.town.ngo)
    message = submit_message(post.house, system_of(post.town.centre), draft, NOW).message
    relay_once(post.house, NOW)
    return message.id, consent_id


def entries(post: Post, kind: str) -> list[dict[str, Any]]:
    with post.house.store.reading() as unit:
        rows = unit.log.unsequenced(10_000)
        found = [unit.log.entry(entry_id) for entry_id, _ in rows]
    return [body for _, data in found if (body := json.loads(data))["kind"] == kind]


def test_content_is_a_disclosure_of_its_own_and_no_opening(post: Post, webhook: Receiver) -> None:
    post.register(post.town.ngo, "webhook", webhook.url, content=True)
    post.hand_over()
    message, _ = referred(post)
    before = len(entries(post, "exchange.decided"))
    webhook.answers = lambda document: (500, b"", {})
    post.hand_over()
    webhook.answers = lambda document: None
    post.hand_over(timedelta(minutes=1))
    first, second = webhook.deliveries()
    identity = second["content"]["subjects"][0]["sections"]["ID"]
    assert identity["data"]["full_name"] == NAME
    assert identity["rule"]
    decided = entries(post, "exchange.decided")[before:]
    assert [first["content"]["entry"], second["content"]["entry"]] == [entry["id"] for entry in decided]
    assert {entry["body"]["requester"]["actor"] for entry in decided} == {f"endpoint:{post.rows()[0].endpoint_id}"}
    state = read_message_state(post.house, system_of(post.town.centre), message, post.now)
    assert state is not None
    assert state.state is State.DELIVERED
    assert not entries(post, "message.opened")


def test_a_consent_withdrawn_before_the_attempt_stops_the_content(post: Post, webhook: Receiver) -> None:
    post.register(post.town.ngo, "webhook", webhook.url, content=True)
    post.hand_over()
    _, consent_id = referred(post)
    withdraw_consent(post.house, system_of(post.town.centre), consent_id, post.now)
    relay_once(post.house, post.now)
    post.hand_over()
    text = b"".join(webhook.raw).decode()
    assert NAME not in text
    assert WORDS not in text
    assert {body["event"] for body in webhook.deliveries()} == {"message.delivered", "message.recall"}


@pytest.mark.parametrize("content", [True, False])
def test_without_content_nothing_of_the_family_goes(post: Post, webhook: Receiver, content: bool) -> None:
    post.register(post.town.ngo, "webhook", webhook.url, content=content)
    post.hand_over()
    referred(post)
    post.hand_over()
    assert (NAME in webhook.raw[-1].decode()) is content
    stored = list(post.rows())
    assert NAME not in repr(stored)


def test_content_is_sealed_where_there_is_a_key(post: Post, webhook: Receiver) -> None:
    private = X25519PrivateKey.generate()
    post.register(post.town.ngo, "webhook", webhook.url, content=True, seal_key=text_of(private.public_key()))
    post.hand_over()
    referred(post)
    post.hand_over()
    (body,) = webhook.deliveries()
    assert NAME not in webhook.raw[-1].decode()
    opened = json.loads(unseal(private, body["sealed"], body["delivery"]))
    assert opened["subjects"][0]["sections"]["ID"]["data"]["full_name"] == NAME


def drop(post: Post) -> list[Path]:
    return sorted((post.folder / "drop" / "inbox").iterdir())


@pytest.mark.parametrize("form", ["json", "xml", "csv"])
def test_a_file_is_whole_named_by_an_identifier_and_read_back(post: Post, form: str) -> None:
    post.register(post.town.ngo, "file", "inbox", content=True, form=form)
    referred(post)
    assert post.hand_over().done == 1
    (file,) = drop(post)
    (row,) = post.rows()
    assert file.name == f"{row.event.id}.{form}"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    if form == "json":
        assert json.loads(content)["content"]["subjects"][0]["sections"]["ID"]["data"]["full_name"] == NAME
        return
    records = list(read_xml(BytesIO(content))) if form == "xml" else read_csv(BytesIO(content)).records
    (record,) = records
    assert record.draft is not None, record.complaints
    assert record.draft.persons[0].identity.full_name == NAME
    assert record.draft.sender_ogrn == post.town.centre.ogrn


def test_a_file_without_content_is_the_event_alone(post: Post) -> None:
    post.register(post.town.ngo, "file", "inbox", form="xml")
    referred(post)
    post.hand_over()
    (file,) = drop(post)
    assert file.suffix == ".json"
    assert "content" not in json.loads(file.read_bytes())


def test_a_full_disk_leaves_no_half_of_a_file(sqlite_post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post = sqlite_post
    post.register(post.town.ngo, "file", "inbox", content=True)
    referred(post)
    real = os.fsync

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    settled = post.hand_over()
    monkeypatch.setattr(os, "fsync", real)
    assert settled.waiting == 1
    assert drop(post) == []
    assert post.rows()[0].error == "disk_full"
    assert post.hand_over(timedelta(minutes=10)).done == 1
    assert len(drop(post)) == 1


def test_writing_again_replaces(tmp_path: Path) -> None:
    place(tmp_path / "a", "n.json", b"1")
    place(tmp_path / "a", "n.json", b"2")
    assert [(f.name, f.read_bytes()) for f in (tmp_path / "a").iterdir()] == [("n.json", b"2")]


@pytest.mark.parametrize("folder", ["../x", "a/b", "", ".", "A", "ё", "x" * 61])
def test_a_folder_is_a_name_and_nothing_else(sqlite_post: Post, folder: str) -> None:
    with pytest.raises(BadInput, match="endpoint_address"):
        sqlite_post.register(sqlite_post.town.ngo, "file", folder)
