"""Law 7. Filters, orders, counts, cursors and error texts tell nothing about what one may not see.

Filters on sections and look-up by identifiers come later; when they do, their arguments must be added here with a check.
"""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any

from graphql import GraphQLObjectType
from sqlalchemy import select

from gateway.exchange.relay import relay_once
from gateway.graphql.schema import schema
from gateway.storage import tables as t
from gateway.use_cases.keep_agenda import make_agenda
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.publish_service import publish_service
from gateway.use_cases.read_agenda import read_agenda
from gateway.use_cases.read_timers import close_timer
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.directory import ServiceDraft
from schemas.ids import new_id
from tests.builders import NOW, consent, organisation
from tests.gateway.exchange.world import World as Exchange
from tests.gateway.exchange.world import child
from tests.laws.exchanges import agenda_draft, joint_draft
from tests.laws.law_06_existence_is_private import _comparable
from tests.laws.people import all_of, decide, held_family, holds, look, withdraw
from tests.laws.world import (
    ACCEPT,
    ASKED_HOLDS,
    CLOSE_TIMER,
    MESSAGE,
    MESSAGES,
    OPEN,
    REJECT,
    SUMMARIES,
    SUMMARY,
    TIMERS,
    World,
    full,
    marked_message,
    marked_sections,
    statements,
    summary_draft,
)

