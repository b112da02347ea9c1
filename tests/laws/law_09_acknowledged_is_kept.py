"""Law 9. An acknowledged message is never lost, is delivered at least once and applied exactly once.

Here are submission, outbox, queue, and what a worker holds. With processes, servers and disks that fail: tests/system/delivery.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import event, select

from gateway.building import build_house
from gateway.exchange.folders import Folder
from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.storage.tables_delivery import deliveries
from gateway.use_cases.delivery_terms import DeliveryTerms
from gateway.use_cases.delivery_values import DeliveryEvent, Errand, Outcome
from gateway.use_cases.hand_over import claim_deliveries, settle_deliveries
from gateway.use_cases.pull_deliveries import pull_deliveries
from gateway.use_cases.read_queue import read_queue
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.review_emergency import review_emergency
from gateway.use_cases.submit_message import Submitted, submit_message
from schemas.errors import Conflict, Contended
from schemas.messages import MessageDraft
from tests.builders import NOW
from tests.laws.answer_files import file_drop
from tests.laws.exchanges import everything, exchange_deeds
from tests.laws.files_in import imported_once, taken_once
from tests.laws.people import REASONS, act, all_of, decide, declare, held_family, held_message, holds
from tests.laws.sources import ROOT
from tests.laws.world import World, marked_message, statements, swapped

SENDERS = 4


class CrashError(BaseException):
    """The process ends here: no handler of errors runs, so it is no Exception."""


def check_a_crash_at_any_statement_loses_nothing(world: World) -> None:
    """Wherever submission breaks off, sending again is acknowledged, and one message is kept."""
    for number, crash in enumerate(_crashes(world, lambda: _submit(world, _draft(world, "count")))):
        draft = _draft(world, f"crash-{number}")
        _until(crash, world, partial(_submit, world, draft))
        first, again = _submit(world, draft), _submit(world, draft)
        assert again.repeated
        assert first.message.id == again.message.id
        _check_kept(world, draft, delivered=False)
    relay_once(world.house, NOW)
    _check_everything_delivered(world)


def check_a_crash_of_the_relay_loses_and_doubles_nothing(world: World) -> None:
    """Wherever the relay breaks off, the next round delivers, and each delivery is recorded once."""
    _submit(world, _draft(world, "count"))
    for number, crash in enumerate(_crashes(world, lambda: relay_once(world.house, NOW))):
        draft = _draft(world, f"crash-{number}")
        _submit(world, draft)
        _until(crash, world, lambda: relay_once(world.house, NOW))
        relay_once(world.house, NOW)
        relay_once(world.house, NOW)
        _check_kept(world, draft, delivered=True)
    _check_everything_delivered(world)


def check_a_crash_of_a_worker_loses_and_doubles_nothing(world: World) -> None:
    """Wherever a worker breaks off that hands deliveries over, they are handed over after its lease, recorded as taken once,
    and what it says later is not heard; until then they can be pulled."""
    relay_once(world.house, NOW)
    before = {event.id for event in _waiting(world)}
    for folder, ordered in (("first", False), ("second", True)):
        register_endpoint(world.house, world.town.guardianship.id, "file", folder, "test", NOW, ordered=ordered)
    now = NOW
    _submit(world, _draft(world, "counted"))
    relay_once(world.house, now)
    rounds = _crashes(world, lambda: _work(world, now, []))
    assert len(rounds) > 20, "nothing was handed over: this tries too little"
    for number, crash in enumerate(rounds):
        now += 2 * TERMS.lease
        draft = _draft(world, f"worker-{number}")
        _submit(world, draft)
        relay_once(world.house, now)
        held: list[Errand] = []
        _until(crash, world, lambda now=now, held=held: _work(world, now, held))
        pulled = {event.message_id for event in _waiting(world)}
        (message,) = world.rows(select(t.messages.c.id).where(t.messages.c.operation_id == draft.operation_id))
        taken = world.rows(select(deliveries).where(deliveries.c.done_at.is_(None)))
        assert not taken or message.id in pulled or len(taken) < WAYS, "neither on its way nor to be pulled"
        later = now + TERMS.lease
        second = claim_deliveries(world.house, TERMS, later)
        for errand in held:  # the dead come back, while another is at work and when it is done
            _check_unheard(world, errand, later)
        _settle(world, second, later)
        for errand in held:
            _check_unheard(world, errand, later)
    rows = world.rows(select(deliveries))
    sent = 1 + len(rounds)
    assert len(rows) == WAYS * sent
    assert all(row.done_at is not None and row.dead_at is None and row.error is None for row in rows)
    numbers = sorted(row.sequence for row in rows if row.sequence is not None)
    assert numbers == list(range(1, sent + 1)), "a number was given twice, or to nobody"
    assert {event.id for event in _waiting(world)} == before


def check_an_answer_by_file_is_applied_once(world: World) -> None:
    """Wherever it breaks off that a partner's answers are picked up, the next round applies each once, says so in its report
    and puts the file away; a file that comes again changes nothing."""
    drop = file_drop(world, "guardianship")

    def answered(ref: str) -> tuple[str, str]:
        draft = _draft(world, ref)
        message = _submit(world, draft).message
        relay_once(world.house, NOW)
        drop.put(f"{ref}.csv", message.id, "accept")
        return message.id, f"{ref}.csv"

    answered("count")
    rounds: list[Crash | str] = list(_crashes(world, drop.pick))
    assert len(rounds) > 20, "nothing was picked up: this tries too little"
    for number, crash in enumerate([*rounds, "write", "move"]):
        message, name = answered(f"file-{number}")
        if isinstance(crash, Crash):
            _until(crash, world, drop.pick)
        else:
            with suppress(CrashError), swapped(Folder, crash, _end):
                drop.pick()
        for _ in range(2):
            drop.pick()
            outcomes = [said["Итог"] for said in drop.report(name)]
            assert outcomes in (["принято"], ["принято раньше"]), f"{crash}: {outcomes}"
            drop.put(name, message, "accept")
        states = world.rows(select(t.receipts).where(t.receipts.c.message_id == message).order_by(t.receipts.c.ordinal))
        assert [row.state for row in states] == ["submitted", "delivered", "opened", "accepted"], f"{crash}"
    kinds = Counter(row.kind for row in world.entries())
    assert kinds["message.accepted"] == len(rounds) + 3


def check_a_document_in_a_file_is_taken_once(world: World) -> None:
    """A summary or a consent has no operation id: it is known by its content, wherever the taking of its file breaks off."""
    taken_once(world, _crashes, _until)


def check_an_import_is_taken_once(world: World) -> None:
    """A file that is taken step by step goes on wherever it broke off."""
    imported_once(world, _crashes, _until)


def _end(*_: object) -> None:
    raise CrashError


WAYS = 2
TERMS = DeliveryTerms()


def _work(world: World, now: datetime, held: list[Errand]) -> None:
    """What a worker does, with a transport that takes everything."""
    errands = claim_deliveries(world.house, TERMS, now)
    held.extend(errands)
    _settle(world, errands, now)


def _settle(world: World, errands: Sequence[Errand], now: datetime) -> None:
    for errand in errands:
        taken = [Outcome(parcel) for parcel in errand.parcels]
        settle_deliveries(world.house, errand.endpoint, taken, TERMS, lambda: 1.0, now)


def _check_unheard(world: World, errand: Errand, now: datetime) -> None:
    late = [Outcome(parcel, "http_500") for parcel in errand.parcels]
    assert settle_deliveries(world.house, errand.endpoint, late, TERMS, lambda: 1.0, now).fenced == len(late)


def _waiting(world: World) -> Sequence[DeliveryEvent]:
    return pull_deliveries(world.house, world.system("guardianship"), None, 100).deliveries


def check_a_crash_leaves_no_half_of_a_decision(world: World) -> None:
    """Wherever it breaks off, a decision on a held message is made as a whole or not at all: the hold, the fact, the entry,
    the notices and the sending. Made again, it is made once, and the message goes out once."""
    sent, _ = held_message(world, "count")
    (hold,) = holds(world, message_id=sent.message.id)
    for number, crash in enumerate(_crashes(world, lambda: decide(world, "centre.head", hold, all_of(hold)))):
        sent, _ = held_message(world, f"decided-{number}")
        (waiting,) = holds(world, message_id=sent.message.id)
        before = _state(world)
        _until(crash, world, partial(decide, world, "centre.head", waiting, all_of(waiting)))
        assert _state(world) == before, f"a crash before {crash} left something"
        decide(world, "centre.head", waiting, all_of(waiting))
        try:
            decide(world, "centre.head", waiting)
        except Conflict as conflict:
            assert conflict.code == "hold_decided"
        else:
            raise AssertionError("decided twice")
        (fact,) = world.rows(
            select(t.recorded_facts).filter_by(subject_id=waiting.subject_id, fact="decided_by_people")
        )
        assert len(world.rows(select(t.fact_events).filter_by(fact_id=fact.id))) == 1
        assert len(world.rows(select(t.outbox).filter_by(message_id=sent.message.id))) == 1
    relay_once(world.house, NOW)
    _check_everything_delivered(world)


def check_a_crash_leaves_no_half_of_what_people_do(world: World) -> None:
    """The same for a body's act with its copies in other files, a declared threat and its review."""
    families = iter([held_family(world, f"half-{number}", rule=None) for number in range(90)])
    declared = iter([declare(world, next(families).case_id).id for _ in range(40)])
    deeds: dict[str, Callable[[], Callable[[], object]]] = {
        "an act": lambda: partial(act, world, "14785296311"),
        "a threat": lambda: partial(declare, world, next(families).case_id),
        "a review": lambda: partial(_review, world, next(declared)),
    }
    for name, prepare in deeds.items():
        prepare()()  # the body's own file about the person begins
        for crash in _crashes(world, prepare()):
            work = prepare()
            before = _state(world)
            _until(crash, world, work)
            assert crash.ended, name
            assert _state(world) == before, f"{name}: a crash before {crash} left something"
            entries = len(world.entries())
            work()
            assert len(world.entries()) == entries + 1, name
    copies = world.rows(select(t.recorded_facts).where(t.recorded_facts.c.origin_id.is_not(None)))
    assert copies, "the act was copied nowhere: this tries too little"
    acts = world.rows(select(t.recorded_facts).where(t.recorded_facts.c.fact == "rights_limited"))
    origins = [row.id for row in acts if row.origin_id is None]
    assert {(row.origin_id, row.subject_id) for row in copies} == {
        (origin, subject) for origin in origins for subject in {row.subject_id for row in copies}
    }, "an act is in some files and not in others"


