"""Rules of form of every canonical document: what neither the XSD nor a class can say.

Who may send what to whom is decided by the gate, never here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from adapters.rules import (
    Breach,
    absence_breaches,
    breaches,
    identifier_breaches,
    identity_breaches,
    is_calendar_date,
    under,
)
from schemas.identifiers import is_ogrn
from schemas.messages import MessageDraft, message_types
from schemas.summary import ConsentDraft, SectionsDraft, SummaryDraft

_BY_GATEWAY: Final = "gateway"


def breaches_of(value: BaseModel) -> Iterator[Breach]:
    """Every rule of form that the document breaks."""
    if isinstance(value, MessageDraft):
        yield from breaches(value, _sendable())
    elif isinstance(value, SummaryDraft):
        yield from _summary_breaches(value)
    elif isinstance(value, ConsentDraft):
        yield from _consent_breaches(value)


@functools.cache
def _sendable() -> frozenset[str]:
    """The types that somebody may send: those of the gateway it sends by itself."""
    return frozenset(code for code, kind in message_types().items() if kind.lane_of != _BY_GATEWAY)


def _summary_breaches(summary: SummaryDraft) -> Iterator[Breach]:
    for field in ("subjects", "shared"):
        for index, one in enumerate(getattr(summary, field)):
            for breach in _section_breaches(one.sections):
                yield breach._replace(path=(field, index, "sections", *breach.path))


def _section_breaches(sections: SectionsDraft) -> Iterator[Breach]:
    if sections.identity is not None:
        yield from under("identity", identity_breaches(sections.identity))
    if sections.identifiers is not None:
        yield from under("identifiers", identifier_breaches(sections.identifiers))
    yield from absence_breaches(sections)


def _consent_breaches(consent: ConsentDraft) -> Iterator[Breach]:
    if not is_ogrn(consent.recipient_ogrn):
        yield Breach("ogrn_check_digit", ("recipient_ogrn",))
    if consent.birth_date is not None and not is_calendar_date(consent.birth_date):
        yield Breach("date_impossible", ("birth_date",))
    if consent.identifiers is not None:
        yield from under("identifiers", identifier_breaches(consent.identifiers))
    for index, signer in enumerate(consent.signers):
        if signer.holder_birth_date is not None and not is_calendar_date(signer.holder_birth_date):
            yield Breach("date_impossible", ("signers", index, "holder_birth_date"))
