"""Make an agenda, put cases on it and take them off, close it. Each is an entry.

An agenda holds which cases are spoken of, when and where; nothing about any of them. Its words name nobody, and lie sealed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import rfc8785

from gateway.evidence.entry import JsonValue, commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.joint_values import Agenda, AgendaItem
from gateway.use_cases.message_words import seal_words
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import MessageId, is_id, new_id
from schemas.joint import AgendaDraft
from schemas.nameless import require_nameless

MOST_ITEMS = 100


@begin_anew
def make_agenda(house: House, requester: Requester, draft: AgendaDraft, now: datetime) -> Agenda:
    """A new agenda under the identifier that its maker chose: a repeat is harmless, and messages may name it.

    Raises NotPermitted (not_for_overseers), BadInput (text_not_nameless), Conflict (operation_id_reused).
    """
    _require_caseworker(requester)
    require_nameless({"place": draft.place, "topic": draft.topic})
    digest = house.vault.keyed_digest(rfc8785.dumps(draft.model_dump(mode="json")))
    # Another organisation may have chosen the same identifier; so that it learns nothing of it, ours follows from both.
    agenda_id = house.vault.keyed_digest(f"{requester.organisation_id}/{draft.operation_id}".encode())
    agenda_id = "-".join(
        (agenda_id[:8], agenda_id[8:12], f"4{agenda_id[13:16]}", f"8{agenda_id[17:20]}", agenda_id[20:32])
    )
    words = {"place": draft.place, "topic": draft.topic}
    sealed = seal_words(house, MessageId(agenda_id), words)
    assert sealed is not None
    with house.store.writing() as unit:
        before = unit.agendas.get(agenda_id, requester.organisation_id)
        if before is not None:
            if before.digest != digest:
                raise Conflict("operation_id_reused", operation_id=draft.operation_id)
            return before
        agenda = Agenda(agenda_id, requester.organisation_id, digest, draft.at, sealed, now, requester.actor)
        unit.agendas.add(agenda)
        _record(unit, requester, agenda, "made", now)
    return agenda


@begin_anew
def add_to_agenda(
    house: House, requester: Requester, agenda_id: str, unverified_case: str, now: datetime
) -> AgendaItem:
    """Put a case that one's organisation holds, or has a message about, at the end of an open agenda.

    Raises Unavailable (agenda_unavailable, case_unavailable), NotPermitted (not_for_overseers, not_assigned), Conflict
    (agenda_closed, agenda_item_twice), BadInput (agenda_full).
    """
    _require_caseworker(requester)
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.writing() as unit:
        agenda = _own(unit, requester, agenda_id)
        if not unit.recorded_facts.case_is_related(requester.organisation_id, case_id, now):
            raise Unavailable("case_unavailable")
        require_assigned(unit, requester, case_id)
        if len(unit.agendas.items(agenda.id)) >= MOST_ITEMS:
            raise BadInput("agenda_full", most=MOST_ITEMS)
        item = AgendaItem(new_id(), agenda.id, 0, case_id)
        if not unit.agendas.add_item(item):
            raise Conflict("agenda_item_twice")
        _record(unit, requester, agenda, "added", now, case=commitment(new_salt(), case_id))
    return item


@begin_anew
def remove_from_agenda(house: House, requester: Requester, agenda_id: str, item_id: str, now: datetime) -> None:
    """Take a case off an open agenda; what was sent for it stays sent.

    Raises Unavailable (agenda_unavailable, agenda_item_unavailable), NotPermitted (not_for_overseers), Conflict
    (agenda_closed).
    """
    _require_caseworker(requester)
    with house.store.writing() as unit:
        agenda = _own(unit, requester, agenda_id)
        if not unit.agendas.remove_item(agenda.id, item_id if is_id(item_id) else new_id()):
            raise Unavailable("agenda_item_unavailable")
        _record(unit, requester, agenda, "removed", now)


@begin_anew
def close_agenda(house: House, requester: Requester, agenda_id: str, now: datetime) -> Agenda:
    """Close it: nothing is put on it any more. Answers, signatures and conclusions go on.

    Raises Unavailable (agenda_unavailable), NotPermitted (not_for_overseers), Conflict (agenda_closed).
    """
    _require_caseworker(requester)
    with house.store.writing() as unit:
        agenda = replace(_own(unit, requester, agenda_id), closed_at=now, closed_by=requester.actor)
        unit.agendas.close(agenda)
        _record(unit, requester, agenda, "closed", now)
    return agenda


def _require_caseworker(requester: Requester) -> None:
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")


def _own(unit: Unit, requester: Requester, agenda_id: str) -> Agenda:
    agenda = unit.agendas.get(agenda_id if is_id(agenda_id) else new_id(), requester.organisation_id, lock=True)
    if agenda is None or agenda.organisation_id != requester.organisation_id:
        raise Unavailable("agenda_unavailable")
    if agenda.closed_at is not None:
        raise Conflict("agenda_closed")
    return agenda


def _record(unit: Unit, requester: Requester, agenda: Agenda, what: str, now: datetime, **more: JsonValue) -> None:
    append_entry(
        unit,
        EventKind.AGENDA_CHANGED,
        {
            "agenda": agenda.id,
            "organisation": agenda.organisation_id,
            "actor": requester.actor,
            "change": what,
            **more,
        },
        now,
    )
