"""Nobody opened, nobody answered: each step of the chain once, told outside without a word of the message."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import answer_message
from gateway.use_cases.open_message import open_message
from gateway.use_cases.ports_queues import Letter, Posted
from gateway.use_cases.read_notices import read_notices
from gateway.use_cases.read_reach import read_reach
from gateway.use_cases.read_work import read_message_work
from gateway.use_cases.record_absence import record_absence
from gateway.use_cases.record_call import record_call
from gateway.use_cases.send_alerts import KINDS, alert_text, send_alerts
from gateway.use_cases.set_duty import read_to_ring
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.watch_queue import watch_queue
from policies.pack import shipped_pack
from schemas.duty import DutySchedule
from schemas.errors import BadInput, NotPermitted
from schemas.ids import MessageId, new_id
from schemas.lifecycle import Event
from tests.builders import NOW, TODAY, Town, referral, system_of
from tests.gateway.facts_world import entries
from tests.gateway.queues_world import NUMBER, Postman, alerts, item, keep, person, schedule, send
from tests.gateway.test_queues import _statements, _unavailable

MINUTE = timedelta(minutes=1)
TEXTS = {alert_text(kind, urgency, "ru") for kind in KINDS for urgency in ("emergency", "urgent", "planned")}


def run(town: Town, until: datetime, post: Postman, start: datetime = NOW) -> None:
    """The relay's rounds, every five minutes."""
    now = start
    while now <= until:
        watch_queue(town.house, now)
        send_alerts(town.house, post, now)
        now += 5 * MINUTE


def told(town: Town, *, of: str = "guardianship") -> list[tuple[str, str, str, str]]:
    return [
        (f"{(a.made_at - NOW) // MINUTE}", a.kind, a.way.contact, a.state)
        for a in alerts(town.house, getattr(town, of))
    ]


def test_an_emergency_that_nobody_opens_goes_from_one_to_the_next(town: Town) -> None:
    house, body = town.house, town.guardianship
    head = person(house, body, "head", "head")
    theirs = person(house, town.school, "headmaster", "head")
    keep(house, body)
    keep(
        house,
        town.school,
        schedule(contacts=[{"key": "boss", "name": "Директор", "email": "d@example.org"}], shifts=[]),
    )
    post = Postman()
    sent = send(town, urgency="emergency")
    run(town, NOW + 4 * 60 * MINUTE, post)
    assert told(town) == [
        ("0", "new_signal", "first", "sent"),
        ("15", "unopened", "second", "sent"),
        ("30", "unopened", "duty_line", "to_ring"),
        ("60", "unopened", "boss", "sent"),
        ("120", "unopened", "boss", "sent"),
    ]
    assert told(town, of="school") == [("120", "unopened", "boss", "sent")]
    assert [(letter.channel, letter.address) for letter in post.letters] == [
        ("sms", "+70000000001"),
        ("email", "second@example.org"),
        ("email", "boss@example.org"),
        ("email", "boss@example.org"),
        ("email", "d@example.org"),
    ]
    steps = [(step.stage, step.told) for step in read_message_work(house, head, sent, NOW).steps]
    assert steps == [("unopened", "next"), ("unopened", "duty_line"), ("unopened", "head"), ("unopened", "heads")]
    # Both sides see the steps; nobody of the other side is named.
    ours = read_message_work(house, theirs, sent, NOW)
    assert [(step.stage, step.told) for step in ours.steps] == steps
    assert (ours.item, ours.moves, ours.desk.staff) == (None, (), ())
    assert [entry["told"] for entry in entries(house, "message.escalated")] == ["next", "duty_line", "head", "heads"]
    assert all(entry["sent"] for entry in entries(house, "alert.ended"))
    assert {notice.kind for notice in read_notices(house, head)} >= {"message.unopened"}
    assert [notice.kind for notice in read_notices(house, theirs)] == ["message.unopened"]
    # Once each, however often the relay looks; and the number to ring stands until somebody rang it.
    run(town, NOW + 6 * 60 * MINUTE, post, NOW + 4 * 60 * MINUTE)
    assert len(told(town)) == 5
    (ring,) = read_to_ring(house, head)
    assert ring.way.address == NUMBER
    record_call(house, head, sent, NUMBER, NOW + 61 * MINUTE, "reached", NOW + 62 * MINUTE)
    assert read_to_ring(house, head) == []


