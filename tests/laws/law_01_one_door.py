"""Law 1. Personal data leave only through `disclose`; every surface calls it.

Not yet there, so not tried here: webhooks, subscriptions.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import Any

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.change_organisation import change_organisation
from gateway.use_cases.decide_hold import HoldDecision, decide_hold
from gateway.use_cases.explain_access import explain_access
from gateway.use_cases.keep_agenda import make_agenda
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.make_package import make_package
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from gateway.use_cases.read_facts import read_facts
from gateway.use_cases.read_holds import open_hold, read_holds
from gateway.use_cases.read_notices import read_notices
from gateway.use_cases.review_emergency import open_emergency, read_emergencies, review_emergency
from gateway.use_cases.sign_in import sign_in
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.verify_package import open_package
from gateway.web.session import FORM_TOKEN, SESSION_COOKIE, form_token
from policies.case_records import Said
from schemas.errors import MezhvedError
from schemas.ids import HoldId, MessageId, new_id
from schemas.lifecycle import Event
from tests.builders import NOW, consent
from tests.gateway.exchange.world import World as Exchange
from tests.laws import sources
from tests.laws.answer_files import file_drop
from tests.laws.exchanges import agenda_draft, joint_draft
from tests.laws.exported import check_an_export_holds_only_what_is_released
from tests.laws.people import REASONS, THREAT, act, busy, declare, held_family, look
from tests.laws.world import (
    ACCEPT,
    ASKED_HOLDS,
    ASSIGN,
    ASSIGNED,
    BOARD,
    CASE_RECORDS,
    CLOSE_TIMER,
    DECLARE,
    END_FACT,
    EXPLAIN,
    FACTS,
    LOADS,
    MESSAGE,
    MESSAGES,
    OPEN,
    ORGANISATIONS,
    PASSWORD,
    PREVIEW,
    PROOF,
    RECORD_FACT,
    REJECT,
    SUBMIT,
    SUMMARIES,
    SUMMARY,
    TIMERS,
    WITHDRAW,
    World,
    full,
    leaks,
    marked_message,
    unsealed,
)

DOOR = "gateway/use_cases/disclose.py"
OPENERS = {
    "open_sections": {DOOR},
    "open_decision_facts": {DOOR},  # the age, before any ruling; it leaves with one's own consents alone
    "open_facts": {"gateway/use_cases/read_holds.py"},  # facts without identities, for who decides what is held
    "open_all_facts": {"gateway/use_cases/replay_decisions.py"},  # the same, ruled again and never shown
    "open_words": {  # what staff said about facts, holds and emergencies: to whom it is told is tried below
        "gateway/use_cases/decide_hold.py",
        "gateway/use_cases/review_emergency.py",
        "gateway/use_cases/message_words.py",  # words of two organisations that name nobody, to these two
        "gateway/use_cases/package_secrets.py",  # codes and keys of packages: no word of anybody
        "gateway/use_cases/read_note.py",  # what a colleague wrote when handing over: tests/gateway/test_queues.py
    },
    "open_all_words": {
        "gateway/use_cases/read_facts.py",
        DOOR,  # descriptions of documents; what a holder keeps of its own cases, for its own people
    },
    "open_draft": {"gateway/use_cases/read_drafts.py", "gateway/web/drafts.py"},  # back to who wrote it
    "open_import_key": {"gateway/use_cases/open_import.py"},
    "import_words": {"gateway/use_cases/import_words.py"},  # headings and names of elements, back to whose file it was
    "open_import": {  # a file goes into the product, and its refused rows back: tests/gateway/imports
        "gateway/use_cases/import_run.py",
        "gateway/use_cases/return_refused.py",
    },
    "open_drafts": {  # own lists, back to their holder: tests/gateway/test_own_lists.py
        DOOR,  # into the export of all own data
        "gateway/use_cases/read_kept_records.py",
        "gateway/use_cases/publish_kept_family.py",
        "gateway/use_cases/send_kept_signal.py",
    },
    "open_file": {DOOR},
    "disclose_documents": {  # parts of the door, after `disclose`
        "gateway/use_cases/read_attachment.py",
        "gateway/use_cases/open_message.py",
        "gateway/use_cases/make_package.py",
    },
    "disclose_own": {  # the door for a holder's own: who asks is judged by what each of them finds
        "gateway/use_cases/read_case_records.py",
        "gateway/use_cases/read_loads.py",
        "gateway/use_cases/score_case.py",
    },
    "disclose_own_file": {  # the same for a file that a holder takes away: what each of them finds is tried below
        "gateway/use_cases/export_case.py",
        "gateway/use_cases/export_own.py",
    },
    "disclose_file": {"gateway/use_cases/read_attachment.py"},
    "open_section": set(),
    "open_shared_section": set(),
}
"""What opens a seal, and who may call it. The vault's own modules define them."""
READERS_OF_SEALED = {
    "gateway/use_cases/read_case_summaries.py",
    "gateway/use_cases/open_message.py",
    "gateway/use_cases/redirect_message.py",  # copies what is released anew, sealed as it is
}
"""Scopes that `disclose` is given: only it calls their `fetch`; and what goes on to another recipient unopened."""
READERS_OF_OWN = {
    "summary_sections": {"gateway/use_cases/own_pages.py", "gateway/use_cases/own_kept_pages.py"},
    "sent_sections": {"gateway/use_cases/own_pages.py"},
}
"""What brings sealed sections of a holder's own, for `disclose_own_file`."""
GATED_BY_PARTS = {
    "gateway/use_cases/prepare_message.py",  # rules what the sender itself says: nothing is opened
    "gateway/use_cases/submit_message.py",  # the content comes from the sender and goes into the store
    "gateway/use_cases/decide_hold.py",  # whether what people release may still go out; the content stays sealed
    "gateway/use_cases/declare_emergency.py",  # whether the pack would open anything; the content is read by the door
    "gateway/use_cases/explain_access.py",  # what would be ruled, and no content
    "gateway/use_cases/message_preview.py",  # the sender's own words, as its recipient would see them
    "gateway/use_cases/redirect_message.py",  # whether a message may go on; the content stays sealed
    "gateway/use_cases/take_over_case.py",  # whether the ground of a transfer still holds; nothing is opened
    "gateway/use_cases/joint_footing.py",  # whether a party is still told of a joint decision; nothing is opened
}
"""What rules and records by the parts of the door. None of them opens a seal."""
EDGES = (
    "gateway/graphql",
    "gateway/rest",
    "gateway/web",
    "gateway/exchange",
    "gateway/edge.py",
    "gateway/cli_files.py",
    "gateway/cli_people.py",
    "gateway/cli_queues.py",
    "gateway/cli_seals.py",
    "gateway/cli_practices.py",
    "gateway/cli_packages.py",
    "gateway/cli_tables.py",
    "gateway/cli_signatures.py",
    "gateway/cli_smev.py",
    "gateway/cli_exports.py",
    "gateway/cli_formats.py",
)
EDGE_MAY_READ = {"participants", "log"}
"""Repositories an edge may touch by itself: organisations, staff and systems; checkpoints. None holds a family's data."""
RELAY = "gateway/exchange/relay.py"  # moves messages without looking into them


