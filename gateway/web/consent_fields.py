"""The block «согласие подписано» of the form: the record of a consent about the child, and of the adult's own.

The scan stays with the organisation. What is recorded as evidence is the SHA-256 of the file that was sent.
"""

from __future__ import annotations

import re
from typing import Final

from gateway.web.form_fields import FieldReader, parse_day
from gateway.web.words import USUAL_CATEGORIES
from schemas import categories as c
from schemas.messages import PersonDraft
from schemas.summary import ConsentDraft, SignerDraft

PREFIX: Final = "consent_"
SIGNERS: Final = ("self", "mother", "father", "guardian")
FORMS: Final = ("paper", "qes", "nes")
OF_ADULTS: Final = frozenset({c.IDENTITY, c.IDENTIFIERS, c.CONTACT, c.WHEREABOUTS})
"""Categories that a message can hold about an adult."""


def read_consents(
    read: FieldReader, recipient: str | None, purpose: str, child: PersonDraft, parent: PersonDraft | None
) -> tuple[ConsentDraft, ...]:
    """The consents to be recorded; empty while anything on the form is wrong."""
    given_on = read.past_day("consent_given_on", required="consent_given_missing")
    valid_to = read.parsed("consent_valid_to", parse_day, "date_wrong", required="consent_valid_missing")
    if given_on and valid_to and valid_to < given_on:
        read.complain("consent_valid_to", "consent_dates")
    written = read.choice("consent_form", FORMS, required="consent_form_missing")
    signers = read.choices("consent_signers", SIGNERS, required="consent_signers_missing")
    about_adult = bool(read.form.get("consent_adult"))
    if about_adult and (parent is None or parent.ref is None):
        read.complain("parent_ref", "parent_ref_missing")
    categories = read.choices("consent_categories", USUAL_CATEGORIES, required="consent_categories_missing")
    digest = read.form.digests.get("consent_scan") or read.form.get("consent_digest")
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        read.complain("consent_scan", "consent_scan_missing")
    if read.errors or recipient is None or given_on is None or child.ref is None:
        return ()

    def consent(person: PersonDraft, signed: tuple[SignerDraft, ...], codes: tuple[str, ...]) -> ConsentDraft:
        assert person.ref is not None  # complained about above
        return ConsentDraft(
            subject_ref=person.ref,
            identifiers=person.identifiers,
            subject_kind=person.kind,
            birth_date=person.identity.birth_date if person.identity else None,
            recipient_ogrn=recipient,
            purpose=purpose,
            categories=codes,
            given_on=given_on,
            valid_to=valid_to,
            form=written,
            separate=bool(read.form.get("consent_separate")),
            fields_complete=bool(read.form.get("consent_complete")),
            evidence_digest=digest,
            signers=signed,
        )

    verified = bool(read.form.get("consent_verified"))
    found = [consent(child, tuple(_signer(who, parent, verified=verified) for who in signers), categories)]
    own = tuple(code for code in categories if code in OF_ADULTS)
    if about_adult and parent is not None and own:
        found.append(consent(parent, (SignerDraft(who="self"),), own))
    return tuple(found)


def _signer(who: str, parent: PersonDraft | None, *, verified: bool) -> SignerDraft:
    if who == "self":
        return SignerDraft(who=who)
    # The adult of the form signs under its own number; whose number a second signature has is not asked here.
    if parent is None or parent.role != who:
        return SignerDraft(who=who, verified=verified)
    born = parent.identity.birth_date if parent.identity else None
    return SignerDraft(
        who=who, holder_ref=parent.ref, holder_birth_date=born if parent.ref else None, verified=verified
    )