def test_who_opens_and_answers_stops_the_chain(town: Town) -> None:
    house, body = town.house, town.guardianship
    one = person(house, body, "one", "guardianship_specialist")
    keep(house, body, schedule(contacts=[
        {"key": "first", "name": "Первый", "login": "one", "email": "one@example.org"},
        {"key": "second", "name": "Второй", "email": "second@example.org"},
        {"key": "boss", "name": "Начальник", "email": "boss@example.org"},
    ]))  # fmt: skip
    post = Postman()
    sent = send(town, urgency="emergency")
    run(town, NOW + 10 * MINUTE, post)
    opened = NOW + 12 * MINUTE
    open_message(house, one, sent, opened)
    run(town, NOW + 150 * MINUTE, post, NOW + 15 * MINUTE)
    assert [kind for _, kind, *_ in told(town)] == ["new_signal", "unanswered"]  # two hours after it was opened
    assert post.letters[-1].address == "one@example.org"
    answer_message(house, one, sent, Event.ACCEPT, NOW + 160 * MINUTE)
    run(town, NOW + 60 * 24 * MINUTE, post, NOW + 170 * MINUTE)
    assert len(post.letters) == 2


def test_an_alert_that_came_too_late_is_not_sent(town: Town) -> None:
    house, body = town.house, town.guardianship
    one = person(house, body, "one", "guardianship_specialist")
    keep(house, body)
    post = Postman()
    open_message(house, one, send(town), NOW)
    send_alerts(house, post, NOW)
    assert (told(town)[0][3], post.letters) == ("dropped", [])


def test_a_way_that_fails_gives_way_to_the_next(town: Town) -> None:
    house, body = town.house, town.guardianship
    keep(house, body)
    post = Postman(lambda letter: Posted(False, f"{letter.channel}_slow"))
    send(town)
    now = NOW
    while now < NOW + 10 * MINUTE:
        send_alerts(house, post, now)
        now += timedelta(seconds=10)
    assert [(a.way.contact, a.way.channel, a.state, a.attempts) for a in alerts(house, body)] == [
        ("first", "sms", "failed", 2),
        ("first", "email", "failed", 2),
        ("second", "email", "failed", 2),
        ("duty_line", "phone", "to_ring", 0),
    ]
    assert len({letter.id for letter in post.letters}) == 3  # a repeat has the number of the first attempt
    ended = [(entry["channel"], entry["sent"]) for entry in entries(house, "alert.ended")]
    assert ended == [("sms", False), ("email", False), ("email", False)]


def test_a_channel_that_is_off_is_left_at_once(town: Town) -> None:
    house, body = town.house, town.guardianship
    keep(house, body)
    answers = {"sms": Posted(False, "channel_off", final=True), "email": Posted(True, "mail_sent")}
    post = Postman(lambda letter: answers[letter.channel])
    send(town)
    for _ in range(2):
        send_alerts(house, post, NOW)
    assert [(a.way.channel, a.state, a.outcome) for a in alerts(house, body)] == [
        ("sms", "failed", "channel_off"),
        ("email", "sent", "mail_sent"),
    ]


def test_a_crash_between_sending_and_settling_sends_once_more(town: Town) -> None:
    house, body = town.house, town.guardianship
    keep(house, body)
    send(town)

    def crash(letter: Letter) -> Posted:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        send_alerts(house, Postman(crash), NOW)
    post = Postman()
    assert send_alerts(house, post, NOW) == 0  # claimed, nobody else sends it meanwhile
    send_alerts(house, post, NOW + 3 * MINUTE)
    assert [letter.channel for letter in post.letters] == ["sms"]


def test_what_is_not_urgent_is_merged_and_waits_for_the_morning(town: Town) -> None:
    house, body = town.house, town.guardianship
    keep(house, body)
    post = Postman()
    for number in range(5):
        send(town, urgency="planned", ref=f"K-{number}")  # 12:00 in Moscow, a Monday
    send_alerts(house, post, NOW)
    assert [(letter.channel, letter.text) for letter in post.letters] == [
        ("sms", alert_text("digest", "planned", "ru")[1])
    ]
    send(town, NOW + 10 * MINUTE, urgency="planned", ref="K-more")
    send_alerts(house, post, NOW + 10 * MINUTE)
    assert len(post.letters) == 1  # at most one in an hour
    send_alerts(house, post, NOW + 61 * MINUTE)
    assert len(post.letters) == 2
    night = NOW + timedelta(hours=12)
    send(town, night, urgency="planned", ref="K-night")
    send_alerts(house, post, night)
    assert len(post.letters) == 2
    urgent = send(town, night, ref="K-urgent")
    for number in range(3):
        send(town, night, ref=f"K-urgent-{number}")
    send_alerts(house, post, night)
    assert len(post.letters) == 6  # what is urgent is never merged
    send_alerts(house, post, NOW + timedelta(hours=21))  # nine in the morning
    assert len(post.letters) == 7
    assert item(house, urgent, body).stage == "unopened"