QUESTIONS_MAY_NAME = {
    "caseSummary": {"caseId", "purpose", "statute", "request"},  # the last two are claims: recorded, and no ground
    "caseSummaries": {"purpose", "first", "after", "statute", "request"},
    "messages": {"box", "first", "after"},
    "message": {"id"},
    "organisations": set(),
    "entryProof": {"id"},
    # One's own: a case that one holds, facts one keeps or recorded, what one asked for, terms and people of one's own.
    "explain": {"caseId", "organisationOgrn", "purpose", "categories", "trigger"},
    "facts": {"person"},
    "askedHolds": set(),
    "timers": set(),
    "assigned": {"caseId"},
    "inheritedCases": {"caseId"},
    "lookupEchoes": {"caseId", "first", "after"},  # of a case that one holds; a foreign name begins nothing
    "packages": {"message"},  # of a message that one sent
    # One's own queue by what stands outside of every message: who has it, urgency, term. Others' messages begin nothing.
    "queue": {"view", "first", "after"},
    "messageWork": {"id"},
    "organisationNow": {"ogrn", "urgency"},  # hours and numbers that an organisation has published
    "duty": set(),
    "absences": set(),
    "alerts": set(),
    # The directory: what organisations say of themselves, open to all; it reads nothing of families, whatever is asked.
    "directory": {
        "territory",
        "district",
        "kinds",
        "organisationKinds",
        "age",
        "urgency",
        "openAt",
        "first",
        "after",
    },
    "directoryOrganisation": {"id"},
    "askCapacity": {"question"},
    "directoryAlternatives": {"territory", "kinds", "ageBand", "district"},
    "practice": set(),
    "timerBoard": {"first", "after"},
    "caseRecords": {"caseId"},  # of a case that one holds: all of it, nothing is selected
    "reporters": {
        "caseId",
        "purpose",
        "request",
    },  # who told, on a formal request; refused in the same words to all others
    "loads": set(),
    # What one proposed or was asked, and meetings of one's own or with items addressed to one: pages, nothing is selected.
    "jointDecision": {"id"},
    "jointDecisions": {"first", "after"},
    "agenda": {"id"},
    "agendas": {"first", "after"},
    # What is to be handed to one's own systems: pages and a cursor that is one's own.
    "deliveries": {"first", "after"},
    "deliveryEndpoints": set(),
    "deadDeliveries": {"first"},
    # Keys that files are sealed to: of organisations, open to every participant.
    "sealKeys": {"organisation"},
    "ownSealKeys": set(),
}
"""What may be asked by. A new question or filter is a decision, and is written here with the check that goes with it."""
DEEDS_MAY_NAME = {
    "makePackage": {"message"},
    "tellPackageCode": {"message", "package"},
    "receivePackageReceipt": {"message", "code", "words", "statute"},
    "publishCaseSummary": {"input"},
    "recordConsent": {"input"},
    "recordAuthority": {"input"},
    "withdrawConsent": {"consentId", "evidenceDigest"},
    "previewMessage": {"input"},
    "submitMessage": {"input"},
    "openMessage": {"id", "receipt"},
    "answerMessage": {"id", "event", "answer"},
    "redirectMessage": {"id", "target", "answer"},
    "registerIncoming": {"id", "number", "on"},
    "withdrawSummary": {"caseId"},
    "reopenCase": {"caseId"},
    "nameSubject": {"subject", "ref"},
    "recordFact": {"input"},
    "endFact": {"id", "document"},
    "assignCase": {"caseId", "login", "ends"},
    "declareEmergency": {"caseId", "words", "declarerLogin"},
    "closeTimer": {"id"},
    "takeMessage": {"id"},
    "assignMessage": {"id", "login"},
    "handOverMessage": {"id", "login", "reason", "note"},
    "returnMessage": {"id", "reason", "note"},
    "openNote": {"id", "moveId"},
    "recordCall": {"id", "line", "rangAt", "result"},
    # About one's own people and offices: no message or family can be named.
    "recordAbsence": {"login", "first", "last", "substituteLogin"},
    "endAbsence": {"id"},
    "setDuty": {"input"},
    # What the directory lists is open to everybody: nothing in it is private by its existence.
    "publishService": {"input"},
    "withdrawService": {"id"},
    "describeOrganisation": {"input"},
    "recordPracticeEvent": {"caseId", "event", "at", "messageId", "criteria"},
    "keepCaseRecord": {"input"},
    "pauseTimer": {"id", "reason"},
    "resumeTimer": {"id"},
    "finishTimer": {"id"},
    "changePractice": {"name", "value"},
    "acknowledgeDeliveries": {"ids"},
    "registerWebhook": {"address", "events", "ordered", "receiptKeys"},
    "changeEndpoint": {"id", "change"},
    "replayDeliveries": {"ids"},
    "previewJointDecision": {"input"},
    "proposeJointDecision": {"input"},
    "concludeJointDecision": {"id", "conclusion"},
    "sendMinutes": {"decisionId", "input"},
    "makeAgenda": {"input"},
    "addToAgenda": {"agendaId", "caseId"},
    "removeFromAgenda": {"agendaId", "itemId"},
    "closeAgenda": {"agendaId"},
    "registerSealKey": {"publicKey", "validFrom", "validTo"},
    "confirmSealKey": {"id", "answer"},
    "revokeSealKey": {"id", "reason"},
}
"""The same for what may be done: each of these is tried with what is real and what is invented in `law_06`."""
COUNTS = re.compile(r"(?i)count|total|amount|howMany|hasMore|hasNext|pageInfo|score|rank")


def check_no_question_counts_or_filters(world: World | None = None) -> None:
    """No field counts, and no argument selects by what sections say."""
    types = schema._schema.type_map
    query = types["Query"]
    assert isinstance(query, GraphQLObjectType)
    assert {name: set(field.args) for name, field in query.fields.items()} == QUESTIONS_MAY_NAME
    mutation = types["Mutation"]
    assert isinstance(mutation, GraphQLObjectType)
    assert {name: set(field.args) for name, field in mutation.fields.items()} == DEEDS_MAY_NAME
    for kind in types.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name in kind.fields:
                assert not COUNTS.search(name), f"{kind.name}.{name} counts"


