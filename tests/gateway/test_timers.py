"""Terms that run: what a sent message obliges its two sides to, what a withdrawal starts, and who hears of a breach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gateway.evidence.entry import commitment
from gateway.exchange.relay import relay_once
from gateway.use_cases.escalate import escalate
from gateway.use_cases.house import House
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_notices import read_notices
from gateway.use_cases.read_queue import read_queue
from gateway.use_cases.read_timers import close_timer, read_timers
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Organisation
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.errors import Conflict, NotPermitted, Unavailable
from schemas.ids import MessageId, new_id
from schemas.messages import MessageDraft
from tests.builders import NOW, PACK, Town, consent, organisation, publish, record, referral, system_of
from tests.builders import town as make_town
from tests.gateway.facts_world import entries, rows, staff
from tests.gateway.holds_world import Office, ask

LATER = NOW + timedelta(minutes=7)


def _table(name: str) -> Any:
    from gateway.storage import tables

    return getattr(tables, name)


@dataclass(frozen=True)
class Duty:
    """A signal, and the terms that it starts: for which side, from when, and by when it is to be done."""

    sender: str
    recipient: str
    trigger: str
    terms: frozenset[tuple[str, str, str]]  # timer, side, starts


SENT, D17 = ("now", "delivered"), ("D-17", "sender", "now")
DUTIES = {
    "a school about a threat": Duty(
        "school", "guardianship", "threat", frozenset({D17, ("D-18", "recipient", "delivered")})
    ),
    "a school about a child without care": Duty(
        "school",
        "guardianship",
        "no_care",
        frozenset({D17, ("D-18", "recipient", "delivered"), ("D-19", "sender", "now")}),
    ),
    "an NGO about a child without care": Duty(
        "ngo", "guardianship", "no_care", frozenset({D17, ("D-18", "recipient", "delivered")})
    ),
    "an NGO about a crime": Duty(
        "ngo",
        "police_juvenile",
        "abuse",
        frozenset({D17, ("P-01", "sender", "now"), ("P-01", "recipient", "delivered")}),
    ),
    "a school about neglect": Duty("school", "social_protection", "neglect_sop", frozenset({D17})),
}


def _sides(house: House, duty: Duty) -> tuple[Organisation, Organisation]:
    return organisation(house, duty.sender, "Отправитель (тест)"), organisation(house, duty.recipient, "Получатель")


def _signal(house: House, sender: Organisation, recipient: Organisation, trigger: str) -> MessageId:
    draft = referral(sender, recipient, type="signal", trigger=trigger, statute="120-ФЗ ст. 9 п. 2")
    return submit_message(house, system_of(sender), draft, NOW).message.id


@pytest.mark.parametrize("name", DUTIES)
def test_a_signal_starts_the_terms_of_both_its_sides(house: House, name: str) -> None:
    duty = DUTIES[name]
    sender, recipient = _sides(house, duty)
    sides = {"sender": sender, "recipient": recipient}
    message = _signal(house, sender, recipient, duty.trigger)
    found = rows(house, _table("timers"))
    assert {(t.timer, t.organisation_id, t.starts) for t in found} == {
        (timer, sides[side].id, starts) for timer, side, starts in duty.terms
    }
    assert {(t.about_kind, t.about) for t in found} == {("message", message)}
    for timer in found:
        due = PACK.due(timer.timer, NOW, "Europe/Moscow") if timer.starts == "now" else None
        assert (timer.started_at, timer.due_at) == ((NOW, due) if due else (None, None))
    assert read_timers(house, system_of(recipient), NOW) == [], "nobody hears of a message that has not come"
    relay_once(house, LATER)
    after = {(t.timer, t.organisation_id): t for t in rows(house, _table("timers"))}
    assert after["D-17", sender.id].done_at == LATER, "it lies in the queue of whom it was owed to"
    for timer, side, starts in duty.terms:
        row = after[timer, sides[side].id]
        assert row.due_at == PACK.due(timer, LATER if starts == "delivered" else NOW, "Europe/Moscow")
    shown = {s.timer.timer for side in sides.values() for s in read_timers(house, system_of(side), LATER)}
    assert shown == {timer for timer, _, _ in duty.terms} - {"D-17"}


def test_the_terms_are_those_of_the_law(house: House) -> None:
    """D-17 an hour, D-18 three working days, D-19 seven days, P-01 a day: from a Friday before a holiday."""
    friday = datetime(2026, 3, 6, 9, tzinfo=UTC)
    assert [PACK.due(timer, friday, "Europe/Moscow") for timer in ("D-17", "D-18", "D-19", "P-01")] == [
        friday + timedelta(hours=1),
        datetime(2026, 3, 12, 21, tzinfo=UTC),
        datetime(2026, 3, 13, 21, tzinfo=UTC),
        friday + timedelta(hours=24),
    ]


def test_a_message_sent_twice_and_delivered_twice_starts_each_term_once(house: House) -> None:
    sender, recipient = _sides(house, DUTIES["a school about a threat"])
    draft = referral(sender, recipient, type="signal", trigger="threat")
    for _ in range(3):
        submit_message(house, system_of(sender), draft, NOW)
    for moment in (LATER, LATER + timedelta(hours=1)):
        relay_once(house, moment)
    found = [(t.timer, t.due_at) for t in rows(house, _table("timers"))]
    assert len(found) == 2
    assert ("D-18", PACK.due("D-18", LATER, "Europe/Moscow")) in found


def test_a_referral_obliges_to_no_term_and_neither_does_what_does_not_go_out(town: Town) -> None:
    """One child's consent is in force, the other's withdrawn: the message goes with the first, and obliges to nothing."""
    signers = [{"who": "mother", "verified": True}]
    for ref in ("K-1", "K-2"):
        given = consent(town, town.ngo, ref=ref, purpose="REFERRAL", discloser=town.centre, signers=signers)
    withdraw_consent(town.house, system_of(town.centre), given, NOW)
    second = {"kind": "child", "ref": "K-2", "identity": {"full_name": "Второй", "birth_date": "2017-01-15"}}
    first = referral(town.centre, town.ngo).persons[0].model_dump(mode="json", exclude_defaults=True)
    draft: MessageDraft = referral(town.centre, town.ngo, persons=[first, second])
    submit_message(town.house, system_of(town.centre), draft, NOW)
    # But for the one of all that rests on a consent: by when somebody takes it on.
    assert [row.timer for row in rows(town.house, _table("timers"))] == [PACK.responsible.unaccepted]


def test_a_withdrawal_starts_the_term_that_the_recall_names(town: Town) -> None:
    published = publish(town)
    given = consent(town, town.guardianship)
    head = staff(town.house, town.ngo, "head")
    office = Office(town, published.case_id, *published.subjects, head, head, head)
    ask(office)
    ask(office)
    withdraw_consent(town.house, system_of(town.ngo), given, NOW)
    (shown,) = read_timers(town.house, system_of(town.guardianship), NOW)
    due = PACK.due("D-10", NOW, "Europe/Moscow")
    assert (shown.timer.timer, shown.timer.due_at, shown.breached) == ("D-10", due, False)
    assert shown.title == PACK.timer_title("D-10")
    relay_once(town.house, NOW)
    (recall,) = read_queue(town.house, system_of(town.guardianship), NOW)
    assert (recall.id, recall.notes["erase_by"]) == (shown.timer.about, "2026-04-01")
    assert date.fromisoformat(recall.notes["erase_by"]) == (due + timedelta(hours=3)).date() - timedelta(days=1)


def test_of_a_disclosure_by_duty_a_withdrawal_recalls_nothing(town: Town) -> None:
    """What was shown rests on the norm, whatever consent is on file: there is nothing to take back."""
    published = publish(town)
    given = consent(town, town.guardianship)
    child = published.subjects[0]
    record(town.house, child, "ooip_is_rep", town.guardianship, participants=(town.guardianship.id,))
    head = staff(town.house, town.ngo, "head")
    office = Office(town, published.case_id, *published.subjects, head, head, head)
    answer = ask(office, "GUARDIANSHIP", ["ID"])
    section = answer.cases[0].subjects[0].sections["ID"]  # type: ignore[index]
    assert section.content is not None
    assert (section.basis.evidence_digest, section.basis.given_on) == (None, None)  # type: ignore[union-attr]
    assert section.retain_until == date(2027, 3, 1), "the holder's own date, not the end of the consent"
    assert withdraw_consent(town.house, system_of(town.ngo), given, NOW).recalled == ()


def test_a_breach_is_an_entry_and_a_notice_once(house: House) -> None:
    sender, recipient = _sides(house, DUTIES["a school about a threat"])
    head, others = staff(house, sender, "head"), staff(house, recipient, "head")
    message = _signal(house, sender, recipient, "threat")
    due = NOW + timedelta(hours=1)
    assert escalate(house, due - timedelta(microseconds=1)) == 0
    assert escalate(house, due) == 1
    assert escalate(house, due + timedelta(days=1)) == 0
    (entry,) = entries(house, "timer.breached")
    assert entry == {
        "organisation": sender.id,
        "timer": "D-17",
        "about": {"message": message},
        "due_at": due.isoformat(),
    }
    (notice,) = read_notices(house, head)
    (row,) = [t for t in rows(house, _table("timers")) if t.timer == "D-17"]
    assert (notice.kind, notice.about, row.breached_at) == ("timer.breached", row.id, due)
    assert read_notices(house, others) == []
    assert [shown.breached for shown in read_timers(house, head, due)] == [True]
    relay_once(house, due)
    assert read_timers(house, head, due) == []


def test_a_term_is_closed_by_its_own_side_once(house: House) -> None:
    sender, recipient = _sides(house, DUTIES["a school about a threat"])
    _signal(house, sender, recipient, "threat")
    relay_once(house, LATER)
    worker = staff(house, recipient, "guardianship_specialist")
    (shown,) = read_timers(house, worker, LATER)
    for who in (staff(house, sender, "head"), staff(house, organisation(house, "kdn", "КДН"), "head")):
        for timer_id in (shown.timer.id, new_id(), "не номер"):
            with pytest.raises(Unavailable, match="timer_unavailable"):
                close_timer(house, who, timer_id, LATER)
    with pytest.raises(NotPermitted, match="not_for_overseers"):
        close_timer(house, staff(house, recipient, "administrator"), shown.timer.id, LATER)
    close_timer(house, worker, shown.timer.id, LATER)
    with pytest.raises(Conflict, match="timer_closed"):
        close_timer(house, worker, shown.timer.id, LATER)
    assert entries(house, "timer.closed") == [
        {
            "organisation": recipient.id,
            "actor": worker.actor,
            "timer": "D-18",
            "about": {"message": shown.timer.about},
            "late": False,
        }
    ]
    assert escalate(house, LATER + timedelta(days=30)) == 0


def test_a_crime_report_is_reviewed_by_the_officer_of_each_side(house: House) -> None:
    sender, recipient = _sides(house, DUTIES["an NGO about a crime"])
    people = {
        (place.id, role): staff(house, place, role)
        for place in (sender, recipient)
        for role in ("head", "dpo", "curator")
    }
    _signal(house, sender, recipient, "abuse")
    relay_once(house, NOW)
    for place in (sender, recipient):
        (shown,) = read_timers(house, people[place.id, "dpo"], NOW)
        assert shown.timer.timer == "P-01"
        for who in (system_of(place), people[place.id, "curator"], people[place.id, "head"]):
            with pytest.raises(NotPermitted, match="review_not_yours"):
                close_timer(house, who, shown.timer.id, NOW)
        close_timer(house, people[place.id, "dpo"], shown.timer.id, NOW)
        assert read_timers(house, people[place.id, "dpo"], NOW) == []
    assert len(entries(house, "timer.closed")) == 2


KEPT = {
    "the end of the consent": ("2026-09-30", date(2026, 9, 30)),
    "the holder's date, where it comes first": ("2027-09-30", date(2027, 3, 1)),
    "the holder's date, where the consent has no end": (None, date(2027, 3, 1)),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_shown_is_kept_until_the_earliest_of_its_dates(town: Town, name: str) -> None:
    valid_to, until = KEPT[name]
    published = publish(town)
    consent(town, town.guardianship, valid_to=valid_to)
    head = staff(town.house, town.ngo, "head")
    office = Office(town, published.case_id, *published.subjects, head, head, head)
    sections = ask(office, categories=["ID", "HLT"]).cases[0].subjects[0].sections
    assert [sections[c].retain_until for c in ("ID", "HLT")] == [until, until]  # type: ignore[index]
    refused = ask(office, categories=["ADP"]).cases[0].subjects[0].sections["ADP"]  # type: ignore[index]
    assert (refused.retain_until, refused.basis, refused.obligations) == (None, None, ())


def test_a_message_on_a_consent_without_end_is_kept_no_longer_than_any_consent(town: Town) -> None:
    signers = [{"who": "mother", "verified": True}]
    given = {"purpose": "REFERRAL", "discloser": town.centre, "signers": signers, "valid_to": None}
    consent(town, town.ngo, **given)
    sent = submit_message(town.house, system_of(town.centre), referral(town.centre, town.ngo), NOW)
    relay_once(town.house, NOW)
    (child,) = open_message(town.house, system_of(town.ngo), sent.message.id, NOW).content.subjects
    assert child.sections["ID"].retain_until == PACK.longest_consent(date(2026, 1, 10)) == date(2029, 1, 10)  # type: ignore[index]


def test_the_answer_and_the_entry_carry_obligations_basis_and_the_date_of_retention(house: House) -> None:
    made = make_town(house)
    published = publish(made)
    consent(made, made.guardianship, valid_to="2026-09-30")
    head = staff(house, made.ngo, "head")
    office = Office(made, published.case_id, *published.subjects, head, head, head)
    section = ask(office, categories=["ID", "HLT"]).cases[0].subjects[0].sections["HLT"]  # type: ignore[index]
    assert (section.retain_until, section.basis.valid_to) == (date(2026, 9, 30), date(2026, 9, 30))  # type: ignore[union-attr]
    assert section.basis.evidence_digest == "a" * 64  # type: ignore[union-attr]
    told = {"RETENTION", "NO_ONWARD", "ACCURACY", "ATTACH_PROOF", "EXEMPT_18_4", "CONF_MED", "LOG"}
    assert set(section.obligations) == told
    (entry,) = entries(house, "exchange.decided")
    (subject,) = entry["items"][0]["subjects"]
    assert (subject["retain_until"], set(subject["obligations"])) == ("2026-09-30", told)
    assert subject["reasons"] == {"EXEMPT_18_4": ["known_to_subject"]}
    (row,) = [row for row in rows(house, _table("disclosures")) if row.subject_id == office.child]
    assert subject["basis"] == commitment(row.salt, "a" * 64)
    assert (row.retain_until, set(row.obligations)) == (date(2026, 9, 30), told)
    worker = staff(house, made.guardianship, "curator")
    assert read_timers(house, worker, NOW) == []