def check_only_the_door_opens_seals(world: World | None = None) -> None:
    """No module but the door calls what opens, and no module but its scopes fetches what is sealed."""
    for path, tree in sources.trees("gateway"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in OPENERS and not path.startswith("gateway/vault/"):
                assert path in OPENERS[node.attr], f"{path}:{node.lineno} calls {node.attr}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sections":
                assert path in READERS_OF_SEALED, f"{path}:{node.lineno} fetches sealed sections"
            if isinstance(node, ast.Attribute) and node.attr == "fetch":
                # What partners copy imports nothing of ours: it fetches from their stream.
                assert path in (DOOR, "gateway/partner/nats_inbox.py"), f"{path}:{node.lineno} fetches through a scope"
            if (
                isinstance(node, ast.Name)
                and node.id in {"disclose_own", "disclose_own_file", "open_import"}
                and path != DOOR
            ):
                assert path in OPENERS[node.id], f"{path}:{node.lineno} reads what a holder keeps"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS_OF_OWN:
                assert path in READERS_OF_OWN[node.func.attr], f"{path}:{node.lineno} fetches sealed sections"
        for module, name in sources.imports(tree):
            if module == "gateway.use_cases.disclose" and name in {"rule", "record"}:
                assert path in GATED_BY_PARTS, f"{path} uses a part of the door: {name}"


def check_edges_reach_no_store_and_no_key(world: World | None = None) -> None:
    """An edge parses, calls a use case and renders: it imports no store and no vault, and reads no family's rows."""
    for path, tree in sources.trees(*EDGES):
        for module, _ in sources.imports(tree):
            assert not module.startswith(("gateway.storage", "gateway.vault", "sqlalchemy")), f"{path} imports {module}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "unit":
                allowed = EDGE_MAY_READ | ({"messages"} if path == RELAY else set())
                assert node.attr in allowed, f"{path}:{node.lineno} reads unit.{node.attr}"


def check_a_stranger_learns_nothing(world: World) -> None:
    """No answer of any surface to an unrelated organisation has a word of the family, or of what people said about it."""
    # In this order: once it has begun a file of its own about the same SNILS, a body's acts hold, and are read, in that.
    for name, content in [*work_as_a_stranger_sees_it(world), *answers_to_a_stranger(world)]:
        assert not leaks(content), f"{name} has {leaks(content)}"


def check_a_recipient_learns_only_what_is_released(world: World) -> None:
    """A related organisation gets no word of what its ruling withholds, on any surface."""
    answer = world.ask("guardianship", full(SUMMARY), id=world.pseudonym("guardianship"), purpose="CASE_MGMT")
    assert leaks(answer.content, ("Чибис Имя",)), "the consented part is released"
    assert not leaks(answer.content, ("14785296311", "777001", "ChibisOffence"))
    for person in answer.json()["data"]["caseSummary"]["subjects"]:
        for section in person["sections"].values():
            assert section["access"]["effect"] in {"RELEASED", "MASKED"} or section["data"] is None
    opened = world.ask("guardianship", full(OPEN), id=world.family.signal_id)
    assert leaks(opened.content, ("Чибис, слова",)), "the words of a signal travel"
    assert not leaks(opened.content, ("14785296311", "777001", "V-ЧБ", "ChibisFactor"))


def check_a_package_holds_only_what_is_released(world: World) -> None:
    """A file for a body without API has what its recipient would read at that moment, and no word of what is withheld."""
    town = world.town
    consent(town, town.centre, "Chibis-P", "REFERRAL")
    draft = marked_message(town.ngo, town.centre, "Chibis-P")
    message = submit_message(world.house, world.system("ngo"), draft, NOW).message
    relay_once(world.house, NOW)
    made = make_package(world.house, world.system("ngo"), message.id, NOW)
    assert made.code is not None
    assert not leaks(made.file), f"the file says {leaks(made.file)} to whoever finds it"
    opened = open_package(made.file, made.code).document
    assert leaks(opened, ("Чибис Имя",)), "the consented part is released"
    assert leaks(opened, ("Чибис-район",)), "the masked address is released"
    assert not leaks(opened, ("Чибис, 1", "Чибис, слова"))


def check_an_answer_by_file_opens_nothing(world: World) -> None:
    """Whoever answers by a file has opened the message by that, and nothing of it is decrypted; the report that lies beside
    says codes, and to whom the message is not, what it says of an invented one."""
    drop, stranger = file_drop(world, "guardianship"), file_drop(world, "stranger")
    draft = marked_message(world.town.school, world.town.guardianship, "by-file", type="signal", trigger="threat")
    message = submit_message(world.house, world.system("school"), draft, NOW).message
    relay_once(world.house, NOW)
    for name, about in (("real.csv", message.id), ("invented.csv", MessageId(new_id()))):
        stranger.put(name, about, "accept")
    drop.put("answers.csv", message.id, "accept")
    with unsealed() as opened:
        drop.pick()
    (said,) = drop.report("answers.csv")
    assert said["Итог"] == "принято"
    assert set(opened) <= {"decision-facts"}, f"an answer opened {opened}"
    told = [stranger.report(name)[0] for name in ("real.csv", "invented.csv")]
    assert told[0].pop("Идентификатор ответа") != told[1].pop("Идентификатор ответа")
    assert told[0] == told[1]
    assert not leaks(drop.everything() + stranger.everything())


def check_an_explanation_opens_nothing(world: World) -> None:
    """The holder reads what another would see and why: rules, never content, and nothing but ages is opened for it."""
    case = world.pseudonym("ngo")
    with unsealed() as opened:
        answer = world.ask("ngo", full(EXPLAIN), id=case, to=world.town.guardianship.ogrn, purpose="CASE_MGMT")
        for login in ("ngo.dpo", "ngo.worker"):
            explain_access(world.house, world.person(login), case, world.town.guardianship.ogrn, "CASE_MGMT", NOW)
    assert len(answer.json()["data"]["explain"]["subjects"]) == 3, "the holder's own family, all of it"
    assert set(opened) <= {"decision-facts"}, f"an explanation opened {opened}"
    assert not leaks(answer.content)


def check_words_of_people_stay_with_their_own(world: World) -> None:
    """Why somebody was suspected, why something was released, what a body's document says: for the file's holder, the body
    itself and the reviewers of an emergency. The organisation that asked reads none of it, on any surface."""
    family = held_family(world, "words", "POL-CONF-2")
    act(world, "14785296311")
    look(world, family.case_id)
    declared = declare(world, family.case_id)
    asking, worker = world.system("guardianship"), world.person("guardianship.worker")
    answers = [
        world.ask("guardianship", query, **variables).text
        for query, variables in (
            (full(ASKED_HOLDS), {}),
            (full(TIMERS), {}),
            (full(FACTS), {"person": {"pseudonym": world.person_pseudonym("guardianship", family.child)}}),
        )
    ]
    answers += [repr(read_emergencies(world.house, worker, NOW)), repr(read_notices(world.house, worker))]
    for login in ("guardianship.worker", "guardianship.dpo", "guardianship.head"):
        answers += [_said(partial(read_holds, world.house, world.person(login), NOW))]
    for answer in answers:
        assert not leaks(answer), f"{leaks(answer)} in {answer[:200]}"
    # Its own words it reads, and the reviewers of both sides read the threat.
    own = read_facts(world.house, asking, None, NOW).facts
    assert [event.document for fact in own for event in fact.events if event.document]
    # In the holder's file the body's act stands with its number, and without the body's reasons.
    (shown,) = [
        fact
        for fact in world.ask("ngo", full(FACTS), person={"ref": "Chibis-1"}).json()["data"]["facts"]
        if fact["fact"] == "rights_limited"
    ]
    assert [event["number"] for event in shown["events"]] == ["Чибис-77"]
    assert [event["reasons"] for event in shown["events"]] == [None]
    for login in ("ngo.dpo", "guardianship.dpo"):
        assert open_emergency(world.house, world.person(login), declared.id, NOW).words == THREAT
    refused = _said(lambda: open_emergency(world.house, world.person("ngo.worker"), declared.id, NOW))
    assert refused.startswith("review_not_yours"), refused


def check_words_of_a_party_stay_with_the_proposer(world: World) -> None:
    """What a party of a joint decision writes is read by it and by who asked; the other parties read yes or no, and why by
    its code: in the API, on the page, on the agenda."""
    exchange, said = Exchange(world.town), "Неповторимое возражение стороны"
    for party in ("guardianship", "kdn"):
        exchange.grant("ngo", party)
    agenda = make_agenda(world.house, world.system("ngo"), agenda_draft(), NOW)
    draft = joint_draft(exchange, "guardianship", "kdn", agenda=agenda.id)
    decision = propose_joint_decision(world.house, world.system("ngo"), draft, NOW).decision
    relay_once(world.house, NOW)
    first = decision.parties[0].message_id
    exchange.open("guardianship", first)
    exchange.answer("guardianship", first, Event.DISAGREE, Answer(reason="risk", words=said))
    ask = (
        "query ($id: ID!, $agenda: ID!) { jointDecision(id: $id) { parties { stand { position reason } messageId"
        " words { value } } } agenda(id: $agenda) { items { decisions { parties { messageId words { value } } } } } }"
    )
    for place, reads in (("ngo", True), ("guardianship", True), ("stranger", False)):
        answer = world.ask(place, ask, id=decision.id, agenda=agenda.id)
        assert "disagreed" in answer.text, answer.text
        assert (said in answer.text) == reads, f"{place} reads what a party wrote to another"
        assert (first in answer.text) == reads, f"{place} learns of a message between others"


def work_as_a_stranger_sees_it(world: World) -> list[tuple[str, bytes]]:
    """Facts, holds, emergencies and terms of others, asked for by a stranger's people and its system."""
    theirs = busy(world)
    found: list[tuple[str, bytes]] = []

    def asked(name: str, query: str, **variables: object) -> None:
        found.append((name, world.ask("stranger", query, **variables).content))

    people = [
        name
        for place in ("stranger", "ngo", "guardianship")
        for name in (world.person_pseudonym(place, s) for s in (theirs.family.child, world.family.child))
    ]
    for person in people:
        asked("facts", full(FACTS), person={"pseudonym": person})
        asked("recordFact", RECORD_FACT, input={"fact": "location_protected", "person": {"pseudonym": person}})
    asked("facts by SNILS", full(FACTS), person={"identifiers": {"snils": "14785296311"}})
    asked("all facts", full(FACTS))
    asked("askedHolds", full(ASKED_HOLDS))
    asked("timers", full(TIMERS))
    asked("timerBoard", full(BOARD))
    asked("loads", full(LOADS))
    for case in (world.pseudonym(place, theirs.family.case_id) for place in ("stranger", "ngo")):
        asked("explain", full(EXPLAIN), id=case, to=world.town.stranger.ogrn, purpose="CASE_MGMT")
        asked("declareEmergency", DECLARE, id=case, words=THREAT, login="stranger.worker")
        asked("assignCase", ASSIGN, id=case, login="stranger.worker")
        asked("assigned", ASSIGNED, id=case)
        asked("caseRecords", full(CASE_RECORDS), id=case)
        asked("caseSummary in an emergency", full(SUMMARY), id=case, purpose="EMERGENCY")
    for identifier in theirs.facts:
        asked("endFact", END_FACT, id=identifier)
    for identifier in theirs.timers:
        asked("closeTimer", CLOSE_TIMER, id=identifier)
    no = HoldDecision({}, REASONS, "harm")
    for login in ("stranger.dpo", "stranger.head", "stranger.worker"):
        who = world.person(login)
        works = (
            *(partial(open_hold, world.house, who, HoldId(hold), NOW) for hold in theirs.holds),
            *(partial(decide_hold, world.house, who, HoldId(hold), no, NOW) for hold in theirs.holds),
            partial(read_holds, world.house, who, NOW),
            partial(read_emergencies, world.house, who, NOW),
            partial(open_emergency, world.house, who, theirs.emergency, NOW),
            partial(review_emergency, world.house, who, theirs.emergency, "misuse", REASONS, NOW),
            partial(read_notices, world.house, who),
        )
        found += [(work.func.__name__, _said(work).encode()) for work in works]
    for login in ("stranger.dpo", "stranger.worker"):
        found += _work_pages(world, login, [*theirs.holds, theirs.emergency])
    return found


def _said(work: Any) -> str:
    try:
        return repr(work())
    except MezhvedError as error:
        return f"{error.code} {error.message()} {error.remedy()}"


def _work_pages(world: World, login: str, things: list[str]) -> list[tuple[str, bytes]]:
    cookies = {"Cookie": f"{SESSION_COOKIE}={sign_in(world.house, login, PASSWORD, NOW).token}"}
    paths = ["/decisions", *(f"/{kind}/{it}" for kind in ("decisions", "emergencies") for it in things)]
    return [(path, world.http.get(path, headers=cookies).content) for path in paths]


def answers_to_a_stranger(world: World) -> list[tuple[str, bytes]]:
    """Everything an unrelated organisation can ask, about everything real that it might have heard of."""
    family = world.family
    cases = [world.pseudonym(place) for place in ("stranger", "ngo", "guardianship")] + [family.case_id]
    messages = [family.referral_id, family.signal_id]
    found: list[tuple[str, bytes]] = []

    def asked(name: str, query: str, **variables: object) -> None:
        found.append((name, world.ask("stranger", query, **variables).content))

    for case in cases:
        asked("caseSummary", full(SUMMARY), id=case, purpose="CASE_MGMT")
        asked("caseSummaries", full(SUMMARIES), first=10, after=case)
    asked("caseSummary of another purpose", full(SUMMARY), id=cases[0], purpose="SIGNAL")
    for box in ("INBOX", "OUTBOX"):
        asked("messages", full(MESSAGES), box=box, first=10)
        asked("messages after", full(MESSAGES), box=box, first=10, after=messages[0])
    for message in messages:
        for name, query in (
            ("message", full(MESSAGE)),
            ("openMessage", full(OPEN)),
            ("answerMessage ACCEPT", ACCEPT),
            ("answerMessage REJECT", REJECT),
        ):
            asked(name, query, id=message)
    asked("withdrawConsent", WITHDRAW, id=family.consent_id)
    asked("organisations", ORGANISATIONS)
    for entry in world.entries():
        asked("entryProof", PROOF, id=entry.id)
    # What it sends itself about the same child tells it nothing of what others hold.
    own = marked_message(world.town.stranger, world.town.guardianship, "own", type="signal", trigger="threat")
    known = {"kind": "child", "ref": "own", "identifiers": {"snils": "14785296311"}, "identity": {"fullName": "Имя"}}
    message = {
        "operationId": own.operation_id,
        "type": "signal",
        "trigger": "threat",
        "persons": [known],
        "statement": "Слова",
    }
    for name, query in (("previewMessage", PREVIEW), ("submitMessage", SUBMIT)):
        asked(name, query, input={**message, "recipientOgrn": world.town.guardianship.ogrn})
    table = "СНИЛС;Фамилия\n147-852-963 11;Имя\n".encode("cp1251")
    for form, content in (("xml", b"<a/>"), ("csv", table)):
        answer = world.http.post(f"/files/{form}", content=content, headers=world.headers("stranger"))
        found.append((f"/files/{form}", answer.content))
    found += _pages(world, "stranger.worker", [*messages, family.consent_id], cases[:1], [])
    found += _pages(world, "stranger.dpo", messages[:1], cases, [e.id for e in world.entries()][-6:])
    return found


def _pages(
    world: World, login: str, messages: list[Any], cases: list[Any], entries: list[Any]
) -> list[tuple[str, bytes]]:
    token = sign_in(world.house, login, PASSWORD, NOW).token
    cookies = {"Cookie": f"{SESSION_COOKIE}={token}"}
    paths = ["/queue", "/queue?box=outbox", "/log", "/referrals/new", f"/queue?after={messages[0]}"]
    paths += [f"/messages/{message}" for message in messages]
    paths += [f"/referrals/{message}/sent" for message in messages]
    paths += [f"/log?case={case}" for case in cases]
    paths += [f"/log/entries/{entry}/proof" for entry in entries]
    found = [(path, world.http.get(path, headers=cookies).content) for path in paths]
    for message in messages:
        for deed in ("open", "accept", "reject"):
            path = f"/messages/{message}/{deed}"
            found.append(
                (
                    path,
                    world.http.post(
                        path, data={FORM_TOKEN: form_token(token), "reason": "NO_CAPACITY"}, headers=cookies
                    ).content,
                )
            )
    return found


KEPT = ("permanent_support", "147852963", "no_hard_task")
"""What the holder keeps of its case below."""


def check_what_a_holder_keeps_stays_with_it(world: World) -> None:
    """Records of a case are in no answer to anybody else, related or not, and in nothing that the holder sends or publishes."""
    house, own = world.house, world.pseudonym("ngo")
    for said in (
        Said("scenario", KEPT[0]),
        Said("spending", year=2026, roubles=int(KEPT[1])),
        Said("closing", codes=(KEPT[2],)),
    ):
        keep_case_record(house, world.system("ngo"), own, said, NOW)
    read = world.ask("ngo", full(CASE_RECORDS), id=own)
    assert all(leaks(read.content, (word,)) for word in KEPT), "the holder reads what it kept, or this tries nothing"
    # The body works by the same practice: only that the case is not its own keeps it out.
    change_organisation(house, world.town.guardianship.id, {"practice": "deti-nashi"}, "operator:test", NOW)
    for place in ("guardianship", "stranger", "centre"):
        for case in (world.pseudonym(place), own, world.family.case_id):
            answer = world.ask(place, full(CASE_RECORDS), id=case).content
            assert not leaks(answer, KEPT[:2]), f"{place} reads {leaks(answer, KEPT[:2])}"
            assert b'"met"' not in answer
        answers = [
            world.ask(place, full(SUMMARY), id=world.pseudonym(place), purpose="CASE_MGMT"),
            world.ask(place, full(LOADS)),
            world.ask(place, full(OPEN), id=world.family.signal_id),
        ]
        assert not any(leaks(answer.content, KEPT) for answer in answers), place


def check_own_lists_stay_with_their_holder(world: World) -> None:
    """A family of a list that was not published is in no answer to anybody else: not at its address, not in their own list,
    not as a case, a person or a message; and its people stand in no table in the clear."""
    list_ = f"№ дела;ФИО ребёнка;Дата рождения\nЧибисовое дело;{LISTED};01.02.2019\n".encode()
    path, centre = "/files/csv?profile=families", world.organisation("centre").id
    with world.house.store.reading() as unit:
        before = unit.families.cases_of_holder(centre, 10)
    taken = world.http.post(path, content=list_, headers=world.headers("centre"))
    assert taken.json()["kept"] == 1, taken.text
    own = world.http.get("/kept/families", headers=world.headers("centre")).json()["records"]
    assert LISTED in str(own), "the holder reads its list, or this tries nothing"
    for place in ("ngo", "guardianship", "stranger"):
        headers = world.headers(place)
        answers = [
            world.http.get("/kept/families", headers=headers),
            world.http.post(f"/kept/{own[0]['id']}/publish", json=PUBLISHING, headers=headers),
            world.http.delete(f"/kept/{own[0]['id']}", headers=headers),
            world.ask(place, full(SUMMARY), id=world.pseudonym(place), purpose="CASE_MGMT"),
        ]
        assert not any(LISTED in answer.text for answer in answers), place
        assert [answer.status_code for answer in answers[1:3]] == [404, 404], place
    with world.house.store.reading() as unit:
        assert unit.families.cases_of_holder(centre, 10) == before, "a list makes no case"


LISTED = "Неповторимов Ребёнок Списков"
PUBLISHING = {
    "as_of": "2026-03-01",
    "erase_after": "2027-03-01",
    "source": "Список",
    "curator_name": "Куратор",
    "curator_phone": "+70000000000",
}
CHECKS = (
    check_own_lists_stay_with_their_holder,
    check_an_export_holds_only_what_is_released,
    check_what_a_holder_keeps_stays_with_it,
    check_a_stranger_learns_nothing,
    check_a_recipient_learns_only_what_is_released,
    check_a_package_holds_only_what_is_released,
    check_an_answer_by_file_opens_nothing,
    check_an_explanation_opens_nothing,
    check_words_of_people_stay_with_their_own,
    check_words_of_a_party_stay_with_the_proposer,
)
STORELESS = (check_only_the_door_opens_seals, check_edges_reach_no_store_and_no_key)