def check_cursors_are_sealed(world: World) -> None:
    """A cursor of a page is no inner identifier, contains none, and differs between organisations."""
    _publish_more(world)
    first = world.ask("guardianship", full(SUMMARIES), first=1).json()["data"]["caseSummaries"]
    cursor = first["next"]
    assert cursor
    inner = {row.case_id for row in world.disclosures()} | {world.family.case_id}
    decoded = base64.b32decode(cursor.upper() + "=" * (-len(cursor) % 8))
    for identifier in inner:
        assert identifier not in cursor
        assert bytes.fromhex(identifier.replace("-", "")) not in decoded
    rest = world.ask("guardianship", full(SUMMARIES), first=1, after=cursor).json()["data"]["caseSummaries"]
    assert rest["items"][0]["caseId"] != first["items"][0]["caseId"], "the cursor works for whom it was made"
    assert cursor not in {world.pseudonym("ngo", case) for case in inner}, "two organisations share an identifier"


def check_a_cursor_that_is_not_ones_own_begins_nothing(world: World) -> None:
    """A foreign message, a foreign case and an invented name are one and the same as a cursor."""
    later = NOW + timedelta(hours=1)
    foreign = marked_message(world.town.school, world.town.guardianship, "later", type="signal", trigger="threat")
    real = submit_message(world.house, world.system("school"), foreign, later).message.id
    relay_once(world.house, later)
    for place in ("stranger", "ngo"):
        for box in ("INBOX", "OUTBOX"):
            answers = {
                name: _comparable(world.ask(place, full(MESSAGES), box=box, first=5, after=after))
                for name, after in (("real", real), ("invented", new_id()), ("no id", "ZZ"))
            }
            assert len(set(map(str, answers.values()))) == 1, f"{place} {box}: {answers}"
    for after in (world.pseudonym("guardianship"), world.pseudonym("ngo"), "ZZ"):
        page = world.ask("stranger", full(SUMMARIES), first=5, after=after).json()["data"]["caseSummaries"]
        assert (page["items"], page["next"]) == ([], None)


def check_errors_are_the_same_for_real_and_invented(world: World) -> None:
    """No text of an error differs between what is there for others and what is not there."""
    for query in (full(MESSAGE), full(OPEN), ACCEPT, REJECT):
        for real in (world.family.signal_id, world.family.referral_id):
            one, other = (_comparable(world.ask("stranger", query, id=name), name) for name in (real, new_id()))
            assert one == other, query
    for purpose in ("CASE_MGMT", "SIGNAL", "NO_SUCH_PURPOSE"):
        names = (world.pseudonym("stranger"), "z" * 52)
        one, other = (
            _comparable(world.ask("stranger", full(SUMMARY), id=name, purpose=purpose), name) for name in names
        )
        assert one == other, purpose
    # A misspelled field is not answered with the names of others.
    text = world.ask("stranger", "{ caseSummarys { items { caseId } } }").text
    assert "Did you mean" not in text


def check_reasons_tell_nothing_of_consents_to_others(world: World) -> None:
    """A requester is judged on consents that name it: its answer is the same whether the child consented to others."""
    withdraw_consent(world.house, world.system("ngo"), world.family.consent_id, NOW)
    _publish_more(world)
    asked: list[Any] = []
    signers = [{"who": "mother", "holder_ref": "Chibis-1-M", "verified": True}]
    for other in (None, world.town.school, world.town.stranger):
        if other is not None:
            consent(world.town, other, ref="Chibis-1", signers=signers)
            consent(
                world.town, other, ref="more", signers=[{"who": "mother", "holder_ref": "more-M", "verified": True}]
            )
        asked.append(
            [_comparable(world.ask("guardianship", full(SUMMARIES), first=10))]
            + [
                _comparable(
                    world.ask("guardianship", full(SUMMARY), id=world.pseudonym("guardianship"), purpose=purpose)
                )
                for purpose in ("CASE_MGMT", "REFERRAL")
            ]
        )
    assert asked[0] == asked[1] == asked[2]


