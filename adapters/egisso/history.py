"""What records of the registers say of one another: identifiers that repeat, events that are changed out of their time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import BaseModel

from adapters.egisso.values import CreateRecord, DeleteRecord, EditRecord

_CREATED: Final = "created"
_DELETED: Final = "deleted"


class History:
    """Events as files tell them, one after the other. Where earlier files were given, what they do not know is unknown;
    without them nobody can say so of an event that this file only changes."""

    def __init__(self, earlier: Iterable[BaseModel] = ()) -> None:
        self._states: dict[str, str] = {}
        self._uids: set[str] = set()
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
        if not isinstance(value, CreateRecord | EditRecord | DeleteRecord):
            return
        if value.uid in self._uids:
            yield "egisso_record_repeated"
        state = self._states.get(value.event_uid)
        if isinstance(value, CreateRecord):
            if state is not None:
                yield "egisso_event_repeated"
        elif state == _DELETED:
            yield "egisso_event_deleted"
        elif state is None and self._is_whole:
            yield "egisso_event_unknown"

    def _note(self, value: BaseModel) -> None:
        if isinstance(value, CreateRecord | EditRecord | DeleteRecord):
            self._uids.add(value.uid)
            self._states[value.event_uid] = _DELETED if isinstance(value, DeleteRecord) else _CREATED
