"""Answers that partners put into their folder: applied once each, reported, moved; nothing is told of what is not theirs."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.exchange import pick_up as module
from gateway.exchange.folders import Folder
from gateway.exchange.pick_up import PickedUp, PickUp, pick_up
from gateway.use_cases import apply_answer
from gateway.use_cases.delivery_values import Endpoint, EndpointState
from gateway.use_cases.register_endpoint import change_endpoint
from schemas.errors import Contended
from schemas.ids import MessageId, new_id
from tests.builders import organisation, referral, system_of
from tests.gateway.exchange.conftest import Post

MEGABYTE = 1_000_000


class Partner:
    """A partner with a file drop."""

    def __init__(self, post: Post, owner=None, address: str = "inbox") -> None:
        self.post = post
        self.owner = owner or post.town.guardianship
        self.endpoint: Endpoint = post.register(self.owner, "file", address)
        self.inbox = post.folder / "drop" / address / "answers"

    def put(self, name: str, content: str | bytes, age: float = 60) -> Path:
        """A finished file, last written so long ago."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        path = self.inbox / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        stamp = self.post.now.timestamp() - age
        os.utime(path, (stamp, stamp))
        return path

    def answer(self, *rows: Sequence[str], name: str = "answers.csv", age: float = 60) -> Path:
        heading = "ID ответа;Номер передачи;Идентификатор сообщения;Событие;Причина (код);Пояснение;Почему некуда (код)"
        lines = [";".join((*row, *[""] * (7 - len(row)))) for row in rows]
        return self.put(name, "\n".join((heading, *lines)), age)

    def pick(self) -> PickedUp:
        return pick_up(self.post.house, self.post.folder / "drop", self.post.now, MEGABYTE)

    def report(self, name: str = "answers.csv", where: str = "done") -> list[dict[str, str]]:
        text = (self.inbox / where / f"{name}.report.csv").read_text("utf-8-sig")
        return list(csv.DictReader(text.splitlines(), delimiter=";"))

    def left(self) -> list[str]:
        return sorted(path.name for path in self.inbox.iterdir() if path.is_file() and not path.name.startswith("."))


@pytest.fixture
def partner(post: Post) -> Partner:
    return Partner(post)


@pytest.fixture
def sqlite_partner(sqlite_post: Post) -> Partner:
    return Partner(sqlite_post)


def state(post: Post, message: MessageId) -> str:
    with post.house.store.reading() as unit:
        found = unit.messages.get(message, post.town.school.id, post.now)
    return found.state.value


def receipts(post: Post, message: MessageId) -> list[tuple[str, str]]:
    with post.house.store.reading() as unit:
        found = unit.messages.get(message, post.town.school.id, post.now)
    return [(receipt.state.value, receipt.actor.partition(":")[0]) for receipt in found.receipts]


def entries(post: Post) -> dict[str, int]:
    with post.house.store.reading() as unit:
        rows = unit.log._connection.exec_driver_sql("SELECT kind FROM entries").scalars()
        found: dict[str, int] = {}
        for kind in rows:
            found[kind] = found.get(kind, 0) + 1
    return found


def post_entries(post: Post, kind: str) -> list[dict[str, Any]]:
    with post.house.store.reading() as unit:
        rows = unit.log._connection.exec_driver_sql("SELECT kind, body FROM entries ORDER BY position").all()
    return [json.loads(body)["body"] for found, body in rows if found == kind]


def delivery_of(post: Post, message: MessageId) -> str:
    return next(row.event.id for row in post.rows() if row.event.message_id == message)


def test_a_partner_answers_by_a_file(post: Post, partner: Partner) -> None:
    message = post.send()
    post.hand_over()
    (dropped,) = (post.folder / "drop" / "inbox").glob("*.json")
    partner.answer(
        ("", dropped.stem, "", "Доставлено"), ("", dropped.stem, "", "Открыто"), ("", dropped.stem, "", "Принято")
    )
    assert partner.pick() == PickedUp(1, 0)
    assert [state for state, _ in receipts(post, message)] == ["submitted", "delivered", "opened", "accepted"]
    assert [actor for _, actor in receipts(post, message)][-2:] == ["endpoint", "endpoint"]
    # What a carrier has written is acknowledged already, so «Доставлено» says nothing new.
    assert [row["Итог"] for row in partner.report()] == ["принято раньше", "принято", "принято"]
    assert partner.left() == []
    done = sorted(path.name for path in (partner.inbox / "done").iterdir())
    assert done == ["answers.csv", "answers.csv.report.csv", "answers.csv.report.json"]
    assert entries(post)["file.received"] == 1


