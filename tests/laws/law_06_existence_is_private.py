"""Law 6. Without a recorded relation a real case is answered exactly as an invented one, and costs the same.

Timing is promised by a stated statistical test of its own, which comes later. What is compared here are bytes and
statements.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gateway.demo.identity_numbers import snils_with_check
from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.storage.tables_delivery import deliveries, delivery_endpoints, delivery_events
from gateway.storage.tables_joint import agenda_items, agendas, joint_decisions, joint_parties
from gateway.use_cases.decide_hold import HoldDecision, decide_hold
from gateway.use_cases.facts import Question
from gateway.use_cases.keep_agenda import make_agenda
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.read_holds import open_hold
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.review_emergency import open_emergency, review_emergency
from gateway.use_cases.review_fact import review_fact
from gateway.use_cases.sign_in import sign_in
from gateway.use_cases.submit_message import submit_message
from gateway.web.session import FORM_TOKEN, SESSION_COOKIE, form_token
from schemas.errors import MezhvedError
from schemas.facts import FactDocument
from schemas.ids import Category, FactId, HoldId, new_id
from tests.builders import NOW, consent, record
from tests.gateway.exchange.world import World as Exchange
from tests.laws.exchanges import agenda_draft, joint_draft
from tests.laws.exported import check_an_export_of_a_foreign_case_answers_as_invented
from tests.laws.people import REASONS, THREAT, Busy, busy, holds
from tests.laws.world import (
    ACCEPT,
    ASKED_HOLDS,
    ASSIGN,
    ASSIGNED,
    CASE_RECORDS,
    CLOSE_TIMER,
    DECLARE,
    ECHOES,
    END_FACT,
    EXPLAIN,
    FACTS,
    INHERITED,
    KEEP_RECORD,
    MESSAGE,
    MESSAGES,
    NAME_SUBJECT,
    OPEN,
    ORGANISATIONS,
    PASSWORD,
    PAUSE_TIMER,
    RECORD_EVENT,
    RECORD_FACT,
    REDIRECT,
    REGISTER,
    REJECT,
    REOPEN,
    SUBMIT,
    SUMMARIES,
    SUMMARY,
    TIMERS,
    WITHDRAW,
    WITHDRAW_SUMMARY,
    World,
    full,
    marked_message,
    marked_sections,
    statements,
    summary_draft,
)

_ENTRY = re.compile(r'"(?:entryId|assignCase)":\s*"[0-9a-f-]{36}"')
_ANY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VARYING_HEADERS = {"date"}


def check_a_real_case_answers_as_an_invented_one(world: World) -> None:
    """Same status, headers and body; same statements in the same order; one entry either way."""
    for name, ask in _questions_about_cases(world).items():
        _check_alike(world, name, ask, real=world.pseudonym("stranger"), invented=_invented_pseudonym(world))


def check_a_foreign_message_answers_as_an_invented_one(world: World) -> None:
    """The same for messages of others: in the API and in the pages."""
    for name, ask in _questions_about_messages(world).items():
        for real in (world.family.signal_id, world.family.referral_id):
            _check_alike(world, name, ask, real=real, invented=new_id())


def check_a_foreign_consent_answers_as_an_invented_one(world: World) -> None:
    """Nobody withdraws, or learns of, a consent that another organisation holds."""

    def ask(identifier: str) -> Any:
        return world.ask("stranger", WITHDRAW, id=identifier)

    answers = [_comparable(ask(identifier)) for identifier in (world.family.consent_id, new_id())]
    assert answers[0] == answers[1]


def check_what_others_decide_answers_as_invented(world: World) -> None:
    """Holds, facts, emergencies and terms of others, for people and systems: real ones are as unknown as invented ones."""
    theirs = busy(world)
    for name, ask in _questions_about_work(world).items():
        for real in _named(theirs)[name.split(" ")[1]]:
            _check_alike(world, name, ask, real=real, invented=new_id())
    for name, ask in _questions_about_people(world).items():
        real = world.person_pseudonym("stranger", theirs.family.child)
        _check_alike(world, name, ask, real=real, invented=_invented_pseudonym(world))


def check_what_is_handed_to_others_answers_as_invented(world: World) -> None:
    """Deliveries and endpoints of others are as unknown as invented ones: to change, to acknowledge, to send again, to begin
    a page after; and nothing of them changes by that."""
    body = world.organisation("guardianship")
    endpoint = register_endpoint(world.house, body.id, "file", "theirs", "test", NOW).id
    draft = marked_message(world.town.school, world.town.guardianship, "theirs", type="signal", trigger="threat")
    submit_message(world.house, world.system("school"), draft, NOW)
    relay_once(world.house, NOW)
    (delivery,) = world.rows(select(deliveries.c.event_id).where(deliveries.c.endpoint_id == endpoint))
    cursor = world.house.vault.delivery_cursor(body.id, delivery.event_id)
    tables = (delivery_endpoints, delivery_events, deliveries)
    before = [sorted(map(repr, world.rows(select(table)))) for table in tables]
    asked = (
        ("change an endpoint", CHANGE_ENDPOINT, endpoint, new_id()),
        ("acknowledge a delivery", ACKNOWLEDGE, delivery.event_id, new_id()),
        ("send a delivery again", REPLAY, delivery.event_id, new_id()),
        ("begin after a delivery", DELIVERIES, cursor, _invented_pseudonym(world)),
    )
    for name, document, real, invented in asked:
        _check_alike(world, name, partial(_ask_stranger, world, document), real=real, invented=invented)
    assert [sorted(map(repr, world.rows(select(table)))) for table in tables] == before


def check_what_others_decide_together_answers_as_invented(world: World) -> None:
    """Joint decisions and agendas of others are as unknown as invented ones, to read, to change, to begin a page after, to
    put something on; and nothing of them changes by that."""
    exchange = Exchange(world.town)
    exchange.grant("ngo", "guardianship")
    agenda = make_agenda(world.house, world.system("ngo"), agenda_draft(), NOW)
    draft = joint_draft(exchange, "guardianship", agenda=agenda.id)
    decision = propose_joint_decision(world.house, world.system("ngo"), draft, NOW).decision
    relay_once(world.house, NOW)
    tables = (joint_decisions, joint_parties, agendas, agenda_items)
    before = [sorted(map(repr, world.rows(select(table)))) for table in tables]
    for name, document, real in (
        ("read a decision", JOINT, decision.id),
        ("begin after a decision", JOINTS, decision.id),
        ("conclude a decision", CONCLUDE, decision.id),
        ("minutes of a decision", MINUTES, decision.id),
        ("read an agenda", AGENDA, agenda.id),
        ("begin after an agenda", AGENDAS, agenda.id),
        ("close an agenda", CLOSE_AGENDA, agenda.id),
        ("put on an agenda", PUT_ON_AGENDA, agenda.id),
        ("take off an agenda", TAKE_OFF_AGENDA, agenda.id),
        ("a proposal for an agenda", PROPOSE, agenda.id),
    ):
        _check_alike(world, name, partial(_ask_stranger, world, document), real=real, invented=new_id())
    assert [sorted(map(repr, world.rows(select(table)))) for table in tables] == before


_MINUTES = '{ operationId: "00000000-0000-4000-8000-000000000001", on: "2026-03-01", topic: "Встреча" }'
_MATTER = (
    '{ operationId: "00000000-0000-4000-8000-000000000002", matter: "open", agenda: $agenda,'
    ' parties: [{ ogrn: "1027700000000" }] }'
)
_SEEN = "{ id matter proposer caseId outcome parties { kind name stand { position } } }"
JOINT = f"query ($id: ID!) {{ jointDecision(id: $id) {_SEEN} }}"
JOINTS = f"query ($id: ID) {{ jointDecisions(after: $id) {{ items {_SEEN} next }} }}"
CONCLUDE = 'mutation ($id: ID!) { concludeJointDecision(id: $id, conclusion: "taken") { id } }'
MINUTES = f"mutation ($id: ID!) {{ sendMinutes(decisionId: $id, input: {_MINUTES}) }}"
AGENDA = "query ($id: ID!) { agenda(id: $id) { place topic items { number caseId } general { id } } }"
AGENDAS = "query ($id: ID) { agendas(after: $id) { items { id maker at } next } }"
CLOSE_AGENDA = "mutation ($id: ID!) { closeAgenda(agendaId: $id) }"
PUT_ON_AGENDA = 'mutation ($id: ID!) { addToAgenda(agendaId: $id, caseId: "x") }'
TAKE_OFF_AGENDA = "mutation ($id: ID!) { removeFromAgenda(agendaId: $id, itemId: $id) }"
PROPOSE = (
    f"mutation ($id: String!) {{ proposeJointDecision(input: {_MATTER.replace('$agenda', '$id')}) {{ repeated }} }}"
)


def _ask_stranger(world: World, document: str, identifier: str) -> Any:
    return world.ask("stranger", document, id=identifier)


CHANGE_ENDPOINT = "mutation ($id: ID!) { changeEndpoint(id: $id, change: REMOVE) { id state } }"
ACKNOWLEDGE = "mutation ($id: ID!) { acknowledgeDeliveries(ids: [$id]) }"
REPLAY = "mutation ($id: ID!) { replayDeliveries(ids: [$id]) }"
DELIVERIES = "query ($id: String) { deliveries(after: $id) { items { id message } cursor } }"


def check_known_identifiers_cost_what_unknown_ones_do(world: World) -> None:
    """Whoever names somebody by SNILS learns nothing of the files of others: not by the answer, not by what it costs.

    Other organisations know the one, nobody the other; nobody has recorded anything about either.
    """
    numbers = itertools.count(223344595)
    for name, ask in _questions_by_snils(world).items():
        real, invented, warming = (snils_with_check(next(numbers)) for _ in range(3))
        for place in ("school", "centre"):
            _name_to_the_body(world, place, real)
        ask(warming)
        seen = []
        for snils in (real, invented):
            before = len(world.entries())
            with statements(world) as heard:
                answer = ask(snils)
            text = _ANY_ID.sub("<id>", answer.text.replace(snils, "<asked>"))
            seen.append((answer.status_code, text, heard.shapes, len(world.entries()) - before))
        (*answer, shapes, entries), (*other_answer, other_shapes, other_entries) = seen
        assert answer == other_answer, f"{name}: the answer differs"
        assert entries == other_entries, f"{name}: {entries} and {other_entries} entries"
        assert shapes == other_shapes, f"{name}: {len(shapes)} and {len(other_shapes)} statements, or of another shape"


def check_only_what_one_may_see_changes_an_answer(world: World, twin: World, examples: int = 12) -> None:
    """Two installations that differ only in what the requester may not see answer every question with the same bytes."""
    unseen = _add_what_nobody_here_may_see(twin)
    for place in ("stranger", "guardianship"):
        pool = [
            *(world.pseudonym(place), world.pseudonym("ngo"), world.family.case_id, world.family.signal_id),
            *(world.family.referral_id, world.family.consent_id, "z" * 52, ""),
            *(twin.pseudonym(place, case) for case in unseen["cases"]),
            *unseen["messages"],
        ]
        questions = st.one_of(
            st.tuples(
                st.just(full(SUMMARY)),
                st.fixed_dictionaries(
                    {"id": st.sampled_from(pool), "purpose": st.sampled_from(["CASE_MGMT", "SIGNAL"])}
                ),
            ),
            st.tuples(
                st.just(full(SUMMARIES)),
                st.fixed_dictionaries({"first": st.integers(1, 3), "after": st.sampled_from([None, *pool])}),
            ),
            st.tuples(
                st.just(full(MESSAGES)),
                st.fixed_dictionaries(
                    {
                        "box": st.sampled_from(["INBOX", "OUTBOX"]),
                        "first": st.integers(1, 3),
                        "after": st.sampled_from([None, *pool]),
                    }
                ),
            ),
            st.tuples(
                st.sampled_from([full(MESSAGE), full(OPEN), ACCEPT, REJECT, WITHDRAW]),
                st.fixed_dictionaries({"id": st.sampled_from(pool)}),
            ),
            st.tuples(
                st.just(DECLARE),
                st.fixed_dictionaries(
                    {
                        "id": st.sampled_from(pool),
                        "words": st.just(THREAT),
                        "login": st.sampled_from(["ngo.worker", "x"]),
                    }
                ),
            ),
            st.tuples(
                st.sampled_from([END_FACT, CLOSE_TIMER, ASSIGNED]),
                st.fixed_dictionaries({"id": st.sampled_from([*pool, *unseen["work"]])}),
            ),
            st.tuples(
                st.just(full(FACTS)),
                st.fixed_dictionaries({"person": st.sampled_from([None, *({"pseudonym": p} for p in pool if p)])}),
            ),
            st.tuples(
                st.just(full(EXPLAIN)),
                st.fixed_dictionaries(
                    {"id": st.sampled_from(pool), "to": st.just(world.town.ngo.ogrn), "purpose": st.just("CASE_MGMT")}
                ),
            ),
            st.sampled_from([(ORGANISATIONS, {}), (full(ASKED_HOLDS), {}), (full(TIMERS), {})]),
        )

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(place=st.just(place), asked=st.lists(questions, min_size=2, max_size=4))
        def holds(place: str, asked: list[tuple[str, dict[str, Any]]]) -> None:
            for query, variables in asked:
                one, other = (_comparable(w.ask(place, query, **variables)) for w in (world, twin))
                assert one == other, f"{place}: {query.split('(')[0]} {variables}"

        holds()
        # Every unseen thing as a name and as a cursor, whatever chance drew.
        for name in [*unseen["messages"], *(twin.pseudonym(place, case) for case in unseen["cases"])]:
            for query, variables in (
                (full(MESSAGES), {"box": "INBOX", "first": 2, "after": name}),
                (full(MESSAGE), {"id": name}),
                (full(OPEN), {"id": name}),
                (full(SUMMARY), {"id": name, "purpose": "CASE_MGMT"}),
                (full(SUMMARIES), {"first": 2, "after": name}),
                (DECLARE, {"id": name, "words": THREAT, "login": "x"}),
                (ASSIGNED, {"id": name}),
                (full(FACTS), {"person": {"pseudonym": name}}),
                (full(EXPLAIN), {"id": name, "to": world.town.ngo.ogrn, "purpose": "CASE_MGMT"}),
                (full(ASKED_HOLDS), {}),
                (full(TIMERS), {}),
            ):
                one, other = (_comparable(w.ask(place, query, **variables)) for w in (world, twin))
                assert one == other, f"{place}: {query.split('(')[0]} {variables}"


def _add_what_nobody_here_may_see(twin: World) -> dict[str, list[Any]]:
    """Another family, a consent that names a third organisation, messages between others; and what its people do: a fact,
    a hold, a declared threat of a third organisation."""
    sections = {name: section for name, section in marked_sections().items() if name != "identifiers"}
    cases = [
        publish_case_summary(
            twin.house, twin.system(holder), summary_draft("unseen", "unseen", sections=sections), NOW
        ).case_id
        for holder in ("ngo", "centre")
    ]
    # About the very child that the guardianship body may see, another consent names the school.
    consent(
        twin.town,
        twin.town.school,
        ref="Chibis-1",
        signers=[{"who": "mother", "holder_ref": "Chibis-1-M", "verified": True}],
    )
    consent(
        twin.town,
        twin.town.ngo,
        ref="unseen",
        discloser=twin.town.centre,
        purpose="REFERRAL",
        signers=[{"who": "mother", "holder_ref": "unseen-M", "verified": True}],
    )
    later = NOW + timedelta(hours=1)  # after all that may be seen, so that as a cursor it would begin a page
    sent = [
        submit_message(
            twin.house, twin.system("centre"), marked_message(twin.town.centre, twin.town.ngo, "unseen"), later
        ).message.id
        for _ in range(2)
    ]
    relay_once(twin.house, later)
    children = twin.rows(select(t.case_subjects.c.subject_id).where(t.case_subjects.c.case_id == cases[0]))
    facts = [record(twin.house, row.subject_id, "location_protected", twin.town.ngo).id for row in children]
    unverified = [{"who": "mother", "holder_ref": "unseen-M", "verified": False}]
    consent(twin.town, twin.town.school, ref="unseen", signers=unverified)
    asked = Question("CASE_MGMT", (Category("ID"),))
    read_case_summary(twin.house, twin.system("school"), twin.pseudonym("school", cases[0]), asked, NOW)
    held = [row.id for row in holds(twin)]
    assert held, "nothing was held: this tries too little"
    return {"cases": cases, "messages": sent, "work": [*facts, *held]}


def _questions_about_cases(world: World) -> dict[str, Callable[[str], Any]]:
    return {
        "caseSummary": lambda case: world.ask("stranger", full(SUMMARY), id=case, purpose="CASE_MGMT"),
        "caseSummary for a signal": lambda case: world.ask("stranger", full(SUMMARY), id=case, purpose="SIGNAL"),
        "caseSummary, one field": lambda case: world.ask(
            "stranger", SUMMARY % "{ version }", id=case, purpose="CASE_MGMT"
        ),
        "a page after it": lambda case: world.ask("stranger", full(SUMMARIES), first=1, after=case),
        "explain": lambda case: world.ask(
            "stranger", full(EXPLAIN), id=case, to=world.town.ngo.ogrn, purpose="CASE_MGMT"
        ),
        "declareEmergency": lambda case: world.ask("stranger", DECLARE, id=case, words=THREAT, login="stranger.worker"),
        "assignCase": lambda case: world.ask("stranger", ASSIGN, id=case, login="stranger.worker"),
        "assigned": lambda case: world.ask("stranger", ASSIGNED, id=case),
        "withdrawSummary": lambda case: world.ask("stranger", WITHDRAW_SUMMARY, id=case),
        "reopenCase": lambda case: world.ask("stranger", REOPEN, id=case),
        "inheritedCases": lambda case: world.ask("stranger", INHERITED, id=case),
        "lookupEchoes": lambda case: world.ask("stranger", full(ECHOES), id=case),
        "who looked at it": _page(world, lambda case: f"/echoes?id={case}"),
        "recordPracticeEvent": lambda case: world.ask("stranger", RECORD_EVENT, id=case),
        "caseRecords": lambda case: world.ask("stranger", full(CASE_RECORDS), id=case),
        "keepCaseRecord": lambda case: world.ask("stranger", KEEP_RECORD, id=case, code="planned_support"),
        "course of it": _page(world, lambda case: f"/course?id={case}"),
        "page of it": _page(world, lambda case: f"/case?id={case}&purpose=CASE_MGMT"),
        "the log about it": _page(world, lambda case: f"/log?case={case}", login="stranger.dpo"),
    }


def _questions_about_work(world: World) -> dict[str, Callable[[str], Any]]:
    """By verb and kind of thing: how the stranger's people and systems ask about it."""
    head, dpo = world.person("stranger.head"), world.person("stranger.dpo")
    house = world.house
    no = HoldDecision({}, REASONS, "harm")
    return {
        "open hold": lambda it: _said(lambda: open_hold(house, dpo, HoldId(it), NOW)),
        "decide hold": lambda it: _said(lambda: decide_hold(house, dpo, HoldId(it), no, NOW)),
        "open emergency": lambda it: _said(lambda: open_emergency(house, dpo, it, NOW)),
        "review emergency": lambda it: _said(lambda: review_emergency(house, dpo, it, "misuse", REASONS, NOW)),
        "review fact": lambda it: _said(lambda: review_fact(house, head, FactId(it), FactDocument(), NOW)),
        "end fact": lambda it: world.ask("stranger", END_FACT, id=it),
        "close timer": lambda it: world.ask("stranger", CLOSE_TIMER, id=it),
        "pause timer": lambda it: world.ask("stranger", PAUSE_TIMER, id=it),
        "page hold": _page(world, lambda it: f"/decisions/{it}", login="stranger.dpo"),
        "page emergency": _page(world, lambda it: f"/emergencies/{it}", login="stranger.dpo"),
    }


