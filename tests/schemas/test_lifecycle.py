"""The table of a message's life, and the types that use it."""

from __future__ import annotations

from itertools import product

import pytest

from gateway.evidence.events import EventKind
from gateway.graphql.exchange import MessageEvent
from gateway.use_cases.answer_message import OF_SENDER, REASONS
from schemas.codes import code_lists
from schemas.errors import MezhvedError
from schemas.lifecycle import OF_RECIPIENT, TRANSITIONS, WITHDRAWN, Actor, Event, Need, State, transition
from schemas.messages import message_types
from schemas.notes import check_note_tables

NOT_HERE = {Event.SUBMIT, Event.DISCARD, Event.DELIVER, Event.OPEN, Event.ANSWER, Event.REDIRECT, Event.EXPIRE}


def test_no_row_stands_twice_and_every_state_is_reached() -> None:
    keys = [(row.state, row.event) for row in TRANSITIONS]
    assert len(keys) == len(set(keys))
    reached, waiting = {State.DRAFT, State.SUBMITTED}, {State.DRAFT, State.SUBMITTED}
    while waiting:
        state = waiting.pop()
        new = {row.next for row in TRANSITIONS if row.state is state} - reached
        reached |= new
        waiting |= new
    assert reached == set(State)


def test_only_what_the_table_says_happens() -> None:
    for state, event, actor in product(State, Event, Actor):
        rows = [row for row in TRANSITIONS if (row.state, row.event, row.actor) == (state, event, actor)]
        if rows:
            assert transition(state, event, actor) == rows[0]
            continue
        others = [row for row in TRANSITIONS if (row.state, row.event) == (state, event)]
        with pytest.raises(MezhvedError) as refused:
            transition(state, event, actor)
        assert refused.value.code == ("message_not_yours" if others else "message_state_conflict"), (state, event)


def test_an_outcome_comes_after_an_opening() -> None:
    """No answer of the recipient without a delivery and an opening before it: every way there leads through both."""
    outcomes = {row.next for row in TRANSITIONS if row.actor is Actor.RECIPIENT} - {State.OPENED}
    for closed in (State.DELIVERED, State.OPENED):
        reached, waiting = {State.SUBMITTED}, {State.SUBMITTED}
        while waiting:
            state = waiting.pop()
            new = {row.next for row in TRANSITIONS if row.state is state and row.next is not closed} - reached
            reached |= new
            waiting |= new
        assert not (reached & outcomes - {State.FAILED}), f"without {closed}"


def test_what_was_taken_back_stays_so() -> None:
    assert not [row for row in TRANSITIONS if row.state in WITHDRAWN]
    ended = [row for row in TRANSITIONS if row.state in {State.CANCELLED, State.FAILED}]
    assert {(row.event, row.actor) for row in ended} == {(Event.RECALL, Actor.SENDER)}, (
        "its recipient may still read it"
    )


def test_the_table_names_entries_and_reasons_that_there_are() -> None:
    assert {row.entry for row in TRANSITIONS} <= {kind.value for kind in EventKind}
    for row in TRANSITIONS:
        if Need.REASON in row.needs:
            assert REASONS[row.event] in code_lists(), row.event


def test_the_words_of_the_api_are_those_of_the_table() -> None:
    assert {event.value for event in MessageEvent} == {event.value for event in set(Event) - NOT_HERE}
    assert {row.event for row in TRANSITIONS if row.actor is Actor.SENDER} - NOT_HERE == OF_SENDER


def test_a_type_allows_events_of_its_recipient_and_can_always_be_ended() -> None:
    for kind in message_types().values():
        assert kind.events <= OF_RECIPIENT | {Event.REPLY}, kind.code
        assert kind.events or kind.code == "lookup_echo", kind.code
        # Whatever it may begin, it may end: nothing is on hold for ever by the table.
        if Event.ASK in kind.events:
            assert {Event.REPLY, Event.AGREE, Event.DISAGREE} <= kind.events
        if Event.BEGIN in kind.events:
            assert Event.COMPLETE in kind.events
        # What is ended by another message says by which.
        assert (Event.ANSWER in kind.events) == bool(kind.answered_by), kind.code
        assert kind.answered_by in {"", *message_types()}, kind.code


def test_the_tables_of_notes_fit() -> None:
    check_note_tables()
