"""Nobody opened, nobody answered: the next step of the chain is made, each once. Run by the relay, round by round.

A step tells somebody else and is kept for both sides to see; nothing is opened, answered or refused by time alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.alert_people import (
    desk_of_office,
    digest_alert,
    head_ways,
    line_ways,
    next_ways,
    own_ways,
    urgent_alert,
)
from gateway.use_cases.append_entry import append_entries
from gateway.use_cases.enter_queue import begun, distinct
from gateway.use_cases.house import House
from gateway.use_cases.queue_values import Alert, Office, Offices, StepDone, Watched, Way
from gateway.use_cases.record_absence import give_back
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import Notice
from policies.queues import Step
from schemas.ids import OrganisationId, new_id

BATCH = 200


def watch_queue(house: House, now: datetime) -> int:
    """How many steps were made, or cases given back, in this round. The statements do not depend on how many."""
    with house.store.reading() as unit:
        if not (unit.queues.is_watched(now) or unit.queues.is_over(now)):
            return 0
    with house.store.writing() as unit:
        back = give_back(unit, now)
        watched = unit.queues.watched(now, BATCH)
        sides = {side for one in watched for side in (one.item.organisation_id, one.sender_id)}
        offices = unit.queues.offices(sides, now)
        last = unit.alerts.last_digests(sides)
        saved, steps, alerts, notices = [], [], list[Alert | None](), list[Notice]()
        for one in watched:
            item, zone = one.item, offices[one.item.organisation_id].organisation.zone
            chain = house.pack.queues.row(one.urgency).chain(item.stage)
            if item.step < 0:  # it came before there were chains: counted from its beginning, told of from now on
                saved.append(begun(house, item, one.urgency, zone, now))
                continue
            if item.step < len(chain):
                step = chain[item.step]
                steps.append(StepDone(new_id(), item.message_id, item.stage, item.step, step.after, step.tell, now))
                alerts += _alerts(house, offices, one, step, last, now)
                notices += _notices(offices, one, step, now)
            following = item.step + 1
            at = house.pack.due(chain[following].after, item.since, zone) if following < len(chain) else None
            saved.append(replace(item, step=following, step_at=at))
        unit.queues.save(saved)
        unit.queues.add_steps(steps)
        unit.alerts.add(distinct(alerts))
        unit.notices.add(notices)
        by_message = {one.item.message_id: one.item.organisation_id for one in watched}
        append_entries(
            unit,
            [
                (
                    EventKind.MESSAGE_ESCALATED,
                    {
                        "message": step.message_id,
                        "organisation": by_message[step.message_id],
                        "stage": step.stage,
                        "after": step.timer,
                        "told": step.told,
                    },
                )
                for step in steps
            ],
            now,
        )
    return back + len(saved)


def _alerts(
    house: House, offices: Offices, one: Watched, step: Step, last: Mapping[tuple[str, str], datetime], now: datetime
) -> list[Alert | None]:
    office = offices[one.item.organisation_id]
    plans: list[tuple[Office, tuple[Way, ...]]] = []
    if step.tell == "next":
        plans = [(office, next_ways(house, office, one.told, now))]
    elif step.tell == "duty_line":
        plans = [(office, line_ways(office))]
    elif step.tell == "responsible":
        plans = [(office, own_ways(house, office, one.item.person_id, now))]
    else:
        told = [office] if step.tell == "head" else [office, offices[one.sender_id]]
        plans = [(side, ways) for side in told for ways in head_ways(side) or ((),)]
    if house.pack.queues.row(one.urgency).at_once:
        return [urgent_alert(side, one.item.message_id, one.item.stage, one.urgency, ways, now) for side, ways in plans]
    return [digest_alert(house, side, ways, one.urgency, last, now) for side, ways in plans]


def _notices(offices: Offices, one: Watched, step: Step, now: datetime) -> list[Notice]:
    office, kind = offices[one.item.organisation_id], f"message.{one.item.stage}"
    told: list[tuple[OrganisationId, str]] = [(one.item.organisation_id, HEAD)]
    if step.tell == "heads":
        told.append((one.sender_id, HEAD))
    elif step.tell != "head":
        desk = desk_of_office(office)
        person = desk.person(desk.responsible(one.item.person_id))
        told = [(one.item.organisation_id, min(person.roles, default=HEAD) if person else HEAD)]
    return [notice(organisation, role, kind, one.item.message_id, now) for organisation, role in told]