def _named(theirs: Busy) -> dict[str, tuple[str, ...]]:
    return {"hold": theirs.holds, "fact": theirs.facts, "emergency": (theirs.emergency,), "timer": theirs.timers}


def _questions_about_people(world: World) -> dict[str, Callable[[str], Any]]:
    document = {"number": "1", "on": "2026-02-01"}
    plan = {"fact": "ipr_open", "until": "2026-12-31", "organisations": [world.town.ngo.ogrn], "document": document}
    return {
        "facts": lambda who: world.ask("stranger", full(FACTS), person={"pseudonym": who}),
        "nameSubject": lambda who: world.ask("stranger", NAME_SUBJECT, id=who, ref=new_id()),
        "recordFact": lambda who: world.ask("stranger", RECORD_FACT, input={**plan, "person": {"pseudonym": who}}),
        "recordFact of a holder": lambda who: world.ask(
            "stranger", RECORD_FACT, input={"fact": "location_protected", "person": {"pseudonym": who}}
        ),
    }


def _questions_by_snils(world: World) -> dict[str, Callable[[str], Any]]:
    """What names somebody by an official identifier: a body's act, the facts of a person, a message."""
    act = {"fact": "rights_limited", "aboutWho": "mother", "document": {"number": "1", "on": "2026-02-01"}}
    suspicion = {**act, "fact": "suspected"}

    def record(fact: dict[str, object]) -> Callable[[str], Any]:
        return lambda snils: world.ask(
            "guardianship", RECORD_FACT, input={**fact, "person": {"identifiers": {"snils": snils}}}
        )

    return {
        "facts": lambda snils: world.ask("stranger", full(FACTS), person={"identifiers": {"snils": snils}}),
        "submitMessage": lambda snils: _name_to_the_body(world, "stranger", snils),
        "recordFact": record(act),
        "recordFact with a review": record(suspicion),
    }


