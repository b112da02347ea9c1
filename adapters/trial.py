"""What a profile would make of a table: read to its end, nothing taken in."""

from __future__ import annotations

import io

from adapters.contacts import read_contacts
from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.report import ImportReport
from adapters.tables.profile import CONTACT, Profile
from adapters.tables.reader import read_table


def try_profile(
    content: bytes, profile: Profile, ogrn: str, limits: Limits = DEFAULT_LIMITS, sheet: int | None = None
) -> ImportReport:
    """The report by the rules of form alone. Raises DocumentRejected for a file that the profile cannot read as a whole."""
    if profile.record == CONTACT:
        found = read_contacts(content, profile, limits, sheet)
        found.settle()
        return found.report
    reading = read_table(io.BytesIO(content), profile, limits, {"sender_ogrn": ogrn, **profile.defaults}, sheet)
    for record in reading.records:
        reading.report.add(record)
    return reading.report
