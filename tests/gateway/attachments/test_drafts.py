"""A file that a draft names lives as long as the draft, and goes with it: on both stores."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.use_cases.attachment_values import Upload
from gateway.use_cases.keep_draft import clear_drafts, discard_draft, finish_draft, keep_draft
from gateway.use_cases.receive_upload import clear_uploads
from gateway.use_cases.remove_documents import remove_documents
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Requester
from schemas.errors import BadInput
from schemas.ids import new_id
from tests.adapters.attachment_files import pdf
from tests.builders import NOW, Town, referral, system_of
from tests.gateway.attachments.world import OPERATION, document, on_disk, upload
from tests.gateway.facts_world import staff

DAYS = timedelta(days=10)


def keep(town: Town, who: Requester, uploads: Collection[str], now: datetime = NOW, draft: str = OPERATION) -> None:
    keep_draft(town.house, who, draft, "referral", {"child_name": ["Чибис"]}, now, kind="referral", uploads=uploads)


def send(town: Town, file: Upload, now: datetime) -> str:
    draft = referral(town.centre, town.ngo, operation_id=OPERATION, attachments=[document(upload=file.id)])
    return submit_message(town.house, system_of(town.centre), draft, now).message.id


def test_a_file_waits_as_long_as_its_draft(place: Town, tmp_path: Path) -> None:
    who = staff(place.house, place.centre, "curator")
    named, other = upload(place, pdf()), upload(place, pdf())
    keep(place, who, {named.id})
    assert clear_uploads(place.house, NOW + DAYS) == 1, "what the draft does not name waits no longer than any other"
    assert [path.name for path in on_disk(tmp_path)] == [named.id]
    assert other.id != named.id
    assert send(place, named, NOW + DAYS)
    finish_draft(place.house, who, OPERATION, NOW + DAYS)
    assert clear_uploads(place.house, NOW + 5 * DAYS) == 0
    assert [path.name for path in on_disk(tmp_path)] == [named.id]


def test_keeping_it_again_keeps_the_files_too_and_lets_go_what_it_names_no_more(place: Town, tmp_path: Path) -> None:
    who = staff(place.house, place.centre, "curator")
    first, second = upload(place, pdf()), upload(place, pdf())
    keep(place, who, {first.id, second.id})
    keep(place, who, {second.id}, NOW + DAYS)
    late = NOW + DAYS + place.house.draft_period - timedelta(seconds=1)
    assert clear_uploads(place.house, late) == 1
    assert [path.name for path in on_disk(tmp_path)] == [second.id]
    with pytest.raises(BadInput, match="upload_unknown"):
        send(place, first, late)
    assert send(place, second, late)


@pytest.mark.parametrize("end", ["discarded", "its time is over"])
def test_a_file_goes_with_its_draft(place: Town, tmp_path: Path, end: str) -> None:
    who = staff(place.house, place.centre, "curator")
    file = upload(place, pdf())
    keep(place, who, {file.id})
    now = NOW + timedelta(minutes=1) if end == "discarded" else NOW + place.house.draft_period
    if end == "discarded":
        discard_draft(place.house, who, OPERATION, now)
    else:
        assert clear_drafts(place.house, now) == 1
    with pytest.raises(BadInput, match="upload_unknown"):
        send(place, file, now)
    remove_documents(place.house, now)
    assert on_disk(tmp_path) == []


def test_what_was_sent_lets_go_of_what_it_does_not_carry(place: Town, tmp_path: Path) -> None:
    who = staff(place.house, place.centre, "curator")
    sent, left = upload(place, pdf()), upload(place, pdf())
    keep(place, who, {sent.id, left.id})
    send(place, sent, NOW + DAYS)
    finish_draft(place.house, who, OPERATION, NOW + DAYS)
    assert clear_uploads(place.house, NOW + DAYS) == 1
    assert [path.name for path in on_disk(tmp_path)] == [sent.id]


def test_a_draft_keeps_no_file_of_others_or_of_another_operation(place: Town, tmp_path: Path) -> None:
    who = staff(place.house, place.centre, "curator")
    theirs = upload(place, pdf(), by=place.ngo)
    elsewhere = upload(place, pdf(), operation=new_id())
    keep(place, who, {theirs.id, elsewhere.id, new_id()})
    assert clear_uploads(place.house, NOW + DAYS) == 2
    assert on_disk(tmp_path) == []