def _review(world: World, emergency_id: str) -> None:
    review_emergency(world.house, world.person("ngo.dpo"), emergency_id, "justified", REASONS, NOW)


def _state(world: World) -> list[Any]:
    """What people decide, record and are told, and what goes out, as it stands for another connection."""
    tables = (
        *(t.entries, t.recorded_facts, t.fact_organisations, t.fact_events, t.fact_versions, t.holds),
        *(t.emergencies, t.notices, t.timers, t.outbox, t.receipts, t.messages, t.message_subjects),
    )
    return [sorted(map(repr, world.rows(select(table)))) for table in tables]


def check_a_crash_leaves_no_half_of_an_exchange(world: World) -> None:
    """The same for what two organisations do with a message: a redirect with its onward message, a transfer with its family,
    a taking back with its recall, an order with its fact, and the rest. Tried again, it is done as a whole."""
    for name, prepare in exchange_deeds(world).items():
        prepare()()  # files that the first of them begins
        crashes = _crashes(world, prepare())
        written = [crash for crash in crashes if crash.commit >= 0]
        assert written, f"{name}: this writes nothing"
        assert len(crashes) - len(written) >= SMALLEST_DEED, f"{name}: this tries too little"
        for crash in crashes:
            work = prepare()
            before = everything(world)
            _until(crash, world, work)
            assert crash.ended, name
            assert everything(world) == before, f"{name}: a crash before {crash} left something"
            work()
            assert everything(world) != before, name