def test_a_message_is_named_by_its_delivery_its_number_or_its_senders_number(post: Post, partner: Partner) -> None:
    by_delivery, by_number = post.send(), post.send()
    draft = referral(post.town.school, post.town.guardianship, type="signal", trigger="threat")
    by_sender = post.send(operation_id=draft.operation_id)
    partner.answer(
        ("", delivery_of(post, by_delivery), "", "accept"),
        ("", "", by_number, "accept"),
        ("", "", draft.operation_id.upper(), "accept"),
    )
    partner.pick()
    assert [row["Итог"] for row in partner.report()] == ["принято"] * 3
    assert {state(post, one) for one in (by_delivery, by_number, by_sender)} == {"accepted"}


def test_names_that_disagree_name_nothing(post: Post, partner: Partner) -> None:
    one, other = post.send(), post.send()
    partner.answer(("", delivery_of(post, one), other, "accept"))
    partner.pick()
    assert [row["Код"] for row in partner.report()] == ["message_unavailable"]
    assert {state(post, one), state(post, other)} == {"delivered"}


def test_a_refusal_with_its_reason_and_words(post: Post, partner: Partner) -> None:
    message = post.send()
    partner.put(
        "отказ.xml",
        f"""<Answer xmlns="urn:mezhved:exchange:1"><DeliveryId>{delivery_of(post, message)}</DeliveryId>
        <Event>reject</Event><ReasonCode>OUT_OF_TERRITORY</ReasonCode><Words>Не наш район</Words>
        <AlternativeOgrn>{post.town.stranger.ogrn}</AlternativeOgrn></Answer>""",
    )
    assert partner.pick() == PickedUp(1, 0)
    assert state(post, message) == "rejected"
    with post.house.store.reading() as unit:
        found = unit.messages.get(message, post.town.school.id, post.now)
    assert list(found.alternatives) == [post.town.stranger.id]
    names = [path.name for path in (partner.inbox / "done").iterdir()]
    assert all(name.isascii() for name in names), "a name of a file that is not plain becomes a digest"


def test_a_file_that_is_picked_up_twice_changes_nothing(post: Post, partner: Partner) -> None:
    message = post.send()
    rows = (("", delivery_of(post, message), "", "accept"), ("", delivery_of(post, message), "", "begin"))
    partner.answer(*rows)
    partner.pick()
    before, log = receipts(post, message), entries(post)
    for name in ("answers.csv", "other.csv"):
        partner.answer(*rows, name=name)
        assert partner.pick() == PickedUp(1, 0)
        assert [row["Итог"] for row in partner.report(name)] == ["принято раньше"] * 2
    assert receipts(post, message) == before
    assert {**entries(post), "file.received": 1} == {**log, "file.received": 1}


def test_a_number_of_an_answer_stands_for_one_answer(post: Post, partner: Partner) -> None:
    message, number = post.send(), new_id()
    partner.answer((number, delivery_of(post, message), "", "accept"))
    partner.pick()
    partner.answer((number, delivery_of(post, message), "", "begin"), name="other.csv")
    partner.pick()
    assert [row["Код"] for row in partner.report("other.csv")] == ["operation_id_reused"]
    assert state(post, message) == "accepted"


