"""Take in a partner's own file of the directory, a phone book or canonical documents, by the rules of every file of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.directory_records import DirectoryReading
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.apply_document import Applied
from gateway.use_cases.file_records import ORGANISATION, SERVICE
from gateway.use_cases.house import House
from gateway.use_cases.publish_service import require_publisher
from gateway.use_cases.receive_directory import receive_directory, rehearse_directory
from gateway.use_cases.values import Requester


def receive_directory_file(
    house: House,
    requester: Requester,
    reading: DirectoryReading,
    digest: str,
    now: datetime,
    *,
    rehearsal: bool = False,
    **more: str,
) -> Sequence[Applied]:
    """What was published. A rehearsal publishes nothing and has its entry all the same. Raises NotPermitted
    (not_for_overseers)."""
    require_publisher(requester)
    if not rehearsal:
        receive_directory(house, requester, requester.actor, reading, digest, now)
        return [
            *(Applied(ORGANISATION, one) for one in reading.organisations),
            *(Applied(SERVICE, one) for one in reading.services),
        ]
    rehearse_directory(house, requester, reading, now)
    report = reading.report
    with house.store.writing() as unit:
        append_entry(
            unit,
            EventKind.FILE_RECEIVED,
            {
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "format": report.format,
                "digest": digest,
                "records": report.records,
                "accepted": 0,
                "losses": report.losses.digest(),
                "rehearsal": True,
                **more,
            },
            now,
        )
    return ()
