"""A file of 200 MB goes in and out in the memory of a small one."""

from __future__ import annotations

import hashlib
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.exchange.relay import relay_once
from gateway.storage.blobs import DirectoryBlobs
from gateway.use_cases.attachment_values import AttachmentLimits
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_attachment import list_documents, read_attachment
from gateway.use_cases.receive_upload import begin_upload
from gateway.use_cases.submit_message import submit_message
from tests.builders import NOW, consent, referral, sqlite_house, system_of
from tests.builders import town as make_town

pytestmark = pytest.mark.system

MEGABYTES = 200
OPERATION = "00000000-0000-4000-8000-00000000000a"
BLOCK = ("дата;итог\n" * 110_000).encode("cp1251")[: 1 << 20]


def test_memory_stays_flat_for_a_large_file(tmp_path: Path) -> None:
    limits = AttachmentLimits(one_file=1 << 30, one_message=1 << 30, a_day=1 << 31)
    house = replace(sqlite_house(tmp_path), blobs=DirectoryBlobs(tmp_path / "blobs"), attachment_limits=limits)
    town = make_town(house)
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    tracemalloc.start()
    receiver = begin_upload(house, system_of(town.centre), OPERATION, "csv", NOW)
    sent = hashlib.sha256()
    for _ in range(MEGABYTES):
        sent.update(BLOCK)
        receiver.feed(BLOCK)
    upload = receiver.finish(NOW)
    document = {"category": "ID", "document_type": "other", "upload": upload.id}
    draft = referral(town.centre, town.ngo, operation_id=OPERATION, attachments=[document])
    message = submit_message(house, system_of(town.centre), draft, NOW).message.id
    relay_once(house, NOW)
    open_message(house, system_of(town.ngo), message, NOW)
    (shown,) = list_documents(house, system_of(town.ngo), message, NOW)[1]
    received = hashlib.sha256()
    with read_attachment(house, system_of(town.ngo), message, shown.id, NOW).file as file:
        for chunk in file.chunks():
            received.update(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    house.store.engine.dispose()  # type: ignore[attr-defined]
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
    assert received.digest() == sent.digest()
    assert upload.size == MEGABYTES << 20
    assert peak < 12 << 20, f"{peak / (1 << 20):.1f} MB"