@pytest.mark.parametrize("where", ["after an answer", "before the entry", "before the report", "before the move"])
def test_a_crash_between_is_made_good_by_the_next_round(
    post: Post, partner: Partner, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    first, second = post.send(), post.send()
    partner.answer(("", delivery_of(post, first), "", "accept"), ("", delivery_of(post, second), "", "accept"))

    class Crash(BaseException):
        """The process dies here."""

    def dies(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        if where == "after an answer":
            real = apply_answer.answer_message
            seen: list[object] = []

            def second_dies(house, requester, message_id, *rest):
                seen.append(message_id)
                if len(seen) > 1:
                    raise Crash
                return real(house, requester, message_id, *rest)

            patched.setattr(apply_answer, "answer_message", second_dies)
        elif where == "before the entry":
            patched.setitem(module.receive_answers.__globals__, "record_file", dies)
        elif where == "before the report":
            patched.setattr(Folder, "write", dies)
        else:
            patched.setattr(Folder, "move", dies)
        with pytest.raises(Crash):
            partner.pick()
    assert partner.left() == ["answers.csv"]
    assert partner.pick() == PickedUp(1, 0)
    assert partner.left() == []
    for message in (first, second):
        assert [state for state, _ in receipts(post, message)] == ["submitted", "delivered", "opened", "accepted"]
    assert "не принято" not in {row["Итог"] for row in partner.report()}


def test_the_report_beside_a_file_has_its_losses_and_the_refused_answers_come_back(
    post: Post, partner: Partner
) -> None:
    one, two = post.send(), post.send()
    partner.answer(("", delivery_of(post, one), "", "Принято"), ("", delivery_of(post, two), "", "съедено"))
    assert partner.pick() == PickedUp(1, 0)
    report = json.loads((partner.inbox / "done" / "answers.csv.report.json").read_text("utf-8"))
    assert (report["format"], report["recordNum"], report["recordNumSuccess"]) == ("answers-csv", 2, 1)
    assert [said["outcome"] for said in report["answers"]] == ["taken", "refused"]
    assert {(rule["ruleCode"], rule["place"]) for rule in report["losses"]["rules"]} == {
        ("code_translated", "Событие"),
        ("identifier_derived", "ID ответа"),
    }
    entry = post_entries(post, "file.received")[-1]
    assert (entry["format"], entry["accepted"], entry["losses"]) == ("answers-csv", 1, report["lossesDigest"])
    back = (partner.inbox / "done" / "answers.csv.rejected.csv").read_text("utf-8")
    assert delivery_of(post, one) not in back
    assert "Такого события нет." in back
    partner.put("again.csv", back.replace("съедено", "Принято"))
    assert partner.pick() == PickedUp(1, 0)
    assert [row["Итог"] for row in partner.report("again.csv")] == ["принято"]
    assert not (partner.inbox / "done" / "again.csv.rejected.csv").exists()
    assert [state(post, message) for message in (one, two)] == ["accepted", "accepted"]
    partner.answer(("", delivery_of(post, one), "", "Принято"), ("", delivery_of(post, two), "", "Принято"))
    partner.pick()
    names = sorted(path.name for path in (partner.inbox / "done").glob("*-answers.csv.report.csv"))
    assert len(names) == 1, "another content under the same name"
    assert {len(receipts(post, message)) for message in (one, two)} == {4}, "nothing was applied twice"


def test_files_in_the_folder_of_rehearsals_are_only_tried(post: Post, partner: Partner) -> None:
    message = post.send()
    number = delivery_of(post, message)
    (partner.inbox / "rehearsal").mkdir(parents=True)
    partner.answer(
        ("", number, "", "Принято"), ("", number, "", "complete"), ("", number, "", "begin"), name="rehearsal/a.csv"
    )
    partner.put("rehearsal/b.csv", "Что-то;Иное\r\n1;2")
    assert partner.pick() == PickedUp(0, 0)
    done = partner.inbox / "rehearsal" / "done"
    report = json.loads((done / "a.csv.report.json").read_text("utf-8"))
    assert (report["rehearsal"], report["recordNum"], report["recordNumSuccess"]) == (True, 3, 2)
    assert [said["outcome"] for said in report["answers"]] == ["rehearsed", "rehearsed", "refused"]
    assert "будет принято" in (done / "a.csv.report.csv").read_text("utf-8-sig")
    back = (done / "a.csv.rejected.csv").read_text("utf-8").splitlines()
    assert [line.split(";")[3] for line in back] == ["Событие", "begin"]
    assert (partner.inbox / "rehearsal" / "rejected" / "b.csv.report.csv").exists()
    entry = post_entries(post, "file.received")[-1]
    assert (entry["rehearsal"], entry["accepted"]) == (True, 0)
    assert (state(post, message), len(receipts(post, message))) == ("delivered", 2)
    assert entries(post)["file.received"] == 1
    with post.house.store.reading() as unit:
        assert not unit.notices.of(partner.owner.id, ["administrator"], 10)


def test_what_is_not_theirs_answers_as_what_does_not_exist(post: Post, partner: Partner) -> None:
    foreign = post.send(recipient=organisation(post.house, "guardianship", "Другая опека (тест)"))
    partner.answer(
        ("", "", foreign, "accept"),
        ("", "", new_id(), "accept"),
        ("", delivery_of_any(post, foreign), "", "open"),
        ("", new_id(), "", "received"),
    )
    before = entries(post)
    partner.pick()
    rows = partner.report()
    assert {row["Код"] for row in rows} == {"message_unavailable"}
    assert len({(row["Что не так"], row["Что сделать"], row["Где"]) for row in rows}) == 1
    assert state(post, foreign) == "delivered"
    assert {**entries(post), "file.received": 0} == {**before, "file.received": 0}


def delivery_of_any(post: Post, message: MessageId) -> str:
    with post.house.store.reading() as unit:
        return str(unit.log._connection.exec_driver_sql("SELECT id FROM delivery_events").scalars().first())


def test_a_sender_answers_what_it_sent_and_cannot_do_what_the_recipient_does(post: Post) -> None:
    sender = Partner(post, post.town.school, "school")
    message = post.send()
    sender.answer(("", "", message, "accept"), ("", "", message, "open"), ("", "", message, "recall"))
    sender.pick()
    assert [row["Итог"] for row in sender.report()] == ["не принято", "не принято", "принято"]
    assert state(post, message) == "recalled"


def test_bad_answers_are_reported_and_good_ones_taken(post: Post, partner: Partner) -> None:
    message = post.send()
    number = delivery_of(post, message)
    partner.answer(
        ("", number, "", "съесть"),
        ("", number, "", "reject"),
        ("", number, "", "reject", "NO_SUCH"),
        ("", number, "", "reject", "OTHER", "Позвоните Иванову Ивану Ивановичу", "none_known"),
        ("", number, "", "complete"),
        ("", number, "", "accept"),
    )
    partner.pick()
    rows = partner.report()
    assert [row["Код"] for row in rows] == [
        "answer_event_unknown",
        "reason_required",
        "reason_unknown",
        "text_not_nameless",
        "message_state_conflict",
        "",
    ]
    assert state(post, message) == "accepted"
    assert "Иванову" not in (partner.inbox / "done" / "answers.csv.report.csv").read_text("utf-8-sig")
    with post.house.store.reading() as unit:
        notices = unit.notices.of(post.town.guardianship.id, ["administrator"], 10, unseen=True)
    assert [(found.kind, found.about) for found in notices] == [("pickup.rejected", partner.endpoint.id)]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("broken.xml", "<Answers", "document_truncated"),
        ("referral.xml", '<Referrals xmlns="urn:mezhved:exchange:1"/>', "answers_root_unknown"),
        ("doctype.xml", "<!DOCTYPE a []><a/>", "document_has_doctype"),
        ("empty.csv", "", "document_empty"),
        ("table.csv", "а;б\n1;2", "answers_heading_unknown"),
        ("letter.docx", "PK", "answer_file_form"),
        ("large.csv", "x" * (MEGABYTE + 1), "document_too_large"),
    ],
)
def test_a_bad_file_is_put_aside_with_a_report_in_russian(
    sqlite_partner: Partner, name: str, content: str, code: str
) -> None:
    partner = sqlite_partner
    message = partner.post.send()
    partner.put(name, content)
    partner.answer(("", delivery_of(partner.post, message), "", "accept"), name="z.csv")
    assert partner.pick() == PickedUp(1, 1)
    (row,) = partner.report(name, "rejected")
    assert row["Код"] == code
    assert row["Что не так"]
    assert row["Итог"] == "не принято"
    assert (partner.inbox / "rejected" / name).read_bytes() == content.encode()
    assert state(partner.post, message) == "accepted"
    assert partner.left() == []