def _name_to_the_body(world: World, place: str, snils: str) -> Any:
    """A signal about somebody by SNILS: by it the sender begins a file of its own."""
    person = {"kind": "child", "ref": new_id(), "identifiers": {"snils": snils}, "identity": {"fullName": "Имя"}}
    signal = {"operationId": new_id(), "type": "signal", "trigger": "threat", "statement": "Слова"}
    answer = world.ask(
        place, SUBMIT, input={**signal, "recipientOgrn": world.town.guardianship.ogrn, "persons": [person]}
    )
    assert not answer.json().get("errors"), answer.text
    return answer


@dataclass(frozen=True)
class _Said:
    """What a use case gave, in the form of an HTTP answer."""

    text: str
    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)


def _said(work: Callable[[], object]) -> _Said:
    try:
        return _Said(repr(work()))
    except MezhvedError as error:
        return _Said(f"{error.code} {error.message()} {error.remedy()}")


def _questions_about_messages(world: World) -> dict[str, Callable[[str], Any]]:
    def deed(name: str) -> Callable[[str], Any]:
        return _page(world, lambda message: f"/messages/{message}/{name}", post=True)

    return {
        "message": lambda message: world.ask("stranger", full(MESSAGE), id=message),
        "openMessage": lambda message: world.ask("stranger", full(OPEN), id=message),
        "answerMessage ACCEPT": lambda message: world.ask("stranger", ACCEPT, id=message),
        "answerMessage REJECT": lambda message: world.ask("stranger", REJECT, id=message),
        "redirectMessage": lambda message: world.ask("stranger", REDIRECT, id=message, target=world.town.school.id),
        "registerIncoming": lambda message: world.ask("stranger", REGISTER, id=message),
        "answering it by a message": lambda message: _writing(world, "acknowledgement", answers=message),
        "correcting it by a message": lambda message: _writing(world, "correction", corrects=message),
        "documents of it": lambda message: _documents(world, message),
        "a document of it": lambda message: _documents(world, message, "/" + INVENTED),
        "queue after it": lambda message: world.ask("stranger", full(MESSAGES), box="INBOX", first=5, after=message),
        "page of it": _page(world, lambda message: f"/messages/{message}"),
        "receipt of it": _page(world, lambda message: f"/referrals/{message}/sent"),
        "page of the queue after it": _page(world, lambda message: f"/queue?after={message}"),
        "page to answer it": _page(world, lambda message: f"/messages/new?type=inquiry&answers={message}"),
        "page to correct it": _page(world, lambda message: f"/messages/new?type=correction&corrects={message}"),
        "opening on a page": deed("open"),
        "taking a document on a page": deed(f"documents/{INVENTED}"),
        "accepting on a page": deed("accept"),
        "redirecting on a page": deed("redirect"),
        "numbering on a page": deed("register"),
        **{
            name: lambda message, name=name: world.ask("stranger", QUEUE_DEEDS[name], id=message)  # type: ignore[misc]
            for name in QUEUE_DEEDS
        },
        "queue view after it": lambda message: world.ask("stranger", QUEUE_AFTER, after=message),
        "taking on a page": deed("take"),
        "handing over on a page": deed("hand"),
        "returning on a page": deed("return"),
        "calling on a page": deed("call"),
        "page to hand it over": _page(world, lambda message: f"/messages/{message}/hand"),
        "page to record a call": _page(world, lambda message: f"/messages/{message}/call"),
    }