def check_what_waits_counts_nobody(world: World) -> None:
    """How many people a family has is itself about it: what waits for a person, and the notices of it, name those alone
    whom the requester sees. About a parent without a consent everything waits too."""
    family = held_family(world, "counted", rule=None)
    shown = {subject.id for subject in look(world, family.case_id, "GUARDIANSHIP").cases[0].subjects}
    waiting = holds(world, case_id=family.case_id)
    hidden = [hold for hold in waiting if hold.subject_id not in shown]
    assert hidden, "everybody is shown: this tries nothing"
    asked = world.ask("guardianship", full(ASKED_HOLDS)).json()["data"]["askedHolds"]
    seen = {row["id"] for row in asked if row["caseId"] == world.pseudonym("guardianship", family.case_id)}
    assert seen == {hold.id for hold in waiting} - {hold.id for hold in hidden}
    single = {hold.subject_id: hold for hold in hidden if hold.persons == 1}
    decide(world, "ngo.dpo", single[family.sibling])
    notices = world.rows(select(t.notices).where(t.notices.c.organisation_id == world.town.guardianship.id))
    assert not {row.about for row in notices} & {hold.id for hold in hidden}, "a notice counts"
    # Only a yes, which shows the person, tells that there was a question about anybody else.
    decide(world, "ngo.dpo", single[family.mother], all_of(single[family.mother]))
    asked = world.ask("guardianship", full(ASKED_HOLDS)).json()["data"]["askedHolds"]
    assert {row["id"] for row in asked} & {hold.id for hold in hidden} == {single[family.mother].id}


def check_an_agenda_counts_for_its_reader_alone(world: World) -> None:
    """Of a meeting with many cases a party sees those that were put to it, numbered for it: neither a number nor a gap nor
    an answer changes with what stands there for others."""
    exchange = Exchange(world.town)
    agenda = make_agenda(world.house, world.system("ngo"), agenda_draft(), NOW)

    def put(ref: str, party: str) -> None:
        consent(world.town, exchange.who(party), ref, "CASE_MGMT", world.town.ngo)
        person = {**child("joint_decision"), "ref": ref}
        draft = joint_draft(exchange, party, agenda=agenda.id, persons=[person])
        propose_joint_decision(world.house, world.system("ngo"), draft, NOW)
        relay_once(world.house, NOW)

    put("agenda-1", "kdn")
    put("agenda-2", "guardianship")
    seen = read_agenda(world.house, world.system("guardianship"), agenda.id, NOW)
    assert [line.number for line in seen.lines] == [1], "the number counts the items of others"
    put("agenda-3", "kdn")
    assert read_agenda(world.house, world.system("guardianship"), agenda.id, NOW) == seen
    assert len(read_agenda(world.house, world.system("ngo"), agenda.id, NOW).lines) == 3


def check_terms_tell_of_nothing_that_did_not_come(world: World) -> None:
    """The recipient of a message has no term before it has the message, and none because of somebody who is not in it."""
    consent(world.town, world.town.ngo, ref="kept", purpose="REFERRAL", discloser=world.town.centre)
    gone = consent(world.town, world.town.ngo, ref="gone", purpose="REFERRAL", discloser=world.town.centre)
    withdraw(world, gone, "centre")
    drafts = [marked_message(world.town.centre, world.town.ngo, ref) for ref in ("kept", "gone")]
    both = drafts[0].model_copy(update={"persons": (*drafts[0].persons, *drafts[1].persons)})
    sent = submit_message(world.house, world.system("centre"), both, NOW).message
    crime_to = organisation(world.house, "police_juvenile", "ПДН (тест)")
    crime = marked_message(world.town.ngo, crime_to, "crime", type="signal", trigger="abuse")
    report = submit_message(world.house, world.system("ngo"), crime, NOW).message
    assert _terms(world, "ngo", sent.id) == []
    assert _terms(world, "ngo", report.id), "both sides review the report of a crime"
    of_report = select(t.timers).where(t.timers.c.about == report.id, t.timers.c.due_at.is_not(None))
    reviews = of_report.where(t.timers.c.timer == house_review(world))
    assert [row.organisation_id for row in world.rows(reviews)] == [world.town.ngo.id], "a term runs before the message"
    (mine,) = world.rows(reviews)
    relay_once(world.house, NOW)
    unaccepted = world.house.pack.responsible.unaccepted
    assert [row["timer"] for row in _terms(world, "ngo", sent.id)] == [unaccepted], "only what concerns all of it"
    assert len(world.rows(reviews)) == 2
    # A person of the reviewers may close one's own term; the other side's runs on.
    assert world.ask("ngo", CLOSE_TIMER, id=mine.id).json()["errors"], "a system says that somebody has reviewed"
    close_timer(world.house, world.person("ngo.dpo"), mine.id, NOW)
    running = {row.organisation_id for row in world.rows(reviews.where(t.timers.c.done_at.is_(None)))}
    assert running == {crime_to.id}, "one side closed the term of the other"


