"""Export one message as a table, also in cp1251: for programs that know nothing else.

It is read through the door as everywhere; what is withheld is not in it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from adapters.exports.files import ExportFile
from adapters.sheets.messages import write_message_table
from adapters.tables.output import AS_USUAL, Written
from gateway.use_cases.house import House
from gateway.use_cases.keep_export import MadeExport, Reading, make_export, require_not_standing
from gateway.use_cases.message_document import draft_of
from gateway.use_cases.open_message import open_message
from gateway.use_cases.values import Requester
from schemas.errors import BadInput
from schemas.ids import MessageId, new_id

FORM: Final = "csv"


def export_message(
    house: House, requester: Requester, message_id: MessageId, now: datetime, written: Written = AS_USUAL
) -> MadeExport:
    """Raises BadInput (message_not_in_table, text_outside_encoding), Refused (export_limit), and what `open_message` does."""
    require_not_standing(house, requester, now)
    opened = open_message(house, requester, message_id, now, with_documents=True)
    with house.store.reading() as unit:
        sender = unit.participants.organisation(opened.message.sender_id)
        recipient = unit.participants.organisation(opened.message.recipient_id)
    assert sender is not None
    assert recipient is not None
    reader = requester.organisation_id
    draft = draft_of(house, reader, opened.message, opened.content, sender, recipient, opened.words, opened.documents)
    if draft is None:
        raise BadInput("message_not_in_table")
    content = write_message_table([draft], written)
    export_id = new_id()
    file = ExportFile(f"mezhved-{export_id}.csv", "text/csv", content)
    readings = [Reading("message", opened.entry_id)]
    return make_export(house, requester, export_id, "message", FORM, file, readings, now)
