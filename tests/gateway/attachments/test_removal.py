"""Files of the destroyed and of what was removed: gone from the disk, on both stores, whatever a crash interrupts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.storage import tables as t
from gateway.storage import tables_attachments as a
from gateway.storage.blobs import DirectoryBlobs
from gateway.use_cases import remove_documents as removal
from gateway.use_cases.read_attachment import list_documents
from gateway.use_cases.receive_upload import clear_uploads
from gateway.use_cases.remove_documents import ALL_EVERY, OVERLAP, Walks, remove_documents
from gateway.use_cases.submit_message import submit_message
from schemas.errors import BadInput
from schemas.ids import MessageId, SubjectId
from tests.adapters.attachment_files import pdf
from tests.builders import NOW, Town, consent, referral, system_of
from tests.gateway.attachments.world import document, on_disk, send, upload

REASON = "срок хранения истёк"


class CrashError(Exception):
    """The process ends here."""


def destroy(town: Town, message: MessageId) -> SubjectId:
    _, (shown, *_) = list_documents(town.house, system_of(town.ngo), message, NOW)
    town.house.vault._keys.destroy(shown.subject_id, now=NOW, reason=REASON)
    return shown.subject_id


def rows(town: Town) -> tuple[int, int]:
    """Uploads and documents."""
    with town.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        return (
            connection.execute(select(func.count()).select_from(a.uploads)).scalar_one(),
            connection.execute(select(func.count()).select_from(a.attachments)).scalar_one(),
        )


def entries(town: Town) -> list[dict[str, object]]:
    with town.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        found = connection.execute(
            select(t.entries.c.body).where(t.entries.c.kind == "attachment.removed").order_by(t.entries.c.position)
        )
        return [json.loads(row.body)["body"] for row in found]


def test_the_destroyed_leave_no_file(place: Town, tmp_path: Path) -> None:
    message = send(place, document(upload=upload(place, pdf()).id), document("ID", sha256="a" * 64))
    _, (shown, fact) = list_documents(place.house, system_of(place.ngo), message, NOW)
    assert remove_documents(place.house, NOW) == 0
    assert len(on_disk(tmp_path)) == 1, "the living keep theirs"
    destroy(place, message)
    assert remove_documents(place.house, NOW) == 2
    assert on_disk(tmp_path) == []
    assert rows(place) == (0, 0)
    (body,) = entries(place)
    assert body["reason"] == "keys_destroyed"
    assert body["attachments"] == [{"attachment": one, "message": message} for one in sorted((shown.id, fact.id))]
    assert remove_documents(place.house, NOW) == 0
    assert len(entries(place)) == 1


def test_others_keep_their_files(place: Town, tmp_path: Path) -> None:
    mine = send(place, document(upload=upload(place, pdf()).id))
    consent(place, place.ngo, "K-2", purpose="REFERRAL", discloser=place.centre)
    other_operation = "00000000-0000-4000-8000-00000000000b"
    other = upload(place, pdf(), operation=other_operation)
    draft = referral(
        place.centre, place.ngo, "K-2", operation_id=other_operation, attachments=[document(upload=other.id)]
    )
    draft = draft.model_copy(update={"persons": (draft.persons[0].model_copy(update={"identifiers": None}),)})
    submit_message(place.house, system_of(place.centre), draft, NOW)
    destroy(place, mine)
    remove_documents(place.house, NOW)
    assert [path.name for path in on_disk(tmp_path)] == [other.id]


def _crash_after(step: str, place: Town, patch: pytest.MonkeyPatch) -> None:
    """The process ends right after this step, and before the next one is known to have happened."""
    blobs = place.house.blobs
    assert isinstance(blobs, DirectoryBlobs)
    remove: Callable[[str], None] = blobs.remove

    def crash(*_: object, **__: object) -> None:
        raise CrashError

    def removed_then_crash(blob_id: str) -> None:
        remove(blob_id)
        raise CrashError

    if step == "nothing":
        patch.setattr(removal, "append_entry", crash)
    elif step == "documents gone":
        patch.setattr(removal, "clear_uploads", crash)
    elif step == "before the file":
        patch.setattr(DirectoryBlobs, "remove", crash)
    else:
        patch.setattr(DirectoryBlobs, "remove", lambda _self, blob_id: removed_then_crash(blob_id))


@pytest.mark.parametrize("step", ["nothing", "documents gone", "before the file", "file gone"])
def test_a_crash_after_any_step_is_made_good(
    place: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Before and after: no row without its file is shown to anybody, no file stays without a row that removes it."""
    message = send(place, document(upload=upload(place, pdf()).id))
    destroy(place, message)
    with monkeypatch.context() as patch:
        _crash_after(step, place, patch)
        with pytest.raises(CrashError):
            remove_documents(place.house, NOW)
    uploads, _ = rows(place)
    assert uploads == 1, "what is left is known by its row"
    assert len(entries(place)) == (step != "nothing"), "the entry is committed with the deed, or neither is"
    remove_documents(place.house, NOW)
    assert (rows(place), on_disk(tmp_path), len(entries(place))) == ((0, 0), [], 1)


