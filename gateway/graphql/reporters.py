"""The part of the schema about who told a body of a signal: for a formal request."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry.types import Info

from gateway.graphql import types as nodes
from gateway.graphql.context import Context
from gateway.use_cases.read_reporters import Told, read_reporters
from schemas import categories as c
from schemas.errors import RequestRejected

MAX_CLAIM = 500


@strawberry.type(
    description="Who told of one signal, as the body put it down, and how it registered the signal. Null: not written down."
)
class ToldNode:
    name: str | None
    phone: str | None
    relation: str | None
    received_by: str | None
    received_at: str | None
    reg_number: str | None
    signal_at: datetime


@strawberry.type(
    description="One child: whether it may be said who told, by which rule, and the reports, earliest first."
)
class ReporterNode:
    ref: strawberry.ID
    access: nodes.Access
    told: list[ToldNode]


@strawberry.type(description="The answer, and the entry that was committed before it.")
class ReportersNode:
    entry_id: strawberry.ID
    children: list[ReporterNode]


@strawberry.type
class ReporterQuery:
    """Who told of signals of a case."""

    @strawberry.field(
        description="Who told of the signals of a case by phone, on paper or in person. Released on a formal request that the"
        " holder's data protection officer recorded, of a court, investigation, inquiry or prosecutor; to everybody else it is"
        " refused in the same words whether or not anybody told. `request` is the number of the request, a claim."
    )
    def reporters(
        self, info: Info[Context, None], case_id: strawberry.ID, purpose: str, request: str | None = None
    ) -> ReportersNode:
        context = info.context
        context.need("summaries.read")
        if request and len(request) > MAX_CLAIM:
            raise RequestRejected("field_invalid", place="request", rule=f"at most {MAX_CLAIM} characters")
        found = read_reporters(context.house, context.requester, case_id, purpose, context.now, request or "")
        organisation = context.requester.organisation_id
        return ReportersNode(
            entry_id=strawberry.ID(found.disclosed.entry_id),
            children=[
                ReporterNode(
                    ref=strawberry.ID(context.house.vault.subject_pseudonym(organisation, subject.id)),
                    access=nodes.section_access(subject.sections[c.REPORTER]),
                    told=[_told(told) for told in found.told[subject.id]],
                )
                for subject in found.subjects
            ],
        )


def _told(told: Told) -> ToldNode:
    signal = told.signal
    said = {name: str(value) if value else None for name, value in told.reporter.items()}
    return ToldNode(
        name=said.get("name"),
        phone=said.get("phone"),
        relation=said.get("relation"),
        received_by=signal.notes.get("received_by"),
        received_at=signal.notes.get("received_at"),
        reg_number=signal.reg_number,
        signal_at=signal.submitted_at,
    )