SMALLEST_DEED = 5
"""Statements: who asks, the message, its change, the last entry, the new one."""


def check_one_operation_is_applied_once(world: World) -> None:
    """From many threads at once, also about a child nobody knew before; other content is a conflict."""
    draft = _draft(world, "together")
    messages = _together([lambda: _patiently(lambda: _submit(world, draft))] * SENDERS)
    assert len({submitted.message.id for submitted in messages}) == 1
    assert sum(not submitted.repeated for submitted in messages) == 1
    _check_kept(world, draft, delivered=False)
    try:
        _submit(world, draft.model_copy(update={"statement": "Другие слова"}))
    except Conflict as conflict:
        assert conflict.code == "operation_id_reused"
    else:
        raise AssertionError("two contents under one operation id")
    # Two relays at once deliver it once.
    _together([lambda: _patiently(lambda: relay_once(world.house, NOW))] * SENDERS)
    _check_kept(world, draft, delivered=True)
    _check_everything_delivered(world)


def check_a_killed_process_keeps_what_it_acknowledged(world: World) -> None:
    """kill -9 right after an acknowledgement: a new process finds the message and delivers it."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _SENDER,
            str(world.settings.home),
            world.town.school.ogrn,
            world.town.guardianship.ogrn,
            world.town.school.id,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(3)]
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.stdout.close()
    process.wait(20)
    acknowledged += [line for line in rest if len(line) == 36]
    assert all(len(line) == 36 for line in acknowledged[:3]), acknowledged
    house = build_house(world.settings)
    try:
        relay_once(house, NOW)
    finally:
        house.store.engine.dispose()  # type: ignore[attr-defined]
        house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
    delivered = {row.id: row.state for row in world.rows(select(t.messages.c.id, t.messages.c.state))}
    for message_id in acknowledged:
        assert delivered.get(message_id) == "delivered", (
            f"{message_id} was acknowledged and is {delivered.get(message_id)}"
        )
    _check_everything_delivered(world)


_SENDER = """
import sys
from pathlib import Path
from types import SimpleNamespace
from gateway.building import build_house
from gateway.settings import Settings
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Requester
from tests.builders import NOW
from tests.laws.world import marked_message

