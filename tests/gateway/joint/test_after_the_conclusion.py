"""What still comes after the proposer has noted its conclusion: it is shown for what it is, and starts no term."""

from __future__ import annotations

from datetime import timedelta

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer, possible_events
from gateway.use_cases.house import House
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from schemas.lifecycle import Event
from tests.builders import NOW
from tests.gateway.joint.world import RISK, council
from tests.gateway.practice_world import running

LATER = NOW + timedelta(hours=1)
MUCH_LATER = NOW + timedelta(days=20)


def test_a_message_that_comes_afterwards_is_no_late_answer_and_is_awaited_by_nobody(house: House) -> None:
    put = council(house)
    put.set()
    made = propose_joint_decision(house, put.system, put.draft("kdn"), NOW).decision
    put.conclude(made)
    relay_once(house, LATER)
    (party,) = put.view(made, now=LATER).parties
    assert (party.stand.position.value, party.late) == ("waiting", False)
    assert running(house) == []


def test_a_reply_to_a_question_begins_no_term_afterwards(house: House) -> None:
    put = council(house)
    put.set()
    made = put.propose("kdn")
    put.say("kdn", Event.ASK, Answer(words="Есть ли жильё?"))
    put.conclude(made, now=LATER)
    put.reply("kdn", LATER)
    assert running(house) == []
    put.say("kdn", Event.AGREE, now=LATER)
    assert put.party(made, "kdn", LATER).late


def test_what_is_taken_back_is_no_late_answer(house: House) -> None:
    put = council(house)
    made = put.propose("kdn", "guardianship")
    put.conclude(made, now=LATER)
    put.world.answer("moscow", put.messages["kdn"], Event.RECALL, now=LATER + timedelta(hours=1))
    assert not put.party(made, "kdn", MUCH_LATER).late


def test_a_silence_that_was_overdue_at_the_conclusion_stays_so(house: House) -> None:
    """Also where nobody looked at the clock in between: the record and the page say the same."""
    put = council(house)
    put.set()
    made = put.propose("kdn")
    concluded = put.conclude(made, now=MUCH_LATER)
    assert list(concluded.positions.values()) == [["overdue"]]
    assert put.positions(made, now=MUCH_LATER) == ["overdue"]


def test_the_last_word_is_the_last_that_was_kept_whatever_a_clock_says(house: House) -> None:
    """Two machines whose clocks differ: the state of the message is what the last receipt made it, and so is the position."""
    put = council(house)
    made = put.propose("kdn")
    put.say("kdn", Event.AGREE, now=LATER)
    put.say("kdn", Event.DISAGREE, RISK, now=NOW)
    assert put.positions(made, now=LATER) == ["disagreed"]
    assert put.party(made, "kdn", LATER).words == {"words": RISK.words}


def test_what_may_be_done_says_so_too(house: House) -> None:
    """Systems read the same steps as people: after the conclusion an answer that was given is changed no more."""
    put = council(house)
    made = put.propose("kdn", "guardianship")
    put.say("kdn", Event.AGREE)

    def may(name: str) -> set[str]:
        with house.store.reading() as unit:
            message = unit.messages.get(put.messages[name], put.world.who(name).id, NOW)
        assert message is not None
        return {event.value for event in possible_events(message, put.world.who(name).id)}

    assert may("kdn") == may("guardianship") == {"agree", "disagree", "ask"}
    put.conclude(made)
    assert may("kdn") == set()
    assert may("guardianship") == {"agree", "disagree", "ask"}, "who was silent may still answer"
