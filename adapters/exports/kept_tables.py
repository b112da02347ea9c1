"""Tables of what a holder keeps beside cases, consents and messages, and of what is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from adapters.exports.rows import Row, field_rows, row_of
from schemas.catalogue import text
from schemas.exports import Export


def _facts(export: Export) -> Iterator[Row]:
    for fact in export.facts:
        yield row_of(fact, "facts") | {
            "person_kind": text(f"export.kind_{fact.person_kind}"),
            "fact_code": fact.fact.value,
            "about_who": text(f"export.signer_{fact.about_who}") if fact.about_who else "",
        }


def _fact_events(export: Export) -> Iterator[Row]:
    for fact in export.facts:
        for event in fact.fact_events:
            yield row_of(event, "fact_events") | {
                "fact": fact.id,
                "event": text(f"export.fact_{event.event}"),
                "absence": _why(event.absence),
                **{name: event.document.get(name) for name in ("number", "on", "reasons")},
            }


def _scores(export: Export) -> Iterator[Row]:
    for score in export.scores:
        told = row_of(score, "scores") | {"points": None, "absence": _why(score.absence)}
        rows: list[Row] = [{"criterion": one.criterion, "points": one.points} for one in score.points]
        yield from ({**told, **row} for row in rows or [{}])


def _terms(export: Export) -> Iterator[Row]:
    for term in export.terms:
        yield row_of(term, "terms") | {
            "term_code": term.term.value,
            "about_kind": text(f"export.about_{term.about_kind}"),
        }


def _pauses(export: Export) -> Iterator[Row]:
    for term in export.terms:
        yield from (row_of(pause, "pauses") | {"term": term.id} for pause in term.pauses)


def _kept(export: Export) -> Iterator[Row]:
    for record in export.kept:
        told = row_of(record, "kept") | {"value": _why(record.absence)}
        rows: list[Row] = [
            {"field": text(f"export.kept_{name}"), "name": name, "value": _instant(name, value)}
            for name, value in record.values.items()
        ]
        for person in record.people:
            who = {"person": person.ref, "person_kind": text(f"export.kind_{person.kind}")}
            fields = [
                (section, row) for section in person.sections for one in section.fields for row in field_rows(one)
            ]
            rows += [{**who, "section": section.ru, **row} for section, row in fields] or [who]
        yield from ({**told, **row} for row in rows or [{}])


def _own_notes(export: Export) -> Iterator[Row]:
    for note in export.own_notes:
        told = row_of(note, "own_notes") | {"value": _why(note.absence)}
        rows: list[Row] = [
            {"field": text(f"export.noted_{name}"), "name": name, "value": value} for name, value in note.values.items()
        ]
        yield from ({**told, **row} for row in rows or [{}])


def _instant(name: str, value: object) -> object:
    return datetime.fromisoformat(str(value)) if name == "told_at" else value


def _left_out(export: Export) -> Iterator[Row]:
    return ({"code": one.value, "what": one.ru} for one in export.left_out)


def _why(absence: str) -> str:
    return text(f"export.empty_{absence}") if absence else ""


KEPT: Final[Mapping[str, Callable[[Export], Iterator[Row]]]] = {
    "facts": _facts,
    "fact_events": _fact_events,
    "scores": _scores,
    "terms": _terms,
    "pauses": _pauses,
    "kept": _kept,
    "own_notes": _own_notes,
    "left_out": _left_out,
}
"""The rows of an export by table."""
