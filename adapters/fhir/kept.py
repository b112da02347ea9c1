"""What a holder keeps and FHIR has no resource for: facts, scores and terms, each a Basic with its values as extensions; and
what a bundle does not have, as an OperationOutcome."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from adapters.fhir.elements import (
    Json,
    clean,
    coding,
    concept,
    extension,
    given,
    identifier,
    instant,
    own_id,
    part,
    parts,
)
from schemas.exports import Export
from schemas.exports_own import ExportFact, ExportFactEvent, ExportNote, ExportScore, ExportTerm
from schemas.package import Said


def kept_resources(export: Export) -> Iterator[Json]:
    """All of them."""
    yield from map(_fact, export.facts)
    yield from map(_score, export.scores)
    yield from map(_term, export.terms)
    yield from map(_note, export.own_notes)


def _basic(kind: str, key: str, code: Said, at: datetime | None, person: str | None, told: list[Json]) -> Json:
    return given(
        resourceType="Basic",
        id=own_id("Basic", kind, key),
        identifier=[identifier(kind, key)],
        code=concept(kind, code),
        subject={"identifier": identifier("person", person)} if person else None,
        created=at.date().isoformat() if at else None,
        extension=told,
    )


def _fact(fact: ExportFact) -> Json:
    told = [
        part("from", "DateTime", instant(fact.from_at)),
        part("to", "DateTime", instant(fact.to_at) if fact.to_at else None),
        part("value", "String", clean(fact.value) if fact.value else None),
        part("about", "String", fact.about),
        part("aboutWho", "Code", fact.about_who),
        *(part("organisation", "String", ogrn) for ogrn in fact.organisations),
        part("everywhere", "Boolean", fact.everywhere),
        part("reviewBy", "DateTime", instant(fact.review_by) if fact.review_by else None),
        part("evidenceSha256", "String", fact.evidence_digest),
    ]
    events = [_fact_event(event) for event in fact.fact_events]
    return _basic("fact", fact.id, fact.fact, fact.from_at, fact.person, [parts("fact", *told), *events])


def _fact_event(event: ExportFactEvent) -> Json:
    return parts(
        "fact-event",
        part("event", "Code", event.event.replace("_", "-")),
        part("at", "DateTime", instant(event.at)),
        *(part(name, "String", clean(value)) for name, value in sorted(event.document.items())),
        part("absence", "Code", event.absence),
        part("evidenceSha256", "String", event.evidence_digest),
    )


def _score(score: ExportScore) -> Json:
    told = [extension("case", valueString=score.case)]
    told += [
        parts(
            "points",
            part("criterion", "Code", one.criterion.value),
            part("label", "String", clean(one.criterion.ru) if one.criterion.ru else None),
            part("value", "Integer", one.points),
        )
        for one in score.points
    ]
    told += [extension("total", valueInteger=score.total)] if score.total is not None else []
    told += [extension("level", valueCode=score.level.value)] if score.level else []
    told += [extension("absence", valueCode=score.absence)] if score.absence else []
    return _basic("score", score.id, score.score, score.at, None, told)


def _term(term: ExportTerm) -> Json:
    instants = {
        "started": term.started_at,
        "due": term.due_at,
        "warned": term.warned_at,
        "breached": term.breached_at,
        "paused": term.paused_at,
        "done": term.done_at,
    }
    told = [
        part("practice", "Code", term.practice),
        part("aboutKind", "Code", term.about_kind),
        part("about", "String", term.about),
        part("reminder", "Boolean", term.reminder),
        *(part(name, "DateTime", instant(at) if at else None) for name, at in instants.items()),
    ]
    pauses = [
        parts(
            "pause",
            part("begins", "DateTime", instant(pause.begins)),
            part("ends", "DateTime", instant(pause.ends) if pause.ends else None),
            part("reason", "Code", pause.reason.value),
        )
        for pause in term.pauses
    ]
    return _basic("term", term.id, term.term, term.started_at, None, [parts("term", *told), *pauses])


def _note(note: ExportNote) -> Json:
    told = [
        *(part("about", "String", about) for about in note.about),
        *(part(name, "String", clean(value)) for name, value in sorted(note.values.items())),
        part("ended", "DateTime", instant(note.ended_at) if note.ended_at else None),
        part("absence", "Code", note.absence),
        part("at", "DateTime", instant(note.at)),
    ]
    return _basic("note", note.id, note.kind, note.at, None, [parts("note", *told)])


def left_out_resource(export: Export) -> Json:
    """What the bundle does not have: an issue for each thing, in words."""
    return {
        "resourceType": "OperationOutcome",
        "id": own_id("OperationOutcome", export.id, str(export.part)),
        "issue": [
            {
                "severity": "information",
                "code": "not-supported" if one.value in _NO_PLACE else "suppressed",
                "details": {"coding": [coding("left-out", one.value)], "text": clean(one.ru or one.value)},
                "diagnostics": clean(one.en or one.value),
            }
            for one in export.left_out
        ],
    }


_NO_PLACE = frozenset({"kept", "hours"})
"""What FHIR has no place for here; the rest is kept back."""
