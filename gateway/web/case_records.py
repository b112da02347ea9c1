"""The part of «Ход случая» about what is kept of a case: what its template is given, and what its forms say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.use_cases.change_practice import read_practice
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.read_case_records import CaseRecords, Member, read_case_records
from gateway.web.forms import Form
from gateway.web.meters import figure, meter_of
from gateway.web.visits import Visit
from policies import case_records as kinds
from policies.case_records import Record, Said, is_used, latest, person_of, titles
from policies.profile import CLOSED
from schemas.errors import BadInput, NotPermitted
from schemas.identifiers import is_digits

DAY: Final = "%d.%m.%Y"
INSTANT: Final = "%d.%m.%Y %H:%M"
NOON: Final = time(12)
"""What is said of a day and no hour is kept as of its noon."""
WRONG: Final = {
    "field_invalid": "web_records.incomplete_wrong",
    "record_person": "web_records.person_wrong",
    "record_time": "web_records.time_wrong",
}


@dataclass(frozen=True, slots=True)
class ShownKind:
    """One kind: whether the practice uses it, its codes by part, whom it is about, what holds, and its history."""

    kind: str
    used: bool
    codes: Mapping[str | None, Mapping[str, str]]
    person: str | None
    records: tuple[Record, ...]


def kept_of(visit: Visit, case: str) -> CaseRecords | None:
    """What is kept of a case; None for one of the holder's people who does not keep it."""
    try:
        return read_case_records(visit.edge.house, visit.me.requester, case, visit.now)
    except NotPermitted as error:
        if error.code != "practice_not_yours":
            raise
        return None


def asks_at_closing(visit: Visit, event: str) -> bool:
    """Whether an event closes a case and the practice asks for its criteria then: of who keeps the records of the case."""
    own = read_practice(visit.edge.house, visit.me.requester)
    return event in own.profile.into(CLOSED) and bool(own.profile.closing) and own.may_keep


def kept_context(visit: Visit, kept: CaseRecords | None) -> dict[str, Any]:
    """What the template needs of it."""
    if kept is None:
        return {"kept": None}
    profile = kept.profile
    people = {member.pseudonym: _label(visit, kept, member) for member in kept.members}
    shown = []
    for kind in kinds.KINDS:
        parts: list[str | None] = list(profile.checklist) if kind == kinds.CHECKLIST else [None]
        shown.append(
            ShownKind(
                kind,
                is_used(profile, kind),
                {part: titles(profile, kind, part) for part in parts},
                person_of(kind, parts[0] if parts else None),
                tuple(record for record in kept.records if record.kind == kind),
            )
        )
    return {
        "kept": kept,
        "kinds": shown,
        "people": people,
        "of_kind": lambda kind: [m.pseudonym for m in kept.members if m.kind == kind and m.readable],
        "latest": lambda kind, about=None, **value: latest(kept.records, kind, about, **value),
        "person_of": person_of,
        "meters": [meter_of(standing, visit.language) for standing in kept.norms],
        "figure": lambda value: figure(value, visit.language),
        "NEED_STATES": kinds.NEED_STATES,
        "CHANGES": kinds.CHANGES,
        "year": visit.now.astimezone(ZoneInfo(visit.me.organisation.zone)).year,
    }


def _label(visit: Visit, kept: CaseRecords, member: Member) -> str:
    """«Ребёнок 2, 9 лет»: nobody is named, and two of one family are told apart."""
    same = [other for other in kept.members if other.kind == member.kind]
    number = f" {same.index(member) + 1}" if len(same) > 1 else ""
    name = visit.text(f"web_records.person_{member.kind}") + number
    if member.unborn:
        return f"{name}, {visit.text('web_records.unborn')}"
    return name if member.age is None else f"{name}, {visit.text('web_records.age', n=member.age)}"


def keep(visit: Visit, case: str, kind: str) -> str | None:
    """Keep what the form says; the key of what is wrong with it, or None where it is kept."""
    form = visit.form
    try:
        said, at = _said(kind, form), parse_when(visit, form.get("at"))
    except ValueError:
        return "web_records.at_wrong"
    about = form.get("about") or None
    try:
        keep_case_record(visit.edge.house, visit.me.requester, case, said, visit.now, subject=about, at=at)
    except BadInput as error:
        key = WRONG.get(error.code)
        if key is None:
            raise
        return key
    return None


def _said(kind: str, form: Form) -> Said:
    """Raises ValueError for figures that are none."""
    prefix = "state."
    states = {
        name.removeprefix(prefix): values[0]
        for name, values in form.fields.items()
        if name.startswith(prefix) and values[0]
    }
    return Said(
        kind,
        form.get("code") or None,
        form.all("met"),
        states,
        form.get("part") or None,
        form.get("closing") == "yes",
        _number(form.get("year")),
        _number(form.get("roubles").replace(" ", "")),
    )


def _number(typed: str) -> int | None:
    if not typed:
        return None
    if not is_digits(typed) or len(typed) > 10:  # noqa: PLR2004  more digits than any amount that is taken
        raise ValueError
    return int(typed)


def parse_when(visit: Visit, typed: str) -> datetime | None:
    """ДД.ММ.ГГГГ or ДД.ММ.ГГГГ ЧЧ:ММ where one's organisation is; None for now, or for today. Raises ValueError."""
    if not typed:
        return None
    zone = ZoneInfo(visit.me.organisation.zone)
    if ":" in typed:
        return datetime.strptime(typed, INSTANT).replace(tzinfo=zone)
    day: date = datetime.strptime(typed, DAY).replace(tzinfo=zone).date()
    today = visit.now.astimezone(zone).date()
    return None if day == today else datetime.combine(day, NOON, zone)
