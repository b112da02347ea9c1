"""Rules of form of every canonical document: what neither the XSD nor a class can say.

Who may send what to whom is decided by the gate, never here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from adapters.rules import Breach, breaches, identifier_breaches, section_breaches, under
from adapters.texts import text_breaches
from schemas.authority import AuthorityDraft
from schemas.identifiers import is_ogrn
from schemas.messages import MessageDraft, message_types
from schemas.summary import ConsentDraft, SummaryDraft

_BY_GATEWAY: Final = "gateway"


def breaches_of(value: BaseModel) -> Iterator[Breach]:
    """Every rule of form that the document breaks."""
    if isinstance(value, MessageDraft | SummaryDraft | ConsentDraft | AuthorityDraft):
        yield from text_breaches(value)
    if isinstance(value, MessageDraft):
        yield from breaches(value, _sendable())
    elif isinstance(value, SummaryDraft):
        yield from _summary_breaches(value)
    elif isinstance(value, ConsentDraft):
        yield from _consent_breaches(value)
    elif isinstance(value, AuthorityDraft) and value.identifiers is not None:
        yield from under("identifiers", identifier_breaches(value.identifiers))


@functools.cache
def _sendable() -> frozenset[str]:
    """The types that somebody may send: those of the gateway it sends by itself."""
    return frozenset(code for code, kind in message_types().items() if kind.lane_of != _BY_GATEWAY)


def _summary_breaches(summary: SummaryDraft) -> Iterator[Breach]:
    for field in ("subjects", "shared"):
        for index, one in enumerate(getattr(summary, field)):
            for breach in section_breaches(one.sections):
                yield breach._replace(path=(field, index, "sections", *breach.path))


def _consent_breaches(consent: ConsentDraft) -> Iterator[Breach]:
    if not is_ogrn(consent.recipient_ogrn):
        yield Breach("ogrn_check_digit", ("recipient_ogrn",))
    if consent.identifiers is not None:
        yield from under("identifiers", identifier_breaches(consent.identifiers))
