"""Headings and names of elements are the sender's own words, and nobody knows what stands in them: in the store they are
sealed, and they go when the organisation removes them, and with the results.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from gateway.storage.tables_imports import import_jobs, import_steps
from gateway.use_cases.clear_imports import clear_imports
from gateway.use_cases.import_values import FILE_KEPT, RESULT_KEPT
from gateway.use_cases.read_imports import read_import_records, read_import_report, stop_import
from tests.builders import Town
from tests.gateway.imports.world import Desk, KilledError, desk_of, killed_at

SECRET = "Секретов"
BY_CHILD = f"Дата;От кого;Содержание сигнала;ФИО ребёнка;{SECRET} Пётр"
ROWS = (
    "01.02.2026;аноним;Случай;Проба Анна;был",
    "30.02.2026;аноним;Случай;Проба Анна;не был",
    "02.02.2026;;;;",
)


@pytest.fixture
def desk(town: Town) -> Desk:
    return desk_of(town)


def hand_in(desk: Desk) -> str:
    rows = [row for _ in range(20) for row in ROWS]
    return desk.hand_in("\n".join([BY_CHILD, *rows]).encode(), "csv", profile="signals")


def stored(desk: Desk) -> str:
    """Everything that the store has of imports."""
    with desk.house.store.engine.connect() as connection:  # type: ignore[attr-defined]  # past the port
        return repr([list(connection.execute(select(table))) for table in (import_jobs, import_steps)])


def shown(desk: Desk, import_id: str) -> dict[str, Any]:
    return read_import_report(desk.house, desk.system, import_id).report.as_dict()


def test_words_of_the_sender_rest_sealed(desk: Desk) -> None:
    import_id = hand_in(desk)
    with killed_at(lambda name, number: (name, number) == ("after _write", 2)), pytest.raises(KilledError):
        desk.take()
    assert SECRET in repr(shown(desk, import_id)), "it runs"
    assert SECRET not in stored(desk)
    desk.later()
    desk.take()
    report = shown(desk, import_id)
    assert SECRET in repr(report["losses"])
    assert report["droppedColumns"] == [f"{SECRET} Пётр"]
    assert {said["place"] for said in report["messages"]} >= {"Дата"}
    assert any("complaints" in row for row in read_import_records(desk.house, desk.system, import_id, 0))
    assert SECRET not in stored(desk)
    assert "Дата" not in stored(desk)


def test_they_go_when_they_are_removed(desk: Desk) -> None:
    import_id = hand_in(desk)
    desk.take()
    before = shown(desk, import_id)
    stop_import(desk.house, desk.system, import_id)
    stop_import(desk.house, desk.system, import_id)
    after = shown(desk, import_id)
    assert SECRET not in repr(after)
    assert (after["messages"], after["droppedColumns"], after["losses"]["rules"]) == ([], [], [])
    for kept in ("recordNum", "recordNumSuccess", "recordNumRejected", "rules", "skippedRows"):
        assert after[kept] == before[kept]
    assert desk.house.vault.import_words(import_id) is None
    records = read_import_records(desk.house, desk.system, import_id, 0)
    assert [row["record"] for row in records] == list(range(1, len(records) + 1))
    assert not any("complaints" in row for row in records)


def test_they_go_with_the_results(desk: Desk) -> None:
    import_id = hand_in(desk)
    desk.take()
    desk.later(FILE_KEPT)
    clear_imports(desk.house, desk.now)
    assert SECRET in repr(shown(desk, import_id))
    desk.later(RESULT_KEPT)
    clear_imports(desk.house, desk.now)
    assert desk.house.vault.import_words(import_id) is None
    assert stored(desk) == "[[], []]"


def test_the_report_of_an_import_that_has_ended_is_read_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = hand_in(desk)
    desk.take()

    def fails(*_: object) -> object:
        raise AssertionError

    monkeypatch.setattr("gateway.storage.imports.SqlImports.all_steps", fails)
    assert shown(desk, import_id)["messages"]
