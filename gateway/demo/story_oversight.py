"""Step 8 of the story: the DPO reads who saw the family, the log is verified, and a changed byte is found."""

from __future__ import annotations

import itertools
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.demo.client import DiffersError
from gateway.demo.play import SYSTEMS, Play
from gateway.evidence import verify
from gateway.use_cases.read_log import read_log
from gateway.use_cases.values import Requester

SEQUENCING_SECONDS: Final = 20


def step_oversight(play: Play) -> None:
    """Who saw this family, when, why, by which rule; and the proof that the log was not touched."""
    stage = play.stage
    stage.step("Ответственный за персональные данные фонда смотрит журнал")
    organisation = play.seeded.organisations[SYSTEMS["ngo"]]
    with play.house.store.reading() as unit:
        person = unit.participants.person_by_login(f"dpo.{SYSTEMS['ngo']}")
    if person is None:
        raise DiffersError("у фонда должен быть ответственный")
    requester = Requester(organisation.id, f"person:{person.id}", person.roles)
    reading = read_log(play.house, requester, datetime.now(UTC), case=play.kept["ngo_case"])
    rows = []
    for _, group in itertools.groupby(reading.rows, key=lambda row: row.entry_id):
        seen = list(group)
        effects = sorted({f"{effect} {rule}" for row in seen for effect, rule in row.rulings.values()})
        rows.append(
            (
                seen[0].at.astimezone().strftime("%d.%m.%Y %H:%M:%S"),
                reading.names[seen[0].recipient_id],
                seen[0].purpose,
                "да" if any(row.released for row in seen) else "нет",
                "; ".join(effects)[:90],
            )
        )
    stage.table(("Когда", "Кто", "Цель", "Показано", "Решения и правила"), rows)
    stage.expect(any(row.released for row in reading.rows), "в журнале должно быть чтение опекой")
    stage.expect(
        any("RU-152-9-5" in {rule for _, rule in row.rulings.values()} for row in reading.rows),
        "в журнале должен быть отказ после отзыва",
    )
    key = play.settings.key_folder / "log.pub"
    store = play.settings.home / "mezhved.sqlite"
    _wait_for_sequencing(store)
    copy = play.settings.home / "копия.sqlite"
    _copy(store, copy)
    stage.sent("Проверяющий", f"mezhved evidence verify {copy.name} --key {key.name}")
    report = verify.examine(copy, verify.read_keys(key))
    stage.expect(report.exit_code == 0, "нетронутый журнал должен пройти проверку")
    stage.came(report.text("ru").strip())
    place = _change_one_byte(copy)
    stage.sent("Злоумышленник", f"меняет один байт в копии хранилища ({place})")
    report = verify.examine(copy, verify.read_keys(key))
    stage.expect(report.exit_code == 1 and bool(report.findings), "изменённый байт должен быть найден")
    for finding in report.findings[:3]:
        stage.came(finding.text("ru"))
    copy.unlink()


def _wait_for_sequencing(store: Path) -> None:
    deadline = time.monotonic() + SEQUENCING_SECONDS
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(store)) as connection:
            (waiting,) = connection.execute("SELECT count(*) FROM entries WHERE tree_index IS NULL").fetchone()
        if waiting == 0:
            return
        time.sleep(0.2)
    raise DiffersError("записи не размещены в дереве журнала")


def _copy(store: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _change_one_byte(store: Path) -> str:
    """Turns one «P» of a recorded ruling into «D», in the file itself, past the database."""
    with closing(sqlite3.connect(store)) as connection:
        index, body = connection.execute(
            "SELECT tree_index, body FROM entries WHERE kind = 'exchange.decided' ORDER BY tree_index DESC LIMIT 1"
        ).fetchone()
    content = bytearray(store.read_bytes())
    start = content.find(body[:60])
    offset = content.find(b'["P",', start)
    if start < 0 or offset < 0:
        raise DiffersError("запись не найдена в файле хранилища")
    content[offset + 2] = ord("D")
    store.write_bytes(content)
    return f"байт {offset + 2}, запись {index} дерева"


STEPS: Final = (step_oversight,)
