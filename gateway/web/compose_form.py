"""The form of a message of any type: its fields come from the tables, so a new type is a row and no page.

Complaints are keys of the catalogue by the name of the field, and never repeat what was typed.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from gateway.web.documents import LIST, AddedDocument, drafts
from gateway.web.form_fields import FieldReader, parse_day
from gateway.web.forms import Form
from schemas import categories as c
from schemas.codes import code_lists
from schemas.messages import MessageDraft, MessageType, NoteDraft, PersonDraft
from schemas.notes import NoteRow, note_rows
from schemas.sections import Identity, MessageRequest, Reporter

URGENCY_CODES: Final = ("planned", "urgent", "emergency")
SPOKEN: Final = ("phone", "paper", "in_person")
NOTE: Final = "note-"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a form is checked against: who sends, to whom it may go (OGRN), triggers, the day and the zone."""

    sender_ogrn: str
    recipients: Container[str]
    triggers: Container[str]
    today: date
    zone: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A message, or what is wrong with the form."""

    message: MessageDraft | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


def compose(form: Form, kind: MessageType, setting: Setting, documents: Sequence[AddedDocument] = ()) -> Composed:
    """The draft that a form says."""
    read = FieldReader(form, setting.today)
    recipient = read.choice("recipient", setting.recipients, required="recipient_missing")
    urgency = read.choice("urgency", URGENCY_CODES, required="urgency_missing")
    is_signal = kind.code == "signal"
    trigger = read.choice("trigger", setting.triggers, required="trigger_missing" if is_signal else "")
    reg_number, reg_on = read.line("reg_number"), read.past_day("reg_on")
    notes = [note for row in note_rows().get(kind.code, ()) if (note := _note(read, row, setting.zone))]
    child = _child(read, kind)
    statement = read.line("statement") if c.RISK in kind.allowed and child else None
    reporter = _reporter(read, form) if c.REPORTER in kind.allowed else None
    direct = bool(form.get("direct"))
    if documents and child is None:
        read.errors.setdefault(LIST, "web_documents.whose")
    if read.errors:
        return Composed(errors=read.errors)
    try:
        return Composed(
            MessageDraft.model_validate(
                {
                    "operation_id": form.get("operation_id"),
                    "type": kind.code,
                    "sender_ogrn": setting.sender_ogrn,
                    "recipient_ogrn": recipient,
                    "urgency": urgency,
                    "trigger": trigger,
                    "reg_number": reg_number,
                    "reg_on": reg_on,
                    "answers": form.get("answers") or None,
                    "corrects": form.get("corrects") or None,
                    "statute": form.get("statute") or None,
                    "direct": direct,
                    "notes": tuple(notes),
                    "persons": (child,) if child else (),
                    "statement": statement,
                    "reporter": reporter,
                    "attachments": drafts(documents, ("child",)),
                }
            )
        )
    except ValidationError:
        return Composed(errors={"recipient": "web_referral.form_altered"})


def _note(read: FieldReader, row: NoteRow, zone: str) -> NoteDraft | None:
    name = f"{NOTE}{row.field}"
    missing = "note_missing" if row.required else ""
    if row.kind == "code":
        value = read.choice(name, code_lists()[row.system], required=missing)
    elif row.kind == "codes":
        value = " ".join(read.choices(name, code_lists()[row.system], required=missing)) or None
    elif row.kind == "date":
        day = read.parsed(name, parse_day, "date_wrong", required=missing)
        value = day.isoformat() if day else None
    elif row.kind == "instant":
        value = _instant(read, name, zone, missing)
    else:
        value = read.line(name, required=missing)
    return NoteDraft(field=row.field, value=value) if value else None


def _instant(read: FieldReader, name: str, zone: str, missing: str) -> str | None:
    """A day and a time of the clock, where one's organisation is."""
    day = read.parsed(name, parse_day, "date_wrong", required=missing)
    clock = read.parsed(f"{name}-time", time.fromisoformat, "time_wrong", required=missing if day else "")
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).isoformat() if day and clock else None


def _child(read: FieldReader, kind: MessageType) -> PersonDraft | None:
    """The child, where the type names one: always, or when its number or name was filled in."""
    if kind.persons == "none":
        return None
    if kind.persons == "any" and not (read.form.get("child_ref") or read.form.get("child_name")):
        return None
    plan = read.line("plan_text") if c.PLAN in kind.allowed else None
    return PersonDraft(
        kind="child",
        ref=read.line("child_ref", required="child_ref_missing"),
        identity=Identity(
            full_name=read.line("child_name", required="child_name_missing"),
            birth_date=read.birth("child_birth", required="child_birth_missing"),
        ),
        plan=MessageRequest(text=plan) if plan else None,
    )


def _reporter(read: FieldReader, form: Form) -> Reporter | None:
    """Who told of it; only where the form says that it was told by phone, on paper or in person."""
    told = {part: read.line(f"reporter_{part}") for part in ("name", "phone", "relation")}
    if not any(told.values()):
        return None
    if form.get(f"{NOTE}received_by") not in SPOKEN:
        read.complain(f"{NOTE}received_by", "received_by_missing")
        return None
    return Reporter(**told)
