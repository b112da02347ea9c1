"""What records of the registers say of one another: identifiers that repeat, events that are changed out of their time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import BaseModel

from adapters.egisso.facts import FACT, INVALIDATIONS, Assignment
from adapters.egisso.values import CreateRecord, DeleteRecord, EditRecord
from adapters.seen import Seen


class History:
    """Events as files tell them, one after the other. Where earlier files were given, what they do not know is unknown;
    without them nobody can say so of an event that this file only changes. Of each identifier a digest is kept in mind."""

    def __init__(self, earlier: Iterable[BaseModel] = ()) -> None:
        self._known, self._deleted, self._uids = Seen(), Seen(), Seen()
        self._is_whole = False
        for value in earlier:
            self._is_whole = True
            self._note(value)

    def take(self, value: BaseModel) -> Iterator[str]:
        """The rules that this record breaks, by its place among the others; one that breaks none counts from now on."""
        codes = list(self._broken(value))
        if not codes:
            self._note(value)
        yield from codes

    def _broken(self, value: BaseModel) -> Iterator[str]:
        told = _told(value)
        if told is None:
            return
        if told.uid in self._uids:
            yield "egisso_record_repeated"
        is_known = told.event in self._known
        if told.makes:
            if is_known:
                yield "egisso_event_repeated"
        elif told.event in self._deleted:
            yield "egisso_event_deleted"
        elif not is_known and self._is_whole:
            yield "egisso_event_unknown"

    def _note(self, value: BaseModel) -> None:
        if (told := _told(value)) is not None:
            if told.uid:
                self._uids.add(told.uid)
            self._known.add(told.event)
            if told.ends:
                self._deleted.add(told.event)


class _Told(NamedTuple):
    """What a record says of an event: its own identifier if it has one, the event's, whether it makes or ends it."""

    uid: str
    event: str
    makes: bool
    ends: bool


def _told(value: BaseModel) -> _Told | None:
    if isinstance(value, CreateRecord | EditRecord | DeleteRecord):
        is_new, is_end = isinstance(value, CreateRecord), isinstance(value, DeleteRecord)
        return _Told(value.uid, value.event_uid, is_new, is_end)
    if isinstance(value, Assignment) and value.uuid is not None:
        return _Told("", value.uuid, value.event == FACT, value.event in INVALIDATIONS)
    return None
