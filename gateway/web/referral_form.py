"""The form of a new referral or signal: from the fields of a browser to the drafts that all edges hand in.

Every complaint names its field; complaints are keys of the catalogue and never repeat what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from gateway.web.forms import Form
from gateway.web.words import MESSAGE_CATEGORIES
from schemas.codes import CONCERNS, ROLES, code_lists
from schemas.identifiers import is_digits, normalise_snils
from schemas.messages import MessageDraft, PersonDraft
from schemas.sections import Address, Contact, Identifiers, Identity, Phone, Whereabouts
from schemas.summary import ConsentDraft, SignerDraft

LONGEST_LINE: Final = 500
LONGEST_TEXT: Final = 4000
TEXTS: Final = ("statement", "requested_action")
KINDS: Final = ("referral", "signal")
URGENCY_CODES: Final = ("planned", "urgent", "emergency")
SIGNERS: Final = ("self", "mother", "father", "guardian")
CONSENT_FORMS: Final = ("paper", "qes", "nes")
CONSENT_FIELDS: Final = "consent_"
EARLIEST_BIRTH: Final = 1900

_DAY: Final = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_ISO_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MONTH: Final = re.compile(r"(\d{1,2})[./](\d{4})")
_PHONE_DIGITS: Final = range(10, 16)

Value = TypeVar("Value")


@dataclass(slots=True)
class Checked:
    """What a form says, with its complaints: field name to a key of the catalogue, in the order of the page."""

    message: MessageDraft | None = None
    consent: ConsentDraft | None = None
    errors: dict[str, str] = field(default_factory=dict)


def parse_day(typed: str) -> date:
    """A calendar day as people write it in Russia, or ISO. Raises ValueError; the message does not repeat it."""
    if found := _DAY.fullmatch(typed):
        day, month, year = (int(part) for part in found.groups())
    elif found := _ISO_DAY.fullmatch(typed):
        year, month, day = (int(part) for part in found.groups())
    else:
        msg = "not a date"
        raise ValueError(msg)
    return date(year, month, day)


def parse_birth(typed: str) -> str:
    """A birth date, or the month in which a child is expected, as ISO text. Raises ValueError."""
    if found := _MONTH.fullmatch(typed):
        month, year = (int(part) for part in found.groups())
        return date(year, month, 1).isoformat()[:7]
    return parse_day(typed).isoformat()


class _Reader:
    """Reads fields one by one and collects complaints."""

    def __init__(self, form: Form, today: date) -> None:
        self.form = form
        self.today = today
        self.errors: dict[str, str] = {}

    def complain(self, name: str, key: str) -> None:
        self.errors.setdefault(name, f"web_referral.{key}")

    def line(self, name: str, *, required: str = "") -> str | None:
        value = self.form.get(name)
        if not value:
            if required:
                self.complain(name, required)
            return None
        if len(value) > (LONGEST_TEXT if name in TEXTS else LONGEST_LINE):
            self.complain(name, "too_long")
            return None
        return value

    def parsed(self, name: str, parse: Callable[[str], Value], complaint: str, *, required: str = "") -> Value | None:
        value = self.line(name, required=required)
        if value is None:
            return None
        try:
            return parse(value)
        except ValueError:
            self.complain(name, complaint)
            return None

    def choice(self, name: str, allowed: Any, *, required: str = "") -> str | None:  # noqa: ANN401  a container of codes
        value = self.form.get(name)
        if value in allowed and value:
            return value
        if required:
            self.complain(name, required)
        return None

    def birth(self, name: str, *, required: str = "") -> str | None:
        found = self.parsed(name, parse_birth, "date_wrong", required=required)
        if found is None:
            return None
        is_day = found > found[:7]
        if int(found[:4]) < EARLIEST_BIRTH or (is_day and found > self.today.isoformat()):
            self.complain(name, "birth_impossible")
            return None
        return found

    def past_day(self, name: str, *, required: str = "") -> date | None:
        found = self.parsed(name, parse_day, "date_wrong", required=required)
        if found is not None and found > self.today:
            self.complain(name, "date_ahead")
            return None
        return found

    def phone(self, name: str) -> tuple[Phone, ...]:
        value = self.line(name)
        if value is None:
            return ()
        if sum(map(is_digits, value)) not in _PHONE_DIGITS:
            self.complain(name, "phone_wrong")
            return ()
        return (Phone(number=value),)


def check_form(
    form: Form,
    sender_ogrn: str,
    recipients: Mapping[str, object],
    triggers: Mapping[str, object],
    purpose: str,
    today: date,
) -> Checked:
    """The drafts of a form. `recipients` are OGRNs, `triggers` codes of the pack; `purpose` is that of a consent here."""
    read = _Reader(form, today)
    recipient = read.choice("recipient", recipients, required="recipient_missing")
    kind = read.choice("kind", KINDS, required="kind_missing")
    is_signal = kind == "signal"
    trigger = read.choice("trigger", triggers, required="trigger_missing") if is_signal else None
    urgency = read.choice("urgency", URGENCY_CODES, required="urgency_missing")
    reg_number = read.line("reg_number")
    reg_on = read.past_day("reg_on")
    child = _child(read)
    parent = _parent(read)
    concerns = tuple(code for code in form.all("concerns") if code in code_lists()[CONCERNS])
    if not concerns:
        read.complain("concerns", "concerns_missing")
    observed_on = read.past_day("observed_on")
    statement = read.line("statement", required="statement_missing" if is_signal else "")
    requested_action = read.line("requested_action", required="" if is_signal else "requested_action_missing")
    consent_id = form.get("consent_id") or None
    consent = None
    if kind == "referral" and form.get("consent_signed") and consent_id is None:
        consent = _consent(read, recipient, purpose, child, parent)
    if read.errors or recipient is None or kind is None or urgency is None:
        return Checked(errors=read.errors)
    try:
        message = MessageDraft.model_validate(
            {
                "operation_id": form.get("operation_id"),
                "type": kind,
                "sender_ogrn": sender_ogrn,
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
            }
        )
    except ValidationError:
        # Only the hidden fields are not checked above: a form that was altered by hand.
        return Checked(errors={"recipient": "web_referral.form_altered"})
    return Checked(message, consent)


def _child(read: _Reader) -> PersonDraft:
    snils = read.parsed("child_snils", normalise_snils, "snils_wrong")
    identity = Identity(
        full_name=read.line("child_name", required="child_name_missing"),
        birth_date=read.birth("child_birth", required="child_birth_missing"),
        sex=read.choice("child_sex", ("M", "F")),
    )
    ref = read.line("child_ref", required="child_ref_missing")
    phones = read.phone("child_phone")
    address = read.line("address", required="address_missing" if read.form.get("municipality") else "")
    municipality = read.line("municipality")
    return PersonDraft(
        kind="child",
        ref=ref,
        identity=identity,
        identifiers=Identifiers(snils=snils) if snils else None,
        contact=Contact(phones=phones) if phones else None,
        whereabouts=Whereabouts(address=Address(text=address, municipality=municipality)) if address else None,
    )


def _parent(read: _Reader) -> PersonDraft | None:
    names = ("parent_role", "parent_ref", "parent_name", "parent_birth", "parent_snils", "parent_phone")
    if not any(read.form.get(name) for name in names):
        return None
    role = read.choice("parent_role", code_lists()[ROLES], required="parent_role_missing")
    snils = read.parsed("parent_snils", normalise_snils, "snils_wrong")
    phones = read.phone("parent_phone")
    return PersonDraft(
        kind="parent",
        role=role,
        ref=read.line("parent_ref"),
        identity=Identity(
            full_name=read.line("parent_name", required="parent_name_missing"), birth_date=read.birth("parent_birth")
        ),
        identifiers=Identifiers(snils=snils) if snils else None,
        contact=Contact(phones=phones) if phones else None,
    )


def _consent(
    read: _Reader, recipient: str | None, purpose: str, child: PersonDraft, parent: PersonDraft | None
) -> ConsentDraft | None:
    """The record of a signed consent about the child. Its evidence is the digest of the scan that was sent."""
    form = read.form
    given_on = read.past_day("consent_given_on", required="consent_given_missing")
    valid_to = read.parsed("consent_valid_to", parse_day, "date_wrong", required="consent_valid_missing")
    if given_on and valid_to and valid_to < given_on:
        read.complain("consent_valid_to", "consent_dates")
    signers = tuple(who for who in form.all("consent_signers") if who in SIGNERS)
    if not signers:
        read.complain("consent_signers", "consent_signers_missing")
    written = read.choice("consent_form", CONSENT_FORMS, required="consent_form_missing")
    categories = tuple(code for code in form.all("consent_categories") if code in MESSAGE_CATEGORIES)
    if not categories:
        read.complain("consent_categories", "consent_categories_missing")
    digest = form.digests.get("consent_scan") or form.get("consent_digest")
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        read.complain("consent_scan", "consent_scan_missing")
    if read.errors or recipient is None or given_on is None or child.ref is None:
        return None
    verified = bool(form.get("consent_verified"))
    holder = parent.ref if parent else None
    return ConsentDraft(
        subject_ref=child.ref,
        subject_kind="child",
        birth_date=child.identity.birth_date if child.identity else None,
        recipient_ogrn=recipient,
        purpose=purpose,
        categories=categories,
        given_on=given_on,
        valid_to=valid_to,
        form=written,
        separate=bool(form.get("consent_separate")),
        fields_complete=bool(form.get("consent_complete")),
        evidence_digest=digest,
        signers=tuple(
            SignerDraft(who=who)
            if who == "self"
            # The parent of the form signs for itself; whose number a second signature has is not asked here.
            else SignerDraft(who=who, holder_ref=holder if parent and parent.role == who else None, verified=verified)
            for who in signers
        ),
    )