def _writing(world: World, kind: str, **about: str) -> Any:
    """A message of one's own that says what it answers or corrects."""
    to = world.town.guardianship.ogrn
    return world.ask("stranger", SUBMIT, input={"operationId": new_id(), "type": kind, "recipientOgrn": to, **about})


def _documents(world: World, message: str, rest: str = "") -> Any:
    return world.http.get(f"/messages/{message}/attachments{rest}", headers=world.headers("stranger"))


INVENTED = "00000000-0000-4000-8000-000000000001"
QUEUE_AFTER = "query ($after: ID) { queue(view: ALL, first: 5, after: $after) { items { id } next tabs { all free } } }"
QUEUE_DEEDS = {
    "messageWork": "query ($id: ID!) { messageWork(id: $id) { item { id } calls { line } escalations { told } } }",
    "takeMessage": "mutation ($id: ID!) { takeMessage(id: $id) }",
    "assignMessage": 'mutation ($id: ID!) { assignMessage(id: $id, login: "stranger.worker") }',
    "handOverMessage": (
        'mutation ($id: ID!) { handOverMessage(id: $id, login: "stranger.worker", reason: "area", note: "a") }'
    ),
    "returnMessage": 'mutation ($id: ID!) { returnMessage(id: $id, reason: "area") }',
    "openNote": 'mutation ($id: ID!) { openNote(id: $id, moveId: "00000000-0000-4000-8000-000000000001") }',
    "recordCall": (
        'mutation ($id: ID!) { recordCall(id: $id, line: "112", rangAt: "2026-03-02T09:00:00Z", result: "busy") }'
    ),
}


