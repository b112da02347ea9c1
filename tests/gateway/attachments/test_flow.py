"""Files of messages from the sender to the recipient, on both stores: what is kept, who sees it, what a crash leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.exchange.relay import relay_once
from gateway.partner.sealed_files import MEDIA_TYPE
from gateway.storage import tables_attachments as a
from gateway.storage.blobs import DirectoryBlobs
from gateway.use_cases.answer_message import Answer, answer_message
from gateway.use_cases.attachment_values import AttachmentLimits
from gateway.use_cases.escalate import escalate
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_attachment import list_documents, read_attachment
from gateway.use_cases.receive_upload import AT_ONCE, begin_upload, clear_uploads
from gateway.use_cases.submit_message import submit_message
from schemas.errors import BadInput, Broken, DocumentRejected, MezhvedError, RequestRejected, Unavailable
from schemas.ids import MessageId, OrganisationId, new_id
from schemas.lifecycle import Event
from tests.adapters.attachment_files import HOSTILE, TXT, docx, pdf
from tests.builders import NOW, Town, referral, system_of
from tests.gateway.attachments.world import OPERATION, SECRET, document, on_disk, read, send, upload


def test_a_file_goes_from_sender_to_recipient(place: Town, tmp_path: Path) -> None:
    done = upload(place, SECRET, sha256=hashlib.sha256(SECRET).hexdigest())
    assert (done.media_type, done.size, done.state) == ("application/pdf", len(SECRET), "complete")
    message = send(place, document(upload=done.id, issued_on="2026-01-10", signers=["doctor"]))
    _, (shown,) = list_documents(place.house, system_of(place.ngo), message, NOW)
    assert (shown.document_type, shown.issued_on, shown.signers) == ("birth_certificate", "2026-01-10", ("doctor",))
    assert shown.sha256 == hashlib.sha256(SECRET).hexdigest()
    assert read(place, message, shown.id) == SECRET
    # Bytes on disk hold no plain content, and the file's name says nothing.
    (blob,) = on_disk(tmp_path)
    assert b"Vymyshlennaya" not in blob.read_bytes()
    assert blob.name == done.id
    # Its key is no longer the uploader's.
    with place.house.store.reading() as unit:
        kept = unit.attachments.upload(done.id, place.centre.id)
    assert kept is not None
    assert (kept.state, kept.wrapped_key) == ("attached", None)


def test_the_entry_stands_before_the_first_byte(place: Town) -> None:
    message = send(place, document(upload=upload(place, pdf()).id))
    _, (shown,) = list_documents(place.house, system_of(place.ngo), message, NOW)
    opened = read_attachment(place.house, system_of(place.ngo), message, shown.id, NOW)
    with place.house.store.reading() as unit:
        assert unit.log.entry(opened.entry_id) is not None
        kinds = [kind for _, kind in _log(place)]
    assert "attachment.opened" in kinds


def _log(town: Town) -> list[tuple[str, str]]:
    from gateway.storage import tables as t

    with town.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        return [(row.id, row.kind) for row in connection.execute(select(t.entries.c.id, t.entries.c.kind))]


def test_what_is_denied_is_neither_kept_nor_listed_nor_opened(place: Town) -> None:
    done = upload(place, pdf())
    message = send(place, document("IDN", upload=done.id), document("ID"))
    _, found = list_documents(place.house, system_of(place.ngo), message, NOW)
    assert [d.category for d in found] == ["ID"]
    assert not found[0].has_file
    with place.house.store.reading() as unit:
        assert [d.category for d in unit.attachments.of_message(message, ["IDN", "ID"])] == ["ID"]  # type: ignore[list-item]
    # Its upload was not taken up: it is cleared away in time.
    later = NOW + place.house.attachment_limits.unattached_for
    assert clear_uploads(place.house, later) == 1
    assert place.house.blobs is not None
    assert place.house.blobs.open(done.id) is None


def test_what_is_masked_is_withheld_until_it_is_whole(place: Town) -> None:
    """An address is masked until the recipient has accepted; a scan knows no mask."""
    message = send(place, document("LOC", upload=upload(place, pdf()).id))
    with place.house.store.reading() as unit:
        (kept,) = unit.attachments.of_message(message, ["LOC"])  # type: ignore[list-item]
    assert list_documents(place.house, system_of(place.ngo), message, NOW)[1] == ()
    with pytest.raises(Unavailable, match="attachment_unavailable"):
        read(place, message, kept.id)
    answer_message(place.house, system_of(place.ngo), message, Event.ACCEPT, NOW)
    assert read(place, message, kept.id) == pdf()


def test_a_stranger_gets_the_answer_for_what_does_not_exist(place: Town) -> None:
    message = send(place, document(upload=upload(place, pdf()).id))
    _, (shown,) = list_documents(place.house, system_of(place.ngo), message, NOW)
    for who in (place.stranger, place.school):
        for asked, attachment in ((message, shown.id), (MessageId(new_id()), shown.id), (message, new_id())):
            with pytest.raises(Unavailable, match="attachment_unavailable"):
                read_attachment(place.house, system_of(who), asked, attachment, NOW)
        with pytest.raises(Unavailable, match="message_unavailable"):
            list_documents(place.house, system_of(who), message, NOW)
    with pytest.raises(Unavailable, match="attachment_unavailable"):
        read_attachment(place.house, system_of(place.ngo), message, "../../etc/passwd", NOW)


def test_overseers_open_no_file(place: Town) -> None:
    message = send(place, document(upload=upload(place, pdf()).id))
    _, (shown,) = list_documents(place.house, system_of(place.ngo), message, NOW)
    with pytest.raises(Unavailable):
        read_attachment(place.house, system_of(place.ngo, "dpo"), message, shown.id, NOW)


def test_destroying_the_subjects_key_closes_the_file(place: Town) -> None:
    message = send(place, document(upload=upload(place, pdf()).id))
    _, (shown,) = list_documents(place.house, system_of(place.ngo), message, NOW)
    place.house.vault._keys.destroy(shown.subject_id, now=NOW, reason="срок хранения истёк")
    assert list_documents(place.house, system_of(place.ngo), message, NOW)[1] == ()
    with pytest.raises(Unavailable, match="attachment_unavailable"):
        read(place, message, shown.id)


def test_uploads_of_others_and_of_other_operations_are_unknown(place: Town) -> None:
    theirs = upload(place, pdf(), by=place.school)
    mine = upload(place, pdf())
    other = referral(place.centre, place.ngo, attachments=[document(upload=mine.id)])
    for draft in (
        referral(place.centre, place.ngo, operation_id=OPERATION, attachments=[document(upload=theirs.id)]),
        referral(place.centre, place.ngo, operation_id=OPERATION, attachments=[document(upload=new_id())]),
        other,
    ):
        with pytest.raises(BadInput, match="upload_unknown"):
            submit_message(place.house, system_of(place.centre), draft, NOW)
    send(place, document(upload=mine.id))
    again = referral(place.centre, place.ngo, attachments=[document(upload=mine.id)])
    with pytest.raises(BadInput, match="upload_unknown"):
        submit_message(place.house, system_of(place.centre), again, NOW)


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        ([document(person=3)], "attachment_person_unknown"),
        ([document("WRK")], None),
        ([document("XXX")], "attachment_category_unknown"),
        ([{"category": "ID", "document_type": "love_letter"}], "attachment_kind_unknown"),
        ([document(upload=OPERATION), document(upload=OPERATION)], "upload_twice"),
        ([document()] * 11, "attachments_too_many"),
    ],
)
def test_documents_that_cannot_be(place: Town, documents: list[dict[str, object]], code: str | None) -> None:
    if code is None:
        return
    draft = referral(place.centre, place.ngo, operation_id=OPERATION, attachments=documents)
    with pytest.raises(BadInput, match=code):
        submit_message(place.house, system_of(place.centre), draft, NOW)


def test_a_repeat_is_recognised_with_its_documents(place: Town) -> None:
    done = upload(place, pdf())
    draft = referral(place.centre, place.ngo, operation_id=OPERATION, attachments=[document(upload=done.id)])
    first = submit_message(place.house, system_of(place.centre), draft, NOW)
    again = submit_message(place.house, system_of(place.centre), draft, NOW)
    assert again.repeated
    assert again.message.id == first.message.id


def test_what_is_refused_leaves_nothing(place: Town, tmp_path: Path) -> None:
    small = replace(place, house=replace(place.house, attachment_limits=AttachmentLimits(one_file=5000, a_day=9000)))
    tries: dict[str, Callable[[], object]] = {
        "attachment_digest_wrong": lambda: upload(place, pdf(), sha256="0" * 64),
        "attachment_active": lambda: upload(place, HOSTILE["PDF with a script"][0]),
        "attachment_holds_files": lambda: upload(place, HOSTILE["DOCX with an object"][0], "docx"),
        "attachment_type_differs": lambda: upload(place, docx(), "pdf"),
        "attachment_too_large": lambda: upload(small, TXT * 300, "txt"),
        "attachment_not_sealed": lambda: upload(place, pdf(), MEDIA_TYPE),
    }
    for code, attempt in tries.items():
        with pytest.raises(MezhvedError, match=code):
            attempt()
        assert on_disk(tmp_path) == [], code
        assert _uploads(place) == [], code
    with pytest.raises(RequestRejected, match="attachment_too_large"):
        begin_upload(small.house, system_of(place.centre), OPERATION, "pdf", NOW, size=5001)
    with pytest.raises(DocumentRejected, match="attachment_type_unknown"):
        begin_upload(place.house, system_of(place.centre), OPERATION, "application/x-msdownload", NOW)


def _uploads(town: Town) -> list[str]:
    with town.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        return [row.id for row in connection.execute(select(a.uploads.c.id))]


def test_the_days_limit_counts_what_was_uploaded(place: Town) -> None:
    limited = replace(place, house=replace(place.house, attachment_limits=AttachmentLimits(a_day=2 * len(pdf()))))
    upload(limited, pdf())
    upload(limited, pdf())
    with pytest.raises(RequestRejected, match="attachments_of_the_day"):
        upload(limited, pdf())
    upload(limited, pdf(), by=place.school)
    tomorrow = NOW + timedelta(days=1, seconds=1)
    begin_upload(limited.house, system_of(place.centre), OPERATION, "pdf", tomorrow, size=9).abort()


def test_files_of_a_message_have_a_limit_together(place: Town) -> None:
    done = [upload(place, pdf()).id for _ in range(2)]
    tight = AttachmentLimits(one_message=len(pdf()) + 1)
    limited = replace(place, house=replace(place.house, attachment_limits=tight))
    with pytest.raises(BadInput, match="attachments_too_large"):
        send(limited, *[document(upload=one) for one in done])


def test_a_crash_at_any_step_leaves_nothing_half_done(place: Town, tmp_path: Path) -> None:
    """Whatever stops between two steps has a row, and is cleared away after its term; what is complete stays."""
    blobs = place.house.blobs
    assert isinstance(blobs, DirectoryBlobs)
    empty = begin_upload(place.house, system_of(place.centre), OPERATION, "pdf", NOW)  # nothing fed
    begun = begin_upload(place.house, system_of(place.centre), OPERATION, "pdf", NOW)
    begun.feed(pdf())  # half written
    renamed = begin_upload(place.house, system_of(place.centre), OPERATION, "pdf", NOW)
    renamed.feed(pdf())
    renamed._sealer.finish()
    renamed._writer.keep()  # written, and the row does not know
    for stopped in (empty, begun):
        stopped._writer._file.close()  # type: ignore[attr-defined]  # as the end of a process does
    complete = upload(place, pdf())
    assert clear_uploads(place.house, NOW + timedelta(hours=23)) == 0
    message = send(place, document(upload=complete.id))
    assert len(on_disk(tmp_path)) == 4
    assert clear_uploads(place.house, NOW + timedelta(hours=24)) == 3
    assert [path.name for path in on_disk(tmp_path)] == [complete.id]
    assert _uploads(place) == [complete.id]
    _, (shown,) = list_documents(place.house, system_of(place.ngo), message, NOW)
    assert read(place, message, shown.id) == pdf()


def test_a_message_that_fails_takes_no_file(place: Town) -> None:
    """The unit of work of the message is rolled back: its upload is still there for the next try."""
    done = upload(place, pdf())
    with pytest.raises(BadInput, match="upload_unknown"):
        send(place, document(upload=done.id), document(upload=new_id()))
    send(place, document(upload=done.id))


def test_an_upload_that_took_too_long_is_unknown(place: Town) -> None:
    slow = begin_upload(place.house, system_of(place.centre), OPERATION, "pdf", NOW)
    slow.feed(pdf())
    clear_uploads(place.house, NOW + timedelta(days=2))
    with pytest.raises(MezhvedError):
        slow.finish(NOW + timedelta(days=2))


def test_a_digest_in_the_message_must_be_that_of_the_file(place: Town) -> None:
    done = upload(place, pdf())
    with pytest.raises(BadInput, match="attachment_digest_differs"):
        send(place, document(upload=done.id, sha256="0" * 64))


def test_nobody_reads_the_upload_of_another(place: Town) -> None:
    done = upload(place, pdf())
    with place.house.store.reading() as unit:
        assert unit.attachments.upload(done.id, place.school.id) is None
        assert unit.attachments.upload(done.id, OrganisationId(new_id())) is None


@pytest.mark.parametrize("event", [Event.RECALL, Event.ENTER_IN_ERROR])
def test_a_file_of_what_was_taken_back_is_read_by_nobody(place: Town, event: Event) -> None:
    message = send(place, document(upload=upload(place, pdf()).id))
    _, (shown,) = list_documents(place.house, system_of(place.ngo), message, NOW)
    said = Answer(reason="wrong_family") if event is Event.ENTER_IN_ERROR else None
    answer_message(place.house, system_of(place.centre), message, event, NOW, said)
    with pytest.raises(Unavailable, match="message_unavailable"):
        list_documents(place.house, system_of(place.ngo), message, NOW)
    with pytest.raises(Unavailable, match="attachment_unavailable"):
        read(place, message, shown.id)


def test_no_file_is_read_before_the_message_is_opened(place: Town) -> None:
    message = send(place, document(upload=upload(place, pdf()).id), deliver=False)
    relay_once(place.house, NOW)
    with pytest.raises(Unavailable, match="message_unavailable"):
        list_documents(place.house, system_of(place.ngo), message, NOW)
    open_message(place.house, system_of(place.ngo), message, NOW)
    assert len(list_documents(place.house, system_of(place.ngo), message, NOW)[1]) == 1


def test_a_file_goes_with_the_message_that_nobody_accepted(place: Town, tmp_path: Path) -> None:
    message = send(place, document(upload=upload(place, pdf()).id))
    _, (shown,) = list_documents(place.house, system_of(place.ngo), message, NOW)
    later = NOW + timedelta(days=93)
    escalate(place.house, later)
    with pytest.raises(Unavailable, match="attachment_unavailable"):
        read(place, message, shown.id)
    clear_uploads(place.house, later + timedelta(days=2))
    assert on_disk(tmp_path) == []


def test_only_so_many_uploads_are_under_way_at_once(place: Town) -> None:
    who = system_of(place.centre)
    under_way = [begin_upload(place.house, who, OPERATION, "pdf", NOW) for _ in range(AT_ONCE)]
    with pytest.raises(RequestRejected, match="uploads_at_once"):
        begin_upload(place.house, who, OPERATION, "pdf", NOW)
    for receiver in under_way:
        receiver.abort()
    begin_upload(place.house, who, OPERATION, "pdf", NOW).abort()


def test_what_a_crash_left_under_way_closes_the_door_for_an_hour_at_most(place: Town) -> None:
    for _ in range(AT_ONCE):
        begin_upload(place.house, system_of(place.centre), OPERATION, "pdf", NOW)._writer.drop()  # and the process ends
    with pytest.raises(RequestRejected, match="uploads_at_once"):
        begin_upload(place.house, system_of(place.centre), OPERATION, "pdf", NOW + timedelta(minutes=59))
    begin_upload(place.house, system_of(place.centre), OPERATION, "pdf", NOW + timedelta(hours=1)).abort()


def test_a_disk_that_takes_nothing_leaves_no_upload_under_way(place: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(DirectoryBlobs, "create", _full)
        for _ in range(AT_ONCE + 1):
            with pytest.raises(Broken, match="blobs_unwritable"):
                begin_upload(place.house, system_of(place.centre), OPERATION, "pdf", NOW)
    begin_upload(place.house, system_of(place.centre), OPERATION, "pdf", NOW).abort()


def _full(*_: object) -> None:
    raise Broken("blobs_unwritable")
