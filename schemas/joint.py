"""What is handed in about joint decisions and agendas, before anything is checked against the store."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import Field

from schemas.days import At
from schemas.messages import NoteDraft, Ogrn, OperationId, PersonDraft, Urgency
from schemas.model import Model
from schemas.sections import Code, Line, Text

MOST_PARTIES: Final = 10
CONCLUSIONS: Final = ("taken", "not_taken", "withdrawn")
"""What a proposer may note of its decision: it was taken, it was not, it is no longer put to anybody."""


class JointPartyDraft(Model):
    """One party. `answers` is the message whose thread it is put to it in; with `named` false nobody of the family is named
    to it, which only a thread allows. Which of the two is lawful differs from party to party, so it is said for each."""

    ogrn: Ogrn
    named: bool = True
    answers: OperationId | None = None


class JointDecisionDraft(Model):
    """A matter put to several parties at once. Each gets a message of its own, in its own lane; all of them are sent, or none.
    `operation_id` makes a repeat harmless. `by`: the day until which the parties are asked to answer, as they read it. `case`:
    one's own pseudonym of the case that it is meant to be about; naming somebody of another case is then refused."""

    operation_id: OperationId
    matter: Code
    parties: Annotated[tuple[JointPartyDraft, ...], Field(min_length=1, max_length=MOST_PARTIES)]
    persons: tuple[PersonDraft, ...] = ()
    by: date | None = None
    case: Line | None = None
    agenda: OperationId | None = None
    purpose: Code | None = None
    urgency: Urgency = "planned"
    reg_number: Line | None = None
    reg_on: date | None = None

    def notes(self) -> tuple[NoteDraft, ...]:
        """What each of the messages says beside its sections."""
        by = (NoteDraft(field="by", value=self.by.isoformat()),) if self.by else ()
        return (NoteDraft(field="matter", value=self.matter), *by)


class AgendaDraft(Model):
    """A meeting with several cases. Place and topic name nobody."""

    operation_id: OperationId
    at: At
    place: Line
    topic: Line


class MinutesDraft(Model):
    """Minutes of what the parties of one decision agreed; each gets them to sign. Words name nobody."""

    operation_id: OperationId
    on: date
    topic: Line
    place: Line | None = None
    words: Text | None = None

    def notes(self) -> tuple[NoteDraft, ...]:
        """As notes of the message."""
        said = {"on": self.on.isoformat(), "place": self.place, "topic": self.topic, "words": self.words}
        return tuple(NoteDraft(field=field, value=value) for field, value in said.items() if value)
