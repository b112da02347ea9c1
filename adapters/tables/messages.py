"""Rows as messages: one row is one referral or signal with one child; rows with one identifier are one with several children.

Where a table has no identifiers, one is derived from the sender and the content, so that sending the corrected file again
creates no duplicates.
"""

from __future__ import annotations

import itertools
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from adapters.report import Complaint, Draft, Severity
from adapters.rules import Breach, breaches, shape_breaches
from adapters.seen import Seen
from adapters.tables.fields import field_of
from adapters.tables.profile import Profile
from adapters.tables.rows import RowParser, RowValues, has_errors
from schemas.messages import MessageDraft

ROW_NAMESPACE: Final = uuid.UUID("5b0f6a0e-2b1f-5c58-9a53-3f6f0c6f7d10")
"""The name space of derived message identifiers (UUID version 5). It never changes: repeats are recognised by it."""

_UUID: Final = re.compile(r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b")
_NOT_YET: Final = "00000000-0000-0000-0000-000000000000"


class MessageAssembler:
    """`reader.Assembler` of messages."""

    def __init__(self, parser: RowParser, profile: Profile, defaults: Mapping[str, str]) -> None:
        del profile
        self._parser, self._defaults = parser, defaults
        self._seen = Seen()
        self._alone = itertools.count()

    def key(self, row: RowValues) -> object:
        """The identifier of the message; a row without one stands alone. Of a row that is refused, the one that still can be
        read."""
        if named := row.message.get("operation_id"):
            return named
        if not has_errors(row.complaints):
            return next(self._alone)
        found = {str(uuid.UUID(one)) for cell in row.row.cells for one in _UUID.findall(cell)}
        return found.pop() if len(found) == 1 else None

    def draft(self, rows: Sequence[RowValues]) -> tuple[Draft | None, list[Complaint]]:
        """A message, with rules of form checked."""
        people = persons_of(rows)
        message: dict[str, object] = {**self._defaults, **rows[0].message, "persons": people}
        named, line = "operation_id" in message, rows[0].row.line
        try:
            draft = MessageDraft.model_validate({"operation_id": _NOT_YET, **message})
        except ValidationError as error:
            return None, [self._complaint(breach, people, line) for breach in shape_breaches(error)]
        if not named:
            draft = draft.model_copy(update={"operation_id": derived_operation_id(draft)})
        found = [self._complaint(breach, people, line) for breach in breaches(draft)]
        if self._seen.add(draft.operation_id):
            code, severity = ("message_id_repeated", Severity.ERROR) if named else ("row_repeated", Severity.WARNING)
            found.append(self._parser.complaint(code, "operation_id", line, severity))
        return draft, found

    def disagreements(self, rows: Sequence[RowValues]) -> Iterator[Complaint]:
        """Every field of the message is the same on each of its rows."""
        first = rows[0].message
        for row in rows[1:]:
            for name in sorted(first.keys() | row.message.keys()):
                if first.get(name) != row.message.get(name):
                    yield self._parser.complaint("rows_disagree", name, row.row.line)

    def _complaint(self, breach: Breach, people: Sequence[Mapping[str, object]], line: int) -> Complaint:
        kinds = tuple(str(person["kind"]) for person in people)
        return self._parser.complaint(breach.code, field_of(breach.path, kinds), line, breach.severity)


def derived_operation_id(draft: MessageDraft) -> str:
    """The identifier of a message that came without one: the same content of the same sender gives the same."""
    content = draft.model_dump(mode="json", exclude_defaults=True, exclude={"operation_id"})
    return derived_id(draft.sender_ogrn, content)


def derived_id(owner: str, content: object) -> str:
    """An identifier of what has none of its own: the same content of the same organisation gives the same."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return str(uuid.uuid5(ROW_NAMESPACE, f"{owner}\n{canonical}"))


def persons_of(rows: Sequence[RowValues]) -> list[dict[str, object]]:
    """Children in the order of the rows, then adults; an adult repeated beside each child is one adult."""
    children = [person for row in rows for person in row.persons if person["kind"] == "child"]
    adults: list[dict[str, object]] = []
    for row in rows:
        adults += [person for person in row.persons if person["kind"] != "child" and person not in adults]
    return children + adults
