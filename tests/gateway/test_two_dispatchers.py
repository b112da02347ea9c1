"""Two processes take the same work at the same moment: nothing is told twice, and nothing is lost.

The same world is worked off by one process and by two; whoever is told what, each step, breach, delivery and entry must be the
same.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.storage import tables as t
from gateway.storage import tables_queues as q
from gateway.use_cases.house import House
from gateway.use_cases.submit_message import submit_message
from tests import builders
from tests.builders import NOW, Town, consent, referral, system_of
from tests.conftest import _database
from tests.gateway.facts_world import rows
from tests.gateway.practice_world import make_team
from tests.gateway.queues_world import keep

SIGNALS, REFERRALS, CASES = 30, 12, 12
AFTER = (0, 16, 31, 121, 241, 24 * 60, 3 * 24 * 60, 8 * 24 * 60, 95 * 24 * 60)
"""Minutes: alerts, steps of the queue, terms of practices and their chain, a referral that nobody accepted."""


def child(ref: str) -> dict[str, Any]:
    """Somebody whom no identifier joins with another."""
    identity = {"full_name": f"Проба Вымышленная {ref}", "birth_date": "2017-01-15", "sex": "F"}
    return {"kind": "child", "ref": ref, "identity": identity}


def furnish(house: House) -> Town:
    """Signals and referrals that were sent and have not come, cases whose terms run."""
    town = builders.town(house)
    keep(house, town.guardianship)
    for number in range(SIGNALS):
        more = {"type": "signal", "trigger": "threat", "urgency": "urgent", "persons": [child(f"S-{number}")]}
        submit_message(house, system_of(town.school), referral(town.school, town.guardianship, **more), NOW)
    for number in range(REFERRALS):
        consent(town, town.ngo, f"R-{number}", "REFERRAL", town.centre)
        named = [child(f"R-{number}")]
        submit_message(house, system_of(town.centre), referral(town.centre, town.ngo, persons=named), NOW)
    for _ in range(CASES):
        team = make_team(town)
        team.on("first-visit-team", "first-visit")
        team.record("signal_received")
    return town


@contextmanager
def dispatchers(count: int, urls: tuple[str, str], book: Path) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.gateway.dispatcher", *urls, str(book)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def worked_off(count: int, urls: tuple[str, str], book: Path) -> dict[str, Counter[Any]]:
    """What became of the world after `count` processes had worked it off together."""
    house = builders.build_house(*urls, book.parent, migrated=True)
    try:
        furnish(house)
        _run(count, urls, book)
        return _found(house, book)
    finally:
        house.store.engine.dispose()  # type: ignore[attr-defined]
        house.vault._keys.engine.dispose()  # type: ignore[attr-defined]


def _run(count: int, urls: tuple[str, str], book: Path) -> None:
    with dispatchers(count, urls, book) as processes:
        for minutes in AFTER:
            for process in processes:
                assert process.stdin is not None
                process.stdin.write(f"{(NOW + timedelta(minutes=minutes)).isoformat()}\n")
                process.stdin.flush()
            for process in processes:
                assert process.stdout is not None
                assert process.stdout.readline() == "done\n"


def _found(house: House, book: Path) -> dict[str, Counter[Any]]:
    entries = rows(house, t.entries)
    placed = sorted(entry.tree_index for entry in entries)
    assert placed == list(range(len(entries))), "each entry has its own place in the tree"
    letters = [line.split() for line in book.read_text("utf-8").splitlines()]
    assert max(Counter(letter[0] for letter in letters).values()) == 1, "a letter is sent once"
    once = Counter((step.message_id, step.stage, step.step) for step in rows(house, q.queue_steps))
    assert max(once.values()) == 1, "each step of a message is made once"
    return {
        "letters": Counter(tuple(letter[1:]) for letter in letters),
        "entries": Counter(entry.kind for entry in entries),
        "steps": Counter((step.stage, step.step, step.told) for step in rows(house, q.queue_steps)),
        "notices": Counter((notice.kind, notice.role) for notice in rows(house, t.notices)),
        "alerts": Counter((alert.kind, alert.contact, alert.channel, alert.state) for alert in rows(house, q.alerts)),
        "receipts": Counter((receipt.event, receipt.state) for receipt in rows(house, t.receipts)),
    }


@pytest.mark.parametrize("count", [2, 3])
def test_together_they_do_what_one_does(
    postgresql_url: str, postgresql_templates: tuple[str, str], tmp_path: Path, count: int
) -> None:
    data, keys = postgresql_templates
    alone, together = (
        worked_off(
            number, (_database(postgresql_url, data), _database(postgresql_url, keys)), tmp_path / f"{number}.txt"
        )
        for number in (1, count)
    )
    assert alone["entries"]["message.delivered"] == SIGNALS + REFERRALS
    assert alone["entries"]["timer.breached"] >= 2 * CASES
    assert alone["entries"]["message.expired"] == REFERRALS
    assert sum(alone["letters"].values()) > SIGNALS
    assert together == alone
