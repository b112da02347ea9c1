"""The relay: one batch, and one message that fails alone never blocks the others."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from gateway.exchange import relay
from gateway.exchange.relay import FIRST_WAIT, Relay, relay_once
from gateway.use_cases import move_message
from gateway.use_cases.read_queue import read_queue
from gateway.use_cases.submit_message import submit_message
from schemas.lifecycle import State
from tests.builders import NOW, Town, consent, referral, system_of


def test_a_poison_message_is_put_off_and_the_others_are_delivered(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    sent = [
        submit_message(town.house, system_of(town.centre), referral(town.centre, town.ngo), NOW).message
        for _ in range(4)
    ]
    poison = sent[1].id
    real = move_message.append_entry

    def failing(unit: Any, kind: Any, body: Any, now: Any) -> Any:
        if body.get("message") == poison:
            msg = "poison"
            raise ValueError(msg)
        return real(unit, kind, body, now)

    monkeypatch.setattr(move_message, "append_entry", failing)
    assert relay_once(town.house, NOW) == 3
    delivered = {m.id for m in read_queue(town.house, system_of(town.ngo), NOW)}
    assert delivered == {m.id for m in sent} - {poison}
    assert relay_once(town.house, NOW) == 0, "it waits"
    monkeypatch.undo()
    assert relay_once(town.house, NOW + FIRST_WAIT + timedelta(seconds=1)) == 1
    late = read_queue(town.house, system_of(town.ngo), NOW)
    assert {m.id for m in late} == {m.id for m in sent}
    assert all([r.state for r in m.receipts].count(State.DELIVERED) == 1 for m in late)


STEPS = (
    "relay_once",
    "escalate",
    "watch_practice_timers",
    "sequence_log",
    "echo_lookups",
    "_remove_documents",
    "clear_drafts",
)


@pytest.mark.parametrize("broken", STEPS)
def test_a_step_that_breaks_ends_neither_the_relay_nor_the_other_steps(
    town: Town, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    done = dict.fromkeys(STEPS, 0)

    def counted(name: str) -> Any:
        def step(*_: object) -> None:
            done[name] += 1
            if name == broken and done[name] == 1:
                msg = "Проба Вымышленная Тестовна"
                raise OSError(msg)

        step.__name__ = name
        return step

    for name in STEPS:
        where = Relay if name.startswith("_") else relay
        monkeypatch.setattr(where, name, counted(name))
    monkeypatch.setattr(relay, "CLEAR_EVERY", timedelta(0))
    worker = Relay(town.house, 0.01, lambda: NOW)
    worker.start()
    deadline = time.monotonic() + 20
    while min(done.values()) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    worker.stop()
    assert min(done.values()) >= 3, done
