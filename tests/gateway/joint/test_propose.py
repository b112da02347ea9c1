"""One decision over all its parties: proposed once, all of it or nothing, said for each party before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.conclude_joint_decision import conclude_joint_decision
from gateway.use_cases.house import House
from gateway.use_cases.propose_joint_decision import preview_joint_decision, propose_joint_decision
from gateway.use_cases.read_joint_decision import read_joint_decisions
from gateway.use_cases.read_work import read_view
from gateway.use_cases.send_together import NotTogether
from policies.joint import Outcome
from schemas.errors import MezhvedError
from schemas.ids import new_id
from schemas.joint import JointDecisionDraft, JointPartyDraft
from schemas.lifecycle import Event, State
from tests.builders import NOW, consent, record
from tests.gateway.exchange.world import child
from tests.gateway.facts_world import entries
from tests.gateway.joint.world import CENTRE, PARTIES, RISK, Council, council


@pytest.fixture
def put(house: House) -> Council:
    return council(house)


@pytest.fixture
def quick(sqlite_house: House) -> Council:
    """On SQLite, for what does not depend on the store."""
    return council(sqlite_house)


def test_one_yes_one_no_one_silent(put: Council) -> None:
    made = put.propose()
    put.say("guardianship", Event.AGREE)
    put.say("kdn", Event.DISAGREE, RISK)
    view = put.view(made)
    assert view.outcome is Outcome.DISAGREEMENT
    assert put.positions(made) == ["agreed", "disagreed", "waiting"]
    no = put.party(made, "kdn")
    assert (no.stand.reason, no.words) == ("risk", {"words": "Нужен ещё месяц наблюдения"})
    assert len({party.message.case_id for party in view.parties if party.message}) == 1
    (entry,) = entries(put.house, "joint.proposed")
    assert set(entry["parties"].values()) == set(made.message_ids)
    assert [seen.decision.id for seen in read_joint_decisions(put.house, put.system, NOW)] == [made.id]


def test_a_party_changes_its_answer_while_it_is_open_and_the_last_word_counts(put: Council) -> None:
    made = put.propose()
    for event, said, expected in (
        (Event.AGREE, None, "agreed"),
        (Event.DISAGREE, RISK, "disagreed"),
        (Event.AGREE, None, "agreed"),
        (Event.ASK, Answer(words="Есть ли жильё?"), "asks"),
    ):
        put.say("kdn", event, said)
        assert put.party(made, "kdn").stand.position.value == expected
    put.reply("kdn")
    assert put.party(made, "kdn").stand.position.value == "waiting"
    waiting = read_view(put.house, put.world.system("kdn"), "all", NOW).rows
    assert [row.message.id for row in waiting] == [put.messages["kdn"]], "what was replied to waits in the queue again"
    put.say("kdn", Event.AGREE)
    assert not read_view(put.house, put.world.system("kdn"), "all", NOW).rows


def test_what_cannot_be_sent_to_one_is_said_for_it_and_nothing_is_sent(put: Council) -> None:
    before = put.world.count()
    draft = put.draft("guardianship", "school", "kdn")
    foreseen = preview_joint_decision(put.house, put.system, draft, NOW)
    assert [found.refused is None for found in foreseen] == [True, False, True]
    assert foreseen[1].lawful
    assert foreseen[0].preview is not None
    (person,) = foreseen[0].preview.people
    assert person.contents["ID"]["full_name"] == "Проба Вымышленная Тестовна"
    with pytest.raises(NotTogether) as refused:
        propose_joint_decision(put.house, put.system, draft, NOW)
    assert put.world.who("school").ogrn in refused.value.message()
    assert put.world.who("kdn").ogrn not in refused.value.message()
    assert put.world.count() == before
    assert not read_joint_decisions(put.house, put.system, NOW)
    assert entries(put.house, "exchange.refused")[-1]["lane"] == "none"


def test_a_rule_that_stops_one_stops_all_and_its_entry_is_kept(sqlite_house: House) -> None:
    put = council(sqlite_house, plan=False)
    ngo = put.world.system("ngo")
    put.world.grant("ngo", "guardianship")
    draft = put.draft("guardianship", "kdn")
    before = put.world.count()
    with pytest.raises(NotTogether) as refused:
        propose_joint_decision(put.house, ngo, draft, NOW)
    stopped = [found for found in refused.value.foreseen if found.refused]
    assert [found.draft.recipient_ogrn for found in stopped] == [put.world.who("kdn").ogrn]
    assert stopped[0].refused is not None
    assert stopped[0].refused.code == "message_refused"
    assert put.world.count() == before
    assert entries(put.house, "exchange.refused")[-1]["recipient"] == put.world.who("kdn").id
    put.world.grant("ngo", "kdn")
    made = propose_joint_decision(put.house, ngo, draft, NOW)
    assert len(made.decision.parties) == 2


def test_a_party_may_be_asked_in_its_own_thread_without_names(quick: Council) -> None:
    council_ = council(quick.house, plan=False)
    thread = council_.world.thread("guardianship", CENTRE)
    party = {"ogrn": council_.world.who("guardianship").ogrn, "named": False, "answers": thread}
    draft = council_.draft(parties=[party])
    made = propose_joint_decision(council_.house, council_.system, draft, NOW).decision
    (message,) = council_.view(made).parties
    assert message.message is not None
    assert (message.message.lane, message.message.purpose) == ("reply", "")
    assert message.message.answers_id == thread


def test_a_repeat_is_harmless_and_other_content_is_a_conflict(put: Council) -> None:
    draft = put.draft()
    first = propose_joint_decision(put.house, put.system, draft, NOW)
    again = propose_joint_decision(put.house, put.system, draft, NOW)
    assert (first.repeated, again.repeated) == (False, True)
    assert first.decision == again.decision
    with pytest.raises(MezhvedError, match="operation_id_reused"):
        propose_joint_decision(put.house, put.system, draft.model_copy(update={"matter": "close"}), NOW)
    assert put.world.count() == len(PARTIES)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"matter": "invented"}, "note_invalid"),
        ({"agenda": new_id()}, "agenda_unknown"),
        ({"persons": [{**child("joint_decision"), "ref": None, "identity": None, "plan": None}]}, "person_empty"),
    ],
)
def test_what_is_wrong_with_the_whole(quick: Council, changes: dict[str, object], code: str) -> None:
    with pytest.raises(MezhvedError) as refused:
        propose_joint_decision(quick.house, quick.system, quick.draft(**changes), NOW)
    assert refused.value.code in {code, "joint_refused"}
    assert quick.world.count() == 0


def test_who_begins_from_a_case_tells_nobody_of_another(quick: Council) -> None:
    first = quick.propose("kdn")
    case = quick.view(first).case
    assert quick.propose("kdn", case=case).case_id == first.case_id
    before = quick.world.count()
    for wrong in ("invented", quick.view(first, "kdn").case):
        for work in (propose_joint_decision, preview_joint_decision):
            with pytest.raises(MezhvedError, match="joint_other_case"):
                work(quick.house, quick.system, quick.draft("kdn", case=wrong), NOW)
    assert quick.world.count() == before


def another_family(put: Council) -> None:
    """K-2 in the file of the proposer, in an open plan with the same participants."""
    who = put.world.who(CENTRE)
    consent(put.world.town, put.world.who("school"), "K-2", discloser=who)
    ((found,),) = put.house.vault.find_subjects(who.id, [[("ref", "K-2")]])
    named = tuple(put.world.who(name).id for name in (CENTRE, *PARTIES))
    record(put.house, next(iter(found)), "ipr_open", put.world.who("kdn"), participants=named)


def test_a_thread_about_another_family_puts_nobody_the_wrong_question(quick: Council) -> None:
    """The guardianship body may be asked without names inside a thread: of one's own cases that must be this one."""
    first = quick.propose("guardianship", "kdn")
    thread = quick.messages["guardianship"]
    body = quick.world.who("guardianship").ogrn

    def asked(**more: Any) -> JointDecisionDraft:
        draft = quick.draft("kdn", **more)
        inside = JointPartyDraft(ogrn=body, named=False, answers=thread)
        return draft.model_copy(update={"parties": (*draft.parties, inside)})

    assert propose_joint_decision(quick.house, quick.system, asked(), NOW).decision.case_id == first.case_id
    other = {**child("joint_decision"), "ref": "K-2"}
    another_family(quick)
    assert quick.propose("kdn", persons=[other]).case_id != first.case_id
    before = quick.world.count()
    for work in (propose_joint_decision, preview_joint_decision):
        with pytest.raises(MezhvedError, match="joint_other_case"):
            work(quick.house, quick.system, asked(persons=[other]), NOW)
    assert quick.world.count() == before