def house_review(world: World) -> str:
    """The term in which a break-glass is reviewed."""
    emergency = world.house.pack.responsible.emergency
    assert emergency is not None
    return emergency.review


def _terms(world: World, place: str, message_id: str) -> list[Any]:
    found = world.ask(place, full(TIMERS)).json()["data"]["timers"]
    return [row for row in found if row["about"] == message_id]


def _publish_more(world: World) -> None:
    """A second family whose sibling's consent alone makes the relation: about the child itself nothing was signed."""
    sections = {name: section for name, section in marked_sections().items() if name != "identifiers"}
    publish_case_summary(world.house, world.system("ngo"), summary_draft("more", "more", sections=sections), NOW)
    signers = [{"who": "mother", "holder_ref": "more-M", "verified": True}]
    consent(world.town, world.town.guardianship, ref="more-2", birth_date="2015-03-03", signers=signers)


DIRECTORY = """query($question: AskCapacityInput!, $kinds: [String!]!) {
  directory(kinds: $kinds, territory: "45301000", age: 7, openAt: "2026-03-02T12:00:00Z") { items { service { id } } }
  askCapacity(question: $question) { fitting { service { id } } unknown { service { id } } }
  directoryAlternatives(territory: "45301000", kinds: $kinds, ageBand: "age_7_10") { unknown { service { id } } } }"""
ASKED = {"kinds": ["psychology"], "ageBands": ["age_7_10"], "territory": "45301000"}
OF_ORGANISATIONS = {"clients", "organisations"}


def check_the_directory_reads_nothing_of_families(world: World) -> None:
    """A search, the question of capacity and alternatives for a refusal touch the directory alone, and leave no trace."""
    draft = ServiceDraft.model_validate({"name": "Приём", "kinds": ["psychology"], "hours": _ALWAYS})
    publish_service(world.house, world.system("centre"), draft, NOW)
    before = len(world.entries())
    with statements(world) as heard:
        answer = world.ask("school", DIRECTORY, question=ASKED, kinds=["psychology"]).json()
    assert "errors" not in answer, answer
    assert all(
        len(items) == 1
        for found in answer["data"].values()
        for name, items in found.items()
        if name in {"items", "unknown"}
    )
    for store, statement, _ in heard.said:
        assert store == "data"
        assert not re.match(r"\s*(INSERT|UPDATE|DELETE)", statement), statement
        for table in re.findall(r"(?:FROM|JOIN) (\w+)", statement):
            assert table.startswith("directory_") or table in OF_ORGANISATIONS, table
    assert len(world.entries()) == before


_ALWAYS = {"days": [{"weekday": day, "spans": [{"opens": "00:00", "closes": "00:00"}]} for day in range(1, 8)]}

CHECKS = (
    check_the_directory_reads_nothing_of_families,
    check_cursors_are_sealed,
    check_a_cursor_that_is_not_ones_own_begins_nothing,
    check_errors_are_the_same_for_real_and_invented,
    check_reasons_tell_nothing_of_consents_to_others,
    check_what_waits_counts_nobody,
    check_an_agenda_counts_for_its_reader_alone,
    check_terms_tell_of_nothing_that_did_not_come,
)
STORELESS = (check_no_question_counts_or_filters,)
