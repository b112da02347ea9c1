"""The queue of an organisation as data of a pack: rights in it, terms by urgency, and the chain of who is told.

Pure data and look-ups. Who works where, and who is on duty, is the gateway's to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from policies.files import PackFiles
from policies.tables import Tables, known
from schemas.codes import URGENCIES, code_lists
from schemas.errors import Broken
from schemas.model import Model

FILE: Final = "queue.yaml"

Told = Literal["responsible", "next", "duty_line", "head", "heads"]
"""Whom a step of a chain tells."""


class QueueRoles(Model):
    """Roles that give work to others (`assign`) and that keep the duty list (`duty`)."""

    assign: tuple[str, ...]
    duty: tuple[str, ...]


class Step(Model):
    """One step of a chain: after which term of the pack, and whom it tells."""

    after: str
    tell: Told


class UrgencyRow(Model):
    """One urgency: whether alerts go out at once, the terms that a queue shows, and both chains."""

    at_once: bool
    open: str
    answer: str
    unopened: tuple[Step, ...]
    unanswered: tuple[Step, ...]

    def chain(self, stage: str) -> tuple[Step, ...]:
        """The steps while a message is `unopened`, or opened and `unanswered`; none afterwards."""
        return {"unopened": self.unopened, "unanswered": self.unanswered}.get(stage, ())


class QueueBook(Model):
    """The whole file. `handing`: coded reasons for which work is handed on."""

    roles: QueueRoles
    handing: Mapping[str, str]
    urgencies: Mapping[str, UrgencyRow]

    def row(self, urgency: str) -> UrgencyRow:
        """The row of an urgency; of an unknown one the mildest."""
        return self.urgencies.get(urgency) or self.urgencies[list(code_lists()[URGENCIES])[-1]]

    def rank(self, urgency: str) -> int:
        """The place of an urgency in its code list: 0 is the most urgent."""
        order = list(code_lists()[URGENCIES])
        return order.index(urgency) if urgency in order else len(order) - 1


def read_queues(files: PackFiles, tables: Tables) -> QueueBook:
    """The file, checked against the pack. Raises Broken for an unknown timer or urgency, or one that is missing."""
    book = files.document(FILE, QueueBook)
    urgencies = code_lists()[URGENCIES]
    known(book.urgencies, urgencies, "urgency", FILE, "urgencies")
    for urgency in urgencies:
        if urgency not in book.urgencies:
            raise Broken("pack_value_invalid", file=FILE, place="urgencies", expected=urgency)
        row = book.urgencies[urgency]
        steps = (*row.unopened, *row.unanswered)
        known((row.open, row.answer, *(step.after for step in steps)), tables.timers, "timer", FILE, urgency)
    return book