def _page(
    world: World, path: Callable[[str], str], *, post: bool = False, login: str = "stranger.worker"
) -> Callable[[str], Any]:
    token = sign_in(world.house, login, PASSWORD, NOW).token
    cookies = {"Cookie": f"{SESSION_COOKIE}={token}"}

    def ask(identifier: str) -> Any:
        address = path(identifier)
        if post:
            return world.http.post(address, data={FORM_TOKEN: form_token(token)}, headers=cookies)
        return world.http.get(address, headers=cookies)

    return ask


def _check_alike(world: World, name: str, ask: Callable[[str], Any], *, real: str, invented: str) -> None:
    ask(real), ask(invented)  # keys of the organisation are made and statements compiled
    seen = []
    for identifier in (real, invented):
        before = len(world.entries())
        with statements(world) as heard:
            answer = ask(identifier)
        seen.append((_comparable(answer, identifier), heard.shapes, len(world.entries()) - before))
    (answer, shapes, entries), (other_answer, other_shapes, other_entries) = seen
    assert answer == other_answer, f"{name}: the answer differs"
    assert entries == other_entries, f"{name}: {entries} and {other_entries} entries"
    assert shapes == other_shapes, f"{name}: {len(shapes)} and {len(other_shapes)} statements, or of another shape"
    if name.startswith(("caseSummary", "openMessage", "explain", "declareEmergency")):
        assert entries == 1, f"{name}: the attempt has {entries} entries"


def _comparable(answer: Any, identifier: str = "") -> tuple[int, dict[str, str], str]:
    """Status, headers and body, without date, entry id and the identifier that was asked for."""
    headers = {k: v for k, v in answer.headers.items() if k not in _VARYING_HEADERS}
    body = answer.text.replace(identifier, "<asked>") if identifier else answer.text
    return (
        answer.status_code,
        {k: v.replace(identifier, "<asked>") if identifier else v for k, v in headers.items() if k != "content-length"},
        _ENTRY.sub("<entry>", body),
    )


def _invented_pseudonym(world: World) -> str:
    return "".join(chr(ord("a") + n % 26) for n in range(52))


CHECKS = (
    check_an_export_of_a_foreign_case_answers_as_invented,
    check_a_real_case_answers_as_an_invented_one,
    check_a_foreign_message_answers_as_an_invented_one,
    check_a_foreign_consent_answers_as_an_invented_one,
    check_what_others_decide_answers_as_invented,
    check_what_is_handed_to_others_answers_as_invented,
    check_what_others_decide_together_answers_as_invented,
    check_known_identifiers_cost_what_unknown_ones_do,
)
TWINS = (check_only_what_one_may_see_changes_an_answer,)
