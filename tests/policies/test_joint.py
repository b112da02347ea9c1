"""Where the parties of a joint decision stand: the table of outcomes, and that nothing but a yes is ever a yes."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.joint import SILENT, Outcome, Position, Said, Stand, outcome, stand
from schemas.lifecycle import Event
from tests.builders import NOW

P, O = Position, Outcome  # noqa: E741  a table of two names
WORDS = {Event.AGREE: P.AGREED, Event.DISAGREE: P.DISAGREED, Event.ASK: P.ASKS}


def said(*events: Event) -> list[Said]:
    return [Said(event, NOW + timedelta(hours=n), number=n) for n, event in enumerate(events)]


@pytest.mark.parametrize(
    ("events", "in_term", "after"),
    [
        ((), P.ON_ITS_WAY, P.ON_ITS_WAY),
        ((Event.SUBMIT,), P.ON_ITS_WAY, P.ON_ITS_WAY),
        ((Event.SUBMIT, Event.DELIVER), P.WAITING, P.OVERDUE),
        ((Event.SUBMIT, Event.DELIVER, Event.OPEN), P.WAITING, P.OVERDUE),
        ((Event.DELIVER, Event.OPEN, Event.AGREE), P.AGREED, P.AGREED),
        ((Event.DELIVER, Event.OPEN, Event.DISAGREE), P.DISAGREED, P.DISAGREED),
        ((Event.DELIVER, Event.OPEN, Event.ASK), P.ASKS, P.ASKS),
        ((Event.DELIVER, Event.OPEN, Event.ASK, Event.REPLY), P.WAITING, P.OVERDUE),
        ((Event.DELIVER, Event.OPEN, Event.AGREE, Event.DISAGREE), P.DISAGREED, P.DISAGREED),
        ((Event.DELIVER, Event.OPEN, Event.DISAGREE, Event.AGREE), P.AGREED, P.AGREED),
        ((Event.DELIVER, Event.OPEN, Event.AGREE, Event.ASK), P.ASKS, P.ASKS),
        ((Event.DELIVER, Event.OPEN, Event.AGREE, Event.ASK, Event.REPLY), P.WAITING, P.OVERDUE),
        ((Event.DELIVER, Event.RECALL), P.WITHDRAWN, P.WITHDRAWN),
        ((Event.DELIVER, Event.OPEN, Event.AGREE, Event.RECALL), P.WITHDRAWN, P.WITHDRAWN),
        ((Event.DELIVER, Event.OPEN, Event.CANCEL), P.WITHDRAWN, P.WITHDRAWN),
        ((Event.DELIVER, Event.OPEN, Event.SIGN), P.SIGNED, P.SIGNED),
        ((Event.DELIVER, Event.OPEN, Event.REMARK), P.REMARKED, P.REMARKED),
    ],
)
def test_the_last_word_of_a_party_counts(events: tuple[Event, ...], in_term: Position, after: Position) -> None:
    assert stand(said(*events)).position is in_term
    assert stand(said(*events), overdue=True).position is after


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ((), O.NOBODY),
        ((P.WITHDRAWN, P.WITHDRAWN), O.NOBODY),
        ((P.AGREED,), O.AGREED),
        ((P.AGREED, P.AGREED, P.WITHDRAWN), O.AGREED),
        ((P.SIGNED, P.SIGNED), O.AGREED),
        ((P.AGREED, P.ON_ITS_WAY), O.WAITING),
        ((P.AGREED, P.WAITING), O.WAITING),
        ((P.AGREED, P.OVERDUE), O.OVERDUE),
        ((P.WAITING, P.OVERDUE), O.OVERDUE),
        ((P.AGREED, P.ASKS, P.OVERDUE), O.QUESTION),
        ((P.AGREED, P.DISAGREED), O.DISAGREEMENT),
        ((P.DISAGREED, P.ASKS, P.OVERDUE, P.WAITING), O.DISAGREEMENT),
        ((P.SIGNED, P.REMARKED), O.DISAGREEMENT),
    ],
)
def test_the_outcome_over_all_parties(positions: tuple[Position, ...], expected: Outcome) -> None:
    assert outcome(positions) is expected


POSITIONS = st.lists(st.sampled_from(Position), max_size=6)


@given(positions=POSITIONS, data=st.data())
def test_the_order_of_the_parties_changes_nothing(positions: list[Position], data: st.DataObject) -> None:
    assert outcome(data.draw(st.permutations(positions))) is outcome(positions)


@given(positions=POSITIONS, silent=st.sampled_from(sorted(SILENT)))
def test_silence_never_equals_agreement(positions: list[Position], silent: Position) -> None:
    assert outcome([*positions, silent]) is not Outcome.AGREED


@given(events=st.lists(st.sampled_from(Event), max_size=8), overdue=st.booleans())
def test_nobody_agrees_who_did_not_say_so_last(events: list[Event], overdue: bool) -> None:
    found = stand(said(*events), overdue=overdue)
    if found.position is Position.AGREED:
        words = [event for event in events if event in WORDS or event is Event.REPLY]
        assert words[-1] is Event.AGREE
        assert found.number is not None
        assert events[found.number] is Event.AGREE
    if not set(events) & {*WORDS, Event.SIGN, Event.REMARK}:
        assert found.position in SILENT | {Position.WITHDRAWN}


WORD = st.tuples(st.integers(0, 2), st.sampled_from(sorted(WORDS)))


@given(words=st.lists(WORD, max_size=12), data=st.data())
def test_any_order_of_answers_of_several_parties_is_the_fold_of_each(
    words: list[tuple[int, Event]], data: st.DataObject
) -> None:
    """What counts is each party's last word, however the words of several came in between, and in whatever order rows of
    the store are read."""
    timed = [(party, Said(event, NOW + timedelta(minutes=n), number=n)) for n, (party, event) in enumerate(words)]
    read = data.draw(st.permutations(timed))
    stands = [
        stand([Said(Event.DELIVER, NOW - timedelta(1))] + [w for p, w in read if p == party]) for party in range(3)
    ]
    last = dict(words)
    expected = [WORDS[last[party]] if party in last else Position.WAITING for party in range(3)]
    assert [found.position for found in stands] == expected
    model = (
        Outcome.DISAGREEMENT
        if Position.DISAGREED in expected
        else Outcome.QUESTION
        if Position.ASKS in expected
        else Outcome.WAITING
        if Position.WAITING in expected
        else Outcome.AGREED
    )
    assert outcome(found.position for found in stands) is model


def test_a_term_that_passed_changes_silence_alone() -> None:
    for events in product([*WORDS, Event.REPLY], repeat=2):
        words = said(Event.DELIVER, Event.OPEN, *events)
        early, late = stand(words), stand(words, overdue=True)
        assert late == (Stand(Position.OVERDUE, early.since) if early.position is Position.WAITING else early)