def test_documents_go_with_the_sections_of_a_message(place: Town, tmp_path: Path) -> None:
    """What nobody accepted in its term: at once nobody's, also when it was uploaded a moment ago."""
    message = send(place, document(upload=upload(place, pdf()).id))
    with place.house.store.writing() as unit:
        unit.messages.remove_sections(message)
    assert rows(place) == (1, 0)
    assert len(on_disk(tmp_path)) == 1
    assert clear_uploads(place.house, NOW) == 1
    assert (rows(place), on_disk(tmp_path)) == ((0, 0), [])
    assert list_documents(place.house, system_of(place.ngo), message, NOW)[1] == ()


def test_a_discarded_file_is_taken_up_by_no_message(place: Town) -> None:
    done = upload(place, pdf())
    message = send(place, document(upload=done.id))
    with place.house.store.writing() as unit:
        unit.messages.remove_sections(message)
    again = referral(place.centre, place.ngo, attachments=[document(upload=done.id)])
    with pytest.raises(BadInput, match="upload_unknown"):
        submit_message(place.house, system_of(place.centre), again, NOW)


@pytest.fixture
def asked(place: Town, monkeypatch: pytest.MonkeyPatch) -> list[datetime | None]:
    """Since when the key store was asked for destructions."""
    found: list[datetime | None] = []
    store = type(place.house.vault._keys)
    real = store.destroyed
    monkeypatch.setattr(store, "destroyed", lambda keys, since=None: found.append(since) or real(keys, since))
    return found


def test_a_walk_asks_for_those_destroyed_since_the_last_one(place: Town, asked: list[datetime | None]) -> None:
    walks = Walks()
    for minutes in (0, 10, 20, 24 * 60, 24 * 60 + 10):
        walks.walk(place.house, NOW + timedelta(minutes=minutes))
    day = NOW + ALL_EVERY
    assert asked == [None, NOW - OVERLAP, NOW + timedelta(minutes=10) - OVERLAP, None, day - OVERLAP]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=59)])
def test_a_walk_finds_whom_a_slower_clock_destroyed(place: Town, tmp_path: Path, late: timedelta) -> None:
    message = send(place, document(upload=upload(place, pdf()).id))
    walks = Walks()
    assert walks.walk(place.house, NOW) == 0
    _, (shown, *_) = list_documents(place.house, system_of(place.ngo), message, NOW)
    place.house.vault._keys.destroy(shown.subject_id, now=NOW - late, reason=REASON)
    assert walks.walk(place.house, NOW + timedelta(minutes=10)) == 1
    assert on_disk(tmp_path) == []


def test_after_a_crash_a_walk_begins_where_the_last_one_ended(
    place: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[datetime | None]
) -> None:
    message = send(place, document(upload=upload(place, pdf()).id))
    walks = Walks()
    walks.walk(place.house, NOW)
    destroy(place, message)
    for hours in (1, 2, 3):
        with monkeypatch.context() as patch:
            _crash_after("nothing", place, patch)
            with pytest.raises(CrashError):
                walks.walk(place.house, NOW + timedelta(hours=hours))
    assert walks.walk(place.house, NOW + timedelta(hours=4)) == 1
    assert asked == [None, *[NOW - OVERLAP] * 4]
    assert on_disk(tmp_path) == []


@pytest.mark.parametrize("how", ["a new process", "a day later"])
def test_what_was_destroyed_long_ago_and_came_back_is_found(place: Town, tmp_path: Path, how: str) -> None:
    message = send(place, document(upload=upload(place, pdf()).id))
    walks = Walks()
    walks.walk(place.house, NOW)
    _, (shown, *_) = list_documents(place.house, system_of(place.ngo), message, NOW)
    place.house.vault._keys.destroy(shown.subject_id, now=NOW - timedelta(days=30), reason=REASON)
    if how == "a new process":
        assert Walks().walk(place.house, NOW + timedelta(minutes=10)) == 1
    else:
        assert walks.walk(place.house, NOW + timedelta(minutes=10)) == 0
        assert walks.walk(place.house, NOW + ALL_EVERY) == 1
    assert on_disk(tmp_path) == []
