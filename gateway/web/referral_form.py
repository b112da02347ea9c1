"""The form of a new referral or signal: from the fields of a browser to the drafts that all edges hand in.

Every complaint names its field; complaints are keys of the catalogue and never repeat what was typed.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pydantic import ValidationError

from gateway.web.consent_fields import read_consents
from gateway.web.documents import LIST, AddedDocument, drafts
from gateway.web.form_fields import FieldReader
from gateway.web.forms import Form
from schemas.codes import CONCERNS, ROLES, code_lists
from schemas.identifiers import normalise_snils
from schemas.messages import MessageDraft, PersonDraft
from schemas.sections import Address, Contact, Identifiers, Identity, Whereabouts
from schemas.summary import ConsentDraft

KINDS: Final = ("referral", "signal")
URGENCY_CODES: Final = ("planned", "urgent", "emergency")
SEXES: Final = ("F", "M")
PARENT_FIELDS: Final = ("parent_role", "parent_ref", "parent_name", "parent_birth", "parent_snils", "parent_phone")


CONSENT_TEXTS: Final = ("consent_given_on", "consent_valid_to", "consent_digest")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a form says: a message and the consents to be recorded before it, or complaints."""

    message: MessageDraft | None = None
    consents: tuple[ConsentDraft, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a form is checked against: who sends, who may receive (OGRN), triggers, the purpose of a consent, the day."""

    sender_ogrn: str
    recipients: Container[str]
    triggers: Container[str]
    purpose: str
    today: date


def check_form(form: Form, setting: Setting, documents: Sequence[AddedDocument] = ()) -> Checked:
    """The drafts of a form, or what is wrong with it."""
    read = FieldReader(form, setting.today)
    kind = read.choice("kind", KINDS, required="kind_missing")
    is_signal = kind == "signal"
    trigger = read.choice("trigger", setting.triggers, required="trigger_missing") if is_signal else None
    recipient = read.choice("recipient", setting.recipients, required="recipient_missing")
    urgency = read.choice("urgency", URGENCY_CODES, required="urgency_missing")
    reg_number = read.line("reg_number")
    reg_on = read.past_day("reg_on")
    child = _child(read)
    parent = _parent(read)
    concerns = read.choices("concerns", code_lists()[CONCERNS], required="concerns_missing")
    observed_on = read.past_day("observed_on")
    statement = read.line("statement", required="statement_missing" if is_signal else "")
    requested_action = read.line("requested_action", required="" if is_signal else "requested_action_missing")
    consent_id = form.get("consent_id") or None
    consents: tuple[ConsentDraft, ...] = ()
    if kind == "referral" and consent_id is None:
        if form.get("consent_signed"):
            consents = read_consents(read, recipient, setting.purpose, child, parent)
        elif form.digests or any(form.get(name) for name in CONSENT_TEXTS):
            # Without JavaScript the block is always open: what was filled in is never dropped in silence.
            read.complain("consent_signed", "consent_signed_missing")
    persons = ("child", "parent") if parent is not None else ("child",)
    if any(document.person not in persons for document in documents):
        read.errors.setdefault(LIST, "web_documents.whose_adult")
    if read.errors:
        return Checked(errors=read.errors)
    try:
        message = MessageDraft.model_validate(
            {
                "operation_id": form.get("operation_id"),
                "type": kind,
                "sender_ogrn": setting.sender_ogrn,
                "recipient_ogrn": recipient,
                "urgency": urgency,
                "reg_number": reg_number,
                "reg_on": reg_on,
                "trigger": trigger,
                "consent_id": consent_id if kind == "referral" else None,
                "persons": tuple(person for person in (child, parent) if person is not None),
                "concerns": concerns,
                "statement": statement,
                "observed_on": observed_on,
                "requested_action": requested_action,
                "attachments": drafts(documents, persons),
            }
        )
    except ValidationError:
        # Only the hidden fields are not checked above: a form that was altered by hand.
        return Checked(errors={"recipient": "web_referral.form_altered"})
    return Checked(message, consents)


def _child(read: FieldReader) -> PersonDraft:
    ref = read.line("child_ref", required="child_ref_missing")
    identity = Identity(
        full_name=read.line("child_name", required="child_name_missing"),
        birth_date=read.birth("child_birth", required="child_birth_missing"),
        sex=read.choice("child_sex", SEXES),
    )
    snils = read.parsed("child_snils", normalise_snils, "snils_wrong")
    phones = read.phones("child_phone")
    municipality = read.line("municipality")
    address = read.line("address", required="address_missing" if municipality else "")
    return PersonDraft(
        kind="child",
        ref=ref,
        identity=identity,
        identifiers=Identifiers(snils=snils) if snils else None,
        contact=Contact(phones=phones) if phones else None,
        whereabouts=Whereabouts(address=Address(text=address, municipality=municipality)) if address else None,
    )


def _parent(read: FieldReader) -> PersonDraft | None:
    if not any(read.form.get(name) for name in PARENT_FIELDS):
        return None
    role = read.choice("parent_role", code_lists()[ROLES], required="parent_role_missing")
    ref = read.line("parent_ref")
    identity = Identity(
        full_name=read.line("parent_name", required="parent_name_missing"), birth_date=read.birth("parent_birth")
    )
    snils = read.parsed("parent_snils", normalise_snils, "snils_wrong")
    phones = read.phones("parent_phone")
    return PersonDraft(
        kind="parent",
        role=role,
        ref=ref,
        identity=identity,
        identifiers=Identifiers(snils=snils) if snils else None,
        contact=Contact(phones=phones) if phones else None,
    )