def test_nobody_is_asked_twice(quick: Council) -> None:
    with pytest.raises(MezhvedError, match="party_twice"):
        propose_joint_decision(quick.house, quick.system, quick.draft("kdn", "kdn"), NOW)


def test_a_conclusion_keeps_the_dissent_and_changes_no_answer(put: Council) -> None:
    made = put.propose()
    put.say("guardianship", Event.AGREE)
    put.say("kdn", Event.DISAGREE, RISK)
    concluded = put.conclude(made, "taken")
    assert [list(concluded.positions[put.world.who(name).id]) for name in PARTIES] == [
        ["agreed"],
        ["disagreed", "risk"],
        ["waiting"],
    ]
    for code in ("taken", "withdrawn"):
        with pytest.raises(MezhvedError, match="joint_concluded"):
            put.conclude(made, code)
    with pytest.raises(MezhvedError, match="joint_concluded"):
        put.say("kdn", Event.AGREE)
    assert put.positions(made) == ["agreed", "disagreed", "waiting"]
    # Who was silent may still speak; what was counted stays.
    late = NOW.replace(hour=12)
    assert put.say("centre", Event.AGREE, now=late).state is State.COMPLETED
    party = put.party(made, "centre", late)
    assert (party.stand.position.value, party.late) == ("agreed", True)
    assert list(put.view(made).decision.positions[put.world.who("centre").id]) == ["waiting"]
    (entry,) = entries(put.house, "joint.concluded")
    assert entry["outcome"] == "disagreement"