def test_planned_work_is_told_by_working_days(town: Town) -> None:
    house, body = town.house, town.guardianship
    head = person(house, body, "head", "head")
    friday = datetime.fromisoformat("2026-03-06T12:00:00+03:00")
    keep(house, body)
    sent = send(town, friday, urgency="planned")
    assert item(house, sent, body).due_at == datetime.fromisoformat("2026-03-11T00:00:00+03:00")  # over a long weekend
    watch_queue(house, datetime.fromisoformat("2026-03-10T23:59:00+03:00"))
    assert read_message_work(house, head, sent, friday).steps == []
    watch_queue(house, datetime.fromisoformat("2026-03-11T00:00:00+03:00"))
    (step,) = read_message_work(house, head, sent, friday).steps
    assert step.told == "responsible"


def test_the_substitute_of_who_is_on_duty_is_told(town: Town) -> None:
    house, body = town.house, town.guardianship
    one, _ = (
        person(house, body, "one", "guardianship_specialist"),
        person(house, body, "two", "guardianship_specialist"),
    )
    contacts = [{"key": k, "name": k, "login": k, "email": f"{k}@example.org"} for k in ("one", "two")]
    keep(house, body, schedule(contacts=contacts, heads=[], shifts=[
        {"since": "00:00", "until": "00:00", "on": "any", "contacts": ["one"]}
    ]))  # fmt: skip
    record_absence(house, one, "one", TODAY, TODAY, "two", NOW)
    post = Postman()
    send(town)
    send_alerts(house, post, NOW)
    assert [letter.address for letter in post.letters] == ["two@example.org"]


def test_where_nobody_can_be_told_that_is_written_down(town: Town) -> None:
    """No schedule at all: the queue and its notices are there, and the alert says that there was nobody."""
    head = person(town.house, town.guardianship, "head", "head")
    post = Postman()
    send(town, urgency="emergency")
    run(town, NOW + 150 * MINUTE, post)
    assert {state for *_, state in told(town)} == {"nobody"}
    assert post.letters == []
    assert [notice.kind for notice in read_notices(town.house, head)] == ["message.unopened"]
    send(town, urgency="planned", ref="K-2")
    assert len([a for a in alerts(town.house, town.guardianship) if a.message_id is None]) == 0


def test_a_message_that_is_held_is_told_of_when_it_comes(town: Town) -> None:
    """The alert is written in the transaction that delivers: none before."""
    house = town.house
    keep(house, town.guardianship)
    draft = referral(town.school, town.guardianship, type="signal", trigger="threat", urgency="urgent")
    submit_message(house, system_of(town.school), draft, NOW)
    assert alerts(house, town.guardianship) == []
    relay_once(house, NOW)
    assert len(alerts(house, town.guardianship)) == 1


def test_statements_of_a_round_do_not_depend_on_how_many_are_late(town: Town) -> None:
    house = town.house
    keep(house, town.guardianship)
    said = []
    for count in (2, 9):
        for number in range(count):
            send(town, NOW, ref=f"K-{count}-{number}")
        now = NOW + (20 if count == 2 else 21) * MINUTE
        said.append(_statements(house, lambda now=now: watch_queue(house, now)))
    assert len(said[0]) == len(said[1])


@pytest.mark.parametrize(
    ("at", "works", "phone"),
    [("2026-03-02T12:00", True, True), ("2026-03-02T19:00", False, True), ("2026-03-08T12:00", False, True)],
)
def test_the_sender_sees_at_once_whether_anybody_works(town: Town, at: str, works: bool, phone: bool) -> None:
    now = datetime.fromisoformat(f"{at}:00+03:00")
    unknown = read_reach(town.house, town.guardianship.id, "urgent", now)
    assert (unknown.works, unknown.opens_at, unknown.phone) == (None, None, None)
    keep(town.house, town.guardianship)
    reach = read_reach(town.house, town.guardianship.id, "urgent", now)
    assert (reach.works, reach.kind, reach.at_once) == (works, "guardianship", True)
    assert (reach.opens_at is not None) is (not works)
    assert bool(reach.phone) is phone


