"""Send what people are told outside. A way that fails gives way to the next; the last is a number that somebody rings.

The text is one of a few, by kind and urgency: no name, no case, no number, no link to anything (law 8). What is sent is
claimed before and settled after, each in its own transaction: a crash between them sends once more, never not at all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from gateway.evidence.events import EventKind
from gateway.use_cases.alert_people import state_of
from gateway.use_cases.append_entry import append_entries
from gateway.use_cases.house import House
from gateway.use_cases.ports_queues import Letter, Post, Posted
from gateway.use_cases.queue_values import DROPPED, FAILED, SENT, UNANSWERED, UNOPENED, Alert
from schemas.catalogue import Language, text
from schemas.ids import new_id

BATCH = 20
CLAIM = timedelta(minutes=2)
"""For how long nobody else sends what was claimed; longer than the longest attempt."""
RETRY = timedelta(seconds=20)
URGENT_ATTEMPTS = 2
ATTEMPTS = 5
NEEDED = {
    "new_signal": frozenset({UNOPENED}),
    "new_message": frozenset({UNOPENED}),
    UNOPENED: frozenset({UNOPENED}),
    UNANSWERED: frozenset({UNANSWERED}),
}
"""At which stage of its message an alert of a kind still has something to say."""
KINDS = (*NEEDED, "digest")


def alert_text(kind: str, urgency: str, language: Language) -> tuple[str, str]:
    """Subject and text: of a fixed list, whatever the message."""
    said = text(f"alert_text.{kind}" if kind == "digest" else f"alert_text.{kind}_{urgency}", language)
    return text("alert_text.subject", language), said


def send_alerts(house: House, post: Post, now: datetime) -> int:
    """How many were sent or settled in this round."""
    with house.store.reading() as unit:
        if not unit.alerts.is_due(now):
            return 0
    with house.store.writing() as unit:
        due = unit.alerts.due(now, BATCH)
        idle = [alert for alert, stage in due if stage is not None and stage not in NEEDED.get(alert.kind, {stage})]
        claimed = [
            replace(alert, attempts=alert.attempts + 1, available_at=now + CLAIM)
            for alert, _ in due
            if alert not in idle
        ]
        unit.alerts.save([*claimed, *(replace(alert, state=DROPPED, ended_at=now) for alert in idle)])
    posted = post.send([_letter(alert) for alert in claimed])
    settled, following = [], []
    for alert, outcome in zip(claimed, posted, strict=True):
        done = _settled(alert, outcome, now)
        settled.append(done)
        if done.state == FAILED and alert.rest:
            following.append(_next(alert, now))
    with house.store.writing() as unit:
        unit.alerts.save(settled)
        unit.alerts.add(following)
        append_entries(
            unit,
            [
                (
                    EventKind.ALERT_ENDED,
                    {
                        "alert": alert.id,
                        "organisation": alert.organisation_id,
                        "message": alert.message_id or "none",
                        "channel": alert.way.channel,
                        "outcome": alert.outcome or alert.state,
                        "sent": alert.state == SENT,
                    },
                )
                for alert in settled
                if alert.state in {SENT, FAILED} and alert.urgent
            ],
            now,
        )
    return len(due)


def _letter(alert: Alert) -> Letter:
    language: Language = "en" if alert.language == "en" else "ru"
    subject, said = alert_text(alert.kind, alert.urgency, language)
    return Letter(alert.id, alert.way.channel, alert.way.address, subject, said)


def _settled(alert: Alert, posted: Posted, now: datetime) -> Alert:
    if posted.sent:
        return replace(alert, state=SENT, ended_at=now, outcome=posted.outcome)
    if posted.final or alert.attempts >= (URGENT_ATTEMPTS if alert.urgent else ATTEMPTS):
        return replace(alert, state=FAILED, ended_at=now, outcome=posted.outcome)
    wait = RETRY if alert.urgent else RETRY * 2**alert.attempts
    return replace(alert, available_at=now + wait, outcome=posted.outcome)


def _next(alert: Alert, now: datetime) -> Alert:
    """The same alert by the next way, at once."""
    way, *rest = alert.rest
    return replace(
        alert,
        id=new_id(),
        way=way,
        rest=tuple(rest),
        state=state_of(way),
        attempts=0,
        available_at=now,
        made_at=now,
        ended_at=None,
        outcome=None,
    )
