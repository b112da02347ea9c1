"""The forms of a joint decision and of minutes: from fields to drafts. Complaints are keys of the catalogue by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from gateway.use_cases.facts import local_day
from gateway.web.form_fields import FieldReader, parse_day
from gateway.web.forms import Form
from schemas.codes import code_lists
from schemas.joint import JointDecisionDraft, JointPartyDraft, MinutesDraft
from schemas.messages import PersonDraft
from schemas.sections import Identity, MessageRequest

NAMED: Final = "named"
THREAD: Final = "party-"
"""Field of a party: empty (not asked), `named`, or the message in whose thread it is asked without names."""
MATTERS: Final = "mezhved_joint_matter"


@dataclass(frozen=True, slots=True)
class AskedParty:
    """Whom one may ask, and the threads in which it may be asked without names."""

    id: str
    ogrn: str
    name: str
    threads: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ComposedJoint:
    """A proposal, or what is wrong with the form."""

    draft: JointDecisionDraft | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


def compose_joint(form: Form, known: Sequence[AskedParty], now: datetime, zone: str) -> ComposedJoint:
    """The proposal that a form says."""
    read = FieldReader(form, local_day(now, zone))
    matter = read.choice("matter", code_lists()[MATTERS])
    if matter is None:
        read.errors["matter"] = "web_joint.matter_missing"
    parties = []
    for party in known:
        chosen = form.get(THREAD + party.ogrn)
        if chosen == NAMED:
            parties.append(JointPartyDraft(ogrn=party.ogrn))
        elif chosen in dict(party.threads):
            parties.append(JointPartyDraft(ogrn=party.ogrn, named=False, answers=chosen))
    if not parties:
        read.errors["parties"] = "web_joint.parties_missing"
    by = read.parsed("by", parse_day, "date_wrong")
    child = _child(read) if any(party.named for party in parties) else None
    if read.errors:
        return ComposedJoint(errors=read.errors)
    try:
        return ComposedJoint(
            JointDecisionDraft.model_validate(
                {
                    "operation_id": form.get("operation_id"),
                    "matter": matter,
                    "parties": parties,
                    "persons": (child,) if child else (),
                    "by": by,
                    "case": form.get("case") or None,
                    "agenda": form.get("agenda") or None,
                }
            )
        )
    except ValidationError:
        return ComposedJoint(errors={"matter": "web_referral.form_altered"})


def _child(read: FieldReader) -> PersonDraft:
    plan = read.line("plan_text")
    return PersonDraft(
        kind="child",
        ref=read.line("child_ref", required="child_ref_missing"),
        identity=Identity(
            full_name=read.line("child_name", required="child_name_missing"),
            birth_date=read.birth("child_birth", required="child_birth_missing"),
        ),
        plan=MessageRequest(text=plan) if plan else None,
    )


def compose_minutes(form: Form, now: datetime, zone: str) -> tuple[MinutesDraft | None, Mapping[str, str]]:
    """Minutes, or what is wrong with the form."""
    read = FieldReader(form, local_day(now, zone))
    on = read.past_day("on")
    if on is None and "on" not in read.errors:
        read.errors["on"] = "web_joint.minutes_day_missing"
    topic = read.line("topic")
    if topic is None and "topic" not in read.errors:
        read.errors["topic"] = "web_joint.topic_missing"
    said = {"on": on, "topic": topic, "place": read.line("place"), "words": read.line("words")}
    if read.errors:
        return None, read.errors
    try:
        return MinutesDraft.model_validate({"operation_id": form.get("operation_id"), **said}), {}
    except ValidationError:
        return None, {"on": "web_referral.form_altered"}
