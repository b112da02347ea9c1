"""A file is taken step by step, once, whatever happens to whoever takes it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from gateway.storage import tables as t
from gateway.use_cases import import_run
from gateway.use_cases.apply_document import apply_document
from gateway.use_cases.clear_imports import clear_imports
from gateway.use_cases.hand_in_file import AT_ONCE, begin_import
from gateway.use_cases.import_values import DONE, FILE_KEPT, LEASE, REFUSED, RESULT_KEPT, STOPPED, WAITING, Handed
from gateway.use_cases.read_imports import read_import_records, read_import_report, stop_import
from gateway.use_cases.run_imports import LATER
from schemas.errors import Broken, DocumentRejected, MezhvedError, RequestRejected
from tests.builders import Town, system_of
from tests.gateway.imports.world import Desk, KilledError, desk_of, file_of, killed_at, signals


@pytest.fixture
def desk(town: Town, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(import_run, "STEP", 3)
    monkeypatch.setattr(import_run, "SEEN", 2)
    return desk_of(town)


def test_nothing_is_read_before_all_is_there_and_nothing_is_kept_after_all_is_taken(desk: Desk) -> None:
    drafts = signals(desk.town, 7)
    import_id = desk.hand_in(file_of(drafts))
    waiting = desk.one(import_id)
    assert (waiting.state, waiting.position.total, waiting.size > 0) == (WAITING, None, True)
    assert desk.entries()["file.handed_in"] == 1
    assert not desk.sent()
    assert desk.take()
    done = desk.one(import_id)
    assert (done.state, done.position.settled, done.position.total, done.rejected) == (DONE, 7, 7, 0)
    assert desk.sent() == Counter(draft.operation_id for draft in drafts)
    assert desk.entries()["file.received"] == 1
    assert done.wrapped_key is None
    assert desk.house.blobs is not None
    assert desk.house.blobs.open(import_id) is None
    assert [one.checked for one in desk.told if one.total is None] == [2, 4, 6]
    assert [one.settled for one in desk.told if one.total is not None] == [0, 3, 6, 7]
    assert not desk.take(), "nothing waits any more"


PLACES = [
    *(f"{when} take_record {n}" for when in ("before", "after") for n in (1, 3, 4, 8)),
    *(f"{when} _write {n}" for when in ("before", "after") for n in (1, 2, 3)),
    *(f"{when} {name} 1" for when in ("before", "after") for name in ("_survey", "_end")),
    "before forget_file 1",
]


@pytest.mark.law(9)
@pytest.mark.parametrize("place", PLACES)
def test_whoever_is_killed_another_goes_on_and_each_record_is_taken_once(desk: Desk, place: str) -> None:
    drafts = signals(desk.town, 8)
    import_id = desk.hand_in(file_of(drafts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(_unit(desk)), "release", lambda *_: None)  # the dead give nothing back
        with pytest.raises(KilledError), killed_at(lambda where, number: f"{where} {number}" == place):
            desk.take()
    before = desk.one(import_id).position.settled
    if desk.one(import_id).is_open:
        assert not desk.take(), "its lease holds"
        desk.later()
        assert desk.take()
    done = desk.one(import_id)
    assert (done.state, done.position.settled, done.position.accepted) == (DONE, 8, 8)
    assert desk.sent() == Counter(draft.operation_id for draft in drafts), "acknowledged once each"
    assert done.position.repeated <= 3, "at most the records of one step come again"
    records = read_import_records(desk.house, desk.system, import_id, 0)
    assert [row["record"] for row in records] == list(range(1, 9))
    assert [row["operation_id"] for row in records] == [draft.operation_id for draft in drafts]
    assert desk.entries()["file.received"] == 1
    assert before % 3 in {0, 2}


def _unit(desk: Desk) -> Any:
    with desk.house.store.reading() as unit:
        return unit.imports


@pytest.mark.parametrize("steps", [1, 2])
def test_a_process_that_is_told_to_end_gives_it_back_at_once(desk: Desk, steps: int) -> None:
    drafts = signals(desk.town, 8)
    import_id = desk.hand_in(file_of(drafts))
    asked: list[int] = []

    def stopping() -> bool:
        asked.append(1)
        return len(asked) >= 4 + steps  # four times while it is read first

    assert desk.take(stopping=stopping)
    assert desk.one(import_id).position.settled == 3 * steps
    assert desk.take()
    assert desk.one(import_id).state == DONE
    assert desk.one(import_id).position.repeated == 0
    assert set(desk.sent().values()) == {1}


def test_a_worker_whose_lease_ended_writes_nothing_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = signals(desk.town, 8)
    import_id = desk.hand_in(file_of(drafts))
    whole, calls = import_run.take_record, Counter[str]()

    def slow(*args: Any, **more: Any) -> Any:
        calls["slow"] += 1
        if calls["slow"] == 5:  # in the midst of the second step another takes it over and ends it
            monkeypatch.setattr(import_run, "take_record", whole)
            desk.later()
            assert desk.take(import_id)
            assert desk.one(import_id).state == DONE
        return whole(*args, **more)

    monkeypatch.setattr(import_run, "take_record", slow)
    assert desk.take(import_id)
    done = desk.one(import_id)
    assert (done.state, done.position.settled) == (DONE, 8)
    assert desk.sent() == Counter(draft.operation_id for draft in drafts)
    assert desk.entries()["file.received"] == 1


def test_a_record_that_nobody_foresaw_is_kept_out_and_the_others_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = signals(desk.town, 8)
    import_id = desk.hand_in(file_of(drafts))
    tried: Counter[str] = Counter()

    def poisoned(house: Any, requester: Any, value: Any, *args: Any, **more: Any) -> Any:
        tried[value.operation_id] += 1
        if value.operation_id == drafts[4].operation_id:
            raise ZeroDivisionError
        return apply_document(house, requester, value, *args, **more)

    monkeypatch.setattr("gateway.use_cases.take_records.apply_document", poisoned)
    for _ in range(10):
        if not desk.one(import_id).is_open:
            break
        try:
            desk.take()
        except ZeroDivisionError:
            desk.later(LATER * 1000)
    done = desk.one(import_id)
    assert (done.state, done.position.accepted, done.rejected) == (DONE, 7, 1)
    assert done.position.rules == {"record_failed": 1}
    assert 3 <= tried[drafts[4].operation_id] <= 5
    assert all(count == 1 for operation, count in tried.items() if operation != drafts[4].operation_id)
    (complaint,) = read_import_report(desk.house, desk.system, import_id).report.complaints
    assert (complaint.code, complaint.record) == ("record_failed", 5)


def test_a_store_that_is_away_is_no_fault_of_a_record(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = signals(desk.town, 4)
    import_id = desk.hand_in(file_of(drafts))

    def away(*_: Any, **__: Any) -> Any:
        raise Broken("store_unavailable")

    with monkeypatch.context() as patch:
        patch.setattr("gateway.use_cases.take_records.apply_document", away)
        for _ in range(6):
            with pytest.raises(Broken):
                desk.take()
            assert not desk.take(), "put off"
            desk.later(LATER * 1000)
    assert desk.one(import_id).is_open
    assert desk.take()
    assert desk.one(import_id).position.accepted == 4


def test_what_breaks_off_again_and_again_is_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = desk.hand_in(file_of(signals(desk.town, 2)))

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(import_run, "survey", broken)
    for _ in range(30):
        if not desk.one(import_id).is_open:
            break
        try:
            desk.take()
        except ZeroDivisionError:
            desk.later(timedelta(hours=6))
    stopped = desk.one(import_id)
    assert (stopped.state, stopped.refusal) == (STOPPED, ("import_given_up", {}))
    assert not desk.sent()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "document_empty"),
        (b"<a/>", None),
        (b"\x00\x01", None),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(desk: Desk, content: bytes, code: str | None) -> None:
    if code is not None:
        with pytest.raises(MezhvedError) as refused:
            desk.hand_in(content)
        assert refused.value.code == code
        assert not desk.take()
        return
    import_id = desk.hand_in(content)
    assert desk.take()
    one = desk.one(import_id)
    assert one.state == REFUSED
    assert one.refusal is not None
    assert one.wrapped_key is None


def test_a_file_that_is_cut_off_leaves_nothing_behind(desk: Desk) -> None:
    content = file_of(signals(desk.town, 8))
    import_id = desk.hand_in(content[:-200])
    assert desk.take()
    assert desk.one(import_id).state == REFUSED
    assert not desk.sent()
    assert desk.entries()["file.received"] == 1, "that it was refused is on record"


def test_it_is_stopped_after_a_step_and_taken_again_without_doubling(desk: Desk) -> None:
    drafts = signals(desk.town, 8)
    content = file_of(drafts)
    import_id = desk.hand_in(content)

    stops = [1]

    def stop_soon() -> bool:
        if desk.told and desk.told[-1].settled == 3 and stops:
            stops.clear()
            stop_import(desk.house, desk.system, import_id)
        return False

    assert desk.take(stopping=stop_soon)
    stopped = desk.one(import_id)
    assert (stopped.state, stopped.position.settled) == (STOPPED, 6)
    assert stopped.refusal == ("import_stopped", {})
    again = desk.hand_in(content)
    assert again != import_id
    assert desk.take()
    done = desk.one(again)
    assert (done.state, done.position.accepted, done.position.repeated) == (DONE, 8, 6)
    assert set(desk.sent().values()) == {1}


def test_who_is_blocked_stops_at_once(desk: Desk) -> None:
    import_id = desk.hand_in(file_of(signals(desk.town, 8)))

    def block() -> bool:
        if desk.told and desk.told[-1].settled == 3:
            with desk.house.store.engine.begin() as connection:  # type: ignore[attr-defined]  # past the port
                connection.execute(update(t.clients).values(active=False))
        return False

    assert desk.take(stopping=block)
    one = desk.one(import_id)
    assert (one.state, one.refusal, one.position.settled) == (STOPPED, ("import_sender_gone", {}), 3)
    assert len(desk.sent()) == 3


@pytest.mark.parametrize("again", [False, True], ids=["while it runs", "before it is taken up again"])
def test_a_right_that_is_taken_away_ends_it_before_the_next_step(desk: Desk, *, again: bool) -> None:
    import_id = desk.hand_in(file_of(signals(desk.town, 8)))
    taken_away: list[int] = []

    def take_away() -> bool:
        if desk.told[-1].settled == 3 and not taken_away:
            taken_away.append(3)
            with desk.house.store.engine.begin() as connection:  # type: ignore[attr-defined]  # past the port
                connection.execute(update(t.clients).values(scopes=["messages.read"]))
            return again
        return False

    desk.take(stopping=take_away)
    if again:
        assert desk.one(import_id).is_open
        desk.take()
    one = desk.one(import_id)
    assert (one.state, one.refusal) == (STOPPED, ("scope_missing", {"scope": "messages.send"}))
    assert one.position.settled == len(desk.sent()) == 3


def test_the_same_file_that_is_being_taken_is_one_import(desk: Desk) -> None:
    content = file_of(signals(desk.town, 2))
    first = desk.hand_in(content)
    assert desk.hand_in(content) == first
    assert desk.hand_in(content, rehearsal=True) != first
    assert desk.entries()["file.handed_in"] == 2
    assert desk.take(first)
    assert desk.one(first).state == DONE
    assert desk.hand_in(content) != first, "it has ended"


def test_only_so_many_are_open_at_once(desk: Desk) -> None:
    for number in range(AT_ONCE):
        desk.hand_in(file_of(signals(desk.town, 1 + number)))
    with pytest.raises(RequestRejected, match="imports_at_once"):
        desk.hand_in(file_of(signals(desk.town, 9)))
    assert desk.take()
    desk.hand_in(file_of(signals(desk.town, 9)))


def test_a_file_that_is_too_large_or_breaks_off_leaves_nothing(desk: Desk) -> None:
    handed = Handed("xml", "referrals")
    with pytest.raises(DocumentRejected, match="document_too_large"):
        begin_import(desk.house, desk.system, handed, desk.now, max_bytes=100, size=101)
    receiver = begin_import(desk.house, desk.system, handed, desk.now, max_bytes=100)
    receiver.feed(b"x" * 100)
    with pytest.raises(DocumentRejected, match="document_too_large"):
        receiver.feed(b"x")
    broken_off = begin_import(desk.house, desk.system, handed, desk.now, max_bytes=100)
    broken_off.feed(b"x")
    broken_off.abort()
    broken_off.abort()
    with desk.house.store.engine.connect() as connection:  # type: ignore[attr-defined]  # past the port
        assert connection.exec_driver_sql("SELECT count(*) FROM import_jobs").scalar() == 0
    assert not desk.entries()["file.handed_in"]


def test_what_a_crash_left_half_way_in_is_cleared(desk: Desk) -> None:
    left = begin_import(desk.house, desk.system, Handed("xml", "referrals"), desk.now, max_bytes=100)
    left.feed(b"x")
    left._writer._file.close()  # type: ignore[attr-defined]  # the dead close nothing; the system does it for them
    assert clear_imports(desk.house, desk.now) == 0
    desk.later(timedelta(days=2))
    assert clear_imports(desk.house, desk.now) == 1
    with desk.house.store.engine.connect() as connection:  # type: ignore[attr-defined]  # past the port
        assert connection.exec_driver_sql("SELECT count(*) FROM import_jobs").scalar() == 0


def test_results_are_kept_for_a_time(desk: Desk) -> None:
    import_id = desk.hand_in(file_of(signals(desk.town, 4)))
    assert desk.take()
    desk.later(RESULT_KEPT - timedelta(days=1))
    clear_imports(desk.house, desk.now)
    assert len(read_import_records(desk.house, desk.system, import_id, 0)) == 4
    desk.later(timedelta(days=2))
    clear_imports(desk.house, desk.now)
    with pytest.raises(MezhvedError, match="import_unavailable"):
        desk.one(import_id)


@pytest.mark.law(6)
def test_others_and_overseers_do_not_see_it(desk: Desk) -> None:
    import_id = desk.hand_in(file_of(signals(desk.town, 2)))
    for ask in (desk.one, lambda i, who: stop_import(desk.house, who, i)):
        with pytest.raises(MezhvedError, match="import_unavailable"):
            ask(import_id, system_of(desk.town.ngo))
        with pytest.raises(MezhvedError, match="not_for_overseers"):
            ask(import_id, system_of(desk.town.school, "dpo"))
    assert not desk.one(import_id).stop_wanted


def test_constants_agree() -> None:
    assert LATER < LEASE < FILE_KEPT < RESULT_KEPT