def test_a_call_is_a_part_of_the_course_of_the_message(town: Town) -> None:
    house = town.house
    keep(house, town.guardianship)
    ours, theirs = person(house, town.school, "ours", "curator"), person(house, town.guardianship, "theirs", "head")
    overseer, stranger = person(house, town.school, "dpo", "dpo"), person(house, town.stranger, "str", "head")
    sent = send(town)
    record_call(house, ours, sent, "112", NOW, "no_answer", NOW + MINUTE)
    record_call(house, theirs, sent, NUMBER, NOW + MINUTE, "reached", NOW + MINUTE)
    for who in (ours, theirs):
        calls = read_message_work(house, who, sent, NOW).calls
        assert [(call.line, call.result) for call in calls] == [("112", "no_answer"), (NUMBER, "reached")]
    assert [entry["line"] for entry in entries(house, "call.recorded")] == ["112", NUMBER]
    for line, at, result, code in (
        ("мать ребёнка", NOW, "reached", "call_line_unknown"),
        ("", NOW, "reached", "call_line_unknown"),
        ("112", NOW, "мать плакала", "call_result_unknown"),
        ("112", NOW + timedelta(hours=1), "reached", "call_time"),
        ("112", NOW - timedelta(days=1), "reached", "call_time"),
    ):
        with pytest.raises(BadInput, match=code):
            record_call(house, ours, sent, line, at, result, NOW)
    with pytest.raises(NotPermitted, match="not_for_overseers"):
        record_call(house, overseer, sent, "112", NOW, "reached", NOW)
    said = [
        _statements(house, partial(_unavailable, lambda m: record_call(house, stranger, m, "112", NOW, "busy", NOW), m))
        for m in (sent, MessageId(new_id()))
    ]
    assert said[0] == said[1]


@given(st.sampled_from(KINDS), st.sampled_from(["emergency", "urgent", "planned"]), st.sampled_from(["ru", "en"]))
def test_the_text_of_an_alert_is_one_of_a_few(kind: str, urgency: str, language: str) -> None:
    """It takes nothing but a kind, an urgency and a language: there is nothing of a message that could stand in it."""
    subject, said = alert_text(kind, urgency, language)  # type: ignore[arg-type]
    assert len(said) <= 70  # one SMS in Cyrillic letters
    assert not any(character.isdigit() for character in subject + said)
    assert "/" not in said


def test_what_is_sent_holds_nothing_of_the_message(town: Town) -> None:
    house = town.house
    keep(house, town.guardianship)
    post = Postman()
    for number, urgency in enumerate(("emergency", "urgent", "planned")):
        send(
            town,
            urgency=urgency,
            ref=f"Чибис-{number}",
            statement="Чибис",
            requested_action="Чибис",
            reg_number="Чибис 17",
        )
    run(town, NOW + timedelta(days=1), post)
    assert len(post.letters) > 6
    assert {(letter.subject, letter.text) for letter in post.letters} <= TEXTS
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        rows = connection.exec_driver_sql("SELECT * FROM alerts").fetchall()
    assert all("Чибис" not in str(row) for row in rows)


@pytest.mark.parametrize("name", ["ru", "gdpr"])
def test_every_urgency_has_its_terms_and_a_chain_in_the_order_of_time(name: str) -> None:
    pack = shipped_pack(name)
    order = ["minute", "hour", "day", "working_day"]
    for row in pack.queues.urgencies.values():
        for chain, event in ((row.unopened, "delivered"), (row.unanswered, "opened")):
            terms = [pack.tables.timers[step.after] for step in chain]
            assert all(term.from_event == event for term in terms)
            times = [(order.index(term.unit), term.amount) for term in terms]
            assert times == sorted(set(times))
            assert chain[-1].tell == "heads"
    assert pack.queues.row("emergency").unopened[0].after == pack.queues.row("urgent").open
    first = pack.tables.timers[pack.queues.row("urgent").open]
    assert (first.amount, first.unit) == (15, "minute")


def test_an_empty_schedule_is_a_schedule() -> None:
    assert DutySchedule.model_validate({}) == DutySchedule()
