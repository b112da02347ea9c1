"""`mezhved import` that is killed in the midst, and `mezhved imports` that goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import select, update

from gateway.building import build_house
from gateway.settings import Settings
from gateway.storage.tables import messages
from gateway.storage.tables_imports import import_jobs
from tests.builders import organisation, referral
from tests.gateway.imports.world import file_of
from tests.gateway.test_cli import mezhved

COUNT = 400


def test_a_killed_import_is_resumed_and_nothing_doubles(tmp_path: Path) -> None:
    assert mezhved(tmp_path, "migrate").returncode == 0
    house = build_house(Settings(home=tmp_path))
    school, body = organisation(house, "school", "Школа (тест)"), organisation(house, "guardianship", "Опека (тест)")
    drafts = [referral(school, body, type="signal", trigger="threat") for _ in range(COUNT)]
    file = tmp_path / "signals.xml"
    file.write_bytes(file_of(drafts))
    arguments = [sys.executable, "-m", "gateway", "import", str(file), "--ogrn", school.ogrn]
    process = subprocess.Popen(arguments, env={**os.environ, "MEZHVED_HOME": str(tmp_path)}, stdout=subprocess.PIPE)
    assert process.stdout is not None
    engine = house.store.engine  # type: ignore[attr-defined]  # past the port
    settled = 0
    while not settled and process.poll() is None:
        time.sleep(0.02)
        with engine.connect() as connection:
            settled = next((p["settled"] for p in connection.execute(select(import_jobs.c.position)).scalars()), 0)
    process.send_signal(signal.SIGKILL)
    said = process.stdout.read().decode()
    process.stdout.close()
    process.wait(20)
    with engine.begin() as connection:
        row = connection.execute(select(import_jobs)).one()
        # A minute passes.
        connection.execute(update(import_jobs).values(leased_until=row.handed_in_at))
    assert 0 < row.position["settled"] < COUNT
    assert f"mezhved imports resume {row.id} --ogrn {school.ogrn}" in said.replace("\n", " ")
    listed = mezhved(tmp_path, "imports", "list", "--ogrn", school.ogrn)
    assert row.id in listed.stdout
    assert "принимается" in listed.stdout
    done = mezhved(tmp_path, "imports", "resume", row.id, "--ogrn", school.ogrn)
    assert (done.returncode, f"Записей: {COUNT}, принято: {COUNT}, отклонено: 0." in done.stdout) == (0, True)
    with engine.connect() as connection:
        sent = sorted(connection.execute(select(messages.c.operation_id)).scalars())
    assert sent == sorted(draft.operation_id for draft in drafts), "each once"
    gone = mezhved(tmp_path, "imports", "stop", row.id, "--ogrn", school.ogrn)
    assert (gone.returncode, "Файл удалён." in gone.stdout) == (0, True)
    engine.dispose()
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
