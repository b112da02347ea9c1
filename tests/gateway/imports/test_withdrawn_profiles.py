"""A profile is withdrawn while files wait for it: what was taken stays, what was not is told why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.tables.profile import FAMILY
from gateway.use_cases import import_run
from gateway.use_cases.import_values import DONE, REFUSED, STOPPED, WAITING
from gateway.use_cases.keep_mapping_profile import read_history, withdraw_profile, write_profile
from gateway.use_cases.read_imports import raise_refusal
from gateway.use_cases.read_kept_records import count_kept
from schemas.errors import DocumentRejected, MezhvedError
from tests.builders import Town
from tests.gateway.imports.world import Desk, desk_of

PROFILE = "name: our-list\nbase: families\ncolumns: {Малыш: child.full_name}\n"


@pytest.fixture
def desk(town: Town, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(import_run, "STEP", 3)
    made = desk_of(town)
    write_profile(made.house, made.system, PROFILE, made.now)
    return made


def families(count: int, first: int = 0) -> bytes:
    rows = "".join(f"{n};Синтетов {'абвгдежзик'[n % 10]}ван {'опрсту'[n // 10]}\n" for n in range(first, first + count))
    return f"№ дела;Малыш\n{rows}".encode()


def withdraw(desk: Desk) -> None:
    withdraw_profile(desk.house, desk.system, "our-list", desk.now + timedelta(seconds=1))


def test_a_file_that_waits_is_refused_with_its_reason_and_one_that_was_taken_is_not_touched(desk: Desk) -> None:
    taken = desk.hand_in(families(4), "csv", profile="our-list")
    assert desk.take()
    waiting = desk.hand_in(families(4, 10), "csv", profile="our-list")
    other = desk.hand_in("№ дела;ФИО ребёнка\n9;Пробный Лев\n".encode(), "csv", profile="families")
    assert read_history(desk.house, desk.system, "our-list").waiting == 1
    withdraw(desk)
    assert desk.one(waiting).state == WAITING, "it learns so when its turn comes"
    assert desk.take()
    assert desk.take()
    refused = desk.one(waiting)
    assert (refused.state, refused.position.settled) == (REFUSED, 0)
    with pytest.raises(DocumentRejected, match="profile_withdrawn") as told:
        raise_refusal(refused)
    assert "Формат «our-list» отозван" in told.value.message()
    assert "сохраните новую версию" in told.value.remedy()
    assert [desk.one(one).state for one in (taken, other)] == [DONE, DONE]
    assert count_kept(desk.house, desk.system) == {FAMILY: 5}
    assert read_history(desk.house, desk.system, "our-list").waiting == 0
    with pytest.raises(MezhvedError, match="profile_withdrawn"):
        desk.hand_in(families(1), "csv", profile="our-list")


def test_a_file_that_is_being_taken_stops_after_its_step_and_what_was_taken_stays(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = desk.hand_in(families(8), "csv", profile="our-list")
    written = import_run.ImportRun._write

    def writing(self: import_run.ImportRun, *args: object, **more: object) -> object:
        if self._import.position.settled == 0:
            assert read_history(desk.house, desk.system, "our-list").waiting == 1
            withdraw(desk)
        return written(self, *args, **more)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(import_run.ImportRun, "_write", writing)
    assert desk.take()
    stopped = desk.one(import_id)
    assert (stopped.state, stopped.position.settled) == (STOPPED, 3)
    assert stopped.refusal is not None
    assert stopped.refusal[0] == "profile_withdrawn"
    assert count_kept(desk.house, desk.system) == {FAMILY: 3}


def test_a_new_version_under_the_same_name_lets_what_waits_be_read(desk: Desk) -> None:
    import_id = desk.hand_in(families(2), "csv", profile="our-list")
    withdraw(desk)
    write_profile(desk.house, desk.system, PROFILE, desk.now + timedelta(seconds=2))
    assert desk.take()
    assert desk.one(import_id).state == DONE
