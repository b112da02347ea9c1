"""What comes in as a list and is kept for its holder alone: families, and signals of a journal. Nothing of it is shown to
anybody else before its holder publishes a family or sends a signal on.
"""

from __future__ import annotations

from datetime import UTC, date
from typing import Annotated

from pydantic import AwareDatetime, Field

from schemas.messages import MessageDraft, NoteDraft, Ogrn, OperationId, PersonDraft, Urgency
from schemas.model import Model
from schemas.sections import Code, Line, Reporter, Text
from schemas.summary import SubjectDraft, SummaryDraft


class FamilyDraft(Model):
    """A family as a list of families has it. `as_of` is the day of what it says."""

    case_ref: Line
    subjects: Annotated[tuple[SubjectDraft, ...], Field(min_length=1, max_length=30)]
    as_of: date | None = None
    curator_name: Line | None = None
    curator_phone: Line | None = None

    @property
    def children(self) -> int:
        """How many of them are children."""
        return sum(subject.kind == "child" for subject in self.subjects)

    def summary(
        self, *, as_of: date, erase_after: date, source: str, curator_name: str, curator_phone: str
    ) -> SummaryDraft:
        """As it is published. Raises ValidationError."""
        return SummaryDraft(
            case_ref=self.case_ref,
            as_of=as_of,
            erase_after=erase_after,
            source=source,
            curator_name=curator_name,
            curator_phone=curator_phone,
            subjects=self.subjects,
        )


class SignalDraft(Model):
    """An entry of a journal of signals. `told_at` is when it was told, `received_by` how it came; whom to send it to may be
    unknown yet."""

    operation_id: OperationId
    reg_number: Line | None = None
    told_at: AwareDatetime | None = None
    received_by: Code | None = None
    recipient_ogrn: Ogrn | None = None
    trigger: Code | None = None
    urgency: Urgency | None = None
    concerns: tuple[Code, ...] = ()
    statement: Text
    observed_on: date | None = None
    persons: tuple[PersonDraft, ...] = ()
    reporter: Reporter | None = None

    def message(
        self, sender_ogrn: str, recipient_ogrn: str, trigger: str, urgency: Urgency, received_by: str | None = None
    ) -> MessageDraft:
        """As it is sent on; `received_by` says how it came where the journal does not. Raises ValidationError."""
        came = received_by or self.received_by
        notes = [NoteDraft(field="received_by", value=came)] if came else []
        if came and self.told_at is not None:
            notes.append(NoteDraft(field="received_at", value=self.told_at.astimezone(UTC).isoformat()))
        return MessageDraft(
            operation_id=self.operation_id,
            type="signal",
            sender_ogrn=sender_ogrn,
            recipient_ogrn=recipient_ogrn,
            urgency=urgency,
            notes=tuple(notes),
            reg_number=self.reg_number,
            trigger=trigger,
            concerns=self.concerns,
            statement=self.statement,
            observed_on=self.observed_on,
            persons=self.persons,
            reporter=self.reporter,
        )