def test_links_pipes_and_folders(sqlite_partner: Partner, tmp_path: Path) -> None:
    partner = sqlite_partner
    partner.inbox.mkdir(parents=True)
    secret = tmp_path / "secret.csv"
    secret.write_text("тайна")
    (partner.inbox / "link.csv").symlink_to(secret)
    os.mkfifo(partner.inbox / "pipe.csv")
    (partner.inbox / "folder.csv").mkdir()
    assert partner.pick() == PickedUp(0, 2)
    assert {partner.report(name, "rejected")[0]["Код"] for name in ("link.csv", "pipe.csv")} == {
        "answer_file_unreadable"
    }
    assert secret.read_text() == "тайна"
    assert (partner.inbox / "rejected" / "link.csv").is_symlink()
    assert (partner.inbox / "folder.csv").is_dir()


def test_unfinished_files_wait(sqlite_partner: Partner) -> None:
    partner = sqlite_partner
    message = partner.post.send()
    row = ("", delivery_of(partner.post, message), "", "accept")
    for name in (".hidden.csv", "a.csv.part", "b.csv.tmp", "c.csv~"):
        partner.answer(row, name=name)
    partner.answer(row, name="fresh.csv", age=0.5)
    assert partner.pick() == PickedUp()
    assert state(partner.post, message) == "delivered"
    os.utime(partner.inbox / "fresh.csv", (0, 0))
    assert partner.pick() == PickedUp(1, 0)


