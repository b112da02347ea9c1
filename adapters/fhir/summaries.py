"""What is told of somebody: a Composition with a section for each category, a CarePlan with its Goals, an EpisodeOfCare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any, Final

from adapters.fhir.elements import (
    Json,
    access,
    clean,
    code_of,
    coded,
    coding,
    extension,
    given,
    identifier,
    instant,
    meta,
    our_code,
    own_id,
    part,
    parts,
    period,
    reference,
    why_absent,
)
from adapters.fhir.people import content_of, kind_of
from schemas import categories as c
from schemas.catalogue import text
from schemas.exports import ExportCase, ExportPerson, ExportSection
from schemas.package import PackageField

EMPTY: Final = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
ACHIEVEMENT: Final = "http://terminology.hl7.org/CodeSystem/goal-achievement"
_XHTML: Final = "http://www.w3.org/1999/xhtml"


def composition(
    person: ExportPerson, about: str, title: str, at: datetime, author: Json, replaced: int | None = None
) -> Json:
    """All sections of one person in one case or message, `about` its identifier; `replaced` is the number of a version that is
    not the current one any more."""
    return {
        "resourceType": "Composition",
        "id": own_id("Composition", about, person.ref),
        "meta": meta(cut=person.is_cut),
        **given(extension=[extension("replaced-version", valueInteger=replaced)] if replaced is not None else None),
        "identifier": identifier("composition", about),
        "status": "final",
        "type": {"coding": [coding("composition", "case-summary")], "text": clean(title)},
        "subject": reference(kind_of(person), person.ref),
        "date": instant(at),
        "author": [author],
        "title": clean(title),
        **given(section=[_section(section) for section in person.sections]),
    }


def _section(section: ExportSection) -> Json:
    title = clean(section.ru or section.category)
    fields = section.fields if section.content is not None else ()
    found: Json = {
        "extension": [access(section), *(_field(field) for field in fields)],
        "title": title,
        "code": {"coding": [coding("category", section.category, section.ru)]},
        "text": {"status": "generated", "div": _narrative(section, fields)},
    }
    if not fields:
        said = section.absence or section.effect
        reason = code_of("empty_reason", said) or "unavailable"
        found["emptyReason"] = {"coding": [{"system": EMPTY, "code": reason}]}
    return found


def _field(field: PackageField) -> Json:
    values = [" ".join(str(said.value) for said in value) for value in field.values]
    return parts(
        "field",
        part("name", "Code", field.name),
        part("label", "String", clean(field.ru)),
        *(part("value", "String", clean(value)) for value in values),
    )


def _narrative(section: ExportSection, fields: tuple[PackageField, ...]) -> str:
    """What people read: XHTML without anything but paragraphs."""
    lines = [
        f"{field.ru}: {'; '.join(' '.join(said.ru or said.value for said in value) for value in field.values)}"
        for field in fields
    ]
    if section.effect == "masked" and fields:
        lines.append(text("export.cut_by_mask"))
    if not fields:
        lines.append(text(f"export.empty_{section.absence or section.effect}", rule=section.rule))
    body = "".join(f"<p>{escape(clean(line), quote=False)}</p>" for line in lines)
    return f'<div xmlns="{_XHTML}">{body}</div>'


# --- the course of a case --------------------------------------------------------------------------------------------


def episodes(case: ExportCase, holder: Json) -> Iterator[Json]:
    """An episode for each child of the case, with its plan and goals."""
    for person in case.people:
        if person.kind != "child":
            continue
        yield _episode(case, person, holder)
        if (plan := person.section(c.PLAN)) is not None:
            yield from plan_resources(person, plan, case.ref)


def _episode(case: ExportCase, person: ExportPerson, holder: Json) -> Json:
    plan = person.section(c.PLAN)
    content = content_of(plan)
    stage, outcome = content.get("stage"), content.get("outcome")
    resource: Json = {
        "resourceType": "EpisodeOfCare",
        "id": own_id("EpisodeOfCare", case.ref, person.ref),
        "meta": meta(cut=plan is None or not plan.is_whole),
        "identifier": [identifier("case", case.ref)],
        "patient": reference("Patient", person.ref),
        "managingOrganization": holder,
    }
    if plan is not None:
        resource["extension"] = [access(plan)]
    if outcome or case.ended_at:
        resource["status"] = "finished"
    elif stage:
        # A stage of a practice that is not over is a running episode; which one it is stands beside the status.
        resource["status"] = code_of("episode_status", stage["code"]) or "active"
        resource["_status"] = {"extension": [our_code(stage["code"])]}
    elif case.opened_at:
        resource["status"] = "active"
    else:
        resource["_status"] = why_absent(plan)
    since = case.opened_at
    until = case.ended_at or (outcome or {}).get("on")
    resource |= given(period=period(since, until))
    return resource


def plan_resources(person: ExportPerson, plan: ExportSection, about: str) -> Iterator[Json]:
    """A CarePlan and the Goals it names. A plan that is not shown is there too, and says why it is empty."""
    content = content_of(plan)
    goals = [_goal(person, plan, about, number, goal) for number, goal in enumerate(content.get("goals") or ())]
    is_over = bool(content.get("outcome"))
    resource: Json = {
        "resourceType": "CarePlan",
        "id": own_id("CarePlan", about, person.ref),
        "meta": meta(cut=not plan.is_whole),
        "extension": [access(plan)],
        "identifier": [identifier("case", about)],
        "intent": "plan",
        "subject": reference("Patient", person.ref),
        "goal": [reference("Goal", goal["id"]) for goal in goals],
        "activity": [*map(_step, content.get("steps") or ()), *map(_service, _given(content))],
        "note": [_review(review) for review in content.get("reviews") or ()],
    }
    if content:
        resource["status"] = "completed" if is_over else "active"
    else:
        resource["_status"] = why_absent(plan)
    yield {name: value for name, value in resource.items() if value != []}
    yield from goals


def _given(content: Any) -> list[Any]:  # noqa: ANN401  plain JSON values
    """Services that were rendered: a summary calls them `services`, a message `given`, where `services` are asked for."""
    found = content.get("given") or content.get("services") or ()
    return [service for service in found if isinstance(service, dict)]


def _goal(person: ExportPerson, plan: ExportSection, about: str, number: int, goal: Any) -> Json:  # noqa: ANN401
    state = str(goal["state"])
    resource: Json = {
        "resourceType": "Goal",
        "id": own_id("Goal", about, person.ref, str(number)),
        "meta": meta(cut=not plan.is_whole),
        "description": {"text": clean(str(goal["goal"]))},
        "subject": reference("Patient", person.ref),
    }
    coded(resource, "lifecycleStatus", "goal_status", state)
    if achievement := code_of("goal_achievement", state):
        resource["achievementStatus"] = {"coding": [{"system": ACHIEVEMENT, "code": achievement}]}
    return resource


def _step(step: Any) -> Json:  # noqa: ANN401
    state = str(step.get("state") or "")
    return {
        "detail": {
            "status": code_of("activity_status", state) or "unknown",
            **given(_status={"extension": [our_code(state)]} if state else None),
            "description": clean(f"{step.get('who', '')}: {step.get('what', '')}"),
            **given(scheduledPeriod=period(end=step.get("by_when"))),
        }
    }


def _service(service: Any) -> Json:  # noqa: ANN401
    return {
        "detail": {
            "kind": "ServiceRequest",
            "status": "completed" if service.get("to_on") else "in-progress",
            "description": clean(str(service["service"])),
            **given(scheduledPeriod=period(service.get("from_on"), service.get("to_on"))),
        }
    }


def _review(review: Any) -> Json:  # noqa: ANN401
    return {"time": str(review["on"]), "text": clean(str(review["dynamics"]))}
