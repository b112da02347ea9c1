"""Opening hours, duty and the numbers that people ring: a page to print, and a form for who keeps the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.set_duty import may_keep_duty, read_alerts, read_duty, read_to_ring, set_duty
from gateway.web.forms import Form
from gateway.web.visits import Desk, Visit, redirect
from policies.duty import is_open, on_duty
from schemas.catalogue import text
from schemas.duty import WEEKDAYS, DutyHours, DutySchedule
from schemas.errors import BadInput, NotPermitted

PATH: Final = "/duty"
KINDS: Final = ("working", "day_off", "any")
BLANKS: Final = 2
"""Empty rows at the end of each table of the form."""


def duty_routes(desk: Desk) -> APIRouter:
    """`/duty` and `/alerts`."""
    router = APIRouter()

    @router.get(PATH)
    async def duty(request: Request) -> Response:
        return await desk.answer(request, _duty)

    @router.get(PATH + "/edit")
    async def form(request: Request) -> Response:
        return await desk.answer(request, lambda visit: _form(visit, _typed(_kept(visit)), {}))

    @router.post(PATH + "/edit")
    async def saving(request: Request) -> Response:
        return await desk.answer(request, _save)

    @router.get("/alerts")
    async def alerts(request: Request) -> Response:
        return await desk.answer(request, _alerts)

    return router


def _kept(visit: Visit) -> DutySchedule:
    return read_duty(visit.edge.house, visit.me.organisation.id)


def _duty(visit: Visit) -> Response:
    house, me = visit.edge.house, visit.me
    schedule, zone = _kept(visit), ZoneInfo(me.organisation.zone)
    calendar = house.pack.calendar
    return visit.page(
        "duty.html",
        schedule=schedule,
        works=is_open(schedule, calendar, zone, visit.now),
        duty=on_duty(schedule, calendar, zone, visit.now),
        ring=read_to_ring(house, me.requester),
        days=lambda row: days_in_words(visit, row),
        names=lambda keys: ", ".join(schedule.contact(key).name for key in keys),
        keeps=may_keep_duty(house, me.requester, visit.now),
        saved=visit.query.get("done") == "saved",
    )


def days_in_words(visit: Visit, row: DutyHours) -> str:
    """«пн, вт, рабочие дни»."""
    said = [text(f"web_duty.{day}", visit.language) for day in row.days]
    return ", ".join([*said, text(f"web_duty.on_{row.on}", visit.language)])


def _alerts(visit: Visit) -> Response:
    found = read_alerts(visit.edge.house, visit.me.requester, visit.now)
    return visit.page("alerts.html", alerts=found)


def _form(visit: Visit, typed: Mapping[str, Any], errors: dict[str, str], status: int = 200) -> Response:
    if not may_keep_duty(visit.edge.house, visit.me.requester, visit.now):
        raise NotPermitted("queue_not_yours")
    return visit.page("duty_form.html", status, typed=typed, kinds=KINDS, weekdays=WEEKDAYS, errors=errors)


def _save(visit: Visit) -> Response:
    typed = _read(visit.form, _kept(visit))
    try:
        schedule = DutySchedule.model_validate(typed)
        set_duty(visit.edge.house, visit.me.requester, schedule, visit.now)
    except ValidationError:
        return _form(visit, _shown(typed), {"opening-days-0": "web_duty.invalid_any"}, STATUS["bad_input"])
    except BadInput as error:
        if error.code != "person_unknown":
            raise
        return _form(visit, _shown(typed), {"contacts-login-0": "web_duty.person_unknown"}, STATUS["bad_input"])
    return redirect(PATH, done="saved")


# --- the form as rows ------------------------------------------------------------------------------------------------


def _typed(schedule: DutySchedule) -> dict[str, Any]:
    return _shown(schedule.model_dump(mode="json"))


def _shown(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Rows as the form shows them, with empty ones to write into."""

    def blank(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [*rows, *({} for _ in range(BLANKS))]

    exceptions = [
        {"day": day["day"], **(day["opening"][0] if day["opening"] else {})} for day in typed.get("exceptions", ())
    ]
    return {
        "opening": blank(typed["opening"]),
        "shifts": blank([{**row, "contacts": ", ".join(row["contacts"])} for row in typed["shifts"]]),
        "contacts": blank(typed["contacts"]),
        "duty_line": blank(typed["duty_line"]),
        "exceptions": blank(exceptions),
        "heads": ", ".join(typed["heads"]),
        "published_phone": typed.get("published_phone") or "",
        "digest_minutes": typed.get("digest_minutes", ""),
    }


def _read(form: Form, kept: DutySchedule) -> dict[str, Any]:
    """What was typed, as a schedule in JSON. What the form does not show stays as it was."""

    def rows(table: str, *fields: str) -> list[dict[str, Any]]:
        found = []
        number = 0
        while f"{table}-{fields[0]}-{number}" in form.fields:
            row = {name: form.get(f"{table}-{name}-{number}") for name in fields}
            if any(value for name, value in row.items() if name != "on"):
                found.append({name: value for name, value in row.items() if value} | {"_": number})
            number += 1
        return found

    def days(table: str, row: Mapping[str, Any]) -> list[str]:
        return list(form.all(f"{table}-days-{row['_']}"))

    def plain(row: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in row.items() if name != "_"}

    opening = [{**plain(row), "days": days("opening", row)} for row in rows("opening", "since", "until", "on")]
    shifts = [
        {**plain(row), "days": days("shifts", row), "contacts": _keys(row.get("contacts", ""))}
        for row in rows("shifts", "since", "until", "on", "contacts")
    ]
    orders = {contact.key: contact.order for contact in kept.contacts}
    contacts = [
        {**plain(row), "order": orders.get(row.get("key", ""), ("sms", "email"))}
        for row in rows("contacts", "key", "name", "login", "phone", "email")
    ]
    special = {day.day.isoformat(): day for day in kept.exceptions}
    exceptions = []
    for row in rows("exceptions", "day", "since", "until"):
        hours = {name: row[name] for name in ("since", "until") if name in row}
        before = special.get(row.get("day", ""))
        shifts_then = before.model_dump(mode="json")["shifts"] if before else None
        exceptions.append({"day": row.get("day"), "opening": [hours] if hours else [], "shifts": shifts_then})
    return {
        "opening": opening,
        "shifts": shifts,
        "contacts": contacts,
        "duty_line": [plain(row) for row in rows("duty_line", "name", "number", "hours")],
        "exceptions": exceptions,
        "heads": _keys(form.get("heads")),
        "published_phone": form.get("published_phone") or None,
        "digest_minutes": form.get("digest_minutes") or kept.digest_minutes,
        "language": kept.language,
    }


def _keys(typed: str) -> list[str]:
    return [key for part in typed.split(",") if (key := part.strip())]
