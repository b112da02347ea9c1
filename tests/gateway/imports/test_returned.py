"""Refused rows that somebody was promised are theirs, whatever becomes of the file meanwhile."""

from __future__ import annotations

import gc

import pytest

from gateway.use_cases.read_imports import stop_import
from gateway.use_cases.return_refused import return_refused
from schemas.errors import DocumentRejected
from tests.builders import Town
from tests.gateway.imports.test_words import hand_in
from tests.gateway.imports.world import Desk, desk_of


@pytest.fixture
def desk(town: Town) -> Desk:
    return desk_of(town)


def test_a_file_that_is_removed_while_its_rows_leave(desk: Desk) -> None:
    import_id = hand_in(desk)
    desk.take()
    whole = b"".join(return_refused(desk.house, desk.system, import_id, desk.now).parts)
    returned = return_refused(desk.house, desk.system, import_id, desk.now)
    stop_import(desk.house, desk.system, import_id)
    assert b"".join(returned.parts) == whole
    assert b"30.02.2026" in whole
    before = desk.entries()["file.returned"]
    with pytest.raises(DocumentRejected, match="import_file_gone"):
        return_refused(desk.house, desk.system, import_id, desk.now)
    assert desk.entries()["file.returned"] == before == 2


def test_whoever_goes_away_leaves_no_file_open(desk: Desk) -> None:
    import_id = hand_in(desk)
    desk.take()
    returned = return_refused(desk.house, desk.system, import_id, desk.now)
    del returned
    gc.collect()  # an open file would be told of, and fail here
