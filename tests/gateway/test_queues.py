"""Messages go from hand to hand inside an organisation, and nobody else learns of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import event

from gateway.storage.migrate import migrate, revisions
from gateway.use_cases.answer_message import answer_message
from gateway.use_cases.hand_message import assign_message, hand_over, return_to_queue, take_message
from gateway.use_cases.house import House
from gateway.use_cases.open_message import open_message
from gateway.use_cases.queue_values import DONE, UNANSWERED, UNOPENED
from gateway.use_cases.read_note import read_note
from gateway.use_cases.read_work import VIEWS, read_message_work, read_view
from gateway.use_cases.record_absence import end_absence, read_absences, record_absence
from gateway.use_cases.values import Requester
from gateway.use_cases.watch_queue import watch_queue
from schemas.errors import BadInput, Conflict, MezhvedError, NotPermitted, Unavailable
from schemas.ids import MessageId, new_id
from schemas.lifecycle import Event
from tests.builders import NOW, TODAY, Town, system_of
from tests.gateway.facts_world import entries
from tests.gateway.queues_world import item, keep, person, send

NOTE = "Чибис: мать просит звонить после шести"


def assigned(house: House, message_id: MessageId, organisation: object) -> set[str]:
    found = item(house, message_id, organisation)  # type: ignore[arg-type]
    with house.store.reading() as unit:
        return set(unit.recorded_facts.assigned(found.case_id, found.organisation_id))


def test_a_message_is_taken_assigned_handed_over_and_put_back(town: Town) -> None:
    """Each step moves the responsibility and the case, and leaves a move and an entry."""
    house, body = town.house, town.guardianship
    head = person(house, body, "head", "head")
    one = person(house, body, "one", "guardianship_specialist")
    two = person(house, body, "two", "guardianship_specialist")
    sent = send(town)
    assert item(house, sent, body).person_id is None
    take_message(house, one, sent, NOW)
    assert (item(house, sent, body).person_id, assigned(house, sent, body)) == (one.person_id, {one.person_id})
    with pytest.raises(Conflict, match="message_taken") as refused:
        take_message(house, two, sent, NOW)
    assert refused.value.params == {"by": "Имя one"}
    hand_over(house, one, sent, "two", "shift", NOW, NOTE)
    assert (item(house, sent, body).person_id, assigned(house, sent, body)) == (two.person_id, {two.person_id})
    with pytest.raises(NotPermitted, match="queue_not_yours"):
        return_to_queue(house, one, sent, "workload", NOW)
    return_to_queue(house, two, sent, "workload", NOW)
    assert (item(house, sent, body).person_id, assigned(house, sent, body)) == (None, set())
    assign_message(house, head, sent, "one", NOW)
    assert item(house, sent, body).person_id == one.person_id
    work = read_message_work(house, head, sent, NOW)
    assert [move.kind for move in work.moves] == ["taken", "handed_over", "returned", "assigned"]
    said = [entry["change"] for entry in entries(house, "message.assigned")]
    assert said == ["taken", "handed_over", "returned", "assigned"]
    note = work.moves[1]
    assert note.sealed_note is not None
    assert "Чибис".encode() not in note.sealed_note
    assert read_note(house, one, sent, note.id, NOW) == NOTE
    with pytest.raises(NotPermitted, match="not_assigned"):
        read_note(house, two, sent, note.id, NOW)
    assert all(NOTE not in str(row) for table in ("message.assigned", "fact.recorded") for row in entries(house, table))


def test_who_may_do_what(town: Town) -> None:
    house, body = town.house, town.guardianship
    people = {
        role: person(house, body, role, role)
        for role in ("head", "coordinator", "guardianship_specialist", "lawyer", "dpo", "administrator")
    }
    system = system_of(body)
    deeds: dict[str, Callable[[Requester, MessageId], object]] = {
        "take": lambda who, sent: take_message(house, who, sent, NOW),
        "assign": lambda who, sent: assign_message(house, who, sent, "lawyer", NOW),
        "return": lambda who, sent: return_to_queue(house, who, sent, "workload", NOW),
        "hand": lambda who, sent: hand_over(house, who, sent, "coordinator", "workload", NOW),
    }
    expected = {
        "head": {"take", "assign", "return", "hand"},
        "coordinator": {"take", "assign", "return", "hand"},
        "guardianship_specialist": {"take"},
        "lawyer": {"take"},
        "dpo": set(),
        "administrator": set(),
    }
    for role, who in (*people.items(), ("system", system)):
        done = set()
        for name, deed in deeds.items():
            sent = send(town, ref=f"K-{role}-{name}")
            if name in {"return", "hand"}:
                holder = "guardianship_specialist" if role == "lawyer" else "lawyer"  # somebody else
                assign_message(house, people["head"], sent, holder, NOW)
            try:
                deed(who, sent)
            except (NotPermitted, BadInput):
                continue
            done.add(name)
        assert done == ({"assign", "return", "hand"} if role == "system" else expected[role]), role
    for wrong in ("dpo", "administrator", "nobody.here"):  # overseers see no content
        with pytest.raises(BadInput, match="person_unknown"):
            assign_message(house, people["head"], send(town, ref=f"K-to-{wrong}"), wrong, NOW)


def test_a_message_of_others_is_like_an_invented_one(town: Town) -> None:
    """Same error, same statements."""
    house = town.house
    keep(house, town.guardianship)
    sent = send(town)
    stranger = person(house, town.stranger, "stranger", "head")
    deeds: list[Callable[[MessageId], object]] = [
        lambda m: take_message(house, stranger, m, NOW),
        lambda m: assign_message(house, stranger, m, "stranger", NOW),
        lambda m: hand_over(house, stranger, m, "stranger", "area", NOW),
        lambda m: return_to_queue(house, stranger, m, "area", NOW),
        lambda m: read_message_work(house, stranger, m, NOW),
        lambda m: read_note(house, stranger, m, new_id(), NOW),
    ]
    for deed in deeds:
        said = [_statements(house, partial(_unavailable, deed, m)) for m in (sent, MessageId(new_id()))]
        assert said[0] == said[1]
    for view in VIEWS:
        found = read_view(house, stranger, view, NOW)
        assert (list(found.rows), found.tabs.all, found.tabs.free, found.tabs.overdue) == ([], 0, 0, 0)
        # A message of others begins nothing.
        assert list(read_view(house, stranger, view, NOW, after=sent).rows) == []


def _unavailable(deed: Callable[[MessageId], object], message_id: MessageId) -> None:
    with pytest.raises(Unavailable, match="message_unavailable"):
        deed(message_id)


def _statements(house: House, deed: Callable[[], object]) -> list[str]:
    said: list[str] = []

    def listen(_c: object, _u: object, text: str, *_: object) -> None:
        said.append(text)

    engine = house.store.engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", listen)
    try:
        deed()
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return [text for text in said if not text.startswith("BEGIN")]


def test_opening_takes_and_an_answer_settles(town: Town) -> None:
    house, body = town.house, town.guardianship
    one = person(house, body, "one", "guardianship_specialist")
    two = person(house, body, "two", "guardianship_specialist")
    sent = send(town)
    assert item(house, sent, body).stage == UNOPENED
    open_message(house, one, sent, NOW)
    opened = item(house, sent, body)
    assert (opened.stage, opened.person_id) == (UNANSWERED, one.person_id)
    again = send(town, now=NOW + timedelta(minutes=1))  # who works on the case alone gets what comes next of it
    assert item(house, again, body).person_id == one.person_id
    with pytest.raises(NotPermitted, match="not_assigned"):
        answer_message(house, two, sent, Event.ACCEPT, NOW)
    answer_message(house, one, sent, Event.ACCEPT, NOW)
    assert (item(house, sent, body).stage, item(house, sent, body).step_at) == (DONE, None)
    with pytest.raises(Conflict, match="message_done"):
        take_message(house, two, sent, NOW)
    assert [row.message.id for row in read_view(house, one, DONE, NOW).rows] == [sent]


def test_of_two_who_take_at_once_one_has_it(town: Town) -> None:
    house, body = town.house, town.guardianship
    people = [person(house, body, f"p{n}", "guardianship_specialist") for n in range(4)]
    sent = send(town)
    start, won, lost = threading.Barrier(len(people)), [], []

    def take(who: Requester) -> None:
        start.wait()
        try:
            take_message(house, who, sent, NOW)
            won.append(who.person_id)
        except MezhvedError as error:
            lost.append((error.code, error.params.get("by")))

    threads = [threading.Thread(target=take, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert item(house, sent, body).person_id == won[0]
    (winner,) = {by for code, by in lost if code == "message_taken"}
    assert len(lost) == 3
    with house.store.reading() as unit:
        assert unit.participants.person(won[0]).display_name == winner  # type: ignore[union-attr]


def test_a_substitute_does_the_work_until_the_other_is_back(town: Town) -> None:
    house, body = town.house, town.guardianship
    head = person(house, body, "head", "head")
    away = person(house, body, "away", "guardianship_specialist")
    other = person(house, body, "other", "guardianship_specialist")
    stranger = person(house, town.school, "elsewhere", "head")
    sent = send(town)
    open_message(house, away, sent, NOW)
    with pytest.raises(Unavailable, match="message_unavailable"):
        open_message(house, stranger, sent, NOW)
    absence = record_absence(house, away, "away", TODAY, TODAY + timedelta(days=2), "other", NOW)
    view = read_view(house, other, "mine", NOW)
    assert [row.message.id for row in view.rows] == [sent]
    assert read_view(house, away, "mine", NOW).tabs.mine == 0
    assert view.desk.responsible(away.person_id) == other.person_id
    assert open_message(house, other, sent, NOW).content.subjects[0].sections  # stands in for the case too
    assert assigned(house, sent, body) == {away.person_id, other.person_id}
    fresh = send(town, ref="K-new")
    assign_message(house, head, fresh, "away", NOW)  # new work passes as well
    assert {row.message.id for row in read_view(house, other, "mine", NOW).rows} == {sent, fresh}
    with pytest.raises(Conflict, match="absence_overlaps"):
        record_absence(house, head, "away", TODAY, TODAY, None, NOW)
    for bad in ("away", "nobody"):
        with pytest.raises(BadInput, match="substitute_unknown"):
            record_absence(house, head, "away", date(2026, 5, 1), date(2026, 5, 2), bad, NOW)
    with pytest.raises(NotPermitted, match="queue_not_yours"):
        record_absence(house, other, "head", TODAY, TODAY, None, NOW)
    with pytest.raises(Unavailable, match="absence_unavailable"):
        end_absence(house, stranger, absence.id, NOW)
    later = NOW + timedelta(days=4)
    watch_queue(house, later)
    assert {row.message.id for row in read_view(house, away, "mine", later).rows} == {sent, fresh}
    assert read_view(house, other, "mine", later).tabs.mine == 0
    assert assigned(house, sent, body) == {away.person_id}
    assert read_absences(house, away, later)[0] == []


def test_without_a_substitute_it_lies_on_the_heads_list(town: Town) -> None:
    house, body = town.house, town.guardianship
    head = person(house, body, "head", "head")
    away = person(house, body, "away", "guardianship_specialist")
    other = person(house, body, "other", "guardianship_specialist")
    sent = send(town)
    take_message(house, away, sent, NOW)
    absence = record_absence(house, head, "away", TODAY, TODAY, None, NOW)
    assert [row.message.id for row in read_view(house, head, "mine", NOW).rows] == [sent]
    assert read_view(house, other, "mine", NOW).tabs.mine == 0
    with pytest.raises(Conflict, match="message_taken"):
        take_message(house, other, sent, NOW)
    end_absence(house, away, absence.id, NOW + timedelta(hours=1))
    assert read_view(house, away, "mine", NOW + timedelta(hours=1)).tabs.mine == 1
    # A substitute of the head does what the head does in the queue; a circle of substitutes ends on the head's list.
    record_absence(house, head, "head", TODAY + timedelta(days=1), TODAY + timedelta(days=1), "other", NOW)
    tomorrow = NOW + timedelta(days=1)
    assign_message(house, other, sent, "other", tomorrow)
    record_absence(house, other, "other", TODAY + timedelta(days=1), TODAY + timedelta(days=1), "head", tomorrow)
    assert read_view(house, head, "mine", tomorrow).desk.responsible(other.person_id) is None


def test_views_are_by_urgency_and_term_in_pages_that_neither_repeat_nor_miss(town: Town) -> None:
    house, body = town.house, town.guardianship
    one = person(house, body, "one", "head")
    sent = {}
    for number, urgency in enumerate(("planned", "emergency", "urgent", "planned", "urgent", "emergency", "planned")):
        sent[send(town, NOW + timedelta(minutes=number), urgency=urgency, ref=f"K-{number}")] = urgency
    late = NOW + timedelta(hours=1)
    for view, expected in (("all", 7), ("free", 7), ("overdue", 4), ("mine", 0)):
        seen: list[MessageId] = []
        after = None
        while True:
            found = read_view(house, one, view, late, after, 2)
            seen += [row.message.id for row in found.rows]
            if len(found.rows) < 2:
                break
            after = found.rows[-1].message.id
        assert len(seen) == len(set(seen)) == expected, view
        ranks = [("emergency", "urgent", "planned").index(sent[message]) for message in seen]
        assert ranks == sorted(ranks), view
    tabs = read_view(house, one, "all", late).tabs
    assert (tabs.mine, tabs.free, tabs.all, tabs.overdue) == (0, 7, 7, 4)
    for bad in ({"view": "everything"}, {"view": "all", "limit": 0}):
        with pytest.raises(BadInput):
            read_view(house, one, now=late, **bad)  # type: ignore[arg-type]


def test_a_page_is_three_statements_whatever_is_in_it(town: Town) -> None:
    house, body = town.house, town.guardianship
    one = person(house, body, "one", "head")
    for number in range(3):
        send(town, ref=f"K-{number}")
    for view in VIEWS:
        said = _statements(house, lambda view=view: read_view(house, one, view, NOW))
        assert len(said) == 3, said


def test_what_came_before_there_were_queues_stands_in_them(town: Town) -> None:
    """The migration puts it there with who opened it; its terms are counted in the next round, and nothing is told twice."""
    house, body = town.house, town.guardianship
    one = person(house, body, "one", "guardianship_specialist")
    opened, unopened = send(town), send(town, ref="K-2", urgency="planned")
    open_message(house, one, opened, NOW)
    engine = house.store.engine  # type: ignore[attr-defined]
    migrate(engine, "data", f"-{int(revisions(engine, 'data')[1]) - 4}")
    migrate(engine, "data")
    kept = item(house, opened, body)
    assert (kept.stage, kept.person_id, kept.step, kept.since) == (UNANSWERED, one.person_id, -1, NOW)
    assert (item(house, unopened, body).stage, item(house, unopened, body).person_id) == (UNOPENED, None)
    later = NOW + timedelta(days=3)
    watch_queue(house, later)
    with house.store.reading() as unit:
        assert unit.queues.steps(opened) == []
    counted = item(house, opened, body)
    assert counted.step > 0
    assert counted.due_at == datetime.fromisoformat("2026-03-04T00:00:00+03:00")