def test_only_the_proposer_concludes_and_only_as_there_is(quick: Council) -> None:
    made = quick.propose()
    with pytest.raises(MezhvedError, match="joint_not_yours"):
        conclude_joint_decision(quick.house, quick.world.system("kdn"), made.id, "taken", NOW)
    with pytest.raises(MezhvedError, match="conclusion_unknown"):
        quick.conclude(made, "agreed")
    with pytest.raises(MezhvedError, match="joint_unavailable"):
        conclude_joint_decision(quick.house, quick.world.system("school"), made.id, "taken", NOW)


def test_a_party_sees_who_was_asked_and_yes_or_no_but_nobodys_words(put: Council) -> None:
    made = put.propose()
    put.say("guardianship", Event.DISAGREE, RISK)
    put.say("centre", Event.AGREE)
    seen = put.view(made, "kdn")
    assert not seen.is_proposer
    assert [(p.is_me, p.stand.position.value, p.stand.reason) for p in seen.parties] == [
        (False, "disagreed", "risk"),
        (True, "waiting", None),
        (False, "agreed", None),
    ]
    assert all(not p.words and p.message is None and p.term is None for p in seen.parties if not p.is_me)
    own = put.view(made, "guardianship").parties[0]
    assert own.words == {"words": "Нужен ещё месяц наблюдения"}
    assert seen.case not in {put.view(made).case, put.view(made, "guardianship").case}


def test_it_is_seen_from_when_it_came_until_it_is_taken_back(put: Council) -> None:
    made = propose_joint_decision(put.house, put.system, put.draft(), NOW).decision
    assert put.positions(made) == ["on_its_way"] * 3
    for name in ("kdn", "school"):
        with pytest.raises(MezhvedError, match="joint_unavailable"):
            put.view(made, name)
    relay_once(put.house, NOW)
    assert put.positions(made, "kdn") == ["waiting"] * 3
    put.messages["kdn"] = made.parties[1].message_id
    put.world.answer(CENTRE, put.messages["kdn"], Event.RECALL)
    with pytest.raises(MezhvedError, match="joint_unavailable"):
        put.view(made, "kdn")
    assert put.positions(made) == ["waiting", "withdrawn", "waiting"]
