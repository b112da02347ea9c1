"""Export one message as a table of the registers, also in cp1251: for programs that know nothing else.

It is read through the door as everywhere; what is withheld is not in it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from adapters.exports.files import ExportFile
from adapters.tables.writer import write_referrals
from gateway.use_cases.house import House
from gateway.use_cases.keep_export import MadeExport, Reading, make_export, require_not_standing
from gateway.use_cases.message_document import draft_of
from gateway.use_cases.open_message import open_message
from gateway.use_cases.values import Requester
from schemas.errors import BadInput
from schemas.ids import MessageId, new_id

FORM: Final = "csv"
ENCODINGS: Final = ("utf-8", "cp1251")


def export_message(
    house: House, requester: Requester, message_id: MessageId, encoding: str, now: datetime, *, nearest: bool = False
) -> MadeExport:
    """`nearest` replaces signs that cp1251 does not have.

    Raises BadInput (format_unknown, message_not_in_table, text_outside_encoding), Refused (export_limit), and what
    `open_message` does.
    """
    if encoding not in ENCODINGS:
        raise BadInput("format_unknown", known=", ".join(ENCODINGS))
    require_not_standing(house, requester, now)
    opened = open_message(house, requester, message_id, now)
    with house.store.reading() as unit:
        sender = unit.participants.organisation(opened.message.sender_id)
        recipient = unit.participants.organisation(opened.message.recipient_id)
    assert sender is not None
    assert recipient is not None
    draft = draft_of(house, requester.organisation_id, opened.message, opened.content, sender, recipient)
    if draft is None:
        raise BadInput("message_not_in_table")
    content = write_referrals(
        [draft], encoding="cp1251" if encoding == "cp1251" else "utf-8-sig", nearest_signs=nearest
    )
    export_id = new_id()
    file = ExportFile(f"mezhved-{export_id}.csv", "text/csv", content)
    readings = [Reading("message", opened.entry_id)]
    return make_export(house, requester, export_id, "message", FORM, file, readings, now)