def test_a_paused_partner_waits_and_one_process_works_at_a_folder(sqlite_partner: Partner) -> None:
    partner = sqlite_partner
    message = partner.post.send()
    partner.answer(("", delivery_of(partner.post, message), "", "accept"))
    change_endpoint(partner.post.house, None, partner.endpoint.id, EndpointState.PAUSED, "test", partner.post.now)
    assert partner.pick() == PickedUp()
    change_endpoint(partner.post.house, None, partner.endpoint.id, EndpointState.ACTIVE, "test", partner.post.now)
    with (partner.inbox / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert partner.pick() == PickedUp()
    assert partner.pick() == PickedUp(1, 0)


def test_a_busy_store_and_a_full_disk_leave_the_file_where_it_is(
    sqlite_partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = sqlite_partner
    other = Partner(partner.post, organisation(partner.post.house, "guardianship", "Другая опека (тест)"), "other")
    message, theirs = partner.post.send(), partner.post.send(recipient=other.owner)
    row = ("", delivery_of(partner.post, message), "", "accept")
    partner.answer(row)

    def busy(*_: object, **__: object) -> None:
        raise Contended("facts_keep_moving")

    with monkeypatch.context() as patched:
        patched.setattr(module, "receive_answers", busy)
        assert partner.pick() == PickedUp()
    assert partner.left() == ["answers.csv"]

    def full(folder: Folder, name: str, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "write", full)
        assert partner.pick() == PickedUp()
    assert partner.left() == ["answers.csv"]

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    other.answer(("", "", theirs, "accept"))
    real = module.receive_answers
    with monkeypatch.context() as patched:
        patched.setattr(
            module,
            "receive_answers",
            lambda h, e, *a, **k: broken() if e.id == partner.endpoint.id else real(h, e, *a, **k),
        )
        assert partner.pick() == PickedUp(1, 0), "what breaks us does not stop the others"
    assert partner.pick() == PickedUp(1, 0)
    assert state(partner.post, message) == "accepted"


def test_names_of_files_and_values_do_not_come_into_the_log(
    sqlite_partner: Partner, capsys: pytest.CaptureFixture[str]
) -> None:
    partner = sqlite_partner
    partner.put("ivanova-maria.csv", "<Answers")
    partner.put("Иванова Мария.csv", "а;б\n1;2")
    partner.pick()
    out = capsys.readouterr()
    assert "pickup.rejected" in out.out + out.err
    assert "ivanova" not in (out.out + out.err).lower()
    assert "иванова" not in (out.out + out.err).lower()


def test_the_thread_picks_up_and_ends(sqlite_partner: Partner) -> None:
    partner = sqlite_partner
    message = partner.post.send()
    partner.answer(("", delivery_of(partner.post, message), "", "accept"))
    off = PickUp(partner.post.house, partner.post.folder / "drop", 0, lambda: partner.post.now, MEGABYTE)
    off.start()
    off.stop()
    assert partner.left() == ["answers.csv"]
    worker = PickUp(partner.post.house, partner.post.folder / "drop", 0.01, lambda: partner.post.now, MEGABYTE)
    worker.start()
    for _ in range(1000):
        if not partner.left():
            break
        time.sleep(0.01)
    worker.stop()
    assert partner.left() == []
    assert state(partner.post, message) == "accepted"
    assert system_of(partner.owner).organisation_id == partner.owner.id