home, sender, recipient, organisation = sys.argv[1:]
house = build_house(Settings(home=Path(home)))
number = 0
while True:
    number += 1
    pair = SimpleNamespace(ogrn=sender), SimpleNamespace(ogrn=recipient)
    draft = marked_message(*pair, f"kill-{number}", type="signal", trigger="threat")
    print(submit_message(house, Requester(organisation, "client:test"), draft, NOW).message.id, flush=True)
"""


# --- crashes ---------------------------------------------------------------------------------------------------------


@dataclass
class Crash:
    """Ends the process before the statement or before the commit of this number; `ended` says whether it came to that."""

    statement: int = -1
    commit: int = -1
    ended: bool = False


def _crashes(world: World, work: Callable[[], object]) -> list[Crash]:
    """A crash before each statement that `work` says to either store, and before each commit of what it writes."""
    with statements(world) as heard, _commits(world, lambda: None) as commits:
        work()
    return [*(Crash(statement=n) for n in range(len(heard.said))), *(Crash(commit=n) for n in range(len(commits)))]


def _until(crash: Crash, world: World, work: Callable[[], object]) -> None:
    """Run until the process ends. To come back with an answer although it ended would be a false acknowledgement."""
    said = committed = 0

    def end() -> None:
        crash.ended = True
        raise CrashError

    def before(connection: Any, statement: str) -> None:
        nonlocal said
        said += 1
        if crash.ended or said - 1 == crash.statement:
            end()

    def commit() -> None:
        nonlocal committed
        committed += 1
        if crash.ended or committed - 1 == crash.commit:
            end()

    with statements(world, before), _commits(world, commit):
        try:
            work()
        except CrashError:
            assert crash.ended
        else:
            assert not crash.ended, "an answer, although the process ended before it was kept"


@contextmanager
def _commits(world: World, before: Callable[[], None]) -> Iterator[list[int]]:
    """Commits of units that have written to the data store."""
    wrote: set[int] = set()
    seen: list[int] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE")):
            wrote.add(id(connection))

    def commit(connection: Any) -> None:
        if id(connection) in wrote:
            wrote.discard(id(connection))
            seen.append(1)
            before()

    event.listen(world.engine, "before_cursor_execute", note)
    event.listen(world.engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(world.engine, "commit", commit)
        event.remove(world.engine, "before_cursor_execute", note)


# --- what must hold --------------------------------------------------------------------------------------------------


def _draft(world: World, ref: str) -> MessageDraft:
    return marked_message(world.town.school, world.town.guardianship, ref, type="signal", trigger="threat")


def _submit(world: World, draft: MessageDraft) -> Submitted:
    return submit_message(world.house, world.system("school"), draft, NOW)


def _check_kept(world: World, draft: MessageDraft, *, delivered: bool) -> None:
    """One message, one entry of each kind, one receipt of each state, one row in the outbox."""
    rows = world.rows(select(t.messages).where(t.messages.c.operation_id == draft.operation_id))
    assert len(rows) == 1, f"{len(rows)} messages of one operation"
    states = world.rows(select(t.receipts).where(t.receipts.c.message_id == rows[0].id).order_by(t.receipts.c.ordinal))
    expected = ["submitted", "delivered"] if delivered else ["submitted"]
    assert [row.state for row in states] == expected
    outbox = world.rows(select(t.outbox).where(t.outbox.c.message_id == rows[0].id))
    assert len(outbox) == 1, f"{len(outbox)} rows in the outbox"
    assert (outbox[0].done_at is not None) == delivered


def _check_everything_delivered(world: World) -> None:
    kinds = Counter(row.kind for row in world.entries())
    messages = world.rows(select(t.messages))
    assert {row.state for row in messages} <= {"delivered", "opened"}
    assert kinds["message.submitted"] == kinds["message.delivered"] == len(messages)
    assert not world.rows(select(t.outbox).where(t.outbox.c.done_at.is_(None)))
    queue = [message.id for message in read_queue(world.house, world.system("guardianship"), NOW)]
    assert len(queue) == len(set(queue))


def _patiently(work: Callable[[], Any]) -> Any:
    """As a caller does that is told to repeat."""
    for _ in range(20):
        try:
            return work()
        except Contended:
            continue
    raise AssertionError("never let in")


def _together(works: list[Callable[[], Any]]) -> list[Any]:
    begin = threading.Barrier(len(works))
    found: list[Any] = []
    failed: list[BaseException] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            begin.wait(20)
            found.append(work())
        except BaseException as error:  # noqa: BLE001  told below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed, failed
    return found


CHECKS = (
    check_a_crash_at_any_statement_loses_nothing,
    check_a_crash_of_the_relay_loses_and_doubles_nothing,
    check_a_crash_of_a_worker_loses_and_doubles_nothing,
    check_a_crash_leaves_no_half_of_a_decision,
    check_one_operation_is_applied_once,
)
EMBEDDED = (
    check_a_document_in_a_file_is_taken_once,
    check_an_import_is_taken_once,
    check_an_answer_by_file_is_applied_once,
    check_a_killed_process_keeps_what_it_acknowledged,
    check_a_crash_leaves_no_half_of_what_people_do,
    check_a_crash_leaves_no_half_of_an_exchange,
)
