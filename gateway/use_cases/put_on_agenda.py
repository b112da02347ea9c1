"""A message that is sent for a meeting puts its case on that meeting's agenda."""

from __future__ import annotations

from gateway.use_cases.joint_values import AgendaItem
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import MessageOnFile
from schemas.ids import new_id

OF_MEETING = frozenset({"council_invitation", "council_resolution", "joint_decision", "minutes"})
"""Types that are about a meeting. Another may name an agenda too; it stands with its case where that is on it already."""


def put_on_agenda(unit: Unit, message: MessageOnFile) -> None:
    """Its case becomes the last item where the agenda is one's own, is open, and the message names somebody or belongs to a
    thread. An identifier that is no agenda of one's own stays what it was: a mark of the sender."""
    if message.agenda_id is None or message.type not in OF_MEETING:
        return
    about_a_case = bool(message.purpose) or message.answers_id is not None
    agenda = unit.agendas.get(message.agenda_id, message.sender_id, lock=True)
    if about_a_case and agenda and agenda.organisation_id == message.sender_id and agenda.closed_at is None:
        unit.agendas.add_item(AgendaItem(new_id(), agenda.id, 0, message.case_id))
