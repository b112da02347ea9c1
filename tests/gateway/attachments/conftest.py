"""A town that takes files, on each kind of store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.storage.blobs import DirectoryBlobs
from tests.builders import Town, consent


@pytest.fixture
def place(town: Town, tmp_path: Path) -> Town:
    house = replace(town.house, blobs=DirectoryBlobs(tmp_path / "blobs"))
    made = replace(town, house=house)
    consent(made, made.ngo, purpose="REFERRAL", discloser=made.centre)
    return made
