"""Rules on a message that hold in every format: what a schema or a table of columns cannot say.

They are rules of form. Who may send what to whom is decided by the gate, never here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from pydantic import ValidationError

from adapters.report import Severity
from schemas import codes
from schemas.identifiers import (
    compact,
    has_snils_check_digits,
    is_birth_series,
    is_digits,
    is_ogrn,
    is_snils,
    propose_birth_series,
)
from schemas.messages import MessageDraft, PersonDraft, message_types
from schemas.sections import Document, Identifiers, Identity, Kinship, Snils
from schemas.summary import SectionsDraft

DOCUMENT_TYPES: Final = frozenset({"referral", "signal"})
"""Message types that the referral document and the register of referrals carry."""


class Breach(NamedTuple):
    """A broken rule and the field it is about, as a path: `("persons", 0, "identifiers", "snils")`."""

    code: str
    path: tuple[str | int, ...]
    severity: Severity = Severity.ERROR


def breaches(draft: MessageDraft, types: Collection[str] = DOCUMENT_TYPES) -> Iterator[Breach]:
    """Every rule of form that the message breaks. `types` are those that the document carries."""
    if draft.type not in types:
        yield Breach("type_not_in_document", ("type",))
    yield from _header_breaches(draft)
    yield from _reason_breaches(draft)
    kind = message_types().get(draft.type)
    if (kind is None or kind.persons == "child") and not any(person.kind == "child" for person in draft.persons):
        yield Breach("child_missing", ("persons", 0, "identity", "full_name"))
    for index, person in enumerate(draft.persons):
        # A signal may concern a child whose name nobody knows yet; help that was asked for by name needs one.
        if draft.type != "signal" and person.kind == "child" and not _is_recognisable(person):
            yield Breach("child_unnamed", ("persons", index, "identity", "full_name"))
        for breach in person_breaches(person):
            yield breach._replace(path=("persons", index, *breach.path))


def _header_breaches(draft: MessageDraft) -> Iterator[Breach]:
    for name, number in (("sender_ogrn", draft.sender_ogrn), ("recipient_ogrn", draft.recipient_ogrn)):
        if not is_ogrn(number):
            yield Breach("ogrn_check_digit", (name,))
    if draft.sender_ogrn == draft.recipient_ogrn:
        yield Breach("same_organisation", ("recipient_ogrn",))


def _reason_breaches(draft: MessageDraft) -> Iterator[Breach]:
    if draft.type == "signal":
        if draft.trigger is None:
            yield Breach("trigger_missing", ("trigger",))
        if draft.statement is None:
            yield Breach("statement_missing", ("statement",))
    elif draft.type == "referral" and not draft.concerns:
        yield Breach("concern_missing", ("concerns",))
    if any(codes.find_code(codes.CONCERNS, concern) is None for concern in draft.concerns):
        yield Breach("concern_unknown", ("concerns",))


def _is_recognisable(person: PersonDraft) -> bool:
    identity = person.identity
    named = identity is not None and (identity.full_name is not None or identity.birth_date is not None)
    return named or person.ref is not None


def person_breaches(person: PersonDraft) -> Iterator[Breach]:
    """What is wrong with one person, by paths that begin at it."""
    if person.role is not None and codes.find_code(codes.ROLES, person.role) is None:
        yield Breach("person_role_unknown", ("role",))
    yield from section_breaches(person)


def section_breaches(sections: PersonDraft | SectionsDraft) -> Iterator[Breach]:
    """What is wrong with what is said of one person, by paths that begin at the sections."""
    identity, family = sections.identity, sections.family
    if identity is not None:
        yield from under("identity", identity_breaches(identity))
    yield from absence_breaches(sections)
    if family is not None and family.kinship is not None:
        yield from _kinship_breaches(family.kinship, identity.sex if identity else None)
    if sections.identifiers is not None:
        yield from under("identifiers", identifier_breaches(sections.identifiers))


def identity_breaches(identity: Identity) -> Iterator[Breach]:
    """Rules on who somebody is; paths begin at the section."""
    if identity.sex is not None and codes.find_code(codes.SEXES, identity.sex) is None:
        yield Breach("code_unknown", ("sex",))


def identifier_breaches(identifiers: Identifiers) -> Iterator[Breach]:
    """Rules on the SNILS and the document; paths begin at the section."""
    if identifiers.snils is not None:
        yield from _snils_breaches(identifiers.snils)
    if identifiers.document is not None:
        yield from _document_breaches(identifiers.document)


def under(field: str, found: Iterator[Breach]) -> Iterator[Breach]:
    """The same breaches with paths that begin one step higher."""
    for breach in found:
        yield breach._replace(path=(field, *breach.path))


def _kinship_breaches(kinship: Kinship, sex: str | None) -> Iterator[Breach]:
    if kinship.system != codes.KINSHIP:
        yield Breach("kinship_system_unknown", ("family", "kinship", "system"))
        return
    entry = codes.find_code(codes.KINSHIP, kinship.code)
    if entry is None:
        yield Breach("kinship_code_unknown", ("family", "kinship", "code"))
    elif entry.meaning and sex not in (None, "U", entry.meaning):
        yield Breach("kinship_sex", ("family", "kinship", "code"), Severity.WARNING)


_ABSENT: Final = {
    "identifiers": {"snils": "snils", "document": "document"},
    "contact": {"phones": "phones"},
    "whereabouts": {"address": "address", "registered": "registered"},
}


def absence_breaches(sections: PersonDraft | SectionsDraft) -> Iterator[Breach]:
    """What is said to be absent is one of these, and is not given beside it."""
    for name, fields in _ABSENT.items():
        section = getattr(sections, name)
        for code in section.absent if section is not None else ():
            if code not in fields:
                yield Breach("code_unknown", (name, "absent"))
            elif getattr(section, fields[code]):
                yield Breach("absence_contradicts", (name, fields[code]))


def _snils_breaches(snils: Snils) -> Iterator[Breach]:
    if not is_snils(snils):
        yield Breach("snils_check_digits", ("snils",))
    elif not has_snils_check_digits(snils):
        yield Breach("snils_not_checkable", ("snils",), Severity.WARNING)


_DIGITS: Final = {codes.PASSPORT: {"series": 4, "number": 6}, codes.BIRTH_CERTIFICATE: {"number": 6}}
"""How many digits the parts of a document have at least, by what the document is."""


def _document_breaches(document: Document) -> Iterator[Breach]:
    if document.system not in codes.DOCUMENT_SYSTEMS:
        yield Breach("document_system_unknown", ("document", "system"))
        return
    entry = codes.find_code(document.system, document.type)
    if entry is None:
        yield Breach("document_type_unknown", ("document", "type"))
        return
    for part, length in _DIGITS.get(entry.meaning, {}).items():
        digits = compact(getattr(document, part) or "")
        if is_digits(digits) and len(digits) < length:  # no check digit says which zeros a spreadsheet took
            yield Breach("document_zeros_lost", ("document", part))
    if entry.meaning == codes.BIRTH_CERTIFICATE and document.series and not is_birth_series(document.series):
        guessed = propose_birth_series(document.series) is not None
        code = "birth_series_proposal" if guessed else "birth_series_shape"
        yield Breach(code, ("document", "series"), Severity.WARNING)


_SHAPES: Final = {
    "string_too_long": "value_too_long",
    "string_too_short": "value_empty",
    "missing": "value_missing",
    "too_short": "value_missing",
    "date_impossible": "date_impossible",
}
_TOO_FEW: Final = "too_short"


def shape_breaches(error: ValidationError) -> Iterator[Breach]:
    """What the canonical type itself refused, as breaches; the refused values are left behind. A list is too short when an item
    of it was refused: then that item is told alone."""
    faults = [
        (fault["type"], tuple(fault["loc"]))
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    for kind, path in faults:
        if kind == _TOO_FEW and any(other != path and other[: len(path)] == path for _, other in faults):
            continue
        yield Breach(_SHAPES.get(kind, "value_malformed"), path)
