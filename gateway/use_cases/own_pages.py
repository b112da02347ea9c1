"""One page of a holder's own data, found for its export: what of each kind is its own, and what of it is sealed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from gateway.use_cases import own_kept_pages
from gateway.use_cases.export_port import OwnCase, SentDocument, kinds_of
from gateway.use_cases.message_words import OWN
from gateway.use_cases.own_page import Page, SealedWords
from gateway.use_cases.ports import Unit
from gateway.use_cases.score_case import place_of_score
from gateway.use_cases.values import MessageOnFile, Organisation
from schemas.ids import Category, OrganisationId, SubjectId
from schemas.lifecycle import WITHDRAWN

ORGANISATION: Final = "organisation"
"""The organisation itself with the services that it lists."""
SIZES: Final[Mapping[str, int]] = {
    ORGANISATION: 500,
    "case": 20,
    "consent": 100,
    "authority": 200,
    "sent": 50,
    "received": 100,
}
"""How many of a kind are one part: what is in memory at once. Of an organisation, its services."""
AGAIN: Final = "xml"
"""The form that also has what can be handed in again: it says birth dates of people whose consents it has."""


def next_page(
    unit: Unit,
    organisation_id: OrganisationId,
    form: str,
    after: tuple[str, str],
    without: Sequence[Category],
    now: datetime,
) -> Page | None:
    """The page after this place (a kind and an identifier); None at the end. `without`: categories that stay sealed."""
    kind, until = after
    kinds = (ORGANISATION, *kinds_of(form))
    place = kinds.index(kind) if kind in kinds else 0
    for current in kinds[place:]:
        begin = until if current == kind else ""
        if current == ORGANISATION:
            page = _organisation(unit, organisation_id, begin)
        else:
            page = _FIND[current](unit, organisation_id, begin, without, now)
        if page is not None:
            return page if form == AGAIN else replace(page, members=())
    return None


def _organisation(unit: Unit, organisation_id: OrganisationId, after: str) -> Page | None:
    """The organisation with services that it lists; the first page also where it lists none."""
    if after == organisation_id:  # it listed none
        return None
    listed = unit.directory.of_participant(organisation_id)
    found = unit.directory.page_of_services(after, SIZES[ORGANISATION], listed.organisation.id) if listed else ()
    if after and not found:
        return None
    until = found[-1].service.id if found else organisation_id
    return Page(ORGANISATION, until, len(found), listed=listed, services=[one.service for one in found])


def _cases(
    unit: Unit, organisation_id: OrganisationId, after: str, without: Sequence[Category], _: datetime
) -> Page | None:
    cases = unit.exports.cases(organisation_id, after, SIZES["case"])
    page = page_of(unit, organisation_id, cases, without)
    if page is None:
        return None
    return replace(page, members=unit.exports.members([s for case in cases for s, _ in case.subjects]))


def page_of(
    unit: Unit,
    organisation_id: OrganisationId,
    cases: Sequence[OwnCase],
    without: Sequence[Category],
    *,
    records: bool = True,
    scores: bool = True,
) -> Page | None:
    """These cases with what is kept of them: records and scores only where they are asked for; None for no case."""
    if not cases:
        return None
    ids = [case.id for case in cases]
    kept = unit.exports.records(ids, organisation_id) if records else ()
    scored = unit.exports.scores(ids, organisation_id) if scores else ()
    return Page(
        "case",
        cases[-1].id,
        len(cases),
        cases=cases,
        records=kept,
        events=unit.exports.events(ids, organisation_id),
        scores=scored,
        settings=unit.practices.settings([organisation_id]) if scored else (),
        sections=unit.exports.summary_sections([case.summary.id for case in cases if case.summary], without),
        sealed=[
            *((record.sealed_with, record.place, record.sealed) for record in kept),
            *((score.sealed_with, place_of_score(score.id), score.sealed) for score in scored),
        ],
    )


def _consents(
    unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], __: datetime
) -> Page | None:
    found = unit.exports.consents(organisation_id, after, SIZES["consent"])
    if not found:
        return None
    signers = [signer.holder_id for consent in found for signer in consent.signers if signer.holder_id]
    members = unit.exports.members([*(consent.subject_id for consent in found), *signers])
    kinds = {member.id: member.kind for member in members}
    return Page(
        "consent", found[-1].id, len(found), consents=found, kinds=kinds, parties=_parties(unit), members=members
    )


def _authorities(
    unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], __: datetime
) -> Page | None:
    found = unit.exports.authorities(organisation_id, after, SIZES["authority"])
    return Page("authority", found[-1].id, len(found), authorities=found) if found else None


def _sent(
    unit: Unit, organisation_id: OrganisationId, after: str, without: Sequence[Category], now: datetime
) -> Page | None:
    found = unit.exports.messages(organisation_id, "sent", after, SIZES["sent"], now)
    if not found:
        return None
    ids = [message.id for message in found]
    sent = {message.id: message for message in found}
    documents = [
        SentDocument(one, sent[one.message_id].submitted_at, sent[one.message_id].state in WITHDRAWN)
        for one in unit.exports.documents_of(ids, without)
    ]
    return Page(
        "sent",
        ids[-1],
        len(found),
        messages=found,
        documents=documents,
        people=unit.exports.people(ids),
        kinds=unit.exports.kinds([one.document.subject_id for one in documents]),
        parties=_parties(unit),
        sections=unit.exports.sent_sections(ids, without),
        sealed=[
            *(words for message in found for words in sealed_words(message, organisation_id)),
            *(own_kept_pages.document_words(one.document) for one in documents),
        ],
    )


def _received(
    unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], now: datetime
) -> Page | None:
    found = unit.exports.messages(organisation_id, "received", after, SIZES["received"], now)
    if not found:
        return None
    return Page(
        "received",
        found[-1].id,
        len(found),
        messages=found,
        parties=_parties(unit),
        sealed=[words for message in found for words in sealed_words(message, organisation_id)],
    )


def sealed_words(message: MessageOnFile, organisation_id: OrganisationId) -> list[SealedWords]:
    """The sealed words of one of the two sides: of the message, if it sent it, and of its own receipts, in this order."""
    key = SubjectId(message.id)
    sent = message.sender_id == organisation_id
    found = [(key, f"{message.id}/{OWN}", message.sealed_words)] if message.sealed_words and sent else []
    return found + [
        (key, f"{message.id}/{number}", receipt.sealed_words)
        for number, receipt in enumerate(message.receipts)
        if receipt.sealed_words and receipt.organisation_id == organisation_id
    ]


def _parties(unit: Unit) -> Mapping[OrganisationId, Organisation]:
    return {organisation.id: organisation for organisation in unit.participants.organisations()}


_FIND: Final[Mapping[str, Callable[[Unit, OrganisationId, str, Sequence[Category], datetime], Page | None]]] = {
    "case": _cases,
    "consent": _consents,
    "authority": _authorities,
    "sent": _sent,
    "received": _received,
    **own_kept_pages.FIND,
}
